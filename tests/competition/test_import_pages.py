"""The office's pages of imports: hand in, match columns, read the report, import, undo; the work runs as jobs."""

import io

import openpyxl
import pytest
from sqlalchemy import func, select

from competition.enums import EntryState, ImportState
from competition.models import Entry, ImportBatch
from core import checks
from core.db import db
from core.enums import JobState, Role
from core.models import Job, Message
from tests.factories import competition as factory
from tests.factories import imports as make

XLSX = "名单.xlsx"


@pytest.fixture
def office(prepared, as_user):
    prepared(lambda now: factory.make_edition(now).id)
    return as_user("office-staff")


def hand_in(office, rows, *, name=XLSX, content=None, **changes):
    content = make.as_xlsx(make.table(rows)) if content is None else content
    data = {"edition": "xj2026", "source": "全国平台", "file": (io.BytesIO(content), name), **changes}
    return office.post("/office/imports/new", data)


def checked(office, rows) -> str:
    """The address of a batch whose report is there: jobs run at once in tests."""
    address = hand_in(office, rows).headers["Location"]
    assert office.post(f"{address}/check", office_mapping(rows)).status_code == 303
    return address


def office_mapping(_rows, **changes) -> dict[str, str]:
    named = {f"of_{name}": head for name, head in make.HEADS.items()}
    for name in ("number", "state", "recommended_by"):
        named.pop(f"of_{name}")
    return {**named, **changes}


def state_of(app) -> ImportState:
    with app.app_context():
        return db.session.scalar(select(ImportBatch.state).order_by(ImportBatch.id.desc()).limit(1))


def test_from_the_file_to_entries_and_back(app, office):
    rows = [make.row(1), make.row(2), make.row(3, track="养殖"), make.row(4, group="成长组")]
    address = checked(office, rows)
    page = office.text(address)
    assert "本届没有行业“养殖”。" in page
    assert "按注册日期 2025-03-01 应为初创组，以系统计算为准。" in page
    assert "导入 3 行" in page
    assert office.post(f"{address}/import").status_code == 303
    with app.app_context():
        assert db.session.scalar(select(func.count(Entry.id))) == 3
        jobs = db.session.execute(select(Job.kind, Job.state, Job.done, Job.total).order_by(Job.id)).all()
        told = db.session.scalars(select(Message.title).order_by(Message.id)).all()
    assert [tuple(job) for job in jobs] == [
        ("import_check", JobState.DONE, 4, 4),
        ("import_write", JobState.DONE, 3, 3),
    ]
    assert told == ["导入检查已完成", "导入已完成"]
    assert "XJ2026-0002" in office.text(address)
    assert office.post(f"{address}/undo", {"reason": "文件有误"}).status_code == 303
    with app.app_context():
        assert set(db.session.scalars(select(Entry.state))) == {EntryState.WITHDRAWN}
        assert checks.run_all() == []
    assert state_of(app) == ImportState.UNDONE


def test_the_report_is_filtered_and_exported_as_shown(office):
    address = checked(office, [make.row(1), make.row(2, revenue="x"), make.row(3, revenue="y")])
    page = office.text(f"{address}?outcome=refused")
    assert "演示导入2号" in page and "演示导入1号" not in page
    exported = office.get(f"{address}?outcome=refused&export=1").data
    lines = list(openpyxl.load_workbook(io.BytesIO(exported)).active.iter_rows(values_only=True))
    assert [line[0] for line in lines] == ["行", 3, 4]
    assert "上年营业收入“x”" in lines[1][4]


def test_the_file_of_errors_is_the_refused_rows_with_a_reason(office):
    address = checked(office, [make.row(1), make.row(2, revenue="x", recommended_by="=1+1")])
    book = openpyxl.load_workbook(io.BytesIO(office.get(f"{address}/errors.xlsx").data))
    head, line = book.active.iter_rows(values_only=True)
    assert head == (*make.HEADS.values(), "原文件行号", "错误原因")
    assert line[:3] == ("2", "演示导入2号有限公司", make.row(2)["credit_code"])
    assert line[-3:] == ("=1+1", 3, "金额应为以万元为单位的数字，例如 1234.56，不带单位、字母和其他符号。")


def test_a_batch_without_errors_has_no_file_of_them(office):
    assert office.get(f"{checked(office, [make.row(1)])}/errors.xlsx").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"MZ\x90\x00", "名单.xlsx", "文件内容与扩展名不符"),
        (b"MZ\x90\x00", "名单.csv", "文件内容与扩展名不符"),
        (b"x", "名单.xlsm", "请上传 xlsx 或 csv 文件"),
        (b"", "名单.csv", "文件是空的"),
        (b"a,b\n" * 5, "名单.csv", ""),
    ],
)
def test_what_is_wrong_with_the_file_stands_beside_it(office, content, name, sentence):
    answer = hand_in(office, [], content=content, name=name)
    page = answer.get_data(as_text=True)
    assert answer.status_code == (422 if sentence else 303)
    assert sentence in page
    assert not sentence or 'value="全国平台"' in page


