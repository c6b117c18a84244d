"""What of a form is its process, and whether two versions have the same one: then a record need not move between them.

What counts is said once for each key of the language, in the grammar. What a form reads through links is told here
too: it is what another form's change can take away from a record under way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from blankett.engine.blueprint.model import Field, Form
from blankett.engine.blueprint.sameness import process_of
from blankett.engine.blueprint.walk import formulas_of
from blankett.engine.runtime.process import full_name

Path = tuple[str, ...]
#: Finds a form by its full name: ``orders.customer``.
FindForm = Callable[[str], Form | None]


def is_same_process(old: Form, new: Form) -> bool:
    """Tell whether a record of *old* behaves in every way as one of *new*: its version makes no difference to it."""
    return old.key == new.key and process_of(old) == process_of(new)


def is_finished(form: Form, state: str | None) -> bool:
    """Tell whether a record of *form* in *state* has ended its life. One without states never does."""
    found = form.states.get(state) if state else None
    return found is not None and found.final


def link_reads(form: Form, find_form: FindForm) -> frozenset[tuple[str, Path]]:
    """Return what the formulas of *form* read through links: (full name of the linked form, field or column path)."""
    found: set[tuple[str, Path]] = set()
    for formula, table in formulas_of(form):
        names = form.fields[table].columns if table else form.fields
        for path in formula.reads:
            found.update(_walk(form, names, path, find_form))
    return frozenset(found)


def _walk(form: Form, names: Mapping[str, Field], path: Path, find_form: FindForm) -> Iterator[tuple[str, Path]]:
    """Yield what *path* reads in other forms, step by step through its links."""
    here: Form | None = form
    steps = path
    while steps and steps[0] in ("parent", "old"):
        names, steps = form.fields, steps[1:]
    at_home = True
    while here is not None and steps:
        of = names.get(steps[0])
        if of is None:
            return
        if not at_home:
            yield here.name, of.path
        steps = steps[1:]
        if of.columns:
            names = of.columns
        elif of.links_to is not None and steps:
            here = find_form(full_name(of.links_to, here.blueprint))
            names, at_home = (here.fields if here else {}), False
        else:
            return
