"""Who may do what with editions, enterprises and entries. Pure predicates on loaded objects."""

from competition.enums import EntryState
from competition.models import Edition, Enterprise, Entry
from core.enums import Role
from core.rules import Actor, Verdict, has_role, verdict

# Corps divisions and the cities directly under the region have no regional office: the organising office reviews them.
WITHOUT_REGIONAL_OFFICE = ("BT", "6590")


def may_run_editions(actor: Actor, _edition: Edition | None = None) -> Verdict:
    return verdict(actor.role == Role.OFFICE, "只有组委会办公室可以管理届次。")


def is_contact(actor: Actor, enterprise: Enterprise) -> Verdict:
    """Whether this person acts for the enterprise now."""
    acting = {contact.user_id for contact in enterprise.contacts if contact.until is None}
    return verdict(actor.role == Role.ENTERPRISE and actor.id in acting, "只有本企业的经办人可以办理。")


def may_fill(actor: Actor, entry: Entry) -> Verdict:
    return is_contact(actor, entry.enterprise)


def may_withdraw(actor: Actor, entry: Entry) -> Verdict:
    return is_contact(actor, entry.enterprise)


def reviews_here(actor: Actor, entry: Entry) -> bool:
    """Whether the regional review of this entry is this person's."""
    if entry.prefecture_code.startswith(WITHOUT_REGIONAL_OFFICE):
        return actor.role == Role.OFFICE
    return actor.role == Role.REGIONAL and entry.prefecture_code in getattr(actor, "prefectures", ())


def may_pass_regional(actor: Actor, entry: Entry) -> Verdict:
    return verdict(reviews_here(actor, entry), "只有项目所在地州市的科技局可以审核。")


def may_review(actor: Actor, entry: Entry) -> Verdict:
    """Return or reject: the regional office while the entry is with it, the organising office afterwards."""
    if entry.state == EntryState.REGIONAL_PASSED:
        return may_confirm(actor, entry)
    return may_pass_regional(actor, entry)


def may_confirm(actor: Actor, _entry: Entry) -> Verdict:
    return has_role(actor, Role.OFFICE)


def may_disqualify(actor: Actor, _entry: Entry) -> Verdict:
    return verdict(actor.role == Role.OFFICE, "只有组委会办公室可以取消资格。")
