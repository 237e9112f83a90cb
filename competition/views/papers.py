"""The competition's papers as Word and PDF, each for those who read the page it belongs to."""

from flask import current_app
from flask_login import current_user

from competition import paper_queries, papers, queries, round_queries
from competition.enums import StageState
from competition.recommended import rows_of
from competition.views import bp
from competition.views.enterprise import own_entry
from core import divisions, web
from core.access import allow
from core.clock import beijing_day
from core.enums import Role
from core.errors import NotVisible
from core.files import DOCX, PDF, send_bytes
from core.papers import Paper, to_docx, to_pdf

MAKERS = {"docx": (to_docx, DOCX), "pdf": (to_pdf, PDF)}


def _send(paper: Paper, kind: str):
    make, media_type = MAKERS[kind]
    return send_bytes(make(paper), f"{paper.title}.{kind}", media_type)


def _organiser() -> str:
    return current_app.config["SETTINGS"].organiser


@bp.get("/office/editions/<code>/registrations.<any(docx,pdf):kind>")
@allow(Role.OFFICE, Role.REGIONAL, Role.SUPERVISION)
def registrations_paper(code: str, kind: str):
    edition = round_queries.edition_by_code(code)
    rows, stated = paper_queries.registrations(edition, current_user)
    on = beijing_day(web.now())
    made = papers.registration_list(edition, rows, stated, divisions.names(), by=_organiser(), on=on)
    return _send(made, kind)


@bp.get("/office/editions/<code>/rejections.<any(docx,pdf):kind>")
@allow(Role.OFFICE, Role.REGIONAL, Role.SUPERVISION)
def rejections_paper(code: str, kind: str):
    edition = round_queries.edition_by_code(code)
    rows = paper_queries.rejections(edition, current_user)
    return _send(papers.rejection_list(edition, rows, by=_organiser(), on=beijing_day(web.now())), kind)


@bp.get("/office/stages/<int:stage_id>/roster.<any(docx,pdf):kind>")
@allow(Role.OFFICE, Role.SUPERVISION, Role.LEADER)
def roster_paper(stage_id: int, kind: str):
    found = round_queries.stage(stage_id)
    if found.state != StageState.DECIDED:
        raise NotVisible("本轮晋级尚未确定，没有晋级名单。")
    rows, stated = paper_queries.advanced(found)
    if not rows:
        raise NotVisible("本轮没有晋级项目，没有晋级名单。")
    return _send(papers.roster(found, rows, stated, by=_organiser()), kind)


@bp.get("/office/editions/<code>/recommendation.<any(docx,pdf):kind>")
@allow(Role.OFFICE, Role.SUPERVISION, Role.LEADER)
def recommendation_paper(code: str, kind: str):
    edition = round_queries.edition_by_code(code)
    found = round_queries.recommendation_of(edition)
    if found is None:
        raise NotVisible()
    on = beijing_day(found.sent_at or found.created_at)
    rows = rows_of(found, paper_queries.recommended(found))
    return _send(papers.recommendation_list(edition, rows, by=_organiser(), on=on), kind)


@bp.get("/enterprise/entries/<number>/receipts/<int:version>.pdf")
@allow(Role.ENTERPRISE)
def receipt_paper(number: str, version: int):
    entry = own_entry(number)
    found = queries.version_by_number(entry, version)
    return _send(papers.receipt(entry, found, by=_organiser()), "pdf")
