"""Anchors: planned for every room before the draw, scored like any other, never ranked."""

import pytest

from competition.enums import Group
from core import audit
from core.db import db
from core.errors import Conflict, InvalidInput, NotAllowed
from judging.anchors import Room, gains
from judging.invariants import INVARIANTS
from judging.operations import panels, rankings, sessions
from judging.operations.anchors import drop_anchor, plan_anchor
from judging.queries.anchors import anchor_totals, anchors_of
from judging.views.board import _ranking, _score
from judging.views.shown import summary
from tests.factories import judging as make
from tests.factories.competition import make_entry


def two_rooms(now):
    """A round of four entries in two rooms with different judges, and an entry from outside the round."""
    stage, entries = make.make_field(now, 4)
    first = make.make_session(now, stage=stage, entries=entries[:2], name="一室")
    second = make.make_session(now, stage=stage, entries=entries[2:], name="二室")
    return stage, first, second, make_entry(stage.edition, now)


def plan(stage, entry, now):
    return plan_anchor(stage, entry=entry, actor=make.office(now), now=now)


def test_every_judge_scores_an_anchor_and_it_is_never_ranked(ctx, now):
    stage, first, second, outside = two_rooms(now)
    plan(stage, outside, now)
    for room in (first, second):
        make.sign_all(make.play(room, now), now)
    judges = {seat.judge_id for room in (first, second) for seat in room.seats}
    assert set(anchor_totals(stage.id)) == {(outside.number, judge) for judge in judges}
    ranking = rankings.freeze_ranking(stage, group=Group.STARTUP, actor=make.office(now), now=now)
    assert len(ranking.rows) == 4 and outside.id not in {row.entry_id for row in ranking.rows}
    audit.write_pending()
    db.session.expire_all()
    assert rankings.recompute(ranking) == []
    assert {name: list(found()) for name, found in INVARIANTS.items()} == dict.fromkeys(INVARIANTS, [])


def test_an_anchor_has_no_place_on_the_summary_and_no_score_on_the_screen(ctx, now):
    stage, first, _, outside = two_rooms(now)
    plan(stage, outside, now)
    make.play(first, now)
    db.session.expire_all()
    lines = {line.run.entry_id: line.rank for line in summary(first)}
    assert lines.pop(outside.id) is None and sorted(lines.values()) == [1, 2]
    run = next(run for run in first.runs if run.calibration)
    run.revealed_at = now
    assert run.score_hundredths is not None and _score(run) is None and _ranking(first, run) == []


def test_an_anchor_is_not_revealed(ctx, now):
    stage, first, _, outside = two_rooms(now)
    plan(stage, outside, now)
    make.play(first, now)
    run = next(run for run in first.runs if run.calibration)
    verdict = sessions.rules.may_reveal(make.recorder(now), run)
    assert not verdict and verdict.reason == "标定项目不亮分，也不参加排名。"


def test_a_room_planned_later_takes_the_anchors_along(ctx, now):
    stage, _, _, outside = two_rooms(now)
    plan(stage, outside, now)
    third = make.make_session(now, stage=stage, name="三室")
    assert [run.entry_id for run in third.runs if run.calibration] == [outside.id]


def test_anchors_leave_all_lists_together(ctx, now):
    stage, first, second, outside = two_rooms(now)
    run = plan(stage, outside, now)[0]
    with pytest.raises(Conflict, match="一并撤下"):
        panels.remove_run(run, actor=make.office(now), now=now)
    drop_anchor(stage, entry=outside, actor=make.office(now), now=now)
    assert list(anchors_of(stage.id)) == [] and len(first.runs) == len(second.runs) == 2
    with pytest.raises(Conflict, match="不是本轮的标定项目"):
        drop_anchor(stage, entry=outside, actor=make.office(now), now=now)


def test_what_may_not_be_an_anchor(ctx, now):
    stage, first, _, outside = two_rooms(now)
    with pytest.raises(InvalidInput, match="参加本轮评审"):
        plan(stage, first.runs[0].entry, now)
    with pytest.raises(NotAllowed):
        plan_anchor(stage, entry=outside, actor=make.recorder(now), now=now)
    plan(stage, outside, now)
    with pytest.raises(InvalidInput, match="已是本轮的标定项目"):
        plan(stage, outside, now)
    make.draw(first, now)
    for refused in (plan_anchor, drop_anchor):
        with pytest.raises(Conflict, match="已经抽签"):
            refused(stage, entry=outside, actor=make.office(now), now=now)


def test_gain_of_two_unlinked_rooms_by_hand():
    """Rooms of two judges and n entries each: linked by k anchors, L has eigenvalues n + k, n + k and k."""
    rooms = [Room(("a", "b"), tuple("abcdef")), Room(("c", "d"), tuple("uvwxyz"))]
    lines = {line.anchors: line for line in gains(rooms)}
    assert (lines[0].groups, lines[0].variance, lines[0].sheets) == (2, None, 0)
    assert (lines[3].groups, lines[3].sheets) == (1, 12)
    assert lines[3].variance == pytest.approx(2 / 3 * (1 / 9 + 1 / 9 + 1 / 3))
    assert lines[8].variance < lines[3].variance < lines[1].variance
    assert gains([]) == [] == gains([Room(("a",), ()), Room((), ("e",))])


def planned(now):
    stage, first, _, outside = two_rooms(now)
    return stage.id, first.id, outside.number, first.runs[0].entry.number, make.office(now).username


def test_page_shows_the_gain_and_plans(prepared, as_user):
    stage_id, session_id, number, competing, username = prepared(planned)
    person, address = as_user(username), f"/judging/stages/{stage_id}/anchors"
    assert address in person.text(f"/judging/sessions/{session_id}")
    assert "不能比较" in person.text(address) and "0.830" in person.text(address)
    assert person.post(address, {"number": competing}, source=address).status_code == 422
    assert "没有编号为" in person.post(address, {"number": "<b>"}, source=address).get_data(as_text=True)
    assert person.post(address, {"number": number}, source=address).status_code == 303
    assert number in person.text(address) and "标定项目）" in person.text(f"/judging/sessions/{session_id}")
    assert person.post(f"{address}/drop", {"number": number}, source=address).status_code == 303
    assert person.post(f"{address}/drop", {"number": number}, source=address).status_code == 409
