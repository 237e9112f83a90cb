"""The application starts, answers, and keeps one transaction per request."""

from core.enums import Role
from core.models import Division, User


def test_sign_in_page_answers(client):
    answer = client.get("/sign-in")
    assert answer.status_code == 200
    assert "Content-Security-Policy" in answer.headers


def test_unknown_address_is_a_chinese_404(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "没有找到" in answer.get_data(as_text=True)


def test_divisions_are_loaded(ctx):
    from core.db import db

    assert db.session.get(Division, "652923").successor_code == "652902"


def test_rows_of_one_test_are_gone_in_the_next_one(ctx, make_user):
    from core.db import db

    assert db.session.query(User).count() == 0
    make_user(Role.OFFICE)
    assert db.session.query(User).count() == 1
