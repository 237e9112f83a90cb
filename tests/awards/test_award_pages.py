"""Awards, plans and notices through their pages: who sees what, what is refused, what it costs."""

import re

import pytest

from awards import publications
from awards.enums import AwardGroup
from awards.models import Award, Notice, TierPlan
from awards.operations import awards as award_operations
from core.db import db, flush
from core.enums import Role
from core.models import Job
from tests.factories import awards as make
from tests.factories.competition import make_edition, staff

STAFF_LISTS = (
    "/awards",
    "/awards/plans",
    "/awards/notices",
    "/awards/objections",
    "/awards/certificates",
    "/awards/acceptance",
    "/awards/task-books",
    "/awards/facts",
    "/money/exclusions",
    "/money/clawbacks",
    "/money/payments",
    "/money/payees",
    "/money/batches",
)


def winners(now, **options):
    _, made = make.make_winners(now, **options)
    staff(Role.SUPERVISION, now)
    staff(Role.FINANCE, now)
    return [award.number for award in made]


def test_office_reads_an_award_and_its_parts(prepared, as_user):
    number = prepared(lambda now: winners(now, count=1))[0]
    text = as_user("office-staff").text(f"/awards/items/{number}")
    assert "人民币壹拾万元整" in text
    assert "公示期满" in text


def test_award_list_filters_and_exports_what_it_shows(prepared, as_user):
    prepared(lambda now: winners(now, count=2))
    office = as_user("office-staff")
    assert "共 <strong>2</strong>" in office.text("/awards?state=proposed")
    assert "共 <strong>0</strong>" in office.text("/awards?state=settled")
    export = office.get("/awards?state=proposed&export=1")
    assert export.mimetype.endswith("spreadsheetml.sheet")


def test_award_page_of_an_unknown_number_is_404(prepared, as_user):
    prepared(lambda now: winners(now, count=1))
    assert as_user("office-staff").get("/awards/items/none").status_code == 404


def test_enterprise_sees_its_award_only_when_the_public_does(prepared, as_user):
    def draft(now):
        plan, made = make.make_winners(now, count=1)
        notice = make.make_notice(made, now, run=False)
        return made[0].number, notice.id

    number, notice_id = prepared(draft)
    enterprise = as_user("enterprise-1")
    assert enterprise.get(f"/enterprise/awards/{number}").status_code == 404
    second = as_user_after(prepared, as_user)
    assert second.post(f"/awards/notices/{notice_id}/approve").status_code == 303
    assert "公示中" in enterprise.text(f"/enterprise/awards/{number}")


def as_user_after(prepared, as_user):
    prepared(make.second_office)
    return as_user("office-second")


def test_enterprise_sees_only_its_own_awards_and_payments(prepared, as_user):
    def paid(now):
        _, made = make.make_winners(now, count=2)
        make.confirm(made, now)
        make.make_payment(made[0], now)
        return [award.number for award in made]

    own, other = prepared(paid)
    enterprise = as_user("enterprise-1")
    listed = enterprise.text("/enterprise/awards")
    assert own in listed
    assert other not in listed
    assert enterprise.get(f"/enterprise/awards/{other}").status_code == 404
    page = enterprise.text(f"/enterprise/awards/{own}")
    assert "****" in page
    assert "6505" not in re.sub(r"csrf\S+", "", page)
    assert enterprise.get(f"/awards/items/{own}").status_code == 403


def test_cancelled_award_moves_the_reserve_up(prepared, as_user, app):
    first = prepared(lambda now: winners(now, count=2, reserves=1))[0]
    answer = as_user("office-staff").post(f"/awards/items/{first}/cancel", {"reason": "企业放弃"})
    assert answer.status_code == 303
    with app.app_context():
        assert sorted(db.session.scalars(db.select(Award.state)), key=str) == [
            "cancelled",
            "proposed",
            "proposed",
        ]


def test_cancelling_without_a_reason_is_refused_in_words(prepared, as_user):
    number = prepared(lambda now: winners(now, count=1))[0]
    answer = as_user("office-staff").post(f"/awards/items/{number}/cancel")
    assert answer.status_code == 422
    assert "请填写理由" in answer.get_data(as_text=True)


@pytest.mark.parametrize("username", ["supervision-staff", "finance-staff"])
def test_readers_do_not_cancel(prepared, as_user, username):
    number = prepared(lambda now: winners(now, count=1))[0]
    reader = as_user(username)
    assert "取消奖励" not in reader.text(f"/awards/items/{number}")
    assert reader.post(f"/awards/items/{number}/cancel", {"reason": "x"}).status_code == 403


