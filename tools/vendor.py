"""Front-end files of other projects: fetched once by a developer, committed, locked by hash.

The icons to keep are listed in tools/icons.txt (names of bootstrap-icons).

`python tools/vendor.py` fetches (needs npm) and writes the files and vendor.lock.json;
`python tools/vendor.py --check` compares the committed files with the lock and needs neither npm nor network.
A version already in the lock must come back with the same integrity, so a package changed in the registry
stops the run. Only the listed files and the licences are kept; source map references are removed, because
the maps are not shipped.
"""

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
LOCK = "vendor.lock.json"
FOLDERS = ("static/vendor", "tests/vendor")
SPRITE = "static/img/icons.svg"
SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Package:
    """One npm package: `files` maps the path inside the package to the path inside this repository."""

    name: str
    version: str
    files: dict[str, str]

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"


PACKAGES = (
    Package(
        "bootstrap",
        "5.3.9",
        {
            "dist/css/bootstrap.min.css": "static/vendor/bootstrap/bootstrap.min.css",
            "dist/js/bootstrap.bundle.min.js": "static/vendor/bootstrap/bootstrap.bundle.min.js",
            "LICENSE": "static/vendor/bootstrap/LICENSE",
        },
    ),
    Package(
        "htmx.org",
        "2.0.11",
        {
            "dist/htmx.min.js": "static/vendor/htmx/htmx.min.js",
            "LICENSE": "static/vendor/htmx/LICENSE",
        },
    ),
    Package(
        "idb",
        "8.0.4",
        {"build/index.js": "static/vendor/idb/idb.js", "LICENSE": "static/vendor/idb/LICENSE"},
    ),
    Package(
        "echarts",
        "6.1.0",
        {
            "dist/echarts.common.min.js": "static/vendor/echarts/echarts.common.min.js",
            "LICENSE": "static/vendor/echarts/LICENSE",
            "NOTICE": "static/vendor/echarts/NOTICE",
            "licenses/LICENSE-d3": "static/vendor/echarts/LICENSE-d3",
        },
    ),
    Package(
        "axe-core",
        "4.14.1",
        {
            "axe.min.js": "tests/vendor/axe-core/axe.min.js",
            "LICENSE": "tests/vendor/axe-core/LICENSE",
            "LICENSE-3RD-PARTY.txt": "tests/vendor/axe-core/LICENSE-3RD-PARTY.txt",
        },
    ),
    Package(
        "@expo-google-fonts/noto-serif-sc",
        "0.4.3",
        {
            "400Regular/NotoSerifSC_400Regular.ttf": "static/vendor/noto-serif-sc/NotoSerifSC-Regular.ttf",
            "LICENSE_FONT": "static/vendor/noto-serif-sc/LICENSE",
        },
    ),
    Package("bootstrap-icons", "1.13.2", {"LICENSE": "static/vendor/bootstrap-icons/LICENSE"}),
)

ICONS = tuple((Path(__file__).parent / "icons.txt").read_text().split())


class VendorError(Exception):
    """The registry or the tree is not what the lock says."""


def fetch(package: Package, folder: Path) -> tuple[Path, str]:
    """Download the tarball of one package into `folder`; return its path and its verified integrity."""
    command = ["npm", "pack", package.spec, "--json", "--ignore-scripts"]
    run = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    answer = json.loads(run.stdout)
    report = answer[0] if isinstance(answer, list) else next(iter(answer.values()))
    tarball = folder / report["filename"]
    if integrity(tarball.read_bytes()) != report["integrity"]:
        raise VendorError(f"{package.spec}: the tarball does not have the integrity npm reports")
    return tarball, report["integrity"]


