"""The last minute before a deadline: everybody who submits in it is in with a receipt, everybody after it is out.

    .venv/bin/python -m bench.registration [--clients 500] [--late 50] [--seconds 60] [--database-url URL]

Serves a database of its own (invented data) as `make run` does; every client is a signed-in session of its own with the
token of a page, and submits once. Exit 1 when one in time is refused, one late is taken, a receipt is missing or doubled,
something refused left a trace, or `flask check` finds a row.
"""

import argparse
import os
import random
import re
import sys
import tempfile
import time
import urllib.error
import urllib.parse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from bench import money
from competition.enums import EntryState
from competition.models import Edition, Entry, EntryVersion
from core import cli
from core.db import commit, db, end
from core.enums import InstallationKind
from tests.factories import competition as make
from tools import serve

AT_ONCE, PATIENCE = 64, 290
LAST_CALL = 1.0  # seconds before the deadline after which nobody of the first group sends any more


@dataclass(frozen=True)
class Sent:
    """One submission: whether it was sent in time, what was answered, and how long the answer took."""

    in_time: bool
    status: str
    seconds: float


def submit(person: money.Person, number: str) -> str:
    """The status, with the sentence of a refusal."""
    form = urllib.parse.urlencode({"integrity": "y", "csrf_token": person.token}).encode()
    try:
        address = f"http://127.0.0.1:{money.PORT}/enterprise/entries/{number}/submit"
        return str(person.opener.open(address, form, timeout=PATIENCE).status)
    except urllib.error.HTTPError as error:
        said = re.search(r"报名已于[^<]*|还有[^<]*|内容已被[^<]*", error.read().decode())
        return f"{error.code} {said.group(0)[:40] if said else ''}".strip()
    except OSError as error:
        return f"no answer ({error})"


def stage(app, count: int) -> list[tuple[str, str]]:
    """`count` complete drafts: (user name, entry number)."""
    now = datetime.now(UTC)
    with app.app_context():
        cli.install(InstallationKind.REAL)
        edition = make.make_edition(now)
        found = []
        for number in range(count):
            entry = make.make_entry(edition, now, state=EntryState.DRAFT)
            found.append((make.contact_of(entry.enterprise).username, entry.number))
            if number % 50 == 49:
                commit()
        commit()
        end()
    return found


def set_deadline(app, moment: datetime) -> None:
    with app.app_context():
        edition = db.session.scalar(select(Edition))
        edition.account_deadline = edition.entry_deadline = moment
        commit()
        end()


def storm(app, drafts: list[tuple[str, str]], late: int, seconds: int) -> list[Sent]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        people = list(pool.map(lambda draft: money.Person(draft[0]), drafts))
    print(f"  {len(people)} sessions signed in")
    deadline = time.time() + seconds + 2
    set_deadline(app, datetime.fromtimestamp(deadline, UTC))
    chance = random.Random(2018)
    first = len(drafts) - late
    moments = sorted(deadline - LAST_CALL - seconds * chance.random() for _ in range(first))
    moments += sorted(deadline + 0.2 + 5 * chance.random() for _ in range(late))

    def client(number: int) -> Sent:
        time.sleep(max(0, moments[number] - time.time()))
        began = time.time()
        # As a proxy in front notes it: a machine that is busy with other work may come to a request much later.
        people[number].opener.addheaders = [("X-Request-Start", f"t={began:.3f}")]
        status = submit(people[number], drafts[number][1])
        return Sent(began < deadline, status, time.time() - began)

    with ThreadPoolExecutor(len(drafts)) as pool:
        return list(pool.map(client, range(len(drafts))))


def tell(sent: list[Sent]) -> bool:
    early, late = ([one for one in sent if one.in_time is side] for side in (True, False))
    for label, group in (("in time", early), ("late", late)):
        slowest = max((one.seconds for one in group), default=0)
        print(f"  {label}: {dict(Counter(one.status for one in group))}, slowest answer {slowest:.1f} s")
    return {one.status for one in early} <= {"303"} and {one.status[:3] for one in late} <= {"409"}


def whole(app, first: int) -> bool:
    """As many versions and receipts as were in time, numbered without gap; who was late has his draft as it was."""
    with app.app_context():
        receipts = sorted(db.session.scalars(select(EntryVersion.receipt)))
        states = Counter(db.session.scalars(select(Entry.state)))
        end()
    numbers = [int(receipt.rpartition("-R")[2]) for receipt in receipts]
    print(f"  receipts {len(receipts)}, entries { ({state.value: n for state, n in states.items()}) }")
    return numbers == list(range(1, first + 1)) and states[EntryState.SUBMITTED] == first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--late", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--database-url", help="an empty database; SQLite in a temporary folder without it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LEITAI_DATA_DIR": folder, "LEITAI_DEMO": "0", "LEITAI_PASSWORD_PROFILE": "fast"}
        os.environ["LEITAI_PROXY_HOPS"] = "1"
        if given.database_url:
            os.environ["LEITAI_DATABASE_URL"] = given.database_url
        serve.flask("db", "upgrade")
        app = money.application()
        drafts = stage(app, given.clients + given.late)
        server = money.Server()
        try:
            sent = storm(app, drafts, given.late, given.seconds)
            good = tell(sent) and whole(app, given.clients) and money.clean()
        finally:
            server.kill()
    print("passed" if good else "FAILED")
    sys.exit(not good)


if __name__ == "__main__":
    main()
