"""Findings as a worklist: kept over runs, closed and opened by the data, fed by report texts kept as handed in."""

import io

import openpyxl
import pytest
from docx import Document
from sqlalchemy import select

from core.db import db, flush
from core.enums import Role
from core.errors import InvalidInput
from core.money import FEN_PER_WAN
from fund import findings as operations
from fund import queries
from fund.enums import FindingState
from fund.models import ReconciliationFinding, ReportText
from fund.report_files import text_of
from tests.factories import fund as make
from tests.factories.competition import staff

from .test_pages import everyone

REPORT_STATEMENTS, FINDINGS_STATEMENTS = 4, 7
TEXT = "演示专项2026安排经费200万元，其中演示分项1安排经费100万元。"
WRONG = TEXT.replace("分项1安排经费100", "分项1安排经费170")


def unbalanced(now):
    """The root reports 200万元, its children 210万元."""
    everyone(now)
    root, first, _ = make.make_fund(now)
    first.reported_fen += 10 * FEN_PER_WAN
    flush()
    return root, first


def run(now):
    return operations.reconcile_year(2026, actor=staff(Role.FINANCE, now), now=now)


def only(rule):
    return db.session.scalars(select(ReconciliationFinding).where(ReconciliationFinding.rule == rule)).one()


def decide(act, now, rule="sum_mismatch"):
    return operations.decide_finding(
        only(rule), act=act, reason="演示：上年结余", actor=staff(Role.FINANCE, now), now=now
    )


def test_a_second_run_keeps_state_author_and_reason(ctx, now):
    unbalanced(now)
    assert run(now).new == 1
    decide("explain", now)
    again, kept = run(now), only("sum_mismatch")
    assert (again.new, again.gone, kept.state, kept.note) == (0, 0, FindingState.EXPLAINED, "演示：上年结余")
    assert kept.author.username == "finance-staff"


def test_moved_figures_open_an_explained_finding_again(ctx, now):
    _, first = unbalanced(now)
    run(now)
    decide("explain", now)
    first.reported_fen += FEN_PER_WAN
    flush()
    run(now)
    kept = only("sum_mismatch")
    assert (kept.state, kept.note, kept.difference) == (
        FindingState.OPEN,
        operations.CHANGED,
        str(11 * FEN_PER_WAN),
    )


def test_what_the_data_put_right_is_closed_and_opened_when_it_comes_back(ctx, now):
    _, first = unbalanced(now)
    run(now)
    first.reported_fen -= 10 * FEN_PER_WAN
    flush()
    assert run(now).gone == 1
    assert {(row.state, row.note) for row in db.session.scalars(select(ReconciliationFinding))} == {
        (FindingState.CORRECTED, operations.GONE)
    }
    assert run(now).gone == 0
    first.reported_fen += 10 * FEN_PER_WAN
    flush()
    run(now)
    assert (only("sum_mismatch").state, only("sum_mismatch").note) == (FindingState.OPEN, operations.BACK)


def test_a_correction_somebody_recorded_stays_though_the_reported_figure_is_kept(ctx, now):
    unbalanced(now)
    run(now)
    decide("correct", now)
    run(now)
    assert only("sum_mismatch").state == FindingState.CORRECTED
    assert queries.line_by_code("F26-1").reported_fen == 110 * FEN_PER_WAN


def filed(text, now, name="演示报告.txt"):
    return operations.file_report(2026, text=text, source_name=name, actor=staff(Role.OFFICE, now), now=now)


def test_newest_report_text_is_reconciled_and_every_one_is_kept(ctx, now):
    everyone(now)
    make.make_fund(now)
    assert filed(WRONG, now).met == 1
    said = only("claim_vs_ledger")
    assert (said.ref_code, said.expected, said.found) == (
        "F26-1",
        str(100 * FEN_PER_WAN),
        str(170 * FEN_PER_WAN),
    )
    filed(WRONG.replace("170", "180"), now)
    assert (only("claim_vs_ledger").id, only("claim_vs_ledger").found) == (said.id, str(180 * FEN_PER_WAN))
    assert filed(TEXT, now).gone == 1
    kept = list(db.session.scalars(select(ReportText.text).order_by(ReportText.id)))
    assert kept == [WRONG, WRONG.replace("170", "180"), TEXT]
    filed(TEXT, now)
    assert len(queries.report_texts(2026)) == 3


