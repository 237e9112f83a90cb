"""Acceptance reviews: applied for with figures and materials, judged by a panel, sent back once for rectification."""

from flask import redirect, render_template, request, url_for
from flask_login import current_user

from awards import queries, targets
from awards.enums import AcceptanceState
from awards.forms import AcceptanceDecisionForm, AcceptanceForm, PanelForm
from awards.models import Acceptance, Award, Payee
from awards.operations import acceptance as operations
from awards.states import ACCEPTANCE
from awards.views import bp, target_rows
from awards.views.answers import MAX_ID, Listed, list_answer
from awards.wording import ACCEPTANCE_STATES, choices
from core import files, listing, trail, web
from core.access import allow
from core.clock import beijing_day
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.spreadsheets import Column


def word_of(found: Acceptance) -> str:
    """The conclusion as the rules of acceptance name it."""
    rectified = found.state == AcceptanceState.PASSED and found.rectify_by is not None
    return "整改后通过" if rectified else ACCEPTANCE_STATES[found.state]


def is_late(found: Acceptance) -> bool:
    waiting = found.state == AcceptanceState.RECTIFYING and found.resubmitted_at is None
    return waiting and found.rectify_by < beijing_day(web.now())


def _filters() -> list[listing.Filter]:
    late = queries.acceptance_late(beijing_day(web.now()))
    return [
        listing.Filter(
            "state",
            "状态",
            choices(ACCEPTANCE_STATES),
            lambda value: Acceptance.state == AcceptanceState(value),
        ),
        listing.Filter("late", "逾期", [("1", "整改逾期")], lambda _: late),
    ]


ACCEPTANCES = Listed(
    title="验收",
    columns=[
        Column("award", "奖励编号", lambda found: found.award.number),
        Column("payee", "承担单位", lambda found: found.award.payee.name, width=36),
        Column("edition", "届次", lambda found: found.award.edition.name, width=30),
        Column("applied_at", "申请时间", lambda found: found.applied_at, kind="time"),
        Column("rectify_by", "整改期限", lambda found: found.rectify_by),
        Column("state", "状态", word_of),
        Column("opinion", "意见", lambda found: found.opinion, width=50),
        Column("panel", "专家", lambda found: "、".join(m["name"] for m in found.panel), width=40),
    ],
    sorts={
        "award": Award.number,
        "payee": Payee.name,
        "applied_at": Acceptance.applied_at,
        "rectify_by": Acceptance.rectify_by,
        "state": Acceptance.state,
        "id": Acceptance.id,
    },
    default_sort="-applied_at",
    search=(Award.number, Payee.name),
    filters=_filters,
    shown=6,
)


@bp.get("/awards/acceptance")
@allow(*queries.READERS)
def acceptances_list():
    stmt = queries.acceptances_visible_to(current_user)
    return list_answer(
        ACCEPTANCES, stmt, "awards/acceptances.html", badge=ACCEPTANCE.badge, late=is_late, word=word_of
    )


@bp.route("/awards/items/<number>/acceptance", methods=["GET", "POST"])
@allow(Role.OFFICE)
def acceptance_apply(number: str):
    return _apply(number, "layouts/office.html", "awards.award")


@bp.route("/enterprise/awards/<number>/acceptance", methods=["GET", "POST"])
@allow(Role.ENTERPRISE)
def own_acceptance(number: str):
    return _apply(number, "layouts/public.html", "awards.own_award")


