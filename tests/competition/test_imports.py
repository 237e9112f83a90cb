"""Importing a list: checked before anything is written, matched by credit code, written in steps, undone whole."""

import pytest
from sqlalchemy import func, select

from competition.enums import (
    EntryState,
    Group,
    ImportOutcome,
    ImportState,
    LineageKind,
    LineageState,
    Outcome,
    UndoOutcome,
)
from competition.importing.matching import UNDONE
from competition.models import (
    Enterprise,
    Entry,
    EntryVersion,
    ImportBatch,
    ImportRow,
    Lineage,
    PastAward,
)
from competition.operations import editions, enterprises, imports, review
from competition.operations.imports import undoing, writing
from competition.queries import entries as entry_queries
from core import checks
from core.db import commit, db
from core.errors import Conflict, IllegalTransition, InvalidInput, NotAllowed
from tests.factories import competition as factory
from tests.factories import imports as make


@pytest.fixture
def edition(ctx, now):
    return factory.make_edition(now)


def entry_of(row: dict[str, str]) -> Entry:
    stmt = select(Entry).join(Enterprise).where(Enterprise.credit_code == row["credit_code"])
    return db.session.scalars(stmt.execution_options(populate_existing=True)).one()


def rows_of(batch: ImportBatch) -> list[ImportRow]:
    stmt = select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.line)
    return list(db.session.scalars(stmt))


def counts(batch: ImportBatch) -> tuple[int, ...]:
    return batch.rows_read, batch.new_count, batch.changed_count, batch.unchanged_count, batch.refused_count


def found() -> list[checks.Finding]:
    """What the whole of `flask check` finds."""
    commit()
    return checks.run_all()


def test_a_checked_batch_has_written_nothing(edition, now):
    batch = make.check(make.make_batch(edition, [make.row(1), make.row(2, track="养殖")], now), now)
    assert (batch.state, counts(batch)) == (ImportState.CHECKED, (2, 1, 0, 0, 1))
    assert db.session.scalar(select(func.count(Entry.id))) == 0
    assert db.session.scalar(select(func.count(Enterprise.id))) == 0
    (problem,) = rows_of(batch)[1].problems
    assert problem == {
        "column": "行业",
        "value": "养殖",
        "reason": "track_unknown",
        "sentence": "本届没有行业“养殖”。",
    }
    assert found() == []


def test_a_new_row_becomes_a_submitted_entry_with_receipt_and_findings(edition, now):
    row = make.row(1, sme_number="2026650102A8000123")
    batch = make.run(edition, [row], now)
    entry = entry_of(row)
    assert (batch.state, counts(batch)) == (ImportState.IMPORTED, (1, 1, 0, 0, 0))
    assert (entry.number, entry.state, entry.group) == ("XJ2026-0001", EntryState.SUBMITTED, Group.STARTUP)
    assert (entry.title, entry.revenue_fen, entry.ip_granted) == ("演示项目1", 860_500_000, 2)
    assert (entry.track.code, entry.prefecture_code, entry.region.name) == (
        "manufacturing",
        "650100",
        "乌鲁木齐赛区",
    )
    enterprise = entry.enterprise
    assert (enterprise.name, enterprise.contact_phone, enterprise.sme_number) == (
        row["name"],
        row["contact_phone"],
        "2026650102A8000123",
    )
    (version,) = entry_queries.versions_of(entry)
    assert version.receipt == "XJ2026-R00001"
    assert version.content["source"] == {
        "kind": "import",
        "batch": batch.id,
        "line": 2,
        "file": batch.file.sha256,
    }
    answers = {f.rule: (f.outcome, f.reason_code) for f in entry_queries.findings_of(entry)}
    assert answers["integrity"] == (Outcome.MANUAL, "integrity_unknown")
    assert answers["listed"] == (Outcome.MANUAL, "listed_unknown")
    assert answers["intellectual_property"] == (Outcome.PASS, "ip_granted")
    assert found() == []


def test_what_a_list_does_not_say_is_asked_of_a_person(edition, now):
    make.run(edition, [make.row(1, ip_count="", revenue="")], now)
    answers = {f.rule: f.reason_code for f in entry_queries.findings_of(entry_of(make.row(1)))}
    assert (answers["intellectual_property"], answers["revenue"]) == ("ip_unknown", "revenue_unknown")


