"""Editions, enterprises and entries for tests, made through the operations the pages call.

Use inside an application context. Accounts are found again by their user name, so the factories can be called in
any order and number. All names are invented.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from stdnum.cn import uscc

from competition import wiring
from competition.enums import Aggregation, AttachmentKind, CriterionMode, EntryState, Group, StageKind
from competition.models import Edition, Enterprise, Entry
from competition.operations import editions, entries, review
from core import accounts, checks, files
from core.db import db
from core.enums import Role
from core.models import StoredFile, User
from core.rules import SYSTEM

PASSWORD = "Correct-Horse-7"
PREFECTURES = {
    "650100": "乌鲁木齐",
    "650200": "克拉玛依",
    "650400": "吐鲁番",
    "650500": "哈密",
    "652300": "昌吉",
    "652700": "博州",
    "652800": "巴州",
    "652900": "阿克苏",
    "653000": "克州",
    "653100": "喀什",
    "653200": "和田",
    "654000": "伊犁",
    "654200": "塔城",
    "654300": "阿勒泰",
}
TRACKS = {
    "electronics": "电子信息",
    "internet": "互联网及移动互联网",
    "biomedicine": "生物医药",
    "manufacturing": "先进制造",
    "materials": "新材料",
    "energy": "新能源及节能环保",
}
CRITERIA = {
    Group.STARTUP: (2500, 2000, 2000, 3000, 500),
    Group.GROWTH: (2500, 2000, 2000, 2500, 1000),
}
CRITERION_NAMES = {
    "technology": "技术和产品",
    "business": "商业模式及实施方案",
    "market": "行业及市场",
    "team": "团队",
    "finance": "财务分析",
}


def staff(
    role: Role, now: datetime, *, username: str | None = None, division_codes: tuple[str, ...] = ()
) -> User:
    """The staff account of this name (default: the role's), made when it is not there yet."""
    username = username or f"{role.value}-staff"
    found = db.session.scalar(select(User).where(User.username == username))
    return found or accounts.create_user(
        username=username,
        display_name=f"{role.label}（{username}）",
        role=role,
        password=PASSWORD,
        actor=SYSTEM,
        now=now,
        division_codes=division_codes,
    )


def office(now: datetime) -> User:
    return staff(Role.OFFICE, now)


def regional(now: datetime, prefecture_code: str) -> User:
    name = f"regional-{prefecture_code}"
    return staff(Role.REGIONAL, now, username=name, division_codes=(prefecture_code,))


def make_edition(
    now: datetime,
    *,
    code: str = "xj2026",
    publish: bool = True,
    mode: CriterionMode = CriterionMode.POINTS,
    stage_changes: dict[str, Any] | None = None,
    **changes: Any,
) -> Edition:
    """Opened ten days before `now`, entries until 25 days after; 14 regions, 6 tracks, 3 stages, both groups' criteria.

    `mode`: how every criterion is marked; `stage_changes` are made to every stage before the rules are published.
    """
    actor = office(now)
    year = changes.pop("year", now.year)
    edition = editions.create_edition(
        **{
            "code": code,
            "name": f"演示创新创业大赛（{code}）",
            "ordinal": 13,
            "year": year,
            "opens_at": now - timedelta(days=10),
            "account_deadline": now + timedelta(days=20),
            "entry_deadline": now + timedelta(days=25),
            "revenue_year": year - 1,
            "revenue_max_fen": 20_000_000_000,
            "founded_from": date(year - 10, 1, 1),
            "startup_from": date(year - 1, 1, 1),
            "recommendation_quota": 10,
            "budget_line_code": None,
            "demo": True,
            **changes,
        },
        actor=actor,
        now=now,
    )
    _add_parts(edition, mode=mode, actor=actor, now=now)
    for stage in edition.stages if stage_changes else ():
        editions.change_stage(stage, values=stage_changes, actor=actor, now=now)
    if publish:
        editions.publish_edition(edition, actor=actor, now=now)
    return edition


def _add_parts(edition: Edition, *, mode: CriterionMode, actor: User, now: datetime) -> None:
    by = {"actor": actor, "now": now}
    for code, name in TRACKS.items():
        editions.add_track(edition, code=code, name=name, **by)
    for code, name in PREFECTURES.items():
        editions.add_region(edition, name=f"{name}赛区", host=f"{name}科技局", prefectures=[code], **by)
    for group, points in CRITERIA.items():
        rows = [
            {"code": key, "name": name, "mode": mode, "max_hundredths": most, "hint": ""}
            for (key, name), most in zip(CRITERION_NAMES.items(), points, strict=True)
        ]
        editions.set_criteria(edition, group=group, criteria=rows, **by)
    trimmed = {"aggregation": Aggregation.TRIMMED, "drop_high": 1, "drop_low": 1}
    for kind, name, size, aggregation in (
        (StageKind.REGIONAL, "地区赛", 5, {}),
        (StageKind.INDUSTRY, "行业赛", 5, trimmed),
        (StageKind.FINAL, "总决赛", 7, trimmed),
    ):
        editions.add_stage(
            edition,
            kind=kind,
            name=name,
            panel_size=size,
            tie_chain=["criterion:technology"],
            **aggregation,
            **by,
        )


def credit_code(number: int) -> str:
    """The valid credit code of the number-th invented enterprise."""
    body = f"91650100MA{number:07d}"
    return body + uscc.calc_check_digit(body)


def make_enterprise(
    now: datetime,
    *,
    name: str | None = None,
    division_code: str = "650102",
    registered_on: date | None = None,
    **changes: Any,
) -> Enterprise:
    """A registered enterprise; its contact's account is `contact_of(enterprise)`."""
    number = (db.session.scalar(select(func.count(Enterprise.id))) or 0) + 1
    enterprise, _ = entries.register_enterprise(
        **{
            "credit_code": credit_code(number),
            "name": name or f"演示科技{number}号有限公司",
            "division_code": division_code,
            "registered_on": registered_on or date(now.year - 1, 3, 1),
            "contact_name": "古丽娜·演示",
            "contact_phone": f"139{number:08d}",
            "contact_email": f"contact{number}@example.cn",
            "username": f"enterprise-{number}",
            "password": PASSWORD,
            **changes,
        },
        actor=SYSTEM,
        now=now,
    )
    return enterprise


def contact_of(enterprise: Enterprise) -> User:
    return next(contact.user for contact in enterprise.contacts if contact.until is None)


def entry_values(**changes: Any) -> dict[str, Any]:
    """A complete registration form, as typed."""
    return {
        "legal_person": "阿依努尔·演示",
        "address": "演示路 1 号",
        "capital": "500",
        "business": "智能灌溉设备的研发与销售",
        "listed": "no",
        "contact_name": "古丽娜·演示",
        "contact_phone": "13900000001",
        "track": "manufacturing",
        "title": "棉田智能灌溉系统",
        "abstract": "以土壤墒情传感器和预测模型控制滴灌。",
        "maturity": "pilot",
        "technology": "自主研发，含两项发明专利。",
        "business_model": "设备销售与按亩收取服务费。",
        "market": "南疆棉区。",
        "leader_name": "张三",
        "leader_position": "总经理",
        "members": [
            {
                "name": "李四",
                "position": "技术总监",
                "degree": "master",
                "background": "自动化",
                "share": "10",
            }
        ],
        "staff_count": "25",
        "research_count": "9",
        "revenue": "860.5",
        "ip_items": [
            {
                "kind": "invention",
                "name": "一种滴灌控制方法",
                "number": "ZL2019",
                "state": "granted",
                "owner": "本企业",
            }
        ],
        "integrity": True,
        **changes,
    }


def broken_invariants() -> list[checks.Finding]:
    """What the invariants of the core and of the competition find; for tests that end with a commit."""
    names = ("seals-hold", "audit-chain", "audited-rows-exist", "states-follow-trail", *wiring.CHECKS)
    return [finding for name in names for finding in checks.run_all(name)]


def make_file(now: datetime, name: str = "材料.pdf") -> StoredFile:
    return files.store_bytes(b"%PDF-1.4 demo", name, "application/pdf", actor=SYSTEM, now=now)


def make_entry(
    edition: Edition,
    now: datetime,
    *,
    state: EntryState = EntryState.ACCEPTED,
    enterprise: Enterprise | None = None,
    values: Mapping[str, Any] | None = None,
    **enterprise_changes: Any,
) -> Entry:
    """An entry brought to `state` by the people whose work that is. `group` follows from `registered_on`."""
    enterprise = enterprise or make_enterprise(now, **enterprise_changes)
    contact = contact_of(enterprise)
    entry = entries.start_entry(enterprise, edition, actor=contact, now=now)
    entries.save_entry(entry, values=entry_values(**(values or {})), actor=contact, now=now)
    for kind in map(AttachmentKind, edition.required_attachments):
        entries.attach_file(entry, kind=kind, stored_file=make_file(now), actor=contact, now=now)
    if state is EntryState.DRAFT:
        return entry
    entries.submit_entry(entry, actor=contact, now=now)
    _bring_to(entry, state, contact=contact, now=now)
    return entry


def _bring_to(entry: Entry, state: EntryState, *, contact: User, now: datetime) -> None:
    reviewer = regional(now, entry.prefecture_code)
    if state is EntryState.RETURNED:
        review.return_entry(entry, reason="请补充材料", actor=reviewer, now=now)
    elif state is EntryState.REJECTED:
        review.reject_entry(entry, reason_code="other", reason="演示", actor=reviewer, now=now)
    elif state is EntryState.WITHDRAWN:
        entries.withdraw_entry(entry, reason="不再参加", actor=contact, now=now)
    elif state is not EntryState.SUBMITTED:
        review.pass_regional(entry, actor=reviewer, now=now)
        if state is not EntryState.REGIONAL_PASSED:
            review.confirm_entry(entry, actor=office(now), now=now)
        if state is EntryState.DISQUALIFIED:
            entries.disqualify_entry(entry, reason="演示", actor=office(now), now=now)
