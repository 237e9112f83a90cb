"""Bank formats: which column of a bank's file holds what, kept by finance."""

from flask import redirect, render_template, url_for
from flask_login import current_user

from awards import money_queries, queries
from awards.bank_forms import BankFormatForm, form_of
from awards.banking.layout import Line, rows_of
from awards.models import BankFormat
from awards.operations import banks as operations
from awards.operations.batches import layout_of
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer
from awards.wording import AMOUNT_UNITS, SHEET_KINDS
from core import trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column

FORMATS = Listed(
    title="银行格式",
    columns=[
        Column("name", "名称", lambda found: found.name, width=36),
        Column("sheet", "文件类型", lambda found: SHEET_KINDS[found.sheet]),
        Column("columns", "列数", lambda found: len(found.columns), kind="number"),
        Column("amount_unit", "金额写法", lambda found: AMOUNT_UNITS[found.amount_unit]),
        Column("changed_at", "最近修改", lambda found: found.changed_at, kind="time"),
        Column("note", "说明", lambda found: found.note, width=40),
    ],
    sorts={"name": BankFormat.name, "changed_at": BankFormat.changed_at, "id": BankFormat.id},
    default_sort="name",
    search=(BankFormat.name, BankFormat.note),
)
# What a format makes of one payment, for the eye.
SAMPLE = Line(
    "ZF2018-0001",
    1,
    "演示科技有限公司",
    "6505000000000001",
    "演示银行乌鲁木齐支行",
    "313881000002",
    12_345_678,
    "演示奖励",
    "演示财教〔2018〕1号",
)


@bp.get("/money/formats")
@allow(*queries.READERS)
def formats_list():
    stmt = money_queries.formats_visible_to(current_user)
    return list_answer(FORMATS, stmt, "awards/formats.html", sheets=SHEET_KINDS, units=AMOUNT_UNITS)


@bp.route("/money/formats/new", methods=["GET", "POST"])
@allow(Role.FINANCE)
def format_new():
    return _answer(None, BankFormatForm())


@bp.route(f"/money/formats/<int(max={MAX_ID}):format_id>", methods=["GET"])
@allow(*queries.READERS)
def bank_format(format_id: int):
    found = money_queries.format_by_id(format_id, current_user)
    return _page(found, form_of(found))


@bp.post(f"/money/formats/<int(max={MAX_ID}):format_id>")
@allow(Role.FINANCE)
def format_change(format_id: int):
    found = money_queries.format_by_id(format_id, current_user)
    return _answer(found, form_of(found))


def _answer(found: BankFormat | None, form: BankFormatForm):
    if form.validate_on_submit():
        try:
            kept = operations.keep_format(found, values=form.values(), actor=current_user, now=web.now())
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("银行格式已保存。", "success")
            return redirect(url_for("awards.bank_format", format_id=kept.id), 303)
    return _page(found, form, 422 if form.is_submitted() else 200)


def _page(found: BankFormat | None, form: BankFormatForm, status: int = 200):
    stale = found is None or status == 422
    page = render_template(
        "awards/format.html",
        bank_format=found,
        form=form,
        may_keep=current_user.role == Role.FINANCE,
        sample=[] if stale else rows_of(layout_of(found), [SAMPLE], web.now()),
        events=[] if found is None else trail.events_for(found),
    )
    return page, status
