"""Kill -9 while a panel's scores arrive: nothing the server acknowledged may be lost, nothing may be half written.

    .venv/bin/python -m bench.judging_kill [--database-url URL] [--kills 5] [--entries 8]

Serves a database of its own (invented data) as `make run` does. Every judge sends drafts and submissions as fast as
answers come, over the real pages; the whole server is killed and started again meanwhile. A judge who got no answer
sends the same message again, as the page's queue does. Exit 1 when an acknowledged message is not in the database,
when a run's aggregates differ from its sheets, or when `flask check` finds a row.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

from sqlalchemy import select

from bench.money import PORT, Person, Server, application, clean
from core import cli
from core.db import commit, db, end
from core.enums import InstallationKind
from judging.enums import SheetState
from judging.models import Sheet
from judging.operations.sheets import values_of
from tests.factories import judging as make
from tools import serve

DRAFTS = 3


class Judge(Person):
    """A person whose page has a queue: one message at a time, sent until it is answered."""

    def __init__(self, username: str):
        super().__init__(username)
        self.acknowledged: dict[int, dict] = {}
        self.again = 0

    def send(self, sheet: int, message: dict) -> None:
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.token}
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}/judge/sheets/{sheet}/message", json.dumps(message).encode(), headers
        )
        while True:
            try:
                with self.opener.open(request, timeout=30) as answer:
                    assert json.load(answer)["counter"] == message["counter"]
                self.acknowledged[sheet] = message
                return
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    sys.exit(f"refused with {error.code}: {error.read().decode()[:300]}")
            except OSError:
                pass
            self.again += 1
            time.sleep(0.1)


def stage(app, entries: int) -> dict[str, list[int]]:
    """A running session whose sheets are all open; {judge: sheets}."""
    now = datetime.now(UTC) - timedelta(hours=1)
    with app.app_context():
        cli.install(InstallationKind.REAL)
        round_, field = make.make_field(now, entries)
        session = make.make_running(now, stage=round_, entries=field, only_on_stage=False)
        work: dict[str, list[int]] = {}
        for run in session.runs:
            for sheet in run.sheets:
                work.setdefault(sheet.seat.judge.user.username, []).append(sheet.id)
        commit()
        end()
    return work


def score(judge: Judge, sheets: list[int]) -> None:
    counter = 0
    for sheet in sheets:
        for turn in range(DRAFTS + 1):
            counter += 1
            values = make.values(random.randrange(-10, 10) * 50)
            message = {"values": values, "client_id": judge_id(judge), "counter": counter}
            judge.send(
                sheet, message | {"comment": f"第 {counter} 次", "submit": turn == DRAFTS, "base_version": 1}
            )


def judge_id(judge: Judge) -> str:
    return f"device-{id(judge)}"


def kill_meanwhile(server: Server, kills: int, over: Event) -> int:
    done = 0
    while done < kills and not over.wait(random.uniform(0.3, 1.5)):
        server.kill()
        server.start()
        done += 1
    return done


def lost(app, judges: list[Judge]) -> list[str]:
    """What was acknowledged and is not there, and aggregates that differ from their sheets."""
    found = []
    with app.app_context():
        sheets = {sheet.id: sheet for sheet in db.session.scalars(select(Sheet))}
        for judge in judges:
            for number, message in judge.acknowledged.items():
                sheet = sheets[number]
                kept = (values_of(sheet), sheet.comment, sheet.client_counter)
                if kept != (message["values"], message["comment"], message["counter"]):
                    found.append(f"sheet {number} holds {kept}, acknowledged {message}")
        for run in {sheet.run for sheet in sheets.values()}:
            if run.submitted_sheets != sum(sheet.state == SheetState.SUBMITTED for sheet in run.sheets):
                found.append(f"run {run.id} counts {run.submitted_sheets}")
        end()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--database-url", help="an empty database; SQLite in a temporary directory without it"
    )
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--entries", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LEITAI_DATA_DIR": folder, "LEITAI_DEMO": "0", "LEITAI_PASSWORD_PROFILE": "fast"}
        if given.database_url:
            os.environ["LEITAI_DATABASE_URL"] = given.database_url
        serve.flask("db", "upgrade")
        app = application()
        work = stage(app, given.entries)
        server, over = Server(), Event()
        try:
            judges = [Judge(name) for name in work]
            with ThreadPoolExecutor(len(judges) + 1) as pool:
                killer = pool.submit(kill_meanwhile, server, given.kills, over)
                for scoring in [
                    pool.submit(score, judge, work[name]) for judge, name in zip(judges, work, strict=True)
                ]:
                    scoring.result()
                over.set()
            wrong = lost(app, judges)
            messages = sum(len(sheets) for sheets in work.values()) * (DRAFTS + 1)
            again = sum(judge.again for judge in judges)
            print(
                f"{killer.result()} kills, {messages} messages, {again} sent again, {len(wrong)} lost or half done"
            )
            print(*wrong, sep="\n")
            good = not wrong and clean()
        finally:
            server.kill()
    print("passed" if good else "FAILED")
    sys.exit(not good)


if __name__ == "__main__":
    main()
