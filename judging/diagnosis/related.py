"""Who is related to what: the same prefecture or county, or the judge's institution named in the entry's own form.

Conflicts of interest (the same unit) never score and are not looked for here. These are weaker ties that a panel may
well have; whether they move scores is what the contrast of related parties asks.
"""

import re
from collections.abc import Iterable
from typing import Any

from competition.models import Entry
from core import divisions
from judging.models import Judge

REGION, INSTITUTION = "region", "institution"
# 乌鲁木齐市, 伊犁哈萨克自治州, 喀什地区, 沙依巴克区: the name without what kind of place it is.
KIND_OF_PLACE = re.compile(r"(?:哈萨克|蒙古|柯尔克孜|回族)?(?:自治州|自治县|地区|赛区|[市县区州])$")
SHORTEST_NAME = 2
SHORTEST_INSTITUTION = 4


def related_pairs(judges: Iterable[Judge], entries: Iterable[Entry]) -> dict[tuple[str, int], str]:
    """{(entry number, judge id): what ties them}; the institution where both do."""
    names, listed = divisions.names(), list(judges)
    found = {}
    for entry in entries:
        places = {bare(names.get(code, "")) for code in (entry.prefecture_code, entry.county_code)}
        words = " ".join(texts_of(entry.content))
        for judge in listed:
            if len(judge.employer) >= SHORTEST_INSTITUTION and judge.employer in words:
                found[entry.number, judge.id] = INSTITUTION
            elif len(bare(judge.region)) >= SHORTEST_NAME and bare(judge.region) in places:
                found[entry.number, judge.id] = REGION
    return found


def bare(place: str) -> str:
    """The last place of a text like 新疆 乌鲁木齐市, without its kind: 乌鲁木齐."""
    last = (place.split() or [""])[-1]
    cut = KIND_OF_PLACE.sub("", last)
    return cut if len(cut) >= SHORTEST_NAME else last


def texts_of(value: Any) -> Iterable[str]:
    """Every text in a form's content, rows included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_of(part)
