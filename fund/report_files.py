"""The text of a report handed in as Word or plain text; what cannot be read is refused with a sentence."""

import io
import zipfile
from collections.abc import Iterator

from core.errors import InvalidInput
from fund.files import MAX_BYTES, decoded

# A Word file is a ZIP: what it unpacks to is limited as well.
MAX_UNPACKED = 10 * MAX_BYTES


def text_of(name: str, data: bytes) -> str:
    """Paragraphs and table cells in document order, one a line."""
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"文件超过 {MAX_BYTES // 1_000_000} MB。", code="bad_file", field="file")
    suffix = name.rpartition(".")[2].lower()
    if suffix == "txt":
        return decoded(name, data)
    if suffix == "docx":
        return "\n".join(_word_lines(name, data))
    raise InvalidInput("只接受 Word（docx）或纯文本（txt）文件。", code="bad_file", field="file")


def _word_lines(name: str, data: bytes) -> list[str]:
    refusal = InvalidInput(
        f"文件“{name}”不是可读的 Word 文档，请另存为 docx 后重试。", code="bad_file", field="file"
    )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise refusal
        from docx import Document

        return list(_lines(Document(io.BytesIO(data))))
    except InvalidInput:
        raise
    except Exception as error:
        raise refusal from error


def _lines(document) -> Iterator[str]:
    for part in document.iter_inner_content():
        if hasattr(part, "rows"):
            for row in part.rows:
                seen = []
                for cell in row.cells:
                    if cell._tc not in seen:
                        seen.append(cell._tc)
                        yield cell.text
        else:
            yield part.text
