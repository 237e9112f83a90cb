"""People of the peoples of Xinjiang, and judges from the region and beyond (演示数据)."""

import random
from dataclasses import dataclass

from demo.edition_2018 import TRACKS
from demo.names.words import words

_SURNAMES = words(
    "王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 马 朱 胡 郭 何 高 林 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 欧阳"
)
_GIVEN = words(
    "建国 建军 志强 志远 海峰 文斌 文静 晓燕 晓东 雪梅 丽娟 永刚 国栋 思远 雨欣 子涵 浩然 俊杰 伟 磊 敏 静 芳 涛 鹏 "
    "明辉 新民 疆生 天祥 秀兰 春华 玉梅 凯 宁 博文 嘉怡 振华 红霞 立新 爱华"
)
_UYGHUR = words(
    "阿依古丽 阿迪力 艾力 艾尼瓦尔 阿布都热合曼 帕提古丽 热依汗 玛依拉 吐尔逊 买买提明 努尔买买提 古丽巴哈尔 "
    "迪丽拜尔 阿孜古丽 木拉提 凯赛尔 亚力坤 祖力菲娅 艾合买提 米热班 沙吾提 如仙古丽 图尔荪阿依 伊力哈木江"
)
_UYGHUR_FATHERS = words(
    "买买提 吐尔逊 艾山 玉素甫 依明 卡德尔 阿布都拉 热合曼 沙迪克 托合提 阿不来提 尼亚孜 吾买尔 司马义 库尔班 "
    "阿布都热依木 麦麦提图尔荪"
)
_KAZAKH = words("叶尔兰 努尔兰 巴合提 古丽娜尔 阿依登 赛力克 加娜尔 别克 叶斯波力 玛丽娅木 达吾列提 哈丽帕")
_KAZAKH_FATHERS = words("托列吾别克 马合木提 努尔哈力 哈布力汗 胡安什 吐汗 阿合买提 居马拜 斯拉木汗")
_MONGOL = words("巴特尔 其其格 巴音 乌兰 道尔吉 才次克 孟克 娜仁花 那木吉拉 萨仁")

_POSITIONS = words("技术总监 研发经理 市场总监 财务负责人 生产负责人 运营总监 首席工程师 产品经理")
_DEGREES = ("doctor", "master", "bachelor", "college")
_FIELDS = words("计算机 自动化 机械工程 化学工程 生物工程 药学 农学 材料学 电气工程 工商管理 会计学 市场营销")

_INSTITUTES = words(
    "西域理工大学 绿洲农业大学 昆仑医科大学 准噶尔矿业学院 天山应用物理研究所 丝路化学研究所 荒漠生态研究所 胡杨信息工程研究院"
)
_FAR_INSTITUTES = words(
    "渤海科技大学 江南工程大学 秦岭交通大学 岭南理工学院 蜀都电子研究院 燕山先进材料研究院 松江医药研究所 钱塘智能研究院"
)
_FUNDS = words("雪岭创业投资 瀚海股权投资 绿洲产业基金 丝路启明创投 昆仑成长资本 天泽创业投资")
_FAR_FUNDS = words("浦江成长资本 湾区科创基金 燕京启航创投 江畔股权投资 蜀道资本 长安科创基金")
_FIRMS = ("天平会计师事务所", "绿洲会计师事务所", "博格达会计师事务所")
_FAR_FIRMS = ("江畔会计师事务所", "燕京会计师事务所")
_PARKS = ("天山科技企业孵化器", "丝路众创空间", "胡杨产业促进中心", "绿洲生产力促进中心")
_FAR_PARKS = ("浦江科技园", "湾区创新中心")
# role -> employers at home, employers elsewhere, titles, weight in the pool
_ROLES = {
    "technical": (_INSTITUTES, _FAR_INSTITUTES, ("教授", "研究员", "副教授", "正高级工程师"), 45),
    "investment": (_FUNDS, _FAR_FUNDS, ("合伙人", "投资总监", "投资副总监", "董事总经理"), 35),
    "finance": (_FIRMS, _FAR_FIRMS, ("高级会计师", "注册会计师", "正高级会计师"), 10),
    "management": (_PARKS, _FAR_PARKS, ("主任", "总经理", "高级经济师"), 10),
}
# The first two characters of an employer from elsewhere name its place.
_FAR_REGIONS = {
    "渤海": "山东省",
    "江南": "江苏省",
    "秦岭": "陕西省",
    "岭南": "广东省",
    "蜀都": "四川省",
    "燕山": "北京市",
    "松江": "黑龙江省",
    "钱塘": "浙江省",
    "浦江": "上海市",
    "湾区": "广东省",
    "燕京": "北京市",
    "江畔": "江苏省",
    "蜀道": "四川省",
    "长安": "陕西省",
}
HOME = "新疆维吾尔自治区"


