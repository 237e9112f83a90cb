"""Second looks: sent from the diagnosis by the office, given by fresh judges on a page of their own."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from core import files, listing, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from judging import queries, rules
from judging.diagnosis.enums import LookState
from judging.diagnosis.models import SecondLook
from judging.models import Ranking
from judging.operations import second_looks
from judging.operations.receipts import look_code
from judging.queries import diagnoses
from judging.states import SECOND_LOOK
from judging.validators import COMMENT_LIMIT, parse_points
from judging.views import bp
from judging.views.shown import bands_of, material_of


@bp.post("/judging/rankings/<int:ranking_id>/second-looks")
@allow(Role.OFFICE)
def second_look_send(ranking_id: int):
    ranking = diagnoses.diagnosable_ranking(current_user, ranking_id)
    kept = diagnoses.diagnosis_of(ranking)
    if kept is None:
        raise NotVisible()
    chosen, seats = set(request.form.getlist("entries")), request.form.getlist("judges")
    judges = {str(judge.id): judge for judge in diagnoses.fresh_judges(ranking)}
    entries = [row.entry for row in queries.ranking_rows(ranking) if str(row.entry_id) in chosen]
    looks = second_looks.send_second_look(
        kept,
        entries=entries,
        judges=[judges[seat] for seat in seats if seat in judges],
        actor=current_user,
        now=web.now(),
    )
    flash(f"已请评委复评，共 {len(looks)} 张复评表。", "success")
    return redirect(url_for("judging.diagnosis", ranking_id=ranking.id, view="second"), 303)


@bp.post("/judging/second-looks/<int:look_id>/recall")
@allow(Role.OFFICE)
def second_look_recall(look_id: int):
    found = diagnoses.look_for(current_user, look_id)
    reason = request.form.get("reason", "")
    second_looks.recall_second_look(found, reason=reason, actor=current_user, now=web.now())
    flash("复评邀请已收回，可另请评委。", "success")
    return redirect(url_for("judging.diagnosis", ranking_id=found.ranking_id, view="second"), 303)


@bp.get("/judge/second-looks")
@allow(Role.JUDGE)
def second_look_list():
    page = listing.run(
        diagnoses.looks_asked_of(current_user),
        args=request.args,
        path=request.path,
        sorts={"asked_at": SecondLook.asked_at, "state": SecondLook.state, "id": SecondLook.id},
        default_sort="-asked_at",
        search=(Ranking.name,),
        filters=[
            listing.Filter(
                "state",
                "状态",
                [(state.value, SECOND_LOOK.badges[state].label) for state in LookState],
                lambda value: SecondLook.state == LookState(value),
            )
        ],
    )
    return render_template("judging/second_looks.html", page=page, machine=SECOND_LOOK)


@bp.get("/judge/second-looks/<int:look_id>")
@allow(Role.JUDGE)
def second_look(look_id: int):
    found = diagnoses.own_look(current_user, look_id)
    if not found.judge.has_pledged(found.ranking.stage.edition_id):
        return redirect(url_for("judging.pledge", edition_id=found.ranking.stage.edition_id), 302)
    return _page(found, found.scores, found.comment)


def _page(look: SecondLook, values: dict[str, Any], comment: str, error: InvalidInput | None = None):
    criteria = queries.criteria_of(look.ranking.stage, look.entry.group)
    shown = look.state != LookState.DECLINED
    return render_template(
        "judging/second_look.html",
        look=look,
        entry=look.entry,
        criteria=[(criterion, bands_of(criterion.top_mark)) for criterion in criteria],
        values=values,
        comment=comment,
        error=error,
        machine=SECOND_LOOK,
        receipt_code=look_code(look),
        open=SECOND_LOOK.can(look, "give", current_user),
        closed_reason=rules.may_give_second_look(current_user, look).reason,
        may_decline=SECOND_LOOK.can(look, "decline", current_user),
        limit=COMMENT_LIMIT,
        material=material_of(look.entry) if shown else [],
        attachments=queries.attachments_of(look.entry) if shown else [],
    ), 422 if error else 200


@bp.post("/judge/second-looks/<int:look_id>")
@allow(Role.JUDGE)
def second_look_give(look_id: int):
    found = diagnoses.own_look(current_user, look_id)
    comment = request.form.get("comment", "")
    typed = {
        name.removeprefix("value-"): text for name, text in request.form.items() if name.startswith("value-")
    }
    try:
        scores = {code: parse_points(text) for code, text in typed.items()}
        second_looks.give_second_look(
            found, scores=scores, comment=comment, actor=current_user, now=web.now()
        )
    except InvalidInput as error:
        return _page(found, typed, comment, error)
    flash("复评已提交。", "success")
    return redirect(url_for("judging.second_look_list"), 303)


@bp.post("/judge/second-looks/<int:look_id>/decline")
@allow(Role.JUDGE)
def second_look_decline(look_id: int):
    found = diagnoses.own_look(current_user, look_id)
    reason = request.form.get("reason", "")
    second_looks.decline_second_look(found, reason=reason, actor=current_user, now=web.now())
    flash("已记录，本项目不由您复评。", "success")
    return redirect(url_for("judging.second_look_list"), 303)


@bp.get("/judge/second-looks/<int:look_id>/files/<int:attachment_id>")
@allow(Role.JUDGE)
def second_look_file(look_id: int, attachment_id: int):
    found = diagnoses.own_look(current_user, look_id)
    pledged = found.judge.has_pledged(found.ranking.stage.edition_id)
    wanted = [row for row in queries.attachments_of(found.entry) if row.id == attachment_id]
    if not wanted or not pledged or found.state == LookState.DECLINED:
        raise NotVisible()
    return files.send(wanted[0].file)
