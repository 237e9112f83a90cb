"""The public site: what is out and what is not, objections with their ticket, pages kept as bytes."""

import gzip
import io
import re

import pytest

from awards.enums import NoticeKind
from awards.models import Certificate, Notice, Objection
from awards.operations import certificates, notices
from awards.views.published import Shelf
from core.db import db
from tests.factories import awards as make
from tests.factories.competition import make_edition, make_entry

PAGES = ("/", "/notices", "/results", "/winners", "/certificates", "/figures", "/about")


def honoured(now):
    """Two winners whose notice is over, certificates issued."""
    plan, made = make.make_winners(now, count=2)
    notice = make.confirm(made, now)
    issued = certificates.issue_certificates(plan.edition, actor=make.office(now), now=now)
    return notice.id, [award.number for award in made], issued[0].number


def running(now):
    _, made = make.make_winners(now, count=2)
    return make.make_notice(made, now).id


@pytest.mark.parametrize("url", PAGES)
def test_page_answers_on_an_empty_database(visitor, url):
    assert visitor.get(url).status_code == 200


@pytest.mark.parametrize("url", PAGES)
def test_page_answers_with_an_edition_that_is_over(prepared, visitor, url):
    prepared(honoured)
    assert visitor.get(url).status_code == 200


def test_home_shows_registration_until_its_deadline(prepared, visitor):
    def taking(now):
        edition = make_edition(now)
        make_entry(edition, now)
        return edition.name

    name = prepared(taking)
    text = visitor.text("/")
    assert name in text
    assert "我要报名" in text
    assert "data-deadline=" in text


def test_draft_edition_is_not_on_the_home_page(prepared, visitor):
    prepared(lambda now: make_edition(now, publish=False))
    assert "还没有公布的届次" in visitor.text("/")


def test_draft_notice_does_not_exist_for_the_public(prepared, visitor):
    notice_id = prepared(lambda now: make.make_notice(make.make_winners(now, count=1)[1], now, run=False).id)
    assert "演示拟奖励名单公示" not in visitor.text("/notices")
    assert visitor.get(f"/notices/{notice_id}").status_code == 404
    assert visitor.get(f"/notices/{notice_id}/objection").status_code == 404


def test_running_notice_shows_names_and_its_hash(prepared, visitor, app):
    notice_id = prepared(running)
    with app.app_context():
        digest = db.session.get(Notice, notice_id).content_hash
    text = visitor.text(f"/notices/{notice_id}")
    assert "演示科技1号有限公司" in text
    assert digest in text
    assert "提出异议" in text


