"""Enterprises with their projects (演示数据): spread over prefectures, tracks, groups and the odd cases of review."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from competition.quotas import apportion
from core.money import FEN_PER_WAN
from demo.codes import credit_code
from demo.names import places, projects
from demo.names.people import TeamMember, person, team
from demo.names.projects import IntellectualProperty, Project
from demo.names.words import words

LIMIT_FEN = 20_000 * FEN_PER_WAN
STARTUP_PERCENT = 28
PREFECTURE_WEIGHTS = {
    "650100": 34, "650200": 9, "650400": 3, "650500": 4, "652300": 14, "652700": 3, "652800": 8,
    "652900": 7, "653000": 2, "653100": 6, "653200": 3, "654000": 8, "654200": 3, "654300": 3,
}  # fmt: skip
TRACK_WEIGHTS = {
    "electronics": 17, "internet": 22, "biomedicine": 19, "manufacturing": 17, "materials": 10, "energy": 15,
}  # fmt: skip
# Cases a reviewer must find, one in a thousand enterprises each; at least one of each from a hundred on.
ODD_CASES = {
    "above_limit": 12,
    "at_limit": 2,
    "listed": 6,
    "too_old": 12,
    "no_property": 15,
    "pending_only": 20,
}
_HEADS = words("天 雪 绿 丝 瀚 金 云 博 晨 疆 西 远 恒 华 启 鼎 睿 嘉 昊 盛 牧 禾 沃 翰")
_TAILS = words("山 域 洲 源 泽 程 岭 原 润 达 诚 峰 辉 瑞 川 航 创 泰 美 信 能 智 鸿 拓")
_BRANDS = words(
    "阿勒腾 古丽巴格 萨依巴格 阿克塔什 叶尔羌 喀拉塔格 艾德莱斯 赛里木 那拉提 可可托海 阿拉套 乌伦古 额尔齐斯 "
    "乔尔玛 塔什萨依 克孜勒 吐曼 慕士塔格 阿依努尔 巴音布鲁克 努尔加纳提 江尕勒 托合塔尔 帕米尔"
)
_LONG_PARTS = (
    "农牧产品精深加工",
    "生态环境综合治理",
    "特色林果仓储保鲜",
    "民族医药保健用品",
    "跨境贸易信息服务",
)
_BRACKETS_WAN = (
    (20, 300, 30),
    (300, 1_000, 30),
    (1_000, 3_000, 22),
    (3_000, 10_000, 14),
    (10_000, 19_900, 4),
)


@dataclass(frozen=True)
class EnterpriseData:
    """One entrant. Money in 分; `revenue_fen` is of the year before the contest, None where it did not exist yet."""

    name: str
    credit_code: str
    county_code: str
    prefecture_code: str
    address: str
    legal_person: str
    contact_name: str
    phone: str
    email: str
    track: str
    project: Project
    registered_on: date
    capital_fen: int
    revenue_fen: int | None
    profit_fen: int
    research_spend_fen: int
    staff_count: int
    research_count: int
    team: tuple[TeamMember, ...]
    ip: tuple[IntellectualProperty, ...]
    listed: bool
    sme_number: str
    hightech_number: str
    hightech_until: date | None
    financing_fen: int


def enterprises(
    rng: random.Random, count: int, *, year: int = 2018, first_serial: int = 1
) -> list[EnterpriseData]:
    """`count` different entrants of the contest of `year`; the same seed gives the same list.

    28 % are registered on or after 1 January of the year before (初创组). Names, credit codes, telephone numbers,
    addresses of mail and project titles are unique within one call; `first_serial` keeps the codes of several calls
    apart.
    """
    prefectures = _spread(rng, count, PREFECTURE_WEIGHTS)
    tracks = _spread(rng, count, TRACK_WEIGHTS)
    startups = (count * STARTUP_PERCENT + 50) // 100
    groups = [True] * startups + [False] * (count - startups)
    rng.shuffle(groups)
    odd = _odd_cases(rng, groups)
    maker = _Maker(rng, year)
    return [
        maker.make(first_serial + index, prefectures[index], tracks[index], groups[index], odd.get(index, ""))
        for index in range(count)
    ]


def _spread(rng: random.Random, count: int, weights: Mapping[str, int]) -> list[str]:
    """Each key as often as its weight asks, at least once where there are enough, in random order."""
    least = dict.fromkeys(weights, 1 if count >= len(weights) else 0)
    keys = [key for key, number in apportion(count, weights, at_least=least).items() for _ in range(number)]
    rng.shuffle(keys)
    return keys


def _odd_cases(rng: random.Random, startups: Sequence[bool]) -> dict[int, str]:
    """Index -> odd case. Only a startup can live on a pending application; the other cases are grown firms."""
    free = {young: [i for i, is_young in enumerate(startups) if is_young == young] for young in (True, False)}
    found = {}
    for case, per_thousand in ODD_CASES.items():
        candidates = free[case == "pending_only"]
        number = max(len(startups) * per_thousand // 1000, 1 if len(startups) >= 100 else 0)
        for index in rng.sample(candidates, min(number, len(candidates))):
            candidates.remove(index)
            found[index] = case
    return found


class _Maker:
    """One enterprise after another, remembering what was taken."""

    def __init__(self, rng: random.Random, year: int):
        self.rng, self.year = rng, year
        self.taken: set[str] = set()
        self.counties: dict[str, list[places.Place]] = {}
        for place in places.counties(year):
            self.counties.setdefault(place.prefecture_code, []).append(place)

    def make(self, serial: int, prefecture: str, track: str, startup: bool, odd: str) -> EnterpriseData:
        rng = self.rng
        place = rng.choice(self.counties[prefecture])
        project = self._new_project(track, place)
        registered_on = self._registered_on(startup, odd)
        revenue_fen = self._revenue(registered_on, startup, odd)
        staff = rng.randint(3, 30) if startup else rng.randint(8, 260)
        legal_person = person(rng)
        sme_number, hightech_number, hightech_until = self._numbers(place, serial, startup)
        return EnterpriseData(
            name=self._new(lambda: self._name(place, track)),
            credit_code=credit_code(place.code, serial),
            county_code=place.code,
            prefecture_code=prefecture,
            address=places.address(rng, place),
            legal_person=legal_person,
            contact_name=legal_person if rng.random() < 0.3 else person(rng),
            phone=f"154{serial:08d}",
            email=f"contact{serial:04d}@enterprise{serial:04d}.example",
            track=track,
            project=project,
            registered_on=registered_on,
            capital_fen=rng.choice((50, 100, 200, 300, 500, 1_000, 2_000, 5_000)) * FEN_PER_WAN,
            revenue_fen=revenue_fen,
            profit_fen=(revenue_fen or 0) * rng.randint(-12, 22) // 100,
            research_spend_fen=(revenue_fen or 0) * rng.randint(3, 18) // 100,
            staff_count=staff,
            research_count=max(1, staff * rng.randint(10, 55) // 100),
            team=team(rng, legal_person),
            ip=self._property(project, registered_on, serial, startup, odd),
            listed=odd == "listed",
            sme_number=sme_number,
            hightech_number=hightech_number,
            hightech_until=hightech_until,
            financing_fen=rng.choice((0, 100, 200, 300, 500, 800, 1_000, 2_000)) * FEN_PER_WAN,
        )

    def _new(self, make: Callable[[], str]) -> str:
        """The first text that was not taken yet."""
        text = make()
        while text in self.taken:
            text = make()
        self.taken.add(text)
        return text

    def _new_project(self, track: str, place: places.Place) -> Project:
        near = places.short_name(place.name)
        made = projects.project(self.rng, track, near)
        while made.title in self.taken:
            made = projects.project(self.rng, track, near)
        self.taken.add(made.title)
        return made

    def _name(self, place: places.Place, track: str) -> str:
        rng = self.rng
        prefecture, county = places.short_name(place.prefecture), places.short_name(place.name)
        if rng.random() < 0.6:
            brand = rng.choice(_HEADS) + rng.choice(_TAILS)
        else:
            brand = rng.choice(_BRANDS)
        business = projects.business_word(rng, track)
        form = rng.choices(("有限公司", "有限责任公司", "股份有限公司"), (70, 24, 6))[0]
        if rng.random() < 0.04:
            where = f"新疆维吾尔自治区{place.prefecture}{place.name}"
            return f"{where}{brand}{rng.choice(_LONG_PARTS)}{business}开发有限责任公司"
        region = rng.choices(("新疆", prefecture, county), (50, 25, 25))[0]
        return f"{region}{brand}{business}{form}"

    def _registered_on(self, startup: bool, odd: str) -> date:
        if startup:
            first, last = date(self.year - 1, 1, 1), date(self.year, 5, 31)
        elif odd == "too_old":
            first, last = date(self.year - 16, 1, 1), date(self.year - 11, 12, 31)
        else:
            first, last = date(self.year - 10, 1, 1), date(self.year - 2, 12, 31)
        return first + timedelta(days=self.rng.randint(0, (last - first).days))

    def _revenue(self, registered_on: date, startup: bool, odd: str) -> int | None:
        rng = self.rng
        if registered_on.year >= self.year:
            return None
        if odd == "at_limit":
            return LIMIT_FEN
        if odd == "above_limit":
            return LIMIT_FEN + rng.randint(1, 25_000) * FEN_PER_WAN
        if startup:
            return rng.randint(0, 50_000) * FEN_PER_WAN // 100
        low, high, _ = rng.choices(_BRACKETS_WAN, [bracket[2] for bracket in _BRACKETS_WAN])[0]
        return rng.randint(low * 100, high * 100) * FEN_PER_WAN // 100

    def _property(
        self, project: Project, since: date, serial: int, startup: bool, odd: str
    ) -> tuple[IntellectualProperty, ...]:
        rng = self.rng
        granted = rng.randint(1, 3) if startup else rng.randint(1, 9)
        pending = rng.randint(0, 2)
        if odd in ("no_property", "pending_only"):
            granted, pending = 0, 1 if odd == "pending_only" else 0
        until = date(self.year, 6, 1)
        return projects.intellectual_property(rng, project.product, since, until, serial, granted, pending)

    def _numbers(self, place: places.Place, serial: int, startup: bool) -> tuple[str, str, date | None]:
        """入库登记编号 for most grown firms (some of the year before), a 高企 certificate for a quarter of them."""
        rng = self.rng
        if startup:
            return "", "", None
        sme = ""
        if rng.random() < 0.85:
            of_year = self.year if rng.random() < 0.94 else self.year - 1
            sme = f"{of_year}{place.code}0{rng.choice('AB8C')}{serial:06d}"
        if rng.random() >= 0.25:
            return sme, "", None
        issued = self.year - rng.randint(1, 4)
        until = date(issued + 3, rng.choice((8, 10, 11)), rng.randint(1, 28))
        return sme, f"GR{issued}65{serial:06d}", until
