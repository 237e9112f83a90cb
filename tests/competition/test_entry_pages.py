"""The pages of registration and of the entry form, asked as the people who use them."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from competition.enums import EntryState
from competition.models import Edition, Enterprise, Entry
from competition.operations import editions, enterprises, review
from core.db import commit, db
from tests.factories import competition as factory

S = EntryState
OWN = "enterprise-1"
PDF = b"%PDF-1.4 content"


@pytest.fixture
def draft(prepared):
    """The number of the first enterprise's complete draft; its contact is `enterprise-1`."""
    return prepared(lambda now: factory.make_entry(factory.make_edition(now), now, state=S.DRAFT).number)


@pytest.fixture
def stored(app):
    def find(number: str) -> Entry:
        with app.app_context():
            entry = db.session.scalar(select(Entry).where(Entry.number == number))
            db.session.expunge_all()
            return entry

    return find


def registration(**changes) -> dict:
    return {
        "credit_code": factory.credit_code(7),
        "name": "古尔班·阿不都热合曼智能科技（喀什）有限公司",
        "division_code": "653101",
        "registered_on": "2019-03-01",
        "contact_name": "古丽娜·演示",
        "contact_phone": "13900000009",
        "contact_email": "",
        "username": "newcomer",
        "password": factory.PASSWORD,
        "repeat": factory.PASSWORD,
        "agree": "y",
        **changes,
    }


class TestRegister:
    @pytest.fixture(autouse=True)
    def edition(self, prepared):
        return prepared(lambda now: factory.make_edition(now).code)

    def test_a_visitor_becomes_an_enterprise_and_is_signed_in(self, app, visitor):
        answer = visitor.post("/register", registration(), source="/register")
        assert (answer.status_code, answer.location) == (303, "/enterprise")
        assert "古尔班·阿不都热合曼智能科技" in visitor.text("/enterprise")
        with app.app_context():
            assert db.session.scalar(select(Enterprise.division_code)) == "653101"

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"credit_code": "91650100MA0000007X"}, "校验位不符"),
            ({"repeat": "other"}, "两次输入的密码不一致"),
            ({"registered_on": "2019-02-30"}, "注册（成立）日期"),
            ({"division_code": "110101"}, "注册地"),
            ({"agree": ""}, "请阅读并勾选"),
            ({"name": "字" * 101}, "最多 100 个字符"),
            ({"contact_phone": "1"}, "手机号应为 11 位数字"),
        ],
    )
    def test_a_refusal_keeps_what_was_typed(self, app, visitor, changes, sentence):
        answer = visitor.post("/register", registration(**changes), source="/register")
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert sentence in text
        assert 'value="古丽娜·演示"' in text
        with app.app_context():
            assert db.session.scalar(select(Enterprise.id)) is None

    def test_after_the_account_deadline_it_is_refused_with_a_sentence(self, visitor, monkeypatch, now):
        monkeypatch.setattr("core.web.utcnow", lambda: now + timedelta(days=21))
        answer = visitor.post("/register", registration(), source="/register")
        assert answer.status_code == 409
        assert "本届注册已截止" in answer.get_data(as_text=True)

    @pytest.mark.parametrize(
        ("code", "valid", "sentence"),
        [
            (factory.credit_code(7), True, "校验通过。"),
            ("", False, ""),
            ("91650100MA", False, "已输入 10 位，共 18 位"),
            ("9165O1", False, "第 5 位“O”"),
            ("91650100MA000000I7", False, "“I”"),
            (factory.credit_code(7)[:-1] + "Z", False, "第 18 位"),
            (factory.credit_code(7) + "1", False, "应为 18 位"),
        ],
    )
    def test_digits_are_checked_while_typed(self, visitor, code, valid, sentence):
        found = visitor.get(f"/register/credit-code?code={code}").get_json()
        assert found["valid"] is valid
        assert sentence in found["sentence"]

    def test_the_rules_page_says_the_conditions(self, visitor, edition):
        text = visitor.text(f"/rules/{edition}")
        for words in ("2025-01-01", "20,000 万元", "克孜勒苏柯尔克孜自治州", "营业执照、商业计划书"):
            assert words in text

    def test_a_draft_edition_has_no_public_rules(self, prepared, visitor):
        prepared(lambda now: factory.make_edition(now, code="secret", publish=False).code)
        assert visitor.get("/rules/secret").status_code == 404


