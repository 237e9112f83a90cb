"""The tree, its lines and the ledger through their pages: who reads, what each figure leads to, what it costs."""

import io

import openpyxl
import pytest

from core.enums import Role
from core.money import FEN_PER_WAN
from fund import operations as ledger
from tests.factories import fund as make
from tests.factories.competition import staff

# Session, unread messages and the page's own: years, lines, accounts; for movements the count, the page, the flow.
TREE_STATEMENTS, TRANSFER_STATEMENTS = 5, 8
READERS = (Role.FINANCE, Role.OFFICE, Role.LEADER, Role.SUPERVISION)
PAGES = (
    "/fund/",
    "/fund/compare",
    "/fund/2026",
    "/fund/2026/transfers",
    "/fund/2026/indicators",
    "/fund/2026/findings",
    "/fund/2026/form/B.xlsx",
    "/fund/lines/F26",
    "/fund/lines/F26/transfers",
    "/fund/transfers/1",
)


def everyone(now):
    for role in Role:
        staff(role, now)


def played(now, **options):
    everyone(now)
    root, first, *_ = make.make_fund(now, **options)
    facts = {"document_no": "", "idem": "allocate", "actor": staff(Role.FINANCE, now), "now": now}
    ledger.allocate(root, first, fen=100 * FEN_PER_WAN, **facts)
    make.make_payment_moves(first, now, number="ZF2026-0001", wan=40)
    make.make_indicators(now)


@pytest.mark.parametrize("role", list(Role))
def test_fund_is_read_by_four_roles_and_nobody_else(prepared, as_user, role):
    prepared(played)
    visitor = as_user(f"{role.value}-staff")
    expected = 200 if role in READERS else 403
    assert {page: visitor.get(page).status_code for page in PAGES} == dict.fromkeys(PAGES, expected)


@pytest.mark.parametrize("role", [role for role in READERS if role != Role.FINANCE])
def test_only_finance_books(prepared, as_user, role):
    prepared(played)
    visitor = as_user(f"{role.value}-staff")
    forms = ("/fund/lines/F26/issue", "/fund/2026/lines/new", "/fund/transfers/1/reverse")
    assert {visitor.get(form).status_code for form in forms} == {403}
    assert {visitor.post(form).status_code for form in forms} == {403}


@pytest.mark.parametrize(
    "address",
    [
        "/fund/1999",
        "/fund/1999/indicators",
        "/fund/lines/none",
        "/fund/transfers/999",
        "/fund/findings/999",
        f"/fund/{10**30}",
        "/fund/transfers/99999999999999999999",
    ],
)
def test_what_does_not_exist_is_not_found(prepared, as_user, address):
    prepared(played)
    assert as_user("finance-staff").get(address).status_code == 404


def test_tree_shows_what_children_exceed(prepared, as_user):
    def unbalanced(now):
        everyone(now)
        root, *_ = make.make_fund(now)
        make.make_line(now, "F26-9", parent=root, reported_fen=3)

    prepared(unbalanced)
    text = as_user("leader-staff").text("/fund/2026")
    assert "分项合计与安排数不符" in text
    assert "相差 +0.000003 万元" in text


def test_each_figure_leads_to_the_rows_it_sums(prepared, as_user):
    prepared(played)
    office = as_user("office-staff")
    tree = office.text("/fund/2026")
    assert 'href="/fund/lines/F26/transfers?account=paid">40</a>' in tree
    rows = office.text("/fund/lines/F26/transfers?account=paid")
    assert "已支付余额 40 万元" in rows
    assert "共 <strong>1</strong> 条" in rows
    assert 'href="/fund/transfers/4"' in rows
    assert 'href="/money/payments/ZF2026-0001"' in office.text("/fund/transfers/4")


def test_transfers_filter_by_kind_and_export_what_they_show(prepared, as_user):
    prepared(played)
    finance = as_user("finance-staff")
    assert "共 <strong>4</strong> 条" in finance.text("/fund/lines/F26/transfers")
    answer = finance.get("/fund/lines/F26/transfers?kind=pay&export=1")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_col=6)]
    assert rows == [[4, "支付", "F26-1 占用", "F26-1 已支付", 400_000, "ZF2026-0001"]]


def test_tree_exports_what_it_shows(prepared, as_user):
    prepared(played)
    answer = as_user("supervision-staff").get("/fund/2026?export=1")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    rows = [[row[place].value for place in (0, 3, 5, 7, 9)] for row in sheet.iter_rows()]
    assert rows == [
        ["编码", "年度安排数（元）", "下达（元）", "已支付（元）", "执行率"],
        ["F26", 2_000_000, 10_000_000, 400_000, "4.00%"],
        ["F26-1", 1_000_000, 1_000_000, 400_000, "40.00%"],
        ["F26-2", 1_000_000, 0, 0, "—"],
    ]


@pytest.mark.parametrize("size", [1, 30])
def test_tree_costs_the_same_at_any_size(prepared, as_user, count_statements, size):
    prepared(lambda now: played(now, children=size))
    finance = as_user("finance-staff")
    finance.text("/fund/2026")
    with count_statements() as seen:
        finance.text("/fund/2026")
    assert len(seen) == TREE_STATEMENTS


@pytest.mark.parametrize("size", [1, 30])
def test_transfers_cost_the_same_at_any_size(prepared, as_user, count_statements, size):
    def many(now):
        everyone(now)
        root, *_ = make.make_fund(now, children=1)
        for number in range(1, size):
            make.issue(root, now, wan=1, idem=f"more:{number}")

    prepared(many)
    finance = as_user("finance-staff")
    address = "/fund/lines/F26/transfers?size=50&account=available"
    assert f"共 <strong>{size}</strong> 条" in finance.text(address)
    with count_statements() as seen:
        finance.text(address)
    assert len(seen) == TRANSFER_STATEMENTS


def test_years_and_comparison_set_two_years_side_by_side(prepared, as_user):
    def two(now):
        everyone(now)
        make.make_fund(now, year=2025, wan=300)
        make.make_fund(now, year=2026, wan=500)

    prepared(two)
    leader = as_user("leader-staff")
    years = leader.text("/fund/")
    assert years.index("2026 年度") < years.index("2025 年度")
    assert "2025 安排" in leader.text("/fund/compare")
