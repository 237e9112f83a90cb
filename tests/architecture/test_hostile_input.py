"""Nothing a user can send makes a 5xx: every form of the played edition, filled with what no form expects."""

from collections import deque
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from core import accounts, web
from core.app import create_app
from core.clock import utcnow
from core.db import db
from core.models import User
from core.settings import from_environment

# Together they reach every kind of form.
ROLES = ("office", "enterprise", "regional", "judge", "finance", "sysadmin", "host")
GARBAGE = (
    "",
    "汉" * 6000,
    "a\x00b",
    "99999999999999999999",
    "-1",
    "1e999",
    "2026-02-30",
    "9999-12-31",
    "=cmd|' /C calc'!A0",
    "٣️\ud7ff🏆‮",
)
QUERIES = (
    "page=-1&size=x",
    "page=99999999999999999999&sort=;drop",
    "q=%00" + "x" * 9000,
    "state=xyz&edition=%E2%98%83&year=99999999999999999999&account=-1",
    "export=1&sort=--&kind=%FF",
)
# Signing out ends the walk, and the password is needed for the next role.
LEFT_ALONE = {"core.sign_out", "core.switch_role", "core.change_password", "core.end_session", "core.sign_in"}


class Page(HTMLParser):
    """Links and forms of a page: forms as (address, names of their fields)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        has = dict(attrs)
        if tag == "a" and has.get("href") and not has["href"].startswith("#"):
            self.links.append(has["href"].split("#")[0])
        elif tag == "form" and has.get("method", "").lower() == "post":
            self.forms.append((has.get("action") or "", {}))
        elif tag in ("input", "select", "textarea", "button") and has.get("name") and self.forms:
            self.forms[-1][1][has["name"]] = has.get("value") or ""


@pytest.fixture(scope="module")
def played_app(played_copy):
    app = create_app(from_environment(played_copy().environment))
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    web.limiter.enabled = False
    yield app
    web.limiter.enabled = True
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def sent() -> set[str]:
    """Kinds of form and list that an earlier role has gone through."""
    return set()


def client_of(app, username: str):
    client = app.test_client()
    with app.test_request_context():
        user = db.session.scalar(select(User).where(User.username == username))
        token = accounts.open_session(user, now=utcnow(), address="127.0.0.1", device="test")
        db.session.commit()
        identity = user.id
    with client.session_transaction() as cookie:
        cookie["token"], cookie["seen"], cookie["_user_id"] = token, int(web.time.time()), str(identity)
    return client


def kind_of(app, path: str, method: str) -> str:
    try:
        return app.url_map.bind("127.0.0.1").match(path, method=method)[0]
    except (HTTPException, RequestRedirect):
        return ""


def pages_of(app, client):
    """(kind, path, page), one address of each kind, as the links of this person lead to it."""
    waiting, seen = deque(["/", "/account"]), set()
    while waiting:
        address = waiting.popleft()
        kind = kind_of(app, urlsplit(address).path, "GET")
        if not kind or kind in seen or kind in LEFT_ALONE:
            continue
        seen.add(kind)
        answer = client.get(address)
        if answer.mimetype == "text/html":
            page = Page(answer.text)
            waiting.extend(urljoin(address, link) for link in page.links if not urlsplit(link).netloc)
            yield kind, address, page


@pytest.mark.parametrize("role", ROLES)
def test_no_form_and_no_list_fails(played_app, sent, role):
    client, broken = client_of(played_app, role), []
    found = list(pages_of(played_app, client))
    for kind, address, _ in found:
        if f"list {kind}" not in sent:
            sent.add(f"list {kind}")
            path = urlsplit(address).path
            broken += [(path, query) for query in QUERIES if client.get(f"{path}?{query}").status_code >= 500]
    for _, address, page in found:
        for action, fields in page.forms:
            target = urljoin(address, action)
            kind = kind_of(played_app, urlsplit(target).path, "POST")
            if kind and kind not in LEFT_ALONE and f"{kind} {sorted(fields)}" not in sent:
                sent.add(f"{kind} {sorted(fields)}")
                broken += send_everything(client, target, fields)
    assert broken == []


def send_everything(client, target: str, fields: dict[str, str]) -> list[tuple]:
    """Each piece of garbage in every field at once, and in each single field with the others as offered."""
    broken = []
    for garbage in GARBAGE:
        status = client.post(target, data=dict.fromkeys(fields, garbage)).status_code
        broken += [(target, "all", garbage[:12], status)] if status >= 500 else []
    for name in list(fields)[:12]:
        for garbage in ("a\x00b", "99999999999999999999"):
            status = client.post(target, data={**fields, name: garbage}).status_code
            broken += [(target, name, garbage[:12], status)] if status >= 500 else []
    return broken
