"""Rules asked when prizes are given: repeat winners, other support over levels and years, decided ties, no place wasted."""

import io
from datetime import UTC, datetime

import pytest

from awards.enums import DoubleSupport, ObjectorKind, SupportLevel
from awards.models import Award, OtherSupport
from awards.operations import awards, plans, supports
from awards.operations.objections import decide_objection, file_objection, take_objection
from competition.enums import EntryState
from competition.models import Candidacy, PastAward
from core.checks import run_all
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.money import FEN_PER_WAN
from tests.factories import awards as make
from tests.factories.competition import make_edition, make_entry, office, staff

TIERS = ((1, 10), (1, 6), (1, 4))


def standing(now, *, count=4, tiers=TIERS, codes=("first", "second", "encouragement"), repeat=False, **rules):
    """A decided final of `count` entries and a published plan of three tiers; returns plan and entries by rank."""
    edition = make_edition(now)
    if repeat:
        edition.eligibility = {**edition.eligibility, "repeat_winner": {"levels": ["provincial"]}}
    entries = [make_entry(edition, now) for _ in range(count)]
    make.rank_in_final(edition, entries, now)
    plan = make.make_plan(edition, make.make_line(now), now, tiers=tiers, publish=False)
    for tier, code in zip(plan.tiers, codes, strict=False):
        tier.code = code
    if rules:
        supports.set_rules(plan, **{"support_years": 1, **rules}, actor=office(now), now=now)
    plans.publish_plan(plan, actor=office(now), now=now)
    flush()
    return plan, entries


