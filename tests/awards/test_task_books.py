"""Task books: numbers that can be compared, words frozen by a code, scans found by it, money waiting for the signed one."""

import io

import pytest
from sqlalchemy import update

from awards import targets
from awards.models import TaskBook, Tier
from awards.operations import plans, task_books
from awards.rules import money_may_move
from core import seals
from core.checks import run_all
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.files import store_bytes
from fund import operations as ledger
from tests.factories import awards as make
from tests.factories.competition import office, staff

PDF = b"%PDF-1.4 scan"
REVENUE = {"name": "营业收入", "unit": "万元", "sense": "at_least", "target": "200.5", "main": True}
STAFF = {"name": "新增人员", "unit": "人", "sense": "at_least", "target": "5", "main": ""}


@pytest.mark.parametrize(
    ("sense", "target", "achieved", "expected"),
    [
        ("at_least", "200.5", "200.50", True),
        ("at_least", "200.5", "200.4999", False),
        ("at_most", "3", "3.0001", False),
        ("at_most", "-1", "-2", True),
        ("equal", "1", "1.000", True),
        ("equal", "1", "2", False),
    ],
)
def test_targets_are_compared_as_decimals(sense, target, achieved, expected):
    assert targets.met({"sense": sense, "target": target, "achieved": achieved}) is expected


@pytest.mark.parametrize("text", ["", "二百", "1e3", "１２", "1,000", "0.12345", "NaN", "--1", "9" * 13])
def test_a_target_is_a_plain_number(text):
    with pytest.raises(InvalidInput, match="营业收入"):
        targets.planned([{**REVENUE, "target": text}])


@pytest.mark.parametrize(
    "rows",
    [[], [{"name": " ", "unit": "", "target": ""}], [REVENUE, REVENUE], [{**REVENUE, "sense": "about"}]],
    ids=["none", "blank", "twice", "no sense"],
)
def test_targets_are_refused_as_a_whole(rows):
    with pytest.raises(InvalidInput):
        targets.planned(rows)


def contracted(now, *, first_bp=6_000):
    """A confirmed prize whose first payment waits for the signed task book."""
    plan, made = make.make_winners(now, count=1, first_bp=first_bp, needs_contract=True)
    make.confirm(made, now)
    return made[0]


@pytest.fixture
def award(ctx, now):
    return contracted(now)


def draft(award, now, **changes):
    given = {"goal": "建设示范线。", "targets": [REVENUE, STAFF], "starts_on": now.date()}
    given |= {"ends_on": now.date().replace(year=now.year + 2), "actor": office(now), "now": now}
    return task_books.draft_task_book(award, **{**given, **changes})


def issue(award, now):
    return task_books.issue_task_book(draft(award, now), actor=office(now), now=now)


def scan_of(book, now):
    file = store_bytes(PDF, f"{book.code}.pdf", "application/pdf", actor=office(now), now=now)
    return task_books.match_scans([(file.name, file)], actor=office(now), now=now)


def sign(book, now, **changes):
    given = {"unit_signatory": "古丽", "unit_signed_on": now.date(), "office_signatory": "李明"}
    given |= {"office_signed_on": now.date(), "actor": office(now), "now": now}
    return task_books.sign_task_book(book, **{**given, **changes})


def test_first_payment_waits_for_both_signatures(award, now):
    part = award.instalments[0]
    assert part.condition == "contract_signed" and "任务书" in money_may_move(part, now).reason
    book = issue(award, now)
    scan_of(book, now)
    assert not money_may_move(part, now)
    sign(book, now)
    assert money_may_move(part, now)
    payment = make.make_payment(award, now)
    assert payment.state == "submitted" and run_all("payment-lawful") == []


def test_database_refuses_the_hold_before_the_signature(award, now):
    payment = make.make_payment(award, now, submit=False)
    with pytest.raises(Conflict, match="任务书未签订"):
        ledger.hold(
            payment.line,
            fen=payment.fen,
            payment_no=payment.number,
            attempt=1,
            idem="x",
            actor=office(now),
            now=now,
        )


def test_issued_words_do_not_change(award, now):
    book = issue(award, now)
    assert [part["condition"] for part in book.parts] == ["contract_signed", "acceptance_passed"]
    with pytest.raises(Conflict, match="已签发"):
        task_books.change_task_book(
            book,
            goal="",
            targets=[STAFF],
            starts_on=now.date(),
            ends_on=now.date(),
            actor=office(now),
            now=now,
        )
    assert run_all("published-words") == []
    book.goal = "改过的目标"
    flush()
    assert [finding.where for finding in run_all("published-words")] == [f"task_book {book.id}"]


def test_second_live_task_book_is_refused(award, now):
    book = draft(award, now)
    with pytest.raises(Conflict, match="已有任务书"):
        draft(award, now)
    task_books.void_task_book(book, reason="金额有误", actor=office(now), now=now)
    db.session.expire(award, ["task_books"])
    assert draft(award, now).number != book.number


def test_task_book_needs_a_confirmed_prize_and_a_period(ctx, now):
    _, made = make.make_winners(now, count=1)
    with pytest.raises(Conflict, match="已审定"):
        draft(made[0], now)
    make.confirm(made, now)
    with pytest.raises(InvalidInput, match="晚于"):
        draft(made[0], now, ends_on=now.date())
    with pytest.raises(NotAllowed):
        draft(made[0], now, actor=staff(Role.FINANCE, now))


@pytest.mark.parametrize(
    "name", ["{}.pdf", "扫描 {} 第2页.pdf", "RWS2026_{}"], ids=["alone", "among words", "after a number"]
)
def test_scan_is_found_by_the_code_in_its_name(award, now, name):
    book = issue(award, now)
    for written in (book.code, book.code.replace("-", "").lower(), book.code.replace("0", "o")):
        file = store_bytes(PDF, "x.pdf", "application/pdf", actor=office(now), now=now)
        matched, unknown = task_books.match_scans([(name.format(written), file)], actor=office(now), now=now)
        assert matched == [book] and unknown == []
    assert book.scan.id == file.id


