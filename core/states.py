"""State machines as data that can be searched. `Machine.fire` is the one place that assigns a state."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from core import audit
from core.db import db, flush
from core.errors import IllegalTransition, InvalidInput
from core.rules import Actor, Verdict


class Badge(NamedTuple):
    """How a state is shown everywhere: word, colour tone and icon, never colour alone."""

    label: str
    tone: str = "neutral"
    icon: str = "circle"


@dataclass(frozen=True)
class Transition:
    """`tone` and `confirm` are for the button: confirm asks the person to think twice, with that sentence."""

    name: str
    sources: tuple[StrEnum, ...]
    target: StrEnum
    rule: Callable[[Actor, Any], Verdict]
    label: str
    needs_reason: bool = False
    tone: str = "primary"
    confirm: str = ""


class Machine:
    def __init__(self, *transitions: Transition, badges: dict[StrEnum, Badge]):
        self.transitions = {transition.name: transition for transition in transitions}
        self.badges = badges

    def badge(self, subject: Any) -> Badge:
        return self.badges[subject.state]

    def available(self, subject: Any, actor: Actor) -> list[Transition]:
        """What this person may do now; feeds the buttons, so the screen and the server cannot disagree."""
        return [
            transition
            for transition in self.transitions.values()
            if subject.state in transition.sources and transition.rule(actor, subject)
        ]

    def can(self, subject: Any, name: str, actor: Actor) -> bool:
        transition = self.transitions[name]
        return subject.state in transition.sources and bool(transition.rule(actor, subject))

    def fire(
        self,
        subject: Any,
        name: str,
        *,
        actor: Actor,
        now: datetime,
        reason: str = "",
        set: dict[str, Any] | None = None,
        guards: Iterable[Verdict] = (),
    ) -> None:
        """Ask the rule (403), check the source (409), then write state and tied columns at once, flush, audit."""
        transition = self.transitions[name]
        transition.rule(actor, subject).or_raise()
        for guard in guards:
            guard.or_raise()
        if subject.state not in transition.sources:
            raise IllegalTransition()
        reason = (reason or "").strip()
        if transition.needs_reason and not reason:
            raise InvalidInput("请填写理由。", code="reason_needed", field="reason")
        before = {"state": subject.state}
        with db.session.no_autoflush:
            for column, value in (set or {}).items():
                setattr(subject, column, value)
            subject.state = transition.target
        flush()
        audit.record(
            f"{subject.__tablename__}.{name}",
            subject,
            actor=actor,
            now=now,
            before=before,
            after={"state": transition.target, **(set or {})},
            reason=reason,
        )
