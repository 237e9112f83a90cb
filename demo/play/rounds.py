"""Regional contests, due diligence, industry round, matchmaking, recommendation, finals."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select

from competition.enums import CandidacyState, Group, GuestKind, IntentionKind, VisitConclusion
from competition.models import Candidacy, Criterion, Entry, RecommendationList, Region, Stage, Track
from competition.operations import diligence, editions, events, recommendation, rounds
from competition.queries import criteria_of
from core import accounts
from core.db import db
from core.enums import Role
from core.money import FEN_PER_WAN
from core.rules import SYSTEM
from demo import edition_2018 as data
from demo.cast import PASSWORD
from demo.names import institutions, judges
from demo.play.stage import Play
from judging.diagnosis.models import AnomalyFlag, Diagnosis
from judging.enums import JudgeRole, RecusalReason, SheetState, SignerKind
from judging.models import Ranking, Session
from judging.operations import diagnoses, flags, rankings, second_looks, sessions, sheets
from judging.operations import judges as panel
from judging.queries import frozen_rankings
from judging.queries.diagnoses import conflicting, fresh_judges

JUDGES = 64


def hire_judges(stage: Play) -> None:
    """A library of judges; the first two have the demo accounts of a judge and a chair."""
    now = data.at(6, 18)
    names = {0: "chair", 1: "judge"}
    labels = {0: "评委组长", 1: "评委"}
    for number, person in enumerate(judges(stage.rng, JUDGES)):
        user = accounts.create_user(
            username=names.get(number, f"pw{number:03d}"),
            display_name=person.name,
            role=Role.JUDGE,
            password=PASSWORD,
            actor=SYSTEM,
            now=now,
            demo_label=labels.get(number),
        )
        judge = panel.add_judge(
            name=person.name,
            role=JudgeRole(person.role),
            employer=person.employer,
            title=person.title,
            expertise=person.tracks,
            region=person.region,
            user=user,
            actor=stage.office,
            now=now,
        )
        panel.sign_pledge(judge, edition=stage.edition, actor=user, now=now + timedelta(hours=2))
        stage.judges.append(judge)
    stage.step()


def regional(stage: Play) -> None:
    round_ = stage.stages["regional"]
    editions.close_registration(stage.edition, actor=stage.office, now=data.at(6, 25))
    rounds.open_stage(round_, actor=stage.office, now=data.at(6, 25, 16))
    by_region = grouped(stage.entries, lambda entry: entry.region_id)
    for number, region in enumerate(stage.edition.regions):
        at = data.at(6, 28) + timedelta(days=2 * number)
        session = hold(
            stage,
            round_,
            by_region[region.id],
            at=at,
            name=f"{region.name}地区赛",
            region=region,
            offset=5 * number,
        )
        finish(stage, session, at + timedelta(days=1))
        for group in sorted({entry.group for entry in by_region[region.id]}):
            rankings.freeze_ranking(
                round_, group=group, region=region, actor=stage.office, now=at + timedelta(days=1, hours=2)
            )
        stage.step()
    look_closer(stage, round_, now=data.at(7, 23))
    rounds.decide_advancement(round_, actor=stage.office, now=data.at(7, 25))
    stage.step()


def look_closer(stage: Play, round_: Stage, *, now: datetime) -> None:
    """Diagnoses of three regions; of the flags one is dismissed, one put to the chair, one referred, the rest open."""
    shown = {stage.edition.regions[place].id for place in (0, 3, 5)}
    kept = [
        diagnose(stage, ranking, now)
        for ranking in sorted(frozen_rankings(round_), key=lambda ranking: ranking.id)
        if ranking.region_id in shown
    ]
    opinions = (
        ("dismiss", "该评委对各项目一律偏宽，正式成绩已去掉最高分，不影响名次先后（演示）。"),
        ("ask", "请说明该评委的评分口径（演示）。"),
        ("refer", "涉及分界线附近项目，请监督人员核对原始评分表（演示）。"),
    )
    raised = db.session.scalars(select(AnomalyFlag).order_by(AnomalyFlag.id))
    for flag, (act, opinion) in zip(raised, opinions, strict=False):
        flags.decide_flag(flag, act, opinion=opinion, actor=stage.office, now=now + timedelta(hours=1))
    look_again(stage, max(kept, key=lambda one: len(one.result["entries"])), now + timedelta(hours=2))
    stage.step()


def diagnose(stage: Play, ranking: Ranking, now: datetime) -> Diagnosis:
    places = diagnoses.proposed_places(ranking)
    return diagnoses.diagnose(ranking, places=places, draws=1000, seed=2018, actor=stage.office, now=now)


def look_again(stage: Play, kept: Diagnosis, now: datetime) -> None:
    """Two fresh judges score the entries nearest the line; diagnosed once more with what they gave."""
    ranking = kept.ranking
    grey = [line for line in kept.result["entries"] if line["band"] == "grey"]
    wanted = {line["entry"] for line in sorted(grey, key=lambda line: abs(line["chance"] - 0.5))[:4]}
    entries = [row.entry for row in ranking.rows if row.entry.number in wanted]
    fresh, chance = fresh_judges(ranking), stage.rng.getstate()
    free = {judge.id for judge in fresh} - {judge for judge, _ in conflicting(fresh, entries)}
    seats = [judge for judge in stage.judges if judge.id in free][: second_looks.JUDGES]
    looks = second_looks.send_second_look(kept, entries=entries, judges=seats, actor=stage.office, now=now)
    for look in looks:
        scores = {c.code: stage.mark(look.entry, look.judge, c) for c in stage.criteria[look.entry.group]}
        given = now + timedelta(hours=3)
        second_looks.give_second_look(look, scores=scores, actor=look.judge.user, now=given)
    stage.rng.setstate(chance)  # what follows in the play does not hang on this
    diagnose(stage, ranking, now + timedelta(hours=4))


def grouped(entries: list[Entry], key) -> dict:
    found = defaultdict(list)
    for entry in entries:
        found[key(entry)].append(entry)
    return found


def hold(
    stage: Play,
    round_: Stage,
    entries: list[Entry],
    *,
    at: datetime,
    name: str,
    offset: int,
    region: Region | None = None,
    track: Track | None = None,
    group: Group | None = None,
) -> Session:
    """Plan, draw before a witness, call one entry after the other, score, lock."""
    size = round_.panel_size
    seats = [stage.judges[(offset + place) % len(stage.judges)] for place in range(size)]
    session = sessions.plan_session(
        round_,
        name=name,
        room="评审一室",
        starts_at=at,
        judges=seats,
        recorder=stage.people["recorder"],
        region=region,
        track=track,
        group=group,
        actor=stage.office,
        now=at - timedelta(days=2),
    )
    sessions.add_runs(session, entries=entries, actor=stage.office, now=at - timedelta(days=2))
    recorder, witness = stage.people["recorder"], stage.people["supervision"]
    seed = f"{data.CODE}-{round_.kind}-{offset}"
    sessions.draw_order(session, seed=seed, witness=witness, actor=recorder, now=at - timedelta(minutes=30))
    sessions.start_session(session, actor=recorder, now=at)
    moment = at
    while run := sessions.call_next(session, actor=recorder, now=moment):
        score(stage, round_, run, moment + timedelta(minutes=13))
        moment += timedelta(minutes=15)
    sessions.lock_session(session, actor=recorder, now=moment + timedelta(minutes=10))
    return session


def score(stage: Play, round_: Stage, run, now: datetime) -> None:
    """Each judge by his own leniency and the entry's own strength; now and then one steps aside."""
    entry = run.entry
    criteria = stage.criteria[entry.group]
    for sheet in run.sheets:
        judge = sheet.seat.judge
        if sheet.state == SheetState.RECUSED:
            continue
        if stage.rng.random() < 0.004:
            panel.recuse(
                sheet,
                reason_code=RecusalReason.ADVISER,
                reason="曾为该企业提供咨询。",
                actor=judge.user,
                now=now,
            )
            continue
        values = {criterion.code: stage.mark(entry, judge, criterion) for criterion in criteria}
        sheets.submit_sheet(sheet, values=values, criteria=criteria, actor=judge.user, now=now)


