"""One formula being checked: what is found of its parts, what is known of null, and the names it may read.

How each kind of part is checked is in `values`, `operators`, `control` and `calls`; the package hands all of them in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from blankett.engine import suggestions
from blankett.engine.feel import tree
from blankett.engine.feel.errors import message_text
from blankett.engine.feel.scope import Scope
from blankett.engine.feel.typecheck.null_facts import Atom, Facts, Key, is_known, key_of
from blankett.engine.feel.types import Any, Context, Null, RecordType, Text, Type, not_null, or_null, seen_from
from blankett.engine.suggestions import may_suggest

#: Names from a root of the scope on: ("lines", "product", "price").
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What is known of the value of a part."""

    type: Type
    #: Where it may be read from, from the scope's roots.
    paths: frozenset[Path] = frozenset()
    #: Where it is, for the currencies of its fields: names, "[name]" for a loop's item, "[]" for any item.
    place: Path | None = None
    #: How many links were followed to get here.
    steps: int = 0
    #: The entries of a context that is written out.
    entries: Mapping[str, Found] | None = field(default=None, hash=False)


UNKNOWN: Final = Found(Any())


@dataclass
class Frame:
    """Names that a loop, a filter, a function or a context adds."""

    names: dict[str, Found]
    #: What a filter looks at: its parts are names, too.
    item: Found | None = None


#: How alike a name must be to be suggested, from 0 to 1.
SUGGESTION_CUTOFF = 0.7


@dataclass(frozen=True)
class Finding:
    """One mistake, or one thing to think about, at a place of the formula (offsets from 0, end exclusive)."""

    code: str
    params: Mapping[str, object]
    start: int
    end: int
    severity: Literal["error", "warning"] = "error"
    suggestion: str | None = None

    @property
    def message(self) -> str:
        """The finding in English."""
        return message_text(self.code, self.params)


@dataclass(frozen=True)
class CheckedFormula:
    """What is known of a formula before it runs."""

    type: Type
    findings: tuple[Finding, ...] = ()
    #: Paths of names that are read, from the scope's roots, through loops, filters and projections.
    reads: frozenset[tuple[str, ...]] = frozenset()
    #: Names of the functions that are called.
    calls: frozenset[str] = field(default=frozenset())

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid the formula."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like *name*, or None where none is much like it."""
    return suggestions.nearest(name, known, SUGGESTION_CUTOFF)


#: Kind of part → what checks it.
Checks: TypeAlias = Mapping[type[tree.Expression], Callable[..., Found]]

#: How many links a path may follow.
MAX_STEPS: Final = 3
#: Records that are at hand: reading their fields follows no link.
_AT_HAND: Final = frozenset(["this", "that", "old", "parent", "record"])
#: Contexts in which currencies are paths of the scope itself: what an action asks, or what is counted over other
#: records, may be in the record's currency.
_SAME_PLACE: Final = frozenset([("inputs",), ("facts",)])


