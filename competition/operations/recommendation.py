"""The national recommendation list (推荐全国赛): drafted from the industry round, checked item by item, sent."""

import hashlib
from datetime import datetime

from sqlalchemy import select

from competition.enums import CandidacyState, Group, RecommendationState, VisitConclusion
from competition.models import (
    Candidacy,
    Edition,
    Entry,
    PastAward,
    Recommendation,
    RecommendationList,
    Stage,
    Visit,
)
from competition.round_rules import may_give_opinion, may_run_contest
from competition.round_states import RECOMMENDATION
from core import audit, seals
from core.db import db, flush
from core.errors import Conflict, InvalidInput
from core.rules import Actor

LONGEST_OPINION = 300
OUT_OF_RACE = (CandidacyState.WITHDRAWN, CandidacyState.DISQUALIFIED)


def checks_of(entry: Entry, passed: set[int], national_winners: set[str]) -> list[dict]:
    """Each condition of a recommendation with its outcome (DOMAIN.md 5.4)."""
    enterprise = entry.enterprise
    number = enterprise.sme_number or enterprise.hightech_number
    return [
        {"check": "due_diligence", "ok": entry.id in passed},
        {"check": "number", "ok": entry.group == Group.STARTUP or bool(number), "fact": number},
        {"check": "never_national_winner", "ok": enterprise.credit_code not in national_winners},
    ]


def draft_recommendation(
    edition: Edition, *, stage: Stage, actor: Actor, now: datetime
) -> RecommendationList:
    """The best of each track and group in turn, by rank, until the quota is full; who fails a check is passed over."""
    may_run_contest(actor).or_raise()
    declared = [other for other in edition.stages if other.recommends]
    if declared and stage not in declared:
        raise Conflict(f"本届规则规定依据{declared[0].name}的成绩推荐。", code="other_stage")
    if db.session.scalar(select(RecommendationList.id).where(RecommendationList.edition_id == edition.id)):
        raise Conflict("本届已建立推荐名单。", code="list_exists")
    stmt = select(Candidacy).where(Candidacy.stage_id == stage.id, Candidacy.rank.is_not(None))
    ranked = [row for row in db.session.scalars(stmt) if row.state not in OUT_OF_RACE]
    ranked.sort(key=lambda row: (row.rank, -(row.score_hundredths or 0), row.entry.number))
    passed = set(db.session.scalars(select(Visit.entry_id).where(Visit.conclusion == VisitConclusion.PASS)))
    winners = set(
        db.session.scalars(
            select(PastAward.credit_code).where(
                PastAward.level == "national", PastAward.withdrawn_at.is_(None)
            )
        )
    )
    list_ = RecommendationList(edition_id=edition.id, stage_id=stage.id, created_at=now)
    db.session.add(list_)
    flush()
    for row in ranked:
        checks = checks_of(row.entry, passed, winners)
        if len(list_.items) < edition.recommendation_quota and all(check["ok"] for check in checks):
            list_.items.append(
                Recommendation(
                    list_id=list_.id, entry=row.entry, position=len(list_.items) + 1, checks=checks
                )
            )
    flush()
    audit.record(
        "recommendation_list.draft",
        list_,
        actor=actor,
        now=now,
        after={"entries": [i.entry.number for i in list_.items]},
    )
    return list_


def give_opinion(
    list_: RecommendationList, item: Recommendation, *, text: str, actor: Actor, now: datetime
) -> Recommendation:
    """What the recommending unit says of one entry; part of what is sent, and frozen with it."""
    may_give_opinion(actor, item).or_raise()
    if list_.state != RecommendationState.DRAFT:
        raise Conflict("名单已上报，意见不能再修改。", code="list_sent")
    text = text.strip()
    if len(text) > LONGEST_OPINION:
        raise InvalidInput(
            f"第 {item.position} 项的意见最多 {LONGEST_OPINION} 字，现为 {len(text)} 字。", code="too_long"
        )
    if text != item.opinion:
        before, item.opinion = {"opinion": item.opinion}, text
        flush()
        after = {"entry": item.entry.number, "opinion": text}
        audit.record("recommendation.opinion", item, actor=actor, now=now, before=before, after=after)
    return item


def digest_of(list_: RecommendationList) -> str:
    """Over the entries in their order, each with its opinion where one was given."""
    content = {str(item.position): f"{item.entry.number} {item.opinion}".strip() for item in list_.items}
    return hashlib.sha256(seals.canonical(content)).hexdigest()


def send_recommendation(list_: RecommendationList, *, actor: Actor, now: datetime) -> RecommendationList:
    """Frozen with a digest over its items; the finals play no part in it."""
    if not list_.items:
        raise Conflict("推荐名单为空，不能上报。", code="list_empty")
    RECOMMENDATION.fire(
        list_, "send", actor=actor, now=now, set={"sent_at": now, "content_hash": digest_of(list_)}
    )
    return list_