def test_the_same_file_again_changes_nothing(edition, now):
    rows = [make.row(number) for number in range(1, 6)]
    make.run(edition, rows, now)
    again = make.check(make.make_batch(edition, rows, now), now)
    assert counts(again) == (5, 0, 0, 5, 0)
    assert db.session.scalar(select(func.count(EntryVersion.id))) == 5


def test_a_changed_row_is_frozen_as_a_further_version(edition, now):
    make.run(edition, [make.row(1), make.row(2)], now)
    later = make.run(
        edition,
        [make.row(1, title="改名后的项目", revenue="", contact_phone="13811112222"), make.row(2)],
        now,
    )
    assert counts(later) == (2, 0, 1, 1, 0)
    assert rows_of(later)[0].changes == [
        {"name": "title", "before": "演示项目1", "after": "改名后的项目"},
        {"name": "contact_phone", "before": "13800000001", "after": "13811112222"},
    ]
    entry = entry_of(make.row(1))
    assert (entry.title, entry.revenue_fen) == ("改名后的项目", 860_500_000)
    assert entry.enterprise.contact_phone == "13811112222"
    assert [version.number for version in entry_queries.versions_of(entry)] == [2, 1]
    assert found() == []


def test_undoing_withdraws_the_new_and_gives_the_changed_their_content_back(edition, now):
    first = make.run(edition, [make.row(1)], now)
    second = make.run(edition, [make.row(1, title="改", contact_phone="13811112222"), make.row(2)], now)
    make.undo(second, now)
    entry, other = entry_of(make.row(1)), entry_of(make.row(2))
    assert second.state == ImportState.UNDONE
    assert (entry.state, entry.title) == (EntryState.SUBMITTED, "演示项目1")
    assert entry.enterprise.contact_phone == make.row(1)["contact_phone"]
    assert (other.state, other.reason_code) == (EntryState.WITHDRAWN, UNDONE)
    versions = entry_queries.versions_of(entry)
    assert [v.content["source"]["kind"] for v in versions] == ["undo", "import", "import"]
    assert versions[0].content["fields"] == versions[2].content["fields"]
    assert found() == []
    make.undo(first, now)
    assert rows_of(first)[0].undo == UndoOutcome.KEPT
    assert entry_of(make.row(1)).state == EntryState.SUBMITTED
    assert found() == []


def test_an_undone_entry_is_taken_up_again_by_the_next_import(edition, now):
    make.undo(make.run(edition, [make.row(1)], now), now)
    again = make.run(edition, [make.row(1, title="第二次")], now)
    entry = entry_of(make.row(1))
    assert counts(again) == (1, 1, 0, 0, 0)
    assert (entry.number, entry.state, entry.title) == ("XJ2026-0001", EntryState.SUBMITTED, "第二次")
    assert db.session.scalar(select(func.count(Entry.id))) == 1
    make.undo(again, now)
    assert entry_of(make.row(1)).state == EntryState.WITHDRAWN
    assert found() == []


def test_a_returned_entry_is_handed_in_again_by_the_file_and_returned_again_by_undoing(edition, now):
    make.run(edition, [make.row(1)], now)
    entry = entry_of(make.row(1))
    reviewer = factory.regional(now, "650100")
    review.return_entry(entry, reason="名称不符", flagged_fields=["title"], actor=reviewer, now=now)
    batch = make.run(edition, [make.row(1, title="改正")], now)
    assert (entry_of(make.row(1)).state, entry_of(make.row(1)).flagged_fields) == (EntryState.SUBMITTED, [])
    make.undo(batch, now)
    back = entry_of(make.row(1))
    assert (back.state, back.title, back.flagged_fields) == (EntryState.RETURNED, "演示项目1", ["title"])
    assert found() == []


