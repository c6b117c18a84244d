"""Grants made ready: `by` and grants of a form as one list of rules, with who they are for: roles, people, or formulas
that name them.

Nothing here knows an actor; `form_access` asks the rules for one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any, TypeAlias

from blankett.engine.feel import parse_expression
from blankett.engine.feel.budget import Moment
from blankett.engine.feel.sql import Condition, to_sql
from blankett.engine.feel.tree import Expression, ListLiteral
from blankett.engine.feel.types import ListOf, Text, Type
from blankett.engine.feel.values import Reference
from blankett.engine.language.model import VERBS, Blueprint, Field, Form, Formula, Grant, Place, Who
from blankett.engine.paths import LinkedForm, Path, resolve
from blankett.engine.store.record_columns import FormColumns
from blankett.engine.store.row_conditions import NEVER, all_of, any_of, is_timely

# Formulas that say who: `by: "= record.created_by"`, `who: "= customer.manager"` --------------------------------------


def names_actor(value: object, user: str, roles: frozenset[str]) -> bool:
    """Tell whether *value*, a user, a role's key or a list of them, names the user or a role they hold."""
    if isinstance(value, Reference):
        return value.id == user
    if isinstance(value, str):
        return value in roles
    return isinstance(value, list) and any(names_actor(item, user, roles) for item in value)


@dataclass(frozen=True, eq=False)
class Holding:
    """Roles somebody holds for some records."""

    #: For which.
    where: Condition
    roles: frozenset[str]


def who_condition(
    who: Formula,
    holdings: Sequence[Holding],
    member_in: Condition,
    user: Reference,
    columns: FormColumns,
    moment: Moment,
) -> Condition | None:
    """Return where *who* names the user, a member there, or a role held for the record; None where SQL cannot tell."""
    compiled = who.compiled
    found: list[Condition] = []
    for text in _items(who.text, compiled.expression):
        if _gives_text(compiled.type):
            asked = [(each.where, f"({text}) in [{_listed(sorted(each.roles))}]") for each in holdings if each.roles]
        else:
            asked = [(member_in, f"({text}) = user")]
        for room, comparison in asked:
            try:
                named = to_sql(parse_expression(comparison), compiled.scope, columns, {"user": user}, moment)
            except ValueError:
                return None
            found.append(all_of(room, named))
    return any_of(*found) if found else NEVER


def _items(text: str, expression: Expression) -> Iterable[str]:
    """Return the formulas of a list's items, or the formula itself."""
    if isinstance(expression, ListLiteral):
        return [text[item.start : item.end] for item in expression.items]
    return [text]


def _gives_text(type: Type) -> bool:
    return isinstance(type.item if isinstance(type, ListOf) else type, Text)


def _listed(roles: Iterable[str]) -> str:
    return ", ".join(f'"{role}"' for role in roles if role.isidentifier())


# Rules ----------------------------------------------------------------------------------------------------------------


#: Verbs that open the fields of a record that exists, and of one that is being made.
OPENING = frozenset({"view", "edit"})
OPENING_NEW = frozenset({"view", "edit", "create"})
#: What `may: all` stands for.
ALL_VERBS = frozenset(VERBS) - {"administer"}
#: What a form shared with another workspace may be used for there.
GUEST_VERBS = frozenset({"view", "pick"})
NOTHING: frozenset[str] = frozenset()
NOBODY: frozenset[str] = frozenset()
#: Full name of a form (``order_management.customer``) → the form as it is now, or None.
FindForm: TypeAlias = Callable[[str], Form | None]


