"""Published pages for visitors: rendered once, kept as bytes, answered with an ETag.

A page is kept as long as nothing was written: every write adds to the audit chain, so its head is the version of
everything the public can read. The head is asked at most once a second in each process, and no page lives longer
than a minute, because deadlines pass without a write. The pages of a signed-in person are never kept, nor is a page
with a form's token in it: a kept page holds nothing that belongs to one visitor. `awards.views.early` sends a kept
page before Flask is asked.
"""

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from flask import Response, current_app, g, make_response, request, session
from flask_login import current_user
from sqlalchemy import select

from core.db import db
from core.models import ChainHead

FRESH_SECONDS = 1
LIFE_SECONDS = 60
KEPT = 400
SMALLEST_PACKED = 1024
LARGE = "large=1"  # the one cookie a kept page knows


@dataclass(frozen=True)
class Kept:
    """A page as bytes, plain and packed (None where packing is not worth it)."""

    body: bytes
    packed: bytes | None
    tag: str
    version: str
    rendered_at: float


class Shelf:
    """The kept pages of this process, the least recently used dropped first, and the last seen version."""

    def __init__(self, fresh_seconds: int):
        self.pages: OrderedDict[tuple, Kept] = OrderedDict()
        self.addresses: dict[tuple[str, str, str, bool], tuple] = {}
        self.lock = threading.Lock()
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
        version = self.current_version()
        with self.lock:
            kept = self.pages.get(key)
            if kept is None or not self._good(kept, version):
                return None
            self.pages.move_to_end(key)
        return kept

    def at(self, address: tuple[str, str, str, bool]) -> Kept | None:
        """The page answered at this very address before, while the version is known to be fresh."""
        if time.monotonic() - self.seen_at >= self.fresh_seconds:
            return None
        kept = self.pages.get(self.addresses.get(address))
        return kept if kept is not None and self._good(kept, self.version) else None

    @staticmethod
    def _good(kept: Kept, version: str) -> bool:
        return kept.version == version and time.monotonic() - kept.rendered_at <= LIFE_SECONDS

    def keep(self, key: tuple, kept: Kept) -> Kept:
        with self.lock:
            self.pages[key] = kept
            self.pages.move_to_end(key)
            while len(self.pages) > KEPT:
                self.pages.popitem(last=False)
        return kept

    def remember(self, address: tuple[str, str, str, bool], key: tuple) -> None:
        if len(self.addresses) > 2 * KEPT:
            self.addresses = {}
        self.addresses[address] = key


def address_of(environ: dict) -> tuple[str, str, str, bool]:
    """What of a request decides which kept page it gets: host, path, query, large type."""
    return (
        environ.get("HTTP_HOST", ""),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        environ.get("HTTP_COOKIE") == LARGE,
    )


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
            if isinstance(kept, Response):
                return kept
            shelf().remember(address_of(request.environ), key)
            return _send(kept)

        return answer

    return keep


def _for_everybody(names: tuple[str, ...]) -> bool:
    if request.cookies and (current_user.is_authenticated or "_flashes" in session):
        return False
    return set(request.args) <= set(names)


def _render(view: Callable, arguments: dict, key: tuple) -> Kept | Response:
    """Only a plain 200 without anybody's token is kept."""
    version = shelf().current_version()
    response = make_response(view(**arguments))
    if response.status_code != 200 or "csrf_token" in g:
        return response
    body = response.get_data()
    packed = gzip.compress(body) if len(body) > SMALLEST_PACKED else None
    tag = hashlib.sha256(body).hexdigest()[:24]
    return shelf().keep(key, Kept(body, packed, tag, version, time.monotonic()))


def _send(kept: Kept) -> Response:
    response = Response(mimetype="text/html")
    response.set_etag(kept.tag)
    response.cache_control.no_cache = True
    response.vary.add("Accept-Encoding")
    if request.if_none_match.contains(kept.tag):
        response.status_code = 304
        return response
    if kept.packed and request.accept_encodings["gzip"] > 0:
        response.content_encoding = "gzip"
        response.set_data(kept.packed)
    else:
        response.set_data(kept.body)
    return response
