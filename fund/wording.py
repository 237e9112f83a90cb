"""Reading figures out of Chinese wording: numbers, units, amounts, fuzzy values, repeated labels.

Pure: standard library only. Everything here is vocabulary of budget documents in general; nothing belongs
to one year's report.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

FEN_PER_UNIT = {"元": 100, "千元": 10**5, "万元": 10**6, "万": 10**6, "亿元": 10**10, "亿": 10**10}
MONEY_UNITS = ("元", "千元", "万元", "亿元")
BARE_MULTIPLIERS = ("万", "亿")
ITEM_UNITS = ("个", "项")
PEOPLE = ("人", "户", "农民", "村民", "群众", "职工", "员工", "学员", "居民", "牧民")

# Money words that head a label: what is spent, not what is earned.
INPUT_WORDS = ("经费", "资金", "费用", "奖金", "补助", "拨款", "投入", "支出", "补贴")
INCOME_WORDS = (
    "收入",
    "增收",
    "研发",
    "社会资本",
    "企业投入",
    "自筹",
    "配套",
    "减少",
    "降低",
    "减免",
    "利润",
    "产值",
    "税",
    "融资",
    "销售",
    "营收",
    "节约",
    "节省",
    "收益",
    "引资",
    "投融资",
    "带动",
    "撬动",
    "吸引",
    "拉动",
    "新增",
    "合同额",
    "成交额",
)
TOTAL_LABELS = (
    "项目资金",
    "专项资金",
    "资金总额",
    "资金总量",
    "经费总额",
    "总经费",
    "总投入",
    "资金投入",
    "财政资金",
    "安排资金",
    "预算资金",
    "资金规模",
)

_WIDE = str.maketrans("０１２３４５６７８９．％＋－", "0123456789.%+-")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MEASURES = "个月|人次|人天|个|项|家|户|人|名|次|期|场|团|支|套|件|篇|亩|村|年|月|日|天|届|元|%|‰"
_QUANTITY = re.compile(rf"(\d+(?:\.\d+)?)\s*(亿元|万元|千元|元|亿|万)?({_MEASURES})?")

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
CHINESE_NUMBER = "[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"

_AROUND = re.compile(
    r"(?:大约|将近|接近|(?<![节合条签制契公履])约|(?<![附最临邻接将])近)\s*\d[\d.]*+(?!\s*年)[^\d，。；、（）]{0,4}"
    r"|[^\s，。；、（）\d]{0,4}\d[\d.]*\s*[万亿千百]?(?:余|多)(?!种|元化|媒体)[^\d，。；、（）]{0,3}"
    r"|[^\s，。；、（）\d]{0,4}\d[\d.]*\s*[^\s\d，。；、（）]{0,4}(?:左右|上下)"
    r"|[^\s，。；、（）\d]{0,4}\d[\d.]*\s*\+(?!\s*\d)"
    r"|若干|数[十百千万]|几[十百千万]|(?:上|近|成|约|逾)[百千万](?=[个家户人名次项期场])|[一二三四五六七八九十百千万]+(?:余|多)[个家户人名次项期场]"
)
_BOUND = re.compile(
    r"[^\s，。；、（）\d]{0,4}\d[\d.]*\s*[^\s\d，。；、（）]{0,4}(?:以上|以下|以内)"
    r"|(?:超过|逾|不少于|不低于|不超过|不高于|至少|最多|[≥≤><＞＜])\s*\d[\d.]*\s*[^\d，。；、（）]{0,3}"
    r"|(?<![第\d])\d[\d.]*\s*(?:-|~|—|至|到)\s*\d[\d.]*\s*(?:个|家|户|人次|人|名|次|项|期|场|万元|元|%)"
)
PROJECT_COUNT = re.compile(r"(?:项目|立项)(?:总数量|总数|数量|个数|数)$")
_REPEAT = re.compile(r"(.{2,}?)\1+")
_COUNT_SUFFIX = re.compile(r"(?:总数量|总数|数量|个数|家数|户数|人数|次数|期数|场数|项数|数)$")
_GENERIC_SUFFIX = re.compile(
    r"(?:专项行动|专项资金|专项计划|专项|项目|计划|工程|行动|资金|经费|费用|工作|类)+(?:数量|个数|总额)?$"
)
_PLACE_PREFIX = re.compile(r"^(?:.{0,8}?自治区|.{2,3}?省|全[区省市县]|[省市县区]级)(?=.{4})")
_BRACKETS = re.compile(r"[（(][^）)]*[）)]")


@dataclass(frozen=True)
class Quantity:
    """A number with what follows it. `unit` is a money unit, a bare 万/亿, a measure word or empty."""

    value: Decimal
    unit: str
    start: int
    end: int
    text: str

    @property
    def is_money(self) -> bool:
        return self.unit in MONEY_UNITS

    @property
    def fen(self) -> int | None:
        """Amount in 分 when the unit is 元, 万元, 亿元 or the bare 万, 亿 people write for them."""
        factor = FEN_PER_UNIT.get(self.unit)
        return None if factor is None else int(self.value * factor)


def plain(text: str) -> str:
    """Half-width digits, no thousands separators, no outer blanks: the form every reader below expects."""
    return _THOUSANDS.sub("", text.translate(_WIDE)).strip()


def quantities(text: str) -> list[Quantity]:
    """All numbers of a plain text with their units; '1万户' is 10000 户, '20万' keeps the bare 万."""
    found = []
    for match in _QUANTITY.finditer(text):
        value, scale, measure = Decimal(match[1]), match[2] or "", match[3] or ""
        if scale in BARE_MULTIPLIERS and measure:
            value, scale = value * FEN_PER_UNIT[scale] / 100, ""
        found.append(Quantity(value, scale or measure, match.start(), match.end(), match[0].strip()))
    return found


def chinese_int(text: str) -> int:
    """'三' -> 3, '十二' -> 12, '24' -> 24; for years and months, up to 99."""
    if text.isascii():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + (_DIGITS[ones] if ones else 0)


def fuzzy_phrases(text: str, *, is_result: bool) -> list[str]:
    """Wordings that give no exact figure. Bounds (以上, 不少于) are proper in a target, not in a result."""
    source = plain(text)
    found = [match[0] for match in _AROUND.finditer(source)]
    if is_result:
        found += [match[0] for match in _BOUND.finditer(source)]
    return found


def is_copied(target_text: str, actual_text: str) -> bool:
    """Result repeats the target word for word, blanks aside."""
    squeezed = ["".join(text.split()) for text in (target_text, actual_text)]
    return bool(squeezed[0]) and squeezed[0] == squeezed[1]


def is_bare_figure(text: str) -> bool:
    """'30个', '100%', '举办6场': little more than a figure, where target and result may meet by honest work."""
    return bool(re.fullmatch(r"[^\d]{0,4}\d+(?:\.\d+)?[^\d]{0,4}", plain(text)))


def numbers(text: str) -> list[Decimal]:
    """The bare numbers of a plain text, whatever follows them."""
    return [Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def collapse(text: str) -> str:
    """Drop blanks and stuttered words: '培训培训人数' -> '培训人数'."""
    return _REPEAT.sub(r"\1", "".join(text.split()))


def bare_label(name: str, programme: str) -> str:
    """Indicator name without its leading programme name."""
    name = "".join(name.split())
    return name.removeprefix(programme) or name


def without_count_suffix(label: str) -> str:
    return _COUNT_SUFFIX.sub("", label) or label


def core(name: str) -> str:
    """What distinguishes a programme: no brackets, no leading region, no generic ending (项目, 专项)."""
    short = _BRACKETS.sub("", "".join(name.split()))
    short = _PLACE_PREFIX.sub("", short)
    return _GENERIC_SUFFIX.sub("", short) or short


def without_brackets(name: str) -> str:
    return _BRACKETS.sub("", "".join(name.split()))


def shared(one: str, other: str) -> str:
    """Longest run of characters that both texts contain."""
    best = ""
    for start in range(len(one)):
        while start + len(best) < len(one) and one[start : start + len(best) + 1] in other:
            best = one[start : start + len(best) + 1]
    return best


def is_input_money(label: str, unit: str) -> bool:
    """A row that states money spent (经费, 资金 …) and not money earned or a rate per head."""
    if unit not in MONEY_UNITS or any(word in label for word in INCOME_WORDS):
        return False
    return any(word in label for word in INPUT_WORDS)
