"""`make run`: migrate, play the 2018 edition into an empty demo database, serve, work the queue; one terminal.

Running it again only checks that the database is at the newest revision, so the second start is quick.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DEMO_DEFAULTS = {"LEITAI_DEMO": "1", "LEITAI_DATA_DIR": str(ROOT / "instance")}


def main() -> None:
    for name, value in DEMO_DEFAULTS.items():
        os.environ.setdefault(name, value)
    port = os.environ.get("PORT", "8000")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not ready():
        prepare()
    processes = []
    try:
        processes.append(server(port))
        wait_for(port, processes[0])
        processes.append(worker())
        announce(port)
        wait_until_stopped(processes)
    finally:
        stop(processes)


def ready() -> bool:
    """Whether the default SQLite database exists, is played and has the newest migration; others are asked by flask."""
    if os.environ.get("LEITAI_DATABASE_URL"):
        return False
    path = Path(os.environ["LEITAI_DATA_DIR"]) / "leitai.sqlite3"
    if not path.exists():
        return False
    newest = max(file.stem.split("_")[0] for file in (ROOT / "migrations" / "versions").glob("*.py"))
    try:
        with sqlite3.connect(path) as connection:
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            editions = connection.execute("SELECT count(*) FROM edition").fetchone()
    except sqlite3.Error:
        return False
    return revision == (newest,) and editions[0] > 0


def prepare() -> None:
    say("准备数据库")
    flask("db", "upgrade")
    if os.environ["LEITAI_DEMO"] == "1":
        flask("demo", "play", "--if-empty")


def flask(*arguments: str) -> None:
    done = subprocess.run([BIN / "flask", "--app", "wsgi", *arguments], cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


def server(port: str) -> subprocess.Popen:
    command = [
        BIN / "granian",
        "--interface",
        "wsgi",
        "--host",
        os.environ.get("LEITAI_HOST", "127.0.0.1"),
        "--port",
        port,
        "--workers",
        os.environ.get("LEITAI_WORKERS", "2"),
        "--blocking-threads",
        "3",
        "--no-ws",
        "--log-level",
        "warning",
        "wsgi:app",
    ]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def worker() -> subprocess.Popen:
    return subprocess.Popen(
        [BIN / "flask", "--app", "wsgi", "jobs", "work"], cwd=ROOT, start_new_session=True
    )


def wait_for(port: str, process: subprocess.Popen) -> None:
    for _ in range(600):
        if process.poll() is not None:
            sys.exit(f"服务未能启动（端口 {port} 可能已被占用，可用 PORT=8001 make run 更换）。")
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    sys.exit("服务在 30 秒内没有应答。")


def announce(port: str) -> None:
    say(f"擂台已启动：http://127.0.0.1:{port}")
    if os.environ["LEITAI_DEMO"] == "1":
        from demo.cast import CAST, PASSWORD

        say(f"演示账号（演示数据，密码均为 {PASSWORD}；也可在页面顶部一键切换角色）：")
        for part in CAST:
            if part.label:
                print(f"    {part.username:<14}{part.label}")
        for username, label in (("judge", "评委"), ("chair", "评委组长"), ("enterprise", "参赛企业")):
            print(f"    {username:<14}{label}")
    say("按 Ctrl+C 停止。")


def wait_until_stopped(processes: list[subprocess.Popen]) -> None:
    try:
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
    except KeyboardInterrupt:
        print()


def stop(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def say(text: str) -> None:
    print(f"→ {text}", flush=True)


if __name__ == "__main__":
    main()
