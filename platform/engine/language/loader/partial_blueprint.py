"""What is known of a blueprint while it is being loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias
from typing import Any as Value

from blankett.engine import feel
from blankett.engine.cancellation import stop_if_cancelled
from blankett.engine.feel.decision_table import Hit
from blankett.engine.feel.types import not_null, or_null
from blankett.engine.language.editions import EDITION
from blankett.engine.language.loader.retired_entries import Ended
from blankett.engine.language.loader.translations import Translations
from blankett.engine.language.model import Field, Form, Option, Place, Role
from blankett.engine.language.problems import Report, suggest
from blankett.engine.language.source import Map, Scalar, Source
from blankett.engine.paths import find_field

if TYPE_CHECKING:
    from blankett.engine.feel.budget import Run
    from blankett.engine.feel.scope import Body
    from blankett.engine.language.model import Table

#: The path of a field: ``("lines", "amount")``.
Item: TypeAlias = tuple[str, ...]
#: Finds a form of another blueprint by its full name, "blueprint.form".
Foreign: TypeAlias = Callable[[str], Form | None]

#: What `record` gives, besides being a link to the record itself.
RECORD_SUFFIX = "#record"

#: Characters of all formulas and different cells of a new text: ten times those of the largest shipped blueprint.
MOST_FORMULAS = 90_000
#: What a formula in braces counts for.
TEMPLATE_FORMULA_LENGTH = 8
#: What a cell with one text or number counts for, however long it is: little is looked at in it.
CONSTANT_LENGTH = 4
_CONSTANT_CELL = re.compile(r'"[^"\\]*"|-?\d+(?:\.\d+)?')


@dataclass
class FormDraft:
    """A form while it is being loaded: its names first, so that formulas anywhere can be checked against them."""

    key: str
    #: ``order_management.order``.
    name: str
    tree: Map
    #: Fields without their formulas; a field that is badly written is there with a type that lets everything pass.
    fields: dict[str, Field] = field(default_factory=dict)
    #: {field: static type}, the same object everywhere, refined while computed fields are checked.
    types: dict[str, feel.Type] = field(default_factory=dict)
    #: {table: {column: static type}}
    column_types: dict[str, dict[str, feel.Type]] = field(default_factory=dict)
    #: {action: {asked field: field}}
    asks: dict[str, dict[str, Field]] = field(default_factory=dict)
    #: Fields whose type is not known, as paths.
    broken: set[tuple[str, ...]] = field(default_factory=set)
    currency: str | None = None
    #: Path of a field or column → what must hold so that it is shown and required.
    asked: dict[tuple[str, ...], tuple[feel.Atom | feel.Said, ...]] = field(default_factory=dict)
    #: A form of another blueprint, already loaded.
    foreign: Form | None = None

    @property
    def states(self) -> Iterable[str]:
        """Return the keys of its states."""
        return self.foreign.states if self.foreign else self.tree.map("states").entries

    @property
    def actions(self) -> Iterable[str]:
        """Return the keys of its actions."""
        return self.foreign.actions if self.foreign else self.tree.map("actions").entries

    def find(self, path: tuple[str, ...]) -> Field | None:
        """Return the field or column at *path*."""
        return find_field(path, self.fields)

    def type_at(self, path: tuple[str, ...]) -> feel.Type:
        """Return the static type of the field or column at *path*."""
        if len(path) == 1:
            return self.types.get(path[0], feel.Any())
        return self.column_types.get(path[0], {}).get(path[1], feel.Any())

    @cached_property
    def record_context(self) -> feel.Context:
        """Return what is behind a link to a record of this form: its fields, and `record`."""
        fields: dict[str, feel.Type] = self.types
        fields["record"] = feel.RecordType(self.name + RECORD_SUFFIX)
        return feel.Context(fields)


class FormContexts:
    """Finds the fields behind links, for formulas; and lets go of the text that they were loaded from."""

    def __init__(self, draft: PartialBlueprint) -> None:
        self._draft: PartialBlueprint | None = draft
        self._known: dict[str, feel.Context] = {}

    def __call__(self, name: str) -> feel.Context | None:
        """Return the fields of the form *name*, or of its ``record``; None where they cannot be known."""
        found = self._known.get(name)
        if found is None and self._draft is not None:
            found = self._draft.form_context(name)
            if found is not None:
                self._known[name] = found
        return found

    def settle(self) -> None:
        """Know the forms that were asked for, and the blueprint's own, and no further one."""
        if self._draft is not None:
            for form in self._draft.known_forms():
                self(form.name)
                self(form.name + RECORD_SUFFIX)
            self("user")
            self._draft = None


@dataclass(frozen=True)
class ColumnHead:
    """A column without the formulas in it."""

    field: Field
    written: str
    type: feel.Type
    place: Place
    #: The values listed for it, from the most to the least important.
    ranking: tuple[Value, ...] = ()
    #: Those values as they are written.
    listed: tuple[str, ...] = ()
    #: Where the form's field it is the value of stands: (form, path).
    source: tuple[FormDraft, Item] | None = None


