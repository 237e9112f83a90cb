"""Mail: a row in the transaction that wants it, sent by a job after the commit, through the operator's relay.

Without `LEITAI_SMTP_URL` the rows wait: the in-site message has been delivered all the same.
"""

import smtplib
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from flask import current_app

from core import jobs
from core.clock import utcnow
from core.db import db, flush
from core.enums import MailState
from core.models import Job, Mail
from core.rules import Actor

KIND = "mail"


def send_later(to: str, subject: str, body: str, *, actor: Actor, now: datetime) -> Mail:
    """Line breaks never reach a header: they are folded into spaces here."""
    mail = Mail(
        to=" ".join(to.split())[:255], subject=" ".join(subject.split())[:200], body=body, created_at=now
    )
    db.session.add(mail)
    flush()
    if current_app.config["SETTINGS"].smtp_url:
        jobs.enqueue(KIND, {"mail_id": mail.id}, actor=actor, now=now)
    return mail


def deliver(job: Job) -> None:
    """Send one mail; a second delivery of the same job finds it sent and does nothing."""
    mail = db.session.get(Mail, job.payload["mail_id"])
    if mail is None or mail.state == MailState.SENT:
        return
    settings = current_app.config["SETTINGS"]
    relay = urlsplit(settings.smtp_url)
    message = EmailMessage()
    message["From"] = relay.fragment or f"noreply@{settings.trusted_hosts[0]}"
    message["To"], message["Subject"] = mail.to, mail.subject
    message.set_content(mail.body)
    connect = smtplib.SMTP_SSL if relay.scheme == "smtps" else smtplib.SMTP
    with connect(relay.hostname, relay.port or 0, timeout=20) as server:
        if relay.username:
            server.login(unquote(relay.username), unquote(relay.password or ""))
        server.send_message(message)
    mark_sent(mail, utcnow())


def mark_sent(mail: Mail, now: datetime) -> None:
    mail.sent_at, mail.state = now, MailState.SENT


jobs.provide(KIND, deliver)
