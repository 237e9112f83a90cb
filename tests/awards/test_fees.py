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
    assert money_may_move(made.award.instalments[0])
    payment = make.make_payment(made.award, now, approve=True)
    assert payment.fen == 460_000
    commit()
    assert run_all() == []
    made.lines = [{**made.lines[0], "tax_fen": 1}, made.lines[1]]
    db.session.flush()
    assert "expert-fees" in {found.invariant for found in run_all()}


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
    with app.app_context():
        assert (
            db.session.scalar(db.select(Award.amount_fen)) == db.session.scalar(db.select(FeeList)).gross_fen
        )
