"""Value checks shared by forms, imports and the command line.

Each check takes the text as it was typed or read from a cell and returns the normalised value, or raises
ValueProblem with a stable code, the details and a sentence for the person. Nothing is cut silently.
Pure: standard library, python-stdnum and the two pure modules core.errors and core.money.
"""

import re
import unicodedata
from collections.abc import Container
from datetime import date

from stdnum.cn import uscc

from core.errors import InvalidInput
from core.money import parse_wan

CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LONGEST_NAME = 100
LONGEST_NUMBER = 64
# Read off published lists: year, division, two signs for age and kind, six digits. No official text was
# found, so both patterns are settings of the edition.
SME_NUMBER_PATTERN = r"(?P<year>20[0-9]{2})(?P<division>[0-9]{6})[0-9A-Z]{2}[0-9]{6}"
HIGHTECH_NUMBER_PATTERN = r"G[RFS](?P<year>20[0-9]{2})(?P<province>[0-9]{2})[0-9]{6}"

_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
_ASCII_UPPER = {ord("a") + i: ord("A") + i for i in range(26)}
_INVISIBLE_ENDS = re.compile(r"^[\s\u200b-\u200d\ufeff]+|[\s\u200b-\u200d\ufeff]+$")
_LOOK_ALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5", "V": "U"}
_MIDDLE_DOTS = dict.fromkeys(map(ord, "•‧・∙⋅●｡･"), "·")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_AMOUNT = re.compile(r"(?P<whole>0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.(?P<decimals>[0-9]+))?")
_DATE_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?",
        r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(?: 0?0:00(?::00)?)?",
        r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})",
        r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
    )
)
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)


class ValueProblem(InvalidInput):
    """A value that cannot be taken: a stable `code`, the `detail` of what and where, a `sentence`."""

    sentences: dict[str, str]

    def __init__(self, code: str, detail: dict | None = None, *, field: str | None = None):
        self.detail = detail or {}
        super().__init__(self.sentences[code].format(**self.detail), code=code, field=field)


def credit_code(raw: str) -> str:
    """统一社会信用代码 (GB 32100-2015): 18 signs, upper case, half width. Says which position is wrong.

    Positions 3-8 are the division of the registering office; the last sign is the check sign. Codes of every
    registering authority are taken, not only those that begin with digits.
    """
    code = _plain_code(raw)
    if not code:
        raise ValueProblem("empty")
    if len(code) != 18:
        raise ValueProblem("credit_code_length", {"length": len(code)})
    for position, character in enumerate(code, 1):
        _check_sign(position, character)
    expected = uscc.calc_check_digit(code[:17])
    if code[17] != expected:
        raise ValueProblem("credit_code_check_digit", {"found": code[17], "expected": expected})
    return code


def credit_code_so_far(raw: str) -> str | None:
    """What can be said of a credit code while it is typed: None for a whole valid one, else a sentence.

    A wrong sign is named at once with its place, not when all eighteen are there.
    """
    code = _plain_code(raw)
    for position, character in enumerate(code[:18], 1):
        _check_sign(position, character)
    if len(code) < 18:
        return f"已输入 {len(code)} 位，共 18 位，目前各位无误。" if code else ""
    credit_code(raw)
    return None


def _plain_code(raw: str) -> str:
    return re.sub(r"[\s\-\u200b-\u200d\ufeff]", "", _half_width(raw)).translate(_ASCII_UPPER)


def _check_sign(position: int, character: str) -> None:
    if character not in CREDIT_CODE_ALPHABET:
        raise _bad_character(position, character)
    if 3 <= position <= 8 and character > "9":
        raise ValueProblem("credit_code_division", {"position": position, "character": character})


def _bad_character(position: int, character: str) -> ValueProblem:
    detail = {"position": position, "character": character}
    if character in _LOOK_ALIKES:
        return ValueProblem("credit_code_look_alike", detail | {"suggestion": _LOOK_ALIKES[character]})
    return ValueProblem("credit_code_character", detail)