class Checker:
    """One formula being checked in one scope; *checks* has the function that checks each kind of part."""

    def __init__(self, scope: Scope, checks: Checks, text: str = "") -> None:
        self.scope = scope
        self._checks = checks
        #: The formula as written, for messages that say what to write; empty where it is not at hand.
        self.text = text
        self.findings: list[Finding] = []
        self.reads: set[Path] = set()
        self.calls: set[str] = set()
        self.found: dict[tree.Part, Found] = {}
        self.frames: list[Frame] = []
        self.known: Facts = frozenset()
        self.warned: set[Key] = set()
        #: What is known, and the same with what is left of choices: worked out once for many reads.
        self._known_listed: tuple[Facts, Facts] | None = None

    def check(self, part: tree.Expression) -> Found:
        """Return what is known of *part*; findings are collected on the way."""
        found = self._checks[type(part)](self, part)
        self.found[part] = found
        return found

    def type_at(self, part: tree.Expression) -> Type:
        """Return the type of a part that has been checked."""
        return self.found.get(part, UNKNOWN).type

    def type_of(self, part: tree.Expression) -> Type:
        """Return the type of *part*; findings are collected on the way."""
        return self.check(part).type

    def report(
        self,
        code: str,
        part: tree.Part,
        suggestion: str | None = None,
        severity: Literal["error", "warning"] = "error",
        **params: object,
    ) -> None:
        """Add a finding at the place of *part*."""
        self.findings.append(Finding(code, params, part.start, part.end, severity, suggestion))

    def written(self, part: tree.Part, *, binds: bool = False) -> str:
        """Return a part of the formula as written; with *binds* in brackets where something may stand behind it."""
        text = self.text[part.start : part.end] or "…"
        is_closed = isinstance(part, (tree.Name, tree.PathExpression, tree.Call, tree.Literal)) or _in_brackets(text)
        return text if is_closed or not binds else f"({text})"

    @contextmanager
    def knowing(self, learned: Facts) -> Iterator[None]:
        """Check inside with what a condition has told: what is not null, and how values compare."""
        before, self.known = self.known, self.known | learned
        yield
        self.known = before

    @contextmanager
    def inside(self, frame: Frame) -> Iterator[None]:
        """Check inside with the names of *frame*."""
        before = self.known
        self.known = frozenset(each for each in before if isinstance(each, tuple) and each[0] not in frame.names)
        self.known |= {each for each in before if isinstance(each, Atom) and each.key[0] not in frame.names}
        self.frames.append(frame)
        yield
        self.frames.pop()
        self.known = before

    # ---- names ----

    def find(self, name: str) -> Found | None:
        """Return what *name* stands for here, or None."""
        for frame in reversed(self.frames):
            if frame.item is not None:
                found = self._item_part(frame.item, name)
                if found is not None:
                    return found
            if name in frame.names:
                return frame.names[name]
        type = self.scope.find(name)
        if type is None:
            return None
        return Found(type, frozenset([(name,)]), (name,))

    def _item_part(self, item: Found, name: str) -> Found | None:
        """Return the part *name* of what a filter looks at, or None where it has none."""
        fields = self.scope.fields_of(item.type)
        if fields is not None and name in fields:
            return self.member(item, name, fields[name])
        return None

    def suggested(self, name: str) -> str | None:
        """Return what was probably meant by the unknown *name*.

        A part of a name in scope (`parent.currency`), or a like name.
        """
        if not may_suggest():
            return None
        known = set(self.scope.all_names())
        for root in sorted(known):
            type = self.scope.find(root)
            at_hand = isinstance(type, Context) or root in _AT_HAND
            if type is not None and at_hand and name in (self.scope.fields_of(type) or ()):
                return f"{root}.{name}"
        for frame in self.frames:
            known |= frame.names.keys() - {"item", "partial"}
            if frame.item is not None:
                known |= (self.scope.fields_of(frame.item.type) or {}).keys()
        return nearest(name, known)

    def looks_at_anything(self) -> bool:
        """Say whether a filter around looks at items whose parts are not known, so that any name may be one."""
        return any(
            frame.item is not None and (isinstance(frame.item.type, Any) or frame.item.type == Context())
            for frame in self.frames
        )

    def member(self, owner: Found, name: str, type: Type) -> Found:
        """Return the part *name* of *owner*, whose declared type is *type*."""
        is_link = isinstance(owner.type, RecordType) and not _is_at_hand(owner.place)
        currencies_from = () if owner.place in _SAME_PLACE else owner.place
        return Found(
            or_null(seen_from(type, currencies_from), owner.type.nullable),
            frozenset((*path, name) for path in owner.paths),
            None if owner.place is None else (*owner.place, name),
            owner.steps + is_link,
            None,
        )

    def read(self, part: tree.Expression, found: Found) -> Found:
        """Note that the value of *part* is read, and return it as known here."""
        self.reads |= found.paths
        before = self.found.get(part.owner, UNKNOWN).steps if isinstance(part, tree.PathExpression) else 0
        if found.steps > MAX_STEPS >= before:
            path = next(iter(found.paths), ())
            self.report("feel.too_many_steps", part, path=".".join(path), steps=found.steps, limit=MAX_STEPS)
        key = key_of(part)
        is_there = key is not None and (key in self.known or self._is_asked_for(found, key))
        return replace(found, type=not_null(found.type)) if is_there else found

    def _is_asked_for(self, found: Found, key: Key) -> bool:
        """Say whether the value at *key* must be filled in wherever what is known here holds."""
        if not found.type.nullable or len(found.paths) != 1:
            return False
        (path,) = found.paths
        wanted = self.scope.asked_for(path)
        owner = key[:-1] if len(path) == len(key) == 1 or path[-1] == key[-1] else None
        if not wanted or owner is None:
            return False
        if self._known_listed is None or self._known_listed[0] is not self.known:
            listed = {self._listed(each) for each in self.known if isinstance(each, Atom)}
            self._known_listed = self.known, self.known | listed
        known = self._known_listed[1]
        return all(is_known(each, owner, known) for each in wanted)

    def _listed(self, atom: Atom) -> Atom:
        """Return what is left of a choice's options where some are ruled out; any other comparison as it is."""
        type = self.scope.find(atom.key[0]) if len(atom.key) == 1 else None
        if atom.operator != "not in" or not isinstance(type, Text) or type.options is None or type.nullable:
            return atom
        return Atom(atom.key, "in", frozenset(type.options) - atom.values)

    # ---- null ----

    def warn_null(self, part: tree.Expression) -> None:
        """Warn where *part*, an operand, reads a value that may be null."""
        for source in null_sources(part, self.found):
            key = key_of(source)
            if key is not None and key not in self.warned:
                self.warned.add(key)
                name = ".".join(key)
                self.report("feel.may_be_null", source, severity="warning", name=name)


def _in_brackets(text: str) -> bool:
    """Say whether a part as written stands in brackets of its own, as `(a + b)` does and `(a) / (b)` does not."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if not depth:
            return at > 0 and at == len(text) - 1
    return False


def _is_at_hand(place: Path | None) -> bool:
    """Say whether the record at *place* is at hand: a root such as `parent`, or the `record` of one already read."""
    return place is not None and (place[-1] == "record" or (len(place) == 1 and place[0] in _AT_HAND))


def null_sources(part: tree.Expression, found: Mapping[tree.Part, Found]) -> Iterator[tree.Expression]:
    """Yield the names and paths through which *part*, already checked, may be null."""
    known = found.get(part)
    if known is None or not known.type.nullable or isinstance(known.type, (Any, Null)):
        return
    if isinstance(part, (tree.Name, tree.PathExpression)):
        yield part
    elif isinstance(part, tree.Call):
        for argument in part.arguments:
            yield from null_sources(argument.value, found)
    elif isinstance(part, tree.If):
        yield from null_sources(part.then, found)
        yield from null_sources(part.otherwise, found)
