"""Entries: started, saved as typed, given files, submitted as frozen versions, withdrawn, disqualified."""

from competition.operations.enterprises import register_enterprise
from competition.operations.entries.drafts import attach_file, newer_fields, save_entry, start_entry
from competition.operations.entries.ending import disqualify_entry, withdraw_entry
from competition.operations.entries.submission import submit_entry

__all__ = [
    "attach_file",
    "disqualify_entry",
    "newer_fields",
    "register_enterprise",
    "save_entry",
    "start_entry",
    "submit_entry",
    "withdraw_entry",
]
