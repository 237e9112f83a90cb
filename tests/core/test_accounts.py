"""Accounts: sign-in, lockout, second factor, sessions, invitations."""

from datetime import timedelta

import pyotp
import pytest

from core import accounts, passwords
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed, NotVisible, TooMany
from core.rules import SYSTEM
from tests.conftest import PASSWORD


@pytest.fixture
def user(ctx, make_user):
    return make_user(Role.OFFICE, username="li", display_name="李办")


def enter(now, password=PASSWORD, username="li", code=""):
    return accounts.sign_in(username, password, code=code, now=now, address="127.0.0.1", device="test")


def test_sign_in_opens_a_session(user, now):
    found = accounts.session_of(enter(now), now)
    assert found.user.id == user.id


@pytest.mark.parametrize(("username", "password"), [("li", "wrong"), ("nobody", PASSWORD)])
def test_refusal_is_the_same_for_name_and_password(user, now, username, password):
    with pytest.raises(NotAllowed) as refusal:
        enter(now, password, username)
    assert refusal.value.sentence == "用户名或密码不正确。"


def test_five_failures_lock_for_a_quarter_of_an_hour(user, now):
    for _ in range(accounts.LOCK_AFTER):
        with pytest.raises(NotAllowed):
            enter(now, "wrong")
    with pytest.raises(TooMany):
        enter(now)
    assert enter(now + accounts.LOCK_FOR)


def test_second_factor_is_asked_for(user, now):
    secret = pyotp.random_base32()
    accounts.enable_totp(user, secret=secret, code=pyotp.TOTP(secret).now(), actor=user, now=now)
    with pytest.raises(NotAllowed):
        enter(now, code="000000")
    assert enter(now, code=pyotp.TOTP(secret).now())


def test_session_ends_with_time_sign_out_and_disabling(user, now, make_user):
    token = enter(now)
    assert accounts.session_of(token, now + accounts.SESSION_LIFE) is None
    accounts.end_session(accounts.session_of(token, now), actor=user, now=now)
    assert accounts.session_of(token, now) is None
    token = enter(now)
    accounts.disable_user(user, actor=make_user(Role.SYSADMIN), now=now, reason="离岗")
    assert accounts.session_of(token, now) is None


@pytest.mark.parametrize("password", ["Short1!", "alllowercase", "Password1", "My-li-2026x", "x" * 200])
def test_weak_passwords_are_refused(ctx, password):
    with pytest.raises(InvalidInput):
        passwords.check_new(password, username="li")


def test_user_name_is_unique(user, now):
    with pytest.raises(Conflict):
        accounts.create_user(
            username="li", display_name="另一人", role=Role.OFFICE, password=PASSWORD, actor=SYSTEM, now=now
        )


def test_invitation_is_used_once_and_in_time(user, now):
    invitation, token = accounts.invite(
        role=Role.REGIONAL,
        display_name="某州科技局",
        email="",
        division_codes=["652300"],
        actor=user,
        now=now,
    )
    with pytest.raises(NotVisible):
        accounts.open_invitation(token, now + timedelta(days=8))
    made = accounts.accept_invitation(token, username="kjj", password=PASSWORD, now=now)
    assert made.prefectures == {"652300"}
    with pytest.raises(NotVisible):
        accounts.open_invitation(token, now)


def test_office_cannot_invite_an_administrator(user, now):
    with pytest.raises(NotAllowed):
        accounts.invite(
            role=Role.SYSADMIN, display_name="管理员", email="", division_codes=[], actor=user, now=now
        )


def test_change_of_password_needs_the_old_one(user, now):
    with pytest.raises(InvalidInput):
        accounts.change_password(user, old="wrong", new="Another-One-9", actor=user, now=now)
    accounts.change_password(user, old=PASSWORD, new="Another-One-9", actor=user, now=now)
    assert enter(now, "Another-One-9")
