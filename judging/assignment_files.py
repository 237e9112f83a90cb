"""Assignment on files: three tables of text in, one out. Every fault names the file, the line and what to do."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import InvalidInput
from judging.assignment.problem import AssignmentError, Entry, Judge, Problem, Seat, make_problem
from judging.assignment.words import fault_sentence
from judging.csv_files import Table, write_table


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
    header = ("entry", "judge", "role") if with_roles else ("entry", "judge")
    rows = ((s.entry, s.judge, s.role) if with_roles else (s.entry, s.judge) for s in seats)
    write_table(path, header, rows)