def test_what_was_reviewed_since_is_kept_by_undoing(edition, now):
    batch = make.run(edition, [make.row(1), make.row(2)], now)
    review.pass_regional(entry_of(make.row(1)), actor=factory.regional(now, "650100"), now=now)
    make.undo(batch, now)
    assert [row.undo for row in rows_of(batch)] == [UndoOutcome.KEPT, UndoOutcome.UNDONE]
    assert entry_of(make.row(1)).state == EntryState.REGIONAL_PASSED
    assert found() == []


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (EntryState.DRAFT, "own_draft"),
        (EntryState.SUBMITTED, "own_entry"),
        (EntryState.ACCEPTED, "own_entry"),
        (EntryState.WITHDRAWN, "withdrawn"),
    ],
)
def test_what_an_enterprise_did_itself_is_not_touched(edition, now, state, reason):
    own = factory.make_entry(edition, now, state=state)
    row = make.row(1, credit_code=own.enterprise.credit_code, name=own.enterprise.name)
    batch = make.check(make.make_batch(edition, [row], now), now)
    (found_row,) = rows_of(batch)
    assert (found_row.outcome, found_row.problems[0]["reason"]) == (ImportOutcome.REFUSED, reason)


def test_an_own_entry_that_says_the_same_is_unchanged(edition, now):
    own = factory.make_entry(edition, now, state=EntryState.ACCEPTED, registered_on=None)
    row = make.row(
        1,
        credit_code=own.enterprise.credit_code,
        name=own.enterprise.name,
        registered_on=own.enterprise.registered_on.strftime("%Y年%m月%d日"),
        title=own.title,
        revenue="860.50",
        ip_count="1",
        contact_name="古丽娜·演示",
        contact_phone="139 0000 0001",
    )
    batch = make.check(make.make_batch(edition, [row], now), now)
    assert [r.outcome for r in rows_of(batch)] == [ImportOutcome.UNCHANGED]


def test_a_reviewed_entry_is_not_changed_by_a_file(edition, now):
    make.run(edition, [make.row(1)], now)
    review.pass_regional(entry_of(make.row(1)), actor=factory.regional(now, "650100"), now=now)
    batch = make.check(make.make_batch(edition, [make.row(1, title="改")], now), now)
    assert rows_of(batch)[0].problems[0]["reason"] == "already_reviewed"


def test_a_claimed_enterprise_keeps_its_own_record(edition, now):
    enterprise = factory.make_enterprise(now, name="演示老企业有限公司")
    row = make.row(1, credit_code=enterprise.credit_code, name=enterprise.name)
    wrong = make.check(make.make_batch(edition, [{**row, "name": "另一个名字"}], now), now)
    assert rows_of(wrong)[0].problems[0]["reason"] == "name_mismatch"
    phone = enterprise.contact_phone
    make.run(edition, [row], now)
    assert entry_of(row).content["contact_phone"] == row["contact_phone"]
    assert entry_of(row).enterprise.contact_phone == phone
    assert found() == []


def test_doubles_in_a_file_are_refused_with_the_first_rows_number(edition, now):
    batch = make.run(edition, [make.row(1), make.row(2), make.row(1, title="又一个")], now)
    (problem,) = rows_of(batch)[2].problems
    assert (problem["reason"], problem["sentence"]) == (
        "duplicate_in_file",
        "与第 2 行是同一企业，一届只能有一个项目。",
    )
    assert db.session.scalar(select(func.count(Entry.id))) == 2


def test_the_world_may_change_between_report_and_import(edition, now):
    rows = [make.row(1), make.row(2), make.row(3)]
    batch = make.check(make.make_batch(edition, rows, now), now)
    make.run(edition, [make.row(1)], now, source="另一份")
    factory.make_enterprise(now, credit_code=make.row(2)["credit_code"], name="先注册的企业")
    by = {"actor": factory.office(now), "now": now}
    imports.import_batch(batch, send=False, **by)
    make.drive(imports.write(batch.id, job_id=None, **by))
    assert [row.outcome.value for row in rows_of(batch)] == ["unchanged", "refused", "new"]
    assert counts(batch) == (3, 1, 0, 1, 1)
    assert found() == []


