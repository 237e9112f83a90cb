"""Results reported on a page or in a sheet: who may, what is kept, what is refused, what it changes."""

import io
import re

import openpyxl
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from core.checks import run_all
from core.db import commit, db
from core.enums import Role
from core.errors import Conflict, InvalidInput
from core.models import Message
from fund import reporting, results
from fund.enums import LineKind
from fund.evaluation import FORMS
from fund.evaluations import Basis, evaluate_year
from fund.models import Indicator, IndicatorReport
from fund.result_sheet import blank_sheet, read_sheet
from tests.factories import fund as make
from tests.factories.competition import make_file, staff

OTHER = "演示扶贫专项"
ROWS = (
    {},
    {"programme": OTHER, "name": "培训人次", "actual_text": "", "actual_value": "", "unit": "人次"},
    {
        "programme": OTHER,
        "level1": "效益指标",
        "level2": "社会效益指标",
        "name": "带动作用",
        "target_text": "明显",
        "actual_text": "",
        "target_value": "",
        "actual_value": "",
        "unit": "",
        "direction": "qualitative",
    },
)
# Session, unread messages and the page's own: years, rows with their newest reports, reporters, programmes, accounts.
LIST_STATEMENTS = 7
DONE = {"actual_text": "培训12人次", "actual_value": "12"}


def entrusted(now) -> list[Indicator]:
    """A year with three indicators; the programme's office reports the other programme's two."""
    for role in (Role.FINANCE, Role.OFFICE, Role.SUPERVISION, Role.JUDGE):
        staff(role, now)
    make.make_line(now, "F26", name="演示专项", kind=LineKind.FUND)
    made = make.make_indicators(now, *ROWS)
    reporter = staff(Role.PROGRAMME, now)
    reporting.name_reporter(2026, OTHER, reporter, actor=staff(Role.FINANCE, now), now=now)
    return made


@pytest.fixture
def rows(ctx, now):
    """The rows by name, read by finance."""
    entrusted(now)

    def read() -> dict[str, results.IndicatorRow]:
        return {row.indicator.name: row for row in results.indicator_rows(2026)}

    return read


def report(row, now, *, seen=0, actor=None, **typed):
    actor = actor or staff(Role.PROGRAMME, now)
    return reporting.report_result(row, typed, seen=seen, actor=actor, now=now)


def test_the_newest_report_stands_and_the_old_ones_stay(rows, now):
    assert report(rows()["培训人次"], now, **DONE) == []
    first = rows()["培训人次"]
    assert (first.told_text, first.told_number) == ("培训12人次", 12)
    again = {"actual_text": "培训11人次", "actual_value": "11"}
    assert report(first, now, seen=first.report.id, **again) == []
    standing = rows()["培训人次"]
    assert standing.value == "培训11人次"
    assert standing.indicator.actual_text == ""
    assert [each.actual_value for each in results.reports_of(standing.indicator)] == ["11", "12"]


def test_who_saw_an_older_report_is_refused_and_loses_nothing(rows, now):
    row = rows()["培训人次"]
    report(row, now, **DONE)
    with pytest.raises(Conflict, match="刚有新的填报"):
        report(row, now, seen=0, actual_text="培训11人次", actual_value="11")


def test_a_refused_result_is_not_kept(rows, now):
    row = rows()["培训人次"]
    assert [fault.code for fault in report(row, now, actual_text="培训约12人次", actual_value="12")] == [
        "fuzzy_number"
    ]
    assert db.session.scalar(select(IndicatorReport.id)) is None


def test_an_office_reports_only_what_is_entrusted_to_it(rows, now):
    with pytest.raises(InvalidInput, match="不是该计划的填报人"):
        report(rows()["奖励企业数量"], now, actual_text="9家", actual_value="9")
    reporter = staff(Role.PROGRAMME, now)
    assert {row.indicator.programme for row in results.indicator_rows(2026, reporter)} == {OTHER}
    (named,) = results.reporters(2026)
    reporting.end_reporter(named, actor=staff(Role.OFFICE, now), now=now)
    assert results.indicator_rows(2026, reporter) == []
    with pytest.raises(InvalidInput, match="不是该计划的填报人"):
        report(rows()["培训人次"], now, **DONE)


