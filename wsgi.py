"""The WSGI entry: `granian --interface wsgi wsgi:app`, `flask --app wsgi ...`."""

import gc

gc.disable()  # nothing of what an import makes is garbage
from core.app import create_app  # noqa: E402

app = create_app()
# What lives as long as the process is not walked again by every full collection.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
gc.enable()
