"""The competition's papers say what the records say, and only to those who read the page."""

import io

import pytest
from docx import Document

from competition import paper_queries, papers, round_queries
from competition.enums import EntryState
from competition.models import Recommendation, RecommendationList, Stage
from competition.operations import rounds
from core.db import db
from core.errors import Conflict
from core.rules import SYSTEM
from tests.factories.competition import contact_of, make_edition, make_enterprise, make_entry, office


def field(now):
    """Three accepted entries, one rejected; the first round ranked and decided."""
    edition = make_edition(now)
    entries = [make_entry(edition, now) for _ in range(3)]
    make_entry(edition, now, state=EntryState.REJECTED)
    stage = edition.stages[0]
    stage.quota = {}
    rounds.open_stage(stage, entries=entries, actor=office(now), now=now)
    results = [(entry.id, place, 9000 - place, "unit") for place, entry in enumerate(entries, 1)]
    rounds.record_results(stage, results=results, actor=SYSTEM, now=now)
    return edition.code, stage.id, [entry.enterprise.name for entry in entries], entries[0].number


def texts(answer) -> list[str]:
    assert answer.status_code == 200
    document = Document(io.BytesIO(answer.data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(line.text for line in document.paragraphs), *cells]


def test_registrations_and_rejections_on_paper(prepared, as_user):
    code, _, names, _ = prepared(field)
    staff = as_user("office-staff")
    found = texts(staff.get(f"/office/editions/{code}/registrations.docx"))
    assert "共 4 个项目。" in found
    assert set(names) <= set(found)
    assert "合计" in found
    found = texts(staff.get(f"/office/editions/{code}/rejections.docx"))
    assert "共 1 个项目。" in found
    assert not set(names) & set(found)
    assert staff.get(f"/office/editions/{code}/registrations.pdf").data.startswith(b"%PDF")


def test_no_roster_before_the_round_is_decided(prepared, as_user):
    _, stage_id, _, _ = prepared(field)
    assert as_user("office-staff").get(f"/office/stages/{stage_id}/roster.docx").status_code == 404


def test_roster_lists_those_who_advanced(prepared, as_user):
    def decided(now):
        _, stage_id, names, _ = field(now)
        stage = db.session.get(Stage, stage_id)
        stage.quota = {"by": [], "places": {"kind": "fixed", "otherwise": 2}}
        rounds.decide_advancement(stage, actor=office(now), now=now)
        return stage_id, names

    stage_id, names = prepared(decided)
    staff = as_user("office-staff")
    found = texts(staff.get(f"/office/stages/{stage_id}/roster.docx"))
    assert [name for name in names if name in found] == names[:2]
    assert any("共 2 个项目晋级" in line for line in found)
    assert f"/office/stages/{stage_id}/roster.pdf" in staff.text(f"/office/stages/{stage_id}")


def test_recommendation_paper_says_what_its_page_says(prepared, as_user):
    def drafted(now):
        code, stage_id, names, _ = field(now)
        listed = RecommendationList(edition_id=db.session.get(Stage, stage_id).edition_id, stage_id=stage_id)
        listed.created_at = now
        db.session.add(listed)
        db.session.flush()
        rows = round_queries.candidacies(office(now), db.session.get(Stage, stage_id))
        for place, row in enumerate(db.session.scalars(rows), 1):
            listed.items.append(Recommendation(list_id=listed.id, entry=row.entry, position=place, checks=[]))
        return code, names

    code, names = prepared(drafted)
    staff = as_user("office-staff")
    found = texts(staff.get(f"/office/editions/{code}/recommendation.docx"))
    assert set(names) <= set(found)
    assert staff.get(f"/office/editions/{code}/recommendation.pdf").data.startswith(b"%PDF")


def test_list_sums_are_counted_apart_from_the_rows(prepared, frozen, ctx):
    edition = make_edition(frozen)
    make_entry(edition, frozen)
    rows, stated = paper_queries.registrations(edition, office(frozen))
    wrong = paper_queries.Stated(stated.rows, stated.revenue_fen + 100, stated.ip_granted)
    paper = papers.registration_list(edition, rows, wrong, {}, by="", on=frozen.date())
    with pytest.raises(Conflict, match="不能出文"):
        paper.checked()
    papers.registration_list(edition, rows, stated, {}, by="", on=frozen.date()).checked()


def test_receipt_is_a_pdf_for_its_own_enterprise_only(prepared, as_user):
    def one(now):
        entry = make_entry(make_edition(now), now)
        other = make_enterprise(now)
        return entry.number, contact_of(entry.enterprise).username, contact_of(other).username

    number, own, other = prepared(one)
    address = f"/enterprise/entries/{number}/receipts/1.pdf"
    assert as_user(own).get(address).data.startswith(b"%PDF")
    assert as_user(other).get(address).status_code == 404
