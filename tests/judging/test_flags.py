"""Anomaly flags: raised once, decided by people, with a trail; no score and no rank ever changes for them."""

import pytest

from core.checks import run_all
from core.db import commit, db
from core.enums import Role
from core.errors import IllegalTransition, InvalidInput, NotAllowed
from core.models import AuditEvent, Message
from judging.anomalies.flags import Kind
from judging.diagnosis.enums import FlagState
from judging.diagnosis.models import AnomalyFlag
from judging.diagnosis.related import related_pairs
from judging.models import Seat, Sheet
from judging.operations import flags, rankings
from judging.states import FLAG
from tests.factories import judging as make
from tests.factories.competition import staff
from tests.judging.test_diagnosis import diagnose, frozen_ranking

LINE = {
    "kind": "lenient",
    "statistic": "leniency in points",
    "value": 5.4,
    "deviate": 4.2,
    "expected_false_alarms": 0.01,
}


def raised(now) -> AnomalyFlag:
    """A flag of a real diagnosis, its finding written by hand."""
    ranking = frozen_ranking(now)
    kept = diagnose(ranking, now)
    judge = db.session.scalar(db.select(Sheet).limit(1)).seat.judge_id
    number = kept.result["entries"][0]["entry"]
    line = LINE | {"judges": [judge], "entries": [number], "at_cut": [number]}
    kept.result["flags"][:] = [line]
    (flag,) = flags.raise_flags(kept, actor=make.office(now), now=now)
    return flag


def chair_of(flag: AnomalyFlag):
    session = db.session.scalar(db.select(Sheet).limit(1)).seat.session
    return next(seat.judge.user for seat in session.seats if seat.is_chair)


def test_a_flag_says_what_was_measured_and_whom_it_touches(ctx, now):
    flag = raised(now)
    assert (flag.kind, flag.state, flag.measure["expected_false_alarms"]) == (
        Kind.LENIENT,
        FlagState.OPEN,
        0.01,
    )
    assert flag.at_cut == flag.entries and len(flag.judges) == 1
    assert flags.raise_flags(flag.diagnosis, actor=make.office(now), now=now) == []


def test_decided_by_people_step_by_step_and_nothing_else_changes(ctx, now):
    flag, office, supervision = raised(now), make.office(now), make.supervision(now)
    before = flag.ranking.content_hash
    chair = chair_of(flag)
    flags.decide_flag(flag, "ask", opinion="请说明评分口径。", actor=office, now=now)
    assert [
        m.user_id
        for m in db.session.scalars(db.select(Message).where(Message.link == f"/judging/flags/{flag.id}"))
    ] == [chair.id]
    flags.answer_flag(flag, answer="该评委口径一贯偏宽。", actor=chair, now=now)
    flags.decide_flag(flag, "refer", opinion="请监督核实。", actor=office, now=now)
    with pytest.raises(NotAllowed):
        flags.decide_flag(flag, "clear", opinion="无异常", actor=office, now=now)
    flags.decide_flag(flag, "clear", opinion="核实无异常。", actor=supervision, now=now)
    assert (flag.state, flag.answer, flag.opinion) == (
        FlagState.DISMISSED,
        "该评委口径一贯偏宽。",
        "核实无异常。",
    )
    commit()
    told = select_actions(flag)
    assert told == ["raise", "ask", "answer", "refer", "clear"]
    assert rankings.recompute(flag.ranking) == [] and flag.ranking.content_hash == before
    for name in ("states-follow-trail", "seals-hold", "audited-rows-exist"):
        assert run_all(name) == []


def select_actions(flag) -> list[str]:
    stmt = select_events().where(AuditEvent.subject_id == str(flag.id)).order_by(AuditEvent.seq)
    return [action.removeprefix("anomaly_flag.") for action in db.session.scalars(stmt)]


def select_events():
    return db.select(AuditEvent.action).where(AuditEvent.subject_type == "anomaly_flag")


def test_refusals(ctx, now):
    flag, office = raised(now), make.office(now)
    with pytest.raises(InvalidInput, match="理由"):
        flags.decide_flag(flag, "dismiss", opinion=" ", actor=office, now=now)
    with pytest.raises(InvalidInput, match="1000"):
        flags.decide_flag(flag, "dismiss", opinion="长" * 1001, actor=office, now=now)
    with pytest.raises(NotAllowed):
        flags.decide_flag(flag, "dismiss", opinion="无", actor=make.recorder(now), now=now)
    with pytest.raises(IllegalTransition):
        flags.answer_flag(flag, answer="说明", actor=chair_of(flag), now=now)
    flags.decide_flag(flag, "ask", opinion="请说明。", actor=office, now=now)
    with pytest.raises(NotAllowed, match="评委组长"):
        flags.answer_flag(flag, answer="说明", actor=staff(Role.JUDGE, now, username="stranger"), now=now)
    flags.decide_flag(flag, "dismiss", opinion="已核对录像。", actor=office, now=now)
    with pytest.raises(IllegalTransition):
        flags.decide_flag(flag, "ask", opinion="再问。", actor=office, now=now)


