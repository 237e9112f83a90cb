"""Invariants: queries that must find nothing. The same ones run in tests, in production and by `flask check`."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import ForeignKeyConstraint, Table, and_, func, select, text

from core import audit, seals
from core.db import Base, db
from core.files import path_of
from core.models import AuditEvent, ChainHead, StoredFile, User


@dataclass(frozen=True)
class Finding:
    """One thing that must not be: which invariant, which row, what."""

    invariant: str
    where: str
    what: str


Invariant = Callable[[], Iterator[tuple[str, str]]]
_invariants: dict[str, Invariant] = {}


def provide(name: str, invariant: Invariant) -> None:
    """Register an invariant: a generator of (row, what is wrong). Its name is documented in docs/operating.md."""
    _invariants[name] = invariant


def names() -> list[str]:
    return sorted(_invariants)


def run_all(only: str | None = None) -> list[Finding]:
    findings = []
    for name in names():
        if only in (None, name):
            findings += [Finding(name, where, what) for where, what in _guarded(_invariants[name])]
    return findings


def _guarded(invariant: Invariant) -> Iterator[tuple[str, str]]:
    """An invariant that cannot even read its rows has found something, and must not hide the others."""
    try:
        yield from invariant()
    except Exception as error:
        db.session.rollback()
        yield "-", f"无法核对：{type(error).__name__}: {str(error).splitlines()[0][:200]}"


def seals_hold() -> Iterator[tuple[str, str]]:
    """Every sealed row still fits its seal."""
    for model in seals.sealed_models():
        for identity, what in seals.broken(model):
            yield f"{model.__tablename__} {identity}", what


def audit_chain_holds() -> Iterator[tuple[str, str]]:
    """Sequence without gap, each event chained to the one before, the stored head fits."""
    last, count = audit.GENESIS, 0
    rows = db.session.execute(
        select(AuditEvent.seq, AuditEvent.prev_hash, AuditEvent.seal).order_by(AuditEvent.seq)
    )
    for seq, prev_hash, seal in rows:
        if seq != count + 1:
            yield f"audit_event {count + 1}", "审计记录缺失"
        elif prev_hash != last:
            yield f"audit_event {seq}", "审计链在此断开"
        last, count = seal, seq
    head = db.session.execute(
        select(ChainHead.count, ChainHead.hash).where(ChainHead.name == audit.CHAIN)
    ).one_or_none()
    if (head.count, head.hash) != (count, last) if head else count:
        yield f"chain_head {audit.CHAIN}", "链头与最后一条审计记录不符"


def audit_anchor_holds() -> Iterator[tuple[str, str]]:
    """The heads kept outside the database are still in it: a tail cut off, or a chain rebuilt, is seen."""
    path = audit.anchor_path()
    if not path.exists():
        if db.session.scalar(select(AuditEvent.seq).limit(1)):
            yield "audit_event", f"数据库外的链头文件缺失（{path.name}）"
        return
    stored = dict(db.session.execute(select(AuditEvent.seq, AuditEvent.seal)).all())
    for line in path.read_text(encoding="ascii").splitlines():
        count, digest = line.split()[:2]
        if stored.get(int(count)) != digest:
            yield f"audit_event {count}", "与数据库外保存的链头不符（记录被删改或截尾）"
            return


def audited_rows_exist() -> Iterator[tuple[str, str]]:
    """No row of a sealed table that the trail speaks of has vanished."""
    for model in seals.sealed_models():
        table = model.__table__
        pk = list(table.primary_key.columns)
        if len(pk) != 1 or table.name == "audit_event":
            continue
        present = {str(value) for value in db.session.scalars(select(pk[0]))}
        spoken = select(AuditEvent.subject_id).where(AuditEvent.subject_type == table.name).distinct()
        for identity in sorted(set(db.session.scalars(spoken)) - present):
            yield f"{table.name} {identity}", "审计记录提到的行已不存在"


def references_are_whole() -> Iterator[tuple[str, str]]:
    """No row points to one that has vanished; with constraints ignored, the database itself would not say so."""
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            yield from _dangling(table, key)


def _dangling(table: Table, key: ForeignKeyConstraint) -> Iterator[tuple[str, str]]:
    parent = key.referred_table.alias()
    pairs = [(element.parent, parent.c[element.column.name]) for element in key.elements]
    stmt = (
        select(*(column for column, _ in pairs))
        .select_from(table.outerjoin(parent, and_(*(column == other for column, other in pairs))))
        .where(pairs[0][1].is_(None), *(column.is_not(None) for column, _ in pairs))
        .distinct()
    )
    for gone in db.session.execute(stmt):
        yield f"{key.referred_table.name} {seals.identity(gone)}", f"{table.name} 引用的行已不存在"


def states_follow_trail() -> Iterator[tuple[str, str]]:
    """A row's state is the one its last transition left, so an older version put back is seen."""
    for model in seals.sealed_models():
        if "state" not in model.__table__.columns:
            continue
        last = {
            identity: after["state"]
            for identity, after in db.session.execute(
                select(AuditEvent.subject_id, AuditEvent.after)
                .where(AuditEvent.subject_type == model.__tablename__)
                .order_by(AuditEvent.seq)
            )
            if "state" in after
        }
        pk = next(iter(model.__table__.primary_key.columns))
        for identity, state in db.session.execute(select(pk, model.__table__.c.state)):
            expected = last.get(str(identity))
            if expected is not None and expected != state:
                yield f"{model.__tablename__} {identity}", f"状态为 {state}，审计记录为 {expected}"


