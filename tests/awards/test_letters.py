"""Letters as Word and PDF; certificates and letters of an edition in one file, made by one job."""

import io
from dataclasses import replace

import pytest
from docx import Document

from awards import letters
from awards.enums import InstalmentCondition, ObjectorKind
from awards.models import Award, Certificate
from awards.operations import bundles, certificates, objections
from core.db import db
from core.enums import JobState, Role
from core.errors import Conflict
from core.files import read
from core.models import Job, StoredFile
from core.papers import to_one_pdf, to_pdf
from core.rules import SYSTEM
from tests.awards.test_payment_pages import cast
from tests.factories import awards as make
from tests.factories.competition import make_edition, staff


def texts(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in document.paragraphs), *cells])


def decided(now, kind=ObjectorKind.UNIT):
    cast(now)
    _, made = make.make_winners(now, count=1)
    notice = make.make_notice(made, now)
    filed = objections.file_objection(
        notice,
        objector_kind=kind,
        objector="某公司" if kind != ObjectorKind.ANONYMOUS else "",
        contact="0991-1" if kind != ObjectorKind.ANONYMOUS else "",
        content="名单有误。",
        entry=made[0].entry,
        actor=SYSTEM,
        now=now,
    )
    if kind != ObjectorKind.ANONYMOUS:
        handler = staff(Role.SUPERVISION, now)
        objections.take_objection(filed, handler=handler, actor=handler, now=now)
        objections.decide_objection(
            filed, upheld=False, conclusion="经查名单无误。\n\n理由不成立。", actor=handler, now=now
        )
    return filed.ticket


def test_reply_says_to_whom_about_what_and_how_it_ended(prepared, as_user):
    ticket = prepared(decided)
    office, page = as_user("office-staff"), f"/awards/objections/{ticket}/reply"
    found = texts(office.get(f"{page}.docx").data)
    for words in (
        "某公司：",
        "你单位于2026年5月10日",
        "异议不成立",
        "经查名单无误。",
        "理由不成立。",
        ticket,
    ):
        assert words in found
    assert office.get(f"{page}.pdf").data.startswith(b"%PDF")
    assert as_user("finance-staff").get(f"{page}.pdf").status_code == 403


def test_clue_without_a_name_has_no_reply(prepared, as_user):
    ticket = prepared(lambda now: decided(now, ObjectorKind.ANONYMOUS))
    assert as_user("office-staff").get(f"/awards/objections/{ticket}/reply.pdf").status_code == 404


def test_letter_names_the_prize_and_what_each_part_waits_for(prepared, as_user, app):
    def won(now):
        cast(now)
        tail = (InstalmentCondition.MONTHS_PASSED, 6)
        _, made = make.make_winners(now, count=2, first_bp=4_000, tail=tail)
        make.confirm(made, now)
        return [award.number for award in made]

    own, other = prepared(won)
    office = as_user("office-staff")
    found = texts(office.get(f"/awards/items/{own}/letter.docx").data)
    for words in (
        "100,000.00 元",
        "人民币壹拾万元整",
        "40,000.00",
        "公示期满",
        "审定满 6 个月（2026年11月10日起）",
    ):
        assert words in found
    enterprise = as_user("enterprise-1")
    assert enterprise.get(f"/awards/items/{own}/letter.pdf").data.startswith(b"%PDF")
    assert enterprise.get(f"/awards/items/{other}/letter.pdf").status_code == 404


def test_award_not_confirmed_has_no_letter(prepared, as_user):
    def proposed(now):
        cast(now)
        return make.make_winners(now, count=1)[1][0].number

    number = prepared(proposed)
    assert as_user("office-staff").get(f"/awards/items/{number}/letter.pdf").status_code == 404


def test_parts_that_do_not_make_the_award_stop_the_letter(ctx, now):
    _, made = make.make_winners(now, count=1)
    make.confirm(made, now)
    made[0].instalments[0].fen += 1
    with pytest.raises(Conflict, match="合计应为"):
        to_pdf(letters.award_letter(made[0], by="组委会", on=now.date()))


@pytest.fixture
def many(ctx, now):
    _, made = make.make_winners(now, count=3)
    make.confirm(made, now)
    certificates.issue_certificates(made[0].edition, actor=make.office(now), now=now)
    return made


def ask(edition, what, now):
    return bundles.ask_bundle(
        edition, what, check="https://x/certificates", by="组委会", actor=make.office(now), now=now
    )


def test_bundle_holds_every_standing_certificate_in_order(many, now):
    certificates.revoke_certificate(many[1], reason="更正", now=now)
    job = ask(many[0].edition, bundles.CERTIFICATES, now)
    stored = bundles.make_bundle(job, actor=make.office(now), now=now)
    assert (job.done, stored.name.endswith("证书（2 份）.pdf")) == (2, True)
    papers = bundles._certificates(many[0].edition, job)
    assert [paper.addressee for paper in papers] == [many[0].payee.name, many[2].payee.name]
    assert read(stored) == to_one_pdf(papers)


def test_one_file_is_longer_than_one_paper_and_the_same_again(many, now):
    job = ask(many[0].edition, bundles.LETTERS, now)
    papers = bundles._letters(many[0].edition, job, now)
    assert len(papers) == 3
    assert to_one_pdf(papers) == to_one_pdf(papers)
    assert len(to_one_pdf(papers)) > len(to_pdf(papers[0]))
    unknown = replace(papers[2], addressee="\ue000公司")
    with pytest.raises(Conflict, match="字体"):
        to_one_pdf([*papers[:2], unknown])


def test_one_bundle_of_a_kind_at_a_time_and_none_of_nothing(many, now):
    job = ask(many[0].edition, bundles.LETTERS, now)
    with pytest.raises(Conflict, match="正在合并"):
        ask(many[0].edition, bundles.LETTERS, now)
    ask(many[0].edition, bundles.CERTIFICATES, now)
    empty = make_edition(now, code="empty")
    job.payload = {**job.payload, "edition_id": empty.id}
    with pytest.raises(Conflict, match="还没有"):
        bundles.make_bundle(job, actor=make.office(now), now=now)


def test_bundle_is_asked_for_and_downloaded_on_its_page(prepared, as_user, app):
    def ready(now):
        cast(now)
        _, made = make.make_winners(now, count=2)
        make.confirm(made, now)
        certificates.issue_certificates(made[0].edition, actor=make.office(now), now=now)
        return made[0].edition_id

    edition = prepared(ready)
    office, page = as_user("office-staff"), f"/awards/certificates?edition={edition}"
    for what in ("certificates", "letters"):
        form = {"edition": edition, "what": what}
        assert office.post("/awards/certificates/bundle", form).status_code == 303
    assert office.post("/awards/certificates/bundle", {"edition": edition, "what": "x"}).status_code == 422
    with app.app_context():
        jobs = list(db.session.scalars(db.select(Job).order_by(Job.id)))
        assert [(job.state, job.done) for job in jobs] == [(JobState.DONE, 2)] * 2
        assert db.session.get(StoredFile, jobs[0].file_id).name.endswith("证书（2 份）.pdf")
        assert db.session.scalar(db.select(db.func.count(Certificate.id))) == 2
        assert db.session.scalar(db.select(db.func.count(Award.id))) == 2
        address = f"/awards/certificates/bundles/{jobs[0].id}.pdf"
    assert "下载证书合订 PDF" in office.text(page) and "下载获奖通知合订 PDF" in office.text(page)
    assert as_user("leader-staff").get(address).data.startswith(b"%PDF")
    assert office.get("/awards/certificates/bundles/999.pdf").status_code == 404
    assert as_user("regional-staff").get(address).status_code == 403
