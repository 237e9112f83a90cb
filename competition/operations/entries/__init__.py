"""Entries: started, saved as typed, given files, submitted as frozen versions, withdrawn, disqualified."""

from competition.operations.enterprises import register_enterprise
from competition.operations.entries.drafts import attach_file, newer_fields, save_entry, start_entry
from competition.operations.entries.ending import disqualify_entry, withdraw_entry
from competition.operations.entries.submission import submit_entry
from competition.operations.entries.uploads import begin_upload, find_upload, receive_part, sweep_uploads

__all__ = [
    "attach_file",
    "begin_upload",
    "disqualify_entry",
    "find_upload",
    "newer_fields",
    "receive_part",
    "register_enterprise",
    "save_entry",
    "start_entry",
    "submit_entry",
    "sweep_uploads",
    "withdraw_entry",
]
