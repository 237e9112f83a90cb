"""Seven hundred and twelve enterprises register, submit, and are reviewed at two levels."""

from datetime import datetime, time, timedelta

from competition.enums import AttachmentKind, EntryState, Outcome, RejectReason
from competition.models import Edition, Entry
from competition.operations import entries, review
from competition.queries import findings_of
from core.clock import at_beijing
from core.files import store_bytes
from core.models import User
from core.rules import SYSTEM
from demo import edition_2018 as data
from demo.cast import PASSWORD
from demo.names import EnterpriseData, content
from demo.play.stage import Play

PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
EVERY_RETURN, EVERY_WITHDRAWAL = 23, 89
CHUNK = 60


def play(stage: Play, entrants: list[EnterpriseData]) -> None:
    for number, (moment, entrant) in enumerate(in_order_of_arrival(entrants)):
        # The first enterprise is the one a visitor plays.
        user = register(stage, "enterprise" if number == 0 else f"qy{number:04d}", entrant, moment)
        stage.entries.append(submit(stage, stage.edition, entrant, user, moment + timedelta(minutes=40)))
        if number % CHUNK == CHUNK - 1:
            stage.step()
    stage.step()
    for number, entry in enumerate(list(stage.entries)):
        _review(stage, number, entry)
        if number % CHUNK == CHUNK - 1:
            stage.step()
    stage.step()
    stage.entries = [entry for entry in stage.entries if entry.state == EntryState.ACCEPTED]


def in_order_of_arrival(entrants: list[EnterpriseData]) -> list[tuple[datetime, EnterpriseData]]:
    """Spread over five weeks up to the first deadline, nobody before he had his licence."""
    span = (data.at(6, 10, 16) - data.at(5, 5)) / len(entrants)
    moments = (
        (max(data.at(5, 5) + span * number, at_beijing(entrant.registered_on, time(12))), entrant)
        for number, entrant in enumerate(entrants)
    )
    return sorted(moments, key=lambda arrival: (arrival[0], arrival[1].credit_code))


def register(stage: Play, username: str, entrant: EnterpriseData, now: datetime) -> User:
    enterprise, user = entries.register_enterprise(
        credit_code=entrant.credit_code,
        name=entrant.name,
        division_code=entrant.county_code,
        registered_on=entrant.registered_on,
        contact_name=entrant.contact_name,
        contact_phone=entrant.phone,
        contact_email=entrant.email,
        username=username,
        password=PASSWORD,
        actor=SYSTEM,
        now=now,
        address=entrant.address,
        legal_person=entrant.legal_person,
        capital_fen=entrant.capital_fen,
        listed=entrant.listed,
        sme_number=entrant.sme_number,
        hightech_number=entrant.hightech_number,
        hightech_until=entrant.hightech_until,
    )
    stage.enterprises[user.username] = enterprise
    return user


def submit(stage: Play, edition: Edition, entrant: EnterpriseData, user: User, now: datetime) -> Entry:
    entry = entries.start_entry(stage.enterprises[user.username], edition, actor=user, now=now)
    values = content(entrant) | {"integrity": True}
    entries.save_entry(entry, values=values, actor=user, now=now + timedelta(minutes=25))
    licence = store_bytes(PAPER, "营业执照（演示）.pdf", "application/pdf", actor=user, now=now)
    entries.attach_file(entry, kind=AttachmentKind.LICENCE, stored_file=licence, actor=user, now=now)
    entries.submit_entry(entry, actor=user, now=now + timedelta(minutes=50))
    return entry


def _review(stage: Play, number: int, entry: Entry) -> None:
    """The prefecture's bureau, then the office; every so often one is returned, withdrawn or rejected."""
    bureau = stage.bureau(entry.prefecture_code)
    contact = entry.enterprise.contacts[0].user
    now = data.at(6, 16) + timedelta(minutes=11 * (number % 400))
    failed = [f for f in findings_of(entry) if f.outcome == Outcome.FAIL]
    if failed:
        review.reject_entry(
            entry,
            reason_code=reason_code_of(failed[0].reason_code),
            reason="经核对不符合参赛条件。",
            actor=bureau,
            now=now,
        )
        return
    if number % EVERY_WITHDRAWAL == EVERY_WITHDRAWAL - 1:
        entries.withdraw_entry(entry, reason="企业经营计划调整，放弃参赛。", actor=contact, now=now)
        return
    if number % EVERY_RETURN == EVERY_RETURN - 1:
        now = _correct(entry, bureau, contact, now)
    review.pass_regional(entry, actor=bureau, now=now + timedelta(hours=1))
    review.confirm_entry(entry, actor=stage.office, now=now + timedelta(hours=26))


def reason_code_of(code: str) -> str:
    """The finding's own reason where the form for rejecting has it."""
    return code if code in set(RejectReason) else RejectReason.OTHER


def _correct(entry: Entry, bureau: User, contact: User, now: datetime) -> datetime:
    review.return_entry(
        entry, reason="项目简介未写明创新点，请补充。", flagged_fields=["abstract"], actor=bureau, now=now
    )
    text = entry.content["abstract"]
    entries.save_entry(
        entry, values={"abstract": f"{text}创新点：已补充说明。"}, actor=contact, now=now + timedelta(hours=3)
    )
    entries.submit_entry(entry, actor=contact, now=now + timedelta(hours=4))
    return now + timedelta(hours=5)
