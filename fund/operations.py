"""The ledger's write layer: balanced, immutable, chained transfers between accounts of budget lines.

One function per kind of transfer (FINANCE.md 6.2). Each carries an idempotency key: a repeated key returns the
first transfer and moves nothing. The source account is debited by a guarded UPDATE, so that concurrent holds can
never overdraw it on either database; CHECK constraints repeat the rule.
"""

from datetime import datetime

from sqlalchemy import func, select, update

from core import audit, seals
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.models import ChainHead
from core.rules import Actor
from fund.enums import AccountRole, Direction, LineKind, LineState, TransferKind
from fund.models import Account, BudgetLine, Indicator, Transfer
from fund.states import LINE, may_keep_ledger

CHAIN = "transfer"
A = AccountRole
INTERNAL = (A.AVAILABLE, A.HELD, A.PAID, A.CARRIED, A.RETURNED)


def create_line(
    *,
    code: str,
    fiscal_year: int,
    name: str,
    kind: LineKind,
    parent: BudgetLine | None = None,
    reported_fen: int | None = None,
    reported_items: int | None = None,
    use_restriction: str = "",
    note: str = "",
    actor: Actor,
    now: datetime,
) -> BudgetLine:
    may_keep_ledger(actor).or_raise()
    line = BudgetLine(
        code=code,
        parent=parent,
        fiscal_year=fiscal_year,
        name=name,
        kind=kind,
        reported_fen=reported_fen,
        reported_items=reported_items,
        use_restriction=use_restriction,
        note=note,
        accounts=[Account(role=role, balance_fen=0) for role in INTERNAL],
    )
    db.session.add(line)
    flush()
    audit.record("budget_line.create", line, actor=actor, now=now, after={"code": code, "name": name})
    return line


def fiscal_account() -> Account:
    """The one account outside the fund: money comes from it and goes back to it."""
    account = db.session.scalar(select(Account).where(Account.role == A.FISCAL))
    if account is None:
        account = Account(role=A.FISCAL, balance_fen=0)
        db.session.add(account)
        flush()
    return account


def account_of(line: BudgetLine, role: AccountRole) -> Account:
    return next(account for account in line.accounts if account.role == role)


def issue(
    line: BudgetLine, *, fen: int, document_no: str, idem: str, actor: Actor, now: datetime, memo: str = ""
) -> Transfer:
    """下达: the finance department gives the line money."""
    may_keep_ledger(actor).or_raise()
    need_document(document_no)
    return _move(
        TransferKind.ISSUE,
        fiscal_account(),
        account_of(line, A.AVAILABLE),
        fen,
        idem,
        actor,
        now,
        document_no=document_no,
        memo=memo,
    )


def allocate(
    parent: BudgetLine,
    child: BudgetLine,
    *,
    fen: int,
    document_no: str,
    idem: str,
    actor: Actor,
    now: datetime,
    memo: str = "",
) -> Transfer:
    """分配: from a line to its own child."""
    may_keep_ledger(actor).or_raise()
    if child.parent_id != parent.id:
        raise InvalidInput("只能分配给本科目的下级科目。", code="not_a_child")
    source, target = account_of(parent, A.AVAILABLE), account_of(child, A.AVAILABLE)
    return _move(
        TransferKind.ALLOCATE, source, target, fen, idem, actor, now, document_no=document_no, memo=memo
    )


def adjust(
    source: BudgetLine,
    target: BudgetLine,
    *,
    fen: int,
    document_no: str,
    idem: str,
    actor: Actor,
    now: datetime,
    memo: str = "",
) -> Transfer:
    """调剂: between siblings, by a document."""
    may_keep_ledger(actor).or_raise()
    need_document(document_no)
    if source.parent_id != target.parent_id or source.fiscal_year != target.fiscal_year:
        raise InvalidInput("只能在同一上级、同一年度的科目之间调剂。", code="not_siblings")
    return _move(
        TransferKind.ADJUST,
        account_of(source, A.AVAILABLE),
        account_of(target, A.AVAILABLE),
        fen,
        idem,
        actor,
        now,
        document_no=document_no,
        memo=memo,
    )


def hold(
    line: BudgetLine, *, fen: int, payment_no: str, attempt: int, idem: str, actor: Actor, now: datetime
) -> Transfer:
    """占用: a submitted payment reserves its money; one hold per attempt."""
    return _between(line, TransferKind.HOLD, A.AVAILABLE, A.HELD, fen, payment_no, attempt, idem, actor, now)


def pay(
    line: BudgetLine, *, fen: int, payment_no: str, attempt: int, idem: str, actor: Actor, now: datetime
) -> Transfer:
    """支付: the held money is gone; it must equal its hold."""
    _need_hold(fen, payment_no, attempt)
    return _between(line, TransferKind.PAY, A.HELD, A.PAID, fen, payment_no, attempt, idem, actor, now)


