"""The pinned versions are those that are installed, and nothing is pinned that nothing asks for."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def pins() -> dict[str, str]:
    """Return {name: version} of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = (line.partition("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): pinned for name, _, pinned in found}


def direct() -> list[Requirement]:
    """Return what the project asks for, with all its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [
        Requirement(text)
        for texts in (project["dependencies"], *project["optional-dependencies"].values())
        for text in texts
    ]


def asked_for() -> set[str]:
    """Return the names of what the project asks for, and of what that asks for in turn."""
    known: set[tuple[str, str]] = set()
    waiting = [(canonicalize_name(asked.name), extra) for asked in direct() for extra in ("", *asked.extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in known:
            continue
        known.add((name, extra))
        try:
            distribution(name)
        except PackageNotFoundError:
            continue
        for text in requires(name) or ():
            asked = Requirement(text)
            if asked.marker is None or asked.marker.evaluate({"extra": extra}):
                waiting += [(canonicalize_name(asked.name), more) for more in ("", *asked.extras)]
    return {name for name, _ in known}


def test_what_is_pinned_is_what_is_installed() -> None:
    wrong = {}
    for name, pinned in pins().items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "nothing" if name in asked_for() else "not asked for"
        if installed not in (pinned, "nothing"):
            wrong[name] = (pinned, installed)
    assert wrong == {}, "run make lock"


def test_all_that_is_asked_for_is_pinned() -> None:
    assert asked_for() - pins().keys() <= {"setuptools", "pip"}, "run make lock"


def test_nothing_else_is_pinned() -> None:
    assert pins().keys() - asked_for() == set(), "run make lock"