@dataclass
class TableHead:
    """A table without its rows."""

    key: str
    tree: Map
    hit: Hit
    inputs: dict[str, ColumnHead] = field(default_factory=dict)
    outputs: dict[str, ColumnHead] = field(default_factory=dict)
    #: Something is wrong with the columns, so that the rows are not looked at.
    is_broken: bool = False


@dataclass
class PartialBlueprint:
    """A blueprint while it is being loaded."""

    source: Source
    report: Report
    tree: Map
    key: str
    languages: tuple[str, ...]
    translations: Translations
    foreign: Foreign | None = None
    #: Lists of options that fields may name.
    options: dict[str, Mapping[str, Option]] = field(default_factory=dict, init=False)
    ended: Ended = field(default_factory=lambda: Ended(Report()))
    #: Of the language (`blueprint.editions`).
    edition: int = EDITION
    #: Whether it is a new text: only so much of it is read, and slips are looked for.
    is_new: bool = False
    #: Characters of the formulas that were read so far, and of those of computed fields that were refined.
    formula_length: int = 0
    refined_length: int = 0
    #: {text: what refining the computed fields read of it}
    parsed: dict[str, feel.Expression] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    forms: dict[str, FormDraft] = field(default_factory=dict)
    #: {message: the scopes it is sent from}
    message_scopes: dict[str, list[feel.Scope]] = field(default_factory=dict)
    used_roles: set[str] = field(default_factory=set)
    #: The tables while they are read, and when they are made.
    tables: dict[str, TableHead] = field(default_factory=dict)
    made_tables: dict[str, Table] = field(default_factory=dict)
    #: What every formula can call beside the built-in functions: the tables.
    functions: dict[str, feel.FunctionType] = field(default_factory=dict)
    _others: dict[str, FormDraft | None] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """Return the language of the texts in place."""
        return self.languages[0]

    def takes_cell(self, text: str, place: Place) -> bool:
        """Tell whether a cell of a table is still read, as `takes_formula` does; one text or number counts for little,
        so that a list of prices may be long.
        """
        is_constant = _CONSTANT_CELL.fullmatch(text) is not None
        return self._takes(min(len(text), CONSTANT_LENGTH) if is_constant else len(text), place)

    def takes_formula(self, text: str, place: Place) -> bool:
        """Tell whether a formula is still read; told once where they and the cells are too much."""
        return self._takes(len(text), place)

    def takes_template(self, text: str, place: Place) -> bool:
        """Tell whether the formulas of a text are still read; each counts as a short one, however long it is."""
        return self._takes(text.count("{") * TEMPLATE_FORMULA_LENGTH, place)

    def _takes(self, length: int, place: Place) -> bool:
        stop_if_cancelled()
        was, self.formula_length = self.formula_length, self.formula_length + length
        if not self.is_new or self.formula_length <= MOST_FORMULAS:
            return True
        if was <= MOST_FORMULAS:
            self.report.add("too_many_formulas", place, limit=f"{MOST_FORMULAS:,}")
        return False

    def refines_formula(self, text: str) -> bool:
        """Tell whether a formula of a computed field is still looked at before all others are read. Where it is not,
        `takes_formula` tells that there is too much of them.
        """
        self.refined_length += len(text)
        return not self.is_new or self.refined_length <= MOST_FORMULAS

    @cached_property
    def calendar_keys(self) -> tuple[str, ...]:
        """Return the keys of the calendars that formulas may name."""
        return tuple(self.tree.map("calendars").entries)

    @cached_property
    def bodies(self) -> Mapping[str, Body]:
        """Return what the functions do. Tables are found when they are called, for they are made last."""
        return {key: partial(_decide, self.made_tables, key) for key in self.functions}

    # Names ----------------------------------------------------------------------------------------------------------

    def full_name(self, form: str) -> str:
        """Return ``order_management.order`` for ``order``."""
        return form if "." in form else f"{self.key}.{form}"

    def find_form(self, form: str) -> FormDraft | None:
        """Return the form by its key or full name; None where it does not exist or cannot be known."""
        name = self.full_name(form)
        blueprint, _, key = name.partition(".")
        if blueprint == self.key:
            return self.forms.get(key)
        if name not in self._others:
            found = self.foreign(name) if self.foreign else None
            self._others[name] = foreign_draft(found) if found else None
        return self._others[name]

    def find_foreign(self, name: str) -> Form | None:
        """Return a form of another blueprint by its full name; None where it does not exist or cannot be known."""
        found = self.find_form(name)
        return found.foreign if found is not None else None

    @cached_property
    def contexts(self) -> FormContexts:
        """Return what finds the fields behind links for the formulas, longer than the draft is there."""
        return FormContexts(self)

    def known_forms(self) -> Iterator[FormDraft]:
        """Yield its forms, and those of other blueprints that it has asked for."""
        yield from self.forms.values()
        yield from (form for form in self._others.values() if form is not None)

    def form_context(self, name: str) -> feel.Context | None:
        """Return the fields behind a link for the formula checker; None where they cannot be known."""
        if name in OF_THE_ORGANISATION:
            return OF_THE_ORGANISATION[name]
        if name.endswith(RECORD_SUFFIX):
            form = self.find_form(name.removesuffix(RECORD_SUFFIX))
            return record_properties(form.states if form else ())
        found = self.find_form(name)
        return found.record_context if found else None

    def scope(
        self,
        names: Mapping[str, feel.Type],
        asked: Mapping[tuple[str, ...], tuple[feel.Atom | feel.Said, ...]] | None = None,
    ) -> feel.Scope:
        """Return a scope with *names*, the tables, and the fields behind links; *asked*: when values must be there."""
        return feel.Scope(
            names,
            self.functions,
            self.contexts,
            bodies=self.bodies,
            asked=asked,
            edition=self.edition,
            calendars=self.calendar_keys,
        )

    def check_form(self, scalar: Scalar) -> FormDraft | None:
        """Return the form a scalar names; one that does not exist is a problem."""
        found = self.find_form(scalar.text)
        blueprint, dot, _key = scalar.text.partition(".")
        if found is None and blueprint in self.forms and dot:
            # The field of a form of its own, where a form is asked for.
            self.report.add("unknown_form", scalar.place, suggestion=blueprint, name=scalar.text[:60])
        elif found is None and (not dot or blueprint == self.key or self.foreign is not None):
            self.unknown("unknown_form", scalar, self.forms)
        return found

    def unknown(self, kind: str, scalar: Scalar, known: Iterable[str], **params: object) -> None:
        """Tell that *scalar* names nothing of *known*."""
        self.report.add(kind, scalar.place, suggestion=suggest(scalar.text, known), name=scalar.text[:60], **params)

    def check_role(self, scalar: Scalar) -> str | None:
        """Return the role a scalar names; one that does not exist is a problem."""
        roles = self.tree.map("roles").entries
        if scalar.text not in roles:
            self.unknown("unknown_role", scalar, roles)
            return None
        self.used_roles.add(scalar.text)
        return scalar.text

    def place_of(self, tree: Map, key: str) -> Place:
        """Return where an entry of a map stands, with its path."""
        return tree.key_place(key)


