"""The annual summary of a year: drafted on the page with every figure leading to its rows, and as Word."""

from flask import current_app, render_template, url_for
from flask_login import current_user

from core import web
from core.access import access_of, allow
from core.clock import BEIJING
from core.files import DOCX, send_bytes
from fund import queries
from fund.summary import Draft, Figure, Gap, Paragraph, draft_of
from fund.summary.draft import DUE
from fund.summary.word import to_docx
from fund.views import bp


def _draft(year: int) -> Draft:
    queries.need_year(year)
    return draft_of(year, unit=current_app.config["SETTINGS"].organiser)


def _address(figure: Figure, *, external: bool = False) -> str | None:
    """The page of the figure's rows, where the floor that knows them has one."""
    if figure.endpoint not in current_app.view_functions:
        return None
    return url_for(figure.endpoint, _external=external, **figure.arguments)


def _own_address(figure: Figure) -> str | None:
    """The same, for what the reader may open; finance, for one, does not read entries."""
    access = access_of(figure.endpoint)
    return _address(figure) if access and current_user.role in access.roles else None


@bp.get("/<int:year>/summary")
@allow(*queries.FUND_READERS)
def summary(year: int):
    draft = _draft(year)
    return render_template(
        "fund/summary.html",
        year=year,
        draft=draft,
        figures=draft.figures(),
        gaps=draft.gaps(),
        due=DUE,
        address=_own_address,
        is_figure=lambda piece: isinstance(piece, Figure),
        is_gap=lambda piece: isinstance(piece, Gap),
        is_paragraph=lambda part: isinstance(part, Paragraph),
    )


@bp.get("/<int:year>/summary.docx")
@allow(*queries.FUND_READERS)
def summary_docx(year: int):
    draft = _draft(year)
    today = web.now().astimezone(BEIJING)
    made = to_docx(
        draft,
        lambda figure: _address(figure, external=True),
        drafted_on=f"{today.year}年{today.month}月{today.day}日",
        demo=current_app.config["SETTINGS"].demo,
    )
    return send_bytes(made, f"{draft.title}（草稿）.docx", DOCX)
