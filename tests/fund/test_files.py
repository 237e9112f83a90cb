"""The two commands on files: shape of their answers, and every bad file refused in one sentence."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from core.errors import InvalidInput
from fund.cli_files import evaluate_command, reconcile_command, to_json
from fund.files import read_indicators, read_text, read_tree

from .sample_fund import TABLE, TEXT, TREE

DATA = Path(__file__).parents[2] / "demo" / "data"
SEED_TREE, SEED_TABLE = DATA / "fund_tree_2018.csv", DATA / "performance_indicators_2018.csv"
SEED_TEXT = Path(__file__).parents[2] / "demo" / "data" / "report_2018.txt"
TREE_HEAD = "code,parent_code,name,amount_fen,kind,item_count,note\n"
TABLE_HEAD = "programme,level1,level2,name,target_text,actual_text,target_value,actual_value,unit,direction"


@pytest.fixture
def group():
    """As the package's own group holds them."""
    fund = click.Group("fund")
    fund.add_command(reconcile_command)
    fund.add_command(evaluate_command)
    return fund


@pytest.fixture
def run(group):
    def invoke(*arguments):
        return CliRunner().invoke(group, [str(argument) for argument in arguments])

    return invoke


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def write_clean(folder):
    tree = [
        [
            e.code,
            e.parent_code,
            e.name,
            e.amount_fen,
            e.kind,
            "" if e.item_count is None else e.item_count,
            "",
        ]
        for e in TREE
    ]
    names = TABLE_HEAD.split(",")
    table = [["" if getattr(e, n) is None else getattr(e, n) for n in names] for e in TABLE]
    for name, head, rows in (
        ("tree.csv", TREE_HEAD.strip().split(","), tree),
        ("table.csv", names, table),
    ):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
    (folder / "report.txt").write_text(TEXT, encoding="utf-8")
    return folder / "tree.csv", folder / "table.csv", folder / "report.txt"


