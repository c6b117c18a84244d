"""Whether a record of one version fits another, and what its stored values become there. Reads and writes no record.

What blocks a record: its state is gone, or a value it holds cannot be said in the new version. What does not: a new
required field (the next save asks), a narrower `min`, `max` or `pattern` (they bind what is typed), and a field that is
gone (its value stays in the history).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from blankett.engine.fields.base import Fault, Json, TextReading, Value
from blankett.engine.language.model import Field, Form, Words
from blankett.engine.language.renames import Route
from blankett.engine.language.sameness import FormNames
from blankett.engine.paths import Path
from blankett.engine.store.unique_values import unique_fields, unique_paths


@dataclass(frozen=True)
class MoveReason:
    """Why a record cannot follow: a message id with titles as parameters. Equal reasons are one class of records."""

    message: str
    #: The form, state, field or column it is about, in the older version: ``("states", "review")``.
    path: Path
    #: Title of it, in every language.
    title: Words | str = field(compare=False)
    #: The value that has no place, as the author would write it; empty when the field is private.
    value: str = ""


@dataclass(frozen=True)
class Remedy:
    """A state or an option that is gone, and what its records could become: `becomes` in the newer text."""

    #: The map in the newer text where it belongs: ``("forms", "order", "states")``.
    path: tuple[str, ...]
    key: str
    #: Keys it could become → their titles.
    choices: Mapping[str, Words]

    @property
    def name(self) -> str:
        """Return what it is called on the command line: ``order.review``, ``order.lines.unit.box``;
        ``options.channels.fax`` of a list that fields share.
        """
        if self.path[0] == "options":
            return ".".join((*self.path, self.key))
        return ".".join((self.path[1], *self.path[3:-1:2], self.key))


@dataclass(frozen=True)
class Fitted:
    """What a record becomes in the newer version, before its formulas are worked out again."""

    state: str | None
    #: Stored values by the newer keys.
    data: Mapping[str, Json]
    #: The filled set by the newer keys.
    filled: frozenset[str]


@dataclass(frozen=True)
class Fit:
    """How records of one form go to a newer version; made once, asked for each record."""

    route: Route
    #: What the older version calls forms, and the newer one → what names them in every version.
    was_names: FormNames
    names: FormNames
    reading: TextReading = field(default_factory=TextReading)

    @cached_property
    def doubtful(self) -> Mapping[Path, Path]:
        """Return the fields a value of which might not fit: only then must records be opened to know."""
        return MappingProxyType({was: now for was, now in self.route.fields.items() if self._may_fail(was, now)})

    @cached_property
    def newly_unique(self) -> tuple[str, ...]:
        """Return the paths of what is unique from the newer version on: records may hold it twice."""
        new = self.route.new
        if new is None:
            return ()
        before = {unique_fields(self.route.old, path) for path in unique_paths(self.route.old)}
        kept = {tuple(".".join(self.route.fields.get((key,), ())) for key in fields) for fields in before}
        return tuple(path for path in unique_paths(new) if unique_fields(new, path) not in kept)

    def state(self, state: str | None) -> str | MoveReason | None:
        """Return the state a record in *state* has in the newer version, or why there is none."""
        old, new = self.route.old, self.route.new
        if new is None:
            return MoveReason("stay.form_gone", ("forms", old.key), old.title)
        if state is None:
            return new.start.key if new.start else None
        if state in self.route.states:
            return self.route.states[state]
        known = old.states.get(state)
        return MoveReason("stay.state_gone", ("states", state), known.title if known else state)

    def reasons(self, state: str | None, data: Mapping[str, Json]) -> tuple[MoveReason, ...]:
        """Return why a record in *state* with the stored values *data* must stay; nothing when it can follow."""
        there = self.state(state)
        found = [there] if isinstance(there, MoveReason) else []
        if self.route.new is not None:
            doubtful = {path[0] for path in self.doubtful}
            self._converted({key: raw for key, raw in data.items() if key in doubtful}, found)
        return tuple(dict.fromkeys(found))

    def fitted(
        self, state: str | None, data: Mapping[str, Json], filled: frozenset[str]
    ) -> Fitted | tuple[MoveReason, ...]:
        """Return what a record in *state* with the stored values *data* becomes, or all reasons why it must stay."""
        there = self.state(state)
        if self.route.new is None or isinstance(there, MoveReason):
            return self.reasons(state, data)
        found: list[MoveReason] = []
        values = self._converted(data, found)
        return tuple(dict.fromkeys(found)) if found else Fitted(there, values, self.paths(filled))

    def remedy(self, reason: MoveReason) -> Remedy | None:
        """Return where the newer text could say what becomes of a state or an option that is gone."""
        new = self.route.new
        if new is None:
            return None
        if reason.message == "stay.state_gone":
            titles = {key: state.title for key, state in new.states.items()}
            return Remedy(("forms", new.key, "states"), reason.path[-1], titles) if titles else None
        of = new.find(self.route.fields[reason.path]) if reason.path in self.route.fields else None
        if reason.message != "stay.option_gone" or of is None or not reason.value:
            return None
        inside = tuple(part for key in of.path for part in ("fields", key))
        titles = {key: option.title for key, option in of.option_titles().items()}
        if of.option_list is not None:
            return Remedy(("options", of.option_list), reason.value, titles)
        return Remedy(("forms", new.key, *inside, "options"), reason.value, titles)

    def paths(self, paths: frozenset[str]) -> frozenset[str]:
        """Return paths of the hidden or filled set by the newer keys; those without a field there are left out."""
        found = set()
        for path in paths:
            table, *rest = path.split("/")
            now = self.route.fields.get((table, rest[1]) if rest else (table,))
            if now is not None:
                found.add("/".join((now[0], rest[0], now[1])) if rest else now[0])
        return frozenset(found)

    def _converted(self, data: Mapping[str, Json], reasons: list[MoveReason]) -> dict[str, Json]:
        """Return stored values by the newer keys; adds to *reasons* what has no place."""
        values: dict[str, Json] = {}
        for key, raw in data.items():
            now = self.route.fields.get((key,))
            if now is not None and raw is not None:
                values[now[0]] = self._field((key,), now, raw, reasons)
        return {key: value for key, value in values.items() if value is not None}

    def _field(self, was: Path, now: Path, raw: Json, reasons: list[MoveReason]) -> Json:
        """Return the converted value of a field; adds to *reasons* what has no place."""
        old, new = self._pair(was, now)
        if not (old.type.has_lines and new.type.has_lines):
            return self._value(old, new, raw, reasons)
        assert isinstance(raw, list)
        return [self._line(was, line, reasons) for line in raw if isinstance(line, dict)]

    def _line(self, table: Path, line: Mapping[str, Json], reasons: list[MoveReason]) -> dict[str, Json]:
        found: dict[str, Json] = {"id": line["id"]}
        for column, raw in line.items():
            now = self.route.fields.get((*table, column))
            if column == "id" or now is None or raw is None:
                continue
            value = self._value(*self._pair((*table, column), now), raw, reasons)
            if value is not None:
                found[now[1]] = value
        return found

    def _value(self, old: Field, new: Field, raw: Json, reasons: list[MoveReason]) -> Json:
        if new.compute is not None:
            # Worked out again; only what was stored at the entry of a state is kept as it is, and what was counted, in
            # case it cannot be counted now.
            counts = any(path[0] == "facts" for path in new.compute.reads)
            return raw if (new.snapshot or counts) and old.type.is_like(new.type) else None
        value = old.type.from_stored(raw, old)
        converted = self.convert(value, old, new)
        if not isinstance(converted, Fault):
            return new.type.to_stored(converted, new) if converted is not value else raw
        title = self._title(old)
        for shown in converted.params.get("keys") or (str(old.type.to_api(value, old)),):  # type: ignore[attr-defined]
            told = "" if old.private is not None or new.private is not None else str(shown)[:100]
            reasons.append(MoveReason(f"stay.{converted.message}", old.path, title, told))
        return None

    def _title(self, of: Field) -> Words:
        """Return what a field of the older version is called; of a column, with its table before it."""
        table = self.route.old.fields.get(of.table or "")
        if table is None:
            return of.title
        languages = dict.fromkeys((*table.title.languages(), *of.title.languages()))
        return Words({language: f"{table.title.say(language)}: {of.title.say(language)}" for language in languages})

    def convert(self, value: Value, old: Field, new: Field) -> Value | Fault:
        """Return *value* as the newer field holds it; a fault named after its reason: type_changed, option_gone…"""
        if value is None:
            return None
        if old.type.is_like(new.type):
            return new.type.keep(value, old, new, self)
        return new.type.convert(value, old, new, self.reading)

    def option(self, old: Field, key: str) -> str:
        """Return what an option of *old* becomes."""
        return self.route.options.get(old.path, {}).get(key, key)

    def leads_elsewhere(self, old: Field, new: Field) -> bool:
        """Tell whether a link leads to another form than before; a form that was renamed is the same one."""
        was, now = str(old.options.get("to")), str(new.options.get("to"))
        return self.was_names.get(was, was) != self.names.get(now, now)

    def _may_fail(self, was: Path, now: Path) -> bool:
        old, new = self._pair(was, now)
        if new.compute is not None:
            return False
        return not old.type.is_like(new.type) or new.type.may_lose(old, new, self)

    def _pair(self, was: Path, now: Path) -> tuple[Field, Field]:
        assert self.route.new is not None
        old, new = self.route.old.find(was), self.route.new.find(now)
        assert old is not None
        assert new is not None
        return old, new


def not_unique(form: Form, path: str) -> MoveReason:
    """Return that another record has what is unique under *path*: of a field, or of several together."""
    titles = [form.fields[key].title for key in unique_fields(form, path)]
    languages = dict.fromkeys(language for title in titles for language in title.languages())
    words = Words({language: ", ".join(title.say(language) for title in titles) for language in languages})
    return MoveReason("stay.not_unique", unique_fields(form, path)[-1:], words)