def roles_follow_trail() -> Iterator[tuple[str, str]]:
    """Nobody holds another role than the one his account was made with."""
    made = dict(
        db.session.execute(
            select(AuditEvent.subject_id, AuditEvent.after).where(AuditEvent.action == "user.create")
        ).all()
    )
    for identity, role in db.session.execute(select(User.id, User.role)):
        given = made.get(str(identity), {}).get("role")
        if given != role.value:
            yield f"user_account {identity}", f"角色为 {role.value}，审计记录为 {given or '无'}"


# In order of declaration, each once however many applications a process makes.
_traces: dict[tuple[type, str, tuple[str, ...]], None] = {}


def leaves_trace(model: type, owner: str, *actions: str) -> None:
    """Declare that each of these actions on an owner leaves exactly one row of `model`, found by its `owner` column."""
    _traces[model, owner, actions] = None


def traces_are_whole() -> Iterator[tuple[str, str]]:
    """As many signatures, decisions, versions and attachments as the trail tells of: none taken out, none put in."""
    for model, owner, actions in _traces:
        column = model.__table__.c[owner]
        (key,) = column.foreign_keys
        table = key.column.table.name
        told = _counts(
            select(AuditEvent.subject_id, func.count())
            .where(AuditEvent.subject_type == table, AuditEvent.action.in_(actions))
            .group_by(AuditEvent.subject_id)
        )
        held = _counts(select(column, func.count()).group_by(column))
        for identity in sorted(told.keys() | held.keys()):
            if told[identity] != held[identity]:
                what = f"{model.__tablename__} 有 {held[identity]} 行，审计记录为 {told[identity]} 次"
                yield f"{table} {identity}", what


def _counts(stmt) -> Counter[str]:
    return Counter({str(identity): count for identity, count in db.session.execute(stmt)})


def files_are_whole() -> Iterator[tuple[str, str]]:
    """Every stored file is on disk under its own hash's name with the recorded size."""
    for row in db.session.execute(select(StoredFile.id, StoredFile.sha256, StoredFile.size)):
        path = path_of(row.sha256)
        if not path.exists() or path.stat().st_size != row.size:
            yield f"stored_file {row.id}", "文件缺失或大小不符"


EXPECTED_TRIGGERS: set[str] = set()


def triggers_present() -> Iterator[tuple[str, str]]:
    """The triggers that make ledger, audit and closed decisions append-only are still there."""
    sqlite = current_app.config["SETTINGS"].sqlite
    source = (
        "SELECT name FROM sqlite_master WHERE type='trigger'" if sqlite else "SELECT tgname FROM pg_trigger"
    )
    present = set(db.session.scalars(text(source)))
    for name in sorted(EXPECTED_TRIGGERS - present):
        yield f"trigger {name}", "数据库触发器缺失"


def init_app() -> None:
    provide("seals-hold", seals_hold)
    provide("audit-chain", audit_chain_holds)
    provide("audit-anchor", audit_anchor_holds)
    provide("audited-rows-exist", audited_rows_exist)
    provide("references-whole", references_are_whole)
    provide("states-follow-trail", states_follow_trail)
    provide("roles-follow-trail", roles_follow_trail)
    provide("traces-whole", traces_are_whole)
    provide("files-whole", files_are_whole)
    provide("triggers-present", triggers_present)
