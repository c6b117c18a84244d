"""New fields of reference records that formulas read through links: until a record has followed, it has no value there.

Records follow behind the publish, those that others link to first; nothing is worked out for one that has not yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from blankett.engine.language.model import Field, Form, Words
from blankett.engine.paths import Path
from blankett.engine.publish.impact import FindForm, Group, Movement, link_reads


@dataclass(frozen=True)
class LateField:
    """A field in which formulas find nothing for a while."""

    form: Words
    field: Words
    #: Records that have to follow before they all have it.
    count: int


def late_fields(groups: Iterable[Group], movement: Movement, find_form: FindForm) -> tuple[LateField, ...]:
    """Return the new fields of reference forms with values of their own that forms of `movement.new` read."""
    counts: dict[str, int] = {}
    fresh: dict[tuple[str, Path], tuple[Form, Field]] = {}
    for group in groups:
        new = group.fit.route.new if group.follows and group.goes(moves=False) else None
        if new is None:
            continue
        known = set(group.fit.route.fields.values())
        found = [of for of in new.every_field() if of.path not in known and (of.default or of.fill or of.compute)]
        fresh.update({(new.name, of.path): (new, of) for of in found})
        counts[new.key] = counts.get(new.key, 0) + (group.count if found else 0)
    if not fresh:
        return ()
    read = frozenset[tuple[str, Path]]().union(
        *(link_reads(form, _newest(movement, find_form)) for form in movement.new.forms.values())
    )
    return tuple(LateField(form.title, of.title, counts[form.key]) for key, (form, of) in fresh.items() if key in read)


def _newest(movement: Movement, find_form: FindForm) -> FindForm:
    """Return what finds forms as they are once `movement.new` is published."""

    def find(name: str) -> Form | None:
        blueprint, _, key = name.partition(".")
        return movement.new.forms.get(key) if blueprint == movement.new.key else find_form(name)

    return find