class TestFill:
    @pytest.mark.parametrize("step", ["basics", "project", "team", "finance", "files", "pledge"])
    def test_every_step_shows(self, draft, as_user, step):
        text = as_user(OWN).text(f"/enterprise/entries/{draft}/fill/{step}")
        assert "填写报名表" in text

    def test_an_unknown_step_is_not_there(self, draft, as_user):
        assert as_user(OWN).get(f"/enterprise/entries/{draft}/fill/money").status_code == 404

    def test_next_saves_and_goes_on(self, draft, as_user, stored):
        address = f"/enterprise/entries/{draft}/fill/project"
        answer = as_user(OWN).post(address, {"title": "新的名称", "action": "next"})
        assert answer.location == f"/enterprise/entries/{draft}/fill/team"
        assert stored(draft).title == "新的名称"

    def test_next_with_a_problem_saves_and_stays(self, draft, as_user, stored):
        address = f"/enterprise/entries/{draft}/fill/finance"
        answer = as_user(OWN).post(address, {"revenue": "约三百万", "action": "next"})
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert "金额应为以万元为单位的数字" in text
        assert 'value="约三百万"' in text
        assert stored(draft).content["revenue"] == "约三百万"

    def test_rows_are_read_in_their_order(self, draft, as_user, stored):
        data = {
            "members-shown": "1",
            "members-7-name": "王五",
            "members-0-name": "李四",
            "members-3-name": " ",
            "action": "save",
        }
        as_user(OWN).post(f"/enterprise/entries/{draft}/fill/team", data)
        assert [row["name"] for row in stored(draft).content["members"]] == ["李四", "王五"]

    def test_all_rows_may_be_taken_out(self, draft, as_user, stored):
        data = {"members-shown": "1", "action": "save"}
        as_user(OWN).post(f"/enterprise/entries/{draft}/fill/team", data)
        assert stored(draft).content["members"] == []

    def test_an_older_page_shows_both_texts(self, draft, as_user, stored):
        seen = stored(draft).version
        address = f"/enterprise/entries/{draft}/fill/project"
        person = as_user(OWN)
        person.post(address, {"title": "第一个标签页", "base_version": str(seen), "action": "save"})
        answer = person.post(address, {"title": "第二个标签页", "base_version": str(seen), "action": "save"})
        text = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert "第一个标签页" in text
        assert "第二个标签页" in text
        assert stored(draft).title == "第一个标签页"

    def test_a_hostile_length_is_refused_and_changes_nothing(self, draft, as_user, stored):
        before = stored(draft).content
        address = f"/enterprise/entries/{draft}/fill/project"
        answer = as_user(OWN).post(address, {"abstract": "字" * 20_001, "action": "save"})
        assert answer.status_code == 422
        assert stored(draft).content == before

    @pytest.mark.parametrize("base", ["", "abc", "-1", "1" * 30])
    def test_a_base_version_that_is_no_number_is_none(self, draft, as_user, base):
        data = {"title": "名称", "base_version": base, "action": "save"}
        answer = as_user(OWN).post(f"/enterprise/entries/{draft}/fill/project", data)
        assert answer.status_code == 303

    def test_another_enterprise_finds_nothing(self, prepared, draft, as_user, stored):
        prepared(lambda now: factory.make_enterprise(now).id)
        stranger = as_user("enterprise-2")
        assert stranger.get(f"/enterprise/entries/{draft}").status_code == 404
        for address in ("fill/project", "autosave/project", "submit", "withdraw", "files/licence"):
            answer = stranger.post(f"/enterprise/entries/{draft}/{address}", {"title": "他人"})
            assert answer.status_code == 404, address
        assert stored(draft).title == "棉田智能灌溉系统"


