"""Attachments in parts: a broken line loses nothing, and nothing is attached that is not whole and what it says."""

import hashlib
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from competition.enums import EntryState
from competition.models import Attachment, Upload
from competition.operations import entries
from core import parts
from core.db import db
from tests.factories import competition as factory

OWN = "enterprise-1"
PDF = b"%PDF-1.4 " + bytes(range(256)) * 40


@pytest.fixture
def draft(prepared):
    return prepared(
        lambda now: factory.make_entry(factory.make_edition(now), now, state=EntryState.DRAFT).number
    )


class Sender:
    """A browser that sends one file in parts."""

    def __init__(self, person, number: str, content: bytes = PDF, name: str = "计划书.pdf"):
        self.client, self.number, self.content, self.name = person.client, number, content, name
        page = person.text(f"/enterprise/entries/{number}/fill/files")
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        self.base = f"/enterprise/entries/{number}"

    def post(self, address: str, **data):
        answer = self.client.post(
            self.base + address,
            data={"csrf_token": self.token, **data},
            headers={"Accept": "application/json"},
        )
        return answer.status_code, answer.get_json()

    def begin(self, kind: str = "ip", mark: str = "1"):
        return self.post(f"/files/{kind}/begin", name=self.name, size=len(self.content), mark=mark)

    def part(self, upload: str, start: int, stop: int | None = None, sha256: str = ""):
        piece = io.BytesIO(self.content[start:stop])
        return self.post(f"/uploads/{upload}", offset=start, sha256=sha256, part=(piece, "part"))

    def state(self, upload: str):
        answer = self.client.get(f"{self.base}/uploads/{upload}", headers={"Accept": "application/json"})
        return answer.status_code, answer.get_json()


@pytest.fixture
def sender(draft, as_user):
    return Sender(as_user(OWN), draft)


def kept(app) -> list[tuple[int, str]]:
    with app.app_context():
        rows = db.session.scalars(select(Attachment).where(Attachment.kind == "ip").order_by(Attachment.id))
        return [(row.version, row.file.sha256) for row in rows]


def test_parts_make_the_file_and_its_receipt_shows_the_digest(app, sender):
    digest = hashlib.sha256(PDF).hexdigest()
    token = sender.begin()[1]["token"]
    assert sender.part(token, 0, 5000)[1]["received"] == 5000
    status, answer = sender.part(token, 5000, sha256=digest)
    assert (status, answer["done"]) == (200, True)
    assert digest in answer["html"]
    assert kept(app) == [(1, digest)]
    assert sender.state(token)[1]["done"] is True


def test_the_same_file_chosen_again_goes_on_where_the_line_broke(sender):
    token = sender.begin()[1]["token"]
    sender.part(token, 0, 5000)
    status, again = sender.begin()
    assert (status, again["token"], again["received"]) == (200, token, 5000)
    assert sender.begin(mark="2")[1]["token"] != token


def test_a_part_sent_twice_is_taken_once(app, sender):
    """The answer to the first was lost: the second says how much is there and changes nothing."""
    token = sender.begin()[1]["token"]
    sender.part(token, 0, 5000)
    assert sender.part(token, 0, 5000)[1]["received"] == 5000
    sender.part(token, 5000)
    assert sender.part(token, 5000)[1]["done"] is True
    assert kept(app) == [(1, hashlib.sha256(PDF).hexdigest())]


def test_a_replacement_keeps_the_earlier_version(app, as_user, draft):
    person = as_user(OWN)
    for content in (PDF, PDF + b"more"):
        sender = Sender(person, draft, content)
        sender.part(sender.begin()[1]["token"], 0)
    assert [version for version, _ in kept(app)] == [1, 2]
    page = person.text(f"/enterprise/entries/{draft}/fill/files")
    assert "以前的版本（1）" in page
    assert "第 2 版" in page


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"MZ\x90\x00" * 99, "照片.pdf", "文件内容与扩展名不符"),
        (PDF, "病毒.exe", "只接受"),
        (PDF, "..\\..\\执照", "只接受"),
        (b"", "空.pdf", "文件是空的"),
    ],
)
def test_what_is_no_document_is_refused_before_it_is_sent_whole(app, draft, as_user, content, name, sentence):
    sender = Sender(as_user(OWN), draft, content, name)
    status, answer = sender.begin()
    if status == 200:
        status, answer = sender.part(answer["token"], 0, 100)
    assert status == 422
    assert sentence in answer["message"]
    assert kept(app) == []


