"""An invented enterprise as its contact would type it into the registration form."""

from typing import Any

from core.money import wan
from demo.names.enterprises import EnterpriseData


def content(entrant: EnterpriseData) -> dict[str, Any]:
    """Every field of `competition.fields` that this enterprise fills in, as typed text."""
    leader, *members = entrant.team
    product = entrant.project.product
    return {
        **_basics(entrant),
        "track": entrant.track,
        "title": entrant.project.title,
        "abstract": entrant.project.abstract,
        "keywords": entrant.project.keywords,
        "maturity": entrant.project.maturity,
        "technology": f"自主研发{product}，拥有{len(entrant.ip)}项相关知识产权，关键指标优于同类产品。",
        "competitors": "同类产品多为疆外企业提供，本产品价格更低，服务响应更快。",
        "business_model": "直销与代理结合，先在本地州示范，再向全疆推广，三年内建成稳定的售后网络。",
        "market": f"全疆对{product}的需求稳定增长，目标客户为合作社、园区企业和基层单位。",
        "leader_name": leader.name,
        "leader_position": leader.position,
        "leader_degree": leader.degree,
        "leader_background": leader.background,
        "members": [
            {
                "name": member.name,
                "position": member.position,
                "degree": member.degree,
                "background": member.background,
                "share": str(member.share_percent),
            }
            for member in members
        ],
        "staff_count": str(entrant.staff_count),
        "research_count": str(entrant.research_count),
        **_finance(entrant),
        "integrity": True,
    }


def _basics(entrant: EnterpriseData) -> dict[str, str]:
    return {
        "registered_on": entrant.registered_on.isoformat(),
        "division_code": entrant.county_code,
        "legal_person": entrant.legal_person,
        "address": entrant.address,
        "capital": wan(entrant.capital_fen),
        "business": f"{entrant.project.product}的研发、生产、销售和技术服务。",
        "listed": "yes" if entrant.listed else "no",
        "sme_number": entrant.sme_number,
        "hightech_number": entrant.hightech_number,
        "hightech_until": entrant.hightech_until.isoformat() if entrant.hightech_until else "",
        "contact_name": entrant.contact_name,
        "contact_phone": entrant.phone,
        "contact_email": entrant.email,
    }


def _finance(entrant: EnterpriseData) -> dict[str, Any]:
    return {
        "revenue": wan(entrant.revenue_fen or 0),
        "profit": wan(entrant.profit_fen),
        "research_spend": wan(entrant.research_spend_fen),
        "financing_kind": "equity" if entrant.financing_fen else "none",
        "financing_amount": wan(entrant.financing_fen),
        "financing_use": "用于产品研发、设备购置和市场开拓。" if entrant.financing_fen else "",
        "ip_items": [
            {
                "kind": item.kind,
                "name": item.name,
                "number": item.number,
                "state": item.state,
                "owner": entrant.name,
            }
            for item in entrant.ip
        ],
    }
