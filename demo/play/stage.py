"""What the acts share: the people, the edition, the dice, and the step that commits."""

import random
import zlib
from dataclasses import dataclass, field

from competition.enums import Group
from competition.models import Criterion, Edition, Enterprise, Entry, Stage
from core.db import commit
from core.models import User
from judging.models import Judge

SEED = 20180504


@dataclass
class Play:
    people: dict[str, User] = field(default_factory=dict)
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))
    edition: Edition | None = None
    stages: dict[str, Stage] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    enterprises: dict[str, Enterprise] = field(default_factory=dict)
    judges: list[Judge] = field(default_factory=list)
    criteria: dict[Group, list[Criterion]] = field(default_factory=dict)

    @property
    def office(self) -> User:
        return self.people["office"]

    @property
    def second(self) -> User:
        """The other person of the office: reviews, approves, confirms what the first prepared."""
        return self.people["office2"]

    def bureau(self, prefecture: str) -> User:
        return self.people[prefecture]

    def mark(self, entry: Entry, judge: Judge, criterion: Criterion) -> int:
        """A mark in hundredths on half points: the entry's strength, the judge's leniency, and chance."""
        strength = zlib.crc32(f"{entry.number}:{criterion.code}".encode()) % 1000 / 1000
        leniency = zlib.crc32(judge.name.encode()) % 100 / 100
        share = 0.60 + 0.26 * strength + 0.06 * leniency + 0.06 * self.rng.random()
        return min(criterion.max_hundredths, int(share * criterion.max_hundredths / 50) * 50)

    def step(self) -> None:
        commit()