def test_certificate_is_a_pdf_with_its_number(prepared, as_user):
    _, _, number = prepared(honoured)
    staff = as_user("office-staff")
    assert f"/awards/certificates/{number}.pdf" in staff.text(f"/awards/certificates/{number}")
    answer = staff.get(f"/awards/certificates/{number}.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert staff.get("/awards/certificates/none.pdf").status_code == 404


def test_winners_wait_for_the_end_of_the_notice(prepared, visitor):
    prepared(running)
    assert "还没有公布获奖名单" in visitor.text("/winners")


def test_winner_has_a_page_once_the_notice_is_over(prepared, visitor):
    _, numbers, _ = prepared(honoured)
    assert "演示科技1号有限公司" in visitor.text("/winners")
    assert "一等奖" in visitor.text(f"/winners/{numbers[0]}")
    assert visitor.get("/winners/none").status_code == 404


def test_results_of_a_round_that_is_not_decided_are_not_shown(prepared, visitor):
    def placed(now):
        edition = make_edition(now)
        entry = make_entry(edition, now)
        make.rounds.open_stage(edition.stages[0], entries=[entry], actor=make.office(now), now=now)
        results = [(entry.id, 1, 9000, "unit")]
        make.rounds.record_results(edition.stages[0], results=results, actor=make.SYSTEM, now=now)

    prepared(placed)
    assert "还没有公布结果" in visitor.text("/results")


def test_final_results_wait_for_the_award_notice(prepared, visitor, as_user):
    def draft(now):
        make.second_office(now)
        return make.make_notice(make.make_winners(now, count=1)[1], now, run=False).id

    notice_id = prepared(draft)
    assert "还没有公布结果" in visitor.text("/results")
    as_user("office-second").post(f"/awards/notices/{notice_id}/approve")
    assert "演示科技1号有限公司" in visitor.text("/results")


@pytest.mark.parametrize(
    ("shows", "rank", "score"), [("name", False, False), ("rank", True, False), ("score", True, True)]
)
def test_results_show_what_the_edition_publishes(prepared, visitor, shows, rank, score):
    def out(now):
        edition = make_edition(now, code="xj2026")
        edition.notice_shows = shows
        db.session.flush()
        return make.make_notice(make.make_winners(now, count=1, edition=edition)[1], now).id

    prepared(out)
    text = visitor.text("/results")
    assert ('data-label="名次"' in text) is rank
    assert ("89.99" in text) is score


def test_objection_gets_a_ticket_shown_to_its_sender_only(prepared, visitor, app, client):
    page = f"/notices/{prepared(running)}/objection"
    data = {
        "kind": "person",
        "about": "",
        "objector": "张三",
        "contact": "13900000000",
        "content": "名单有误。",
    }
    answer = visitor.post(page, data, source=page)
    assert answer.status_code == 303
    ticket = re.search(r"YY-XJ2026-\d{3}", visitor.text(answer.location)).group()
    assert app.test_client().get(answer.location).status_code == 404
    with app.app_context():
        assert db.session.scalar(db.select(Objection.ticket)) == ticket


def test_objection_without_name_is_refused_and_kept(prepared, visitor):
    page = f"/notices/{prepared(running)}/objection"
    data = {"kind": "unit", "about": "", "content": "名单有误，详见附件。"}
    answer = visitor.post(page, data, source=page)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "实名异议须填写姓名" in text
    assert "名单有误，详见附件。" in text


def test_objection_with_a_false_file_is_refused(prepared, visitor):
    page = f"/notices/{prepared(running)}/objection"
    data = {
        "kind": "anonymous",
        "about": "",
        "content": "见附件。",
        "evidence": (io.BytesIO(b"MZ not a pdf"), "proof.pdf"),
    }
    answer = visitor.post(page, data, source=page)
    assert answer.status_code == 422
    assert "文件内容与扩展名不符" in answer.get_data(as_text=True)


def test_objection_after_the_period_is_refused(prepared, visitor):
    notice_id, _, _ = prepared(honoured)
    page = f"/notices/{notice_id}/objection"
    assert "不在公示期内" in visitor.text(page)
    data = {"kind": "anonymous", "about": "", "content": "晚了。"}
    assert visitor.post(page, data).status_code == 409


def test_preparer_does_not_handle_the_objection_and_supervision_does(prepared, visitor, as_user):
    page = f"/notices/{prepared(running)}/objection"
    data = {"kind": "person", "about": "", "objector": "张三", "contact": "139", "content": "名单有误。"}
    visitor.post(page, data, source=page)
    prepared(lambda now: make.staff(make.Role.SUPERVISION, now))
    office, supervision = as_user("office-staff"), as_user("supervision-staff")
    ticket = re.search(r"YY-XJ2026-\d{3}", office.text("/awards/objections")).group()
    item = f"/awards/objections/{ticket}"
    assert office.post(f"{item}/take").status_code == 403
    assert supervision.post(f"{item}/take").status_code == 303
    assert supervision.post(f"{item}/dismiss").status_code == 422
    assert supervision.post(f"{item}/dismiss", {"conclusion": "经重算一致。"}).status_code == 303
    assert "异议不成立" in office.text(item)


def test_upheld_objection_cancels_the_award_and_the_next_moves_up(prepared, visitor, as_user, app):
    def two(now):
        make.staff(make.Role.SUPERVISION, now)
        _, made = make.make_winners(now, count=1, reserves=1)
        return make.make_notice(made, now).id, made[0].entry_id

    notice_id, entry_id = prepared(two)
    page = f"/notices/{notice_id}/objection"
    data = {
        "kind": "unit",
        "about": entry_id,
        "objector": "某公司",
        "contact": "0991",
        "content": "专利不实。",
    }
    assert visitor.post(page, data, source=page).status_code == 303
    supervision = as_user("supervision-staff")
    item = "/awards/objections/YY-XJ2026-001"
    supervision.post(f"{item}/take")
    assert supervision.post(f"{item}/uphold", {"conclusion": "专利权属不符。"}).status_code == 303
    with app.app_context():
        states = db.session.scalars(db.select(make.Award.state).order_by(make.Award.id)).all()
    assert states == ["cancelled", "proposed"]


def test_certificate_check_tells_the_true_from_the_false(prepared, visitor, app):
    _, _, number = prepared(honoured)
    assert "证书有效" in visitor.text(f"/certificates?number={number}")
    assert "没有找到" in visitor.text("/certificates?number=XJ2026-Z9999")
    with app.app_context():
        found = db.session.scalar(db.select(Certificate).where(Certificate.number == number))
        found.content = {**found.content, "tier": "特等奖"}
        db.session.commit()
    text = visitor.text(f"/certificates?number={number}")
    assert "该证书已失效" in text
    assert "特等奖" not in text


def test_public_page_is_kept_and_costs_one_statement(prepared, visitor, count_statements):
    prepared(honoured)
    first = visitor.text("/winners")
    with count_statements() as seen:
        assert visitor.text("/winners") == first
    assert len(seen) <= 1


def test_kept_page_answers_304_to_the_browser_that_has_it(prepared, visitor):
    prepared(honoured)
    visitor.get("/winners")
    tag = visitor.get("/winners").headers["ETag"]
    again = visitor.client.get("/winners", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.get_data() == b""


def test_kept_page_is_thrown_away_with_the_next_write(prepared, visitor):
    notice_id = prepared(running)
    assert "演示更正" not in visitor.text("/notices")

    def corrected(now):
        made = notices.correct_notice(
            db.session.get(Notice, notice_id),
            title="演示更正",
            body="更正。",
            actor=make.office(now),
            now=now,
        )
        assert made.kind == NoticeKind.CORRECTION
        notices.approve_notice(made, actor=make.second_office(now), now=now)

    prepared(corrected)
    assert "演示更正" in visitor.text("/notices")


def test_kept_page_holds_nothing_of_its_visitor(prepared, app):
    prepared(honoured)
    client = app.test_client()
    answer = client.get("/winners")
    assert "csrf_token" not in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers
    assert client.post("/large-type", data={"next": "/winners"}).status_code == 303
    assert 'class="large"' in client.get("/winners").get_data(as_text=True)
    assert 'class="large"' not in app.test_client().get("/winners").get_data(as_text=True)


@pytest.fixture
def short_way(app):
    """The kept pages stay fresh for a second, as outside of tests; Flask is asked only where it is counted."""
    app.extensions["published_pages"] = Shelf(60)
    asked = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: asked.append(1) and None)
    yield asked
    app.before_request_funcs[None].pop(0)


REQUESTS = (
    {},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "br, gzip"},
    {"Accept-Encoding": "gzip;q=0"},
    {"Cookie": "large=1"},
    {"If-None-Match": "this page"},
    {"If-None-Match": '"another page"'},
)


