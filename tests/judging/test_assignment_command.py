"""`judging assign`: what it writes, what it prints, and how it refuses."""

import csv
import subprocess
import sys
from collections import Counter

import pytest
from click.testing import CliRunner

from judging.cli_assign import assign_command

ENTRIES = "entry,topic,region,employer\n" + "".join(
    f"E{n:02d},{('新能源', '新材料')[n % 2]},乌鲁木齐,企业{n}\n" for n in range(12)
)
JUDGES = "judge,roles,topics,capacity,region,employer\n" + "".join(
    f"J{n},{('technical', 'investment;technical', '财务')[n % 3]},新能源；新材料,,喀什,单位{n}\n"
    for n in range(9)
)
CONFLICTS = "entry,judge\nE00,J0\nE01,J3\n"


@pytest.fixture
def run(tmp_path):
    def command(entries=ENTRIES, judges=JUDGES, conflicts=CONFLICTS, *more, encoding="utf-8", **options):
        for name, content in (("E.csv", entries), ("J.csv", judges), ("C.csv", conflicts)):
            if content is not None:
                (tmp_path / name).write_bytes(
                    content if isinstance(content, bytes) else content.encode(encoding)
                )
        given = {"panel-size": 3, "min-load": 3, "max-load": 5, "seed": "20180912", "out": tmp_path / "A.csv"}
        given.update(
            {"entries": tmp_path / "E.csv", "judges": tmp_path / "J.csv", "conflicts": tmp_path / "C.csv"}
        )
        given.update({name.replace("_", "-"): value for name, value in options.items()})
        flat = [text for name, value in given.items() for text in (f"--{name}", str(value))]
        result = CliRunner().invoke(assign_command, [*flat, *more])
        result.rows = None
        if given["out"].exists():
            result.rows = list(csv.reader(given["out"].open(encoding="utf-8")))
        return result

    return command


def test_assignment_is_written_sorted_and_the_proof_printed(run):
    result = run(roles="technical,investment")
    assert result.exit_code == 0, result.output
    head, *rows = result.rows
    assert head == ["entry", "judge", "role"]
    assert rows == sorted(rows)
    assert Counter(row[0] for row in rows) == {f"E{n:02d}": 3 for n in range(12)}
    assert not {("E00", "J0"), ("E01", "J3")} & {(row[0], row[1]) for row in rows}
    assert "objective=36 上界 bound=36 差距 gap=0.0000%" in result.output
    assert (
        "评审量 loads min=3 median=4 max=5" in result.output
        or "评审量 loads min=4 median=4 max=4" in result.output
    )
    assert "未覆盖角色 uncovered=0（每个项目须有：技术（technical）、创投（investment））" in result.output
    assert "连通分量 components=1" in result.output


def test_without_roles_the_role_is_not_written(run):
    result = run()
    assert result.rows[0] == ["entry", "judge"]
    assert "uncovered" not in result.output


def test_same_seed_gives_the_same_bytes_under_any_row_order_and_another_seed_others(run):
    first = run().rows
    head, *rows = ENTRIES.splitlines()
    assert run("\n".join([head, *rows[::-1]])).rows == first
    assert run(seed="20180913").rows != first


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_files_saved_by_a_spreadsheet_program_are_read(run, encoding):
    expected = run().rows
    assert run(ENTRIES.replace("\n", "\r\n"), encoding=encoding).rows == expected


def test_blank_lines_spaces_and_unknown_columns_do_no_harm(run):
    spaced = ENTRIES.replace("E03,", " E03 , ").replace("entry,", "备注,entry,").replace("\nE", "\n,E")
    spaced = spaced.replace("\n E03", "\n, E03") + "\n,,,,\n \n"
    assert run(spaced).rows == run().rows


def test_conflict_file_may_hold_its_header_only_or_be_left_out(run, tmp_path):
    assert run(conflicts="entry,judge\n").exit_code == 0
    with_header = (tmp_path / "A.csv").read_bytes()
    flat = ["--entries", tmp_path / "E.csv", "--judges", tmp_path / "J.csv", "--panel-size", 3]
    flat += ["--min-load", 3, "--max-load", 5, "--seed", "20180912", "--out", tmp_path / "A.csv"]
    assert CliRunner().invoke(assign_command, [str(part) for part in flat]).exit_code == 0
    assert (tmp_path / "A.csv").read_bytes() == with_header


def test_same_employer_is_a_conflict_and_same_region_is_not(run):
    entries = "entry,topic,region,employer\nE1,新能源,喀什,单位0\n"
    result = run(entries, conflicts="entry,judge\n", min_load=0, panel_size=8)
    assert [row[1] for row in result.rows[1:]] == [f"J{n}" for n in range(1, 9)]


def test_no_answer_exits_2_with_the_smallest_repair_and_leaves_the_old_result(run):
    old = run().rows
    result = run(max_load=3)
    assert result.exit_code == 2
    assert result.rows == old
    assert result.stderr.splitlines() == [
        "在现有硬性规则下没有可行的编排方案。",
        "共需 36 个评审席位，评委评审量上限合计只有 27，缺 9 席。",
        "最小修补共 9 处，按下列各条放宽即可编排：",
        "9 名评委的评审量上限需提高到 4：J0、J1、J2、J3、J4、J5、J6、J7、J8。",
        "也可将统一的评审量上限由 3 提高到 4。",
    ]


