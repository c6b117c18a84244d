"""Which fields are made of private ones, and so are private too."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from blankett.engine.language.loader.field_reads import deriving
from blankett.engine.language.model import Fact, Field, Formula
from blankett.engine.paths import LinkedFields, LooseFields, Path, field_at, field_part, own_path, resolve

Sources = Mapping[Path, frozenset[Path]]
#: {field: the formulas by which rules give it a value}
Given = Mapping[Path, Sequence[Formula]]


def private_sources(
    fields: Mapping[str, Field],
    order: tuple[Path, ...],
    linked: LinkedFields,
    given: Given = MappingProxyType({}),
    facts: Collection[Path] = (),
) -> Sources:
    """Return {path: the private fields its value is made of}, itself included when it is private.

    A source in another form is the path that reads it: ``("lines", "product", "cost_price")``. What a field
    declassifies is left out, with all that it is made of. *given* are the formulas by which rules set fields: these
    may need each other in any order, so it is gone through until nothing more is found. *facts* are the private ones
    these may read, as ``("facts", key)``.
    """
    found: dict[Path, frozenset[Path]] = {}
    while True:
        before = dict(found)
        _find_sources(found, fields, order, linked, given, facts)
        if not given or found == before:
            return found


def _find_sources(
    found: dict[Path, frozenset[Path]],
    fields: Mapping[str, Field],
    order: tuple[Path, ...],
    linked: LinkedFields,
    given: Given,
    facts: Collection[Path],
) -> None:
    for path in order:
        field = field_at(path, fields)
        sources: set[Path] = set()
        for formula in (*deriving(field), *given.get(path, ())):
            sources |= {read[:2] for read in formula.reads if read[:2] in facts and not declassifies(field, read[:2])}
            for read in formula.reads:
                own = own_path(read, fields, field.table)
                if own is not None and not declassifies(field, field_part(own, fields)):
                    sources |= found.get(field_part(own, fields), frozenset())
                    sources |= _private_behind(own, fields, linked)
        sources = {source for source in sources if not declassifies(field, source)}
        if field.private is not None:
            sources.add(path)
        if sources:
            found[path] = frozenset(sources)


def private_facts(facts: Mapping[str, Fact], linked: LinkedFields) -> dict[Path, frozenset[str]]:
    """Return {("facts", key): the roles that may read everything it is made of} of facts made of private fields."""
    found: dict[Path, frozenset[str]] = {}
    for key, fact in facts.items():
        fields = linked(fact.form) or {}
        behind = (_private_on_way(path, fields, linked) for path in fact.counted_reads if path[0] in fields)
        roles = [held for way in behind for held in way]
        if roles:
            found["facts", key] = frozenset.intersection(*roles)
    return found


def _private_on_way(path: Path, fields: Mapping[str, Field], linked: LinkedFields) -> list[frozenset[str]]:
    """Return the roles of each private field that a path of another form goes through."""
    own = field_at(field_part(path, fields), fields).private
    behind = (roles_of(source, fields, linked) for source in _private_behind(path, fields, linked))
    return [*([own] if own is not None else []), *behind]


def declassifies(field: Field, source: Path) -> bool:
    """Tell whether a field may show what is made of *source*."""
    return ".".join(source) in field.declassify


def _private_behind(own: Path, fields: Mapping[str, Field], linked: LinkedFields) -> set[Path]:
    """Return the private fields of other forms along a path."""
    steps = resolve(own, LooseFields(fields, linked)).steps
    return {step.path for step in steps if step.links and step.field.private is not None}


def roles_of(source: Path, fields: Mapping[str, Field], linked: LinkedFields) -> frozenset[str]:
    """Return the roles that may read a private source, through links too."""
    found = resolve(source, LooseFields(fields, linked)).field
    return found.private or frozenset() if found is not None else frozenset()
