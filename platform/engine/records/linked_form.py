"""What stands behind links and facts, as the formulas of some version name it: the forms as they are now, where their
fields are in them, and whom private fields are open to.

A record keeps its version, and what it links to and counts goes on: fields and forms get other keys, and end. What is
called by a former key is looked at under its new one; what nobody knows any more is open to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from blankett.engine.feel import Moment
from blankett.engine.language.model import Fact, Field, Form, Formula
from blankett.engine.paths import Path, record_path, resolve
from blankett.engine.records.blueprint_cache import Catalog
from blankett.engine.records.compiled_form import Process
from blankett.engine.records.current_version import CurrentForm
from blankett.engine.store import FormColumns, NamedColumns, Query, QueryProblem, StoredRecord
from blankett.engine.store.query import FullAccess

NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Behind:
    """A form that formulas of a version name, and how their names lead into it."""

    catalog: Catalog
    #: Of the formulas.
    process: Process
    #: As it is now; None when it ended.
    form: Form | None
    #: As the version of the formulas has it, with what is current for it; None when that is the same.
    older: Form | None = None
    current: CurrentForm | None = None

    def path(self, path: Path) -> Path:
        """Return where the form has now what the formulas call *path*."""
        return self.current.path(path) if self.current is not None else path

    def columns(self) -> NamedColumns | None:
        """Return the columns of its records by the names the formulas know; None when the form ended."""
        if self.form is None:
            return None
        now = self.catalog.former_states(self.form)
        called = {key: was for was, key in self.current.states.items()} if self.current is not None else {}
        names = {**{was: called.get(key, key) for was, key in now.items()}, **called}
        states = {state: name for state, name in names.items() if state != name}
        return NamedColumns(FormColumns(self.form, self.catalog.slots(self.form), states), self.path)

    def names(self, of: CurrentForm, names: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the *names* of a record, for whose version *of* is current, as the formulas know them."""
        known = of.renamed(names)
        return known if self.current is None else self.current.as_before(known)

    def field(self, path: Path) -> tuple[Form, Field] | None:
        """Return the field or column that the formulas call *path*, and the form that has it; None for an unknown
        one. A field that ended is as the version of the formulas has it.
        """
        if self.older is None or self.older.find(path) is None:
            found = self.form.find(path) if self.form is not None else None
            return (self.form, found) if self.form is not None and found is not None else None
        for form, key in ((self.form, self.path(path)), (self.older, path)):
            found = form.find(key) if form is not None else None
            if form is not None and found is not None:
                return form, found
        return None

    def find(self, path: Path) -> Field | None:
        """Return the field or column that the formulas call *path*; None for an unknown one."""
        found = self.field(path)
        return found[1] if found is not None else None

    def closed(self, path: Path) -> Iterator[frozenset[str]]:
        """Yield, for each private field that the one at *path* is made of, the roles it is open to."""
        form, field = self.field(path) or (None, None)
        if form is not None and field is not None:
            for source in sorted(form.private_sources.get(field.path, ())):
                yield form.private_roles.get(source, NOBODY)

    def follow(self, link: Field) -> Behind | None:
        """Return the form that a link of it points to."""
        return form_behind(self.catalog, self.process, link.links_to) if link.links_to is not None else None


def form_behind(catalog: Catalog, process: Process, name: str) -> Behind:
    """Return the form that formulas of *process* call ``blueprint.form``."""
    blueprint, _, key = name.partition(".")
    own = process.blueprint
    if blueprint == own.key and key in own.forms and catalog.newest.get(blueprint) != process.version:
        current = catalog.current(catalog.process(blueprint, process.version, key))
        return Behind(catalog, process, current.newest, own.forms[key], current)
    return Behind(catalog, process, catalog.find_form(name))


def closed_on_the_way(path: Path, here: Behind) -> Iterator[frozenset[str]]:
    """Yield, for each private field on the way along *path*, names of the form *here*, the roles it is open to: nobody
    for one that is not known.
    """
    found = resolve(record_path(path), here)
    for step in found.steps:
        yield from step.owner.closed(step.place)
    if found.asked is not None and found.rest[0] != "record":
        yield NOBODY


def closed_by_fact(catalog: Catalog, process: Process, fact: Fact) -> Iterator[frozenset[str]]:
    """Yield the same for each private field that *fact* reads of the records it counts."""
    counted = form_behind(catalog, process, fact.form)
    for read in sorted(fact.counted_reads):
        yield from closed_on_the_way(read, counted)


# What everybody may read ----------------------------------------------------------------------------------------------


def public_reader(catalog: Catalog, process: Process) -> Callable[[Path], bool]:
    """Return what tells whether a path of names leads to a value that is not private."""
    return lambda path: not is_private(catalog, process, path)


def is_private(catalog: Catalog, process: Process, path: Path) -> bool:
    """Tell whether *path* leads to or through a private field, from the names of *process* and through its links and
    facts.
    """
    form = process.form
    if path[0] == "facts":
        fact = form.facts.get(path[1]) if len(path) > 1 else None
        return len(path) > 1 and (fact is None or _is_fact_private(catalog, process, fact))
    steps = record_path(path)
    if not steps or steps[0] not in form.fields:
        return False
    return any(True for _ in closed_on_the_way(steps, form_behind(catalog, process, form.name)))


def _is_fact_private(catalog: Catalog, process: Process, fact: Fact) -> bool:
    closed = any(True for _ in closed_by_fact(catalog, process, fact))
    return closed or any(is_private(catalog, process, read) for read in fact.own_reads)


# Its records ----------------------------------------------------------------------------------------------------------


def records_where(
    catalog: Catalog, behind: Behind, where: Formula | None, names: Mapping[str, Any], moment: Moment, limit: int
) -> list[StoredRecord] | QueryProblem:
    """Return at most *limit* records of a form for which *where* holds, the oldest first, or why it was not asked.

    With the blueprint's authority: effects ask this, never a person. Raises KeyError for a form that ended.
    """
    if behind.form is None:
        raise KeyError("the form has ended")
    query = Query(
        organisation=catalog.organisation, form=behind.form, slots=catalog.slots(behind.form), access=FullAccess(),
        states=catalog.former_states(behind.form), moment=moment, link_where=where,
        link_columns=behind.columns(), names=names, sort=((("record", "created_at"), False),), limit=limit,
    )  # fmt: skip
    found = catalog.reading.page(query)
    return found if isinstance(found, QueryProblem) else list(found.records)
