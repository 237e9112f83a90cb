"""The evidence pack: everything a frozen ranking rests on in one zip, with a script that recomputes it alone.

`facts` reads, `pack` writes, `wording` explains; `recompute.py` goes into the pack as it is and imports nothing of
the project.
"""
