"""What an edition may choose for its scores: marks out of ten, a second panel, second looks that count.

Each goes the whole way: sheet, official score, ranking, recomputation, evidence pack with its own script.
"""

import io
import zipfile
from fractions import Fraction

import pytest

from competition.enums import CriterionMode, Group
from core import audit
from core.checks import run_all
from core.db import commit, db
from core.errors import Conflict, InvalidInput
from judging.enums import RecusalReason, SeatPanel
from judging.evidence import pack
from judging.models import Ranking, Session
from judging.operations import hall, rankings, second_looks, sheets
from judging.operations.judges import recuse
from tests.factories import judging as make
from tests.judging.test_diagnosis import diagnose
from tests.judging.test_evidence import check

MARKS = {"technology": 800, "business": 750, "market": 900, "team": 850, "finance": 1000}
# 25, 20, 20, 30 and 5 points: 20.00 + 15.00 + 18.00 + 25.50 + 5.00
WORTH = 8350
MEAN = {"aggregation": "mean", "drop_high": 0, "drop_low": 0}
CHECKED = (
    *("seals-hold", "states-follow-trail", "audited-rows-exist", "judging-rankings-recompute"),
    *("judging-sheets-add-up", "judging-runs-tally", "judging-digests", "judging-locked-complete"),
)


def play(session, now, marks_of):
    """Every judge submits `marks_of(place of the entry, seat)`; locked and signed."""
    make.start(make.draw(session, now), now)
    for place in range(len(session.runs)):
        run = make.sessions.call_next(session, actor=make.recorder(now), now=now)
        for sheet in run.sheets:
            given = marks_of(place, sheet.seat)
            sheets.submit_sheet(sheet, values=given, actor=sheet.seat.judge.user, now=now)
    make.sessions.lock_session(session, actor=make.recorder(now), now=now)
    return make.sign_all(session, now)


def freeze(stage, now) -> Ranking:
    ranking = rankings.freeze_ranking(stage, group=Group.STARTUP, actor=make.office(now), now=now)
    audit.write_pending()
    db.session.expire_all()
    return ranking


def assert_holds(ranking, tmp_path) -> str:
    """Recomputed inside, nothing for the check to name, and the pack's script agrees on its own."""
    assert rankings.recompute(ranking) == []
    content = pack.build(ranking)
    commit()
    assert [finding for name in CHECKED for finding in run_all(name)] == []
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        made.extractall(tmp_path)
    status, said = check(tmp_path)
    assert status == 0, said
    return said


def scores(ranking) -> list[tuple[int, str]]:
    return [(row.score_hundredths, row.exact) for row in ranking.rows]


def test_marks_out_of_ten_become_points_by_their_weight(ctx, now, tmp_path):
    stage, entries = make.make_field(now, mode=CriterionMode.TEN_POINT)
    session = make.make_session(now, stage=stage, entries=entries)
    play(session, now, lambda place, _: MARKS | {"technology": 800 - 50 * place})
    assert [run.score_hundredths for run in session.runs] == [WORTH, WORTH - 125, WORTH - 250]
    ranking = freeze(stage, now)
    assert ranking.rule["ten_point"] == list(MARKS)
    assert scores(ranking)[1] == (WORTH - 125, str(Fraction(WORTH - 125, 100)))
    assert ranking.rows[0].detail["criteria"]["technology"] == "20"
    said = assert_holds(ranking, tmp_path)
    assert "重算排名：一致" in said
    again = diagnose(ranking, now)
    assert next(box for box in again.result["criteria"] if box["criterion"] == "team")["mean"] == 25.5


def test_a_mark_above_ten_is_refused(ctx, now):
    stage, entries = make.make_field(now, mode=CriterionMode.TEN_POINT)
    session = make.make_running(now, stage=stage, entries=entries)
    sheet = session.runs[0].sheets[0]
    with pytest.raises(InvalidInput, match="0 到 10 分"):
        sheets.submit_sheet(sheet, values=MARKS | {"team": 1050}, actor=sheet.seat.judge.user, now=now)


TWO = {"second_panel": {"name": "大众评审", "size": 4, "weight": 40}, **MEAN}


