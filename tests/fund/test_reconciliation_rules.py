"""Another fund, broken in one place at a time: exactly that place is reported; unbroken, nothing is."""

from dataclasses import replace

import pytest

from core.errors import InvalidInput
from fund.reconciliation import reconcile
from fund.records import TreeLine

from .sample_fund import TABLE, TEXT, TREE, line, row, with_amount, with_items, with_row, with_text


def found(tree=TREE, table=TABLE, text=TEXT):
    return [(f.rule, f.ref_code, f.expected, f.found, f.difference) for f in reconcile(tree, table, text)]


def heads(tree=TREE, table=TABLE, text=TEXT):
    return [(f.rule, f.ref_code) for f in reconcile(tree, table, text)]


@pytest.mark.parametrize("table", [[], TABLE], ids=["no table", "table"])
@pytest.mark.parametrize("text", [None, "", TEXT], ids=["no text", "empty text", "text"])
def test_clean_documents_give_nothing(table, text):
    assert found(TREE, table, text) == []


# --- sums -----------------------------------------------------------------------------------------------


def test_wrong_leaf_is_reported_at_its_parent_and_once_as_leaf_total():
    assert found(with_amount("N19-3-1", 440), [], None) == [
        ("sum_mismatch", "N19-3", 600_000_000, 590_000_000, -10_000_000),
        ("leaf_total_mismatch", "N19", 5_000_000_000, 4_990_000_000, -10_000_000),
    ]


def test_one_fen_is_a_mismatch():
    tree = [replace(e, amount_fen=e.amount_fen + 1) if e.code == "N19-3-2" else e for e in TREE]
    assert [f[4] for f in found(tree, [], None)] == [1, 1]


def test_wrong_middle_line_is_reported_there_and_not_again_above():
    assert found(with_amount("N19-1", 2010), [], None) == [
        ("sum_mismatch", "N19-1", 2_010_000_000, 2_000_000_000, -10_000_000)
    ]


def test_wrong_root_is_reported_once():
    assert found(with_amount("N19", 5100), [], None) == [
        ("sum_mismatch", "N19", 5_100_000_000, 5_000_000_000, -100_000_000)
    ]


def test_differences_that_cancel_are_both_reported():
    tree = [replace(e, amount_fen=e.amount_fen + {"N19-1-1": 5, "N19-2-1": -5}.get(e.code, 0)) for e in TREE]
    assert [(f[1], f[4]) for f in found(tree, [], None)] == [("N19-1", 5), ("N19-2", -5)]


def test_deep_difference_is_not_repeated_at_any_ancestor():
    tree = [line(f"D{depth}", f"D{depth - 1}" if depth else "", f"第{depth}层", 10, "") for depth in range(6)]
    tree.append(line("D6", "D5", "末级", 9, ""))
    assert [f[:2] for f in found(tree, [], None)] == [("sum_mismatch", "D5"), ("leaf_total_mismatch", "D0")]


@pytest.mark.parametrize("code", [e.code for e in TREE])
@pytest.mark.parametrize("fen", [1, -1, 30_000_000])
def test_any_one_wrong_amount_is_one_broken_sum(code, fen):
    tree = [replace(e, amount_fen=e.amount_fen + fen) if e.code == code else e for e in TREE]
    broken = [f for f in found(tree, [], None) if f[0] == "sum_mismatch"]
    leaf = code.count("-") == 2
    assert [(f[1], f[4]) for f in broken] == [
        (code.rpartition("-")[0] if leaf else code, fen if leaf else -fen)
    ]


def test_key_survives_a_change_of_figures():
    first, second = (reconcile(with_amount("N19-3-1", wan), [])[0] for wan in (440, 430))
    assert (first.key == second.key, first.difference == second.difference) == (True, False)


def test_swapped_digits_are_suggested():
    finding = reconcile(with_amount("N19-3-1", 540), [])[0]
    assert "培训经费疑为450万元之误（数字颠倒）" in finding.explanation


def test_line_without_amount_takes_its_children_s_sum():
    tree = [replace(e, amount_fen=None) if e.code == "N19-1" else e for e in TREE]
    assert found(tree, [], None) == []


