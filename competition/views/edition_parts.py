"""The parts of a draft edition: tracks with their rooms, regions with their prefectures, and their order."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from competition.forms.editions import RegionForm, TrackEditForm, TrackForm
from competition.models import Edition, Region, Track
from competition.operations import editions as operations
from competition.views import bp
from competition.views.editions import draft_edition
from core import divisions, web
from core.access import allow
from core.enums import DivisionLevel, Role
from core.errors import InvalidInput, NotVisible

GUESTS = (DivisionLevel.PREFECTURE, DivisionLevel.DIRECT_CITY, DivisionLevel.XPCC_DIVISION)


def by() -> dict[str, Any]:
    return {"actor": current_user, "now": web.now()}


def _free_prefectures(edition: Edition, own: Region | None = None) -> list[tuple[str, str]]:
    """Those no other region has."""
    others = [region for region in edition.regions if region is not own]
    taken = {part.division_code for region in others for part in region.prefectures}
    places = divisions.in_force(date(edition.year, 1, 1), *GUESTS)
    return [(place.code, place.name) for place in places if place.code not in taken]


def _parts_page(edition: Edition, status: int = 200, **forms: Any):
    forms.setdefault("track_form", TrackForm(formdata=None))
    region_form = forms.setdefault("region_form", RegionForm(formdata=None))
    region_form.prefectures.choices = _free_prefectures(edition)
    page = render_template(
        "competition/edition_parts.html", edition=edition, names=divisions.names(), **forms
    )
    return page, status


@bp.get("/office/editions/<code>/parts")
@allow(Role.OFFICE)
def edition_parts(code: str):
    return _parts_page(draft_edition(code))


def _back(code: str, said: str):
    flash(said, "success")
    return redirect(url_for("competition.edition_parts", code=code), 303)


@bp.post("/office/editions/<code>/tracks")
@allow(Role.OFFICE)
def track_add(code: str):
    edition, form = draft_edition(code), TrackForm()
    if not form.validate_on_submit():
        return _parts_page(edition, 422, track_form=form)
    try:
        operations.add_track(edition, code=form.code.data, name=form.name.data, **by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _parts_page(edition, 422, track_form=form)
    return _back(code, "行业已增加。")


@bp.route("/office/editions/<code>/tracks/<int:track_id>", methods=["GET", "POST"])
@allow(Role.OFFICE)
def track_edit(code: str, track_id: int):
    edition = draft_edition(code)
    track = part_of(edition.tracks, track_id)
    room = next((row.code for row in edition.tracks if row.id == track.room_of_id), "")
    form = TrackEditForm(data={"name": track.name, "room_of": room})
    form.offer(track)
    if not form.validate_on_submit():
        return _track_page(track, form, 422 if form.is_submitted() else 200)
    target = next((row for row in edition.tracks if row.code == form.room_of.data), None)
    try:
        operations.change_track(track, name=form.name.data, room_of=target, **by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _track_page(track, form, 422)
    return _back(code, "行业已保存。")


def _track_page(track: Track, form: TrackEditForm, status: int):
    page = render_template("competition/track_edit.html", edition=track.edition, track=track, form=form)
    return page, status


@bp.post("/office/editions/<code>/tracks/<int:track_id>/remove")
@allow(Role.OFFICE)
def track_remove(code: str, track_id: int):
    edition = draft_edition(code)
    try:
        operations.remove_track(part_of(edition.tracks, track_id), **by())
    except InvalidInput as refusal:
        form = TrackForm(formdata=None)
        form.take(refusal)
        return _parts_page(edition, 422, track_form=form)
    return _back(code, "行业已删除。")


def part_of(parts: list, part_id: int) -> Any:
    found = next((part for part in parts if part.id == part_id), None)
    if found is None:
        raise NotVisible()
    return found


@bp.post("/office/editions/<code>/regions")
@allow(Role.OFFICE)
def region_add(code: str):
    edition, form = draft_edition(code), RegionForm()
    form.prefectures.choices = _free_prefectures(edition)
    if not form.validate_on_submit():
        return _parts_page(edition, 422, region_form=form)
    try:
        operations.add_region(
            edition,
            name=form.region_name.data,
            host=form.host.data or "",
            prefectures=form.prefectures.data or (),
            **by(),
        )
    except InvalidInput as refusal:
        form.take(refusal)
        return _parts_page(edition, 422, region_form=form)
    return _back(code, "赛区已增加。")


@bp.route("/office/editions/<code>/regions/<int:region_id>", methods=["GET", "POST"])
@allow(Role.OFFICE)
def region_edit(code: str, region_id: int):
    edition = draft_edition(code)
    region = part_of(edition.regions, region_id)
    codes = [part.division_code for part in region.prefectures]
    form = RegionForm(data={"region_name": region.name, "host": region.host, "prefectures": codes})
    form.prefectures.choices = _free_prefectures(edition, region)
    if not form.validate_on_submit():
        return _region_page(region, form, 422 if form.is_submitted() else 200)
    try:
        values = {"host": form.host.data or "", "prefectures": form.prefectures.data or ()}
        operations.change_region(region, name=form.region_name.data, **values, **by())
    except InvalidInput as refusal:
        form.take(refusal)
        return _region_page(region, form, 422)
    return _back(code, "赛区已保存。")


def _region_page(region: Region, form: RegionForm, status: int):
    page = render_template("competition/region_edit.html", edition=region.edition, region=region, form=form)
    return page, status


@bp.post("/office/editions/<code>/regions/<int:region_id>/remove")
@allow(Role.OFFICE)
def region_remove(code: str, region_id: int):
    operations.remove_region(part_of(draft_edition(code).regions, region_id), **by())
    return _back(code, "赛区已删除。")


@bp.post("/office/editions/<code>/<any(tracks,regions,stages):parts>/<int:part_id>/move")
@allow(Role.OFFICE)
def part_move(code: str, parts: str, part_id: int):
    edition = draft_edition(code)
    part = part_of(getattr(edition, parts), part_id)
    operations.move_part(part, up=request.form.get("up") == "1", **by())
    page = "competition.edition" if parts == "stages" else "competition.edition_parts"
    return redirect(url_for(page, code=code), 303)
