"""Shared by the page tests: pages are asked over HTTP as the accounts the factories made."""

import re

import pytest
from sqlalchemy import select

from core.db import commit, db
from core.models import User


class Visitor:
    """A signed-in person, or nobody, with the token of the page read last."""

    def __init__(self, client):
        self.client = client

    def get(self, url: str):
        return self.client.get(url)

    def text(self, url: str) -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, url: str, data: dict | None = None, *, source: str = "/about"):
        """As a browser does: the token comes from a page of this session."""
        for address in (source, "/sign-in"):
            page = self.client.get(address).get_data(as_text=True)
            if found := re.search(r'name="csrf_token" value="([^"]+)"', page):
                break
        token = found.group(1)
        return self.client.post(url, data={**(data or {}), "csrf_token": token})


@pytest.fixture
def as_user(app, sign_in):
    """as_user("office-staff") -> Visitor."""

    def enter(username: str) -> Visitor:
        with app.app_context():
            user = db.session.scalar(select(User).where(User.username == username))
            assert user is not None, username
            db.session.expunge(user)
        return Visitor(sign_in(user))

    return enter


@pytest.fixture
def visitor(client) -> Visitor:
    return Visitor(client)


@pytest.fixture
def prepared(app, frozen):
    """prepared(function) runs the factory calls in a context of their own and commits; returns what it returns."""

    def run(function):
        with app.app_context():
            found = function(frozen)
            commit()
            return found

    return run
