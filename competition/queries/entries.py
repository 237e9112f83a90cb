"""Reads of enterprises and entries; who sees which entry is decided here and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import selectinload

from competition import fields
from competition.enums import AttachmentKind, EntryState, LineageState
from competition.fields import Checked, Step
from competition.models import (
    Attachment,
    Candidacy,
    ContactInvitation,
    Edition,
    EligibilityFinding,
    Enterprise,
    EnterpriseContact,
    Entry,
    EntryVersion,
    Lineage,
    PastAward,
    ReviewDecision,
    Visit,
)
from competition.queries.editions import place_codes
from core.db import db
from core.enums import Role
from core.errors import NotVisible
from core.models import Message
from core.rules import Actor

# Who reads every submitted entry. Money and judging people read entries through their own packages' queries.
READS_ALL = frozenset({Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.FINANCE})


def visible_to(actor: Actor) -> Select[tuple[Entry]]:
    """The entries this person may know of. Nobody but its enterprise sees what was never submitted."""
    stmt = select(Entry)
    if actor.role == Role.ENTERPRISE:
        return stmt.where(Entry.enterprise_id.in_(acting_for(actor)))
    stmt = stmt.where(Entry.submitted_at.is_not(None))
    if actor.role in READS_ALL:
        return stmt
    if actor.role == Role.REGIONAL:
        return stmt.where(Entry.prefecture_code.in_(actor.prefectures))
    if actor.role == Role.COUNTY:
        return stmt.where(Entry.county_code.in_(actor.prefectures))
    if actor.role == Role.DUE_DILIGENCE:
        return stmt.where(Entry.id.in_(select(Visit.entry_id).where(Visit.lead_id == actor.id)))
    return stmt.where(false())


def acting_for(actor: Actor) -> Select[tuple[int]]:
    """Ids of the enterprises this person acts for now."""
    return select(EnterpriseContact.enterprise_id).where(
        EnterpriseContact.user_id == actor.id, EnterpriseContact.until.is_(None)
    )


def entry_by_number(number: str, actor: Actor) -> Entry:
    entry = db.session.scalar(visible_to(actor).where(Entry.number == number))
    if entry is None:
        raise NotVisible()
    return entry


def enterprise_of(actor: Actor) -> Enterprise | None:
    """The enterprise a contact acts for, with its contacts and their accounts."""
    stmt = select(Enterprise).where(Enterprise.id.in_(acting_for(actor))).order_by(Enterprise.id).limit(1)
    return db.session.scalar(
        stmt.options(selectinload(Enterprise.contacts).selectinload(EnterpriseContact.user))
    )


def entry_in(edition: Edition, enterprise: Enterprise) -> Entry | None:
    return db.session.scalar(
        select(Entry).where(Entry.edition_id == edition.id, Entry.enterprise_id == enterprise.id)
    )


def entries_of(enterprise: Enterprise) -> list[Entry]:
    """Every edition's entry of one enterprise, newest first."""
    stmt = select(Entry).where(Entry.enterprise_id == enterprise.id).options(selectinload(Entry.edition))
    return list(db.session.scalars(stmt.order_by(Entry.id.desc())))


def has_enterprise(credit_code: str) -> bool:
    return db.session.scalar(select(Enterprise.id).where(Enterprise.credit_code == credit_code)) is not None


def codes_of(enterprise: Enterprise) -> set[str]:
    """Its own credit code and those of its confirmed predecessors: a new licence does not wash an old prize away."""
    stmt = select(Lineage.credit_code).where(
        Lineage.enterprise_id == enterprise.id,
        Lineage.state == LineageState.CONFIRMED,
        Lineage.credit_code != "",
    )
    return {enterprise.credit_code, *db.session.scalars(stmt)}


def past_awards_of(codes: Collection[str]) -> list[PastAward]:
    """The register's rows that count, newest first."""
    stmt = select(PastAward).where(PastAward.credit_code.in_(codes), PastAward.withdrawn_at.is_(None))
    return list(db.session.scalars(stmt.order_by(PastAward.year.desc(), PastAward.id)))


def lineages_of(enterprise: Enterprise) -> list[Lineage]:
    stmt = select(Lineage).where(Lineage.enterprise_id == enterprise.id)
    return list(db.session.scalars(stmt.order_by(Lineage.year, Lineage.id)))


def lineage_of(enterprise: Enterprise, lineage_id: int) -> Lineage:
    found = next((row for row in lineages_of(enterprise) if row.id == lineage_id), None)
    if found is None:
        raise NotVisible()
    return found


def enterprises_visible_to(actor: Actor) -> Select[tuple[Enterprise]]:
    """The office and supervision see every enterprise, a regional office those registered in its prefectures."""
    stmt = select(Enterprise)
    if actor.role in (Role.OFFICE, Role.SUPERVISION):
        return stmt
    if actor.role == Role.REGIONAL:
        starts = [Enterprise.division_code.startswith(code[:4]) for code in actor.prefectures]
        return stmt.where(or_(false(), *starts))
    return stmt.where(false())


def enterprise_by_code(credit_code: str, actor: Actor) -> Enterprise:
    found = db.session.scalar(enterprises_visible_to(actor).where(Enterprise.credit_code == credit_code))
    if found is None:
        raise NotVisible()
    return found


def attachments_of(entry: Entry, *, replaced: bool = False) -> list[Attachment]:
    """The files in force, by kind; with `replaced` also the earlier ones."""
    stmt = select(Attachment).where(Attachment.entry_id == entry.id)
    if not replaced:
        stmt = stmt.where(Attachment.replaced_at.is_(None))
    return list(db.session.scalars(stmt.order_by(Attachment.kind, Attachment.version.desc())))


