"""The published heads of the chains, for everybody to read, print and keep."""

from flask import render_template, request

from core import heads, listing
from core.access import public
from core.models import PublishedHead
from core.views import bp

CHAINS = {"audit": "审计记录", "transfer": "资金账"}
COLUMNS = [
    {"key": "day", "label": "日期"},
    {"key": "chain", "label": "链"},
    {"key": "count", "label": "记录数", "align": "end"},
    {"key": "hash", "label": "链头（HMAC-SHA-256）"},
]


@bp.get("/chain-heads")
@public
def chain_heads():
    page = listing.run(
        heads.published(),
        args=request.args,
        path=request.path,
        sorts={"day": PublishedHead.day, "chain": PublishedHead.chain, "id": PublishedHead.id},
        default_sort="-day",
        filters=[
            listing.Filter("chain", "链", list(CHAINS.items()), lambda value: PublishedHead.chain == value)
        ],
    )
    return render_template("core/chain_heads.html", page=page, columns=COLUMNS, chains=CHAINS)
