"""Where keys went from version to version: a `was` chain is one identity, so a record and a right find their key
again.

Works on the outlines of the versions of one blueprint, oldest first, so that those between need not be loaded. An
outline has the keys of a version, what they were called before and what they became. It is read from the canonical
JSON of a published version, or made of a loaded blueprint; both give the same. Values and rights are moved by their
holders.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from blankett.engine.language.diff import pair_keys
from blankett.engine.language.model import Blueprint, Field, Form, Life
from blankett.engine.language.source import YES_WORDS
from blankett.engine.paths import Path

# The outline of a version ---------------------------------------------------------------------------------------------


#: What the canonical JSON of a version says of a form beside what its author wrote.
FIRST_KEY = "first_key"
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
    #: The key that its records are kept under.
    kept_as: str
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

    def kept(self, kept_as: str) -> FormOutline | None:
        """Return the form whose records are kept under a key; None when there is none."""
        return next((form for form in self.forms.values() if form.kept_as == kept_as), None)


# Of a loaded blueprint ------------------------------------------------------------------------------------------------


def outline_of(blueprint: Blueprint) -> Outline:
    """Return the outline of a loaded version."""
    return Outline({key: _of_form(form) for key, form in blueprint.forms.items()})


def _of_form(form: Form) -> FormOutline:
    return FormOutline(
        key=form.key,
        kept_as=form.kept_as,
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


def read_first_keys(canonical: str) -> Mapping[str, str]:
    """Return {form: the key that its records are kept under} of the forms of a version that have another one now."""
    if f'"{FIRST_KEY}"' not in canonical:
        return NOTHING
    forms = _map(json.loads(canonical), "forms")
    return {key: form[FIRST_KEY] for key, form in forms.items() if isinstance(form, dict) and FIRST_KEY in form}


def _read_form(key: str, form: Mapping[str, Any], lists: Mapping[str, Any]) -> FormOutline:
    states = _map(form, "states")
    return FormOutline(
        key=key,
        kept_as=form.get(FIRST_KEY, key),
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


# From version to version ----------------------------------------------------------------------------------------------


Part = Literal["fields", "states", "actions"]


@dataclass(frozen=True)
class Route:
    """Where the keys of one form are in a later version; a key that ended is in none of the maps."""

    old: Form
    #: The form as it is in the later version, or None when it ended.
    new: Form | None
    #: Field and column paths: ``{("total",): ("sum",), ("lines", "price"): ("lines", "price")}``.
    fields: Mapping[Path, Path]
    states: Mapping[str, str]
    #: Field path → {option: its key there}; fields without options are left out.
    options: Mapping[Path, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_even(self) -> bool:
        """Tell whether every field and state of the form is still there under its own name."""
        kept = all(was == now for pairs in (self.fields, self.states) for was, now in pairs.items())
        return kept and len(self.states) == len(self.old.states) and len(self.fields) == len([*self.old.every_field()])


@dataclass(frozen=True)
class KeyHolder:
    """The newest version in which a key lives on: its place among the versions, the form's key and the key there."""

    version: int
    form: str
    key: str


@dataclass(frozen=True)
class VersionLine:
    """The versions of a blueprint from some one to the last, oldest first; each is loaded when it is asked for."""

    #: Number and outline. Of versions with the same outline in a row the last one stands for all.
    versions: Sequence[tuple[int, Outline]]
    load: Callable[[int], Blueprint]

    @property
    def last(self) -> int:
        """Return the number of the last version."""
        return self.versions[-1][0]

    def since(self, number: int) -> VersionLine:
        """Return the line from version *number* on."""
        return VersionLine([each for each in self.versions if each[0] >= number], self.load)

    def followed_by(self, new: Blueprint) -> VersionLine:
        """Return the line with *new* as its last version."""
        number = self.last + 1 if self.versions else 1
        return VersionLine(
            [*self.versions, (number, outline_of(new))], lambda asked: new if asked == number else self.load(asked)
        )

    def outline(self, number: int) -> Outline:
        """Return the outline of version *number*."""
        return next(outline for last, outline in self.versions if last >= number)

    def form_key(self, form: str) -> str | None:
        """Return the key that *form* of the first version has in the last one; None where it ended."""
        chain = _chain([outline for _, outline in self.versions], form)
        return chain[-1][1].key if chain[-1][0] == len(self.versions) - 1 else None

    def routes(self, old: Blueprint) -> Mapping[str, Route]:
        """Return, for each form of *old*, the first version, where its keys are in the last one."""
        return routes(old, self.load(self.last), [outline for _, outline in self.versions])

    def holder(self, form: str, part: Part, key: str) -> KeyHolder | None:
        """Return the newest version, by its number, that has *key*, a key of *form* in the first one; else None."""
        found = newest_holder([outline for _, outline in self.versions], form, part, key)
        return None if found is None else replace(found, version=self.versions[found.version][0])


