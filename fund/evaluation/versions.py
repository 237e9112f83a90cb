"""The three generations of the self-evaluation form (项目支出绩效自评表), as data.

A is the three-column form of 2018; B the scored form in use from 2019 under 财预〔2020〕10号; C takes the cost
group apart after 财预〔2021〕101号, its points being usual practice and not quoted from the notice.
A new year's form is a new entry here; no code reads a form's letter.
"""

from dataclasses import dataclass
from decimal import Decimal

from core.errors import InvalidInput
from fund.evaluation.scoring import BANDS_2020, REVERSE_LINEAR
from fund.records import IndicatorRow

EXECUTION, OUTPUT, COST, BENEFIT, SATISFACTION = "execution", "output", "cost", "benefit", "satisfaction"

_OUTPUT_KINDS = ("数量指标", "质量指标", "时效指标")
_COST_KINDS = ("成本指标", "经济成本指标", "社会成本指标", "生态环境成本指标")
_BENEFIT_KINDS = ("经济效益指标", "社会效益指标", "生态效益指标", "可持续影响指标")
_SATISFACTION_KINDS = ("服务对象满意度指标",)
_SCORED_COLUMNS = (
    "一级指标",
    "二级指标",
    "三级指标",
    "年度指标值",
    "实际完成值",
    "分值",
    "得分",
    "偏差原因分析及改进措施",
)


@dataclass(frozen=True)
class Block:
    """A level-1 group with its points. `kinds` are the level-2 names it takes in, in printing order."""

    code: str
    label: str
    weight: Decimal | None
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class FormVersion:
    """Points per block sum to 100 on scored forms; `execution_weight` belongs to the funds block."""

    code: str
    title: str
    first_year: int
    columns: tuple[str, ...]
    blocks: tuple[Block, ...]
    execution_weight: Decimal | None
    reverse_dialect: str = REVERSE_LINEAR
    band_dialect: str = BANDS_2020
    over_line: Decimal = Decimal("1.30")

    @property
    def is_scored(self) -> bool:
        return self.execution_weight is not None

    def block_of(self, row: IndicatorRow) -> Block | None:
        """By level 2 where this form knows it, else by level 1; None when neither fits."""
        by_kind = [block for block in self.blocks if row.level2 in block.kinds]
        by_label = [block for block in self.blocks if block.label == row.level1]
        return next(iter(by_kind or by_label), None)


FORMS = {
    form.code: form
    for form in (
        FormVersion(
            code="A",
            title="项目支出绩效目标自评表（三栏式）",
            first_year=2018,
            columns=("指标", "预期指标值", "实际完成指标值"),
            blocks=(
                Block(OUTPUT, "产出指标", None, _OUTPUT_KINDS + _COST_KINDS),
                Block(BENEFIT, "效益指标", None, _BENEFIT_KINDS),
                Block(SATISFACTION, "满意度指标", None, _SATISFACTION_KINDS),
            ),
            execution_weight=None,
        ),
        FormVersion(
            code="B",
            title="项目支出绩效自评表",
            first_year=2019,
            columns=_SCORED_COLUMNS,
            blocks=(
                Block(OUTPUT, "产出指标", Decimal(50), _OUTPUT_KINDS + _COST_KINDS),
                Block(BENEFIT, "效益指标", Decimal(30), _BENEFIT_KINDS),
                Block(SATISFACTION, "满意度指标", Decimal(10), _SATISFACTION_KINDS),
            ),
            execution_weight=Decimal(10),
        ),
        FormVersion(
            code="C",
            title="项目支出绩效自评表（成本指标单列）",
            first_year=2021,
            columns=_SCORED_COLUMNS,
            blocks=(
                Block(OUTPUT, "产出指标", Decimal(40), _OUTPUT_KINDS),
                Block(COST, "成本指标", Decimal(20), _COST_KINDS),
                Block(BENEFIT, "效益指标", Decimal(20), _BENEFIT_KINDS),
                Block(SATISFACTION, "满意度指标", Decimal(10), _SATISFACTION_KINDS),
            ),
            execution_weight=Decimal(10),
        ),
    )
}


def form_for_year(year: int) -> FormVersion:
    """The newest form in force for a fiscal year."""
    known = [form for form in FORMS.values() if form.first_year <= year]
    if not known:
        raise InvalidInput(f"没有适用于 {year} 年度的自评表。", code="no_form")
    return max(known, key=lambda form: form.first_year)
