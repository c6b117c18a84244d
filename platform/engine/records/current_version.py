"""What is current for records of an older version: how things are called and look, and who may do what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from blankett.engine.access import Policy, policy_of
from blankett.engine.feel.values import Reference
from blankett.engine.language.model import Action, Blueprint, Compiled, Field, Form, Section, State, Words
from blankett.engine.language.renames import FormOutline, Route, VersionLine

#: A form with one of its actions.
Held = tuple[Form, Action]


class CurrentForm(Compiled):
    """What is current for records of a form of some version: words, and who may do what."""

    def __init__(
        self, form: Form, newest: Form | None, route: Route | None, holders: Mapping[str, Held], policy: Policy
    ) -> None:
        #: The form as the record's version has it, and as the newest one has it (None when it ended).
        self.form = form
        self.newest = newest
        self.policy = policy
        #: Action of the record's version → the newest form and action that it lives on in.
        self._holders = holders
        self._paths: Mapping[tuple[str, ...], tuple[str, ...]] = route.fields if route else {}
        self._options: Mapping[tuple[str, ...], Mapping[str, str]] = route.options if route else {}
        #: State → its key now.
        self.states: Mapping[str, str] = route.states if route else {}
        #: Fields that have another key now: (key, key now).
        self._renamed = tuple((was[0], now[0]) for was, now in self._paths.items() if len(was) == 1 and was != now)
        #: The same of states.
        self._restated = {was: now for was, now in self.states.items() if was != now}

    def path(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Return where the newest version has the field at *path*; *path* itself for one that ended."""
        return self._paths.get(path, path)

    def field(self, field: Field) -> Field:
        """Return the field as the newest version that has it describes it."""
        found = self.newest.find(self.path(field.path)) if self.newest is not None else None
        return found or field

    def worded(self, field: Field) -> Field:
        """Return the field with its own options, each called as the newest version that has it calls it."""
        newest = self.field(field)
        options, titles = field.option_titles(), newest.option_titles()
        if newest is field or not options:
            return field
        there = self._options.get(field.path, {})
        worded = {
            key: replace(option, title=titles.get(there.get(key, key), option).title) for key, option in options.items()
        }
        return replace(field, options={**field.options, "options": worded})

    def with_own_options(self, field: Field) -> Field:
        """Return the field as the newest version describes it, with its own options: a record may hold one of them."""
        newest = self.field(field)
        if newest is field or not field.option_titles():
            return newest
        return replace(newest, options={**newest.options, "options": self.worded(field).option_titles()})

    def sections(self) -> tuple[Section, ...]:
        """Return the sections of the newest version with the fields the record's has, by its own keys.

        Fields that are not there any more stay in the section they had, or stand in one of the same place.
        """
        if self.newest is None or self.newest is self.form:
            return self.form.sections
        own = {now: was for was, now in ((was[0], now[0]) for was, now in self._paths.items() if len(was) == 1)}
        known = [(section, [own[key] for key in section.fields if key in own]) for section in self.newest.sections]
        placed = {key for _, keys in known for key in keys}
        left = {section.key: [key for key in section.fields if key not in placed] for section in self.form.sections}
        found = [replace(section, fields=(*keys, *left.pop(section.key, ()))) for section, keys in known]
        ended = [
            replace(section, fields=tuple(left[section.key])) for section in self.form.sections if left.get(section.key)
        ]
        return (*found, *ended)

    def state_title(self, state: State) -> Words:
        """Return what the state is called."""
        return self.described_state(state).title

    def described_state(self, state: State) -> State:
        """Return the state as the newest version describes it: its title and help."""
        newest = self.newest.states.get(self.states.get(state.key, state.key)) if self.newest else None
        return newest or state

    def action(self, action: Action) -> Held:
        """Return the newest form that has the action, and the action there."""
        return self._holders.get(action.key, (self.form, action))

    def title(self) -> Words:
        """Return what the form is called."""
        return (self.newest or self.form).title

    def amount_field(self) -> Field | None:
        """Return the field of the record's version that holds what a record is about, as the newest version says."""
        found = (self.newest or self.form).amount_field
        if found is None:
            return None
        return next((of for key, of in self.form.fields.items() if self.path((key,)) == found.path), None)

    def due_field(self, state: str | None) -> Field | None:
        """Return the field of the record's version that holds the day by which a record in *state* is due, as the
        newest version says; None where it says none.
        """
        key = (self.newest or self.form).due_field(self.states.get(state or "", state))
        return next((of for of in self.form.fields.values() if self.path(of.path) == (key,)), None) if key else None

    def is_task(self, action: Action, state: str | None) -> bool:
        """Tell whether a record in *state* waits for somebody to take *action*: as the newest author says; otherwise
        where it leads nearer to the end.
        """
        said = self.action(action)[1].task
        return self.form.leads_nearer(action, state) if said is None else said

    def renamed(self, names: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the names of a record of the older version as grants of the newest one know them."""
        known = names if not self._renamed else {**names, **{now: names.get(was) for was, now in self._renamed}}
        return _restated(known, self._restated)

    @cached_property
    def former(self) -> Mapping[str, str]:
        """Return the key now → the key before of fields that have another key now."""
        return {now: was for was, now in self._renamed}

    def as_before(self, names: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return names as the newest version knows them as formulas of the older one do."""
        known = names if not self._renamed else {**names, **{was: names.get(now) for was, now in self._renamed}}
        return _restated(known, {now: was for was, now in self._restated.items()})


def current_of(blueprint: Blueprint, form: Form, line: VersionLine) -> CurrentForm:
    """Return what is current for records of *form* of *blueprint*, the first version of *line*.

    Loads the last version, and of those between only the last that had something which ended.
    """
    route = line.routes(blueprint)[form.key]
    holders: dict[str, Held] = {}
    for action in form.actions:
        holder = line.holder(form.key, "actions", action)
        if holder is not None:
            held = line.load(holder.version).forms[holder.form]
            holders[action] = (held, held.actions[holder.key])
    older = tuple(_older_forms(form, route, line, holders))
    policy = policy_of(line.load(line.last), route.new or form, older=older, old_states=route.states)
    return CurrentForm(form, route.new, route, holders, policy)


def _older_forms(form: Form, route: Route, line: VersionLine, holders: Mapping[str, Held]) -> Iterator[Form]:
    """Yield *form* as it was last in the versions that had what has ended of it, the newest first."""
    has: list[Callable[[FormOutline], bool]] = []
    for of in form.every_field():
        if of.path not in route.fields:
            has.append(lambda older, path=of.path: older.has_field(path))  # type: ignore[misc]
    for action in {*form.actions, *(action.key for _, action in holders.values())}:
        if route.new is None or action not in route.new.actions:
            has.append(lambda older, key=action: key in older.actions)  # type: ignore[misc]
    before = [(number, found) for number, outline in line.versions[:-1] if (found := outline.kept(form.kept_as))]
    numbers = {max((number for number, older in before if test(older)), default=0) for test in has}
    loaded = (line.load(number).kept_forms for number in sorted(numbers - {0}, reverse=True))
    yield from (forms[form.kept_as] for forms in loaded)
    if has:
        yield form


def _restated(names: Mapping[str, Any], states: Mapping[str, str]) -> Mapping[str, Any]:
    """Return *names* with `record.state` as *states* call it."""
    record = names.get("record") if states else None
    called = states.get(record.fields["state"] or "") if isinstance(record, Reference) else None
    if record is None or called is None:
        return names
    return {**names, "record": Reference(record.id, record.title, {**record.fields, "state": called})}
