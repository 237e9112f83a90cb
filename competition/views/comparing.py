"""Two submitted versions side by side, field by field, with what the reviewer had asked to be corrected."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from competition import fields
from competition.enums import AttachmentKind
from competition.models import EntryVersion
from competition.reviewing.comparing import Segment, segments
from competition.views.presenting import shown_fields

# Longer texts are shown whole: nobody reads a thousand scattered letters.
LONGEST_MARKED = 4000


@dataclass(frozen=True)
class Compared:
    """One field: its words in both versions, whether it was to be corrected and whether it was."""

    name: str
    label: str
    old: str
    new: str
    flagged: bool
    parts: list[Segment]
    old_file: int | None = None
    new_file: int | None = None

    @property
    def changed(self) -> bool:
        return self.old != self.new


def compared(
    before: EntryVersion, after: EntryVersion, choices: Mapping[str, list], flagged: Collection[str]
) -> list[Compared]:
    """What differs or was to be corrected, in the form's order."""
    old, new = (dict(_texts(version, choices)) for version in (before, after))
    rows = []
    for name in old.keys() | new.keys():
        was, now = old.get(name, ""), new.get(name, "")
        if was != now or name in flagged:
            label = fields.label_of(name)
            rows.append(Compared(name, label, was, now, name in flagged, _parts(was, now), None, None))
    rows += _files(before, after, flagged)
    order = {name: place for place, name in enumerate(_order())}
    return sorted(rows, key=lambda row: order[row.name])


def _parts(old: str, new: str) -> list[Segment]:
    return segments(old, new) if max(len(old), len(new)) <= LONGEST_MARKED else []


def _order() -> list[str]:
    kinds = [f"{fields.ATTACHMENT_PREFIX}{kind.value}" for kind in AttachmentKind]
    return [*fields.BY_NAME, *kinds]


def _texts(version: EntryVersion, choices: Mapping[str, list]):
    for _, items in shown_fields(version.content["fields"], choices):
        for field, value in items:
            yield field.name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join("，".join(cell for cell in row if cell) for row in value)
    return str(value or "")


def _files(before: EntryVersion, after: EntryVersion, flagged: Collection[str]) -> list[Compared]:
    old, new = ({file["kind"]: file for file in v.content["attachments"]} for v in (before, after))
    rows = []
    for kind in old.keys() | new.keys():
        was, now, name = old.get(kind), new.get(kind), f"{fields.ATTACHMENT_PREFIX}{kind}"
        words = [f"{file['name']}（{file['sha256'][:12]}…）" if file else "" for file in (was, now)]
        if words[0] != words[1] or name in flagged:
            label = f"附件：{fields.label_of(name)}"
            ids = [file["id"] if file else None for file in (was, now)]
            rows.append(Compared(name, label, *words, name in flagged, [], *ids))
    return rows
