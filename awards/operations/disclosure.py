"""Showing what is otherwise masked: allowed to finance, recorded each time."""

from datetime import datetime

from awards.models import PayeeAccount
from awards.rules import may_operate_bank
from core import audit
from core.rules import Actor


def reveal_account(account: PayeeAccount, *, actor: Actor, now: datetime) -> PayeeAccount:
    """The number itself never enters the record, only whose it is."""
    may_operate_bank(actor).or_raise()
    after = {"payee": account.payee.name, "version": account.version}
    audit.record("payee_account.reveal", account, actor=actor, now=now, after=after)
    return account
