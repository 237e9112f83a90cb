"""Parts of an award that wait for months, or for a check of residence and operation."""

import io
from datetime import date, timedelta

import pytest

from awards.enums import InstalmentCondition as C
from awards.models import Instalment, OperatingCheck
from awards.operations import operating_checks as checks
from awards.operations import plans
from awards.rules import money_may_move
from core.checks import run_all
from core.clock import beijing_day, months_after
from core.db import commit, db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.files import store_bytes
from fund import operations as ledger
from tests.awards.test_payment_pages import cast
from tests.factories import awards as make
from tests.factories.competition import make_edition, staff

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 5), 1, date(2027, 1, 5)),
        (date(2026, 5, 10), 0, date(2026, 5, 10)),
        (date(2026, 5, 10), 120, date(2036, 5, 10)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(day, months, expected):
    assert months_after(day, months) == expected


def award_with(now, condition, months=0):
    _, made = make.make_winners(now, count=1, first_bp=4_000, tail=(condition, months))
    make.confirm(made, now)
    return made[0]


def hold_tail(award, at):
    """As the database is asked, whatever the application believes."""
    payment = make.make_payment(award, at, submit=False)
    payment.instalment = award.instalments[1]
    flush()
    ledger.hold(
        payment.line,
        fen=payment.fen,
        payment_no=payment.number,
        attempt=1,
        idem=f"tail:{at}",
        actor=staff(Role.FINANCE, at),
        now=at,
    )


def test_tail_waits_for_its_months_from_the_confirmation(ctx, now):
    award = award_with(now, C.MONTHS_PASSED, 6)
    first, tail = award.instalments
    assert (first.months, first.due_at, tail.months) == (0, None, 6)
    assert beijing_day(tail.due_at) == months_after(beijing_day(now), 6)
    assert money_may_move(first, now)
    early = tail.due_at - timedelta(seconds=1)
    assert "6 个月" in money_may_move(tail, early).reason
    assert money_may_move(tail, tail.due_at)
    with pytest.raises(Conflict, match="规定月数未满"), db.session.begin_nested():
        hold_tail(award, early)
    hold_tail(award, tail.due_at)


def check(award, now, *, resident=True, operating=True, **changes):
    return checks.record_check(
        award,
        **{
            "checked_on": beijing_day(now),
            "resident": resident,
            "operating": operating,
            "findings": "现场查看，人员在岗。",
            "file": None,
            "actor": make.office(now),
            "now": now,
            **changes,
        },
    )


def test_last_check_counts(ctx, now):
    award = award_with(now, C.CHECK_PASSED)
    tail = award.instalments[1]
    assert "核查" in money_may_move(tail, now).reason
    with pytest.raises(Conflict, match="核查未通过"), db.session.begin_nested():
        hold_tail(award, now)
    file = store_bytes(PDF, "照片.pdf", "application/pdf", actor=make.office(now), now=now)
    check(award, now, file=file)
    db.session.expire(award)
    assert money_may_move(tail, now)
    with db.session.begin_nested() as undone:
        hold_tail(award, now)
        undone.rollback()
    check(award, now, resident=False)
    db.session.expire(award)
    assert not money_may_move(tail, now)
    with pytest.raises(Conflict, match="核查未通过"), db.session.begin_nested():
        hold_tail(award, now + timedelta(seconds=1))


def test_award_with_checks_is_whole(ctx, now):
    award = award_with(now, C.CHECK_PASSED, 6)
    check(award, now)
    check(award, now, operating=False)
    commit()
    assert run_all() == []


def test_check_with_months_needs_both(ctx, now):
    award = award_with(now, C.CHECK_PASSED, 6)
    tail = award.instalments[1]
    check(award, now)
    db.session.expire(award, ["operating_checks"])
    assert "6 个月" in money_may_move(tail, now).reason
    assert money_may_move(tail, tail.due_at)


def test_checks_are_refused_to_others_before_the_award_and_in_the_future(ctx, now):
    _, made = make.make_winners(now, count=1, first_bp=4_000, tail=(C.CHECK_PASSED, 0))
    with pytest.raises(Conflict, match="审定后"):
        check(made[0], now)
    make.confirm(made, now)
    with pytest.raises(NotAllowed):
        check(made[0], now, actor=staff(Role.FINANCE, now))
    with pytest.raises(InvalidInput, match="核查日期"):
        check(made[0], now, checked_on=beijing_day(now) + timedelta(days=1))


def test_checks_are_never_changed(ctx, now):
    check(award_with(now, C.CHECK_PASSED), now)
    with pytest.raises(Exception, match="append only"), db.session.begin_nested():
        db.session.execute(db.update(OperatingCheck).values(resident=False, passed=False))


def test_due_moment_put_forward_behind_the_back_is_named(ctx, now):
    award = award_with(now, C.MONTHS_PASSED, 6)
    commit()
    db.session.execute(db.update(Instalment).where(Instalment.seq == 2).values(due_at=now))
    db.session.expire_all()
    where = f"instalment {award.instalments[1].id}"
    assert {(found.invariant, found.where) for found in run_all()} >= {("seals-hold", where)}


@pytest.mark.parametrize(
    ("condition", "months"), [(C.MONTHS_PASSED, 0), (C.CHECK_PASSED, 121), (C.NOTICE_OVER, 0)]
)
def test_tail_terms_that_mean_nothing_are_refused(ctx, now, condition, months):
    with pytest.raises(InvalidInput):
        make.make_plan(make_edition(now), make.make_line(now), now, tail=(condition, months))


def test_copies_of_plans_keep_the_tail(ctx, now):
    plan = make.make_plan(
        make_edition(now), make.make_line(now), now, first_bp=4_000, tail=(C.CHECK_PASSED, 6)
    )
    copied = plans.copy_plan(plan, actor=make.office(now), now=now)
    assert [(tier.tail_condition, tier.tail_months) for tier in copied.tiers][0] == (C.CHECK_PASSED, 6)


def test_check_is_recorded_on_its_page_and_frees_the_tail(prepared, as_user):
    def ready(now):
        cast(now)
        return award_with(now, C.CHECK_PASSED).number

    number = prepared(ready)
    office, page = as_user("office-staff"), f"/awards/items/{number}/checks"
    assert "尚未核查" in office.text(f"/awards/items/{number}")
    assert "落地经营核查通过后支付" in office.text("/money/payments/prepare")
    data = {"checked_on": "2026-05-10", "resident": "y", "operating": "y", "findings": "人员在岗。"}
    wrong = office.post(page, data | {"checked_on": "2036-05-10"})
    assert wrong.status_code == 422 and "人员在岗。" in wrong.text
    upload = {"evidence": (io.BytesIO(PDF), "照片.pdf")}
    assert office.post(page, data | upload).status_code == 303
    assert "照片.pdf" in office.text(page)
    assert "具备" in office.text("/money/payments/prepare")
    assert as_user("leader-staff").post(page, data).status_code == 403
    assert office.get(f"{page}/999/file").status_code == 404


def test_tiers_with_a_tail_are_typed_and_shown(prepared, as_user, app):
    def ready(now):
        cast(now)
        return make.make_plan(make_edition(now), make.make_line(now), now, publish=False).id

    plan = prepared(ready)
    office = as_user("office-staff")
    tier = {
        "group": "growth",
        "kind": "prize",
        "code": "second",
        "name": "二等奖",
        "places": "2",
        "amount": "20",
        "first_percent": "40",
        "tail_condition": "months_passed",
        "tail_months": "0",
    }
    refused = office.post(f"/awards/plans/{plan}/tiers", tier)
    assert refused.status_code == 422 and "1 到 120 个月" in refused.text
    assert office.post(f"/awards/plans/{plan}/tiers", tier | {"tail_months": "6"}).status_code == 303
    assert "尾款满规定月数，满 6 个月" in office.text(f"/awards/plans/{plan}")
