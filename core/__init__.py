"""What every floor stands on: settings, app factory, database, errors, states, money, time, audit, accounts.

Imports none of our packages.
"""