@pytest.mark.parametrize(
    ("role", "state", "acts"),
    [
        (Role.OFFICE, FlagState.OPEN, ["ask", "refer", "dismiss"]),
        (Role.OFFICE, FlagState.REFERRED, []),
        (Role.SUPERVISION, FlagState.REFERRED, ["clear", "uphold"]),
        (Role.SUPERVISION, FlagState.ANSWERED, ["refer", "dismiss"]),
        (Role.LEADER, FlagState.OPEN, []),
        (Role.JUDGE, FlagState.ASKED, ["answer"]),
        (Role.JUDGE, FlagState.OPEN, []),
        (Role.SUPERVISION, FlagState.UPHELD, []),
    ],
)
def test_who_may_do_what_when(ctx, now, role, state, acts):
    flag = AnomalyFlag(state=state)
    assert [item.name for item in FLAG.available(flag, staff(role, now))] == acts


def on_pages(now):
    flag = raised(now)
    session = db.session.scalar(db.select(Sheet).limit(1)).seat.session
    other = next(seat.judge.user.username for seat in session.seats if not seat.is_chair)
    names = (make.office(now).username, make.supervision(now).username, chair_of(flag).username, other)
    return flag.id, flag.ranking_id, names


def test_worklist_and_page(prepared, as_user):
    flag_id, ranking_id, (office, supervision, chair, judge) = prepared(on_pages)
    address, person = f"/judging/flags/{flag_id}", as_user(office)
    assert address in person.text("/judging/flags?state=open") and address not in person.text(
        "/judging/flags?state=upheld"
    )
    assert address in person.text(f"/judging/rankings/{ranking_id}/diagnosis?view=flags")
    assert person.get("/judging/flags?export=1").data[:2] == b"PK"
    assert as_user(chair).get(address).status_code == 404
    assert person.post(address, {"act": "dismiss", "reason": ""}, source=address).status_code == 422
    assert person.post(address, {"act": "nonsense", "reason": "x"}, source=address).status_code == 404
    assert person.post(address, {"act": "ask", "reason": "请说明。"}, source=address).status_code == 303
    led = as_user(chair)
    assert "提交说明" in led.text(address) and address in led.text("/judging/flags")
    assert led.post(address, {"act": "answer", "reason": "一贯如此。"}, source=address).status_code == 303
    assert as_user(judge).get(address).status_code == 404
    assert "一贯如此" in as_user(supervision).text(address)


def test_list_sends_as_many_statements_for_one_flag_as_for_many(prepared, as_user, count_statements):
    def many(now):
        flag = raised(now)
        return flag.diagnosis_id, make.office(now).username

    def more(now):
        kept = db.session.get(type(db.session.scalar(db.select(AnomalyFlag)).diagnosis), diagnosis_id)
        lines = [
            line | {"entries": [f"X{n}"]}
            for n in range(29)
            for line in kept.result["flags"] or [LINE | {"judges": [1], "at_cut": []}]
        ]
        kept.result["flags"][:] = lines
        flags.raise_flags(kept, actor=make.office(now), now=now)

    diagnosis_id, office = prepared(many)
    person, seen = as_user(office), []
    for prepare in (None, more):
        if prepare:
            prepared(prepare)
        with count_statements() as statements:
            person.text("/judging/flags?size=50")
        seen.append(len(statements))
    assert seen[0] == seen[1]


def test_a_judge_from_the_same_place_and_one_named_in_the_form_are_related(ctx, now):
    """乌鲁木齐市 and 新疆 乌鲁木齐 are one place; an institution counts wherever the form names it."""
    stage, entries = make.make_field(now)
    entry = entries[0]
    near = make.make_judge(now, region="新疆 乌鲁木齐")
    named = make.make_judge(now, employer="演示天使基金管理公司", region="喀什地区")
    far = make.make_judge(now, region="喀什地区")
    entry.content = entry.content | {
        "members": [{"name": "某人", "background": "曾任职于演示天使基金管理公司"}]
    }
    found = related_pairs([near, named, far], [entry])
    assert found == {(entry.number, near.id): "region", (entry.number, named.id): "institution"}


def with_ties(now):
    """Two of five entries name the first judge's institution in their form."""
    ranking = frozen_ranking(now, 5)
    judge = db.session.scalar(db.select(Seat).where(Seat.is_chair)).judge
    for row in ranking.rows[:2]:
        row.entry.content = row.entry.content | {"incubator": f"入驻{judge.employer}孵化器"}
    kept = diagnose(ranking, now)
    return ranking.id, judge.name, kept.result["related"]


def test_ties_of_judges_are_contrasted_beside_the_flags(prepared, as_user):
    ranking_id, name, found = prepared(with_ties)
    assert (found["pairs"], found["kinds"]) == (2, {"institution": 2})
    assert [line["pairs"] for line in found["judges"]] == [2]
    page = as_user("office-staff").text(f"/judging/rankings/{ranking_id}/diagnosis?view=flags")
    assert "关联项目" in page and name in page and "材料中写有评委单位 2 对" in page
