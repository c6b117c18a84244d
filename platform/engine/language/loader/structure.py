"""Holds a tree against the grammar: keys, and the way each value is written.

The result is a tree whose every part is written as its kind says, or refused: whoever reads it afterwards need not ask
again. A misspelt key goes on under the name that was meant, so that one mistake gives one message. What values mean,
and whether the names in them exist, is the loader's business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from blankett.engine.language.grammar import BLUEPRINT, SHAPES_BY_NAME
from blankett.engine.language.grammar.kinds import (
    Anything,
    Either,
    Key,
    Kind,
    MapOf,
    SequenceOf,
    Shape,
    ShapeOf,
    Word,
    kind_words,
)
from blankett.engine.language.model import Place
from blankett.engine.language.problems import Report, suggest
from blankett.engine.language.source import (
    LONGEST_KEY,
    NO_WORDS,
    SCALAR_CHECKS,
    YES_WORDS,
    List,
    Map,
    MapEntry,
    RefusedTree,
    Scalar,
    Tree,
    is_key,
)

#: Key here → what it is called elsewhere. Of several keys that one word may mean, the first that fits is suggested.
KEYS: Mapping[str, str] = {
    "type": "fieldtype datatype data_type kind typ art",
    "title": "label name caption heading display_name titel bezeichnung",
    "help": "description desc hint tooltip placeholder info comment doc",
    "required": "mandatory obligatory needed not_null reqd nullable",
    "editable": "readonly read_only locked disabled writable",
    "visible": "hidden show_if visible_if display_if shown_if visible_when depends_on",
    "check": "validate validation validator assert rule constraint",
    "when": "if condition guard only_if enabled_if",
    "that": "if condition must rule assert formula expression",
    "where": "filter condition filters criteria if",
    "compute": "formula expression expr calculate calculated calc computed value",
    "default": "default_value initial_value initial",
    "options": "values choices items enum allowed_values",
    "start": "initial begin first is_start",
    "final": "end terminal last is_final done closed",
    "by": "role roles users allowed who actor actors performed_by",
    "who": "role roles user users by to group groups",
    "may": "can allow rights right permissions permission verbs",
    "fields": "columns properties attributes inputs",
    "columns": "fields show display",
    "sort": "order order_by sort_by orderby",
    "states": "statuses status stages steps",
    "actions": "transitions buttons workflow commands events",
    "grants": "permissions access rights acl security perms",
    "checks": "validations validation validate constraints validators",
    "lists": "views reports tables",
    "ask": "inputs questions params parameters prompt input",
    "effects": "then do does on_enter side_effects",
    "then": "do effects outcome outcomes actions",
    "to": "target next into goto form reference state options doctype entity table",
    "from": "source in states state when_in",
    "send": "message text template",
    "role": "to recipients roles group",
    "user": "person recipient people",
    "message": "error text error_message msg warning",
    "confirm": "confirmation are_you_sure confirm_text",
    "in": "inputs input conditions when",
    "out": "outputs output results result then",
    "rows": "rules lines entries",
    "hit": "policy hit_policy",
    "decimals": "precision scale places digits",
    "pattern": "regex regexp format mask",
    "min": "minimum min_value from",
    "max": "maximum max_value",
    "max_length": "maxlength length size max_len",
    "unit": "suffix uom units",
    "key": "code primary_key id_field",
    "show": "title_template display_title record_title",
    "plural": "title_plural plural_title names",
    "number": "numbering sequence counter",
    "private": "confidential visible_to secret",
    "at": "on point trigger",
    "includes": "inherits extends parent",
}


def meant_key(name: str, free: Collection[str]) -> str | None:
    """Return the key among *free* that *name* is called elsewhere, or None."""
    found = name.lower().replace("-", "_").replace(" ", "_")
    return next((key for key, names in KEYS.items() if key in free and found in names.split()), None)


#: Kinds of scalars that hold a formula, always or after a `=`.
FORMULA_KINDS = frozenset({"cell", "formula", "yes_no_or_formula"})


def check_structure(tree: Tree, report: Report) -> Map | None:
    """Return the tree with what is badly written refused, or None when it is no map. Problems go to *report*."""
    if not isinstance(tree, Map):
        if not isinstance(tree, RefusedTree):
            report.add(
                "wrong_shape", tree.place, what="a blueprint", expected="a map", given=given_words(tree), instead=""
            )
        return None
    found = _Structure(report).check_shape(tree, BLUEPRINT)
    return found if isinstance(found, Map) else None


def given_words(tree: Tree) -> str:
    """Return how a value is written, in an author's words."""
    if isinstance(tree, Map):
        return "a map"
    if isinstance(tree, List):
        return "a list"
    if isinstance(tree, Scalar) and len(tree.text) <= 40 and "\n" not in tree.text:
        return repr(tree.text)
    return "a text"


