"""The application factory: settings, database, core, then the packages by name, lowest floor first."""

from importlib import import_module
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import create_engine, inspect, text
from werkzeug.middleware.proxy_fix import ProxyFix

from core import settings as settings_module
from core import web
from core.db import db, prepare_engine
from core.settings import BadSetting, Settings

PACKAGES = ("core", "fund", "competition", "judging", "awards", "demo")
ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or settings_module.from_environment()
    app = web.Leitai("leitai", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config["SETTINGS"] = settings
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxy_hops, x_proto=settings.proxy_hops)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    with app.app_context():
        prepare_engine(db.engine)
    web.init_app(app)
    for package in PACKAGES:
        import_module(f"{package}.wiring").init_app(app)
    if settings.demo:
        refuse_foreign_database(settings)
    return app


def _engine_options(settings: Settings) -> dict:
    if settings.sqlite:
        return {"connect_args": {"timeout": 8, "check_same_thread": False}}
    return {
        "pool_size": 8,
        "max_overflow": 8,
        "pool_pre_ping": True,
        "connect_args": {"prepare_threshold": None},
    }


def refuse_foreign_database(settings: Settings) -> None:
    """Demo mode opens every account with one click, so it must never meet a database that holds real data."""
    engine = create_engine(settings.database_url)
    try:
        if not inspect(engine).has_table("installation"):
            return
        with engine.connect() as connection:
            kind = connection.scalar(text("SELECT kind FROM installation"))
            accounts = connection.scalar(text("SELECT count(*) FROM user_account"))
    finally:
        engine.dispose()
    if kind != "demo" and (kind is not None or accounts):
        raise BadSetting("演示模式（LEITAI_DEMO=1）拒绝启动：该数据库不是演示数据库。")
