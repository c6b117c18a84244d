"""The blueprint faults are sown into: the flagship's tables and rules, with the forms they decide about."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint, Rule, Table
from blankett.engine.language.source import List, Map, Scalar, Tree
from blankett.engine.language.text_edit import Editor

#: Sections that say nothing of what is decided; without them every copy is checked in half the time.
ASIDE = ("translations", "scenarios", "samples")


@dataclass(frozen=True)
class Flagship:
    """A blueprint's text, with what is in it."""

    text: str

    @cached_property
    def blueprint(self) -> Blueprint:
        """Return it checked; it must be sound."""
        return read_blueprint(self.text)

    @cached_property
    def tree(self) -> Editor:
        """Return its tree, to look things up in. Edits are made in an editor of their own."""
        return Editor(self.text)

    def edit(self) -> Editor:
        """Return an editor of the text."""
        return Editor(self.text, self.tree.root)

    @property
    def tables(self) -> list[Table]:
        """Return its decision tables."""
        return list(self.blueprint.tables.values())

    @property
    def rules(self) -> list[tuple[str, Rule]]:
        """Return its rules, each with the key of its form."""
        return [(form.key, rule) for form in self.blueprint.forms.values() for rule in form.rules.values()]

    def scalar(self, *path: str) -> Scalar | None:
        """Return the text at *path*, or None."""
        found = self.tree.find(*path)
        return found if isinstance(found, Scalar) else None

    def cell_path(self, table: Table, row: str, column: str) -> tuple[str, ...] | None:
        """Return the path of a cell or a result as it is written; None where it is left out."""
        path = ("tables", table.key, "rows", row)
        found = self.tree.find(*path)
        if isinstance(found, List):
            at = [*table.inputs, *table.outputs].index(column)
            return (*path, str(at))
        return (*path, column) if isinstance(found, Map) and column in found.entries else None

    def source_of(self, *path: str) -> str:
        """Return what is written at *path*."""
        found = self.tree.find(*path)
        assert found is not None
        return self.text[found.place.start : found.place.end]


def read_flagship() -> Flagship:
    """Return the flagship in its first language, without its stories."""
    text = files("blankett.blueprints").joinpath("order_management.yaml").read_text(encoding="utf-8")
    editor = Editor(text)
    for section in ASIDE:
        if editor.find(section) is not None:
            editor.remove(section)
    languages = editor.find("languages")
    if isinstance(languages, List):
        editor.splice(languages.place.start, languages.place.end, f"[{text_of(languages.items[0])}]")
    return Flagship(editor.text())


def text_of(tree: Tree) -> str:
    """Return the text of a scalar."""
    assert isinstance(tree, Scalar)
    return tree.text


def line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line on which the key at *path* stands, or the item of a list."""
    editor = Editor(text)
    holder = editor.find(*path[:-1])
    if isinstance(holder, Map):
        return holder.key_place(path[-1]).line
    found = editor.find(*path)
    assert found is not None, path
    return found.place.line
