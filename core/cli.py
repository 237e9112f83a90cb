"""Commands of the core: `check`, `setup`, `jobs work`."""

import json
import secrets
import signal
import sys
import time
import uuid

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import func, select

from core import accounts, calendar, checks, divisions, jobs
from core.clock import utcnow
from core.db import commit, db, reading
from core.enums import ADMINISTRATORS, InstallationKind
from core.models import Installation, User
from core.rules import SYSTEM


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--only", help="Run one invariant by name.")
@with_appcontext
def check_command(as_json: bool, only: str | None) -> None:
    """Run every invariant; exit status 1 when anything is found, naming the row."""
    with reading():
        findings = checks.run_all(only)
    if as_json:
        rows = [{"invariant": f.invariant, "where": f.where, "what": f.what} for f in findings]
        click.echo(json.dumps({"checked": checks.names(), "findings": rows}, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{finding.invariant}: {finding.where}: {finding.what}")
        click.echo(f"核对 {len(checks.names())} 项不变量，发现 {len(findings)} 处问题。")
    sys.exit(1 if findings else 0)


@click.command("setup")
@with_appcontext
def setup_command() -> None:
    """Prepare a real installation: divisions, calendar, and the three administrators with one-time passwords."""
    if db.session.scalar(select(func.count(User.id))):
        raise click.ClickException("数据库已有账号，不能再次初始化。")
    now = utcnow()
    install(InstallationKind.REAL)
    for role in sorted(ADMINISTRATORS):
        password = f"Aa1-{secrets.token_urlsafe(12)}"
        accounts.create_user(
            username=role.value,
            display_name=role.label,
            role=role,
            password=password,
            actor=SYSTEM,
            now=now,
            must_change_password=True,
        )
        click.echo(f"{role.label}\t{role.value}\t{password}")
    commit()


def install(kind: InstallationKind) -> None:
    """The rows every database starts from."""
    now = utcnow()
    db.session.add(Installation(id=1, uuid=str(uuid.uuid4()), kind=kind, created_at=now))
    divisions.load_reference()
    for year in sorted({2018, now.year - 1, now.year, now.year + 1}):
        if calendar.national_days_known(year):
            db.session.add_all(calendar.seed_year(year))
    db.session.flush()


jobs_cli = AppGroup("jobs", help="Background work.")


@jobs_cli.command("work")
@click.option("--workers", default=1, show_default=True)
@click.option("--no-periodic", is_flag=True, help="For every consumer but one.")
@with_appcontext
def work_command(workers: int, no_periodic: bool) -> None:
    """Run the queue's consumer and, once a minute, the periodic work."""
    consumer = current_app.extensions["huey"].create_consumer(workers=workers, periodic=False)
    consumer.start()
    # The consumer's own handlers only leave a note for a loop that is not run here.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        click.echo("→ 后台任务已启动")
        while True:
            time.sleep(60)
            if not no_periodic:
                jobs.run_periodic(utcnow())
    except KeyboardInterrupt:
        consumer.stop(graceful=True)


def init_app(app: Flask) -> None:
    app.cli.add_command(check_command)
    app.cli.add_command(setup_command)
    app.cli.add_command(jobs_cli)
