"""Importing entries: a batch is checked, then written in steps, then can be undone. Steps are committed by the caller."""

from competition.operations.imports.batches import (
    CHECK_JOB,
    UNDO_JOB,
    WRITE_JOB,
    check_batch,
    discard_batch,
    import_batch,
    make_batch,
    map_again,
    stop_batch,
    undo_batch,
)
from competition.operations.imports.checking import check, read_report
from competition.operations.imports.undoing import undo
from competition.operations.imports.writing import write

__all__ = [
    "CHECK_JOB",
    "UNDO_JOB",
    "WRITE_JOB",
    "check",
    "check_batch",
    "discard_batch",
    "import_batch",
    "make_batch",
    "map_again",
    "read_report",
    "stop_batch",
    "undo",
    "undo_batch",
    "write",
]
