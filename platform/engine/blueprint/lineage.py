"""Where keys went from version to version: a `was` chain is one identity, so a record and a right find their key again.

Works on the versions of one blueprint, oldest first. Knows keys only; values and rights are moved by their holders.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from blankett.engine.blueprint.diff import pair_keys
from blankett.engine.blueprint.model import Blueprint, Field, Form

Path = tuple[str, ...]
Part = Literal["fields", "states", "actions", "lists", "checks", "rules"]


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
class Holder:
    """The newest version in which a key lives on: its place among the versions, the form's key and the key there."""

    version: int
    form: str
    key: str


def routes(versions: Sequence[Blueprint]) -> Mapping[str, Route]:
    """Return, for each form of the first of *versions*, where its keys are in the last one, through all between."""
    found = {}
    for key, form in versions[0].forms.items():
        chain = _chain(versions, key)
        found[key] = _route(form, [there for _, there in chain]) if chain[-1][0] == len(versions) - 1 else _ended(form)
    return MappingProxyType(found)


def newest_holder(versions: Sequence[Blueprint], form: str, part: Part, key: str) -> Holder | None:
    """Return the newest of *versions* that has *key*, a key of *form* in the first one; else None."""
    chain = _chain(versions, form) if form in versions[0].forms else []
    parts = [getattr(there, part) for _, there in chain]
    found = None
    for (place, there), track in zip(chain, _tracks(parts), strict=True):
        if key in track:
            found = Holder(place, there.key, track[key])
    return found


def former_states(versions: Sequence[Blueprint]) -> Mapping[str, Mapping[str, str]]:
    """Return, for each form of the last of *versions*, {key a state had before: its key now}.

    Versions that call nothing by another key than the one before them may be left out.
    """
    found: dict[str, dict[str, str]] = {key: {} for key in versions[-1].forms}
    for place in range(len(versions)):
        for route in routes(versions[place:]).values():
            if route.new is not None:
                found[route.new.key].update(_former_keys(route, route.new))
    return MappingProxyType(found)


def _former_keys(route: Route, new: Form) -> dict[str, str]:
    """Return {key: key now} of the states that have another key in *new* than they, or those before them, had."""
    said = {
        state.was: route.states[key] for key, state in route.old.states.items() if state.was and key in route.states
    }
    known = {was: now for was, now in said.items() if was not in route.old.states}
    return {was: now for was, now in {**known, **route.states}.items() if was not in new.states}


def _route(old: Form, chain: Sequence[Form]) -> Route:
    states = _tracks([form.states for form in chain], [form.ended for form in chain])[-1]
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
    return Route(old, chain[-1], MappingProxyType(paths), MappingProxyType(states), MappingProxyType(known))


def _options(fields: Sequence[Field]) -> Mapping[str, str]:
    """Return {option of the first of *fields*: its key in the last}; empty where they are not all choices."""
    titles = [of.option_titles() for of in fields]
    return _tracks(titles, [of.ended for of in fields])[-1] if all(titles) else {}


def _ended(form: Form) -> Route:
    return Route(form, None, MappingProxyType({}), MappingProxyType({}))


def _chain(versions: Sequence[Blueprint], key: str) -> list[tuple[int, Form]]:
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
