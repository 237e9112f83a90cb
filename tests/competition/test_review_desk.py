"""The reviewer's desk: interests, taking back, bulk acts with preview and undo, service times, two versions compared."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from competition import queries
from competition.enums import (
    BatchAct,
    BatchState,
    EntryState,
    ReviewDecisionKind,
    ReviewLevel,
    StageKind,
)
from competition.models import Candidacy, ReviewBatchItem, ReviewDecision
from competition.operations import entries, review, review_batches, reviewers
from competition.queries import reviews
from competition.reviewing import checklist, nearness, service
from competition.reviewing.comparing import Part, segments
from core import checks
from core.calendar import WorkingDays
from core.clock import BEIJING
from core.db import commit, db
from core.enums import JobState, Role
from core.errors import Conflict, IllegalTransition, InvalidInput, NotAllowed
from core.models import Job, Message
from tests.factories import competition as factory

S = EntryState
PLAIN = WorkingDays({}, frozenset())


@pytest.fixture
def edition(ctx, now):
    return factory.make_edition(now)


@pytest.fixture
def reviewer(ctx, now):
    return factory.regional(now, "650100")


@pytest.fixture
def office(ctx, now):
    return factory.office(now)


def waiting(edition, now, count: int = 1):
    return [factory.make_entry(edition, now, state=S.SUBMITTED) for _ in range(count)]


def numbers(actor) -> list[str]:
    return [entry.number for entry in db.session.scalars(queries.review_queue(actor).order_by("number"))]


class TestInterest:
    def test_a_reviewer_with_an_interest_decides_nothing(self, edition, reviewer, now):
        (entry,) = waiting(edition, now)
        by = {"actor": reviewer, "now": now}
        reviewers.declare_interest(entry.enterprise, user=reviewer, reason="配偶持股", **by)
        for act in (
            lambda: review.pass_regional(entry, **by),
            lambda: review.return_entry(entry, reason="补充", **by),
            lambda: review.reject_entry(entry, reason_code="other", reason="不符", **by),
            lambda: review.override_finding(queries.finding_of(entry, "listed"), reason="认定", **by),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert entry.state == S.SUBMITTED
        assert numbers(reviewer) == []

    def test_a_colleague_and_the_office_stand_in(self, edition, reviewer, office, now):
        first, second, third = waiting(edition, now, 3)
        colleague = factory.staff(Role.REGIONAL, now, username="colleague", division_codes=("650100",))
        assert numbers(office) == []
        for entry in (first, second):
            reviewers.declare_interest(
                entry.enterprise, user=reviewer, reason="同学", actor=reviewer, now=now
            )
        assert numbers(colleague) == [first.number, second.number, third.number]
        assert numbers(office) == [first.number, second.number]
        review.pass_regional(first, actor=colleague, now=now)
        review.pass_regional(second, actor=office, now=now)
        with pytest.raises(NotAllowed):
            review.pass_regional(third, actor=office, now=now)

    def test_the_office_with_an_interest_confirms_nothing(self, edition, office, now):
        entry = factory.make_entry(edition, now, state=S.REGIONAL_PASSED)
        reviewers.declare_interest(entry.enterprise, user=office, reason="任职", actor=office, now=now)
        with pytest.raises(NotAllowed):
            review.confirm_entry(entry, actor=office, now=now)
        assert numbers(office) == []

    def test_who_declares_and_who_ends(self, edition, reviewer, office, now):
        (entry,) = waiting(edition, now)
        other = factory.regional(now, "653100")
        with pytest.raises(NotAllowed):
            reviewers.declare_interest(entry.enterprise, user=reviewer, reason="甲", actor=other, now=now)
        one = reviewers.declare_interest(entry.enterprise, user=office, reason="甲", actor=office, now=now)
        with pytest.raises(Conflict):
            reviewers.declare_interest(entry.enterprise, user=office, reason="乙", actor=office, now=now)
        with pytest.raises(NotAllowed):
            reviewers.end_interest(one, reason="已转让", actor=office, now=now)
        second = factory.staff(Role.OFFICE, now, username="office-second")
        reviewers.end_interest(one, reason="已转让", actor=second, now=now)
        commit()
        assert one.ended_at == now
        assert factory.broken_invariants() == []

    def test_the_database_refuses_the_decision_too(self, edition, reviewer, now):
        (entry,) = waiting(edition, now)
        reviewers.declare_interest(entry.enterprise, user=reviewer, reason="同学", actor=reviewer, now=now)
        row = {
            "entry_id": entry.id,
            "version_number": 1,
            "level": ReviewLevel.REGIONAL,
            "decision": ReviewDecisionKind.PASS,
            "reviewer_id": reviewer.id,
            "decided_at": now,
        }
        with pytest.raises(IntegrityError, match="interested_review"), db.session.begin_nested():
            db.session.execute(insert(ReviewDecision).values(**row))

    def test_a_decision_made_while_it_stood_is_named(self, edition, reviewer, now):
        (entry,) = waiting(edition, now)
        review.pass_regional(entry, actor=reviewer, now=now + timedelta(hours=1))
        reviewers.declare_interest(entry.enterprise, user=reviewer, reason="同学", actor=reviewer, now=now)
        commit()
        found = [finding.invariant for finding in checks.run_all("reviews-disinterested")]
        assert found == ["reviews-disinterested"]


class TestTakeBack:
    DECIDED = {
        "pass": (S.REGIONAL_PASSED, S.SUBMITTED),
        "return": (S.RETURNED, S.SUBMITTED),
        "reject": (S.REJECTED, S.SUBMITTED),
        "confirm": (S.ACCEPTED, S.REGIONAL_PASSED),
    }

    @pytest.mark.parametrize("act", list(DECIDED))
    def test_it_is_a_further_decision(self, edition, reviewer, office, now, act):
        decided, before = self.DECIDED[act]
        entry = factory.make_entry(edition, now, state=decided)
        actor = office if act == "confirm" else reviewer
        review.take_back(entry, reason="点错了", actor=actor, now=now)
        commit()
        kinds = [decision.decision for decision in queries.decisions_of(entry)]
        assert entry.state == before
        assert kinds[0] == ReviewDecisionKind.TAKE_BACK and len(kinds) == (3 if act == "confirm" else 2)
        assert (entry.flagged_fields, entry.reason_code) == ([], "")
        assert factory.broken_invariants() == [] and checks.run_all("traces-whole") == []

    def test_only_once(self, edition, reviewer, now):
        entry = factory.make_entry(edition, now, state=S.REGIONAL_PASSED)
        review.take_back(entry, reason="点错了", actor=reviewer, now=now)
        with pytest.raises(Conflict, match="没有可以撤销"):
            review.take_back(entry, reason="再来", actor=reviewer, now=now)

    def test_not_by_another_level_or_prefecture(self, edition, office, now):
        entry = factory.make_entry(edition, now, state=S.REGIONAL_PASSED)
        for actor in (office, factory.regional(now, "653100")):
            with pytest.raises(NotAllowed):
                review.take_back(entry, reason="点错了", actor=actor, now=now)

    def test_not_after_the_enterprise_began_to_correct(self, edition, reviewer, now):
        entry = factory.make_entry(edition, now, state=S.RETURNED)
        later = now + timedelta(hours=1)
        contact = factory.contact_of(entry.enterprise)
        entries.save_entry(entry, values={"title": "改名"}, actor=contact, now=later)
        with pytest.raises(Conflict, match="开始修改"):
            review.take_back(entry, reason="点错了", actor=reviewer, now=later)

    def test_not_after_it_entered_a_round(self, edition, office, now):
        entry = factory.make_entry(edition, now)
        stage = next(stage for stage in edition.stages if stage.kind == StageKind.REGIONAL)
        db.session.add(Candidacy(stage=stage, entry=entry))
        with pytest.raises(Conflict, match="轮次"):
            review.take_back(entry, reason="点错了", actor=office, now=now)

    def test_the_enterprise_is_told_what_it_had_been_told(self, edition, reviewer, now):
        entry = factory.make_entry(edition, now, state=S.RETURNED)
        review.take_back(entry, reason="点错了", actor=reviewer, now=now)
        titles = list(db.session.scalars(select(Message.title).order_by(Message.id)))
        assert titles == ["报名材料被退回修改", "审核结论已撤销，重新审核"]


class TestBatch:
    def batch(self, chosen, act, actor, now):
        return review_batches.prepare(chosen, act=act, actor=actor, now=now)

    def items(self, batch) -> list[tuple[str, bool, str, bool]]:
        rows = db.session.scalars(
            select(ReviewBatchItem).where(ReviewBatchItem.batch_id == batch.id).order_by(ReviewBatchItem.id)
        )
        return [
            (r.refusal, r.decision_id is not None, r.back_refusal, r.back_decision_id is not None)
            for r in rows
        ]

    def test_preview_decides_nothing_and_names_what_will_not_go(self, edition, reviewer, now):
        good, bad = (
            factory.make_entry(edition, now, state=S.SUBMITTED),
            factory.make_entry(edition, now, state=S.SUBMITTED, values={"revenue": "30000"}),
        )
        batch = self.batch([good, bad], BatchAct.PASS, reviewer, now)
        assert self.items(batch) == [("", False, "", False), (review_batches.NEEDS_HAND, False, "", False)]
        assert {good.state, bad.state} == {S.SUBMITTED}
        tally = reviews.tally_of(batch)
        assert (tally.total, tally.fit, tally.done) == (2, 1, 0)

    def test_pass_and_take_back(self, edition, reviewer, now):
        chosen = waiting(edition, now, 3)
        batch = self.batch(chosen, BatchAct.PASS, reviewer, now)
        review_batches.start(batch, checklist=["identity"], actor=reviewer, now=now)
        assert batch.state == BatchState.DONE
        assert {entry.state for entry in chosen} == {S.REGIONAL_PASSED}
        assert queries.last_decision(chosen[0]).checklist == ["identity"]
        review_batches.start_back(batch, reason="选错了", actor=reviewer, now=now)
        commit()
        assert {entry.state for entry in chosen} == {S.SUBMITTED}
        assert self.items(batch) == [("", True, "", True)] * 3
        assert factory.broken_invariants() == [] and checks.run_all("traces-whole") == []

    def test_what_moved_on_is_not_taken_back(self, edition, reviewer, office, now):
        stays, moved = waiting(edition, now, 2)
        batch = self.batch([stays, moved], BatchAct.PASS, reviewer, now)
        review_batches.start(batch, actor=reviewer, now=now)
        review.confirm_entry(moved, actor=office, now=now)
        review_batches.start_back(batch, reason="选错了", actor=reviewer, now=now)
        commit()
        assert (stays.state, moved.state) == (S.SUBMITTED, S.ACCEPTED)
        sentence = "之后另有办理，现为“参赛有效”，不能撤销。"
        assert self.items(batch) == [("", True, "", True), ("", True, sentence, False)]
        assert factory.broken_invariants() == []

    def test_what_changed_since_the_preview_is_left_alone(self, edition, reviewer, now):
        first, second = waiting(edition, now, 2)
        batch = self.batch([first, second], BatchAct.PASS, reviewer, now)
        review.reject_entry(second, reason_code="other", reason="不符", actor=reviewer, now=now)
        review_batches.start(batch, actor=reviewer, now=now)
        assert (first.state, second.state) == (S.REGIONAL_PASSED, S.REJECTED)
        assert self.items(batch)[1] == ("现为“审核不通过”，不在待审核之列。", False, "", False)

    def test_return_and_reject_need_their_words(self, edition, reviewer, now):
        (entry,) = waiting(edition, now)
        batch = self.batch([entry], BatchAct.RETURN, reviewer, now)
        with pytest.raises(InvalidInput):
            review_batches.start(batch, reason=" ", actor=reviewer, now=now)
        review_batches.start(batch, reason="补充", flagged_fields=["abstract"], actor=reviewer, now=now)
        assert (entry.state, entry.flagged_fields) == (S.RETURNED, ["abstract"])
        (other,) = waiting(edition, now)
        batch = self.batch([other], BatchAct.REJECT, reviewer, now)
        with pytest.raises(InvalidInput):
            review_batches.start(batch, reason="不符", reason_code="because", actor=reviewer, now=now)
        review_batches.start(batch, reason="不符", reason_code="other", actor=reviewer, now=now)
        assert other.state == S.REJECTED

    def test_only_who_selected_confirms_and_only_once(self, edition, reviewer, now):
        chosen = waiting(edition, now)
        batch = self.batch(chosen, BatchAct.PASS, reviewer, now)
        colleague = factory.staff(Role.REGIONAL, now, username="colleague", division_codes=("650100",))
        with pytest.raises(NotAllowed):
            review_batches.start(batch, actor=colleague, now=now)
        review_batches.start(batch, actor=reviewer, now=now)
        with pytest.raises(IllegalTransition):
            review_batches.start(batch, actor=reviewer, now=now)

    def test_nothing_and_too_much_are_refused(self, ctx, reviewer, now, monkeypatch):
        with pytest.raises(InvalidInput, match="先选择"):
            self.batch([], BatchAct.PASS, reviewer, now)
        monkeypatch.setattr(review_batches, "MOST", 1)
        with pytest.raises(InvalidInput, match="最多选择"):
            self.batch([None, None], BatchAct.PASS, reviewer, now)

    def test_above_fifty_it_is_a_job(self, edition, reviewer, now, monkeypatch):
        monkeypatch.setattr(review_batches, "AT_ONCE", 1)
        chosen = waiting(edition, now, 2)
        batch = self.batch(chosen, BatchAct.PASS, reviewer, now)
        review_batches.start(batch, actor=reviewer, now=now)
        assert (batch.state, chosen[0].state) == (BatchState.RUNNING, S.SUBMITTED)
        commit()  # tests deliver at once
        db.session.expire_all()
        job = db.session.scalars(select(Job)).one()
        assert (job.state, job.done, batch.state) == (JobState.DONE, 2, BatchState.DONE)
        assert {entry.state for entry in chosen} == {S.REGIONAL_PASSED}

    def test_an_altered_item_is_named(self, edition, reviewer, now):
        chosen = waiting(edition, now, 2)
        batch = self.batch(chosen, BatchAct.PASS, reviewer, now)
        review_batches.start(batch, actor=reviewer, now=now)
        first, second = db.session.scalars(select(ReviewBatchItem).order_by(ReviewBatchItem.id))
        decided, first.decision_id = first.decision_id, second.decision_id
        db.session.flush()
        assert [finding.where for finding in checks.run_all("review-batches")] == [
            f"review_batch_item {first.id}"
        ]
        first.decision_id = decided
        db.session.delete(second)
        db.session.flush()
        assert [finding.where for finding in checks.run_all("review-batches")] == [f"review_batch {batch.id}"]


class TestServiceTimes:
    MONDAY = datetime(2026, 5, 11, 16, 30, tzinfo=BEIJING)

    @pytest.mark.parametrize(
        ("day", "hour", "left"),
        [
            (11, 17, 5),
            (12, 9, 4),
            (15, 18, 1),
            (16, 10, 1),
            (18, 9, 0),
            (18, 23, 0),
            (19, 0, -1),
            (25, 9, -5),
        ],
    )
    def test_five_working_days_after_the_day_of_arrival(self, day, hour, left):
        now = datetime(2026, 5, day, hour, tzinfo=BEIJING)
        assert service.due_day(self.MONDAY, PLAIN) == date(2026, 5, 18)
        assert service.days_left(self.MONDAY, now, PLAIN) == left

    def test_holidays_do_not_count(self):
        days = WorkingDays({date(2026, 5, 12): False, date(2026, 5, 16): True}, frozenset({2026}))
        assert service.due_day(self.MONDAY, days) == date(2026, 5, 18)
        assert service.days_between(self.MONDAY, datetime(2026, 5, 17, tzinfo=BEIJING), days) == 4

    @given(st.integers(0, 60 * 24 * 360), st.integers(0, 60 * 24 * 40))
    def test_late_is_the_same_by_row_and_by_the_list(self, started, minutes):
        since = self.MONDAY + timedelta(minutes=started)
        now = since + timedelta(minutes=minutes)
        assert (service.days_left(since, now, PLAIN) < 0) == (since < service.late_before(now, PLAIN))

    def test_times_of_finished_reviews(self):
        assert service.times_of([7, 1, 2, 6, 0]) == service.Times(5, 2, 7, 2)
        assert service.times_of([]) == service.Times(0, 0, 0, 0)


@given(st.text("甲乙丙丁ab \n", max_size=40), st.text("甲乙丙丁ab \n", max_size=40))
def test_segments_hold_both_texts(before, after):
    found = segments(before, after)
    assert "".join(s.text for s in found if s.part != Part.IN) == before
    assert "".join(s.text for s in found if s.part != Part.OUT) == after
    assert all(segment.text for segment in found)


def test_only_known_points_are_kept():
    points = checklist.points_of(ReviewLevel.REGIONAL, ["licence"])
    assert checklist.known(points, ["attachment:licence", "nonsense", "identity"]) == [
        "identity",
        "attachment:licence",
    ]


def test_signs_of_nearness():
    content = {
        "legal_person": "阿依努尔 · 演示",
        "members": [{"name": "李四"}],
        "contact_phone": "13900000001",
        "contact_email": "A@example.cn",
    }
    assert nearness.signs(content, name="阿依努尔·演示", email="a@example.cn") == ["法定代表人", "联系人邮箱"]
    assert nearness.signs(content, name="李四", phone="13900000001") == ["核心成员", "联系人手机"]
    assert nearness.signs({}, name="", phone="") == []
