"""Certificates: issued for an edition, listed, printed with the code that leads to the public check."""

from datetime import date

import segno
from flask import current_app, redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries
from awards.certificate_paper import paper_of
from awards.models import Award, Certificate
from awards.operations import bundles
from awards.operations import certificates as operations
from awards.views import bp
from awards.views.answers import Listed, list_answer
from competition.models import Edition
from core import listing, web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput
from core.files import PDF, send_bytes
from core.papers import to_pdf
from core.spreadsheets import Column

BUNDLES = {bundles.CERTIFICATES: "证书", bundles.LETTERS: "获奖通知"}


def _filters() -> list[listing.Filter]:
    editions = [(str(edition.id), edition.name) for edition in queries.editions()]
    return [listing.Filter("edition", "届次", editions, lambda value: Award.edition_id == int(value))]


CERTIFICATES = Listed(
    title="证书",
    columns=[
        Column("number", "证书编号", lambda found: found.number),
        Column("name", "获奖单位", lambda found: found.content.get("name", ""), width=36),
        Column("group", "组别", lambda found: found.content.get("group", "")),
        Column("tier", "奖项", lambda found: found.content.get("tier", "")),
        Column("issued_at", "颁发时间", lambda found: found.issued_at, kind="time"),
        Column("state", "状态", lambda found: "已撤销" if found.revoked_at else "有效"),
        Column("hash", "摘要", lambda found: found.content_hash, width=66),
    ],
    sorts={"number": Certificate.number, "issued_at": Certificate.issued_at, "id": Certificate.id},
    default_sort="number",
    search=(Certificate.number, Award.number),
    filters=_filters,
    shown=6,
)


@bp.get("/awards/certificates")
@allow(*queries.READERS)
def certificates_list():
    stmt = queries.certificates_visible_to(current_user)
    editions = queries.editions()
    chosen = next((e for e in editions if str(e.id) == request.args.get("edition")), None)
    job = operations.last_job_of(chosen) if chosen else None
    made = {what: bundles.last_bundle(chosen, what) for what in BUNDLES} if chosen else {}
    return list_answer(
        CERTIFICATES,
        stmt,
        "awards/certificates.html",
        editions=editions,
        chosen=chosen,
        job=job,
        bundles=made,
        words=BUNDLES,
    )


@bp.post("/awards/certificates/issue")
@allow(Role.OFFICE)
def certificates_issue():
    chosen = request.form.get("edition", "")
    edition = (
        db.session.get(Edition, int(chosen))
        if chosen.isascii() and chosen.isdigit() and len(chosen) < 10
        else None
    )
    if edition is None:
        raise InvalidInput("请选择届次。")
    operations.ask_certificates(edition, actor=current_user, now=web.now())
    web.flash("已开始颁发，完成后在此列出。", "success")
    return redirect(url_for("awards.certificates_list", edition=edition.id), 303)


@bp.get("/awards/certificates/<number>")
@allow(*queries.READERS, Role.ENTERPRISE)
def certificate(number: str):
    """The page to print; the code leads to the public check of this number."""
    found = queries.certificate_by_number(number, current_user)
    check = url_for("site.certificates", number=found.number, _external=True)
    return render_template(
        "awards/certificate.html",
        certificate=found,
        content=found.content,
        issued_on=date.fromisoformat(found.content["issued_on"]),
        issuer=current_app.config["SETTINGS"].organiser,
        qr=segno.make(check, error="m").svg_data_uri(scale=4, border=1),
        check=check,
    )


@bp.get("/awards/certificates/<number>.pdf")
@allow(*queries.READERS, Role.ENTERPRISE)
def certificate_paper(number: str):
    found = queries.certificate_by_number(number, current_user)
    check = url_for("site.certificates", number=found.number, _external=True)
    made = to_pdf(paper_of(found, check, by=current_app.config["SETTINGS"].organiser))
    return send_bytes(made, f"证书{found.number}.pdf", PDF)