def plan_over(now):
    edition, line = make_edition(now), make.make_line(now, wan=20)
    return make.make_plan(edition, line, now, places=2, publish=False).id


def test_plan_over_its_budget_line_is_not_published(prepared, as_user, app):
    plan_id = prepared(plan_over)
    office = as_user("office-staff")
    assert "超出可用额度" in office.text(f"/awards/plans/{plan_id}")
    answer = office.post(f"/awards/plans/{plan_id}/publish")
    assert answer.status_code == 422
    assert "超出预算科目可用额度 10 万元" in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.get(TierPlan, plan_id).state == "draft"


def test_copied_plan_is_a_draft_compared_beside_the_first(prepared, as_user, app):
    def published(now):
        staff(Role.OFFICE, now)
        return make.make_plan(make_edition(now), make.make_line(now), now).id

    plan_id = prepared(published)
    office = as_user("office-staff")
    answer = office.post(f"/awards/plans/{plan_id}/copy")
    assert answer.status_code == 303
    with app.app_context():
        first, copied = db.session.scalars(db.select(TierPlan).order_by(TierPlan.id)).all()
        assert copied.state == "draft"
        assert [(t.code, t.places, t.amount_fen) for t in copied.tiers] == [
            (t.code, t.places, t.amount_fen) for t in first.tiers
        ]
        copied_id, tier_id = copied.id, copied.tiers[0].id
    office.post(f"/awards/tiers/{tier_id}", {"places": "300", "amount": "10", "first_percent": "100"})
    page = office.text(f"/awards/plans/{copied_id}/compare")
    assert "300 ×" in page and "3 ×" in page and "超出" in page


def test_bad_tier_keeps_what_was_typed(prepared, as_user):
    plan_id = prepared(plan_over)
    data = {
        "group": "growth",
        "kind": "prize",
        "code": "second",
        "name": "二等奖",
        "places": "2",
        "amount": "廿",
        "first_percent": "60",
    }
    answer = as_user("office-staff").post(f"/awards/plans/{plan_id}/tiers", data)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="二等奖"' in text
    assert 'value="廿"' in text
    assert "金额应为不带单位的数字" in text


def test_tier_is_added_and_changed(prepared, as_user, app):
    plan_id = prepared(plan_over)
    office = as_user("office-staff")
    data = {
        "group": "growth",
        "kind": "prize",
        "code": "second",
        "name": "二等奖",
        "places": "2",
        "amount": "1.5",
        "first_percent": "60",
    }
    assert office.post(f"/awards/plans/{plan_id}/tiers", data).status_code == 303
    with app.app_context():
        tier = db.session.get(TierPlan, plan_id).tiers[-1]
        tier_id = tier.id
        assert (tier.amount_fen, tier.first_bp) == (1_500_000, 6000)
    change = {"places": "1", "amount": "2", "first_percent": "100"}
    assert office.post(f"/awards/tiers/{tier_id}", change).status_code == 303
    with app.app_context():
        assert db.session.get(TierPlan, plan_id).tiers[-1].amount_fen == 2_000_000


def test_allocating_without_a_final_is_a_refusal_not_a_failure(prepared, as_user):
    def plan(now):
        return make.make_plan(make_edition(now), make.make_line(now), now).id

    plan_id = prepared(plan)
    assert as_user("office-staff").post(f"/awards/plans/{plan_id}/allocate").status_code == 409


def test_grant_stops_at_the_places_of_the_tier(prepared, as_user):
    def plan(now):
        made = make.make_plan(make_edition(now), make.make_line(now), now, places=1)
        return made.id, made.tiers[1].id, make.make_unit(now).id

    plan_id, tier_id, payee_id = prepared(plan)
    office, data = as_user("office-staff"), {"tier": tier_id, "payee": payee_id}
    assert office.post(f"/awards/plans/{plan_id}/grant", data).status_code == 303
    refused = office.post(f"/awards/plans/{plan_id}/grant", data)
    assert refused.status_code == 409
    assert "名额已满" in refused.get_data(as_text=True)


