"""Drafts: everything typed is kept as typed; the columns that lists and rules use are read off where they can be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from competition import eligibility, fields, queries
from competition.enums import AttachmentKind, EntryState, Group
from competition.fields import Checked
from competition.models import Attachment, Edition, Enterprise, Entry, Track
from competition.operations.entries.deadlines import (
    check_fillable,
    check_open,
    locked_registration,
    registration_of,
)
from competition.rules import is_contact, may_fill
from competition.states import ENTRY
from core import audit, divisions
from core.db import db, flush
from core.errors import Conflict, IllegalTransition, InvalidInput
from core.models import StoredFile
from core.money import wan
from core.numbering import next_number
from core.rules import Actor

TITLE_SHOWN, KEYWORDS_SHOWN = 120, 120
FILLABLE = (EntryState.DRAFT, EntryState.RETURNED)


def start_entry(enterprise: Enterprise, edition: Edition, *, actor: Actor, now: datetime) -> Entry:
    """The enterprise's one entry of the edition, begun with what is known of it; a withdrawn one is taken up again."""
    is_contact(actor, enterprise).or_raise()
    check_open(locked_registration(edition.id), now)
    entry = queries.entry_in(edition, enterprise)
    if entry is not None:
        if entry.state == EntryState.WITHDRAWN:
            ENTRY.fire(entry, "restart", actor=actor, now=now)
        return entry
    entry = Entry(
        number=next_number(f"entry:{edition.code}", f"{edition.code.upper()}-"),
        edition=edition,
        enterprise=enterprise,
        saved_at=now,
        created_at=now,
        content=_first_content(enterprise),
    )
    read_columns(entry, queries.checked(entry))
    db.session.add(entry)
    flush()
    audit.record("entry.start", entry, actor=actor, now=now, after={"number": entry.number})
    return entry


def _first_content(enterprise: Enterprise) -> dict[str, Any]:
    """Asked once: what the enterprise's record already says."""
    content = {
        "registered_on": enterprise.registered_on.isoformat(),
        "division_code": enterprise.division_code,
        "legal_person": enterprise.legal_person,
        "address": enterprise.address,
        "capital": wan(enterprise.capital_fen).replace(",", "") if enterprise.capital_fen else "",
        "sme_number": enterprise.sme_number,
        "hightech_number": enterprise.hightech_number,
        "hightech_until": enterprise.hightech_until.isoformat() if enterprise.hightech_until else "",
        "contact_name": enterprise.contact_name,
        "contact_phone": enterprise.contact_phone,
        "contact_email": enterprise.contact_email,
    }
    return {name: value for name, value in content.items() if value}


def save_entry(
    entry: Entry, *, values: Mapping[str, Any], actor: Actor, now: datetime, base_version: int | None = None
) -> Entry:
    """Keep what was typed, valid or not. `values` maps field names of `competition.fields` to text, True, or rows.

    `base_version` is the version the person was looking at: a field saved since then refuses with code "newer".
    A returned entry takes only the flagged fields, when any were flagged.
    """
    may_fill(actor, entry).or_raise()
    if entry.state not in FILLABLE:
        raise IllegalTransition("项目已提交，不能再修改。")
    check_fillable(entry, registration_of(entry.edition), now)
    kept = fields.keep(values)
    changed = {name: value for name, value in kept.items() if entry.content.get(name) != value}
    if not changed:
        return entry
    if newer_fields(entry, changed, base_version):
        raise Conflict("本页打开之后，内容已在别处更新。", code="newer")
    _check_flagged(entry, changed)
    with db.session.no_autoflush:
        entry.content = {**entry.content, **changed}
        entry.field_versions = {**entry.field_versions, **dict.fromkeys(changed, entry.version + 1)}
        read_columns(entry, queries.checked(entry))
        entry.saved_at = now
    flush()
    audit.record("entry.save", entry, actor=actor, now=now, after={"fields": sorted(changed)})
    return entry


def newer_fields(entry: Entry, values: Mapping[str, Any], base_version: int | None) -> list[str]:
    """Which of these fields were saved with another text after the version the person saw."""
    if base_version is None:
        return []
    kept = fields.keep(values)
    return [
        name
        for name, value in kept.items()
        if entry.content.get(name) != value and entry.field_versions.get(name, 0) > base_version
    ]


def _check_flagged(entry: Entry, names: Mapping[str, Any]) -> None:
    if entry.state == EntryState.RETURNED and entry.flagged_fields:
        shut = [fields.label_of(name) for name in names if name not in entry.flagged_fields]
        if shut:
            raise InvalidInput(f"审核人没有要求修改：{'、'.join(shut)}。", code="not_flagged")


def read_columns(entry: Entry, checked: Checked) -> None:
    """Set what is computed: group, place, region, track and figures. An unreadable value leaves the column as it was."""
    edition, values = entry.edition, checked.values
    registered_on = values.get("registered_on") or entry.enterprise.registered_on
    place = values.get("division_code") or entry.county_code or entry.enterprise.division_code
    entry.group = Group(eligibility.group_of(registered_on, edition.startup_from))
    entry.county_code, entry.prefecture_code = place, divisions.prefecture_of(place)
    entry.region_id = _region_of(edition, entry.prefecture_code)
    entry.track = _track_of(edition, values.get("track"))
    entry.title = (entry.content.get("title") or "").strip()[:TITLE_SHOWN]
    entry.abstract = (entry.content.get("abstract") or "").strip()
    entry.keywords = (entry.content.get("keywords") or "").strip()[:KEYWORDS_SHOWN]
    entry.revenue_fen = values.get("revenue")
    entry.ip_granted, entry.ip_pending = fields.intellectual_property(values)
    entry.integrity_signed = bool(values.get("integrity"))


def _region_of(edition: Edition, prefecture_code: str) -> int | None:
    covered = {part.division_code: region.id for region in edition.regions for part in region.prefectures}
    return covered.get(prefecture_code)


def _track_of(edition: Edition, code: str | None) -> Track | None:
    return next((track for track in edition.tracks if track.code == code), None)


def check_attachable(entry: Entry, kind: AttachmentKind, *, actor: Actor, now: datetime) -> None:
    """Whether this person may add a file of this kind now."""
    may_fill(actor, entry).or_raise()
    if entry.state not in FILLABLE:
        raise IllegalTransition("项目已提交，不能再修改。")
    check_fillable(entry, registration_of(entry.edition), now)
    _check_flagged(entry, {f"{fields.ATTACHMENT_PREFIX}{AttachmentKind(kind).value}": True})


def attach_file(
    entry: Entry, *, kind: AttachmentKind, stored_file: StoredFile, actor: Actor, now: datetime
) -> Attachment:
    """Add a file, or a newer version of it; the earlier one stays with the versions that were submitted with it."""
    check_attachable(entry, kind, actor=actor, now=now)
    earlier = [row for row in queries.attachments_of(entry, replaced=True) if row.kind == kind]
    for row in earlier:
        row.replaced_at = row.replaced_at or now
    attachment = Attachment(
        entry_id=entry.id,
        kind=kind,
        file=stored_file,
        version=max((row.version for row in earlier), default=0) + 1,
        added_at=now,
    )
    db.session.add(attachment)
    entry.saved_at = now
    flush()
    after = {"kind": kind, "version": attachment.version, "sha256": stored_file.sha256}
    audit.record("entry.attach", entry, actor=actor, now=now, after=after)
    return attachment