def routes(old: Blueprint, new: Blueprint, between: Sequence[Outline] = ()) -> Mapping[str, Route]:
    """Return, for each form of *old*, where its keys are in *new*, through the versions *between*, oldest first."""
    versions = (outline_of(old), *between, outline_of(new))
    found = {}
    for key, form in old.forms.items():
        chain = _chain(versions, key)
        lives_on = chain[-1][0] == len(versions) - 1
        there = new.forms[chain[-1][1].key] if lives_on else None
        found[key] = _route(form, there, [each for _, each in chain]) if there is not None else _ended(form)
    return MappingProxyType(found)


def newest_holder(versions: Sequence[Outline], form: str, part: Part, key: str) -> KeyHolder | None:
    """Return the newest of *versions* that has *key*, a key of *form* in the first one; else None."""
    chain = _chain(versions, form) if form in versions[0].forms else []
    parts: list[Mapping[str, object]] = [getattr(there, part) for _, there in chain]
    found = None
    for (place, there), track in zip(chain, _tracks(parts), strict=True):
        if key in track:
            found = KeyHolder(place, there.key, track[key])
    return found


def first_keys(line: VersionLine, new: Blueprint) -> Mapping[str, str]:
    """Return {form of *new*, the version behind *line*: the key its records are kept under}, where that is another.

    A form goes on under the key that it had first, so that no record need be touched when it gets another one. A form
    whose own key is that of another one's records is kept under a key that no form can have.
    """
    versions, after = line.versions, outline_of(new)
    known = {form.kept_as for _, outline in versions for form in outline.forms.values()}
    found: dict[str, str] = {}
    for key in new.forms:
        kept_as = _kept_before(line, after, key) or (f"{key}@{line.last + 1}" if key in known else key)
        if kept_as != key:
            found[key] = kept_as
    return MappingProxyType(found)


def _kept_before(line: VersionLine, after: Outline, key: str) -> str | None:
    """Return the key under which records of the form that is *key* in *after* are kept; None where it is new."""
    newest = line.versions[-1][1].forms if line.versions else {}
    before = next((was for was, now in pair_keys(newest, after.forms).items() if now == key), None)
    if before is not None:
        return newest[before].kept_as
    for place in reversed(range(len(line.versions))):
        had = line.versions[place][1].forms.get(key)
        if had is not None:  # it was away, and is back unless it went on as another one
            chain = _chain([*(outline for _, outline in line.versions[place:]), after], key)
            return had.kept_as if chain[-1][0] == len(line.versions) - place and chain[-1][1].key == key else None
    return None


def with_first_keys(blueprint: Blueprint, keys: Mapping[str, str]) -> Blueprint:
    """Return a blueprint whose records are kept under these *keys*, by form; others under the form's own."""
    return _keyed(blueprint, keys) if keys else blueprint


def with_own_keys(blueprint: Blueprint) -> Blueprint:
    """Return a blueprint of which nothing is kept yet, so that every form goes by its own key."""
    return _keyed(blueprint, {}) if any(form.first_key for form in blueprint.forms.values()) else blueprint


def _keyed(blueprint: Blueprint, keys: Mapping[str, str]) -> Blueprint:
    forms = {key: replace(form, first_key=keys.get(key, "")) for key, form in blueprint.forms.items()}
    return replace(blueprint, forms=MappingProxyType(forms))


