"""核对证据包并重算排名 (checks an evidence pack and recomputes its ranking).

只用 Python 3.8 以上的标准库，不联网，不读证据包以外的文件：

    python3 recompute.py                      在解压后的文件夹里运行
    python3 recompute.py --seal-key-file F    另用系统封签密钥核对审计记录的内容

全部一致时退出状态为 0；否则逐条写明项目和两个数字，退出状态为 1。
All arithmetic is exact: fractions, never binary floating point; rounding is half up (四舍五入), in one place.
"""

import csv
import hashlib
import hmac
import io
import json
import sys
from fractions import Fraction
from pathlib import Path

AGGREGATIONS = {"mean": "全体评委平均", "trimmed": "去掉最高分和最低分后平均"}
STEPS = {"earlier_round": "上一轮成绩", "panel_decision": "评委组合议", "both_advance": "并列同时晋级"}
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


# ---- 读文件 reading ------------------------------------------------------------------------------


def read_json(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"))


def read_csv(folder, name):
    """Rows as dicts. The files begin with a byte order mark, so that Excel shows Chinese."""
    return list(csv.DictReader(io.StringIO((folder / name).read_bytes().decode("utf-8-sig"), newline="")))


def canonical(content):
    """One byte string for one content: JSON with sorted keys, no spaces, Chinese as it is."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# ---- 数字 numbers --------------------------------------------------------------------------------


def half_up(exact, decimals):
    """四舍五入. Returns the rounded value as an exact fraction."""
    scaled = exact * 10**decimals
    return Fraction((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator), 10**decimals)


def shown(value, decimals=2):
    """A fraction as it is printed, for example 87.40."""
    units = half_up(value, decimals) * 10**decimals
    whole, rest = divmod(units.numerator, 10**decimals)
    return f"{whole}.{str(rest).zfill(decimals)}" if decimals else str(whole)


def mean(values):
    values = list(values)
    return sum(values, Fraction(0)) / len(values)


# ---- 一个项目的得分 one entry's score ------------------------------------------------------------


def sheet_total(marks, criteria):
    """各评分项：直接打分按原分相加，十分制按分数乘权重相加."""
    return sum((marks[code] * criteria[code]["weight"] for code in marks), Fraction(0))


def panel_score(sheets, rule):
    """One panel. A recused judge (回避) is left out, never zero; a missing sheet leaves no score (None)."""
    if any(sheet["total"] is None and sheet["state"] != "recused" for sheet in sheets):
        return None
    valid = sorted((s for s in sheets if s["total"] is not None), key=lambda s: (s["total"], s["judge"]))
    if not valid or len(valid) < rule["panel_minimum"]:
        return None
    drop_low, drop_high = rule["drop_low"], rule["drop_high"]
    needed = max(rule["min_scores_for_trim"], drop_low + drop_high + 1)
    trimmed = rule["aggregation"] == "trimmed"
    fallback = trimmed and len(valid) < needed  # 有效评分太少：取全部平均
    low, high = (drop_low, len(valid) - drop_high) if trimmed and not fallback else (0, len(valid))
    return {
        "exact": mean(sheet["total"] for sheet in valid[low:high]),
        "used": valid[low:high],
        "dropped_high": valid[high:],
        "dropped_low": valid[:low],
        "fallback": fallback,
    }


def entry_score(sheets, rule, looks=()):
    """一个项目的得分：一个评审团，或两个评审团加权（人气分不计入）；复评只按规则写明的方式计入."""
    how, weights = (rule.get("second_look") if looks else None), rule.get("panels")
    if how and how["how"] == "pooled":
        sheets = sheets + [dict(look, state="submitted", panel="main") for look in looks]
    if weights:
        own = {code: [sheet for sheet in sheets if sheet["panel"] == code] for code in weights}
        result = weighted({code: panel_score(own[code], rule) for code in weights}, weights)
    else:
        result = panel_score(sheets, rule)
    if how and how["how"] == "weighted":
        looks = sorted(looks, key=lambda look: (look["total"], look["judge"]))
        second = {"exact": mean(look["total"] for look in looks), "used": looks, "fallback": False}
        second.update(dropped_high=[], dropped_low=[])
        share = {"first": 100 - how["weight"], "second_look": how["weight"]}
        result = weighted({"first": result, "second_look": second}, share)
    return result


def weighted(results, weights):
    if any(result is None for result in results.values()):
        return None
    exact = sum((weights[code] * results[code]["exact"] for code in weights), Fraction(0))
    joined = {"exact": exact / sum(weights.values())}
    for name in ("used", "dropped_high", "dropped_low"):
        joined[name] = [sheet for code in sorted(weights) for sheet in results[code][name]]
    joined["fallback"] = any(result["fallback"] for result in results.values())
    return joined


def criterion_means(sheets, rule, criteria):
    """同分时比较的评分项得分：有效评分表的平均，两个评审团按占比；人气分和复评不参加."""
    weights = rule.get("panels") or {"": 1}
    given = {}
    for sheet in sheets:
        panel = sheet["panel"] if rule.get("panels") else ""
        if sheet["total"] is not None and panel in weights:
            given.setdefault(panel, []).append(sheet["marks"])
    means, whole = {}, sum(weights[panel] for panel in given)
    for code in {code for panel in given for marks in given[panel] for code in marks}:
        parts = (weights[p] * mean(marks.get(code, Fraction(0)) for marks in given[p]) for p in given)
        means[code] = sum(parts, Fraction(0)) / whole * criteria[code]["weight"]
    return means


# ---- 名次和同分 ranks and ties -------------------------------------------------------------------


def rank(entries, rule, decisions):
    """1, 2, 2, 4: highest first. Equal scores go through the tie chain the rules declare, step by step."""
    by_score = {}
    for entry in entries.values():
        value = half_up(entry["exact"], rule["decimals"]) if rule["round_before_ranking"] else entry["exact"]
        by_score.setdefault(value, []).append(entry)
    lines = []
    for value in sorted(by_score, reverse=True):
        blocks = [{"members": by_score[value], "step": ""}]
        for step in rule["tie_chain"]:
            blocks = [part for block in blocks for part in part_tie(step, block, decisions)]
        for block in blocks:
            place = len(lines) + 1
            for entry in sorted(block["members"], key=lambda member: member["entry"]):
                lines.append({"entry": entry["entry"], "rank": place, "step": block["step"]})
    return lines


def part_tie(step, block, decisions):
    members = block["members"]
    if len(members) == 1 or step == "both_advance":
        return [block]
    values = tie_values(step, members, decisions)
    if any(value is None for value in values.values()):
        return [block]  # this step cannot speak: a value or a decision is lacking
    parts = []
    for value in sorted(set(values.values()), reverse=True):
        parts.append([member for member in members if values[member["entry"]] == value])
    return [{"members": part, "step": step} for part in parts] if len(parts) > 1 else [block]


def tie_values(step, members, decisions):
    """What the step compares, the higher the better, by entry; None where it is not known."""
    if step == "earlier_round":
        return {member["entry"]: member["earlier"] for member in members}
    if step == "panel_decision":
        numbers = {member["entry"] for member in members}
        for decision in decisions:
            if numbers <= set(decision["order"]):
                return {number: -decision["order"].index(number) for number in numbers}
        return dict.fromkeys(numbers)
    code = step[len("criterion:") :]
    return {member["entry"]: member["criteria"].get(code) for member in members}


# ---- 由原始评分重算 from the raw files -----------------------------------------------------------


def load(folder):
    """The pack's contents in the form the functions above take."""
    about = read_json(folder, "ranking.json")
    criteria = {}
    for row in read_csv(folder, "criteria.csv"):
        criteria[row["code"]] = dict(row, weight=Fraction(row["weight"]), max=Fraction(row["max_points"]))
    marks = {}
    for row in read_csv(folder, "scores.csv"):
        marks.setdefault(row["sheet"], {})[row["criterion"]] = Fraction(row["mark"])
    entries = {}
    for row in read_csv(folder, "entries.csv"):
        earlier = Fraction(row["earlier_score"]) if row["earlier_score"] else None
        entries[row["entry"]] = {"entry": row["entry"], "earlier": earlier, "sheets": []}
    for row in read_csv(folder, "sheets.csv"):
        given = marks.get(row["sheet"], {})
        sheet = dict(row, judge=int(row["judge"]), marks=given, total=None, stored=row["total"])
        if row["state"] == "submitted":
            sheet["total"] = sheet_total(given, criteria)
        entries[row["entry"]]["sheets"].append(sheet)
    looks = load_looks(folder, criteria)
    for number, entry in entries.items():
        entry["looks"] = counted_looks(about, [look for look in looks if look["entry"] == number])
    return {
        "about": about,
        "criteria": criteria,
        "entries": entries,
        "looks": looks,
        "decisions": read_json(folder, "ties.json"),
    }


def load_looks(folder, criteria):
    looks = []
    for row in read_csv(folder, "second_looks.csv"):
        pairs = [part.split("=") for part in row["marks"].split(";") if part]
        look = dict(row, judge=int(row["judge"]), stored=row["total"], total=None)
        look["marks"] = {code: Fraction(mark) for code, mark in pairs}
        if row["state"] == "given":
            look["total"] = sheet_total(look["marks"], criteria)
        looks.append(look)
    return sorted(looks, key=lambda look: look["judge"])


def counted_looks(about, looks):
    """复评计入的条件：规则规定计入，由本排名之前的排名发起，且两位评委都已给分."""
    given = [row for row in looks if row["state"] == "given" and int(row["ranking"]) < about["ranking"]]
    return given if about["rule"].get("second_look") and len(given) >= 2 else []


def recompute(pack):
    """[{entry, rank, step, exact, score}] from the single marks alone."""
    rule, entries = pack["about"]["rule"], {}
    for number, entry in pack["entries"].items():
        result = entry_score(entry["sheets"], rule, entry["looks"])
        if result is not None:
            means = criterion_means(entry["sheets"], rule, pack["criteria"])
            entries[number] = dict(entry, criteria=means, **result)
    lines = rank(entries, rule, pack["decisions"])
    for line in lines:
        entry = entries[line["entry"]]
        line["exact"] = entry["exact"]
        line["score"] = shown(entry["exact"], rule["decimals"])
        line["used"] = [[s["judge"], shown(s["total"])] for s in entry["used"]]
    return lines


# ---- 逐项核对 the checks: each yields one sentence for each difference ---------------------------


def check_manifest(folder):
    """文件清单：每个文件的 SHA-256 与清单相同，没有多出或缺少的文件."""
    manifest, about = read_json(folder, "manifest.json"), read_json(folder, "ranking.json")
    listed = manifest["files"]
    if (manifest["format"], manifest["ranking"]) != (about["format"], about["ranking"]):
        yield "manifest.json 与 ranking.json 的格式或排名编号不同"
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(set(listed) | present - {"manifest.json"}):
        if name not in listed:
            yield f"文件 {name} 不在清单中"
        elif name not in present:
            yield f"清单中的文件 {name} 不存在"
        else:
            found = sha256((folder / name).read_bytes())
            if found != listed[name]:
                yield f"文件 {name} 与清单不符：清单 {str(listed[name])[:16]}…，实际 {found[:16]}…"


def check_totals(pack):
    """评分表：各项之和等于合计，且不超过满分."""
    for number, entry in pack["entries"].items():
        for sheet in entry["sheets"]:
            who = "{} 评委 {}".format(number, sheet["judge_name"])
            for code, mark in sheet["marks"].items():
                if not 0 <= mark <= pack["criteria"][code]["max"]:
                    yield f"{who} 的 {code} 得分 {shown(mark)} 超出范围"
            if sheet["state"] == "recused" and (sheet["marks"] or sheet["stored"]):
                yield f"{who} 已回避，却有分数"
            if sheet["total"] is not None and shown(sheet["total"]) != sheet["stored"]:
                yield "{} 合计：评分表 {}，各项之和 {}".format(who, sheet["stored"], shown(sheet["total"]))


def check_ranking(pack, folder):
    """排名：由原始评分重算的名次、得分、精确得分、同分处理与冻结的相同."""
    stored = read_csv(folder, "ranking.csv")
    again = {line["entry"]: (place, line) for place, line in enumerate(recompute(pack), 1)}
    for row in stored:
        if row["entry"] not in again:
            yield "{} 重算后没有成绩".format(row["entry"])
            continue
        place, line = again.pop(row["entry"])
        pairs = (
            ("得分", row["score"], line["score"]),
            ("精确得分", row["exact"], str(line["exact"])),
            ("名次", row["rank"], str(line["rank"])),
            ("次序", row["position"], str(place)),
            ("同分处理", row["tie_broken_by"], line["step"]),
        )
        for label, frozen, found in pairs:
            if frozen != found:
                yield "{} {}：冻结 {}，重算 {}".format(row["entry"], label, frozen or "无", found or "无")
    for number in sorted(set(pack["entries"]) - {row["entry"] for row in stored} - set(again)):
        yield f"{number} 没有有效成绩，也不在冻结的排名中"
    for number in sorted(again):
        yield f"{number} 有成绩，却不在冻结的排名中"


def check_hashes(pack, folder):
    """冻结哈希：评分输入、排名内容、竞赛规则三个哈希与冻结时记录的相同."""
    about = pack["about"]
    rows = read_json(folder, "rows.json")
    if sha256(canonical({"rows": rows})) != about["content_hash"]:
        yield "rows.json 与冻结时的内容哈希不符"
    if sha256(canonical(inputs_of(pack))) != about["inputs_hash"]:
        yield "评分表等输入与冻结时的输入哈希不符"
    if about["rules_sha256"] and sha256((folder / "rules.json").read_bytes()) != about["rules_sha256"]:
        yield "rules.json 与发布时的规则摘要不符"
    frozen = [[str(row[name]) for name in ("entry", "position", "rank", "exact")] for row in rows]
    table = read_csv(folder, "ranking.csv")
    if frozen != [[row[name] for name in ("entry", "position", "rank", "exact")] for row in table]:
        yield "ranking.csv 与 rows.json 不是同一个排名"


def inputs_of(pack):
    """What the frozen inputs hash covers; scores in whole hundredths of a point."""
    entries, panels = [], pack["about"]["rule"].get("panels")
    for number in sorted(pack["entries"]):
        entry = pack["entries"][number]
        rows = sorted(entry["sheets"], key=lambda sheet: sheet["judge"])
        sheets = [dict(given(row), **({"panel": row["panel"]} if panels else {})) for row in rows]
        found = {"entry": number, "earlier": hundredths(entry["earlier"]), "sheets": sheets}
        if entry["looks"]:
            found["second"] = [
                {name: value for name, value in given(look).items() if name != "state"}
                for look in entry["looks"]
            ]
        entries.append(found)
    decisions = [{"order": d["order"], "minutes": d["minutes"]} for d in pack["decisions"]]
    tops = {code: hundredths(row["max"] * row["weight"]) for code, row in pack["criteria"].items()}
    covered = {"entries": entries, "decisions": decisions, "criteria": tops}
    ten_point = [code for code, row in pack["criteria"].items() if row["mode"] == "ten_point"]
    return dict(covered, ten_point=ten_point) if ten_point else covered


def given(sheet):
    values = {code: hundredths(mark) for code, mark in sheet["marks"].items()}
    whole = {"judge": sheet["judge"], "state": sheet["state"]}
    return dict(whole, total=hundredths(sheet["total"]), values=values)


def hundredths(points):
    return None if points is None else int(points * 100)


def check_receipts(pack):
    """评委回执：由评分内容重新得出的回执，与系统保存的、评委手中的相同."""
    lines = []
    for number, entry in pack["entries"].items():
        for sheet in entry["sheets"]:
            if sheet["state"] != "submitted":
                continue
            lines.append("{} {}\n".format(sheet["sheet"], sheet["receipt"]))
            if sha256(receipt_text(sheet).encode("utf-8")) != sheet["receipt"]:
                yield "{} 评委 {} 的评分表与回执不符".format(number, sheet["judge_name"])
            elif receipt_code(sheet["sheet"], sheet["receipt"]) != sheet["receipt_code"]:
                yield "{} 评委 {} 的回执码有误".format(number, sheet["judge_name"])
    for look in pack["looks"]:
        fits = sha256(look_text(look).encode("utf-8")) == look["receipt"]
        if look["state"] == "given" and not (
            fits and receipt_code("F" + look["look"], look["receipt"]) == look["receipt_code"]
        ):
            yield "{} 评委 {} 的复评与回执不符".format(look["entry"], look["judge_name"])
    lines.sort(key=lambda line: int(line.split()[0]))
    if sha256("".join(lines).encode("ascii")) != pack["about"]["receipts_sha256"]:
        yield "全部回执的总摘要不符"


def check_looks(pack, folder):
    """复评：各项折算之和等于合计，未参加的没有分数，状态与审计记录相同."""
    for look in pack["looks"]:
        who = "{} 复评评委 {}".format(look["entry"], look["judge_name"])
        if look["total"] is not None and shown(look["total"]) != look["stored"]:
            yield "{} 合计：复评表 {}，各项之和 {}".format(who, look["stored"], shown(look["total"]))
        if look["state"] != "given" and (look["marks"] or look["stored"]):
            yield f"{who} 没有给分，却有分数"
    yield from state_differences(folder, "second_looks.csv", "second_look", "look")


def check_diagnoses(pack, folder):
    """诊断与提示：诊断所依据的输入和正式名次就是本包的；每条提示的内容摘要相符，状态与审计记录相同."""
    about, held = pack["about"], set()
    official = sorted((row["entry"], row["rank"], row["score"]) for row in read_csv(folder, "ranking.csv"))
    for made in read_json(folder, "diagnoses.json"):
        held.add(str(made["diagnosis"]))
        if made["ranking"] != about["ranking"]:
            continue  # 撤回前的排名的诊断，本包收入是因为复评由它发起
        lines = made["result"]["entries"]
        rows = sorted((x["entry"], str(x["rank"]), shown(Fraction(x["score"], 100))) for x in lines)
        if made["inputs_hash"] != about["inputs_hash"] or (rows and rows != official):
            yield "诊断 {} 所依据的不是本包的排名".format(made["diagnosis"])
    for row in read_csv(folder, "flags.csv"):
        what = {name: json.loads(row[name]) for name in ("judges", "entries")}
        if row["diagnosis"] not in held:
            yield "异常提示 {} 所属的诊断不在本包中".format(row["flag"])
        if sha256(canonical(dict(what, kind=row["kind"]))) != row["finding"]:
            yield "异常提示 {} 的评委或项目与内容摘要不符".format(row["flag"])
    for look in pack["looks"]:
        if look["diagnosis"] not in held:
            yield "复评 {} 所属的诊断不在本包中".format(look["look"])
    yield from state_differences(folder, "flags.csv", "anomaly_flag", "flag")


def state_differences(folder, name, table, column):
    """Rows whose state is not the one their last event in the trail left."""
    last = {}
    for line in (folder / "audit.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["subject_type"] == table and "state" in (event["after"] or {}):
            last[event["subject_id"]] = event["after"]["state"]
    for row in read_csv(folder, name):
        if last.get(row[column]) != row["state"]:
            words = (name, row[column], row["state"], last.get(row[column], "无"))
            yield "{} 第 {} 号状态：文件 {}，审计记录 {}".format(*words)


def receipt_text(sheet):
    lines = ["擂台评分回执 第1版", "评分表=" + sheet["sheet"], "项目编号=" + sheet["entry"]]
    lines += ["席位编号=" + sheet["seat"]]
    lines += ["{}={}".format(code, shown(sheet["marks"][code])) for code in sorted(sheet["marks"])]
    lines += ["合计=" + sheet["stored"], "评语=" + json.dumps(sheet["comment"], ensure_ascii=False)]
    lines += ["提交时间=" + sheet["submitted_at"], "内容封签=" + sheet["digest"]]
    return "\n".join(lines) + "\n"


def look_text(look):
    lines = ["擂台复评回执 第1版", "复评表=" + look["look"], "项目编号=" + look["entry"]]
    lines += ["评委编号={}".format(look["judge"])]
    lines += ["{}={}".format(code, shown(look["marks"][code])) for code in sorted(look["marks"])]
    lines += ["合计=" + look["stored"], "评语=" + json.dumps(look["comment"], ensure_ascii=False)]
    lines += ["提交时间=" + look["closed_at"], "内容封签=" + look["digest"]]
    return "\n".join(lines) + "\n"


def receipt_code(name, receipt):
    number = int(receipt, 16) >> 176
    letters = "".join(ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(16)))
    return "-".join([name] + [letters[start : start + 4] for start in range(0, 16, 4)])


def check_draws(folder):
    """抽签：按“种子|项目编号”的 SHA-256 排序，与公布的抽签号相同；名单哈希相同."""
    for session in read_json(folder, "draws.json"):
        numbers = sorted(row["entry"] for row in session["order"])
        if sha256(canonical(numbers)) != session["pool_hash"]:
            yield "场次 {} 的抽签名单与名单哈希不符".format(session["name"])
        order = sorted(numbers, key=lambda number: sha256((session["seed"] + "|" + number).encode("utf-8")))
        for row in session["order"]:
            place = order.index(row["entry"]) + 1
            if place != row["draw_number"]:
                yield "{} 抽签号：记录 {}，按种子算得 {}".format(row["entry"], row["draw_number"], place)


def check_signatures(pack, folder):
    """签字：签字时的内容摘要就是所附内容的摘要，且其中的合计就是各评分表的合计."""
    signed = {row["session"]: row for row in read_json(folder, "signed.json")}
    for row in read_csv(folder, "signatures.csv"):
        if sha256(canonical(signed[int(row["session"])])) != row["digest"]:
            yield "{}（{}）签字时的内容与所附内容不符".format(row["signer"], row["kind"])
    totals = {line[7]: line[6] for content in signed.values() for line in content["sheets"] if line[7]}
    for number, entry in pack["entries"].items():
        for sheet in entry["sheets"]:
            if sheet["state"] == "submitted" and totals.get(sheet["digest"]) != hundredths(sheet["total"]):
                yield "{} 评委 {} 的评分与签字确认的内容不符".format(number, sheet["judge_name"])


def check_chain(pack, folder, key=None):
    """审计链：节选的每条记录都接在前一条之后，中间没有缺号；冻结记录中的哈希就是本包的哈希."""
    seals = {int(row["seq"]): row["seal"] for row in read_csv(folder, "chain.csv")}
    if sorted(seals) != list(range(min(seals), max(seals) + 1)):
        yield "审计链的序号有缺"
    frozen = False
    for line in (folder / "audit.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        seal = event.pop("seal")
        number = event["seq"]
        if seals.get(number) != seal or seals.get(number - 1) != event["prev_hash"]:
            yield f"审计记录 {number} 没有接在前一条之后"
        if key and hmac.new(key, b"audit_event|" + canonical(event), hashlib.sha256).hexdigest() != seal:
            yield f"审计记录 {number} 的内容与封签不符"
        if event["action"] == "ranking.freeze" and event["subject_id"] == str(pack["about"]["ranking"]):
            kept = (event["after"]["inputs_hash"], event["after"]["content_hash"])
            frozen = kept == (pack["about"]["inputs_hash"], pack["about"]["content_hash"])
    if not frozen:
        yield "审计记录中没有与本包哈希相同的冻结记录"


# ---- 运行 run ------------------------------------------------------------------------------------


def run(folder, key=None):
    """(name of the check, its differences) in order; a file that cannot be read is a difference, not a crash."""
    steps = (
        ("文件清单", lambda: check_manifest(folder)),
        ("评分表合计", lambda: check_totals(load(folder))),
        ("重算排名", lambda: check_ranking(load(folder), folder)),
        ("冻结哈希", lambda: check_hashes(load(folder), folder)),
        ("评委回执", lambda: check_receipts(load(folder))),
        ("复评", lambda: check_looks(load(folder), folder)),
        ("诊断与提示", lambda: check_diagnoses(load(folder), folder)),
        ("抽签", lambda: check_draws(folder)),
        ("签字", lambda: check_signatures(load(folder), folder)),
        ("审计链", lambda: check_chain(load(folder), folder, key)),
    )
    for name, step in steps:
        try:
            yield name, list(step())
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
            IndexError,
            ZeroDivisionError,
            AttributeError,
        ) as error:
            yield name, [f"无法核对：{type(error).__name__} {error}"]


def rule_words(rule):
    tail = "，去掉 {drop_high} 个最高分、{drop_low} 个最低分" if rule["aggregation"] == "trimmed" else ""
    words = AGGREGATIONS[rule["aggregation"]] + tail.format(**rule)
    if rule.get("panels"):
        words += "；评审团加权 " + "、".join("{} {}".format(*item) for item in sorted(rule["panels"].items()))
    how = rule.get("second_look")
    if how:
        words += "；复评" + (
            "与评委分一起计入" if how["how"] == "pooled" else "平均分占 {weight}%".format(**how)
        )
    basis = "四舍五入后的得分" if rule["round_before_ranking"] else "精确得分"
    chain = [STEPS.get(step, "评分项 " + step[10:]) for step in rule["tie_chain"]] or ["并列"]
    return "{}；保留 {} 位小数；按{}排序；同分依次：{}".format(
        words, rule["decimals"], basis, " → ".join(chain)
    )


def main(arguments):
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    key = None
    if arguments[:1] == ["--seal-key-file"] and len(arguments) == 2:
        key = Path(arguments[1]).read_bytes().strip()
    elif arguments:
        print(__doc__)
        return 2
    folder, faults = Path(__file__).resolve().parent, 0
    try:
        about = read_json(folder, "ranking.json")
        print("{}（排名编号 {}，冻结于 {}）".format(about["name"], about["ranking"], about["frozen_at"]))
        print("规则：" + rule_words(about["rule"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"无法读取 ranking.json：{error}")
    for name, differences in run(folder, key):
        print("{}：{}".format(name, f"{len(differences)} 处不一致" if differences else "一致"))
        for line in differences:
            print("  " + line)
        faults += len(differences)
    print("结论：{}".format("全部一致" if not faults else f"共 {faults} 处不一致"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
