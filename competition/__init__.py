"""Editions, regions, tracks, enterprises, entries, review, rounds, due diligence, training, matchmaking, recommendation.

Owns those tables and alone writes them. May import core and fund.
"""
