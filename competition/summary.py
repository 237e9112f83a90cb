"""What the contest says in the annual summary: the edition, its rounds, trainings and meetings."""

from sqlalchemy import func, select

from competition.enums import EventState, GuestKind, StageKind, StageState
from competition.models import Edition, Entry, MatchEvent, MatchGuest, Training
from competition.queries.figures import ACCEPTED
from core.db import db
from fund import summary
from fund.summary.contributions import Place
from fund.summary.pieces import Figure, Gap, Paragraph, Piece, joined, para

ENTRIES, STAGES = "competition.entries", "competition.stages"
TRAININGS, MEETINGS = "competition.trainings", "competition.match_events"


def editions(fiscal_year: int) -> list[Edition]:
    """Held in the year, with a budget line that says where they belong."""
    stmt = select(Edition).where(
        Edition.year == fiscal_year, Edition.budget_line_code.is_not(None), Edition.revises_id.is_(None)
    )
    return list(db.session.scalars(stmt.order_by(Edition.code)))


def goals(fiscal_year: int) -> dict[str, list[Paragraph]]:
    found: dict[str, list[Paragraph]] = {}
    for edition in editions(fiscal_year):
        rounds = "、".join(dict.fromkeys(stage.kind.label for stage in edition.stages))
        told = para(
            f"举办{edition.name}，通过{rounds or '各轮次'}评选优胜企业，对获奖企业和单位给予奖励。",
            Gap("绩效目标文字"),
        )
        found.setdefault(edition.budget_line_code, []).append(told)
    return found


def organisation(fiscal_year: int) -> dict[str, list[Paragraph]]:
    found: dict[str, list[Paragraph]] = {}
    for edition in editions(fiscal_year):
        clauses = [*_registration(edition), *_rounds(edition), *_trainings(edition), *_meetings(edition)]
        told = [para(f"{edition.name}：", *joined(clauses, "；"))] if clauses else []
        found.setdefault(edition.budget_line_code, []).extend(told)
    return found


def _registration(edition: Edition) -> list[list[Piece]]:
    stmt = select(Entry.state, func.count()).where(
        Entry.edition_id == edition.id, Entry.submitted_at.is_not(None)
    )
    by_state = {state: count for state, count in db.session.execute(stmt.group_by(Entry.state))}
    if not by_state:
        return []
    rows = tuple(f"{state.value} {count}" for state, count in sorted(by_state.items()))
    page = {"edition": edition.code}
    submitted = Figure(
        f"{edition.code}:entries",
        str(sum(by_state.values())),
        "报名企业数",
        "至少提交过一次的报名",
        ENTRIES,
        page,
        rows,
    )
    accepted = sum(count for state, count in by_state.items() if state in ACCEPTED)
    passed = Figure(
        f"{edition.code}:accepted", str(accepted), "审核通过企业数", "通过全部审查的报名", ENTRIES, page, rows
    )
    return [["报名企业", submitted, "家，审核通过", passed, "家"]]


def _rounds(edition: Edition) -> list[list[Piece]]:
    """One clause per kind of round that is decided; the regional round by its regions."""
    clauses: list[list[Piece]] = []
    for kind in StageKind:
        done = [stage for stage in edition.stages if stage.kind == kind and stage.state == StageState.DECIDED]
        if not done:
            continue
        regional = kind == StageKind.REGIONAL and edition.regions
        counted = [region.name for region in edition.regions] if regional else [stage.name for stage in done]
        figure = Figure(
            key=f"{edition.code}:{kind.value}",
            text=str(len(counted)),
            label=f"已完成的{kind.label}",
            counted="已确定晋级的地区赛所含赛区" if regional else "已确定晋级的轮次",
            endpoint="competition.edition" if regional else STAGES,
            arguments={"code": edition.code},
            rows=tuple(counted),
        )
        clauses.append([f"完成{kind.label}", figure, "场"])
    return clauses


def _trainings(edition: Edition) -> list[list[Piece]]:
    stmt = select(func.count(), func.sum(Training.attendance_count)).where(
        Training.edition_id == edition.id, Training.state == EventState.HELD
    )
    held, people = db.session.execute(stmt).one()
    if not held:
        return []
    rows, page = (f"{held} {people}",), {"edition": edition.code, "state": EventState.HELD.value}
    number = Figure(f"{edition.code}:trainings", str(held), "培训场次", "已举办的培训", TRAININGS, page, rows)
    heads = Figure(
        f"{edition.code}:heads",
        str(int(people or 0)),
        "培训人次",
        "已举办培训的签到人次",
        TRAININGS,
        page,
        rows,
    )
    return [["举办赛事培训", number, "次、", heads, "人次"]]


def _meetings(edition: Edition) -> list[list[Piece]]:
    stmt = (
        select(MatchGuest.kind, func.count())
        .join(MatchEvent)
        .where(MatchEvent.edition_id == edition.id, MatchEvent.state == EventState.HELD)
    )
    guests = {kind: count for kind, count in db.session.execute(stmt.group_by(MatchGuest.kind))}
    words = ((GuestKind.INSTITUTION, "投融资机构"), (GuestKind.BANK, "银行"), (GuestKind.ENTERPRISE, "企业"))
    parts: list[list[Piece]] = [
        [
            word,
            Figure(
                f"{edition.code}:guests:{kind.value}",
                str(guests[kind]),
                f"参加对接会的{word}",
                "已举办对接会的参会单位",
                MEETINGS,
                {"edition": edition.code},
                (f"{kind.value} {guests[kind]}",),
            ),
            "家",
        ]
        for kind, word in words
        if guests.get(kind)
    ]
    return [["举办投融资对接会，参会", *joined(parts, "、", "")]] if parts else []


def plans(fiscal_year: int) -> dict[str, list[Paragraph]]:
    """Rounds still to come are the plan that follows from the data."""
    found: dict[str, list[Paragraph]] = {}
    for edition in editions(fiscal_year):
        open_ = [stage.name for stage in edition.stages if stage.state != StageState.DECIDED]
        if open_:
            told = para(f"按赛程完成{'、'.join(open_)}。")
            found.setdefault(edition.budget_line_code, []).append(told)
    return found


def provide() -> None:
    summary.contribute(Place.GOALS, "contest", goals)
    summary.contribute(Place.ORGANISATION, "contest", organisation)
    summary.contribute(Place.PLANS, "contest", plans)
