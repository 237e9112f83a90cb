"""What the competition's lists say of prizes: those of an edition that were not taken back."""

from sqlalchemy import select

from awards.enums import AwardKind, AwardState
from awards.models import Award
from competition.models import Edition
from competition.outcomes import Prize
from core.db import db


def prizes_of(edition: Edition) -> list[Prize]:
    stmt = select(Award.entry_id, Award.tier_name, Award.amount_fen).where(
        Award.edition_id == edition.id,
        Award.kind == AwardKind.PRIZE,
        Award.state != AwardState.CANCELLED,
        Award.entry_id.is_not(None),
    )
    return [Prize(*row) for row in db.session.execute(stmt.order_by(Award.id))]
