"""The navigation, filled by the packages' wiring: who sees which door, in which order."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import request, url_for

from core.enums import Role


@dataclass(frozen=True)
class Door:
    label: str
    endpoint: str
    icon: str
    roles: frozenset[Role] | None
    order: int
    section: str


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    icon: str
    active: bool
    section: str


_doors: list[Door] = []


def provide(
    label: str,
    endpoint: str,
    icon: str,
    *roles: Role,
    order: int,
    section: str = "业务",
    anonymous: bool = False,
) -> None:
    """Add a door for these roles; `anonymous=True` adds it to the public navigation instead."""
    door = Door(label, endpoint, icon, None if anonymous else frozenset(roles), order, section)
    if door not in _doors:
        _doors.append(door)


def items_for(user) -> list[NavItem]:
    """The doors of this person, the public ones for a visitor."""
    if not user.is_authenticated:
        return public_items()
    return _items(door for door in _doors if door.roles and user.role in door.roles)


def public_items() -> list[NavItem]:
    """The doors of the public site, for everybody."""
    return _items(door for door in _doors if door.roles is None)


def _items(doors: Iterable[Door]) -> list[NavItem]:
    return [_item(door) for door in sorted(doors, key=lambda door: door.order)]


def _item(door: Door) -> NavItem:
    here = (request.endpoint or "").rsplit("_", 1)[0]
    active = request.endpoint == door.endpoint or here == door.endpoint.rsplit("_", 1)[0]
    return NavItem(door.label, url_for(door.endpoint), door.icon, active, door.section)
