"""The pure half of imports: heads, cells, places, and records against what is known."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.enums import EntryState, ImportOutcome
from competition.importing import targets
from competition.importing.matching import Known, KnownEntry, match, same
from competition.importing.places import Places
from competition.importing.rows import Reader, Record, Seen, canonical, record_of
from competition.importing.table import read_frame, read_head
from core.errors import InvalidInput
from tests.factories import imports as make
from tests.factories.competition import TRACKS, credit_code

DIVISIONS = [
    ("650100", "乌鲁木齐市", "650000"),
    ("650102", "天山区", "650100"),
    ("650104", "新市区", "650100"),
    ("652300", "昌吉回族自治州", "650000"),
    ("652301", "昌吉市", "652300"),
    ("652700", "博尔塔拉蒙古自治州", "650000"),
    ("652701", "博乐市", "652700"),
    ("652900", "阿克苏地区", "650000"),
    ("652901", "阿克苏市", "652900"),
    ("653100", "喀什地区", "650000"),
    ("653101", "新市区", "653100"),
    ("659001", "石河子市", "650000"),
    ("BT01", "第一师", "BT00"),
]
HEADS = list(make.HEADS.values())
TODAY = date(2026, 5, 10)


def reader(**changes) -> Reader:
    options = {
        "places": Places(DIVISIONS),
        "covered": frozenset(code for code, _, _ in DIVISIONS if code != "659001"),
        "tracks": {name: code for code, name in TRACKS.items()},
        "startup_from": date(2025, 1, 1),
        "today": TODAY,
    }
    return Reader(**{**options, **changes})


def checked(**changes):
    mapping = targets.propose(HEADS)
    row = make.row(1, **changes)
    cells = {name: row[name] for name in mapping}
    return reader().check(2, cells, mapping)


def test_the_heads_of_the_summary_are_known():
    assert targets.propose(HEADS) == {target.name: target.label for target in targets.SUMMARY} | {
        "division_code": "地州市/县"
    }


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("上年营业收入（万元）", "revenue"),
        (" 企业 名称 ", "name"),
        ("统一社会信用代码(18位)", "credit_code"),
        ("*手机号", "contact_phone"),
        ("地州市、县", "division_code"),
        ("法定代表人", "legal_person"),
        ("推荐单位(盖章)", None),
        ("备注", None),
        ("", None),
    ],
)
def test_heads_are_known_by_their_words(head, name):
    assert targets.target_of(head) == name


@given(st.lists(st.sampled_from([*HEADS, "备注", "", "企业名称", "单位名称"]), max_size=20), st.randoms())
def test_a_proposal_names_every_head_once_and_only_heads_that_are_there(heads, random):
    random.shuffle(heads)
    proposed = targets.propose(heads, {"title": "备注"})
    assert set(proposed.values()) <= set(heads)
    assert len(set(proposed.values())) == len(proposed)
    if "备注" in heads:
        assert proposed["title"] == "备注"


@pytest.mark.parametrize(
    "data",
    [
        {"企业名称": "单位", "项目名称": "作品"},
        {"单位": "企业名称", "作品": "项目名称"},
        {"name": "单位", "title": "作品"},
        {"columns": {"单位": "name", "项目名称": "作品"}},
    ],
)
def test_a_mapping_may_be_written_either_way(data):
    assert targets.read_mapping(data, ["单位", "作品"]) == {"name": "单位", "title": "作品"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (["企业名称"], "mapping_shape"),
        ({"企业名称": 3}, "mapping_shape"),
        ({"甲": "乙"}, "mapping_target"),
    ],
)
def test_a_mapping_that_says_nothing_is_refused(data, code):
    with pytest.raises(InvalidInput) as refused:
        targets.read_mapping(data, ["单位"])
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("heads", "changes", "code"),
    [
        (HEADS, {"title": "作品"}, "mapping_head"),
        (HEADS[:-5], {}, "mapping_missing"),
        ([*HEADS, "手机"], {}, "head_twice"),
        (HEADS, {"legal_person": "联系人"}, "mapping_twice"),
    ],
)
def test_columns_must_be_there_once_each(heads, changes, code):
    with pytest.raises(InvalidInput) as refused:
        targets.places_of(heads, {**targets.propose(heads), **changes})
    assert refused.value.code == code


def test_the_head_is_found_below_titles():
    lines = [["2026 年报名汇总表"], ["单位：万元", "", "5 月"], *make.table([make.row(1)])]
    head = read_head(make.as_csv(lines), "a.csv")
    assert (head.line, head.heads, len(head.sample)) == (3, HEADS, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("乌鲁木齐市/天山区", "650102"),
        ("新疆维吾尔自治区 乌鲁木齐市 天山区", "650102"),
        ("天山区", "650102"),
        ("650102", "650102"),
        ("昌吉州昌吉市", "652301"),
        ("昌吉回族自治州·昌吉市", "652301"),
        ("博州-博乐市", "652701"),
        ("阿克苏/阿克苏市", "652901"),
        ("阿克苏地区", "652900"),
        ("喀什地区新市区", "653101"),
        ("石河子市", "659001"),
        ("新疆生产建设兵团第一师", "BT01"),
        ("bt01", "BT01"),
    ],
)
def test_places_are_found_by_their_names(text, code):
    assert Places(DIVISIONS).code_of(text) == code


@pytest.mark.parametrize(
    ("text", "code"), [("新市区", "place_ambiguous"), ("天山", "place_unknown"), ("", "place_unknown")]
)
def test_a_place_is_never_guessed(text, code):
    with pytest.raises(InvalidInput) as refused:
        Places(DIVISIONS).code_of(text)
    assert refused.value.code == code


@given(st.text(max_size=30))
def test_any_text_is_a_known_place_or_refused(text):
    try:
        assert Places(DIVISIONS).code_of(text) in {code for code, _, _ in DIVISIONS}
    except InvalidInput as refusal:
        assert refusal.code in ("place_unknown", "place_ambiguous")


def test_a_good_row_becomes_a_record_of_canonical_texts():
    row = checked(
        registered_on="2025年3月1日",
        contact_phone="+86 138-0000-0001",
        revenue="1,234.50",
        name="  演示·科技  ",
        track="先进 制造",
    )
    assert row.record == Record(
        credit_code=credit_code(900_001),
        name="演示·科技",
        content={
            "registered_on": "2025-03-01",
            "division_code": "650102",
            "track": "manufacturing",
            "title": "演示项目1",
            "revenue": "1234.5",
            "contact_name": "古丽·演示",
            "contact_phone": "13800000001",
        },
        group="startup",
        ip_count=2,
    )
    assert record_of(row.record.plain()) == row.record


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"credit_code": "91650100MA"}, "统一社会信用代码", "credit_code_length"),
        ({"credit_code": credit_code(1)[:-1] + "!"}, "统一社会信用代码", "credit_code_character"),
        ({"credit_code": "9.165010e+17"}, "统一社会信用代码", "credit_code_length"),
        ({"name": ""}, "企业名称", "empty"),
        ({"name": "甲" * 101}, "企业名称", "name_too_long"),
        ({"registered_on": "03/01/2025"}, "注册日期", "date_shape"),
        ({"registered_on": "2026-05-11"}, "注册日期", "date_too_late"),
        ({"division_code": "北京市"}, "地州市/县", "place_unknown"),
        ({"division_code": "石河子市"}, "地州市/县", "region_outside"),
        ({"track": "养殖"}, "行业", "track_unknown"),
        ({"group": "甲组"}, "组别", "group_unknown"),
        ({"title": "长" * 101}, "项目名称", "too_long"),
        ({"revenue": "约三百万"}, "上年营业收入", "amount_shape"),
        ({"revenue": "-1"}, "上年营业收入", "amount_negative"),
        ({"sme_number": "20186501"}, "入库编号", "sme_number_shape"),
        ({"ip_count": "两项"}, "知识产权数", "count"),
        ({"ip_count": "10000"}, "知识产权数", "count"),
        ({"contact_phone": "0991-1234567"}, "手机", "mobile_prefix"),
        ({"contact_name": ""}, "联系人", "empty"),
    ],
)
def test_a_bad_cell_is_named_with_its_column_and_value(changes, column, code):
    row = checked(**changes)
    (problem,) = row.problems
    assert (row.record, problem.column, problem.reason) == (None, column, code)
    assert problem.value == next(iter(changes.values()))[:100]
    assert problem.sentence.endswith(("。", "？"))


def test_every_bad_cell_of_a_row_is_named():
    row = checked(credit_code="x", registered_on="x", contact_phone="x")
    assert [problem.column for problem in row.problems] == ["统一社会信用代码", "注册日期", "手机"]


def test_a_group_that_is_not_the_computed_one_is_a_remark():
    row = checked(registered_on="2024-12-31", group="初创企业组")
    (note,) = row.notes
    assert row.record is not None
    assert (note.value, note.reason) == ("初创组", "group_differs")
    assert note.sentence == "按注册日期 2024-12-31 应为成长组，以系统计算为准。"


@given(
    st.dictionaries(
        st.sampled_from(sorted(targets.propose(HEADS))), st.text(max_size=40), min_size=0, max_size=12
    )
)
def test_any_cells_give_a_record_or_problems_never_both(cells):
    mapping = targets.propose(HEADS)
    row = reader().check(2, {**dict.fromkeys(mapping, ""), **cells}, mapping)
    assert (row.record is None) == bool(row.problems)
    assert {problem.column for problem in row.problems} <= set(mapping.values())


@given(st.integers(0, 10**12))
def test_amounts_keep_every_fen(fen):
    text = canonical("revenue", f"{fen // 1_000_000}.{fen % 1_000_000:06d}")
    whole, _, decimals = text.partition(".")
    assert int(whole) * 1_000_000 + int((decimals + "000000")[:6]) == fen


def test_only_the_first_row_with_a_code_counts():
    seen, rows = Seen(), [checked(), checked()]
    assert seen.check(rows[0], "代码").record is not None
    twice = seen.check(type(rows[1])(9, rows[1].record), "代码")
    assert (twice.record, twice.problems[0].reason) == (None, "duplicate_in_file")


RECORD = Record("91650100MA0000001X", "甲公司", {"title": "甲", "revenue": "5"}, ip_count=2)
SAME = {"title": "甲", "revenue": "5.00"}


def known(state, *, imported=True, content=SAME, **changes):
    entry = KnownEntry("XJ-1", state, imported, content, ip_count=2, **changes)
    return Known("甲公司", False, entry)


def test_a_code_nobody_knows_is_new():
    assert match(RECORD, None).outcome == ImportOutcome.NEW
    assert match(RECORD, Known("甲公司", True)).outcome == ImportOutcome.NEW
    assert match(RECORD, Known("乙公司", False)).outcome == ImportOutcome.NEW


@pytest.mark.parametrize(
    "state", [s for s in EntryState if s not in (EntryState.DRAFT, EntryState.WITHDRAWN)]
)
@pytest.mark.parametrize("imported", [True, False])
def test_what_says_the_same_is_unchanged_whatever_its_state(state, imported):
    assert match(RECORD, known(state, imported=imported)).outcome == ImportOutcome.UNCHANGED


@pytest.mark.parametrize("state", list(EntryState))
@pytest.mark.parametrize("imported", [True, False])
def test_only_imported_entries_nobody_decided_upon_change(state, imported):
    found = match(RECORD, known(state, imported=imported, content={"title": "乙"}))
    changes = imported and state in (EntryState.SUBMITTED, EntryState.RETURNED)
    assert found.outcome == (ImportOutcome.CHANGED if changes else ImportOutcome.REFUSED)
    assert bool(found.changes) == changes
    assert bool(found.problem) != changes


def test_an_empty_cell_says_nothing():
    before = known(EntryState.SUBMITTED, content={**SAME, "sme_number": "2026650102A8000123"})
    assert match(RECORD, before).outcome == ImportOutcome.UNCHANGED


@pytest.mark.parametrize(
    ("name", "before", "after", "equal"),
    [
        ("registered_on", "2017/3/1", "2017-03-01", True),
        ("revenue", "1,000", "1000", True),
        ("revenue", "", "0", False),
        ("title", "甲", "乙", False),
        ("contact_phone", "138 0000 0001", "13800000001", True),
        ("revenue", "约三百万", "300", False),
    ],
)
def test_texts_are_compared_by_what_they_mean(name, before, after, equal):
    assert same(name, before, after) is equal


def book(change) -> bytes:
    made, content = openpyxl.Workbook(), io.BytesIO()
    for line in make.table([make.row(1), make.row(2)]):
        made.active.append(line)
    change(made)
    made.save(content)
    return content.getvalue()


def zipped(names: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return buffer.getvalue()


HOSTILE = {
    "renamed program": (b"MZ\x90\x00\x03" + bytes(500), "a.xlsx", "file_broken"),
    "renamed program as text": (b"MZ\x90\x00\x03" + bytes(500), "a.csv", "file_bytes"),
    "program": (b"MZ", "a.exe", "file_type"),
    "old workbook": (b"\xd0\xcf\x11\xe0", "a.xls", "file_type"),
    "macro workbook": (b"PK", "a.xlsm", "file_macro"),
    "macro inside": (zipped({"xl/vbaProject.bin": b"x"}), "a.xlsx", "file_macro"),
    "bomb": (zipped({"xl/worksheets/sheet1.xml": b"0" * (200 << 20)}), "a.xlsx", "file_bomb"),
    "merged cells": (book(lambda made: made.active.merge_cells("B2:B3")), "a.xlsx", "file_merged"),
    "merged title": (
        book(lambda made: (made.active.insert_rows(1), made.active.merge_cells("A1:C1"))),
        "a.xlsx",
        "file_merged",
    ),
    "malformed rows": ("企业名称\n".encode() + b"x,y,z\n" * 100_000, "a.csv", "file_rows"),
    "endless quotation": (b'a,"b\n' + b"x,y\n" * 100_000, "a.csv", "file_broken"),
    "many columns": (b",".join([b"x"] * 300), "a.csv", "file_columns"),
    "not in a Chinese encoding": (b"\xff\xff\xff,\xfe", "a.csv", "file_encoding"),
    "nothing": (b"", "a.csv", "file_empty"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_refused_with_a_sentence(kind):
    content, name, code = HOSTILE[kind]
    with pytest.raises(InvalidInput) as refused:
        read_frame(content, name, read_head(content, name))
    assert refused.value.code == code
    assert refused.value.sentence.endswith("。")


def test_rows_keep_the_numbers_they_have_in_the_file():
    lines = [["标题"], [], *make.table([make.row(1)]), [], list(make.row(2).values())]
    for content, name in ((make.as_csv(lines), "a.csv"), (make.as_xlsx(lines), "a.xlsx")):
        frame = read_frame(content, name, read_head(content, name))
        assert list(frame.index) == [4, 6]
        assert list(frame[2]) == [make.row(1)["credit_code"], make.row(2)["credit_code"]]
