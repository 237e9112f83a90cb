"""A kept diagnosis in the form the pages show: names beside numbers, words for codes, one axis per plot."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from judging.charts import Scale, scale_over
from judging.diagnosis.enums import LookState
from judging.diagnosis.models import Diagnosis, SecondLook
from judging.models import RankingRow
from judging.queries import criteria_of
from judging.queries.diagnoses import by_doubt, names_of_judges, names_of_rooms
from judging.standings import LOOKS_NEEDED

BANDS = {"clear": "稳入", "grey": "灰区", "out": "线外"}
RELIABILITY = {"high": "稳定", "usual": "一般", "low": "波动大"}
REFUSALS = {
    "not_declared": "本轮规则没有在打分前声明要换算各评审室成绩，因此不换算。",
    "not_drawn": "项目不是抽签分到各评审室的，各室水平可能本来就不同，换算会使好项目集中的评审室吃亏，因此不换算。",
    "one_room": "本排名的项目都在同一个评审室，无需换算。",
    "room_too_small": "有评审室不足两个项目，不能换算。",
    "room_mean_zero": "有评审室的平均分为零，不能换算。",
}
STATISTICS = {
    "leave-one-out residual": "与其他评委意见的差",
    "sum of squared residuals": "该项目各评委偏离的平方和",
    "residual correlation": "两位评委偏离的相关",
    "noise against the typical judge": "波动与一般评委之比",
    "scale": "尺度",
    "leniency in points": "宽严（分）",
    "mean of the two largest residuals": "两次最大偏离的平均",
    "related against unrelated": "对关联项目与其他项目之差（分）",
    "related against unrelated, all judges": "全体评委对关联项目与其他项目之差（分）",
}
RELATIONS = {"region": "同一地区", "institution": "材料中写有评委单位"}
BESIDE_LINE = 5


class Reading:
    """The result with the names of entries, judges, rooms and criteria."""

    def __init__(self, diagnosis: Diagnosis, rows: Sequence[RankingRow]):
        self.diagnosis = diagnosis
        self.result = diagnosis.result
        self.rows = {row.entry.number: row for row in rows}
        ranking = diagnosis.ranking
        self.judge_names = names_of_judges(line["judge"] for line in self.result["judges"])
        self.room_names = names_of_rooms(ranking.stage_id)
        self.criterion_names = {c.code: c.name for c in criteria_of(ranking.stage, ranking.group)}

    @cached_property
    def entries(self) -> list[dict[str, Any]]:
        normalised = self.result["normalised"]["entries"]
        return [
            line
            | {
                "row": self.rows[line["entry"]],
                "band_word": BANDS[line["band"]],
                "normalised": normalised.get(line["entry"], {}).get("score"),
                "normalised_rank": normalised.get(line["entry"], {}).get("rank"),
                "climbed": line["rank"] - line["calibrated_rank"],
                "crosses": (line["rank"] <= self.places) != (line["calibrated_rank"] <= self.places),
            }
            for line in self.result["entries"]
        ]

    @property
    def places(self) -> int:
        return self.result["places"]

    @property
    def near(self) -> list[dict[str, Any]]:
        """Grey entries, and the few on both sides of the line whatever their band."""
        return [
            line
            for line in self.entries
            if line["band"] == "grey" or abs(line["rank"] - self.places - 0.5) < BESIDE_LINE
        ]

    @property
    def doubtful(self) -> list[dict[str, Any]]:
        """Grey entries, the most uncertain first: what a second look is best spent on."""
        lines = {line["entry"]: line for line in self.entries}
        return [lines[number] for number in by_doubt(self.diagnosis)]

    @cached_property
    def rank_scale(self) -> Scale:
        """Ranks from the best to the worst that the plotted intervals reach."""
        reached = [line[end] for line in self.near for end in ("rank_low", "rank_high", "rank")]
        return scale_over([*reached, self.places + 0.5])

    @property
    def movers(self) -> list[dict[str, Any]]:
        """Whoever would change sides of the line by the calibrated score."""
        return [line for line in self.entries if line["crosses"]]

    @cached_property
    def judges(self) -> list[dict[str, Any]]:
        return [
            line | {"name": self.judge_names.get(line["judge"], str(line["judge"]))}
            for line in sorted(self.result["judges"], key=lambda line: (-line["leniency"], line["judge"]))
        ]

    @cached_property
    def lean_scale(self) -> Scale:
        ends = [line["leniency"] + sign * line["leniency_error"] for line in self.judges for sign in (-1, 1)]
        return scale_over(ends, about_zero=True)

    @cached_property
    def score_scale(self) -> Scale:
        return _over(self.result["judges"])

    @cached_property
    def rooms(self) -> list[dict[str, Any]]:
        return [
            line | {"name": self.room_names.get(line["room"], str(line["room"]))}
            for line in self.result["rooms"]
        ]

    @cached_property
    def room_scale(self) -> Scale:
        return _over(self.result["rooms"])

    @cached_property
    def criteria(self) -> list[dict[str, Any]]:
        """Points of each criterion as shares of its full mark, so that one axis serves all."""
        return [
            line
            | {
                "name": self.criterion_names.get(line["criterion"], line["criterion"]),
                "share": {
                    name: 100 * line[name] / (line["top"] or 1)
                    for name in ("low", "lower", "middle", "upper", "high", "mean")
                },
            }
            for line in self.result["criteria"]
        ]

    @property
    def by_criterion(self) -> list[tuple[str, list[Any]]]:
        """(judge's name, his departure under each criterion in the order of `criteria`)."""
        told = self.result.get("by_criterion", {})
        return [
            (judge["name"], [told[line["criterion"]].get(str(judge["judge"])) for line in self.criteria])
            for judge in self.judges
            if told and not judge["fresh"]
        ]

    @cached_property
    def criterion_scale(self) -> Scale:
        return Scale(0, 100)

    @property
    def refusal(self) -> str:
        return REFUSALS.get(self.result["normalised"]["refused"], "")

    @property
    def normalised_rooms(self) -> list[dict[str, Any]]:
        return [
            line | {"name": self.room_names.get(line["room"], str(line["room"]))}
            for line in self.result["normalised"]["rooms"]
        ]

    @property
    def related(self) -> dict[str, Any] | None:
        """The contrast of related parties with names; None where no judge is related to an entry he scored."""
        told = self.result.get("related")
        return told and told | {
            "kind_words": [f"{RELATIONS[kind]} {count} 对" for kind, count in told["kinds"].items()],
            "judges": [
                line | {"name": self.judge_names.get(line["judge"], str(line["judge"]))}
                for line in sorted(told["judges"], key=lambda line: (-line["deviate"], line["judge"]))
            ],
        }

    @property
    def one_less(self) -> list[dict[str, Any]]:
        return [
            line | {"name": self.judge_names.get(line["judge"], str(line["judge"]))}
            for line in self.result["one_less"]
        ]

    def line_of(self, entry_id: int) -> dict[str, Any] | None:
        found = next((line for line in self.entries if line["row"].entry_id == entry_id), None)
        return found and found | {
            "sheets": [
                sheet
                | {
                    "name": self.judge_names.get(sheet["judge"], str(sheet["judge"])),
                    "reliability_word": RELIABILITY[sheet["reliability"]],
                }
                for sheet in found["sheets"]
            ]
        }


def _over(boxes: Sequence[dict[str, Any]]) -> Scale:
    return scale_over([line[end] for line in boxes for end in ("low", "high")])


def to_look_at(reading: Reading, looks: Sequence[SecondLook]) -> list[dict[str, Any]]:
    """The doubtful entries; where looks count, only those that still lack one of their two."""
    if not reading.diagnosis.ranking.stage.second_look:
        return reading.doubtful
    standing = Counter(look.entry.number for look in looks if look.state != LookState.DECLINED)
    return [line for line in reading.doubtful if standing[line["entry"]] < LOOKS_NEEDED]


def second_lines(reading: Reading, looks: Sequence[SecondLook]) -> list[dict[str, Any]]:
    """Each entry looked at again: its looks, their mean, its chance when they were asked for and with them."""
    by_entry: dict[str, list[SecondLook]] = {}
    for look in looks:
        by_entry.setdefault(look.entry.number, []).append(look)
    now = {line["entry"]: line["chance"] for line in reading.entries}
    lines = []
    for number, own in by_entry.items():
        given = [look.total_hundredths for look in own if look.total_hundredths is not None]
        included = given and all(
            look.closed_at <= reading.diagnosis.computed_at for look in own if look.closed_at
        )
        lines.append(
            {
                "row": reading.rows[number],
                "looks": own,
                "mean": (2 * sum(given) + len(given)) // (2 * len(given)) if given else None,
                "before": _chance_when_asked(own[0], number),
                "after": now.get(number) if included else None,
                "counted": reading.result.get("with_second", {}).get(number) if included else None,
            }
        )
    return sorted(lines, key=lambda line: line["row"].position)


def _chance_when_asked(look: SecondLook, number: str):
    entries = look.diagnosis.result["entries"]
    return next((line["chance"] for line in entries if line["entry"] == number), None)
