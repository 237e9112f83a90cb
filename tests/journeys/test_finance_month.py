"""A finance person's month, through the pages in a browser: from confirmed prizes to a budget line that fits the bank.

Five people at their own screens; the bank's answer lacks a line, has one twice and one that failed. Invented data.
"""

import io
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from sqlalchemy.engine import make_url

from core import cli
from core.app import create_app
from core.checks import run_all
from core.clock import utcnow
from core.db import commit, db, end
from core.enums import InstallationKind, Role
from core.settings import from_environment
from fund.models import BudgetLine
from fund.queries import line_totals
from tests.factories import awards as make
from tests.factories.competition import PASSWORD, staff
from tests.journeys.conftest import serving
from tests.journeys.test_stories import follow, press, sign_in
from tests.played import Played
from tests.postgresql import SERVER, drop, recreate

pytestmark = pytest.mark.browser

WAN = 1_000_000
PAPER = {"name": "厅务会纪要.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
HEAD = "客户流水号,收款账号,金额,处理结果,失败原因,银行流水号"


@dataclass(frozen=True)
class Office(Played):
    """An installation of its own, not a demo."""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"LEITAI_DEMO": "0"}


@pytest.fixture(scope="module")
def office(database_kind, tmp_path_factory, worker_name):
    """Four confirmed prizes of 20, 10, 10 and 10万元 whose accounts are verified, and the people who pay them."""
    folder, name = tmp_path_factory.mktemp("month"), f"leitai_month_{worker_name}"
    url = f"sqlite:///{folder / 'month.sqlite3'}"
    if database_kind == "postgresql":
        recreate(name)
        url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    made = Office(url, folder / "data")
    made.data_dir.mkdir()
    done = made.flask("db", "upgrade")
    assert done.returncode == 0, done.stderr[-2000:]
    app, now = create_app(from_environment(made.environment)), utcnow() - timedelta(days=1)
    with app.app_context():
        cli.install(InstallationKind.REAL)
        make.second_office(now)
        staff(Role.OFFICE, now, username="office-head")
        staff(Role.FINANCE, now)
        staff(Role.LEADER, now)
        _, awards = make.make_winners(now, count=4, tiers=((1, 20), (3, 10)))
        make.confirm(awards, now)
        for award in awards:
            make.give_account(award.payee, now)
        make.make_format(now)
        commit()
        end()
    yield made, app
    with app.app_context():
        db.engine.dispose()
    if database_kind == "postgresql":
        drop(name)


