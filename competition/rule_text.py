"""The rules of an edition as the text an enterprise reads: made from their data once, frozen with the version.

Shape: a list of sections {title, lines: [sentence], tables: [{head: [text], rows: [[text]]}]}, plain data of text
alone, so that a page, a preview and a receipt show the same words for ever, whatever a later release would say.
Pure. The conditions are those of DOMAIN.md 1.1 and 1.2, the parameters those of 8.1.
"""

from collections.abc import Mapping
from typing import Any

from competition.enums import AttachmentKind, Group
from core.money import wan

LEVELS = {"national": "全国", "provincial": "自治区", "city": "地州市"}
DIMENSIONS = {"region": "赛区", "track": "行业", "group": "组别"}
SHOWS = {"name": "名单", "rank": "名单和名次", "score": "名单、名次和得分"}
TIES = {
    "earlier_round": "上一轮成绩高者优先",
    "panel_decision": "评委组合议并记录",
    "both_advance": "并列同时晋级",
}
Section = dict[str, Any]


def sections(content: Mapping[str, Any], places: Mapping[str, str]) -> list[Section]:
    """`content` is a version of the rules as plain data; `places` names divisions by code."""
    return [
        _times(content),
        _conditions(content["eligibility"]),
        _repeats(content["eligibility"]),
        _groups(content["eligibility"]),
        _materials(content),
        _areas(content, places),
        *_criteria(content),
        _rounds(content),
        _notice(content),
    ]


def _section(title: str, *lines: str, tables: tuple[dict, ...] = ()) -> Section:
    return {"title": title, "lines": [line for line in lines if line], "tables": list(tables)}


def _table(head: list[str], rows: list[list[str]]) -> dict:
    return {"head": head, "rows": rows}


def _times(content: Mapping[str, Any]) -> Section:
    moments = content.get("moments") or {}
    return _section(
        "时间",
        *(f"{label}：{moments[name]}。" for name, label in MOMENTS if moments.get(name)),
        "以上为北京时间，以服务器收到请求的时刻为准。截止时刻之内提交的予以接收，之后提交的不予接收，不设宽限；截止前保存的草稿予以保留。",
    )


MOMENTS = (("opens_at", "报名开始"), ("account_deadline", "注册截止"), ("entry_deadline", "报名截止"))


def _conditions(who: Mapping[str, Any]) -> Section:
    revenue = who["entry_revenue_max_fen"]
    return _section(
        "参赛条件",
        "在参赛地域内注册、具有独立法人资格的企业。",
        f"注册（成立）日期不早于 {who['founded_from']}（含当日）。" if who["founded_from"] else "",
        f"{who['revenue_year']} 年度营业收入不超过 {wan(revenue)} 万元（含）。"
        if revenue is not None
        else "",
        "非上市企业。" if who["listed_barred"] else "",
        _property(who),
        "经营规范、社会信誉良好、无不良记录，并签署真实性与信用承诺。" if who["integrity_required"] else "",
        _number(who),
    )


def _property(who: Mapping[str, Any]) -> str:
    if not who["ip_min"]:
        return ""
    pending = "；初创组可以用已受理的申请" if who["ip_pending_ok_for_startup"] else ""
    return f"拥有已授权的知识产权不少于 {who['ip_min']} 件，无产权纠纷{pending}。"


def _number(who: Mapping[str, Any]) -> str:
    if who["number_required_at"] is None:
        return ""
    when = "推荐全国赛前" if who["number_required_at"] == "recommendation" else "报名时"
    whom = "成长组" if who["number_exempts_startup"] else "各组"
    other = "或有效的高新技术企业证书编号" if who["hightech_accepted"] else ""
    years = "、".join(str(year) for year in who["sme_number_years"])
    return f"{whom}{when}须取得科技型中小企业入库登记编号{f'（{years} 年）' if years else ''}{other}。"


def _repeats(who: Mapping[str, Any]) -> Section:
    cap, unfinished, other = who["award_cap"], who["unfinished_acceptance"], who["other_entry"]
    better = "，再次获奖须为更高等次或另一组别" if cap and cap["must_improve"] else ""
    return _section(
        "重复参赛",
        _barred(who["national_winner"]),
        _barred(who["recent_winner"]),
        f"在{_levels(cap)}赛获奖累计不超过 {cap['most']} 次{better}。" if cap else "",
        f"在往届{_levels(who['repeat_winner'])}赛获奖的企业可以参赛，但只能获鼓励奖。"
        if who["repeat_winner"]
        else "",
        _either("往届奖励项目尚未通过验收的", unfinished),
        _either("同一年度已参加本系统其他届次（分赛）的", other),
    )


