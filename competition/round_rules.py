"""Who may run rounds, visits, events and recommendations."""

from competition.enums import CandidacyState
from competition.models import Candidacy, Recommendation, RecommendationList, Stage, Visit
from core.enums import Role
from core.rules import SYSTEM, Actor, Verdict, all_of, verdict


def may_run_contest(actor: Actor, _subject=None) -> Verdict:
    return verdict(actor is SYSTEM or actor.role == Role.OFFICE, "只有组委会办公室可以办理。")


def may_decide_stage(actor: Actor, _stage: Stage) -> Verdict:
    return may_run_contest(actor)


def may_leave_stage(actor: Actor, candidacy: Candidacy) -> Verdict:
    """The office notes a withdrawal; the enterprise itself may leave while it is still in the race."""
    own = actor.role == Role.ENTERPRISE and any(
        contact.user_id == actor.id and contact.until is None
        for contact in candidacy.entry.enterprise.contacts
    )
    return verdict(
        actor is SYSTEM or actor.role == Role.OFFICE or own, "只有组委会办公室或企业本身可以办理弃赛。"
    )


def may_plan_visit(actor: Actor, _visit=None) -> Verdict:
    return verdict(
        actor is SYSTEM or actor.role in (Role.OFFICE, Role.REGIONAL),
        "尽职调查由组委会办公室或地州市科技局安排。",
    )


def may_record_visit(actor: Actor, visit: Visit) -> Verdict:
    return all_of(
        verdict(actor.role == Role.DUE_DILIGENCE, "只有尽职调查组可以填写调查情况。"),
        verdict(actor.id == visit.lead_id, "只有本次调查的组长可以填写和签字。"),
    )


def may_run_events(actor: Actor, _event=None) -> Verdict:
    return verdict(
        actor is SYSTEM or actor.role in (Role.OFFICE, Role.REGIONAL, Role.HOST),
        "培训与对接会由组委会办公室、地州市科技局或承办单位办理。",
    )


def may_give_opinion(actor: Actor, item: Recommendation) -> Verdict:
    """The regional office that recommends the entry, or the organising office."""
    here = actor.role == Role.REGIONAL and item.entry.prefecture_code in getattr(actor, "prefectures", ())
    return verdict(here or actor.role == Role.OFFICE, "推荐意见由项目所在地州市的科技局或组委会办公室填写。")


def may_send_recommendation(actor: Actor, _list: RecommendationList) -> Verdict:
    return may_run_contest(actor)


IN_RACE = (CandidacyState.COMPETING, CandidacyState.ADVANCED, CandidacyState.RESERVE)
