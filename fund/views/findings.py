"""The worklist of contradictions of a year: run the rules, look at both figures, say what is so."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from core import listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput
from core.spreadsheets import Column
from fund import findings as operations
from fund import queries
from fund.enums import FindingState
from fund.files import MAX_BYTES
from fund.forms import ReportForm
from fund.labels import RULES, SEVERITIES
from fund.models import ReconciliationFinding as Finding
from fund.report_files import text_of
from fund.states import FINDING, may_decide_finding
from fund.views import bp
from fund.views.presenting import Listed, figure_of, list_answer

FINDINGS = Listed(
    title="核对问题",
    columns=(
        Column("severity", "程度", lambda row: SEVERITIES[row.severity][0]),
        Column("rule", "问题", lambda row: RULES.get(row.rule, row.rule), width=22),
        Column("ref_code", "科目", lambda row: row.ref_code),
        Column("statement", "发现", lambda row: row.statement, width=60),
        Column("state", "状态", lambda row: FINDING.badge(row).label),
        Column("author", "办理人", lambda row: row.author.display_name if row.author else ""),
        Column("expected", "应为（金额为分）", lambda row: row.expected, width=20),
        Column("found", "实为（金额为分）", lambda row: row.found, width=20),
        Column("difference", "相差（金额为分）", lambda row: row.difference, width=20),
        Column("explanation", "可能的解释", lambda row: row.explanation, width=50),
        Column("places", "出处", lambda row: row.places, width=50),
        Column("note", "办理意见", lambda row: row.note, width=50),
        Column("decided_at", "办理时间", lambda row: row.decided_at, kind="time"),
    ),
    sorts={
        "severity": Finding.severity,
        "rule": Finding.rule,
        "ref_code": Finding.ref_code,
        "state": Finding.state,
        "id": Finding.id,
    },
    default_sort="id",
    search=(Finding.statement, Finding.ref_code, Finding.note),
    shown=6,
)


def _filters() -> list[listing.Filter]:
    states = [(state.value, FINDING.badges[state].label) for state in FindingState]
    return [
        listing.Filter("state", "状态", states, lambda value: Finding.state == FindingState(value)),
        listing.Filter(
            "severity",
            "程度",
            [(key, label) for key, (label, _) in SEVERITIES.items()],
            lambda value: Finding.severity == value,
        ),
        listing.Filter("rule", "问题", list(RULES.items()), lambda value: Finding.rule == value),
    ]


@bp.get("/<int:year>/findings")
@allow(*queries.FUND_READERS)
def findings(year: int):
    queries.need_year(year)
    return list_answer(
        FINDINGS,
        queries.findings_of(year),
        _filters(),
        "fund/findings.html",
        year=year,
        badge=FINDING.badge,
        severities=SEVERITIES,
        rules=RULES,
        last=queries.last_reconciled(year),
        report=next(iter(queries.report_texts(year)), None),
        may_run=bool(may_decide_finding(current_user)),
    )


@bp.post("/<int:year>/findings")
@allow(Role.FINANCE, Role.OFFICE)
def findings_run(year: int):
    queries.need_year(year)
    run = operations.reconcile_year(year, actor=current_user, now=web.now())
    gone = f"，{run.gone} 项不再出现" if run.gone else ""
    web.flash(f"核对完毕：共 {run.met} 项，新增 {run.new} 项{gone}。", "success")
    return redirect(url_for("fund.findings", year=year), 303)


@bp.get("/<int:year>/report")
@allow(*queries.FUND_READERS)
def report(year: int):
    queries.need_year(year)
    return _report_page(year, ReportForm(formdata=None))


@bp.post("/<int:year>/report")
@allow(Role.FINANCE, Role.OFFICE)
def report_file(year: int):
    queries.need_year(year)
    form = ReportForm()
    if form.validate_on_submit():
        try:
            name, text = _handed_in(form)
            run = operations.file_report(year, text=text, source_name=name, actor=current_user, now=web.now())
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash(f"报告正文已登记并核对：共 {run.met} 项，新增 {run.new} 项。", "success")
            return redirect(url_for("fund.findings", year=year), 303)
    return _report_page(year, form), 422


def _report_page(year: int, form: ReportForm) -> str:
    return render_template(
        "fund/report.html",
        year=year,
        form=form,
        texts=queries.report_texts(year),
        may_file=bool(may_decide_finding(current_user)),
    )


def _handed_in(form: ReportForm) -> tuple[str, str]:
    """(name, text) of the file when there is one, else of what was pasted."""
    upload = form.file.data
    if upload is None or not getattr(upload, "filename", ""):
        return "粘贴的正文", (form.text.data or "").replace("\x00", "")
    name = upload.filename.replace("\\", "/").rpartition("/")[2][:200]
    return name, text_of(name, upload.stream.read(MAX_BYTES + 1)).replace("\x00", "")


@bp.get("/findings/<int(max=999999999):finding_id>")
@allow(*queries.FUND_READERS)
def finding(finding_id: int):
    return _finding_page(queries.finding_visible(finding_id))


def _finding_page(found: Finding, refusal: InvalidInput | None = None) -> str:
    return render_template(
        "fund/finding.html",
        finding=found,
        refusal=refusal,
        badge=FINDING.badge(found),
        severity=SEVERITIES[found.severity],
        rule=RULES.get(found.rule, found.rule),
        figure_of=figure_of,
        line=queries.line_by_code(found.ref_code),
        last=queries.last_reconciled(found.fiscal_year),
        acts=FINDING.available(found, current_user),
        events=trail.events_for(found),
    )


@bp.post("/findings/<int(max=999999999):finding_id>")
@allow(Role.FINANCE, Role.OFFICE)
def finding_decide(finding_id: int):
    found = queries.finding_visible(finding_id)
    act = request.form.get("act", "")
    try:
        if act not in FINDING.transitions:
            raise InvalidInput("没有这种办理方式，请刷新页面后重试。", code="bad_act")
        reason = request.form.get("reason", "").replace("\x00", "")[:500]
        operations.decide_finding(found, act=act, reason=reason, actor=current_user, now=web.now())
    except InvalidInput as refusal:
        return _finding_page(found, refusal), 422
    web.flash(f"{FINDING.transitions[act].label}已保存。", "success")
    return redirect(url_for("fund.finding", finding_id=finding_id), 303)