def test_notice_is_not_approved_by_its_preparer(prepared, as_user, app):
    def award_id(now):
        plan, made = make.make_winners(now, count=1)
        make.second_office(now)
        return made[0].id, plan.edition_id

    award, edition = prepared(award_id)
    office = as_user("office-staff")
    data = {"title": "拟奖励公示", "body": "现予公示。", "ids": award}
    drafted = office.post(f"/awards/notices/new?edition={edition}&kind=awards", data)
    assert drafted.status_code == 303
    page = drafted.location
    assert "批准并发布" not in office.text(page)
    assert office.post(f"{page}/approve").status_code == 403
    second = as_user("office-second")
    assert "批准并发布" in second.text(page)
    assert second.post(f"{page}/approve").status_code == 303
    with app.app_context():
        assert db.session.scalars(db.select(Notice.state)).all() == ["running"]


def test_notice_without_any_award_is_refused_with_its_text_kept(prepared, as_user):
    edition = prepared(lambda now: make.make_winners(now, count=1)[0].edition_id)
    data = {"title": "拟奖励公示", "body": "现予公示。"}
    answer = as_user("office-staff").post(f"/awards/notices/new?edition={edition}&kind=awards", data)
    assert answer.status_code == 422
    assert "请至少选择一项" in answer.get_data(as_text=True)
    assert 'value="拟奖励公示"' in answer.get_data(as_text=True)


def test_running_notice_is_not_closed_before_its_end(prepared, as_user):
    notice_id = prepared(lambda now: make.make_notice(make.make_winners(now, count=1)[1], now).id)
    answer = as_user("office-staff").post(f"/awards/notices/{notice_id}/close")
    assert answer.status_code == 409
    assert "公示期未满" in answer.get_data(as_text=True)


def test_certificates_are_issued_once_and_printed(prepared, as_user):
    def confirmed(now):
        plan, made = make.make_winners(now, count=1)
        make.confirm(made, now)
        return plan.edition_id

    edition = prepared(confirmed)
    office = as_user("office-staff")
    assert office.post("/awards/certificates/issue", {"edition": edition}).status_code == 303
    number = re.search(r"XJ2026-Z\d{4}", office.text("/awards/certificates")).group()
    assert "data:image/svg+xml" in office.text(f"/awards/certificates/{number}")
    assert "data:image/svg+xml" in as_user("enterprise-1").text(f"/awards/certificates/{number}")
    office.post("/awards/certificates/issue", {"edition": edition})
    assert "共 <strong>1</strong>" in office.text("/awards/certificates")


def test_certificate_of_another_enterprise_does_not_exist(prepared, as_user, app):
    def confirmed(now):
        plan, made = make.make_winners(now, count=2)
        make.confirm(made, now)
        from awards.operations.certificates import issue_certificates

        return [found.number for found in issue_certificates(plan.edition, actor=make.office(now), now=now)]

    own, other = prepared(confirmed)
    enterprise = as_user("enterprise-1")
    assert enterprise.get(f"/awards/certificates/{own}").status_code == 200
    assert enterprise.get(f"/awards/certificates/{other}").status_code == 404


def test_lists_cost_the_same_at_one_row_and_at_thirty(prepared, as_user, count_statements, app):
    def one(now):
        plan, made = make.make_winners(now, count=1)
        return plan.edition_id

    prepared(one)
    office = as_user("office-staff")
    before = {url: statements(office, url, count_statements) for url in STAFF_LISTS}

    def many(now):
        edition = make_edition(now, code="xj2027")
        entries = [make.make_entry(edition, now) for _ in range(29)]
        make.rank_in_final(edition, entries, now)
        plan = make.make_plan(edition, make.make_line(now, code="T26-2"), now, places=29)
        made = award_operations.allocate_prizes(plan, actor=make.office(now), now=now)
        make.confirm(made, now)
        for award in made:
            make.make_payment(award, now)

    prepared(many)
    after = {url: statements(office, url, count_statements) for url in STAFF_LISTS}
    assert after["/awards"] == before["/awards"]
    # A page with rows may load what belongs to its rows once; never once per row.
    assert {url: after[url] - before[url] for url in STAFF_LISTS if after[url] - before[url] > 3} == {}
    with app.app_context():
        assert len(db.session.scalars(publications.winners()).all()) == 29


def statements(visitor, url, count_statements) -> int:
    visitor.get(url)
    with count_statements() as seen:
        assert visitor.get(f"{url}?size=50").status_code == 200
    return len(seen)


