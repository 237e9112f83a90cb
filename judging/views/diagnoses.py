"""The diagnosis of a ranking: asked for, and read beside the official result; the rooms' declaration of a round."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from core import listing, trail, web
from core.access import allow
from core.enums import Role
from core.errors import InvalidInput, NotVisible
from core.files import send_table
from core.spreadsheets import Column
from judging import queries, rules
from judging.diagnosis.enums import Normalising
from judging.diagnosis.reading import Reading, second_lines, to_look_at
from judging.forms import DiagnosisForm, RoomsForm
from judging.models import Ranking
from judging.operations import diagnoses as operations
from judging.queries import diagnoses
from judging.states import FLAG, RANKING, SECOND_LOOK
from judging.views import bp

READERS = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.JUDGE)
ASKERS = (Role.OFFICE, Role.SUPERVISION, Role.JUDGE)
PARTS = {
    "cut": "分界线",
    "scores": "成绩对照",
    "judges": "评委",
    "rooms": "评审室",
    "criteria": "评分项",
    "flags": "异常提示",
    "second": "复评",
    "basis": "依据",
}
SHEET = [
    Column("rank", "正式名次", lambda row: row["rank"], kind="number", width=8),
    Column("entry", "项目编号", lambda row: row["entry"]),
    Column("score", "正式得分", lambda row: row["score"], kind="score"),
    Column("normalised", "分室换算得分", lambda row: row["normalised"] or ""),
    Column("adjusted", "评委校正后得分", lambda row: row["adjusted"], kind="score"),
    Column("adjusted_rank", "校正后名次", lambda row: row["adjusted_rank"], kind="number"),
    Column("calibrated", "校准分", lambda row: f"{row['calibrated']:.2f}"),
    Column("calibrated_rank", "校准名次", lambda row: row["calibrated_rank"], kind="number"),
    Column("chance", "入围概率", lambda row: f"{row['chance']:.3f}"),
    Column("low", "名次下界", lambda row: row["rank_low"], kind="number"),
    Column("high", "名次上界", lambda row: row["rank_high"], kind="number"),
    Column("band", "分档", lambda row: row["band_word"]),
]


@bp.get("/judging/rankings/<int:ranking_id>/diagnosis")
@allow(*READERS)
def diagnosis(ranking_id: int):
    found = diagnoses.diagnosable_ranking(current_user, ranking_id)
    kept = diagnoses.diagnosis_of(found, request.args.get("run", type=int))
    reading = kept and Reading(kept, queries.ranking_rows(found))
    if reading and "export" in request.args:
        note = f"{found.name}：诊断仅供参考，正式成绩以冻结的排名为准"
        return send_table("成绩对照", SHEET, reading.entries, name=f"{found.name}诊断", note=note)
    return _page(found, reading, DiagnosisForm(data=_proposal(found)))


def _proposal(ranking: Ranking) -> dict[str, str]:
    return {"places": str(operations.proposed_places(ranking)), "draws": "1000", "seed": "0"}


def _page(ranking: Ranking, reading: Reading | None, form: DiagnosisForm, status: int = 200):
    part = request.args.get("view", "cut")
    may_send, looks = rules.may_send_second_look(current_user, ranking), diagnoses.looks_of(ranking)
    return render_template(
        "judging/diagnosis.html",
        ranking=ranking,
        machine=RANKING,
        reading=reading,
        part=part if part in PARTS else "cut",
        parts=PARTS,
        runs=diagnoses.diagnoses_of(ranking),
        job=diagnoses.last_job_of(ranking),
        flags=diagnoses.flags_of(ranking),
        flag_machine=FLAG,
        look_machine=SECOND_LOOK,
        second=second_lines(reading, looks) if reading else [],
        may_send=bool(may_send),
        send_reason=may_send.reason,
        candidates=to_look_at(reading, looks) if reading else [],
        fresh=diagnoses.fresh_judges(ranking) if may_send and part == "second" else [],
        declaration=diagnoses.declaration_of(ranking.stage_id),
        may_ask=rules.may_diagnose(current_user, chairs=diagnoses.chairs(current_user, ranking.id)),
        form=form,
        events=trail.events_for(ranking),
    ), status


@bp.post("/judging/rankings/<int:ranking_id>/diagnosis")
@allow(*ASKERS)
def diagnosis_ask(ranking_id: int):
    found = diagnoses.diagnosable_ranking(current_user, ranking_id)
    form = DiagnosisForm()
    if form.validate_on_submit():
        try:
            operations.ask_diagnosis(found, **form.values(), actor=current_user, now=web.now())
            flash("诊断已排队计算，通常几秒内完成。", "success")
            return redirect(url_for("judging.diagnosis", ranking_id=found.id), 303)
        except InvalidInput as error:
            form.take(error)
    kept = diagnoses.diagnosis_of(found)
    return _page(found, kept and Reading(kept, queries.ranking_rows(found)), form, 422)


@bp.get("/judging/rankings/<int:ranking_id>/diagnosis/entries/<int:entry_id>")
@allow(*READERS)
def diagnosis_entry(ranking_id: int, entry_id: int):
    """How one entry's calibrated score comes about, judge by judge."""
    found = diagnoses.diagnosable_ranking(current_user, ranking_id)
    kept = diagnoses.diagnosis_of(found, request.args.get("run", type=int))
    reading = kept and Reading(kept, queries.ranking_rows(found))
    line = reading and reading.line_of(entry_id)
    if not line:
        raise NotVisible()
    return render_template("judging/diagnosis_entry.html", ranking=found, reading=reading, line=line)


@bp.get("/judge/rankings")
@allow(Role.JUDGE)
def chaired_rankings():
    """The rankings of the panels this judge led."""
    page = listing.run(
        diagnoses.rankings_chaired_by(current_user),
        args=request.args,
        path=request.path,
        sorts={"frozen_at": Ranking.frozen_at, "name": Ranking.name, "id": Ranking.id},
        default_sort="-frozen_at",
        search=(Ranking.name,),
    )
    return render_template("judging/chaired_rankings.html", page=page, machine=RANKING)


@bp.route("/judging/stages/<int:stage_id>/rooms", methods=["GET", "POST"])
@allow(Role.OFFICE, Role.SUPERVISION)
def stage_rooms(stage_id: int):
    """The declaration of a round's rooms, and the form while nobody has scored."""
    stage = queries.stage_by_id(stage_id)
    form = RoomsForm()
    if form.validate_on_submit():
        try:
            operations.declare_rooms(
                stage,
                drawn=form.drawn.data == "drawn",
                method=Normalising(form.method.data),
                basis=form.basis.data,
                actor=current_user,
                now=web.now(),
            )
            flash("分室规则已声明。", "success")
            return redirect(url_for("judging.stage_rooms", stage_id=stage.id), 303)
        except InvalidInput as error:
            form.take(error)
    return render_template(
        "judging/stage_rooms.html",
        stage=stage,
        declaration=diagnoses.declaration_of(stage.id),
        scored=diagnoses.is_scored(stage.id),
        form=form,
    ), 422 if form.is_submitted() else 200
