"""The outline of a version: its keys, what they were called before and what they became, and where a life ends.

It says where a key of one version is in a later one, so that the versions between need not be loaded. It is read from
the canonical JSON of a published version, or made of a loaded blueprint; both give the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from blankett.engine.language.model import Blueprint, Field, Form, Life
from blankett.engine.language.source import YES_WORDS

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outlined:
    """A key with the one it had before: an action, an option."""

    was: str | None = None


@dataclass(frozen=True, slots=True)
class StateOutline:
    """A state of a form."""

    was: str | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class FieldOutline:
    """A field or a column, with its columns and options."""

    was: str | None = None
    columns: Mapping[str, FieldOutline] = field(default_factory=lambda: NOTHING)
    options: Mapping[str, Outlined] = field(default_factory=lambda: NOTHING)
    #: Option that ended → the one it becomes.
    ended: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class FormOutline:
    """A form."""

    key: str
    was: str | None = None
    life: Life = "process"
    fields: Mapping[str, FieldOutline] = field(default_factory=lambda: NOTHING)
    states: Mapping[str, StateOutline] = field(default_factory=lambda: NOTHING)
    actions: Mapping[str, Outlined] = field(default_factory=lambda: NOTHING)
    #: State that ended → the one it becomes.
    ended: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def has_field(self, path: tuple[str, ...]) -> bool:
        """Tell whether the form has the field or column at *path*."""
        found = self.fields.get(path[0])
        return found is not None and (len(path) == 1 or path[1] in found.columns)

    def is_finished(self, state: str | None) -> bool:
        """Tell whether a record in *state* has ended its life. One without states never does."""
        found = self.states.get(state) if state else None
        return found is not None and found.final


@dataclass(frozen=True, slots=True)
class Outline:
    """A version of a blueprint."""

    forms: Mapping[str, FormOutline]


# Of a loaded blueprint ------------------------------------------------------------------------------------------------


def outline_of(blueprint: Blueprint) -> Outline:
    """Return the outline of a loaded version."""
    return Outline({key: _of_form(form) for key, form in blueprint.forms.items()})


def _of_form(form: Form) -> FormOutline:
    return FormOutline(
        key=form.key,
        was=form.was,
        life=form.life,
        fields={key: _of_field(of) for key, of in form.fields.items()},
        states={key: StateOutline(state.was, state.final) for key, state in form.states.items()},
        actions={key: Outlined(action.was) for key, action in form.actions.items()},
        ended=dict(form.ended),
    )


def _of_field(of: Field) -> FieldOutline:
    return FieldOutline(
        was=of.was,
        columns={key: _of_field(column) for key, column in of.columns.items()},
        options={key: Outlined(option.was) for key, option in of.option_titles().items()},
        ended=dict(of.ended),
    )


# Of canonical JSON ----------------------------------------------------------------------------------------------------


def read_outline(canonical: str) -> Outline:
    """Return the outline of a published version from its canonical JSON, in which every scalar is the author's text."""
    tree = json.loads(canonical)
    forms, lists = _map(tree, "forms"), _map(tree, "options")
    return Outline({key: _read_form(key, form, lists) for key, form in forms.items() if isinstance(form, dict)})


def _read_form(key: str, form: Mapping[str, Any], lists: Mapping[str, Any]) -> FormOutline:
    states = _map(form, "states")
    return FormOutline(
        key=key,
        was=form.get("was"),
        life="reference" if form.get("life") == "reference" else "process",
        fields={name: _read_field(of, lists) for name, of in _map(form, "fields").items()},
        states={name: _read_state(state) for name, state in states.items() if _becomes(state) is None},
        actions={name: Outlined(_was(action)) for name, action in _map(form, "actions").items()},
        ended=_read_ended(states),
    )


def _read_state(state: Any) -> StateOutline:
    final = state.get("final") if isinstance(state, dict) else None
    return StateOutline(_was(state), final in YES_WORDS or final == "stopped")


def _read_field(of: Any, lists: Mapping[str, Any]) -> FieldOutline:
    found = of if isinstance(of, dict) else {}
    choices = found.get("options")
    if isinstance(choices, str):
        choices = lists.get(choices)
    options = choices if isinstance(choices, dict) else dict.fromkeys(choices if isinstance(choices, list) else ())
    return FieldOutline(
        was=_was(of),
        columns={name: _read_field(column, lists) for name, column in _map(found, "fields").items()},
        options={name: Outlined(_was(option)) for name, option in options.items() if _becomes(option) is None},
        ended=_read_ended(options),
    )


def _read_ended(entries: Mapping[str, Any]) -> dict[str, str]:
    found = {name: _becomes(entry) for name, entry in entries.items()}
    return {name: becomes for name, becomes in found.items() if becomes is not None}


def _map(tree: Any, key: str) -> Mapping[str, Any]:
    found = tree.get(key) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else NOTHING


def _was(entry: Any) -> str | None:
    return entry.get("was") if isinstance(entry, dict) else None


def _becomes(entry: Any) -> str | None:
    return entry.get("becomes") if isinstance(entry, dict) else None
