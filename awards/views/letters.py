"""Letters as Word and PDF, and all certificates or letters of an edition in one file."""

from flask import current_app, redirect, request, url_for
from flask_login import current_user

from awards import letters, queries
from awards.enums import AwardState, ObjectorKind
from awards.operations import bundles
from awards.operations.certificates import CERTIFIED
from awards.states import OBJECTION
from awards.views import bp
from awards.views.answers import MAX_ID
from competition.models import Edition
from core import files, web
from core.access import allow
from core.clock import beijing_day
from core.db import db
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.files import DOCX, PDF, send_bytes
from core.models import Job, StoredFile
from core.papers import Paper, to_docx, to_pdf

MAKERS = {"docx": (to_docx, DOCX), "pdf": (to_pdf, PDF)}


def _send(paper: Paper, kind: str):
    make, media_type = MAKERS[kind]
    return send_bytes(make(paper), f"{paper.title}{paper.number}.{kind}", media_type)


@bp.get("/awards/objections/<ticket>/reply.<any(docx,pdf):kind>")
@allow(*queries.OBJECTION_READERS)
def objection_reply_paper(ticket: str, kind: str):
    found = queries.objection_by_ticket(ticket, current_user)
    if not found.conclusion or found.objector_kind == ObjectorKind.ANONYMOUS:
        raise NotVisible("异议尚未办结，或未留姓名，没有答复。")
    settings = current_app.config["SETTINGS"]
    outcome = OBJECTION.badge(found).label
    return _send(letters.reply(found, outcome, by=settings.organiser, contact=settings.contact), kind)


@bp.get("/awards/items/<number>/letter.<any(docx,pdf):kind>")
@allow(*queries.READERS, Role.ENTERPRISE)
def award_letter_paper(number: str, kind: str):
    award = queries.award_by_number(number, current_user)
    stands = award.state in (AwardState.CONFIRMED, AwardState.SETTLED)
    if not stands or award.kind not in CERTIFIED or award.item_carried:
        raise NotVisible("奖励尚未审定，或不是本届奖励，没有获奖通知。")
    organiser = current_app.config["SETTINGS"].organiser
    return _send(letters.award_letter(award, by=organiser, on=beijing_day(web.now())), kind)


@bp.post("/awards/certificates/bundle")
@allow(Role.OFFICE)
def bundle_ask():
    chosen, what = request.form.get("edition", ""), request.form.get("what", "")
    known = chosen.isascii() and chosen.isdigit() and len(chosen) < 10
    edition = db.session.get(Edition, int(chosen)) if known else None
    if edition is None or what not in (bundles.CERTIFICATES, bundles.LETTERS):
        raise InvalidInput("请选择届次和要合并的内容。")
    bundles.ask_bundle(
        edition,
        what,
        check=url_for("site.certificates", _external=True),
        by=current_app.config["SETTINGS"].organiser,
        actor=current_user,
        now=web.now(),
    )
    web.flash("已开始合并，完成后在此下载。", "success")
    return redirect(url_for("awards.certificates_list", edition=edition.id), 303)


@bp.get(f"/awards/certificates/bundles/<int(max={MAX_ID}):job_id>.pdf")
@allow(*queries.READERS)
def bundle_file(job_id: int):
    job = db.session.get(Job, job_id)
    stored = (
        db.session.get(StoredFile, job.file_id) if job and job.kind == bundles.JOB and job.file_id else None
    )
    if stored is None:
        raise NotVisible()
    return files.send(stored)
