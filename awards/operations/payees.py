"""Payees and their bank accounts: versioned, verified by a second person, numbers only as text."""

import re
import unicodedata
from datetime import datetime

from sqlalchemy import select

from awards import account_doubts
from awards.enums import AccountState, PayeeKind
from awards.models import Payee, PayeeAccount
from awards.operations.payments import lapse_payments
from awards.rules import may_keep_payees
from awards.states import ACCOUNT
from awards.wording import ACCOUNT_DOUBTS
from core import audit
from core.db import db, flush
from core.errors import InvalidInput
from core.rules import Actor
from judging.models import Judge

_NUMBER = re.compile(r"[0-9]{8,32}", re.ASCII)


def make_payee(
    *,
    kind: PayeeKind,
    name: str,
    credit_code: str,
    division_code: str | None = None,
    actor: Actor,
    now: datetime,
) -> Payee:
    """The payee of this credit code, made once."""
    may_keep_payees(actor).or_raise()
    payee = db.session.scalar(select(Payee).where(Payee.credit_code == credit_code))
    if payee is not None:
        return payee
    payee = Payee(kind=kind, name=name, credit_code=credit_code, division_code=division_code)
    db.session.add(payee)
    flush()
    audit.record("payee.create", payee, actor=actor, now=now, after={"name": name, "kind": kind})
    return payee


def make_expert(judge: Judge, *, actor: Actor, now: datetime) -> Payee:
    """The payee of this expert of the library, made once."""
    may_keep_payees(actor).or_raise()
    payee = db.session.scalar(select(Payee).where(Payee.judge_id == judge.id))
    if payee is not None:
        return payee
    payee = Payee(kind=PayeeKind.EXPERT, name=judge.name, judge_id=judge.id)
    db.session.add(payee)
    flush()
    after = {"name": payee.name, "kind": payee.kind, "judge": judge.id}
    audit.record("payee.create", payee, actor=actor, now=now, after=after)
    return payee


def same_name(left: str, right: str) -> bool:
    """Names compared without regard to width, brackets' shape and spaces; the original is what is paid."""
    return _plain(left) == _plain(right)


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).lower()


def doubts_of(account: PayeeAccount) -> list[str]:
    personal = account.payee.kind == PayeeKind.EXPERT
    return account_doubts.doubts(account.number, account.bank_code, personal=personal)


def enter_account(
    payee: Payee,
    *,
    account_name: str,
    number: str,
    bank: str,
    bank_code: str = "",
    actor: Actor,
    now: datetime,
) -> PayeeAccount:
    """A new version; the one before is superseded, and what was approved for it goes back to its preparer.

    Name must be the payee's, number is not a bank code.
    """
    may_keep_payees(actor).or_raise()
    number, bank_code = number.replace(" ", ""), bank_code.strip()
    if not _NUMBER.fullmatch(number):
        raise InvalidInput("账号应为 8 到 32 位数字。", code="account_number", field="number")
    if bank_code and not re.fullmatch(r"[0-9]{12}", bank_code):
        raise InvalidInput("行号应为 12 位数字。", code="bank_code", field="bank_code")
    if number == bank_code:
        raise InvalidInput("账号与行号相同，请核对。", code="account_is_bank_code", field="number")
    if not same_name(account_name, payee.name):
        raise InvalidInput("户名须与收款单位名称一致。", code="account_name", field="account_name")
    for old in payee.accounts:
        if old.state != AccountState.SUPERSEDED:
            ACCOUNT.fire(old, "supersede", actor=actor, now=now)
    lapse_payments(payee, actor=actor, now=now)
    account = PayeeAccount(
        payee=payee,
        version=len(payee.accounts) + 1,
        account_name=account_name,
        number=number,
        bank=bank,
        bank_code=bank_code,
        entered_by_id=actor.id,
        entered_at=now,
    )
    db.session.add(account)
    flush()
    audit.record("payee_account.enter", account, actor=actor, now=now, after={"version": account.version})
    return account


def verify_account(
    account: PayeeAccount, *, doubts_note: str = "", actor: Actor, now: datetime
) -> PayeeAccount:
    """By a second person; what looks wrong only with a word on how it was cleared up."""
    note, found = doubts_note.strip(), doubts_of(account)
    if found and not note:
        words = "、".join(ACCOUNT_DOUBTS[doubt] for doubt in found)
        raise InvalidInput(f"{words}，请写明如何核实。", code="account_doubts", field="reason")
    ACCOUNT.fire(
        account,
        "verify",
        actor=actor,
        now=now,
        set={"verified_by_id": actor.id, "verified_at": now, "doubts_note": note if found else ""},
    )
    return account
