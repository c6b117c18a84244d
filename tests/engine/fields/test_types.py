"""A type is a class: nothing outside of `engine/fields` asks what a type is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import blankett

PLATFORM = Path(next(iter(blankett.__path__)))
#: The module of the expression language's own types, whose variables have names.
OTHER_NAMES = frozenset({"engine/feel/typecheck/calls.py", "engine/feel/builtins/registry.py"})


def names_of_types(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield each `type.name` that decides something: compared, looked up, kept under another name."""
    for part in ast.walk(tree):
        asked: list[ast.expr] = []
        if isinstance(part, ast.Compare):
            asked = [part.left, *part.comparators]
        elif isinstance(part, ast.Subscript):
            asked = [part.slice]
        elif isinstance(part, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and part.value is not None:
            asked = [part.value]
        elif isinstance(part, ast.Match):
            asked = [part.subject]
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "get":
            asked = list(part.args)
        for each in asked:
            if isinstance(each, ast.Attribute) and each.attr == "name" and _is_type(each.value):
                yield each


def _is_type(part: ast.expr) -> bool:
    return (isinstance(part, ast.Attribute) and part.attr == "type") or (
        isinstance(part, ast.Name) and part.id in ("type", "type_")
    )


def test_no_name_of_a_type_decides_anything_outside_the_types() -> None:
    found = []
    for path in sorted(PLATFORM.rglob("*.py")):
        name = path.relative_to(PLATFORM).as_posix()
        if not name.startswith("engine/fields/") and name not in OTHER_NAMES:
            found += [f"{name}:{each.lineno}" for each in names_of_types(ast.parse(path.read_text()))]
    assert found == []
