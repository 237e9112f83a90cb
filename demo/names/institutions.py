"""Investment institutions and banks of the matchmaking day (演示数据)."""

import random
from dataclasses import dataclass

from demo.names.people import HOME, home_of, person
from demo.names.words import words

_FUND_HEADS = words(
    "雪岭 瀚海 绿洲 丝路启明 昆仑成长 天泽 胡杨 浦江 湾区 燕京启航 江畔 蜀道 长安 祁连 博斯腾 云杉"
)
_FUND_TAILS = ("创业投资有限公司", "股权投资基金管理有限公司", "科创基金（有限合伙）", "资本管理有限公司")
_BANKS = (
    "雪岭银行乌鲁木齐分行",
    "绿洲农村商业银行",
    "丝路银行科技支行",
    "瀚海村镇银行",
    "昆仑河银行新疆分行",
)
FUNDS = 15


@dataclass(frozen=True)
class InstitutionData:
    """`kind` is 'institution' (investor) or 'bank'."""

    name: str
    kind: str
    region: str
    contact_name: str
    contact_phone: str


def institutions(rng: random.Random) -> list[InstitutionData]:
    """Fifteen investors and five banks, as many as came in 2018; every name says that it is of the demo."""
    heads = sorted(rng.sample(_FUND_HEADS, FUNDS), key=_FUND_HEADS.index)
    named = [(f"{head}{rng.choice(_FUND_TAILS)}（演示）", "institution", home_of(head)) for head in heads]
    named += [(f"{bank}（演示）", "bank", HOME) for bank in _BANKS]
    return [
        InstitutionData(name, kind, region, person(rng), f"15490{index:06d}")
        for index, (name, kind, region) in enumerate(named)
    ]
