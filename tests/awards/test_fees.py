"""Expert fees: net to gross and tax to the 分, the list as one event cost through the ordinary payment chain."""

import pytest

from awards.fees import DEFAULT, Bracket, TaxTable, fee, outside_standard, tax_for, tax_on
from awards.models import Award, FeeList
from awards.operations import fees as operations
from awards.rules import money_may_move
from core.checks import run_all
from core.db import commit, db
from core.errors import Conflict, InvalidInput
from tests.awards.test_payment_pages import cast
from tests.factories import awards as make
from tests.factories.competition import make_edition


@pytest.mark.parametrize(
    ("gross", "tax"),
    [
        (0, 0),
        (80_000, 0),
        (80_100, 20),
        (400_000, 64_000),
        (400_001, 64_000),
        (2_500_000, 400_000),
        (2_500_100, 400_024),
        (6_250_000, 1_300_000),
        (10_000_000, 2_500_000),
    ],
)
def test_tax_on_a_gross_fee(gross, tax):
    assert tax_on(gross, DEFAULT) == tax


@pytest.mark.parametrize("net", [1, 80_000, 80_001, 240_000, 336_000, 336_001, 480_000, 2_100_000, 9_999_999])
def test_net_is_what_is_left_to_the_fen(net):
    tax = tax_for(net, DEFAULT)
    assert net + tax - tax_on(net + tax, DEFAULT) == net
    assert net + tax - 1 - tax_on(net + tax - 1, DEFAULT) < net


def test_half_days_and_another_table():
    flat = TaxTable(0, 0, 0, (Bracket(None, 1_000, 0),))
    found = fee("甲", senior=True, half_days=3, rate_fen=200_000, table=flat)
    assert (found.net_fen, found.tax_fen, found.gross_fen) == (300_000, 33_333, 333_333)


@pytest.mark.parametrize(
    ("senior", "rate", "outside"), [(True, 240_000, False), (True, 240_001, True), (False, 89_999, True)]
)
def test_rates_outside_the_reference_are_marked(senior, rate, outside):
    assert outside_standard(fee("甲", senior=senior, half_days=2, rate_fen=rate, table=DEFAULT)) is outside


def make_list(now, fees, *, wan=10):
    edition, line = make_edition(now), make.make_line(now, wan=wan)
    return operations.make_fee_list(
        edition=edition,
        line=line,
        payee=make.make_unit(now),
        title="演示总决赛评审费",
        fees=fees,
        table=DEFAULT,
        actor=make.office(now),
        now=now,
    )


def fees_of(*names):
    return [fee(name, senior=True, half_days=2, rate_fen=200_000, table=DEFAULT) for name in names]


def test_list_is_one_payment_without_a_notice(ctx, now):
    made = make_list(now, fees_of("甲", "乙"))
    assert (made.net_fen, made.tax_fen, made.award.amount_fen) == (400_000, 60_000, 460_000)
    assert money_may_move(made.award.instalments[0], now)
    payment = make.make_payment(made.award, now, approve=True)
    assert payment.fen == 460_000
    commit()
    assert run_all() == []
    made.lines = [{**made.lines[0], "tax_fen": 1}, made.lines[1]]
    db.session.flush()
    assert "expert-fees" in {found.invariant for found in run_all()}


def pay_list(now, fees, *, on=None):
    edition, line = on or (make_edition(now), make.make_line(now, wan=10))
    return operations.make_fee_list(
        edition=edition,
        line=line,
        payee=make.make_unit(now),
        title="演示总决赛评审费",
        fees=fees,
        table=DEFAULT,
        direct=True,
        actor=make.office(now),
        now=now,
    )


