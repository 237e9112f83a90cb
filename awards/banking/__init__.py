"""Files for a bank and answers from it: pure, columns as data, no database.

`layout` writes approved lines in a bank's columns; `answers` reads a bank's answer and says of each line what it
means for the batch that was sent.
"""
