"""Ranking on files: `tables` reads score sheets and writes results, `methods` ranks them without any file."""
