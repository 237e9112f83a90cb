"""What must always hold of editions and entries; read by `flask check`, which trusts neither constraint nor trigger."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import func, select

from competition.enums import EntryState, Group, RecommendationState
from competition.models import (
    Criterion,
    Edition,
    EditionRules,
    EligibilityFinding,
    Enterprise,
    Entry,
    EntryVersion,
    RecommendationList,
)
from competition.operations.recommendation import digest_of
from core import seals
from core.db import db
from core.models import AuditEvent

FULL_POINTS = 10_000
ADMITTED = (EntryState.REGIONAL_PASSED, EntryState.ACCEPTED, EntryState.DISQUALIFIED)


def versions_are_frozen() -> Iterator[tuple[str, str]]:
    """A submitted version and a published rule version still give the digest on their receipt."""
    for model, label in ((EntryVersion, "entry_version"), (EditionRules, "edition_rules")):
        for row in db.session.execute(select(model.id, model.content, model.sha256)):
            if hashlib.sha256(seals.canonical(row.content)).hexdigest() != row.sha256:
                yield f"{label} {row.id}", "内容与回执上的摘要不符"


def submitted_entries_have_versions() -> Iterator[tuple[str, str]]:
    """Whatever was submitted has a frozen version of that moment, numbered without gaps from 1."""
    counted = (
        select(
            EntryVersion.entry_id,
            func.count(EntryVersion.id).label("count"),
            func.max(EntryVersion.number).label("last"),
            func.max(EntryVersion.submitted_at).label("at"),
        )
        .group_by(EntryVersion.entry_id)
        .subquery()
    )
    stmt = select(Entry.number, Entry.submitted_at, counted.c.count, counted.c.last, counted.c.at)
    stmt = stmt.outerjoin(counted, counted.c.entry_id == Entry.id).where(Entry.submitted_at.is_not(None))
    for row in db.session.execute(stmt):
        if row.count is None or row.count != row.last or row.at != row.submitted_at:
            yield f"entry {row.number}", "提交时间与冻结的版本不符，或版本有缺"


def receipts_have_no_gap() -> Iterator[tuple[str, str]]:
    """Receipts of an edition count 1, 2, 3 ...: one that is missing was taken out."""
    receipts: dict[str, list[int]] = {}
    for receipt in db.session.scalars(select(EntryVersion.receipt)):
        series, _, number = receipt.rpartition("-R")
        receipts.setdefault(series, []).append(int(number))
    for series, numbers in sorted(receipts.items()):
        missing = set(range(1, max(numbers) + 1)) - set(numbers)
        for number in sorted(missing):
            yield f"entry_version {series}-R{number:05d}", "回执号缺失"


def groups_follow_licences() -> Iterator[tuple[str, str]]:
    """The group of an admitted entry is the one its submitted licence date gives under its edition's rule."""
    latest = select(EntryVersion.entry_id, func.max(EntryVersion.number).label("number")).group_by(
        EntryVersion.entry_id
    )
    last = latest.subquery()
    stmt = (
        select(Entry.number, Entry.group, EntryVersion.content)
        .join(last, last.c.entry_id == Entry.id)
        .join(EntryVersion, (EntryVersion.entry_id == Entry.id) & (EntryVersion.number == last.c.number))
        .where(Entry.state.in_(ADMITTED))
    )
    for row in db.session.execute(stmt):
        if row.content["group"] != row.group.value:
            yield f"entry {row.number}", f"组别为 {row.group.value}，提交时为 {row.content['group']}"


def findings_are_unbroken() -> Iterator[tuple[str, str]]:
    """Every submitted version was put to the rules, and its findings count 1, 2, 3 ...: none was taken out."""
    counted = (
        select(
            EligibilityFinding.entry_id,
            EligibilityFinding.version_number,
            func.count().label("count"),
            func.max(EligibilityFinding.position).label("last"),
        )
        .group_by(EligibilityFinding.entry_id, EligibilityFinding.version_number)
        .subquery()
    )
    here = (counted.c.entry_id == EntryVersion.entry_id) & (counted.c.version_number == EntryVersion.number)
    stmt = select(EntryVersion.id, counted.c.count, counted.c.last).outerjoin(counted, here)
    for identity, count, last in db.session.execute(stmt):
        if count is None or count != last:
            yield (
                f"entry_version {identity}",
                f"资格条件结论有缺：现有 {count or 0} 项，应有 {last or '若干'} 项",
            )


def sent_recommendations_are_frozen() -> Iterator[tuple[str, str]]:
    """A list that was sent still has the digest over its items."""
    sent = select(RecommendationList).where(RecommendationList.state == RecommendationState.SENT)
    for list_ in db.session.scalars(sent):
        if digest_of(list_) != list_.content_hash:
            yield f"recommendation_list {list_.id}", "推荐名单与上报时的摘要不符"


def criteria_sum_to_hundred() -> Iterator[tuple[str, str]]:
    """In a published edition each group's points are 100.00, and those of a round with its own criteria too."""
    stmt = (
        select(Edition.code, Criterion.stage_id, Criterion.group, func.sum(Criterion.max_hundredths))
        .join(Criterion, Criterion.edition_id == Edition.id)
        .where(Edition.rules_version > 0)
        .group_by(Edition.code, Criterion.stage_id, Criterion.group)
    )
    sums: dict[tuple[str, Group], int] = {}
    for code, stage_id, group, total in db.session.execute(stmt):
        if stage_id is None:
            sums[code, group] = total
        elif total != FULL_POINTS:
            yield f"stage {stage_id}", f"{group.label}评分项满分之和不是 100"
    for code in db.session.scalars(select(Edition.code).where(Edition.rules_version > 0)):
        for group in Group:
            if sums.get((code, group)) != FULL_POINTS:
                yield f"edition {code}", f"{group.label}评分项满分之和不是 100"


def enterprises_have_contacts() -> Iterator[tuple[str, str]]:
    """Somebody acts for every enterprise, but for those that an import brought and nobody has claimed."""
    imported = select(AuditEvent.subject_id).where(AuditEvent.action == "enterprise.import")
    brought = set(db.session.scalars(imported))
    stmt = select(Enterprise.id, Enterprise.credit_code).where(~Enterprise.contacts.any())
    for code in (code for identity, code in db.session.execute(stmt) if str(identity) not in brought):
        yield f"enterprise {code}", "企业没有经办人"
