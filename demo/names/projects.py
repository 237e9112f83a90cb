"""Projects and intellectual property by track (演示数据)."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from demo.names.words import words

# track code -> technologies, products, business words of a company's name
_WORDS = {
    "electronics": (
        words(
            "基于北斗定位的 基于机器视觉的 基于边缘计算的 低功耗 多语种语音 宽温型 毫米波 光纤传感 自组网 抗风沙"
        ),
        words(
            "牧场监测终端 棉田灌溉控制器 油气井口监控装置 冷链记录仪 电力巡检设备 智能水表 隧道安全监测系统 车载翻译机 草原防火预警系统 光伏板清洗控制器"
        ),
        words("电子科技 智能科技 信息技术 物联网科技 光电技术 微电子"),
    ),
    "internet": (
        words("基于大数据的 双语 面向口岸的 面向乡村的 云端一体 可溯源 社区化 智能推荐 区块链存证 多端协同"),
        words(
            "特色林果交易平台 跨境电商服务平台 旅游导览系统 农机调度平台 在线教育平台 物流撮合平台 基层医疗随访系统 文创设计平台 畜牧保险服务系统 用工服务平台"
        ),
        words("网络科技 互联网科技 云计算 数据科技 软件 电子商务"),
    ),
    "biomedicine": (
        words("低温萃取 微生物发酵 基因检测 超临界提取 纳米包埋 酶法制备 冻干 指纹图谱质控 无抗 标准化炮制"),
        words(
            "雪莲提取物 维吾尔药制剂 骆驼乳制品 鹿茸活性肽 沙棘黄酮 红花籽油软胶囊 快速检测试剂盒 甘草次酸 动物疫苗 肉苁蓉饮片"
        ),
        words("生物科技 药业 生物制品 医疗科技 生物工程 民族药"),
    ),
    "manufacturing": (
        words("全自动 高精度 模块化 数字化 轻量化 液压驱动 智能 移动式 多功能 节水型"),
        words(
            "采棉机部件 残膜回收机 核桃破壳生产线 红枣分选机 石油修井工具 风机塔筒焊接装备 葡萄晾房设备 挤奶机器人 番茄采收机 管道检测机器人"
        ),
        words("机械制造 装备制造 智能装备 自动化 农机科技 石油机械"),
    ),
    "materials": (
        words("高强 耐候 可降解 石墨烯改性 硅基 玄武岩 阻燃 纳米 耐盐碱 再生"),
        words("地膜 复合管材 保温板 铝合金型材 特种纤维 防腐涂料 固沙材料 碳化硅微粉 水泥外加剂 棉秆板材"),
        words("新材料 新型建材 化工 纤维材料 复合材料 高分子材料"),
    ),
    "energy": (
        words("分布式 高效 余热 低风速 光热 污泥协同 零排放 相变 太阳能 生物质"),
        words(
            "储能系统 清洁取暖机组 油田污水处理装置 光伏水泵 秸秆成型燃料 沙漠电站运维系统 废旧地膜再生线 微电网控制系统 苦咸水淡化装置 烟气治理装置"
        ),
        words("新能源 环保科技 节能技术 能源科技 环境工程 电力科技"),
    ),
}
_STAGES = ("研发与产业化", "产业化", "示范推广", "关键技术开发及应用", "升级改造与推广")
_PAINS = ("人工成本高、效率低", "能耗高、损失大", "产品附加值低", "依赖进口、维护困难", "信息不畅、管理粗放")
_GAINS = ("综合成本降低", "生产效率提高", "用水量减少", "能耗下降", "产品损耗减少")
_IP_NAMES = (
    ("invention", "一种{}的控制方法"),
    ("invention", "一种{}的制备工艺"),
    ("invention", "一种{}的检测方法"),
    ("invention", "一种{}的质量追溯方法"),
    ("utility", "用于{}的连接装置"),
    ("utility", "用于{}的固定支架"),
    ("utility", "用于{}的防护组件"),
    ("utility", "用于{}的供电装置"),
    ("software", "{}管理软件V1.0"),
    ("software", "{}数据分析软件V1.0"),
    ("software", "{}管理软件V2.0"),
    ("design", "{}（外观）"),
)
_IP_SIGNS = {"invention": "FM", "utility": "SX", "software": "RZ", "design": "WG"}
MATURITIES = ("sample", "pilot", "volume")
_MATURITY_WORDS = {"sample": "完成样机试制", "pilot": "进入小批量试用", "volume": "实现批量生产"}


@dataclass(frozen=True)
class Project:
    """`maturity` is a value of the registration form; the abstract has less than 200 characters."""

    title: str
    abstract: str
    keywords: str
    maturity: str
    product: str


@dataclass(frozen=True)
class IntellectualProperty:
    """`kind` and `state` are values of the registration form; `number` begins with YS (演示)."""

    kind: str
    name: str
    number: str
    state: str
    dated_on: date


def project(rng: random.Random, track: str, place: str) -> Project:
    technologies, products, _ = _WORDS[track]
    technology, product, stage = rng.choice(technologies), rng.choice(products), rng.choice(_STAGES)
    maturity = rng.choice(MATURITIES)
    whole = technology + product
    abstract = (
        f"针对{place}等地相关行业{rng.choice(_PAINS)}的问题，本项目开发{whole}，已{_MATURITY_WORDS[maturity]}，"
        f"在{rng.randint(2, 60)}家用户中应用，可使{rng.choice(_GAINS)}约{rng.randint(8, 45)}%。"
        f"计划用{rng.choice('两三')}年完成{stage}，带动就业{rng.randint(10, 200)}人。"
    )
    keywords = "、".join((technology.removesuffix("的"), product, stage))
    return Project(whole + stage, abstract, keywords, maturity, whole)


def business_word(rng: random.Random, track: str) -> str:
    return rng.choice(_WORDS[track][2])


def intellectual_property(
    rng: random.Random, product: str, since: date, until: date, serial: int, granted: int, pending: int
) -> tuple[IntellectualProperty, ...]:
    """`granted` titles, then `pending` applications on a product, at most twelve, dated between the two days."""
    days = max((until - since).days, 1)
    items = []
    for index, (kind, name) in enumerate(rng.sample(_IP_NAMES, granted + pending)):
        dated_on = since + timedelta(days=rng.randrange(days))
        number = f"YS{_IP_SIGNS[kind]}{dated_on.year}{serial:04d}{index:02d}"
        state = "granted" if index < granted else "pending"
        items.append(IntellectualProperty(kind, name.format(product), number, state, dated_on))
    return tuple(items)
