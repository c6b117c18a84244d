"""States and options that are none any more: entries with `becomes`, which only say where records that have them go.

They are taken out of the tree before anything else is read, so that no formula, action or list knows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from blankett.engine.language.problems import Report, suggest
from blankett.engine.language.source import Map, MapEntry, Scalar, Tree
from blankett.engine.paths import Path

#: Makes a map at a path into another.
Change = Callable[[Path, Map], Map]

#: What an entry that ended may say.
SAID = frozenset({"becomes", "title"})


@dataclass
class Ended:
    """What ended, by the path of the map it stood in: {("forms", "order", "states"): {"review": "checking"}}."""

    report: Report
    found: dict[Path, dict[str, str]] = field(default_factory=dict)

    def at(self, *path: str) -> Mapping[str, str]:
        """Return {key that ended: key it becomes} of the map at *path*."""
        return self.found.get(path, {})

    def take(self, tree: Map) -> Map:
        """Return *tree* without the entries that ended."""
        tree = self._lists(tree)
        return self._each(tree, "forms", lambda path, form: self._form(form, path))

    def _lists(self, tree: Map) -> Map:
        """Return *tree* with its lists of options without those that ended."""
        lists = tree.get("options")
        if not isinstance(lists, Map):
            return tree
        for name in lists.entries:
            lists = self._part(lists, name, ("options",), "option")
        return _with(tree, "options", lists)

    def _form(self, form: Map, path: Path) -> Map:
        form = self._part(form, "states", path, "state")
        form = self._each(form, "fields", lambda at, of: self._field(of, at), path)
        return self._each(form, "actions", lambda at, action: self._each(action, "ask", self._asked, at), path)

    def _asked(self, path: Path, of: Map) -> Map:
        return self._field(of, path)

    def _field(self, of: Map, path: Path) -> Map:
        of = self._part(of, "options", path, "option")
        return self._each(of, "fields", self._asked, path)

    def _each(self, tree: Map, key: str, change: Change, path: Path = ()) -> Map:
        """Return *tree* with each map under *key* changed."""
        found = tree.get(key)
        if not isinstance(found, Map):
            return tree
        entries = dict(found.entries)
        for name, entry in found.entries.items():
            if isinstance(entry.value, Map):
                entries[name] = MapEntry(entry.key, change((*path, key, name), entry.value))
        return _with(tree, key, replace(found, entries=entries))

    def _part(self, tree: Map, key: str, path: Path, what: str) -> Map:
        found = tree.get(key)
        if not isinstance(found, Map):
            return tree
        ended = {name: entry for name, entry in found.entries.items() if _becomes(entry.value) is not None}
        if not ended:
            return tree
        left = {name: entry for name, entry in found.entries.items() if name not in ended}
        for name, entry in ended.items():
            self._note(name, entry, left, (*path, key), what)
        return _with(tree, key, replace(found, entries=left))

    def _note(self, name: str, entry: MapEntry, left: Mapping[str, MapEntry], path: Path, what: str) -> None:
        becomes = _becomes(entry.value)
        assert becomes is not None
        assert isinstance(entry.value, Map)
        more = sorted(entry.value.entries.keys() - SAID)
        if more:
            self.report.add("becomes_alone", entry.value.key_place(more[0]), name=name, what=what, key=more[0])
        if becomes.text not in left:
            meant = suggest(becomes.text, left)
            self.report.add("becomes_nothing", becomes.place, suggestion=meant, name=becomes.text[:60], what=what)
            return
        self.found.setdefault(path, {})[name] = becomes.text


def _becomes(tree: Tree) -> Scalar | None:
    return tree.scalar("becomes") if isinstance(tree, Map) else None


def _with(tree: Map, key: str, value: Map) -> Map:
    entry = tree.entries[key]
    return replace(tree, entries={**tree.entries, key: MapEntry(entry.key, value)})
