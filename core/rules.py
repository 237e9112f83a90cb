"""Verdicts: a yes or a no with the reason shown to the person."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.errors import NotAllowed

if TYPE_CHECKING:
    from core.enums import Role


@dataclass(frozen=True)
class Verdict:
    yes: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.yes

    def or_raise(self) -> None:
        if not self.yes:
            raise NotAllowed(self.reason or None)


YES = Verdict(True)


def no(reason: str) -> Verdict:
    return Verdict(False, reason)


def verdict(condition: bool, reason: str) -> Verdict:
    return YES if condition else no(reason)


def all_of(*verdicts: Verdict) -> Verdict:
    """The first no, else yes."""
    return next((item for item in verdicts if not item), YES)


class Actor(Protocol):
    """Whoever acts: a signed-in user, or the system itself (`core.rules.SYSTEM`)."""

    id: int | None
    role: "Role | None"
    display_name: str


@dataclass(frozen=True)
class SystemActor:
    id: int | None = None
    role: "Role | None" = None
    display_name: str = "系统"


SYSTEM = SystemActor()


def has_role(actor: Actor, *roles: "Role") -> Verdict:
    return verdict(actor.role in roles, "您的角色不能办理此事项。")


def is_system(actor: Actor) -> Verdict:
    return verdict(actor is SYSTEM, "此事项只能由系统自动办理。")
