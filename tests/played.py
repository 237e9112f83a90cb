"""The 2018 edition, played once per test run and database by the command a user gives; every use gets its own copy."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.postgresql import SERVER, drop, recreate

ROOT = Path(__file__).resolve().parent.parent
FLASK = [str(Path(sys.executable).parent / "flask"), "--app", "wsgi"]


@dataclass(frozen=True)
class Played:
    """A played installation: where its rows and where its files are."""

    url: str
    data_dir: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "LEITAI_ENV": "development",
            "LEITAI_DEMO": "1",
            "LEITAI_DATABASE_URL": self.url,
            "LEITAI_DATA_DIR": str(self.data_dir),
            "LEITAI_PASSWORD_PROFILE": "fast",
        }

    def flask(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [*FLASK, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )


@pytest.fixture(scope="session")
def played_origin(tmp_path_factory, database_kind) -> Played:
    """Shared by the workers of one run: the first to come plays, the others wait. Never written to afterwards."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    origin = Played(_url(database_kind, shared, "origin"), shared / "played" / "data")
    with open(shared / "played.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done_mark = shared / "played" / "done"
        if not done_mark.exists():
            shutil.rmtree(origin.data_dir, ignore_errors=True)
            origin.data_dir.mkdir(parents=True)
            if database_kind == "postgresql":
                recreate(make_url(origin.url).database)
            for command in (("db", "upgrade"), ("demo", "play")):
                done = origin.flask(*command)
                assert done.returncode == 0, done.stderr[-3000:]
            done_mark.touch()
    return origin


@pytest.fixture(scope="session")
def played_copy(played_origin, database_kind, worker_name, tmp_path_factory):
    """played_copy() -> Played: a copy of the played edition that its taker may do anything to."""
    made: list[Played] = []

    def copy() -> Played:
        folder = tmp_path_factory.mktemp("played")
        copied = Played(_url(database_kind, folder, f"{worker_name}_{len(made)}"), folder / "data")
        shutil.copytree(played_origin.data_dir, copied.data_dir)
        if database_kind == "postgresql":
            recreate(make_url(copied.url).database, template=make_url(played_origin.url).database)
        else:
            back_up(make_url(played_origin.url).database, make_url(copied.url).database)
        made.append(copied)
        return copied

    yield copy
    if database_kind == "postgresql":
        for played in made:
            drop(make_url(played.url).database)


def back_up(source: str, target: str) -> None:
    """Not a copy of the file: what was committed last may still be in the write-ahead log beside it."""
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copied:
        origin.backup(copied)


def _url(kind: str, folder: Path, name: str) -> str:
    if kind == "sqlite":
        folder.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / f'{name}.sqlite3'}"
    if name == "origin":
        name = folder.name.replace("-", "_")
    return make_url(SERVER).set(database=f"leitai_played_{name}").render_as_string(hide_password=False)


def drop_shared(config) -> None:
    """The controller drops what the workers shared."""
    if config.getoption("--database") == "postgresql" and not hasattr(config, "workerinput"):
        base = config._tmp_path_factory.getbasetemp()
        drop(f"leitai_played_{base.name.replace('-', '_')}")
