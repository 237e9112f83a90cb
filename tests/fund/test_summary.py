"""The annual summary: sections of the report, figures that lead to their rows, gaps where nothing is known."""

import io
import re
from html import unescape

import pytest
from docx import Document
from sqlalchemy import select

from core import accounts, web
from core.app import create_app
from core.db import db
from core.models import User
from core.settings import from_environment
from fund import queries, results
from fund.evaluations import Basis, indicator_record, tree_records
from fund.reconciliation import reconcile
from fund.summary import Figure, draft_of
from tests.awards.pages import Visitor
from tests.factories import fund as make

from .test_pages import everyone, played

# Session, unread messages and the page's own: years, tree, indicators, findings and what the upper floors count.
SUMMARY_STATEMENTS = 18
SECTIONS = [
    "一、项目概况",
    "（一）项目单位基本情况",
    "（二）项目预算绩效目标设定情况",
    "二、项目资金使用及管理情况",
    "（一）项目资金安排落实、总投入等情况分析",
    "（二）项目资金实际使用情况分析",
    "（三）项目资金管理情况分析",
    "三、项目组织实施情况",
    "（一）项目组织情况分析",
    "（二）项目管理情况分析",
    "四、项目绩效情况",
    "（一）项目绩效目标完成情况分析",
    "五、其他需要说明的问题",
    "（一）后续工作计划",
    "（二）主要经验及做法、存在问题和建议",
    "六、项目评价工作情况",
    "七、附表",
]


def drafted(year=2026):
    return draft_of(year, unit="演示办公室")


def figure(draft, key):
    return next(each for each in draft.figures() if each.key == key)


def test_draft_has_the_sections_of_the_report(prepared):
    prepared(played)
    draft = prepared(lambda now: drafted())
    assert [section.title for section in draft.sections] == SECTIONS


def test_figures_are_the_ledger_s_and_what_is_missing_is_said(prepared):
    prepared(played)
    draft = prepared(lambda now: drafted())
    texts = {
        key: figure(draft, key).text for key in ("F26-1:issued", "F26-1:paid", "F26-1:rate", "F26-1:reported")
    }
    assert texts == {
        "F26-1:issued": "100",
        "F26-1:paid": "40",
        "F26-1:rate": "40.00%",
        "F26-1:reported": "100",
    }
    assert "演示分项1安排经费100万元" in draft.text
    assert "【待补：演示分项2未在本系统记账，实际支出数与凭证】" in draft.text


def test_year_with_nothing_but_a_line_invents_nothing(prepared):
    def bare(now):
        everyone(now)
        make.make_line(now, "F30", fiscal_year=2030, name="演示空专项")
        return drafted(2030)

    draft = prepared(bare)
    assert [each for each in draft.figures() if not each.key.startswith("funds:")] == []
    assert {"演示空专项年度安排数", "绩效指标尚未登记"} <= {gap.what for gap in draft.gaps()}


def test_digest_follows_the_rows_and_nothing_else(prepared):
    prepared(played)
    first, again = (prepared(lambda now: figure(drafted(), "F26-1:paid").digest) for _ in range(2))
    prepared(
        lambda now: make.make_payment_moves(queries.line_by_code("F26-1"), now, number="ZF2026-0002", wan=1)
    )
    changed = prepared(lambda now: figure(drafted(), "F26-1:paid").digest)
    assert (first == again, first == changed) == (True, False)


def test_draft_contradicts_neither_tree_nor_table(prepared):
    def check(now):
        played(now)
        tree = tree_records(queries.tree(2026))
        rows = [indicator_record(row) for row in results.indicator_rows(2026)]
        before = {finding.key for finding in reconcile(tree, rows)}
        return [f for f in reconcile(tree, rows, drafted().text) if f.key not in before]

    assert prepared(check) == []


def test_page_links_each_figure_and_word_lists_its_source(prepared, as_user):
    prepared(played)
    finance = as_user("finance-staff")
    page = finance.text("/fund/2026/summary")
    assert 'href="/fund/lines/F26-1/transfers?account=paid"' in page
    assert "待补" in page
    draft = prepared(lambda now: drafted())
    answer = finance.get("/fund/2026/summary.docx")
    document = Document(io.BytesIO(answer.data))
    sources = document.tables[-1]
    listed = [[cell.text for cell in row.cells] for row in sources.rows[1:]]
    assert [(row[1], row[5]) for row in listed] == [(f.text, f.digest[:16]) for f in draft.figures()]
    paid = next(row for row in listed if row[2] == "演示分项1已支付（万元）")
    assert paid[4].endswith("/fund/lines/F26-1/transfers?account=paid")
    anchors = set(re.findall(r'w:anchor="(source_\d+)"', document.element.xml))
    marks = set(re.findall(r'w:name="(source_\d+)"', document.element.xml))
    assert (len(marks), anchors) == (len(listed), marks)


