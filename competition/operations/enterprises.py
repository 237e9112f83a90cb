"""Enterprises and the people who act for them: registered once per credit code, joined by invitation, handed over."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from competition import queries, validators
from competition.models import ContactInvitation, Enterprise, EnterpriseContact
from competition.rules import is_contact, may_invite_contact, may_keep_enterprises
from core import accounts, audit
from core.clock import beijing_day
from core.db import db, flush
from core.enums import DivisionLevel, Role
from core.errors import Conflict, InvalidInput, NotVisible
from core.models import Division, User
from core.rules import SYSTEM, Actor, verdict

INVITATION_LIFE = timedelta(days=7)
DETAILS = frozenset(
    ("address", "legal_person", "capital_fen", "listed", "sme_number", "hightech_number", "hightech_until")
)
PLACES = (DivisionLevel.COUNTY, DivisionLevel.DIRECT_CITY, DivisionLevel.XPCC_DIVISION)


def register_enterprise(
    *,
    credit_code: str,
    name: str,
    division_code: str,
    registered_on: date,
    contact_name: str,
    contact_phone: str,
    contact_email: str,
    username: str,
    password: str,
    actor: Actor,
    now: datetime,
    **details: Any,
) -> tuple[Enterprise, User]:
    """An enterprise with its first contact's account. A credit code registers once, for all editions."""
    if not queries.accounts_open(now):
        raise Conflict("本届注册已截止，不能再注册新账号。", code="late")
    values = {
        "credit_code": _checked("credit_code", validators.credit_code, credit_code),
        "name": _checked("name", validators.name_text, name),
        "contact_name": _checked("contact_name", _person, contact_name),
        "contact_phone": _checked("contact_phone", validators.mobile, contact_phone),
        "contact_email": _checked("contact_email", validators.email, contact_email) if contact_email else "",
    }
    _check_details(details)
    _check_place(division_code)
    if registered_on > beijing_day(now):
        raise InvalidInput("注册日期不能晚于今天。", code="future", field="registered_on")
    if queries.has_enterprise(values["credit_code"]):
        sentence = (
            "该统一社会信用代码已注册。请由本企业现有经办人在“经办人”页面发出邀请，或联系组委会办公室。"
        )
        raise InvalidInput(sentence, code="enterprise_taken", field="credit_code")
    user = _create_contact_account(username, password, values["contact_name"], values, now=now)
    enterprise = Enterprise(
        **values, **details, division_code=division_code, registered_on=registered_on, created_at=now
    )
    enterprise.contacts.append(EnterpriseContact(user=user, since=now))
    db.session.add(enterprise)
    flush()
    after = {"credit_code": enterprise.credit_code, "name": enterprise.name, "contact": user.username}
    by = user if actor is SYSTEM else actor
    audit.record("enterprise.register", enterprise, actor=by, now=now, after=after)
    return enterprise, user


def _checked(field: str, check: Any, raw: str) -> str:
    """The value, with the refusal placed beside its field."""
    try:
        return check(raw)
    except InvalidInput as problem:
        raise InvalidInput(problem.sentence, code=problem.code, field=field) from problem


def _person(raw: str) -> str:
    return validators.name_text(raw, longest=60)


def _check_details(details: Mapping[str, Any]) -> None:
    unknown = set(details) - DETAILS
    if unknown:
        raise InvalidInput(f"没有企业信息项：{'、'.join(sorted(unknown))}。", code="unknown_detail")


def _check_place(code: str) -> None:
    place = db.session.get(Division, code) if len(code) <= 6 else None
    if place is None or place.level not in PLACES:
        raise InvalidInput("请选择注册地所在的县市区。", code="division", field="division_code")


def _create_contact_account(
    username: str, password: str, name: str, reach: Mapping[str, str], *, now: datetime
) -> User:
    username = username.strip()
    if not 3 <= len(username) <= 64 or not all(c.isalnum() or c in "_-.@" for c in username):
        raise InvalidInput("用户名为 3 至 64 位字母、数字或 _ - . @。", code="username", field="username")
    try:
        return accounts.create_user(
            username=username,
            display_name=name,
            role=Role.ENTERPRISE,
            password=password,
            phone=reach.get("contact_phone", ""),
            email=reach.get("contact_email", ""),
            actor=SYSTEM,
            now=now,
        )
    except Conflict as taken:
        raise InvalidInput(taken.sentence, code=taken.code, field="username") from taken