def attachment_by_id(entry: Entry, attachment_id: int) -> Attachment:
    found = db.session.scalar(
        select(Attachment).where(Attachment.id == attachment_id, Attachment.entry_id == entry.id)
    )
    if found is None:
        raise NotVisible()
    return found


def versions_of(entry: Entry) -> list[EntryVersion]:
    """Newest first."""
    stmt = select(EntryVersion).where(EntryVersion.entry_id == entry.id).order_by(EntryVersion.number.desc())
    return list(db.session.scalars(stmt))


def version_by_number(entry: Entry, number: int) -> EntryVersion:
    found = db.session.scalar(
        select(EntryVersion).where(EntryVersion.entry_id == entry.id, EntryVersion.number == number)
    )
    if found is None:
        raise NotVisible()
    return found


def findings_of(entry: Entry) -> list[EligibilityFinding]:
    """What the rules said about the version submitted last."""
    last = select(func.max(EligibilityFinding.version_number)).where(EligibilityFinding.entry_id == entry.id)
    stmt = select(EligibilityFinding).where(
        EligibilityFinding.entry_id == entry.id, EligibilityFinding.version_number == last.scalar_subquery()
    )
    return list(db.session.scalars(stmt.order_by(EligibilityFinding.position)))


def finding_of(entry: Entry, rule: str) -> EligibilityFinding:
    """One rule's answer about the version submitted last."""
    found = next((finding for finding in findings_of(entry) if finding.rule == rule), None)
    if found is None:
        raise NotVisible()
    return found


def decisions_of(entry: Entry) -> list[ReviewDecision]:
    stmt = (
        select(ReviewDecision).where(ReviewDecision.entry_id == entry.id).order_by(ReviewDecision.id.desc())
    )
    return list(db.session.scalars(stmt))


def last_decision(entry: Entry) -> ReviewDecision | None:
    stmt = (
        select(ReviewDecision).where(ReviewDecision.entry_id == entry.id).order_by(ReviewDecision.id.desc())
    )
    return db.session.scalar(stmt.limit(1))


def is_in_a_round(entry: Entry) -> bool:
    return db.session.scalar(select(Candidacy.id).where(Candidacy.entry_id == entry.id).limit(1)) is not None


def invitations_of(enterprise: Enterprise) -> list[ContactInvitation]:
    stmt = select(ContactInvitation).where(ContactInvitation.enterprise_id == enterprise.id)
    return list(db.session.scalars(stmt.order_by(ContactInvitation.id.desc())))


def messages_of(actor: Actor, *, limit: int = 5) -> list[Message]:
    stmt = select(Message).where(Message.user_id == actor.id).order_by(Message.id.desc()).limit(limit)
    return list(db.session.scalars(stmt))


def last_version_number(entry: Entry) -> int:
    return (
        db.session.scalar(select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == entry.id)) or 0
    )


def has_other_entry(entry: Entry) -> bool:
    return bool(in_another_edition(entry.edition, [entry.enterprise_id]))


def in_another_edition(edition: Edition, enterprise_ids: Collection[int]) -> set[int]:
    """Which of these enterprises are in another edition of the same year with an entry that still counts."""
    stmt = select(Entry.enterprise_id).join(Edition, Edition.id == Entry.edition_id)
    stmt = stmt.where(
        Entry.enterprise_id.in_(enterprise_ids),
        Edition.year == edition.year,
        Edition.id != edition.id,
        Entry.submitted_at.is_not(None),
        Entry.state.not_in((EntryState.WITHDRAWN, EntryState.REJECTED)),
    )
    return set(db.session.scalars(stmt))


@dataclass(frozen=True)
class Gap:
    """Something to be filled in or corrected before the entry can be submitted, and the step where it is."""

    name: str
    step: Step
    sentence: str


def checked(entry: Entry) -> Checked:
    """Everything typed so far, read against the choices of the entry's edition."""
    places = {entry.enterprise.division_code}
    typed = entry.content.get("division_code")
    if typed not in places:
        places |= set(db.session.scalars(place_codes(entry.edition, {typed})))
    choices = {"track": {track.code for track in entry.edition.tracks}, "division_code": places}
    return fields.check(entry.content, choices, entry.edition.text_limits)


def submission_gaps(entry: Entry, read: Checked) -> list[Gap]:
    """What stands between this draft and its submission, in the order of the form."""
    gaps = [
        Gap(field.name, field.step, read.problems[field.name])
        for field in fields.FIELDS
        if field.name in read.problems and field.step is not Step.PLEDGE
    ]
    if "division_code" in read.values and entry.region_id is None:
        gaps.append(Gap("division_code", Step.BASICS, "注册地不属于本届任何赛区，请核对或联系组委会办公室。"))
    present = {attachment.kind for attachment in attachments_of(entry)}
    for kind in map(AttachmentKind, entry.edition.required_attachments):
        if kind not in present:
            gaps.append(Gap(f"{fields.ATTACHMENT_PREFIX}{kind.value}", Step.FILES, f"请上传{kind.label}。"))
    if "integrity" in read.problems:
        gaps.append(Gap("integrity", Step.PLEDGE, read.problems["integrity"]))
    return gaps


def changed_fields(before: EntryVersion, after: EntryVersion) -> list[str]:
    """Names of the fields and attachments that differ between two submitted versions, in the form's order."""
    old, new = before.content, after.content
    names = [
        field.name
        for field in fields.FIELDS
        if old["fields"].get(field.name) != new["fields"].get(field.name)
    ]
    files = [{file["kind"]: file["sha256"] for file in content["attachments"]} for content in (old, new)]
    kinds = sorted(
        kind for kind in files[0].keys() | files[1].keys() if files[0].get(kind) != files[1].get(kind)
    )
    return names + [f"{fields.ATTACHMENT_PREFIX}{kind}" for kind in kinds]
