"""Who may call a route. Every route declares it; one that does not is closed to everybody."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app, redirect, request, url_for
from flask_login import current_user

from core.accounts import needs_totp
from core.enums import Role
from core.errors import NotAllowed, NotVisible, Refusal


@dataclass(frozen=True)
class Access:
    public: bool = False
    roles: frozenset[Role] = field(default_factory=frozenset)


class SignInNeeded(Refusal):
    status = 401
    code = "sign_in"
    sentence = "请先登录。"


def allow(*roles: Role) -> Callable:
    """Open a view to these roles; without any, to everybody who is signed in."""
    return _declare(Access(roles=frozenset(roles or Role)))


def public(view: Callable) -> Callable:
    return _declare(Access(public=True))(view)


def _declare(access: Access) -> Callable:
    def mark(view: Callable) -> Callable:
        view.access = access
        return view

    return mark


def access_of(endpoint: str) -> Access | None:
    return getattr(current_app.view_functions.get(endpoint), "access", None)


def guard():
    """Before each request: refuse what the route does not declare."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = access_of(request.endpoint)
    if access is None:
        raise NotVisible()
    if access.public:
        return None
    if not current_user.is_authenticated:
        if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
            return redirect(url_for("core.sign_in", next=request.full_path.rstrip("?")))
        raise SignInNeeded()
    if current_user.role not in access.roles:
        raise NotAllowed()
    if current_user.must_change_password and request.endpoint not in _OPEN_TO_ALL:
        return redirect(url_for("core.change_password"))
    if needs_totp(current_user) and request.endpoint not in _OPEN_TO_ALL:
        return redirect(url_for("core.enable_totp"))
    return None


_OPEN_TO_ALL = frozenset(
    {"core.change_password", "core.enable_totp", "core.sign_out", "core.switch_role", "core.large_type"}
)
