"""The diagnosis of a frozen ranking, beside it and never in its place.

`gather` reads what it looks at; `analysis` computes it (numpy, in a job, never in a request), with `line` (one judge
more or less), `rooms` (comparison and normalisation) and `spread` (plain distributions); `models` keeps it.
"""
