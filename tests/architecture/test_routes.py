"""Every address declares who may call it, and the declaration is what happens, role by role."""

import pytest

from core.access import access_of
from core.enums import Role


def rules(app, method: str):
    return [rule for rule in app.url_map.iter_rules() if method in rule.methods and rule.endpoint != "static"]


def address(app, rule) -> str:
    """The rule's address with values that exist nowhere."""
    values = {}
    for argument, converter in rule._converters.items():
        kind = type(converter).__name__
        if kind == "IntegerConverter":
            values[argument] = 999_999_999
        elif kind == "AnyConverter":
            values[argument] = sorted(converter.items)[0]
        else:
            values[argument] = "no-such-thing"
    with app.test_request_context():
        return app.url_map.bind("127.0.0.1").build(rule.endpoint, values, method=None)


def test_every_route_declares_its_access(app):
    with app.app_context():
        undeclared = {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if rule.endpoint != "static" and access_of(rule.endpoint) is None
        }
    assert undeclared == set()


WRITING = ("INSERT", "UPDATE", "DELETE")


def test_visitor_is_sent_to_sign_in(app, client):
    with app.app_context():
        closed = [rule for rule in rules(app, "GET") if not access_of(rule.endpoint).public]
    answers = {rule.endpoint: client.get(address(app, rule)).status_code for rule in closed}
    assert {endpoint: status for endpoint, status in answers.items() if status != 302} == {}


def test_visitor_posts_nothing_behind_the_door(app, client):
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        with app.app_context():
            closed = [rule for rule in rules(app, "POST") if not access_of(rule.endpoint).public]
        answers = {rule.endpoint: client.post(address(app, rule)).status_code for rule in closed}
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert {endpoint: status for endpoint, status in answers.items() if status != 401} == {}


@pytest.mark.parametrize("role", list(Role))
def test_role_meets_what_the_route_declares(app, make_user, sign_in, count_statements, role):
    """Undeclared roles get 403 on every address, declared ones no 5xx, and no GET sends one writing statement."""
    client = sign_in(make_user(role))
    wrong = {}
    with app.app_context():
        known = [(rule, access_of(rule.endpoint)) for rule in rules(app, "GET")]
    for rule, access in known:
        with count_statements() as seen:
            status = client.get(address(app, rule)).status_code
        allowed = access.public or role in access.roles
        wrote = any(statement.lstrip().upper().startswith(WRITING) for statement in seen)
        if status >= 500 or (not allowed and status != 403) or wrote:
            wrong[f"{rule.endpoint} {rule.rule}"] = "writes" if wrote else status
    assert wrong == {}


@pytest.mark.parametrize("role", list(Role))
def test_role_posts_only_where_declared(app, make_user, sign_in, role):
    client = sign_in(make_user(role))
    app.config["WTF_CSRF_ENABLED"] = False
    wrong = {}
    try:
        with app.app_context():
            known = [(rule, access_of(rule.endpoint)) for rule in rules(app, "POST")]
        for rule, access in known:
            if rule.endpoint in ("core.sign_out", "core.switch_role", "core.sign_in", "core.read_messages"):
                continue
            status = client.post(address(app, rule), data={}).status_code
            allowed = access.public or role in access.roles
            if status >= 500 or (not allowed and status != 403):
                wrong[f"{rule.endpoint} {rule.rule}"] = status
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert wrong == {}


def test_every_post_needs_its_token(app, make_user, sign_in):
    """The two forms without one (`core.web.tokenless`) are refused because another site sends them."""
    client = sign_in(make_user(Role.OFFICE))
    with app.app_context():
        open_to_office = [
            rule
            for rule in rules(app, "POST")
            if access_of(rule.endpoint).public or Role.OFFICE in access_of(rule.endpoint).roles
        ]
    answers = {
        rule.endpoint: client.post(
            address(app, rule), data={"a": "b"}, headers={"Origin": "https://other.example"}
        ).status_code
        for rule in open_to_office
    }
    assert {endpoint: status for endpoint, status in answers.items() if status != 400} == {}
