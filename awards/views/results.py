"""The bank's answers: handed in, reconciled on the screen, confirmed by a person; what stays open is a worklist."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import money_queries, queries
from awards.bank_forms import ResolveForm
from awards.enums import Outcome, ResultState
from awards.models import BankResult, BankResultLine, Payment, PaymentBatch
from awards.operations import results as operations
from awards.states import RESULT
from awards.views import bp
from awards.views.answers import MAX_ID, Listed, list_answer
from awards.wording import OUTCOMES
from core import files, listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column

OPEN_LINES = Listed(
    title="银行结果待核实",
    columns=[
        Column("batch", "批次", lambda line: line.result.batch.number),
        Column("outcome", "情况", lambda line: OUTCOMES[line.outcome].label),
        Column("line_key", "支付编号", lambda line: line.line_key),
        Column("account", "账号", lambda line: line.account, width=26),
        Column("amount", "金额（元）", lambda line: line.fen, kind="fen"),
        Column("reason", "银行说明", lambda line: line.reason, width=40),
    ],
    sorts={
        "batch": PaymentBatch.number,
        "outcome": BankResultLine.outcome,
        "line_key": BankResultLine.line_key,
        "amount": BankResultLine.fen,
        "id": BankResultLine.id,
    },
    default_sort="batch",
    search=(PaymentBatch.number, BankResultLine.line_key, Payment.number),
    filters=lambda: [
        listing.Filter(
            "outcome",
            "情况",
            [
                (outcome.value, OUTCOMES[outcome].label)
                for outcome in (*money_queries.NEEDS_A_WORD, *money_queries.WAITS_FOR_BANK)
            ],
            lambda value: BankResultLine.outcome == Outcome(value),
        )
    ],
)


@bp.get("/money/results")
@allow(*queries.READERS)
def open_lines_list():
    stmt = money_queries.open_lines_visible_to(current_user)
    return list_answer(OPEN_LINES, stmt, "awards/results_open.html", outcomes=OUTCOMES)


@bp.post(f"/money/results/lines/<int(max={MAX_ID}):line_id>")
@allow(Role.FINANCE)
def line_resolve(line_id: int):
    line = money_queries.result_line_by_id(line_id, current_user)
    form = ResolveForm()
    if not form.validate_on_submit():
        return _page(line.result, refusal=InvalidInput("请写明核实情况（500 字以内）。"), status=422)
    operations.resolve_line(line, note=form.note.data, actor=current_user, now=web.now())
    web.flash("该行已核实。", "success")
    return redirect(url_for("awards.bank_result", result_id=line.result_id), 303)


@bp.get(f"/money/results/<int(max={MAX_ID}):result_id>")
@allow(*queries.READERS)
def bank_result(result_id: int):
    return _page(money_queries.result_by_id(result_id, current_user))


@bp.post(f"/money/results/<int(max={MAX_ID}):result_id>/<any(confirm,discard):act>")
@allow(Role.FINANCE)
def result_act(result_id: int, act: str):
    found = money_queries.result_by_id(result_id, current_user)
    if act == "discard":
        operations.discard_result(found, actor=current_user, now=web.now())
        web.flash("该结果文件不采用，没有任何入账。", "info")
        return redirect(url_for("awards.batch", number=found.batch.number), 303)
    seen = request.form.get("seen", "")
    operations.confirm_result(found, seen=seen, actor=current_user, now=web.now())
    web.flash("银行结果已入账。", "success")
    return redirect(url_for("awards.bank_result", result_id=found.id), 303)


@bp.get(f"/money/results/<int(max={MAX_ID}):result_id>/file")
@allow(Role.FINANCE)
def result_file(result_id: int):
    return files.send(money_queries.result_by_id(result_id, current_user).file)


def _page(found: BankResult, *, refusal: InvalidInput | None = None, status: int = 200):
    preview = found.state == ResultState.READ
    lines = operations.matches_of(found) if preview else found.lines
    acts = {transition.name for transition in RESULT.available(found, current_user)}
    page = render_template(
        "awards/result.html",
        result=found,
        refusal=refusal,
        badge=RESULT.badge(found),
        preview=preview,
        lines=lines,
        seen=operations.digest_of(lines) if preview else "",
        sums=operations.sums_of(lines),
        balance=operations.balance_of(found.batch, lines if preview else ()),
        outcomes=OUTCOMES,
        acts=acts,
        open_ids={line.id for line in money_queries.open_result_lines(found.batch)},
        payments={payment.id: payment.number for payment in found.batch.payments},
        people=queries.user_names(found.read_by_id, found.confirmed_by_id, *_resolvers(found)),
        events=trail.events_for(found),
    )
    return page, status


def _resolvers(found: BankResult) -> list[int | None]:
    return [line.resolved_by_id for line in found.lines]
