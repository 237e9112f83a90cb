"""Files by content hash, outside any served folder, typed by their bytes, sent only as attachments."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import filetype
from flask import Response, current_app, request, send_file

from core.db import db, flush
from core.errors import InvalidInput, NotVisible
from core.models import StoredFile
from core.rules import Actor
from core.spreadsheets import Column, to_csv, to_xlsx

CHUNK = 1 << 20
PDF = "application/pdf"
CSV = "text/csv; charset=utf-8"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
# Extension -> the types its bytes may have. Anything else is refused.
ALLOWED = {
    ".pdf": {"application/pdf"},
    ".jpg": {"image/jpeg"},
    ".jpeg": {"image/jpeg"},
    ".png": {"image/png"},
    ".docx": {DOCX, "application/zip"},
    ".xlsx": {XLSX, "application/zip"},
    ".pptx": {PPTX, "application/zip"},
    ".zip": {"application/zip"},
}


def store_upload(upload, *, actor: Actor, now: datetime, limit_mb: int | None = None) -> StoredFile:
    """Keep an uploaded file (a werkzeug FileStorage) after checking its size, extension and bytes."""
    name = Path((upload.filename or "").replace("\\", "/")).name[:200]
    extension = Path(name).suffix.lower()
    if extension not in ALLOWED:
        raise InvalidInput("只接受 PDF、图片、Word、Excel、PPT 或 ZIP 文件。", code="file_type")
    limit = (limit_mb or current_app.config["SETTINGS"].max_upload_mb) << 20
    head = upload.stream.read(8192)
    kind = filetype.guess_mime(head)
    if kind not in ALLOWED[extension]:
        raise InvalidInput("文件内容与扩展名不符，请检查后重新选择。", code="file_bytes")
    upload.stream.seek(0)
    media_type = next(iter(sorted(ALLOWED[extension] - {"application/zip"})), "application/zip")
    return _store(upload.stream, name, media_type, limit, actor=actor, now=now)


def store_bytes(content: bytes, name: str, media_type: str, *, actor: Actor, now: datetime) -> StoredFile:
    """Keep a file the system made itself."""
    return _store(io.BytesIO(content), name, media_type, len(content) + 1, actor=actor, now=now)


def _store(
    stream: BinaryIO, name: str, media_type: str, limit: int, *, actor: Actor, now: datetime
) -> StoredFile:
    folder = _root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    part = folder / f"{hashlib.sha256(f'{name}{now}{id(stream)}'.encode()).hexdigest()}.part"
    try:
        with part.open("wb") as file:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise InvalidInput(f"文件超过 {limit >> 20} MB 的上限。", code="file_size")
                digest.update(chunk)
                file.write(chunk)
        if size == 0:
            raise InvalidInput("文件是空的。", code="file_empty")
        final = path_of(digest.hexdigest())
        final.parent.mkdir(parents=True, exist_ok=True)
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)
    row = StoredFile(
        sha256=digest.hexdigest(),
        size=size,
        media_type=media_type,
        name=name,
        created_at=now,
        created_by_id=actor.id,
    )
    db.session.add(row)
    flush()
    return row


def path_of(sha256: str) -> Path:
    return _root() / sha256[:2] / sha256[2:4] / sha256


def _root() -> Path:
    return current_app.config["SETTINGS"].data_dir / "files"


def read(row: StoredFile) -> bytes:
    try:
        return path_of(row.sha256).read_bytes()
    except FileNotFoundError:
        raise NotVisible("文件已不在存储中，请联系管理员。") from None


def send(row: StoredFile) -> Response:
    """As an attachment with its own type; the caller has decided that this person may have it."""
    if not path_of(row.sha256).exists():
        raise NotVisible("文件已不在存储中，请联系管理员。")
    return send_file(
        path_of(row.sha256),
        mimetype=row.media_type,
        as_attachment=True,
        download_name=row.name,
        etag=row.sha256,
    )


def send_table(title: str, columns: Sequence[Column], rows: Iterable[Any], *, name: str = "", note: str = ""):
    """A list as its page's filter shows it: a workbook, or with `?export=csv` a CSV (UTF-8 with its mark)."""
    name = name or title
    if request.args.get("export") == "csv":
        return send_bytes(to_csv(columns, rows), f"{name}.csv", CSV)
    return send_bytes(to_xlsx(title, columns, rows, note), f"{name}.xlsx", XLSX)


def send_bytes(content: bytes, name: str, media_type: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
