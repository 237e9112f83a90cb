"""The style guide exists in demo mode only; every refusal has a page of its own that a broken system can draw."""

import re

import pytest
from flask import render_template

from core.app import create_app
from tests.conftest import build_schema, settings_for

STATUSES = (400, 401, 403, 404, 405, 409, 413, 415, 421, 422, 429, 500, 503)
SAMPLES = ("components", "dashboard", "form", "public", "judge", "board", "paper", "certificate")


@pytest.fixture(scope="module")
def demo_app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("styleguide")
    app = create_app(settings_for(f"sqlite:///{folder / 'demo.sqlite3'}", folder, LEITAI_DEMO="1"))
    with app.app_context():
        build_schema()
    return app


@pytest.mark.parametrize("sample", SAMPLES)
def test_sample_page_is_drawn_in_demo_mode_without_inline_style(demo_app, sample):
    answer = demo_app.test_client().get(f"/styleguide?page={sample}")
    assert answer.status_code == 200
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", answer.text) == []
    assert "演示数据" in answer.text


def test_unknown_sample_shows_the_components(demo_app):
    client = demo_app.test_client()
    assert "状态与提示" in client.get("/styleguide?page=../../errors/error").text


def test_style_guide_is_hidden_outside_demo_mode(client):
    assert client.get("/styleguide").status_code == 404


def test_every_refusal_says_what_to_do(demo_app):
    titles = set()
    for status in STATUSES:
        with demo_app.test_request_context("/"):
            page = render_template(
                "errors/error.html", status=status, sentence="", code="x", request_id="ab12"
            )
        titles.add(re.search(r"<h1>(.+?)</h1>", page)[1])
        assert f"<span>{status}</span>" in page
        assert "您可以这样做" in page
        assert "ab12" in page
    assert len(titles) == len(STATUSES)


def test_unknown_status_has_the_general_page(demo_app):
    with demo_app.test_request_context("/"):
        page = render_template("errors/error.html", status=418, sentence="茶壶。", code="x")
    assert "操作未能完成" in page
    assert "茶壶。" in page


def test_server_fault_page_asks_nothing_of_the_application(demo_app):
    with demo_app.test_request_context("/"):
        page = render_template("errors/error.html", status=500, sentence="", code="unexpected")
    assert "<form" not in page
    assert "切换角色" not in page
