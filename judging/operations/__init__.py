"""The write layer: judges and conflicts, sessions, sheets and corrections, rankings."""
