"""A kept public page, sent before Flask is asked.

Only for a plain GET without any cookie but the one for large type, at an address and under a host that Flask itself
has answered with that page, and only while the version of everything public was looked up within the last second.
All else goes the usual way; both ways send the same headers (a test compares them).
"""

import secrets
from collections.abc import Callable, Iterable

from flask import Flask

from awards.views.published import LARGE, Kept, address_of
from core import web


class EarlyPages:
    """The application with the short way in front of it."""

    def __init__(self, app: Flask):
        self.usual, self.extensions = app.wsgi_app, app.extensions
        self.headers = [*web.standing_headers(app), ("Cache-Control", "no-cache")]

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        kept = self._kept(environ)
        if kept is None:
            return self.usual(environ, start_response)
        headers = [
            *self.headers,
            ("X-Request-Id", secrets.token_hex(6)),
            ("ETag", f'"{kept.tag}"'),
            ("Vary", "Accept-Encoding, HX-Request, Cookie"),
        ]
        if environ.get("HTTP_IF_NONE_MATCH", "").removeprefix("W/") == f'"{kept.tag}"':
            start_response("304 NOT MODIFIED", headers)
            return []
        body = kept.body
        if kept.packed and _takes_gzip(environ):
            body = kept.packed
            headers.append(("Content-Encoding", "gzip"))
        headers += [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]

    def _kept(self, environ: dict) -> Kept | None:
        shelf = self.extensions.get("published_pages")
        if shelf is None or environ["REQUEST_METHOD"] != "GET":
            return None
        if environ.get("HTTP_COOKIE", LARGE) != LARGE or "," in environ.get("HTTP_IF_NONE_MATCH", ""):
            return None
        return shelf.at(address_of(environ))


def _takes_gzip(environ: dict) -> bool:
    """A header that weighs its encodings is read by the letter q alone: such a browser gets the plain page."""
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in accepted and ";" not in accepted
