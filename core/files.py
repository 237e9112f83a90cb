"""Files by content hash, outside any served folder, typed by their bytes, sent only as attachments."""

import hashlib
import io
import os
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
SHOWN_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; object-src 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)
PDF = "application/pdf"
CSV = "text/csv; charset=utf-8"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
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
    name = plain_name(upload.filename)
    limit = (limit_mb << 20) if limit_mb else size_limit()
    head = upload.stream.read(8192)
    media_type = check_type(name, head)
    upload.stream.seek(0)
    return _store(upload.stream, name, media_type, limit, actor=actor, now=now)


def plain_name(raw: str | None) -> str:
    """The file's own name, without any folder."""
    return Path((raw or "").replace("\\", "/").replace("\x00", "")).name[:200]


def size_limit() -> int:
    """The most bytes one file may have."""
    return current_app.config["SETTINGS"].max_upload_mb << 20


def check_size(size: int) -> None:
    if size > size_limit():
        raise InvalidInput(f"文件超过 {size_limit() >> 20} MB 的上限。", code="file_size")
    if size <= 0:
        raise InvalidInput("文件是空的。", code="file_empty")


def check_name(name: str) -> str:
    """The extension, when it is one of those agreed upon."""
    extension = Path(name).suffix.lower()
    if extension not in ALLOWED:
        raise InvalidInput("只接受 PDF、图片、Word、Excel、PPT 或 ZIP 文件。", code="file_type")
    return extension


def check_type(name: str, head: bytes) -> str:
    """The media type of a file of this name that begins with these bytes; anything not agreed upon is refused."""
    extension = check_name(name)
    if filetype.guess_mime(head) not in ALLOWED[extension]:
        raise InvalidInput("文件内容与扩展名不符，请检查后重新选择。", code="file_bytes")
    return next(iter(sorted(ALLOWED[extension] - {"application/zip"})), "application/zip")


def store_table(upload, *, actor: Actor, now: datetime, limit_mb: int) -> StoredFile:
    """Keep an uploaded xlsx or csv; what stands in it is judged by whoever reads it."""
    name = Path((upload.filename or "").replace("\\", "/")).name[:200]
    if name.lower().endswith(".csv"):
        head = upload.stream.read(8192)
        if b"\x00" in head or filetype.guess_mime(head):
            raise InvalidInput("文件内容与扩展名不符，请检查后重新选择。", code="file_bytes")
        upload.stream.seek(0)
        return _store(upload.stream, name, CSV, limit_mb << 20, actor=actor, now=now)
    if not name.lower().endswith(".xlsx"):
        raise InvalidInput("请上传 xlsx 或 csv 文件；xls 和 xlsm 请先另存为 xlsx。", code="file_type")
    return store_upload(upload, actor=actor, now=now, limit_mb=limit_mb)


def store_bytes(content: bytes, name: str, media_type: str, *, actor: Actor, now: datetime) -> StoredFile:
    """Keep a file the system made itself."""
    return _store(io.BytesIO(content), name, media_type, len(content) + 1, actor=actor, now=now)


def _store(
    stream: BinaryIO, name: str, media_type: str, limit: int, *, actor: Actor, now: datetime
) -> StoredFile:
    digest, size = hashlib.sha256(), 0
    part = incoming() / f"{hashlib.sha256(f'{name}{now}{id(stream)}'.encode()).hexdigest()}.part"
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
        _settle(part, digest.hexdigest())
    finally:
        part.unlink(missing_ok=True)
    return _row(digest.hexdigest(), size, media_type, name, actor=actor, now=now)


def keep_part(part: Path, name: str, *, actor: Actor, now: datetime) -> StoredFile:
    """Keep a file that is on this disk already; it is moved, not copied."""
    with part.open("rb") as file:
        media_type = check_type(name, file.read(8192))
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = part.stat().st_size
    _settle(part, digest)
    return _row(digest, size, media_type, name, actor=actor, now=now)


def _settle(part: Path, sha256: str) -> None:
    """Under its own name, and on the disk before anybody is told that it was received."""
    final = path_of(sha256)
    if final.exists() and final.stat().st_size == part.stat().st_size:
        part.unlink()
        return
    final.parent.mkdir(parents=True, exist_ok=True)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(final)


def _row(sha256: str, size: int, media_type: str, name: str, *, actor: Actor, now: datetime) -> StoredFile:
    row = StoredFile(
        sha256=sha256, size=size, media_type=media_type, name=name, created_at=now, created_by_id=actor.id
    )
    db.session.add(row)
    flush()
    return row


def incoming() -> Path:
    """Where files lie until they are whole."""
    folder = _root() / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


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


def show(row: StoredFile) -> Response:
    """To be looked at in the browser: a PDF or a picture, which the browser may not take for anything else."""
    if not row.can_be_shown:
        raise NotVisible("这类文件不能在页面中预览，请下载后查看。")
    response = send(row)
    response.headers["Content-Disposition"] = "inline"
    # Nothing of ours but the picture or the viewer itself: no script, no form, no frame of another page.
    response.headers["Content-Security-Policy"] = SHOWN_POLICY
    return response


def send_bytes(content: bytes, name: str, media_type: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
