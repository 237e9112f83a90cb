"""What the pages name exists: icons in the sprite, tones in the style sheets, static files on the disk."""

import ast
import re
from pathlib import Path

import pytest

from core.styleguide import STATES
from tools import vendor

ROOT = vendor.ROOT
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
CODE = [
    path
    for package in ("core", "fund", "competition", "judging", "awards", "site")
    for path in sorted((ROOT / package).rglob("*.py"))
]
TONES = {"neutral", "info", "success", "warning", "danger", "gold", "muted"}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def icons_of(template: str) -> set[str]:
    """Names written out in icon("…"), draw("…") and icon="…" of a template."""
    return set(re.findall(r"""\b(?:icon|draw)\(\s*["']([a-z0-9-]+)["']""", template)) | set(
        re.findall(r"""\bicon=["']([a-z0-9-]+)["']""", template)
    )


def calls(name: str) -> list[tuple[str, list]]:
    """Every call of this function in the code, with its constant arguments."""
    found = []
    for path in CODE:
        for node in ast.walk(ast.parse(read(path))):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and name in (
                getattr(called, "id", ""),
                getattr(called, "attr", ""),
            ):
                values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                found.append((path.relative_to(ROOT).as_posix(), values))
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_template_names_only_icons_of_the_sprite(path):
    assert icons_of(read(path)) - vendor.symbols() == set()


def test_badges_name_known_tones_and_icons():
    icons = vendor.symbols()
    wrong = [
        (where, values)
        for where, values in calls("Badge")
        if len(values) > 1 and values[1] not in TONES or len(values) > 2 and values[2] not in icons
    ]
    assert wrong == []


def test_doors_name_icons_of_the_sprite():
    doors = [values for _, values in calls("provide") if len(values) > 2]
    assert {values[2] for values in doors} - vendor.symbols() == set()


@pytest.mark.parametrize("tone", sorted(TONES))
def test_tone_has_its_colours(tone):
    sheet = read(ROOT / "static/css/components.css")
    assert f".tone-{tone} {{" in sheet
    assert f".tag-{tone} {{" in sheet


def test_static_files_named_by_templates_exist():
    named = {file for path in TEMPLATES for file in re.findall(r"""filename=["']([^"'{]+)["']""", read(path))}
    assert sorted(file for file in named if not (ROOT / "static" / file).is_file()) == []


def test_style_sheets_ask_nothing_of_other_sites():
    sheets = (ROOT / "static/css").glob("*.css")
    assert [path.name for path in sheets if re.search(r"https?://|@import", read(path))] == []


def test_style_guide_shows_every_tone():
    assert {state.tone for state in STATES} == TONES