@pytest.mark.parametrize("headers", REQUESTS)
def test_short_way_answers_as_flask_does(prepared, app, short_way, headers):
    prepared(honoured)
    client = app.test_client(use_cookies=False)
    tag = client.get("/winners").headers["ETag"]
    headers = {name: tag if value == "this page" else value for name, value in headers.items()}
    slow = client.get("/winners?edition=", headers=headers)
    app.extensions["published_pages"].addresses.clear()
    usual = client.get("/winners", headers=headers)
    count = len(short_way)
    early = client.get("/winners", headers=headers)
    assert len(short_way) == count
    assert (early.status_code, early.get_data()) == (usual.status_code, usual.get_data())
    parts = [
        {
            name: sorted(value.split(", "))
            for name, value in answer.headers
            if name not in ("X-Request-Id", "Date")
        }
        for answer in (early, usual)
    ]
    assert parts[0] == parts[1]
    assert slow.status_code in (200, 304)


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": {"Cookie": "leitai=anything"}},
        {"headers": {"Host": "evil.example"}},
        {"method": "HEAD"},
        {"method": "POST"},
        {"query_string": "q=1"},
        {"path": "/winners/"},
    ],
)
def test_anything_unusual_goes_the_long_way(prepared, app, short_way, changes):
    prepared(honoured)
    client = app.test_client(use_cookies=False)
    client.get("/winners")
    assert len(short_way) == 1
    client.open(**{"path": "/winners", "method": "GET", **changes})
    assert len(short_way) == 2


def test_short_way_asks_again_once_the_version_is_old(prepared, app, short_way):
    prepared(honoured)
    client = app.test_client(use_cookies=False)
    client.get("/winners")
    app.extensions["published_pages"].seen_at -= 61
    client.get("/winners")
    assert len(short_way) == 2


def test_signed_in_person_gets_his_own_page_not_the_kept_one(prepared, visitor, as_user):
    prepared(honoured)
    visitor.text("/winners")
    assert "退出登录" in as_user("office-staff").text("/winners")
    assert "退出登录" not in visitor.text("/winners")


def test_page_is_sent_compressed_where_the_browser_takes_it(prepared, visitor):
    prepared(honoured)
    plain = visitor.get("/about").get_data()
    packed = visitor.client.get("/about", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(packed.get_data())) == len(plain)
