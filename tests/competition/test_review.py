"""The review in two levels: whose entry, what stops a pass, what a return opens, what is told."""

import pytest
from sqlalchemy import select

from competition import queries
from competition.enums import EntryState, Outcome, RejectReason, ReviewDecisionKind, ReviewLevel
from competition.operations import entries, review
from competition.states import ENTRY
from core.db import commit, db
from core.enums import Role
from core.errors import Conflict, IllegalTransition, InvalidInput, NotAllowed
from core.models import Message
from tests.factories import competition as factory

S = EntryState


@pytest.fixture
def edition(ctx, now):
    return factory.make_edition(now)


@pytest.fixture
def submitted(edition, now):
    return factory.make_entry(edition, now, state=S.SUBMITTED)


@pytest.fixture
def reviewer(ctx, now):
    return factory.regional(now, "650100")


def told(entry) -> list[str]:
    contact = factory.contact_of(entry.enterprise)
    return list(db.session.scalars(select(Message.title).where(Message.user_id == contact.id)))


ACTS = {
    "pass": lambda entry, by: review.pass_regional(entry, **by),
    "return": lambda entry, by: review.return_entry(entry, reason="补充", **by),
    "reject": lambda entry, by: review.reject_entry(entry, reason_code="other", reason="不符", **by),
    "confirm": lambda entry, by: review.confirm_entry(entry, **by),
}
# Who may do what with an entry that waits for its regional office, and with one that waits for the organising office.
MAY = {
    S.SUBMITTED: {("pass", "own"), ("return", "own"), ("reject", "own")},
    S.REGIONAL_PASSED: {("confirm", "office"), ("return", "office"), ("reject", "office")},
}
PEOPLE = ("own", "elsewhere", "office", "county", "supervision", "leader", "judge", "enterprise", "sysadmin")


def person(who, entry, now):
    if who == "own":
        return factory.regional(now, entry.prefecture_code)
    if who == "elsewhere":
        return factory.regional(now, "653100")
    if who == "enterprise":
        return factory.contact_of(entry.enterprise)
    return factory.staff(Role(who), now, division_codes=(entry.county_code,) if who == "county" else ())


@pytest.mark.parametrize("state", list(MAY))
@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("who", PEOPLE)
def test_who_reviews_what(edition, now, state, act, who):
    entry = factory.make_entry(edition, now, state=state)
    by = {"actor": person(who, entry, now), "now": now}
    if (act, who) in MAY[state]:
        ACTS[act](entry, by)
        assert entry.state != state
    else:
        with pytest.raises((NotAllowed, IllegalTransition)):
            ACTS[act](entry, by)
        assert entry.state == state


def test_the_road_to_an_accepted_entry(submitted, reviewer, now):
    review.pass_regional(submitted, actor=reviewer, now=now)
    review.confirm_entry(submitted, actor=factory.office(now), now=now)
    commit()
    decisions = [(d.level, d.decision, d.version_number) for d in queries.decisions_of(submitted)]
    assert decisions == [
        (ReviewLevel.OFFICE, ReviewDecisionKind.CONFIRM, 1),
        (ReviewLevel.REGIONAL, ReviewDecisionKind.PASS, 1),
    ]
    assert told(submitted) == ["报名审核通过，参赛有效"]
    assert factory.broken_invariants() == []


def test_corps_guests_are_reviewed_by_the_office(ctx, now):
    edition = factory.make_edition(now, publish=False)
    from_corps = {"name": "兵团赛区", "host": "", "prefectures": ["BT08"]}
    factory.editions.add_region(edition, **from_corps, actor=factory.office(now), now=now)
    factory.editions.publish_edition(edition, actor=factory.office(now), now=now)
    entry = factory.make_entry(edition, now, state=S.SUBMITTED, division_code="BT08")
    assert not ENTRY.can(entry, "pass_regional", factory.regional(now, "650100"))
    review.pass_regional(entry, actor=factory.office(now), now=now)
    assert entry.state == S.REGIONAL_PASSED


