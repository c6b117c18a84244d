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
from blankett.engine.fields.tables import MOST_LINES
from blankett.engine.language.model import Field
from blankett.forms.schemas import Lines, ReadingContext
from blankett.forms.submission import LineTexts, Submission, is_new_line, path_of

#: NUL cannot be stored everywhere and lone surrogates are no text.
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")

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
        return frozenset(path_of(name) for name, text in submission.named_texts() if submission.was_typed(name, text))

    @property
    def refill(self) -> frozenset[str]:
        """Return the engine's paths that go back to what the blueprint fills."""
        return frozenset(path_of(name) for name in self.submission.undo)


def read_form(fields: Mapping[str, Field], schema: Schema, submission: Submission, reading: TextReading) -> Draft:
    """Read every text of *submission* with *schema*, which `schema_of` made of *fields*. Never raises for a post.

    Links and people that were typed and not picked are left in `unresolved`. Of a record that exists, controls that
    still hold what they were first drawn with are not read: what was not changed is not written.
    """
    draft = Draft(submission)
    raw: dict[str, str] = {}
    faults: dict[str, Fault] = {}
    unknown: list[str] = []
    for key, text in submission.texts.items():
        _read_raw(draft, fields.get(key), key, text, raw, faults)
    with ReadingContext(reading):
        read = _loaded(schema, raw, "", faults, unknown)
        for table, lines in submission.lines.items():
            rows = [line for line in lines.values() if not submission.is_blank(table, line)]
            if len(rows) > MOST_LINES:
                # The field's own `max` is the engine's to refuse: lines that are too many are typed all the same.
                faults[table] = Fault("field.too_many_lines", {"max": MOST_LINES})
                continue
            of = schema.fields[table]
            assert isinstance(of, Lines)
            read[table] = []
            for line in rows:
                texts = _raw_line(draft, fields[table], line, faults)
                place = f"{table}.{line.id}."
                read[table].append({"id": line.id, **_loaded(of.columns, texts, place, faults, unknown)})
    draft.values = {key: read[key] for key in schema.fields if key in read}
    draft.unknown = tuple(dict.fromkeys((*submission.unknown, *unknown)))
    for name, fault in faults.items():
        draft.put(name, fault)
    return draft


def _loaded(
    schema: Schema, raw: Mapping[str, str], place: str, faults: dict[str, Fault], unknown: list[str]
) -> dict[str, Any]:
    """Return what *schema* reads of the texts in *raw*, in its order; note texts that are no value, and names it does
    not have. *place*: what stands before the names, ``lines.7.``.
    """
    readers, values = schema.fields, dict[str, Any]()
    unknown += [place + key for key in raw if key not in readers]
    for key, reader in readers.items():
        if key in raw:
            try:
                values[key] = reader.deserialize(raw[key])
            except ValidationError as err:
                faults[place + key] = _fault_of(err)
    return values


def _fault_of(err: ValidationError) -> Fault:
    """Return what `TypedField` raised."""
    (fault,) = err.messages
    assert isinstance(fault, Fault)
    return fault


def _raw_line(draft: Draft, table: Field, line: LineTexts, faults: dict[str, Fault]) -> dict[str, str]:
    raw: dict[str, str] = {}
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
    if of is not None and of.is_typed and submission.is_unchanged(name, text):
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
