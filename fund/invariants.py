"""The ledger's invariants as queries that must find nothing (FINANCE.md 6.3). None trusts a constraint or a trigger."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select

from core import audit, seals
from core.db import db
from core.models import ChainHead
from fund.enums import AccountRole
from fund.models import Account, Transfer
from fund.operations import CHAIN


def balances_follow_transfers() -> Iterator[tuple[str, str]]:
    """Stored balance = sum over the transfers; only the external account is ever below zero; all sum to zero."""
    expected: dict[int, int] = defaultdict(int)
    for src, dst, fen in db.session.execute(select(Transfer.src_id, Transfer.dst_id, Transfer.fen)):
        expected[src] -= fen
        expected[dst] += fen
    total = 0
    for account in db.session.execute(select(Account.id, Account.role, Account.balance_fen)):
        total += account.balance_fen
        if account.balance_fen != expected[account.id]:
            yield (
                f"fund_account {account.id}",
                f"余额 {account.balance_fen} 与记账合计 {expected[account.id]} 不符",
            )
        if account.balance_fen < 0 and account.role != AccountRole.FISCAL:
            yield f"fund_account {account.id}", "余额为负"
    if total:
        yield "fund_account", f"全部账户合计为 {total}，应为 0"


def never_below_zero() -> Iterator[tuple[str, str]]:
    """Replayed in order, no account was ever overdrawn."""
    external = set(db.session.scalars(select(Account.id).where(Account.role == AccountRole.FISCAL)))
    running: dict[int, int] = defaultdict(int)
    rows = db.session.execute(
        select(Transfer.seq, Transfer.src_id, Transfer.dst_id, Transfer.fen).order_by(Transfer.seq)
    )
    for seq, src, dst, fen in rows:
        running[src] -= fen
        running[dst] += fen
        if running[src] < 0 and src not in external:
            yield f"transfer {seq}", f"记账后账户 {src} 为负"


def ledger_chain_holds() -> Iterator[tuple[str, str]]:
    """Sequence without gap, each entry chained to the one before, the stored head fits."""
    last, count = audit.GENESIS, 0
    for seq, prev_hash, seal in db.session.execute(
        select(Transfer.seq, Transfer.prev_hash, Transfer.seal).order_by(Transfer.seq)
    ):
        if seq != count + 1:
            yield f"transfer {count + 1}", "记账缺失"
        elif prev_hash != last:
            yield f"transfer {seq}", "记账链在此断开"
        last, count = seals.mac(f"{seq}|{prev_hash}|{seal}".encode()), seq
    head = db.session.execute(
        select(ChainHead.count, ChainHead.hash).where(ChainHead.name == CHAIN)
    ).one_or_none()
    if (head.count, head.hash) != (count, last) if head else count:
        yield f"chain_head {CHAIN}", "链头与最后一笔记账不符"


def ledger_hash_at(count: int) -> str | None:
    """The hash of the chain at this length, from the entry's own row."""
    row = db.session.execute(select(Transfer.prev_hash, Transfer.seal).where(Transfer.seq == count)).first()
    return seals.mac(f"{count}|{row.prev_hash}|{row.seal}".encode()) if row else None


LIFE_OF_AN_ATTEMPT = {
    ("hold",),
    ("hold", "release"),
    ("hold", "pay"),
    ("hold", "pay", "bounce"),
    ("hold", "pay", "bounce", "release"),
    ("hold", "return"),
    ("hold", "return", "bounce"),
    ("hold", "return", "bounce", "release"),
}


def payments_resolve_once() -> Iterator[tuple[str, str]]:
    """One hold per attempt, resolved once and for its exact amount; a bounced one may free its restored hold."""
    lives: dict[tuple[str, int], list] = defaultdict(list)
    rows = db.session.execute(
        select(Transfer.seq, Transfer.kind, Transfer.payment_no, Transfer.attempt, Transfer.fen)
        .where(Transfer.payment_no.is_not(None))
        .order_by(Transfer.seq)
    )
    for row in rows:
        lives[row.payment_no, row.attempt].append(row)
    for (payment_no, attempt), life in lives.items():
        if (
            tuple(row.kind.value for row in life) not in LIFE_OF_AN_ATTEMPT
            or len({row.fen for row in life}) > 1
        ):
            yield f"transfer {life[-1].seq}", f"支付 {payment_no} 第 {attempt} 次的占用与支付不成对"
