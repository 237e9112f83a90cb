"""The heads of the chains as published: once a day, by everybody to be read, and held against the chains."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core import heads
from core.checks import run_all
from core.db import commit, db
from core.models import AuditEvent, ChainHead, PublishedHead
from fund.models import Transfer
from tests.factories import awards as make


@pytest.fixture
def chained(ctx, now):
    """A ledger and an audit trail with something in them."""
    make.make_line(now)
    commit()
    return now


def rows():
    found = db.session.scalars(db.select(PublishedHead).order_by(PublishedHead.id))
    return [(row.day, row.chain, row.count) for row in found]


def test_heads_are_published_once_a_day(chained):
    now = chained
    heads.publish_due(now)
    heads.publish_due(now + timedelta(hours=1))
    assert {chain for _, chain, _ in rows()} == {"audit", "transfer"}
    assert len(rows()) == 2
    make.make_line(now, code="T26-2")
    commit()
    heads.publish_due(now + timedelta(days=1))
    assert len(rows()) == 4
    counts = dict(db.session.execute(db.select(ChainHead.name, ChainHead.count)).all())
    assert {chain: count for _, chain, count in rows()[2:]} == counts
    commit()
    assert run_all("published-heads") == []


@pytest.mark.parametrize(("model", "table"), [(Transfer, "transfer"), (AuditEvent, "audit_event")])
def test_chain_made_anew_no_longer_fits_what_was_published(chained, model, table):
    """Cut off at its end, its head put back: every other check of the chain itself is content."""
    heads.publish_due(chained)
    commit()
    sqlite = db.engine.dialect.name == "sqlite"
    drop = f"DROP TRIGGER {table}_no_delete" + ("" if sqlite else f" ON {table}")
    db.session.execute(text(drop))
    name = {"audit_event": "audit"}.get(table, table)
    count = db.session.scalar(db.select(PublishedHead.count).where(PublishedHead.chain == name))
    db.session.execute(db.delete(model).where(model.seq >= count))
    (found,) = run_all("published-heads")
    assert "公布的链头" in found.what


def test_published_rows_are_never_changed(chained):
    heads.publish_due(chained)
    with pytest.raises(Exception, match="append only"), db.session.begin_nested():
        db.session.execute(db.update(PublishedHead).values(count=1))


def test_nothing_is_published_of_an_empty_ledger(ctx, now):
    heads.publish_due(now)
    assert "transfer" not in {chain for _, chain, _ in rows()}


def test_everybody_reads_them(app, client, now):
    with app.app_context():
        make.make_line(now)
        commit()
        heads.publish_due(now)
        commit()
        kept = db.session.scalar(db.select(PublishedHead.hash).where(PublishedHead.chain == "transfer"))
    page = client.get("/chain-heads?chain=transfer")
    assert page.status_code == 200
    assert kept in page.text and "资金账" in page.text
