"""Tiers, awards, public notices, objections, certificates, instalments, acceptance, payees and payments.

Owns those tables and alone writes them. May import all four floors below.
"""