def test_other_bytes_than_the_browser_had_are_not_attached(app, sender):
    token = sender.begin()[1]["token"]
    status, answer = sender.part(token, 0, sha256="0" * 64)
    assert (status, kept(app)) == (422, [])
    assert "不一致" in answer["message"]
    assert sender.state(token)[1]["received"] == 0


def test_more_bytes_than_announced_are_refused(app, sender):
    token = sender.begin()[1]["token"]
    sender.content = PDF * 2
    assert sender.part(token, 0)[0] == 422
    assert kept(app) == []


def test_too_large_is_refused_before_the_first_byte(app, sender):
    status, answer = sender.post("/files/ip/begin", name="a.pdf", size=(100 << 20) + 1, mark="")
    assert status == 422
    assert "100 MB" in answer["message"]


@pytest.mark.parametrize("data", [{}, {"name": "a.pdf"}, {"name": "a.pdf", "size": "NaN"}, {"size": "-1"}])
def test_nonsense_gets_a_sentence(sender, data):
    status, answer = sender.post("/files/ip/begin", **data)
    assert status == 422
    assert answer["message"]


def test_another_enterprise_knows_nothing_of_an_upload(prepared, sender, as_user, draft):
    token = sender.begin()[1]["token"]
    prepared(lambda now: factory.make_enterprise(now).id)
    stranger = as_user("enterprise-2")
    assert stranger.get(f"/enterprise/entries/{draft}/uploads/{token}").status_code == 404
    assert sender.state("x" * 32)[0] == 404


def test_after_the_deadline_the_last_part_is_refused(app, sender, monkeypatch, now):
    token = sender.begin()[1]["token"]
    sender.part(token, 0, 5000)
    monkeypatch.setattr("core.web.utcnow", lambda: now + timedelta(days=26))
    sender.client.get("/")
    status, _ = sender.part(token, 5000)
    assert status in (401, 409)
    assert kept(app) == []


def test_what_nobody_finished_is_swept_after_three_days(ctx, now):
    entry = factory.make_entry(factory.make_edition(now), now, state=EntryState.DRAFT)
    actor = factory.contact_of(entry.enterprise)
    upload = entries.begin_upload(
        entry, kind="plan", name="a.pdf", size=len(PDF), mark="", actor=actor, now=now
    )
    entries.receive_part(upload, io.BytesIO(PDF[:100]), offset=0, actor=actor, now=now)
    entries.sweep_uploads(now + timedelta(days=2))
    assert parts.received(upload.token) == 100
    entries.sweep_uploads(now + timedelta(days=4))
    assert db.session.scalar(select(func.count(Upload.id))) == 0


def test_a_picture_and_a_pdf_are_shown_and_nothing_else_is(prepared, sender, as_user, draft):
    sender.part(sender.begin()[1]["token"], 0)
    person = as_user(OWN)
    page = person.text(f"/enterprise/entries/{draft}/fill/files")
    address = re.search(rf'href="(/enterprise/entries/{draft}/files/\d+/preview)"', page).group(1)
    answer = person.get(address)
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.mimetype == "application/pdf"
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    zipped = Sender(person, draft, b"PK\x03\x04" + bytes(300), "材料.zip")
    shown = zipped.part(zipped.begin("finance")[1]["token"], 0)[1]["html"]
    other = re.search(rf"/enterprise/entries/{draft}/files/\d+", shown).group(0)
    assert person.get(f"{other}/preview").status_code == 404
