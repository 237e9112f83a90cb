"""No score is ever lost: the judge's sheet behind a line that loses, doubles, delays and cuts, on real pages."""

from itertools import cycle

import pytest
from playwright.sync_api import Page, Route, expect

from core import cli
from core.app import create_app
from core.clock import utcnow
from core.db import db
from core.enums import InstallationKind
from core.settings import from_environment
from judging.models import Sheet
from judging.operations.sheets import values_of
from tests.factories import judging as make
from tests.factories.competition import PASSWORD
from tests.journeys.conftest import TABLET, fits, serving
from tests.journeys.test_stories import sign_in
from tests.played import Played

pytestmark = pytest.mark.browser
PROJECTOR = (1920, 1080)
NOT_THE_SERVER = '{"welcome": "wifi"}'


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    """A hall of its own, served: (address, app, the sheets of the entry on stage as {username: sheet id}).

    Its session is the first and its recorder `recorder-staff`.
    """
    folder = tmp_path_factory.mktemp("hall")
    place = Played(f"sqlite:///{folder / 'hall.sqlite3'}", folder)
    done = place.flask("db", "upgrade")
    assert done.returncode == 0, done.stderr[-2000:]
    app = create_app(from_environment(place.environment))
    with app.app_context():
        cli.install(InstallationKind.DEMO)
        session = make.make_running(utcnow())
        sheets = {sheet.seat.judge.user.username: sheet.id for sheet in session.runs[0].sheets}
        db.session.commit()
    with serving(place) as address:
        yield address, app, sheets
    with app.app_context():
        db.engine.dispose()


class Desk:
    """One judge's sheet: what the server holds of it, and pages to open it on."""

    def __init__(self, hall, place: int):
        self.site, self.app, sheets = hall
        self.judge, self.sheet = list(sheets.items())[place]
        self.address = f"{self.site}/judge/sheets/{self.sheet}"

    def open(self, page: Page) -> Page:
        page.on("dialog", lambda dialog: dialog.accept())
        sign_in(page, self.site, self.judge, PASSWORD)
        page.goto(self.address)
        return page

    def held(self) -> tuple[str, dict[str, int]]:
        with self.app.app_context():
            found = db.session.get(Sheet, self.sheet)
            return found.state.value, values_of(found)


def fields(page: Page) -> list:
    return page.locator("[data-value]").all()


def typed(page: Page) -> list[float]:
    return [float(field.input_value()) for field in fields(page)]


def chip(page: Page):
    return page.locator("[data-sync]").first


def press_on(page: Page) -> None:
    """What the queue does every five seconds, now."""
    page.evaluate("window.dispatchEvent(new Event('online'))")


def give_all(page: Page, less: int = 1) -> None:
    for field in fields(page):
        field.fill(str(float(field.get_attribute("max")) - less))


def test_line_that_loses_doubles_and_swallows(open_page, hall):
    desk = Desk(hall, 0)
    page = desk.open(open_page(TABLET, service_workers="block"))
    sent: list[str] = []
    turns = cycle(["lose", "swallow", "portal", "double"])

    def bad(route: Route) -> None:
        sent.append(route.request.post_data)
        turn = next(turns)
        if turn == "lose":
            route.abort()
        elif turn == "portal":
            route.fulfill(status=200, content_type="application/json", body=NOT_THE_SERVER)
        else:
            answer = route.fetch()
            if turn == "swallow":
                route.abort()
            else:
                route.fulfill(response=route.fetch() if turn == "double" else answer)

    page.route("**/message", bad)
    for step in (3, 2):
        give_all(page, step)
        for _ in range(2):
            press_on(page)
            page.wait_for_timeout(150)
        expect(chip(page)).not_to_contain_text("已提交")
    page.get_by_role("button", name="提交评分").click()
    for _ in range(8):
        if page.get_by_text("评分已提交").count():
            break
        press_on(page)
        page.wait_for_timeout(200)
    expect(page.get_by_role("main")).to_contain_text("评分已提交")
    state, values = desk.held()
    assert state == "submitted" and len(sent) >= 5
    assert sorted(values.values()) == sorted(round(value * 100) for value in typed(page))

    page.unroute("**/message")
    late = page.evaluate(
        """async ([url, bodies]) => {
          const {token} = await (await fetch('/judge/token')).json();
          const headers = {'Content-Type': 'application/json', 'X-CSRFToken': token};
          return Promise.all(bodies.map(async body => (await fetch(url, {method: 'POST', headers, body})).status));
        }""",
        [f"{desk.address}/message", sent],
    )
    assert set(late) <= {200, 409} and 409 in late
    assert desk.held() == (state, values)


