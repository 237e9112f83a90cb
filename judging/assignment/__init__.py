"""Who judges what: an assignment of judges to entries, panels and rooms, drawn from a published seed.

Pure: no database, no web. Read in this order: `problem` (what is given, and the hash published before the
draw), `instance` (the same as arrays), `network` (the flow model), `guide` (prices, bound, candidate pairs),
`solve` (`assign`, `refill`), `repair` (the smallest change where no answer exists), `check` (every hard rule,
tested anew), `connection` (are all judges comparable?), `words` (sentences), `draw` (running order, panels,
rooms).

numpy and OR-tools are imported inside the functions that compute, so that naming these modules at the top of
a command or a job costs a web worker nothing.
"""
