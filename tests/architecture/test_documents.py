"""The documents are true: every setting, command and invariant has its line in docs/operating.md."""

import re
from pathlib import Path

from core import checks

OPERATING = Path(__file__).resolve().parents[2] / "docs" / "operating.md"
SETTINGS = Path(__file__).resolve().parents[2] / "core" / "settings.py"


def named() -> set[str]:
    return set(re.findall(r"`([^`]+)`", OPERATING.read_text(encoding="utf-8")))


def test_every_setting_is_documented():
    used = set(re.findall(r'"(LEITAI_[A-Z_]+)"', SETTINGS.read_text(encoding="utf-8")))
    assert used - named() == set()


def test_every_invariant_is_documented(app):
    assert set(checks.names()) - named() == set()


def test_every_command_is_documented(app):
    ours = {"core", "demo", "fund", "competition", "judging", "awards"}
    commands = set()
    for name, command in app.cli.commands.items():
        children = getattr(command, "commands", None)
        module = (command.callback or next(iter((children or {}).values())).callback).__wrapped__.__module__
        if module.split(".")[0] in ours:
            commands |= {f"{name} {child}" for child in children} if children else {name}
    assert commands - named() == set()