def test_published_lists_go_startup_growth_unit(prepared, as_user, visitor, app):
    def mixed(now):
        staff(Role.SUPERVISION, now)
        plan, made = make.make_winners(now, count=2)
        unit = next(tier for tier in plan.tiers if tier.group == AwardGroup.UNIT)
        by = {"actor": make.office(now), "now": now}
        granted = award_operations.grant_unit(plan, tier=unit, payee=make.make_unit(now), **by)
        growth = award_operations.grant_unit(plan, tier=unit, payee=make.make_unit(now, 2), **by)
        growth.group = AwardGroup.GROWTH
        flush()
        listed = [granted, growth, *made]
        notice = make.confirm(listed, now)
        return notice.content, [award.number for award in listed]

    content, (unit, growth, *startup) = prepared(mixed)
    assert [row["award"] for row in content] == [*startup, growth, unit]
    page = visitor.text("/winners")
    assert page.index("初创组获奖名单") < page.index("成长组获奖名单") < page.index("单位获奖名单")


def test_four_facts_are_columns_and_filters(prepared, as_user):
    def carried(now):
        staff(Role.FINANCE, now)
        plan, made = make.make_winners(now, count=1)
        shared = {
            "edition": plan.edition,
            "line": plan.line,
            "group": AwardGroup.GROWTH,
            "tier_name": "优秀奖",
        }
        shared |= {"amount_fen": 100 * 10_000, "paid_before_fen": 60 * 10_000, "actor": make.office(now)}
        for number, money in (("T-1", False), ("T-2", True)):
            unit = make.make_unit(now, int(number[-1]))
            award_operations.carry_award(number=number, payee=unit, money_carried=money, now=now, **shared)
        return made[0].number

    fresh = prepared(carried)
    finance = as_user("finance-staff")
    for query, shown, hidden in (
        ("carried=1", ("T-1", "T-2"), (fresh,)),
        ("carried=1&money=1", ("T-2",), (fresh, "T-1")),
        ("money=0", (fresh, "T-1"), ("T-2",)),
    ):
        page = finance.text(f"/awards?{query}")
        assert all(f"/awards/items/{number}" in page for number in shown)
        assert not any(f"/awards/items/{number}" in page for number in hidden)
    facts = finance.text("/awards/facts")
    assert (
        facts.count("结转资金") == 1 and facts.count("新上项目") == 1 and facts.count("/awards?edition=") == 3
    )
    assert "结转资金" in finance.text("/awards/items/T-2")


def test_carried_award_is_entered_on_the_page(prepared, as_user, app):
    def ready(now):
        staff(Role.FINANCE, now)
        plan, _ = make.make_winners(now, count=1)
        return plan.edition_id, plan.line_id, make.make_unit(now).id

    edition, line, payee = prepared(ready)
    given = {"edition": edition, "line": line, "payee": payee, "number": "XJ2025-J009", "group": "growth"}
    given |= {"tier_name": "优秀奖", "amount": "20", "paid_before": "20", "money_carried": "y"}
    office = as_user("office-staff")
    refused = office.post("/awards/carry", given)
    assert refused.status_code == 422 and "应小于" in refused.get_data(as_text=True)
    assert office.post("/awards/carry", {**given, "paid_before": "12"}).status_code == 303
    with app.app_context():
        award = db.session.scalar(db.select(Award).where(Award.number == "XJ2025-J009"))
        assert (award.item_carried, award.money_carried, award.state) == (True, True, "confirmed")
        assert [part.fen for part in award.instalments] == [8 * 1_000_000]
    again = office.post("/awards/carry", {**given, "paid_before": "12"})
    assert again.status_code == 409 and "编号" in again.get_data(as_text=True)


def test_hundreds_of_certificates_are_one_job(prepared, as_user, app):
    def many(now):
        _, made = make.make_winners(now, count=1)
        make.confirm(made, now)
        return made[0].edition_id

    edition = prepared(many)
    office = as_user("office-staff")
    assert office.post("/awards/certificates/issue", {"edition": edition}).status_code == 303
    assert "新颁发 1 张证书" in office.text(f"/awards/certificates?edition={edition}")
    with app.app_context():
        job = db.session.scalar(db.select(Job))
        assert (job.kind, job.state, job.done) == ("awards.issue_certificates", "done", 1)
    office.post("/awards/certificates/issue", {"edition": edition})
    assert "没有新审定的奖励" in office.text(f"/awards/certificates?edition={edition}")