def finish(stage: Play, session: Session, now: datetime) -> None:
    """Signed by panel, recorder and supervision under the same digest."""
    for seat in session.seats:
        kind = SignerKind.CHAIR if seat.is_chair else SignerKind.JUDGE
        sessions.sign_session(session, kind=kind, actor=seat.judge.user, now=now)
    sessions.sign_session(session, kind=SignerKind.RECORDER, actor=stage.people["recorder"], now=now)
    sessions.sign_session(session, kind=SignerKind.SUPERVISION, actor=stage.people["supervision"], now=now)


def visit(stage: Play) -> None:
    """Due diligence on every entry that advances; the first found wanting is replaced by its reserve."""
    round_ = stage.stages["regional"]
    queue = [row for row in rounds.candidacies_of(round_) if row.state == CandidacyState.ADVANCED]
    wanting = {row.entry.number for row in queue[7:60:29]}
    done: set[int] = set()
    while queue:
        row = queue.pop(0)
        _visit_one(stage, round_, row, len(done), failed=row.entry.number in wanting)
        done.add(row.entry_id)
        if not queue:
            stage.step()
            queue = [
                r
                for r in rounds.candidacies_of(round_)
                if r.state == CandidacyState.ADVANCED and r.entry_id not in done
            ]


def _visit_one(stage: Play, round_: Stage, row: Candidacy, number: int, *, failed: bool) -> None:
    entry, lead = row.entry, stage.people["duediligence"]
    day = data.at(7, 27, 10) + timedelta(hours=number)
    found = diligence.plan_visit(
        entry,
        stage=round_,
        lead=lead,
        members=["地州市科技局干部（演示）", "投资机构代表（演示）"],
        planned_on=day.date(),
        actor=stage.bureau(entry.prefecture_code),
        now=data.at(7, 26),
    )
    enterprise = entry.enterprise
    checks = [
        {"item": "企业名称", "registered": enterprise.name, "found": enterprise.name, "ok": True},
        {
            "item": "统一社会信用代码",
            "registered": enterprise.credit_code,
            "found": enterprise.credit_code,
            "ok": True,
        },
        {
            "item": "授权知识产权数",
            "registered": str(entry.ip_granted),
            "found": "0" if failed else str(entry.ip_granted),
            "ok": not failed,
        },
    ]
    diligence.record_visit(
        found,
        visited_at=day,
        place=enterprise.address,
        checks=checks,
        conclusion=VisitConclusion.FAIL if failed else VisitConclusion.PASS,
        summary="知识产权与报名信息不符。" if failed else "现场与报名信息一致。",
        actor=lead,
        now=day + timedelta(hours=2),
    )
    diligence.sign_visit(found, actor=lead, now=day + timedelta(hours=3))