@dataclass(frozen=True)
class TeamMember:
    """`degree` is a value of the registration form; `share_percent` is the holding in whole percent."""

    name: str
    position: str
    degree: str
    background: str
    share_percent: int


@dataclass(frozen=True)
class JudgeData:
    """`role` is technical, investment, finance or management; `tracks` are codes of the edition's tracks."""

    name: str
    employer: str
    title: str
    tracks: tuple[str, ...]
    role: str
    region: str


def person(rng: random.Random) -> str:
    """A name; Uyghur and Kazakh names carry the father's name after '·'."""
    kind = rng.choices(("han", "uyghur", "kazakh", "mongol"), (58, 28, 9, 5))[0]
    if kind == "uyghur":
        return f"{rng.choice(_UYGHUR)}·{rng.choice(_UYGHUR_FATHERS)}"
    if kind == "kazakh":
        return f"{rng.choice(_KAZAKH)}·{rng.choice(_KAZAKH_FATHERS)}"
    if kind == "mongol":
        return rng.choice(_MONGOL)
    return rng.choice(_SURNAMES) + rng.choice(_GIVEN)


def home_of(organisation: str) -> str:
    """The province an invented organisation sits in."""
    return _FAR_REGIONS.get(organisation[:2], HOME)


def team(rng: random.Random, leader: str) -> tuple[TeamMember, ...]:
    """The leader first, then one to four core members with different names and posts; shares sum to at most 100."""
    size = rng.randint(1, 4)
    names = [leader]
    while len(names) <= size:
        name = person(rng)
        if name not in names:
            names.append(name)
    posts = ["总经理", *rng.sample(_POSITIONS, size)]
    shares = [rng.randint(30, 60), *(rng.randint(0, 10) for _ in range(size))]
    return tuple(
        TeamMember(
            name,
            post,
            rng.choice(_DEGREES),
            f"{rng.choice(_FIELDS)}专业，从业{rng.randint(3, 25)}年",
            share,
        )
        for name, post, share in zip(names, posts, shares, strict=True)
    )


def judges(rng: random.Random, count: int) -> list[JudgeData]:
    """`count` judges of different names, about two fifths from outside the region, each expert in 1-3 tracks.

    The tracks of technical judges go round, so that every track finds its own. An investor is at least
    投资副总监, as the judge rules of a sister contest ask.
    """
    codes = [code for code, _ in TRACKS]
    roles = rng.choices(tuple(_ROLES), [role[3] for role in _ROLES.values()], k=count)
    taken: set[str] = set()
    found = []
    for index, role in enumerate(roles):
        name = person(rng)
        while name in taken:
            name = person(rng)
        taken.add(name)
        home, far, titles, _ = _ROLES[role]
        is_far = rng.random() < 0.4
        employer = rng.choice(far if is_far else home)
        first = codes[index % len(codes)]
        others = rng.sample([code for code in codes if code != first], rng.randint(0, 2))
        found.append(
            JudgeData(
                name=name,
                employer=employer,
                title=rng.choice(titles),
                tracks=tuple(sorted((first, *others), key=codes.index)),
                role=role,
                region=home_of(employer),
            )
        )
    return found