def test_a_reporter_is_told_and_named_once(rows, now):
    reporter, finance = staff(Role.PROGRAMME, now), staff(Role.FINANCE, now)
    told = db.session.scalars(select(Message.link).where(Message.user_id == reporter.id)).all()
    assert told == ["/fund/2026/results"]
    with pytest.raises(InvalidInput, match="已是填报人"):
        reporting.name_reporter(2026, OTHER, reporter, actor=finance, now=now)
    with pytest.raises(InvalidInput, match="计划主管处室"):
        reporting.name_reporter(2026, OTHER, staff(Role.JUDGE, now), actor=finance, now=now)
    with pytest.raises(InvalidInput, match="没有这个计划"):
        reporting.name_reporter(2026, "没有的计划", reporter, actor=finance, now=now)


def test_a_report_is_what_the_form_scores(rows, now):
    report(rows()["培训人次"], now, actual_text="培训5人次", actual_value="5", reason="冬季停训")
    opinion = {"actual_text": "问卷显示明显", "band": "achieved", "assessed_percent": "90"}
    report(rows()["带动作用"], now, **opinion)
    found = evaluate_year(2026, FORMS["B"], Basis.REPORTED)
    scores = {figure.row.indicator.name: (figure.weight, figure.score) for figure in found.figures}
    assert scores["培训人次"] == (25, scores["培训人次"][0] / 2)
    assert scores["带动作用"] == (30, 27)
    assert "not_assessed" not in {problem.code for problem in found.evaluation.problems}


def test_evidence_is_added_and_counted(rows, now):
    row = rows()["培训人次"]
    with pytest.raises(InvalidInput, match="请选择佐证文件"):
        reporting.attach_evidence(row, [], actor=staff(Role.PROGRAMME, now), now=now)
    materials = [make_file(now, "签到表.pdf"), make_file(now, "照片.pdf")]
    reporting.attach_evidence(row, materials, actor=staff(Role.PROGRAMME, now), now=now)
    assert rows()["培训人次"].evidence == 2
    assert [each.file.name for each in results.evidence_of(row.indicator)] == ["签到表.pdf", "照片.pdf"]


def sheet_bytes(now, **cells) -> bytes:
    """The year's sheet with cells of 培训人次's line changed, by column label."""
    book = openpyxl.load_workbook(io.BytesIO(blank_sheet(2026, results.indicator_rows(2026))))
    sheet = book.active
    head = [cell.value for cell in sheet[2]]
    for label, value in cells.items():
        sheet.cell(4, head.index(label) + 1).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def hand_in(content: bytes, now, actor=None) -> int:
    read = read_sheet(content, "填报表.xlsx", 2026)
    kept = make_file(now, "填报表.xlsx")
    return reporting.report_sheet(2026, read, kept, actor=actor or staff(Role.FINANCE, now), now=now)


def test_a_sheet_is_taken_whole_and_twice_changes_nothing(rows, now):
    content = sheet_bytes(now, 实际完成情况="培训12人次", 完成数值=12)
    assert hand_in(content, now) == 1
    assert rows()["培训人次"].value == "培训12人次"
    assert rows()["培训人次"].report.sheet.name == "填报表.xlsx"
    assert hand_in(sheet_bytes(now), now) == 0
    assert len(results.reports_of(rows()["培训人次"].indicator)) == 1


def test_a_sheet_made_before_a_newer_report_is_refused(rows, now):
    content = sheet_bytes(now, 实际完成情况="培训9人次", 完成数值=9)
    report(rows()["培训人次"], now, **DONE)
    with pytest.raises(reporting.BadSheet) as refused:
        hand_in(content, now)
    assert [(each.line, each.fault.code) for each in refused.value.faults] == [(4, "newer_report")]
    assert rows()["培训人次"].value == "培训12人次"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"实际完成情况": "培训约12人次", "完成数值": 12}, "fuzzy_number"),
        ({"序号": 9, "实际完成情况": "培训12人次", "完成数值": 12}, "unknown_row"),
        ({"三级指标": "改了名", "实际完成情况": "培训12人次", "完成数值": 12}, "unknown_row"),
        ({"序号": 1, "实际完成情况": "培训12人次", "完成数值": 12}, "unknown_row"),
    ],
)
def test_one_bad_line_refuses_the_whole_sheet(rows, now, cells, code):
    with pytest.raises(reporting.BadSheet) as refused:
        hand_in(sheet_bytes(now, **cells), now)
    assert [(each.line, each.fault.code) for each in refused.value.faults] == [(4, code)]
    assert db.session.scalar(select(IndicatorReport.id)) is None


def test_an_office_cannot_report_others_rows_by_sheet(rows, now):
    content = sheet_bytes(now)
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.active.cell(3, 9).value = "改过9家"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(reporting.BadSheet) as refused:
        hand_in(out.getvalue(), now, staff(Role.PROGRAMME, now))
    assert [(each.line, each.fault.code) for each in refused.value.faults] == [(3, "unknown_row")]


