"""A record against what the system knows of that enterprise: new, changed, unchanged, or not the import's to touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from competition import fields
from competition.enums import EntryState, ImportOutcome
from competition.importing.rows import Problem, Record
from core.errors import InvalidInput

# Marks an entry that left by the undoing of an import, so that the next import may take it up again.
UNDONE = "import_undone"
OPEN_TO_IMPORT = (EntryState.SUBMITTED, EntryState.RETURNED)
CODE_HEAD = "统一社会信用代码"


@dataclass(frozen=True)
class KnownEntry:
    """An enterprise's entry of the edition. `content` is what was submitted last, `imported` whether by an import."""

    number: str
    state: EntryState
    imported: bool
    content: Mapping[str, Any] = field(default_factory=dict)
    ip_count: int | None = None
    reason_code: str = ""


@dataclass(frozen=True)
class Known:
    """`claimed`: somebody acts for the enterprise in this system, so its record is its own."""

    name: str
    claimed: bool
    entry: KnownEntry | None = None


@dataclass(frozen=True)
class Change:
    """One value that the file has otherwise; `name` is a field, or 'name' or 'ip_count'."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Match:
    outcome: ImportOutcome
    changes: tuple[Change, ...] = ()
    problem: Problem | None = None


def match(record: Record, known: Known | None) -> Match:
    """An empty cell says nothing, so it neither differs nor overwrites.

    Never touched: what an enterprise fills in here itself, what it withdrew, what a review has decided.
    """
    if known is None:
        return Match(ImportOutcome.NEW)
    if known.claimed and known.name != record.name:
        sentence = f"该信用代码在本系统登记的企业名称是“{known.name}”，请核对。"
        return _refused(record.name, "name_mismatch", sentence, "企业名称")
    entry = known.entry
    if entry is None:
        return Match(ImportOutcome.NEW)
    if entry.state == EntryState.WITHDRAWN:
        if entry.reason_code == UNDONE:
            return Match(ImportOutcome.NEW)
        return _refused(record.credit_code, "withdrawn", f"项目 {entry.number} 已撤回。")
    if entry.state == EntryState.DRAFT:
        return _refused(record.credit_code, "own_draft", "该企业正在本系统填报，尚未提交，导入不覆盖。")
    changes = differences(record, known.name, entry)
    if not changes:
        return Match(ImportOutcome.UNCHANGED)
    if not entry.imported:
        sentence = (
            f"该企业已在本系统自行提交（{entry.number}），与表中不一致：{_labels(changes)}，导入不覆盖。"
        )
        return _refused(record.credit_code, "own_entry", sentence)
    if entry.state not in OPEN_TO_IMPORT:
        sentence = f"项目 {entry.number} 已有审核结论，不能再由导入改动：{_labels(changes)}。"
        return _refused(record.credit_code, "already_reviewed", sentence)
    return Match(ImportOutcome.CHANGED, changes)


def _refused(value: str, reason: str, sentence: str, column: str = CODE_HEAD) -> Match:
    return Match(ImportOutcome.REFUSED, problem=Problem(column, value, reason, sentence))


def differences(record: Record, name: str, entry: KnownEntry) -> tuple[Change, ...]:
    """What the record says otherwise than the entry, in the record's order."""
    changes = [] if record.name == name else [Change("name", name, record.name)]
    for field_name, text in record.content.items():
        before = entry.content.get(field_name) or ""
        if not same(field_name, before, text):
            changes.append(Change(field_name, str(before), text))
    if record.ip_count is not None and record.ip_count != entry.ip_count:
        before = "" if entry.ip_count is None else str(entry.ip_count)
        changes.append(Change("ip_count", before, str(record.ip_count)))
    return tuple(changes)


def same(name: str, before: Any, after: str) -> bool:
    """Whether two texts of a field mean the same: '2017/3/1' and '2017-03-01', '500.0' and '500'."""
    if before == after:
        return True
    try:
        return fields.value_of(name, str(before)) == fields.value_of(name, after)
    except InvalidInput:
        return False


def label_of(name: str) -> str:
    return {"name": "企业名称", "ip_count": "知识产权数"}.get(name) or fields.label_of(name)


def _labels(changes: tuple[Change, ...]) -> str:
    return "、".join(label_of(change.name) for change in changes)
