"""Contradictions in a fund tree, an indicator table and a report text. Pure: no database, no Flask.

Read in order: findings, ledger (the tree), report (the text), case (all three), rules_*, engine.
"""

from fund.reconciliation.engine import reconcile
from fund.reconciliation.findings import Finding

__all__ = ["Finding", "reconcile"]
