"""The recorder's day: start, call, absence, reveal, stand-in, lock; signing; the papers of a session."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user

from core import web
from core.access import allow
from core.db import db
from core.enums import Role
from core.errors import InvalidInput
from core.files import send_table
from core.spreadsheets import Column
from judging import queries, rules
from judging.enums import SessionState
from judging.forms import StandInForm
from judging.models import Judge, Run, Session
from judging.operations import hall, sessions
from judging.views import bp
from judging.views.sessions import CONDUCTORS
from judging.views.shown import SummaryLine, seat_title, summary

PANEL = (Role.OFFICE, Role.SUPERVISION, Role.LEADER, Role.RECORDER, Role.JUDGE)


def _back(session_id: int, anchor: str | None = None):
    return redirect(url_for("judging.session", session_id=session_id, _anchor=anchor), 303)


@bp.post("/judging/sessions/<int:session_id>/<any(start,next,lock):act>")
@allow(*CONDUCTORS)
def session_act(session_id: int, act: str):
    found = queries.session_for(current_user, session_id)
    by = {"actor": current_user, "now": web.now()}
    if act == "start":
        sessions.start_session(found, **by)
        flash("本场已开始。", "success")
    elif act == "next":
        run = sessions.call_next(found, **by)
        flash(f"请 {run.draw_number} 号上场。" if run else "所有项目都已上场。", "success")
    else:
        _confirm("锁定", "lock")
        sessions.lock_session(found, **by)
        flash("本场评分已锁定，请各方签字。", "success")
    return _back(found.id, "order")


def _confirm(word: str, code: str) -> None:
    if request.form.get("confirm_word", "").strip() != word:
        raise InvalidInput(f"请输入“{word}”以确认。", code=code, field="confirm_word")


@bp.post("/judging/runs/<int:run_id>/<any(call,finish,miss,reveal):act>")
@allow(*CONDUCTORS)
def run_act(run_id: int, act: str):
    run = queries.run_for(current_user, run_id)
    by = {"actor": current_user, "now": web.now()}
    if act == "miss":
        hall.mark_absent(run, reason=request.form.get("reason", ""), **by)
    else:
        {"call": sessions.call_run, "finish": sessions.finish_run, "reveal": hall.reveal_run}[act](run, **by)
    return _back(run.session_id, "order")


@bp.route("/judging/runs/<int:run_id>/stand-in", methods=["GET", "POST"])
@allow(*CONDUCTORS)
def run_stand_in(run_id: int):
    run = queries.run_for(current_user, run_id)
    form = StandInForm()
    form.judge.choices = [("", "请选择")] + [
        (str(j.id), f"{j.name}（{j.employer}）") for j in queries.active_judges()
    ]
    if form.validate_on_submit():
        judge = db.session.get(Judge, int(form.judge.data))
        hall.add_stand_in(run, judge=judge, reason=form.reason.data, actor=current_user, now=web.now())
        flash(f"已为 {run.entry.number} 增补评委{judge.name}。", "success")
        return _back(run.session_id, "order")
    return render_template("judging/stand_in.html", form=form, run=run), 422 if form.is_submitted() else 200


@bp.post("/judging/sessions/<int:session_id>/sign")
@allow(Role.JUDGE, Role.RECORDER, Role.SUPERVISION)
def session_sign(session_id: int):
    found = queries.session_for(current_user, session_id)
    kind = rules.signer_kind(current_user, found)
    rules.may_close_signing(current_user, found).or_raise()
    sessions.sign_session(found, kind=kind, actor=current_user, now=web.now())
    flash("签字已记录。", "success")
    if current_user.role == Role.JUDGE:
        return redirect(url_for("judging.panel", session_id=found.id), 303)
    return _back(found.id)


def _with_values(session_id: int) -> Session:
    found = queries.session_for(current_user, session_id)
    rules.may_see_values(current_user, found).or_raise()
    return found


@bp.get("/judging/sessions/<int:session_id>/summary")
@allow(*PANEL)
def session_summary(session_id: int):
    """评分汇总表: on paper, or as a workbook."""
    found = _with_values(session_id)
    lines = summary(found)
    if "export" in request.args:
        return send_table(
            "评分汇总表",
            _columns(found),
            lines,
            name=f"{found.name}评分汇总表",
            note=f"{found.stage.name} {found.name}",
        )
    return render_template(
        "judging/summary.html",
        session=found,
        lines=lines,
        seat_title=seat_title,
        digest=sessions.session_digest(found),
        signatures=queries.signatures_of(found),
    )


def _columns(session: Session) -> list[Column]:
    def total_of(place: int):
        return lambda line: line.cells[place].total

    judges = [
        Column(f"judge{place}", seat_title(seat), total_of(place), kind="score", width=12)
        for place, seat in enumerate(session.seats)
    ]
    return [
        Column("draw", "抽签号", lambda line: line.run.draw_number, kind="number", width=8),
        Column("enterprise", "企业", lambda line: line.run.entry.enterprise.name, width=32),
        Column("title", "项目", lambda line: line.run.entry.title, width=32),
        *judges,
        Column("highest", "最高分", lambda line: line.highest, kind="score", width=10),
        Column("lowest", "最低分", lambda line: line.lowest, kind="score", width=10),
        Column("score", "最终得分", lambda line: line.run.score_hundredths, kind="score", width=10),
        Column("rank", "名次", _rank, kind="number", width=8),
    ]


def _rank(line: SummaryLine) -> int | None:
    return line.rank


@bp.get("/judging/sessions/<int:session_id>/papers")
@allow(*PANEL)
def session_papers(session_id: int):
    """Score sheets on paper, one judge after the other: blank after the draw, filled after the lock."""
    filled = request.args.get("filled") == "1"
    found = _with_values(session_id) if filled else queries.session_for(current_user, session_id)
    if current_user.role == Role.JUDGE:
        rules.is_chair(current_user, found).or_raise()
    place = request.args.get("seat", "")
    seats = [seat for seat in found.seats if not place or str(seat.position) == place]
    return render_template(
        "judging/papers.html",
        session=found,
        filled=filled,
        pages=[] if found.state == SessionState.PLANNED else _pages(found, seats),
        criteria=queries.criteria_by_group(found.stage),
    )


def _pages(session: Session, seats: list) -> list[tuple]:
    """(seat, run, sheet) of every sheet to print; a recused judge has none."""
    sheets = {(sheet.run_id, sheet.seat_id): sheet for sheet in queries.sheets_of(session, with_scores=True)}
    return [
        (seat, run, sheets[run.id, seat.id])
        for seat in seats
        for run in session.runs
        if _due(run, seat, sheets)
    ]


def _due(run: Run, seat, sheets: dict) -> bool:
    sheet = sheets.get((run.id, seat.id))
    return sheet is not None and sheet.state != "recused"


@bp.get("/judging/sessions/<int:session_id>/draw-paper")
@allow(*PANEL, Role.HOST, Role.REGIONAL)
def session_draw_paper(session_id: int):
    """抽签结果单: order, seed, pool hash, witness, and how to check it."""
    found = queries.session_for(current_user, session_id)
    return render_template("judging/draw_paper.html", session=found)
