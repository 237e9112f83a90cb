"""Accounts: doubts cleared up by a second person, and a change that voids what was approved for the old one."""

import pytest
from sqlalchemy.exc import IntegrityError

from awards.account_doubts import bank_code_fits, doubts
from awards.enums import AccountState, BatchState, PaymentState
from awards.models import Payment
from awards.operations import payees, payments
from core.checks import run_all
from core.db import commit, db
from core.enums import Role
from core.errors import InvalidInput, NotAllowed
from fund.queries import line_totals
from tests.awards.test_payment_pages import cast
from tests.factories import awards as make
from tests.factories.competition import staff

# FINANCE.md 3.5: codes of banks in Xinjiang; one code of a public list that fails.
GOOD = ("313881000002", "313882000012", "313888000013", "402881061690", "102100099996", "103100000026")
BAD = "314653617115"


@pytest.mark.parametrize("code", GOOD)
def test_bank_codes_of_the_reference_fit(code):
    assert bank_code_fits(code)
    changed = code[:5] + str((int(code[5]) + 1) % 10) + code[6:]
    assert not bank_code_fits(changed)


@pytest.mark.parametrize(
    ("number", "bank_code", "personal", "expected"),
    [
        ("650500000001", GOOD[0], False, []),
        ("650500000001", "", False, []),
        ("650500000001", BAD, False, ["bank_code"]),
        (GOOD[1], GOOD[0], False, ["like_bank_code"]),
        ("4111111111111111", "", True, []),
        ("4111111111111112", "", True, ["card"]),
        ("65050000", "", True, ["card"]),
        ("4111111111111112", BAD, False, ["bank_code"]),
    ],
)
def test_doubts(number, bank_code, personal, expected):
    assert doubts(number, bank_code, personal=personal) == expected


def entered(payee, now, **changes):
    values = {"account_name": payee.name, "number": "6505000000012", "bank": "演示银行", "bank_code": BAD}
    return payees.enter_account(payee, **{**values, **changes}, actor=make.office(now), now=now)


def test_code_that_fails_its_check_is_verified_only_with_a_word(ctx, now):
    account = entered(make.make_unit(now), now)
    with pytest.raises(NotAllowed):
        payees.verify_account(account, doubts_note="已核实", actor=make.office(now), now=now)
    with pytest.raises(InvalidInput, match="校验位不符"):
        payees.verify_account(account, doubts_note=" ", actor=make.second_office(now), now=now)
    payees.verify_account(account, doubts_note="已电询开户行", actor=make.second_office(now), now=now)
    assert (account.state, account.doubts_note) == (AccountState.VERIFIED, "已电询开户行")
    commit()
    assert run_all() == []
    account.doubts_note = ""
    db.session.flush()
    assert "accounts-confirmed" in {found.invariant for found in run_all()}


@pytest.mark.parametrize(
    "name", ["演示科技局1", "演示 科技局１", "演示科技局1　"], ids=["same", "width", "ideographic space"]
)
def test_names_are_compared_without_width_and_spaces_and_kept_as_typed(ctx, now, name):
    account = entered(make.make_unit(now), now, account_name=name)
    assert account.account_name == name


@pytest.mark.parametrize(
    "changes",
    [
        {"account_name": "另一科技局"},
        {"number": "6.5050000E+18"},
        {"number": BAD, "bank_code": BAD},
        {"bank_code": "12345"},
    ],
)
def test_accounts_that_cannot_be_are_refused(ctx, now, changes):
    with pytest.raises(InvalidInput):
        entered(make.make_unit(now), now, **changes)


@pytest.fixture
def approved(ctx, now):
    _, made = make.make_winners(now, count=2)
    make.confirm(made, now)
    return [make.make_payment(award, now, approve=True) for award in made]


def test_change_after_the_approval_voids_it_and_dissolves_the_batch(approved, now):
    changed, other = approved
    batch = make.batches.make_batch(approved, actor=staff(Role.FINANCE, now), now=now)
    account = entered(changed.payee, now)
    assert (changed.state, changed.attempt) == (PaymentState.DRAFT, 2)
    assert all(step.voided for step in changed.steps)
    assert (batch.state, other.state, other.batch) == (BatchState.VOID, PaymentState.APPROVED, None)
    assert line_totals(changed.line).held_fen == other.fen
    payees.verify_account(account, doubts_note="已核实", actor=make.second_office(now), now=now)
    db.session.expire(changed)
    payments.submit_payment(changed, actor=make.office(now), now=now)
    assert changed.account_snapshot["number"] == "6505000000012"
    commit()
    assert run_all() == []


def test_database_sends_nothing_to_an_account_out_of_force(approved, now):
    account = approved[0].payee.accounts[0]
    values = {"state": "superseded"}
    db.session.execute(db.update(type(account)).where(type(account).id == account.id).values(**values))
    with pytest.raises(IntegrityError, match="stale_account"), db.session.begin_nested():
        db.session.execute(
            db.update(Payment).where(Payment.id == approved[0].id).values(state=PaymentState.EXPORTED)
        )


def test_doubt_is_shown_and_cleared_up_on_the_page(prepared, as_user):
    def ready(now):
        cast(now)
        payee = make.make_unit(now)
        return payee.id, entered(payee, now).id

    payee, account = prepared(ready)
    second, page = as_user("office-second"), f"/money/payees/{payee}"
    assert "行号校验位不符" in second.text(page)
    refused = second.post(f"/money/accounts/{account}/verify")
    assert refused.status_code == 422 and "请写明如何核实" in refused.text
    assert second.post(f"/money/accounts/{account}/verify", {"reason": "已电询开户行"}).status_code == 303
    assert "已电询开户行" in second.text(page)


def test_expert_is_registered_from_the_library(prepared, as_user):
    def ready(now):
        cast(now)
        return make.make_judge(now, name="演示专家").id

    judge = prepared(ready)
    finance = as_user("finance-staff")
    form = {"kind": "expert", "expert": judge}
    assert finance.post("/money/payees/new", form | {"expert": 0}).status_code == 422
    assert finance.post("/money/payees/new", {"kind": "host", "expert": judge}).status_code == 422
    made = finance.post("/money/payees/new", form)
    assert made.status_code == 303 and "演示专家" in finance.text(made.location)
    assert finance.post("/money/payees/new", form).status_code == 422
