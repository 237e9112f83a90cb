"""Diagnoses: asked for on the ranking's page, computed by a job, kept as computed. The ranking stays as it is."""

from datetime import datetime

from competition import quotas
from competition.models import Stage
from competition.operations import rounds
from core import audit, jobs
from core.db import db, flush
from core.enums import JobState
from core.errors import Conflict, InvalidInput
from core.models import Job
from core.rules import Actor
from judging import rules
from judging.diagnosis.analysis import FORMULAS, analyse
from judging.diagnosis.enums import Normalising
from judging.diagnosis.gather import contest_of, context_hash
from judging.diagnosis.models import Diagnosis, RoomDeclaration
from judging.models import Ranking
from judging.operations.flags import raise_flags
from judging.queries import diagnoses as queries

DRAWS = (200, 1000, 5000)
LARGEST_SEED = 2**31 - 1


def declare_rooms(
    stage: Stage, *, drawn: bool, method: Normalising, basis: str, actor: Actor, now: datetime
) -> RoomDeclaration:
    """Say before the first score how entries came to their rooms and whether rooms are normalised."""
    rules.may_freeze(actor).or_raise()
    if not basis.strip():
        raise InvalidInput("请写明公布该规则的文件或公告。", field="basis")
    if method != Normalising.NONE and not drawn:
        raise InvalidInput("项目不是抽签分到各评审室的，不能按评审室换算成绩。", field="method")
    db.session.refresh(stage, ["state"], with_for_update=True)
    if queries.is_scored(stage.id):
        raise Conflict("本轮已有评委打分，分室规则只能在打分之前声明。", code="already_scored")
    declaration = RoomDeclaration(
        stage_id=stage.id,
        drawn=drawn,
        method=method,
        basis=basis.strip(),
        declared_by_id=actor.id,
        declared_at=now,
    )
    db.session.add(declaration)
    flush()
    after = {"drawn": drawn, "method": method}
    audit.record("stage.declare_rooms", stage, actor=actor, now=now, after=after, reason=basis.strip())
    return declaration


def proposed_places(ranking: Ranking) -> int:
    """Where the line probably is: who went on, else the quota of the unit, else a tenth of the entries."""
    count = len(ranking.rows)
    return queries.advanced_count(ranking) or min(_quota_of(ranking), count) or max(1, (count + 5) // 10)


def _quota_of(ranking: Ranking) -> int:
    """The places the round's quota gives the ranking's unit; 0 where it has none."""
    stage = ranking.stage
    if not stage.quota:
        return 0
    rule = quotas.rule_from({**stage.quota, "backfill": stage.backfill})
    counts = {tuple(key.split("/")): count for key, count in rounds.unit_counts(stage).items()}
    values = {
        "region": str(ranking.region_id or ""),
        "track": ranking.track.code if ranking.track else "",
        "group": ranking.group.value,
    }
    unit = tuple(values[dimension] for dimension in rule.by)
    target = quotas.merged_units(rule, counts).get(unit, unit)
    return quotas.places(rule, counts).get(target, 0)


def ask_diagnosis(
    ranking: Ranking, *, places: int, draws: int, seed: int, actor: Actor, now: datetime
) -> Job:
    """Queue the computation; its result is kept when the job has run."""
    rules.may_diagnose(actor, chairs=queries.chairs(actor, ranking.id)).or_raise()
    if not 1 <= places <= len(ranking.rows):
        raise InvalidInput(f"名额应在 1 到 {len(ranking.rows)} 之间。", field="places")
    if draws not in DRAWS:
        raise InvalidInput("请选择抽样次数。", field="draws")
    if not 0 <= seed <= LARGEST_SEED:
        raise InvalidInput("随机种子应为不超过十位的非负整数。", field="seed")
    waiting = queries.last_job_of(ranking)
    if waiting is not None and waiting.state in (JobState.QUEUED, JobState.RUNNING):
        raise Conflict("该排名的诊断正在计算，请稍候。", code="diagnosis_running")
    payload = {"ranking_id": ranking.id, "places": places, "draws": draws, "seed": seed}
    audit.record("ranking.ask_diagnosis", ranking, actor=actor, now=now, after=payload)
    return jobs.enqueue(queries.JOB, payload, actor=actor, now=now)


def diagnose(
    ranking: Ranking, *, places: int, draws: int, seed: int, actor: Actor, now: datetime
) -> Diagnosis:
    """Compute and keep. Raises Conflict where the sheets are no longer those that were frozen."""
    contest = contest_of(ranking)
    result = analyse(contest, places=places, draws=draws, seed=seed)
    diagnosis = Diagnosis(
        ranking=ranking,
        formulas=FORMULAS,
        places=result["places"],
        draws=draws,
        seed=seed,
        inputs_hash=ranking.inputs_hash,
        context_hash=context_hash(contest),
        result=result,
        asked_by_id=actor.id,
        computed_at=now,
    )
    db.session.add(diagnosis)
    flush()
    after = {"diagnosis": diagnosis.id, "places": result["places"], "formulas": FORMULAS, "seed": seed}
    audit.record("ranking.diagnose", ranking, actor=actor, now=now, after=after)
    raise_flags(diagnosis, actor=actor, now=now)
    return diagnosis
