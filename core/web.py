"""What every request shares: identity, request id, one commit, security headers, filters, error pages."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, flash, g, render_template, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from core import access, accounts, money, nav
from core import db as database
from core.access import SignInNeeded
from core.clock import beijing, utcnow
from core.db import db
from core.errors import NotAllowed, Refusal
from core.models import User

__all__ = ["flash", "now", "keep_transaction", "limiter", "open_cookie"]
log = logging.getLogger("leitai.web")
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, in_memory_fallback_enabled=True)
login_manager = LoginManager()


def refused(response: Response) -> bool:
    """For limits that count refusals only: a whole county may sit behind one address, and registers in one hour."""
    return response.status_code >= 400


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ARRIVAL = re.compile(r"t=([0-9]{10})\.([0-9]{3})")
LONGEST_WAIT = timedelta(minutes=5)
STS = "max-age=31536000; includeSubDomains"


class Leitai(Flask):
    """Flask with one transaction per request: committed when the answer is a success, else undone."""

    def url_for(self, endpoint: str, **values) -> str:
        """Addresses without arguments and of static files are built once: every icon and door asks for one."""
        plain = endpoint[:1] != "." and (not values or (endpoint == "static" and len(values) == 1))
        if not plain or not request:
            return super().url_for(endpoint, **values)
        known = self.extensions.setdefault("plain_addresses", {})
        key = (request.script_root, endpoint, values.get("filename"))
        if key not in known:
            known[key] = super().url_for(endpoint, **values)
        return known[key]

    def full_dispatch_request(self) -> Response:
        """Who is asking is looked up before the view is called: a reader must not take the write lock for it."""
        if request.method not in SAFE:
            return super().full_dispatch_request()
        with database.reading():
            return super().full_dispatch_request()

    def dispatch_request(self) -> Response:
        if request.method in SAFE:
            return self.make_response(super().dispatch_request())
        response = self.make_response(super().dispatch_request())
        if response.status_code < 400 or g.get("keep_transaction"):
            database.commit()
        else:
            database.rollback()
        return response


def keep_transaction() -> None:
    """Commit although this answer is a refusal: a failed sign-in must be counted."""
    g.keep_transaction = True


def now() -> datetime:
    """The request's one moment: when it arrived, not when a busy server came to it, where a proxy of ours says so."""
    if "now" not in g:
        g.now = _arrived(utcnow())
    return g.now


def _arrived(handled: datetime) -> datetime:
    """`X-Request-Start: t=<seconds>` of our own proxy, believed for five minutes back and never into the future."""
    stated = ARRIVAL.fullmatch(request.headers.get("X-Request-Start", "")) if request else None
    if stated is None or not current_app.config["SETTINGS"].proxy_hops:
        return handled
    waited = handled - datetime.fromtimestamp(int(stated[1]), UTC) - timedelta(milliseconds=int(stated[2]))
    return handled - waited if timedelta(0) <= waited <= LONGEST_WAIT else handled


def tokenless(view: Callable) -> Callable:
    """A form of the public pages' frame, which carry no token so that they can be kept: instead the browser must
    not say that the form came from another site."""

    @wraps(view)
    def checked(**arguments):
        if not _from_our_pages():
            raise CSRFError("another site")
        return view(**arguments)

    return csrf.exempt(checked)


def _from_our_pages() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    return origin is None or urlsplit(origin).netloc == request.host


@login_manager.request_loader
def _no_header_login(_request) -> None:
    return None


@login_manager.user_loader
def _load_user(_user_id: str) -> User | None:
    """The cookie's token must belong to a live session and must not have been idle for too long."""
    token, seen = session.get("token", ""), session.get("seen", 0)
    if not token or time.time() - seen > accounts.IDLE_LIFE.total_seconds():
        return None
    found = accounts.session_of(token, now())
    if found is None:
        return None
    g.login_session = found
    if time.time() - seen > 60:
        session["seen"] = int(time.time())
    return found.user


def open_cookie(user: User, token: str) -> None:
    """A fresh cookie at every sign-in, so that no earlier one can be fixed upon the person."""
    session.clear()
    session["token"], session["seen"], session["_user_id"] = token, int(time.time()), str(user.id)


def init_app(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-leitai" if settings.secure_cookies else "leitai",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=(settings.max_upload_mb + 1) << 20,
        MAX_FORM_MEMORY_SIZE=4 << 20,
        MAX_FORM_PARTS=2000,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        WTF_I18N_ENABLED=False,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1} if settings.redis_url else {},
        RATELIMIT_ENABLED=not settings.testing,
    )
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    app.before_request(_name_request)
    app.before_request(access.guard)
    app.after_request(_add_headers)
    app.context_processor(_context)
    app.teardown_appcontext(lambda _error: database.end())
    _add_filters(app)
    _add_error_pages(app)


def _name_request() -> None:
    g.request_id = secrets.token_hex(6)


def standing_headers(app: Flask) -> list[tuple[str, str]]:
    """What every answer carries, whatever it is."""
    secure = app.config["SETTINGS"].secure_cookies
    return [*HEADERS.items(), *([("Strict-Transport-Security", STS)] if secure else ())]