def return_held(
    line: BudgetLine, *, fen: int, payment_no: str, attempt: int, idem: str, actor: Actor, now: datetime
) -> Transfer:
    """缴回: held money went back to the treasury; it is returned, not spent, and must equal its hold."""
    _need_hold(fen, payment_no, attempt)
    return _between(line, TransferKind.RETURN, A.HELD, A.RETURNED, fen, payment_no, attempt, idem, actor, now)


def release(
    line: BudgetLine, *, fen: int, payment_no: str, attempt: int, idem: str, actor: Actor, now: datetime
) -> Transfer:
    """释放: a cancelled or rejected payment gives its hold back."""
    return _between(
        line, TransferKind.RELEASE, A.HELD, A.AVAILABLE, fen, payment_no, attempt, idem, actor, now
    )


def bounce(
    line: BudgetLine, *, fen: int, payment_no: str, attempt: int, idem: str, actor: Actor, now: datetime
) -> Transfer:
    """退票: the bank sent the money back; the award stands, so the hold is restored, not the free balance."""
    source = A.RETURNED if _moved(TransferKind.RETURN, payment_no, attempt) else A.PAID
    return _between(line, TransferKind.BOUNCE, source, A.HELD, fen, payment_no, attempt, idem, actor, now)


def _moved(kind: TransferKind, payment_no: str, attempt: int) -> int | None:
    """分 that an entry of this kind moved for the attempt."""
    stmt = select(Transfer.fen).where(
        Transfer.kind == kind, Transfer.payment_no == payment_no, Transfer.attempt == attempt
    )
    return db.session.scalar(stmt)


def _need_hold(fen: int, payment_no: str, attempt: int) -> None:
    if _moved(TransferKind.HOLD, payment_no, attempt) != fen:
        raise Conflict("支付金额与占用金额不一致，或尚未占用。", code="pay_without_hold")


def give_back(
    line: BudgetLine, *, fen: int, document_no: str, idem: str, actor: Actor, now: datetime, memo: str = ""
) -> Transfer:
    """收回: unused money goes back to the finance department."""
    may_keep_ledger(actor).or_raise()
    need_document(document_no)
    source, target = account_of(line, A.AVAILABLE), account_of(line, A.RETURNED)
    return _move(
        TransferKind.RETURN, source, target, fen, idem, actor, now, document_no=document_no, memo=memo
    )


def carry(
    line: BudgetLine, into: BudgetLine, *, fen: int, document_no: str, idem: str, actor: Actor, now: datetime
) -> tuple[Transfer, Transfer]:
    """结转: out of this year's free money and into next year's, in one transaction."""
    may_keep_ledger(actor).or_raise()
    need_document(document_no)
    if into.fiscal_year != line.fiscal_year + 1:
        raise InvalidInput("只能结转到下一年度的科目。", code="carry_year")
    out = _move(
        TransferKind.CARRY,
        account_of(line, A.AVAILABLE),
        account_of(line, A.CARRIED),
        fen,
        f"{idem}:out",
        actor,
        now,
        document_no=document_no,
    )
    back = _move(
        TransferKind.CARRY,
        fiscal_account(),
        account_of(into, A.AVAILABLE),
        fen,
        f"{idem}:in",
        actor,
        now,
        document_no=document_no,
    )
    return out, back


def reverse(
    transfer: Transfer, *, document_no: str, idem: str, actor: Actor, now: datetime, memo: str
) -> Transfer:
    """冲正: undo one entry by its mirror image, once, by a document; a payment is bounced, not reversed."""
    may_keep_ledger(actor).or_raise()
    need_document(document_no)
    if transfer.payment_no is not None:
        raise InvalidInput("支付类记账请通过退票或撤销支付办理，不能直接冲正。", code="reverse_payment")
    return _move(
        TransferKind.REVERSE,
        db.session.get(Account, transfer.dst_id),
        db.session.get(Account, transfer.src_id),
        transfer.fen,
        idem,
        actor,
        now,
        document_no=document_no,
        memo=memo,
        reverses_seq=transfer.seq,
    )


def refund(
    line: BudgetLine, *, fen: int, document_no: str, idem: str, actor: Actor, now: datetime, memo: str
) -> Transfer:
    """退回: part of what was paid comes back and is the line's again; a closed year takes it too.

    Booked as 冲正 without the mirrored entry's number: one payment can come back in several parts.
    """
    may_keep_ledger(actor).or_raise()
    need_document(document_no)
    source, target = account_of(line, A.PAID), account_of(line, A.AVAILABLE)
    return _move(
        TransferKind.REVERSE, source, target, fen, idem, actor, now, document_no=document_no, memo=memo
    )


def need_document(document_no: str) -> None:
    if not document_no.strip():
        raise InvalidInput("请填写文号。", code="document_needed", field="document_no")