def test_leaf_without_amount_is_named_unless_the_rest_makes_the_whole():
    assert heads(with_amount_unstated("N19-3-2"), [], None) == [("missing_field", "N19-3-2")]
    extra = [*TREE, TreeLine("N19-3-3", "N19-3", "其他", None)]
    assert heads(extra, [], None) == []


def with_amount_unstated(code):
    return [replace(e, amount_fen=None) if e.code == code else e for e in TREE]


def test_lines_side_by_side_under_one_name_are_named():
    tree = [replace(each, name="工作经费") if each.code == "N19-3-1" else each for each in TREE]
    assert heads(tree, TABLE, None) == [("label_collision", "N19-3-2")]


def test_item_counts_add_up():
    assert found(with_items("N19-1", 31), [], None) == [("count_mismatch", "N19-1", 31, 30, -1)]
    assert found(with_items("N19-1", 30), [], None) == []


@pytest.mark.parametrize(
    "extra",
    [
        line("N19-1", "N19", "重复", 1, ""),
        line("X", "没有这个上级", "孤儿", 1, ""),
    ],
)
def test_what_is_no_tree_is_refused(extra):
    with pytest.raises(InvalidInput):
        reconcile([*TREE, extra], [])


def test_circle_is_refused():
    with pytest.raises(InvalidInput):
        reconcile([line("A", "B", "甲", 1, ""), line("B", "A", "乙", 1, "")], [])


# --- claims ---------------------------------------------------------------------------------------------


def claims(target, actual, items=(None, None), under="N19-1"):
    return [
        *TREE,
        line(f"{under}-T", under, "指标表：加工资金（预期）", target, "indicator_target", items[0]),
        line(f"{under}-R", under, "指标表：加工资金（实际）", actual, "indicator_actual", items[1]),
    ]


@pytest.mark.parametrize(
    "target, actual, expected",
    [
        (2000, 2000, []),
        (1500, 1500, []),
        (2000, 1900, [("claim_vs_ledger", "N19-1", -100_000_000)]),
        (2000, 1500, [("scope_mismatch", "N19-1", -500_000_000)]),
        (
            2000,
            1450,
            [("claim_vs_ledger", "N19-1-1", -50_000_000), ("scope_mismatch", "N19-1", -550_000_000)],
        ),
        (2100, 2000, [("claim_vs_ledger", "N19-1", 100_000_000)]),
    ],
)
def test_claim_on_a_programme_against_the_scope_it_covers(target, actual, expected):
    assert [(f[0], f[1], f[4]) for f in found(claims(target, actual), [], None)] == expected


@pytest.mark.parametrize(
    "actual, items, expected",
    [
        (500, 10, []),
        (480, 10, [("claim_vs_ledger", "N19-1-2", 500_000_000, 480_000_000, -20_000_000)]),
        (500, 9, [("count_mismatch", "N19-1-2", 10, 9, -1)]),
    ],
)
def test_claim_on_a_leaf(actual, items, expected):
    tree = claims(500, actual, (10, items), under="N19-1-2")
    assert found(tree, [], None) == expected


def test_claims_of_a_leaf_are_added_up():
    tree = [
        *TREE,
        line("R1", "N19-1-1", "指标表：补助经费（实际）", 1300, "indicator_actual"),
        line("R2", "N19-1-1", "指标表：评审费用（实际）", 150, "indicator_actual"),
    ]
    assert found(tree, [], None) == [
        ("claim_vs_ledger", "N19-1-1", 1_500_000_000, 1_450_000_000, -50_000_000)
    ]
    tree[-1] = line("R2", "N19-1-1", "指标表：评审费用（实际）", 200, "indicator_actual")
    assert found(tree, [], None) == []


def test_counts_beside_an_agreeing_claim_are_compared():
    assert found(claims(2000, 2000, (20, 19)), [], None) == [("count_mismatch", "N19-1-1", 20, 19, -1)]