@dataclass(frozen=True, eq=False)
class GrantRule:
    """One grant, or the `by` of one action."""

    #: Role keys, ``everyone``, ``owner``, ``assignee``.
    names: frozenset[str]
    #: Gives users or roles.
    who: Formula | None
    verbs: frozenset[str]
    actions: frozenset[str]
    #: States it holds in, old names included; None: all.
    states: frozenset[str] | None
    #: States in which it does not allow `edit`: final ones, where the author named no states.
    closed: frozenset[str]
    where: Formula | None
    #: Field names ("total", "lines.price"); None: all.
    read: frozenset[str] | None
    write: frozenset[str] | None
    hide: frozenset[str]
    deny: bool
    #: Where the blueprint says it; it decides nothing.
    place: Place | None = field(default=None, compare=False)

    @property
    def needs_names(self) -> bool:
        """Tell whether the values of a record must be known to ask it."""
        return self.where is not None or self.who is not None

    @property
    def denies_fields(self) -> bool:
        """Tell whether it denies fields rather than verbs."""
        return self.deny and (self.read is not None or self.write is not None or bool(self.hide))

    def opens(self, path: Path) -> bool:
        """Tell whether it opens the field at *path* to readers."""
        return names_field(self.read, path) and not hides_field(self.hide, path)

    def opens_to_write(self, path: Path) -> bool:
        """Tell whether it opens the field at *path* to writers."""
        return names_field(self.write, path) and not hides_field(self.hide, path)

    def denies_reading(self, path: Path) -> bool:
        """Tell whether it denies reading the field at *path*."""
        return self.denies_fields and (hides_field(self.hide, path) or hides_field(self.read or NOTHING, path))

    def denies_writing(self, path: Path) -> bool:
        """Tell whether it denies writing the field at *path*."""
        return self.denies_reading(path) or (self.denies_fields and hides_field(self.write or NOTHING, path))


def names_field(names: frozenset[str] | None, path: Path) -> bool:
    """Tell whether *names* open *path*: itself, the table around it, or (for a table) one of its columns; None opens
    all.
    """
    if names is None:
        return True
    if path[0] in names or ".".join(path) in names:
        return True
    return len(path) == 1 and any(name.startswith(f"{path[0]}.") for name in names)


def hides_field(names: frozenset[str], path: Path) -> bool:
    """Tell whether *names* close *path*: itself or the table around it."""
    return path[0] in names or ".".join(path) in names


@dataclass(frozen=True, eq=False)
class Policy:
    """Everything that is current about access to the records of a form. Made once for each publish."""

    blueprint: Blueprint
    form: Form
    #: Versions that came before, newest first: for keys that the current one no longer has.
    older: Sequence[Form]
    rules: tuple[GrantRule, ...]
    #: Role key → the roles that hold it, itself included.
    holders: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    #: What holders of some roles may do, worked out once for all who ask (`form_access.RecordAccess`).
    record_accesses: dict[Hashable, Any] = field(default_factory=dict, init=False)
    _closed: dict[frozenset[str], frozenset[str]] = field(default_factory=dict, init=False)

    @cached_property
    def is_timeless(self) -> bool:
        """Tell whether no rule asks what time it is, so that the same actor has the same conditions later."""
        formulas = (formula for rule in self.rules for formula in (rule.where, rule.who) if formula is not None)
        return not any(map(is_timely, formulas))

    def find(self, path: Path) -> tuple[Form, Field] | None:
        """Return the field at *path* and the newest form that has it."""
        for form in (self.form, *self.older):
            found = form.find(path)
            if found is not None:
                return form, found
        return None

    def closed(self, held: frozenset[str]) -> frozenset[str]:
        """Return *held* and every role they include."""
        found = self._closed.get(held)
        if found is None:
            found = self._closed[held] = self.blueprint.closed_roles(held)
        return found

    @cached_property
    def own_privacy(self) -> Privacy | None:
        """Return whom its fields are private to; None where that hangs on what other blueprints say, too."""
        asked: list[str] = []
        for form in (self.form, *self.older):
            for of in form.every_field():
                private_to(self, of.path, asked.append)
        return None if asked else Privacy(self, None)


