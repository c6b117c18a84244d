"""A submission read as a form: a draft that holds, at every path, a value or the fault of a text that is none.

A text that cannot be read stays in the draft and counts as typed: it is shown again, it blocks, and nothing takes its
place. Everything that was typed is still at hand in the submission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError

from blankett.engine.fields.base import Fault, TextReading, Value
from blankett.engine.language.model import Field
from blankett.forms.schemas import ReadingContext
from blankett.forms.submission import LineTexts, Submission, is_new_line, path_of

#: NUL cannot be stored everywhere and lone surrogates are no text.
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")

#: Types whose values are ids behind titles.

#: What stands for a link or a person whose name is not looked up yet.
NOT_LOOKED_UP = Fault("field.not_looked_up")


@dataclass
class Draft:
    """What a submission says."""

    submission: Submission
    #: Field → value or fault; a table with all its lines that are not blank, whose columns hold values and faults.
    values: dict[str, Any] = field(default_factory=dict)
    #: Names that were posted and are no field of the form; refused as a whole.
    unknown: tuple[str, ...] = ()
    #: Control of a link or person → what was typed without being picked, to be looked up (`settle`).
    unresolved: dict[str, str] = field(default_factory=dict)
    #: Controls whose text was found to mean something, and now shows its title.
    renamed: set[str] = field(default_factory=set)

    def settle(self, name: str, found: str | Fault) -> None:
        """Give the control *name* the id that its text was found to mean, or say why it means nothing."""
        self.unresolved.pop(name, None)
        if isinstance(found, str) and name != self.submission.focus:
            self.renamed.add(name)
        self.put(name, found)

    def put(self, name: str, found: Value | Fault) -> None:
        """Put what was read at the control *name* in its place; what belongs to no line that is there is left out."""
        table, _, rest = name.partition(".")
        if not rest:
            self.values[name] = found
            return
        line_id, _, column = rest.rpartition(".")
        lines = self.values.get(table)
        for line in lines if isinstance(lines, list) else ():
            if line.get("id") == line_id:
                line[column] = found

    @property
    def faults(self) -> dict[str, Fault]:
        """Return control → why its text is no value."""
        return dict(self._faults())

    def _faults(self) -> Iterator[tuple[str, Fault]]:
        for key, value in self.values.items():
            if isinstance(value, Fault):
                yield key, value
            for line in value if isinstance(value, list) else ():
                yield from (
                    (f"{key}.{line['id']}.{column}", cell) for column, cell in line.items() if isinstance(cell, Fault)
                )

    @property
    def is_valid(self) -> bool:
        """Tell whether everything posted is a value."""
        return not self.unknown and next(self._faults(), None) is None

    @property
    def typed(self) -> frozenset[str]:
        """Return the engine's paths of everything a person typed, new lines' cells included."""
        submission = self.submission
        return frozenset(path_of(name) for name in submission.names() if submission.was_typed(name))

    @property
    def refill(self) -> frozenset[str]:
        """Return the engine's paths that go back to what the blueprint fills."""
        return frozenset(path_of(name) for name in self.submission.undo)


def read_form(fields: Mapping[str, Field], schema: Schema, submission: Submission, reading: TextReading) -> Draft:
    """Read every text of *submission* with *schema*, which `form_schema` made of *fields*. Never raises for a post.

    Links and people that were typed and not picked are left in `unresolved`. Of a record that exists, controls that
    still hold what they were first drawn with are not read: what was not changed is not written.
    """
    draft = Draft(submission)
    found = _Raw()
    for key, text in submission.texts.items():
        _read_raw(draft, fields.get(key), key, text, found.data, found.faults)
    for table, lines in submission.lines.items():
        rows = [line for line in lines.values() if not submission.is_blank(table, line)]
        found.ids[table] = [line.id for line in rows]
        found.data[table] = [_raw_line(draft, fields[table], line, found.faults) for line in rows]
    with ReadingContext(reading):
        try:
            draft.values = schema.load(found.data)
        except ValidationError as err:
            draft.values = _good_values(err.valid_data)
            _collect(found, err.messages)
    draft.unknown = tuple(dict.fromkeys((*submission.unknown, *found.unknown)))
    _restore_places(draft, found.ids)
    for name, fault in found.faults.items():
        draft.put(name, fault)
    return draft


@dataclass
class _Raw:
    """The texts as the schema takes them, and what is wrong with them."""

    data: dict[str, Any] = field(default_factory=dict)
    #: Table → the ids of its lines that are not blank.
    ids: dict[str, list[str]] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def _raw_line(draft: Draft, table: Field, line: LineTexts, faults: dict[str, Fault]) -> dict[str, str]:
    raw = {"id": line.id}
    for column, text in line.texts.items():
        of = table.columns.get(column)
        name = f"{table.key}.{line.id}.{column}"
        if is_new_line(line.id) and of is not None and of.default is not None and _is_left(draft.submission, of, name):
            continue
        _read_raw(draft, of, name, text, raw, faults)
    return raw


def _is_left(submission: Submission, of: Field, name: str) -> bool:
    """Tell whether a box of a line that is yet to be worked out is as it was drawn: the default decides then."""
    return not of.type.is_clearable and name not in submission.given and not submission.was_typed(name)


def _read_raw(
    draft: Draft, of: Field | None, name: str, text: str, raw: dict[str, Any], faults: dict[str, Fault]
) -> None:
    """Put into *raw* what the type shall read: the chosen id where its title still stands."""
    submission = draft.submission
    key = name.rpartition(".")[2]
    if of is not None and of.is_typed and submission.is_unchanged(name):
        return
    if NOT_TEXT.search(text):
        faults[name] = Fault("field.bad_characters")
    elif of is None or of.type.points_to is None or not text.strip():
        echo = submission.echoes.get(name)
        is_echoed = echo is not None and of is not None and of.type.is_read_from_today and echo[1] == text
        raw[key] = echo[0] if echo is not None and is_echoed else text
    elif (picked := submission.picked.get(name)) is not None and picked[1] == text:
        raw[key] = picked[0]
    else:
        faults[name] = NOT_LOOKED_UP
        draft.unresolved[name] = text.strip()


def _collect(found: _Raw, messages: Any) -> None:
    for key, faults in messages.items():
        if isinstance(faults, dict):
            _collect_lines(found, str(key), faults)
        elif faults and isinstance(faults[0], Fault):
            found.faults[str(key)] = faults[0]
        else:
            found.unknown.append(str(key))


def _collect_lines(found: _Raw, table: str, messages: dict[Any, Any]) -> None:
    ids = found.ids.get(table, [])
    for number, by_column in messages.items():
        for column, faults in by_column.items():
            name = f"{table}.{ids[number]}.{column}"
            if faults and isinstance(faults[0], Fault):
                found.faults[name] = faults[0]
            else:
                found.unknown.append(name)


def _good_values(valid: Any) -> dict[str, Any]:
    # marshmallow leaves out what failed; a table keeps its lines, each without the columns that failed.
    return dict(valid) if isinstance(valid, dict) else {}


def _restore_places(draft: Draft, ids: Mapping[str, list[str]]) -> None:
    """Give lines that failed as a whole back their place and id, so that positions and ids stay those of the page."""
    for table, wanted in ids.items():
        read = draft.values.get(table)
        if not isinstance(read, list) or len(read) != len(wanted):
            continue
        for line, line_id in zip(read, wanted, strict=True):
            line["id"] = line_id
