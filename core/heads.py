"""The heads of the chains, published once a day: whoever kept a page of them sees a chain that was cut or made anew.

FINANCE.md 6.3: the owner of the database can rebuild a plain chain, and without its tail one is still valid. Each
package that keeps a chain says how the hash at a given length is found (`provide`).
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import Select, select

from core import audit
from core.clock import beijing_day
from core.db import db, flush
from core.models import AuditEvent, ChainHead, PublishedHead
from core.rules import SYSTEM

HashAt = Callable[[int], str | None]
_chains: dict[str, HashAt] = {}


def provide(chain: str, hash_at: HashAt) -> None:
    """`hash_at(count)`: the hash the chain's own rows give at that length; None where it is shorter."""
    _chains[chain] = hash_at


def audit_hash_at(count: int) -> str | None:
    return db.session.scalar(select(AuditEvent.seal).where(AuditEvent.seq == count))


def publish_due(now: datetime) -> None:
    """Each minute: on a new day, what every chain's head is."""
    day = beijing_day(now)
    if db.session.scalar(select(PublishedHead.id).where(PublishedHead.day == day).limit(1)):
        return
    for head in db.session.scalars(select(ChainHead).where(ChainHead.name.in_(_chains), ChainHead.count > 0)):
        made = PublishedHead(day=day, chain=head.name, count=head.count, hash=head.hash, published_at=now)
        db.session.add(made)
        flush()
        after = {"count": head.count, "hash": head.hash}
        audit.record("published_head.publish", made, actor=SYSTEM, now=now, after=after)


def published() -> Select[tuple[PublishedHead]]:
    return select(PublishedHead)


def heads_still_fit() -> Iterator[tuple[str, str]]:
    """Every head that was published is still what the chain's rows give at that length."""
    for head in db.session.scalars(select(PublishedHead).order_by(PublishedHead.id)):
        hash_at = _chains.get(head.chain)
        if hash_at is None or hash_at(head.count) != head.hash:
            yield f"published_head {head.id}", f"{head.day} 公布的链头与现在的链不符（记录被删改或重建）"


provide(audit.CHAIN, audit_hash_at)
