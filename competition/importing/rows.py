"""One row of cells -> a record, or every reason why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from competition import fields, validators
from competition.eligibility import group_of
from competition.enums import Group
from competition.fields import Kind
from competition.importing.places import Places
from competition.importing.targets import BY_NAME
from core.errors import InvalidInput
from core.money import wan

LONGEST_SHOWN = 100
MOST_IP = 9_999
LARGEST_COUNT = 2**31 - 1


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell: the column's own head, what stands there, a stable code, a sentence."""

    column: str
    value: str
    reason: str
    sentence: str


@dataclass(frozen=True)
class Record:
    """A readable row. `content` holds canonical texts by field name of `competition.fields`, filled cells only."""

    credit_code: str
    name: str
    content: dict[str, str]
    group: str | None = None
    ip_count: int | None = None

    def plain(self) -> dict[str, Any]:
        """As it is stored; `record_of` reads it back."""
        return dict(vars(self))


@dataclass(frozen=True)
class CheckedRow:
    """`line` is the row's number in the file; `record` is None exactly when there are problems. Notes refuse nothing."""

    line: int
    record: Record | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    credit_code: str = ""
    name: str = ""


class Reader:
    """Reads cells for one edition on one day. Every (target, text) is read once, however many rows repeat it."""

    def __init__(
        self,
        *,
        places: Places,
        covered: frozenset[str],
        tracks: Mapping[str, str],
        startup_from: date,
        today: date,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        """`covered`: divisions an enterprise may come from; `tracks`: code by name; `today` in Beijing time;
        `limits`: the edition's own most characters of texts.
        """
        self._limits = limits or {}
        self._places, self._covered, self._today = places, covered, today
        self._startup_from = startup_from
        self._tracks = {_squeezed(name): code for name, code in tracks.items()}
        self._tracks |= {code: code for code in tracks.values()}
        self._known: dict[tuple[str, str], str | InvalidInput] = {}
        self._special: Mapping[str, Callable[[str], str]] = {
            "credit_code": validators.credit_code,
            "name": validators.name_text,
            "registered_on": self._day,
            "division_code": self._place,
            "track": self._track,
            "group": _group,
            "ip_count": _count,
        }

    def read(self, target: str, text: str) -> str:
        """The canonical text of a filled cell; raises InvalidInput."""
        key = (target, text)
        if key not in self._known:
            try:
                special = self._special.get(target)
                self._known[key] = special(text) if special else canonical(target, text, self._limits)
            except InvalidInput as problem:
                self._known[key] = problem
        known = self._known[key]
        if isinstance(known, InvalidInput):
            raise known
        return known

    def _day(self, text: str) -> str:
        return validators.date_text(text, latest=self._today).isoformat()

    def _place(self, text: str) -> str:
        code = self._places.code_of(text)
        if code not in self._covered:
            raise InvalidInput(f"“{text[:30]}”不属于本届任何赛区。", code="region_outside")
        return code

    def _track(self, text: str) -> str:
        code = self._tracks.get(_squeezed(text))
        if code is None:
            raise InvalidInput(f"本届没有行业“{text[:30]}”。", code="track_unknown")
        return code

    def check(self, line: int, cells: Mapping[str, str], heads: Mapping[str, str]) -> CheckedRow:
        """`cells` by target; `heads` gives each target's head in the file, which names the column in a problem."""
        values: dict[str, str] = {}
        problems = []
        for target, text in cells.items():
            if not text:
                if BY_NAME[target].required:
                    sentence = f"{BY_NAME[target].label}没有填写。"
                    problems.append(Problem(heads[target], "", "empty", sentence))
                continue
            try:
                values[target] = self.read(target, text)
            except InvalidInput as problem:
                problems.append(Problem(heads[target], text[:LONGEST_SHOWN], problem.code, problem.sentence))
        known = {"credit_code": values.get("credit_code") or cells.get("credit_code", "")[:40]}
        known["name"] = values.get("name") or cells.get("name", "")[:LONGEST_SHOWN]
        if problems:
            return CheckedRow(line, None, tuple(problems), **known)
        record = _record(values)
        return CheckedRow(line, record, notes=self._notes(record, heads), **known)

    def _notes(self, record: Record, heads: Mapping[str, str]) -> tuple[Problem, ...]:
        """The group is computed from the licence date (DOMAIN.md 1.1); a file that has it otherwise is told so."""
        day = record.content["registered_on"]
        group = group_of(date.fromisoformat(day), self._startup_from)
        if record.group in (None, group.value):
            return ()
        sentence = f"按注册日期 {day} 应为{group.label}，以系统计算为准。"
        return (Problem(heads["group"], Group(record.group).label, "group_differs", sentence),)


def _record(values: dict[str, str]) -> Record:
    apart = ("credit_code", "name", "group", "ip_count")
    return Record(
        credit_code=values["credit_code"],
        name=values["name"],
        content={target: text for target, text in values.items() if target not in apart},
        group=values.get("group"),
        ip_count=int(values["ip_count"]) if "ip_count" in values else None,
    )


def canonical(name: str, text: str, limits: Mapping[str, int] | None = None) -> str:
    """A field's text in the one form that is stored and compared; a choice may be written by its label."""
    kind = fields.BY_NAME[name]
    if kind.kind is Kind.CHOICE:
        text = dict((label, value) for value, label in kind.options).get(text, text)
    value = fields.value_of(name, text, limits)
    if kind.kind in (Kind.WAN, Kind.SIGNED_WAN):
        return wan(value).replace(",", "")
    if isinstance(value, int) and value > LARGEST_COUNT:
        raise InvalidInput("数字过大，请核对。", code="count")
    return value.isoformat() if isinstance(value, date) else str(value)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _group(text: str) -> str:
    """初创 or 成长, however it is written out; it is compared with the computed one, never taken over."""
    for code, word in (("startup", "初创"), ("growth", "成长")):
        if word in text or text == code:
            return code
    raise InvalidInput("组别应为初创组或成长组。", code="group_unknown")


def _count(text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 4 or int(text) > MOST_IP:
        raise InvalidInput("知识产权数应为 0 至 9999 的整数。", code="count")
    return str(int(text))


@dataclass
class Seen:
    """Credit codes met in a file: the first row with a code counts, later ones are refused with its number."""

    lines: dict[str, int] = field(default_factory=dict)

    def check(self, row: CheckedRow, head: str) -> CheckedRow:
        if row.record is None:
            return row
        first = self.lines.setdefault(row.record.credit_code, row.line)
        if first == row.line:
            return row
        sentence = f"与第 {first} 行是同一企业，一届只能有一个项目。"
        problem = Problem(head, row.record.credit_code, "duplicate_in_file", sentence)
        return replace(row, record=None, problems=(problem,), notes=())


def record_of(data: Mapping[str, Any]) -> Record:
    """The inverse of `Record.plain`."""
    return Record(**data)