def invite_contact(
    enterprise: Enterprise, *, name: str, hand_over: bool, actor: Actor, now: datetime
) -> tuple[ContactInvitation, str]:
    """An invitation and its one-time token, of which only the digest is stored. `hand_over` makes way for the other."""
    may_invite_contact(actor, enterprise).or_raise()
    invitation, token = _invite(enterprise, name=name, hand_over=hand_over, actor=actor, now=now)
    after = {"name": invitation.name, "hand_over": hand_over}
    audit.record("enterprise.invite_contact", enterprise, actor=actor, now=now, after=after)
    return invitation, token


def _invite(
    enterprise: Enterprise, *, name: str, hand_over: bool, actor: Actor, now: datetime
) -> tuple[ContactInvitation, str]:
    token = secrets.token_urlsafe(24)
    invitation = ContactInvitation(
        enterprise_id=enterprise.id,
        token_digest=accounts.digest(token),
        name=_checked("name", _person, name),
        hand_over=hand_over,
        invited_by_id=actor.id,
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    db.session.add(invitation)
    flush()
    return invitation, token


def hand_over_by_office(
    enterprise: Enterprise, *, name: str, reason: str, actor: Actor, now: datetime
) -> tuple[ContactInvitation, str]:
    """For an enterprise whose contact can no longer be reached: who accepts takes the place of everybody before him."""
    may_keep_enterprises(actor).or_raise()
    if not reason.strip():
        raise InvalidInput("请填写移交的依据，例如企业盖章的变更函。", code="reason_needed", field="reason")
    invitation, token = _invite(enterprise, name=name, hand_over=True, actor=actor, now=now)
    after = {"name": invitation.name}
    audit.record("enterprise.hand_over", enterprise, actor=actor, now=now, after=after, reason=reason.strip())
    return invitation, token


def open_contact_invitation(token: str, now: datetime) -> ContactInvitation:
    stmt = select(ContactInvitation).where(ContactInvitation.token_digest == accounts.digest(token))
    found = db.session.scalar(stmt)
    if found is None or found.used_at or now >= found.expires_at:
        raise NotVisible("邀请链接无效或已过期，请联系邀请人重新发送。")
    return found


def accept_contact_invitation(token: str, *, username: str, password: str, phone: str, now: datetime) -> User:
    """The invited person's account; after a hand-over the inviter no longer acts for the enterprise."""
    invitation = open_contact_invitation(token, now)
    reach = {"contact_phone": _checked("phone", validators.mobile, phone)}
    user = _create_contact_account(username, password, invitation.name, reach, now=now)
    enterprise = invitation.enterprise
    enterprise.contacts.append(EnterpriseContact(user=user, since=now))
    invitation.used_at, invitation.user_id = now, user.id
    flush()
    after = {"contact": user.username, "hand_over": invitation.hand_over}
    audit.record("enterprise.add_contact", enterprise, actor=user, now=now, after=after)
    if invitation.hand_over:
        acting = [other for other in enterprise.contacts if other.until is None and other.user_id != user.id]
        own = [contact for contact in acting if contact.user_id == invitation.invited_by_id]
        # The office invites for all who acted before: nobody of them can be reached, or the unit asked for it.
        for contact in own or acting:
            _end(contact, actor=user, now=now)
    return user


def end_contact(contact: EnterpriseContact, *, actor: Actor, now: datetime) -> None:
    """A contact leaves; an enterprise always keeps at least one."""
    enterprise = contact.enterprise
    is_contact(actor, enterprise).or_raise()
    acting = [other for other in enterprise.contacts if other.until is None]
    verdict(contact.until is None and len(acting) > 1, "企业至少要有一名经办人。").or_raise()
    _end(contact, actor=actor, now=now)


def _end(contact: EnterpriseContact, *, actor: Actor, now: datetime) -> None:
    contact.until = now
    flush()
    before = {"contact": contact.user.username}
    audit.record("enterprise.end_contact", contact.enterprise, actor=actor, now=now, before=before)
