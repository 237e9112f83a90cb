"""Funds, movements and indicators for tests, made through the operations the pages call. All figures are invented."""

from datetime import datetime
from typing import Any

from core.enums import Role
from core.money import FEN_PER_WAN
from fund import operations as ledger
from fund.enums import LineKind
from fund.models import BudgetLine, Indicator, Transfer
from tests.factories.competition import staff

DOCUMENT = "演示财教〔2026〕1号"
INDICATOR = {
    "programme": "创新创业大赛",
    "level1": "产出指标",
    "level2": "数量指标",
    "name": "奖励企业数量",
    "target_text": "10家",
    "actual_text": "8家",
    "target_value": "10",
    "actual_value": "8",
    "unit": "家",
    "direction": "at_least",
}


def make_line(now: datetime, code: str, *, parent: BudgetLine | None = None, **changes: Any) -> BudgetLine:
    facts = {"fiscal_year": 2026, "name": f"演示科目{code}", "kind": LineKind.NEW_PROJECTS} | changes
    return ledger.create_line(code=code, parent=parent, actor=staff(Role.FINANCE, now), now=now, **facts)


def make_fund(now: datetime, *, children: int = 2, year: int = 2026, wan: int = 1000) -> list[BudgetLine]:
    """A root with `wan` 万元 issued to it and children reported at 100万元 each; the root reports their sum."""
    code = f"F{year % 100}"
    root = make_line(
        now,
        code,
        fiscal_year=year,
        name=f"演示专项{year}",
        kind=LineKind.FUND,
        reported_fen=children * 100 * FEN_PER_WAN,
    )
    below = [
        make_line(
            now,
            f"{code}-{number}",
            parent=root,
            fiscal_year=year,
            name=f"演示分项{number}",
            reported_fen=100 * FEN_PER_WAN,
        )
        for number in range(1, children + 1)
    ]
    issue(root, now, wan=wan, idem=f"{code}:issue")
    return [root, *below]


def issue(line: BudgetLine, now: datetime, *, wan: int, idem: str) -> Transfer:
    finance = staff(Role.FINANCE, now)
    return ledger.issue(
        line, fen=wan * FEN_PER_WAN, document_no=DOCUMENT, idem=idem, memo="演示下达", actor=finance, now=now
    )


def make_payment_moves(line: BudgetLine, now: datetime, *, number: str, wan: int) -> None:
    """Hold and pay: what a payment of the floor above leaves in the ledger."""
    facts = {"fen": wan * FEN_PER_WAN, "payment_no": number, "attempt": 1}
    facts |= {"actor": staff(Role.FINANCE, now), "now": now}
    ledger.hold(line, idem=f"{number}:hold", **facts)
    ledger.pay(line, idem=f"{number}:pay", **facts)


def make_indicators(
    now: datetime, *rows: dict[str, str], year: int = 2026, source: str = ""
) -> list[Indicator]:
    """Rows over the defaults of INDICATOR; `source` names the computing query of the first row."""
    full = [INDICATOR | row for row in rows or ({},)]
    sources = {full[0]["name"]: source} if source else {}
    return ledger.import_indicators(
        full, fiscal_year=year, sources=sources, actor=staff(Role.FINANCE, now), now=now
    )
