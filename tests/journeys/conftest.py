"""A browser, and the played edition served to it as a newcomer meets it."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from core.app import create_app
from core.db import db
from core.settings import from_environment
from tests.played import ROOT, Played
from tools.serve import stop, wait_for

AXE = Path(__file__).resolve().parents[1] / "vendor/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, TABLET, PHONE = (1440, 900), (820, 1180), (390, 844)
GRANIAN = Path(sys.executable).parent / "granian"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items):
    """Without a browser these tests are skipped by name; where everything is required they fail instead."""
    if CHROMIUM is None and not os.environ.get("LEITAI_TEST_REQUIRE"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@contextmanager
def serving(played: Played):
    """In a process of its own: the browser's driver runs greenlets here, which do not get on with threads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [GRANIAN, "--interface", "wsgi", "--port", port, "--workers", "1", "--blocking-threads", "3"]
    server = subprocess.Popen(
        [*command, "--no-ws", "--log-level", "error", "wsgi:app"], cwd=ROOT, env=played.environment
    )
    try:
        wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop([server])


@pytest.fixture(scope="session")
def chromium() -> Browser:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def played(played_copy):
    """The played edition of this module's tests; what one of them changes the next one meets."""
    return played_copy()


@pytest.fixture(scope="module")
def played_app(played):
    app = create_app(from_environment(played.environment))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def site(played) -> str:
    with serving(played) as address:
        yield address


@pytest.fixture
def open_page(chromium):
    """open_page(size) -> a page of a fresh visitor that notes everything the console complains about."""
    contexts = []

    def make(size: tuple[int, int] = DESKTOP, **options) -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page) -> Page:
    return open_page()


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)[
        "violations"
    ]
    return [f"{item['id']}: {node['target']}" for item in found for node in item["nodes"]]


def fits(page: Page) -> bool:
    """Nothing sticks out to the side; charts may take a moment to follow a new width."""
    for _ in range(10):
        if page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"):
            return True
        page.wait_for_timeout(100)
    return False
