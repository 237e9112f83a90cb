"""Files that arrive in parts: each part lands at its own offset, so a broken line goes on where it stopped.

The bytes wait under the data folder, one file per token; how many have arrived is the size of that file, so a part
costs no write to the database. What waits too long is swept away.
"""

import fcntl
import re
import time
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from core.errors import InvalidInput
from core.files import CHUNK, check_type, incoming, keep_part
from core.models import StoredFile
from core.rules import Actor

PART_SIZE = 2 << 20
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")
KEPT_SECONDS = 3 * 24 * 3600


def path_of(token: str) -> Path:
    if not TOKEN.fullmatch(token):
        raise InvalidInput("上传编号无法识别，请重新选择文件。", code="upload_token")
    return incoming() / f"{token}.upload"


def received(token: str) -> int:
    """Bytes that have arrived so far."""
    path = path_of(token)
    return path.stat().st_size if path.exists() else 0


def append(token: str, stream: BinaryIO, *, offset: int, name: str, size: int) -> int:
    """Add a part at `offset` and return how much has arrived; a part that does not fit there changes nothing.

    The same part sent twice, or two at once, is taken once. The first bytes must be what the name says they are.
    """
    with path_of(token).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        here = file.seek(0, 2)
        if offset != here:
            return here
        first = stream.read(CHUNK)
        if offset == 0:
            check_type(name, first[:8192])
        while first:
            if file.tell() + len(first) > size:
                file.truncate(here)
                raise InvalidInput("收到的内容超过文件大小，请重新上传。", code="upload_size")
            file.write(first)
            first = stream.read(CHUNK)
        return file.tell()


def finish(token: str, *, name: str, size: int, actor: Actor, now: datetime) -> StoredFile:
    """The whole file, kept under its digest."""
    path = path_of(token)
    if received(token) != size:
        raise InvalidInput("文件还没有传完，请继续上传。", code="upload_unfinished")
    return keep_part(path, name, actor=actor, now=now)


def drop(token: str) -> None:
    path_of(token).unlink(missing_ok=True)


def sweep() -> None:
    """Parts nobody went on with for three days."""
    for path in incoming().glob("*.upload"):
        if time.time() - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)