def industry(stage: Play) -> None:
    round_ = stage.stages["industry"]
    rounds.open_stage(round_, actor=stage.office, now=data.at(8, 10))
    field = [row.entry for row in rounds.candidacies_of(round_)]
    by_room = grouped(field, lambda entry: (entry.track_id, entry.group))
    number = 0
    for track in stage.edition.tracks:
        for group in Group:
            at = data.at(8, 14) + timedelta(hours=10 * number)
            name = f"{track.name}·{group.label}行业赛"
            session = hold(
                stage,
                round_,
                by_room[track.id, group],
                at=at,
                name=name,
                track=track,
                group=group,
                offset=5 * number + 3,
            )
            finish(stage, session, at + timedelta(hours=8))
            rankings.freeze_ranking(
                round_, group=group, track=track, actor=stage.office, now=at + timedelta(hours=9)
            )
            number += 1
    stage.step()
    rounds.decide_advancement(round_, actor=stage.office, now=data.at(8, 21))
    stage.step()


def matchmaking(stage: Play) -> None:
    """The last day of the industry round: fifteen institutions, five banks, twelve enterprises."""
    now = data.at(8, 20, 15)
    event = events.plan_match_event(
        stage.edition,
        title="投融资对接会（演示数据）",
        held_on=now.date(),
        place="乌鲁木齐",
        actor=stage.office,
        now=data.at(8, 10),
    )
    funders = []
    for institution in institutions(stage.rng):
        kind = GuestKind.BANK if institution.kind == "bank" else GuestKind.INSTITUTION
        funders.append(events.add_guest(event, kind=kind, name=institution.name, actor=stage.office, now=now))
    best = sorted(
        (row for row in rounds.candidacies_of(stage.stages["industry"]) if row.rank == 1),
        key=lambda row: row.entry.number,
    )
    for number, row in enumerate(best[:12]):
        events.add_guest(
            event,
            kind=GuestKind.ENTERPRISE,
            name=row.entry.enterprise.name,
            entry=row.entry,
            actor=stage.office,
            now=now,
        )
        funder = funders[number % len(funders)]
        kind = IntentionKind.LOAN if funder.kind == GuestKind.BANK else IntentionKind.EQUITY
        events.note_intention(
            event,
            funder=funder,
            entry=row.entry,
            kind=kind,
            amount_fen=(100 + 50 * number) * FEN_PER_WAN,
            actor=stage.office,
            now=now,
        )
    events.hold_match_event(event, actor=stage.office, now=data.at(8, 20, 19))
    stage.step()


def recommend(stage: Play) -> RecommendationList:
    """Decided on the industry round alone."""
    list_ = recommendation.draft_recommendation(
        stage.edition, stage=stage.stages["industry"], actor=stage.office, now=data.at(8, 24)
    )
    for item in list_.items:
        bureau, day = stage.bureau(item.entry.prefecture_code), data.at(8, 25)
        recommendation.give_opinion(list_, item, text="同意推荐（演示）。", actor=bureau, now=day)
    stage.step()
    return list_


def send(stage: Play, list_: RecommendationList) -> None:
    """After its notice, and before the finals are held."""
    recommendation.send_recommendation(list_, actor=stage.office, now=data.at(9, 4))
    stage.step()


def finals(stage: Play) -> None:
    round_ = stage.stages["final"]
    rounds.open_stage(round_, actor=stage.office, now=data.at(10, 8))
    by_group = grouped([row.entry for row in rounds.candidacies_of(round_)], lambda entry: entry.group)
    for number, group in enumerate(Group):
        at = data.at(10, 18 + number)
        session = hold(
            stage, round_, by_group[group], at=at, name=f"{group.label}总决赛", group=group, offset=7 * number
        )
        finish(stage, session, at + timedelta(hours=8))
        rankings.freeze_ranking(round_, group=group, actor=stage.office, now=at + timedelta(hours=9))
    rounds.decide_advancement(round_, actor=stage.office, now=data.at(10, 20))
    stage.step()


def load_criteria(stage: Play) -> dict[Group, list[Criterion]]:
    return {group: criteria_of(stage.edition, group) for group in Group}
