"""What a ranking is made of, read from the sheets, and the rows it becomes: one way to freeze and to check.

Judges and entries appear by id and number, never by name, so that a corrected name does not change a hash.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from competition.enums import CriterionMode, Group
from competition.models import TOP_OF_TEN, Region, Stage, Track
from core import seals
from judging import queries, scoring
from judging.enums import SeatPanel, SheetState
from judging.official import Given, entry_score, hundredths, rule_from
from judging.queries import diagnoses

LOOKS_NEEDED = 2  # both fresh judges


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
    """Sheets by entry number, second looks that count, earlier scores, panel decisions and the group's criteria.

    ten_point: the criteria that are marked out of ten; their marks are turned into points wherever they are used.
    """

    entries: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    criteria: dict[str, int]
    ids: dict[str, int]
    ten_point: tuple[str, ...] = ()

    def digest(self) -> str:
        content = {"entries": self.entries, "decisions": self.decisions, "criteria": self.criteria}
        return _sha256(content | self.marking())

    def marking(self) -> dict[str, Any]:
        """How criteria are marked, as a ranking freezes it; nothing where points are given directly."""
        return {"ten_point": list(self.ten_point)} if self.ten_point else {}

    def in_points(self, marks: Mapping[str, int]) -> dict[str, int]:
        """Marks as hundredths of points; whole, since published rules allow no finer mark."""
        return {
            code: mark * self.criteria[code] // TOP_OF_TEN if code in self.ten_point else mark
            for code, mark in marks.items()
        }

    def entry_id(self, number: str) -> int:
        return self.ids[number]


def collect(
    unit: Unit, entry_ids: Sequence[int], *, until: datetime, ranking_id: int | None = None
) -> Inputs:
    """Everything the unit's ranking rests on, in an order that does not depend on the database.

    ranking_id: the ranking to check again; without it the one about to be frozen.
    """
    earlier = queries.earlier_scores(unit.stage, entry_ids)
    entries: dict[str, dict] = {}
    ids: dict[str, int] = {}
    for number, entry_id, judge, sheet in queries.ranked_sheets(unit.stage, entry_ids):
        entry = entries.setdefault(number, {"entry": number, "earlier": earlier.get(entry_id), "sheets": []})
        ids[number] = entry_id
        entry["sheets"].append({"judge": judge, **sheet})
    for entry in entries.values():
        entry["sheets"].sort(key=lambda sheet: sheet["judge"])
    for number, looks in counted_looks(unit.stage, entry_ids, before=ranking_id).items():
        entries[number]["second"] = looks
    decisions = [
        {"order": decision.entry_numbers, "minutes": decision.minutes}
        for decision in queries.tie_decisions_of(unit.stage.id)
        if decision.decided_at <= until and set(decision.entry_numbers) & set(entries)
    ]
    criteria = queries.criteria_of(unit.stage, unit.group)
    tops = {criterion.code: criterion.max_hundredths for criterion in criteria}
    ten_point = tuple(c.code for c in criteria if c.mode == CriterionMode.TEN_POINT)
    return Inputs([entries[number] for number in sorted(entries)], decisions, tops, ids, ten_point)


def counted_looks(
    stage: Stage, entry_ids: Sequence[int], *, before: int | None
) -> dict[str, list[dict[str, Any]]]:
    """{entry number: its second looks by judge} where the published rules count them and both judges had given."""
    if not stage.second_look:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for number, judge, total, values in diagnoses.given_looks(stage.id, entry_ids, before=before):
        found.setdefault(number, []).append({"judge": judge, "total": total, "values": values})
    return {number: looks for number, looks in found.items() if len(looks) >= LOOKS_NEEDED}


def results(inputs: Inputs, rule: dict[str, Any]) -> dict[str, scoring.EntryResult]:
    return {entry["entry"]: score_of(entry, rule) for entry in inputs.entries}


def score_of(entry: dict[str, Any], rule: dict[str, Any], *, looks: bool = True) -> scoring.EntryResult:
    """The official score of one entry of the inputs, or what it was before its second looks."""
    sheets = [
        Given(s["judge"], SheetState(s["state"]), s["total"], s.get("panel", SeatPanel.MAIN.value))
        for s in entry["sheets"]
    ]
    return entry_score(rule, sheets, looks_in(entry) if looks else ())


def looks_in(entry: Mapping[str, Any]) -> list[tuple[int, int]]:
    """(judge, hundredths) of the second looks that count."""
    return [(look["judge"], look["total"]) for look in entry.get("second", ())]


def criterion_means(entry: dict[str, Any], inputs: Inputs, rule: dict[str, Any]) -> dict[str, Fraction]:
    """Exact mean points of each criterion over the valid sheets of the panel; of two panels, weighted alike.

    Neither a popularity score nor a second look parts a tie.
    """
    weights = rule.get("panels") or {SeatPanel.MAIN.value: 1}
    given: dict[str, list[Mapping[str, int]]] = {code: [] for code in weights}
    for sheet in entry["sheets"]:
        panel = sheet.get("panel", SeatPanel.MAIN.value)
        if sheet["total"] is not None and panel in given:
            given[panel].append(sheet["values"])
    present = [code for code in given if given[code]]
    weight = sum(weights[code] for code in present)
    found = {}
    for criterion in sorted({code for panel in present for values in given[panel] for code in values}):
        factor = _points_per_mark(criterion, inputs)
        means = (weights[p] * scoring.mean(values[criterion] for values in given[p]) for p in present)
        found[criterion] = factor * sum(means, Fraction(0)) / weight
    return found


def _points_per_mark(criterion: str, inputs: Inputs) -> Fraction:
    return Fraction(inputs.criteria[criterion], TOP_OF_TEN) if criterion in inputs.ten_point else Fraction(1)


def ranked(inputs: Inputs, rule: dict[str, Any]) -> list[scoring.Ranked]:
    by_number = results(inputs, rule)
    contenders = [
        scoring.Contender(
            key=entry["entry"],
            result=by_number[entry["entry"]],
            earlier=entry["earlier"],
            criteria=criterion_means(entry, inputs, rule),
        )
        for entry in inputs.entries
    ]
    decisions = [scoring.PanelDecision(tuple(d["order"]), d["minutes"]) for d in inputs.decisions]
    return scoring.rank(contenders, rule_from(rule), decisions)


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
            "detail": _detail(line, by_number[line.key], entries[line.key])
            | {"criteria": _texts(criterion_means(entries[line.key], inputs, rule))}
            | _parts(entries[line.key], rule),
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
        "tied_with": list(line.tied_with),
        "both_advance": line.both_advance,
        "minutes": line.minutes or "",
    }


def _texts(fractions: Mapping[str, Fraction]) -> dict[str, str]:
    return {code: str(value) for code, value in fractions.items()}


def _parts(entry: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    """What a score of two panels or with second looks is made of; nothing for one panel's."""
    before = score_of(entry, rule, looks=False)
    found: dict[str, Any] = {}
    if rule.get("panels"):
        found["panels"] = {
            code: None if panel.shown is None else hundredths(panel.shown) for code, panel in before.panels
        }
    if looks := looks_in(entry):
        found["second_look"] = {"scores": [list(look) for look in looks], "before": hundredths(before.shown)}
    return found


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
