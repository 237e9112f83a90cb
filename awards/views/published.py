"""Published pages for visitors: rendered once, kept as bytes, answered with an ETag.

A page is kept as long as nothing was written: every write adds to the audit chain, so its head is the version of
everything the public can read. The head is asked at most once a second in each process, and no page lives longer
than a minute, because deadlines pass without a write. The pages of a signed-in person are never kept. The one thing
in them that belongs to a visitor, the token of the forms in the frame, is left as a gap and filled in when sending.
"""

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from flask import Response, current_app, g, make_response, request, session
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from core.db import db
from core.models import ChainHead

FRESH_SECONDS = 1
LIFE_SECONDS = 60
KEPT = 400
GAP = "~token-of-this-visitor~"


@dataclass(frozen=True)
class Kept:
    parts: tuple[bytes, ...]
    digest: str
    version: str
    rendered_at: float


class Shelf:
    """The kept pages of this process, the least recently used dropped first, and the last seen version."""

    def __init__(self, fresh_seconds: int):
        self.pages: OrderedDict[tuple, Kept] = OrderedDict()
        self.fresh_seconds = fresh_seconds
        self.version = ""
        self.seen_at = -1e9

    def current_version(self) -> str:
        if time.monotonic() - self.seen_at >= self.fresh_seconds:
            head = db.session.execute(
                select(ChainHead.count, ChainHead.hash).where(ChainHead.name == "audit")
            ).first()
            self.version, self.seen_at = f"{head.count}-{head.hash}" if head else "", time.monotonic()
        return self.version

    def find(self, key: tuple) -> Kept | None:
        kept = self.pages.get(key)
        if kept is None or kept.version != self.current_version():
            return None
        if time.monotonic() - kept.rendered_at > LIFE_SECONDS:
            return None
        self.pages.move_to_end(key)
        return kept

    def keep(self, key: tuple, kept: Kept) -> Kept:
        self.pages[key] = kept
        self.pages.move_to_end(key)
        while len(self.pages) > KEPT:
            self.pages.popitem(last=False)
        return kept


def shelf() -> Shelf:
    """Tests see every write at once; elsewhere a second may pass."""
    found = current_app.extensions.get("published_pages")
    if found is None:
        found = Shelf(0 if current_app.config["SETTINGS"].testing else FRESH_SECONDS)
        current_app.extensions["published_pages"] = found
    return found


def published(*names: str) -> Callable:
    """Keep a public page; `names` are the arguments that make another page. Any other argument: not kept."""

    def keep(view: Callable) -> Callable:
        @wraps(view)
        def answer(**arguments):
            if not _for_everybody(names):
                return view(**arguments)
            chosen = tuple((name, request.args[name]) for name in sorted(request.args))
            key = (request.path, chosen, request.cookies.get("large") == "1")
            kept = shelf().find(key) or _render(view, arguments, key)
            return kept if isinstance(kept, Response) else _send(kept)

        return answer

    return keep


def _for_everybody(names: tuple[str, ...]) -> bool:
    if request.cookies and (current_user.is_authenticated or "_flashes" in session):
        return False
    return set(request.args) <= set(names)


def _render(view: Callable, arguments: dict, key: tuple) -> Kept | Response:
    """Only a plain 200 is kept; the token's place is marked while the template runs."""
    version = shelf().current_version()
    g.csrf_token = GAP
    try:
        response = make_response(view(**arguments))
    finally:
        g.pop("csrf_token", None)
    body = response.get_data()
    if response.status_code != 200:
        return response
    parts, digest = tuple(body.split(GAP.encode())), hashlib.sha256(body).hexdigest()[:24]
    return shelf().keep(key, Kept(parts, digest, version, time.monotonic()))


def _send(kept: Kept) -> Response:
    """The visitor's own token is part of the tag: a browser never revives a page with another session's token."""
    token = generate_csrf() if len(kept.parts) > 1 else ""
    mine = hashlib.sha256(str(session.get("csrf_token")).encode()).hexdigest()[:8] if token else "all"
    response = Response(mimetype="text/html")
    response.set_etag(f"{kept.digest}-{mine}")
    response.cache_control.no_cache = True
    if request.if_none_match.contains(f"{kept.digest}-{mine}"):
        response.status_code = 304
        return response
    body = token.encode().join(kept.parts)
    if request.accept_encodings["gzip"] > 0 and len(body) > 1024:
        body = gzip.compress(body, compresslevel=1)
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_data(body)
    return response
