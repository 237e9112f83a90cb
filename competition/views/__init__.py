"""Competition pages: public registration, the enterprise's own pages, the staff's pages under /office."""

from flask import Blueprint

bp = Blueprint("competition", __name__)
