"""Editions: configured as a draft, copied, published (which freezes the rules), extended with a reason, closed."""

from competition.operations.editions.changes import (
    CHANGEABLE,
    propose_change,
    publish_change,
    return_change,
    start_change,
    withdraw_change,
)
from competition.operations.editions.parameters import copy_edition, create_edition, update_edition
from competition.operations.editions.parts import (
    add_region,
    add_stage,
    add_track,
    change_region,
    change_stage,
    change_track,
    is_editable,
    move_part,
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
    "CHANGEABLE",
    "add_region",
    "add_stage",
    "add_track",
    "change_region",
    "change_stage",
    "change_track",
    "close_edition",
    "close_registration",
    "copy_edition",
    "create_edition",
    "extend_deadline",
    "is_editable",
    "move_part",
    "propose_change",
    "publish_change",
    "publish_edition",
    "remove_region",
    "remove_stage",
    "remove_track",
    "return_change",
    "set_criteria",
    "start_change",
    "update_edition",
    "withdraw_change",
]
