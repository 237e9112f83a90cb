"""Core pages: sessions, the own account, the three administrators' pages, health."""

from flask import Blueprint

bp = Blueprint("core", __name__)
