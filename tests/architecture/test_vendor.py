"""The vendored front-end files are the ones the lock names, and the check that says so can fail."""

import json
import shutil
from pathlib import Path

import pytest

from tools import vendor


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of everything the check reads, to be spoiled."""
    shutil.copy(vendor.ROOT / vendor.LOCK, tmp_path / vendor.LOCK)
    for folder in vendor.FOLDERS:
        shutil.copytree(vendor.ROOT / folder, tmp_path / folder)
    (tmp_path / vendor.SPRITE).parent.mkdir(parents=True)
    shutil.copy(vendor.ROOT / vendor.SPRITE, tmp_path / vendor.SPRITE)
    return tmp_path


def test_committed_files_match_the_lock():
    assert vendor.problems() == []


def test_check_names_a_changed_file(tree):
    (tree / "static/vendor/htmx/htmx.min.js").write_text("alert(1)")
    assert vendor.problems(tree) == ["static/vendor/htmx/htmx.min.js differs from the lock"]


def test_check_names_a_missing_file(tree):
    (tree / "static/vendor/idb/LICENSE").unlink()
    assert vendor.problems(tree) == ["static/vendor/idb/LICENSE is missing"]


def test_check_names_a_file_nobody_locked(tree):
    (tree / "static/vendor/extra.js").write_text("")
    assert vendor.problems(tree) == ["static/vendor/extra.js is not in the lock"]


def test_check_names_a_version_the_lock_does_not_hold(tree):
    lock = json.loads((tree / vendor.LOCK).read_text())
    lock["idb"]["version"] = "8.0.3"
    (tree / vendor.LOCK).write_text(json.dumps(lock))
    (problem,) = vendor.problems(tree)
    assert "'idb': '8.0.3'" in problem


def test_check_names_a_sprite_of_other_icons(tree):
    content = (tree / vendor.SPRITE).read_text().replace('id="award"', 'id="reward"')
    (tree / vendor.SPRITE).write_text(content)
    assert vendor.problems(tree) == [
        "static/img/icons.svg differs from the lock",
        "static/img/icons.svg does not hold exactly the icons of the list",
    ]


def test_changed_package_of_a_locked_version_stops_the_update(tmp_path, monkeypatch):
    package = vendor.Package("idb", "8.0.4", {})
    monkeypatch.setattr(vendor, "fetch", lambda package, folder: (tmp_path / "idb.tgz", "sha512-other"))
    with pytest.raises(vendor.VendorError, match="changed in the registry"):
        vendor.vendor(package, {"version": "8.0.4", "integrity": "sha512-first"}, tmp_path, tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"code()\n//# sourceMappingURL=a.js.map", b"code()\n/*# sourceMappingURL=a.css.map */", b"code()"],
)
def test_source_map_references_are_removed(content):
    assert vendor.without_source_map(content) == b"code()"


def test_integrity_is_written_as_npm_writes_it():
    empty = "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
    assert vendor.integrity(b"") == f"sha512-{empty}"


def test_no_vendored_file_points_to_a_source_map():
    files = [path for folder in vendor.FOLDERS for path in (vendor.ROOT / folder).rglob("*.??*")]
    assert [path.name for path in files if b"sourceMappingURL=" in path.read_bytes()] == []
