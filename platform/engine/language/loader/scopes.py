"""What each formula of a blueprint can see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from blankett.engine import feel
from blankett.engine.language.loader.partial_blueprint import RECORD_SUFFIX, FormDraft, PartialBlueprint, field_type
from blankett.engine.language.model import Field


@dataclass(frozen=True)
class FieldScopes:
    """The scopes of a field's keys."""

    #: `visible`, `compute`, `fill`, `required`, `editable`, bounds.
    plain: feel.Scope
    #: `default`: also `user`.
    default: feel.Scope
    #: `check`: also `old`.
    check: feel.Scope
    #: `help`, where it sees less than the other keys.
    help: feel.Scope | None = None
    #: `compute`, where it sees more than the other keys: also `facts`.
    compute: feel.Scope | None = None


class Scopes:
    """The scopes of one form, made from its fields' static types."""

    def __init__(self, draft: PartialBlueprint, form: FormDraft, facts: feel.Context | None = None) -> None:
        self.draft = draft
        self.form = form
        #: What the form counts over other records, where that is known.
        self.facts: dict[str, feel.Type] = {"facts": facts} if facts is not None and facts.fields else {}
        names = {**form.types, "record": feel.RecordType(form.name + RECORD_SUFFIX)}
        #: The form's fields and `record`: computing, showing.
        self.plain = draft.scope(names, form.asked)
        before: dict[str, feel.Type] = {"old": feel.RecordType(form.name, nullable=True)}
        person: dict[str, feel.Type] = {"user": feel.RecordType("user")}
        self.check = self.plain.child(before | self.facts)
        self.grant = self.plain.child(person)
        #: The steps of an approval, and who decides them; `user` is who asks for it.
        self.approval = self.plain.child(person | self.facts)
        #: The words of an action, which say nothing of other records.
        self.act = self.plain.child(before | person)

    def of(self, path: tuple[str, ...]) -> FieldScopes:
        """Return the scopes of the field or column at *path*."""
        if len(path) == 1:
            compute = self.plain.child(self.facts) if self.facts else None
            return FieldScopes(self.plain, self.grant, self.check, compute=compute)
        line = line_scope(self.draft, self.form, path[0])
        return FieldScopes(
            line,
            line.child({"user": feel.RecordType("user")}),
            line.child({"old": feel.RecordType(self.form.name, nullable=True), **self.facts}),
        )

    def action(self, action: str) -> feel.Scope:
        """Return the scope of an action's guard, effects and messages."""
        asked = self.form.asks.get(action, {})
        names: dict[str, feel.Type] = {"inputs": inputs_type(asked)} if asked else {}
        return self.act.child(names | self.facts) if names or self.facts else self.act

    def rule(self, actions: Sequence[str]) -> feel.Scope:
        """Return the scope of a rule: what its actions all ask in the same way is there, and what its form counts.

        *actions* are those of all its points; none for a rule that is looked at when values are stored.
        """
        asked = [self.form.asks.get(action, {}) for action in actions]
        shared = {
            key: of for key, of in (asked[0] if asked else {}).items() if all(_asks(other, of) for other in asked)
        }
        names: dict[str, feel.Type] = {"inputs": inputs_type(shared)} if shared else {}
        return self.act.child(names | self.facts)


def _asks(asked: Mapping[str, Field], of: Field) -> bool:
    """Tell whether an action asks what *of* is too."""
    other = asked.get(of.key)
    return other is not None and field_type(other, _column_types(other)) == field_type(of, _column_types(of))


def line_scope(draft: PartialBlueprint, form: FormDraft, table: str) -> feel.Scope:
    """Return what a column's formulas see: the columns, `parent` and `record`."""
    names = {
        **form.column_types[table],
        "parent": feel.RecordType(form.name),
        "record": feel.RecordType(form.name + RECORD_SUFFIX),
    }
    names.pop("id", None)
    around = {("parent", *path): wanted for path, wanted in form.asked.items()}
    own = {path[1:]: wanted for path, wanted in form.asked.items() if path[0] == table and len(path) == 2}
    return draft.scope(names, around | own)


def inputs_type(asked: dict[str, Field]) -> feel.Context:
    """Return the static type of `inputs`."""
    return feel.Context({key: field_type(of, _column_types(of)) for key, of in asked.items()})


def _column_types(of: Field) -> dict[str, feel.Type]:
    return {key: field_type(column) for key, column in of.columns.items()}


def where_scope(
    draft: PartialBlueprint, other: FormDraft | None, this: FormDraft, table: str | None = None
) -> feel.Scope:
    """Return what a `where` sees that picks records of *other*: their fields bare, this record (or line) as `this`."""
    here: feel.Type = feel.RecordType(this.name)
    if table is not None:
        columns = {**this.column_types[table], "parent": feel.RecordType(this.name)}
        here = feel.Context(columns)
    names: dict[str, feel.Type] = {"this": here, "user": feel.RecordType("user")}
    if other is None:
        return AnyScope(
            names,
            draft.functions,
            draft.contexts,
            bodies=draft.bodies,
            edition=draft.edition,
            calendars=draft.calendar_keys,
        )
    names |= other.types
    names["record"] = feel.RecordType(other.name + RECORD_SUFFIX)
    return draft.scope(names)


class AnyScope(feel.Scope):
    """A scope over records whose form is not known: every name may be one of their fields."""

    def find(self, name: str) -> feel.Type | None:
        """Return the type of *name*; any where it is none of ours."""
        return super().find(name) or feel.Any()
