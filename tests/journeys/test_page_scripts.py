"""The page scripts and the look, in a browser on the style guide: what the server's answers alone cannot show."""

import pytest

from core.app import create_app
from core.settings import from_environment
from tests.conftest import build_schema
from tests.journeys.conftest import serving, violations
from tests.played import Played

pytestmark = pytest.mark.browser

PAGES = ("", "?page=dashboard", "?page=form", "?page=public", "?page=judge")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The style guide needs no accounts, so an empty database of its own is enough."""
    folder = tmp_path_factory.mktemp("look")
    empty = Played(f"sqlite:///{folder / 'look.sqlite3'}", folder)
    with create_app(from_environment(empty.environment)).app_context():
        build_schema()
    with serving(empty) as address:
        yield address


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("query", PAGES)
def test_page_is_accessible_fits_and_breaks_no_policy(page, address, query, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/styleguide{query}")
    assert violations(page) == []
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("query", ["?page=board", "?page=paper", "?page=certificate"])
def test_board_and_papers_are_accessible_and_break_no_policy(page, address, query):
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"{address}/styleguide{query}")
    assert violations(page) == []
    assert page.complaints == []


def test_board_never_scrolls(page, address):
    for width, height in ((1920, 1080), (3840, 2160), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{address}/styleguide?page=board")
        size = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert size == [width, height]


def test_large_type_reaches_eighteen_points_and_still_fits(page, address):
    page.context.add_cookies([{"name": "large", "value": "1", "url": address}])
    page.set_viewport_size({"width": 390, "height": 844})
    for query in ("", "?page=public", "?page=form"):
        page.goto(f"{address}/styleguide{query}")
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 24
        assert page.locator(".btn:visible").first.bounding_box()["height"] >= 60
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(page) == []


def test_table_rows_become_labelled_cards_on_a_phone(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/styleguide")
    row = page.locator("table[data-selectable] tbody tr").first
    assert row.evaluate("row => getComputedStyle(row).display") == "grid"
    labels = row.locator("td[data-label]").evaluate_all("cells => cells.map(cell => cell.dataset.label)")
    assert labels == ["编号", "地州市", "行业领域", "状态", "得分"]


def test_second_submission_is_held_back(page, address):
    page.goto(f"{address}/styleguide?page=form")
    # The window hears of a submission after the page's scripts: it counts those let through and stops them there.
    page.evaluate(
        """() => {
            window.sent = 0;
            window.addEventListener("submit", (event) => {
                if (!event.defaultPrevented) window.sent += 1;
                event.preventDefault();
            });
        }"""
    )
    button = page.locator("form.form button", has_text="提交报名")
    button.click()
    page.wait_for_selector("form.form button.is-busy")
    assert page.locator("form.form button.is-busy").inner_text() == "正在提交…"
    assert page.locator("form.form button[type=submit]:enabled").count() == 0
    page.locator("form.form").evaluate("form => form.requestSubmit()")
    assert page.evaluate("window.sent") == 1


def test_counter_counts_characters_and_keeps_what_is_too_long(page, address):
    page.goto(f"{address}/styleguide?page=form")
    page.fill("#summary", "棉" * 510)
    assert page.locator("#summary-count").inner_text() == "510 / 500 字，超出 10 字"
    assert len(page.input_value("#summary")) == 510
    page.fill("#summary", "𠮷\n棉")
    assert page.locator("#summary-count").inner_text() == "3 / 500 字"


def test_error_summary_takes_the_focus_and_leads_to_the_field(page, address):
    page.goto(f"{address}/styleguide?page=form")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    page.click(".error-summary a >> nth=0")
    assert page.evaluate("document.activeElement.id") == "credit_code"


def test_leaving_a_changed_form_asks_first(page, address):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto(f"{address}/styleguide?page=form")
    page.evaluate("document.querySelector('form.form').dataset.dirty = ''")
    page.locator("#name").press_sequentially("改")
    page.close(run_before_unload=True)
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]


def test_selection_opens_the_bar_and_all_means_the_whole_filter(page, address):
    page.goto(f"{address}/styleguide")
    bar = page.locator("[data-bulk]")
    assert bar.is_hidden()
    page.locator("[data-select-row]").first.check()
    assert bar.locator("[data-bulk-count]").inner_text() == "1"
    assert page.locator("[data-select-all]").evaluate("box => box.indeterminate")
    bar.locator("[data-bulk-everything]").click()
    assert bar.locator("[data-bulk-count]").inner_text() == "712"
    assert bar.locator("[data-bulk-all]").input_value() == "1"
    page.locator("[data-select-row]").first.uncheck()
    assert bar.locator("[data-bulk-count]").inner_text() == "7"
    assert bar.locator("[data-bulk-all]").input_value() == ""
    bar.locator("[data-bulk-clear]").click()
    assert bar.is_hidden()


def test_keys_move_tick_and_search(page, address):
    page.goto(f"{address}/styleguide")
    rows = page.locator("table[data-selectable] tbody tr")
    first = page.locator("tr.is-here")
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    while first.locator("[data-select-row]").count() == 0:
        page.keyboard.press("j")
    page.keyboard.press("x")
    assert rows.locator("[data-select-row]:checked").count() == 1
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "list-search"
    page.keyboard.type("j/x")
    assert page.input_value("#list-search") == "j/x"


def test_irreversible_act_waits_for_the_typed_word(page, address):
    page.goto(f"{address}/styleguide")
    page.click("[data-dialog-open=sample-freeze]")
    act = page.locator("#sample-freeze [data-confirm-act]")
    assert act.is_disabled()
    page.fill("#sample-freeze-word", "冻")
    assert act.is_disabled()
    page.fill("#sample-freeze-word", "冻结")
    assert act.is_enabled()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert page.locator("#sample-freeze").is_hidden()


def test_charts_are_drawn_with_their_table_behind(page, address):
    page.goto(f"{address}/styleguide")
    page.wait_for_selector("#by-track svg")
    assert page.locator("[data-chart].is-drawn").count() == 3
    page.click("#by-track summary")
    assert page.locator("#by-track tbody tr").first.inner_text().split() == ["电子信息", "96", "64"]


def test_deadline_counts_down_and_keeps_the_date(page, address):
    page.goto(f"{address}/styleguide?page=public")
    time = page.locator("time[data-deadline]")
    page.wait_for_function("document.querySelector('time[data-deadline]').title")
    assert time.inner_text() in ("3 天 3 小时", "3 天 4 小时")
    assert time.get_attribute("title")[4] == "-"


def test_menu_closes_by_escape_and_returns_the_focus(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/styleguide")
    page.click("[data-bs-target='#side']")
    page.wait_for_selector("#side.show")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("#side.show", state="detached")
    assert page.evaluate("document.activeElement.dataset.bsTarget") == "#side"
