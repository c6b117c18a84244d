"""What an action or a rule of a checked form does. Like all of the model frozen, made by the loader, and only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from blankett.engine.blueprint.texts import Formula, Place, Setting


@dataclass(frozen=True)
class SetEffect:
    """Give fields of this record new values."""

    values: Mapping[str, Setting]
    place: Place


@dataclass(frozen=True)
class CreateEffect:
    """Create a record of another form."""

    form: str
    values: Mapping[str, Setting]
    #: A link field of this record that then points to the new one.
    link: str | None
    place: Place


@dataclass(frozen=True)
class UpdateEffect:
    """Give fields of other records new values: the one a link field names, or all of *form* where *where* holds."""

    link: str | None
    form: str | None
    where: Formula | None
    values: Mapping[str, Setting]
    place: Place


@dataclass(frozen=True)
class AssignEffect:
    """Hand the record to a user."""

    to: Setting
    place: Place


@dataclass(frozen=True)
class NotifyEffect:
    """Tell people in the application."""

    role: str | None
    user: Formula | None
    message: str
    place: Place


@dataclass(frozen=True)
class ActEffect:
    """Take an action on linked records: the one a link field names, or all of *form* for which *where* holds."""

    link: str | None
    form: str | None
    where: Formula | None
    action: str
    inputs: Mapping[str, Setting]
    place: Place


Effect = SetEffect | CreateEffect | UpdateEffect | AssignEffect | NotifyEffect | ActEffect
