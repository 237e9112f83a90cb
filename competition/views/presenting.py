"""What several pages show of an entry in the same way: progress, timeline, the words of findings and fields."""

from collections.abc import Mapping
from typing import Any

from competition import eligibility, fields, queries
from competition.enums import AttachmentKind, EntryState, ReviewDecisionKind
from competition.fields import Field, Kind, Step
from competition.models import Attachment, Edition, EligibilityFinding, Entry, ReviewDecision
from competition.reviewing import checklist
from core import divisions, trail
from core.trail import Event

MANY = 1000
ROAD = (
    ("填写报名表", (EntryState.DRAFT, EntryState.RETURNED)),
    ("地州市审核", (EntryState.SUBMITTED,)),
    ("组委会确认", (EntryState.REGIONAL_PASSED,)),
    ("参赛有效", (EntryState.ACCEPTED,)),
)
FAILED_AT = {EntryState.REJECTED: 1, EntryState.WITHDRAWN: 0, EntryState.DISQUALIFIED: 3}


def progress_of(entry: Entry) -> list[dict[str, Any]]:
    """The road of a registration, for the steps macro."""
    here = next((index for index, (_, states) in enumerate(ROAD) if entry.state in states), None)
    failed = FAILED_AT.get(entry.state)
    steps = []
    for index, (label, _) in enumerate(ROAD):
        place = failed if here is None else here
        state = "done" if index < place else "todo" if index > place else "current"
        if failed == index:
            state = "failed"
        if entry.state == EntryState.ACCEPTED and index == place:
            state = "done"
        steps.append({"label": label, "state": state})
    return steps


def timeline_of(subject: Entry | Edition) -> list[Event]:
    """The trail of one row; drafts save themselves often, so equal neighbours are shown once (the newest)."""
    shown: list[Event] = []
    for event in trail.events_for(subject, limit=MANY):
        last = shown[-1] if shown else None
        if not last or (last.actor, last.action, last.note) != (event.actor, event.action, event.note):
            shown.append(event)
    return shown


DECISIONS = {
    ReviewDecisionKind.PASS: ("地州市审核通过", "success"),
    ReviewDecisionKind.RETURN: ("退回修改", "warning"),
    ReviewDecisionKind.REJECT: ("不通过", "danger"),
    ReviewDecisionKind.CONFIRM: ("组委会确认", "success"),
    ReviewDecisionKind.TAKE_BACK: ("撤销结论", "muted"),
}


def closed_fields(entry: Entry) -> frozenset[str]:
    """Fields and attachments a returned entry keeps shut because the reviewer did not flag them."""
    if entry.state != EntryState.RETURNED or not entry.flagged_fields:
        return frozenset()
    names = {*fields.BY_NAME, *(f"{fields.ATTACHMENT_PREFIX}{kind.value}" for kind in AttachmentKind)}
    return frozenset(names - set(entry.flagged_fields))


def files_by_kind(entry: Entry) -> dict[AttachmentKind, list[Attachment]]:
    """Every file the entry ever had, by kind, newest first."""
    found: dict[AttachmentKind, list[Attachment]] = {}
    for row in queries.attachments_of(entry, replaced=True):
        found.setdefault(row.kind, []).append(row)
    return found


class Wording:
    """Labels of rules, reasons and outcomes as the rule engine words them, and of decisions."""

    @staticmethod
    def decision(decision: ReviewDecision) -> tuple[str, str]:
        """Word and tone."""
        return DECISIONS[decision.decision]

    @staticmethod
    def points(decision: ReviewDecision, entry: Entry) -> tuple[list[str], list[str]]:
        """The points of the checklist that were ticked off for a pass, and those that were not."""
        points = checklist.points_of(decision.level, entry.edition.required_attachments)
        ticked = set(decision.checklist)
        return (
            [point.label for point in points if point.code in ticked],
            [point.label for point in points if point.code not in ticked],
        )

    @staticmethod
    def rule(finding: EligibilityFinding) -> str:
        return eligibility.RULE_LABELS[eligibility.Rule(finding.rule)]

    @staticmethod
    def reason(finding: EligibilityFinding) -> str:
        return eligibility.REASON_LABELS[eligibility.Reason(finding.reason_code)]

    @staticmethod
    def outcome(finding: EligibilityFinding) -> tuple[str, str, str]:
        label = eligibility.OUTCOME_LABELS[eligibility.Outcome(finding.outcome.value)]
        tone, icon = {
            "pass": ("success", "check-circle"),
            "manual": ("warning", "question-circle"),
            "fail": ("danger", "x-circle"),
        }[finding.outcome.value]
        return label, tone, icon


wording = Wording()


def group_of(entry: Entry, values: Mapping[str, Any]) -> eligibility.GroupExplanation | None:
    """Why this group, from the licence date as typed; None while there is none."""
    registered_on = values.get("registered_on")
    return eligibility.explain_group(registered_on, entry.edition.startup_from) if registered_on else None


def choices_of(edition: Edition) -> dict[str, list]:
    """What depends on the edition: its tracks, and the places of its year by prefecture."""
    return {
        "track": [(track.code, track.name) for track in edition.tracks],
        "division_code": queries.places_of(edition),
    }


def words_of(content: Mapping[str, Any], step: Step, choices: Mapping[str, list]) -> dict[str, Any]:
    """Field name -> what a reader sees of it, for one step."""
    pages = dict(shown_fields(content, choices))
    return {field.name: text for field, text in pages.get(step, [])}


def text_of(name: str, value: Any, choices: Mapping[str, list]) -> str:
    """A field as one text, its rows as lines: what is set beside another version of itself."""
    field = fields.BY_NAME[name]
    words = _words(field, value, choices, divisions.names())
    if field.kind is Kind.ROWS:
        return "\n".join("，".join(cell for cell in row if cell) for row in words)
    return words


def shown_fields(content: Mapping[str, Any], choices: Mapping[str, list]) -> list[tuple[Step, list]]:
    """(step, [(field, text or rows)]) of a stored form, codes replaced by their words."""
    words = divisions.names()
    pages = []
    for step in Step:
        rows = [
            (field, _words(field, content.get(field.name), choices, words)) for field in fields.of_step(step)
        ]
        if rows:
            pages.append((step, rows))
    return pages


def _words(field: Field, value: Any, choices: Mapping[str, list], places: Mapping[str, str]) -> Any:
    if field.kind is Kind.ROWS:
        return [
            [_words(column, row.get(column.name), {}, {}) for column in field.columns] for row in value or []
        ]
    if field.kind is Kind.TICK:
        return "已承诺" if value else ""
    if field.name == "division_code":
        return places.get(value or "", value or "")
    if field.kind is Kind.CHOICE:
        return dict(choices.get(field.name, field.options)).get(value or "", value or "")
    if field.kind in (Kind.WAN, Kind.SIGNED_WAN) and value:
        return f"{value} 万元"
    return value or ""