class TestAutosave:
    def test_it_answers_with_the_version_and_the_group(self, draft, as_user, stored):
        address = f"/enterprise/entries/{draft}/autosave/basics"
        answer = as_user(OWN).post(address, {"registered_on": "2019-03-01"})
        found = answer.get_json()
        assert found["version"] == stored(draft).version
        assert found["saved_at"] == "10:00:00"
        assert "成长组" in found["group"]

    def test_it_names_what_is_newer(self, draft, as_user, stored):
        seen = str(stored(draft).version)
        address = f"/enterprise/entries/{draft}/autosave/project"
        person = as_user(OWN)
        person.post(address, {"title": "甲", "base_version": seen})
        answer = person.post(address, {"title": "乙", "base_version": seen})
        found = answer.get_json()
        assert (answer.status_code, found["error"]) == (409, "newer")
        assert found["newer"] == [{"name": "title", "label": "参赛项目名称", "theirs": "甲", "mine": "乙"}]
        assert found["version"] == stored(draft).version

    def test_a_late_save_answers_with_the_sentence(self, draft, as_user, stored, monkeypatch, now):
        person = as_user(OWN)
        monkeypatch.setattr("core.web.utcnow", lambda: now + timedelta(days=26))
        monkeypatch.setattr("core.accounts.SESSION_LIFE", timedelta(days=40))
        answer = late_post(person, f"/enterprise/entries/{draft}/autosave/project", {"title": "迟到"}, now)
        assert answer.status_code == 409
        assert "截止" in answer.get_json()["message"]
        assert stored(draft).title == "棉田智能灌溉系统"


def late_post(person, address: str, data: dict, now):
    """A session that is still alive after the deadline: the clock jumped, the person did not sign in again."""
    from core.models import LoginSession

    with person.client.application.app_context():
        for session in db.session.scalars(select(LoginSession)):
            session.expires_at = now + timedelta(days=60)
        commit()
    return person.post(address, data)


class TestFiles:
    def upload(self, person, number: str, content: bytes = PDF, name: str = "执照.pdf"):
        page = person.text(f"/enterprise/entries/{number}/fill/files")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        data = {"csrf_token": token, "file": (io.BytesIO(content), name)}
        return person.client.post(f"/enterprise/entries/{number}/files/licence", data=data)

    def test_an_upload_can_be_fetched_by_its_owner_alone(self, prepared, draft, as_user):
        person = as_user(OWN)
        assert self.upload(person, draft).status_code == 303
        page = person.text(f"/enterprise/entries/{draft}/fill/files")
        address = re.search(rf'href="(/enterprise/entries/{draft}/files/\d+)">执照.pdf', page).group(1)
        answer = person.get(address)
        assert answer.data == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment")
        prepared(lambda now: factory.make_enterprise(now).id)
        assert as_user("enterprise-2").get(address).status_code == 404

    @pytest.mark.parametrize(
        ("content", "name", "sentence"),
        [
            (b"MZ\x90\x00", "照片.pdf", "文件内容与扩展名不符"),
            (PDF, "病毒.exe", "只接受"),
            (b"", "空.pdf", "文件内容与扩展名不符"),
        ],
    )
    def test_what_is_no_document_is_refused_beside_its_kind(self, draft, as_user, content, name, sentence):
        answer = self.upload(as_user(OWN), draft, content, name)
        assert answer.status_code == 422
        assert sentence in answer.get_data(as_text=True)

    def test_no_file_chosen(self, draft, as_user):
        answer = as_user(OWN).post(f"/enterprise/entries/{draft}/files/licence")
        assert answer.status_code == 422
        assert "请先选择文件" in answer.get_data(as_text=True)

    @pytest.mark.parametrize("kind", ["slides", "song"])
    def test_kinds_that_are_not_asked_for(self, draft, as_user, kind):
        assert as_user(OWN).post(f"/enterprise/entries/{draft}/files/{kind}").status_code == 404


