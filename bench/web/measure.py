"""The pages beside the floor, in one run: `bash bench/run.sh --help`.

Product and floor are served by the same program with the same workers and the same durability (SQLite FULL), and
are loaded in turns (A B, B A, ...). What counts is the ratio of CPU per reply; times are for orientation. Every
reply's status is checked; one wrong reply ends the run.
"""

import argparse
import json
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import urlopen

from bench.web import client

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PRODUCT_PORT, FLOOR_PORT = 8491, 8492
CONNECTIONS = 8
WORKERS = ("--workers", "2", "--blocking-threads", "3")


@dataclass(frozen=True)
class Pair:
    """A page of ours, the floor's work it is held against, the most its CPU may be of it."""

    goal: str
    name: str
    ours: tuple
    floor: tuple
    most: float
    status: int = 200
    floor_status: int = 200


def get(path: str, cookie: str | None = None, _number: int = 0) -> bytes:
    head = f"GET {quote(path, safe='/?&=')} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n"
    return (head + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode()


def post(path: str, body: bytes, kind: str, cookie: str, token: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Type: {kind}\r\n"
        f"X-CSRFToken: {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def reading(path: str, cookie: str | None = None, lanes: int = CONNECTIONS) -> tuple:
    """Every connection asks for the same page."""
    return (partial(get, path, cookie),) * lanes


def saving(facts: dict, judge: dict) -> client.Request:
    """Every request saves another draft of this judge's sheet; counters rise through the whole run."""
    start = time.time_ns() // 1_000_000 % 1_000_000_000

    def request(_number: int) -> bytes:
        nonlocal start
        start += 1
        values = {**facts["values"], "technology": 1500 + 50 * (start % 19)}
        body = {
            "values": values,
            "comment": "演示数据",
            "client_id": "bench",
            "counter": start,
            "submit": False,
        }
        path = f"/judge/sheets/{judge['sheet']}/message"
        return post(path, json.dumps(body).encode(), "application/json", judge["cookie"], judge["token"])

    return request


def scoring(cookie: str) -> client.Request:
    kind = "application/x-www-form-urlencoded"
    return lambda number: post("/score", urlencode({"n": number % 5000}).encode(), kind, cookie)


def pairs(facts: dict, floor_cookies: list[str]) -> list[Pair]:
    office, judge, own = facts["office"]["cookie"], facts["judges"][0], floor_cookies[0]
    lanes = len(facts["judges"])
    hello, table, dash = reading("/hello"), reading("/table"), reading("/dash", own)
    rows = facts["ranking_rows"]
    savers = tuple(saving(facts, one) for one in facts["judges"])
    scorers = tuple(map(scoring, floor_cookies[:lanes]))
    form = f"/judge/sheets/{judge['sheet']}"
    return [
        Pair("1", "front page / hello", reading("/"), hello, 1.15),
        Pair("1", "published results / hello", reading("/results?edition=xj2018"), hello, 1.15),
        Pair("1", "winners / hello", reading("/winners"), hello, 1.15),
        Pair(
            "3",
            "entries, filtered, 50 rows / table",
            reading("/office/entries?edition=xj2018&size=50", office),
            table,
            1.0,
        ),
        Pair(
            "3",
            "public results, 50 rows, uncached / table",
            reading("/results?edition=xj2018&size=50&q=1"),
            table,
            1.0,
        ),
        Pair(
            "4",
            f"ranking of {rows} with scores / table of {rows}",
            reading(f"/judging/rankings/{facts['ranking']}", office),
            reading(f"/table?n={rows}"),
            0.9,
        ),
        Pair("5", "judge's list / dash", reading("/judge", facts["busiest"]["cookie"]), dash, 1.2),
        Pair("6", "score save / score", savers, scorers, 1.25, floor_status=303),
        Pair("7", "score form / dash", reading(form, judge["cookie"]), dash, 1.3),
    ]


def main() -> None:
    asked = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="leitai-bench-"))
    try:
        environment = played(folder, asked.played)
        facts = prepared(environment)
        with (
            served("wsgi:app", PRODUCT_PORT, environment, "/healthz") as ours,
            floor_served(folder) as floor,
        ):
            measure(facts, ours, floor, asked)
        if asked.start:
            second_start(environment)
        report_statements(facts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="bench/run.sh")
    parser.add_argument("--rounds", type=int, default=5, help="pairs per page; their median counts")
    parser.add_argument("--seconds", type=float, default=3, help="per page and side")
    parser.add_argument("--only", default="", help="pages whose name contains this")
    parser.add_argument(
        "--played", type=Path, help="a data directory already played, copied; else it is played"
    )
    parser.add_argument("--no-start", dest="start", action="store_false", help="leave out the second start")
    return parser.parse_args()


