"""The divisions of one year, and addresses in them."""

import csv
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from demo.names.words import words

DATA = Path(__file__).resolve().parent.parent / "data"
_TAIL = re.compile(r"(?:(?:哈萨克|蒙古|回族|柯尔克孜|塔吉克|锡伯)?自治[州县]|地区|市|县|区)$")
_STREETS = words("人民 友谊 团结 光明 建设 新华 北京 上海 天山 昆仑 胡杨 迎宾 文化 解放 青年 创业 丝路 绿洲")
_PARKS = ("高新技术产业园", "科技创业园", "众创空间", "小微企业创业园", "工业园区", "农业科技园区")


@dataclass(frozen=True)
class Place:
    """A county-level division with the prefecture it hangs under."""

    code: str
    name: str
    prefecture_code: str
    prefecture: str


@cache
def counties(year: int) -> tuple[Place, ...]:
    """County-level divisions of the fourteen prefectures as they stood in `year` (2018: 库车县 is 652923).

    A division renamed or renumbered in a later year appears under its old code and name; one created later is left
    out. A year of change counts as already changed.
    """
    rows = {row["code"]: row for row in _rows("xinjiang_divisions.csv")}
    for change in _rows("xinjiang_divisions_changes.csv"):
        if int(change["year"]) <= year:
            continue
        if change["change"] == "created":
            rows.pop(change["code"], None)
        elif change["change"] == "retired":
            successor = rows.pop(change["successor_code"])
            rows[change["code"]] = {**successor, "code": change["code"], "name": change["name"]}
    return tuple(
        Place(code, row["name"], row["parent_code"], rows[row["parent_code"]]["name"])
        for code, row in sorted(rows.items())
        if row["level"] == "county"
    )


def short_name(name: str) -> str:
    """'巴里坤哈萨克自治县' -> '巴里坤', '昌吉市' -> '昌吉'; a two-character name stays whole."""
    short = _TAIL.sub("", name)
    return short if len(short) > 1 else name


def address(rng: random.Random, place: Place) -> str:
    street, number = rng.choice(_STREETS), rng.randint(1, 999)
    where = f"{place.prefecture}{place.name}{street}路{number}号"
    if rng.random() < 0.6:
        where += f"{rng.choice(_PARKS)}{rng.randint(1, 12)}号楼{rng.randint(101, 1808)}室"
    return where


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
