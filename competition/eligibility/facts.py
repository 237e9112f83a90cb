"""What the engine is told: the facts of an entry and the parameters of the edition, with their plain-data form."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Literal

from competition.validators import SME_NUMBER_PATTERN

TIERS = ("first", "second", "third", "excellence", "encouragement")
PRIZE_TIERS = frozenset({"first", "second", "third"})

Stage = Literal["registration", "recommendation"]


@dataclass(frozen=True)
class PastAward:
    """An award of an earlier edition. `acceptance_passed` is None where the award had no project to accept."""

    level: Literal["national", "provincial", "city"]
    edition_year: int
    tier: str
    group: str
    acceptance_passed: bool | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of one entry. None means not stated. `revenue_fen` is of the parameters' revenue year."""

    registered_on: date | None
    revenue_fen: int | None
    listed: bool | None
    ip_granted: int | None
    ip_pending: int
    integrity_signed: bool | None
    credit_code: str
    division_code: str | None
    sme_number: str | None = None
    hightech_number: str | None = None
    hightech_valid_until: date | None = None
    past_awards: tuple[PastAward, ...] = ()
    other_entry_this_year: bool = False


@dataclass(frozen=True)
class AwardBar:
    """Which earlier awards count. `within_years` looks back from the edition's year; None looks back for ever."""

    levels: frozenset[str]
    tiers: frozenset[str] = PRIZE_TIERS
    within_years: int | None = None


@dataclass(frozen=True)
class AwardCap:
    """At most `most` awards in a lifetime; a further one must be of a higher tier or in the other group."""

    levels: frozenset[str]
    most: int = 2
    must_improve: bool = True


@dataclass(frozen=True)
class Parameters:
    """The entry conditions of an edition. Limits are inclusive; None or an empty set switches a rule off."""

    edition_year: int
    startup_from: date
    revenue_year: int
    entry_revenue_max_fen: int | None = 20_000_000_000
    founded_from: date | None = None
    listed_barred: bool = True
    ip_min: int = 1
    ip_pending_ok_for_startup: bool = False
    integrity_required: bool = True
    region_divisions: frozenset[str] = frozenset()
    guest_divisions: frozenset[str] = frozenset()
    number_required_at: Stage | None = "recommendation"
    number_exempts_startup: bool = True
    sme_number_pattern: str = SME_NUMBER_PATTERN
    sme_number_years: frozenset[int] = frozenset()
    hightech_accepted: bool = True
    national_winner: AwardBar | None = AwardBar(levels=frozenset({"national"}))
    recent_winner: AwardBar | None = None
    award_cap: AwardCap | None = None
    unfinished_acceptance: Literal["fail", "manual"] | None = "manual"
    repeat_winner: AwardBar | None = None
    other_entry: Literal["fail", "manual"] | None = "fail"


_NESTED = {
    "national_winner": AwardBar,
    "recent_winner": AwardBar,
    "repeat_winner": AwardBar,
    "award_cap": AwardCap,
}


def describe(parameters: Parameters) -> dict:
    """The parameters as plain data (dates ISO, sets sorted), for a frozen rule version. `parameters_from` reads it."""
    return {f.name: _plain(getattr(parameters, f.name)) for f in fields(parameters)}


def parameters_from(data: dict) -> Parameters:
    """The inverse of `describe`; names left out keep their defaults."""
    known = {f.name: data[f.name] for f in fields(Parameters) if f.name in data}
    for name in ("startup_from", "founded_from"):
        if known.get(name):
            known[name] = date.fromisoformat(known[name])
    for name in ("region_divisions", "guest_divisions", "sme_number_years"):
        if name in known:
            known[name] = frozenset(known[name])
    for name, shape in _NESTED.items():
        if known.get(name):
            sets = {key: frozenset(value) for key, value in known[name].items() if isinstance(value, list)}
            known[name] = shape(**known[name] | sets)
    return Parameters(**known)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, AwardBar | AwardCap):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value
