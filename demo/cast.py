"""The people of the demo: one account per role, and those the play needs. All 演示数据."""

from dataclasses import dataclass

from core import accounts
from core.enums import Role
from core.models import User
from core.rules import SYSTEM

PASSWORD = "Leitai-Demo-2018"


@dataclass(frozen=True)
class Part:
    username: str
    name: str
    role: Role
    label: str | None
    scope: tuple[str, ...] = ()


CAST = (
    Part("office", "陈明（演示）", Role.OFFICE, "组委会办公室·经办"),
    Part("office2", "古丽娜（演示）", Role.OFFICE, "组委会办公室·复核"),
    Part("regional", "乌鲁木齐市科技局（演示）", Role.REGIONAL, "地州市科技局（乌鲁木齐）", ("650100",)),
    Part("county", "天山区联络员（演示）", Role.COUNTY, "县市区联络员（天山区）", ("650102",)),
    Part("host", "承办单位（演示）", Role.HOST, "承办单位"),
    Part("recorder", "王记（演示）", Role.RECORDER, "记分员"),
    Part("duediligence", "赵尽（演示）", Role.DUE_DILIGENCE, "尽职调查组"),
    Part("finance", "李财（演示）", Role.FINANCE, "财务"),
    Part("programme", "农村科技处（演示）", Role.PROGRAMME, "计划主管处室（精准扶贫）"),
    Part("leader", "张领（演示）", Role.LEADER, "分管领导"),
    Part("supervision", "马监（演示）", Role.SUPERVISION, "监督（纪检）"),
    Part("sysadmin", "系统管理员（演示）", Role.SYSADMIN, "系统管理员"),
    Part("secadmin", "安全管理员（演示）", Role.SECADMIN, "安全管理员"),
    Part("auditadmin", "审计管理员（演示）", Role.AUDITADMIN, "审计管理员"),
)

BUREAUS = {
    "650200": "克拉玛依市",
    "650400": "吐鲁番市",
    "650500": "哈密市",
    "652300": "昌吉州",
    "652700": "博州",
    "652800": "巴州",
    "652900": "阿克苏地区",
    "653000": "克州",
    "653100": "喀什地区",
    "653200": "和田地区",
    "654000": "伊犁州",
    "654200": "塔城地区",
    "654300": "阿勒泰地区",
}


def assemble(now) -> dict[str, User]:
    """Everybody by user name; the bureaus' accounts are named after their division code."""
    people = {part.username: _hire(part, now) for part in CAST}
    people["650100"] = people["regional"]
    for code, name in BUREAUS.items():
        part = Part(f"kjj{code}", f"{name}科技局（演示）", Role.REGIONAL, None, (code,))
        people[code] = _hire(part, now)
    return people


def _hire(part: Part, now) -> User:
    return accounts.create_user(
        username=part.username,
        display_name=part.name,
        role=part.role,
        password=PASSWORD,
        actor=SYSTEM,
        now=now,
        division_codes=part.scope,
        demo_label=part.label,
    )
