"""Funds drawn at random: clean, nothing is found; with one mistake made at random, that mistake and no other."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from core.money import FEN_PER_WAN, wan
from fund.reconciliation import reconcile
from fund.records import TreeLine

from .generated_fund import Draw, Fund
from .sample_fund import row

SEEDS = range(12)
ANY = object()
STEP = 10_000
# (rule, ref_code, expected, found, difference); ANY where the mistake does not fix it.
Expected = tuple[object, ...]
Mutation = Callable[[Fund, random.Random], list[Expected] | None]


def drawn(seed: int, *, text: bool = True) -> Fund:
    return Draw(seed, deep=seed % 3 == 0, programmes=1 if seed % 7 == 0 else None).fund(text=text)


def found(fund: Fund) -> list[Expected]:
    return [
        (f.rule, f.ref_code, f.expected, f.found, f.difference)
        for f in reconcile(fund.tree, fund.table, fund.text)
    ]


def agrees(one: Expected, other: Expected) -> bool:
    return all(a is ANY or a == b for a, b in zip(one, other, strict=True))


def leaves(fund: Fund) -> list[TreeLine]:
    parents = {line.parent_code for line in fund.tree}
    return [line for line in fund.tree if line.code not in parents]


def put(fund: Fund, line: TreeLine, **changes) -> TreeLine:
    changed = replace(line, **changes)
    fund.tree[fund.tree.index(line)] = changed
    return changed


def put_row(fund: Fund, place: int, **changes) -> None:
    fund.table[place] = replace(fund.table[place], **changes)


def chosen_row(fund: Fund, dice: random.Random, *units: str) -> int | None:
    places = [place for place, each in enumerate(fund.table) if each.unit in units]
    return dice.choice(places) if places else None


def own(fund: Fund, name: str, *cells) -> None:
    fund.table.append(row(fund.table[0].programme, *cells[:2], name, *cells[2:]))


def splice(text: str, match: re.Match, new: str, group: int = 0) -> str:
    return text[: match.start(group)] + new + text[match.end(group) :]


# --- the mistakes ---------------------------------------------------------------------------------------


def wrong_leaf(fund, dice):
    line, gap, root, fund.text = dice.choice(leaves(fund)), dice.randint(1, 99) * STEP, fund.tree[0], None
    put(fund, line, amount_fen=line.amount_fen + gap)
    above = fund.line(line.parent_code)
    return [
        ("sum_mismatch", above.code, above.amount_fen, above.amount_fen + gap, gap),
        ("leaf_total_mismatch", root.code, root.amount_fen, root.amount_fen + gap, gap),
    ]


def wrong_line_in_the_middle(fund, dice):
    inner = [line for line in fund.tree if line.parent_code and fund.children(line.code)]
    line, gap, fund.text = dice.choice(inner), dice.randint(1, 99) * STEP, None
    put(fund, line, amount_fen=line.amount_fen + gap)
    return [("sum_mismatch", line.code, line.amount_fen + gap, line.amount_fen, -gap)]


def wrong_root(fund, dice):
    root, fund.text = fund.tree[0], None
    put(fund, root, amount_fen=root.amount_fen - STEP)
    return [("sum_mismatch", root.code, root.amount_fen - STEP, root.amount_fen, STEP)]


def unstated_leaf(fund, dice):
    line, fund.text = dice.choice([line for line in leaves(fund) if line.amount_fen]), None
    put(fund, line, amount_fen=None)
    return [("missing_field", line.code, None, None, None)]


def negative_leaf_that_balances(fund, dice):
    line, other = dice.sample(fund.children(dice.choice(leaves(fund)).parent_code), 2)
    if not line.amount_fen:
        return None
    fund.text = None
    put(fund, other, amount_fen=other.amount_fen + 2 * line.amount_fen)
    put(fund, line, amount_fen=-line.amount_fen)
    return [("unmeasurable", line.code, None, -line.amount_fen, None)]


def wrong_number_of_items(fund, dice):
    above, total, fund.text = fund.line(dice.choice(leaves(fund)).parent_code), 0, None
    for child in fund.children(above.code):
        total += put(fund, child, item_count=dice.randint(2, 40)).item_count
    put(fund, above, item_count=total + 3)
    return [("count_mismatch", above.code, total + 3, total, -3)]


def wrong_amount_in_text(fund, dice):
    amounts = [m for m in re.finditer(r"[\d,.]+(?=万元)", fund.text) if m[0] != "0"]
    chosen = dice.choice(amounts)
    meant = round(Decimal(chosen[0].replace(",", "")) * FEN_PER_WAN)
    said = round(Decimal("1" + chosen[0].replace(",", "")) * FEN_PER_WAN)
    fund.text = splice(fund.text, chosen, "1" + chosen[0].replace(",", ""))
    return [("claim_vs_ledger", ANY, meant, said, said - meant)]


def money_counted_in_items(fund, dice):
    spent = [m for m in re.finditer(r"(?:拨款|经费|资金)([\d,.]+)(万元)", fund.text) if m[1] != "0"]
    chosen = dice.choice(spent)
    meant = round(Decimal(chosen[1].replace(",", "")) * FEN_PER_WAN)
    fund.text = splice(fund.text, chosen, "项", group=2)
    return [("unit_error", ANY, meant, None, 0)]


def money_without_unit(fund, dice):
    spent = [m for m in re.finditer(r"(?:拨款|经费|资金)([\d,.]+)(万元)", fund.text) if m[1] != "0"]
    chosen = dice.choice(spent)
    meant = round(Decimal(chosen[1].replace(",", "")) * FEN_PER_WAN)
    fund.text = splice(fund.text, chosen, "万", group=2)
    return [("unit_missing", ANY, meant, meant, 0)]


def wrong_count_in_text(fund, dice):
    counts = list(re.finditer(r"项目(\d+)(?=[个项])", fund.text))
    if not counts:
        return None
    chosen = dice.choice(counts)
    meant = int(chosen[1])
    fund.text = splice(fund.text, chosen, str(meant + 2), group=1)
    return [("count_mismatch", ANY, meant, meant + 2, 2)]


def table_quoted_wrongly_in_text(fund, dice):
    place = chosen_row(fund, dice, "个", "人")
    if place is None:
        return None
    quoted = fund.table[place]
    value = int(quoted.actual_value)
    fund.text += f"\n{quoted.programme}{quoted.name}{value + 5}{quoted.unit}。"
    line = next(line for line in fund.tree if line.name == quoted.programme)
    return [("count_mismatch", line.code, value, value + 5, 5)]


def fuzzy_result(fund, dice):
    place = chosen_row(fund, dice, "个", "人")
    if place is None:
        return None
    value, unit = fund.table[place].actual_value, fund.table[place].unit
    forms = (
        "{}余{}",
        "约{}{}",
        "{}{}左右",
        "{}多{}",
        "近{}{}",
        "{}{}以上",
        "不少于{}{}",
        "{}{}上下",
        "逾{}{}",
    )
    worded = dice.choice([*forms, "{}+{}", "上百{1}", "几十{1}"]).format(value, unit)
    put_row(fund, place, actual_text=worded)
    return [("fuzzy_number", ANY, None, None, None)]


def percentage_of_nothing(fund, dice):
    name = dice.choice(["推动产业繁荣", "资金使用规范", "群众获得感增强", "项目管理到位"])
    own(fund, name, "效益指标", "社会效益指标", "100%", "100%", (100, 100), "%", "at_least")
    return [("unmeasurable", ANY, None, None, None)]


def wording_copied(fund, dice):
    places = [place for place, each in enumerate(fund.table) if each.direction == "qualitative"]
    for place in places:
        put_row(fund, place, actual_text=fund.table[place].target_text)
    return [("copied_actual", fund.tree[0].code, len(fund.table), len(places), None)] if places else None


def row_repeated_with_another_value(fund, dice):
    place = chosen_row(fund, dice, "个", "人")
    if place is None:
        return None
    twin, value = fund.table[place], fund.table[place].actual_value + 3
    fund.table.append(replace(twin, actual_value=value, actual_text=f"{value}{twin.unit}"))
    return [("label_collision", ANY, None, None, None)]


def value_unlike_its_wording(fund, dice):
    place = chosen_row(fund, dice, "个", "人")
    if place is None:
        return None
    value = int(fund.table[place].actual_value)
    put_row(fund, place, actual_value=Decimal(value + 7))
    return [("claim_vs_ledger", ANY, value, value + 7, 7)]


def wrong_block(fund, dice):
    place = dice.randrange(len(fund.table))
    was = fund.table[place].level1
    put_row(fund, place, level1="产出指标" if was == "满意度指标" else "满意度指标")
    return [("misplaced_indicator", ANY, None, None, None)]


def money_filed_as_output(fund, dice):
    value = Decimal(fund.tree[1].amount_fen) / FEN_PER_WAN
    own(fund, "项目资金", "产出指标", "数量指标", *[f"{value}万元"] * 2, (value, value), "万元", "equal")
    return [("misplaced_indicator", ANY, None, None, None)]


def money_unlike_the_line(fund, dice):
    line = fund.tree[1]
    planned, said = (Decimal(line.amount_fen + gap) / FEN_PER_WAN for gap in (0, STEP))
    own(
        fund,
        "项目资金",
        "产出指标",
        "成本指标",
        f"{planned}万元",
        f"{said}万元",
        (planned, said),
        "万元",
        "equal",
    )
    return [("claim_vs_ledger", ANY, line.amount_fen, line.amount_fen + STEP, STEP)]


def yuan_for_ten_thousands(fund, dice):
    value = Decimal(fund.tree[1].amount_fen) / FEN_PER_WAN
    own(
        fund,
        "项目资金",
        "产出指标",
        "成本指标",
        f"{value}万元",
        f"{value}元",
        (value, value),
        "万元",
        "equal",
    )
    return [("unit_error", ANY, ANY, ANY, ANY)]


def row_without_result(fund, dice):
    put_row(fund, dice.randrange(len(fund.table)), actual_text="", actual_value=None)
    return [("missing_field", ANY, None, None, None)]


def rate_unlike_its_fraction(fund, dice):
    places = [place for place, each in enumerate(fund.table) if "/200" in each.actual_text]
    if not places:
        return None
    text = fund.table[places[0]].actual_text
    part = int(re.search(r"（(\d+)/", text)[1])
    put_row(fund, places[0], actual_text=text.replace(f"{part}/", f"{part - 20}/"))
    return [("derived_check", ANY, ANY, ANY, 10)]


def rate_unlike_its_columns(fund, dice):
    place = chosen_row(fund, dice, "%")
    if place is None:
        return None
    said = f"{fund.table[place].actual_value}%"
    put_row(fund, place, actual_text=said, numerator=Decimal(50), denominator=Decimal(100))
    return [("derived_check", ANY, 50, ANY, ANY)]


def rate_above_the_whole(fund, dice):
    places = [place for place, each in enumerate(fund.table) if "合格率" in each.name]
    if not places:
        return None
    put_row(fund, places[0], actual_text="104%", actual_value=Decimal(104))
    return [("unmeasurable", ANY, None, None, None)]


def execution_rate_unlike_its_amounts(fund, dice):
    whole = fund.tree[0].amount_fen
    fund.text += f"\n全年预算{wan(whole)}万元，实际支出{wan(whole * 9 // 10)}万元，执行率98%。"
    return [("derived_check", ANY, 90, 98, 8)]


def remainder_unlike_its_amounts(fund, dice):
    fund.text += "\n某项预算500万元，实际支出420万元，结余90万元。"
    return [("derived_check", ANY, 80_000_000, 90_000_000, 10_000_000)]


def weights_that_do_not_sum(fund, dice):
    for place in range(len(fund.table)):
        put_row(fund, place, weight=Decimal(2))
    total = 2 * len(fund.table)
    return [("sum_mismatch", fund.tree[0].code, 90, total, total - 90)]


def row_without_weight(fund, dice):
    put_row(fund, 0, weight=Decimal(90))
    return [("missing_field", fund.tree[0].code, None, None, None)] if len(fund.table) > 1 else None


def prizes_unlike_their_total(fund, dice):
    fund.text += "\n一等奖2名，每名50万元；二等奖4名，每名30万元；三等奖6名，每名10万元，共300万元。"
    return [("derived_check", fund.tree[0].code, 280_000_000, 300_000_000, 20_000_000)]


def winners_unlike_their_tiers(fund, dice):
    fund.text += "\n评选获奖企业55家，其中一等奖3家、二等奖6家、三等奖12家、优秀奖30家。"
    return [("count_mismatch", fund.tree[0].code, 55, 51, -4)]


def prize_money_unlike_its_tiers(fund, dice):
    fund.text += "\n发放奖金280万元，其中一等奖100万元、二等奖120万元、三等奖80万元。"
    return [("sum_mismatch", fund.tree[0].code, 280_000_000, 300_000_000, 20_000_000)]


def winners_unlike_their_rows(fund, dice):
    for name, value in (("获奖团队", 30), ("一等奖", 3), ("二等奖", 9), ("三等奖", 17)):
        own(
            fund,
            name,
            "产出指标",
            "数量指标",
            f"{value - 1}个",
            f"{value}个",
            (value - 1, value),
            "个",
            "at_least",
        )
    return [("count_mismatch", ANY, 30, 29, -1)]


def two_periods(fund, dice):
    name = fund.tree[1].name
    own(
        fund,
        "项目实施期",
        "产出指标",
        "时效指标",
        "实施期2年",
        "项目实施期2年，按期结束",
        (2, 2),
        "年",
        "equal",
    )
    fund.table[-1] = replace(fund.table[-1], programme=name)
    fund.text += f"\n{name}项目执行期为三年。"
    return [("period_mismatch", fund.tree[1].code, 3, 2, -1)]


def goal_of_several_years(fund, dice):
    place = chosen_row(fund, dice, "个")
    if place is None:
        return None
    goal = fund.table[place]
    name = goal.name.removesuffix("数量")
    fund.text += f"\n{fund.year - 1}年至{fund.year + 2}年，{goal.programme}{name}{goal.target_value * 4}个。"
    return [("goal_vs_year", ANY, None, None, None)]


def two_denominators(fund, dice):
    fund.text += "\n覆盖全省12个地州市。\n培训面向13个地州市。"
    return [("coverage_denominator", fund.tree[0].code, None, None, None)]


def each_for_total(fund, dice):
    own(
        fund,
        "带动农户",
        "效益指标",
        "社会效益指标",
        "每个项目带动40户",
        "40户参与",
        (40, 40),
        "户/项目",
        "at_least",
    )
    return [("scope_mismatch", ANY, "40/项目", 40, None)]


def claim_unlike_the_line(fund, dice):
    line = dice.choice([line for line in leaves(fund) if line.item_count])
    kinds = (("预期", "indicator_target", 0, 0), ("实际", "indicator_actual", STEP, 0))
    for word, kind, gap, items in kinds:
        name, fen = f"指标表：建设资金（{word}）", line.amount_fen + gap
        fund.tree.append(TreeLine(f"{line.code}-{kind}", line.code, name, fen, kind, line.item_count + items))
    return [("claim_vs_ledger", line.code, line.amount_fen, line.amount_fen + STEP, STEP)]


def items_unlike_the_line(fund, dice):
    line = dice.choice([line for line in leaves(fund) if line.item_count])
    name, count = "指标表：建设资金（实际）", line.item_count
    fund.tree.append(
        TreeLine(f"{line.code}-R", line.code, name, line.amount_fen, "indicator_actual", count - 1)
    )
    return [("count_mismatch", line.code, count, count - 1, -1)]


MUTATIONS: tuple[Mutation, ...] = (
    wrong_leaf,
    wrong_line_in_the_middle,
    wrong_root,
    unstated_leaf,
    negative_leaf_that_balances,
    wrong_number_of_items,
    wrong_amount_in_text,
    money_counted_in_items,
    money_without_unit,
    wrong_count_in_text,
    table_quoted_wrongly_in_text,
    fuzzy_result,
    percentage_of_nothing,
    wording_copied,
    row_repeated_with_another_value,
    value_unlike_its_wording,
    wrong_block,
    money_filed_as_output,
    money_unlike_the_line,
    yuan_for_ten_thousands,
    row_without_result,
    rate_unlike_its_fraction,
    rate_unlike_its_columns,
    rate_above_the_whole,
    execution_rate_unlike_its_amounts,
    remainder_unlike_its_amounts,
    weights_that_do_not_sum,
    row_without_weight,
    prizes_unlike_their_total,
    winners_unlike_their_tiers,
    prize_money_unlike_its_tiers,
    winners_unlike_their_rows,
    two_periods,
    goal_of_several_years,
    two_denominators,
    each_for_total,
    claim_unlike_the_line,
    items_unlike_the_line,
)


@pytest.mark.parametrize("seed", range(40))
def test_clean_funds_give_nothing(seed):
    fund = drawn(seed)
    assert [
        found(replace(fund, table=table, text=text))
        for table in (fund.table, [])
        for text in (fund.text, None)
    ] == [[]] * 4


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
def test_one_mistake_is_found_where_it_is_and_nothing_else(mutate):
    made, wrong = 0, []
    for seed in SEEDS:
        fund, dice = drawn(seed), random.Random(seed)
        expected = mutate(fund, dice)
        if expected is None:
            continue
        made += 1
        got = found(fund)
        if len(got) != len(expected) or not all(map(agrees, expected, got)):
            wrong.append((seed, expected, got))
    assert (made > 3, wrong) == (True, [])


@pytest.mark.parametrize("seed", range(12))
def test_two_mistakes_far_apart_are_both_found(seed):
    fund, dice = drawn(seed), random.Random(seed)
    expected = [*wrong_leaf(fund, dice), *percentage_of_nothing(fund, dice)]
    got = found(fund)
    assert (len(got), all(any(agrees(one, other) for other in got) for one in expected)) == (3, True)


INNOCENT = (
    "评选获奖企业55家，其中一等奖3家、二等奖6家、三等奖12家、优秀奖34家。",
    "评选获奖企业55家，其中一等奖3家、二等奖6家、三等奖12家等。",
    "一等奖2名，每名50万元；二等奖4名，每名30万元；三等奖6名，每名10万元，共发放奖金280万元。",
    "发放奖金280万元，其中一等奖100万元、二等奖120万元、三等奖60万元。",
    "某项预算500万元，实际支出420万元，执行率84%，结余80万元。",
    "截至11月底，已支付7.5万元，执行率75.3%。",
    "组织培训12期，共培训1,260人次，人均成本350元，其中少数民族学员430人、女学员510人。",
    "组织专家对40个项目进行评审，通过32个，通过率80%。",
    "受理申报项目120个，推荐立项68项。",
    "项目单位自筹资金300万元，撬动社会资本1.2亿元。",
    "面向14个地州市，其中南疆5个地州市。",
    "建立专家库（含院士2人、教授35人）。",
    "{programme}实施方案于{year}年3月印发，{programme}管理办法共6章32条。",
    "{programme}累计支持项目320个，投入资金4.5亿元。",
    "{programme}上年结转3项，本年新增5项。",
    "{programme}资金下达后，分两批拨付，第一批拨付60%，第二批拨付40%。",
    "一是加强{programme}资金监管，抽查12个单位，追回资金3.2万元。",
    "审计发现{programme}存在2个问题，涉及资金15万元，已整改。",
    "{programme}专家评审费2.3万元，差旅费1.1万元。",
    "{programme}于6月30日拨付资金5万元至各单位，12月再拨付4万元。",
    "{programme}首批拨款3万元。",
    "其中{programme}中央资金2万元、自治区资金3万元。",
)


@pytest.mark.parametrize("sentence", INNOCENT)
def test_sentences_that_contradict_nothing(sentence):
    wrong = []
    for seed in SEEDS:
        fund = drawn(seed)
        fund.text += "\n二、资金使用\n" + sentence.format(programme=fund.tree[1].name, year=fund.year)
        wrong += found(fund)
    assert wrong == []