def test_claim_copied_wrongly_into_the_tree():
    table = with_row("项目资金", name="加工资金", target_text="1500万元", target_value="1500")
    table = [
        replace(e, actual_text="1500万元", actual_value=e.target_value) if e.name == "加工资金" else e
        for e in table
    ]
    assert found(claims(1500, 1500), table, None) == []
    assert found(claims(2000, 2000), table, None) == [
        ("claim_vs_ledger", "N19-1", 2_000_000_000, 1_500_000_000, -500_000_000)
    ]


@pytest.mark.parametrize(
    "name, actual, expected",
    [
        ("项目资金", "1900", [("claim_vs_ledger", "N19-1", 2_000_000_000, 1_900_000_000, -100_000_000)]),
        ("项目资金", "1500", [("scope_mismatch", "N19-1", 2_000_000_000, 1_500_000_000, -500_000_000)]),
        ("新建项目数量", "7", [("count_mismatch", "N19-2-1", 8, 7, -1)]),
        ("管护经费", "300", []),
    ],
)
def test_table_against_tree_without_recorded_claims(name, actual, expected):
    unit = next(e.unit for e in TABLE if e.name == name)
    table = with_row(name, actual_text=f"{actual}{unit}", actual_value=actual)
    assert found(TREE, table, None) == expected


def test_ceiling_other_than_the_line_s_amount():
    table = with_row("管护经费", target_text="≤380万元", target_value="380", actual_value="370")
    table = [replace(e, actual_text="370万元") if e.name == "管护经费" else e for e in table]
    assert found(TREE, table, None) == [("claim_vs_ledger", "N19-2-2", 400_000_000, 380_000_000, -20_000_000)]


@pytest.mark.parametrize("total, expected", [(570, 1), (600, 0), (450, 0), (90, 0)])
def test_partial_costs_are_compared_only_when_they_nearly_make_a_line(total, expected):
    cost = row(
        "新型职业农民培育计划",
        "产出指标",
        "成本指标",
        "师资补助",
        f"{total}万元",
        f"{total}万元",
        (total, total),
        "万元",
        "equal",
    )
    assert len(found(TREE, [*TABLE, cost], None)) == expected


# --- text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("2,400万元", "2,450万元", ("claim_vs_ledger", "N19-2", 2_400_000_000, 2_450_000_000, 50_000_000)),
        ("拨款2,000万元", "拨款2,010万元", ("claim_vs_ledger", "N19-2-1", 2 * 10**9, 2_010_000_000, 10**7)),
        (
            "管护经费400万元",
            "管护经费390万元",
            ("claim_vs_ledger", "N19-2-2", 4 * 10**8, 390_000_000, -(10**7)),
        ),
        ("拨款500万元", "拨款500项", ("unit_error", "N19-1-2", 500_000_000, None, 0)),
        ("工作经费150万元", "工作经费150个", ("unit_error", "N19-3-2", 150_000_000, None, 0)),
        ("拨款500万元", "拨款500元", ("unit_error", "N19-1-2", 500_000_000, 50_000, -499_950_000)),
        ("专项5,000万元", "专项5亿元", ("unit_error", "N19", 5 * 10**9, 5 * 10**10, 45 * 10**9)),
        ("拨款500万元", "拨款500万", ("unit_missing", "N19-1-2", 500_000_000, 500_000_000, 0)),
        ("拨款500万元", "拨款500", ("unit_missing", "N19-1-2", 500_000_000, 500_000_000, 0)),
        ("新上项目20个", "新上项目21个", ("count_mismatch", "N19-1-1", 20, 21, 1)),
        ("结转项目10个", "结转项目９个", ("count_mismatch", "N19-1-2", 10, 9, -1)),
        ("共310万元", "共300万元", ("derived_check", "N19", 310_000_000, 300_000_000, -10_000_000)),
        (
            "全省14个地州市",
            "全省14个地州市，培训13个地州市",
            ("coverage_denominator", "N19", None, None, None),
        ),
        ("执行期一般2年", "执行期一般1年", ("period_mismatch", "N19-3", 1, 2, 1)),
        (
            "二、资金使用",
            "二、资金使用\n专项分为四类：农产品加工提升计划、高标准农田建设计划、新型职业农民培育计划。",
            ("count_mismatch", "N19", 3, 4, 1),
        ),
        (
            "二、资金使用",
            "二、资金使用\n农产品加工提升计划新上项目20个，拨款1,520万元。",
            ("claim_vs_ledger", "N19-1-1", 1_500_000_000, 1_520_000_000, 20_000_000),
        ),
    ],
)
def test_one_slip_in_the_text(old, new, expected):
    assert found(text=with_text(old, new)) == [expected]


