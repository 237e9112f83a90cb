"""Second looks: two fresh judges, new attributed scores beside the official ones, which stay as they are."""

import pytest

from competition.operations import rounds
from core import audit
from core.checks import run_all
from core.db import commit, db
from core.errors import Conflict, IllegalTransition, InvalidInput, NotAllowed
from judging.diagnosis.enums import LookState
from judging.diagnosis.models import SecondLook
from judging.enums import ConflictSource, RecusalReason
from judging.models import Ranking
from judging.operations import diagnoses, judges, rankings, second_looks
from judging.operations.receipts import Answer, check, look_code, look_digest, stored_look_text
from judging.queries.diagnoses import fresh_judges
from tests.factories import judging as make
from tests.judging.test_diagnosis import diagnose, frozen_ranking


def prepared_look(now, count: int = 4):
    """A diagnosed ranking whose entries all stand in the grey zone, and two judges from outside."""
    ranking = frozen_ranking(now, count)
    kept = diagnose(ranking, now)
    for line in kept.result["entries"]:
        line["band"] = "grey"
    fresh = [make.make_judge(now, pledged=ranking.stage.edition) for _ in range(2)]
    return kept, fresh


def send(kept, fresh, now, **changes):
    order = {"entries": [kept.ranking.rows[1].entry], "judges": fresh, "actor": make.office(now)} | changes
    return second_looks.send_second_look(kept, **order, now=now)


def give(look, now, step=0):
    return second_looks.give_second_look(look, scores=make.values(step), actor=look.judge.user, now=now)


def test_new_scores_stand_beside_and_the_ranking_stays(ctx, now):
    kept, fresh = prepared_look(now)
    looks = send(kept, fresh, now)
    for look, step in zip(looks, (100, 200), strict=True):
        give(look, now, step)
    assert [look.total_hundredths for look in looks] == [8100, 8200]
    assert {look.judge_id for look in looks} == {judge.id for judge in fresh}
    assert rankings.recompute(kept.ranking) == []
    again = diagnose(kept.ranking, now)
    assert again.context_hash != kept.context_hash and again.inputs_hash == kept.inputs_hash
    assert [line["score"] for line in again.result["entries"]] == [
        row.score_hundredths for row in kept.ranking.rows
    ]
    assert [line["fresh"] for line in again.result["judges"]].count(True) == 2
    number = looks[0].entry.number
    assert kept.result["with_second"] == {} and set(again.result["with_second"]) == {number}
    looked = next(line for line in again.result["entries"] if line["entry"] == number)
    assert len(looked["sheets"]) == len(kept.result["entries"][1]["sheets"]) + 2
    commit()
    for name in ("seals-hold", "states-follow-trail", "audited-rows-exist", "judging-rankings-recompute"):
        assert run_all(name) == []


def test_a_second_look_has_a_receipt_that_can_be_checked_later(ctx, now):
    kept, fresh = prepared_look(now)
    look, other = send(kept, fresh, now)
    assert look_code(look) == ""
    give(look, now, 100)
    audit.write_pending()
    code = look_code(look)
    assert code.startswith(f"F{look.id}-") and check(code.lower().replace("-", " ")) == Answer.SAME
    assert check(code[1:]) == Answer.UNKNOWN and check(code[:-1] + "?") == Answer.UNKNOWN
    text = stored_look_text(look)
    assert "technology=21.00" in text and look_digest(look) in text
    look.scores = look.scores | {"technology": 2050}
    db.session.flush()
    assert check(code) == Answer.CHANGED
    assert look_code(other) == ""


def test_who_may_not_look_again(ctx, now):
    kept, fresh = prepared_look(now)
    entry = kept.ranking.rows[1].entry
    seated = kept.ranking.stage and db.session.get(type(fresh[0]), kept.result["judges"][0]["judge"])
    with pytest.raises(NotAllowed):
        send(kept, fresh, now, actor=make.supervision(now))
    with pytest.raises(InvalidInput, match="两位不同"):
        send(kept, fresh[:1] * 2, now)
    with pytest.raises(InvalidInput, match="参加过本组评审"):
        send(kept, [fresh[0], seated], now)
    with pytest.raises(InvalidInput, match="选择要复评"):
        send(kept, fresh, now, entries=[])
    judges.note_conflict(
        fresh[0],
        entry,
        source=ConflictSource.CLAIMED,
        reason_code=RecusalReason.ADVISER,
        actor=make.office(now),
        now=now,
    )
    with pytest.raises(InvalidInput, match="回避关系"):
        send(kept, fresh, now)
    employed = make.make_judge(now, pledged=kept.ranking.stage.edition, employer=entry.enterprise.name)
    with pytest.raises(InvalidInput, match="回避关系"):
        send(kept, [fresh[1], employed], now)
    kept.result["entries"][1]["band"] = "clear"
    with pytest.raises(InvalidInput, match="不在灰区"):
        send(kept, [fresh[1], make.make_judge(now, pledged=kept.ranking.stage.edition)], now)