class Desk:
    """One person at one screen."""

    def __init__(self, page: Page, site: str, username: str):
        self.page, self.site, self.main = page, site, page.get_by_role("main")
        sign_in(page, site, username, PASSWORD)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.site}{path}")

    def press(self, path: str, *names: str) -> None:
        """Each of these buttons of the page, one after another; the last page stays."""
        for name in names:
            self.open(path)
            press(self.page, name)
            expect(self.main).not_to_contain_text("出错")

    def ask(self, opener: str, act: str, **fields: str) -> None:
        """A dialog: opened, filled, sent."""
        self.main.get_by_role("button", name=opener).first.click()
        dialog = self.page.get_by_role("dialog")
        for label, value in fields.items():
            field = dialog.get_by_label(re.compile(label))
            if field.evaluate("field => field.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)
        with self.page.expect_navigation():
            dialog.get_by_role("button", name=act, exact=True).click()

    def numbers(self, path: str, pattern: str) -> list[str]:
        self.open(path)
        return sorted(set(re.findall(pattern, self.main.inner_text())))


def answer_of(sent: Path, *lines: tuple[int, str, str]) -> dict:
    """The bank's file over what was really sent: (which line, result, reason or receipt)."""
    rows = [
        [str(cell) for cell in row]
        for row in load_workbook(io.BytesIO(sent.read_bytes())).active.iter_rows(values_only=True)
    ][1:]
    out = [HEAD]
    for index, result, word in lines:
        key, _, account, amount, _ = rows[index]
        told = f"{word}," if result == "失败" else f",{word}"
        out.append(f"{key},{account},{amount},{result},{told}")
    content = ("\n".join(out) + "\n").encode("gb18030")
    return {"name": f"银行结果{len(lines)}.csv", "mimeType": "text/csv", "buffer": content}


def read_answer(finance: Desk, batch: str, file: dict) -> None:
    finance.open(batch)
    finance.main.get_by_label(re.compile("银行结果文件")).set_input_files(file)
    press(finance.page, "读入并核对")
    expect(finance.main).to_contain_text("分毫相符")
    finance.ask("确认入账", "确认入账")


def export(finance: Desk, count: int) -> tuple[str, Path]:
    finance.open("/money/batches/new")
    expect(finance.main).to_contain_text(f"合计 {count} 笔")
    press(finance.page, "组成批次")
    batch = "/" + finance.page.url.split("/", 3)[3]
    finance.ask("生成银行文件", "生成", 银行格式="演示银行批量付款")
    with finance.page.expect_download() as download:
        finance.main.get_by_role("button", name="下载银行文件").click()
    return batch, Path(download.value.path())


def test_month_of_a_finance_person(open_page, office):
    made, app = office
    with serving(made) as site:
        names = ("office-staff", "office-second", "office-head", "finance-staff", "leader-staff")
        clerk, second, head, finance, leader = (Desk(open_page(), site, name) for name in names)
        _rule_for_large_amounts(finance)
        large, *small = _prepare(clerk)
        _approve(large, small, clerk, second, head, finance, leader)
        batch, sent = export(finance, 4)
        failed = _first_answer(finance, batch, sent)
        _pay_again(failed, clerk, second, finance, leader)
        _settle(finance, batch)
        _reconcile(finance)
        for desk in (clerk, second, head, finance, leader):
            assert desk.page.complaints == []
    with app.app_context():
        totals = line_totals(db.session.scalar(db.select(BudgetLine)))
        assert (totals.paid_fen, totals.held_fen) == (50 * WAN, 0)
        assert run_all() == []
        end()


def _rule_for_large_amounts(finance: Desk) -> None:
    """From 15万元: the head of division and the minutes."""
    finance.open("/money/approvals")
    form = finance.main.locator("form", has_text="金额起点")
    form.get_by_label("金额起点").fill("15")
    form.get_by_label("处室负责人").select_option(label="组委会办公室（office-head）")
    form.get_by_label("须附会议纪要").check()
    press(finance.page, "设定")
    expect(finance.main).to_contain_text(
        "复核 → 处室审批（组委会办公室（office-head）） → 财务审核 → 领导批准，附会议纪要"
    )


def _prepare(clerk: Desk) -> list[str]:
    """All parts at once; the money is held."""
    clerk.open("/money/payments/prepare")
    clerk.main.get_by_label("拨款文件文号").fill("演示财教〔2026〕9号")
    clerk.main.get_by_label("选择本页全部").check()
    press(clerk.page, "生成并提交")
    numbers = clerk.numbers("/money/payments?sort=-amount", r"ZF2026-\d{4}")
    clerk.open("/money/payments?sort=-amount")
    first = clerk.main.get_by_role("link", name=re.compile("^ZF2026-")).first.inner_text()
    return [first, *(number for number in numbers if number != first)]


def _approve(
    large: str, small: list[str], clerk: Desk, second: Desk, head: Desk, finance: Desk, leader: Desk
):
    """Each step by its own person; nobody is offered a step that is not his turn."""
    page = f"/money/payments/{large}"
    leader.open(page)
    expect(leader.main.get_by_role("button", name="领导批准")).to_have_count(0)
    for number in (large, *small):
        second.press(f"/money/payments/{number}", "复核通过")
    finance.open(page)
    expect(finance.main.get_by_role("button", name="财务审核通过")).to_have_count(0)
    head.press(page, "处室审批通过")
    for number in (large, *small):
        finance.press(f"/money/payments/{number}", "财务审核通过")
    for number in small:
        leader.press(f"/money/payments/{number}", "领导批准")
    leader.open(page)
    expect(leader.main).to_contain_text("须附会议纪要")
    expect(leader.main.get_by_role("button", name="领导批准")).to_have_count(0)
    clerk.open(page)
    clerk.main.get_by_label("会议纪要文号").fill("演示厅务会纪要〔2026〕3号")
    clerk.main.locator("input[type=file]").set_input_files(PAPER)
    press(clerk.page, "上传会议纪要")
    leader.press(page, "领导批准")
    expect(leader.main).to_contain_text("待支付")


def _first_answer(finance: Desk, batch: str, sent: Path) -> str:
    """Paid, twice, failed, missing: what is plain is booked, the rest waits; the number of what failed."""
    answer = answer_of(
        sent, (0, "成功", "HD0"), (1, "成功", "HD1"), (1, "成功", "HD1"), (2, "失败", "账号与户名不符")
    )
    read_answer(finance, batch, answer)
    for words in ("已支付", "重复", "文件中缺少", "失败", "行待核实"):
        expect(finance.main).to_contain_text(words)
    finance.open("/money/payments?state=bounced")
    failed = finance.main.get_by_role("link", name=re.compile("^ZF2026-")).inner_text()
    finance.open(batch)
    expect(finance.main.get_by_role("button", name="批次办结")).to_have_count(0)
    read_answer(finance, batch, answer_of(sent, (1, "成功", "HD1"), (3, "成功", "HD3")))
    return failed


def _pay_again(failed: str, clerk: Desk, second: Desk, finance: Desk, leader: Desk) -> None:
    """A corrected account, verified by a second person, a new attempt with every signature anew."""
    page = f"/money/payments/{failed}"
    clerk.open(page)
    follow(clerk.page, "查看收款单位")
    payee = "/" + clerk.page.url.split("/", 3)[3]
    form = clerk.main.locator("form", has_text="开户行")
    form.get_by_label("账号").fill("6505000099990001")
    form.get_by_label("开户行").fill("演示银行昌吉支行")
    press(clerk.page, "录入")
    second.press(payee, "核验通过")
    clerk.press(page, "更正后重新支付", "提交")
    second.press(page, "复核通过")
    finance.press(page, "财务审核通过")
    leader.press(page, "领导批准")
    batch, sent = export(finance, 1)
    read_answer(finance, batch, answer_of(sent, (0, "成功", "HD4")))
    finance.press(batch, "批次办结")
    expect(finance.main).to_contain_text("已办结")


def _settle(finance: Desk, batch: str) -> None:
    """Every open line says what it turned out to be; only then the batch is done."""
    while True:
        finance.open("/money/results")
        links = finance.main.get_by_role("link", name=re.compile("^PC"))
        if not links.count():
            break
        links.first.click()
        finance.main.get_by_label(re.compile("核实情况")).first.fill("银行重复列示，只支付了一次。")
        press(finance.page, "已核实")
    finance.press(batch, "批次办结")
    for words in ("已办结", "分毫相符", "已退回", "另行支付"):
        expect(finance.main).to_contain_text(words)


def _reconcile(finance: Desk) -> None:
    """Four clicks from the budget line to the line of the bank's answer; nothing due, nothing open."""
    finance.open("/money")
    expect(finance.main).to_contain_text("没有在办的支付")
    finance.open("/fund/2026")
    follow(finance.page, "创新创业大赛（演示）")
    expect(finance.main).to_contain_text("50")
    finance.open("/fund/lines/T26-1/transfers?kind=pay")
    assert len(re.findall(r"ZF2026-\d{4}", finance.main.inner_text())) >= 4
    finance.main.get_by_role("link", name=re.compile("^ZF2026-")).first.click()
    finance.main.get_by_role("link", name=re.compile("银行回单：结果文件第")).click()
    expect(finance.main).to_contain_text(re.compile(r"HD\d"))