def test_a_slip_in_the_text_hides_nothing_the_table_says():
    table = with_row("新建项目数量", actual_text="7个", actual_value="7")
    assert found(TREE, table, with_text("新建项目8个，拨款2,000万元", "新建项目9个，拨款2,010万元")) == [
        ("count_mismatch", "N19-2-1", 8, 7, -1),
        ("claim_vs_ledger", "N19-2-1", 2_000_000_000, 2_010_000_000, 10_000_000),
        ("count_mismatch", "N19-2-1", 8, 9, 1),
    ]


@pytest.mark.parametrize(
    "old, new",
    [
        ("专项5,000万元", "专项0.5亿元"),
        ("专项5,000万元", "专项５０００万元"),
        ("专项5,000万元，", "专项5,000万元，2018年省级农业产业发展专项4,700万元，"),
        ("拨款500万元", "安排经费500万元"),
        (
            "二、资金使用",
            "二、资金使用\n专项分三大类：农产品加工提升计划、高标准农田建设计划、新型职业农民培育计划。",
        ),
        ("二、资金使用", "二、资金使用\n农产品加工提升计划的新上项目20个，拨款1,500万元。"),
        ("二、资金使用", "二、资金使用\n农产品加工提升计划实际支出1,990万元，执行率99.5%。"),
        ("二、资金使用", "二、资金使用\n到2025年，农产品加工提升计划累计投入9,000万元。"),
        ("二、资金使用", "二、资金使用\n专项资金1、管理规范；2、账目清楚。共立项12个，举办60次活动。"),
        ("执行期一般2年", "执行期一般1-3年"),
        ("执行期一般2年", "执行期一般24个月"),
        ("执行期一般2年", "执行期二〇一八年至二〇一九年"),
        ("执行期一般2年", "执行期2018年1月至2019年12月"),
    ],
)
def test_wordings_that_contradict_nothing(old, new):
    assert found(text=with_text(old, new)) == []


def test_same_name_under_two_programmes_is_read_in_its_own_section():
    tree = [
        line("P", "", "惠企专项资金", 300, "fund"),
        line("P-1", "P", "展会补贴计划", 100, "programme"),
        line("P-1-1", "P-1", "工作经费", 100, "work_fund"),
        line("P-2", "P", "用工补贴计划", 200, "programme"),
        line("P-2-1", "P-2", "工作经费", 200, "work_fund"),
    ]
    text = "1.展会补贴计划100万元。\n工作经费100万元。\n2.用工补贴计划200万元。\n工作经费{}万元。"
    assert found(tree, [], text.format(200)) == []
    assert heads(tree, [], text.format(210)) == [("claim_vs_ledger", "P-2-1")]


CONTEST = [
    line("C", "", "双创专项", 100, "fund"),
    line("C-1", "C", "青年创业大赛计划", 100, "programme"),
]
PRIZES = row("青年创业大赛", "产出指标", "数量指标", "获奖团队", "30个", "31个", (30, 31), "个", "at_least")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("举办第三届青年创业大赛，总决赛已于九月结束。", []),
        ("下一步尽快启动总决赛。", [("edition_vs_year", "C-1")]),
        ("举办第三届大赛。资金用于上一届获奖团队奖励。", [("edition_vs_year", "C-1")]),
    ],
)
def test_edition_against_year(text, expected):
    assert heads(CONTEST, [PRIZES], text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2021年至2025年，培育获奖团队200个。", [("goal_vs_year", "C-1")]),
        ("2021年至2025年，培育获奖团队200个，其中今年30个。", []),
        ("今年培育获奖团队30个。", []),
    ],
)
def test_goals_of_several_years(text, expected):
    assert heads(CONTEST, [PRIZES], text) == expected