def test_each_expert_is_paid_to_an_account_of_his_own_and_the_tax_to_the_unit(ctx, now):
    experts = [make.make_expert(name, now) for name in ("甲", "乙")]
    made = pay_list(now, fees_of("甲", "乙"))
    assert (made.award.payee.name, made.award.amount_fen) == ("演示科技局1", 60_000)
    assert [(part.award.payee, part.award.amount_fen) for part in made.parts] == [
        (experts[0], 200_000),
        (experts[1], 200_000),
    ]
    payments = []
    for award in [made.award, *(part.award for part in made.parts)]:
        payments.append(make.make_payment(award, now, approve=True))
    assert sum(payment.fen for payment in payments) == made.gross_fen
    assert payments[1].account_snapshot["account_name"] == "甲"
    commit()
    assert run_all() == []
    made.lines = [{**made.lines[0], "name": "丙"}, made.lines[1]]
    db.session.flush()
    assert "expert-fees" in {found.invariant for found in run_all()}


def test_fee_without_tax_leaves_the_unit_nothing(ctx, now):
    make.make_expert("甲", now)
    small = fee("甲", senior=False, half_days=1, rate_fen=100_000, table=DEFAULT)
    made = pay_list(now, [small])
    assert (made.award, made.gross_fen) == (None, 50_000)
    commit()
    assert run_all() == []


def test_experts_without_an_account_of_their_own_or_of_one_name_are_refused(ctx, now):
    on = make_edition(now), make.make_line(now, wan=10)
    with pytest.raises(InvalidInput, match="没有已核验"):
        pay_list(now, fees_of("甲"), on=on)
    make.make_expert("乙", now)
    make.make_expert("乙", now, card="4111111111111111")
    with pytest.raises(InvalidInput, match="有 2 位专家叫乙"):
        pay_list(now, fees_of("乙"), on=on)


def test_twice_the_same_nobody_or_too_much_is_refused(ctx, now):
    for wrong in ([], fees_of("甲", "甲")):
        with pytest.raises(InvalidInput):
            make_list(now, wrong)
        db.session.rollback()
    with pytest.raises(Conflict, match="余额不足"):
        make_list(now, fees_of("甲"), wan=0)


def test_list_is_typed_computed_and_printed(prepared, as_user, app):
    def ready(now):
        cast(now)
        return make_edition(now).id, make.make_line(now).id, make.make_unit(now).id

    edition, line, payee = prepared(ready)
    prepared(lambda now: make.make_expert("丙", now).id)
    office = as_user("office-staff")
    form = {
        "edition": edition,
        "line": line,
        "payee": payee,
        "title": "演示评审费",
        "lines": "甲 | 高级 | 1.5 | 2000\n乙 | 其他 | 1 | 2000",
        "allowance": "800",
        "small_limit": "4000",
        "share": "20",
        "brackets": "20000 | 20 | 0\n以上 | 30 | 2000",
    }
    assert office.get("/money/fees/new").status_code == 200
    for wrong, sentence in (
        ({"lines": "甲 | 高级 | 1.3 | 2000"}, "第 1 行"),
        ({"lines": "甲 | 高级 | 1"}, "第 1 行"),
        ({"lines": "甲 | 高级 | 0 | 2000"}, "人天或标准有误"),
        ({"brackets": "20000 | 20 | 0"}, "最后一行"),
        ({"brackets": "以上 | x | 0"}, "税率"),
    ):
        answer = office.post("/money/fees/new", form | wrong)
        assert answer.status_code == 422 and sentence in answer.text
    made = office.post("/money/fees/new", form)
    assert made.status_code == 303
    page = office.text(made.location)
    assert "超出参考范围" in page and "3,550.00" in page
    assert "证件号码" in as_user("finance-staff").text(f"{made.location}/print")
    assert as_user("finance-staff").post("/money/fees/new", form).status_code == 403
    unknown = office.post("/money/fees/new", form | {"direct": "y"})
    assert unknown.status_code == 422 and "甲没有已核验的本人账户" in unknown.text
    direct = office.post("/money/fees/new", form | {"direct": "y", "lines": "丙 | 高级 | 1 | 2000"})
    assert "付到每位专家本人账户" in office.text(direct.location)
    assert "付到本人" in office.text("/money/fees")
    assert office.get(f"{direct.location}/print").status_code == 200
    with app.app_context():
        first = db.session.scalar(db.select(FeeList).order_by(FeeList.id))
        assert db.session.get(Award, first.award_id).amount_fen == first.gross_fen