class _Structure:
    """One walk over one tree."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def check(self, tree: Tree, kind: Kind, what: str) -> Tree:
        """Return *tree* as *kind* says it is written, or refused."""
        if isinstance(tree, RefusedTree) or isinstance(kind, Anything):
            return tree
        if isinstance(kind, Either):
            return self._check_either(tree, kind, what)
        if isinstance(kind, Word) and isinstance(tree, Scalar):
            return self._check_word(tree, kind, what)
        if isinstance(kind, SequenceOf) and isinstance(tree, List):
            return self._check_list(tree, kind, what)
        if isinstance(kind, MapOf) and isinstance(tree, Map):
            return self._check_map(tree, kind, what)
        if isinstance(kind, ShapeOf) and isinstance(tree, Map):
            return self.check_shape(tree, SHAPES_BY_NAME[kind.shape])
        return self._refuse_shape(tree, kind, what)

    def _refuse_shape(self, tree: Tree, kind: Kind, what: str) -> RefusedTree:
        scalar = kind.scalar if isinstance(kind, Either) else kind
        is_formula = isinstance(scalar, Word) and scalar.kind in FORMULA_KINDS
        if is_formula and isinstance(tree, (Map, List)) and tree.is_flow:
            self.report.add("eaten_formula", tree.place, key=what)
        else:
            self.report.add(
                "wrong_shape",
                tree.place,
                what=repr(what),
                expected=kind_words(kind),
                given=given_words(tree),
                instead=_put(tree, kind, what),
            )
        return RefusedTree(tree.place)

    def _check_either(self, tree: Tree, kind: Either, what: str) -> Tree:
        chosen: Kind | None = kind.map
        if isinstance(tree, Scalar):
            chosen = kind.scalar
        elif isinstance(tree, List):
            chosen = kind.list
        return self._refuse_shape(tree, kind, what) if chosen is None else self.check(tree, chosen, what)

    def _check_word(self, scalar: Scalar, kind: Word, what: str) -> Tree:
        check = SCALAR_CHECKS.get(kind.kind)
        return scalar if check is None or check(scalar, kind, what, self.report) else RefusedTree(scalar.place)

    # Lists and maps -------------------------------------------------------------------------------------------------

    def _check_list(self, tree: List, kind: SequenceOf, what: str) -> Tree:
        if len(tree.items) < kind.least:
            self.report.add("too_few", tree.place, what=what)
            return RefusedTree(tree.place)
        items = tuple(self.check(item, kind.item, what) for item in tree.items)
        return tree if items == tree.items else replace(tree, items=items)

    def _check_map(self, tree: Map, kind: MapOf, what: str) -> Tree:
        if len(tree.entries) < kind.least:
            self.report.add("too_few", tree.place, what=what)
            return RefusedTree(tree.place)
        entries: dict[str, MapEntry] = {}
        for name, entry in tree.entries.items():
            if is_key(entry.key, kind.keys, self.report):
                entries[name] = MapEntry(entry.key, self.check(entry.value, kind.value, name))
        return replace(tree, entries=entries)

    # Shapes ---------------------------------------------------------------------------------------------------------

    def check_shape(self, tree: Map, shape: Shape) -> Tree:
        """Return a map whose keys are those of *shape*, each written as its kind says."""
        known = _keys_of(shape, tree)
        meant = self._unknown_keys(tree, shape, known)
        entries: dict[str, MapEntry] = {}
        for name, entry in tree.entries.items():
            key = known.get(name) or known.get(meant.get(name, ""))
            if key is not None and key.name not in entries:
                # The value of a misspelt key may be meant for something else altogether: then it has had its message.
                is_called_so = name in meant and meant_key(name, [key.name]) is not None
                guess = is_called_so or (name in meant and not _is_written_as(entry.value, key.kind))
                value = RefusedTree(entry.value.place) if guess else self.check(entry.value, key.kind, key.name)
                entries[key.name] = MapEntry(entry.key, value)
        self._missing_keys(tree, shape, known, entries, has_unknown=bool(tree.entries.keys() - known.keys()))
        return replace(tree, entries=entries)

    def _unknown_keys(self, tree: Map, shape: Shape, known: Mapping[str, Key]) -> Mapping[str, str]:
        """Tell of keys the shape does not have; return {key as written: key that was meant}."""
        meant: dict[str, str] = {}
        free = [name for name in known if name not in tree.entries]
        for name, entry in tree.entries.items():
            if name in known:
                continue
            if name in shape.not_yet:
                self.report.add("not_yet", entry.key.place, what=name)
                continue
            left = [word for word in free if word not in meant.values()]
            suggestion = meant_key(name, left) or suggest(name, left)
            if suggestion is not None:
                meant[name] = suggestion
            self.report.add(
                "unknown_key", entry.key.place, suggestion=suggestion, key=name[:LONGEST_KEY], where=_where(shape, tree)
            )
        return meant

    def _missing_keys(
        self, tree: Map, shape: Shape, known: Mapping[str, Key], entries: Mapping[str, MapEntry], *, has_unknown: bool
    ) -> None:
        place = _head_of(tree)
        for key in known.values():
            if key.required and key.name not in entries:
                self.report.add("missing_key", place, where=_where(shape, tree), key=key.name)
        if shape.one_of:
            there = [name for name in shape.one_of if name in entries]
            if len(there) > 1 or not (there or has_unknown):
                has = " and ".join((", ".join(there[:-1]), there[-1])) if len(there) > 1 else "0"
                self.report.add(
                    "one_of",
                    place,
                    where=_where(shape, tree),
                    words=", ".join(shape.one_of),
                    given=has,
                    instead=f"; write each as {shape.words} of its own" if len(there) > 1 else "",
                )


#: {shape: the key that is meant where only its value is written}
SHORT_FOR: Mapping[str, str] = {"field": "type", "field_check": "that", "check": "that", "number": "pattern"}
#: {shape: the key that is meant where only its list is written}
LIST_FOR: Mapping[str, str] = {"list": "columns", "section": "fields"}
#: Keys of the maps in a list of elsewhere whose value is the key here.
_NAMES: tuple[str, ...] = ("key", "name", "id", "value", "fieldname", "code")


def _put(tree: Tree, kind: Kind, what: str) -> str:
    """Return how a value of another shape is written, as the end of a message; empty where that cannot be told."""
    parts = (kind.scalar, kind.list, kind.map) if isinstance(kind, Either) else (kind,)
    wanted = [part for part in parts if part is not None]
    if isinstance(tree, Scalar) and len(tree.text) <= 40 and "\n" not in tree.text:
        shape = next((part.shape for part in wanted if isinstance(part, ShapeOf)), "")
        if shape in SHORT_FOR:
            text = tree.text if re.fullmatch(r"[\w ]+", tree.text) else repr(tree.text)
            return f"; write {{{SHORT_FOR[shape]}: {text}}}"
        if any(isinstance(part, SequenceOf) and isinstance(part.item, Word) for part in wanted):
            listed = [each.strip() for each in tree.text.split(",")]
            if not all(re.fullmatch(r"-?\w[\w.]*", each) for each in listed):
                return ""
            return "" if tree.text in (*YES_WORDS, *NO_WORDS) else f"; write [{tree.text}]"
    if isinstance(tree, List) and tree.items:
        shape = next((part.shape for part in wanted if isinstance(part, ShapeOf)), "")
        texts = [each.text for each in tree.items if isinstance(each, Scalar)]
        if shape in LIST_FOR and len(texts) == len(tree.items):
            return f"; write {{{LIST_FOR[shape]}: [{', '.join(texts)}]}}"
        if any(isinstance(part, MapOf) and isinstance(part.value, SequenceOf) for part in wanted) and texts:
            return f"; write it under a key: {{together: [{', '.join(texts)}]}}"
    if isinstance(tree, List) and tree.items and any(isinstance(part, MapOf) for part in wanted):
        first = tree.items[0]
        if isinstance(first, Scalar):
            is_key = re.fullmatch(r"[a-z]\w*", first.text) is not None
            return f"; write its items under keys: {{{first.text if is_key else '…'}: …}}"
        return f"; write each item under its key: {{{_name_in(first)}: {{…}}}}"
    if isinstance(tree, Map) and any(isinstance(part, SequenceOf) for part in wanted):
        return "; write each entry as an item, with a dash before it"
    if isinstance(tree, Map) and what == "options":
        title = tree.text("label") or tree.text("title") or tree.text("text") or "…"
        return f"; write options with titles as a map: {{{_name_in(tree)}: {title}}}"
    return ""


def _name_in(tree: Tree) -> str:
    """Return what an item of a list of elsewhere is called by."""
    names = (tree.text(each) for each in _NAMES) if isinstance(tree, Map) else ()
    return next((name for name in names if name), "…")


def _keys_of(shape: Shape, tree: Map) -> Mapping[str, Key]:
    keys = {key.name: key for key in shape.keys}
    if not shape.variant_key:
        return keys
    word = tree.get(shape.variant_key)
    if isinstance(word, Scalar) and word.text in shape.variants:
        return keys | {key.name: key for key in shape.variants[word.text]}
    # The type is unknown or missing: what any type has is let pass.
    return keys | {key.name: replace(key, required=False) for variant in shape.variants.values() for key in variant}


def _where(shape: Shape, tree: Map) -> str:
    word = tree.get(shape.variant_key) if shape.variant_key else None
    if isinstance(word, Scalar) and word.text in shape.variants:
        article = "an" if word.text[0] in "aeiou" else "a"
        return f"{article} {word.text} field"
    return shape.words


def _is_written_as(tree: Tree, kind: Kind) -> bool:
    """Tell whether a value is a scalar, a list or a map as *kind* is, whatever is in it."""
    if isinstance(kind, Either):
        parts = (kind.scalar, kind.list, kind.map)
        return any(_is_written_as(tree, part) for part in parts if part is not None)
    if isinstance(kind, Anything) or isinstance(tree, RefusedTree):
        return True
    wanted = Scalar if isinstance(kind, Word) else List if isinstance(kind, SequenceOf) else Map
    return isinstance(tree, wanted)


def _head_of(tree: Map) -> Place:
    """Return the place a missing key is told at: the map's first character."""
    return replace(tree.place, end=tree.place.start)
