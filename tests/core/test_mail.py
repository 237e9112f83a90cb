"""Mail: rows first, sent once, no line break in a header."""

import socket
import threading
from dataclasses import replace

import pytest

from core import accounts, mail
from core.db import db
from core.enums import MailState, Role
from core.models import Job, Mail, Message
from core.rules import SYSTEM


class Relay(threading.Thread):
    """The least an SMTP server can say; keeps what it was told."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = b""

    def run(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 ready\r\n")
            body = False
            for line in lines:
                self.heard += line
                if body:
                    body = line != b".\r\n"
                    if not body:
                        connection.sendall(b"250 taken\r\n")
                elif line.upper().startswith(b"DATA"):
                    body = True
                    connection.sendall(b"354 go on\r\n")
                elif line.upper().startswith(b"QUIT"):
                    connection.sendall(b"221 bye\r\n")
                    return
                else:
                    connection.sendall(b"250 fine\r\n")


@pytest.fixture
def relay(ctx, monkeypatch):
    server = Relay()
    server.start()
    settings = replace(
        ctx.config["SETTINGS"], smtp_url=f"smtp://127.0.0.1:{server.port}#office@contest.example"
    )
    monkeypatch.setitem(ctx.config, "SETTINGS", settings)
    return server


def test_mail_is_sent_once(relay, now):
    row = mail.send_later("li@firm.example", "审核\r\nBcc: evil@example", "正文", actor=SYSTEM, now=now)
    job = db.session.query(Job).one()
    mail.deliver(job)
    assert row.state == MailState.SENT
    assert b"evil@example" not in [line.strip() for line in relay.heard.splitlines()]
    assert b"\r\nBcc:" not in relay.heard
    heard = relay.heard
    mail.deliver(job)
    assert relay.heard == heard


def test_telling_somebody_without_a_relay_makes_no_mail(ctx, make_user, now):
    user = make_user(Role.OFFICE, email="li@firm.example")
    accounts.tell(user.id, "公示已结束", now=now)
    db.session.flush()
    assert db.session.query(Message).count() == 1
    assert db.session.query(Mail).count() == 0


def test_telling_somebody_with_a_relay_makes_both(relay, make_user, now):
    user = make_user(Role.OFFICE, email="li@firm.example")
    accounts.tell(user.id, "公示已结束", now=now)
    db.session.flush()
    assert db.session.query(Mail).one().to == "li@firm.example"
