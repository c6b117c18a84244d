"""Which conditions of a form move by themselves, and on what of the record they hang.

A bound, a check or `required` that reads the day, a rate, a linked record or a fact may stop holding although nobody
wrote the record. Such a condition is judged when a value of the record that it reads is written, and at the first
action out of the start state. One that reads only what the record holds cannot move, and is always judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from blankett.engine.language.loader.field_order import LIVE_FUNCTIONS, field_reads, walks_links
from blankett.engine.language.model import Check, Fact, Field, Formula, Setting, Table
from blankett.engine.paths import Path, every_path, field_at, field_part, own_or_old_path

#: ("bound", *path), ("required", *path), ("field", *path) for a field's check, ("where", *path), ("check", key).
Name = tuple[str, ...]


def moving_conditions(
    fields: Mapping[str, Field], checks: Mapping[str, Check], tables: Mapping[str, Table], facts: Mapping[str, Fact]
) -> dict[Name, frozenset[Path]]:
    """Return the conditions that move by themselves → what they read of the record: fields, ("record", "state")…"""
    return dict(_Moving(fields, tables, facts).conditions(checks))


class _Moving:
    """What moves in one form."""

    def __init__(self, fields: Mapping[str, Field], tables: Mapping[str, Table], facts: Mapping[str, Fact]) -> None:
        self.fields = fields
        self.tables = tables
        self.facts = facts
        self.every = [field_at(path, fields) for path in every_path(fields)]
        #: Fields shown and hidden by what moves.
        self.shown: frozenset[Path] = frozenset()
        self.shown = frozenset(of.path for of in self.every if of.visible is not None and self.moves([of.visible], of))

    def conditions(self, checks: Mapping[str, Check]) -> Iterator[tuple[Name, frozenset[Path]]]:
        """Yield the conditions that move."""
        for of in self.every:
            shown = [of.visible] if of.visible is not None else []
            required = [of.required] if isinstance(of.required, Formula) else []
            if of.required is not False:
                yield from self._if_moving(("required", *of.path), [*required, *shown], of)
            bounds = [bound for name in ("min", "max") if (bound := _formula(of.options.get(name))) is not None]
            if bounds:
                yield from self._if_moving(("bound", *of.path), [*bounds, *shown], of)
            if of.check is not None:
                yield from self._if_moving(("field", *of.path), [of.check.that, *shown], of)
            where = of.options.get("where")
            if isinstance(where, Formula):
                yield from self._choice(of, where)
        for check in checks.values():
            formulas = [check.that, *([check.when] if check.when is not None else [])]
            if self.moves(formulas, None):
                yield ("check", check.key), self.reads(formulas, None)

    def _if_moving(self, name: Name, formulas: list[Formula], of: Field) -> Iterator[tuple[Name, frozenset[Path]]]:
        if self.moves(formulas, of):
            yield name, self.reads(formulas, of) | {of.path}

    def _choice(self, of: Field, where: Formula) -> Iterator[tuple[Name, frozenset[Path]]]:
        """Yield what may be chosen where it hangs on the record; who chooses is not asked again."""
        reads = [path[1:] for path in where.reads if path[0] == "this" and len(path) > 1]
        if reads and not any(path[0] == "user" for path in where.reads):
            yield ("where", *of.path), self._own(reads, of.table) | {of.path}

    def moves(self, formulas: Iterable[Formula], of: Field | None) -> bool:
        """Tell whether the answer of any of *formulas* may change without the record being written."""
        table = of.table if of is not None else None
        return any(
            self._calls(formula.checked.calls, frozenset())
            or any(path[0] == "facts" for path in formula.reads)
            or walks_links(formula, table, self.fields)
            or any(self._is_moving(path) for path in field_reads(formula, table, self.fields))
            for formula in formulas
        )

    def _is_moving(self, path: Path) -> bool:
        return field_at(path, self.fields).live or path in self.shown

    def _calls(self, calls: frozenset[str], seen: frozenset[str]) -> bool:
        if calls & LIVE_FUNCTIONS:
            return True
        tables = (calls & self.tables.keys()) - seen
        return any(
            self._calls(formula.checked.calls, seen | tables)
            for name in tables
            for formula in self.tables[name].formulas()
        )

    def reads(self, formulas: Iterable[Formula], of: Field | None) -> frozenset[Path]:
        """Return what *formulas* read of the record, also through what shows a field or works it out."""
        table = of.table if of is not None else None
        own = frozenset(path for formula in formulas for path in self._own(formula.reads, table))
        return own | self._own(self._counted_for(formulas), None)

    def _counted_for(self, formulas: Iterable[Formula]) -> Iterator[Path]:
        """Yield what the facts that *formulas* read look at of the record itself."""
        for path in (path for formula in formulas for path in formula.reads if path[0] == "facts"):
            of = [self.facts[path[1]]] if path[1:] and path[1] in self.facts else self.facts.values()
            yield from (read for fact in of for read in fact.own_reads)

    def _own(self, reads: Iterable[Path], table: str | None) -> frozenset[Path]:
        found: set[Path] = set()
        waiting = [(read, table) for read in reads]
        for read, inside in waiting:  # grows on the way
            if read[0] == "record" and len(read) > 1:
                found.add(read[:2])
                continue
            own = own_or_old_path(read, self.fields, inside)
            if own is None:
                continue
            path = field_part(own, self.fields)
            if path in found:
                continue
            found.add(path)
            of = field_at(path, self.fields)
            behind = [of.compute] if of.live else []
            waiting += [(deeper, of.table) for each in (*behind, of.visible) if each for deeper in each.reads]
        return frozenset(found)


def _formula(option: object) -> Formula | None:
    if isinstance(option, Setting):
        return option.formula
    return option if isinstance(option, Formula) else None


def is_always(name: Name, fields: Mapping[str, Field], checks: Mapping[str, Check]) -> bool:
    """Tell whether the author says of a condition that it binds always."""
    if name[0] == "check":
        return checks[name[1]].binds == "always"
    of = field_at(name[1:], fields)
    if name[0] == "field":
        return of.check is not None and of.check.binds == "always"
    return name[0] != "where" and of.binds == "always"


def said_always(
    conditions: Mapping[Name, frozenset[Path]], fields: Mapping[str, Field], checks: Mapping[str, Check]
) -> tuple[dict[str, Field], dict[str, Check]]:
    """Return fields and checks with `binds: always` at the *conditions*, as texts of before meant them."""
    named = {name for name in conditions if name[0] != "where"}
    marked = {key: _said(of, named) for key, of in fields.items()}
    return marked, {
        key: replace(check, binds="always") if ("check", key) in named else check for key, check in checks.items()
    }


def _said(of: Field, named: Collection[Name]) -> Field:
    columns = {key: _said(column, named) for key, column in of.columns.items()}
    binds = "always" if {("required", *of.path), ("bound", *of.path)} & set(named) else of.binds
    check = replace(of.check, binds="always") if of.check is not None and ("field", *of.path) in named else of.check
    return replace(of, binds=binds, check=check, columns=MappingProxyType(columns))
