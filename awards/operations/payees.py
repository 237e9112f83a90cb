"""Payees and their bank accounts: versioned, verified by a second person, numbers only as text."""

import re
import unicodedata
from datetime import datetime

from sqlalchemy import select
from stdnum.iso7064 import mod_11_10

from awards.enums import AccountState, PayeeKind
from awards.models import Payee, PayeeAccount
from awards.rules import may_keep_payees
from awards.states import ACCOUNT
from core import audit
from core.db import db, flush
from core.errors import InvalidInput
from core.rules import Actor

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


def same_name(left: str, right: str) -> bool:
    """Names compared without regard to width, brackets' shape and spaces; the original is what is paid."""
    return _plain(left) == _plain(right)


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).lower()


def bank_code_fits(bank_code: str) -> bool:
    """CNAPS check digit, ISO 7064 Mod 11,10; a failure is a warning, not a stop (FINANCE.md 3.5)."""
    return len(bank_code) == 12 and mod_11_10.is_valid(bank_code)


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
    """A new version; the one before is superseded. Name must be the payee's, number is not a bank code."""
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


def verify_account(account: PayeeAccount, *, actor: Actor, now: datetime) -> PayeeAccount:
    ACCOUNT.fire(
        account, "verify", actor=actor, now=now, set={"verified_by_id": actor.id, "verified_at": now}
    )
    return account


def account_in_force(payee: Payee) -> PayeeAccount | None:
    return next((account for account in payee.accounts if account.state == AccountState.VERIFIED), None)
