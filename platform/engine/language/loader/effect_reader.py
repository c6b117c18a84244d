"""What an action does and a rule comes to: each effect is handed a reader of its own, in the scope of its form.

Which keys an effect has and what it makes of them is the effect's; here is what the values under them mean: forms,
links, actions and messages that must exist, values that their fields must take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from blankett.engine import feel
from blankett.engine.effects import OF_ACTIONS, Effect
from blankett.engine.effects.base import Items, ReachedRecords
from blankett.engine.feel.types import in_words
from blankett.engine.language.loader.formulas import is_formula, read_condition, read_formula, read_setting
from blankett.engine.language.loader.grants import check_name, gives_people
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.loader.scopes import where_scope
from blankett.engine.language.model import Field, Formula, Place, Setting, Template, Who
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import Map, Scalar, Tree

#: Reads the text of an outcome: its word and what stands under it → the text, and the field it stands at.
Sayer = Callable[[str, Tree | None], tuple[Template, str | None] | None]


def read_effects(
    draft: PartialBlueprint,
    form: FormDraft,
    trees: Iterable[Tree],
    scope: feel.Scope,
    guard: Formula | None,
    *,
    may_act: bool = False,
) -> tuple[Effect, ...]:
    """Return the effects of an action or a timer, in order; *guard*: what holds when they begin. *may_act*: whether
    they may take actions of their own record.
    """
    found: list[Effect] = []
    for tree in trees:
        effect = read_effect(draft, form, tree, scope, OF_ACTIONS, may_act=may_act)
        if effect is not None and isinstance(tree, Map):
            holds = read_condition(draft, tree.scalar("when"), scope, given=_still_holds(guard, found))
            found.append(replace(effect, when=holds) if holds is not None else effect)
    return tuple(found)


def _still_holds(guard: Formula | None, before: Iterable[Effect]) -> Formula | None:
    """Return the guard where it surely holds after the effects *before*: none of them writes to the
    record.
    """
    if guard is None or any(effect.reaches_on or effect.given for effect in before):
        return None
    return guard


def read_effect(
    draft: PartialBlueprint,
    form: FormDraft,
    tree: Tree,
    scope: feel.Scope,
    among: Iterable[type[Effect]],
    sayer: Sayer | None = None,
    *,
    may_act: bool = False,
) -> Effect | None:
    """Return the effect of *among* whose word stands in *tree*; with *sayer* it is a rule's."""
    if not isinstance(tree, Map):
        return None
    kind = next((kind for kind in among if tree.get(kind.word) is not None), None)
    return kind.read(EffectLoader(draft, form, tree, scope, sayer, may_act)) if kind is not None else None


@dataclass(frozen=True)
class EffectTarget:
    """The other records an effect reaches; *draft* is their form, None where it cannot be known."""

    link: str | None
    form: str | None
    draft: FormDraft | None


@dataclass(frozen=True)
class EffectItems:
    """What a record is made for each of; *item*: the static type of one."""

    table: str | None
    formula: Formula | None
    item: feel.Type


