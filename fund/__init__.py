"""The special fund: budget tree and ledger, performance indicators, self-evaluation, reconciliation.

Owns the tables of those things and alone writes them. May import core.
"""
