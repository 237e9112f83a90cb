"""What a column can mean, and which column of a file means it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from competition import fields
from competition.fields import Kind
from core.errors import InvalidInput

# The head is looked for among the first rows: titles, units and dates may stand above it.
HEAD_WITHIN = 20


@dataclass(frozen=True)
class Target:
    """One thing a column can be. `label` is its head in the summary, `aliases` are heads seen elsewhere."""

    name: str
    label: str
    required: bool = False
    aliases: tuple[str, ...] = ()


SUMMARY = (
    Target(
        "credit_code",
        "统一社会信用代码",
        True,
        ("信用代码", "社会信用代码", "统一信用代码", "组织机构代码/统一社会信用代码"),
    ),
    Target("name", "企业名称", True, ("单位名称", "公司名称", "参赛企业", "参赛企业名称")),
    Target(
        "registered_on",
        "注册日期",
        True,
        ("成立日期", "注册时间", "成立时间", "企业注册日期", "注册(成立)日期"),
    ),
    Target(
        "division_code",
        "地州市/县",
        True,
        ("地州市、县", "地州市", "所在地", "所属地区", "注册地", "注册地区", "注册地(县市区)", "所在地区"),
    ),
    Target("track", "行业", True, ("行业领域", "所属行业", "参赛行业")),
    Target("title", "项目名称", True, ("参赛项目", "参赛项目名称")),
    Target("contact_name", "联系人", True, ("联系人姓名", "项目联系人")),
    Target(
        "contact_phone", "手机", True, ("手机号", "手机号码", "联系人手机", "联系电话", "联系方式", "电话")
    ),
    Target("group", "组别", aliases=("参赛组别", "企业组别")),
    Target("revenue", "上年营业收入", aliases=("上年度营业收入", "营业收入", "上一年度营业收入")),
    Target(
        "sme_number",
        "入库编号",
        aliases=("入库登记编号", "科技型中小企业入库登记编号", "科技型中小企业入库编号"),
    ),
    Target("ip_count", "知识产权数", aliases=("知识产权数量", "知识产权(件)")),
)
# 序号, 审核状态 and 推荐单位 of the summary say nothing that an entry keeps.
_BY_SUMMARY = {target.name for target in SUMMARY}
MORE = tuple(
    Target(field.name, field.label)
    for field in fields.FIELDS
    if field.kind not in (Kind.TICK, Kind.ROWS) and field.name not in _BY_SUMMARY
)
TARGETS = SUMMARY + MORE
BY_NAME: Mapping[str, Target] = {target.name: target for target in TARGETS}
LONGEST_HEAD = 60


def plain(head: str) -> str:
    """A head without what writers add to it: spaces, line breaks, full width, a unit or a note in brackets at its end."""
    text = re.sub(r"[\s*]", "", unicodedata.normalize("NFKC", head))
    return re.sub(r"(?<=.)[(\[（][^()（）\[\]]*[)\]）]$", "", text)


def _known_heads() -> dict[str, str]:
    heads: dict[str, str] = {}
    for target in reversed(TARGETS):
        for head in (*target.aliases, target.label, target.name):
            heads[plain(head)] = target.name
    for target in SUMMARY:
        heads[plain(target.label)] = target.name
    return heads


_HEADS = _known_heads()


def target_of(head: str) -> str | None:
    """The target a head names by itself: its field name, its label in the summary or in the form, or an alias."""
    return _HEADS.get(plain(head))


def propose(heads: Sequence[str], remembered: Mapping[str, str] | None = None) -> dict[str, str]:
    """{target: head}: as remembered of the source where the head is still there, else by the head's own words."""
    chosen = {
        name: head for name, head in (remembered or {}).items() if name in BY_NAME and head and head in heads
    }
    taken = set(chosen.values())
    for head in heads:
        name = target_of(head)
        if name and name not in chosen and head not in taken:
            chosen[name] = head
            taken.add(head)
    return chosen


def find_head(rows: Sequence[tuple[int, Sequence[str]]], wanted: Sequence[str] = ()) -> int:
    """The index of the row of heads: the one with the most known (or `wanted`) heads. Raises InvalidInput for none."""
    expected = {plain(head) for head in wanted}
    scores = [
        sum(1 for text in row if text and (target_of(text) or plain(text) in expected)) for _, row in rows
    ]
    best = max(range(len(scores)), key=lambda index: (scores[index], -index), default=None)
    if best is None:
        raise InvalidInput("文件中没有内容。", code="file_empty")
    return best if scores[best] else 0


def places_of(heads: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """{target: column index}. Raises InvalidInput for a missing required column, a missing or a doubled head."""
    places = {}
    for name, head in mapping.items():
        found = [index for index, text in enumerate(heads) if text == head]
        label = BY_NAME[name].label
        if not found:
            raise InvalidInput(f"文件中没有表头“{head[:LONGEST_HEAD]}”（{label}）。", code="mapping_head")
        if len(found) > 1:
            raise InvalidInput(
                f"表头“{head[:LONGEST_HEAD]}”出现 {len(found)} 次，请改名后重试。", code="head_twice"
            )
        places[name] = found[0]
    missing = [target.label for target in TARGETS if target.required and target.name not in places]
    if missing:
        raise InvalidInput(f"没有对应到必需的列：{'、'.join(missing)}。", code="mapping_missing")
    twice = {places[name] for name in places if list(places.values()).count(places[name]) > 1}
    if twice:
        head = heads[min(twice)]
        raise InvalidInput(f"一列只能对应一项：“{head[:LONGEST_HEAD]}”对应了多项。", code="mapping_twice")
    return places


def read_mapping(data: Any, heads: Sequence[str]) -> dict[str, str]:
    """A mapping from outside as {target: head}. Each pair names a target (field name or label) and a head, in any order.

    Raises InvalidInput when it is no object of texts, or when neither side of a pair is a target.
    """
    if isinstance(data, Mapping) and isinstance(data.get("columns"), Mapping):
        data = data["columns"]
    if not isinstance(data, Mapping) or not all(isinstance(v, str) for pair in data.items() for v in pair):
        raise InvalidInput("列对应应为 JSON 对象，例如 {“企业名称”: “单位名称”}。", code="mapping_shape")
    present = {plain(head): head for head in reversed(heads)}
    mapping: dict[str, str] = {}
    for left, right in data.items():
        name, head = _pair(left, right, present)
        mapping[name] = present.get(plain(head), head)
    return mapping


def _pair(left: str, right: str, present: Mapping[str, str]) -> tuple[str, str]:
    for target, head in ((left, right), (right, left)):
        if target_of(target) and plain(head) in present:
            return target_of(target), head
    if target_of(left):
        return target_of(left), right
    if target_of(right):
        return target_of(right), left
    raise InvalidInput(
        f"列对应“{left[:30]}: {right[:30]}”的两边都不是系统认识的项目。", code="mapping_target"
    )
