"""The national list of 30,000 rows, some of them bad: checked and imported by the command, beside the least it could cost.

    .venv/bin/python -m bench.imports [--rows 30000] [--bad 300] [--database-url URL]

The floor reads the same file with openpyxl and puts as many rows of the same texts into bare SQLite tables without keys,
seals, chains or checks. Figures are CPU seconds of whole processes and their peak memory; exit 1 when the import is not
whole, `flask check` finds a row, a second import changes anything, or memory passes 500 MB.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from openpyxl import load_workbook

from core import cli
from core.app import create_app
from core.clock import utcnow
from core.db import commit, end
from core.enums import InstallationKind
from core.settings import from_environment
from tests.factories import imports as make
from tests.factories.competition import make_edition
from tools import serve

MEMORY_MB, SECONDS = 500, 60
# Rows a new entry leaves: enterprise, entry, version, import row, two events, eleven findings.
ROWS_PER_ENTRY = 17
BAD = (
    {"credit_code": "91650100MA"},
    {"registered_on": "03/01/2025"},
    {"track": "养殖"},
    {"contact_phone": "1"},
)


def stage(path: Path, rows: int, bad: int) -> None:
    """An open edition, and the file."""
    app = create_app(from_environment(dict(os.environ)))
    with app.app_context():
        cli.install(InstallationKind.REAL)
        make_edition(utcnow())
        commit()
        end()
    every = max(1, rows // bad) if bad else rows + 1
    lines = [
        make.row(number, **(BAD[number // every % len(BAD)] if number % every == 0 else {}))
        for number in range(1, rows + 1)
    ]
    path.write_bytes(make.as_xlsx(make.table(lines)))


def measured(*command: str | Path) -> tuple[float, float, int, str]:
    """(CPU seconds, wall seconds, peak MB, what it printed) of one process."""
    wall = time.monotonic()
    process = subprocess.Popen(command, cwd=serve.ROOT, stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{command}: {printed}")
    return used.ru_utime + used.ru_stime, time.monotonic() - wall, used.ru_maxrss >> 10, printed


def floor(path: Path) -> None:
    """Run in a process of its own: the file read, as many rows of text kept."""
    with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "floor.sqlite3") as base:
        base.execute("CREATE TABLE kept (line INTEGER, part INTEGER, text TEXT)")
        sheet = load_workbook(path, read_only=True).worksheets[0]
        for line, row in enumerate(sheet.iter_rows(values_only=True)):
            text = json.dumps(row, ensure_ascii=False)
            base.executemany(
                "INSERT INTO kept VALUES (?, ?, ?)", [(line, part, text) for part in range(ROWS_PER_ENTRY)]
            )


def imported(path: Path) -> tuple[float, float, int, dict]:
    command = (serve.BIN / "flask", "--app", "wsgi", "competition", "import", path, "--edition")
    cpu, wall, memory, printed = measured(*command, "xj2026", "--json")
    return cpu, wall, memory, json.loads(printed)


def told(report: dict) -> dict[str, int]:
    return {name: report[name] for name in ("rows_read", "new", "changed", "unchanged", "refused_rows")}


def run(path: Path, rows: int, bad: int) -> bool:
    least, _, _, _ = measured(sys.executable, "-m", "bench.imports", "--floor", path)
    cpu, wall, memory, report = imported(path)
    again_cpu, again_wall, _, again = imported(path)
    print(f"floor            {least:6.1f} s CPU")
    print(
        f"check and import {cpu:6.1f} s CPU, {wall:.1f} s, {memory} MB, ratio {cpu / least:.1f}  {told(report)}"
    )
    print(
        f"the same again   {again_cpu:6.1f} s CPU, {again_wall:.1f} s, ratio {again_cpu / least:.1f}  {told(again)}"
    )
    if wall > SECONDS:
        print(
            f"  longer than the goal of {SECONDS} s by the clock; the ratio is what carries over to a quiet machine"
        )
    found = subprocess.run(
        [serve.BIN / "flask", "--app", "wsgi", "check"], cwd=serve.ROOT, capture_output=True, text=True
    )
    print("check:", found.stdout.strip().splitlines()[-1])
    whole = report["new"] + report["refused_rows"] == rows == again["unchanged"] + again["refused_rows"]
    return whole and again["new"] == again["changed"] == 0 and found.returncode == 0 and memory < MEMORY_MB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--bad", type=int, default=300)
    parser.add_argument(
        "--database-url", help="an empty database; SQLite in a temporary directory without it"
    )
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.floor:
        floor(given.floor)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LEITAI_DATA_DIR": folder, "LEITAI_DEMO": "0", "LEITAI_PASSWORD_PROFILE": "fast"}
        if given.database_url:
            os.environ["LEITAI_DATABASE_URL"] = given.database_url
        serve.flask("db", "upgrade")
        path = Path(folder) / "list.xlsx"
        stage(path, given.rows, given.bad)
        good = run(path, given.rows, given.bad)
    print("passed" if good else "FAILED")
    sys.exit(not good)


if __name__ == "__main__":
    main()
