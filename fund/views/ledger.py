"""The ledger: every movement behind every figure, and the movements finance books by hand."""

from dataclasses import dataclass
from uuid import uuid4

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from core import listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import Conflict, InvalidInput
from core.spreadsheets import Column
from fund import operations as ledger
from fund import queries
from fund.enums import AccountRole, TransferKind
from fund.forms import MoveForm, ReverseForm, TargetMoveForm
from fund.labels import ACCOUNTS, TRANSFER_KINDS, choices
from fund.models import BudgetLine, Transfer
from fund.states import may_keep_ledger
from fund.views import bp
from fund.views.presenting import Listed, account_label, list_answer, payment_url, transfer_words

TRANSFERS = Listed(
    title="资金流水",
    columns=(
        Column("seq", "流水号", lambda row: row.seq, kind="number"),
        Column("kind", "业务", lambda row: TRANSFER_KINDS[row.kind]),
        Column("source", "转出", lambda row: account_label(row.source), width=24),
        Column("target", "转入", lambda row: account_label(row.target), width=24),
        Column("fen", "金额（元）", lambda row: row.fen, kind="fen", width=18),
        Column("basis", "依据", lambda row: row.payment_no or row.document_no, width=24),
        Column("at", "时间", lambda row: row.at, kind="time", width=18),
        Column("document", "文号", lambda row: row.document_no, width=24),
        Column("payment", "支付编号", lambda row: row.payment_no, width=18),
        Column("attempt", "第几次", lambda row: row.attempt or None, kind="number"),
        Column("actor", "经办", lambda row: row.actor.display_name if row.actor else "系统"),
        Column("memo", "摘要", lambda row: row.memo, width=40),
    ),
    sorts={"kind": Transfer.kind, "fen": Transfer.fen, "at": Transfer.at, "seq": Transfer.seq},
    default_sort="-seq",
    search=(Transfer.document_no, Transfer.payment_no, Transfer.memo),
    shown=7,
)
COUNTED = (
    AccountRole.AVAILABLE,
    AccountRole.HELD,
    AccountRole.PAID,
    AccountRole.CARRIED,
    AccountRole.RETURNED,
)


def _filters(line_ids: list[int]) -> list[listing.Filter]:
    accounts = [(role.value, ACCOUNTS[role]) for role in COUNTED]
    return [
        listing.Filter(
            "kind", "业务", choices(TRANSFER_KINDS), lambda value: Transfer.kind == TransferKind(value)
        ),
        listing.Filter(
            "account",
            "账户",
            accounts,
            lambda value: queries.touching(queries.accounts_of(line_ids, AccountRole(value))),
        ),
    ]


def _transfers(line_ids: list[int], **context):
    chosen = request.args.get("account", "")
    role = AccountRole(chosen) if chosen in {role.value for role in COUNTED} else None
    return list_answer(
        TRANSFERS,
        queries.transfers_touching(line_ids),
        _filters(line_ids),
        "fund/transfers.html",
        **transfer_words(),
        role=ACCOUNTS[role] if role else None,
        flow=queries.flow_through(line_ids, role) if role else None,
        **context,
    )


@bp.get("/<int:year>/transfers")
@allow(*queries.FUND_READERS)
def transfers(year: int):
    queries.need_year(year)
    return _transfers([line.id for line in queries.lines_of(year)], year=year, line=None)


@bp.get("/lines/<code>/transfers")
@allow(*queries.FUND_READERS)
def line_transfers(code: str):
    found = queries.line_visible(code)
    return _transfers(queries.subtree_ids(found), year=found.fiscal_year, line=found)


@bp.get("/transfers/<int(max=999999999):seq>")
@allow(*queries.FUND_READERS)
def transfer(seq: int):
    return _transfer_page(queries.transfer_visible(seq))


def _transfer_page(found: Transfer):
    undone = queries.reversal_of(found)
    return render_template(
        "fund/transfer.html",
        transfer=found,
        kinds=TRANSFER_KINDS,
        account_label=account_label,
        accounts=ACCOUNTS,
        payment_url=payment_url(found.payment_no),
        undone=undone,
        reversible=undone is None and found.kind in REVERSIBLE and bool(may_keep_ledger(current_user)),
        events=trail.events_for(found),
    )


REVERSIBLE = frozenset(
    {
        TransferKind.ISSUE,
        TransferKind.ALLOCATE,
        TransferKind.ADJUST,
        TransferKind.CARRY,
        TransferKind.RETURN,
    }
)


