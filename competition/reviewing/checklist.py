"""What a reviewer ticks off, and the sentences he need not type. Pure.

The points follow the conditions of DOMAIN.md 1.1 and the usual defects of forms in 1.6; no official list was found,
so they are the product's own proposal.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from competition.enums import AttachmentKind, ReviewDecisionKind, ReviewLevel
from competition.fields import ATTACHMENT_PREFIX


@dataclass(frozen=True)
class Point:
    code: str
    label: str


@dataclass(frozen=True)
class Canned:
    """A ready sentence for a return or a rejection, with the fields it asks to be corrected."""

    kind: ReviewDecisionKind
    text: str
    fields: tuple[str, ...] = ()


REGIONAL = (
    Point("identity", "企业名称、信用代码、注册日期、注册地与营业执照一致"),
    Point("group", "组别、行业与项目内容相符"),
    Point("finance", "营业收入等数据与财务报表一致"),
    Point("property", "知识产权权属清楚，与证明一致"),
    Point("credit", "未见不良信用记录，承诺书属实"),
)
OFFICE = (
    Point("regional", "地州市审核意见与材料相符"),
    Point("repeat", "未重复参赛，往届获奖情况属实"),
    Point("group", "组别、行业与项目内容相符"),
)

RETURN = ReviewDecisionKind.RETURN
REJECT = ReviewDecisionKind.REJECT
CANNED = (
    Canned(RETURN, "项目简介未写明创新点和应用场景，请补充。", ("abstract",)),
    Canned(RETURN, "营业执照影印件不清晰或不是最新版本，请重新上传。", ("attachment:licence",)),
    Canned(
        RETURN,
        "注册日期或注册地与营业执照不一致，请核对更正。",
        ("registered_on", "division_code"),
    ),
    Canned(RETURN, "上年度营业收入与财务报表不一致，请核对更正。", ("revenue", "attachment:finance")),
    Canned(
        RETURN, "知识产权缺少证明，或名称、编号、权利人与证明不一致，请补正。", ("ip_items", "attachment:ip")
    ),
    Canned(RETURN, "行业选择与项目内容不符，请重新选择。", ("track",)),
    Canned(RETURN, "团队成员信息不完整，请补充姓名、职务和专业经历。", ("members",)),
    Canned(RETURN, "真实性承诺书未盖章或缺页，请重新上传。", ("attachment:pledge",)),
    Canned(REJECT, "不符合本届参赛条件，详见条件核对。"),
    Canned(REJECT, "经退回仍未在期限内补齐材料。"),
)


def points_of(level: ReviewLevel, required: Iterable[str]) -> tuple[Point, ...]:
    """The checklist of one level: at the regional one the required attachments are points as well."""
    if level is ReviewLevel.OFFICE:
        return OFFICE
    kinds = [AttachmentKind(kind) for kind in required]
    return REGIONAL + tuple(
        Point(f"{ATTACHMENT_PREFIX}{kind.value}", f"{kind.label}齐全、清晰、有效") for kind in kinds
    )


def known(points: Iterable[Point], ticked: Iterable[str]) -> list[str]:
    """The codes among the ticked ones that are points of this checklist, in its order."""
    wanted = set(ticked)
    return [point.code for point in points if point.code in wanted]
