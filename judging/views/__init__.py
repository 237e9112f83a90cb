"""Judging pages: the library, sessions and rankings of the staff, the judge's own pages, the big screen."""

from flask import Blueprint

bp = Blueprint("judging", __name__)
