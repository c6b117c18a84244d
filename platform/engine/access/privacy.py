"""Private fields: who may read a field that is private, or derived from one that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from blankett.engine.access.rules import Path, Policy
from blankett.engine.blueprint.model import Field, Form

#: Full name of a form (``order_management.customer``) → the form as it is now, or None.
FindForm: TypeAlias = Callable[[str], Form | None]

NOBODY: frozenset[str] = frozenset()


def private_to(policy: Policy, path: Path, find_form: FindForm | None) -> tuple[frozenset[str], ...]:
    """Return the sets of roles of which a reader of the field at *path* must hold one each.

    One set for the field itself when it is private, and one for each private field it is derived from and that its
    author did not declassify. A source that cannot be found is open to nobody.
    """
    found = policy.find(path)
    if found is None:
        return (NOBODY,)
    form, of = found
    own = [of.private] if of.private is not None else []
    derived = [
        _roles_of(policy, form, source, find_form)
        for source in sorted(form.private_sources.get(path, ()))
        if source != path and ".".join(source) not in of.declassify
    ]
    return tuple(dict.fromkeys([*own, *derived]))


def _roles_of(policy: Policy, form: Form, source: Path, find_form: FindForm | None) -> frozenset[str]:
    """Return who may read the private field *source*, a path of *form* that may run through links."""
    if source[0] == "facts":
        return form.private_roles.get(source, NOBODY)
    fields = list(_along(policy, form, source, find_form))
    return fields[-1].private or NOBODY if len(fields) == len(source) else NOBODY


def _along(policy: Policy, form: Form, path: Path, find_form: FindForm | None) -> Iterator[Field]:
    """Yield the fields that *path* goes through, as far as they can be found: columns of tables, then links."""
    here: Form | None = form
    fields = form.fields
    for key in path:
        of = fields.get(key)
        if of is None:
            return
        yield of
        if of.columns:
            fields = of.columns
            continue
        here = _linked_form(policy, of, find_form)
        fields = here.fields if here is not None else {}


def _linked_form(policy: Policy, of: Field, find_form: FindForm | None) -> Form | None:
    name = of.links_to
    if name is None:
        return None
    blueprint, _, key = name.rpartition(".")
    if blueprint in ("", policy.blueprint.key):
        return policy.blueprint.forms.get(key)
    return find_form(name) if find_form is not None else None
