"""A judge's receipt to keep, and the page where anybody who holds one asks whether it still fits."""

from flask import render_template, request
from flask_login import current_user

from core import web
from core.access import allow, public
from core.enums import Role
from core.errors import NotVisible
from core.files import send_bytes
from judging import queries, receipts
from judging.enums import SheetState
from judging.operations.receipts import check, look_code, stored_look_text, stored_text
from judging.queries import diagnoses
from judging.views import bp

PLAIN = "text/plain; charset=utf-8"


@bp.get("/judge/sheets/<int:sheet_id>/receipt")
@allow(Role.JUDGE)
def sheet_receipt(sheet_id: int):
    """To print, or as a text file whose SHA-256 is the receipt's."""
    found = queries.own_sheet(current_user, sheet_id)
    if found.state != SheetState.SUBMITTED:
        raise NotVisible("评分提交之后才有回执。")
    text = stored_text(found)
    sha256 = receipts.sha256_of(text)
    code = receipts.code_of(found.id, sha256)
    if "text" in request.args:
        return send_bytes(text.encode(), f"receipt-{code}.txt", PLAIN)
    return render_template("judging/receipt.html", sheet=found, text=text, sha256=sha256, code=code)


@bp.get("/judge/second-looks/<int:look_id>/receipt")
@allow(Role.JUDGE)
def second_look_receipt(look_id: int):
    """The text whose SHA-256 is the receipt of a second look."""
    found = diagnoses.own_look(current_user, look_id)
    code = look_code(found)
    if not code:
        raise NotVisible("复评提交之后才有回执。")
    return send_bytes(stored_look_text(found).encode(), f"receipt-{code}.txt", PLAIN)


@bp.get("/receipts")
@public
@web.limiter.limit("60/minute")
def receipt_check():
    """Says 一致, 不一致 or 无此回执, never a score."""
    code = request.args.get("code", "").strip()[:60]
    return render_template("judging/receipt_check.html", code=code, answer=check(code) if code else None)
