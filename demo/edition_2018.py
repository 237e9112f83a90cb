"""The fifth Xinjiang contest as data.

Found in the seed report and the public notices (DOMAIN.md sections 0, 1, 2): the totals, the six tracks, the
deadlines, the limits, the criteria, the eleven regional contests, the joint one of 克拉玛依 and 阿勒泰.
演示数据 (not stated by any source): the other two joint regions, hosts, tiers and their amounts, the thirteen items
besides the prizes, quotas, every enterprise, person and account.
"""

from datetime import date, datetime, time

from core.clock import at_beijing
from core.money import FEN_PER_WAN

CODE = "xj2018"
NAME = "第五届新疆创新创业大赛（演示数据）"
YEAR = 2018
REGISTERED = 712
TRAININGS = 12
ATTENDANCES = 1200
RECOMMENDATION_QUOTA = 30
REVENUE_MAX_FEN = 20_000 * FEN_PER_WAN
FOUNDED_FROM = date(2008, 1, 1)
STARTUP_FROM = date(2017, 1, 1)
TIE_CHAIN = ["earlier_round", "criterion:technology", "both_advance"]

TRACKS = [
    ("electronics", "电子信息"),
    ("internet", "互联网及移动互联网"),
    ("biomedicine", "生物医药"),
    ("manufacturing", "先进制造"),
    ("materials", "新材料"),
    ("energy", "新能源及节能环保"),
]

# Eleven regional contests over fourteen prefectures; only the first pair is documented (DOMAIN.md 1.4).
REGIONS = [
    ("克拉玛依—阿勒泰赛区", ["650200", "654300"]),
    ("喀什—克州赛区", ["653100", "653000"]),
    ("吐鲁番—哈密赛区", ["650400", "650500"]),
    ("乌鲁木齐赛区", ["650100"]),
    ("昌吉赛区", ["652300"]),
    ("博州赛区", ["652700"]),
    ("巴州赛区", ["652800"]),
    ("阿克苏赛区", ["652900"]),
    ("和田赛区", ["653200"]),
    ("伊犁赛区", ["654000"]),
    ("塔城赛区", ["654200"]),
]

# Points of one hundred, in hundredths (DOMAIN.md 2.2).
CRITERIA = [
    ("technology", "技术和产品", {"startup": 2500, "growth": 2500}, "技术先进性、产品成熟度、知识产权"),
    ("business", "商业模式及实施方案", {"startup": 2000, "growth": 2000}, "客户、渠道、盈利模式、实施计划"),
    ("market", "行业及市场", {"startup": 2000, "growth": 2000}, "行业规模、目标市场、竞争格局"),
    ("team", "团队", {"startup": 3000, "growth": 2500}, "负责人与核心成员的经历、结构、执行力"),
    ("finance", "财务分析", {"startup": 500, "growth": 1000}, "收入、成本、融资需求与用途"),
]

# group, kind, code, name, places, 万元 each: 55 prizes, 1,290万元 (DOMAIN.md 3.1); 13 items, 195万元, as 演示数据.
TIERS = [
    ("growth", "prize", "first", "一等奖", 1, 80),
    ("growth", "prize", "second", "二等奖", 2, 50),
    ("growth", "prize", "third", "三等奖", 3, 40),
    ("growth", "prize", "excellence", "优秀奖", 13, 20),
    ("growth", "prize", "encouragement", "鼓励奖", 12, 15),
    ("startup", "prize", "first", "一等奖", 1, 60),
    ("startup", "prize", "second", "二等奖", 2, 40),
    ("startup", "prize", "third", "三等奖", 3, 30),
    ("startup", "prize", "excellence", "优秀奖", 10, 20),
    ("startup", "prize", "encouragement", "鼓励奖", 8, 15),
    ("unit", "organiser", "organiser", "优秀组织奖", 5, 5),
    ("unit", "work_fund", "work_fund", "工作经费", 5, 10),
    ("unit", "event_cost", "event_cost", "赛事费用", 3, 40),
]

# Fifty-seven tails, 515万元: 10 of 8 (40% of 20), 35 of 9 (30% of 30), 12 of 10 (40% of 25). 演示数据.
TAILS = [(10, 20, 12), (35, 30, 21), (12, 25, 15)]
EARLIER_EDITIONS = [
    ("xj2016", "第三届新疆创新创业大赛（演示数据）", 3, 2016),
    ("xj2017", "第四届新疆创新创业大赛（演示数据）", 4, 2017),
]

# Programmes of the fund whose own office reports (演示数据).
REPORTED_BY_OFFICES = ("自治区科技精准扶贫专项", "科技富民强县项目")

INDICATOR_SOURCES = {
    "创新创业大赛奖励企业数量": "entries_registered",
    "创新创业大赛奖励培训数量": "trainings_held",
    "创新创业大赛奖励培训人数": "training_attendances",
    "创新创业大赛奖励赛事费用": "event_cost_wan",
    "创新创业大赛奖励奖励经费": "prize_wan",
    "创新创业大赛奖励奖励企业": "prize_enterprises",
}

FUND_TREE = "fund_tree_2018.csv"
INDICATORS = "performance_indicators_2018.csv"
REPORT = "report_2018.txt"


def at(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """A moment of the 2018 edition in Beijing time."""
    return at_beijing(date(YEAR, month, day), time(hour, minute))
