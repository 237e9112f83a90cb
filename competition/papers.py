"""What the competition's papers say (DOMAIN.md 5.4, 6); how they are printed is core.papers' matter."""

from collections.abc import Mapping
from datetime import date

from competition.enums import Group
from competition.models import Candidacy, Edition, Entry, EntryVersion, Stage
from competition.paper_queries import Stated
from competition.recommended import Row
from competition.states import ENTRY
from core.clock import beijing, beijing_day
from core.money import wan
from core.papers import Column, Paper, Table, code_to_scan

FINE = 7
NUMBER = Column("序号", 8, align="center")


def _track(entry: Entry) -> str:
    return entry.track.name if entry.track else "—"


REGISTRATION = (
    NUMBER,
    Column("企业名称", 25),
    Column("统一社会信用代码", 34),
    Column("注册日期", 18),
    Column("地州市/县", 18),
    Column("行业", 14),
    Column("组别", 12),
    Column("项目名称", 24),
    Column("上年营业收入（万元）", 16, align="right", show=wan),
    Column("入库编号", 34),
    Column("知识产权数", 9, align="right"),
    Column("联系人", 12),
    Column("手机", 21),
    Column("审核状态", 12),
)


def registration_list(
    edition: Edition, rows: list[Entry], stated: Stated, places: Mapping[str, str], *, by: str, on: date
) -> Paper:
    """报名汇总表"""
    table = Table(
        REGISTRATION,
        tuple(_registered(number, entry, places) for number, entry in enumerate(rows, 1)),
        totals={8: stated.revenue_fen, 10: stated.ip_granted},
        stated_rows=stated.rows,
        size=FINE,
    )
    return Paper(
        f"{edition.name}报名汇总表",
        (f"共 {stated.rows} 个项目。", table, "推荐单位（盖章）："),
        signed_by=by,
        dated=on,
        landscape=True,
        demo=edition.demo,
    )


def _registered(number: int, entry: Entry, places: Mapping[str, str]) -> tuple[str | int | None, ...]:
    return (
        number,
        entry.enterprise.name,
        entry.enterprise.credit_code,
        str(entry.enterprise.registered_on),
        f"{places.get(entry.prefecture_code, '')} {places.get(entry.county_code, '')}".strip(),
        _track(entry),
        entry.group.label,
        entry.title,
        entry.revenue_fen,
        entry.enterprise.sme_number or "—",
        entry.ip_granted,
        entry.enterprise.contact_name,
        entry.enterprise.contact_phone,
        ENTRY.badge(entry).label,
    )


def rejection_list(edition: Edition, rows: list[tuple[Entry, str]], *, by: str, on: date) -> Paper:
    """审核不通过清单"""
    table = Table(
        (
            NUMBER,
            Column("企业名称", 40),
            Column("项目编号", 22),
            Column("参赛项目", 40),
            Column("组别", 12),
            Column("原因", 50),
        ),
        tuple(
            (number, entry.enterprise.name, entry.number, entry.title, entry.group.label, reason)
            for number, (entry, reason) in enumerate(rows, 1)
        ),
        size=9,
    )
    return Paper(
        f"{edition.name}审核不通过清单",
        (f"共 {len(rows)} 个项目。", table),
        signed_by=by,
        dated=on,
        landscape=True,
        demo=edition.demo,
    )


def roster(stage: Stage, rows: list[Candidacy], stated: int, *, by: str) -> Paper:
    """晋级名单: one table per group, as many rows as the round's decision counts."""
    tables = []
    for group in Group:
        members = [row for row in rows if row.entry.group == group]
        if members:
            tables.append(_advanced_of(group, members))
    lead = f"{stage.edition.name}{stage.name}结束，经评审和晋级规则确定，共 {stated} 个项目晋级，名单如下。"
    count = Table(
        (Column("组别", 30, align="center"), Column("晋级项目数", 30, align="right")),
        tuple((table.title, len(table.rows)) for table in tables),
        title="晋级项目统计",
        totals={1: stated},
    )
    return Paper(
        f"{stage.edition.name}{stage.name}晋级名单",
        (lead, count, *tables),
        signed_by=by,
        dated=beijing_day(stage.decided_at),
        demo=stage.edition.demo,
    )


def _advanced_of(group: Group, members: list[Candidacy]) -> Table:
    return Table(
        (NUMBER, Column("企业名称", 34), Column("参赛项目", 38), Column("行业", 18)),
        tuple(
            (number, row.entry.enterprise.name, row.entry.title, _track(row.entry))
            for number, row in enumerate(members, 1)
        ),
        title=group.label,
    )


def recommendation_list(edition: Edition, rows: list[Row], *, by: str, on: date) -> Paper:
    """推荐全国赛表"""
    columns = (
        NUMBER,
        Column("赛区", 13),
        Column("行业", 14),
        Column("组别", 11),
        Column("企业名称", 26),
        Column("统一社会信用代码", 33),
        Column("注册日期", 18),
        Column("入库登记编号/高企编号", 33),
        Column("参赛项目", 26),
        Column("联系人", 12),
        Column("手机", 21),
        Column("地方赛成绩/名次/奖项", 22),
        Column("尽调结论", 12),
        Column("推荐单位意见", 22),
    )
    return Paper(
        f"{edition.name}推荐全国赛项目汇总表",
        (Table(columns, tuple(_recommended(row) for row in rows), size=FINE),),
        signed_by=by,
        dated=on,
        landscape=True,
        demo=edition.demo,
    )


def _recommended(row: Row) -> tuple[str | int, ...]:
    entry, enterprise = row.item.entry, row.item.entry.enterprise
    return (
        row.item.position,
        entry.region.name if entry.region else "—",
        _track(entry),
        entry.group.label,
        enterprise.name,
        enterprise.credit_code,
        str(enterprise.registered_on),
        enterprise.sme_number or enterprise.hightech_number or "—",
        entry.title,
        enterprise.contact_name,
        enterprise.contact_phone,
        row.in_short,
        row.conclusion,
        row.item.opinion or "—",
    )


def receipt(entry: Entry, version: EntryVersion, *, by: str) -> Paper:
    """报名回执: what was frozen at submission, with its digest; the code holds number and digest."""
    content = version.content
    facts = (
        ("回执号", version.receipt),
        ("项目编号", content["entry"]),
        ("企业名称", content["enterprise"]),
        ("统一社会信用代码", content["credit_code"]),
        ("参赛项目", content["fields"]["title"]),
        ("组别", Group(content["group"]).label),
        ("行业", content["track"] or "—"),
        ("提交版本", f"第 {version.number} 版"),
        ("提交时间", f"{beijing(version.submitted_at):%Y-%m-%d %H:%M:%S}（北京时间）"),
        ("规则版本", f"第 {content['rules_version']} 版"),
        ("内容摘要（SHA-256）", version.sha256),
        *((file["name"], file["sha256"]) for file in content["attachments"]),
    )
    columns = (Column("项目", 22), Column("内容", 78))
    return Paper(
        "报名回执",
        (
            Table(columns, facts, size=9),
            "提交的内容已冻结，与本回执的摘要对应。",
            code_to_scan(f"{version.receipt} {version.sha256}", "回执号与摘要"),
        ),
        number=version.receipt,
        signed_by=by,
        dated=beijing_day(version.submitted_at),
        demo=entry.edition.demo,
    )
