"""Editions: draft, freeze, extension, copy, end; every transition by every role."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from competition import queries
from competition.enums import Aggregation, EditionState, EntryState, Group, StageKind
from competition.models import DeadlineChange
from competition.operations import editions
from competition.states import EDITION
from core.db import commit, db
from core.enums import Role
from core.errors import IllegalTransition, InvalidInput, NotAllowed
from core.models import Message
from core.rules import SYSTEM
from tests.factories import competition as factory

FROM_TO = {
    ("publish", EditionState.DRAFT): EditionState.OPEN,
    ("close_registration", EditionState.OPEN): EditionState.RUNNING,
    ("close", EditionState.RUNNING): EditionState.CLOSED,
}


@pytest.fixture
def draft(ctx, now):
    return factory.make_edition(now, publish=False)


@pytest.fixture
def by(ctx, now):
    return {"actor": factory.office(now), "now": now}


@pytest.mark.parametrize("state", list(EditionState))
@pytest.mark.parametrize("name", list(EDITION.transitions))
def test_machine_moves_only_as_drawn(name, state):
    transition = EDITION.transitions[name]
    target = FROM_TO.get((name, state))
    assert (transition.target if state in transition.sources else None) == target


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OFFICE])
def test_only_the_office_publishes(draft, now, role):
    with pytest.raises(NotAllowed):
        editions.publish_edition(draft, actor=factory.staff(role, now), now=now)
    assert draft.state == EditionState.DRAFT


def test_publishing_freezes_the_rules(draft, by):
    rules = editions.publish_edition(draft, **by)
    assert (rules.number, draft.rules_version, draft.state) == (1, 1, EditionState.OPEN)
    assert rules.content["eligibility"]["startup_from"] == "2025-01-01"
    assert [track["code"] for track in rules.content["tracks"]] == list(factory.TRACKS)
    assert len(rules.content["regions"]) == 14
    assert sum(row["max_hundredths"] for row in rules.content["criteria"]["growth"]) == 10_000
    with pytest.raises(IllegalTransition):
        editions.update_edition(draft, values={"notice_days": 7}, **by)
    with pytest.raises(IllegalTransition):
        editions.add_track(draft, code="mining", name="矿业", **by)


def test_a_bare_draft_says_what_is_missing(ctx, by, now):
    edition = editions.create_edition(
        code="bare",
        name="空届次",
        ordinal=1,
        year=2026,
        opens_at=None,
        account_deadline=None,
        entry_deadline=None,
        revenue_year=2025,
        revenue_max_fen=1,
        founded_from=None,
        startup_from=date(2025, 1, 1),
        **by,
    )
    with pytest.raises(InvalidInput) as refused:
        editions.publish_edition(edition, **by)
    assert refused.value.sentence == (
        "还不能发布：未设定报名开始、注册截止和报名截止时间；没有行业；没有赛区；"
        "初创组没有评分项；成长组没有评分项；没有轮次。"
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account_deadline": timedelta(days=30)}, "account_deadline"),
        ({"opens_at": timedelta(days=26)}, "opens_at"),
    ],
)
def test_moments_must_be_in_order(draft, by, now, changes, field):
    values = {name: now + later for name, later in changes.items()}
    with pytest.raises(InvalidInput) as refused:
        editions.update_edition(draft, values=values, **by)
    assert refused.value.field == field
    assert getattr(draft, field) != values[field]


def test_founding_limit_after_startup_date_is_refused(draft, by):
    with pytest.raises(InvalidInput) as refused:
        editions.update_edition(draft, values={"founded_from": date(2025, 6, 1)}, **by)
    assert refused.value.field == "founded_from"


def test_a_prefecture_belongs_to_one_region(draft, by):
    with pytest.raises(InvalidInput) as refused:
        editions.add_region(draft, name="又一赛区", host="", prefectures=["650100"], **by)
    assert refused.value.code == "prefecture_taken"


@pytest.mark.parametrize(
    ("points", "fits"), [((6000, 4000), True), ((6000, 3999), False), ((6000, 4001), False), ((10000,), True)]
)
def test_weights_sum_to_one_hundred(draft, by, points, fits):
    rows = [{"code": f"c{n}", "name": f"项{n}", "max_hundredths": p} for n, p in enumerate(points)]
    if fits:
        assert len(editions.set_criteria(draft, group=Group.STARTUP, criteria=rows, **by)) == len(points)
    else:
        with pytest.raises(InvalidInput, match="须为 100"):
            editions.set_criteria(draft, group=Group.STARTUP, criteria=rows, **by)
        assert len(queries.criteria_of(draft, Group.STARTUP)) == 5


@pytest.mark.parametrize(
    ("aggregation", "high", "low", "panel", "fits"),
    [
        (Aggregation.MEAN, 0, 0, 3, True),
        (Aggregation.MEAN, 1, 0, 5, False),
        (Aggregation.TRIMMED, 1, 1, 5, True),
        (Aggregation.TRIMMED, 1, 1, 4, False),
        (Aggregation.TRIMMED, 0, 0, 5, False),
    ],
)
def test_trimming_keeps_three_scores(draft, by, aggregation, high, low, panel, fits):
    shape = {"aggregation": aggregation, "drop_high": high, "drop_low": low, "panel_size": panel}
    before = len(draft.stages)
    if fits:
        editions.add_stage(draft, kind=StageKind.WEB, name="网评", **shape, **by)
    else:
        with pytest.raises(InvalidInput) as refused:
            editions.add_stage(draft, kind=StageKind.WEB, name="网评", **shape, **by)
        assert refused.value.code == "trimming"
    assert len(draft.stages) == before + fits


def test_a_quota_that_cannot_be_read_is_refused(draft, by):
    quota = {"by": ["planet"], "places": {"kind": "fixed", "otherwise": 3}}
    with pytest.raises(InvalidInput):
        editions.add_stage(draft, kind=StageKind.WEB, name="网评", quota=quota, **by)


def test_parts_come_and_go_and_the_trail_stays_whole(draft, by):
    editions.remove_track(draft.tracks[0], **by)
    editions.remove_region(draft.regions[0], **by)
    editions.remove_stage(draft.stages[0], **by)
    commit()
    assert (len(draft.tracks), len(draft.regions), len(draft.stages)) == (5, 13, 2)
    assert factory.broken_invariants() == []


def test_extension_keeps_its_history_and_tells_who_has_a_draft(ctx, now, by):
    edition = factory.make_edition(now)
    waiting = factory.make_entry(edition, now, state=EntryState.DRAFT)
    done = factory.make_entry(edition, now, state=EntryState.SUBMITTED)
    old, new = edition.entry_deadline, edition.entry_deadline + timedelta(days=5)
    editions.extend_deadline(edition, field="entry_deadline", new_at=new, reason="部分地州停电", **by)
    change = db.session.scalars(select(DeadlineChange)).one()
    assert (change.old_at, change.new_at, change.reason) == (old, new, "部分地州停电")
    assert edition.entry_deadline == new
    told = set(db.session.scalars(select(Message.user_id).where(Message.title.contains("延长"))))
    assert told == {factory.contact_of(waiting.enterprise).id, factory.regional(now, "650100").id}
    assert factory.contact_of(done.enterprise).id not in told


@pytest.mark.parametrize(
    ("field", "days", "reason", "code"),
    [
        ("entry_deadline", -1, "理由", "not_later"),
        ("entry_deadline", 0, "理由", "not_later"),
        ("entry_deadline", 1, "  ", "reason_needed"),
        ("opens_at", 1, "理由", "field"),
    ],
)
def test_extension_refuses(ctx, now, by, field, days, reason, code):
    edition = factory.make_edition(now)
    old = edition.entry_deadline
    with pytest.raises(InvalidInput) as refused:
        editions.extend_deadline(edition, field=field, new_at=old + timedelta(days=days), reason=reason, **by)
    assert refused.value.code == code
    assert edition.entry_deadline == old


def test_account_deadline_never_passes_the_entry_deadline(ctx, now, by):
    edition = factory.make_edition(now)
    later = edition.entry_deadline + timedelta(days=1)
    with pytest.raises(InvalidInput) as refused:
        editions.extend_deadline(edition, field="account_deadline", new_at=later, reason="理由", **by)
    assert refused.value.code == "order"


def test_a_copy_has_everything_a_year_later(ctx, now, by):
    source = factory.make_edition(now)
    copied = editions.copy_edition(source, code="xj2027", name="下一届", ordinal=14, year=2027, **by)
    assert copied.state == EditionState.DRAFT
    assert copied.entry_deadline == source.entry_deadline.replace(year=2027)
    assert copied.startup_from == date(2026, 1, 1)
    was, now_is = queries.rules_content(source), queries.rules_content(copied)
    for part in ("tracks", "regions", "criteria", "stages", "required_attachments", "notice"):
        assert now_is[part] == was[part]
    assert queries.publication_gaps(copied) == []


def test_drafts_are_the_offices_own(draft, now):
    office, regional = factory.office(now), factory.staff(Role.REGIONAL, now)
    seen = lambda actor: db.session.scalars(queries.editions_visible_to(actor)).all()  # noqa: E731
    assert seen(office) == [draft]
    assert seen(regional) == []
    assert seen(SYSTEM) == []
