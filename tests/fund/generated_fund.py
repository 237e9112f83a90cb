"""演示数据: funds drawn at random, in which everything agrees: tree, indicator table and report text of one year.

Every size, name, year and amount comes from the seed of the draw, so that a rule that only knows one report fails.
"""

import random
from dataclasses import dataclass

from core.money import FEN_PER_WAN, wan
from fund.records import IndicatorRow, TreeLine

from .sample_fund import row

FUNDS = (
    "市级文化旅游发展专项",
    "省级林业生态保护专项",
    "县域水利建设补助专项",
    "职业教育提质专项",
    "海洋渔业振兴专项",
)
PROGRAMMES = (
    ("非遗工坊扶持计划", "传习所"),
    ("乡村民宿提升计划", "民宿"),
    ("退化林修复计划", "林场"),
    ("灌区配套改造计划", "泵站"),
    ("实训基地建设计划", "实训室"),
    ("深水网箱推广计划", "网箱"),
    ("古籍数字化计划", "书目"),
    ("山洪预警建设计划", "雨量站"),
    ("校企合作育人计划", "课程"),
)
PARTS = (
    ("新上项目", "new_projects"),
    ("结转项目", "carryover_projects"),
    ("培训经费", "training"),
    ("工作经费", "work_fund"),
    ("设备购置补助", "work_fund"),
)
SUBS = ("东片区专项", "西片区专项", "北片区专项")


@dataclass
class Fund:
    year: int
    tree: list[TreeLine]
    table: list[IndicatorRow]
    text: str | None

    def line(self, code: str) -> TreeLine:
        return next(line for line in self.tree if line.code == code)

    def children(self, code: str) -> list[TreeLine]:
        return [line for line in self.tree if line.parent_code == code]


class Draw:
    def __init__(self, seed: int, *, programmes: int | None = None, deep: bool = False):
        self.dice = random.Random(seed)
        self.year = self.dice.randint(2012, 2031)
        self.code = self.dice.choice("PQXZ") + str(self.year % 100)
        self.programmes = self.dice.sample(PROGRAMMES, programmes or self.dice.randint(1, 5))
        self.deep = deep
        self.unit_fen = self.dice.choice([FEN_PER_WAN, FEN_PER_WAN * 10, 10_000])
        self.tree: list[TreeLine] = []
        self.table: list[IndicatorRow] = []
        self.said: list[str] = []

    def fund(self, *, text: bool = True) -> Fund:
        name, rest, total = self.dice.choice(FUNDS), [], 0
        for number, (programme, thing) in enumerate(self.programmes, 1):
            total += self.programme(f"{self.code}-{number}", programme, thing, number)
        rest, self.tree = self.tree, [TreeLine(self.code, "", name, total, "fund")]
        self.tree += rest
        head = f"一、项目概况\n{self.year}年{name}{self.money(total)}。"
        return Fund(self.year, self.tree, self.table, "\n".join([head, *self.said]) if text else None)

    def programme(self, code: str, name: str, thing: str, number: int) -> int:
        place = len(self.tree)
        if self.deep:
            said, total = [], 0
            for index, sub in enumerate(self.dice.sample(SUBS, 2), 1):
                below = len(self.tree)
                amount, parts = self.parts(f"{code}-{index}", "")
                self.tree.insert(
                    below, TreeLine(f"{code}-{index}", code, name[:-2] + sub, amount, "subprogramme")
                )
                said.append(f"{name[:-2]}{sub}安排经费{self.money(amount)}，其中{parts}。")
                total += amount
            self.said.append(f"{number}.{name}{self.money(total)}。\n" + "\n".join(said))
        else:
            total, parts = self.parts(code, name[:-2])
            self.said.append(f"{number}.{name}安排经费{self.money(total)}，其中{parts}。")
        self.tree.insert(place, TreeLine(code, self.code, name, total, "programme"))
        self.indicators(name, thing)
        return total

    def parts(self, code: str, stem: str) -> tuple[int, str]:
        chosen = self.dice.sample(PARTS, self.dice.randint(2, 5))
        total, said = 0, []
        for number, (name, kind) in enumerate(chosen, 1):
            fen = self.dice.randint(11, 980) * self.unit_fen
            projects = kind.endswith("projects")
            items = self.dice.randint(4, 90) if projects else None
            fen = 0 if not projects and self.dice.random() < 0.1 else fen
            self.tree.append(TreeLine(f"{code}-{number}", code, stem + name, fen, kind, items))
            total += fen
            verb = self.dice.choice(["拨款", "经费", "安排资金"])
            said.append(
                f"{name}{items}{self.dice.choice('个项')}，{verb}{self.money(fen)}"
                if projects
                else f"{name}{self.money(fen)}"
            )
        return total, "；".join(said) if self.dice.random() < 0.5 else "，".join(said)

    def indicators(self, name: str, thing: str) -> None:
        dice = self.dice
        built, rate, people = dice.randint(12, 90), dice.randint(86, 99), dice.randint(300, 5000)
        more = dice.randint(1, 5)
        ok, all_ = dice.randint(150, 190), 200
        drawn = [
            (
                "产出指标",
                "数量指标",
                f"建成{thing}数量",
                f"{built}个",
                f"{built + more}个",
                (built, built + more),
                "个",
                "at_least",
            ),
            (
                "产出指标",
                "质量指标",
                f"{thing}验收合格率",
                f"≥{rate - 1}%",
                f"{rate}%",
                (rate - 1, rate),
                "%",
                "at_least",
            ),
            (
                "产出指标",
                "时效指标",
                f"{thing}按期开工",
                f"{self.year}年6月底前开工",
                f"{self.year}年5月{dice.randint(2, 28)}日开工",
            ),
            (
                "效益指标",
                "社会效益指标",
                f"{thing}带动就业人数",
                f"{people}人",
                f"{people + more}人",
                (people, people + more),
                "人",
                "at_least",
            ),
            (
                "效益指标",
                "生态效益指标",
                f"{thing}节能率",
                "12%",
                f"{12 + more}.5%",
                (12, f"{12 + more}.5"),
                "%",
                "at_least",
            ),
            (
                "满意度指标",
                "服务对象满意度指标",
                f"{thing}服务对象满意度",
                "≥70%",
                f"{ok / 2:g}%（{ok}/{all_}）",
                (70, ok / 2),
                "%",
                "at_least",
            ),
            (
                "效益指标",
                "可持续影响指标",
                f"{thing}管护制度",
                "建立管护制度",
                f"已出台办法，落实{more}名管护员",
            ),
        ]
        self.table += [row(name, *cells) for cells in dice.sample(drawn, dice.randint(3, len(drawn)))]

    def money(self, fen: int) -> str:
        return f"{wan(fen)}万元"