def played(folder: Path, ready: Path | None) -> dict[str, str]:
    """The environment of a played edition in the folder: a copy, or the play itself, timed."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LEITAI_")},
        "LEITAI_DEMO": "1",
        "LEITAI_DATA_DIR": str(folder / "data"),
        "PYTHONPATH": str(ROOT),
        "FLOOR_DB": str(folder / "floor.sqlite3"),
    }
    if ready:
        shutil.copytree(ready, folder / "data")
        return environment
    for words in (("db", "upgrade"), ("demo", "play")):
        began = time.perf_counter()
        run([BIN / "flask", "--app", "wsgi", *words], environment, quiet=True)
        print(f"flask {' '.join(words)}: {time.perf_counter() - began:.1f} s", flush=True)
    return environment


def prepared(environment: dict[str, str]) -> dict:
    done = run([sys.executable, "-m", "bench.web.prepare"], environment, quiet=True)
    return json.loads(done.stdout.splitlines()[-1])


def run(command: list, environment: dict[str, str], *, quiet: bool) -> subprocess.CompletedProcess:
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=quiet, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed\n{done.stdout}\n{done.stderr}")
    return done


@contextmanager
def served(target: str, port: int, environment: dict[str, str], probe: str):
    """granian's process id while it serves the application."""
    command = [BIN / "granian", "--interface", "wsgi", "--port", str(port), *WORKERS]
    command += ["--no-ws", "--log-level", "warning", target]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        wait_for(f"http://127.0.0.1:{port}{probe}")
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def floor_served(folder: Path):
    environment = {**os.environ, "FLOOR_DB": str(folder / "floor.sqlite3"), "PYTHONPATH": str(ROOT)}
    run([sys.executable, "-m", "bench.web.floor"], environment, quiet=True)
    with served("bench.web.floor:app", FLOOR_PORT, environment, "/hello") as pid:
        yield pid


def wait_for(url: str) -> None:
    for _ in range(400):
        try:
            with urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"no answer from {url}")


def floor_cookie(number: int) -> str:
    with urlopen(f"http://127.0.0.1:{FLOOR_PORT}/login?n={number}") as answer:
        return answer.headers["Set-Cookie"].partition(";")[0]


def measure(facts: dict, ours: int, floor: int, asked: argparse.Namespace) -> None:
    cookies = [floor_cookie(number) for number in range(CONNECTIONS)]
    print(
        f"{'goal':4} {'page / floor':44} {'CPU ratio (spread)':22} {'most':>5}  CPU ms   p50/p99 ms  per s  bytes"
    )
    for pair in pairs(facts, cookies):
        if asked.only in pair.name:
            print(line(pair, *rounds(pair, ours, floor, asked)), flush=True)
    memory = client.memory_mib(ours)
    workers = ", ".join(f"{each:.0f}" for each in memory)
    print(
        f"memory (PSS, master and workers): {workers} = {sum(memory):.0f} MiB; floor {sum(client.memory_mib(floor)):.0f}"
    )


def rounds(pair: Pair, ours: int, floor: int, asked: argparse.Namespace):
    """The loads of both sides, whoever was second going first in the next round; one short round warms up."""
    sides = ((PRODUCT_PORT, pair.ours, ours, pair.status), (FLOOR_PORT, pair.floor, floor, pair.floor_status))
    for port, requests, pid, status in sides:
        client.load(port, requests, pid, seconds=0.5, status=status)
    found = ([], [])
    for turn in range(asked.rounds):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            port, requests, pid, status = sides[side]
            found[side].append(client.load(port, requests, pid, seconds=asked.seconds, status=status))
    return found


def line(pair: Pair, ours: list[client.Load], floor: list[client.Load]) -> str:
    ratios = sorted(one.cpu_ms / other.cpu_ms for one, other in zip(ours, floor, strict=True))
    ratio, typical = statistics.median(ratios), sorted(ours, key=lambda one: one.cpu_ms)[len(ours) // 2]
    shown = f"{ratio:.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})"
    base = statistics.median(one.cpu_ms for one in floor)
    verdict = "" if ratio <= pair.most else "  MISSED"
    return (
        f"{pair.goal:4} {pair.name:44} {shown:22} {pair.most:5.2f}  {typical.cpu_ms:.2f}/{base:.2f} "
        f"{typical.p50:.1f}/{typical.p99:.1f}  {typical.per_second:.0f}  {typical.size}{verdict}"
    )


def second_start(environment: dict[str, str]) -> None:
    """`make run` on a played database, to its first answer."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.serve"],
        env={**environment, "PORT": str(PRODUCT_PORT)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{PRODUCT_PORT}/")
        print(f"second start of make run, to the front page: {time.perf_counter() - began:.2f} s")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def report_statements(facts: dict) -> None:
    print("SQL statements: " + ", ".join(f"{name} {count}" for name, count in facts["statements"].items()))
    print(f"SQLite {sqlite3.sqlite_version}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