def test_a_file_is_needed_and_a_source(office):
    answer = office.post("/office/imports/new", {"edition": "xj2026", "source": ""})
    assert answer.status_code == 422
    assert "请填写来源。" in answer.get_data(as_text=True)
    answer = office.post("/office/imports/new", {"edition": "xj2026", "source": "甲"})
    assert "请选择名单文件。" in answer.get_data(as_text=True)


def test_a_column_that_is_needed_must_be_chosen(office):
    address = hand_in(office, [make.row(1)]).headers["Location"]
    answer = office.post(f"{address}/check", office_mapping([], of_title=""))
    assert answer.status_code == 422
    assert "请选择对应的列。" in answer.get_data(as_text=True)
    answer = office.post(f"{address}/check", office_mapping([], of_title="联系人"))
    assert answer.status_code == 422
    assert "一列只能对应一项" in answer.get_data(as_text=True)


def test_columns_are_matched_anew_and_a_batch_is_left_unimported(app, office):
    address = checked(office, [make.row(1)])
    office.post(f"{address}/map")
    assert "开始检查" in office.text(address)
    office.post(f"{address}/check", office_mapping([]))
    office.post(f"{address}/discard")
    assert state_of(app) == ImportState.DISCARDED
    assert office.post(f"{address}/import").status_code == 409


def test_a_refused_file_says_why(office):
    content = make.as_xlsx(make.table([]))
    address = hand_in(office, [], content=content).headers["Location"]
    office.post(f"{address}/check", office_mapping([]))
    assert "表头下面没有数据行。" in office.text(address)


def test_the_bar_asks_for_the_page_when_the_work_is_over(office):
    address = checked(office, [make.row(1)])
    answer = office.get(f"{address}/progress")
    assert (answer.status_code, answer.headers.get("HX-Refresh")) == (200, "true")


def test_work_is_stopped_and_gone_on_with(app, office, monkeypatch):
    address, run = checked(office, [make.row(1)]), app.extensions["huey_run"]
    monkeypatch.setitem(app.extensions, "huey_run", lambda _id: None)
    office.post(f"{address}/import")
    page = office.text(address)
    assert 'hx-trigger="every 1s"' in page and "等待后台处理" in page
    assert office.get(f"{address}/progress").headers.get("HX-Refresh") is None
    office.post(f"{address}/stop")
    with app.app_context():
        assert db.session.scalars(select(Job.state).order_by(Job.id.desc())).first() == JobState.CANCELLED
    monkeypatch.setitem(app.extensions, "huey_run", run)
    office.post(f"{address}/import")
    assert state_of(app) == ImportState.IMPORTED


def test_undoing_needs_a_reason(office):
    address = checked(office, [make.row(1)])
    office.post(f"{address}/import")
    answer = office.post(f"{address}/undo", {"reason": " "})
    assert (answer.status_code, "请填写理由。" in answer.get_data(as_text=True)) == (422, True)


@pytest.mark.parametrize("count", [1, 30])
def test_a_report_takes_the_same_number_of_statements(office, count_statements, count):
    address = checked(office, [make.row(n, revenue="x") for n in range(1, count + 1)])
    with count_statements() as seen:
        office.text(address)
    assert len(seen) <= 14


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_of_batches_takes_the_same_number_of_statements(office, count_statements, count):
    for number in range(count):
        hand_in(office, [make.row(number)])
    with count_statements() as seen:
        office.text("/office/imports")
    assert len(seen) <= 6


def test_supervision_reads_and_nobody_else_but_the_office(office, prepared, as_user):
    address = checked(office, [make.row(1)])
    prepared(lambda now: factory.staff(Role.SUPERVISION, now).id)
    prepared(lambda now: factory.regional(now, "650100").id)
    watcher = as_user("supervision-staff")
    assert "导入 1 行" not in watcher.text(address)
    assert watcher.post(f"{address}/import").status_code == 403
    assert as_user("regional-650100").get(address).status_code == 403


def test_the_template_has_the_heads_of_the_summary(office):
    book = openpyxl.load_workbook(io.BytesIO(office.get("/office/imports/template.xlsx").data))
    head = next(book.active.iter_rows(values_only=True))
    assert set(head) == {*make.HEADS.values()} - {"序号", "审核状态", "推荐单位(盖章)"}


def test_an_imported_enterprise_gets_its_first_contact_from_the_office(office, visitor):
    address = checked(office, [make.row(1)])
    office.post(f"{address}/import")
    entry = "/office/entries/XJ2026-0001"
    assert "邀请经办人" in office.text(entry)
    assert office.post(f"{entry}/contact", {"name": ""}).status_code == 422
    page = office.post(f"{entry}/contact", {"name": "古丽"}).get_data(as_text=True)
    link = page.split('data-copy="')[1].split('"')[0]
    joined = visitor.post(
        link.removeprefix("http://localhost"),
        {
            "username": "gulnur",
            "password": factory.PASSWORD,
            "repeat": factory.PASSWORD,
            "phone": "13812345678",
        },
    )
    assert joined.status_code == 303, joined.get_data(as_text=True)
    assert "邀请经办人" not in office.text(entry)
    assert "已有经办人" in office.text(f"{entry}/contact")