def test_reload_off_line_keeps_everything(open_page, hall):
    desk = Desk(hall, 1)
    page = desk.open(open_page(TABLET))
    page.wait_for_selector("html[data-kept-offline]", state="attached")
    fields(page)[0].fill("7.5")
    expect(chip(page)).to_contain_text("草稿已保存")
    page.context.set_offline(True)
    expect(chip(page)).to_contain_text("网络已断开")
    page.reload()
    assert float(fields(page)[0].input_value()) == 7.5, (
        "what the server has taken is shown, though the kept page is older"
    )
    give_all(page, 4)
    before = typed(page)
    page.get_by_role("button", name="提交评分").click()
    expect(chip(page)).to_contain_text("已存本机待同步")
    page.reload()
    assert typed(page) == before
    expect(chip(page)).to_contain_text("已存本机待同步")
    assert desk.held()[0] == "draft"
    page.context.set_offline(False)
    expect(page.get_by_role("main")).to_contain_text("评分已提交")
    assert desk.held()[0] == "submitted"


def test_expired_session_waits_for_the_same_judge(open_page, hall):
    desk = Desk(hall, 2)
    page = desk.open(open_page(TABLET))
    page.context.clear_cookies()
    give_all(page, 5)
    press_on(page)
    expect(chip(page)).to_contain_text("登录已过期")

    key = page.evaluate("Object.keys(localStorage).find(key => key.startsWith('leitai-score:'))")
    other = Desk(hall, 3)
    sign_in(page.context.new_page(), other.site, other.judge, PASSWORD)
    press_on(page)
    expect(chip(page)).to_contain_text("登录已过期")
    page.wait_for_timeout(300)
    assert desk.held() == ("open", {}) and other.held() == ("open", {})

    page.context.clear_cookies()
    sign_in(page, desk.site, desk.judge, PASSWORD)
    page.wait_for_function("key => JSON.parse(localStorage[key] ?? '{}').sent === 'draft'", arg=key)
    page.goto(desk.address)
    assert sorted(desk.held()[1].values()) == sorted(round(value * 100) for value in typed(page))


def test_second_device_is_warned_and_replaces_nothing_by_itself(open_page, hall):
    desk = Desk(hall, 3)
    tablet = desk.open(open_page(TABLET))
    phone = desk.open(open_page(TABLET))
    expect(tablet.get_by_text("另一台设备上有这张表的草稿")).to_be_hidden()
    give_all(tablet, 2)
    press_on(tablet)
    expect(chip(tablet)).to_contain_text("草稿已保存")
    saved = desk.held()
    give_all(phone, 4)
    press_on(phone)
    expect(chip(phone)).to_contain_text("另一台设备已保存")
    assert desk.held() == saved
    phone.get_by_role("button", name="以本机内容为准").click()
    expect(chip(phone)).to_contain_text("草稿已保存")
    assert desk.held() != saved
    tablet.reload()
    expect(tablet.get_by_text("另一台设备上有这张表的草稿")).to_be_visible()
    assert typed(tablet) == typed(phone)


def test_two_windows_of_one_device_show_the_same(open_page, hall):
    desk = Desk(hall, 4)
    first = desk.open(open_page(TABLET))
    second = first.context.new_page()
    second.goto(desk.address)
    give_all(first, 3)
    expect(second.locator("[data-value]").first).to_have_value(fields(first)[0].input_value())
    second.get_by_label("评语").fill("第二个窗口补充评语")
    expect(first.get_by_label("评语")).to_have_value("第二个窗口补充评语")
    press_on(first)
    expect(chip(first)).to_contain_text("草稿已保存")
    assert sorted(desk.held()[1].values()) == sorted(round(value * 100) for value in typed(second))


@pytest.fixture
def board(open_page, hall):
    """The big screen as the recorder opens it, its clock in the test's hands and its bell strokes counted."""
    page = open_page(PROJECTOR)
    page.add_init_script(
        """window.strokes = 0;
        const create = AudioContext.prototype.createOscillator;
        AudioContext.prototype.createOscillator = function () { window.strokes += 1; return create.call(this); };"""
    )
    sign_in(page, hall[0], "recorder-staff", PASSWORD)
    page.clock.install()
    page.goto(f"{hall[0]}/board/1")
    expect(page.locator("[data-view=stage]")).to_be_visible()
    return page


def test_big_screen_keeps_its_last_state(board):
    shown = board.locator("[data-view=stage] [data-enterprise]")
    name, note = shown.inner_text(), board.locator("[data-board-note]")
    assert name and fits(board)
    board.route("**/snapshot.json", lambda route: None)
    board.clock.run_for(1500)
    board.wait_for_timeout(100)
    expect(note).to_contain_text("连接中断", timeout=15_000)
    board.unroute("**/snapshot.json")
    board.route("**/snapshot.json", lambda route: route.fulfill(json={"welcome": "wifi"}))
    board.clock.run_for(1500)
    expect(note).to_contain_text("连接中断")
    assert shown.inner_text() == name
    board.unroute("**/snapshot.json")
    board.clock.run_for(1500)
    expect(note).to_contain_text("数据更新于")


def test_bells_ring_a_minute_before_and_at_each_end(board):
    strokes = []
    board.keyboard.press("s")
    board.clock.run_for(500)
    minutes, seconds = board.locator("[data-timer]").inner_text().split(":")
    to_first = int(minutes) * 60 + int(seconds) - 59
    for wait in (to_first, 60, 360, 60):
        board.clock.fast_forward(wait * 1000)
        strokes.append(board.evaluate("window.strokes"))
    assert strokes == [1, 3, 4, 6]
