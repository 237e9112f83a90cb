"""What a ranking is made of, read from the sheets, and the rows it becomes: one way to freeze and to check.

Judges and entries appear by id and number, never by name, so that a corrected name does not change a hash.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from competition.enums import Group
from competition.models import Region, Stage, Track
from core import seals
from judging import queries, scoring
from judging.enums import SheetState
from judging.official import hundredths, rule_from, sheet_score


@dataclass(frozen=True)
class Unit:
    """What is ranked together: a stage, a group, and a region or track where the stage is so divided."""

    stage: Stage
    group: Group
    region: Region | None = None
    track: Track | None = None

    @property
    def name(self) -> str:
        parts = [self.stage.name]
        parts += [part.name for part in (self.region, self.track) if part is not None]
        return " ".join([*parts, self.group.label])

    @property
    def key(self) -> str:
        """The unit in the terms of the advancement quota: region, track, group."""
        region = [str(self.region.id)] if self.region else []
        track = [self.track.code] if self.track else []
        return "/".join([*region, *track, self.group.value])


@dataclass(frozen=True)
class Inputs:
    """Sheets by entry number, earlier scores, panel decisions and the group's criteria."""

    entries: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    criteria: dict[str, int]
    ids: dict[str, int]

    def digest(self) -> str:
        return _sha256({"entries": self.entries, "decisions": self.decisions, "criteria": self.criteria})

    def entry_id(self, number: str) -> int:
        return self.ids[number]


def collect(unit: Unit, entry_ids: Sequence[int], *, until: datetime) -> Inputs:
    """Everything the unit's ranking rests on, in an order that does not depend on the database."""
    earlier = queries.earlier_scores(unit.stage, entry_ids)
    entries: dict[str, dict] = {}
    ids: dict[str, int] = {}
    for number, entry_id, judge, sheet in queries.ranked_sheets(unit.stage, entry_ids):
        entry = entries.setdefault(number, {"entry": number, "earlier": earlier.get(entry_id), "sheets": []})
        ids[number] = entry_id
        entry["sheets"].append({"judge": judge, **sheet})
    for entry in entries.values():
        entry["sheets"].sort(key=lambda sheet: sheet["judge"])
    decisions = [
        {"order": decision.entry_numbers, "minutes": decision.minutes}
        for decision in queries.tie_decisions_of(unit.stage.id)
        if decision.decided_at <= until and set(decision.entry_numbers) & set(entries)
    ]
    criteria = queries.criteria_of(unit.stage.edition_id, unit.group)
    tops = {criterion.code: criterion.max_hundredths for criterion in criteria}
    return Inputs([entries[number] for number in sorted(entries)], decisions, tops, ids)


def results(inputs: Inputs, rule: dict[str, Any]) -> dict[str, scoring.EntryResult]:
    official = rule_from({name: value for name, value in rule.items() if name != "criteria"})
    return {
        entry["entry"]: scoring.entry_result(
            [sheet_score(s["judge"], SheetState(s["state"]), s["total"]) for s in entry["sheets"]], official
        )
        for entry in inputs.entries
    }


def criterion_means(entry: dict[str, Any]) -> dict[str, Fraction]:
    """Exact mean points of each criterion over the valid sheets."""
    valid = [sheet["values"] for sheet in entry["sheets"] if sheet["total"] is not None]
    codes = sorted({code for values in valid for code in values})
    return {code: scoring.mean(values[code] for values in valid) for code in codes}


def ranked(inputs: Inputs, rule: dict[str, Any]) -> list[scoring.Ranked]:
    official = rule_from({name: value for name, value in rule.items() if name != "criteria"})
    by_number = results(inputs, rule)
    contenders = [
        scoring.Contender(
            key=entry["entry"],
            result=by_number[entry["entry"]],
            earlier=entry["earlier"],
            criteria=criterion_means(entry),
        )
        for entry in inputs.entries
    ]
    decisions = [scoring.PanelDecision(tuple(d["order"]), d["minutes"]) for d in inputs.decisions]
    return scoring.rank(contenders, official, decisions)


def rows_of(inputs: Inputs, rule: dict[str, Any], lines: Sequence[scoring.Ranked]) -> list[dict[str, Any]]:
    by_number = results(inputs, rule)
    entries = {entry["entry"]: entry for entry in inputs.entries}
    return [
        {
            "entry": line.key,
            "position": place,
            "rank": line.rank,
            "score_hundredths": hundredths(line.shown),
            "exact": str(line.exact),
            "tie_broken_by": line.tie_broken_by or "",
            "detail": _detail(line, by_number[line.key], entries[line.key]),
        }
        for place, line in enumerate(lines, 1)
        if line.rank is not None
    ]


def _detail(line: scoring.Ranked, result: scoring.EntryResult, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "used": _sheets(result.used),
        "dropped_high": _sheets(result.dropped_high),
        "dropped_low": _sheets(result.dropped_low),
        "recused": list(result.recused),
        "fallback": result.fallback,
        "earlier": entry["earlier"],
        "criteria": {code: str(mean) for code, mean in criterion_means(entry).items()},
        "tied_with": list(line.tied_with),
        "both_advance": line.both_advance,
        "minutes": line.minutes or "",
    }


def _sheets(sheets: Sequence[scoring.SheetScore]) -> list[list[int]]:
    return [[sheet.judge, hundredths(sheet.total)] for sheet in sheets]


def stored_row(row) -> dict[str, Any]:
    """A frozen row (with its entry loaded) in the form `rows_of` gives."""
    return {
        "entry": row.entry.number,
        "position": row.position,
        "rank": row.rank,
        "score_hundredths": row.score_hundredths,
        "exact": row.exact,
        "tie_broken_by": row.tie_broken_by,
        "detail": row.detail,
    }


def content_hash(rows: Sequence[dict[str, Any]]) -> str:
    return _sha256({"rows": list(rows)})


def _sha256(content: dict[str, Any]) -> str:
    return hashlib.sha256(seals.canonical(content)).hexdigest()
