"""Every page that a role can reach: it answers, fits a phone, breaks no policy, and axe finds nothing.

The roles' doors are followed as a person would, by links. A kind of page is looked at in the browser by the first
role that reaches it; for the others, which see the same template, its answer is enough. So it is on PostgreSQL: the
pages look the same there.
"""

from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from core import accounts, web
from core.db import db
from core.models import User
from tests.journeys.conftest import PHONE, fits, violations

pytestmark = pytest.mark.browser

ROLES = (
    *(
        "visitor",
        "enterprise",
        "office",
        "regional",
        "county",
        "host",
        "programme",
        "recorder",
        "judge",
        "chair",
    ),
    *("duediligence", "finance", "leader", "supervision", "sysadmin", "secadmin", "auditadmin"),
)
# Not pages: files to download, fragments, and what belongs to one click.
SKIPPED = {"static", "core.sign_out"}


def cookies_of(app, username: str) -> dict[str, str]:
    """The cookies of a browser in which this person has signed in."""
    if username == "visitor":
        return {}
    with app.test_request_context():
        user = db.session.scalar(select(User).where(User.username == username))
        token = accounts.open_session(user, now=web.utcnow(), address="127.0.0.1", device="test")
        db.session.commit()
        identity = user.id
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"], cookie["seen"], cookie["_user_id"] = token, int(web.time.time()), str(identity)
    name = app.config["SESSION_COOKIE_NAME"]
    return {name: client.get_cookie(name).value}


def endpoint_of(app, path: str) -> str | None:
    try:
        return app.url_map.bind("127.0.0.1").match(path, method="GET")[0]
    except (HTTPException, RequestRedirect):
        return None


def kinds_of_page(page, app, site: str):
    """(kind of page, address) of everything that links lead to, one address of each kind, nearest first."""
    waiting, seen = deque([f"{site}/", f"{site}/account"]), set()
    while waiting:
        address = waiting.popleft()
        path = urlsplit(address).path
        kind = endpoint_of(app, path)
        if kind is None or kind in seen or kind in SKIPPED:
            continue
        seen.add(kind)
        answer = page.context.request.get(address)
        yield kind, address, answer
        if is_page(answer):
            links = page.evaluate(
                """html => [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('a[href]')]
                   .filter(link => !link.hasAttribute('download')).map(link => link.getAttribute('href'))""",
                answer.text(),
            )
            waiting.extend(urljoin(address, link).split("#")[0] for link in links if not link.startswith("#"))


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    return set()


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(role, open_page, site, played_app, looked_at, database_kind):
    page = open_page()
    for name, value in cookies_of(played_app, role).items():
        page.context.add_cookies([{"name": name, "value": value, "url": site}])
    page.goto(f"{site}/account" if role != "visitor" else site)
    wrong, count = [], 0
    for kind, address, answer in kinds_of_page(page, played_app, site):
        count += 1
        if answer.status >= 400 and not (role == "visitor" and answer.status in (401, 403)):
            wrong.append((kind, address, answer.status))
        elif is_page(answer) and kind not in looked_at and database_kind == "sqlite":
            looked_at.add(kind)
            wrong += [(kind, address, fault) for fault in faults(page, address)]
    assert wrong == []
    assert count >= 6


def is_page(answer) -> bool:
    return "text/html" in answer.headers.get("content-type", "")


def faults(page, address: str) -> list[str]:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.complaints.clear()
    page.goto(address)
    found = violations(page) + page.complaints
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    return found + ([] if fits(page) else ["wider than a phone"])