@dataclass(frozen=True)
class Act:
    """A movement booked by hand: its word, what it does, and whether it needs a document or a second line."""

    label: str
    help: str
    document: bool
    target: str = ""
    memo: bool = True


ACTS = {
    "issue": Act("下达", "财政下达的额度进入本科目的可用余额。", True),
    "allocate": Act("分配", "把本科目的可用余额分给下级科目。", False, "下级科目"),
    "adjust": Act("调剂", "在同一上级的科目之间调剂可用余额。", True, "同级科目"),
    "return": Act("收回", "未用的可用余额交回财政。", True),
    "carry": Act("结转", "未用的可用余额结转到下一年度的科目。", True, "下一年度科目", False),
}


@bp.get("/lines/<code>/<any('issue','allocate','adjust','return','carry'):act>")
@allow(Role.FINANCE)
def move(code: str, act: str):
    found = queries.line_visible(code)
    form, targets = _move_form(found, act)
    form.idem.data = uuid4().hex
    return _move_page(found, act, form, targets)


@bp.post("/lines/<code>/<any('issue','allocate','adjust','return','carry'):act>")
@allow(Role.FINANCE)
def move_book(code: str, act: str):
    found = queries.line_visible(code)
    form, targets = _move_form(found, act)
    status = 422
    if form.validate_on_submit():
        try:
            _book(found, act, form, targets)
        except InvalidInput as refusal:
            form.take(refusal)
        except Conflict as refusal:
            form.form_errors.append(refusal.sentence)
            status = 409
        else:
            web.flash(f"{ACTS[act].label}已记账。", "success")
            return redirect(url_for("fund.line", code=code), 303)
    return _move_page(found, act, form, targets), status


def _move_page(found: BudgetLine, act: str, form: MoveForm, targets: list[BudgetLine]) -> str:
    totals = queries.own_totals(found)
    return render_template(
        "fund/move.html", line=found, act=ACTS[act], form=form, targets=targets, totals=totals
    )


def _targets(found: BudgetLine, act: str) -> list[BudgetLine]:
    if act == "allocate":
        return queries.children_of(found)
    if act == "adjust":
        return queries.siblings_of(found)
    return queries.lines_of(found.fiscal_year + 1) if act == "carry" else []


def _move_form(found: BudgetLine, act: str) -> tuple[MoveForm, list[BudgetLine]]:
    if not ACTS[act].target:
        return MoveForm(), []
    form, targets = TargetMoveForm(), _targets(found, act)
    form.target.choices = [(line.id, f"{line.code} {line.name}") for line in targets]
    form.target.label.text = f"转入{ACTS[act].target}"
    return form, targets


def _book(found: BudgetLine, act: str, form: MoveForm, targets: list[BudgetLine]) -> None:
    facts = {
        "fen": form.fen.fen,
        "document_no": (form.document_no.data or "").strip(),
        "idem": f"web:{form.idem.data}",
        "actor": current_user,
        "now": web.now(),
    }
    if ACTS[act].memo:
        facts["memo"] = (form.memo.data or "").strip()
    if not ACTS[act].target:
        (ledger.issue if act == "issue" else ledger.give_back)(found, **facts)
        return
    target = next(line for line in targets if line.id == form.target.data)
    {"allocate": ledger.allocate, "adjust": ledger.adjust, "carry": ledger.carry}[act](found, target, **facts)


@bp.get("/transfers/<int(max=999999999):seq>/reverse")
@allow(Role.FINANCE)
def transfer_reverse(seq: int):
    form = ReverseForm()
    form.idem.data = uuid4().hex
    return _reverse_page(queries.transfer_visible(seq), form)


@bp.post("/transfers/<int(max=999999999):seq>/reverse")
@allow(Role.FINANCE)
def transfer_undo(seq: int):
    found, form = queries.transfer_visible(seq), ReverseForm()
    status = 422
    if form.validate_on_submit():
        facts = {"document_no": form.document_no.data.strip(), "memo": form.memo.data.strip()}
        try:
            done = ledger.reverse(
                found, idem=f"web:{form.idem.data}", actor=current_user, now=web.now(), **facts
            )
        except InvalidInput as refusal:
            form.take(refusal)
        except Conflict as refusal:
            form.form_errors.append(refusal.sentence)
            status = 409
        else:
            web.flash("已冲正。", "success")
            return redirect(url_for("fund.transfer", seq=done.seq), 303)
    return _reverse_page(found, form), status


def _reverse_page(found: Transfer, form: ReverseForm) -> str:
    return render_template(
        "fund/transfer_reverse.html",
        transfer=found,
        form=form,
        kinds=TRANSFER_KINDS,
        account_label=account_label,
    )