def test_work_that_broke_off_goes_on_where_it_stopped(edition, now, monkeypatch):
    monkeypatch.setattr(writing, "STEP", 2)
    batch = make.check(make.make_batch(edition, [make.row(n) for n in range(1, 6)], now), now)
    by = {"actor": factory.office(now), "now": now}
    imports.import_batch(batch, send=False, **by)
    steps = imports.write(batch.id, job_id=None, **by)
    assert next(steps) == (2, 5)
    commit()
    steps.close()  # as a killed process leaves it
    assert checks.run_all() == []
    imports.stop_batch(batch, **by)
    assert batch.state == ImportState.STOPPED
    imports.import_batch(batch, send=False, **by)
    assert make.drive(imports.write(batch.id, job_id=None, **by)) == [(4, 5), (5, 5)]
    assert (batch.state, db.session.scalar(select(func.count(Entry.id)))) == (ImportState.IMPORTED, 5)
    assert found() == []


def test_a_stopped_batch_can_be_undone_and_then_not_gone_on_with(edition, now, monkeypatch):
    monkeypatch.setattr(writing, "STEP", 2)
    monkeypatch.setattr(undoing, "STEP", 1)
    batch = make.check(make.make_batch(edition, [make.row(n) for n in range(1, 4)], now), now)
    by = {"actor": factory.office(now), "now": now}
    imports.import_batch(batch, send=False, **by)
    steps = imports.write(batch.id, job_id=None, **by)
    next(steps)
    imports.stop_batch(batch, **by)
    assert list(steps) == []
    imports.undo_batch(batch, reason="停", send=False, **by)
    steps = imports.undo(batch.id, job_id=None, **by)
    assert next(steps) == (1, 2)
    imports.stop_batch(batch, **by)
    with pytest.raises(Conflict) as refused:
        imports.import_batch(batch, **by)
    assert refused.value.code == "undo_begun"
    make.undo(batch, now)
    states = set(db.session.scalars(select(Entry.state)))
    assert (batch.state, states) == (ImportState.UNDONE, {EntryState.WITHDRAWN})
    assert found() == []


def test_a_job_that_lost_its_batch_writes_nothing(edition, now):
    batch = make.check(make.make_batch(edition, [make.row(1)], now), now)
    by = {"actor": factory.office(now), "now": now}
    imports.import_batch(batch, send=False, **by)
    assert list(imports.write(batch.id, job_id=77, **by)) == []
    assert db.session.scalar(select(func.count(Entry.id))) == 0


def test_only_the_office_imports_and_only_into_an_open_edition(edition, now):
    batch = make.check(make.make_batch(edition, [make.row(1)], now), now)
    with pytest.raises(NotAllowed):
        imports.import_batch(batch, actor=factory.regional(now, "650100"), now=now)
    editions.close_registration(edition, actor=factory.office(now), now=now)
    with pytest.raises(Conflict) as refused:
        imports.import_batch(batch, actor=factory.office(now), now=now)
    assert refused.value.code == "edition_not_open"


def test_nothing_to_write_is_no_import(edition, now):
    batch = make.check(make.make_batch(edition, [make.row(1, credit_code="坏")], now), now)
    with pytest.raises(NotAllowed):
        imports.import_batch(batch, actor=factory.office(now), now=now)
    with pytest.raises(IllegalTransition):
        imports.undo_batch(batch, reason="x", actor=factory.office(now), now=now)


def test_a_source_remembers_its_columns(edition, now):
    heads = {**make.HEADS, "name": "单位", "title": "作品", "contact_phone": "移动"}
    content = make.as_csv(make.table([make.row(1)], heads))
    first = make.make_batch(edition, [], now, content=content)
    assert set(first.mapping) & {"name", "title", "contact_phone"} == set()
    chosen = {**first.mapping, "name": "单位", "title": "作品", "contact_phone": "移动"}
    by = {"actor": factory.office(now), "now": now}
    with pytest.raises(InvalidInput) as refused:
        imports.check_batch(first, mapping=first.mapping, **by)
    assert refused.value.code == "mapping_missing"
    imports.check_batch(first, mapping=chosen, send=False, **by)
    make.drive(imports.check(first.id, job_id=None, **by))
    assert make.make_batch(edition, [], now, content=content).mapping == chosen
    assert make.make_batch(edition, [], now, content=content, source="别处").mapping == {
        name: head for name, head in chosen.items() if name not in ("name", "title", "contact_phone")
    }


