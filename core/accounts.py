"""Accounts: creating, inviting, signing in and out, second factor, scopes, disabling. The core's write layer."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import pyotp
from flask import current_app
from sqlalchemy import func, select

from core import audit, mail, passwords
from core.db import db, flush
from core.enums import ADMINISTRATORS, Role
from core.errors import Conflict, InvalidInput, NotAllowed, NotVisible, TooMany
from core.models import Invitation, LoginSession, Message, User, UserScope
from core.rules import SYSTEM, Actor

SESSION_LIFE = timedelta(hours=12)
IDLE_LIFE = timedelta(minutes=30)
INVITATION_LIFE = timedelta(days=7)
LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=15)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_user(
    *,
    username: str,
    display_name: str,
    role: Role,
    password: str,
    actor: Actor,
    now: datetime,
    division_codes: Iterable[str] = (),
    phone: str = "",
    email: str = "",
    must_change_password: bool = False,
    demo_label: str | None = None,
) -> User:
    passwords.check_new(password, username=username)
    if db.session.scalar(select(User.id).where(User.username == username)):
        raise Conflict("该用户名已被使用。", code="username_taken")
    user = User(
        username=username,
        display_name=display_name,
        role=role,
        password_hash=passwords.hash_password(password),
        phone=phone,
        email=email,
        created_at=now,
        must_change_password=must_change_password,
        demo_label=demo_label,
        scopes=[UserScope(division_code=code) for code in sorted(set(division_codes))],
    )
    db.session.add(user)
    flush()
    audit.record("user.create", user, actor=actor, now=now, after={"username": username, "role": role})
    return user


def sign_in(username: str, password: str, *, code: str, now: datetime, address: str, device: str) -> str:
    """A new session token. The refusal is the same for an unknown name and a wrong password.

    Raises `TooMany` while locked. The caller keeps the transaction on refusal: the failure count must stay.
    """
    user = db.session.scalar(select(User).where(User.username == username))
    if user and user.locked_until and now < user.locked_until:
        raise TooMany("该账号因多次登录失败已暂时锁定，请 15 分钟后再试。", code="locked")
    if not passwords.matches(user.password_hash if user else "", password) or not user.is_active:
        _note_failure(user, now)
        raise NotAllowed("用户名或密码不正确。", code="bad_credentials")
    if user.totp_secret and not pyotp.TOTP(user.totp_secret).verify(code, valid_window=1):
        _note_failure(user, now)
        raise NotAllowed("动态验证码不正确。", code="bad_totp")
    if passwords.hasher().check_needs_rehash(user.password_hash):
        user.password_hash = passwords.hash_password(password)
    return open_session(user, now=now, address=address, device=device)


def _note_failure(user: User | None, now: datetime) -> None:
    if user is None:
        return
    user.failed_count += 1
    if user.failed_count >= LOCK_AFTER:
        user.locked_until, user.failed_count = now + LOCK_FOR, 0
    flush()
    audit.record("user.sign_in_failed", user, actor=SYSTEM, now=now)


def open_session(user: User, *, now: datetime, address: str, device: str) -> str:
    token = secrets.token_urlsafe(32)
    user.failed_count, user.locked_until, user.last_login_at = 0, None, now
    db.session.add(
        LoginSession(
            token_digest=digest(token),
            user_id=user.id,
            created_at=now,
            expires_at=now + SESSION_LIFE,
            address=address[:64],
            device=device[:200],
        )
    )
    flush()
    audit.record("user.sign_in", user, actor=user, now=now)
    return token


def session_of(token: str, now: datetime) -> LoginSession | None:
    """The live session behind a cookie, with its user in the same statement."""
    found = db.session.scalar(select(LoginSession).where(LoginSession.token_digest == digest(token)))
    if found is None or found.ended_at or now >= found.expires_at or not found.user.is_active:
        return None
    return found


def end_session(session: LoginSession, *, actor: Actor, now: datetime) -> None:
    session.ended_at = now
    flush()
    audit.record("user.sign_out", session.user, actor=actor, now=now)


def end_sessions_of(user: User, *, actor: Actor, now: datetime) -> int:
    """End every session of one person: by himself, or by an administrator after a loss."""
    sessions = db.session.scalars(
        select(LoginSession).where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
    ).all()
    for session in sessions:
        session.ended_at = now
    flush()
    audit.record("user.end_sessions", user, actor=actor, now=now, after={"count": len(sessions)})
    return len(sessions)


def change_password(user: User, *, old: str, new: str, actor: Actor, now: datetime) -> None:
    if not passwords.matches(user.password_hash, old):
        raise InvalidInput("原密码不正确。", code="bad_password", field="old")
    if old == new:
        raise InvalidInput("新密码不能与原密码相同。", code="same_password", field="password")
    passwords.check_new(new, username=user.username)
    user.password_hash = passwords.hash_password(new)
    user.must_change_password = False
    flush()
    audit.record("user.change_password", user, actor=actor, now=now)


def enable_totp(user: User, *, secret: str, code: str, actor: Actor, now: datetime) -> None:
    if not pyotp.TOTP(secret).verify(code, valid_window=1):
        raise InvalidInput("动态验证码不正确，请核对手机时间后重试。", code="bad_totp", field="code")
    user.totp_secret = secret
    flush()
    audit.record("user.enable_totp", user, actor=actor, now=now)


def reset_totp(user: User, *, actor: Actor, now: datetime) -> None:
    """Taken off by the security administrator after a lost phone; the person enrols again."""
    user.totp_secret = None
    flush()
    audit.record("user.reset_totp", user, actor=actor, now=now)


def needs_totp(user: User) -> bool:
    return user.role in current_app.config["SETTINGS"].totp_roles and not user.totp_secret


def disable_user(user: User, *, actor: Actor, now: datetime, reason: str) -> None:
    if user.id == actor.id:
        raise NotAllowed("不能停用自己的账号。")
    if not reason.strip():
        raise InvalidInput("请填写停用理由。", field="reason")
    user.disabled_at = now
    end_sessions_of(user, actor=actor, now=now)
    audit.record("user.disable", user, actor=actor, now=now, reason=reason)


def enable_user(user: User, *, actor: Actor, now: datetime) -> None:
    user.disabled_at, user.failed_count, user.locked_until = None, 0, None
    flush()
    audit.record("user.enable", user, actor=actor, now=now)


def set_scope(user: User, division_codes: Iterable[str], *, actor: Actor, now: datetime) -> None:
    before = sorted(user.prefectures)
    user.scopes = [UserScope(division_code=code) for code in sorted(set(division_codes))]
    flush()
    after = sorted(set(division_codes))
    audit.record(
        "user.set_scope", user, actor=actor, now=now, before={"scope": before}, after={"scope": after}
    )


def invite(
    *, role: Role, display_name: str, email: str, division_codes: Iterable[str], actor: Actor, now: datetime
) -> tuple[Invitation, str]:
    """An invitation and its one-time token; only the digest is stored."""
    if role in ADMINISTRATORS and actor.role != Role.SECADMIN:
        raise NotAllowed("管理员账号只能由安全管理员邀请。")
    token = secrets.token_urlsafe(24)
    invitation = Invitation(
        token_digest=digest(token),
        role=role,
        display_name=display_name,
        email=email,
        division_codes=sorted(set(division_codes)),
        invited_by_id=actor.id,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    db.session.add(invitation)
    flush()
    audit.record("invitation.create", invitation, actor=actor, now=now, after={"role": role})
    return invitation, token


def open_invitation(token: str, now: datetime) -> Invitation:
    found = db.session.scalar(select(Invitation).where(Invitation.token_digest == digest(token)))
    if found is None or found.used_at or now >= found.expires_at:
        raise NotVisible("邀请链接无效或已过期，请联系邀请人重新发送。")
    return found


def accept_invitation(token: str, *, username: str, password: str, now: datetime) -> User:
    invitation = open_invitation(token, now)
    user = create_user(
        username=username,
        display_name=invitation.display_name,
        role=invitation.role,
        password=password,
        actor=SYSTEM,
        now=now,
        division_codes=invitation.division_codes,
        email=invitation.email,
    )
    invitation.used_at, invitation.user_id = now, user.id
    flush()
    return user


def tell(user_id: int, title: str, *, now: datetime, body: str = "", link: str = "") -> None:
    """An in-site message, whose row is the delivery, and a mail where an address and a relay are known."""
    db.session.add(Message(user_id=user_id, title=title[:120], body=body, link=link, created_at=now))
    if current_app.config["SETTINGS"].smtp_url:
        user = db.session.get(User, user_id)
        if user is not None and user.email:
            mail.send_later(user.email, title, body, actor=SYSTEM, now=now)


def unread_count(user: User) -> int:
    stmt = select(func.count(Message.id)).where(Message.user_id == user.id, Message.read_at.is_(None))
    return db.session.scalar(stmt) or 0


def read_all(user: User, *, now: datetime) -> None:
    unread = select(Message).where(Message.user_id == user.id, Message.read_at.is_(None))
    for message in db.session.scalars(unread):
        message.read_at = now
    flush()
