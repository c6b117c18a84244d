"""Checks of `was`: a key that was given away is gone, and goes to one item only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blankett.engine.blueprint.model import Action, Fact, Field, Form, Option, Rule, State
from blankett.engine.checks.subject import Subject

Items = (
    Mapping[str, Form]
    | Mapping[str, Field]
    | Mapping[str, State]
    | Mapping[str, Action]
    | Mapping[str, Rule]
    | Mapping[str, Fact]
    | Mapping[str, Option]
)


def check_renames(subject: Subject) -> None:
    """Tell of keys under `was` that still exist, or that two items claim."""
    for path, items in _named_items(subject):
        claimed: dict[str, int] = {}
        for key, item in items.items():
            if item.was is None:
                continue
            place = subject.place(*path, key, "was")
            if item.was in items:
                subject.report.add("was_still_there", place, name=item.was)
            elif item.was in claimed:
                subject.report.add("was_twice", place, name=item.was, line=claimed[item.was])
            claimed.setdefault(item.was, place.line)


def _named_items(subject: Subject) -> Iterator[tuple[tuple[str, ...], Items]]:
    """Yield everything that may have been called otherwise, with the path of the map it stands in."""
    yield ("forms",), subject.blueprint.forms
    for form in subject.forms():
        path = ("forms", form.key)
        yield (*path, "fields"), form.fields
        for field in form.fields.values():
            yield (*path, "fields", field.key, "fields"), field.columns
        for field in form.every_field():
            inside = tuple(part for name in field.path for part in ("fields", name))
            yield (*path, *inside, "options"), field.option_titles()
        yield (*path, "states"), form.states
        yield (*path, "actions"), form.actions
        yield (*path, "rules"), form.rules
        yield (*path, "facts"), form.facts