def mobile(raw: str) -> str:
    """A mobile number of the mainland as 11 digits; spaces, hyphens, full width and +86 are taken away."""
    number = re.sub(r"[\s\-]", "", _half_width(_required(raw)))
    number = re.sub(r"^(?:\+86|0086|86(?=1[0-9]{10}$))", "", number)
    if not re.fullmatch(r"[0-9]+", number):
        raise ValueProblem("mobile_digits")
    if len(number) != 11:
        raise ValueProblem("mobile_length", {"length": len(number)})
    if not re.fullmatch(r"1[3-9][0-9]{9}", number):
        raise ValueProblem("mobile_prefix", {"prefix": number[:2]})
    return number


def email(raw: str) -> str:
    """The shape of an address, not its existence. The domain comes back in lower case."""
    address = _half_width(_required(raw))
    match = _EMAIL.fullmatch(address)
    if not match or len(address) > 254 or address.index("@") > 64:
        raise ValueProblem("email_shape")
    return address[: match.start("domain")] + match["domain"].lower()


def name_text(raw: str, *, longest: int = LONGEST_NAME) -> str:
    """A person's or a company's name of at most `longest` characters, in NFC, middle dots as '·' (U+00B7)."""
    name = unicodedata.normalize("NFC", _required(raw)).translate(_MIDDLE_DOTS)
    for position, character in enumerate(name, 1):
        if unicodedata.category(character) in _REFUSED_CATEGORIES:
            raise ValueProblem("name_control", {"position": position, "number": f"U+{ord(character):04X}"})
    name = re.sub(r"\s+", " ", name)
    if len(name) > longest:
        raise ValueProblem("name_too_long", {"length": len(name), "longest": longest})
    if not any(character.isalpha() for character in name):
        raise ValueProblem("name_no_letter")
    return name


def amount_wan(raw: str, *, allow_negative: bool = False) -> int:
    """An amount typed in 万元 -> whole 分. At most six decimals (one 分); thousands may be grouped by commas.

    Refuses signs (a minus passes with `allow_negative`: profits can be losses), exponents, underscores, NaN,
    full-width digits, leading zeros, wrong grouping and what does not fit 63 bits.
    """
    text = _required(raw)
    sign = -1 if allow_negative and text[0] in "-−" else 1
    if sign < 0:
        text = text[1:]
    elif re.match(r"[-−－]", text):
        raise ValueProblem("amount_negative")
    if re.search(r"[０-９．，]", text):
        raise ValueProblem("amount_full_width", {"suggestion": _half_width(text)[:30]})
    match = _AMOUNT.fullmatch(text)
    if not match:
        raise ValueProblem("amount_shape")
    if len(match["decimals"] or "") > 6:
        raise ValueProblem("amount_decimals", {"decimals": len(match["decimals"])})
    try:
        return sign * parse_wan(text)
    except InvalidInput as too_large:
        raise ValueProblem("amount_too_large") from too_large


def date_text(raw: str, *, earliest: date = date(1900, 1, 1), latest: date | None = None) -> date:
    """'2017-03-01', '2017/3/1', '2017.3.1', '2017年3月1日', '20170301' or a spreadsheet's midnight -> date.

    Day-first and month-first dates are refused because nobody can tell them apart. Both limits are inclusive.
    """
    text = _half_width(_required(raw))
    match = next((match for shape in _DATE_SHAPES if (match := shape.fullmatch(text))), None)
    if not match:
        raise ValueProblem("date_shape")
    try:
        day = date(*map(int, match.groups()))
    except ValueError as impossible:
        raise ValueProblem("date_impossible", {"text": text}) from impossible
    if day < earliest:
        raise ValueProblem("date_too_early", {"date": day.isoformat(), "limit": earliest.isoformat()})
    if latest is not None and day > latest:
        raise ValueProblem("date_too_late", {"date": day.isoformat(), "limit": latest.isoformat()})
    return day


def sme_number(raw: str, *, pattern: str = SME_NUMBER_PATTERN) -> str:
    """科技型中小企业入库登记编号, upper case and half width, of the edition's pattern."""
    return _patterned(raw, pattern, "sme_number_shape")


def hightech_number(raw: str, *, pattern: str = HIGHTECH_NUMBER_PATTERN) -> str:
    """高新技术企业证书编号, upper case and half width, of the edition's pattern."""
    return _patterned(raw, pattern, "hightech_number_shape")


