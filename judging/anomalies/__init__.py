"""What in the scores deserves a second look by a person. Pure numpy, on top of a Calibration.

Every statistic is put on the scale of a standard normal deviate. A flag names its statistic, how many flags of its
kind chance alone would raise, and the entries it touches. It never changes a score and proves nothing: a single
friendly lift of ten points cannot be told from bad luck (precision about .06 at the number planted).

`deviates` measures scores, judges, entries and pairs of judges; `relations` measures related parties, order and
the ranking without one judge; `flags` makes one list of it.
"""
