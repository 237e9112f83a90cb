"""A process that does one thing to the money and is killed with -9 in the middle of it, or is let through.

`python -m tests.awards.killed ACT PLACE`: the PLACEth time the act writes to the ledger or to a payment's state, there
is no process any more; with 0 it gets through.
"""

import os
import signal
import sys
from datetime import datetime

from sqlalchemy import select

from awards.enums import PaymentState
from awards.models import BankFormat, BankResult, Payment, PaymentBatch
from awards.operations import batches, payments, results
from awards.states import PAYMENT
from core.app import create_app
from core.clock import utcnow
from core.db import commit, db
from core.models import User
from core.settings import from_environment


def person(username: str) -> User:
    return db.session.scalar(select(User).where(User.username == username))


def submit(now: datetime) -> None:
    """All drafts are handed in, each holding its money."""
    clerk = person("office-staff")
    for payment in db.session.scalars(select(Payment).where(Payment.state == PaymentState.DRAFT)).all():
        payments.submit_payment(payment, actor=clerk, now=now)


def export(now: datetime) -> None:
    batch, wanted = db.session.scalar(select(PaymentBatch)), db.session.scalar(select(BankFormat))
    batches.export_batch(batch, bank_format=wanted, actor=person("finance-staff"), now=now)


def answer(now: datetime) -> None:
    result = db.session.scalar(select(BankResult))
    seen = results.digest_of(results.matches_of(result))
    results.confirm_result(result, seen=seen, actor=person("finance-staff"), now=now)


ACTS = {"submit": submit, "export": export, "answer": answer}


def killed_at(place: int) -> None:
    """Every change of a payment's state is counted, after it was flushed."""
    fire, seen = PAYMENT.fire, []

    def counting(*arguments, **options) -> None:
        fire(*arguments, **options)
        seen.append(arguments)
        if len(seen) == place:
            os.kill(os.getpid(), signal.SIGKILL)

    PAYMENT.fire = counting


def main(act: str, place: str) -> None:
    with create_app(from_environment(dict(os.environ))).app_context():
        killed_at(int(place))
        ACTS[act](utcnow())
        commit()


if __name__ == "__main__":
    main(*sys.argv[1:])