def _apply(number: str, layout: str, back: str):
    """The holder's own application, or the office's for it: the same form in the frame of each."""
    award = queries.award_by_number(number, current_user)
    form = AcceptanceForm()
    due, rows = operations.targets_due(award), target_rows.typed()
    results = target_rows.results(len(due or ()))
    if form.validate_on_submit():
        try:
            typed = target_rows.filled(rows)
            operations.apply_acceptance(
                award,
                results=results if due else [row["achieved"] for row in typed],
                targets=None if due else typed,
                materials=_materials(form),
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("验收申请已登记。", "success")
            return redirect(url_for(back, number=number), 303)
    page = render_template(
        "awards/acceptance_apply.html",
        layout=layout,
        back=url_for(back, number=number),
        award=award,
        form=form,
        due=due,
        results=results,
        rows=target_rows.shown(rows),
        senses=targets.SENSES,
    )
    return page, 422 if form.is_submitted() else 200


@bp.route("/enterprise/awards/<number>/rectification", methods=["GET", "POST"])
@allow(Role.ENTERPRISE)
def own_rectification(number: str):
    """The holder hands its figures in again, until the day that was set."""
    award = queries.award_by_number(number, current_user)
    if award.acceptance is None:
        raise NotVisible()
    form, due, back = AcceptanceForm(), award.acceptance.targets, url_for("awards.own_award", number=number)
    results = target_rows.results(len(due))
    if form.validate_on_submit():
        try:
            shared = {"materials": _materials(form), "actor": current_user, "now": web.now()}
            operations.resubmit_acceptance(award.acceptance, results=results, **shared)
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            web.flash("整改结果已提交。", "success")
            return redirect(back, 303)
    page = render_template(
        "awards/acceptance_apply.html",
        layout="layouts/public.html",
        back=back,
        award=award,
        form=form,
        due=due,
        results=results,
        senses=targets.SENSES,
    )
    return page, 422 if form.is_submitted() else 200


def _materials(form: AcceptanceForm) -> list:
    uploads = [upload for upload in form.materials.data or () if upload and upload.filename]
    return [files.store_upload(upload, actor=current_user, now=web.now()) for upload in uploads]


def _page(found: Acceptance, *, form=None, panel=None, upload=None, status: int = 200):
    acts = {transition.name for transition in ACCEPTANCE.available(found, current_user)}
    missed = set(targets.missed_main(found.targets))
    page = render_template(
        "awards/acceptance.html",
        acceptance=found,
        form=form or AcceptanceDecisionForm(formdata=None),
        panel=panel or PanelForm(formdata=None),
        upload=upload or AcceptanceForm(formdata=None),
        experts=queries.experts_for(found) if acts else [],
        badge=(word_of(found), *ACCEPTANCE.badge(found)[1:]),
        acts=acts,
        met=targets.met,
        missed=missed,
        senses=targets.SENSES,
        late=is_late(found),
        results=request.form.getlist("result"),
        events=trail.events_for(found, found.award),
    )
    return page, status


@bp.get(f"/awards/acceptance/<int(max={MAX_ID}):acceptance_id>")
@allow(*queries.READERS)
def acceptance(acceptance_id: int):
    return _page(queries.acceptance_by_id(acceptance_id, current_user))


def _answer(found: Acceptance, words: str):
    web.flash(words, "success")
    return redirect(url_for("awards.acceptance", acceptance_id=found.id), 303)


@bp.post(f"/awards/acceptance/<int(max={MAX_ID}):acceptance_id>/panel")
@allow(Role.OFFICE)
def acceptance_panel(acceptance_id: int):
    found = queries.acceptance_by_id(acceptance_id, current_user)
    form = PanelForm()
    experts = {judge.id: judge for judge in queries.experts_for(found)}
    if form.validate():
        try:
            if form.chair.data not in experts:
                raise InvalidInput("请选择专家组组长。", field="chair")
            operations.seat_panel(
                found,
                chair=experts[form.chair.data],
                judges=[experts[judge] for judge in form.judges.data or () if judge in experts],
                actor=current_user,
                now=web.now(),
            )
        except InvalidInput as refusal:
            form.take(refusal)
        else:
            return _answer(found, "验收专家组已登记。")
    return _page(found, panel=form, status=422)


@bp.post(f"/awards/acceptance/<int(max={MAX_ID}):acceptance_id>/<any(attach,resubmit):act>")
@allow(Role.OFFICE)
def acceptance_hand_in(acceptance_id: int, act: str):
    """Further materials, or after a rectification the figures again."""
    found = queries.acceptance_by_id(acceptance_id, current_user)
    form = AcceptanceForm()
    shared = {"actor": current_user, "now": web.now()}
    try:
        materials = _materials(form)
        if act == "resubmit":
            results = target_rows.results(len(found.targets))
            operations.resubmit_acceptance(found, results=results, materials=materials, **shared)
        elif not materials:
            raise InvalidInput("请选择验收材料。", field="materials")
        else:
            operations.attach_materials(found, materials, **shared)
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(found, upload=form, status=422)
    return _answer(found, "已登记。")


@bp.post(f"/awards/acceptance/<int(max={MAX_ID}):acceptance_id>/decide")
@allow(Role.OFFICE)
def acceptance_decide(acceptance_id: int):
    found = queries.acceptance_by_id(acceptance_id, current_user)
    form = AcceptanceDecisionForm()
    if not form.validate_on_submit():
        return _page(found, form=form, status=422)
    try:
        _decide(found, form)
    except InvalidInput as refusal:
        form.take(refusal)
        return _page(found, form=form, status=422)
    return _answer(found, "验收结论已登记。")


def _decide(found: Acceptance, form: AcceptanceDecisionForm) -> None:
    shared = {"opinion": form.opinion.data.strip(), "actor": current_user, "now": web.now()}
    if form.decision.data != "rectify":
        operations.decide_acceptance(found, passed=form.decision.data == "pass", **shared)
        return
    if form.until.data is None:
        raise InvalidInput("请填写整改期限。", field="until")
    operations.order_rectification(found, until=form.until.data, **shared)


@bp.get(f"/awards/acceptance/<int(max={MAX_ID}):acceptance_id>/materials/<int(max={MAX_ID}):material_id>")
@allow(*queries.READERS)
def acceptance_material(acceptance_id: int, material_id: int):
    found = queries.acceptance_by_id(acceptance_id, current_user)
    material = next((item for item in found.materials if item.id == material_id), None)
    if material is None:
        raise NotVisible()
    return files.send(material.file)


@bp.get(f"/awards/acceptance/<int(max={MAX_ID}):acceptance_id>/print")
@allow(*queries.READERS)
def acceptance_print(acceptance_id: int):
    """验收意见: the comparison, the experts, the conclusion, lines to sign."""
    found = queries.acceptance_by_id(acceptance_id, current_user)
    return render_template(
        "awards/acceptance_print.html",
        acceptance=found,
        word=word_of(found),
        met=targets.met,
        senses=targets.SENSES,
    )
