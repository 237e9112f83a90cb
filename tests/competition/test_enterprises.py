"""Enterprises: one per credit code; contacts are added, handed over, ended, but never none."""

from datetime import date, timedelta

import pytest

from competition import queries
from competition.models import ContactInvitation
from competition.operations import enterprises
from core import accounts
from core.db import commit, db
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed, NotVisible
from core.rules import SYSTEM
from tests.factories import competition as factory

JOINING = {"username": "second", "password": factory.PASSWORD, "phone": "13911112222"}


@pytest.fixture
def enterprise(ctx, now):
    return factory.make_enterprise(now)


def invite(enterprise, now, *, hand_over=False):
    contact = factory.contact_of(enterprise)
    return enterprises.invite_contact(enterprise, name="买买提", hand_over=hand_over, actor=contact, now=now)


def test_registration_makes_enterprise_and_account(enterprise):
    contact = factory.contact_of(enterprise)
    assert (contact.role, contact.username) == (Role.ENTERPRISE, "enterprise-1")
    assert enterprise.credit_code == factory.credit_code(1)
    commit()
    assert factory.broken_invariants() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"credit_code": "91650100MA0000001X"}, "credit_code"),
        ({"credit_code": factory.credit_code(1).lower()}, "credit_code"),
        ({"name": "  "}, "name"),
        ({"contact_name": "名" * 61}, "contact_name"),
        ({"contact_phone": "0991-1234567"}, "contact_phone"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"division_code": "650100"}, "division_code"),
        ({"division_code": "110101"}, "division_code"),
        ({"division_code": "65010200000"}, "division_code"),
        ({"registered_on": date(2026, 5, 11)}, "registered_on"),
        ({"username": "a b"}, "username"),
        ({"username": "enterprise-1"}, "username"),
        ({"password": "short"}, "password"),
    ],
)
def test_registration_refuses_beside_the_field(enterprise, now, changes, field):
    with pytest.raises(InvalidInput) as refused:
        factory.make_enterprise(now, **{"credit_code": factory.credit_code(2), **changes})
    assert refused.value.field == field


def test_a_taken_code_says_how_to_get_in_and_names_nobody(enterprise, now):
    with pytest.raises(InvalidInput) as refused:
        factory.make_enterprise(now, credit_code=enterprise.credit_code)
    assert refused.value.code == "enterprise_taken"
    assert enterprise.contact_name not in refused.value.sentence


def test_accounts_close_with_the_last_open_edition(ctx, now):
    edition = factory.make_edition(now)
    late = edition.account_deadline + timedelta(seconds=1)
    factory.make_enterprise(edition.account_deadline)
    with pytest.raises(Conflict) as refused:
        factory.make_enterprise(late)
    assert refused.value.code == "late"
    factory.make_edition(now, code="longer", account_deadline=now + timedelta(days=24))
    assert queries.accounts_open(late)


def test_an_invited_person_becomes_a_contact(enterprise, now):
    invitation, token = invite(enterprise, now)
    assert token not in (invitation.token_digest, repr(vars(invitation)))
    user = enterprises.accept_contact_invitation(token, **JOINING, now=now)
    acting = {contact.user_id for contact in enterprise.contacts if contact.until is None}
    assert acting == {factory.contact_of(enterprise).id, user.id}
    assert queries.enterprise_of(user) is enterprise
    commit()
    assert factory.broken_invariants() == []


def test_a_hand_over_makes_way(enterprise, now):
    before = factory.contact_of(enterprise)
    _, token = invite(enterprise, now, hand_over=True)
    user = enterprises.accept_contact_invitation(token, **JOINING, now=now)
    assert [c.user_id for c in enterprise.contacts if c.until is None] == [user.id]
    assert queries.enterprise_of(before) is None


@pytest.mark.parametrize("what", ["used", "late", "made up"])
def test_a_dead_link_opens_nothing(enterprise, now, what):
    _, token = invite(enterprise, now)
    moment = now + timedelta(days=8) if what == "late" else now
    if what == "used":
        enterprises.accept_contact_invitation(token, **JOINING, now=now)
    with pytest.raises(NotVisible):
        enterprises.open_contact_invitation("nothing" if what == "made up" else token, moment)


def test_the_token_is_stored_nowhere(enterprise, now):
    _, token = invite(enterprise, now)
    stored = db.session.query(ContactInvitation).one()
    assert stored.token_digest == accounts.digest(token)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.REGIONAL, Role.SYSADMIN])
def test_nobody_else_invites(enterprise, now, role):
    with pytest.raises(NotAllowed):
        enterprises.invite_contact(
            enterprise, name="买买提", hand_over=False, actor=factory.staff(role, now), now=now
        )
    with pytest.raises(NotAllowed):
        enterprises.invite_contact(enterprise, name="买买提", hand_over=False, actor=SYSTEM, now=now)


def test_the_last_contact_stays(enterprise, now):
    contact = enterprise.contacts[0]
    with pytest.raises(NotAllowed):
        enterprises.end_contact(contact, actor=contact.user, now=now)
    assert contact.until is None


def test_one_of_two_may_leave(enterprise, now):
    _, token = invite(enterprise, now)
    user = enterprises.accept_contact_invitation(token, **JOINING, now=now)
    first = enterprise.contacts[0]
    enterprises.end_contact(first, actor=user, now=now)
    assert first.until == now
    with pytest.raises(NotAllowed):
        enterprises.invite_contact(enterprise, name="他", hand_over=False, actor=first.user, now=now)
