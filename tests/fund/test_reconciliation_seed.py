"""The 2018 report: 22 known contradictions are found by rule, in order, and nothing else."""

import csv
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from fund.files import read_indicators, read_text, read_tree
from fund.reconciliation import reconcile

ROOT = Path(__file__).parents[2]
DATA = ROOT / "demo" / "data"
TREE = read_tree(DATA / "fund_tree_2018.csv")
TABLE = read_indicators(DATA / "performance_indicators_2018.csv")
TEXT = read_text(DATA / "report_2018.txt")
FOUND = reconcile(TREE, TABLE, TEXT)


def golden():
    with (DATA / "reconciliation_findings_2018.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def cell(value):
    return "" if value is None else str(value)


def test_nothing_but_the_known_findings():
    assert [(f.id, f.rule, f.ref_code) for f in FOUND] == [
        (row["id"], row["rule"], row["ref_code"]) for row in golden()
    ]


@pytest.mark.parametrize("row", golden(), ids=lambda row: row["id"])
def test_figures_equal_the_known_finding(row):
    finding = next(finding for finding in FOUND if finding.id == row["id"])
    figures = ("severity", "expected", "found", "difference")
    assert [cell(getattr(finding, name)) for name in figures] == [row[name] for name in figures]


@pytest.mark.parametrize(
    "number, quoted",
    [
        ("R01", ["986万元", "817万元", "1,803万元", "1,800万元"]),
        ("R03", ["900万元", "9项", "950万元", "10项"]),
        ("R05", ["1,290万元", "120万元", "1,410万元", "1,485万元"]),
        ("R07", ["515项"]),
        ("R09", ["15项", "10个", "3个"]),
        ("R11", ["1-2年", "三年"]),
        ("R14", ["11个地区赛", "12个地州市", "13个地州市", "35个贫困县市", "21个贫困县市", "87个县市区"]),
        ("R15", ["680余家", "700余家", "增收1000左右", "500户以上"]),
        ("R22", ["100个", "3000户", "45个", "500户以上"]),
    ],
)
def test_statement_quotes_both_figures(number, quoted):
    finding = next(finding for finding in FOUND if finding.id == number)
    assert [figure for figure in quoted if figure not in finding.statement] == []


def test_every_finding_names_its_places_and_a_candidate_explanation():
    assert [f.id for f in FOUND if not f.places or not f.explanation] == []


def test_keys_tell_findings_apart_and_fit_their_column():
    keys = {finding.key for finding in FOUND}
    assert (len(keys), max(map(len, keys)) <= 120) == (22, True)


def test_the_leaf_total_is_derived_from_the_one_broken_sum():
    derived = {f.id: f.derived_from for f in FOUND if f.derived_from}
    assert derived == {"R02": ("R01",)}


def test_money_findings_do_not_need_the_claims_copied_into_the_tree():
    found = reconcile([line for line in TREE if not line.is_claim], TABLE)
    claims = [(f.rule, f.ref_code, f.difference) for f in found if f.severity == "error"]
    assert claims == [
        ("sum_mismatch", "F18-B", 3_000_000),
        ("leaf_total_mismatch", "F18", 3_000_000),
        ("claim_vs_ledger", "F18-A2-1", -50_000_000),
        ("scope_mismatch", "F18-A2", -300_000_000),
        ("claim_vs_ledger", "F18-C-1", -75_000_000),
    ]


def test_the_tree_alone_shows_the_tree_s_own_findings():
    found = reconcile(TREE, [])
    assert [f.rule for f in found] == [
        "sum_mismatch",
        "leaf_total_mismatch",
        "claim_vs_ledger",
        "scope_mismatch",
        "claim_vs_ledger",
        "count_mismatch",
    ]


def test_rules_name_nothing_of_the_report():
    """No programme, no figure and no phrase of the 2018 documents may stand in the rules."""
    sources = sorted((ROOT / "fund" / "reconciliation").glob("*.py")) + [ROOT / "fund" / "wording.py"]
    code = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    names = {line.name for line in TREE} | {row.name for row in TABLE} | {line.code for line in TREE}
    names |= {row.programme for row in TABLE if row.programme != "未注明"}
    amounts = {f"{line.amount_fen // 1_000_000:,}" for line in TREE} | {str(line.amount_fen) for line in TREE}
    phrases = {row.target_text for row in TABLE if len(row.target_text) > 4}
    assert sorted(name for name in names | phrases if name in code) == []
    assert sorted(amount for amount in amounts if re.search(rf"(?<![\d,]){amount}万", code)) == []


OTHER_WORDS = {
    "科技": "文旅",
    "创新创业": "技能比武",
    "精准扶贫": "水源涵养",
    "精准脱贫": "草场养护",
    "特派员": "巡查员",
    "基层": "边远",
    "富民强县": "退牧还草",
    "维稳": "防火",
    "明白人": "土专家",
    "自治区": "全省",
    "成果转化示范": "绿洲生态建设",
    "脱贫攻坚": "荒漠治理",
    "F18": "G27",
    "2020": "2029",
    "2018": "2027",
    "2017": "2026",
}
TIMES = 3


def reworded(text):
    for old, new in OTHER_WORDS.items():
        text = text.replace(old, new)
    return text


def repriced(text):
    def times(match):
        return f"{Decimal(match[1].replace(',', '')) * TIMES:,}{match[2]}"

    return re.sub(r"(\d[\d,]*)(万元|万(?=，)|项(?=。自)|元股本金)", times, text)


def other_line(line):
    fen = None if line.amount_fen is None else line.amount_fen * TIMES
    return replace(
        line,
        code=reworded(line.code),
        parent_code=reworded(line.parent_code),
        name=reworded(line.name),
        amount_fen=fen,
    )


def other_row(row):
    changes = {name: reworded(getattr(row, name)) for name in ("programme", "name")}
    changes |= {name: repriced(reworded(getattr(row, name))) for name in ("target_text", "actual_text")}
    if row.unit in ("万元", "元/人"):
        changes |= {name: getattr(row, name) * TIMES for name in ("target_value", "actual_value")}
    return replace(row, **changes)


def test_another_fund_with_the_same_mistakes_gives_the_same_findings():
    """Every programme renamed, every amount times three, nine years later."""
    found = reconcile(
        [other_line(line) for line in TREE], [other_row(row) for row in TABLE], repriced(reworded(TEXT))
    )
    assert [(f.id, f.rule, f.severity, f.ref_code) for f in found] == [
        (f.id, f.rule, f.severity, reworded(f.ref_code)) for f in FOUND
    ]
    # R06, R09 to R11, R16 to R18 count things; the rest of the figures are amounts.
    counts = {"R06", "R09", "R10", "R11", "R16", "R17", "R18"}
    for was, now in zip(FOUND, found, strict=True):
        factor = 1 if was.id in counts else TIMES
        for name in ("expected", "found", "difference"):
            value = getattr(was, name)
            assert getattr(now, name) == (value * factor if isinstance(value, int) else value)


def lines(**changes):
    """The tree with single lines changed; `F18_B_2` stands for F18-B-2."""
    return [replace(line, **changes.get(line.code.replace("-", "_"), {})) for line in TREE]


def row(indicator, **changes):
    assert any(each.name == indicator for each in TABLE)
    return [replace(each, **changes) if each.name == indicator else each for each in TABLE]


def text(*pairs):
    changed = TEXT
    for old, new in pairs:
        assert old in changed
        changed = changed.replace(old, new)
    return changed


POOR = "自治区科技精准扶贫专项项目资金"
TEAMS = "自治区科技特派员扶贫行动组建科技服务团"
HEADS = "自治区科技精准扶贫专项脱贫攻坚"
FORTY_SIX = {
    "target_text": "46个",
    "actual_text": "46个",
    "target_value": Decimal(46),
    "actual_value": Decimal(46),
}
YEARS = "2017年至2020年，组建100个科技特派员服务团，到100个贫困村进行对口帮扶，示范推广100-200项技术成果，建立100个技术成果示范基地或合作社，带动3000户以上建档立卡贫困户脱贫"


@pytest.mark.parametrize(
    "gone, tree, table, report",
    [
        ("R01 R02", lines(F18_B_2={"amount_fen": 814_000_000}), TABLE, text(("817万元", "814万元"))),
        (
            "R01 R02",
            lines(F18_B={"amount_fen": 1_803_000_000}, F18={"amount_fen": 7_003_000_000}),
            TABLE,
            text(("1,800万元", "1,803万元"), ("7,000万元", "7,003万元")),
        ),
        ("R06", lines(F18_C_1={"item_count": 55}), TABLE, text(("新上项目68项", "新上项目55项"))),
        ("R07", TREE, TABLE, text(("515项", "515万元"))),
        ("R08", TREE, TABLE, text(("135万，", "135万元，"))),
        ("R09", lines(F18_B_1={"item_count": 13}), TABLE, text(("新上项目15项", "新上项目13项"))),
        ("R10", TREE, row(TEAMS, **FORTY_SIX), text(("\t45个", "\t46个"))),
        ("R11", TREE, TABLE, text(("一般1-2年", "一般3年"))),
        (
            "R12",
            TREE,
            TABLE,
            text(
                ("资金主要用于上一年大赛获奖", "资金主要用于获奖"),
                ("尽快启动自治区总决赛", "总结自治区总决赛"),
            ),
        ),
        ("R13", TREE, row("创新创业大赛奖励企业数量", name="创新创业大赛参赛企业数量"), TEXT),
        ("R18", TREE, row(HEADS, actual_text="每个项目带动230个农民，已建档案"), TEXT),
        ("R22", TREE, TABLE, text((YEARS, "组建科技特派员服务团"))),
    ],
)
def test_one_correction_takes_its_finding_and_no_other_away(gone, tree, table, report):
    def marks(findings):
        return [(f.rule, f.ref_code, f.expected, f.found, f.difference) for f in findings]

    kept = [finding for finding in FOUND if finding.id not in gone.split()]
    assert marks(reconcile(tree, table, report)) == marks(kept)


def test_missing_costs_recorded_as_a_claim_explain_the_line():
    claim = next(line for line in TREE if line.code == "F18-C-1-R2")
    other = replace(claim, code="F18-C-1-R3", name="指标表：优秀组织奖（实际）", amount_fen=75_000_000)
    found = reconcile([*TREE, other], TABLE, TEXT)
    assert [f.id for f in FOUND if f.rule == "claim_vs_ledger" and f.ref_code == "F18-C-1"] == ["R05"]
    assert [f for f in found if f.rule == "claim_vs_ledger" and f.ref_code == "F18-C-1"] == []


def test_table_filed_with_other_figures_than_the_printed_one():
    trainings = "创新创业大赛奖励培训数量"
    table = row(trainings, actual_text="14次", actual_value=Decimal(14))
    fresh = [f for f in reconcile(TREE, table, TEXT) if trainings in f.statement]
    assert [(f.rule, f.ref_code, f.expected, f.found, f.difference) for f in fresh] == [
        ("count_mismatch", "F18-C", 14, 12, -2)
    ]
