"""Money under attack through the real pages: fifty clients race, the server is killed while a bank's answer is booked.

    .venv/bin/python -m bench.money [--database-url URL] [--kills 6] [--payments 40]

Serves a database of its own (invented data) as `make run` does. Exit 1 when a race gave too much or too little, when a
killed booking left anything half done, or when `flask check` finds a row.
"""

import argparse
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from sqlalchemy import select

from awards.enums import PaymentState
from awards.models import BankFormat, Payment, PaymentBatch
from awards.operations import payments, results
from core import cli
from core.app import create_app
from core.db import commit, db, end
from core.enums import InstallationKind, Role
from core.settings import from_environment
from fund import operations as ledger
from fund.models import BudgetLine
from fund.queries import line_totals
from tests.conftest import PASSWORD
from tests.factories import awards as make
from tests.factories.competition import staff
from tools import serve

CLIENTS, PORT = 50, "8766"
RACED, ROOM = 10, 4


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Person:
    """A signed-in browser: one session, the token of a page of its own."""

    def __init__(self, username: str):
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), NoRedirect)
        self.token = self.token_of("/sign-in")
        answer = self.post("/sign-in", {"username": username, "password": PASSWORD})
        if answer != 303 and answer != 302:
            sys.exit(f"{username} 未能登录：{answer}")
        self.token = self.token_of("/account")

    def text(self, path: str) -> str:
        with self.opener.open(f"http://127.0.0.1:{PORT}{path}", timeout=60) as answer:
            return answer.read().decode()

    def token_of(self, path: str) -> str:
        return re.search(r'name="csrf_token" value="([^"]+)"', self.text(path)).group(1)

    def post(self, path: str, data: dict | None = None) -> int | str:
        body = urllib.parse.urlencode({**(data or {}), "csrf_token": self.token}).encode()
        try:
            return self.opener.open(f"http://127.0.0.1:{PORT}{path}", body, timeout=60).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return "cut off"


def application():
    return create_app(from_environment(dict(os.environ)))


def stage(app, count: int) -> dict:
    """`count` payments sent to the bank with its answer read; ten drafts on a line with room for four; one to approve."""
    now = datetime.now(UTC) - timedelta(days=1)
    with app.app_context():
        cli.install(InstallationKind.REAL)
        _, made = make.make_winners(now, count=count + RACED + 1)
        make.confirm(made, now)
        by = {"actor": staff(Role.FINANCE, now), "now": now}
        sent = [make.make_payment(award, now, approve=True) for award in made[:count]]
        alone = make.make_payment(made[count], now)
        payments.review_payment(alone, actor=make.second_office(now), now=now)
        payments.approve_finance(alone, **by)
        staff(Role.LEADER, now)
        drafts = [make.make_payment(award, now, submit=False) for award in made[count + 1 :]]
        for payment in drafts:
            make.give_account(payment.payee, now)
        spare = line_totals(alone.line).available_fen - ROOM * alone.fen
        ledger.hold(alone.line, fen=spare, payment_no="REST", attempt=1, idem="bench:rest", **by)
        batch = make.batches.make_batch(sent, **by)
        make.batches.export_batch(batch, bank_format=make.make_format(now), **by)
        content = make.answer_file(batch, *((n, "成功", f"R{n}") for n in range(count)))
        bank_format = db.session.scalar(select(BankFormat))
        result, _ = results.read_result(batch, content=content, name="r.csv", bank_format=bank_format, **by)
        found = {
            "batch": batch.number,
            "answer": f"/money/results/{result.id}",
            "drafts": [payment.number for payment in drafts],
            "alone": alone.number,
        }
        commit()
        end()
    return found


def race(person: Person, paths: list[str]) -> Counter:
    start = Barrier(len(paths))

    def client(path: str):
        start.wait()
        return person.post(path)

    with ThreadPoolExecutor(len(paths)) as pool:
        return Counter(pool.map(client, paths))


def booked(app, number: str) -> int:
    """How many payments of the batch are paid."""
    with app.app_context():
        stmt = select(Payment.id).join(PaymentBatch, PaymentBatch.id == Payment.batch_id)
        paid = db.session.scalars(
            stmt.where(PaymentBatch.number == number, Payment.state == PaymentState.PAID)
        ).all()
        end()
    return len(paid)


def clean() -> bool:
    done = subprocess.run(
        [serve.BIN / "flask", "--app", "wsgi", "check"], cwd=serve.ROOT, capture_output=True, text=True
    )
    print("  check:", done.stdout.strip().splitlines()[-1])
    return done.returncode == 0


class Server:
    """The application as `make run` serves it; killed as a power cut does, the whole tree at once."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        self.process = serve.server(PORT)
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        sys.exit("no answer from the server")

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def races(app, found: dict) -> bool:
    office, leader = Person("office-staff"), Person("leader-staff")
    holds = race(office, [f"/money/payments/{n}/submit" for n in found["drafts"] * (CLIENTS // RACED)])
    print(f"  {CLIENTS} clients submit {RACED} payments, room for {ROOM}: {dict(holds)}")
    approvals = race(leader, [f"/money/payments/{found['alone']}/approve_leader"] * CLIENTS)
    print(f"  {CLIENTS} clients approve one payment: {dict(approvals)}")
    with app.app_context():
        free = line_totals(db.session.scalar(select(BudgetLine))).available_fen
        end()
    return holds[303] == ROOM and approvals[303] == 1 and free == 0


def killed(app, found: dict, server: Server, kills: int, count: int) -> bool:
    """The answer is sent for booking and the server killed a little later each time, until it gets through."""
    good = True
    for attempt in range(kills + 1):
        clerk = Person("finance-staff")
        seen = re.search(r'name="seen" value="([0-9a-f]{64})"', clerk.text(found["answer"]))
        if seen is None:
            break
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(clerk.post, f"{found['answer']}/confirm", {"seen": seen.group(1)})
            if attempt < kills:
                time.sleep(0.05 + 0.12 * attempt)
                server.kill()
        if attempt < kills:
            server.start()
        done = booked(app, found["batch"])
        print(
            f"  kill {attempt + 1 if attempt < kills else '-'}: answered {answer.result()}, {done} of {count} booked"
        )
        good = good and done in (0, count) and clean()
    return good and booked(app, found["batch"]) == count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--database-url", help="an empty database; SQLite in a temporary directory without it"
    )
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--payments", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LEITAI_DATA_DIR": folder, "LEITAI_DEMO": "0", "LEITAI_PASSWORD_PROFILE": "fast"}
        if given.database_url:
            os.environ["LEITAI_DATABASE_URL"] = given.database_url
        serve.flask("db", "upgrade")
        app = application()
        found = stage(app, given.payments)
        server = Server()
        try:
            print("races")
            good = races(app, found) and clean()
            print("kill -9 while booking")
            good = killed(app, found, server, given.kills, given.payments) and good
        finally:
            server.kill()
    print("passed" if good else "FAILED")
    sys.exit(not good)


if __name__ == "__main__":
    main()