def _between(line, kind, source, target, fen, payment_no, attempt, idem, actor, now) -> Transfer:
    return _move(
        kind,
        account_of(line, source),
        account_of(line, target),
        fen,
        idem,
        actor,
        now,
        payment_no=payment_no,
        attempt=attempt,
    )


OPEN_YEAR_ONLY = frozenset(TransferKind) - {TransferKind.REVERSE, TransferKind.BOUNCE}


def _move(
    kind: TransferKind,
    source: Account,
    target: Account,
    fen: int,
    idem: str,
    actor: Actor,
    now: datetime,
    **facts,
) -> Transfer:
    """Take the chain's lock, honour the key, guard the balance, append the entry."""
    if fen <= 0:
        raise InvalidInput("金额应大于零。", code="bad_amount", field="fen")
    head = _locked_head()
    known = db.session.scalar(select(Transfer).where(Transfer.idem == idem))
    if known is not None:
        return _same_or_refuse(known, kind, source, target, fen)
    if kind in OPEN_YEAR_ONLY:
        _refuse_closed(source, target)
    _debit(source, fen)
    _credit(target, fen)
    values = {
        "seq": head.count + 1,
        "idem": idem,
        "kind": kind,
        "src_id": source.id,
        "dst_id": target.id,
        "fen": fen,
        "payment_no": facts.get("payment_no"),
        "attempt": facts.get("attempt", 0),
        "document_no": facts.get("document_no", ""),
        "reverses_seq": facts.get("reverses_seq"),
        "actor_id": actor.id,
        "at": now,
        "memo": facts.get("memo", ""),
        "prev_hash": head.hash,
    }
    transfer = Transfer(**values)
    db.session.add(transfer)
    flush()
    head.count, head.hash = transfer.seq, seals.mac(f"{transfer.seq}|{head.hash}|{transfer.seal}".encode())
    flush()
    after = {"kind": kind, "fen": fen, "idem": idem, "hash": head.hash}
    audit.record(f"transfer.{kind}", transfer, actor=actor, now=now, after=after)
    return transfer


def _locked_head() -> ChainHead:
    head = db.session.scalar(select(ChainHead).where(ChainHead.name == CHAIN).with_for_update())
    if head is None:
        head = ChainHead(name=CHAIN, count=0, hash=audit.GENESIS)
        db.session.add(head)
        flush()
    else:
        db.session.refresh(head)
    return head


def _same_or_refuse(known: Transfer, kind, source: Account, target: Account, fen: int) -> Transfer:
    if (known.kind, known.src_id, known.dst_id, known.fen) != (kind, source.id, target.id, fen):
        raise Conflict("该业务编号已用于另一笔记账。", code="idem_reused")
    return known


def _refuse_closed(*accounts: Account) -> None:
    if any(account.line is not None and account.line.state == LineState.CLOSED for account in accounts):
        raise Conflict("该年度科目已关闭，只接受退票与冲正。", code="line_closed")


def _debit(account: Account, fen: int) -> None:
    """The guard and the act are one statement: whoever comes second finds too little and is refused."""
    enough = (Account.balance_fen >= fen) | (Account.role == A.FISCAL)
    done = db.session.execute(
        update(Account).where(Account.id == account.id, enough).values(balance_fen=Account.balance_fen - fen)
    )
    if done.rowcount != 1:
        raise Conflict("余额不足，无法办理。", code="insufficient_balance")
    db.session.expire(account, ["balance_fen"])


def _credit(account: Account, fen: int) -> None:
    db.session.execute(
        update(Account).where(Account.id == account.id).values(balance_fen=Account.balance_fen + fen)
    )
    db.session.expire(account, ["balance_fen"])


def close_line(line: BudgetLine, *, actor: Actor, now: datetime) -> None:
    LINE.fire(line, "close", actor=actor, now=now)


def import_indicators(
    rows: list[dict], *, fiscal_year: int, sources: dict[str, str], actor: Actor, now: datetime
) -> list[Indicator]:
    """As-reported indicator rows of one year; `sources` names the computing query by indicator name."""
    may_keep_ledger(actor).or_raise()
    start = (
        db.session.scalar(select(func.max(Indicator.position)).where(Indicator.fiscal_year == fiscal_year))
        or 0
    )
    made = [
        Indicator(
            fiscal_year=fiscal_year,
            position=start + offset,
            programme=row["programme"],
            level1=row["level1"],
            level2=row["level2"],
            name=row["name"],
            target_text=row["target_text"],
            actual_text=row["actual_text"],
            target_value=row["target_value"] or None,
            actual_value=row["actual_value"] or None,
            unit=row["unit"],
            direction=Direction(row["direction"]),
            source=sources.get(row["name"]),
            weight=row.get("weight") or None,
        )
        for offset, row in enumerate(rows, 1)
    ]
    db.session.add_all(made)
    flush()
    for indicator in made:
        audit.record("indicator.import", indicator, actor=actor, now=now, after={"name": indicator.name})
    return made