def test_a_file_without_rows_is_refused_with_its_sentence(edition, now):
    batch = make.check(make.make_batch(edition, [], now), now)
    assert (batch.state, batch.refusal) == (ImportState.REFUSED, "表头下面没有数据行。")


def test_checking_takes_the_same_number_of_statements_for_few_and_many(edition, now, count_statements):
    def statements(batch):
        by = {"actor": factory.office(now), "now": now}
        imports.check_batch(batch, mapping=batch.mapping, send=False, **by)
        with count_statements() as seen:
            make.drive(imports.check(batch.id, job_id=None, **by))
        return len(seen)

    few = make.make_batch(edition, [make.row(1)], now)
    many = make.make_batch(edition, [make.row(n) for n in range(1, 101)], now)
    assert statements(few) == statements(many)


def test_writing_new_entries_takes_the_same_number_of_statements(edition, now, count_statements):
    def statements(rows):
        batch = make.check(make.make_batch(edition, rows, now), now)
        by = {"actor": factory.office(now), "now": now}
        imports.import_batch(batch, send=False, **by)
        with count_statements() as seen:
            make.drive(imports.write(batch.id, job_id=None, **by))
        return len(seen)

    few = statements([make.row(n) for n in range(1, 4)])
    assert statements([make.row(n) for n in range(10, 110)]) <= few + 4


def test_an_altered_row_of_a_batch_is_named(edition, now):
    batch = make.run(edition, [make.row(1)], now)
    commit()
    db.session.execute(ImportRow.__table__.update().values(version_number=7))
    named = {finding.invariant for finding in checks.run_all()}
    assert {"seals-hold", "imports-whole"} <= named
    db.session.execute(ImportRow.__table__.delete())
    named = {finding.where for finding in checks.run_all("imports-counted")}
    assert named == {f"import_batch {batch.id}"}


def test_an_imported_enterprise_is_claimed_by_an_invitation_of_the_office(edition, now):
    make.run(edition, [make.row(1)], now)
    enterprise, office = entry_of(make.row(1)).enterprise, factory.office(now)
    with pytest.raises(NotAllowed):
        enterprises.invite_contact(
            enterprise, name="古丽", hand_over=False, actor=factory.regional(now, "650100"), now=now
        )
    _, token = enterprises.invite_contact(enterprise, name="古丽", hand_over=False, actor=office, now=now)
    user = enterprises.accept_contact_invitation(
        token, username="claimed", password=factory.PASSWORD, phone="13812345678", now=now
    )
    assert factory.contact_of(enterprise) is user
    with pytest.raises(NotAllowed):
        enterprises.invite_contact(enterprise, name="又一人", hand_over=False, actor=office, now=now)
    assert found() == []


def test_an_editions_own_limits_of_texts_hold(edition, now):
    edition.text_limits = {"title": 150}
    batch = make.run(edition, [make.row(1, title="长" * 150), make.row(2, title="长" * 151)], now)
    assert counts(batch) == (2, 1, 0, 0, 1)
    assert entry_of(make.row(1)).content["title"] == "长" * 150


def test_awards_of_the_enterprise_and_of_its_predecessors_count(edition, now):
    before = factory.credit_code(77)
    enterprise = factory.make_enterprise(now, name="演示新照有限公司")
    db.session.add(
        Lineage(
            enterprise_id=enterprise.id,
            kind=LineageKind.TEAM,
            state=LineageState.CONFIRMED,
            name="演示旧照",
            credit_code=before,
            year=2024,
            stated_by_id=factory.office(now).id,
            stated_at=now,
        )
    )
    db.session.add(PastAward(credit_code=before, contest="全国赛", level="national", year=2024, tier="first"))
    row = make.row(1, credit_code=enterprise.credit_code, name=enterprise.name)
    make.run(edition, [row, make.row(2)], now)
    answers = [
        {f.rule: f.outcome for f in entry_queries.findings_of(entry_of(r))} for r in (row, make.row(2))
    ]
    assert [answer["national_winner"] for answer in answers] == [Outcome.FAIL, Outcome.PASS]
