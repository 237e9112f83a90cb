"""The WSGI entry: `granian --interface wsgi wsgi:app`, `flask --app wsgi ...`."""

import gc

from core.app import create_app

app = create_app()
# What lives as long as the process is not walked again by every full collection.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 20)