def test_scan_without_a_known_code_comes_back(award, now):
    book = draft(award, now)
    file = store_bytes(PDF, "x.pdf", "application/pdf", actor=office(now), now=now)
    for name in ("0000-0000.pdf", f"{book.number}.pdf", ""):
        assert task_books.match_scans([(name, file)], actor=office(now), now=now) == ([], [name])


def test_signature_needs_the_scan_and_believable_days(award, now):
    book = issue(award, now)
    with pytest.raises(InvalidInput, match="扫描件"):
        sign(book, now)
    scan_of(book, now)
    for field in ("unit_signed_on", "office_signed_on"):
        for day in (now.date().replace(day=1), now.date().replace(year=now.year + 1)):
            with pytest.raises(InvalidInput, match="签署日期"):
                sign(book, now, **{field: day})
    assert sign(book, now).state == "signed"


def test_seals_are_renewed_for_a_new_column_and_stay_broken_where_they_were(ctx, now):
    make.make_plan(make.make_edition(now), make.make_line(now), now)
    whole, altered = db.session.scalars(db.select(Tier)).all()
    connection, table = db.session.connection(), Tier.__table__
    columns = [c.name for c in seals.sealed_columns(Tier.__mapper__) if c.name != "needs_contract"]
    for tier in (whole, altered):
        values = {name: getattr(tier, name) for name in columns}
        seal = seals.seal_of("tier", {**values, "places": 99} if tier is altered else values)
        connection.execute(update(table).where(table.c.id == tier.id).values(seal=seal))
    seals.reseal(connection, "tier", ("needs_contract",))
    assert [where for where, _ in seals.broken(Tier)] == [altered.id]


def rows(*given):
    found = {
        f"target.{field}": [row[field] for row in given] for field in ("name", "unit", "sense", "target")
    }
    return found | {"target.main": [str(at) for at, row in enumerate(given) if row["main"]]}


def cast(now):
    for role in (Role.FINANCE, Role.SUPERVISION):
        staff(role, now)
    return contracted(now).number


def test_from_draft_to_signature_on_the_pages(prepared, as_user, app, frozen):
    number = prepared(cast)
    office_ = as_user("office-staff")
    dates = {"starts_on": "2026-05-10", "ends_on": "2028-05-09"}
    wrong = office_.post(
        f"/awards/items/{number}/task-book", {"goal": "示范", **dates, **rows({**REVENUE, "target": "很多"})}
    )
    page = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "应为数字" in page and 'value="很多"' in page
    made = office_.post(
        f"/awards/items/{number}/task-book", {"goal": "示范", **dates, **rows(REVENUE, STAFF)}
    )
    assert made.status_code == 303
    url = made.location
    assert "拟稿，未签发" in office_.text(url + "/print")
    changed = office_.post(url + "/edit", {"goal": "示范二", **dates, **rows(STAFF, REVENUE)})
    assert changed.status_code == 303
    assert office_.post(url + "/issue").status_code == 303
    with app.app_context():
        book = db.session.scalar(db.select(TaskBook))
        assert [(t["name"], t["main"]) for t in book.targets] == [("新增人员", False), ("营业收入", True)]
        code = book.code
    paper = as_user("finance-staff").text(url + "/print")
    assert code in paper and "验收通过" in paper and "200.5" in paper
    sent = office_.post("/awards/task-books/scans", {"files": (io.BytesIO(PDF), "扫描.pdf"), "code": code})
    assert sent.status_code == 303 and "已对应 1 份" in office_.text("/awards/task-books")
    signed = {"unit_signatory": "古丽", "office_signatory": "李明"}
    signed |= {"unit_signed_on": "2026-05-10", "office_signed_on": "2026-05-10"}
    assert office_.post(url + "/sign", {**signed, "unit_signatory": ""}).status_code == 422
    assert office_.post(url + "/sign", signed).status_code == 303
    assert "已签订" in office_.text(url) and "古丽" in office_.text(url)
    assert office_.get(url + "/scan").data == PDF
    assert as_user("finance-staff").post(url + "/void", {"reason": "x"}).status_code == 403
    with app.app_context():
        assert run_all("seals-hold") == [] and run_all("states-follow-trail") == []


def test_scans_that_fit_nothing_are_named(prepared, as_user):
    prepared(cast)
    office_ = as_user("office-staff")
    assert office_.post("/awards/task-books/scans", {}).status_code == 422
    several = {"files": [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(PDF), "b.pdf")]}
    assert office_.post("/awards/task-books/scans", {**several, "code": "7KQ2-M0XA"}).status_code == 422
    several = {"files": [(io.BytesIO(PDF), "a.pdf"), (io.BytesIO(PDF), "b.pdf")]}
    assert office_.post("/awards/task-books/scans", several).status_code == 303
    assert "未能对应：a.pdf、b.pdf" in office_.text("/awards/task-books")


def test_tier_that_asks_for_a_contract_keeps_it_through_copy_and_change(ctx, now):
    plan = make.make_plan(
        make.make_edition(now), make.make_line(now), now, publish=False, needs_contract=True
    )
    copied = plans.copy_plan(plan, actor=office(now), now=now)
    assert [tier.needs_contract for tier in copied.tiers] == [True, False]
    tier = copied.tiers[0]
    plans.change_tier(
        tier, places=1, amount_fen=100, first_bp=10_000, needs_contract=False, actor=office(now), now=now
    )
    assert not tier.needs_contract
