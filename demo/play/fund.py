"""The special fund of 2018: tree, issue and allocation, indicators as reported."""

import csv
from pathlib import Path

from demo import edition_2018 as data
from demo.play.stage import Play
from fund import findings, reporting
from fund import operations as ledger
from fund.enums import LineKind
from fund.models import BudgetLine

DATA = Path(__file__).resolve().parent.parent / "data"
ISSUE = "演示财建〔2018〕1号"


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def play(stage: Play) -> dict[str, BudgetLine]:
    """The tree's own rows; `indicator_…` rows are claims of the indicator table, not lines."""
    now, finance = data.at(1, 15), stage.people["finance"]
    lines: dict[str, BudgetLine] = {}
    for row in rows_of(data.FUND_TREE):
        if row["kind"].startswith("indicator_"):
            continue
        lines[row["code"]] = ledger.create_line(
            code=row["code"],
            parent=lines.get(row["parent_code"]),
            fiscal_year=data.YEAR,
            name=row["name"],
            kind=LineKind(row["kind"]),
            reported_fen=int(row["amount_fen"]),
            reported_items=int(row["item_count"]) if row["item_count"] else None,
            note=row["note"],
            actor=finance,
            now=now,
        )
    _issue(lines, finance)
    ledger.import_indicators(
        rows_of(data.INDICATORS),
        fiscal_year=data.YEAR,
        sources=data.INDICATOR_SOURCES,
        actor=finance,
        now=data.at(2, 1),
    )
    for programme in data.REPORTED_BY_OFFICES:
        who = stage.people["programme"]
        reporting.name_reporter(data.YEAR, programme, who, actor=finance, now=data.at(2, 1))
    stage.step()
    return lines


def _issue(lines: dict[str, BudgetLine], finance) -> None:
    """The fund is issued once; the three programmes get their share; the contest's line is split in two.

    Below the other two programmes only reported figures are known, and one set of them exceeds its programme
    (finding R01), so no money is booked there.
    """
    now = data.at(2, 1)
    root = lines["F18"]
    ledger.issue(root, fen=root.reported_fen, document_no=ISSUE, idem="2018:issue", actor=finance, now=now)
    for parent, child in (
        ("F18", "F18-A"),
        ("F18", "F18-B"),
        ("F18", "F18-C"),
        ("F18-C", "F18-C-1"),
        ("F18-C", "F18-C-2"),
    ):
        ledger.allocate(
            lines[parent],
            lines[child],
            fen=lines[child].reported_fen,
            document_no=ISSUE,
            idem=f"2018:allocate:{child}",
            actor=finance,
            now=now,
        )


def report(stage: Play) -> None:
    """The self-evaluation as it was handed in, reconciled with tree and indicators."""
    findings.file_report(
        data.YEAR,
        text=(DATA / data.REPORT).read_text(encoding="utf-8"),
        source_name="2018年度自评报告.txt",
        actor=stage.office,
        now=data.at(11, 12),
    )
    stage.step()