@pytest.mark.parametrize("name", ["其他.xlsx", "填报表.xlsx"])
def test_a_foreign_workbook_is_refused(rows, now, name):
    book = openpyxl.Workbook()
    book.active.append(["序号", "版本"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(InvalidInput, match="先下载再填写"):
        read_sheet(out.getvalue(), name, 2026)


def test_what_was_reported_cannot_be_changed_or_taken_out(rows, now):
    report(rows()["培训人次"], now, **DONE)
    commit()
    for statement in ("UPDATE indicator_report SET actual_value = '99'", "DELETE FROM indicator_report"):
        with pytest.raises(DatabaseError, match="append only"), db.session.begin_nested():
            db.session.execute(text(statement))


def test_a_lost_report_is_named_by_the_check(rows, now):
    report(rows()["培训人次"], now, **DONE)
    commit()
    assert not [f for f in run_all() if "indicator" in f.where]
    row = rows()["培训人次"]
    db.session.add(
        IndicatorReport(
            indicator_id=row.indicator.id, actual_text="后加", author_id=row.report.author_id, reported_at=now
        )
    )
    commit()
    assert f"indicator {row.indicator.id}" in {found.where for found in run_all()}


def test_the_office_reports_on_its_page(prepared, as_user):
    made = prepared(lambda now: [each.id for each in entrusted(now)])
    office = as_user("programme-staff")
    assert "演示扶贫专项" in office.text("/fund/reporting")
    listed = office.text("/fund/2026/results")
    assert "培训人次" in listed
    assert "奖励企业数量" not in listed
    url = f"/fund/indicators/{made[1]}"
    refused = office.post(url, {"seen": "0", "actual_text": "培训12人次"}, source=url)
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert "请填写完成数值" in page
    assert "培训12人次" in page
    assert office.post(url, {"seen": "0", **DONE}, source=url).status_code == 303
    late = office.post(url, {"seen": "0", **DONE}, source=url)
    assert (late.status_code, "刚有新的填报" in late.get_data(as_text=True)) == (422, True)
    hidden = f"/fund/indicators/{made[0]}"
    assert [office.get(hidden).status_code, office.post(hidden).status_code] == [404, 404]
    for closed in ("/fund/", "/fund/2026", "/fund/2026/indicators"):
        assert office.get(closed).status_code == 403


def test_evidence_goes_to_who_may_read_the_row(prepared, as_user):
    made = prepared(lambda now: [each.id for each in entrusted(now)])
    url = f"/fund/indicators/{made[0]}/evidence"
    finance = as_user("finance-staff")
    upload = {"files": (io.BytesIO(b"%PDF-1.4 proof"), "名单.pdf")}
    assert finance.post(url, upload).status_code == 303
    page = finance.text(f"/fund/indicators/{made[0]}")
    assert "名单.pdf" in page
    (file,) = re.findall(r"/fund/evidence/\d+", page)
    assert as_user("supervision-staff").get(file).data == b"%PDF-1.4 proof"
    assert as_user("programme-staff").get(file).status_code == 404
    assert as_user("judge-staff").get(file).status_code == 403
    assert "佐证 1 份" in finance.text("/fund/2026/indicators")
    wrong = finance.post(url, {"files": (io.BytesIO(b"MZ"), "a.pdf")})
    assert (wrong.status_code, "文件内容与扩展名不符" in wrong.get_data(as_text=True)) == (422, True)


def test_a_sheet_goes_out_and_comes_back_over_the_pages(prepared, as_user):
    made = prepared(lambda now: [each.id for each in entrusted(now)])
    office = as_user("programme-staff")
    book = openpyxl.load_workbook(io.BytesIO(office.get("/fund/2026/results.xlsx").data))
    assert [row[4].value for row in book.active.iter_rows(min_row=3)] == ["培训人次", "带动作用"]
    book.active.cell(3, 9).value = "培训约12人次"
    book.active.cell(3, 10).value = 12

    def uploaded():
        out = io.BytesIO()
        book.save(out)
        return {"sheet": (io.BytesIO(out.getvalue()), "填报表.xlsx")}

    refused = office.post("/fund/2026/results", uploaded())
    assert refused.status_code == 422
    assert "不是确数" in refused.get_data(as_text=True)
    book.active.cell(3, 9).value = "培训12人次"
    assert office.post("/fund/2026/results", uploaded()).status_code == 303
    assert "培训12人次" in office.text("/fund/2026/results")
    (sheet,) = re.findall(r"/fund/reports/\d+/sheet", office.text(f"/fund/indicators/{made[1]}"))
    readers = ("programme-staff", "finance-staff", "judge-staff")
    assert [as_user(name).get(sheet).status_code for name in readers] == [200, 200, 403]


@pytest.mark.parametrize("size", [1, 30])
def test_the_list_costs_the_same_at_any_size(prepared, as_user, count_statements, size):
    def many(now):
        entrusted(now)
        made = make.make_indicators(
            now, *({"name": f"指标{number}", "programme": OTHER} for number in range(size))
        )
        finance = staff(Role.FINANCE, now)
        for each in made:
            row = results.indicator_visible(each.id, finance)
            reporting.report_result(
                row, {"actual_text": "10家整", "actual_value": "10"}, seen=0, actor=finance, now=now
            )

    prepared(many)
    finance = as_user("finance-staff")
    finance.text("/fund/2026/results")
    with count_statements() as seen:
        finance.text("/fund/2026/results")
    assert len(seen) == LIST_STATEMENTS


def table_file(*lines: tuple) -> dict:
    head = "计划,一级指标,二级指标,三级指标,年度指标值,目标数值,单位,方向,分值"
    body = "\n".join([head, *(",".join(line) for line in lines)])
    return {"sheet": (io.BytesIO(body.encode("gb18030")), "指标表.csv")}


GOOD = (OTHER, "产出指标", "数量指标", "新指标", "不少于5家", "5", "家", "不低于", "10")


def test_a_year_gets_its_indicators_from_a_table(prepared, as_user):
    prepared(lambda now: bool(entrusted(now)))
    finance = as_user("finance-staff")
    url = "/fund/2026/indicators/new"
    assert finance.get("/fund/targets.xlsx").status_code == 200
    assert finance.post(url, table_file(GOOD), source=url).status_code == 303
    assert "新指标" in finance.text("/fund/2026/indicators")
    again = finance.post(url, table_file(GOOD), source=url)
    assert (again.status_code, "已有，或在表中重复" in again.get_data(as_text=True)) == (422, True)
    assert as_user("office-staff").get(url).status_code == 403


@pytest.mark.parametrize(
    ("place", "cell", "sentence"),
    [
        (3, "", "没有填三级指标"),
        (5, "五", "目标数值“五”应为数字"),
        (5, "", "没有填目标数值"),
        (7, "大于", "方向“大于”应为"),
        (7, "定性", "定性指标不填目标数值"),
        (8, "-1", "分值“-1”应为数字"),
    ],
)
def test_a_bad_table_is_refused_whole_with_row_and_reason(prepared, as_user, place, cell, sentence):
    prepared(lambda now: bool(entrusted(now)))
    finance = as_user("finance-staff")
    bad = [*GOOD]
    bad[place] = cell
    url = "/fund/2026/indicators/new"
    answer = finance.post(url, table_file(GOOD, tuple(bad)), source=url)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"第 3 行{sentence}" in page
    assert "新指标" not in finance.text("/fund/2026/indicators")


def test_the_goal_of_a_year_is_printed_on_the_form_and_every_version_kept(prepared, as_user):
    prepared(lambda now: bool(entrusted(now)))
    office = as_user("office-staff")
    empty = office.post("/fund/2026/goal", {"unit": "演示中心", "expected": ""}, source="/fund/2026/goal")
    assert empty.status_code == 422
    assert "演示中心" in empty.get_data(as_text=True)
    told = {"unit": "演示中心", "expected": "支持五十家企业", "actual": ""}
    for achieved in ("", "支持五十五家企业", "支持五十五家企业"):
        answer = office.post("/fund/2026/goal", told | {"actual": achieved}, source="/fund/2026/goal")
        assert answer.status_code == 303
    assert office.text("/fund/2026/goal").count("支持五十家企业") == 3
    book = openpyxl.load_workbook(io.BytesIO(office.get("/fund/2026/form/B.xlsx").data))
    cells = {cell.value for row in book.active.iter_rows() for cell in row}
    assert {"演示中心", "支持五十家企业", "支持五十五家企业"} <= cells
    assert as_user("supervision-staff").post("/fund/2026/goal", told).status_code == 403


def test_reasons_are_printed_on_the_form(prepared, as_user):
    def short(now):
        entrusted(now)
        row = next(r for r in results.indicator_rows(2026) if r.indicator.name == "培训人次")
        report(row, now, actual_text="培训5人次", actual_value="5", reason="冬季停训")

    prepared(short)
    book = openpyxl.load_workbook(io.BytesIO(as_user("finance-staff").get("/fund/2026/form/B.xlsx").data))
    assert "冬季停训" in {cell.value for row in book.active.iter_rows() for cell in row}
