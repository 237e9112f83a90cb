"""演示数据: an invented agricultural fund in which everything agrees, and small ways to break it."""

from dataclasses import replace
from decimal import Decimal

from core.money import parse_wan
from fund.records import IndicatorRow, TreeLine

OUTPUT, BENEFIT, SATISFACTION = "产出指标", "效益指标", "满意度指标"


def line(code, parent, name, wan, kind, items=None):
    return TreeLine(code, parent, name, None if wan is None else parse_wan(str(wan)), kind, items)


def row(
    programme, level1, level2, name, target, actual, values=(None, None), unit="", direction="qualitative"
):
    numbers = [None if value is None else Decimal(str(value)) for value in values]
    return IndicatorRow(programme, level1, level2, name, target, actual, *numbers, unit, direction)


TREE = [
    line("N19", "", "省级农业产业发展专项", 5000, "fund"),
    line("N19-1", "N19", "农产品加工提升计划", 2000, "programme"),
    line("N19-1-1", "N19-1", "农产品加工提升新上项目", 1500, "new_projects", 20),
    line("N19-1-2", "N19-1", "农产品加工提升结转项目", 500, "carryover_projects", 10),
    line("N19-2", "N19", "高标准农田建设计划", 2400, "programme"),
    line("N19-2-1", "N19-2", "高标准农田新建项目", 2000, "new_projects", 8),
    line("N19-2-2", "N19-2", "高标准农田管护经费", 400, "work_fund"),
    line("N19-3", "N19", "新型职业农民培育计划", 600, "programme"),
    line("N19-3-1", "N19-3", "培训经费", 450, "training"),
    line("N19-3-2", "N19-3", "工作经费", 150, "work_fund"),
]

_PROCESSING, _FIELDS, _TRAINING = "农产品加工提升计划", "高标准农田建设计划", "新型职业农民培育计划"
TABLE = [
    row(_PROCESSING, OUTPUT, "数量指标", "支持加工企业数量", "20家", "22家", (20, 22), "家", "at_least"),
    row(_PROCESSING, OUTPUT, "质量指标", "验收合格率", "≥90%", "95%（19/20）", (90, 95), "%", "at_least"),
    row(_PROCESSING, OUTPUT, "成本指标", "项目资金", "2000万元", "2000万元", (2000, 2000), "万元", "equal"),
    row(_PROCESSING, OUTPUT, "时效指标", "项目按期开工", "2019年6月底前开工", "2019年6月12日全部开工"),
    row(_FIELDS, OUTPUT, "数量指标", "建成面积", "5万亩", "5.3万亩", (50000, 53000), "亩", "at_least"),
    row(_FIELDS, OUTPUT, "数量指标", "新建项目数量", "8个", "8个", (8, 8), "个", "at_least"),
    row(_FIELDS, OUTPUT, "质量指标", "工程质量达标率", "100%", "100%", (100, 100), "%", "at_least"),
    row(_FIELDS, OUTPUT, "成本指标", "管护经费", "≤400万元", "398万元", (400, 398), "万元", "at_most"),
    row(_TRAINING, OUTPUT, "数量指标", "培训人数", "3000人", "3120人", (3000, 3120), "人", "at_least"),
    row(_TRAINING, OUTPUT, "数量指标", "培训期数", "60期", "62期", (60, 62), "期", "at_least"),
    row(
        _TRAINING, OUTPUT, "时效指标", "实施期", "项目实施2年", "项目实施2年，按期结束", (2, 2), "年", "equal"
    ),
    row(_TRAINING, OUTPUT, "成本指标", "人均培训成本", "1500元", "1450元", (1500, 1450), "元/人", "at_most"),
    row(_PROCESSING, BENEFIT, "经济效益指标", "新增产值", "3亿元", "3.26亿元", (3, 3.26), "亿元", "at_least"),
    row(_PROCESSING, BENEFIT, "社会效益指标", "带动就业人数", "800人", "846人", (800, 846), "人", "at_least"),
    row(_FIELDS, BENEFIT, "生态效益指标", "节约用水率", "15%", "16.2%", (15, 16.2), "%", "at_least"),
    row(_FIELDS, BENEFIT, "可持续影响指标", "管护制度", "建立管护制度", "已出台办法，落实27名管护员"),
    row(
        _TRAINING,
        SATISFACTION,
        "服务对象满意度指标",
        "学员满意度",
        "≥90%",
        "94.6%",
        (90, 94.6),
        "%",
        "at_least",
    ),
]

TEXT = """一、项目概况
2019年省级农业产业发展专项5,000万元，较上年增加300万元。
1.农产品加工提升计划2,000万元，其中新上项目20个，拨款1,500万元，结转项目10个，拨款500万元。
2.高标准农田建设计划2,400万元，其中新建项目8个，拨款2,000万元；管护经费400万元。
3.新型职业农民培育计划安排经费600万元，其中培训经费450万元，工作经费150万元。项目执行期一般2年。
覆盖全省14个地州市，其中重点覆盖8个地州市；举办培训班62期，每期5万元，共310万元。
二、资金使用
实际支出4,998万元，结余2万元。近3年农民收入稳步提高，节约用水16%。农产品加工提升计划支持企业22家。
"""


def with_amount(code, wan):
    return [replace(each, amount_fen=parse_wan(str(wan))) if each.code == code else each for each in TREE]


def with_items(code, items):
    return [replace(each, item_count=items) if each.code == code else each for each in TREE]


def with_row(indicator, /, **changes):
    """The table with one row changed; numbers may be given as text."""
    for key in ("target_value", "actual_value"):
        if isinstance(changes.get(key), str):
            changes[key] = Decimal(changes[key])
    assert any(each.name == indicator for each in TABLE)
    return [replace(each, **changes) if each.name == indicator else each for each in TABLE]


def with_text(old, new):
    assert old in TEXT
    return TEXT.replace(old, new)