def former_states(versions: Sequence[Outline]) -> Mapping[str, Mapping[str, str]]:
    """Return, for each form of the last of *versions*, {key a state had before: its key now}."""
    versions = _renaming(versions)
    found: dict[str, dict[str, str]] = {key: {} for key in versions[-1].forms}
    for place in range(len(versions)):
        for key, form in versions[place].forms.items():
            chain = _chain(versions[place:], key)
            if chain[-1][0] == len(versions) - place - 1:
                new = chain[-1][1]
                found[new.key].update(_former_keys(form, _states([each for _, each in chain]), new))
    return MappingProxyType(found)


def _renaming(versions: Sequence[Outline]) -> list[Outline]:
    """Return the versions that say anew what a form or a state was called before or becomes, and the last one."""
    found: list[Outline] = []
    before: list[object] = []
    for version in versions[:-1]:
        said = [
            (key, form.was, form.ended, {name: state.was for name, state in form.states.items() if state.was})
            for key, form in version.forms.items()
        ]
        said = [each for each in said if any(each[1:])]
        if said != before:
            found.append(version)
        before = list(said)
    return [*found, versions[-1]]


def _former_keys(old: FormOutline, now: Mapping[str, str], new: FormOutline) -> dict[str, str]:
    """Return {key: key now} of the states that have another key in *new* than they, or those before them, had."""
    said = {state.was: now[key] for key, state in old.states.items() if state.was and key in now}
    known = {was: there for was, there in said.items() if was not in old.states}
    return {was: there for was, there in {**known, **now}.items() if was not in new.states}


def _states(chain: Sequence[FormOutline]) -> dict[str, str]:
    """Return {state of the first form of *chain*: its key in the last}."""
    return _tracks([form.states for form in chain], [form.ended for form in chain])[-1]


def _route(old: Form, new: Form, chain: Sequence[FormOutline]) -> Route:
    paths: dict[Path, Path] = {}
    options: dict[Path, Mapping[str, str]] = {}
    tracks = _tracks([form.fields for form in chain])
    for was, now in tracks[-1].items():
        paths[(was,)] = (now,)
        fields = [form.fields[track[was]] for form, track in zip(chain, tracks, strict=True) if was in track]
        options[(was,)] = _options(fields)
        columns = _tracks([of.columns for of in fields])
        for column, there in columns[-1].items():
            paths[was, column] = (now, there)
            cells = [of.columns[track[column]] for of, track in zip(fields, columns, strict=True) if column in track]
            options[was, column] = _options(cells)
    known = {path: found for path, found in options.items() if found}
    return Route(old, new, MappingProxyType(paths), MappingProxyType(_states(chain)), MappingProxyType(known))


def _options(fields: Sequence[FieldOutline]) -> Mapping[str, str]:
    """Return {option of the first of *fields*: its key in the last}; empty where they are not all choices."""
    titles = [of.options for of in fields]
    return _tracks(titles, [of.ended for of in fields])[-1] if all(titles) else {}


def _ended(form: Form) -> Route:
    return Route(form, None, MappingProxyType({}), MappingProxyType({}))


def _chain(versions: Sequence[Outline], key: str) -> list[tuple[int, FormOutline]]:
    """Return the form as it is in each version that has it, with the version's place."""
    tracks = _tracks([version.forms for version in versions])
    return [(place, versions[place].forms[track[key]]) for place, track in enumerate(tracks) if key in track]


def _tracks(versions: Sequence[Mapping[str, object]], ended: Sequence[Mapping[str, str]] = ()) -> list[dict[str, str]]:
    """Return for each version: key in the first one → key there. A key that was away comes back as itself.

    *ended*: for each version, keys that ended there or before → the key they become.
    """
    if not versions:
        return []
    known = {key: key for key in versions[0]}
    tracks = [dict(known)]
    for place, (before, after) in enumerate(itertools.pairwise(versions), start=1):
        step = pair_keys(before, after)
        becomes = ended[place] if ended else {}
        step |= {key: becomes[key] for key in before if key not in step and key in becomes}
        here = {first: step[key] for first, key in tracks[-1].items() if key in step}
        known.update(here)
        taken = set(here.values())
        here.update({first: key for first, key in known.items() if first not in here and key in {*after} - taken})
        here.update({first: becomes[key] for first, key in known.items() if first not in here and key in becomes})
        tracks.append(here)
    return tracks
