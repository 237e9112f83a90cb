"""Evidence of posting, the reply to an objection, the league table: pages of the office around a notice."""

import io
import re
from datetime import timedelta

import pytest

from awards.enums import ObjectorKind
from awards.models import NoticePosting
from awards.operations import objections
from core.checks import run_all
from core.db import db
from core.enums import Role
from core.rules import SYSTEM
from tests.factories import awards as make
from tests.factories.competition import make_edition, staff

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c6300"
)


def running(now):
    staff(Role.SUPERVISION, now)
    _, made = make.make_winners(now, count=1)
    return make.make_notice(made, now - timedelta(days=1)).id


def posted(day, name="photo.png", place="一楼公告栏"):
    return {"place": place, "posted_on": day, "evidence": (io.BytesIO(PNG), name)}


def test_posting_is_kept_with_its_file(prepared, as_user, app, frozen):
    notice_id = prepared(running)
    office = as_user("office-staff")
    day = (frozen - timedelta(days=1)).date().isoformat()
    answer = office.post(f"/awards/notices/{notice_id}/postings", posted(day))
    assert answer.status_code == 303
    page = office.text(f"/awards/notices/{notice_id}")
    assert "一楼公告栏" in page
    url = re.search(r'href="(/awards/postings/[0-9]+/file)"', page).group(1)
    sent = as_user("supervision-staff").get(url)
    assert sent.data == PNG and "attachment" in sent.headers["Content-Disposition"]
    with app.app_context():
        assert run_all("traces-whole") == [] and run_all("seals-hold") == []


@pytest.mark.parametrize(
    ("days", "name", "words"),
    [
        (-30, "photo.png", "公示开始之后"),
        (1, "photo.png", "今天之前"),
        (0, "photo.pdf", "与扩展名不符"),
        (0, "", "请选择照片"),
    ],
)
def test_bad_posting_is_refused_and_kept_as_typed(prepared, as_user, app, frozen, days, name, words):
    notice_id = prepared(running)
    day = (frozen + timedelta(days=days)).date().isoformat()
    answer = as_user("office-staff").post(f"/awards/notices/{notice_id}/postings", posted(day, name))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 and words in text and 'value="一楼公告栏"' in text
    with app.app_context():
        assert db.session.scalars(db.select(NoticePosting)).all() == []


def decided(now, kind=ObjectorKind.UNIT):
    staff(Role.OFFICE, now)
    _, made = make.make_winners(now, count=1)
    notice = make.make_notice(made, now)
    objection = objections.file_objection(
        notice,
        objector_kind=kind,
        objector="某公司",
        contact="0991-1",
        content="名单有误。",
        actor=SYSTEM,
        now=now,
    )
    if kind == ObjectorKind.UNIT:
        second = make.second_office(now)
        objections.take_objection(objection, handler=second, actor=second, now=now)
        objections.decide_objection(objection, upheld=False, conclusion="经核对无误。", actor=second, now=now)
    return objection.ticket


def test_reply_answers_the_objector_with_the_conclusion(prepared, as_user):
    ticket = prepared(decided)
    page = as_user("office-staff").text(f"/awards/objections/{ticket}/reply")
    assert "某公司：" in page and "经核对无误。" in page and "异议不成立" in page


def test_clue_has_no_reply(prepared, as_user):
    ticket = prepared(lambda now: decided(now, ObjectorKind.ANONYMOUS))
    assert as_user("office-staff").get(f"/awards/objections/{ticket}/reply").status_code == 404


def test_league_counts_entries_finals_and_prizes(prepared, as_user):
    def won(now):
        staff(Role.OFFICE, now)
        make.make_winners(now, count=2, reserves=1)

    prepared(won)
    office = as_user("office-staff")
    rows = re.findall(r"<tr><td class=\"num\" data-label=\"名次\">.*?</tr>", office.text("/awards/league"))
    cells = [int(text) for text in re.findall(r">(\d+)(?: <| *</)", rows[0])]
    assert cells[:6] == [1, 3, 3, 0, 3, 2]
    assert "<strong>38</strong>" in rows[0]
    assert "<strong>2</strong>" in office.text("/awards/league?accepted=0&final=0&prizes=1")
    assert office.get("/awards/league?export=1").mimetype.endswith("sheet")


def test_league_ignores_points_that_are_none(prepared, as_user):
    def opened(now):
        staff(Role.OFFICE, now)
        make_edition(now)

    prepared(opened)
    page = as_user("office-staff").text("/awards/league?prizes=1e9&final=-3&accepted=９&edition=nowhere")
    assert 'name="prizes" type="number" min="0" max="1000" step="1" value="10"' in page
