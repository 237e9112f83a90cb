"""Value checks: what each takes, what it gives back, and the code of each refusal."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from competition import validators
from competition.validators import SENTENCES, ValueProblem
from core.errors import InvalidInput

REAL_CODE = "91110000600037341L"


def problem(check, *args, **settings) -> ValueProblem:
    with pytest.raises(ValueProblem) as caught:
        check(*args, **settings)
    return caught.value


@pytest.mark.parametrize(
    "typed",
    [
        REAL_CODE,
        REAL_CODE.lower(),
        "  91 110000 600037341L\t",
        "９１１１００００６０００３７３４１Ｌ",
        "911100006000-37341l",
        "\ufeff91110000600037341L\u200b",
    ],
)
def test_credit_code_is_normalised(typed):
    assert validators.credit_code(typed) == REAL_CODE


def test_credit_code_of_another_registering_authority_passes():
    body = "N2650104MA7750001"
    code = body + uscc.calc_check_digit(body)
    assert validators.credit_code(code) == code


@pytest.mark.parametrize(
    ("typed", "code", "detail"),
    [
        ("", "empty", {}),
        (" 　 ", "empty", {}),
        ("9111000060003734", "credit_code_length", {"length": 16}),
        ("91110000600037341LL", "credit_code_length", {"length": 19}),
        ("9111000060003734?L", "credit_code_character", {"position": 17, "character": "?"}),
        ("91110000６000汉7341L", "credit_code_character", {"position": 13, "character": "汉"}),
        (
            "911100006O0037341L",
            "credit_code_look_alike",
            {"position": 10, "character": "O", "suggestion": "0"},
        ),
        ("9111A000600037341L", "credit_code_division", {"position": 5, "character": "A"}),
        ("91110000600037341K", "credit_code_check_digit", {"found": "K", "expected": "L"}),
        ("91110000600037314L", "credit_code_check_digit", {"found": "L", "expected": "T"}),
    ],
)
def test_credit_code_refusal_names_the_place(typed, code, detail):
    refusal = problem(validators.credit_code, typed)
    assert (refusal.code, refusal.detail) == (code, detail)


@given(
    st.text(alphabet=validators.CREDIT_CODE_ALPHABET, min_size=9, max_size=9), st.integers(0, 17), st.data()
)
def test_any_single_wrong_sign_is_caught(organisation, position, data):
    body = "91650104" + organisation
    code = body + uscc.calc_check_digit(body)
    assert validators.credit_code(code) == code
    other = data.draw(st.sampled_from([c for c in validators.CREDIT_CODE_ALPHABET if c != code[position]]))
    problem(validators.credit_code, code[:position] + other + code[position + 1 :])


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13899990001", "13899990001"),
        ("138 9999 0001", "13899990001"),
        ("+86-138-9999-0001", "13899990001"),
        ("8613899990001", "13899990001"),
        ("１３８９９９９０００１", "13899990001"),
    ],
)
def test_mobile_is_normalised(typed, number):
    assert validators.mobile(typed) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1389999000", "mobile_length"),
        ("09912345678", "mobile_prefix"),
        ("12899990001", "mobile_prefix"),
        ("1389999000a", "mobile_digits"),
        ("١٣٨٩٩٩٩٠٠٠١", "mobile_digits"),
        ("1.38999E+10", "mobile_digits"),
        ("", "empty"),
    ],
)
def test_mobile_refused(typed, code):
    assert problem(validators.mobile, typed).code == code


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Zhang.San+a@Example.COM", "Zhang.San+a@example.com"),
        (" a@b.cn ", "a@b.cn"),
        ("ａ＠qq．com", "a@qq.com"),
    ],
)
def test_email_is_normalised(typed, address):
    assert validators.email(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "a",
        "a@b",
        "@b.cn",
        "a@b..cn",
        ".a@b.cn",
        "a b@c.cn",
        "a@-b.cn",
        "a@b.cn\nBcc: x@y.cn",
        "a" * 65 + "@b.cn",
    ]
    + ["a@" + "b" * 250 + ".cn", "张@b.cn", "a@b.c1\x00"],
)
def test_email_of_wrong_shape_is_refused(typed):
    assert problem(validators.email, typed).code == "email_shape"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("  新疆　天山公司 ", "新疆 天山公司"),
        ("长" * 100, "长" * 100),
        ("𠮷野家（新疆）", "𠮷野家（新疆）"),
        ("e\u0301cole", "école"),
    ],
)
def test_name_is_normalised(typed, name):
    assert validators.name_text(typed) == name


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("长" * 101, "name_too_long"),
        ("天山\x00公司", "name_control"),
        ("天山\n公司", "name_control"),
        ("天山\u202e公司", "name_control"),
        ("天山\ud800公司", "name_control"),
        ("12345", "name_no_letter"),
        ("·", "name_no_letter"),
        ("\u200b", "empty"),
    ],
)
def test_name_refused(typed, code):
    assert problem(validators.name_text, typed).code == code


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("0", 0),
        ("20000", 20_000_000_000),
        ("1234.56", 1_234_560_000),
        ("12,345.5", 12_345_500_000),
        ("0.000001", 1),
        (" 1.150000 ", 1_150_000),
        ("9223372036854.775807", 2**63 - 1),
    ],
)
def test_amount_in_wan_becomes_whole_fen(typed, fen):
    assert validators.amount_wan(typed) == fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1e3", "amount_shape"),
        ("NaN", "amount_shape"),
        ("Infinity", "amount_shape"),
        ("1_000", "amount_shape"),
        ("1,5", "amount_shape"),
        ("1234,567", "amount_shape"),
        ("007", "amount_shape"),
        ("+5", "amount_shape"),
        (".5", "amount_shape"),
        ("5.", "amount_shape"),
        ("5万", "amount_shape"),
        ("٣", "amount_shape"),
        ("0.0000001", "amount_decimals"),
        ("-1", "amount_negative"),
        ("１２", "amount_full_width"),
        ("9223372036854.775808", "amount_too_large"),
        ("9" * 5000, "amount_too_large"),
        ("", "empty"),
    ],
)
def test_amount_refused(typed, code):
    assert problem(validators.amount_wan, typed).code == code


def test_a_loss_is_taken_where_allowed():
    assert validators.amount_wan("-12.5", allow_negative=True) == -12_500_000
    assert problem(validators.amount_wan, "--1", allow_negative=True).code == "amount_shape"
    assert problem(validators.amount_wan, "-", allow_negative=True).code == "amount_shape"


@given(st.integers(0, 2**63 - 1))
def test_amount_round_trip(fen):
    assert validators.amount_wan(f"{fen // 1_000_000}.{fen % 1_000_000:06d}") == fen


@pytest.mark.parametrize(
    "typed",
    [
        "2017-03-01",
        "2017/3/1",
        "2017.03.1",
        "2017年3月1日",
        "20170301",
        "2017-03-01 00:00:00",
        "２０１７-03-01",
    ],
)
def test_date_is_read(typed):
    assert validators.date_text(typed) == date(2017, 3, 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2017-02-29", "date_impossible"),
        ("2017-13-01", "date_impossible"),
        ("0000-01-01", "date_impossible"),
        ("01/03/2017", "date_shape"),
        ("42795", "date_shape"),
        ("2017-03-01 12:30", "date_shape"),
        ("1899-12-31", "date_too_early"),
        ("2018-06-16", "date_too_late"),
        ("", "empty"),
    ],
)
def test_date_refused(typed, code):
    assert problem(validators.date_text, typed, latest=date(2018, 6, 15)).code == code


def test_sme_number_and_its_year():
    assert validators.sme_number("2018 650104 a8000123") == "2018650104A8000123"
    assert validators.number_year("2018650104A8000123") == 2018
    assert problem(validators.sme_number, "2018650104A800012").code == "sme_number_shape"
    assert problem(validators.sme_number, "1" * 100_000).code == "sme_number_shape"


def test_sme_number_pattern_is_a_setting():
    pattern = validators.number_pattern(r"XJ(?P<year>[0-9]{4})-?[0-9]{3}")
    assert validators.sme_number("xj2019-001", pattern=pattern) == "XJ2019001"
    assert validators.number_year("XJ2019001", pattern=pattern) == 2019
    assert validators.number_year("XJ001", pattern=r"XJ[0-9]{3}") is None
    assert problem(validators.number_pattern, "([").code == "pattern_broken"


def test_hightech_number():
    assert validators.hightech_number("gr201765000123") == "GR201765000123"
    assert validators.number_year("GR201765000123", pattern=validators.HIGHTECH_NUMBER_PATTERN) == 2017
    assert problem(validators.hightech_number, "GR20176500012").code == "hightech_number_shape"


def test_division_code_must_be_known():
    known = {"650104", "BT08"}
    assert validators.division_code(" ６５0104", known) == "650104"
    assert validators.division_code("bt08", known) == "BT08"
    assert problem(validators.division_code, "659999", known).detail == {"division": "659999"}
    assert problem(validators.division_code, "天山区", known).code == "division_code_shape"


def test_refusal_carries_code_field_and_a_sentence_without_gaps():
    refusal = ValueProblem("credit_code_check_digit", {"found": "K", "expected": "{L}"}, field="credit_code")
    assert isinstance(refusal, InvalidInput)
    assert (refusal.status, refusal.field) == (422, "credit_code")
    assert refusal.sentence == (
        "统一社会信用代码校验位不符：第 18 位为“K”，按前 17 位计算应为“{L}”，请逐位核对。"
    )


def test_every_sentence_is_chinese_and_names_only_known_details():
    allowed = {
        "length",
        "position",
        "character",
        "suggestion",
        "found",
        "expected",
        "prefix",
        "number",
        "longest",
    }
    allowed |= {"decimals", "text", "date", "limit", "division"}
    for code, sentence in SENTENCES.items():
        named = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
        assert named <= allowed, code
        assert sentence.endswith("。"), code


@given(st.text(max_size=60))
def test_no_text_makes_anything_but_a_value_or_a_value_problem(text):
    checks = [validators.credit_code, validators.mobile, validators.email, validators.name_text]
    checks += [validators.amount_wan, validators.date_text, validators.sme_number, validators.hightech_number]
    checks += [validators.number_pattern, lambda raw: validators.division_code(raw, {"650104"})]
    for check in checks:
        try:
            check(text)
        except ValueProblem as refusal:
            assert "{" not in SENTENCES[refusal.code] or refusal.detail