def _add_headers(response: Response) -> Response:
    for name, value in standing_headers(current_app):
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.get("request_id", "-")
    if request.endpoint != "static":
        response.headers.setdefault(
            "Cache-Control", "no-store" if current_user.is_authenticated else "no-cache"
        )
        response.vary.add("HX-Request")
    return response


def _context() -> dict:
    settings = current_app.config["SETTINGS"]
    shared = {
        "settings": settings,
        "request_id": g.get("request_id", "-"),
        "demo_mode": settings.demo,
        "large_type": request.cookies.get("large") == "1",
        "now": now(),
    }
    if g.get("failing"):
        # The page of a failure asks the database nothing: it may be what failed.
        return shared | {"nav_items": (), "public_items": (), "demo_accounts": (), "unread_messages": 0}
    return shared | {
        "nav_items": nav.items_for(current_user),
        "public_items": nav.public_items(),
        "demo_accounts": demo_accounts() if settings.demo else (),
        "unread_messages": accounts.unread_count(current_user) if current_user.is_authenticated else 0,
    }


def demo_accounts() -> list[User]:
    """The accounts of the one-click role switch; only asked for in demo mode, and then once per process."""
    cached = current_app.extensions.get("demo_accounts")
    if cached is None:
        stmt = select(User.username, User.role, User.demo_label.label("label"))
        rows = db.session.execute(stmt.where(User.demo_label.is_not(None)).order_by(User.id)).all()
        cached = [DemoAccount(row.username, row.label) for row in rows]
        if cached:
            current_app.extensions["demo_accounts"] = cached
    return cached


class DemoAccount(NamedTuple):
    username: str
    role_label: str


def _add_filters(app: Flask) -> None:
    filters = {
        "yuan": money.yuan,
        "wan": money.wan,
        "daxie": money.in_words,
        "beijing": lambda moment: beijing(moment).strftime("%Y-%m-%d %H:%M") if moment else "",
        "day": lambda value: _day(value),
        "score": lambda hundredths: (
            "" if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"
        ),
        "mask_phone": lambda phone: f"{phone[:3]}****{phone[-4:]}" if len(phone or "") >= 7 else phone or "",
        "mask_account": lambda number: f"{'*' * 4} {number[-4:]}" if number else "",
        "filesize": _filesize,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    return (beijing(value) if isinstance(value, datetime) else value).strftime("%Y-%m-%d")


def _filesize(size: int) -> str:
    return f"{size / (1 << 20):.1f} MB" if size >= 1 << 20 else f"{max(1, size >> 10)} KB"


def _add_error_pages(app: Flask) -> None:
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _csrf_refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DatabaseError, _database_error)
    app.register_error_handler(Exception, _unexpected)


def _refused(refusal: Refusal):
    if not g.get("keep_transaction"):
        database.rollback()
    if isinstance(refusal, NotAllowed) and not current_user.is_authenticated:
        refusal = SignInNeeded()
    return _error_page(refusal.status, refusal.sentence, refusal.code)


def _csrf_refused(_error: CSRFError):
    return _error_page(400, "页面停留过久或来源不明，请返回上一页刷新后重新提交。", "csrf")


def _http_error(error: HTTPException):
    database.rollback()
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # An unknown host has no addresses to link to, so it gets one plain sentence.
        return HTTP_SENTENCES[421], 400, {"Content-Type": "text/plain; charset=utf-8"}
    response = current_app.make_response(_error_page(error.code, HTTP_SENTENCES.get(error.code, ""), "http"))
    for name in ("Allow", "Retry-After"):
        value = dict(error.get_headers()).get(name)
        if value:
            response.headers[name] = value
    return response


def _database_error(error: DatabaseError):
    """What a person can cause (a conflict, a number out of range, a lock) is his to solve; the rest is ours."""
    database.rollback()
    if isinstance(error, IntegrityError | OperationalError):
        refusal = database.as_refusal(error)
        if isinstance(refusal, Refusal):
            return _error_page(refusal.status, refusal.sentence, refusal.code)
    if isinstance(error, DataError):
        return _error_page(422, "填写内容超出可保存的范围。", "data")
    return _unexpected(error)


def _unexpected(error: Exception):
    g.failing = True
    database.rollback()
    log.exception("request %s failed", g.get("request_id", "-"), exc_info=error)
    return _error_page(500, "系统出现意外问题，已记录。请稍后重试，或把下方编号告诉管理员。", "unexpected")


HTTP_SENTENCES = {
    400: "请求内容无法识别，请返回上一页重试。",
    404: "没有找到该页面，可能已被移动，或您无权查看。",
    405: "该地址不支持这样访问。",
    413: "上传内容过大，请压缩后重试。",
    415: "不支持该内容格式。",
    421: "域名不在本系统的服务范围内。",
    429: "操作过于频繁，请稍后再试。",
}


def _error_page(status: int, sentence: str, code: str):
    if request.headers.get("Accept", "").startswith("application/json") or request.is_json:
        return {"error": code, "message": sentence, "request_id": g.get("request_id", "-")}, status
    return render_template("errors/error.html", status=status, sentence=sentence, code=code), status