def test_only_pledged_judges_from_outside_are_offered(ctx, now):
    kept, fresh = prepared_look(now)
    make.make_judge(now)
    assert {judge.id for judge in fresh_judges(kept.ranking)} == {judge.id for judge in fresh}


def test_given_once_by_the_judge_himself_and_complete(ctx, now):
    kept, fresh = prepared_look(now)
    look, other = send(kept, fresh, now)
    with pytest.raises(NotAllowed):
        second_looks.give_second_look(look, scores=make.values(), actor=other.judge.user, now=now)
    with pytest.raises(InvalidInput, match="还没有打分"):
        second_looks.give_second_look(look, scores={"team": 100}, actor=look.judge.user, now=now)
    give(look, now)
    with pytest.raises(IllegalTransition):
        give(look, now)
    second_looks.decline_second_look(other, reason="曾任顾问。", actor=other.judge.user, now=now)
    assert other.state == LookState.DECLINED
    with pytest.raises(Conflict, match="已请同一位"):
        send(kept, fresh, now)


def test_a_ranking_frozen_anew_keeps_its_second_looks(ctx, now):
    kept, fresh = prepared_look(now)
    look, _ = send(kept, fresh, now)
    give(look, now)
    old, office = kept.ranking, make.office(now)
    rankings.supersede_ranking(old, reason="更正评分。", actor=office, now=now)
    with pytest.raises(NotAllowed, match="已撤回"):
        send(kept, fresh, now)
    again = rankings.freeze_ranking(old.stage, group=old.group, actor=office, now=now)
    assert diagnose(again, now).result["with_second"].keys() == {look.entry.number}


def test_not_after_the_round_is_decided(ctx, now):
    kept, fresh = prepared_look(now)
    look, _ = send(kept, fresh, now)
    stage = kept.ranking.stage
    stage.quota = {}
    rounds.decide_advancement(stage, actor=make.office(now), now=now)
    with pytest.raises(NotAllowed, match="已经确定"):
        give(look, now)
    with pytest.raises(NotAllowed, match="已经确定"):
        send(kept, fresh, now)


def test_proposed_places_follow_the_quota_then_the_decision(ctx, now):
    ranking = frozen_ranking(now, 6)
    stage = ranking.stage
    stage.quota = {}
    assert diagnoses.proposed_places(ranking) == 1
    stage.quota = {"by": ["group"], "places": {"kind": "fixed", "table": [[["startup"], 2]], "otherwise": 0}}
    assert diagnoses.proposed_places(ranking) == 2


def on_pages(now):
    kept, fresh = prepared_look(now)
    db.session.flush()
    names = [make.office(now).username, *(judge.user.username for judge in fresh)]
    ids = [judge.id for judge in fresh]
    return kept.ranking_id, kept.ranking.rows[1].entry_id, ids, names


def test_sent_and_given_on_the_pages(prepared, as_user, app, monkeypatch):
    ranking_id, entry_id, ids, (office, first, second) = prepared(on_pages)
    page = f"/judging/rankings/{ranking_id}/diagnosis?view=second"
    address = f"/judging/rankings/{ranking_id}/second-looks"
    person = as_user(office)
    assert "请新评委复评" in person.text(page)
    assert person.post(address, {"entries": str(entry_id)}, source=page).status_code == 422

    def sent(now):
        kept = db.session.get(Ranking, ranking_id)
        diagnosis = diagnose(kept, now)
        for line in diagnosis.result["entries"]:
            line["band"] = "grey"
        fresh = fresh_judges(kept)
        return [look.id for look in send(diagnosis, fresh, now)]

    look_id, other_id = prepared(sent)
    judge, mine = as_user(first), f"/judge/second-looks/{look_id}"
    assert mine in judge.text("/judge/second-looks") and "请独立评分" in judge.text(mine)
    assert judge.get(f"/judge/second-looks/{other_id}").status_code == 404
    wrong = judge.post(mine, {"value-team": "abc"}, source=mine)
    assert wrong.status_code == 422 and "abc" in wrong.get_data(as_text=True)
    points = {f"value-{code}": f"{value / 100:g}" for code, value in make.values().items()}
    assert judge.get(f"{mine}/receipt").status_code == 404
    assert judge.post(mine, points, source=mine).status_code == 303
    assert "回执码" in judge.text(mine) and "合计=80.00" in judge.text(f"{mine}/receipt")
    other = f"/judge/second-looks/{other_id}"
    refuser = as_user(second)
    assert refuser.post(f"{other}/decline", {"reason": ""}, source=other).status_code == 422
    assert refuser.post(f"{other}/decline", {"reason": "曾任顾问。"}, source=other).status_code == 303
    assert "80.00" in person.text(page) and "未参加" in person.text(page)
    with app.app_context():
        states = set(db.session.scalars(db.select(SecondLook.state)))
        db.session.rollback()
    assert states == {LookState.GIVEN, LookState.DECLINED}
