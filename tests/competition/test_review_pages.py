"""The reviewer's pages over HTTP: the queue with its filter, bulk acts, taking back, interests, canned reasons."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from competition.enums import EntryState
from competition.models import Entry, ReviewBatch, ReviewerInterest
from competition.operations import entries, review
from core import web
from core.db import db
from tests.factories import competition as factory

S = EntryState
QUEUE = "/office/review"
REGIONAL, OFFICE = "regional-650100", "office-staff"


@pytest.fixture
def make(prepared):
    """make(n) -> numbers of n entries that wait for the office of Urumqi, whose account is there as well."""

    def run(count: int = 1, **options):
        def build(now):
            edition = factory.make_edition(now)
            factory.regional(now, "650100")
            made = [factory.make_entry(edition, now, state=S.SUBMITTED, **options) for _ in range(count)]
            return [entry.number for entry in made]

        return prepared(build)

    return run


@pytest.fixture
def state_of(app):
    def find(number: str) -> EntryState:
        with app.app_context():
            return db.session.scalar(select(Entry.state).where(Entry.number == number))

    return find


def listed(page: str) -> list[str]:
    return re.findall(r'name="ids" value="([^"]+)"', page)


class TestQueue:
    def test_filters_and_their_export(self, make, prepared, as_user):
        good, bad, again = make(3)

        def spoil(now):
            chosen = db.session.scalar(select(Entry).where(Entry.number == bad))
            contact = factory.contact_of(chosen.enterprise)
            reviewer = factory.regional(now, "650100")
            review.return_entry(chosen, reason="核对", actor=reviewer, now=now)
            entries.save_entry(chosen, values={"revenue": "30000"}, actor=contact, now=now)
            entries.submit_entry(chosen, actor=contact, now=now)

        prepared(spoil)
        person = as_user(REGIONAL)
        for filter_, expected in (
            ("", {good, bad, again}),
            ("?finding=fail", {bad}),
            ("?finding=clean", {good, again}),
            ("?came=again", {bad}),
            ("?due=late", set()),
            ("?q=" + good, {good}),
            ("?finding=fail&came=first", set()),
        ):
            assert set(listed(person.text(QUEUE + filter_))) == expected, filter_
            separator = "&" if filter_ else "?"
            answer = person.get(f"{QUEUE}{filter_}{separator}export=csv")
            rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
            assert {row[0] for row in rows[1:]} == expected, filter_

    def test_the_filter_goes_along_with_the_entry(self, make, as_user):
        first, second = make(2)
        page = as_user(REGIONAL).text(f"{QUEUE}/{first}?finding=clean&group=startup")
        assert f'href="/office/review/{second}?finding=clean&amp;group=startup" rel="next"' in page
        assert "当前筛选下共 2 件" in page
        assert "队列中共 2 件" in as_user(REGIONAL).text(f"{QUEUE}/{first}")

    def test_statements_do_not_grow_with_the_rows(self, make, prepared, as_user, count_statements):
        make(1)
        person = as_user(REGIONAL)
        person.text(QUEUE)
        with count_statements() as one:
            person.text(QUEUE)

        def more(now):
            edition = db.session.scalar(select(Entry)).edition
            for _ in range(12):
                factory.make_entry(edition, now, state=S.SUBMITTED)

        prepared(more)
        with count_statements() as many:
            page = person.text(QUEUE)
        assert len(listed(page)) == 13
        assert len(many) == len(one)

    def test_late_ones_are_marked(self, make, as_user, monkeypatch, frozen):
        (number,) = make(1)
        monkeypatch.setattr(web, "utcnow", lambda: frozen + timedelta(days=20))
        person = as_user(REGIONAL)
        page = person.text(QUEUE + "?due=late")
        assert listed(page) == [number] and "超期" in page
        assert "超期" in person.text(f"{QUEUE}/{number}")


class TestOneByOne:
    def test_pass_keeps_the_list_and_can_be_taken_back(self, make, as_user, state_of):
        first, second = make(2)
        person = as_user(REGIONAL)
        answer = person.post(
            f"{QUEUE}/{first}/pass", {"checklist": ["identity", "x"]}, source=f"{QUEUE}/{first}"
        )
        assert answer.location == f"/office/review/{second}?done={first}"
        page = person.text(answer.location)
        assert f"{first}</a> 已通过。" in page
        shown = as_user(OFFICE).text(f"{QUEUE}/{first}")
        assert "已核对 1 项" in shown and "未勾选：" in shown
        answer = person.post(f"{QUEUE}/{first}/take-back", {"reason": "点错了"}, source=f"{QUEUE}/{second}")
        assert (answer.status_code, state_of(first)) == (303, S.SUBMITTED)
        assert "撤销结论" in person.text(f"{QUEUE}/{first}")
        assert "已通过。" not in person.text(f"{QUEUE}/{second}?done={first}")

    def test_taking_back_needs_a_reason_and_a_right(self, make, as_user, state_of):
        (first,) = make(1)
        person = as_user(REGIONAL)
        person.post(f"{QUEUE}/{first}/pass", source=f"{QUEUE}/{first}")
        assert "撤销审核结论" in person.text(f"/office/entries/{first}")
        assert "撤销审核结论" not in as_user(OFFICE).text(f"/office/entries/{first}")
        assert person.post(f"{QUEUE}/{first}/take-back", {"reason": " "}, source=QUEUE).status_code == 422
        answer = as_user(OFFICE).post(f"{QUEUE}/{first}/take-back", {"reason": "不同意"}, source=QUEUE)
        assert (answer.status_code, state_of(first)) == (403, S.REGIONAL_PASSED)

    def test_both_versions_side_by_side(self, make, prepared, as_user):
        (number,) = make(1)

        def correct(now):
            entry = db.session.scalar(select(Entry).where(Entry.number == number))
            reviewer, contact = factory.regional(now, "650100"), factory.contact_of(entry.enterprise)
            flagged = ["abstract", "market"]
            review.return_entry(entry, reason="补充", flagged_fields=flagged, actor=reviewer, now=now)
            entries.save_entry(
                entry, values={"abstract": "以墒情模型和遥感控制滴灌。"}, actor=contact, now=now
            )
            entries.submit_entry(entry, actor=contact, now=now)

        prepared(correct)
        page = as_user(REGIONAL).text(f"{QUEUE}/{number}")
        panel = page[page.index('id="compare"') : page.index("企业信息</h2>")]
        assert "<ins>" in panel and "<del>" in panel
        assert panel.count("要求修改") == 2 and panel.count("没有改动") == 1
        assert "参赛项目名称" not in panel

    def test_standing_aside(self, app, make, as_user, state_of):
        first, second = make(2)
        person = as_user(REGIONAL)
        assert (
            person.post(f"{QUEUE}/{first}/interest", {"reason": ""}, source=f"{QUEUE}/{first}").status_code
            == 422
        )
        answer = person.post(f"{QUEUE}/{first}/interest", {"reason": "同学"}, source=f"{QUEUE}/{first}")
        assert answer.status_code == 303
        assert listed(person.text(QUEUE)) == [second]
        assert person.post(f"{QUEUE}/{first}/pass", source=QUEUE).status_code == 403
        office = as_user(OFFICE)
        assert listed(office.text(QUEUE)) == [first]
        with app.app_context():
            interest_id = db.session.scalar(select(ReviewerInterest.id))
        ended = office.post(f"/office/review-interests/{interest_id}/end", {"reason": "查无实据"})
        assert ended.status_code == 303
        assert listed(person.text(QUEUE)) == [first, second]

    def test_the_office_enters_an_interest_for_a_reviewer(self, app, make, as_user):
        make(1)
        office = as_user(OFFICE)
        page = office.text("/office/review-interests/new")
        user = re.search(r'<option value="(\d+)">[^<]*regional-650100', page).group(1)
        wrong = {"user": user, "credit_code": "X", "reason": "任职"}
        answer = office.post("/office/review-interests/new", wrong)
        assert (answer.status_code, "没有使用该信用代码" in answer.get_data(as_text=True)) == (422, True)
        right = wrong | {"credit_code": factory.credit_code(1).lower()}
        assert office.post("/office/review-interests/new", right).status_code == 303
        assert listed(as_user(REGIONAL).text(QUEUE)) == []


class TestBulk:
    def select(self, person, data, address="/office/review-batches"):
        return person.post(address, data, source=QUEUE)

    def test_all_the_filter_shows_is_previewed_done_and_taken_back(self, make, as_user, state_of):
        numbers = make(3)
        person = as_user(REGIONAL)
        chosen = {"action": "pass", "all": "1", "ids": [numbers[0]]}
        answer = self.select(person, chosen, f"/office/review-batches?q={numbers[1]}")
        assert answer.status_code == 303
        page = person.text(answer.location)
        assert f"含“{numbers[1]}”" in page and "确认办理 1 件" in page
        assert state_of(numbers[1]) == S.SUBMITTED
        person.post(f"{answer.location}/start", {"checklist": ["identity"]}, source=answer.location)
        assert [state_of(number) for number in numbers] == [S.SUBMITTED, S.REGIONAL_PASSED, S.SUBMITTED]
        assert "撤销本批 1 件" in person.text(answer.location)
        person.post(f"{answer.location}/take-back", {"reason": "选错了"}, source=answer.location)
        assert state_of(numbers[1]) == S.SUBMITTED
        assert "已撤销" in person.text(answer.location)

    def test_ticked_ones_are_returned_with_the_typed_words(self, make, as_user, state_of):
        numbers = make(3)
        person = as_user(REGIONAL)
        answer = self.select(person, {"action": "return", "ids": numbers[:2]})
        refused = person.post(
            f"{answer.location}/start", {"flagged_fields": ["abstract"]}, source=answer.location
        )
        text = refused.get_data(as_text=True)
        assert refused.status_code == 422 and "请填写理由" in text
        assert re.search(r'value="abstract"[^>]*checked|checked[^>]*value="abstract"', text)
        words = {"reason": "补充", "flagged_fields": ["abstract"]}
        person.post(f"{answer.location}/start", words, source=answer.location)
        assert [state_of(number) for number in numbers] == [S.RETURNED, S.RETURNED, S.SUBMITTED]

    def test_others_entries_cannot_be_selected_nor_their_batches_seen(
        self, make, prepared, as_user, state_of
    ):
        (number,) = make(1)
        prepared(lambda now: factory.regional(now, "653100").id)
        stranger = as_user("regional-653100")
        answer = self.select(stranger, {"action": "pass", "ids": [number]})
        assert answer.status_code == 422
        mine = self.select(as_user(REGIONAL), {"action": "pass", "ids": [number]})
        assert stranger.get(mine.location).status_code == 404
        assert stranger.post(f"{mine.location}/start", source=QUEUE).status_code == 404
        assert state_of(number) == S.SUBMITTED

    def test_a_selection_is_dropped(self, app, make, as_user):
        (number,) = make(1)
        person = as_user(REGIONAL)
        answer = self.select(person, {"action": "pass", "ids": [number]})
        assert person.post(f"{answer.location}/drop", source=answer.location).status_code == 303
        with app.app_context():
            assert db.session.scalar(select(ReviewBatch.state)) == "dropped"

    @pytest.mark.parametrize(
        "data", [{}, {"action": "delete"}, {"action": "pass", "ids": ["\x00", "x" * 500]}]
    )
    def test_bad_selections_are_refused_with_a_sentence(self, make, as_user, data):
        make(1)
        assert self.select(as_user(REGIONAL), data).status_code == 422


def test_canned_reasons_are_added_used_and_retired(make, as_user):
    (number,) = make(1)
    office = as_user(OFFICE)
    words = {"kind": "return", "text": "请补充应用案例。", "flagged_fields": ["market"]}
    assert office.post("/office/review-reasons", words).status_code == 303
    person = as_user(REGIONAL)
    assert 'data-ready="请补充应用案例。"' in person.text(f"{QUEUE}/{number}")
    assert person.post("/office/review-reasons", words, source=QUEUE).status_code == 403
    retire = re.search(r"/office/review-reasons/\d+/retire", office.text("/office/review-reasons")).group()
    assert office.post(retire).status_code == 303
    assert "请补充应用案例" not in person.text(f"{QUEUE}/{number}")


def test_a_name_like_the_reviewers_is_pointed_out(make, as_user):
    (number,) = make(1, values={"leader_name": "地州市科技局（regional-650100）"})
    assert "如有利害关系，请登记回避" in as_user(REGIONAL).text(f"{QUEUE}/{number}")
