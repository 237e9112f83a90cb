"""Assignment on files: three tables of text in, one out. Every fault names the file, the line and what to do."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from core.errors import InvalidInput
from judging.assignment.problem import AssignmentError, Entry, Judge, Problem, Seat, make_problem
from judging.assignment.words import fault_sentence

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
                    raise self.fault(reader.line_num, f"应有 {width} 列，实有 {len(values)} 列")
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
        if len(set(header)) < len(header):
            raise InvalidInput(f"{self.label}“{self.path.name}”的列名有重复。")


def read_problem(
    entries: Path,
    judges: Path,
    conflicts: Path | None,
    *,
    panel_size: int,
    min_load: int,
    max_load: int,
    roles: Iterable[str] = (),
    seed: str,
) -> Problem:
    """The problem in the files. A shared, non-empty employer is a conflict; a shared region is one only if listed.

    Raises InvalidInput with a sentence that names file and line.
    """
    try:
        return make_problem(
            _entries(entries),
            _judges(judges),
            conflicts=_conflicts(conflicts),
            panel_size=panel_size,
            min_load=min_load,
            max_load=max_load,
            roles=tuple(roles),
            seed=seed,
        )
    except AssignmentError as error:
        raise InvalidInput(fault_sentence(error), code=error.fault.value) from error


def _entries(path: Path) -> Iterator[Entry]:
    table = Table(path, "项目文件", ("entry", "topic"), ("employer", "region"))
    for line, (key, topic, employer, region) in table.rows():
        if not key:
            raise table.fault(line, "项目编号为空")
        yield Entry(key, topic, employer, region)


def _judges(path: Path) -> Iterator[Judge]:
    table = Table(path, "评委文件", ("judge", "roles", "topics"), ("capacity", "employer", "region"))
    for line, (key, roles, topics, capacity, employer, region) in table.rows():
        if not key:
            raise table.fault(line, "评委编号为空")
        capacity = _capacity(table, line, capacity)
        yield Judge(key, split_values(roles), split_values(topics), capacity, employer, region)


def _conflicts(path: Path | None) -> Iterator[list[str]]:
    if path is not None:
        for _, pair in Table(path, "冲突文件", ("entry", "judge")).rows():
            yield pair


def split_values(text: str) -> tuple[str, ...]:
    """`a; b；c` -> (a, b, c): either semicolon, each value once, in order."""
    parts = (part.strip() for part in text.replace("；", ";").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _capacity(table: Table, line: int, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise table.fault(line, f"评审量上限“{text}”应为不小于 0 的整数")
    return int(text)


def write_seats(path: Path, seats: Iterable[Seat], *, with_roles: bool) -> None:
    """`entry,judge[,role]`, in the order given; the file appears whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InvalidInput(f"结果文件“{path.name}”无法写入，请检查目录是否存在、是否有写权限。") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["entry", "judge", "role"] if with_roles else ["entry", "judge"])
            for seat in seats:
                row = [seat.entry, seat.judge]
                writer.writerow([*row, seat.role] if with_roles else row)
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise InvalidInput(f"结果文件“{path.name}”无法写入。") from error
    finally:
        temporary.unlink(missing_ok=True)
