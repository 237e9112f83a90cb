"""A certificate on paper: number, what it certifies as frozen, the code that leads to its public check."""

from datetime import date

from awards.models import Certificate
from core.papers import Paper, code_to_scan


def paper_of(certificate: Certificate, check: str, *, by: str) -> Paper:
    content = certificate.content
    did = f"你单位参赛项目“{content['project']}”" if content["project"] else "你单位因赛事组织工作"
    return Paper(
        "证　书",
        (
            f"{did}在{content['edition']}中荣获{content['group']}{content['tier']}。",
            "特发此证。",
            code_to_scan(check, "扫码核验"),
        ),
        number=f"证书编号：{content['number']}",
        addressee=content["name"],
        signed_by=by,
        dated=date.fromisoformat(content["issued_on"]),
        landscape=True,
        demo=content["demo"],
    )
