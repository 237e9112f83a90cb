"""Results reported by the offices of the programmes: on the page of a row or in a sheet, with evidence files."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from core import files, trail, web
from core.access import allow
from core.enums import Role
from core.errors import Conflict, InvalidInput
from core.files import XLSX, send_bytes
from fund import queries, reporting, results
from fund.evaluation.scoring import BAND_LABELS
from fund.forms import EvidenceForm, ReporterForm, ResultForm, SheetForm
from fund.labels import DIRECTIONS
from fund.result_checks import FIELDS
from fund.result_sheet import LABELS, TITLE, blank_sheet, read_sheet
from fund.results import IndicatorRow
from fund.views import bp

READERS = (*queries.FUND_READERS, Role.PROGRAMME)
REPORTERS = (Role.FINANCE, Role.OFFICE, Role.PROGRAMME)
NAMING = (Role.FINANCE, Role.OFFICE)


@bp.get("/reporting")
@allow(Role.PROGRAMME)
def reporting_home():
    """Where a programme's office starts: the years and programmes entrusted to it."""
    return render_template("fund/reporting.html", entrusted=results.entrusted_years(current_user))


@bp.get("/<int:year>/results")
@allow(*READERS)
def results_list(year: int):
    queries.need_year(year)
    return _list_page(year)


def _list_page(year: int, *, sheet=None, reporter=None, faults=(), status: int = 200):
    naming = current_user.role in NAMING
    page = render_template(
        "fund/results.html",
        year=year,
        rows=results.indicator_rows(year, current_user),
        sheet=sheet or SheetForm(formdata=None),
        faults=faults,
        labels=LABELS,
        reads_fund=queries.may_read(current_user),
        may_report=current_user.role in REPORTERS,
        reporters=results.reporters(year) if queries.may_read(current_user) else (),
        reporter=(reporter or _reporter_form(year, formdata=None)) if naming else None,
    )
    return page, status


def _reporter_form(year: int, **options) -> ReporterForm:
    form = ReporterForm(**options)
    form.programme.choices = [(name, name) for name in results.programmes(year)]
    form.user.choices = [(user.id, user.display_name) for user in results.possible_reporters()]
    return form


@bp.get("/<int:year>/results.xlsx")
@allow(*READERS)
def results_sheet(year: int):
    queries.need_year(year)
    rows = results.indicator_rows(year, current_user)
    return send_bytes(blank_sheet(year, rows), f"{year}年度{TITLE}.xlsx", XLSX)


@bp.post("/<int:year>/results")
@allow(*REPORTERS)
def results_import(year: int):
    queries.need_year(year)
    form = SheetForm()
    if not form.validate_on_submit():
        return _list_page(year, sheet=form, status=422)
    try:
        changed = _import(year, form)
    except reporting.BadSheet as refusal:
        form.take(refusal)
        return _list_page(year, sheet=form, faults=refusal.faults, status=422)
    except InvalidInput as refusal:
        form.take(refusal)
        return _list_page(year, sheet=form, status=422)
    web.flash(
        f"填报表已导入，{changed} 项有变化。" if changed else "填报表与现有填报相同，没有变化。", "success"
    )
    return redirect(url_for("fund.results_list", year=year), 303)


def _import(year: int, form: SheetForm) -> int:
    upload = form.sheet.data
    if not upload or not upload.filename:
        raise InvalidInput("请选择填好的填报表。", code="no_file", field="sheet")
    stored = files.store_upload(upload, actor=current_user, now=web.now(), limit_mb=5)
    rows = read_sheet(files.read(stored), stored.name, year)
    return reporting.report_sheet(year, rows, stored, actor=current_user, now=web.now())


@bp.route("/indicators/<int(max=999999999):indicator_id>", methods=["GET", "POST"])
@allow(*READERS)
def result(indicator_id: int):
    row = results.indicator_visible(indicator_id, current_user)
    if request.method == "GET":
        return _row_page(row, _standing(row))
    form = ResultForm()
    if form.validate_on_submit():
        try:
            faults = reporting.report_result(
                row, form.typed, seen=_seen(form), actor=current_user, now=web.now()
            )
        except (InvalidInput, Conflict) as refusal:
            form.take(refusal)
        else:
            if not faults:
                web.flash("完成情况已保存。", "success")
                return redirect(url_for("fund.result", indicator_id=indicator_id), 303)
            form.take_faults(faults)
    return _row_page(row, form, status=422)


def _seen(form: ResultForm) -> int:
    text = form.seen.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _standing(row: IndicatorRow) -> ResultForm:
    """The form as it stands: the newest report, before any what the table was imported with."""
    told = {name: getattr(row.report, name) for name in FIELDS} if row.report else {}
    if row.report is None and row.computed is None:
        told = {"actual_text": row.told_text, "actual_value": row.told_value}
    return ResultForm(formdata=None, data=told | {"seen": str(row.report.id if row.report else 0)})


def _row_page(row: IndicatorRow, form: ResultForm, *, evidence=None, status: int = 200):
    told = row.indicator
    page = render_template(
        "fund/result.html",
        row=row,
        told=told,
        form=form,
        evidence_form=evidence or EvidenceForm(formdata=None),
        evidence=results.evidence_of(told),
        reports=results.reports_of(told),
        events=trail.events_for(told),
        direction=DIRECTIONS[told.direction],
        bands=BAND_LABELS,
        reads_fund=queries.may_read(current_user),
        may_report=current_user.role in REPORTERS,
    )
    return page, status


@bp.post("/indicators/<int(max=999999999):indicator_id>/evidence")
@allow(*REPORTERS)
def result_attach(indicator_id: int):
    row = results.indicator_visible(indicator_id, current_user)
    form = EvidenceForm()
    if form.validate_on_submit():
        try:
            uploads = [upload for upload in form.files.data or () if upload and upload.filename]
            kept = [files.store_upload(each, actor=current_user, now=web.now()) for each in uploads]
            reporting.attach_evidence(row, kept, actor=current_user, now=web.now())
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("佐证已上传。", "success")
            return redirect(url_for("fund.result", indicator_id=indicator_id), 303)
    return _row_page(row, _standing(row), evidence=form, status=422)


@bp.get("/evidence/<int(max=999999999):evidence_id>")
@allow(*READERS)
def result_evidence(evidence_id: int):
    return files.send(results.evidence_visible(evidence_id, current_user).file)


@bp.get("/reports/<int(max=999999999):report_id>/sheet")
@allow(*READERS)
def result_sheet(report_id: int):
    return files.send(results.sheet_visible(report_id, current_user))


@bp.post("/<int:year>/reporters")
@allow(*NAMING)
def reporter_name(year: int):
    queries.need_year(year)
    form = _reporter_form(year)
    if form.validate_on_submit():
        try:
            user = next((u for u in results.possible_reporters() if u.id == form.user.data), None)
            reporting.name_reporter(year, form.programme.data, user, actor=current_user, now=web.now())
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("填报人已指定，并已收到站内通知。", "success")
            return redirect(url_for("fund.results_list", year=year), 303)
    return _list_page(year, reporter=form, status=422)


@bp.post("/reporters/<int(max=999999999):reporter_id>/end")
@allow(*NAMING)
def reporter_end(reporter_id: int):
    found = results.reporter_visible(reporter_id)
    reporting.end_reporter(found, actor=current_user, now=web.now())
    web.flash("填报人已停用。", "success")
    return redirect(url_for("fund.results_list", year=found.fiscal_year), 303)
