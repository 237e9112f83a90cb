"""The structure holds: floors, order, sizes, and the few places where a thing may be done."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "fund", "competition", "judging", "awards")
CODE = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

# Exceptions to the size budgets, each with its reason. Aim to keep this short.
LONG_FUNCTIONS: dict[str, str] = {}
LONG_MODULES: dict[str, str] = {
    "judging/evidence/recompute.py": "one file by design: it goes into the evidence pack and runs alone",
}
# Where numbers are statistics, not official results: the diagnostic modules and file readers in front of them.
FLOAT_ALLOWED = (
    "judging/calibration",
    "judging/anomalies",
    "judging/ranking_files",
    "judging/assignment",
    "judging/charts",
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_go_downwards():
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_functions_stay_under_fifty_lines():
    long = {
        f"{name(path)}:{node.name}"
        for path in CODE
        for node in functions(path)
        if node.end_lineno - node.lineno + 1 > 50
    }
    assert long == set(LONG_FUNCTIONS)


def test_view_handlers_stay_under_thirty_five_lines():
    long = {
        f"{name(path)}:{node.name}"
        for path in CODE
        if "views" in path.parts or path.name == "views.py"
        for node in functions(path)
        if node.decorator_list and node.end_lineno - node.lineno + 1 > 35
    }
    assert long == set()


@pytest.mark.parametrize(("paths", "limit"), [(CODE, 500), (TEMPLATES, 300)], ids=["modules", "templates"])
def test_files_stay_in_their_budget(paths, limit):
    long = {name(path) for path in paths if len(path.read_text(encoding="utf-8").splitlines()) > limit}
    assert long == {name(path) for path in paths} & set(LONG_MODULES)


def test_test_modules_stay_under_eight_hundred_lines():
    long = [name(p) for p in (ROOT / "tests").rglob("*.py") if len(p.read_text().splitlines()) > 800]
    assert long == []


def test_core_is_a_third_of_the_code_at_most():
    lines = {
        p: sum(len(f.read_text().splitlines()) for f in CODE if f.parts[len(ROOT.parts)] == p)
        for p in PACKAGES
    }
    assert lines["core"] <= 0.35 * sum(lines.values())


def test_no_project_import_hides_in_a_function():
    hidden = []
    for path in CODE:
        for function in functions(path):
            for node in ast.walk(function):
                module = node.module if isinstance(node, ast.ImportFrom) else None
                names = (
                    [alias.name for alias in node.names] if isinstance(node, ast.Import) else [module or ""]
                )
                if isinstance(node, ast.Import | ast.ImportFrom) and any(
                    n.split(".")[0] in PACKAGES for n in names
                ):
                    hidden.append(f"{name(path)}:{node.lineno}")
    assert hidden == []


def assigned_attributes(path: Path):
    for node in ast.walk(tree_of(path)):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, ast.Attribute):
                yield target.attr, node.lineno


def test_state_is_assigned_in_one_place():
    # Jobs and mails are deliveries, not decisions: their rows are their own log and have no machine.
    elsewhere = [
        f"{name(path)}:{line}"
        for path in CODE
        for attribute, line in assigned_attributes(path)
        if attribute == "state" and name(path) not in ("core/states.py", "core/jobs.py", "core/mail.py")
    ]
    assert elsewhere == []


def calls(path: Path, method: str):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node.lineno


def test_the_session_commits_in_one_place():
    committing = {
        name(path)
        for path in CODE
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("session.commit")
    }
    assert committing == {"core/db.py"}


def test_wall_clock_is_read_in_one_place():
    pattern = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(")
    readers = {name(path) for path in CODE if pattern.search(path.read_text(encoding="utf-8"))}
    assert readers == {"core/clock.py"}


def test_no_float_outside_the_diagnostics():
    users = [
        f"{name(path)}:{node.lineno}"
        for path in CODE
        if not name(path).startswith(FLOAT_ALLOWED)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]
    assert users == []


def test_package_docstrings_say_what_they_own():
    for package in PACKAGES:
        tree = tree_of(ROOT / package / "__init__.py")
        assert len(tree.body) == 1, f"{package}/__init__.py holds code"
        assert "May import" in ast.get_docstring(tree) or package == "core"


def test_templates_hold_no_inline_script_or_style():
    pattern = re.compile(
        r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|hx-on|<script(?![^>]*\bsrc=)(?![^>]*application/json)",
        re.I,
    )
    offending = [name(path) for path in TEMPLATES if pattern.search(path.read_text(encoding="utf-8"))]
    assert offending == []


def test_no_marks_of_unfinished_work():
    words = ("TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error", "pragma: no " + "cover")
    pattern = re.compile("|".join(words))
    paths = [*CODE, *TEMPLATES, *sorted((ROOT / "static" / "js").rglob("*.js"))]
    assert [name(path) for path in paths if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_heavy_libraries_are_not_imported_at_start():
    program = (
        "import sys; from core.settings import from_environment; from core.app import create_app; import tempfile;"
        "d=tempfile.mkdtemp(); create_app(from_environment({'LEITAI_ENV':'test','LEITAI_DATA_DIR':d}));"
        "print([m for m in ('pandas','ortools','typst','numpy','openpyxl','xlsxwriter','docx') if m in sys.modules])"
    )
    python = ROOT / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_no_join_is_nested():
    """`innerjoin=True` under an outer join becomes LEFT JOIN (a JOIN b), which SQLite makes by reading both tables."""
    assert [name(path) for path in CODE if "innerjoin=True" in path.read_text(encoding="utf-8")] == []