@dataclass(frozen=True)
class EffectLoader:
    """Reads one effect, as `blankett.engine.effects.base.Reader` says."""

    draft: PartialBlueprint
    own: FormDraft
    tree: Map
    scope: feel.Scope
    sayer: Sayer | None = None
    #: Whether it may take actions of its own record.
    may_act: bool = False

    @property
    def place(self) -> Place:
        """Return where the effect stands."""
        return self.tree.place

    @property
    def is_outcome(self) -> bool:
        """Tell whether it is a rule's."""
        return self.sayer is not None

    def below(self, key: str) -> EffectLoader:
        """Return the reader of the map under *key*."""
        return EffectLoader(self.draft, self.own, self.tree.map(key), self.scope, self.sayer, self.may_act)

    # Values -----------------------------------------------------------------------------------------------------------

    def own_values(self, key: str, *, tables: bool) -> Mapping[str, Setting]:
        """Return values for fields of this form; without *tables* lines are a problem."""
        tree = self.tree.map(key)
        values = self._values(tree, self.own, self.scope, own=True)
        for name, entry in tree.entries.items():
            if not tables and name in values and self.own.fields[name].columns:
                self.draft.report.add(
                    "wrong_field", entry.key.place, name=name, wanted="a field that is no table; effects give lines"
                )
        return values

    def values(
        self, key: str, target: ReachedRecords, *, that: ReachedRecords | Items | None = None
    ) -> Mapping[str, Setting]:
        """Return values for fields of the target; *that*: what formulas know by this name."""
        form, scope = _form_of(target), self.scope
        if isinstance(that, EffectItems):
            scope = scope.child({"that": that.item})
        elif that is not None:
            scope = scope.child({"that": feel.RecordType(form.name) if form else feel.Any()})
        return self._values(self.tree.map(key), form, scope)

    def items(self, key: str) -> EffectItems | None:
        """Return the lines of a table, or what a formula gives that must be a list."""
        scalar = self.tree.scalar(key)
        if scalar is None:
            return None
        if not is_formula(scalar):
            field = self.own.fields.get(scalar.text)
            tables = [name for name, of in self.own.fields.items() if of.columns]
            if field is None and (scalar.text,) not in self.own.broken:
                self.draft.unknown("unknown_field", scalar, tables, form=self.own.key)
            elif field is not None and not field.columns:
                self.draft.report.add("wrong_field", scalar.place, name=scalar.text, wanted="a table or a formula")
            columns = self.own.column_types.get(scalar.text, {})
            return EffectItems(scalar.text, None, feel.Context(columns) if columns else feel.Any())
        formula = read_formula(self.draft, scalar, self.scope, start=1)
        given = formula.checked.type if formula is not None and not formula.checked.errors else feel.Any()
        if not isinstance(given, (feel.ListOf, feel.Any)):
            message = f"this must be a list, it is {in_words(given)}"
            place = self.draft.source.place_in(scalar, 1, len(scalar.text))
            self.draft.report.add("wrong_result", place, message=message)
        return EffectItems(None, formula, given.item if isinstance(given, feel.ListOf) else feel.Any())

    def line_link(self, key: str, target: ReachedRecords, items: Items) -> str | None:
        """Return a link column of the items' table that may point at the target's records: ``lines.task``."""
        scalar, form = self.tree.scalar(key), _form_of(target)
        if scalar is None:
            return None
        table, _, column = scalar.text.partition(".")
        field = self.own.find((table, column)) if table == items.table and column else None
        if field is None or field.links_to is None:
            wanted = f"a link column: '{items.table}.…'" if items.table else "left out, for items have no link"
            self.draft.report.add("wrong_field", scalar.place, name=scalar.text[:60], wanted=wanted)
            return None
        if form is not None and field.links_to != form.name:
            self.draft.report.add("wrong_link", scalar.place, link=scalar.text, to=field.links_to, form=form.name)
        return scalar.text

    def _values(
        self, tree: Map, target: FormDraft | None, scope: feel.Scope, *, own: bool = False
    ) -> Mapping[str, Setting]:
        values: dict[str, Setting] = {}
        for key, entry in tree.entries.items():
            scalar = entry.value
            if not isinstance(scalar, Scalar):
                continue
            if target is None:
                formula = read_formula(self.draft, scalar, scope, start=1) if is_formula(scalar) else None
                values[key] = Setting(None if formula else scalar.text, formula)
                continue
            field = self._settable(target, entry.key)
            setting = read_setting(self.draft, scalar, field, scope, own=own) if field is not None else None
            if setting is not None:
                values[key] = setting
        return values

    def _settable(self, target: FormDraft, key: Scalar) -> Field | None:
        """Return the field an effect gives a value; one that does not exist or is computed is a problem."""
        field = target.fields.get(key.text)
        if field is None:
            if (key.text,) not in target.broken:
                self.draft.unknown("unknown_field", key, target.fields, form=target.key)
            return None
        if is_computed(target, field):
            self.draft.report.add("sets_computed", key.place, field=key.text)
            return None
        return None if (key.text,) in target.broken else field

    # Other records ----------------------------------------------------------------------------------------------------

    def target(self, *, link: str | None, form: str, own: bool = False) -> EffectTarget | None:
        """Return the records that a link field or a form names; with *own* this very record, where neither is there
        and it may be meant.
        """
        named = self.tree.scalar(link) if link is not None else None
        if own and (self.tree.get(form) is None) == (named is None):
            if named is None and self.may_act:
                return EffectTarget(None, None, self.own)
            given = f"{link} and {form}" if named is not None else "0"
            words = f"{link}, {form}"
            self.draft.report.add(
                "one_of", self.place, where=f"this effect ({self.own.key})", words=words, given=given, instead=""
            )
            return None
        if named is not None:
            field = find_link(self.draft, self.own, named)
            return EffectTarget(named.text, None, self.draft.find_form(str(field.options.get("to"))) if field else None)
        name = self.tree.scalar(form)
        if name is None:
            return None
        target = self.draft.check_form(name)
        return EffectTarget(None, target.name if target else self.draft.full_name(name.text), target)

    def link(self, key: str, target: ReachedRecords) -> str | None:
        """Return a link field of this form that may point at the target's records."""
        scalar, form = self.tree.scalar(key), _form_of(target)
        if scalar is None:
            return None
        field = find_link(self.draft, self.own, scalar)
        if field and form and field.options.get("to") != form.name:
            self.draft.report.add(
                "wrong_link", scalar.place, link=scalar.text, to=field.options.get("to"), form=form.name
            )
        return scalar.text

    def where(self, key: str, target: ReachedRecords) -> Formula | None:
        """Return the condition that picks records of the target."""
        inputs = self.scope.find("inputs")
        picking = where_scope(self.draft, _form_of(target), self.own).child({"inputs": inputs} if inputs else {})
        return read_condition(self.draft, self.tree.scalar(key), picking, warns=False)

    def action(self, key: str, target: ReachedRecords) -> str | None:
        """Return the key of an action of the target's form."""
        scalar, form = self.tree.scalar(key), _form_of(target)
        if scalar is not None and form is not None and scalar.text not in form.actions:
            self.draft.unknown("unknown_action", scalar, form.actions, form=form.key)
            return None
        return scalar.text if scalar is not None else None

    def inputs(self, key: str, target: ReachedRecords, action: str) -> Mapping[str, Setting]:
        """Return answers to what an action asks; one that must be answered and is not is a problem."""
        form = _form_of(target)
        asked = form.asks.get(action, {}) if form else {}
        inputs: dict[str, Setting] = {}
        for name, entry in self.tree.map(key).entries.items():
            if not isinstance(entry.value, Scalar):
                continue
            field = asked.get(name)
            if field is not None:
                setting = read_setting(self.draft, entry.value, field, self.scope, own=False)
                if setting is not None:
                    inputs[name] = setting
            elif form is not None:
                self.draft.unknown("unknown_input", entry.key, asked, action=action)
        if form is not None:
            self._missing_inputs(form, action, asked, inputs)
        return inputs

    def _missing_inputs(
        self, target: FormDraft, action: str, asked: Mapping[str, Field], inputs: Mapping[str, Setting]
    ) -> None:
        trees = target.tree.map("actions").map(action).map("ask")
        scalar = self.tree.scalar("action")
        place = scalar.place if scalar is not None else self.place
        for key, field in asked.items():
            has_default = field.default is not None or trees.map(key).get("default") is not None
            if field.required is True and key not in inputs and not has_default:
                self.draft.report.add("missing_input", place, action=action, name=key)

    # People and texts -------------------------------------------------------------------------------------------------

    def person(self, key: str) -> Setting | None:
        """Return a formula that gives a person."""
        formula = self._people(self.tree.scalar(key), several=False)
        return Setting(None, formula) if formula is not None else None

    def told(self, *, role: str, user: str, who: str) -> Who:
        """Return whom one of three keys names: a role, people by a formula, or several of both and owner and
        assignee.
        """
        named = self.tree.scalar(role)
        if named is not None:
            key = self.draft.check_role(named)
            return Who(frozenset({key} if key else ()))
        people = self._people(self.tree.scalar(user), several=True)
        if people is not None:
            return Who(formulas=(people,))
        scalars = self.tree.scalars(who)
        formulas = (self._people(scalar, several=True) for scalar in scalars if is_formula(scalar))
        names = (self._told_name(scalar) for scalar in scalars if not is_formula(scalar))
        return Who(frozenset(filter(None, names)), tuple(filter(None, formulas)))

    def _told_name(self, scalar: Scalar) -> str | None:
        if scalar.text == "everyone":
            self.draft.report.add("wrong_field", scalar.place, name=scalar.text, wanted="a role, owner or assignee")
            return None
        return check_name(self.draft, scalar)

    def _people(self, scalar: Scalar | None, *, several: bool) -> Formula | None:
        if scalar is None:
            return None
        if not is_formula(scalar):
            self.draft.report.add("value_needs_formula", scalar.place, what="a person", text=scalar.text[:60])
            return None
        formula = read_formula(self.draft, scalar, self.scope, start=1)
        if formula is None or formula.checked.errors:
            return formula
        given = formula.checked.type
        if not gives_people(given, roles=False) or (isinstance(given, feel.ListOf) and not several):
            wanted = "a user or a list of users" if several else "a user"
            message = f"this must be {wanted}, it is {in_words(given)}"
            place = self.draft.source.place_in(scalar, 1, len(scalar.text))
            self.draft.report.add("wrong_result", place, message=message)
        return formula

    def address(self, key: str, message: str) -> Formula | None:
        """Return a formula that gives an e-mail address or several, to which *message* goes: a letter."""
        scalar = self.tree.scalar(key)
        if scalar is None:
            return None
        sent = self.draft.tree.map("messages").get(message)
        if isinstance(sent, Scalar):
            self.draft.report.add("no_letter", self.tree.entries["send"].value.place, name=message)
        return self._text(scalar, (feel.Text, feel.ListOf), "an e-mail address or a list of them")

    def text(self, key: str, *, beside: str) -> Formula | None:
        """Return a formula that gives a text; it says nothing without the key *beside* it."""
        scalar = self.tree.scalar(key)
        if scalar is None:
            return None
        if self.tree.get(beside) is None:
            self.draft.report.add("nothing_without", scalar.place, name=key, other=beside)
        return self._text(scalar, (feel.Text,), "a text")

    def _text(self, scalar: Scalar, kinds: tuple[type[feel.Type], ...], wanted: str) -> Formula | None:
        formula = read_formula(self.draft, scalar, self.scope)
        if formula is None or formula.checked.errors:
            return formula
        given = formula.checked.type
        item = given.item if isinstance(given, feel.ListOf) else given
        if not isinstance(given, (*kinds, feel.Any)) or not isinstance(item, (feel.Text, feel.Any)):
            message = f"this must be {wanted}, it is {in_words(given)}"
            place = self.draft.source.place_in(scalar, 0, len(scalar.text))
            self.draft.report.add("wrong_result", place, message=message)
        return formula

    def roles(self, key: str) -> frozenset[str]:
        """Return the keys of one role or several."""
        return frozenset(role for scalar in self.tree.scalars(key) if (role := self.draft.check_role(scalar)))

    def message(self, key: str) -> str | None:
        """Return the key of a message, whose text is checked in this scope."""
        scalar = self.tree.scalar(key)
        if scalar is None:
            return None
        messages = self.draft.tree.map("messages").entries
        if scalar.text in messages:
            self.draft.message_scopes.setdefault(scalar.text, []).append(self.scope)
        else:
            self.draft.unknown("unknown_message", scalar, messages)
        return scalar.text

    def timer(self, key: str) -> str | None:
        """Return the key of a timer of this form."""
        scalar = self.tree.scalar(key)
        if scalar is None:
            return None
        timers = self.own.tree.map("timers").entries
        if scalar.text not in timers:
            self.draft.unknown("unknown_timer", scalar, timers, form=self.own.key)
            return None
        return scalar.text

    def said(self, word: str) -> tuple[Template, str | None] | None:
        """Return the text under *word*, and the field it stands at."""
        return self.sayer(word, self.tree.get(word)) if self.sayer is not None else None


def _form_of(target: ReachedRecords) -> FormDraft | None:
    assert isinstance(target, EffectTarget)
    return target.draft


def is_computed(target: FormDraft, field: Field) -> bool:
    """Tell whether a field of a form is worked out, before its formulas are read."""
    if target.foreign is not None or field.type.runs_by_itself:
        return not field.is_typed
    return target.tree.map("fields").map(field.key).get("compute") is not None


def find_link(draft: PartialBlueprint, form: FormDraft, scalar: Scalar) -> Field | None:
    """Return the link field a scalar names; another field, or none, is a problem."""
    field = form.fields.get(scalar.text)
    if field is not None and field.links_to is not None:
        return field
    links = [key for key, found in form.fields.items() if found.links_to is not None]
    if field is None and (scalar.text,) not in form.broken:
        draft.unknown("unknown_field", scalar, links, form=form.key)
    elif field is not None and (scalar.text,) not in form.broken:
        meant = suggest(scalar.text, links)
        draft.report.add("wrong_field", scalar.place, suggestion=meant, name=scalar.text, wanted="a link field")
    return None
