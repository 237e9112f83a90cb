"""reconcile(): every rule in order, each seeing what was found before it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from fund.reconciliation import (
    rules_claims,
    rules_counts,
    rules_derived,
    rules_quoted,
    rules_rates,
    rules_report,
    rules_table,
    rules_text,
    rules_tiers,
    rules_tree,
)
from fund.reconciliation.case import Case
from fund.reconciliation.findings import Finding
from fund.reconciliation.ledger import Tree
from fund.reconciliation.report import Report
from fund.records import IndicatorRow, TreeLine

Rule = Callable[[Case, Sequence[Finding]], Iterator[Finding]]

# Money first, then units, numbers of items, the text's own figures, then what concerns meaning and form.
# The text comes after the table, so that its slips do not hide what the table says of the same line.
RULES: tuple[Rule, ...] = (
    rules_tree.sums,
    rules_tree.leaf_totals,
    rules_tree.unstated_amounts,
    rules_tree.negative_amounts,
    rules_tree.same_names,
    rules_rates.weights,
    rules_claims.claims_in_tree,
    rules_claims.copies_in_tree,
    rules_claims.claims_in_table,
    rules_report.text_unit_errors,
    rules_report.text_units_missing,
    rules_report.table_units,
    rules_tree.item_sums,
    rules_counts.project_counts,
    rules_counts.pairings,
    rules_report.text_amounts,
    rules_report.text_counts,
    rules_counts.kinds_in_text,
    rules_tiers.table_tiers,
    rules_tiers.text_tiers,
    rules_quoted.quoted_rows,
    rules_quoted.printed_rows,
    rules_text.periods,
    rules_text.editions,
    rules_table.labels,
    rules_text.coverage,
    rules_table.fuzzy,
    rules_table.copied,
    rules_derived.heads_per_project,
    rules_derived.products,
    rules_derived.text_products,
    rules_tiers.priced_tiers,
    rules_rates.stated_rates,
    rules_rates.text_execution,
    rules_table.per_unit,
    rules_table.misplaced,
    rules_table.missing_fields,
    rules_table.unfilled,
    rules_table.unmeasurable,
    rules_text.goals,
)


def reconcile(
    lines: Sequence[TreeLine], indicators: Sequence[IndicatorRow], text: str | None = None
) -> list[Finding]:
    """Every contradiction within and between a fund tree, an indicator table and a report text.

    Amounts in the findings are 分, ids R01, R02 … in order of discovery. Nothing is changed or assumed right:
    each finding carries both figures, both places and what could explain the difference. Raises InvalidInput
    when the tree is no tree (repeated code, unknown parent, circle).
    """
    tree = Tree(lines)
    case = Case(tree, tuple(indicators), Report(text, tree) if text and text.strip() else None)
    found: list[Finding] = []
    for rule in RULES:
        for finding in list(rule(case, tuple(found))):
            found.append(replace(finding, id=f"R{len(found) + 1:02d}"))
    return found
