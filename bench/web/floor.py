"""The floor: the least a Flask application can do for one unit of work. Nothing here is a product.

    GET  /hello          plain text, no database
    GET  /table?n=50     one indexed SELECT through the ORM, n rows, a Jinja page
    GET  /dash           session cookie, user row, then the 50-row page
    POST /score          session cookie, user row, upsert of one score, durable commit, 303
    GET  /login?n=N      signs a session cookie for user N

`python -m bench.web.floor` fills FLOOR_DB (an SQLite file) with 5,000 entries and 35,000 scores.
"""

import os
import time

from flask import Flask, redirect, render_template, request, session
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import event, insert, select, text

ENTRIES, JUDGES = 5000, 300
PAGE = """<!doctype html><html><head><meta charset="utf-8">
<title>Results</title></head><body><h1>Results</h1><table><thead><tr><th>#</th><th>Entry</th>
<th>Company</th><th>Track</th><th>Score</th></tr></thead><tbody>
{% for r in rows %}<tr><td>{{ loop.index }}</td><td>{{ r.title }}</td><td>{{ r.company }}</td>
<td>{{ r.track }}</td><td>{{ "%.2f"|format(r.score) }}</td></tr>
{% endfor %}</tbody></table></body></html>"""
UPSERT = text(
    "INSERT INTO score(judge_id,entry_id,value,note,at) VALUES (:j,:e,:v,:n,:a) "
    "ON CONFLICT (judge_id,entry_id) DO UPDATE SET value=excluded.value, at=excluded.at"
)

app = Flask(__name__)
app.config.update(SECRET_KEY="floor-only", SQLALCHEMY_DATABASE_URI=f"sqlite:///{os.environ['FLOOR_DB']}")
app.jinja_loader = DictLoader({"table.html": PAGE})
db = SQLAlchemy(app)


class Entry(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    track = db.Column(db.Integer, nullable=False)
    title = db.Column(db.String(200), nullable=False)
    company = db.Column(db.String(200), nullable=False)
    score = db.Column(db.Float, nullable=False)
    __table_args__ = (db.Index("ix_entry_track_score", "track", "score"),)


class Score(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    judge_id = db.Column(db.Integer, nullable=False)
    entry_id = db.Column(db.Integer, nullable=False)
    value = db.Column(db.Float, nullable=False)
    note = db.Column(db.String(500))
    at = db.Column(db.Float, nullable=False)
    __table_args__ = (db.UniqueConstraint("judge_id", "entry_id"),)


class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(120), unique=True, nullable=False)


def _configure(connection, _record) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


with app.app_context():
    event.listen(db.engine, "connect", _configure)


def fill() -> None:
    with app.app_context():
        db.create_all()
        entries = [
            {
                "track": i % 10,
                "title": f"Entry number {i}",
                "company": f"Company {i} Ltd",
                "score": i * 7919 % 10000 / 100,
            }
            for i in range(ENTRIES)
        ]
        scores = [
            {
                "judge_id": (i + k * 43) % JUDGES,
                "entry_id": i + 1,
                "value": i * k % 101,
                "note": "a remark",
                "at": 0.0,
            }
            for i in range(ENTRIES)
            for k in range(7)
        ]
        db.session.execute(insert(Entry), entries)
        db.session.execute(insert(Score), scores)
        db.session.execute(insert(Person), [{"name": f"judge{i}"} for i in range(JUDGES)])
        db.session.commit()


def _rows(track: int):
    stmt = select(Entry).where(Entry.track == track).order_by(Entry.score.desc())
    return db.session.scalars(stmt.limit(int(request.args.get("n", 50)))).all()


@app.get("/hello")
def hello():
    return "hello"


@app.get("/table")
def table():
    return render_template("table.html", rows=_rows(3))


@app.get("/login")
def login():
    session["person"] = int(request.args.get("n", 0)) % JUDGES + 1
    return "ok"


@app.get("/dash")
def dash():
    person = db.session.get(Person, session["person"])
    return render_template("table.html", rows=_rows(person.id % 10))


@app.post("/score")
def score():
    person = db.session.get(Person, session["person"])
    values = {"j": person.id, "e": int(request.form["n"]), "v": 80.0, "n": "a remark", "a": time.time()}
    db.session.execute(UPSERT, values)
    db.session.commit()
    return redirect("/hello", 303)


if __name__ == "__main__":
    fill()
