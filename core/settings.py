"""Settings, read once from the environment into a frozen object. A bad value stops the start with a sentence.

Every setting is documented under its own name in docs/operating.md (a test compares).
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.enums import Role


class BadSetting(RuntimeError):
    """A setting that must not be guessed is missing or wrong."""


@dataclass(frozen=True)
class Settings:
    env: str
    database_url: str
    data_dir: Path
    secret_key: str
    seal_key: bytes
    demo: bool
    redis_url: str
    trusted_hosts: tuple[str, ...]
    proxy_hops: int
    secure_cookies: bool
    max_upload_mb: int
    totp_roles: frozenset[Role]
    password_profile: str
    smtp_url: str
    site_name: str
    organiser: str
    contact: str
    icp: str

    @property
    def testing(self) -> bool:
        return self.env == "test"

    @property
    def sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    env = environ.get("LEITAI_ENV", "development")
    if env not in ("development", "production", "test"):
        raise BadSetting(f"LEITAI_ENV 只能是 development、production 或 test，现为 {env!r}。")
    data_dir = Path(environ.get("LEITAI_DATA_DIR", "instance")).resolve()
    return Settings(
        env=env,
        database_url=_database_url(environ, data_dir),
        data_dir=data_dir,
        secret_key=_key(environ, "LEITAI_SECRET_KEY", env, data_dir),
        seal_key=_key(environ, "LEITAI_SEAL_KEY", env, data_dir).encode(),
        demo=_flag(environ, "LEITAI_DEMO"),
        redis_url=environ.get("LEITAI_REDIS_URL", ""),
        trusted_hosts=_words(environ, "LEITAI_TRUSTED_HOSTS", "127.0.0.1,localhost,[::1]"),
        proxy_hops=_number(environ, "LEITAI_PROXY_HOPS", 0, 0, 5),
        secure_cookies=_flag(environ, "LEITAI_SECURE_COOKIES", default=env == "production"),
        max_upload_mb=_number(environ, "LEITAI_MAX_UPLOAD_MB", 100, 1, 2048),
        totp_roles=frozenset(_role(word) for word in _words(environ, "LEITAI_TOTP_ROLES", "")),
        password_profile=_choice(environ, "LEITAI_PASSWORD_PROFILE", ("standard", "fast")),
        smtp_url=environ.get("LEITAI_SMTP_URL", ""),
        site_name=environ.get("LEITAI_SITE_NAME", "擂台"),
        organiser=environ.get("LEITAI_ORGANISER", "创新创业大赛组委会办公室"),
        contact=environ.get("LEITAI_CONTACT", "联系方式由主办单位填写"),
        icp=environ.get("LEITAI_ICP", ""),
    )


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    url = environ.get("LEITAI_DATABASE_URL") or f"sqlite:///{data_dir / 'leitai.sqlite3'}"
    if url.startswith("postgres://") or url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if not url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise BadSetting("LEITAI_DATABASE_URL 只支持 sqlite 与 postgresql。")
    return url


def _key(environ: Mapping[str, str], name: str, env: str, data_dir: Path) -> str:
    """A production key comes from the environment; elsewhere one is made once and kept outside the database."""
    value = environ.get(name, "")
    if value:
        if env == "production" and len(value) < 32:
            raise BadSetting(f"{name} 至少需要 32 个字符。")
        return value
    if env == "production":
        raise BadSetting(f"生产环境必须设置 {name}。")
    path = data_dir / "keys" / name.lower()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def _flag(environ: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    value = environ.get(name, "").strip().lower()
    if value in ("", "0", "false", "no"):
        return default if value == "" else False
    if value in ("1", "true", "yes"):
        return True
    raise BadSetting(f"{name} 只能是 1 或 0，现为 {value!r}。")


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = environ.get(name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise BadSetting(f"{name} 应为 {low} 到 {high} 之间的整数，现为 {value!r}。")
    return int(value)


def _words(environ: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in environ.get(name, default).split(",") if word.strip())


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = environ.get(name, choices[0])
    if value not in choices:
        raise BadSetting(f"{name} 只能是 {'、'.join(choices)}，现为 {value!r}。")
    return value


def _role(word: str) -> Role:
    try:
        return Role(word)
    except ValueError:
        raise BadSetting(f"LEITAI_TOTP_ROLES 中没有角色 {word!r}。") from None
