"""`make screenshots`: play the demo into a temporary folder, serve it, and take the README's pictures of it."""

import os
import subprocess
import sys
import tempfile

from playwright.sync_api import Browser, sync_playwright

from demo.cast import PASSWORD
from tools import serve

OUT = serve.ROOT / "docs" / "screenshots"
PORT = os.environ.get("PORT", "8765")
DESKTOP, TABLET, PHONE = (1440, 900), (820, 1180), (390, 844)
VISITOR = ""
# name, account, size, where to go, and then the words of the links to follow
PICTURES = (
    ("home", VISITOR, DESKTOP, "/", ()),
    ("home-phone", VISITOR, PHONE, "/", ()),
    ("entries", "office", DESKTOP, "/office/entries", ()),
    ("ranking", "office", DESKTOP, "/judging/rankings", ("总决赛 成长组",)),
    ("judge", "judge", TABLET, "/judge", ()),
    ("fund", "finance", DESKTOP, "/fund/2018", ()),
    ("payment", "finance", DESKTOP, "/money/payments", ("ZF2018-",)),
    ("enterprise-phone", "enterprise", PHONE, "/enterprise", ()),
)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LEITAI_DEMO": "1", "LEITAI_DATA_DIR": folder}
        os.environ.pop("LEITAI_DATABASE_URL", None)
        serve.prepare()
        process = serve.server(PORT)
        try:
            serve.wait_for(PORT, process)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
                for picture in PICTURES:
                    take(browser, *picture)
        finally:
            serve.stop([process])


def chromium() -> str:
    for name in ("chromium", "google-chrome"):
        found = subprocess.run(["which", name], capture_output=True, text=True).stdout.strip()
        if found:
            return found
    sys.exit("没有 Chromium（Debian：apt-get install chromium fonts-noto-cjk）。")


def take(browser: Browser, name: str, account: str, size: tuple[int, int], where: str, links: tuple) -> None:
    base = f"http://127.0.0.1:{PORT}"
    context = browser.new_context(
        base_url=base, viewport={"width": size[0], "height": size[1]}, locale="zh-CN"
    )
    page = context.new_page()
    if account != VISITOR:
        page.goto("/sign-in")
        page.locator("main input[name=username]").fill(account)
        page.locator("main input[name=password]").fill(PASSWORD)
        page.locator("main input[name=password]").press("Enter")
        page.wait_for_load_state()
    page.goto(where)
    for words in links:
        page.get_by_role("main").get_by_role("link", name=words).first.click()
        page.wait_for_load_state()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=OUT / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