class Privacy:
    """Whom the fields of a form are private to, worked out once for each."""

    def __init__(self, policy: Policy, find_form: FindForm | None) -> None:
        self._policy = policy
        self._find_form = find_form
        self._known: dict[Path, tuple[frozenset[str], ...]] = {}

    def __getitem__(self, path: Path) -> tuple[frozenset[str], ...]:
        """Return the sets of roles of which a reader of the field at *path* must hold one each; empty: not private."""
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = private_to(self._policy, path, self._find_form)
        return found


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
    found = resolve(source, LinkedForm(form, partial(_find_form, policy, find_form))).field
    return found.private or NOBODY if found is not None else NOBODY


def _find_form(policy: Policy, find_form: FindForm | None, name: str) -> Form | None:
    blueprint, _, key = name.partition(".")
    if blueprint == policy.blueprint.key:
        return policy.blueprint.forms.get(key)
    return find_form(name) if find_form is not None else None


def policy_of(
    blueprint: Blueprint, form: Form, *, older: Sequence[Form] = (), old_states: Mapping[str, str] | None = None
) -> Policy:
    """Return the policy of *form*, as the current version of *blueprint* has it.

    *older*: the form in versions before, newest first. *old_states*: state of an older version → its key now.
    """
    states = _StateNames(form, older, old_states or {})
    rules = [rule for grant in form.grants for rule in _of_grant(grant, states)]
    rules.extend(rule for action in form.actions.values() for rule in _of_by(action.by, action.key))
    rules.extend(_retired_actions(form, older))
    return Policy(blueprint, form, tuple(older), tuple(rules))


def _retired_actions(form: Form, older: Sequence[Form]) -> Iterator[GrantRule]:
    """Yield who may take actions that the form no longer has, as the last version that had them said."""
    seen = {*form.actions, *(action.was for action in form.actions.values() if action.was)}
    for before in older:
        gone = frozenset(before.actions) - seen
        for key in sorted(gone):
            yield from _of_by(before.actions[key].by, key)
        seen |= gone


@dataclass(frozen=True)
class _StateNames:
    form: Form
    older: Sequence[Form]
    old: Mapping[str, str]

    def all(self, states: frozenset[str]) -> frozenset[str]:
        """Return *states* with the names they had before."""
        return states | {was for was, now in self.old.items() if now in states}

    def final(self) -> frozenset[str]:
        """Return the final states of a process, with those of older versions that are gone."""
        if self.form.life != "process":
            return NOTHING
        finals = frozenset(key for key, state in self.form.states.items() if state.final)
        known = {*self.form.states, *self.old}
        gone = {key for form in self.older for key, state in form.states.items() if state.final and key not in known}
        return self.all(finals) | gone


def _whos(who: Who) -> Iterator[tuple[frozenset[str], Formula | None]]:
    """Yield what a rule is for each: the names together, and every formula."""
    if who.names or not who.formulas:
        yield who.names, None
    yield from ((NOTHING, formula) for formula in who.formulas)


def _of_grant(grant: Grant, states: _StateNames) -> Iterator[GrantRule]:
    verbs = (grant.may & frozenset(VERBS)) | (ALL_VERBS if "all" in grant.may else NOTHING)
    for names, formula in _whos(grant.who):
        yield GrantRule(
            names=names,
            who=formula,
            verbs=verbs,
            actions=NOTHING,
            states=None if grant.states is None else states.all(grant.states),
            closed=states.final() if grant.states is None and not grant.deny else NOTHING,
            where=grant.where,
            read=grant.read,
            write=grant.write,
            hide=grant.hide,
            deny=grant.deny,
            place=grant.place,
        )


def _of_by(by: Who, action: str) -> Iterator[GrantRule]:
    """Yield the rules of an action's `by`; in which states it can be taken is the process's to say."""
    for names, formula in _whos(by):
        yield GrantRule(names, formula, NOTHING, frozenset({action}), None, NOTHING, None, None, None, NOTHING, False)
