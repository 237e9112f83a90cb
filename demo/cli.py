"""`flask demo play` and `flask demo summary`."""

import gc
import json
import time
from dataclasses import replace

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import func, select

from core import audit
from core.clock import utcnow
from core.db import db, reading
from core.enums import Via
from core.errors import Refusal
from core.models import User
from demo import playing
from demo import summary as figures

demo_cli = AppGroup("demo", help="The 2018 edition as a demo (演示数据).")


@demo_cli.command("play")
@click.option(
    "--if-empty", is_flag=True, help="Do nothing, and succeed, when the database already holds something."
)
@with_appcontext
def play_command(if_empty: bool) -> None:
    """Play the 2018 edition into the empty database of LEITAI_DATABASE_URL."""
    if if_empty and db.session.scalar(select(func.count(User.id))):
        return
    audit.current_via.set(Via.CLI)
    # Eight hundred accounts share one published password: the cheap profile, and the first sign-in rehashes.
    settings = current_app.config["SETTINGS"]
    current_app.config["SETTINGS"] = replace(settings, password_profile="fast")
    # Half a million rows in one process: the collector would walk them again and again for nothing.
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    started = time.monotonic()
    try:
        playing.play(utcnow(), say=lambda text: click.echo(f"  · {text}"))
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
    click.echo(f"演示届次已演入（{time.monotonic() - started:.0f} 秒）。")


@demo_cli.command("summary")
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def summary_command(as_json: bool) -> None:
    """The figures of the played edition, from queries on the database."""
    with reading():
        found = figures.summary()
    click.echo(json.dumps(found, ensure_ascii=False, indent=None if as_json else 2))
