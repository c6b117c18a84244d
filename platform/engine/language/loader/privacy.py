"""Which fields are made of private ones, and so are private too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from blankett.engine.language.form_formulas import set_formulas
from blankett.engine.language.loader.field_order import deriving
from blankett.engine.language.model import Field, Form, Formula, Role
from blankett.engine.paths import LinkedForm, Path, Step, field_at, field_part, own_path, record_path, resolve

#: {field: the formulas by which rules give it a value}
Given = Mapping[Path, Sequence[Formula]]


#: Finds a form by its full name, with what is private in it as far as that is known.
FindForm: TypeAlias = Callable[[str], Form | None]


def with_privacy(forms: Mapping[str, Form], foreign: FindForm, roles: Mapping[str, Role]) -> dict[str, Form]:
    """Return the forms of a blueprint with what is private in each, also by what they read of each other. *foreign*
    finds those of other blueprints; *roles* are the blueprint's, which may include each other.
    """
    found = dict(forms)
    known = {form.name: key for key, form in forms.items()}

    def find_form(name: str) -> Form | None:
        return found[known[name]] if name in known else foreign(name)

    while True:
        before = {key: (form.private_sources, form.private_roles) for key, form in found.items()}
        for key, form in found.items():
            found[key] = _with_privacy(form, find_form, roles)
        after = {key: (form.private_sources, form.private_roles) for key, form in found.items()}
        if after == before or not any(sources for sources, _ in after.values()):
            return found


def _with_privacy(form: Form, find_form: FindForm, roles: Mapping[str, Role]) -> Form:
    facts = _private_facts(form, find_form, roles)
    sources = _private_sources(form, find_form, facts)
    every_source = {source for each in sources.values() for source in each}
    owner = LinkedForm(form, find_form)
    behind = {source: _roles_of(source, owner) for source in every_source - facts.keys()}
    return replace(form, private_sources=MappingProxyType(sources), private_roles=MappingProxyType({**behind, **facts}))


def _private_sources(
    form: Form, find_form: FindForm, facts: Mapping[Path, frozenset[str]]
) -> dict[Path, frozenset[Path]]:
    """Return {path: the private fields its value is made of}, itself included when it is private.

    A source in another form is the path that reads it: ``("lines", "product", "cost_price")``. What a field
    declassifies is left out, with all that it is made of. What rules set may need each other in any order, so it is
    gone through until nothing more is found. *facts* are the private ones.
    """
    found: dict[Path, frozenset[Path]] = {}
    given = set_formulas(form)
    while True:
        before = dict(found)
        _find_sources(found, form, find_form, given, facts)
        if not given or found == before:
            return found


def _find_sources(
    found: dict[Path, frozenset[Path]],
    form: Form,
    find_form: FindForm,
    given: Given,
    facts: Mapping[Path, frozenset[str]],
) -> None:
    fields, owner = form.fields, LinkedForm(form, find_form)
    for path in form.order:
        field = field_at(path, fields)
        sources: set[Path] = set()
        for formula in (*deriving(field), *given.get(path, ())):
            sources |= {read[:2] for read in formula.reads if read[:2] in facts and not declassifies(field, read[:2])}
            for read in formula.reads:
                own = own_path(read, fields, field.table)
                part = field_part(own, fields) if own is not None else ()
                if own is None or declassifies(field, part):
                    continue
                sources |= found.get(part, frozenset())
                if len(own) > len(part):
                    sources.update(_behind_links(own, owner, field))
        sources = set(_one_a_field((source for source in sources if not declassifies(field, source)), owner))
        if field.private is not None:
            sources.add(path)
        if sources:
            found[path] = frozenset(sources)


def _private_facts(form: Form, find_form: FindForm, known: Mapping[str, Role]) -> dict[Path, frozenset[str]]:
    """Return {("facts", key): the roles that may read everything it is made of} of facts made of private fields."""
    found: dict[Path, frozenset[str]] = {}
    for key, fact in form.facts.items():
        counted = find_form(fact.form)
        reads = fact.counted_reads if counted is not None else ()
        paths = [(record_path(read), LinkedForm(counted, find_form)) for read in reads if counted is not None]
        roles = [
            _and_wider(_roles_of(source, owner), known)
            for path, owner in paths
            for step in resolve(path, owner).steps
            for source in _sources_at(step)
        ]
        if roles:
            found["facts", key] = frozenset.intersection(*roles)
    return found


def _and_wider(roles: frozenset[str], known: Mapping[str, Role]) -> frozenset[str]:
    """Return *roles* with those that include one of them."""
    return roles | {key for key, role in known.items() if not roles.isdisjoint(role.includes)}


def declassifies(field: Field, source: Path) -> bool:
    """Tell whether a field may show what is made of *source*."""
    return ".".join(source) in field.declassify


def _behind_links(own: Path, owner: LinkedForm, reader: Field) -> Iterator[Path]:
    """Yield the private fields of other forms along a path that *reader* reads and does not declassify, and what those
    are made of that are private by that.
    """
    for step in resolve(own, owner).steps:
        if step.links and not declassifies(reader, step.path):
            yield from _sources_at(step)


def _sources_at(step: Step[LinkedForm]) -> Iterator[Path]:
    """Yield the private sources of the field of a step, as paths from where the way to it began."""
    if step.field.private is not None:
        yield step.path
    before = step.path[: -len(step.place)]
    yield from ((*before, *source) for source in step.owner.form.private_sources.get(step.place, ()))


def _one_a_field(sources: Iterable[Path], owner: LinkedForm) -> Iterator[Path]:
    """Yield the shortest way to each private field: those of records that link to their like have no end."""
    known: set[tuple[str, Path]] = set()
    for source in sorted(sources, key=lambda path: (len(path), path)):
        found = resolve(source, owner)
        end = (found.steps[-1].owner.form.name, found.steps[-1].place) if found.field is not None else ("", source)
        if end not in known:
            known.add(end)
            yield source


def _roles_of(source: Path, owner: LinkedForm) -> frozenset[str]:
    """Return the roles that may read a private source, through links too."""
    found = resolve(source, owner)
    if found.field is not None:
        return found.field.private or frozenset()
    return found.asked.form.private_roles.get(found.rest, frozenset()) if found.asked is not None else frozenset()
