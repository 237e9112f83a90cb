"""Reads what the diagnosis of a frozen ranking looks at, and says when the sheets are no longer those it froze."""

import hashlib

from core import seals
from core.errors import Conflict
from judging import queries
from judging.diagnosis.analysis import Contest
from judging.diagnosis.related import related_pairs
from judging.enums import SheetState
from judging.models import Ranking
from judging.queries import diagnoses
from judging.queries.anchors import anchor_totals
from judging.standings import Inputs, Unit, collect


def contest_of(ranking: Ranking) -> Contest:
    """Raises Conflict where the inputs differ from what was frozen: then the ranking is to be looked into first."""
    rows = queries.ranking_rows(ranking)
    entry_ids = [row.entry_id for row in rows]
    unit = Unit(ranking.stage, ranking.group, ranking.region, ranking.track)
    inputs = collect(unit, entry_ids, until=ranking.frozen_at, ranking_id=ranking.id)
    if inputs.digest() != ranking.inputs_hash:
        raise Conflict("评分表等输入与冻结时不同，请先由评分表重算核对。", code="inputs_differ")
    places = diagnoses.places_of(ranking.stage, entry_ids)
    declared = diagnoses.declaration_of(ranking.stage_id)
    return Contest(
        entries=[
            entry | {"sheets": _counted(entry["sheets"], inputs, ranking.rule)} for entry in inputs.entries
        ],
        official={row.entry.number: (row.rank, row.score_hundredths) for row in rows},
        rule=ranking.rule,
        criteria=inputs.criteria,
        room_of={number: room for number, room, _ in places},
        position={number: draw for number, _, draw in places if draw is not None},
        anchors=anchor_totals(ranking.stage_id),
        second=diagnoses.second_totals(ranking),
        related=related_pairs(diagnoses.judges_of(ranking), [row.entry for row in rows]),
        peers=diagnoses.room_scores(ranking.stage_id, ranking.group),
        drawn=declared.drawn if declared else False,
        method=declared.method.value if declared else "none",
    )


def _counted(sheets: list[dict], inputs: Inputs, rule: dict) -> list[dict]:
    """Sheets of the panels that count, marks as points: a popularity score is no judgement of quality, and what was
    drafted and never submitted is no score."""
    return [
        sheet
        | {
            "total": sheet["total"] if sheet["state"] == SheetState.SUBMITTED else None,
            "values": inputs.in_points(sheet["values"]),
        }
        for sheet in sheets
        if "panels" not in rule or sheet["panel"] in rule["panels"]
    ]


def context_hash(contest: Contest) -> str:
    """Over what was looked at besides the ranking's own inputs."""
    related = sorted([number, judge, kind] for (number, judge), kind in contest.related.items())
    content = {
        "rooms": sorted(contest.room_of.items()),
        "positions": sorted(contest.position.items()),
        "anchors": sorted([number, judge, total] for (number, judge), total in contest.anchors.items()),
        "second": sorted([number, judge, total] for (number, judge), total in contest.second.items()),
        "peers": [[room, sorted(scores.items())] for room, scores in sorted(contest.peers.items())],
        "drawn": contest.drawn,
        "method": contest.method,
        "related": related,
    }
    return hashlib.sha256(seals.canonical(content)).hexdigest()