def number_year(number: str, *, pattern: str = SME_NUMBER_PATTERN) -> int | None:
    """The four-digit year a number names in the pattern's group `year`; None where it names none."""
    match = re.fullmatch(pattern, number)
    year = match.groupdict().get("year") if match else None
    return int(year) if year and re.fullmatch(r"[0-9]{4}", year) else None


def number_pattern(raw: str) -> str:
    """A pattern as a setting of the edition: must compile. Its group `year` lets the year be checked."""
    pattern = _required(raw)
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as broken:
        raise ValueProblem("pattern_broken") from broken
    return pattern


def division_code(raw: str, known: Container[str]) -> str:
    """A code of a division that `known` holds: six digits, or BT and two digits for the Corps."""
    code = re.sub(r"\s", "", _half_width(_required(raw))).translate(_ASCII_UPPER)
    if not re.fullmatch(r"[0-9]{6}|BT[0-9]{2}", code):
        raise ValueProblem("division_code_shape")
    if code not in known:
        raise ValueProblem("division_code_unknown", {"division": code})
    return code


def _patterned(raw: str, pattern: str, code: str) -> str:
    number = re.sub(r"[\s\-]", "", _half_width(_required(raw))).translate(_ASCII_UPPER)
    if len(number) > LONGEST_NUMBER or not re.fullmatch(pattern, number):
        raise ValueProblem(code)
    return number


def _required(raw: str | None) -> str:
    """The text without spaces and invisible signs at its ends, as they come along when text is pasted."""
    text = _INVISIBLE_ENDS.sub("", raw or "")
    if not text:
        raise ValueProblem("empty")
    return text


def _half_width(text: str | None) -> str:
    return (text or "").translate(_HALF_WIDTH)


SENTENCES: dict[str, str] = {
    "empty": "请填写此项。",
    "credit_code_length": "统一社会信用代码应为 18 位，现为 {length} 位。",
    "credit_code_character": "统一社会信用代码第 {position} 位“{character}”不是数字或规定的大写字母。",
    "credit_code_look_alike": "统一社会信用代码第 {position} 位“{character}”："
    "代码中不使用字母 I、O、S、V、Z，请核对是否应为“{suggestion}”。",
    "credit_code_division": "统一社会信用代码第 {position} 位“{character}”应为数字"
    "（第 3 至 8 位是登记机关行政区划码）。",
    "credit_code_check_digit": "统一社会信用代码校验位不符：第 18 位为“{found}”，"
    "按前 17 位计算应为“{expected}”，请逐位核对。",
    "mobile_digits": "手机号只能由数字组成。",
    "mobile_length": "手机号应为 11 位数字，现为 {length} 位。",
    "mobile_prefix": "手机号开头“{prefix}”不是大陆手机号段，请核对。",
    "email_shape": "邮箱格式不正确，应形如 name@example.cn。",
    "name_control": "名称第 {position} 个字符是不可见的控制字符（{number}），请删除后重新填写。",
    "name_too_long": "名称共 {length} 个字符，最多 {longest} 个。",
    "name_no_letter": "名称中没有文字，请核对。",
    "amount_negative": "金额不能为负数。",
    "amount_full_width": "金额请用半角数字填写，例如 {suggestion}。",
    "amount_shape": "金额应为以万元为单位的数字，例如 1234.56，不带单位、字母和其他符号。",
    "amount_decimals": "金额最小到分：以万元为单位最多 6 位小数，现为 {decimals} 位。",
    "amount_too_large": "金额超出系统可记录的范围，请核对单位是否为万元。",
    "date_shape": "日期应写为 2017-03-01 的形式。",
    "date_impossible": "“{text}”不是存在的日期。",
    "date_too_early": "日期 {date} 早于允许的最早日期 {limit}。",
    "date_too_late": "日期 {date} 晚于允许的最晚日期 {limit}。",
    "sme_number_shape": "科技型中小企业入库登记编号格式不正确，应为 18 位，例如 2018650104A8000123。",
    "hightech_number_shape": "高新技术企业证书编号格式不正确，应形如 GR201765000123。",
    "pattern_broken": "编号规则不是有效的正则表达式。",
    "division_code_shape": "行政区划代码应为 6 位数字（兵团师市为 BT 加两位数字）。",
    "division_code_unknown": "行政区划代码 {division} 不在区划表中。",
}
ValueProblem.sentences = SENTENCES