def integrity(content: bytes) -> str:
    """Subresource-integrity form of SHA-512, as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def without_source_map(content: bytes) -> bytes:
    content = re.sub(rb"\n?/\*# sourceMappingURL=[^*]*\*/", b"", content)
    return re.sub(rb"\n?//# sourceMappingURL=\S*", b"", content)


def members(tarball: Path, names: list[str]) -> dict[str, bytes]:
    """Read the named files of an npm tarball (all lie below `package/`)."""
    with tarfile.open(tarball) as archive:
        found = {}
        for name in names:
            try:
                found[name] = archive.extractfile(f"package/{name}").read()
            except KeyError:
                raise VendorError(f"{tarball.name} holds no {name}") from None
    return found


def sprite(drawings: dict[str, bytes]) -> bytes:
    """One SVG with a `<symbol>` per icon, sorted by name, to be drawn by `<use href="icons.svg#name">`."""
    ElementTree.register_namespace("", SVG)
    sheet = ElementTree.Element(f"{{{SVG}}}svg")
    for name in sorted(drawings):
        drawing = ElementTree.fromstring(drawings[name])
        symbol = ElementTree.SubElement(sheet, f"{{{SVG}}}symbol", id=name, viewBox=drawing.get("viewBox"))
        symbol.extend(drawing)
    text = ElementTree.tostring(sheet, encoding="unicode")
    return re.sub(r">\s+<", "><", text).replace("<symbol", "\n<symbol").encode() + b"\n"


def vendor(package: Package, locked: dict, folder: Path, root: Path) -> dict:
    """Write the files of one package below `root`; return its entry for the lock."""
    tarball, seal = fetch(package, folder)
    if locked.get("version") == package.version and locked["integrity"] != seal:
        raise VendorError(f"{package.spec} changed in the registry: {locked['integrity']} became {seal}")
    contents = {
        package.files[name]: without_source_map(content)
        for name, content in members(tarball, list(package.files)).items()
    }
    if package.name == "bootstrap-icons":
        drawings = members(tarball, [f"icons/{name}.svg" for name in ICONS])
        contents[SPRITE] = sprite({Path(path).stem: drawing for path, drawing in drawings.items()})
    for path, content in contents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    hashes = {path: digest(content) for path, content in sorted(contents.items())}
    return {"version": package.version, "integrity": seal, "files": hashes}


def update(root: Path = ROOT) -> None:
    lock_file = root / LOCK
    locked = json.loads(lock_file.read_text()) if lock_file.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        fresh = {
            package.name: vendor(package, locked.get(package.name, {}), Path(folder), root)
            for package in PACKAGES
        }
    lock_file.write_text(json.dumps(fresh, indent=2) + "\n")


def problems(root: Path = ROOT) -> list[str]:
    """Differences between the committed files, the lock and the list above; empty when all agree."""
    locked = json.loads((root / LOCK).read_text())
    found = []
    wanted = {package.name: package.version for package in PACKAGES}
    held = {name: entry["version"] for name, entry in locked.items()}
    if wanted != held:
        found.append(f"the lock holds {held}, the list asks for {wanted}")
    hashes = {path: value for entry in locked.values() for path, value in entry["files"].items()}
    for path, value in hashes.items():
        if not (root / path).is_file():
            found.append(f"{path} is missing")
        elif digest((root / path).read_bytes()) != value:
            found.append(f"{path} differs from the lock")
    present = {
        str(path.relative_to(root)) for name in FOLDERS for path in (root / name).rglob("*") if path.is_file()
    }
    found.extend(f"{path} is not in the lock" for path in sorted(present - set(hashes)))
    if symbols(root) != set(ICONS):
        found.append(f"{SPRITE} does not hold exactly the icons of the list")
    return found


def symbols(root: Path = ROOT) -> set[str]:
    """Names of the icons in the committed sprite."""
    path = root / SPRITE
    return set(re.findall(r'<symbol id="([^"]+)"', path.read_text())) if path.is_file() else set()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare files and lock, fetch nothing")
    if parser.parse_args(arguments).check:
        found = problems()
        print("\n".join(found) or "vendored files match the lock")
        return 1 if found else 0
    update()
    return 0


if __name__ == "__main__":
    sys.exit(main())
