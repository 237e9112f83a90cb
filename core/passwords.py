"""Passwords: argon2id at OWASP's 19 MiB profile, rehashed on sign-in when the parameters change."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from core.errors import InvalidInput

COMMON = frozenset(
    [
        "12345678",
        "123456789",
        "1234567890",
        "password",
        "password1",
        "qwertyui",
        "qwerty123",
        "11111111",
        "88888888",
        "66666666",
        "00000000",
        "abc12345",
        "a1234567",
        "iloveyou",
        "admin123",
        "woaini1314",
        "1qaz2wsx",
        "5201314520",
        "147258369",
        "987654321",
    ]
)


@cache
def _hasher(profile: str) -> PasswordHasher:
    if profile == "fast":  # bulk demo accounts and tests; the first real sign-in rehashes
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hasher() -> PasswordHasher:
    return _hasher(current_app.config["SETTINGS"].password_profile)


def hash_password(password: str) -> str:
    return hasher().hash(password)


def matches(stored: str, password: str) -> bool:
    """Takes the same time for an unknown account: the caller passes `DECOY` then."""
    try:
        return hasher().verify(stored or decoy(), password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


@cache
def decoy() -> str:
    return _hasher("standard").hash("no such account")


def check_new(password: str, *, username: str, minimum: int = 8) -> None:
    """Length, three of four classes (GB/T 22239 complexity), not common, not containing the user name."""
    if not minimum <= len(password) <= 128:
        raise InvalidInput(
            f"密码长度应为 {minimum} 到 128 个字符。", code="password_length", field="password"
        )
    classes = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    if sum(any(kind(c) for c in password) for kind in classes) < 3 and len(password) < 15:
        raise InvalidInput(
            "密码须含大写、小写、数字、符号中的三类，或长度不少于 15 位。",
            code="password_weak",
            field="password",
        )
    if password.lower() in COMMON or (username and username.lower() in password.lower()):
        raise InvalidInput("密码过于常见或包含用户名，请更换。", code="password_common", field="password")
