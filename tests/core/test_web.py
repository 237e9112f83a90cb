"""What every answer carries, and what a request may not do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core import accounts, web
from core import db as database
from core.access import Access
from core.enums import Role
from core.views.sessions import inside


def test_security_headers_on_every_answer(client):
    for path in ("/", "/sign-in", "/nowhere", "/static/css/theme.css"):
        headers = client.get(path).headers
        assert "object-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/entries?a=1", "/entries?a=1"),
        ("//evil.example", ""),
        ("https://evil.example", ""),
        ("/\\evil", ""),
        ("/a\nb", ""),
    ],
)
def test_redirects_stay_inside(address, kept):
    assert inside(address) == kept


def test_foreign_host_is_refused(client):
    answer = client.get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_post_without_token_is_refused(client):
    assert client.post("/sign-in", data={"username": "a", "password": "b"}).status_code == 400


def test_sign_in_page_keeps_the_name_and_counts_the_failure(app, client, make_user):
    make_user(Role.OFFICE, username="wang")
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/sign-in", data={"username": "wang", "password": "wrong"})
    app.config["WTF_CSRF_ENABLED"] = True
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "用户名或密码不正确" in page and 'value="wang"' in page


def test_role_switch_does_not_exist_outside_the_demo(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    answer = client.post("/switch-role", data={"username": "office"})
    app.config["WTF_CSRF_ENABLED"] = True
    assert answer.status_code == 404
    assert client.get("/styleguide").status_code == 404


def test_role_seen_by_name_on_the_account_page(make_user, sign_in):
    client = sign_in(make_user(Role.FINANCE))
    assert "财务" in client.get("/account").get_data(as_text=True)


def test_role_that_needs_a_second_factor_enrols_before_anything_else(app, make_user, sign_in, monkeypatch):
    settings = replace(app.config["SETTINGS"], totp_roles=frozenset({Role.FINANCE}))
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    finance, office = sign_in(make_user(Role.FINANCE)), sign_in(make_user(Role.OFFICE))
    answer = finance.get("/account")
    assert (answer.status_code, answer.location) == (302, "/account/totp")
    assert "您的角色须启用双因素验证" in finance.get("/account/totp").text
    assert office.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 400),
        ({"Sec-Fetch-Site": "same-site"}, 400),
        ({"Origin": "https://evil.example"}, 400),
        ({"Origin": "null"}, 400),
    ],
)
def test_large_type_is_remembered_unless_another_site_asks(client, headers, status):
    assert client.post("/large-type", data={"next": "/sign-in"}, headers=headers).status_code == status
    assert bool(client.get_cookie("large")) is (status == 303)


def test_hostile_query_strings_meet_no_5xx(make_user, sign_in):
    client = sign_in(make_user(Role.SYSADMIN))
    for query in (
        "page=-1",
        "page=99999999999",
        "size=abc",
        "sort=drop",
        "q=%00%27%25",
        "role=nobody",
        "page=１",
    ):
        assert client.get(f"/admin/users?{query}").status_code == 200


def test_failure_page_asks_the_database_nothing(app, client, monkeypatch):
    """When the database itself is what failed, the person still gets a sentence and a number."""

    def broken(*_):
        raise RuntimeError("database is gone")

    monkeypatch.setitem(app.view_functions, "core.sign_in", broken)
    monkeypatch.setattr("core.web.accounts.unread_count", broken)
    broken.access = Access(public=True)
    answer = client.get("/sign-in")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.get_data(as_text=True)


@pytest.mark.parametrize(("method", "reads"), [("get", True), ("post", False)])
def test_reader_is_looked_up_without_the_write_lock(make_user, sign_in, monkeypatch, method, reads):
    client, looked_up, real = sign_in(make_user(Role.FINANCE)), [], accounts.session_of

    def spied(token, now):
        looked_up.append(database._read_only.get())
        return real(token, now)

    monkeypatch.setattr(accounts, "session_of", spied)
    getattr(client, method)("/account")
    assert looked_up
    assert set(looked_up) == {reads}


@pytest.mark.parametrize(
    ("hops", "header", "seconds"),
    [
        (1, "t=1780000000.250", -30),
        (0, "t=1780000000.250", 0),
        (1, "t=1780000031.000", 0),
        (1, "t=1779999000.000", 0),
        (1, "t=abc", 0),
        (1, "", 0),
    ],
)
def test_a_request_counts_when_it_arrived_at_our_own_proxy(app, monkeypatch, hops, header, seconds):
    handled = datetime.fromtimestamp(1780000030.25, UTC)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], proxy_hops=hops))
    monkeypatch.setattr("core.web.utcnow", lambda: handled)
    with app.test_request_context("/", headers={"X-Request-Start": header}):
        assert web.now() == handled + timedelta(seconds=seconds)
