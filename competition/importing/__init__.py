"""Importing a list of entries made elsewhere: heads to fields, cells to records, records against what is known. Pure.

Source of the heads: the registration summary (报名汇总表) of DOMAIN.md section 6. Everything is text until a validator
of `competition.validators` or `competition.fields` has read it; nothing is guessed and nothing is cut.
"""
