"""The draft of a year: the sections of the customer's report, filled from tree, ledger, indicators and findings."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from core.money import wan
from fund import queries
from fund.enums import AccountRole, LineKind
from fund.evaluation import FORMS
from fund.evaluations import YearEvaluation, evaluate_year
from fund.queries import TreeRow
from fund.summary.contributions import Place, contributed
from fund.summary.pieces import Draft, Figure, Gap, Paragraph, Piece, Section, Table, joined, para

FORM = "B"
DUE = (11, 15)
_LEDGER = {
    "issued": ("下达", ""),
    "paid": ("已支付", "paid"),
    "held": ("占用", "held"),
    "available": ("可用", "available"),
}
_PROJECTS = {LineKind.NEW_PROJECTS: "新上项目", LineKind.CARRYOVER_PROJECTS: "结转项目"}
FUNDS_HEAD = ("年初预算数", "全年预算数", "全年执行数", "执行率")
INDICATOR_HEAD = ("指标", "年度指标值", "实际完成值", "分值", "得分")


def draft_of(fiscal_year: int, *, unit: str) -> Draft:
    """`unit` is the office that reports. Costs the same number of statements at any number of lines."""
    found = _Year(fiscal_year, unit)
    return Draft(
        fiscal_year, f"{fiscal_year}年度{found.fund_name}实施情况总结", unit, tuple(found.sections())
    )


class _Year:
    def __init__(self, fiscal_year: int, unit: str):
        self.year, self.unit = fiscal_year, unit
        self.rows = queries.tree(fiscal_year)
        self.found = evaluate_year(fiscal_year, FORMS[FORM])
        self.findings = queries.finding_counts(fiscal_year)
        self.roots = [row for row in self.rows if row.depth == 0]
        self.programmes = [row for row in self.rows if row.depth == 1] or self.roots
        self.fund_name = "、".join(row.line.name for row in self.roots)

    def sections(self) -> Iterator[Section]:
        yield Section("一、项目概况", 1)
        yield Section("（一）项目单位基本情况", 2, (para(f"{self.unit}。", Gap("单位职能与机构情况")),))
        yield Section("（二）项目预算绩效目标设定情况", 2, tuple(self._goals()))
        yield Section("二、项目资金使用及管理情况", 1)
        yield Section("（一）项目资金安排落实、总投入等情况分析", 2, tuple(self._plan()))
        yield Section("（二）项目资金实际使用情况分析", 2, tuple(self._use()))
        yield Section(
            "（三）项目资金管理情况分析", 2, tuple(self._told(Place.MANAGEMENT, "资金管理制度与监督检查情况"))
        )
        yield Section("三、项目组织实施情况", 1)
        yield Section("（一）项目组织情况分析", 2, tuple(self._told(Place.ORGANISATION, "组织实施情况")))
        yield Section("（二）项目管理情况分析", 2, (para(Gap("项目管理、检查验收情况")),))
        yield Section("四、项目绩效情况", 1)
        yield Section("（一）项目绩效目标完成情况分析", 2, tuple(self._performance()))
        yield Section("五、其他需要说明的问题", 1)
        yield Section("（一）后续工作计划", 2, tuple(self._told(Place.PLANS, "后续工作计划")))
        yield Section("（二）主要经验及做法、存在问题和建议", 2, tuple(self._problems()))
        yield Section("六、项目评价工作情况", 1, tuple(self._appraisal()))
        yield Section("七、附表", 1, (para("《项目支出绩效自评表》"),))

    def _goals(self) -> Iterator[Paragraph]:
        names = "、".join(row.line.name for row in self.programmes)
        yield para(f"{self.fund_name}分{len(self.programmes)}类，即：{names}。各类绩效目标设定情况如下：")
        said = contributed(Place.GOALS, self.year)
        for number, row in enumerate(self.programmes, 1):
            yield para(f"{number}.{row.line.name}", numbered=True)
            told = self._below(said, row)
            yield from told or [para(Gap(f"{row.line.name}的政策依据与年度目标"))]

    def _plan(self) -> Iterator[Paragraph]:
        for root in self.roots:
            below = [row for row in self._children(root)]
            pieces: list[Piece] = [root.line.name, *self._reported(root), "。"]
            parts = [[row.line.name, "安排经费", *self._reported(row), *self._subs(row)] for row in below]
            yield para(*pieces, *(["其中", *joined(parts, "；")] if parts else []))

    def _subs(self, row: TreeRow) -> list[Piece]:
        below = [child for child in self._children(row) if self._children(child)]
        if not below:
            return []
        return ["（", *joined([[c.line.name, "安排经费", *self._reported(c)] for c in below], end="）")]

    def _use(self) -> Iterator[Paragraph]:
        yield para("各明细专项实际使用情况如下：")
        said = contributed(Place.USE, self.year)
        for number, row in enumerate(self.programmes, 1):
            yield para(f"{number}.{row.line.name}安排经费", *self._reported(row), "。", numbered=True)
            for holder in self._holders(row):
                yield para(
                    holder.line.name,
                    "包括：",
                    *joined([self._part(leaf) for leaf in self._children(holder)], "；"),
                )
            yield para(*self._booked(row))
            yield from self._below(said, row)

    def _holders(self, row: TreeRow) -> list[TreeRow]:
        return [each for each in queries.subtree(self.rows, row.line) if self._leaves_only(each)]

    def _leaves_only(self, row: TreeRow) -> bool:
        below = self._children(row)
        return bool(below) and all(child.leaf for child in below)

    def _part(self, leaf: TreeRow) -> list[Piece]:
        items = leaf.line.reported_items
        if items is None or leaf.line.kind not in _PROJECTS:
            return [leaf.line.name, *self._reported(leaf)]
        return [leaf.line.name, self._items(leaf), "项，拨款", *self._reported(leaf)]

    def _booked(self, row: TreeRow) -> list[Piece]:
        """What the ledger holds; a programme kept elsewhere has nothing booked here and the draft says so."""
        if not row.totals.issued_fen:
            return ["账务：", Gap(f"{row.line.name}未在本系统记账，实际支出数与凭证")]
        clauses = [[word, self._ledger(row, name), "万元"] for name, (word, _) in _LEDGER.items()]
        rate = Figure(
            f"{row.line.code}:rate",
            _rate(row.totals.paid_fen, row.budget_fen),
            f"{row.line.name}执行率",
            "已支付÷（下达－收回）",
            "fund.line",
            MappingProxyType({"code": row.line.code}),
            _balances(row),
        )
        told = ["截至本稿生成，账务记载：", *joined([*clauses, ["执行率", rate]])]
        return told if row.totals.paid_fen else [*told, Gap(f"{row.line.name}的实际支出数与凭证")]

    def _told(self, place: Place, gap: str) -> Iterator[Paragraph]:
        """What the floors above say, then by name the programmes nobody spoke of."""
        said = contributed(place, self.year)
        silent = []
        for row in self.programmes:
            told = self._below(said, row)
            yield from told
            silent += [] if told else [row.line.name]
        yield from said.get("", [])
        if silent:
            yield para(Gap(f"{'、'.join(silent)}的{gap}"))

    def _performance(self) -> Iterator[Paragraph | Table]:
        figures = self.found.figures
        if not figures:
            yield para(Gap("绩效指标尚未登记"))
            return
        met = [each for each in figures if each.row.value.strip()]
        page = {"year": self.year}
        count = Figure(
            "indicators:all",
            str(len(figures)),
            "绩效指标数",
            "本年度登记的指标",
            "fund.indicators",
            page,
            tuple(f"{each.row.indicator.position} {each.row.indicator.name}" for each in figures),
        )
        filled = Figure(
            "indicators:filled",
            str(len(met)),
            "已填实际完成值的指标数",
            "实际完成值不为空",
            "fund.indicators",
            page,
            tuple(f"{each.row.indicator.position} {each.row.indicator.name}" for each in met),
        )
        yield para("共设绩效指标", count, "项，已填实际完成值", filled, "项，完成情况见下表。")
        yield Table("项目资金（万元）", FUNDS_HEAD, (tuple(self._funds()),), (25, 25, 25, 25))
        yield Table("绩效指标完成情况", INDICATOR_HEAD, tuple(self._indicators()), (36, 23, 23, 9, 9))

    def _funds(self) -> Iterator[Piece]:
        funds, root = self.found.funds, {"year": self.year}
        initial = funds.initial_fen
        rows = tuple(line for row in self.roots for line in _balances(row))
        yield (
            Gap("年初预算数")
            if initial is None
            else Figure(
                "funds:initial",
                wan(initial),
                "年初预算数（万元）",
                "专项年度安排数",
                "fund.tree",
                root,
                (str(initial),),
            )
        )
        for key, fen, label, counted in (
            ("budget", funds.budget_fen, "全年预算数", "下达－收回"),
            ("executed", funds.executed_fen, "全年执行数", "已支付"),
        ):
            yield Figure(f"funds:{key}", wan(fen), f"{label}（万元）", counted, "fund.tree", root, rows)
        rate = _rate(funds.executed_fen, funds.budget_fen)
        yield Figure("funds:rate", rate, "执行率", "全年执行数÷全年预算数", "fund.tree", root, rows)

    def _indicators(self) -> Iterator[tuple[Piece, ...]]:
        for each in self.found.figures:
            told = each.row.indicator
            result: Piece = each.row.told_text or Gap("实际完成值")
            if each.row.computed is not None:
                result = Figure(
                    f"indicator:{told.position}",
                    each.row.value,
                    told.name,
                    f"系统计算：{each.source.label}" if each.source else "系统计算",
                    *_drill(each.source, self.year),
                    rows=(f"{told.source} {each.row.computed}",),
                )
            yield (
                told.name,
                told.target_text or Gap("年度指标值"),
                result,
                _points(each.weight),
                _points(each.score),
            )

    def _problems(self) -> Iterator[Paragraph]:
        yield para(Gap("主要经验及做法"))
        counts = self.findings
        if not counts:
            yield para("本年度尚未核对。", Gap("核对结果"))
        else:
            page = {"year": self.year}
            total, waiting = sum(counts.values()), counts.get("open", 0)
            rows = tuple(f"{state} {number}" for state, number in sorted(counts.items()))
            all_ = Figure(
                "findings:all",
                str(total),
                "核对发现的问题",
                "本年度全部核对问题",
                "fund.findings",
                page,
                rows,
            )
            left = Figure(
                "findings:open",
                str(waiting),
                "待处理的核对问题",
                "状态为待处理",
                "fund.findings",
                page | {"state": "open"},
                rows,
            )
            yield para(
                "经系统核对，资金树、绩效指标与报告正文之间共发现问题",
                all_,
                "项，其中待处理",
                left,
                "项，逐项说明见核对问题清单。",
            )
        yield para(Gap("存在问题和建议"))

    def _appraisal(self) -> Iterator[Paragraph]:
        yield from contributed(Place.APPRAISAL, self.year).get("", [])
        evaluation = self.found.evaluation
        if evaluation.total is None or not evaluation.grade:
            yield para("自评得分：", Gap("分值、得分补齐后方可计算总分与等级"))
        else:
            total = f"{evaluation.total:.2f}"
            grade = Figure(
                "evaluation:total",
                total,
                "自评总分",
                f"表式{FORM}计分",
                "fund.indicators",
                {"year": self.year},
                _blocks(self.found),
            )
            yield para("按项目支出绩效自评表计分，总分", grade, f"分，等级为“{evaluation.grade}”。")
        yield para(Gap("评价工作的依据与组织"))

    def _children(self, row: TreeRow) -> list[TreeRow]:
        return [child for child in self.rows if child.line.parent_id == row.line.id]

    def _below(self, said: dict[str, list[Paragraph]], row: TreeRow) -> list[Paragraph]:
        codes = [each.line.code for each in queries.subtree(self.rows, row.line)]
        return [paragraph for code in codes for paragraph in said.get(code, [])]

    def _reported(self, row: TreeRow) -> list[Piece]:
        line = row.line
        if line.reported_fen is None:
            return [Gap(f"{line.name}年度安排数")]
        rows = (f"{line.code} {line.reported_fen}",)
        figure = Figure(
            f"{line.code}:reported",
            wan(line.reported_fen),
            f"{line.name}年度安排数（万元）",
            "文件或报告所载数",
            "fund.line",
            MappingProxyType({"code": line.code}),
            rows,
        )
        return [figure, "万元"]

    def _items(self, row: TreeRow) -> Figure:
        line = row.line
        return Figure(
            f"{line.code}:items",
            str(line.reported_items),
            f"{line.name}项目数",
            "文件或报告所载数",
            "fund.line",
            MappingProxyType({"code": line.code}),
            (f"{line.code} {line.reported_items}",),
        )

    def _ledger(self, row: TreeRow, name: str) -> Figure:
        word, account = _LEDGER[name]
        page = {"code": row.line.code} | ({"account": account} if account else {})
        return Figure(
            f"{row.line.code}:{name}",
            wan(getattr(row.totals, f"{name}_fen")),
            f"{row.line.name}{word}（万元）",
            "系统账务流水合计",
            "fund.line_transfers",
            MappingProxyType(page),
            _balances(row),
        )


def _balances(row: TreeRow) -> tuple[str, ...]:
    return tuple(
        f"{row.line.code} {role} {getattr(row.totals, f'{role}_fen')}"
        for role in (r.value for r in AccountRole if r != AccountRole.FISCAL)
    )


def _drill(source, year: int) -> tuple[str, dict]:
    return (source.endpoint, source.arguments_of(year)) if source else ("", {})


def _rate(part: int, whole: int) -> str:
    if whole <= 0:
        return "—"
    hundredths = (part * 20_000 + whole) // (whole * 2)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _points(value) -> str:
    return "—" if value is None else f"{value:.2f}"


def _blocks(found: YearEvaluation) -> Sequence[str]:
    return tuple(f"{block.code} {block.weight} {block.score}" for block in found.evaluation.blocks)
