"""The public site."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from sqlalchemy import Select

from awards import notice_rows, publications
from awards.enums import AwardGroup, NoticeKind, NoticeState, ObjectorKind
from awards.forms import ObjectionForm
from awards.models import Notice
from awards.operations import objections
from awards.states import NOTICE
from awards.views.answers import MAX_ID
from awards.views.published import published
from awards.wording import NOTICE_KINDS, choices
from competition.enums import Group
from competition.models import Candidacy, Edition, Enterprise, Entry, Stage
from competition.queries import deadline_changes, registration_figures, text_of_version
from core import divisions, files, listing, web
from core.access import public
from core.db import db
from core.errors import InvalidInput, NotVisible
from core.models import StoredFile
from core.rules import SYSTEM

bp = Blueprint("site", __name__)


def tiles_of(figures) -> list[dict]:
    """Prefectures for the tile map, which knows them by their first four digits."""
    return [{"code": row.code[:4], "value": row.submitted} for row in figures.by_prefecture]


@bp.get("/")
@public
@published()
def home():
    edition = publications.current_edition(web.now())
    honoured = next(iter(publications.editions_with_winners()), None)
    figures = registration_figures(edition) if edition else None
    return render_template(
        "site/home.html",
        edition=edition,
        taking=edition is not None and publications.takes_entries(edition, web.now()),
        marks=publications.progress(edition, web.now()) if edition else [],
        figures=figures,
        tile_rows=tiles_of(figures) if figures else [],
        notices=publications.latest_notices(6),
        kinds=NOTICE_KINDS,
        honoured=honoured,
        winners=publications.winners_of(honoured)[:8] if honoured else [],
        editions=publications.published_editions(),
    )


@bp.get("/notices")
@public
@published("page", "kind", "state")
def notices():
    states = [(s.value, NOTICE.badges[s].label) for s in NoticeState if s != NoticeState.DRAFT]
    page = listing.run(
        publications.notices(),
        args=request.args,
        path=request.path,
        sorts={"starts_at": Notice.starts_at, "id": Notice.id},
        default_sort="-starts_at",
        filters=[
            listing.Filter("kind", "类别", choices(NOTICE_KINDS), lambda v: Notice.kind == NoticeKind(v)),
            listing.Filter("state", "状态", states, lambda v: Notice.state == NoticeState(v)),
        ],
        search=(Notice.title, Notice.document_no),
    )
    return render_template("site/notices.html", page=page, badge=NOTICE.badge, kinds=NOTICE_KINDS)


@bp.get(f"/notices/<int(max={MAX_ID}):notice_id>")
@public
@published()
def notice(notice_id: int):
    found = publications.notice_by_id(notice_id)
    return render_template(
        "site/notice.html",
        notice=found,
        badge=NOTICE.badge(found),
        kinds=NOTICE_KINDS,
        table=notice_rows.table(found.content),
        corrections=publications.corrections_of(found),
        corrects=_corrected(found),
        around=publications.neighbours(found),
        taking=publications.takes_objections(found, web.now()),
    )


def _corrected(found: Notice) -> Notice | None:
    return publications.notice_by_id(found.corrects_id) if found.corrects_id else None


@bp.route(f"/notices/<int(max={MAX_ID}):notice_id>/objection", methods=["GET", "POST"])
@public
@web.limiter.limit("10/hour", methods=["POST"])
def objection(notice_id: int):
    found = publications.notice_by_id(notice_id)
    form = ObjectionForm()
    entries = notice_rows.entries_of(found.content)
    form.about.choices = [("", "整个公示"), *((str(entry_id), words) for entry_id, words in entries)]
    if form.validate_on_submit():
        try:
            filed = _file(found, form)
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            session["objection_ticket"] = filed.ticket
            return redirect(url_for("site.objection_received"), 303)
    page = render_template(
        "site/objection.html",
        notice=found,
        form=form,
        taking=publications.takes_objections(found, web.now()),
    )
    return page, 422 if form.is_submitted() else 200


def _file(found: Notice, form: ObjectionForm):
    return objections.file_objection(
        found,
        objector_kind=ObjectorKind(form.kind.data),
        objector=form.objector.data or "",
        contact=form.contact.data or "",
        content=form.content.data,
        entry=db.session.get(Entry, int(form.about.data)) if form.about.data else None,
        evidence=_evidence(form),
        actor=SYSTEM,
        now=web.now(),
    )


def _evidence(form: ObjectionForm) -> StoredFile | None:
    upload = form.evidence.data
    if not upload or not upload.filename:
        return None
    try:
        return files.store_upload(upload, actor=SYSTEM, now=web.now(), limit_mb=20)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.sentence, code=refusal.code, field="evidence") from refusal


@bp.get("/notices/objection/received")
@public
def objection_received():
    """The ticket is shown to the browser that filed it; a number alone opens nothing."""
    ticket = session.get("objection_ticket")
    if ticket is None:
        raise NotVisible()
    return render_template("site/objection_received.html", ticket=ticket)


def _chosen_edition(editions: list[Edition]) -> Edition | None:
    code = request.args.get("edition", "")
    return next((edition for edition in editions if edition.code == code), next(iter(editions), None))


@bp.get("/results")
@public
@published("edition", "stage", "page", "size", "sort", "group", "track", "region")
def results():
    everything = publications.published_editions()
    out = publications.stages_out(everything)
    editions = [edition for edition in everything if out[edition.id]]
    edition = _chosen_edition(editions)
    stages = out[edition.id] if edition else []
    wanted = request.args.get("stage", "")
    stage = next((s for s in stages if str(s.position) == wanted), stages[-1] if stages else None)
    return render_template(
        "site/results.html",
        edition=edition,
        editions=editions,
        stages=stages,
        stage=stage,
        page=_result_page(edition, stage) if stage else None,
        shows=edition.notice_shows if edition else "name",
        places=divisions.names(),
    )


def _result_page(edition: Edition, stage: Stage) -> listing.Page:
    stmt: Select = publications.results_of(stage)
    sorts = {"number": Entry.number, "group": Entry.group, "id": Candidacy.id}
    if edition.notice_shows in ("rank", "score"):
        sorts = {"rank": Candidacy.rank, **sorts}
    if edition.notice_shows == "score":
        sorts = {"score": Candidacy.score_hundredths, **sorts}
    tracks = [(str(track.id), track.name) for track in edition.tracks]
    regions = [(str(region.id), region.name) for region in edition.regions]
    groups = [(group.value, group.label) for group in Group]
    return listing.run(
        stmt,
        args=request.args,
        path=request.path,
        sorts=sorts,
        default_sort="number" if edition.notice_shows == "name" else "rank",
        filters=[
            listing.Filter("group", "组别", groups, lambda v: Entry.group == Group(v)),
            listing.Filter("track", "行业", tracks, lambda v: Entry.track_id == int(v)),
            listing.Filter("region", "赛区", regions, lambda v: Entry.region_id == int(v)),
        ],
        search=(Entry.title, Entry.number, Enterprise.name),
    )


@bp.get("/winners")
@public
@published("edition")
def winners():
    editions = publications.editions_with_winners()
    edition = _chosen_edition(editions)
    found = publications.winners_of(edition) if edition else []
    return render_template(
        "site/winners.html",
        edition=edition,
        editions=editions,
        groups=list(AwardGroup),
        winners=found,
        places=divisions.names(),
    )


@bp.get("/winners/<number>")
@public
@published()
def winner(number: str):
    found = publications.winner_by_number(number)
    return render_template("site/winner.html", award=found, places=divisions.names())


@bp.get("/certificates")
@public
@web.limiter.limit("60/minute")
def certificates():
    """Anybody may ask about a number; the answer says what was certified and whether it still stands."""
    number = request.args.get("number", "").strip()[:40]
    found = publications.certificate(number) if number else None
    stands = publications.certificate_stands(found) if found else False
    return render_template("site/certificates.html", number=number, found=found, stands=stands)


@bp.get("/figures")
@public
@published("edition")
def figures():
    editions = publications.published_editions()
    edition = _chosen_edition(editions)
    found = registration_figures(edition) if edition else None
    return render_template(
        "site/figures.html",
        edition=edition,
        editions=editions,
        figures=found,
        tile_rows=tiles_of(found) if found else [],
        track_rows=[(row.name, row.submitted, row.accepted) for row in found.by_track] if found else [],
    )


@bp.get("/rules")
@public
@published("edition")
def rules():
    editions = [edition for edition in publications.published_editions() if publications.rules_of(edition)]
    current = publications.current_edition(web.now())
    editions.sort(key=lambda edition: edition is not current)
    edition = _chosen_edition(editions)
    rules_now = publications.rules_of(edition) if edition else None
    return render_template(
        "site/rules.html",
        edition=edition,
        editions=editions,
        rules=rules_now,
        sections=text_of_version(rules_now) if rules_now else [],
        changes=deadline_changes(edition) if edition else [],
    )


@bp.get("/about")
@public
@published()
def about():
    return render_template("site/about.html")