@pytest.mark.parametrize("text", ["", "  \n", "字" * (operations.MAX_REPORT + 1)])
def test_no_text_and_too_much_text_are_refused(ctx, now, text):
    everyone(now)
    make.make_fund(now)
    with pytest.raises(InvalidInput):
        filed(text, now)


def word(*paragraphs, cell=""):
    document, buffer = Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if cell:
        document.add_table(1, 1).cell(0, 0).text = cell
    document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name, data, expected",
    [
        ("a.txt", TEXT.encode(), TEXT),
        ("a.txt", TEXT.encode("utf-8-sig"), TEXT),
        ("a.TXT", TEXT.encode("gb18030"), TEXT),
        ("a.docx", word("一、概况", TEXT, cell="10个"), f"一、概况\n{TEXT}\n10个"),
    ],
)
def test_text_of_files(name, data, expected):
    assert text_of(name, data) == expected


@pytest.mark.parametrize(
    "name, data",
    [
        ("a.docx", b"PK\x03\x04 no archive"),
        ("a.docx", TEXT.encode()),
        ("a.pdf", b"%PDF-1.4"),
        ("a.txt", b"\x00\x01\x02\xff"),
        ("a.txt", b"x" * 5_000_001),
        ("noextension", b"x"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_a_sentence(name, data):
    with pytest.raises(InvalidInput) as refusal:
        text_of(name, data)
    assert refusal.value.sentence.endswith("。")


def upload(visitor, name, data, text=""):
    return visitor.post(
        "/fund/2026/report", {"file": (io.BytesIO(data), name), "text": text}, source="/fund/2026/report"
    )


def test_office_files_a_word_report_and_reads_the_finding(prepared, as_user):
    def plain(now):
        everyone(now)
        make.make_fund(now)

    prepared(plain)
    office = as_user("office-staff")
    assert upload(office, "演示报告.docx", word(WRONG)).status_code == 303
    listed = office.text("/fund/2026/findings?rule=claim_vs_ledger")
    assert "报告正文演示分项1170万元" in listed
    assert "演示报告.docx" in listed
    assert "演示报告.docx" in as_user("leader-staff").text("/fund/2026/report")


def test_refused_upload_keeps_what_was_typed(prepared, as_user):
    def plain(now):
        everyone(now)
        make.make_fund(now)

    prepared(plain)
    answer = upload(as_user("office-staff"), "a.docx", b"broken", text="已键入的正文")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "不是可读的 Word 文档" in page, "已键入的正文" in page) == (422, True, True)


@pytest.mark.parametrize("role", [Role.LEADER, Role.SUPERVISION])
def test_readers_hand_nothing_in(prepared, as_user, role):
    prepared(lambda now: unbalanced(now) and None)
    reader = as_user(f"{role.value}-staff")
    assert "登记并核对" not in reader.text("/fund/2026/report")
    assert reader.post("/fund/2026/report", {"text": TEXT}).status_code == 403


def test_worklist_filters_exports_and_tells_its_history(prepared, as_user):
    def decided(now):
        unbalanced(now)
        run(now)
        return decide("explain", now).id

    number = prepared(decided)
    finance = as_user("finance-staff")
    assert "共 <strong>1</strong> 条" in finance.text("/fund/2026/findings?state=explained")
    book = openpyxl.load_workbook(
        io.BytesIO(finance.get("/fund/2026/findings?state=explained&export=1").data)
    )
    head, row = book.active.iter_rows(values_only=True)
    cells = dict(zip(head, row, strict=True))
    assert (cells["状态"], cells["办理意见"], cells["应为（金额为分）"]) == (
        "已说明",
        "演示：上年结余",
        "200000000",
    )
    page = finance.text(f"/fund/findings/{number}")
    assert all(
        word in page
        for word in ("发现问题", "登记说明", "演示：上年结余", "预算树 F26", "200 万元", "210 万元")
    )


@pytest.mark.parametrize("size", [1, 30])
def test_pages_cost_the_same_at_any_size(prepared, as_user, count_statements, size):
    def many(now):
        unbalanced(now)
        run(now)
        for number in range(size):
            filed(f"{TEXT}第{number}稿。", now)

    prepared(many)
    finance = as_user("finance-staff")
    finance.text("/fund/2026/report")
    for address, expected in (
        ("/fund/2026/report", REPORT_STATEMENTS),
        ("/fund/2026/findings", FINDINGS_STATEMENTS),
    ):
        with count_statements() as seen:
            finance.text(address)
        assert len(seen) == expected, address
