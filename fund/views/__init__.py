"""Pages of the special fund (blueprint `fund`): the tree, the ledger, the indicators, the findings."""

from flask import Blueprint

bp = Blueprint("fund", __name__, url_prefix="/fund")
