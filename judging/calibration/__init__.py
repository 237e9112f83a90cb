"""Calibrated ranking: what the entries would have scored had every judge used the scale alike.

Diagnostic, never official by itself. Read in this order: `sheets` (scores in an order that depends on
their structure alone), `model` (the two-way model and its fit), `certainty` (chance of an award, rank
intervals), `reading` (adjusted scores and the account of one entry).
"""