def given(plan, now) -> dict[int, int]:
    """万元 by entry id, as really granted."""
    made = awards.allocate_prizes(plan, actor=office(now), now=now)
    return {award.entry_id: award.amount_fen // FEN_PER_WAN for award in made}


def support(entry, now, *, wan=5, year=2026, level=SupportLevel.PREFECTURE):
    return supports.enter_support(
        credit_code=entry.enterprise.credit_code,
        name=entry.enterprise.name,
        programme="地区创新券",
        level=level,
        year=year,
        fen=wan * FEN_PER_WAN,
        source="演示数据",
        actor=office(now),
        now=now,
    )


def reasons(plan) -> dict[int, tuple]:
    return {row.key: (row.reason.value, row.detail) for row in awards.preview_allocation(plan).skipped}


def past(entry, *, tier="first", year=2024, level="provincial"):
    db.session.add(
        PastAward(credit_code=entry.enterprise.credit_code, contest="往届", level=level, year=year, tier=tier)
    )
    flush()


def test_repeat_winner_receives_only_the_encouragement(ctx, now):
    plan, entries = standing(now, repeat=True)
    past(entries[0])
    assert given(plan, now) == {entries[1].id: 10, entries[2].id: 6, entries[0].id: 4}


@pytest.mark.parametrize(
    "changes", [{"tier": "excellence"}, {"level": "city"}, {"year": 2026}], ids=["tier", "level", "this year"]
)
def test_only_awards_that_the_bar_counts_make_a_repeat_winner(ctx, now, changes):
    plan, entries = standing(now, repeat=True)
    past(entries[0], **changes)
    assert given(plan, now)[entries[0].id] == 10


def test_rule_that_is_off_bars_nobody(ctx, now):
    plan, entries = standing(now)
    past(entries[0])
    assert given(plan, now)[entries[0].id] == 10


def test_prize_given_here_in_an_earlier_edition_counts_too(ctx, now):
    plan, entries = standing(now, repeat=True)
    earlier = make_edition(now, code="xj2024")
    earlier.year = 2024
    awards.carry_award(
        edition=earlier,
        line=plan.line,
        payee=make_payee(entries[0], now),
        number="XJ2024-J001",
        group="startup",
        tier_name="一等奖",
        amount_fen=FEN_PER_WAN,
        paid_before_fen=0,
        actor=office(now),
        now=now,
    )
    assert given(plan, now)[entries[0].id] == 4


def make_payee(entry, now):
    enterprise = entry.enterprise
    return make.payees.make_payee(
        kind=make.PayeeKind.ENTERPRISE,
        name=enterprise.name,
        credit_code=enterprise.credit_code,
        actor=office(now),
        now=now,
    )


def test_supported_enterprise_is_barred_and_uses_no_place(ctx, now):
    plan, entries = standing(now, double_support=DoubleSupport.BAR)
    support(entries[0], now)
    assert reasons(plan)[entries[0].id] == ("excluded", "double_support")
    assert given(plan, now) == {entries[1].id: 10, entries[2].id: 6, entries[3].id: 4}


def test_only_a_higher_prize_is_given_beside_other_support(ctx, now):
    plan, entries = standing(now, double_support=DoubleSupport.HIGHER)
    support(entries[0], now, wan=9)
    support(entries[1], now, wan=6)
    made = given(plan, now)
    assert made == {entries[0].id: 10, entries[2].id: 6, entries[3].id: 4}
    noted = db.session.scalar(db.select(Award.note).where(Award.entry_id == entries[0].id))
    assert "90,000.00" in noted and run_all("award-parts") == []


@pytest.mark.parametrize(
    ("years", "year", "barred"), [(1, 2025, False), (2, 2025, True), (1, 2026, True), (5, 2027, False)]
)
def test_support_counts_in_the_years_the_plan_looks_at(ctx, now, years, year, barred):
    plan, entries = standing(now, double_support=DoubleSupport.BAR, support_years=years)
    support(entries[0], now, year=year, level=SupportLevel.NATIONAL)
    assert (entries[0].id in reasons(plan)) is barred


def test_withdrawn_support_counts_no_longer(ctx, now):
    plan, entries = standing(now, double_support=DoubleSupport.BAR)
    found = support(entries[0], now)
    with pytest.raises(InvalidInput, match="理由"):
        supports.withdraw_support(found, reason="", actor=office(now), now=now)
    supports.withdraw_support(found, reason="已退回", actor=office(now), now=now)
    assert given(plan, now)[entries[0].id] == 10


def test_dropped_and_unvisited_entries_use_no_place(ctx, now):
    plan, entries = standing(now, count=5)
    entries[0].__dict__["state"] = EntryState.WITHDRAWN
    assert reasons(plan)[entries[0].id] == ("ineligible", "dropped")
    assert given(plan, now) == {entries[1].id: 10, entries[2].id: 6, entries[3].id: 4}


def test_rules_hold_when_a_place_is_given_again(ctx, now):
    plan, entries = standing(now, count=5, double_support=DoubleSupport.BAR)
    support(entries[3], now)
    made = awards.allocate_prizes(plan, actor=office(now), now=now)
    notice = make.make_notice(made, now)
    supervision = staff(Role.SUPERVISION, now)
    objection = file_objection(
        notice,
        objector_kind=ObjectorKind.UNIT,
        objector="甲",
        contact="1",
        content="不实",
        entry=entries[2],
        actor=supervision,
        now=now,
    )
    take_objection(objection, handler=supervision, actor=supervision, now=now)
    newcomer = decide_objection(objection, upheld=True, conclusion="属实", actor=supervision, now=now)
    assert newcomer.entry_id == entries[4].id


def tied(now):
    """Second and third of the final share a rank that one place of 6万元 cannot hold."""
    plan, entries = standing(now)
    for row in db.session.scalars(db.select(Candidacy).where(Candidacy.entry_id == entries[2].id)):
        row.rank = 2
    flush()
    return plan, entries


def test_tie_at_an_edge_waits_for_the_panel_and_takes_its_order(ctx, now):
    plan, entries = tied(now)
    with pytest.raises(Conflict, match="并列"):
        awards.allocate_prizes(plan, actor=office(now), now=now)
    tie = {"minutes": "评委会纪要3号", "decided_on": now.date(), "actor": office(now), "now": now}
    for order in ([], [entries[1].id], [entries[1].id] * 2, [entries[0].id, entries[1].id]):
        with pytest.raises(InvalidInput, match="次序"):
            supports.decide_tie(plan, order=order, **tie)
    with pytest.raises(NotAllowed):
        supports.decide_tie(
            plan, order=[entries[2].id, entries[1].id], **{**tie, "actor": staff(Role.LEADER, now)}
        )
    supports.decide_tie(plan, order=[entries[2].id, entries[1].id], **tie)
    assert given(plan, now) == {entries[0].id: 10, entries[2].id: 6, entries[1].id: 4}


def test_unit_is_honoured_once(ctx, now):
    plan = make.make_plan(make_edition(now), make.make_line(now), now)
    unit, by = make.make_unit(now), {"actor": office(now), "now": now}
    tier = plan.tiers[-1]
    awards.grant_unit(plan, tier=tier, payee=unit, **by)
    with pytest.raises(Conflict, match="不能重复"):
        awards.grant_unit(plan, tier=tier, payee=unit, **by)


def test_rules_are_fixed_with_the_plan(ctx, now):
    plan, _ = standing(now, double_support=DoubleSupport.HIGHER, support_years=3)
    copied = plans.copy_plan(plan, actor=office(now), now=now)
    assert (copied.double_support, copied.support_years) == (DoubleSupport.HIGHER, 3)
    with pytest.raises(Conflict, match="已公布"):
        supports.set_rules(
            plan, double_support=DoubleSupport.BAR, support_years=1, actor=office(now), now=now
        )


def csv(entry, **changes):
    cells = dict(
        zip(
            supports.HEADS,
            (entry.enterprise.credit_code, entry.enterprise.name, "创新券", "地州市级", "2026", "5", "演示"),
            strict=True,
        )
    )
    lines = (supports.HEADS, {**cells, **changes}.values())
    return "\n".join(",".join(line) for line in lines).encode()


def test_from_the_import_to_the_reason_on_the_pages(prepared, as_user, app):
    def ready(now):
        staff(Role.FINANCE, now)
        plan, entries = standing(now, double_support=DoubleSupport.BAR)
        return plan.id, entries[0].number, csv(entries[0]), csv(entries[0], 级别="镇级")

    plan_id, number, good, bad = prepared(ready)
    office_ = as_user("office-staff")
    refused = office_.post("/awards/supports/import", {"file": (io.BytesIO(bad), "a.csv")})
    assert refused.status_code == 422 and "第 2 行" in refused.get_data(as_text=True)
    for _ in range(2):
        assert (
            office_.post("/awards/supports/import", {"file": (io.BytesIO(good), "a.csv")}).status_code == 303
        )
    assert "已有的 1 条未重复登记" in office_.text("/awards/supports")
    page = office_.text(f"/awards/plans/{plan_id}/allocation")
    assert number in page and "已有其他财政支持" in page
    with app.app_context():
        found = db.session.scalar(db.select(OtherSupport))
        assert (found.level, found.fen, found.year) == (SupportLevel.PREFECTURE, 5 * FEN_PER_WAN, 2026)
        url = f"/awards/supports/{found.id}/withdraw"
    assert as_user("finance-staff").post(url, {"reason": "退回"}).status_code == 303
    assert office_.post(url, {"reason": "再撤"}).status_code == 409
    assert "已有其他财政支持" not in office_.text(f"/awards/plans/{plan_id}/allocation")
    new = {
        "credit_code": "1",
        "name": "甲",
        "programme": "乙",
        "level": "county",
        "year": "2026",
        "amount": "1",
    }
    assert office_.post("/awards/supports/new", {**new, "source": "x"}).status_code == 422


def test_tie_is_decided_on_the_page(prepared, as_user, app):
    def ready(now):
        plan, entries = tied(now)
        return plan.id, [entry.id for entry in entries]

    plan_id, ids = prepared(ready)
    office_ = as_user("office-staff")
    page = office_.text(f"/awards/plans/{plan_id}/allocation")
    assert "并列待决定" in page and f'name="order.{ids[1]}"' in page
    data = {"minutes": "纪要", "decided_on": "2026-05-10"}
    url = f"/awards/plans/{plan_id}/ties"
    for places in (("1", "1"), ("x", "2"), ("", "")):
        wrong = office_.post(url, {**data, f"order.{ids[1]}": places[0], f"order.{ids[2]}": places[1]})
        assert wrong.status_code == 422 and 'value="纪要"' in wrong.get_data(as_text=True)
    assert office_.post(url, {**data, f"order.{ids[1]}": "2", f"order.{ids[2]}": "1"}).status_code == 303
    assert "评委会决定 纪要" in office_.text(f"/awards/plans/{plan_id}/allocation")
    assert office_.post(f"/awards/plans/{plan_id}/allocate").status_code == 303
    with app.app_context():
        assert run_all() == []


def test_rules_are_set_on_the_draft(prepared, as_user, app):
    def draft(now):
        office(now)
        return make.make_plan(make_edition(now), make.make_line(now), now, publish=False).id

    plan_id = prepared(draft)
    office_ = as_user("office-staff")
    url = f"/awards/plans/{plan_id}/rules"
    assert office_.post(url, {"double_support": "bar", "support_years": "0"}).status_code == 422
    assert office_.post(url, {"double_support": "bar", "support_years": "3"}).status_code == 303
    assert 'value="3"' in office_.text(url)


def test_support_register_is_read_once_whatever_its_length(ctx, now, count_statements):
    plan, entries = standing(now, double_support=DoubleSupport.BAR)

    def cost():
        db.session.expire_all()
        with count_statements() as seen:
            awards.preview_allocation(plan)
        return len(seen)

    one = cost()
    for year in range(2001, 2021):
        support(entries[0], datetime(2026, 5, 10, tzinfo=UTC), year=year)
    assert cost() == one
