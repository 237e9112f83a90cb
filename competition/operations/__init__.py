"""The write layer: editions, entries, review; rounds, visits, events, recommendation."""