def test_one_to_one_scheme():
    def partners(mentors):
        return [
            row(
                "青年创业大赛",
                "产出指标",
                "数量指标",
                name,
                "40个",
                f"{value}个",
                (40, value),
                "个",
                "at_least",
            )
            for name, value in (("选聘创业导师", mentors), ("参训创业团队", 41))
        ]

    text = "选聘创业导师，与参训创业团队一一对应。"
    assert found(CONTEST, partners(42), text) == [("count_mismatch", "C-1", 42, 41, -1)]
    assert found(CONTEST, partners(41), text) == []
    assert found(CONTEST, partners(42), None) == []


def test_programme_placed_by_the_section_that_speaks_of_it():
    tree = [*CONTEST, line("C-1-1", "C-1", "大赛新上项目", 100, "new_projects", 12)]
    counts = [
        row(name, "产出指标", "数量指标", "项目数量", f"{n}个", f"{n}个", (n, n), "个", "at_least")
        for name, n in (("校园苗圃行动", 7), ("乡村合伙人行动", 4))
    ]
    text = "1.青年创业大赛计划\n实施校园苗圃行动和乡村合伙人行动。"
    assert found(tree, counts, text) == [("count_mismatch", "C-1-1", 12, 11, -1)]
    assert found(tree, counts, None) == []


def test_heads_per_project_follow_from_money():
    def case(wan):
        tree = [*CONTEST, line("C-1-1", "C-1", "大赛新上项目", wan, "new_projects", 5)]
        tree = [replace(e, amount_fen=wan * 10**6) if not e.item_count else e for e in tree]
        table = [
            row(
                "青年创业大赛",
                "效益指标",
                "社会效益指标",
                "带动",
                "每个项目带动40人",
                "每个项目带动41人",
                (40, 41),
                "人/项目",
                "at_least",
            ),
            row(
                "青年创业大赛",
                "产出指标",
                "成本指标",
                "人均补助",
                "5000元",
                "4900元",
                (5000, 4900),
                "元/人",
                "at_most",
            ),
        ]
        return [f for f in found(tree, table, "资金的80%用于农民。") if f[0] == "derived_check"]

    assert case(125) == []
    assert case(100) == [("derived_check", "C-1-1", 40, 32, -8)]


def test_count_times_price_is_the_total():
    def case(total):
        table = [
            row("青年创业大赛", "产出指标", "数量指标", "获奖", "30个", "31个", (30, 31), "个", "at_least"),
            row(
                "青年创业大赛",
                "产出指标",
                "成本指标",
                "每个奖金",
                "2万元",
                "2万元",
                (2, 2),
                "万元/个",
                "equal",
            ),
            row(
                "青年创业大赛",
                "产出指标",
                "成本指标",
                "奖金",
                f"{total}万元",
                f"{total}万元",
                (total, total),
                "万元",
                "equal",
            ),
        ]
        return [f for f in found(CONTEST, table, None) if f[0] == "derived_check"]

    assert case(62) == []
    assert case(60) == [("derived_check", "C-1", 62_000_000, 60_000_000, -2_000_000)]


