"""The draw anyone can repeat with Python's standard library.

The order: keys sorted by the SHA-256 of the UTF-8 text `seed|key`, as hexadecimal. To check a published draw:

    sorted(keys, key=lambda key: hashlib.sha256(f"{seed}|{key}".encode()).hexdigest())

The seed is published before the draw together with the pool hash, which pins down who took part. Panels and
rooms are dealt in this order (`panels`, `rooms`).
"""

import hashlib
import json
from collections.abc import Iterable

ALGORITHM = "sha256-order-1"


def draw_order(keys: Iterable[str], seed: str) -> list[str]:
    """Running order. Equal keys are drawn once."""
    return sorted(set(keys), key=lambda key: hashlib.sha256(f"{seed}|{key}".encode()).hexdigest())


def draw_hash(*parts) -> str:
    """SHA-256 of the parts as one line of JSON (keys sorted, no spaces, non-ASCII as is): the pool hash."""
    line = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()
