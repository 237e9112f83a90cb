"""A judge's receipt: a canonical text of what was saved, its SHA-256, and a short form people compare by eye.

The text holds everything the judge gave, so that he can take the digest again with any tool. It also holds the
keyed digest of the values, which nobody outside can guess: a receipt's code therefore reveals no score.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from core import seals

TITLE = "擂台评分回执 第1版"
LOOK_TITLE = "擂台复评回执 第1版"
LOOK = "F"  # before the number of a second look's code
# Crockford's alphabet: no letter that is read as a digit.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
LETTERS = 16


def text_of(
    *,
    sheet: int,
    entry: str,
    seat: int,
    values: Mapping[str, int],
    total: int,
    comment: str,
    submitted_at: datetime,
    digest: str,
) -> str:
    """The canonical text; lines end with one line feed, scores in points with two decimals, time in UTC."""
    lines = [
        TITLE,
        f"评分表={sheet}",
        f"项目编号={entry}",
        f"席位编号={seat}",
        *(f"{code}={_points(values[code])}" for code in sorted(values)),
        f"合计={_points(total)}",
        f"评语={json.dumps(comment, ensure_ascii=False)}",
        f"提交时间={seals.plain(submitted_at)}",
        f"内容封签={digest}",
    ]
    return "\n".join(lines) + "\n"


def look_text_of(
    *,
    look: int,
    entry: str,
    judge: int,
    values: Mapping[str, int],
    total: int,
    comment: str,
    given_at: datetime,
    digest: str,
) -> str:
    """The same of a second look (复评)."""
    lines = [
        LOOK_TITLE,
        f"复评表={look}",
        f"项目编号={entry}",
        f"评委编号={judge}",
        *(f"{code}={_points(values[code])}" for code in sorted(values)),
        f"合计={_points(total)}",
        f"评语={json.dumps(comment, ensure_ascii=False)}",
        f"提交时间={seals.plain(given_at)}",
        f"内容封签={digest}",
    ]
    return "\n".join(lines) + "\n"


def _points(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def code_of(sheet: int, sha256: str, kind: str = "") -> str:
    """`17-7KQ2-M0XA-93TC-VBHD`: the sheet's number and 80 bits of the digest; a second look's begins with F."""
    number = int(sha256, 16) >> (256 - 5 * LETTERS)
    letters = "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(LETTERS)))
    return "-".join([f"{kind}{sheet}", *(letters[start : start + 4] for start in range(0, LETTERS, 4))])


def read_code(typed: str) -> tuple[str, int, str] | None:
    """(kind, number, code as printed) of what somebody typed, with any blanks, dashes and small letters."""
    plain = "".join(typed.upper().translate(MISREAD).replace("-", " ").split())
    number, letters = plain[:-LETTERS], plain[-LETTERS:]
    kind = LOOK if number.startswith(LOOK) else ""
    number = number.removeprefix(LOOK)
    if not (number.isascii() and number.isdigit() and len(number) < 10) or set(letters) - set(ALPHABET):
        return None
    parts = (letters[start : start + 4] for start in range(0, LETTERS, 4))
    return kind, int(number), "-".join([f"{kind}{int(number)}", *parts])