def _barred(bar: Mapping[str, Any] | None) -> str:
    if not bar:
        return ""
    since = f"近 {bar['within_years']} 年" if bar["within_years"] else "曾"
    return f"{since}在{_levels(bar)}赛获一、二、三等奖的企业不得参赛。"


def _levels(bar: Mapping[str, Any]) -> str:
    return "、".join(LEVELS[level] for level in LEVELS if level in bar["levels"])


def _either(what: str, outcome: str | None) -> str:
    return f"{what}，{'不得参赛' if outcome == 'fail' else '由审核人核实'}。" if outcome else ""


def _groups(who: Mapping[str, Any]) -> Section:
    return _section(
        "组别",
        f"组别由注册日期自动判定：{who['startup_from']}（含）及以后注册的属初创组，之前注册的属成长组。",
    )


def _materials(content: Mapping[str, Any]) -> Section:
    kinds = "、".join(AttachmentKind(kind).label for kind in content["required_attachments"])
    limits = content.get("text_limits") or {}
    return _section(
        "报名材料",
        f"须上传：{kinds}。" if kinds else "没有必须上传的附件。",
        *(f"{item['label']}不超过 {item['most']} 字。" for item in limits.values()),
        "参赛不收取任何费用。",
    )


def _areas(content: Mapping[str, Any], places: Mapping[str, str]) -> Section:
    rows = [
        [region["name"], region["host"] or "—", "、".join(places.get(c, c) for c in region["prefectures"])]
        for region in content["regions"]
    ]
    names = {track["code"]: track["name"] for track in content["tracks"]}
    joint = [
        f"{track['name']}与{names[track['room_of']]}合并在同一评审室评审、排名。"
        for track in content["tracks"]
        if track.get("room_of") in names
    ]
    guests = [places.get(code, code) for code in content["eligibility"]["guest_divisions"]]
    return _section(
        "行业与赛区",
        f"行业：{'、'.join(names.values())}。",
        *joint,
        f"受邀参赛：{'、'.join(guests)}。" if guests else "",
        tables=(_table(["赛区", "承办单位", "包含的地州市"], rows),),
    )


def _criteria(content: Mapping[str, Any]) -> list[Section]:
    """The edition's criteria, then those of the rounds that have their own."""
    found = [_section("评分标准", tables=tuple(_group_tables(content["criteria"])))]
    for stage in content["stages"]:
        if any((stage.get("criteria") or {}).values()):
            tables = tuple(_group_tables(stage["criteria"]))
            found.append(_section(f"{stage['name']}的评分标准", tables=tables))
    return found


def _group_tables(criteria: Mapping[str, list[Mapping[str, Any]]]) -> list[dict]:
    return [
        _table(
            [f"{group.label}评分项", "满分", "要点"],
            [[row["name"], _worth(row), row["hint"] or "—"] for row in criteria[group]],
        )
        for group in Group
        if criteria.get(group)
    ]


def _worth(row: Mapping[str, Any]) -> str:
    points = _points(row["max_hundredths"])
    ten = row.get("mode") == "ten_point"
    return f"{points}（10 分 × {_points(row['max_hundredths'] // 10)}）" if ten else points


