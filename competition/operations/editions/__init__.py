"""Editions: configured as a draft, copied, published (which freezes the rules), extended with a reason, closed."""

from competition.operations.editions.parameters import copy_edition, create_edition, update_edition
from competition.operations.editions.parts import (
    add_region,
    add_stage,
    add_track,
    change_stage,
    remove_region,
    remove_stage,
    remove_track,
    set_criteria,
)
from competition.operations.editions.publication import (
    close_edition,
    close_registration,
    extend_deadline,
    publish_edition,
)

__all__ = [
    "add_region",
    "add_stage",
    "add_track",
    "change_stage",
    "close_edition",
    "close_registration",
    "copy_edition",
    "create_edition",
    "extend_deadline",
    "publish_edition",
    "remove_region",
    "remove_stage",
    "remove_track",
    "set_criteria",
    "update_edition",
]
