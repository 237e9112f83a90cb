"""Second looks: uncertain entries at the line shown to fresh judges, whose scores stand beside the official ones.

They are evidence for the diagnosis and for the panel. They count officially only in a round whose published rules say
so and how (`Stage.second_look`), by freezing the ranking anew; then each entry is looked at once, and the entries are
taken in the order of doubt, so that nobody picks whose score is given another chance.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from competition.models import Entry
from core import accounts, audit
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.rules import Actor
from judging import receipts, rules
from judging.diagnosis.enums import LookState
from judging.diagnosis.models import Diagnosis, SecondLook
from judging.models import Judge
from judging.operations.receipts import look_digest, stored_look_text
from judging.queries import criteria_of
from judging.queries import diagnoses as queries
from judging.states import SECOND_LOOK
from judging.validators import checked_comment, checked_values, total_of

JUDGES = 2


def send_second_look(
    diagnosis: Diagnosis, *, entries: Sequence[Entry], judges: Sequence[Judge], actor: Actor, now: datetime
) -> list[SecondLook]:
    """Ask two judges who had no part in the ranking to score these grey entries anew.

    Where looks count and one of the two declined, one judge is asked in his place.
    """
    ranking = diagnosis.ranking
    rules.may_send_second_look(actor, ranking).or_raise()
    looks = queries.looks_of(ranking)
    needed = _still_needed(diagnosis, entries, looks) if ranking.stage.second_look else JUDGES
    _check_choice(diagnosis, entries, judges, needed=needed)
    known = {(look.entry_id, look.judge_id) for look in looks}
    if any((entry.id, judge.id) in known for entry in entries for judge in judges):
        raise Conflict("所选项目中有的已请同一位评委复评。", code="look_known")
    looks = [
        SecondLook(
            ranking=ranking,
            diagnosis_id=diagnosis.id,
            entry=entry,
            judge=judge,
            asked_by_id=actor.id,
            asked_at=now,
        )
        for entry in entries
        for judge in judges
    ]
    db.session.add_all(looks)
    flush()
    for look in looks:
        after = {"state": look.state, "ranking": ranking.id, "diagnosis": diagnosis.id}
        audit.record("second_look.ask", look, actor=actor, now=now, after=after)
    for judge in judges:
        accounts.tell(
            judge.user_id,
            f"请复评 {len(entries)} 个项目",
            now=now,
            body=f"{ranking.name}：请独立评审，不与原评委交换意见。",
            link="/judge/second-looks",
        )
    return looks


def _check_choice(
    diagnosis: Diagnosis, entries: Sequence[Entry], judges: Sequence[Judge], *, needed: int
) -> None:
    if not entries:
        raise InvalidInput("请选择要复评的项目。", field="entries")
    if len(judges) != needed or len({judge.id for judge in judges}) != needed:
        wanted = "两位不同的评委" if needed == JUDGES else "一位评委接替，另一位留空"
        raise InvalidInput(f"请选择{wanted}。", field="judges")
    grey = {line["entry"] for line in diagnosis.result["entries"] if line["band"] == "grey"}
    if wrong := sorted({entry.number for entry in entries} - grey):
        raise InvalidInput(f"{wrong[0]} 不在灰区，不需要复评。", field="entries")
    fresh = {judge.id for judge in queries.fresh_judges(diagnosis.ranking)}
    if stale := next((judge for judge in judges if judge.id not in fresh), None):
        raise InvalidInput(f"{stale.name} 参加过本组评审或未签承诺书，不能复评。", field="judges")
    pairs = queries.conflicting(judges, entries)
    for judge in judges:
        for entry in entries:
            if (judge.id, entry.id) in pairs:
                raise InvalidInput(f"{judge.name} 与 {entry.number} 有回避关系，请另选评委。", field="judges")


def _still_needed(diagnosis: Diagnosis, entries: Sequence[Entry], looks: Sequence[SecondLook]) -> int:
    """How many judges each of these entries still lacks, where looks count: nobody is looked at twice, and no entry
    before one that is more in doubt."""
    standing = Counter(look.entry.number for look in looks if look.state != LookState.DECLINED)
    chosen = {entry.number for entry in entries}
    if again := sorted(number for number in chosen if standing[number] >= JUDGES):
        raise InvalidInput(
            f"{again[0]} 已复评或正在复评；复评计入成绩时每个项目只复评一次。", field="entries"
        )
    held = {standing[number] for number in chosen}
    if len(held) > 1:
        raise InvalidInput("缺一位复评评委的项目请单独发出。", field="entries")
    if held == {0}:
        waiting = [number for number in queries.by_doubt(diagnosis) if not standing[number]]
        if passed := next((n for n in waiting[: len(chosen)] if n not in chosen), None):
            raise InvalidInput(
                f"复评计入成绩时须从最没有把握的项目依次选取，不能跳过 {passed}。", field="entries"
            )
    return JUDGES - sum(held)


def give_second_look(
    look: SecondLook, *, scores: Mapping[str, int | None], comment: str = "", actor: Actor, now: datetime
) -> SecondLook:
    """The fresh judge's own score, once and for good; whether it counts is the published rule's."""
    stage = look.ranking.stage
    criteria = criteria_of(stage, look.entry.group)
    checked = checked_values(criteria, scores, step=stage.score_step, complete=True)
    set_ = {
        "scores": checked,
        "total_hundredths": total_of(criteria, checked),
        "comment": checked_comment(comment),
        "closed_at": now,
    }
    SECOND_LOOK.fire(look, "give", actor=actor, now=now, set=set_)
    after = {"digest": look_digest(look), "receipt": receipts.sha256_of(stored_look_text(look))}
    audit.record("second_look.receipt", look, actor=actor, now=now, after=after)
    return look


def decline_second_look(look: SecondLook, *, reason: str, actor: Actor, now: datetime) -> SecondLook:
    set_ = {"comment": checked_comment(reason), "closed_at": now}
    SECOND_LOOK.fire(look, "decline", actor=actor, now=now, reason=reason, set=set_)
    return look


def recall_second_look(look: SecondLook, *, reason: str, actor: Actor, now: datetime) -> SecondLook:
    """The office takes an unanswered request back, to ask another judge."""
    set_ = {"comment": checked_comment(reason), "closed_at": now}
    SECOND_LOOK.fire(look, "recall", actor=actor, now=now, reason=reason, set=set_)
    accounts.tell(
        look.judge.user_id, "复评邀请已收回", now=now, body=f"{look.entry.number}：{reason.strip()}"
    )
    return look
