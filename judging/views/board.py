"""The big screen: a dark page that polls a small snapshot. It shows scores only once they are revealed."""

from flask import jsonify, make_response, render_template, request
from flask_login import current_user

from core import web
from core.access import public
from core.clock import beijing
from judging import queries
from judging.enums import RunState
from judging.models import Run, Session
from judging.states import RUN, SESSION
from judging.views import bp


@bp.get("/board/<int:session_id>")
@public
def board(session_id: int):
    found = queries.board_session(current_user, session_id)
    return render_template("judging/board.html", session=found, edition_name=found.stage.edition.name)


@bp.get("/board/<int:session_id>/snapshot.json")
@public
@web.limiter.exempt
def board_snapshot(session_id: int):
    """One statement while nothing changed (304); the version is in the answer and its ETag."""
    version = queries.board_version(current_user, session_id)
    if request.if_none_match.contains(version):
        response = make_response("", 304)
    else:
        found = queries.board_session(current_user, session_id)
        response = jsonify(_snapshot(found, version))
    response.set_etag(version)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _snapshot(session: Session, version: str) -> dict:
    on_stage = next((run for run in session.runs if run.state == RunState.ON_STAGE), None)
    last = max(
        (run for run in session.runs if run.revealed_at and not run.calibration),
        key=lambda run: run.revealed_at,
        default=None,
    )
    waiting = [run for run in session.runs if run.state == RunState.WAITING]
    return {
        "version": version,
        "state": session.state,
        "label": SESSION.badge(session).label,
        "at": beijing(web.now()).strftime("%H:%M:%S"),
        "stage": _shown(on_stage, session) if on_stage else None,
        "revealed": _shown(last, session) if last else None,
        "next": _shown(waiting[0], session) if waiting else None,
        "left": len(waiting),
        "ranking": _ranking(session, last),
    }


def _shown(run: Run, session: Session) -> dict:
    """What the hall may know of an entry: name, lights without values, and the score once revealed."""
    return {
        "number": run.draw_number,
        "title": run.entry.title,
        "enterprise": run.entry.enterprise.name,
        "state": RUN.badge(run).label,
        "expected": run.expected_sheets,
        "submitted": run.submitted_sheets,
        "score": _score(run),
        "elapsed": int((web.now() - run.called_at).total_seconds()) if run.called_at else 0,
        "minutes": [session.stage.pitch_minutes, session.stage.answer_minutes],
    }


def _score(run: Run) -> str | None:
    """Never of an anchor: its score belongs to the judges' calibration, not to the contest."""
    if run.revealed_at is None or run.score_hundredths is None or run.calibration:
        return None
    return f"{run.score_hundredths // 100}.{run.score_hundredths % 100:02d}"


def _ranking(session: Session, last: Run | None) -> list[dict]:
    """Revealed entries, highest first, equal scores sharing their place."""
    revealed = [run for run in session.runs if _score(run) is not None]
    revealed.sort(key=lambda run: (-run.score_hundredths, run.draw_number))
    return [
        {
            "rank": 1 + sum(other.score_hundredths > run.score_hundredths for other in revealed),
            "number": run.draw_number,
            "enterprise": run.entry.enterprise.name,
            "title": run.entry.title,
            "score": _score(run),
            "now": run is last,
        }
        for run in revealed
    ]