def by_panel(place, seat):
    """Experts 80, 81, 82 … by seat, the public 90 each; entries half a point apart."""
    step = 100 * (seat.position - 1) if seat.panel == SeatPanel.MAIN else 1000
    return make.VALUES | {
        "team": make.VALUES["team"] + min(step, 600),
        "technology": 2000 + max(step - 600, 0) - 50 * place,
    }


def test_two_panels_are_weighted_sixty_to_forty(ctx, now, tmp_path):
    stage, entries = make.make_field(now, stage_changes=TWO)
    session = make.make_session(now, stage=stage, entries=entries)
    assert [seat.panel for seat in session.seats].count(SeatPanel.SECOND) == 4
    play(session, now, by_panel)
    # Mean of five experts 82.00, of four of the public 90.00: 0.6 x 82 + 0.4 x 90 = 85.20
    assert [run.score_hundredths for run in session.runs] == [8520, 8470, 8420]
    ranking = freeze(stage, now)
    assert ranking.rule["panels"] == {"main": 60, "second": 40}
    assert ranking.rows[0].detail["panels"] == {"main": 8200, "second": 9000}
    assert_holds(ranking, tmp_path)
    row = (tmp_path / "sheets.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert ",main," in row or ",second," in row


def test_a_popularity_score_is_shown_and_never_counted(ctx, now, tmp_path):
    stage, entries = make.make_field(
        now, stage_changes=TWO | {"second_panel": {"name": "投资人", "size": 3, "weight": 0}}
    )
    session = make.make_session(now, stage=stage, entries=entries)
    play(session, now, by_panel)
    assert [run.score_hundredths for run in session.runs] == [8200, 8150, 8100]
    ranking = freeze(stage, now)
    assert ranking.rows[0].detail["panels"] == {"main": 8200, "popularity": 9000}
    judges = {seat.judge_id for seat in session.seats if seat.panel == SeatPanel.SECOND}
    assert not judges & {judge for judge, _ in ranking.rows[0].detail["used"]}
    assert_holds(ranking, tmp_path)
    assert not judges & {line["judge"] for line in diagnose(ranking, now).result["judges"]}


def test_a_stand_in_takes_the_seat_of_the_panel_that_lacks_one(ctx, now):
    stage, entries = make.make_field(now, stage_changes=TWO)
    session = make.make_running(now, stage=stage, entries=entries)
    run = session.runs[0]
    public = next(sheet for sheet in run.sheets if sheet.seat.panel == SeatPanel.SECOND)
    recuse(public, reason_code=RecusalReason.KIN, reason="", actor=public.seat.judge.user, now=now)
    judge = make.make_judge(now, pledged=stage.edition)
    hall.add_stand_in(run, judge=judge, reason="回避", actor=make.recorder(now), now=now)
    assert (
        next(sheet.seat.panel for sheet in run.sheets if sheet.seat.judge_id == judge.id) == SeatPanel.SECOND
    )
    with pytest.raises(Conflict, match="已足"):
        hall.add_stand_in(run, judge=make.make_judge(now), reason="再增", actor=make.recorder(now), now=now)


def looked_at(now, rule, *, steps=(400, 600)):
    """A frozen ranking of four grey entries; two fresh judges gave the second one 84.00 and 86.00."""
    stage, entries = make.make_field(now, 4, stage_changes={**MEAN, "second_look": rule})
    session = make.make_session(now, stage=stage, entries=entries)
    play(session, now, lambda place, _: make.values(-50 * place))
    kept = diagnose(freeze(stage, now), now)
    chances = {2: 0.5, 1: 0.55, 3: 0.6, 4: 0.7}  # the second is most in doubt, then the first
    for line in kept.result["entries"]:
        line |= {"band": "grey", "chance": chances[line["rank"]]}
    fresh = [make.make_judge(now, pledged=stage.edition) for _ in range(3)]
    return kept, fresh


def ask(kept, judges, now, places=(1,)):
    entries = [kept.ranking.rows[place].entry for place in places]
    return second_looks.send_second_look(
        kept, entries=entries, judges=judges, actor=make.office(now), now=now
    )


def give(look, now, step):
    scores = make.VALUES | {"team": make.VALUES["team"] + step}
    return second_looks.give_second_look(look, scores=scores, actor=look.judge.user, now=now)


def anew(ranking, now):
    rankings.supersede_ranking(ranking, reason="复评完成，按规则计入。", actor=make.office(now), now=now)
    return freeze(ranking.stage, now)


@pytest.mark.parametrize(
    ("rule", "counted"),
    [
        ({}, 7950),
        ({"how": "pooled"}, (5 * 7950 + 8400 + 8600) // 7),  # 81.07 of seven sheets
        ({"how": "weighted", "weight": 50}, (7950 + 8500) // 2),
        ({"how": "weighted", "weight": 30}, (70 * 7950 + 30 * 8500) // 100),
    ],
)
def test_second_looks_count_as_the_published_rule_says(ctx, now, tmp_path, rule, counted):
    kept, fresh = looked_at(now, rule)
    looks = ask(kept, fresh[:2], now)
    number = looks[0].entry.number
    for look, step in zip(looks, (400, 600), strict=True):
        give(look, now, step)
    assert rankings.recompute(kept.ranking) == []
    assert diagnose(kept.ranking, now).result["with_second"][number]["score"] >= counted
    ranking = anew(kept.ranking, now)
    row = next(row for row in ranking.rows if row.entry.number == number)
    assert row.score_hundredths == counted
    if rule:
        assert row.detail["second_look"]["before"] == 7950 and row.rank == 1
        assert [total for _, total in row.detail["second_look"]["scores"]] == [8400, 8600]
    else:
        assert "second_look" not in row.detail and row.rank == 2
    assert_holds(ranking, tmp_path)
    assert diagnose(ranking, now).result["entries"][0]["score"] == ranking.rows[0].score_hundredths


def test_where_looks_count_each_entry_is_looked_at_once_in_the_order_of_doubt(ctx, now):
    kept, fresh = looked_at(now, {"how": "pooled"})
    with pytest.raises(InvalidInput, match="不能跳过"):
        ask(kept, fresh[:2], now, places=(0,))
    looks = ask(kept, fresh[:2], now, places=(0, 1))
    with pytest.raises(InvalidInput, match="只复评一次"):
        ask(kept, [fresh[2], make.make_judge(now, pledged=kept.ranking.stage.edition)], now)
    ask(kept, fresh[:2], now, places=(2,))
    office, old = make.office(now), kept.ranking
    for look in looks[:2]:
        give(look, now, 100)
    rankings.supersede_ranking(old, reason="计入复评。", actor=office, now=now)
    with pytest.raises(Conflict, match="还在等评委"):
        freeze(old.stage, now)


def test_who_declined_is_replaced_by_one_judge_and_silence_can_be_recalled(ctx, now):
    kept, fresh = looked_at(now, {"how": "weighted", "weight": 50})
    first, second = ask(kept, fresh[:2], now)
    give(first, now, 400)
    with pytest.raises(InvalidInput, match="填写理由"):
        second_looks.recall_second_look(second, reason="", actor=make.office(now), now=now)
    second_looks.recall_second_look(second, reason="两日未答复。", actor=make.office(now), now=now)
    # With one look of two nothing counts.
    assert anew(kept.ranking, now).rows[1].score_hundredths == 7950
    again = diagnose(rankings.queries.frozen_rankings(kept.ranking.stage)[0], now)
    for line in again.result["entries"]:
        line |= {"band": "grey", "chance": {2: 0.5, 1: 0.55, 3: 0.6, 4: 0.7}[line["rank"]]}
    with pytest.raises(InvalidInput, match="一位评委接替"):
        ask(again, [fresh[2], make.make_judge(now, pledged=again.ranking.stage.edition)], now)
    (third,) = ask(again, fresh[2:], now)
    give(third, now, 600)
    assert anew(again.ranking, now).rows[0].score_hundredths == (7950 + 8500) // 2


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("criterion", "mode = 'ten_point'"),
        ("criterion", "max_hundredths = 1"),
        ("stage", 'second_look = \'{"how": "pooled"}\''),
        ("stage", 'second_panel = \'{"name": "x", "size": 3, "weight": 40}\''),
        ("stage", "tie_chain = '[]'"),
        ("stage", "drop_high = 2"),
    ],
)
def test_the_database_keeps_the_scoring_rules_from_the_first_score_on(ctx, now, table, change):
    session = make.make_running(now)
    stage_id = session.stage_id
    where = "code = 'team' AND \"group\" = 'startup'" if table == "criterion" else f"id = {stage_id}"
    statement = db.text(f"UPDATE {table} SET {change.replace(':', chr(92) + ':')} WHERE {where}")
    with db.session.begin_nested() as free:
        db.session.execute(statement)
        free.rollback()
    make.submit(session.runs[0].sheets[0], now)
    with pytest.raises(Exception, match=f"scored_{table}"), db.session.begin_nested():
        db.session.execute(statement)


def two_panels(now):
    stage, _ = make.make_field(now, 2, mode=CriterionMode.TEN_POINT, stage_changes=TWO)
    main = [make.make_judge(now, pledged=stage.edition).id for _ in range(stage.panel_size)]
    public = [make.make_judge(now, pledged=stage.edition).id for _ in range(5)]
    return stage.id, main, public


def test_both_panels_are_seated_on_the_page(prepared, as_user, app):
    stage_id, main, public = prepared(two_panels)
    person, page = as_user("office-staff"), f"/judging/stages/{stage_id}/sessions/new"
    assert "大众评审" in person.text(page) and "占 40%" in person.text(page)
    asked = {"name": "一场", "room": "", "starts_at": "2026-05-11T10:00", "chair": str(main[0])}
    asked |= {"judges": [str(judge) for judge in main[1:]], "second": [str(judge) for judge in public[:3]]}
    answer = person.post(page, asked, source=page)
    assert answer.status_code == 422 and "每场大众评审应为 4 人，现选 3 人" in answer.get_data(as_text=True)
    asked["second"] = [str(judge) for judge in public[:4]]
    assert person.post(page, asked, source=page).status_code == 303
    with app.app_context():
        session = db.session.scalar(db.select(Session))
        assert [seat.judge_id for seat in session.seats if seat.panel == SeatPanel.SECOND] == public[:4]
        address = f"/judging/sessions/{session.id}"
        db.session.rollback()
    changed = asked | {"second": [str(judge) for judge in public[1:]]}
    assert person.post(f"{address}/edit", changed, source=f"{address}/edit").status_code == 303
    with app.app_context():
        seats = db.session.scalar(db.select(Session)).seats
        assert [seat.judge_id for seat in seats if seat.panel == SeatPanel.SECOND] == public[1:]
        db.session.rollback()
    assert "（大众评审）" in person.text(address) and "评委 60%、大众评审 40%" in person.text(address)


def marked_out_of_ten(now):
    stage, entries = make.make_field(now, mode=CriterionMode.TEN_POINT)
    session = make.make_running(now, stage=stage, entries=entries)
    sheet = session.runs[0].sheets[0]
    return sheet.id, sheet.seat.judge.user.username


def test_a_sheet_out_of_ten_is_filled_in_without_script(prepared, as_user, app):
    sheet_id, judge = prepared(marked_out_of_ten)
    person, page = as_user(judge), f"/judge/sheets/{sheet_id}"
    assert 'data-max="1000" data-full="2500"' in person.text(page) and "× 2.5" in person.text(page)
    typed = {f"value-{code}": f"{mark / 100:g}" for code, mark in MARKS.items()}
    wrong = person.post(page, typed | {"value-team": "11", "act": "submit"}, source=page)
    assert wrong.status_code == 422 and "应在 0 到 10 分之间" in wrong.get_data(as_text=True)
    assert person.post(page, typed | {"act": "submit"}, source=page).status_code == 303
    assert "83.50" in person.text(page)


def asked_by_rule(now):
    kept, fresh = looked_at(now, {"how": "weighted", "weight": 50})
    looks = ask(kept, fresh[:2], now)
    return kept.ranking_id, looks[0].id, kept.ranking.rows[1].entry.number


def test_the_page_says_that_looks_count_and_takes_a_request_back(prepared, as_user):
    ranking_id, look_id, number = prepared(asked_by_rule)
    person, page = as_user("office-staff"), f"/judging/rankings/{ranking_id}/diagnosis?view=second"
    words = person.text(page)
    assert "复评计入正式成绩" in words and "复评平均分占 50%，原得分占 50%" in words
    address = f"/judging/second-looks/{look_id}/recall"
    assert address in words
    assert person.post(address, {"reason": ""}, source=page).status_code == 422
    assert person.post(address, {"reason": "未答复"}, source=page).status_code == 303
    assert address not in person.text(page) and "未参加" in person.text(page)