class TestFailedRule:
    @pytest.fixture
    def failing(self, edition, now):
        return factory.make_entry(edition, now, state=S.SUBMITTED, values={"revenue": "30000"})

    def test_it_stops_the_pass(self, failing, reviewer, now):
        with pytest.raises(Conflict) as refused:
            review.pass_regional(failing, actor=reviewer, now=now)
        assert refused.value.code == "failed_rules"
        assert failing.state == S.SUBMITTED

    def test_an_override_with_a_reason_lets_it_pass(self, failing, reviewer, now):
        finding = queries.finding_of(failing, "revenue")
        review.override_finding(finding, reason="审计报告为 3000 万元，多填一个零", actor=reviewer, now=now)
        review.pass_regional(failing, actor=reviewer, now=now)
        assert (finding.outcome, finding.overridden_by_id) == (Outcome.FAIL, reviewer.id)
        assert failing.state == S.REGIONAL_PASSED

    def test_an_override_needs_a_reason(self, failing, reviewer, now):
        with pytest.raises(InvalidInput):
            review.override_finding(
                queries.finding_of(failing, "revenue"), reason=" ", actor=reviewer, now=now
            )

    def test_nobody_else_overrides(self, failing, now):
        for actor in (factory.regional(now, "653100"), factory.contact_of(failing.enterprise)):
            with pytest.raises(NotAllowed):
                review.override_finding(
                    queries.finding_of(failing, "revenue"), reason="理由", actor=actor, now=now
                )

    def test_what_passed_is_not_overridden(self, failing, reviewer, now):
        with pytest.raises(Conflict):
            review.override_finding(
                queries.finding_of(failing, "listed"), reason="理由", actor=reviewer, now=now
            )

    def test_twice_is_once_too_often(self, failing, reviewer, now):
        finding = queries.finding_of(failing, "revenue")
        review.override_finding(finding, reason="甲", actor=reviewer, now=now)
        with pytest.raises(Conflict):
            review.override_finding(finding, reason="乙", actor=reviewer, now=now)
        assert finding.override_reason == "甲"


class TestReturn:
    def test_only_flagged_fields_are_open(self, submitted, reviewer, now):
        flagged = ["abstract", "attachment:licence"]
        review.return_entry(submitted, reason="简介过短", flagged_fields=flagged, actor=reviewer, now=now)
        contact = factory.contact_of(submitted.enterprise)
        with pytest.raises(InvalidInput) as refused:
            entries.save_entry(submitted, values={"title": "改名"}, actor=contact, now=now)
        assert refused.value.code == "not_flagged"
        with pytest.raises(InvalidInput):
            entries.attach_file(
                submitted, kind="plan", stored_file=factory.make_file(now), actor=contact, now=now
            )
        entries.save_entry(submitted, values={"abstract": "更完整的简介。"}, actor=contact, now=now)
        entries.submit_entry(submitted, actor=contact, now=now)
        assert (submitted.state, submitted.flagged_fields) == (S.SUBMITTED, [])

    def test_without_flags_everything_is_open(self, submitted, reviewer, now):
        review.return_entry(submitted, reason="请核对全部内容", actor=reviewer, now=now)
        contact = factory.contact_of(submitted.enterprise)
        entries.save_entry(submitted, values={"title": "改名"}, actor=contact, now=now)
        assert submitted.title == "改名"

    def test_the_enterprise_is_told_why_and_what(self, submitted, reviewer, now):
        review.return_entry(
            submitted, reason="简介过短", flagged_fields=["abstract"], actor=reviewer, now=now
        )
        message = db.session.scalars(select(Message)).one()
        assert message.title == "报名材料被退回修改"
        assert message.body == "简介过短\n需修改：项目简介"
        assert message.link == f"/enterprise/entries/{submitted.number}"

    @pytest.mark.parametrize(
        ("reason", "flagged", "field"), [(" ", [], "reason"), ("补充", ["state"], "flagged_fields")]
    )
    def test_it_refuses(self, submitted, reviewer, now, reason, flagged, field):
        with pytest.raises(InvalidInput) as refused:
            review.return_entry(submitted, reason=reason, flagged_fields=flagged, actor=reviewer, now=now)
        assert refused.value.field == field
        assert submitted.state == S.SUBMITTED


class TestReject:
    @pytest.mark.parametrize("code", list(RejectReason))
    def test_every_reason_code_is_kept_and_told(self, submitted, reviewer, now, code):
        review.reject_entry(submitted, reason_code=code.value, reason="见说明", actor=reviewer, now=now)
        assert (submitted.state, submitted.reason_code) == (S.REJECTED, code.value)
        body = db.session.scalars(select(Message.body)).one()
        assert body == f"{code.label}。见说明"

    @pytest.mark.parametrize(("code", "reason"), [("because", "说明"), ("", "说明"), ("other", " ")])
    def test_it_refuses_without_code_or_reason(self, submitted, reviewer, now, code, reason):
        with pytest.raises(InvalidInput):
            review.reject_entry(submitted, reason_code=code, reason=reason, actor=reviewer, now=now)
        assert submitted.state == S.SUBMITTED


def test_two_reviewers_one_decides(submitted, reviewer, now):
    review.pass_regional(submitted, actor=reviewer, now=now)
    with pytest.raises((NotAllowed, IllegalTransition)):
        review.return_entry(submitted, reason="补充", actor=reviewer, now=now)
    assert submitted.state == S.REGIONAL_PASSED
