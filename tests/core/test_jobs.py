"""The queue's consumer as a service manager meets it."""

import os
import signal
import subprocess

import pytest

from tests.played import FLASK, ROOT


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_consumer_ends_when_told(tmp_path, number):
    environment = {
        **os.environ,
        "LEITAI_ENV": "development",
        "LEITAI_DATA_DIR": str(tmp_path),
        "LEITAI_DATABASE_URL": f"sqlite:///{tmp_path / 'jobs.sqlite3'}",
    }
    consumer = subprocess.Popen(
        [*FLASK, "jobs", "work", "--no-periodic"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert "已启动" in consumer.stdout.readline()
        consumer.send_signal(number)
        assert consumer.wait(timeout=30) == 0
    finally:
        consumer.kill()
        consumer.stdout.close()
