"""The wheel carries what the product needs, and the files for browsers are made from what npm's lock names."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: Folder of the checkout -> folder of the wheel.
SHIPPED = {"platform": "blankett", "templates": "blankett/templates", "blueprints": "blankett/blueprints"}
NOT_SHIPPED = {".copied"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from a copy of the checkout, so that no test run leaves a trace in it."""
    copy = tmp_path_factory.mktemp("checkout") / "blankett"
    copy_checkout(copy)
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--skip-dependency-check", "--outdir", "out", "."],
        cwd=copy,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (path,) = (copy / "out").glob("*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def assets() -> ModuleType:
    """The script that makes the files for browsers; it belongs to the build, not to the package."""
    spec = importlib.util.spec_from_file_location("blankett_frontend_assets", ROOT / "frontend" / "assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy_checkout(target: Path) -> None:
    """Copy what a build reads."""
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    target.mkdir()
    for folder in [*SHIPPED, "frontend"]:
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, target / name)


def shipped_files() -> set[str]:
    """Return every file of the shipped folders by the name that it must have in a wheel."""
    return {
        f"{inside}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, inside in SHIPPED.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name not in NOT_SHIPPED
    }


def test_wheel_holds_every_file_of_the_shipped_folders_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert {"missing": sorted(shipped_files() - names), "extra": sorted(names - shipped_files())} == {
        "missing": [],
        "extra": [],
    }


def test_wheel_holds_the_files_for_browsers(wheel: zipfile.ZipFile) -> None:
    vendor = "blankett/web/static/vendor/"
    names = {name.removeprefix(vendor) for name in wheel.namelist() if name.startswith(vendor)}
    assert names == {"LICENSES.txt", "htmx.min.js", "icons.svg", "tabler.min.css"}


def test_wheel_installs_the_command(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert wheel.read(name).decode().split("\n")[:2] == ["[console_scripts]", "blankett = blankett.cli:main"]


def test_no_package_is_called_platform() -> None:
    """It would shadow Python's own module of that name for everything that runs from the checkout."""
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not (ROOT / "tests" / "platform").exists()


def test_type_checker_finds_the_package_under_its_name() -> None:
    assert (ROOT / ".typing" / "blankett").resolve() == ROOT / "platform"


def test_lock_names_versions_and_hashes_but_no_registry() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert [name for name, package in packages.items() if "resolved" in package or "integrity" not in package] == []


def test_what_pages_load_is_of_one_exact_version() -> None:
    wanted = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert [name for name, version in wanted.items() if not version[0].isdigit()] == []


def test_files_for_browsers_are_up_to_date(assets: ModuleType) -> None:
    assert assets.copies_are_fresh(), "run `make vendor`"
    assert assets.sprite_is_fresh(), "an icon is used that the sprite does not have: run `make vendor`"


def test_files_for_browsers_are_never_committed() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    command = ["git", "ls-files", "platform/web/static/vendor", "frontend/node_modules"]
    assert subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout == ""


@pytest.mark.parametrize(
    ("name", "text", "icons"),
    [
        ("page.html", '<use href="vendor/icons.svg#arrow-back-up"/>', {"arrow-back-up"}),
        ("page.html", "{{ icon('plus') }} {{ icon(\"x\", size=2) }}", {"plus", "x"}),
        ("page.html", "{{ icon(name) }} {{ lexicon('clock') }}", set()),
        ("list.txt", "# a list\nsun\nmoon  # at night\n\n", {"sun", "moon"}),
        ("orders.yaml", "icon: truck\nforms:\n  order: {icon: 'file-text', title: Icon}\n", {"truck", "file-text"}),
    ],
    ids=["link", "call", "a name is no icon", "list", "blueprint"],
)
def test_icons_are_found_where_they_are_named(
    assets: ModuleType, tmp_path: Path, name: str, text: str, icons: set[str]
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert assets.icons_in(path) == icons


def test_an_unknown_icon_is_named_with_its_place(
    assets: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "templates" / "list.html"
    template.parent.mkdir()
    template.write_text("{{ icon('chekc') }}", encoding="utf-8")
    (tmp_path / "outline").mkdir()
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    monkeypatch.setattr(assets, "OUTLINES", tmp_path / "outline")
    monkeypatch.setattr(assets, "icon_sources", lambda: [template])
    with pytest.raises(assets.AssetError) as raised:
        assets.write_sprite()
    assert str(raised.value) == (
        "No outline icon of Tabler has this name; look it up on tabler.io/icons.\n  chekc: templates/list.html"
    )


def test_a_sprite_symbol_is_the_drawing_without_its_frame(
    assets: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "check.svg").write_text(
        '<svg\n  width="24"\n>  <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n  <path d="M5 12l5 5" />\n</svg>',
        encoding="utf-8",
    )
    monkeypatch.setattr(assets, "OUTLINES", tmp_path)
    assert assets.shapes_of("check") == '<path d="M5 12l5 5" />'