def _decide(tables: Mapping[str, Table], key: str, run: Run, values: list[Value]) -> Value:
    """Return what the table *key* gives for values in the order of its inputs."""
    table = tables[key]
    return table.decision.decide(run, dict(zip(table.inputs, values, strict=True)))


#: What is known of a person.
USER = feel.Context(
    {
        "id": feel.Text(),
        "name": feel.Text(),
        "email": feel.Text(nullable=True),
        "department": feel.RecordType("department", nullable=True),
    }
)
#: What is known of a department.
DEPARTMENT = feel.Context(
    {
        "id": feel.Text(),
        "title": feel.Text(),
        "head": feel.RecordType("user", nullable=True),
        "deputy": feel.RecordType("user", nullable=True),
        "parent": feel.RecordType("department", nullable=True),
    }
)
#: What links lead to that is no record of a form.
OF_THE_ORGANISATION = {"user": USER, "department": DEPARTMENT}


def record_properties(states: Iterable[str]) -> feel.Context:
    """Return what `record` gives of any record."""
    return feel.Context(
        {
            "id": feel.Text(),
            "number": feel.Text(nullable=True),
            "state": feel.Text(tuple(states) or None),
            "title": feel.Text(),
            "created_at": feel.DateTime(),
            "created_by": feel.RecordType("user"),
            "changed_at": feel.DateTime(),
            "owner": feel.RecordType("user"),
            "assignee": feel.RecordType("user", nullable=True),
            "department": feel.RecordType("department", nullable=True),
        }
    )


def foreign_draft(form: Form) -> FormDraft:
    """Return a form of another blueprint as formulas and effects of this one see it."""
    draft = FormDraft(form.key, form.name, Map({}, form.place), foreign=form, currency=form.currency)
    draft.fields.update(form.fields)
    for key, found in form.fields.items():
        draft.column_types[key] = {name: field_type(column) for name, column in found.columns.items()}
        draft.types[key] = field_type(found, draft.column_types[key])
    draft.asks.update({key: dict(action.ask) for key, action in form.actions.items()})
    return draft


def field_type(of: Field, columns: Mapping[str, feel.Type] | None = None) -> feel.Type:
    """Return the static type of a field's value: with its currency, its columns, and whether it may be null."""
    found = of.type.feel_type(of)
    if of.type.has_currency and isinstance(found, feel.Number):
        found = feel.Number(of.currency)
    if of.type.has_lines:
        return feel.ListOf(feel.Context(columns or {}))
    is_sure = of.visible is None and (of.required is True or (not of.type.is_clearable and of.default is not None))
    return feel_or_null(found, not is_sure)


def feel_or_null(type_: feel.Type, nullable: bool) -> feel.Type:
    """Return *type_* with or without null."""
    return or_null(type_) if nullable else not_null(type_)
