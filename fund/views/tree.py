"""Years, the tree of a year, one line, two years side by side."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from core import trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.files import send_table
from core.spreadsheets import Column
from fund import icicle, queries, results
from fund import operations as ledger
from fund.comparison import Measure, paired, paired_indicators
from fund.enums import LineKind, LineState
from fund.forms import NO_PARENT, LineForm
from fund.labels import CHANGES, LINE_KINDS, MEASURES
from fund.models import BudgetLine
from fund.queries import TreeRow
from fund.states import LINE
from fund.views import bp
from fund.views.presenting import percent, signed_percent, signed_wan, transfer_words

TREE_COLUMNS = (
    Column("code", "编码", lambda row: row.line.code),
    Column("name", "科目", lambda row: "　" * row.depth + row.line.name, width=44),
    Column("kind", "类别", lambda row: LINE_KINDS[row.line.kind]),
    Column("reported", "年度安排数（元）", lambda row: row.line.reported_fen, kind="fen", width=20),
    Column("items", "项目数", lambda row: row.line.reported_items, kind="number"),
    Column("issued", "下达（元）", lambda row: row.totals.issued_fen, kind="fen", width=20),
    Column("held", "占用（元）", lambda row: row.totals.held_fen, kind="fen", width=20),
    Column("paid", "已支付（元）", lambda row: row.totals.paid_fen, kind="fen", width=20),
    Column("available", "可用（元）", lambda row: row.totals.available_fen, kind="fen", width=20),
    Column("rate", "执行率", lambda row: percent(row.totals.paid_fen, row.budget_fen)),
    Column("difference", "分项与上级之差（元）", lambda row: row.difference_fen, kind="fen", width=22),
    Column("note", "说明", lambda row: row.line.note, width=50),
)


@bp.get("/")
@allow(*queries.FUND_READERS)
def years():
    return render_template("fund/years.html", years=queries.year_summaries(), percent=percent)


@bp.get("/compare")
@allow(*queries.FUND_READERS)
def compare():
    known = queries.years()
    newest = known[0] if known else web.now().year
    left, right = (
        _chosen("left", known[1] if len(known) > 1 else newest, known),
        _chosen("right", newest, known),
    )
    pairs = paired(queries.tree(left), queries.tree(right))
    chosen = request.args.get("by", "")
    measure = Measure(chosen) if chosen in list(Measure) else Measure.REPORTED
    if "export" in request.args:
        columns = _compare_columns(left, right, measure)
        name = f"{left}与{right}年度对照"
        return send_table(name, columns, pairs)
    return render_template(
        "fund/compare.html",
        years=known,
        left=left,
        right=right,
        pairs=pairs,
        measure=measure,
        measures=MEASURES,
        indicators=paired_indicators(results.indicator_rows(left), results.indicator_rows(right)),
        percent=percent,
        signed_percent=signed_percent,
        signed_wan=signed_wan,
    )


def _compare_columns(left: int, right: int, measure: Measure) -> tuple[Column, ...]:
    word = MEASURES[measure]
    return (
        Column("name", "科目", lambda pair: "　" * pair.depth + pair.name, width=44),
        Column("left", f"{left} {word}（元）", lambda pair: measure.of(pair.left), kind="fen", width=20),
        Column("right", f"{right} {word}（元）", lambda pair: measure.of(pair.right), kind="fen", width=20),
        Column("difference", "增减（元）", lambda pair: pair.difference_fen(measure), kind="fen", width=20),
        Column("change", "变化", lambda pair: CHANGES[pair.change]),
    )


def _chosen(name: str, otherwise: int, known: list[int]) -> int:
    text = request.args.get(name, "")
    return next((year for year in known if str(year) == text), otherwise)


@bp.get("/<int:year>")
@allow(*queries.FUND_READERS)
def tree(year: int):
    queries.need_year(year)
    rows = queries.tree(year)
    if "export" in request.args:
        return send_table(f"{year}年资金树", TREE_COLUMNS, rows)
    return render_template(
        "fund/tree.html",
        year=year,
        rows=rows,
        blocks=icicle.blocks(rows),
        width=icicle.WIDTH,
        height=icicle.HEIGHT,
        percent=percent,
        signed_wan=signed_wan,
        differing=[row for row in rows if row.difference_fen],
    )


@bp.get("/lines/<code>")
@allow(*queries.FUND_READERS)
def line(code: str):
    found = queries.line_visible(code)
    below = queries.subtree(queries.tree(found.fiscal_year), found)
    return _line_page(found, below)


def _line_page(found: BudgetLine, below: list[TreeRow]):
    own = below[0]
    return render_template(
        "fund/line.html",
        line=found,
        own=own,
        children=[row for row in below if row.depth == own.depth + 1],
        path=_path(found),
        badge=LINE.badge(found),
        kinds=LINE_KINDS,
        open=found.state == LineState.OPEN,
        closable=LINE.can(found, "close", current_user),
        recent=queries.recent_transfers([row.line.id for row in below]),
        percent=percent,
        signed_wan=signed_wan,
        events=trail.events_for(found),
        **transfer_words(),
    )


def _path(found: BudgetLine) -> list[BudgetLine]:
    """From the root down to the line's parent."""
    above = []
    while found.parent is not None:
        found = found.parent
        above.insert(0, found)
    return above


@bp.post("/lines/<code>/close")
@allow(Role.FINANCE)
def line_close(code: str):
    found = queries.line_visible(code)
    ledger.close_line(found, actor=current_user, now=web.now())
    web.flash(f"{found.name}已关闭。", "success")
    return redirect(url_for("fund.line", code=code), 303)


@bp.get("/<int:year>/lines/new")
@allow(Role.FINANCE)
def line_new(year: int):
    form = _line_form(year)
    above = queries.line_by_code(request.args.get("parent", ""))
    if above is not None and above.fiscal_year == year:
        form.parent.data = above.id
    return render_template("fund/line_new.html", year=year, form=form)


@bp.post("/<int:year>/lines/new")
@allow(Role.FINANCE)
def line_create(year: int):
    form = _line_form(year)
    if form.validate_on_submit():
        try:
            made = _create(year, form)
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"已建立科目 {made.code}。", "success")
            return redirect(url_for("fund.line", code=made.code), 303)
    return render_template("fund/line_new.html", year=year, form=form), 422


def _line_form(year: int) -> LineForm:
    form = LineForm()
    lines = queries.lines_of(year)
    form.parent.choices = [
        (NO_PARENT, "（无，作为专项）"),
        *((row.id, f"{row.code} {row.name}") for row in lines),
    ]
    return form


def _create(year: int, form: LineForm) -> BudgetLine:
    if not 2000 <= year <= 2100:
        raise InvalidInput("年度应在 2000 到 2100 之间。", code="bad_year")
    if queries.line_by_code(form.code.data) is not None:
        raise InvalidInput("该科目编码已存在。", code="code_taken", field="code")
    above = next((row for row in queries.lines_of(year) if row.id == form.parent.data), None)
    return ledger.create_line(
        code=form.code.data,
        fiscal_year=year,
        name=form.name.data.strip(),
        kind=LineKind(form.kind.data),
        parent=above,
        reported_fen=form.reported_fen.fen,
        reported_items=form.reported_items.data,
        use_restriction=(form.use_restriction.data or "").strip(),
        note=(form.note.data or "").strip(),
        actor=current_user,
        now=web.now(),
    )
