"""Who sees which entry, the queue's order, and the registration figures."""

from datetime import timedelta

import pytest

from competition import queries
from competition.enums import EntryState, Group
from core.db import db
from core.enums import Role
from core.errors import NotVisible
from core.rules import SYSTEM
from tests.factories import competition as factory

S = EntryState


@pytest.fixture
def edition(ctx, now):
    return factory.make_edition(now)


@pytest.fixture
def field(edition, now):
    """A draft, and one submitted entry in each of three counties of two prefectures."""
    places = ("650102", "650104", "653101")
    made = [factory.make_entry(edition, now, state=S.SUBMITTED, division_code=code) for code in places]
    return [factory.make_entry(edition, now, state=S.DRAFT, division_code="650102"), *made]


def numbers(actor) -> set[str]:
    return {entry.number for entry in db.session.scalars(queries.visible_to(actor)).unique()}


SEES = {
    Role.OFFICE: {1, 2, 3},
    Role.SUPERVISION: {1, 2, 3},
    Role.LEADER: {1, 2, 3},
    Role.FINANCE: {1, 2, 3},
    Role.REGIONAL: {1, 2},
    Role.COUNTY: {1},
}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ENTERPRISE])
def test_each_role_sees_its_own(field, now, role):
    scope = {Role.REGIONAL: ("650100",), Role.COUNTY: ("650102",)}.get(role, ())
    actor = factory.staff(role, now, division_codes=scope)
    assert numbers(actor) == {field[index].number for index in SEES.get(role, ())}
    for index, entry in enumerate(field):
        if index in SEES.get(role, ()):
            assert queries.entry_by_number(entry.number, actor) is entry
        else:
            with pytest.raises(NotVisible):
                queries.entry_by_number(entry.number, actor)


def test_an_enterprise_sees_its_own_draft_and_nobody_elses(field):
    for entry in field:
        assert numbers(factory.contact_of(entry.enterprise)) == {entry.number}


def test_who_handed_over_sees_nothing_any_more(field, now):
    contact = field[0].enterprise.contacts[0]
    contact.until = now
    db.session.flush()
    assert numbers(contact.user) == set()
    assert queries.enterprise_of(contact.user) is None


def test_the_system_sees_through_no_query(field):
    assert numbers(SYSTEM) == set()


class TestQueue:
    @pytest.fixture
    def waiting(self, edition, now):
        times = [now + timedelta(minutes=minutes) for minutes in (30, 10, 20)]
        return [factory.make_entry(edition, at, state=S.SUBMITTED) for at in times]

    def test_neighbours_follow_the_time_of_submission(self, waiting, now):
        reviewer = factory.regional(now, "650100")
        third, first, second = waiting
        around = queries.neighbours_in_queue(second, queries.review_queue(reviewer))
        assert (around.previous, around.following, around.waiting) == (first.number, third.number, 3)
        assert queries.neighbours_in_queue(first, queries.review_queue(reviewer)).previous is None
        assert queries.neighbours_in_queue(third, queries.review_queue(reviewer)).following is None

    def test_other_prefectures_are_not_in_it(self, waiting, now):
        assert queries.waiting_count(factory.regional(now, "650100")) == 3
        assert queries.waiting_count(factory.regional(now, "653100")) == 0

    def test_the_office_waits_for_the_second_level(self, edition, waiting, now):
        passed = factory.make_entry(edition, now, state=S.REGIONAL_PASSED)
        office = factory.office(now)
        assert [e.number for e in db.session.scalars(queries.review_queue(office)).unique()] == [
            passed.number
        ]

    def test_nobody_else_has_a_queue(self, waiting, now):
        for role in (Role.COUNTY, Role.SUPERVISION, Role.LEADER):
            assert queries.waiting_count(factory.staff(role, now, division_codes=("650102",))) == 0


class TestFigures:
    def test_breakdowns_have_the_same_sum(self, edition, field, now):
        factory.make_entry(edition, now, division_code="653101", values={"track": "energy"})
        factory.make_entry(edition, now, state=S.REJECTED, values={"registered_on": "2020-01-01"})
        figures = queries.registration_figures(edition)
        assert (figures.submitted, figures.accepted) == (5, 1)
        for rows in (figures.by_prefecture, figures.by_track, figures.by_group):
            assert sum(row.submitted for row in rows) == 5
            assert sum(row.accepted for row in rows) == 1

    def test_places_without_an_entry_are_listed_with_nothing(self, edition, field):
        rows = {row.code: row.submitted for row in queries.registration_figures(edition).by_prefecture}
        assert len(rows) == 14
        assert (rows["650100"], rows["653100"], rows["654300"]) == (2, 1, 0)

    def test_groups_by_licence(self, edition, now):
        factory.make_entry(edition, now, state=S.SUBMITTED, values={"registered_on": "2018-06-01"})
        rows = {row.code: row.submitted for row in queries.registration_figures(edition).by_group}
        assert rows == {Group.STARTUP.value: 0, Group.GROWTH.value: 1}

    def test_drafts_count_only_as_a_number(self, edition, field):
        counts = queries.count_by_state(edition)
        assert (counts[S.DRAFT], counts[S.SUBMITTED], counts[S.ACCEPTED]) == (1, 3, 0)

    def test_other_editions_do_not_mix_in(self, edition, field, now):
        other = factory.make_edition(now, code="other")
        assert queries.registration_figures(other).submitted == 0

    def test_one_statement_counts_whatever_the_number(self, edition, now, count_statements):
        sent = []
        for more in (1, 4):
            for _ in range(more):
                factory.make_entry(edition, now, state=S.SUBMITTED)
            with count_statements() as seen:
                queries.registration_figures(edition)
            sent.append(len(seen))
        assert sent[0] == sent[1]
