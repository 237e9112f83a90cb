"""Pages of awards, notices and money (blueprint `awards`); the public site's blueprint `site` is in `site.py`."""

from flask import Blueprint

bp = Blueprint("awards", __name__)