class TestSubmit:
    def test_a_receipt_can_be_printed(self, draft, as_user, stored):
        person = as_user(OWN)
        answer = person.post(f"/enterprise/entries/{draft}/submit", {"integrity": "y"})
        assert answer.location == f"/enterprise/entries/{draft}"
        assert stored(draft).state == S.SUBMITTED
        receipt = person.text(f"/enterprise/entries/{draft}/receipts/1")
        assert "XJ2026-R00001" in receipt
        assert "2026-05-10 10:00（北京时间）" in receipt
        assert re.search(r"[0-9a-f]{64}", receipt)

    def test_without_the_pledge_it_is_refused_and_says_why(self, draft, as_user, stored):
        answer = as_user(OWN).post(f"/enterprise/entries/{draft}/submit")
        assert answer.status_code == 422
        assert "真实性与信用承诺" in answer.get_data(as_text=True)
        assert stored(draft).state == S.DRAFT

    def test_gaps_link_to_their_steps(self, draft, as_user):
        person = as_user(OWN)
        person.post(f"/enterprise/entries/{draft}/fill/team", {"leader_name": "", "action": "save"})
        answer = person.post(f"/enterprise/entries/{draft}/submit", {"integrity": "y"})
        assert answer.status_code == 422
        link = f'href="/enterprise/entries/{draft}/fill/team?check=1#leader_name"'
        assert link in answer.get_data(as_text=True)

    def test_too_late_says_so_and_keeps_the_draft(self, draft, as_user, stored, monkeypatch, now):
        person = as_user(OWN)
        monkeypatch.setattr("core.web.utcnow", lambda: now + timedelta(days=25, microseconds=1))
        answer = late_post(person, f"/enterprise/entries/{draft}/submit", {"integrity": "y"}, now)
        assert answer.status_code == 409
        assert "已保存的草稿仍然保留" in answer.get_data(as_text=True)
        entry = stored(draft)
        assert (entry.state, entry.title) == (S.DRAFT, "棉田智能灌溉系统")

    def test_submitting_twice_is_a_conflict(self, draft, as_user):
        person = as_user(OWN)
        person.post(f"/enterprise/entries/{draft}/submit", {"integrity": "y"})
        again = person.post(f"/enterprise/entries/{draft}/submit", {"integrity": "y"})
        assert again.status_code == 409


class TestReturned:
    @pytest.fixture
    def returned(self, prepared, draft):
        def give_back(now):
            entry = db.session.scalar(select(Entry))
            contact = factory.contact_of(entry.enterprise)
            factory.entries.submit_entry(entry, actor=contact, now=now)
            reviewer = factory.regional(now, "650100")
            review.return_entry(
                entry, reason="简介过短", flagged_fields=["abstract"], actor=reviewer, now=now
            )
            return entry.number

        return prepared(give_back)

    def test_only_what_was_flagged_can_be_typed(self, returned, as_user):
        text = as_user(OWN).text(f"/enterprise/entries/{returned}/fill/project")
        assert 'name="abstract"' in text
        assert 'name="title"' not in text
        assert "简介过短" in text

    def test_a_forged_field_is_left_out(self, returned, as_user, stored):
        address = f"/enterprise/entries/{returned}/fill/project"
        as_user(OWN).post(address, {"title": "偷改", "abstract": "更完整的简介。", "action": "save"})
        entry = stored(returned)
        assert (entry.title, entry.abstract) == ("棉田智能灌溉系统", "更完整的简介。")

    def test_it_goes_in_again(self, returned, as_user, stored):
        person = as_user(OWN)
        address = f"/enterprise/entries/{returned}/fill/project"
        person.post(address, {"abstract": "更完整的简介。", "action": "save"})
        person.post(f"/enterprise/entries/{returned}/submit")
        assert stored(returned).state == S.SUBMITTED


