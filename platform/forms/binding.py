"""A submission bound to a form: typed values, or faults by control, with everything that was typed still at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError

from blankett.engine.blueprint.model import Field
from blankett.engine.fields.base import Fault, Reading, Value
from blankett.forms.names import path_of
from blankett.forms.schemas import ReadingContext
from blankett.forms.submission import LineTexts, Submission

#: NUL cannot be stored everywhere and lone surrogates are no text.
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")

#: Types whose values are ids behind titles.
POINTERS = frozenset({"link", "user"})


@dataclass
class Bound:
    """What a submission says, in values."""

    submission: Submission
    #: Field → value; tables with all their lines that are not blank.
    values: dict[str, Value] = field(default_factory=dict)
    #: Control → why its text is no value.
    faults: dict[str, Fault] = field(default_factory=dict)
    #: Names that were posted and are no field of the form; refused as a whole.
    unknown: tuple[str, ...] = ()
    #: Control of a link or person → what was typed without being picked, to be looked up (`settle`).
    unresolved: dict[str, str] = field(default_factory=dict)
    #: Controls whose text was found to mean something, and now shows its title.
    renamed: set[str] = field(default_factory=set)

    def settle(self, name: str, found: str | Fault) -> None:
        """Give the control *name* the id that its text was found to mean, or say why it means nothing."""
        self.unresolved.pop(name, None)
        if isinstance(found, Fault):
            self.faults[name] = found
            return
        if name != self.submission.focus:
            self.renamed.add(name)
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
    def is_valid(self) -> bool:
        """Tell whether everything posted is a value."""
        return not self.faults and not self.unknown

    @property
    def typed(self) -> frozenset[str]:
        """Return the engine's paths of everything a person typed, new lines' cells included."""
        submission = self.submission
        return frozenset(path_of(name) for name in submission.names() if submission.was_typed(name))

    @property
    def refill(self) -> frozenset[str]:
        """Return the engine's paths that go back to what the blueprint fills."""
        return frozenset(path_of(name) for name in self.submission.undo)


def bind(fields: Mapping[str, Field], schema: Schema, submission: Submission, reading: Reading) -> Bound:
    """Read every text of *submission* with *schema*, which `form_schema` made of *fields*. Never raises for a post.

    Links and people that were typed and not picked are left in `unresolved`.
    """
    bound = Bound(submission)
    data, ids = _raw_data(fields, submission, bound)
    with ReadingContext(reading):
        try:
            bound.values = schema.load(data)
        except ValidationError as err:
            bound.values = _good_values(err.valid_data)
            _collect(bound, err.messages, ids)
    bound.unknown = tuple(dict.fromkeys((*submission.unknown, *bound.unknown)))
    _restore_places(bound, ids)
    return bound


def _raw_data(
    fields: Mapping[str, Field], submission: Submission, bound: Bound
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    data: dict[str, Any] = {}
    ids: dict[str, list[str]] = {}
    for key, text in submission.texts.items():
        found = _text(fields.get(key), bound, key, text)
        if found is not None:
            data[key] = found
    for table, lines in submission.lines.items():
        rows = [line for line in lines.values() if not line.is_blank]
        ids[table] = [line.id for line in rows]
        data[table] = [_raw_line(fields[table], bound, line) for line in rows]
    return data, ids


def _raw_line(table: Field, bound: Bound, line: LineTexts) -> dict[str, str]:
    raw = {"id": line.id}
    for column, text in line.texts.items():
        found = _text(table.columns.get(column), bound, f"{table.key}.{line.id}.{column}", text)
        if found is not None and column != "id":
            raw[column] = found
    return raw


def _text(of: Field | None, bound: Bound, name: str, text: str) -> str | None:
    """Return what the type shall read: the chosen id where its title still stands; None for nothing to read now."""
    if NOT_TEXT.search(text):
        bound.faults[name] = Fault("field.bad_characters")
        return None
    if of is None or of.type.name not in POINTERS or not text.strip():
        return text
    picked = bound.submission.picked.get(name)
    if picked is not None and picked[1] == text:
        return picked[0]
    bound.unresolved[name] = text.strip()
    return None


def _collect(bound: Bound, messages: Any, ids: Mapping[str, list[str]]) -> None:
    unknown: list[str] = []
    for key, found in messages.items():
        if isinstance(found, dict):
            _collect_lines(bound, str(key), found, ids.get(str(key), []), unknown)
        elif found and isinstance(found[0], Fault):
            bound.faults[str(key)] = found[0]
        else:
            unknown.append(str(key))
    bound.unknown = tuple(unknown)


def _collect_lines(bound: Bound, table: str, found: dict[Any, Any], ids: list[str], unknown: list[str]) -> None:
    for number, by_column in found.items():
        for column, faults in by_column.items():
            name = f"{table}.{ids[number]}.{column}"
            if faults and isinstance(faults[0], Fault):
                bound.faults[name] = faults[0]
            else:
                unknown.append(name)


def _good_values(valid: Any) -> dict[str, Any]:
    # marshmallow leaves out what failed; a table keeps its lines, each without the columns that failed.
    return dict(valid) if isinstance(valid, dict) else {}


def _restore_places(bound: Bound, ids: Mapping[str, list[str]]) -> None:
    """Give lines that failed as a whole back their place and id, so that positions and ids stay those of the page."""
    for table, wanted in ids.items():
        read = bound.values.get(table)
        if not isinstance(read, list) or len(read) != len(wanted):
            continue
        for line, line_id in zip(read, wanted, strict=True):
            line["id"] = line_id
