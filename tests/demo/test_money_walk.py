"""From the fund's 7,000万元 to one line of a bank's answer in four clicks, following only links that the pages offer."""

import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from core import accounts, web
from core.app import create_app
from core.clock import utcnow
from core.db import db
from core.models import User
from core.settings import from_environment


class Links(HTMLParser):
    """(words, address) of every link of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.open: str | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        if tag == "a":
            self.open = dict(attrs).get("href")
            self.found.append(("", self.open or ""))

    def handle_data(self, data) -> None:
        if self.open is not None:
            words, address = self.found[-1]
            self.found[-1] = (words + data.strip(), address)

    def handle_endtag(self, tag) -> None:
        if tag == "a":
            self.open = None


@pytest.fixture(scope="module")
def finance(played_copy):
    app = create_app(from_environment(played_copy().environment))
    client = app.test_client()
    with app.test_request_context():
        user = db.session.scalar(select(User).where(User.username == "finance"))
        token = accounts.open_session(user, now=utcnow(), address="127.0.0.1", device="test")
        db.session.commit()
        identity = user.id
    with client.session_transaction() as cookie:
        cookie["token"], cookie["seen"], cookie["_user_id"] = token, int(web.time.time()), str(identity)
    yield client
    with app.app_context():
        db.engine.dispose()


class Walk:
    """A reader who only clicks."""

    def __init__(self, client, address: str) -> None:
        self.client, self.clicks = client, 0
        self.page = client.get(address).text

    def click(self, words: str, address: str) -> None:
        """The first link whose words and address fit."""
        links = [
            href
            for text, href in Links(self.page).found
            if re.search(words, text) and re.search(address, href)
        ]
        assert links, (words, address)
        answer = self.client.get(links[0].split("#")[0])
        assert answer.status_code == 200
        self.page, self.clicks = answer.text, self.clicks + 1


def test_seven_thousand_wan_to_one_bank_receipt_in_four_clicks(finance):
    walk = Walk(finance, "/fund/")
    assert "7,000" in walk.page
    walk.click("2018", r"^/fund/2018$")
    walk.click("2,000", r"/fund/lines/F18-C/transfers\?account=paid")
    walk.click(r"^ZF2018-\d{4}$", r"^/money/payments/ZF2018-")
    assert "银行回单" in walk.page and "HD2018-" in walk.page
    walk.click("银行回单", r"^/money/results/\d+")
    assert walk.clicks == 4
    assert "SHA-256" in walk.page and "HD2018-" in walk.page


def test_each_sum_looked_ahead_leads_to_as_many_rows(finance):
    page = finance.get("/money?year=2018").text
    sums = [(text, href) for text, href in Links(page).found if re.match(r"\d+ 笔 ", text)]
    assert sums
    for text, href in sums:
        shown = re.search(r"共 <strong>([\d,]+)</strong> 条", finance.get(href).text).group(1)
        assert shown == text.split(" ")[0]