def test_reconcile_seed_as_json(run):
    result = run("reconcile", "--tree", SEED_TREE, "--indicators", SEED_TABLE, "--text", SEED_TEXT, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    findings = json.loads(result.stdout)["findings"]
    with (DATA / "reconciliation_findings_2018.csv").open(encoding="utf-8") as file:
        golden = list(csv.DictReader(file))
    assert [list(finding) for finding in findings] == [list(golden[0])] * 22
    columns = ("id", "severity", "rule", "ref_code", "expected", "found", "difference")
    as_text = [["" if f[c] is None else str(f[c]) for c in columns] for f in findings]
    assert as_text == [[row[c] for c in columns] for row in golden]


def test_reconcile_clean_files(run, tmp_path):
    tree, table, text = write_clean(tmp_path)
    result = run("reconcile", "--tree", tree, "--indicators", table, "--text", text, "--json")
    assert json.loads(result.stdout) == {"findings": []}
    assert "未发现矛盾" in run("reconcile", "--tree", tree, "--indicators", table).stdout


def test_reconcile_as_a_readable_list(run):
    output = run("reconcile", "--tree", SEED_TREE, "--indicators", SEED_TABLE).stdout
    assert "R01 [差错] sum_mismatch F18-B" in output
    assert "应为 1800000000，实为 1803000000，相差 3000000（金额单位：分）" in output


def test_evaluate_seed_as_json(run):
    result = run("evaluate", "--indicators", SEED_TABLE, "--form", "B", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    data = json.loads(result.stdout, parse_float=Decimal)
    weights = {"output": 0, "benefit": 0, "satisfaction": 0}
    for row in data["rows"]:
        weights[row["block"]] += row["weight"]
    assert (len(data["rows"]), weights) == (49, {"output": 50, "benefit": 30, "satisfaction": 10})
    assert data["total"] == sum(block["score"] for block in data["blocks"])
    assert data["total"] == sum(row["score"] for row in data["rows"] if row["score"] is not None)
    assert (data["grade"], data["complete"]) == (None, False)
    assert sum(row["score"] is None for row in data["rows"]) == 15


def test_evaluate_writes_decimals_digit_by_digit(run):
    assert to_json({"score": Decimal("9.00"), "text": "9.00"}) == '{\n  "score": 9.00,\n  "text": "9.00"\n}'
    output = run("evaluate", "--indicators", SEED_TABLE, "--form", "B", "--json").stdout
    assert '"weight": 1.79' in output


def test_evaluate_with_execution(run, tmp_path):
    table = write(
        tmp_path / "t.csv",
        f"{TABLE_HEAD},weight,band,assessed\n"
        "演示,产出指标,数量指标,甲,10次,9次,10,9,次,at_least,50,,\n"
        "演示,效益指标,社会效益指标,乙,提升,已提升,,,,qualitative,30,achieved,27\n"
        "演示,满意度指标,服务对象满意度指标,丙,90%,92%,90,92,%,at_least,10,,\n",
    )
    arguments = ("evaluate", "--indicators", table, "--budget", "7,000", "--executed", "6650", "--json")
    data = json.loads(run(*arguments).stdout, parse_float=Decimal)
    assert [row["score"] for row in data["rows"]] == [45, 27, 10]
    assert [block["score"] for block in data["blocks"]] == [Decimal("9.5"), 45, 27, 10]
    assert (data["total"], data["grade"], data["complete"]) == (Decimal("91.5"), "优", True)


def test_evaluate_as_a_readable_list(run):
    output = run("evaluate", "--indicators", SEED_TABLE, "--form", "c").stdout
    assert "成本指标" in output
    assert "等级：暂不能评定" in output
    assert "[提醒]" in output


def test_form_a_prints_without_points(run):
    output = run("evaluate", "--indicators", SEED_TABLE, "--form", "A").stdout
    assert "不设分值" in output
    assert "总分" not in output


GOOD_ROW = "演示,产出指标,数量指标,甲,10次,9次,10,9,次,at_least"


@pytest.mark.parametrize(
    "content, sentence",
    [
        ("", "缺少列"),
        (TREE_HEAD, "没有数据行"),
        ("code,name\nA,甲\n", "缺少列：parent_code、amount_fen、kind、item_count"),
        (TREE_HEAD + "A,,甲,1.5,fund,,\n", "第 2 行的 amount_fen “1.5”应为整数"),
        (TREE_HEAD + "A,,甲,１００,fund,,\n", "应为整数"),
        (TREE_HEAD + f"A,,甲,{2**63},fund,,\n", "应为整数"),
        (TREE_HEAD + "A,,甲,1,fund,-3,\n", "item_count 不能为负数"),
        (TREE_HEAD + ",,甲,1,fund,,\n", "code 不能为空"),
        (TREE_HEAD + "A,,甲,1,fund,,,,\n", "单元格数与表头不符"),
        (TREE_HEAD + "A,,甲\n", "单元格数与表头不符"),
        (TREE_HEAD + 'A,,"甲"乙,1,fund,,\n', "不是正确的 CSV"),
        (TREE_HEAD + "A,,甲,1,fund,,\nA,,乙,1,fund,,\n", "编码重复：A"),
        (TREE_HEAD + "A,Z,甲,1,fund,,\n", "上级 Z 不在预算树中"),
        (TREE_HEAD + "A,B,甲,1,,,\nB,A,乙,1,,,\n", "成环"),
        ("\x00\x01PNG", "不是文本文件"),
    ],
)
def test_bad_tree_is_refused_in_one_sentence(run, tmp_path, content, sentence):
    tree = write(tmp_path / "tree.csv", content)
    result = run("reconcile", "--tree", tree, "--indicators", SEED_TABLE, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "row, sentence",
    [
        (GOOD_ROW.replace("at_least", "more"), "direction “more”应为"),
        (GOOD_ROW.replace(",10,9,", ",10,9个,"), "actual_value “9个”应为数字"),
        (GOOD_ROW.replace(",10,9,", ",NaN,9,"), "target_value “NaN”应为数字"),
        (GOOD_ROW.replace(",10,9,", ",1e3,9,"), "应为数字"),
        (GOOD_ROW.replace("甲", ""), "name 不能为空"),
    ],
)
@pytest.mark.parametrize("command", ["reconcile", "evaluate"])
def test_bad_table_is_refused_in_one_sentence(run, tmp_path, command, row, sentence):
    table = write(tmp_path / "table.csv", f"{TABLE_HEAD}\n{row}\n")
    tree = ("--tree", SEED_TREE) if command == "reconcile" else ()
    result = run(command, *tree, "--indicators", table)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr


@pytest.mark.parametrize(
    "column, value, sentence",
    [("weight", "-1", "不能为负数"), ("weight", "五", "应为数字"), ("band", "很好", "应为 achieved")],
)
def test_bad_optional_column_is_refused(run, tmp_path, column, value, sentence):
    table = write(tmp_path / "table.csv", f"{TABLE_HEAD},{column}\n{GOOD_ROW},{value}\n")
    result = run("evaluate", "--indicators", table)
    assert (result.exit_code, sentence in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "options, sentence",
    [
        (("--form", "D"), "没有表式“D”"),
        (("--budget", "100"), "须同时给出"),
        (("--budget", "百万", "--executed", "1"), "金额"),
        (("--budget", "0", "--executed", "0"), "大于零"),
    ],
)
def test_bad_option_is_refused(run, options, sentence):
    result = run("evaluate", "--indicators", SEED_TABLE, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr


@pytest.mark.parametrize("name", ["没有.csv", ""])
def test_missing_file_or_folder_is_refused(run, tmp_path, name):
    result = run("evaluate", "--indicators", tmp_path / name)
    assert result.exit_code == 2
    assert "不存在或无法读取" in result.stderr


def test_score_outside_its_band_is_refused(run, tmp_path):
    row = "演示,产出指标,数量指标,甲,提升,已提升,,,,qualitative,50,partly,45"
    table = write(tmp_path / "table.csv", f"{TABLE_HEAD},weight,band,assessed\n{row}\n")
    result = run("evaluate", "--indicators", table)
    assert result.exit_code == 2
    assert "部分达成" in result.stderr


def test_empty_and_oversized_texts_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="是空的"):
        read_text(write(tmp_path / "empty.txt", " \n"))
    with pytest.raises(InvalidInput, match="超过"):
        read_text(write(tmp_path / "big.txt", "字" * 1_700_000))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_chinese_spreadsheets(tmp_path, encoding):
    path = write(tmp_path / "tree.csv", TREE_HEAD + "A,,甲计划,7000000000,fund,,\n,,,,,,\n", encoding)
    assert [(line.name, line.amount_fen, line.item_count) for line in read_tree(path)] == [
        ("甲计划", 7_000_000_000, None)
    ]


def test_indicator_values_stay_exact(tmp_path):
    path = write(tmp_path / "table.csv", f"{TABLE_HEAD}\n{GOOD_ROW.replace(',10,9,', ',0.10,0.30,')}\n")
    assert [(r.target_value, r.actual_value) for r in read_indicators(path)] == [
        (Decimal("0.10"), Decimal("0.30"))
    ]
