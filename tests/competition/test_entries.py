"""Entries: drafts kept as typed, submissions frozen with a receipt, the deadline, the whole machine."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from competition import queries
from competition.enums import AttachmentKind, EditionState, EntryState, Group, Outcome
from competition.fields import Step
from competition.models import EntryVersion, PastAward
from competition.operations import editions, entries, review
from competition.states import ENTRY
from core.db import commit, db
from core.enums import Role
from core.errors import Conflict, IllegalTransition, InvalidInput, NotAllowed
from tests.factories import competition as factory

S = EntryState
FROM_TO = {
    ("submit", S.DRAFT): S.SUBMITTED,
    ("submit", S.RETURNED): S.SUBMITTED,
    ("pass_regional", S.SUBMITTED): S.REGIONAL_PASSED,
    ("confirm", S.REGIONAL_PASSED): S.ACCEPTED,
    ("return", S.SUBMITTED): S.RETURNED,
    ("return", S.REGIONAL_PASSED): S.RETURNED,
    ("reject", S.SUBMITTED): S.REJECTED,
    ("reject", S.REGIONAL_PASSED): S.REJECTED,
    ("take_back_regional", S.REGIONAL_PASSED): S.SUBMITTED,
    ("take_back_regional", S.RETURNED): S.SUBMITTED,
    ("take_back_regional", S.REJECTED): S.SUBMITTED,
    ("take_back_office", S.ACCEPTED): S.REGIONAL_PASSED,
    ("take_back_office", S.RETURNED): S.REGIONAL_PASSED,
    ("take_back_office", S.REJECTED): S.REGIONAL_PASSED,
    ("withdraw", S.DRAFT): S.WITHDRAWN,
    ("withdraw", S.SUBMITTED): S.WITHDRAWN,
    ("withdraw", S.RETURNED): S.WITHDRAWN,
    ("withdraw", S.REGIONAL_PASSED): S.WITHDRAWN,
    ("withdraw", S.ACCEPTED): S.WITHDRAWN,
    ("restart", S.WITHDRAWN): S.DRAFT,
    ("disqualify", S.ACCEPTED): S.DISQUALIFIED,
    ("import", S.SUBMITTED): S.SUBMITTED,
    ("import", S.RETURNED): S.SUBMITTED,
    ("import", S.WITHDRAWN): S.SUBMITTED,
    ("undo_import", S.SUBMITTED): S.WITHDRAWN,
    ("restore", S.SUBMITTED): S.SUBMITTED,
    ("restore_returned", S.SUBMITTED): S.RETURNED,
}


@pytest.fixture
def edition(ctx, now):
    return factory.make_edition(now)


@pytest.fixture
def draft(edition, now):
    return factory.make_entry(edition, now, state=S.DRAFT)


def by(entry, now):
    return {"actor": factory.contact_of(entry.enterprise), "now": now}


@pytest.mark.parametrize("state", list(EntryState))
@pytest.mark.parametrize("name", list(ENTRY.transitions))
def test_machine_moves_only_as_drawn(name, state):
    transition = ENTRY.transitions[name]
    assert (transition.target if state in transition.sources else None) == FROM_TO.get((name, state))


def test_every_state_can_be_reached_and_the_checks_hold(edition, now):
    made = [factory.make_entry(edition, now, state=state) for state in EntryState]
    commit()
    assert [entry.state for entry in made] == list(EntryState)
    assert factory.broken_invariants() == []


@pytest.mark.parametrize(
    ("registered_on", "group"),
    [
        (date(2025, 1, 1), Group.STARTUP),
        (date(2024, 12, 31), Group.GROWTH),
        (date(2026, 2, 28), Group.STARTUP),
    ],
)
def test_group_follows_the_licence_date(edition, now, registered_on, group):
    entry = factory.make_entry(edition, now, state=S.DRAFT, registered_on=registered_on)
    assert entry.group == group


def test_changing_the_licence_date_and_place_moves_group_and_region(draft, now):
    values = {"registered_on": "2019年5月4日", "division_code": "653101"}
    entries.save_entry(draft, values=values, **by(draft, now))
    assert draft.group == Group.GROWTH
    assert (draft.prefecture_code, draft.county_code) == ("653100", "653101")
    assert draft.region.name == "喀什赛区"


def test_a_wrong_amount_is_kept_as_typed_and_stops_the_submission(draft, now):
    entries.save_entry(draft, values={"revenue": "约三百万"}, **by(draft, now))
    assert draft.content["revenue"] == "约三百万"
    assert draft.revenue_fen is None
    with pytest.raises(InvalidInput) as refused:
        entries.submit_entry(draft, **by(draft, now))
    assert (refused.value.code, refused.value.field) == ("incomplete", "revenue")
    assert draft.state == S.DRAFT


def test_saving_against_an_older_version_is_a_conflict(draft, now):
    seen = draft.version
    entries.save_entry(draft, values={"title": "甲"}, base_version=seen, **by(draft, now))
    with pytest.raises(Conflict) as refused:
        entries.save_entry(draft, values={"title": "乙"}, base_version=seen, **by(draft, now))
    assert refused.value.code == "newer"
    assert draft.content["title"] == "甲"
    entries.save_entry(draft, values={"title": "乙"}, base_version=draft.version, **by(draft, now))
    assert draft.content["title"] == "乙"


def test_two_people_in_different_fields_do_not_meet(draft, now):
    seen = draft.version
    entries.save_entry(draft, values={"title": "甲"}, base_version=seen, **by(draft, now))
    entries.attach_file(draft, kind=AttachmentKind.IP, stored_file=factory.make_file(now), **by(draft, now))
    entries.save_entry(draft, values={"address": "新址"}, base_version=seen, **by(draft, now))
    assert (draft.content["title"], draft.content["address"]) == ("甲", "新址")


def test_saving_the_same_text_again_is_no_change(draft, now):
    seen = draft.version
    entries.save_entry(
        draft, values={"title": draft.content["title"]}, base_version=seen - 1, **by(draft, now)
    )
    assert draft.version == seen


def test_somebody_else_neither_saves_nor_submits(edition, draft, now):
    other = factory.contact_of(factory.make_enterprise(now))
    for act in (
        lambda: entries.save_entry(draft, values={"title": "他人"}, actor=other, now=now),
        lambda: entries.submit_entry(draft, actor=other, now=now),
        lambda: entries.withdraw_entry(draft, reason="他人", actor=other, now=now),
        lambda: entries.start_entry(draft.enterprise, edition, actor=other, now=now),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert draft.state == S.DRAFT


def test_submission_freezes_what_was_typed(draft, now):
    version = entries.submit_entry(draft, **by(draft, now))
    frozen = version.content["fields"]["title"]
    review.return_entry(draft, reason="补充", actor=factory.regional(now, "650100"), now=now)
    entries.save_entry(draft, values={"title": "新名称"}, **by(draft, now))
    second = entries.submit_entry(draft, **by(draft, now))
    commit()
    assert (version.receipt, second.receipt) == ("XJ2026-R00001", "XJ2026-R00002")
    assert (version.number, second.number) == (1, 2)
    assert (frozen, second.content["fields"]["title"]) == ("棉田智能灌溉系统", "新名称")
    assert queries.changed_fields(version, second) == ["title"]
    assert len(version.sha256) == 64
    assert [file["kind"] for file in version.content["attachments"]] == ["licence", "plan"]
    assert factory.broken_invariants() == []


def test_submitting_twice_is_refused(draft, now):
    entries.submit_entry(draft, **by(draft, now))
    with pytest.raises(IllegalTransition):
        entries.submit_entry(draft, **by(draft, now))
    assert len(queries.versions_of(draft)) == 1


def test_a_missing_attachment_is_a_gap_in_its_step(edition, now):
    enterprise = factory.make_enterprise(now)
    contact = factory.contact_of(enterprise)
    entry = entries.start_entry(enterprise, edition, actor=contact, now=now)
    entries.save_entry(entry, values=factory.entry_values(), actor=contact, now=now)
    gaps = queries.submission_gaps(entry, queries.checked(entry))
    assert [(gap.name, gap.step) for gap in gaps] == [
        ("attachment:licence", Step.FILES),
        ("attachment:plan", Step.FILES),
    ]


def test_a_replaced_attachment_keeps_its_earlier_version(draft, now):
    newer = factory.make_file(now, "新执照.pdf")
    entries.attach_file(draft, kind=AttachmentKind.LICENCE, stored_file=newer, **by(draft, now))
    rows = queries.attachments_of(draft, replaced=True)
    licences = [(row.version, row.replaced_at is None) for row in rows if row.kind == AttachmentKind.LICENCE]
    assert licences == [(2, True), (1, False)]


def test_place_outside_every_region_is_a_gap(edition, now):
    entry = factory.make_entry(edition, now, state=S.DRAFT, division_code="659001")
    gaps = queries.submission_gaps(entry, queries.checked(entry))
    assert [gap.name for gap in gaps] == ["division_code"]


class TestDeadline:
    def test_the_last_instant_counts(self, draft, edition):
        moment = edition.entry_deadline
        assert entries.submit_entry(draft, **by(draft, moment)).submitted_at == moment

    def test_the_next_instant_does_not_and_the_draft_stays(self, draft, edition, now):
        late = edition.entry_deadline + timedelta(microseconds=1)
        with pytest.raises(Conflict) as refused:
            entries.submit_entry(draft, **by(draft, late))
        assert refused.value.code == "late"
        assert "截止" in refused.value.sentence
        assert (draft.state, draft.content["title"]) == (S.DRAFT, "棉田智能灌溉系统")
        assert queries.versions_of(draft) == []

    def test_a_late_save_is_refused_and_the_text_of_in_time_stays(self, draft, edition):
        late = edition.entry_deadline + timedelta(seconds=1)
        with pytest.raises(Conflict):
            entries.save_entry(draft, values={"title": "迟到"}, **by(draft, late))
        assert draft.content["title"] == "棉田智能灌溉系统"

    def test_an_extension_lets_it_in(self, draft, edition, now):
        old = edition.entry_deadline
        editions.extend_deadline(
            edition,
            field="entry_deadline",
            new_at=old + timedelta(days=1),
            reason="延期",
            actor=factory.office(now),
            now=now,
        )
        assert entries.submit_entry(draft, **by(draft, old + timedelta(hours=1))).number == 1

    def test_before_the_opening_nothing_starts(self, edition, now):
        enterprise = factory.make_enterprise(now)
        early = edition.opens_at - timedelta(seconds=1)
        with pytest.raises(Conflict) as refused:
            entries.start_entry(enterprise, edition, actor=factory.contact_of(enterprise), now=early)
        assert refused.value.code == "closed"

    def test_a_returned_entry_may_be_corrected_until_the_office_ends_it(self, edition, now):
        first, second = (factory.make_entry(edition, now, state=S.RETURNED) for _ in range(2))
        later = edition.entry_deadline + timedelta(days=2)
        assert entries.submit_entry(first, **by(first, later)).number == 2
        editions.close_registration(edition, actor=factory.office(now), now=later)
        assert edition.state == EditionState.RUNNING
        with pytest.raises(Conflict) as refused:
            entries.submit_entry(second, **by(second, later))
        assert refused.value.code == "closed"


class TestStart:
    def test_one_entry_per_enterprise_and_edition(self, edition, draft, now):
        again = entries.start_entry(draft.enterprise, edition, **by(draft, now))
        assert again is draft

    def test_a_withdrawn_one_is_taken_up_again_with_its_text(self, edition, now):
        entry = factory.make_entry(edition, now, state=S.WITHDRAWN)
        again = entries.start_entry(entry.enterprise, edition, **by(entry, now))
        assert (again.id, again.state, again.content["title"]) == (entry.id, S.DRAFT, "棉田智能灌溉系统")

    def test_it_begins_with_what_is_known(self, edition, now):
        enterprise = factory.make_enterprise(now, address="克拉玛依路 2 号")
        entry = entries.start_entry(enterprise, edition, actor=factory.contact_of(enterprise), now=now)
        assert entry.content["address"] == "克拉玛依路 2 号"
        assert entry.content["registered_on"] == "2025-03-01"
        assert entry.number == "XJ2026-0001"

    def test_numbers_have_no_gap(self, edition, now):
        numbers = [factory.make_entry(edition, now, state=S.DRAFT).number for _ in range(3)]
        assert numbers == ["XJ2026-0001", "XJ2026-0002", "XJ2026-0003"]


class TestFindings:
    def outcome(self, entry, rule):
        finding = queries.finding_of(entry, rule)
        return finding.outcome, finding.reason_code

    def test_a_failed_rule_is_recorded_not_refused(self, edition, now):
        entry = factory.make_entry(edition, now, state=S.SUBMITTED, values={"revenue": "20000.01"})
        assert self.outcome(entry, "revenue") == (Outcome.FAIL, "revenue_above")
        finding = queries.finding_of(entry, "revenue")
        assert (finding.fact, finding.bound) == ("20000010000", "20000000000")

    def test_listed_enterprise_fails(self, edition, now):
        entry = factory.make_entry(edition, now, state=S.SUBMITTED, values={"listed": "yes"})
        assert self.outcome(entry, "listed") == (Outcome.FAIL, "listed")

    def test_intellectual_property_is_counted_from_its_list(self, edition, now):
        entry = factory.make_entry(edition, now, state=S.SUBMITTED, values={"ip_items": []})
        assert (entry.ip_granted, entry.ip_pending) == (0, 0)
        assert self.outcome(entry, "intellectual_property")[0] == Outcome.FAIL

    def test_earlier_national_winner_fails(self, edition, now):
        enterprise = factory.make_enterprise(now)
        award = {"contest": "第八届", "level": "national", "year": 2019, "tier": "second", "group": "growth"}
        db.session.add(PastAward(credit_code=enterprise.credit_code, **award))
        entry = factory.make_entry(edition, now, state=S.SUBMITTED, enterprise=enterprise)
        assert self.outcome(entry, "national_winner") == (Outcome.FAIL, "national_winner")

    def test_other_edition_of_the_same_year_counts(self, edition, now):
        first = factory.make_entry(edition, now, state=S.SUBMITTED)
        other = factory.make_edition(now, code="special2026")
        second = factory.make_entry(other, now, state=S.SUBMITTED, enterprise=first.enterprise)
        assert self.outcome(first, "other_entry")[0] == Outcome.PASS
        assert self.outcome(second, "other_entry")[0] == Outcome.FAIL

    def test_a_resubmission_is_judged_anew(self, edition, now):
        entry = factory.make_entry(edition, now, state=S.SUBMITTED, values={"revenue": "30000"})
        review.return_entry(entry, reason="核对收入", actor=factory.regional(now, "650100"), now=now)
        entries.save_entry(entry, values={"revenue": "300"}, **by(entry, now))
        entries.submit_entry(entry, **by(entry, now))
        assert self.outcome(entry, "revenue") == (Outcome.PASS, "revenue_within")
        assert {finding.version_number for finding in queries.findings_of(entry)} == {2}


def test_withdrawing_needs_a_reason(draft, now):
    with pytest.raises(InvalidInput) as refused:
        entries.withdraw_entry(draft, reason=" ", **by(draft, now))
    assert refused.value.field == "reason"


def test_only_the_office_disqualifies(edition, now):
    entry = factory.make_entry(edition, now)
    with pytest.raises(NotAllowed):
        entries.disqualify_entry(entry, reason="演示", actor=factory.staff(Role.SUPERVISION, now), now=now)
    entries.disqualify_entry(entry, reason="材料不实", actor=factory.office(now), now=now)
    assert entry.state == S.DISQUALIFIED


def test_receipts_are_one_gapless_series(edition, now):
    for _ in range(4):
        factory.make_entry(edition, now, state=S.SUBMITTED)
    receipts = db.session.scalars(select(EntryVersion.receipt).order_by(EntryVersion.id)).all()
    assert receipts == [f"XJ2026-R{number:05d}" for number in range(1, 5)]
