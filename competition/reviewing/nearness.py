"""Signs that a reviewer is too near to an enterprise (DOMAIN.md 8.2): hints for a person to weigh. Pure."""

from collections.abc import Mapping
from typing import Any

NAMES = {
    "legal_person": "法定代表人",
    "contact_name": "联系人",
    "leader_name": "项目负责人",
}


def signs(content: Mapping[str, Any], *, name: str, phone: str = "", email: str = "") -> list[str]:
    """Where the submitted form names the reviewer, or gives his telephone or mail address."""
    own = _plain(name)
    found = [label for key, label in NAMES.items() if own and _plain(content.get(key)) == own]
    members = content.get("members") or []
    if own and any(_plain(member.get("name")) == own for member in members):
        found.append("核心成员")
    if phone and content.get("contact_phone") == phone:
        found.append("联系人手机")
    if email and (content.get("contact_email") or "").lower() == email.lower():
        found.append("联系人邮箱")
    return found


def _plain(name: str | None) -> str:
    return "".join((name or "").split()).replace("•", "·")
