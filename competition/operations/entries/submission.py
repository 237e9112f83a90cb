"""Submitting: every field is read, the rules are asked, and what was submitted is frozen with a receipt."""

import hashlib
from datetime import datetime
from typing import Any

from competition import eligibility, fields, history, queries
from competition.models import Edition, EligibilityFinding, Entry, EntryVersion
from competition.operations.entries.deadlines import check_fillable, locked_registration
from competition.operations.entries.drafts import FILLABLE, read_columns
from competition.operations.entries.freezing import file_content, finding_columns, past_awards
from competition.rules import may_fill
from competition.states import ENTRY
from core import seals
from core.clock import beijing_day
from core.db import db
from core.errors import IllegalTransition, InvalidInput
from core.numbering import next_number
from core.rules import Actor


def submit_entry(entry: Entry, *, actor: Actor, now: datetime) -> EntryVersion:
    """Freeze a version with a receipt number of the edition's gapless series, and record what the rules say of it.

    A failed rule does not refuse the submission: the review decides. What is missing or unreadable does.
    """
    may_fill(actor, entry).or_raise()
    if entry.state not in FILLABLE:
        raise IllegalTransition("项目已提交，不必重复提交。")
    edition = entry.edition
    check_fillable(entry, locked_registration(edition.id), now)
    checked = queries.checked(entry)
    gaps = queries.submission_gaps(entry, checked)
    if gaps:
        first = gaps[0]
        sentence = f"还有 {len(gaps)} 处需要补充或更正，第一处：{first.sentence}"
        raise InvalidInput(sentence, code="incomplete", field=first.name)
    facts = _facts(entry, checked.values)
    with db.session.no_autoflush:
        read_columns(entry, checked)
        _update_enterprise(entry, checked.values)
        version = _freeze(entry, edition, actor=actor, now=now)
        _evaluate(facts, edition, version, now=now)
    ENTRY.fire(
        entry,
        "submit",
        actor=actor,
        now=now,
        set={
            "submitted_at": now,
            "rules_version": edition.rules_version,
            "flagged_fields": [],
            "reason_code": "",
        },
    )
    return version


def _update_enterprise(entry: Entry, values: dict[str, Any]) -> None:
    """The enterprise's record follows what it last submitted."""
    enterprise = entry.enterprise
    enterprise.registered_on = values["registered_on"]
    enterprise.division_code = values["division_code"]
    enterprise.listed = values["listed"] == "yes"
    enterprise.capital_fen = values["capital"]
    enterprise.hightech_until = values["hightech_until"]
    for name in ("legal_person", "address", "contact_name", "contact_phone"):
        setattr(enterprise, name, values[name])
    for name in ("sme_number", "hightech_number", "contact_email"):
        setattr(enterprise, name, values[name] or "")


def _freeze(entry: Entry, edition: Edition, *, actor: Actor, now: datetime) -> EntryVersion:
    content = {
        "entry": entry.number,
        "edition": edition.code,
        "rules_version": edition.rules_version,
        "credit_code": entry.enterprise.credit_code,
        "enterprise": entry.enterprise.name,
        "group": entry.group.value,
        "track": entry.track.name if entry.track else "",
        "prefecture_code": entry.prefecture_code,
        "fields": entry.content,
        "attachments": [file_content(row) for row in queries.attachments_of(entry)],
    }
    version = EntryVersion(
        entry_id=entry.id,
        number=queries.last_version_number(entry) + 1,
        receipt=next_number(f"receipt:{edition.code}", f"{edition.code.upper()}-R", width=5),
        content=content,
        sha256=hashlib.sha256(seals.canonical(content)).hexdigest(),
        submitted_by_id=actor.id,
        submitted_at=now,
    )
    db.session.add(version)
    return version


def _evaluate(facts: eligibility.Facts, edition: Edition, version: EntryVersion, *, now: datetime) -> None:
    parameters = queries.eligibility_parameters(edition)
    here = {"entry_id": version.entry_id, "version_number": version.number}
    for columns in finding_columns(eligibility.evaluate(facts, parameters, on=beijing_day(now))):
        db.session.add(EligibilityFinding(**here, **columns))


def _facts(entry: Entry, values: dict[str, Any]) -> eligibility.Facts:
    granted, pending = fields.intellectual_property(values)
    codes = queries.codes_of(entry.enterprise)
    return eligibility.Facts(
        registered_on=values["registered_on"],
        revenue_fen=values["revenue"],
        listed=values["listed"] == "yes",
        ip_granted=granted,
        ip_pending=pending,
        integrity_signed=values["integrity"],
        credit_code=entry.enterprise.credit_code,
        division_code=values["division_code"],
        sme_number=values["sme_number"],
        hightech_number=values["hightech_number"],
        hightech_valid_until=values["hightech_until"],
        past_awards=(*past_awards(queries.past_awards_of(codes)), *history.given_to(codes)),
        other_entry_this_year=queries.has_other_entry(entry),
    )