def test_entries_without_an_investor_are_named(run):
    conflicts = "entry,judge\n" + "".join(f"{e},{j}\n" for e in ("E04", "E07") for j in ("J1", "J4", "J7"))
    result = run(conflicts=conflicts, roles="technical,investment")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[1:] == [
        "最小修补共 2 处，按下列各条放宽即可编排：",
        "2 个项目没有可用且无利益冲突的创投（investment）评委：E04、E07。"
        "请为其增补创投（investment）评委，或免除该角色要求。",
    ]


def test_too_few_judges_free_of_conflict_are_counted(run):
    conflicts = "entry,judge\n" + "".join(f"E05,J{n}\n" for n in range(7))
    result = run(conflicts=conflicts)
    assert result.stderr.splitlines()[-1] == (
        "1 个项目各缺 1 名无利益冲突的评委：E05。请增补评委，或减少其评委人数。"
    )


def test_busy_holders_of_a_role_and_own_capacities_are_told_apart(run):
    judges = "judge,roles,topics,capacity\nA,technical,新能源,1\nB,财务,新能源,\n"
    entries = "entry,topic\nE1,新能源\nE2,新能源\n"
    both = {"panel_size": 1, "min_load": 0, "max_load": 2}
    result = run(entries, judges, "entry,judge\n", roles="technical", **both)
    assert result.stderr.splitlines()[-1] == "1 名评委的评审量上限需提高到 2：A。"
    result = run(entries, judges.replace(",1\n", ",0\n"), "entry,judge\n", roles="technical", **both)
    assert "2 个项目的技术（technical）席位无人可补" in result.stderr
    result = run(
        entries, judges.replace(",1\n", ",\n"), "entry,judge\n", panel_size=1, min_load=2, max_load=2
    )
    assert result.stderr.splitlines()[1:] == [
        "共有 2 个评审席位，评委评审量下限合计却达 4，多出 2 席。",
        "最小修补共 2 处，按下列各条放宽即可编排：",
        "2 名评委的评审量下限需降低到 1：A、B。",
        "也可将统一的评审量下限由 2 降低到 1。",
    ]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            {"entries": "id,topic\nE,a\n"},
            "项目文件“E.csv”缺少列：entry。首行应为列名，至少包括 entry,topic。",
        ),
        ({"entries": "entry,topic,topic\nE,a,b\n"}, "项目文件“E.csv”的列名有重复。"),
        ({"entries": ""}, "项目文件“E.csv”缺少列：entry、topic。首行应为列名，至少包括 entry,topic。"),
        ({"entries": "entry,topic\n"}, "没有参赛项目可供编排。"),
        ({"entries": "entry,topic\nE1\n"}, "项目文件“E.csv”第 2 行：应有 2 列，实有 1 列。"),
        ({"entries": "entry,topic\n,新能源\n"}, "项目文件“E.csv”第 2 行：项目编号为空。"),
        (
            {"entries": 'entry,topic\n"E1,a\n'},
            "项目文件“E.csv”第 2 行：不是有效的 CSV 内容（引号不成对或含有异常字符）。",
        ),
        ({"entries": "entry,topic\nE1,a\nE1,b\n"}, "项目编号“E1”重复出现。"),
        ({"entries": b"\xff\xfe\x00\x81\xff"}, "项目文件“E.csv”不是 UTF-8 或 GB18030 编码的文本文件。"),
        ({"entries": None}, "项目文件“E.csv”无法读取，请检查文件是否存在。"),
        ({"judges": "judge,roles,topics\n"}, "没有评委可供编排。"),
        ({"judges": "judge,roles,topics\n,a,b\n"}, "评委文件“J.csv”第 2 行：评委编号为空。"),
        (
            {"judges": "judge,roles,topics,capacity\nJ,a,b,三\n"},
            "评委文件“J.csv”第 2 行：评审量上限“三”应为不小于 0 的整数。",
        ),
        ({"judges": "judge,roles,topics\nJ,a,b\nJ,a,b\n"}, "评委编号“J”重复出现。"),
        ({"conflicts": "entry,judge\nE99,J1\n"}, "项目编号“E99”不在项目名单中。"),
        ({"conflicts": "entry,judge\nE01,J99\n"}, "评委编号“J99”不在评委名单中。"),
    ],
)
def test_faulty_file_is_refused_in_one_sentence(run, files, sentence):
    result = run(**files)
    assert (result.exit_code, result.stderr) == (2, f"错误：{sentence}\n")
    assert result.rows is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"min_load": 6}, "评审量下限应不小于 0 且不大于上限，现为 6–5。"),
        ({"panel_size": 0}, "每个项目的评委人数应为 1 至 60，现为 0。"),
        ({"panel_size": 61}, "每个项目的评委人数应为 1 至 60，现为 61。"),
        ({"roles": "a,b,c,d"}, "评委人数少于必备角色数（3 < 4），无法每个角色各有一人。"),
    ],
)
def test_contradictory_options_are_refused(run, options, sentence):
    result = run(**options)
    assert (result.exit_code, result.stderr) == (2, f"错误：{sentence}\n")


def test_result_that_cannot_be_written_is_refused(run, tmp_path):
    result = run(out=tmp_path / "nowhere" / "A.csv")
    assert result.exit_code == 2
    assert "结果文件“A.csv”无法写入" in result.stderr


def test_naming_the_command_loads_neither_numpy_nor_the_solver():
    code = "import sys, judging.cli_assign; print(sorted({'numpy', 'ortools'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
