"""Judges, conflicts, panels, sessions, draws, score sheets, rankings and the live board.

Owns those tables and alone writes them. May import core and competition.
"""
