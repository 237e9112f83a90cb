"""Rows of the pack's files. Judges by name, since an inspector needs them; no telephone, account or identity number."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from competition.models import Criterion
from core import seals
from judging import receipts
from judging.diagnosis.models import AnomalyFlag, SecondLook
from judging.enums import RecusalReason, SheetState
from judging.models import Correction, JudgeConflict, Ranking, RankingRow, Run, Session, Sheet, Signature
from judging.operations.receipts import look_code, look_digest, stored_look_text

Table = tuple[tuple[str, ...], list[Sequence[Any]]]


def points(hundredths: int | None) -> str:
    return "" if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"


def moment(value) -> str:
    return "" if value is None else seals.plain(value)


def criteria_table(criteria: Iterable[Criterion]) -> Table:
    rows = [
        (c.code, c.name, c.mode.value, points(c.top_mark), str(Decimal(c.max_hundredths) / c.top_mark))
        for c in criteria
    ]
    return ("code", "name", "mode", "max_points", "weight"), rows


def entries_table(rows: Iterable[RankingRow], rooms: dict[int, int]) -> Table:
    head = ("entry", "entry_id", "enterprise", "title", "earlier_score", "room")
    body = [
        (
            row.entry.number,
            row.entry_id,
            row.entry.enterprise.name,
            row.entry.title,
            points(row.detail["earlier"]),
            rooms[row.entry_id],
        )
        for row in sorted(rows, key=lambda row: row.entry.number)
    ]
    return head, body


def panel_table(sessions: Iterable[Session], edition_id: int) -> Table:
    head = (
        "session",
        "session_name",
        "seat",
        "position",
        "panel",
        "chair",
        "judge",
        "name",
        "role",
        "employer",
        "pledged_at",
    )
    rows = []
    for session in sessions:
        for seat in session.seats:
            signed = [pledge.signed_at for pledge in seat.judge.pledges if pledge.edition_id == edition_id]
            judge = seat.judge
            about = (
                judge.id,
                judge.name,
                judge.role.label,
                judge.employer,
                moment(signed[0] if signed else None),
            )
            rows.append(
                (
                    session.id,
                    session.name,
                    seat.id,
                    seat.position,
                    seat.panel.value,
                    int(seat.is_chair),
                    *about,
                )
            )
    return head, rows


def conflicts_table(conflicts: Iterable[JudgeConflict]) -> Table:
    head = ("judge", "name", "entry", "source", "ground", "reason", "noted_at")
    rows = [
        (
            c.judge_id,
            c.judge.name,
            c.entry.number,
            c.source.label,
            _ground(c.reason_code),
            c.reason,
            moment(c.noted_at),
        )
        for c in conflicts
    ]
    return head, rows


def _ground(code: str) -> str:
    return RecusalReason(code).label if code in set(RecusalReason) else code


SHEET_HEAD = (
    *("sheet", "session", "run", "draw_number", "entry", "seat", "panel", "judge", "judge_name", "state"),
    *("total", "comment", "saved_at", "submitted_at", "version", "digest", "receipt", "receipt_code"),
)


def sheets_table(runs: Iterable[Run]) -> Table:
    return SHEET_HEAD, [_sheet(run, sheet) for run in runs for sheet in run.sheets]


def _sheet(run: Run, sheet: Sheet) -> Sequence[Any]:
    place = (sheet.id, run.session_id, run.id, run.draw_number, run.entry.number, sheet.seat_id)
    panel = sheet.seat.panel.value
    judge = (sheet.seat.judge_id, sheet.seat.judge.name, sheet.state.value)
    given = (
        points(sheet.total_hundredths),
        sheet.comment,
        moment(sheet.saved_at),
        moment(sheet.submitted_at),
    )
    code = receipts.code_of(sheet.id, sheet.receipt) if sheet.receipt else ""
    return (*place, panel, *judge, *given, sheet.version, sheet.digest, sheet.receipt, code)


def scores_table(runs: Iterable[Run]) -> Table:
    rows = [
        (sheet.id, run.entry.number, sheet.seat.judge.name, score.criterion.code, points(score.hundredths))
        for run in runs
        for sheet in run.sheets
        for score in sheet.scores
    ]
    return ("sheet", "entry", "judge_name", "criterion", "mark"), rows


def receipts_content(runs: Iterable[Run]) -> bytes:
    """What the digest of all receipts covers: `sheet receipt` line by line, by sheet."""
    held = sorted(
        (sheet.id, sheet.receipt)
        for run in runs
        for sheet in run.sheets
        if sheet.state == SheetState.SUBMITTED
    )
    return "".join(f"{sheet} {receipt}\n" for sheet, receipt in held).encode()


RANKING_HEAD = (
    *("position", "rank", "entry", "enterprise", "title", "score", "exact", "tie_broken_by", "tied_with"),
    *("used", "dropped_high", "dropped_low", "recused", "fallback", "minutes"),
)


def ranking_table(rows: Iterable[RankingRow], names: dict[int, str]) -> Table:
    return RANKING_HEAD, [_ranked(row, names) for row in rows]


def _ranked(row: RankingRow, names: dict[int, str]) -> Sequence[Any]:
    detail = row.detail
    place = (row.position, row.rank, row.entry.number, row.entry.enterprise.name, row.entry.title)
    score = (points(row.score_hundredths), row.exact, row.tie_broken_by, "、".join(detail["tied_with"]))
    scores = [
        "；".join(f"{names.get(judge, judge)} {points(total)}" for judge, total in detail[part])
        for part in ("used", "dropped_high", "dropped_low")
    ]
    recused = "；".join(names.get(judge, str(judge)) for judge in detail["recused"])
    return (*place, *score, *scores, recused, "是" if detail["fallback"] else "", detail["minutes"])


def corrections_table(corrections: Iterable[Correction]) -> Table:
    head = (
        *("sheet", "entry", "judge_name", "state", "old_values", "new_values", "reason"),
        *("requested_by", "requested_at", "decided_by", "decided_at"),
    )
    rows = [
        (
            c.sheet_id,
            c.sheet.run.entry.number,
            c.sheet.seat.judge.name,
            c.state.value,
            _values(c.old_values),
            _values(c.new_values),
            c.reason,
            c.requested_by.display_name,
            moment(c.requested_at),
            c.decided_by.display_name if c.decided_by else "",
            moment(c.decided_at),
        )
        for c in corrections
    ]
    return head, rows


def _values(values: dict[str, int]) -> str:
    return "；".join(f"{code} {points(values[code])}" for code in sorted(values))


def signatures_table(signatures: Iterable[Signature]) -> Table:
    head = ("session", "kind", "signer", "digest", "signed_at")
    rows = [
        (s.session_id, s.kind.label, s.user.display_name, s.digest, moment(s.signed_at)) for s in signatures
    ]
    return head, rows


LOOK_HEAD = (
    *("look", "ranking", "diagnosis", "entry", "judge", "judge_name", "employer", "state", "asked_at"),
    *("closed_at", "marks", "total", "comment", "digest", "receipt", "receipt_code"),
)


def looks_table(looks: Iterable[SecondLook]) -> Table:
    """marks: `code=mark;…`, so that one line holds one look."""
    rows = [
        (
            *(look.id, look.ranking_id, look.diagnosis_id, look.entry.number, look.judge_id, look.judge.name),
            *(look.judge.employer, look.state.value, moment(look.asked_at), moment(look.closed_at)),
            ";".join(f"{code}={points(look.scores[code])}" for code in sorted(look.scores)),
            *(points(look.total_hundredths), look.comment, *_look_receipt(look)),
        )
        for look in looks
    ]
    return LOOK_HEAD, rows


def _look_receipt(look: SecondLook) -> tuple[str, str, str]:
    code = look_code(look)
    if not code:
        return "", "", ""
    return look_digest(look), receipts.sha256_of(stored_look_text(look)), code


FLAG_HEAD = (
    *("flag", "diagnosis", "kind", "label", "judges", "judge_names", "entries", "at_cut", "statistic"),
    *("value", "deviate", "expected_false_alarms", "finding", "raised_at", "state", "opinion", "answer"),
    *("asked_at", "decided_by", "decided_at"),
)


def flags_table(flags: Iterable[AnomalyFlag], names: dict[int, str]) -> Table:
    return FLAG_HEAD, [_flag(flag, names) for flag in flags]


def _flag(flag: AnomalyFlag, names: dict[int, str]) -> Sequence[Any]:
    measure = flag.measure
    return (
        *(flag.id, flag.diagnosis_id, flag.kind.value, flag.kind.label, json.dumps(flag.judges)),
        "；".join(names.get(judge, str(judge)) for judge in flag.judges),
        *(json.dumps(flag.entries), "；".join(flag.at_cut), measure["statistic"], measure["value"]),
        *(measure["deviate"], measure["expected_false_alarms"], flag.finding, moment(flag.raised_at)),
        *(flag.state.value, flag.opinion, flag.answer, moment(flag.asked_at)),
        *(flag.decided_by.display_name if flag.decided_by else "", moment(flag.decided_at)),
    )


def about_ranking(ranking: Ranking) -> dict[str, Any]:
    return {
        "ranking": ranking.id,
        "name": ranking.name,
        "edition": ranking.stage.edition.name,
        "stage": ranking.stage.name,
        "region": ranking.region.name if ranking.region else "",
        "track": ranking.track.name if ranking.track else "",
        "group": ranking.group.label,
        "state": ranking.state.value,
        "frozen_at": moment(ranking.frozen_at),
        "frozen_by": ranking.frozen_by.display_name if ranking.frozen_by else "",
        "rule": ranking.rule,
        "rules_version": ranking.rules_version,
        "inputs_hash": ranking.inputs_hash,
        "content_hash": ranking.content_hash,
    }
