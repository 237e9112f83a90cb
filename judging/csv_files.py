"""CSV files in and out of the judging commands. Every fault names the file, the line and what to do."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from core.errors import InvalidInput

ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True)
class Table:
    """One CSV file. `columns` must be there, `optional` may be, others are ignored."""

    path: Path
    label: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line number, values of `columns` and `optional`), an absent column's value being empty."""
        reader = csv.reader(io.StringIO(self._text(), newline=""), strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            self._check_header(header)
            width = len(header)
            wanted = self.columns + self.optional
            places = [header.index(name) if name in header else width for name in wanted]
            pick, absent = itemgetter(*places), width in places
            for values in reader:
                if len(values) != width:
                    if not "".join(values).strip():
                        continue
                    if len(values) < width or "".join(values[width:]).strip():
                        raise self.fault(reader.line_num, f"应有 {width} 列，实有 {len(values)} 列")
                    del values[width:]
                if absent:
                    values.append("")
                picked = list(map(str.strip, pick(values)))
                if any(picked):
                    yield reader.line_num, picked
        except csv.Error as error:
            raise self.fault(reader.line_num, "不是有效的 CSV 内容（引号不成对或含有异常字符）") from error

    def fault(self, line: int, what: str) -> InvalidInput:
        return InvalidInput(f"{self.label}“{self.path.name}”第 {line} 行：{what}。")

    def _text(self) -> str:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{self.label}“{self.path.name}”无法读取，请检查文件是否存在。") from error
        for encoding in ENCODINGS:
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise InvalidInput(f"{self.label}“{self.path.name}”不是 UTF-8 或 GB18030 编码的文本文件。")

    def _check_header(self, header: list[str]) -> None:
        missing = [name for name in self.columns if name not in header]
        if missing:
            raise InvalidInput(
                f"{self.label}“{self.path.name}”缺少列：{'、'.join(missing)}。"
                f"首行应为列名，至少包括 {','.join(self.columns)}。"
            )
        known = [name for name in header if name in self.columns + self.optional]
        if len(set(known)) < len(known):
            raise InvalidInput(f"{self.label}“{self.path.name}”的列名有重复。")


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A CSV file in UTF-8, rows as given; it appears whole or not at all. Raises InvalidInput."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        _write_through(path, header, rows)
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InvalidInput(f"结果文件“{path.name}”无法写入，请检查目录是否存在、是否有写权限。") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            _write_rows(file, header, rows)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise InvalidInput(f"结果文件“{path.name}”无法写入。") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_through(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Into a link, a pipe or a device such as /dev/stdout, which must not be replaced by a file."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            _write_rows(file, header, rows)
    except OSError as error:
        raise InvalidInput(f"结果文件“{path.name}”无法写入。") from error


def _write_rows(file, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
