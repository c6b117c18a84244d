"""Imports run downwards, never in circles, and every third-party package has its home.

Imports inside functions count: hiding one there breaks no circle. What is imported for the type checker alone
(`if TYPE_CHECKING:`) is free of layers and homes, and makes no circle either.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = ROOT / "platform"

#: From the top down; packages on one line do not import each other.
LAYERS = (("cli",), ("web", "work"), ("forms", "demo"), ("words",), ("engine",))

#: The same inside `blankett.engine`.
ENGINE_LAYERS = (
    ("jobs",),
    ("people",),
    ("letters", "publish"),
    ("scenarios",),
    ("records",),
    ("trace", "verify"),
    ("checks",),
    ("analysis", "exchange"),
    ("workflow",),
    ("rules",),
    ("access",),
    ("store",),
    ("language",),
    ("paths",),
    ("effects",),
    ("fields",),
    ("formula",),
    ("feel",),
    ("calendar", "departments"),
    ("cancellation",),
    ("problems", "errors"),
    ("problem_kinds", "sentences", "suggestions", "library_shortcuts"),
)

#: Third-party package (as imported) -> the packages or modules of ours that may import it.
HOMES = {
    "alembic": ("blankett.engine.store",),
    "argon2": ("blankett.web", "blankett.cli"),
    "babel": ("blankett.words", "blankett.engine.fields", "blankett.forms", "blankett.web", "blankett.cli"),
    "click": ("blankett.cli",),
    "dbos": ("blankett.work.durable_runs",),
    "durable": ("blankett.engine.rules.durable",),
    "durable_rules_engine": ("blankett.engine.rules.durable",),
    "flask": ("blankett.web",),
    "flask_wtf": ("blankett.web",),
    "granian": ("blankett.web.server",),
    "holidays": ("blankett.engine.calendar.public_holidays",),
    "htmx_flask": ("blankett.web",),
    "itsdangerous": ("blankett.web",),
    "icu": ("blankett.engine.store.collation",),
    "jinja2": ("blankett.web",),
    "jsonschema": ("blankett.engine.jobs",),
    "markdown_it": ("blankett.engine.letters.markdown",),
    "markupsafe": ("blankett.web",),
    "marshmallow": ("blankett.forms",),
    "nh3": ("blankett.engine.letters.markdown",),
    "openpyxl": ("blankett.engine.exchange",),
    "psycopg": ("blankett.engine.store",),
    "referencing": ("blankett.engine.jobs",),
    "re2": ("blankett.engine.feel", "blankett.engine.fields"),
    "sqlalchemy": ("blankett.engine.store", "blankett.engine.feel.sql"),
    "werkzeug": ("blankett.web",),
    "xlsxwriter": ("blankett.engine.exchange",),
    "zxcvbn": ("blankett.web",),
    "yaml": ("blankett.engine.language",),
}


@dataclass(frozen=True)
class Import:
    """One import of a module: who, what (dotted, as far as it is a module), and the line."""

    module: str
    target: str
    line: int

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def module_name(path: Path) -> str:
    """Return the dotted name under which a file is imported."""
    parts = ["blankett", *path.relative_to(PLATFORM).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(path): path for path in sorted(PLATFORM.rglob("*.py"))}


def imports_of(module: str, source: str, *, typing: bool = False) -> Iterator[Import]:
    """Yield what a module imports when it runs; with *typing* what the type checker imports too."""
    package = module if FILES.get(module, Path()).name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(source, module)
    for statement in ast.walk(tree) if typing else running_statements(tree):
        if isinstance(statement, ast.Import):
            for name in statement.names:
                yield Import(module, known_module(name.name), statement.lineno)
        elif isinstance(statement, ast.ImportFrom):
            base = absolute_base(package, statement)
            for name in statement.names:
                yield Import(module, known_module(f"{base}.{name.name}"), statement.lineno)


def running_statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement but those under `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield other
                yield from running_statements(other)
            continue
        yield child
        yield from running_statements(child)


def absolute_base(package: str, statement: ast.ImportFrom) -> str:
    """Return the dotted module that a `from … import` reads, relative ones made absolute."""
    if not statement.level:
        return statement.module or ""
    parts = package.split(".")
    start = ".".join(parts[: len(parts) - statement.level + 1])
    return f"{start}.{statement.module}" if statement.module else start


def known_module(dotted: str) -> str:
    """Cut a dotted name of ours back to a module that exists (`from blankett.engine import Engine`)."""
    if dotted.split(".")[0] != "blankett":
        return dotted
    while dotted not in FILES and "." in dotted:
        dotted = dotted.rpartition(".")[0]
    return dotted


@cache
def all_imports() -> tuple[Import, ...]:
    """Return every import of every module of ours."""
    return tuple(
        found for module, path in FILES.items() for found in imports_of(module, path.read_text(encoding="utf-8"))
    )


def our_imports() -> list[Import]:
    """Return the imports among our own modules."""
    return [found for found in all_imports() if found.target.split(".")[0] == "blankett"]


def part_of(module: str, prefix: str) -> str | None:
    """Return the part of *prefix* that a module lies in: `store` for `blankett.engine.store.slots`."""
    if not module.startswith(f"{prefix}."):
        return None
    return module.removeprefix(f"{prefix}.").split(".")[0]


def upward_imports(imports: Iterable[Import], prefix: str, layers: tuple[tuple[str, ...], ...]) -> list[str]:
    """Return the imports that run upwards or sideways between the parts of *prefix*."""
    height = {part: -number for number, parts in enumerate(layers) for part in parts}
    return [
        str(found)
        for found in imports
        for above, below in [(part_of(found.module, prefix), part_of(found.target, prefix))]
        if above and below and above != below and height[above] <= height[below]
    ]


def unplaced(prefix: str, layers: tuple[tuple[str, ...], ...]) -> set[str]:
    """Return the parts of *prefix* that no layer names."""
    return {part for part in (part_of(module, prefix) for module in FILES) if part} - {
        part for parts in layers for part in parts
    }


@pytest.mark.parametrize(
    ("prefix", "layers"), [("blankett", LAYERS), ("blankett.engine", ENGINE_LAYERS)], ids=["platform", "engine"]
)
def test_imports_run_downwards(prefix: str, layers: tuple[tuple[str, ...], ...]) -> None:
    assert unplaced(prefix, layers) == set(), "give the new part its place in the layers above"
    assert upward_imports(our_imports(), prefix, layers) == []


def test_no_module_imports_itself_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for found in our_imports():
        if found.target != found.module:  # a package's __init__ may name its own module
            graph.setdefault(found.module, set()).add(found.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as err:
        pytest.fail("circle: " + " -> ".join(reversed(err.args[1])))


def circles(graph: dict[str, set[str]]) -> set[frozenset[str]]:
    """Return the sets of modules that all lead to each other."""
    reached = {module: _reached(graph, module) for module in graph}
    found = {
        frozenset({module, *(other for other in seen if module in reached.get(other, ()))})
        for module, seen in reached.items()
        if module in seen
    }
    return {circle for circle in found if len(circle) > 1}


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for following in graph.get(waiting.pop(), set()) - seen:
            seen.add(following)
            waiting.append(following)
    return seen


def test_what_is_imported_for_types_makes_no_circle_either() -> None:
    graph: dict[str, set[str]] = {module: set() for module in FILES}
    for module, path in FILES.items():
        for found in imports_of(module, path.read_text(encoding="utf-8"), typing=True):
            if found.target.split(".")[0] == "blankett" and found.target != module:
                graph[module].add(found.target)
    assert [sorted(circle) for circle in circles(graph)] == []


def test_third_party_packages_stay_in_their_homes() -> None:
    strangers = [
        str(found)
        for found in all_imports()
        for package in [found.target.split(".")[0]]
        if package not in sys.stdlib_module_names and package not in ("blankett", "__future__")
        if not any(found.module == home or found.module.startswith(f"{home}.") for home in HOMES.get(package, ()))
    ]
    assert strangers == [], "give the package a home above, or import it where its home is"


@pytest.mark.parametrize(
    ("source", "targets"),
    [
        ("import blankett.engine.store\n", ["blankett.engine"]),
        ("def late():\n    from blankett.web import pages\n", ["blankett.web"]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import flask\n", ["typing.TYPE_CHECKING"]),
        ("from . import web\nfrom .web import pages\n", ["blankett.web"] * 2),
    ],
    ids=["module", "inside a function", "for the type checker alone", "relative"],
)
def test_imports_are_found(source: str, targets: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    modules = ("blankett.web", "blankett.engine", "blankett.forms")
    monkeypatch.setitem(globals(), "FILES", dict.fromkeys(modules, Path()))
    assert [found.target for found in imports_of("blankett.forms", source)] == targets


def test_an_upward_import_is_found() -> None:
    up = Import("blankett.engine.store.records", "blankett.web.routes", 3)
    down = Import("blankett.web.routes", "blankett.engine.records", 3)
    sideways = Import("blankett.engine.trace", "blankett.engine.verify", 3)
    assert upward_imports([up, down], "blankett", LAYERS) == [
        "blankett.engine.store.records:3 imports blankett.web.routes"
    ]
    assert upward_imports([sideways], "blankett.engine", ENGINE_LAYERS) == [
        "blankett.engine.trace:3 imports blankett.engine.verify"
    ]