# --- table ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, changes, expected",
    [
        ("培训人数", {"actual_text": "3120余人"}, ("fuzzy_number", "N19-3")),
        ("培训人数", {"actual_text": "约3120人"}, ("fuzzy_number", "N19-3")),
        ("培训人数", {"target_text": "3000人左右"}, ("fuzzy_number", "N19-3")),
        ("培训人数", {"actual_text": "3120人以上"}, ("fuzzy_number", "N19-3")),
        ("项目按期开工", {"actual_text": "2019年6月底前开工"}, ("copied_actual", "N19")),
        ("项目资金", {"level1": "效益指标", "level2": "经济效益指标"}, ("misplaced_indicator", "N19-1")),
        ("项目资金", {"level2": "数量指标"}, ("misplaced_indicator", "N19-1")),
        ("培训人数", {"level1": "效益指标"}, ("misplaced_indicator", "N19-3")),
        ("培训人数", {"level2": "质量指标"}, ("misplaced_indicator", "N19-3")),
        ("工程质量达标率", {"level2": "数量指标"}, ("misplaced_indicator", "N19-2")),
        (
            "学员满意度",
            {"level1": "效益指标", "level2": "社会效益指标"},
            ("misplaced_indicator", "N19-3"),
        ),
        (
            "项目资金",
            {"name": "经费", "unit": "元", "target_text": "2000元", "actual_text": "2000元"},
            ("unit_error", "N19-1"),
        ),
        (
            "支持加工企业数量",
            {"name": "扶持企业数量", "level1": "效益指标", "level2": "社会效益指标"},
            ("misplaced_indicator", "N19-1"),
        ),
        ("工程质量达标率", {"name": "工程质量好"}, ("unmeasurable", "N19-2")),
        ("学员满意度", {"actual_text": "120%", "actual_value": "120"}, ("unmeasurable", "N19-3")),
        ("培训期数", {"actual_value": "26"}, ("claim_vs_ledger", "N19-3")),
        ("培训期数", {"actual_value": "6200"}, ("unit_error", "N19-3")),
        ("管护经费", {"actual_text": "398元"}, ("unit_error", "N19-2")),
        ("管护经费", {"actual_text": "398项"}, ("unit_error", "N19-2")),
        ("管护经费", {"actual_text": "398万"}, ("unit_missing", "N19-2")),
        (
            "带动就业人数",
            {"target_text": "每家企业带动846人", "target_value": "846"},
            ("scope_mismatch", "N19-1"),
        ),
        ("培训期数", {"name": "培训人数", "unit": "人"}, ("label_collision", "N19-3")),
        ("培训期数", {"actual_text": "", "actual_value": None}, ("missing_field", "N19-3")),
    ],
)
def test_one_slip_in_the_table(name, changes, expected):
    assert heads(TREE, with_row(name, **changes), None) == [expected]


@pytest.mark.parametrize(
    "name, changes",
    [
        ("培训人数", {"target_text": "3000人以上"}),
        ("培训人数", {"target_text": "不少于3000人"}),
        ("节约用水率", {"actual_text": "节约16.2%"}),
        ("项目按期开工", {"actual_text": "近3年均按期开工，2019年6月12日全部开工"}),
        ("培训期数", {"actual_text": "62期，每期50人"}),
        ("培训期数", {"target_text": "60期（每期50人）"}),
        ("工程质量达标率", {"name": "工程质量好", "actual_text": "100%（8/8）"}),
        ("新增产值", {"name": "企业研发投入"}),
        ("建成面积", {"unit": "万亩", "target_value": "5", "actual_value": "5.3"}),
        ("新增产值", {"unit": "万元", "target_value": "30000", "actual_value": "32600"}),
        ("支持加工企业数量", {"target_text": "覆盖20家", "actual_text": "覆盖20家", "actual_value": "20"}),
    ],
)
def test_sound_rows_are_left_alone(name, changes):
    assert heads(TREE, with_row(name, **changes), None) == []


def test_figures_met_to_the_digit_are_a_habit_only_when_nearly_all_are():
    met = [
        replace(e, actual_text=e.target_text, actual_value=e.target_value)
        if e.direction == "at_least" and e.target_text[0].isdigit()
        else e
        for e in TABLE
    ]
    assert heads(TREE, met, None) == [("copied_actual", "N19")]


def test_printed_form_without_points():
    printed = f"{TEXT}指标\n预期指标值\n实际完成指标值\n"
    assert heads(text=printed) == [("missing_field", "N19")]
    filled = printed + "分值 得分 总分 年初预算数 全年预算数 全年执行数 执行率"
    assert heads(text=filled) == []


def test_two_slips_are_two_findings_with_running_ids():
    findings = reconcile(with_amount("N19-3-1", 440), with_row("培训人数", actual_text="约3120人"))
    assert [(f.id, f.rule) for f in findings] == [
        ("R01", "sum_mismatch"),
        ("R02", "leaf_total_mismatch"),
        ("R03", "fuzzy_number"),
    ]
