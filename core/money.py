"""Money: whole 分 inside; one strict parser, one set of printers, one splitter. No float anywhere."""

import re
from collections.abc import Sequence
from decimal import Decimal

from core.errors import InvalidInput

FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
MAX_FEN = 2**63 - 1
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,6})?", re.ASCII)
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def parse_yuan(text: str) -> int:
    """'12,345.67' -> 1234567 分. Refuses signs, exponents, full-width digits, more than two decimals."""
    return _parse(text, FEN_PER_YUAN, "元")


def parse_wan(text: str) -> int:
    """'23.45' 万元 -> 23450000 分. At most six decimals, that is down to one 分."""
    return _parse(text, FEN_PER_WAN, "万元")


def _parse(text: str, unit: int, name: str) -> int:
    plain = text.strip().replace(",", "")
    if not _AMOUNT.fullmatch(plain):
        raise InvalidInput(f"金额应为不带单位的数字（单位：{name}），例如 23.45。", code="bad_amount")
    fen = Decimal(plain) * unit
    if fen != fen.to_integral_value():
        raise InvalidInput("金额最小到分，请减少小数位数。", code="bad_amount")
    if fen > MAX_FEN:
        raise InvalidInput("金额超出系统可记录的范围。", code="bad_amount")
    return int(fen)


def yuan(fen: int) -> str:
    """1234567 -> '12,345.67'."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100:,}.{fen % 100:02d}"


def wan(fen: int) -> str:
    """128500000000 -> '128,500'; trailing zeros of the decimals are dropped, 分 are never lost."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    decimals = f"{fen % FEN_PER_WAN:06d}".rstrip("0")
    return f"{sign}{fen // FEN_PER_WAN:,}" + (f".{decimals}" if decimals else "")


def in_words(fen: int) -> str:
    """人民币大写 by the bill-writing rules: 整 after 元, inner zeros once, 零 before 分 when 角 is 0."""
    if fen < 0:
        raise ValueError("amounts in words are not negative")
    whole, jiao, cents = fen // 100, fen // 10 % 10, fen % 10
    words = "人民币" + (_integer_words(whole) + "元" if whole or not fen else "")
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif cents and whole:
        words += "零"
    return words + (_DIGITS[cents] + "分" if cents else "" if jiao else "整")


def _integer_words(number: int) -> str:
    if number == 0:
        return "零"
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            gap = True
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group_words(group) + _GROUPS[index]
        gap = False
    return words


def _group_words(group: int) -> str:
    words, zero = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if zero else "") + _DIGITS[digit] + _PLACES[place]
            zero = False
        elif words:
            zero = True
    return words


def split_fen(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` 分 in proportion to `weights` by largest remainder; the parts always sum to the whole.

    Equal remainders go to the earlier position, so the order of `weights` is part of the rule.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("split_fen needs a non-negative total and weights with a positive sum")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
