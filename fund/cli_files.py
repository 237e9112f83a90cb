"""`flask fund reconcile` and `flask fund evaluate`: both work on files and never touch the database."""

import json
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import wraps

import click

from core.errors import InvalidInput
from core.money import parse_wan
from fund.evaluation import FORMS, Evaluation, Execution, evaluate
from fund.files import read_indicators, read_text, read_tree
from fund.reconciliation import Finding, reconcile

_SEVERITIES = {"error": "差错", "warning": "提醒", "info": "提示"}
_NUMBER = re.compile(r'"\\u0000(-?[0-9]+(?:\.[0-9]+)?)"')


def refusals_to_stderr(command: Callable[..., None]) -> Callable[..., None]:
    """A refused file is one sentence on stderr and exit code 2, never a traceback."""

    @wraps(command)
    def guarded(*args: object, **options: object) -> None:
        try:
            command(*args, **options)
        except InvalidInput as refusal:
            click.echo(refusal.sentence, err=True)
            sys.exit(2)

    return guarded


@click.command("reconcile")
@click.option("--tree", "tree_path", required=True, help="资金树 CSV")
@click.option("--indicators", "indicators_path", required=True, help="绩效指标表 CSV")
@click.option("--text", "text_path", default=None, help="报告正文（纯文本）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON（金额单位：分）")
@refusals_to_stderr
def reconcile_command(tree_path: str, indicators_path: str, text_path: str | None, as_json: bool) -> None:
    """核对资金树、指标表和报告正文，列出相互矛盾之处。"""
    text = read_text(text_path) if text_path else None
    findings = reconcile(read_tree(tree_path), read_indicators(indicators_path), text)
    if as_json:
        click.echo(to_json({"findings": [finding.as_row() for finding in findings]}))
    else:
        click.echo(findings_table(findings))


@click.command("evaluate")
@click.option("--indicators", "indicators_path", required=True, help="绩效指标表 CSV")
@click.option("--form", "form_code", default="B", show_default=True, help="表式：A、B 或 C")
@click.option("--budget", default=None, help="全年预算数（万元）")
@click.option("--executed", default=None, help="全年执行数（万元）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@refusals_to_stderr
def evaluate_command(
    indicators_path: str, form_code: str, budget: str | None, executed: str | None, as_json: bool
) -> None:
    """按自评表式给指标表计分。"""
    form = FORMS.get(form_code.strip().upper())
    if form is None:
        raise InvalidInput(f"没有表式“{form_code}”，可选：{'、'.join(FORMS)}。", code="bad_form")
    evaluation = evaluate(form, read_indicators(indicators_path), _execution(budget, executed))
    click.echo(to_json(evaluation_data(evaluation)) if as_json else evaluation_table(evaluation))


def _execution(budget: str | None, executed: str | None) -> Execution | None:
    if budget is None and executed is None:
        return None
    if budget is None or executed is None:
        raise InvalidInput("全年预算数和全年执行数须同时给出。", code="bad_execution")
    return Execution(parse_wan(budget), parse_wan(executed))


def to_json(data: object) -> str:
    """JSON whose decimals are written digit by digit (9.00), without passing through binary floats."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=lambda number: f"\x00{number}")
    return _NUMBER.sub(r"\1", text)


def evaluation_data(evaluation: Evaluation) -> dict[str, object]:
    """Rows, blocks, total and grade; `total_max` is what the total can become once missing points are given."""
    return {
        "form": evaluation.form,
        "rows": [
            {
                "number": row.number,
                "programme": row.indicator.programme,
                "level1": row.indicator.level1,
                "level2": row.indicator.level2,
                "name": row.indicator.name,
                "target": row.indicator.target_text,
                "actual": row.indicator.actual_text,
                "direction": row.indicator.direction,
                "block": row.block,
                "weight": row.weight,
                "score": row.score,
            }
            for row in evaluation.rows
        ],
        "blocks": [
            {name: getattr(block, name) for name in ("code", "label", "weight", "score", "pending")}
            for block in evaluation.blocks
        ],
        "total": evaluation.total,
        "total_max": evaluation.total_max,
        "grade": evaluation.grade,
        "grade_range": evaluation.grade_range,
        "refused": evaluation.refused,
        "complete": evaluation.complete,
        "problems": [
            {name: getattr(problem, name) for name in ("code", "severity", "row", "message")}
            for problem in evaluation.problems
        ],
    }


def findings_table(findings: list[Finding]) -> str:
    if not findings:
        return "核对完毕，未发现矛盾。"
    blocks = []
    for finding in findings:
        head = f"{finding.id} [{_SEVERITIES[finding.severity]}] {finding.rule} {finding.ref_code}"
        figures = [
            f"{label} {value}"
            for label, value in (
                ("应为", finding.expected),
                ("实为", finding.found),
                ("相差", finding.difference),
            )
            if value is not None
        ]
        lines = [head, f"  {finding.statement}", f"  说明：{finding.explanation}"]
        lines += [f"  数字：{'，'.join(figures)}（金额单位：分）"] if figures else []
        lines += [f"  出处：{'；'.join(finding.places)}"] if finding.places else []
        blocks.append("\n".join(lines))
    return "\n".join([*blocks, f"共 {len(findings)} 项。"])


def evaluation_table(evaluation: Evaluation) -> str:
    lines = [f"表式 {evaluation.form}"]
    for row in evaluation.rows:
        indicator = row.indicator
        points = f"分值 {_points(row.weight)}  得分 {_points(row.score)}"
        figures = f"{indicator.target_text} → {indicator.actual_text}"
        lines.append(f"{row.number:>3}. {indicator.level2}  {indicator.name}  {figures}  {points}")
    for block in evaluation.blocks:
        waiting = f"（待评 {_points(block.pending)}）" if block.pending else ""
        lines.append(f"{block.label}：{_points(block.score)} / {_points(block.weight)}{waiting}")
    if evaluation.total is not None:
        lines.append(f"总分：{_points(evaluation.total)}（补齐后最高 {_points(evaluation.total_max)}）")
        low, high = evaluation.grade_range
        lines.append(f"等级：{evaluation.grade or f'暂不能评定（按现有数据最低{low}、最高{high}）'}")
    for problem in evaluation.problems:
        row = f"第 {problem.row} 行 " if problem.row else ""
        lines.append(f"[{_SEVERITIES[problem.severity]}] {row}{problem.message}")
    return "\n".join(lines)


def _points(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:.2f}"
