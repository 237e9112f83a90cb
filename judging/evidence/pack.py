"""Writes the evidence pack: the same rows give the same bytes."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from core import seals
from core.clock import BEIJING
from core.models import AuditEvent
from judging import standings
from judging.diagnosis.models import Diagnosis, RoomDeclaration
from judging.evidence import facts as reads
from judging.evidence import tables
from judging.evidence.facts import Facts, gather
from judging.evidence.wording import README
from judging.models import Ranking, Session

FORMAT = "leitai-evidence-2"
# How scores become a ranking (`judging.scoring`); a change of any formula takes the next number.
FORMULA_VERSION = 1
SCRIPT = Path(__file__).with_name("recompute.py")


def build(ranking: Ranking) -> bytes:
    facts = gather(ranking)
    files = _files(facts)
    listed = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files["manifest.json"] = _json({"format": FORMAT, "ranking": ranking.id, "files": listed})
    return _zip(files, ranking.frozen_at)


def _files(facts: Facts) -> dict[str, bytes]:
    ranking, edition_id = facts.ranking, facts.ranking.stage.edition_id
    criteria = [c for c in _criteria(facts) if c.code in ranking.rule["criteria"]]
    rows = [standings.stored_row(row) for row in facts.rows]
    return {
        "README.txt": b"\xef\xbb\xbf" + README.encode(),
        "recompute.py": SCRIPT.read_bytes(),
        "ranking.json": _json(_about(facts)),
        "rules.json": seals.canonical(facts.rules.content) if facts.rules else b"{}",
        "rows.json": seals.canonical(rows),
        "ties.json": _json([_decision(decision) for decision in facts.decisions]),
        "draws.json": _json([_draw(session) for session in facts.sessions]),
        "signed.json": seals.canonical([reads.signed_content(session) for session in facts.sessions]),
        "criteria.csv": _csv(tables.criteria_table(criteria)),
        "entries.csv": _csv(tables.entries_table(facts.rows, facts.rooms)),
        "panel.csv": _csv(tables.panel_table(facts.sessions, edition_id)),
        "conflicts.csv": _csv(tables.conflicts_table(facts.conflicts)),
        "sheets.csv": _csv(tables.sheets_table(facts.runs)),
        "scores.csv": _csv(tables.scores_table(facts.runs)),
        "ranking.csv": _csv(tables.ranking_table(facts.rows, facts.names)),
        "corrections.csv": _csv(tables.corrections_table(facts.corrections)),
        "signatures.csv": _csv(tables.signatures_table(facts.signatures)),
        "second_looks.csv": _csv(tables.looks_table(facts.looks)),
        "diagnoses.json": _json([_diagnosis(made) for made in facts.diagnoses]),
        "flags.csv": _csv(tables.flags_table(facts.flags, facts.names)),
        "rooms.json": _json([_declaration(declared) for declared in facts.declarations]),
        **_trail(facts),
    }


def _criteria(facts: Facts):
    return reads.queries.criteria_of(facts.ranking.stage, facts.ranking.group)


def _about(facts: Facts) -> dict[str, Any]:
    return tables.about_ranking(facts.ranking) | {
        "format": FORMAT,
        "formula_version": FORMULA_VERSION,
        "rules_sha256": facts.rules.sha256 if facts.rules else "",
        "rules_published_at": tables.moment(facts.rules.published_at) if facts.rules else "",
        "receipts_sha256": hashlib.sha256(tables.receipts_content(facts.runs)).hexdigest(),
    }


def _decision(decision) -> dict[str, Any]:
    return {
        "order": decision.entry_numbers,
        "minutes": decision.minutes,
        "decided_at": tables.moment(decision.decided_at),
    }


def _diagnosis(made: Diagnosis) -> dict[str, Any]:
    columns = ("formulas", "places", "draws", "seed", "inputs_hash", "context_hash", "result")
    return {name: getattr(made, name) for name in columns} | {
        "diagnosis": made.id,
        "ranking": made.ranking_id,
        "asked_by": made.asked_by.display_name if made.asked_by else "",
        "computed_at": tables.moment(made.computed_at),
    }


def _declaration(declared: RoomDeclaration) -> dict[str, Any]:
    return {
        "drawn": declared.drawn,
        "method": declared.method.value,
        "basis": declared.basis,
        "declared_by": declared.declared_by.display_name if declared.declared_by else "",
        "declared_at": tables.moment(declared.declared_at),
    }


def _draw(session: Session) -> dict[str, Any]:
    return {
        "session": session.id,
        "name": session.name,
        "room": session.room,
        "seed": session.draw_seed,
        "pool_hash": session.draw_pool_hash,
        "drawn_at": tables.moment(session.drawn_at),
        "witness": session.witness.display_name if session.witness else "",
        "locked_at": tables.moment(session.locked_at),
        "order": [
            {"entry": run.entry.number, "draw_number": run.draw_number, "state": run.state.value}
            for run in sorted(session.runs, key=lambda run: (run.draw_number or 0, run.entry.number))
        ],
    }


def _trail(facts: Facts) -> dict[str, bytes]:
    events = reads.trail_of(facts)
    links = reads.chain_between(events[0].seq, events[-1].seq) if events else []
    lines = [seals.canonical(_event(event)) + b"\n" for event in events]
    return {
        "audit.jsonl": b"".join(lines),
        "chain.csv": _csv((("seq", "seal"), links)),
        "anchor.txt": (reads.anchor_within(events[-1].seq) + "\n").encode() if events else b"",
    }


def _event(event: AuditEvent) -> dict[str, Any]:
    """The event as its seal covers it, and the seal."""
    columns = seals.sealed_columns(AuditEvent.__mapper__)
    return {column.name: getattr(event, column.name) for column in columns} | {"seal": event.seal}


def _json(content: Any) -> bytes:
    return (
        json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1, default=seals.plain).encode()
        + b"\n"
    )


def _csv(table: tables.Table) -> bytes:
    """With a byte order mark, so that Excel shows Chinese."""
    head, rows = table
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([head, *rows])
    return text.getvalue().encode("utf-8-sig")


def _zip(files: dict[str, bytes], at: datetime) -> bytes:
    stamp = at.astimezone(BEIJING)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as pack:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, stamp.timetuple()[:6])
            entry.compress_type, entry.create_system, entry.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                0o644 << 16,
            )
            pack.writestr(entry, files[name], compresslevel=6)
    return buffer.getvalue()
