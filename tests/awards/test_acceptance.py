"""Acceptance: figures against the task book, experts without conflict, one rectification in time, and what then is late."""

import io
import re
from datetime import timedelta

import pytest

from awards.models import Acceptance
from awards.operations import acceptance, task_books
from awards.rules import money_may_move
from core.checks import run_all
from core.db import db, flush
from core.enums import Role
from core.errors import Conflict, InvalidInput, NotAllowed
from core.files import store_bytes
from judging.enums import ConflictSource, RecusalReason
from judging.operations.judges import note_conflict
from tests.factories import awards as make
from tests.factories.competition import office, staff
from tests.factories.judging import make_judge

REVENUE = {"name": "营业收入", "unit": "万元", "sense": "at_least", "target": "200", "main": True}
STAFF = {"name": "新增人员", "unit": "人", "sense": "at_least", "target": "5", "main": ""}
DAY = timedelta(days=1)
PDF = b"%PDF-1.4 report"


def tailed(now):
    _, made = make.make_winners(now, count=1, first_bp=6_000)
    make.confirm(made, now)
    return made[0]


@pytest.fixture
def award(ctx, now):
    return tailed(now)


def apply(award, now, results=("236", "3"), **changes):
    given = {"results": list(results), "targets": [REVENUE, STAFF], "actor": office(now), "now": now}
    return acceptance.apply_acceptance(award, **{**given, **changes})


def seat(found, now, experts=None):
    experts = experts or [make_judge(now) for _ in range(3)]
    return acceptance.seat_panel(found, judges=experts, chair=experts[0], actor=office(now), now=now)


def decide(found, now, *, passed=True):
    return acceptance.decide_acceptance(found, passed=passed, opinion="会评意见", actor=office(now), now=now)


def rectify(found, now, days=30):
    until = now.date() + days * DAY
    return acceptance.order_rectification(found, until=until, opinion="补足收入", actor=office(now), now=now)


def test_passed_review_frees_the_tail(award, now):
    found = seat(apply(award, now), now)
    assert not money_may_move(award.instalments[1], now)
    decide(found, now)
    assert money_may_move(award.instalments[1], now)
    assert [member["chair"] for member in found.panel] == [True, False, False]
    assert run_all("acceptances-hold") == []


def test_task_book_gives_the_targets(award, now):
    by = {"actor": office(now), "now": now}
    book = task_books.draft_task_book(
        award, goal="示范", targets=[STAFF], starts_on=now.date(), ends_on=now.date() + DAY, **by
    )
    task_books.issue_task_book(book, **by)
    file = store_bytes(PDF, "x.pdf", "application/pdf", **by)
    task_books.match_scans([(book.code, file)], **by)
    signed = {"unit_signatory": "甲", "unit_signed_on": now.date()}
    signed |= {"office_signatory": "乙", "office_signed_on": now.date()}
    task_books.sign_task_book(book, **signed, **by)
    found = apply(award, now, results=["6"], targets=None)
    assert found.targets == [{**STAFF, "main": False, "achieved": "6"}]


@pytest.mark.parametrize("results", [("很多", "3"), ("236", ""), ("1e9", "3")])
def test_results_are_numbers(award, now, results):
    with pytest.raises(InvalidInput, match="实际完成值"):
        apply(award, now, results=results)


def test_missed_main_target_never_passes_a_minor_one_may(award, now):
    found = seat(apply(award, now, results=("199.99", "9")), now)
    with pytest.raises(InvalidInput, match="营业收入"):
        decide(found, now)
    assert decide(found, now, passed=False).state == "failed"


def test_conclusion_needs_three_experts(award, now):
    found = apply(award, now)
    for conclude in (decide, rectify):
        with pytest.raises(InvalidInput, match="专家组"):
            conclude(found, now)
    with pytest.raises(InvalidInput, match="至少 3 人"):
        seat(found, now, [make_judge(now), make_judge(now)])
    with pytest.raises(NotAllowed):
        acceptance.seat_panel(
            found, judges=[], chair=make_judge(now), actor=staff(Role.FINANCE, now), now=now
        )


def test_experts_with_a_conflict_are_refused(award, now):
    found = apply(award, now)
    free = [make_judge(now), make_judge(now)]
    noted = make_judge(now)
    kin = {"source": ConflictSource.CLAIMED, "reason_code": RecusalReason.KIN, "reason": "亲属"}
    note_conflict(noted, award.entry, **kin, actor=office(now), now=now)
    own = make_judge(now, employer=award.payee.name)
    coded = make_judge(now, employer_code=award.payee.credit_code)
    retired = make_judge(now)
    retired.active = False
    for judge, words in ((noted, "利益关系"), (own, "同属一个单位"), (coded, "同属"), (retired, "停用")):
        with pytest.raises(InvalidInput, match=words):
            seat(found, now, [*free, judge])
    assert found.panel == []


