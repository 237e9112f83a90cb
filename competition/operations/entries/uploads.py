"""Attachments in parts: begun once, continued after a broken line or a closed browser, attached when whole."""

import secrets
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import delete, select

from competition.enums import AttachmentKind
from competition.models import Attachment, Entry, Upload
from competition.operations.entries.drafts import attach_file, check_attachable
from core import files, parts
from core.db import db, flush
from core.errors import InvalidInput, NotVisible
from core.models import StoredFile
from core.rules import Actor

KEPT = timedelta(seconds=parts.KEPT_SECONDS)
MOST_AT_ONCE = 30


def begin_upload(
    entry: Entry, *, kind: AttachmentKind, name: str, size: int, mark: str, actor: Actor, now: datetime
) -> Upload:
    """The upload of this very file (name, size and `mark`, what the browser knows of it), taken up again if begun.

    What cannot be taken is refused before the first byte is sent.
    """
    check_attachable(entry, kind, actor=actor, now=now)
    name = files.plain_name(name)
    files.check_name(name)
    files.check_size(size)
    same = select(Upload).where(
        Upload.entry_id == entry.id,
        Upload.kind == kind,
        Upload.name == name,
        Upload.size == size,
        Upload.mark == mark[:80],
        Upload.created_by_id == actor.id,
        Upload.attachment_id.is_(None),
        Upload.created_at > now - KEPT,
    )
    found = db.session.scalar(same.order_by(Upload.id.desc()).limit(1))
    return found or _begin(entry, kind, name, size, mark[:80], actor=actor, now=now)


def _begin(
    entry: Entry, kind: AttachmentKind, name: str, size: int, mark: str, *, actor: Actor, now: datetime
) -> Upload:
    """At most so many unfinished ones lie about for one entry: the oldest make way."""
    open_ones = select(Upload).where(Upload.entry_id == entry.id, Upload.attachment_id.is_(None))
    for old in db.session.scalars(open_ones.order_by(Upload.id.desc()).offset(MOST_AT_ONCE - 1)):
        parts.drop(old.token)
        db.session.delete(old)
    upload = Upload(
        token=secrets.token_urlsafe(24),
        entry_id=entry.id,
        kind=kind,
        name=name,
        size=size,
        mark=mark,
        created_by_id=actor.id,
        created_at=now,
    )
    db.session.add(upload)
    flush()
    return upload


def find_upload(entry: Entry, token: str, actor: Actor) -> Upload:
    """Only who began it goes on with it."""
    stmt = select(Upload).where(
        Upload.token == token, Upload.entry_id == entry.id, Upload.created_by_id == actor.id
    )
    found = db.session.scalar(stmt)
    if found is None:
        raise NotVisible("没有这次上传，可能已过期，请重新选择文件。")
    return found


def receive_part(
    upload: Upload, stream: BinaryIO, *, offset: int, sha256: str = "", actor: Actor, now: datetime
) -> int:
    """Take a part and return how many bytes are there; the last one attaches the file.

    `sha256` is what the browser computed of the whole file: other bytes than the person's own are not attached.
    """
    if upload.attachment_id is not None:
        return upload.size
    check_attachable(upload.entry, upload.kind, actor=actor, now=now)
    try:
        here = parts.append(upload.token, stream, offset=offset, name=upload.name, size=upload.size)
    except InvalidInput:
        parts.drop(upload.token)
        raise
    if here < upload.size:
        return here
    stored = parts.finish(upload.token, name=upload.name, size=upload.size, actor=actor, now=now)
    if sha256 and sha256 != stored.sha256:
        raise InvalidInput("收到的内容与您的文件不一致，请重新上传。", code="upload_digest")
    upload.attachment_id = _attach(upload, stored, actor=actor, now=now).id
    flush()
    return upload.size


def _attach(upload: Upload, stored: StoredFile, *, actor: Actor, now: datetime) -> Attachment:
    return attach_file(upload.entry, kind=upload.kind, stored_file=stored, actor=actor, now=now)


def sweep_uploads(now: datetime) -> None:
    """Uploads nobody finished within three days, with their bytes."""
    db.session.execute(delete(Upload).where(Upload.attachment_id.is_(None), Upload.created_at < now - KEPT))
    parts.sweep()