def test_word_is_laid_out_as_an_official_document(prepared, as_user):
    prepared(played)
    document = Document(io.BytesIO(as_user("finance-staff").get("/fund/2026/summary.docx").data))
    section, title = document.sections[0], document.paragraphs[0]
    assert [round(size.cm, 1) for size in (section.top_margin, section.left_margin, section.page_width)] == [
        3.7,
        2.8,
        21.0,
    ]
    assert "方正小标宋简体" in title.runs[0]._element.xml
    text = next(p for p in document.paragraphs if p.text.startswith("截至"))
    assert (text.runs[0].font.size.pt, text.paragraph_format.line_spacing.pt) == (16, 28)
    assert "仿宋_GB2312" in text.runs[0]._element.xml
    assert "PAGE" in section.footer._element.xml


@pytest.mark.parametrize("size", [1, 30])
def test_summary_costs_the_same_at_any_size(prepared, as_user, count_statements, size):
    prepared(lambda now: played(now, children=size))
    finance = as_user("finance-staff")
    finance.text("/fund/2026/summary")
    with count_statements() as seen:
        finance.text("/fund/2026/summary")
    assert len(seen) == SUMMARY_STATEMENTS


@pytest.fixture(scope="module")
def edition(played_copy):
    """The played 2018 edition, to be read only."""
    app = create_app(from_environment(played_copy().environment))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sign_in_as(edition):
    def enter(username: str) -> Visitor:
        client = edition.test_client()
        with edition.app_context():
            user = db.session.scalar(select(User).where(User.username == username))
            token = accounts.open_session(user, now=web.utcnow(), address="127.0.0.1", device="test")
            number = str(user.id)
            db.session.commit()
        with client.session_transaction() as cookie:
            cookie["token"], cookie["seen"], cookie["_user_id"] = token, int(web.time.time()), number
        return Visitor(client)

    return enter


@pytest.fixture
def finance(sign_in_as):
    return sign_in_as("finance")


def links(page: str, pattern: str) -> list[str]:
    return list(dict.fromkeys(unescape(found) for found in re.findall(rf'href="({pattern})"', page)))


def test_trace_from_a_prize_figure_to_one_bank_receipt(edition, finance):
    """年度总结 → 奖励经费 1,290万元 → 55 笔支付 → 一笔支付 → 银行回单号、账务流水."""
    page = finance.text("/fund/2018/summary")
    figure = re.search(
        r'<a class="num" href="([^"]+)" title="新上项目奖励经费已支付（万元）：[^"]+">([^<]+)</a>', page
    )
    assert figure[2] == "1,290"
    listing = unescape(figure[1])
    rows = finance.text(f"{listing}&size=100")
    assert "共 <strong>55</strong> 条" in rows
    payments = links(rows, r"/money/payments/[A-Z0-9-]+")
    assert len(payments) == 55
    payment = finance.text(payments[0])
    award = links(payment, r"/awards/items/[A-Z0-9-]+")
    receipt = re.search(r"银行回单</dt>\s*<dd[^>]*>\s*(HD2018-\d+)", payment)
    assert award and receipt
    assert payments[0].rsplit("/", 1)[1] in finance.text(award[0])
    number = payments[0].rsplit("/", 1)[1]
    moves = finance.text(f"/fund/lines/F18-C-1/transfers?account=paid&q={number}")
    assert "共 <strong>1</strong> 条" in moves
    transfer = finance.text(links(moves, r"/fund/transfers/\d+")[0])
    assert f"/money/payments/{number}" in transfer


def test_sum_of_the_rows_behind_a_figure_is_the_figure(edition, finance):
    import openpyxl

    page = finance.text("/fund/2018/summary")
    listing = unescape(re.search(r'href="([^"]+)" title="新上项目奖励经费已支付', page)[1])
    book = openpyxl.load_workbook(io.BytesIO(finance.get(f"{listing}&export=1").data))
    head, *rows = book.active.iter_rows(values_only=True)
    amount = head.index("金额（元）")
    assert sum(row[amount] for row in rows) == 12_900_000


@pytest.mark.parametrize("username", ["finance", "office", "leader", "supervision"])
def test_every_figure_leads_to_a_page_its_reader_may_open(edition, sign_in_as, username):
    reader = sign_in_as(username)
    with edition.test_request_context():
        figures = draft_of(2018, unit="演示办公室").figures()
    page = reader.text("/fund/2018/summary")
    addresses = links(page.partition("summary-draft")[2].partition("</article>")[0], r"/[^\"]+")
    assert [each.key for each in figures if not each.endpoint] == []
    assert {reader.get(address).status_code for address in addresses} == {200}
    assert any("/office/entries" in address for address in addresses)


def test_played_draft_adds_no_contradiction_of_its_own(edition):
    with edition.app_context():
        tree = tree_records(queries.tree(2018))
        rows = [indicator_record(row, Basis.STANDING) for row in results.indicator_rows(2018)]
        known = {finding.key for finding in reconcile(tree, rows)}
        said = reconcile(tree, rows, draft_of(2018, unit="演示办公室").text)
    assert [finding.statement for finding in said if finding.key not in known] == []


def test_figure_s_text_is_part_of_its_digest():
    one, other = (Figure("k", text, "标签", "口径", rows=("1",)) for text in ("1", "2"))
    assert one.digest != other.digest
