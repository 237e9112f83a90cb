"""Indicators of a year and the self-evaluation form made of them, on the page and on paper."""

from dataclasses import dataclass

from flask import current_app, redirect, render_template, request, url_for
from flask_login import current_user

from core import web
from core.access import allow
from core.enums import Role
from core.files import DOCX, XLSX, send_bytes
from fund import queries, reporting, results
from fund.evaluation import FORMS, form_for_year
from fund.evaluations import Basis, Figure, YearEvaluation, evaluate_year
from fund.forms import GoalForm
from fund.labels import PROBLEMS
from fund.printed import FilledForm, to_docx, to_form_xlsx
from fund.states import may_file_goal
from fund.views import bp
from fund.views.presenting import page_of, percent

SCORED = "B"
MEDIA = {"xlsx": (to_form_xlsx, XLSX), "docx": (to_docx, DOCX)}


@dataclass(frozen=True)
class Group:
    level1: str
    level2: str
    figures: list[Figure]


def grouped(figures: tuple[Figure, ...]) -> list[Group]:
    """In table order, one group per level 1 and level 2."""
    groups: dict[tuple[str, str], Group] = {}
    for figure in figures:
        told = figure.row.indicator
        key = told.level1, told.level2
        groups.setdefault(key, Group(*key, [])).figures.append(figure)
    return list(groups.values())


@bp.get("/<int:year>/indicators")
@allow(*queries.FUND_READERS)
def indicators(year: int):
    queries.need_year(year)
    found = _evaluation(year)
    return render_template(
        "fund/indicators.html",
        year=year,
        found=found,
        evaluation=found.evaluation,
        groups=grouped(found.figures),
        own_form=form_for_year(year) if year >= min(f.first_year for f in FORMS.values()) else None,
        forms=FORMS,
        basis=found.basis,
        problem_words=PROBLEMS,
        page_of=page_of,
        percent=percent,
    )


def _evaluation(year: int, code: str | None = None) -> YearEvaluation:
    """The form and the basis named in the address; an unknown choice falls back to the first."""
    form = FORMS.get(code or request.args.get("form", SCORED), FORMS[SCORED])
    chosen = request.args.get("basis", "")
    basis = Basis.REPORTED if chosen == Basis.REPORTED else Basis.STANDING
    return evaluate_year(year, form, basis)


@bp.get("/<int:year>/form/<any('A','B','C'):code>.<any('xlsx','docx'):kind>")
@allow(*queries.FUND_READERS)
def indicators_form(year: int, code: str, kind: str):
    queries.need_year(year)
    found = _evaluation(year, code)
    settings = current_app.config["SETTINGS"]
    goal = results.newest_goal(year)
    filled = FilledForm(
        found,
        department=settings.organiser,
        unit=goal.unit if goal else "",
        goal_expected=goal.expected if goal else "",
        goal_actual=goal.actual if goal else "",
        printed_by=current_user.display_name,
    )
    write, media_type = MEDIA[kind]
    return send_bytes(write(filled), f"{year}年度{found.form.title}.{kind}", media_type)


@bp.get("/<int:year>/goal")
@allow(*queries.FUND_READERS)
def goal(year: int):
    queries.need_year(year)
    newest = results.newest_goal(year)
    return _goal_page(year, GoalForm(formdata=None, obj=newest) if newest else GoalForm(formdata=None))


@bp.post("/<int:year>/goal")
@allow(Role.FINANCE, Role.OFFICE)
def goal_file(year: int):
    queries.need_year(year)
    form = GoalForm()
    if not form.validate_on_submit():
        return _goal_page(year, form), 422
    told = {name: form[name].data or "" for name in ("unit", "expected", "actual")}
    reporting.file_goal(year, **told, actor=current_user, now=web.now())
    web.flash("总体目标已登记。", "success")
    return redirect(url_for("fund.goal", year=year), 303)


def _goal_page(year: int, form: GoalForm) -> str:
    may_file = bool(may_file_goal(current_user))
    return render_template(
        "fund/goal.html", year=year, form=form, goals=results.goals_of(year), may_file=may_file
    )