def _points(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def _rounds(content: Mapping[str, Any]) -> Section:
    rows = [
        [
            stage["name"],
            _panel(stage),
            f"{stage['pitch_minutes']} + {stage['answer_minutes']} 分钟",
            _scoring(stage),
            quota_words(stage["quota"], content.get("unit_names") or {}),
            "、".join(_switches(stage)) or "—",
        ]
        for stage in content["stages"]
    ]
    head = ["轮次", "评委", "路演与答辩", "计分", "晋级", "其他"]
    ties = [f"{stage['name']}同分时：{_ties(stage, content)}。" for stage in content["stages"]]
    return _section("轮次", *ties, tables=(_table(head, rows),))


def _panel(stage: Mapping[str, Any]) -> str:
    second = stage.get("second_panel")
    return f"{stage['panel_size']} 人" + (f"，{second['name']} {second['size']} 人" if second else "")


def _scoring(stage: Mapping[str, Any]) -> str:
    if stage["aggregation"] == "trimmed":
        how = f"去掉 {stage['drop_high']} 个最高分、{stage['drop_low']} 个最低分后平均"
    else:
        how = "全体评委平均"
    return f"{how}，最小单位 {_step(stage['score_step'])} 分{_second_panel(stage)}{_second_look(stage)}"


def _second_panel(stage: Mapping[str, Any]) -> str:
    second = stage.get("second_panel")
    if not second:
        return ""
    if not second["weight"]:
        return f"；{second['name']}只给人气分，不计入"
    rest = 100 - second["weight"]
    return f"；评委 {rest}%、{second['name']} {second['weight']}%，各自按上法计分后相加"


def _second_look(stage: Mapping[str, Any]) -> str:
    look = stage.get("second_look")
    if not look:
        return ""
    if look["how"] == "pooled":
        return "；复评分与评委分一起计入"
    return f"；复评平均分占 {look['weight']}%，原得分占 {100 - look['weight']}%"


def _step(hundredths: int) -> str:
    return {1: "0.01", 10: "0.1", 50: "0.5", 100: "1"}[hundredths]


def _switches(stage: Mapping[str, Any]) -> list[str]:
    return [
        *(["晋级名单公示"] if stage["has_notice"] else []),
        *(["弃赛后依序递补"] if stage["quota"] and stage["backfill"] else []),
        *(["晋级企业在下一轮前接受尽职调查"] if stage.get("visits_after") else []),
        *(["全国赛推荐依据本轮成绩"] if stage.get("recommends") else []),
    ]


def _ties(stage: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    names = {row["code"]: row["name"] for rows in _all_criteria(stage, content) for row in rows}
    words = [
        TIES.get(step) or f"“{names.get(step.partition(':')[2], step.partition(':')[2])}”得分高者优先"
        for step in stage["tie_chain"]
    ]
    return "；仍相同时，".join(words) or "由评委组决定"


def _all_criteria(stage: Mapping[str, Any], content: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    own = [rows for rows in (stage.get("criteria") or {}).values() if rows]
    return own or list(content["criteria"].values())


def quota_words(quota: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """How many advance, in words; `names` words the values that units are made of (region ids, track codes)."""
    if not quota:
        return "末轮，按名次决出结果"
    units = "、".join(DIMENSIONS[name] for name in quota.get("by", ()))
    each = f"每个{units}单元" if units else "全部项目"
    places = quota["places"]
    if places["kind"] == "share":
        words = f"共 {places['total']} 个名额，按各{units or '单元'}有效报名数分配"
        words += f"，每单元至少 {places['at_least']} 个" if places.get("at_least") else ""
        words += f"，至多 {places['at_most']} 个" if places.get("at_most") else ""
        return words
    if places["kind"] == "percent":
        points = places["basis_points"]
        return f"{each}前 {_points(points)}%"
    table = "；".join(
        f"{''.join(names.get(value, value) for value in unit)} {number} 个"
        for unit, number in places.get("table", ())
    )
    return f"{each} {places.get('otherwise', 0)} 个" + (f"（其中 {table}）" if table else "")


def _notice(content: Mapping[str, Any]) -> Section:
    notice = content["notice"]
    counted = "发布当日计入" if notice["counts_first"] else "自次日起算"
    return _section(
        "公示与推荐",
        f"获奖结果公示 {notice['days']} 个工作日（{counted}），公示{SHOWS[notice['shows']]}。",
        f"推荐全国赛名额 {content['recommendation_quota']} 个。" if content["recommendation_quota"] else "",
    )


def lines_of(section: Section) -> list[str]:
    """Every line of a section as one text each, rows of its tables included."""
    rows = [" ｜ ".join(row) for table in section["tables"] for row in table["rows"]]
    return [*section["lines"], *rows]


def changes(before: list[Section], after: list[Section]) -> list[dict[str, Any]]:
    """What differs, section by section: {title, removed: [line], added: [line]}; empty for the same text."""
    old = {section["title"]: lines_of(section) for section in before}
    new = {section["title"]: lines_of(section) for section in after}
    found = []
    for title in dict.fromkeys([*old, *new]):
        was, now = old.get(title, []), new.get(title, [])
        removed, added = [line for line in was if line not in now], [line for line in now if line not in was]
        if not removed and not added and was != now:
            removed, added = was, now  # the same lines in another order
        if removed or added:
            found.append({"title": title, "removed": removed, "added": added})
    return found
