"""What the repository itself promises: it speaks of the product only, links lead somewhere, files stay short."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: What a checkout holds beside what is committed; only looked at where there is no git to ask.
NOT_OURS = {".git", ".venv", "build", "dist", "node_modules", "vendor", "var", "__pycache__", "blankett.egg-info"}
TEXTS = {"", ".py", ".md", ".html", ".css", ".js", ".json", ".yaml", ".toml", ".txt", ".po", ".in", ".mako", ".svg"}

#: What a file must not hold -> why. Written so that this file does not hold it either.
FORBIDDEN = {
    r"(?<![\w.])/(?:work|root|home|Users|opt|tmp|mnt)/": "a path of somebody's machine",
    r"\bfile:/{2}": "a path of somebody's machine",
    r"\b(?:[a-z0-9-]+\.)*(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com))\b": "a registry's host",
    r"\b(?:TO[D]O|FIX[M]E|HA[C]K)\b": "unfinished work",
    r"(?i)\bissues? #?\d": "a number that only a tracker knows",
}
LONGEST_FUNCTION = 60
LONGEST_TEMPLATE_LINE = 120
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")
FENCE = re.compile(r"^(?:```|~~~).*?^(?:```|~~~)$", re.MULTILINE | re.DOTALL)


@cache
def repository_files() -> tuple[Path, ...]:
    """Return every text file that is committed or about to be."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        found = [ROOT / name for name in names if name]
    else:
        found = [
            Path(folder) / name
            for folder, folders, names in os.walk(ROOT)
            if folders.sort() is None and not NOT_OURS & set(Path(folder).relative_to(ROOT).parts)
            for name in names
        ]
    return tuple(path for path in sorted(found) if path.suffix in TEXTS and path.is_file() and not path.is_symlink())


def shown(path: Path) -> str:
    """Return a file's name in the repository."""
    return path.relative_to(ROOT).as_posix()


def findings(text: str) -> list[str]:
    """Return what *text* must not hold: line, words, and what they are."""
    return [
        f"{number}: {match.group()!r} is {why}"
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, why in FORBIDDEN.items()
        for match in re.finditer(pattern, line)
    ]


def test_files_speak_of_the_product_only() -> None:
    found = [
        f"{shown(path)}:{finding}"
        for path in repository_files()
        for finding in findings(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see /ho" + "me/anna/blankett", "1: '/ho" + "me/' is a path of somebody's machine"),
        ("a\nfrom https://py" + "pi.org/simple", "2: 'py" + "pi.org' is a registry's host"),
        ("# TO" + "DO later", "1: 'TO" + "DO' is unfinished work"),
    ],
    ids=["path", "registry", "unfinished"],
)
def test_words_of_a_machine_are_found(text: str, found: str) -> None:
    assert findings(text) == [found]


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for path in repository_files():
        if path.suffix != ".md":
            continue
        text = FENCE.sub("", path.read_text(encoding="utf-8"))
        for target in ("".join(groups) for groups in LINK.findall(text)):
            name, _, anchor = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            page = (path.parent / name) if name else path
            if not page.exists():
                broken.append(f"{shown(path)}: {target}")
            elif anchor and page.suffix == ".md" and anchor not in anchors_of(page):
                broken.append(f"{shown(path)}: {target} (no such heading)")
    assert broken == []


def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made from the words."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def test_functions_read_as_steps() -> None:
    long = [
        f"{shown(path)}:{function.lineno} {function.name}"
        for path in repository_files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "platform") and "migrations" not in path.parts
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_templates_read_like_a_page() -> None:
    templates = [path for path in repository_files() if path.suffix == ".html"]
    long = [
        f"{shown(path)}:{number} has {len(line)} characters: break it, a line break is no space in a page"
        for path in templates
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_TEMPLATE_LINE
    ]
    assert (len(templates) > 60, long) == (True, [])
