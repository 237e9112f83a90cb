"""Targets of a task book and what became of them, number by number. Pure: no database, no Flask.

A target is plain data, as it is stored and printed: name, unit, sense, target and whether it is a main one; in an
acceptance it also has what was achieved. Numbers are decimal text, compared as `Decimal`.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.errors import InvalidInput

SENSES = {"at_least": "不低于", "at_most": "不高于", "equal": "等于"}
MOST = 20
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?", re.ASCII)


def number(text: str, what: str) -> str:
    """The decimal text itself. Raises InvalidInput for anything but plain digits with up to four decimals."""
    text = (text or "").strip()
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(f"{what}应为数字，最多四位小数。", code="target_number", field="targets")
    return text


def planned(rows: Iterable[Mapping[str, str]]) -> list[dict]:
    """Typed rows as targets; lines without any word are left out. Raises InvalidInput naming the target."""
    found = []
    for row in rows:
        name, unit = row.get("name", "").strip(), row.get("unit", "").strip()
        if not (name or unit or row.get("target", "").strip()):
            continue
        if not name or len(name) > 60 or len(unit) > 20:
            raise InvalidInput(
                "指标名称应为 1 到 60 字，单位不超过 20 字。", code="target_name", field="targets"
            )
        if row.get("sense") not in SENSES:
            raise InvalidInput(f"“{name}”请选择不低于、不高于或等于。", code="target_sense", field="targets")
        found.append(
            {
                "name": name,
                "unit": unit,
                "sense": row["sense"],
                "target": number(row.get("target", ""), f"“{name}”的目标值"),
                "main": bool(row.get("main")),
            }
        )
    if not found:
        raise InvalidInput("请至少填写一项任务指标。", code="no_targets", field="targets")
    if len(found) > MOST:
        raise InvalidInput(f"任务指标不超过 {MOST} 项。", code="too_many_targets", field="targets")
    if len({target["name"] for target in found}) < len(found):
        raise InvalidInput("任务指标名称不能重复。", code="target_twice", field="targets")
    return found


def achieved(targets: Iterable[Mapping], results: Iterable[str]) -> list[dict]:
    """Each target with what was achieved, in the same order. Raises InvalidInput naming the target."""
    return [
        {**target, "achieved": number(result, f"“{target['name']}”的实际完成值")}
        for target, result in zip(targets, results, strict=True)
    ]


def met(target: Mapping) -> bool:
    wanted, got = Decimal(target["target"]), Decimal(target["achieved"])
    return {"at_least": got >= wanted, "at_most": got <= wanted, "equal": got == wanted}[target["sense"]]


def missed_main(targets: Iterable[Mapping]) -> list[str]:
    """Names of the main targets that were not met."""
    return [target["name"] for target in targets if target["main"] and not met(target)]