def test_rectified_in_time_passes_and_the_first_figures_stay_in_the_trail(award, now):
    found = rectify(seat(apply(award, now, results=("150", "9")), now), now)
    later = now + 20 * DAY
    with pytest.raises(InvalidInput, match="主要指标"):
        decide(found, later)
    acceptance.resubmit_acceptance(found, results=["210", "9"], actor=office(now), now=later)
    assert decide(found, later).state == "passed"
    assert run_all("acceptances-hold") == []


def test_unchanged_project_does_not_pass_after_its_rectification(award, now):
    found = rectify(seat(apply(award, now), now), now)
    with pytest.raises(InvalidInput, match="重新提交"):
        decide(found, now + DAY)


def test_rectification_ends_with_its_day(award, now):
    found = rectify(seat(apply(award, now), now), now, days=1)
    acceptance.resubmit_acceptance(found, results=["210", "9"], actor=office(now), now=now + DAY)
    with pytest.raises(Conflict, match="已过"):
        acceptance.resubmit_acceptance(found, results=["210", "9"], actor=office(now), now=now + 2 * DAY)
    with pytest.raises(InvalidInput, match="今天之后"):
        rectify(found, now, days=0)


def test_check_names_a_project_passed_with_a_missed_target(award, now):
    found = decide(seat(apply(award, now), now), now)
    found.targets = [{**target, "achieved": "1"} for target in found.targets]
    flush()
    assert [finding.where for finding in run_all("acceptances-hold")] == [f"acceptance {found.id}"]


def cast(now):
    staff(Role.FINANCE, now)
    award = tailed(now)
    for _ in range(4):
        make_judge(now)
    own = award.entry.enterprise.contacts[0].user.username
    return award.number, own


def fields(results=("236", "9")):
    found = {
        f"target.{key}": [row[key] for row in (REVENUE, STAFF)] for key in ("name", "unit", "sense", "target")
    }
    return found | {"target.main": ["0"], "target.achieved": list(results)}


def test_enterprise_applies_and_the_office_concludes(prepared, as_user, app, frozen):
    number, own = prepared(cast)
    enterprise, office_ = as_user(own), as_user("office-staff")
    url = f"/enterprise/awards/{number}/acceptance"
    assert "申请验收" in enterprise.text(f"/enterprise/awards/{number}")
    wrong = enterprise.post(url, fields(("很多", "9")))
    assert wrong.status_code == 422 and 'value="很多"' in wrong.get_data(as_text=True)
    done = enterprise.post(url, {**fields(("150", "9")), "materials": (io.BytesIO(PDF), "总结.pdf")})
    assert done.status_code == 303
    with app.app_context():
        page = f"/awards/acceptance/{db.session.scalar(db.select(Acceptance.id))}"
    text = office_.text(page)
    assert "总结.pdf" in text and "主要指标未完成，不能通过" in text
    material = re.search(rf'href="({page}/materials/[0-9]+)"', text).group(1)
    assert office_.get(material).data == PDF and enterprise.get(material).status_code == 403
    experts = re.findall(r'<option value="([0-9]+)">演示评委', text)[:4]
    assert office_.post(page + "/panel", {"chair": experts[0]}).status_code == 422
    assert office_.post(page + "/panel", {"chair": "0", "judges": experts}).status_code == 422
    assert office_.post(page + "/panel", {"chair": experts[0], "judges": experts[1:3]}).status_code == 303
    conclude = {"decision": "rectify", "opinion": "补足收入"}
    assert office_.post(page + "/decide", conclude).status_code == 422
    until = (frozen.date() + DAY).isoformat()
    assert office_.post(page + "/decide", {**conclude, "until": until}).status_code == 303
    assert office_.post(page + "/resubmit", {"result": ["x", "9"]}).status_code == 422
    assert "提交整改结果" in enterprise.text(f"/enterprise/awards/{number}")
    again = f"/enterprise/awards/{number}/rectification"
    wrong = enterprise.post(again, {"result": ["二百", "9"]})
    assert wrong.status_code == 422 and 'value="二百"' in wrong.get_data(as_text=True)
    assert enterprise.post(again, {"result": ["220", "9"]}).status_code == 303
    assert office_.post(page + "/resubmit", {"result": ["230", "9"]}).status_code == 303
    assert office_.post(page + "/decide", {"decision": "pass", "opinion": "同意"}).status_code == 303
    assert "整改后通过" in office_.text("/awards/acceptance") and "230" in office_.text(page + "/print")


def test_late_projects_are_listed(prepared, as_user, app, monkeypatch, frozen):
    def late(now):
        award = tailed(now - 60 * DAY)
        rectify(seat(apply(award, now - 40 * DAY), now - 40 * DAY), now - 40 * DAY)
        return award.number

    number = prepared(late)
    office_ = as_user("office-staff")
    page = office_.text("/awards/acceptance?late=1")
    assert number in page and "逾期" in page
    assert number not in office_.text("/awards/acceptance?late=1&state=passed")
