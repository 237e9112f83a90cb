"""Registration at a glance: one count for public and staff, drop-out, trend against the edition before, times."""

import csv
import io
from datetime import timedelta

import pytest

from competition import queries
from competition.enums import EntryState, ReviewLevel
from competition.operations import entries, review
from competition.queries import figures
from competition.views.progress import trend
from tests.factories import competition as factory

S = EntryState


@pytest.fixture
def edition(ctx, now):
    return factory.make_edition(now)


def test_the_funnel_counts_every_state_once_and_agrees_with_the_public_figures(edition, now):
    for state in EntryState:
        factory.make_entry(edition, now, state=state)
    total, places = figures.funnels(edition)
    public = queries.registration_figures(edition)
    assert (total.started, total.submitted) == (8, public.submitted) == (8, 7)
    assert (total.passed, total.accepted) == (3, public.accepted) == (3, 2)
    assert (total.waiting, total.returned, total.rejected, total.withdrawn) == (1, 1, 1, 1)
    assert [row.code for row in places] == sorted(factory.PREFECTURES)
    assert {row.code: row.submitted for row in places} == {
        row.code: row.submitted for row in public.by_prefecture
    }


def test_a_withdrawn_draft_was_never_submitted(edition, now):
    entry = factory.make_entry(edition, now, state=S.DRAFT)
    entries.withdraw_entry(entry, reason="放弃", actor=factory.contact_of(entry.enterprise), now=now)
    total, _ = figures.funnels(edition)
    assert (total.started, total.submitted, total.withdrawn) == (1, 0, 0)


def test_a_bureau_sees_its_own(edition, now):
    factory.make_entry(edition, now)
    factory.make_entry(edition, now, division_code="653101")
    total, places = figures.funnels(edition, {"653100"})
    assert (total.submitted, [place.code for place in places]) == (1, ["653100"])


def test_trend_compares_the_same_day_of_the_registration(ctx, now):
    before = factory.make_edition(now - timedelta(days=365), code="xj2025", ordinal=12)
    for days in (10, 0, -1):
        factory.make_entry(before, now - timedelta(days=365 + days))
    edition = factory.make_edition(now)
    for _ in range(2):
        factory.make_entry(edition, now)
    assert figures.edition_before(edition) is before
    assert figures.edition_before(before) is None
    found = trend(edition, before, None, now)
    assert (found["day"], found["today"], found["same_day"]) == (11, 2, 2)
    assert found["spec"]["series"][1]["data"][-1] == 3
    assert len({len(row) for row in found["rows"]}) == 1


def test_times_run_from_each_levels_own_beginning(edition, now):
    entry = factory.make_entry(edition, now, state=S.SUBMITTED)
    reviewer, contact = factory.regional(now, "650100"), factory.contact_of(entry.enterprise)
    moments = [now + timedelta(days=days) for days in range(1, 6)]
    review.return_entry(entry, reason="补充", actor=reviewer, now=moments[0])
    entries.submit_entry(entry, actor=contact, now=moments[1])
    review.pass_regional(entry, actor=reviewer, now=moments[2])
    review.take_back(entry, reason="点错了", actor=reviewer, now=moments[2])
    review.pass_regional(entry, actor=reviewer, now=moments[3])
    review.confirm_entry(entry, actor=factory.office(now), now=moments[4])
    found = [(one.level, one.since, one.decided_at) for one in figures.finished_reviews(edition)]
    assert found == [
        (ReviewLevel.REGIONAL, now, moments[0]),
        (ReviewLevel.REGIONAL, moments[1], moments[2]),
        (ReviewLevel.OFFICE, moments[3], moments[4]),
    ]


class TestPage:
    @pytest.fixture
    def two_places(self, prepared):
        def build(now):
            edition = factory.make_edition(now)
            factory.make_entry(edition, now, state=S.SUBMITTED)
            factory.make_entry(edition, now, division_code="653101")
            return edition.code

        return prepared(build)

    def rows(self, person, code: str) -> dict[str, list[str]]:
        answer = person.get(f"/office/progress?edition={code}&export=csv")
        table = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
        return {row[0]: row for row in table[1:]}

    def test_the_office_sees_all_a_bureau_its_own(self, two_places, as_user):
        office = as_user("office-staff")
        page = office.text("/office/progress")
        assert "乌鲁木齐" in page and "从填报到参赛" in page
        assert len(self.rows(office, two_places)) == 14
        own = self.rows(as_user("regional-653100"), two_places)
        assert list(own) == ["喀什地区"] and own["喀什地区"][1:3] == ["1", "1"]

    def test_public_figures_follow_a_submission_at_once(self, two_places, prepared, visitor, as_user):
        assert ">2<" in visitor.text("/figures").replace(" ", "")
        prepared(lambda now: factory.make_entry(_edition(), now, state=S.SUBMITTED).number)
        assert ">3<" in visitor.text("/figures").replace(" ", "")

    def test_without_an_edition_it_says_so(self, prepared, as_user):
        prepared(lambda now: factory.office(now).id)
        assert "还没有公布的届次" in as_user("office-staff").text("/office/progress")


def _edition():
    return queries.published_edition("xj2026")