class TestHome:
    def test_it_says_what_comes_next(self, draft, as_user):
        text = as_user(OWN).text("/enterprise")
        assert "继续填写，并在截止前提交" in text
        assert "距报名截止" in text

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (S.SUBMITTED, "等待所在地州市科技局审核"),
            (S.RETURNED, "材料被退回"),
            (S.REGIONAL_PASSED, "等待组委会办公室确认"),
            (S.ACCEPTED, "参赛有效。请留意"),
            (S.REJECTED, "审核不通过"),
            (S.WITHDRAWN, "已撤回"),
            (S.DISQUALIFIED, "参赛资格已取消"),
        ],
    )
    def test_each_state_has_its_words(self, prepared, as_user, state, words):
        number = prepared(lambda now: factory.make_entry(factory.make_edition(now), now, state=state).number)
        person = as_user(OWN)
        assert words in person.text("/enterprise")
        assert words in person.text(f"/enterprise/entries/{number}")

    def test_starting_opens_the_first_step(self, prepared, as_user):
        prepared(lambda now: (factory.make_edition(now), factory.make_enterprise(now)))
        answer = as_user(OWN).post("/enterprise/start/xj2026")
        assert answer.location == "/enterprise/entries/XJ2026-0001/fill/basics"

    def test_withdrawing_needs_a_reason(self, draft, as_user, stored):
        person = as_user(OWN)
        assert person.post(f"/enterprise/entries/{draft}/withdraw", {"reason": ""}).status_code == 422
        assert person.post(f"/enterprise/entries/{draft}/withdraw", {"reason": "不参加"}).status_code == 303
        assert stored(draft).state == S.WITHDRAWN

    def test_an_extension_is_seen(self, prepared, draft, as_user):
        def extend(now):
            edition = db.session.scalar(select(Edition))
            later = edition.entry_deadline + timedelta(days=3)
            how = {"field": "entry_deadline", "new_at": later, "reason": "部分地州停电"}
            editions.extend_deadline(edition, **how, actor=factory.office(now), now=now)

        prepared(extend)
        assert "报名截止时间延长至 2026-06-07 10:00" in as_user(OWN).text("/enterprise")


class TestContacts:
    def test_an_invitation_link_leads_in(self, draft, as_user, visitor):
        answer = as_user(OWN).post("/enterprise/contacts/invite", {"name": "买买提", "hand_over": "yes"})
        token = re.search(r"/join/([\w-]+)", answer.get_data(as_text=True)).group(1)
        joining = {
            "username": "second",
            "phone": "13911112222",
            "password": factory.PASSWORD,
            "repeat": factory.PASSWORD,
        }
        assert visitor.post(f"/join/{token}", joining, source=f"/join/{token}").location == "/enterprise"
        assert "演示科技1号有限公司" in visitor.text("/enterprise")
        assert "现在不代表任何企业" in as_user(OWN).text("/enterprise")
        assert as_user(OWN).get("/enterprise/contacts").status_code == 404

    def test_a_made_up_link_is_not_there(self, visitor):
        assert visitor.get("/join/nothing").status_code == 404

    def test_somebody_elses_contact_cannot_be_ended(self, prepared, draft, as_user):
        def join(now):
            other = factory.make_enterprise(now)
            _, token = enterprises.invite_contact(
                other, name="他人", hand_over=False, actor=factory.contact_of(other), now=now
            )
            how = {"username": "third", "password": factory.PASSWORD, "phone": "13911112222"}
            enterprises.accept_contact_invitation(token, **how, now=now)
            return other.contacts[0].id

        contact_id = prepared(join)
        assert as_user(OWN).post(f"/enterprise/contacts/{contact_id}/end").status_code == 404
