"""Who may do what with editions, enterprises and entries. Pure predicates on loaded objects."""

from competition.enums import EntryState
from competition.models import Edition, Enterprise, Entry, ReviewBatch, ReviewerInterest, RuleChange
from core.enums import Role
from core.models import User
from core.rules import SYSTEM, Actor, Verdict, all_of, has_role, verdict

REVIEWERS = (Role.REGIONAL, Role.OFFICE)

# Corps divisions and the cities directly under the region have no regional office: the organising office reviews them.
WITHOUT_REGIONAL_OFFICE = ("BT", "6590")


def may_run_editions(actor: Actor, _edition: Edition | None = None) -> Verdict:
    return verdict(actor.role == Role.OFFICE, "只有组委会办公室可以管理届次。")


def may_publish(actor: Actor, edition: Edition) -> Verdict:
    """The working copy of a change is never published itself: it is carried into its edition by a second person."""
    if edition.revises_id is not None:
        return verdict(False, "修改稿由复核人在规则调整中发布。")
    return may_run_editions(actor, edition)


def may_propose_rules(actor: Actor, _change: RuleChange) -> Verdict:
    return may_run_editions(actor)


def may_approve_rules(actor: Actor, change: RuleChange) -> Verdict:
    """A second person: the office or the leader, never who wrote or proposed the change."""
    wrote = (change.started_by_id, change.proposed_by_id)
    return all_of(
        has_role(actor, Role.OFFICE, Role.LEADER),
        verdict(actor.id not in wrote, "提出人不能复核自己的调整，须由另一人发布。"),
    )


def may_keep_enterprises(actor: Actor, _subject: object = None) -> Verdict:
    """The register of past awards, lineages, hand-overs that no contact can make any more."""
    return verdict(actor.role == Role.OFFICE, "由组委会办公室办理。")


def is_contact(actor: Actor, enterprise: Enterprise) -> Verdict:
    """Whether this person acts for the enterprise now."""
    acting = {contact.user_id for contact in enterprise.contacts if contact.until is None}
    return verdict(actor.role == Role.ENTERPRISE and actor.id in acting, "只有本企业的经办人可以办理。")


def may_invite_contact(actor: Actor, enterprise: Enterprise) -> Verdict:
    """A contact of the enterprise; while it has none, because it was imported, the organising office."""
    if actor.role == Role.OFFICE:
        claimed = any(contact.until is None for contact in enterprise.contacts)
        return verdict(not claimed, "该企业已有经办人，由经办人邀请。")
    return is_contact(actor, enterprise)


def may_fill(actor: Actor, entry: Entry) -> Verdict:
    return is_contact(actor, entry.enterprise)


def may_withdraw(actor: Actor, entry: Entry) -> Verdict:
    return is_contact(actor, entry.enterprise)


def _open_interests(entry: Entry) -> list[ReviewerInterest]:
    return [interest for interest in entry.enterprise.interests if interest.ended_at is None]


def is_free(actor: Actor, entry: Entry) -> Verdict:
    """Nobody reviews an enterprise he has an interest in (DOMAIN.md 8.2)."""
    involved = any(interest.user_id == actor.id for interest in _open_interests(entry))
    return verdict(not involved, "您与该企业有利害关系，已经回避，不能审核它的项目。")


def reviews_here(actor: Actor, entry: Entry) -> bool:
    """Whether the regional review of this entry is this person's; the office stands in where a reviewer stood aside."""
    if actor.role == Role.OFFICE:
        stood_aside = any(interest.user.role == Role.REGIONAL for interest in _open_interests(entry))
        return stood_aside or entry.prefecture_code.startswith(WITHOUT_REGIONAL_OFFICE)
    return actor.role == Role.REGIONAL and entry.prefecture_code in getattr(actor, "prefectures", ())


def may_pass_regional(actor: Actor, entry: Entry) -> Verdict:
    here = verdict(reviews_here(actor, entry), "只有项目所在地州市的科技局可以审核。")
    return all_of(here, is_free(actor, entry)) if here else here


def may_review(actor: Actor, entry: Entry) -> Verdict:
    """Return or reject: the regional office while the entry is with it, the organising office afterwards."""
    if entry.state == EntryState.REGIONAL_PASSED:
        return may_confirm(actor, entry)
    return may_pass_regional(actor, entry)


def may_confirm(actor: Actor, entry: Entry) -> Verdict:
    staff = has_role(actor, Role.OFFICE)
    return is_free(actor, entry) if staff else staff


def may_declare_interest(actor: Actor, user: User) -> Verdict:
    """A reviewer for himself, the office for any reviewer."""
    own = actor.id == user.id and user.role in REVIEWERS
    return verdict(own or actor.role == Role.OFFICE, "利害关系由审核人本人或组委会办公室登记。")


def may_end_interest(actor: Actor, interest: ReviewerInterest) -> Verdict:
    """Never the person himself: he would be a judge in his own cause."""
    others = actor.role == Role.OFFICE and actor.id != interest.user_id
    return verdict(others, "回避由组委会办公室的其他人员解除，本人不能解除。")


def may_run_batch(actor: Actor, batch: ReviewBatch) -> Verdict:
    return verdict(actor.id == batch.created_by_id, "批量办理由选取项目的人本人完成。")


def may_import(actor: Actor, _subject: object = None) -> Verdict:
    """The organising office; on the command line whoever runs the installation."""
    return verdict(actor is SYSTEM or actor.role == Role.OFFICE, "只有组委会办公室可以导入。")


def may_disqualify(actor: Actor, _entry: Entry) -> Verdict:
    return verdict(actor.role == Role.OFFICE, "只有组委会办公室可以取消资格。")
