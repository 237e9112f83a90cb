"""The entry form in a browser: two tabs, a line that drops, a browser that is closed, a file that arrives in pieces."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from competition.models import Attachment, Enterprise, Entry
from competition.operations import entries
from competition.queries import open_editions
from core.clock import utcnow
from core.db import commit, db
from tests.journeys.test_stories import sign_in

pytestmark = pytest.mark.browser
PDF = b"%PDF-1.4 " + b"x" * (5 << 20)


@pytest.fixture(scope="module")
def draft(played_app) -> str:
    """A fresh draft of the demo's enterprise on the open edition."""
    with played_app.app_context():
        now = utcnow()
        edition = open_editions(now)[0]
        taken = select(Entry.enterprise_id).where(Entry.edition_id == edition.id)
        enterprise = db.session.scalar(
            select(Enterprise).where(Enterprise.id.not_in(taken)).order_by(Enterprise.id)
        )
        user = enterprise.contacts[0].user
        entry = entries.start_entry(enterprise, edition, actor=user, now=now - timedelta(minutes=5))
        commit()
        return f"{user.username} {entry.number}"


@pytest.fixture
def form(open_page, site, draft):
    """form(step) -> a page of the enterprise on that step; all of one test share a browser."""
    username, number = draft.split()
    first = open_page()
    sign_in(first, site, username)

    def at(step: str, page: Page | None = None) -> Page:
        page = page or first.context.new_page()
        page.goto(f"{site}/enterprise/entries/{number}/fill/{step}")
        return page

    return at


def content(played_app, draft: str) -> dict:
    with played_app.app_context():
        return db.session.scalar(select(Entry.content).where(Entry.number == draft.split()[1]))


def status(page: Page):
    return page.locator("[data-save-status]")


def test_it_saves_by_itself_and_says_when(form, played_app, draft):
    page = form("project")
    page.get_by_label("项目简介").fill("自动保存的简介")
    expect(status(page)).to_contain_text("自动保存", timeout=6000)
    assert re.search(r"\d\d:\d\d:\d\d", status(page).inner_text())
    assert content(played_app, draft)["abstract"] == "自动保存的简介"


def test_a_dropped_line_and_a_closed_browser_lose_nothing(form, played_app, draft):
    page = form("project")
    page.context.set_offline(True)
    page.get_by_label("商业模式与实施计划").fill("断网时写下的商业模式")
    expect(status(page)).to_contain_text("内容已存在本机", timeout=6000)
    page.close()
    assert content(played_app, draft).get("business_model") != "断网时写下的商业模式"
    page.context.set_offline(False)
    again = form("project")
    expect(again.locator("[data-restored]")).to_contain_text("已恢复本机上")
    expect(again.get_by_label("商业模式与实施计划")).to_have_value("断网时写下的商业模式")
    expect(status(again)).to_contain_text("自动保存", timeout=6000)
    assert content(played_app, draft)["business_model"] == "断网时写下的商业模式"
    form("project", again)
    expect(again.locator("[data-restored]")).to_be_hidden()


def test_lines_of_a_list_come_back_as_they_were(form, played_app, draft):
    page = form("team")
    page.locator("[name=members-0-name]").fill("买买提·阿不都")
    page.context.set_offline(True)
    page.locator("[name=members-0-position]").fill("总工程师")
    expect(status(page)).to_contain_text("内容已存在本机", timeout=6000)
    page.close()
    page.context.set_offline(False)
    page = form("team")
    expect(page.locator("[name=members-0-position]")).to_have_value("总工程师")
    assert page.locator("[data-row]").count() == 2
    expect(status(page)).to_contain_text("自动保存", timeout=6000)
    assert content(played_app, draft)["members"][0]["name"] == "买买提·阿不都"


def test_a_second_tab_is_warned_and_shown_both_texts(form, played_app, draft):
    first, second = form("project"), form("project")
    first.get_by_label("行业与市场").fill("第一个窗口的文字")
    expect(status(first)).to_contain_text("自动保存", timeout=6000)
    second.get_by_label("行业与市场").fill("第二个窗口的文字")
    box = second.locator("[data-newer]")
    expect(box).to_contain_text("第一个窗口的文字", timeout=6000)
    expect(box).to_contain_text("第二个窗口的文字")
    assert content(played_app, draft)["market"] == "第一个窗口的文字"
    second.get_by_role("button", name="以本页为准").click()
    expect(status(second)).to_contain_text("自动保存", timeout=6000)
    assert content(played_app, draft)["market"] == "第二个窗口的文字"


def test_it_goes_to_the_first_field_that_is_missing(form):
    page = form("project")
    page.get_by_label("参赛项目名称").fill("")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.locator(".error-summary")).to_contain_text("需要补充或更正")
    expect(page.locator("[name=track]").first).to_be_focused()


def test_a_file_goes_on_where_the_line_broke(form, played_app, draft):
    page = form("files")
    parts = []

    def line(route):
        parts.append(route.request.url)
        if len(parts) == 2:
            route.abort("connectionreset")
        elif len(parts) == 3:
            route.fetch()  # it arrived, and its answer was lost
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(
        lambda url: "/uploads/" in url,
        lambda route: line(route) if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_label("选择商业计划书").set_input_files(
        {"name": "计划书.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    expect(page.get_by_role("main")).to_contain_text("内容与本机文件一致", timeout=20_000)
    expect(page.get_by_role("main")).to_contain_text("计划书.pdf")
    with played_app.app_context():
        rows = db.session.scalars(
            select(Attachment)
            .where(Attachment.kind == "plan")
            .join(Entry)
            .where(Entry.number == draft.split()[1])
        )
        assert [(row.version, row.file.size) for row in rows] == [(1, len(PDF))]
