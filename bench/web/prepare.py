"""A running session and signed-in people in the bench's own copy of the played edition: prints them as JSON.

python -m bench.web.prepare        with LEITAI_DATA_DIR pointing at the copy
"""

import json

from flask import current_app, g
from flask import session as cookie
from flask_wtf.csrf import generate_csrf
from sqlalchemy import event, func, select

from competition.operations import rounds
from core import accounts, web
from core.app import create_app
from core.clock import utcnow
from core.db import commit, db, end
from core.models import User
from judging.models import Judge, Ranking, RankingRow, Seat, Sheet
from tests.factories.competition import make_edition, make_entry, office
from tests.factories.judging import VALUES, make_running

PUBLIC = ("/", "/results?edition=xj2018", "/winners")


def main() -> None:
    app = create_app()
    with app.app_context():
        facts, engine = prepare(), db.engine
    facts["statements"] = statements(app, engine, facts)
    print(json.dumps(facts))


def prepare() -> dict:
    now = utcnow()
    edition = make_edition(now, code="bench")
    entries = [make_entry(edition, now) for _ in range(3)]
    rounds.open_stage(edition.stages[0], entries=entries, actor=office(now), now=now)
    running = make_running(now, stage=edition.stages[0], entries=entries)
    commit()
    sheets = [sheet for run in running.runs if run.called_at for sheet in run.sheets]
    judges = [_signed_in(sheet.seat.judge.user, now) | {"sheet": sheet.id} for sheet in sheets]
    busiest = db.session.scalars(
        select(Seat.judge_id)
        .join(Sheet, Sheet.seat_id == Seat.id)
        .group_by(Seat.judge_id)
        .order_by(func.count().desc())
        .limit(1)
    ).one()
    ranking, rows = db.session.execute(
        select(Ranking.id, func.count())
        .join(RankingRow, RankingRow.ranking_id == Ranking.id)
        .group_by(Ranking.id)
        .order_by(func.count().desc())
        .limit(1)
    ).one()
    clerk = db.session.scalar(select(User).where(User.username == "office"))
    judge = db.session.get(Judge, busiest)
    facts = {
        "judges": judges,
        "busiest": _signed_in(judge.user, now),
        "office": _signed_in(clerk, now),
        "ranking": ranking,
        "ranking_rows": rows,
        "values": VALUES,
    }
    commit()
    end()
    return facts


def _signed_in(user: User, now) -> dict:
    """A session cookie and a form token, as the sign-in page would give them."""
    token = accounts.open_session(user, now=now, address="127.0.0.1", device="bench")
    with current_app.test_request_context():
        g.pop("csrf_token", None)
        web.open_cookie(user, token)
        cookie["_fresh"] = False  # what the first answer would make of it
        form_token = generate_csrf()
        signer = current_app.session_interface.get_signing_serializer(current_app)
        value = signer.dumps(dict(cookie))
    return {"cookie": f"{current_app.config['SESSION_COOKIE_NAME']}={value}", "token": form_token}


def statements(app, engine, facts: dict) -> dict[str, int]:
    """SQL statements of each measured page, the second time it is asked for."""
    found, seen = {}, []
    event.listen(engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    client = app.test_client(use_cookies=False)
    for name, path, cookie_ in pages(facts):
        for _ in range(2):
            seen.clear()
            answer = client.get(path, headers={"Cookie": cookie_} if cookie_ else {})
        assert answer.status_code == 200, (path, answer.status_code)
        found[name] = len([text for text in seen if not text.startswith("BEGIN")])
    judge = facts["judges"][-1]
    headers = {"Cookie": judge["cookie"], "X-CSRFToken": judge["token"]}
    for counter in (1, 2):
        seen.clear()
        answer = client.post(
            f"/judge/sheets/{judge['sheet']}/message",
            json=message(facts, "statements", counter),
            headers=headers,
        )
        assert answer.status_code == 200, answer.get_data(as_text=True)
    found["score save"] = len([text for text in seen if not text.startswith("BEGIN")])
    return found


def pages(facts: dict) -> list[tuple[str, str, str | None]]:
    """(name, path, cookie) of every page measured."""
    office, judge = facts["office"]["cookie"], facts["judges"][0]
    return [
        *((f"public {path}", path, None) for path in PUBLIC),
        ("list of 50, filtered", "/office/entries?edition=xj2018&size=50", office),
        ("public list, filtered", "/results?edition=xj2018&size=50&q=1", None),
        ("ranking, sorted", f"/judging/rankings/{facts['ranking']}", office),
        ("judge's dashboard", "/judge", facts["busiest"]["cookie"]),
        ("score form", f"/judge/sheets/{judge['sheet']}", judge["cookie"]),
    ]


def message(facts: dict, client_id: str, counter: int) -> dict:
    values = {**facts["values"], "technology": 1500 + 50 * (counter % 19)}
    return {
        "values": values,
        "comment": "演示数据",
        "client_id": client_id,
        "counter": counter,
        "submit": False,
    }


if __name__ == "__main__":
    main()
