"""The database itself refuses money whose notice or acceptance is not done, whatever the application believes."""

import pytest

from awards.enums import ObjectorKind
from awards.models import Award, Notice
from awards.operations import objections
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict
from core.rules import SYSTEM
from fund import operations as ledger
from tests.factories import awards as make
from tests.factories.competition import staff

SENTENCE = "数据库拒绝"


def hold(payment, now):
    ledger.hold(
        payment.line,
        fen=payment.fen,
        payment_no=payment.number,
        attempt=1,
        idem="guard",
        actor=staff(Role.FINANCE, now),
        now=now,
    )


@pytest.fixture
def payment(ctx, now):
    _, made = make.make_winners(now, count=1)
    make.confirm(made, now)
    return make.make_payment(made[0], now, submit=False)


def behind_the_back(model, **values):
    db.session.execute(db.update(model).values(**values))
    db.session.expire_all()


def test_clean_award_is_held(payment, now):
    hold(payment, now)
    assert payment.line is not None


def test_running_notice_refuses_the_hold(payment, now):
    behind_the_back(Notice, state="running")
    with pytest.raises(Conflict, match=SENTENCE):
        hold(payment, now)


def test_award_without_a_notice_refuses_the_hold(payment, now):
    behind_the_back(Award, notice_id=None)
    with pytest.raises(Conflict, match=SENTENCE):
        hold(payment, now)


@pytest.mark.parametrize("kind", [ObjectorKind.UNIT, ObjectorKind.PERSON])
def test_open_real_name_objection_refuses_the_hold(payment, now, kind):
    object_to(payment, now, kind)
    with pytest.raises(Conflict, match=SENTENCE):
        hold(payment, now)


def test_clue_without_a_name_does_not(payment, now):
    object_to(payment, now, ObjectorKind.ANONYMOUS)
    hold(payment, now)


def object_to(payment, now, kind):
    notice = payment.instalment.award.notice
    notice.__dict__["state"] = "running"
    objections.file_objection(
        notice,
        objector_kind=kind,
        objector="某公司",
        contact="0991-1",
        content="名单有误。",
        actor=SYSTEM,
        now=notice.starts_at,
    )
    db.session.expire(notice)


def test_tail_without_a_passed_acceptance_refuses_the_hold(ctx, now):
    _, made = make.make_winners(now, count=1, first_bp=5_000)
    make.confirm(made, now)
    first = make.make_payment(made[0], now, submit=False)
    first.instalment = made[0].instalments[1]
    flush()
    with pytest.raises(Conflict, match=SENTENCE):
        hold(first, now)
