"""Tables: lines with columns. Each line keeps an id for life; each column is a field of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from blankett.engine import feel
from blankett.engine.fields.base import PROCESS, Fault, FieldType, Json, Line, TextReading, TypeOption, Value

if TYPE_CHECKING:
    from blankett.engine.language.model import Field

#: The most lines of any table.
MOST_LINES = 1_000
LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class LineFaults(Fault):
    """What is wrong in the lines: (line number from 0, column) → fault."""

    faults: Mapping[tuple[int, str], Fault] = field(default_factory=dict)


class TableType(FieldType):
    """Lines with columns."""

    name = "table"
    help = "Lines with columns, each line with an identity of its own."
    synonyms = "tabelle 表格 object grid lines rows subform sub_form subtable items array collection repeater has_many"
    has_lines = True
    is_convertible = False
    is_cell = False
    widget = "table"
    options = (
        TypeOption("fields", "fields", "The columns.", required=True, part=PROCESS),
        TypeOption("min", "whole", "The fewest lines.", least=0, most=MOST_LINES, part=PROCESS),
        TypeOption(
            "max", "whole", f"The most lines; {MOST_LINES} unless told.", least=1, most=MOST_LINES, part=PROCESS
        ),
        TypeOption(
            "fixed",
            "yes_no",
            "Nobody adds or removes lines; what fills them (`create`, `set`) may.",
            part=PROCESS,
        ),
    )

    def feel_type(self, of: Field) -> feel.Type:
        """Return a list; the caller says what its items are."""
        return feel.ListOf(feel.Any())

    def parse(self, text: str, of: Field, reading: TextReading) -> Value | Fault:
        """Return a fault: nobody types a table as one text."""
        return Fault("field.not_a_table")

    def read_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the lines of a list of maps ``{column: raw value, "id": id of an old line}``; empty is ``[]``."""
        if raw is None or raw == "":
            return []
        if not isinstance(raw, list):
            return Fault("field.not_a_table")
        if len(raw) > MOST_LINES:
            return Fault("field.too_many_lines", {"max": MOST_LINES})
        return self._read_lines(raw, of, reading)

    def _read_lines(self, raw: list[Json], of: Field, reading: TextReading) -> Value | Fault:
        faults: dict[tuple[int, str], Fault] = {}
        lines: list[Line] = []
        for number, line in enumerate(raw):
            if not isinstance(line, dict):
                return Fault("field.not_a_table")
            lines.append(self._read_line(number, line, of, reading, faults))
        return LineFaults("field.bad_lines", {"count": len(faults)}, faults) if faults else lines

    def _read_line(
        self, number: int, raw: dict[str, Json], of: Field, reading: TextReading, faults: dict[tuple[int, str], Fault]
    ) -> Line:
        line: Line = {}
        for key, value in raw.items():
            column = of.columns.get(key)
            if key == "id":
                if isinstance(value, str) and 0 < len(value) <= LONGEST_ID:
                    line["id"] = value
                else:
                    faults[number, key] = Fault("field.bad_line_id")
            elif column is None:
                faults[number, key] = Fault("field.unknown_column", {"column": key[:100]})
            else:
                read = column.type.read_api(value, column, reading)
                if isinstance(read, Fault):
                    faults[number, key] = read
                else:
                    line[key] = read
        return line

    def parse_api(self, raw: Json, of: Field, reading: TextReading) -> Value | Fault:
        """Return the lines of a list that is not empty."""
        return self.read_api(raw, of, reading)

    def check(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for more lines than `max`; `min` binds from the first action on, so the engine looks at it."""
        most = of.options.get("max") or MOST_LINES
        if isinstance(value, list) and isinstance(most, int) and len(value) > most:
            return Fault("field.too_many_lines", {"max": most})
        return None

    def check_count(self, value: Value, of: Field) -> Fault | None:
        """Return a fault for fewer lines than `min`."""
        least = of.options.get("min")
        if isinstance(value, list) and isinstance(least, int) and len(value) < least:
            if least == 1:
                return Fault("field.no_line")
            return Fault("field.too_few_lines", {"min": least})
        return None

    def from_feel(self, value: object, of: Field, currency: str | None = None) -> Value | Fault:
        """Return the lines of a list of contexts; money is rounded when its currency is known."""
        if value is None:
            return []
        if not isinstance(value, list):
            return Fault("field.not_a_table")
        if len(value) > MOST_LINES:
            return Fault("field.too_many_lines", {"max": MOST_LINES})
        lines: list[Line] = []
        for item in value:
            line = self._line_from_feel(item, of, currency)
            if isinstance(line, Fault):
                return line
            lines.append(line)
        return lines

    def _line_from_feel(self, item: object, of: Field, currency: str | None) -> Line | Fault:
        if not isinstance(item, Mapping):
            return Fault("field.not_a_table")
        line: Line = {"id": item["id"]} if isinstance(item.get("id"), str) else {}
        for key, column in of.columns.items():
            read = column.type.from_feel(item.get(key), column, currency)
            if isinstance(read, Fault):
                return read
            line[key] = read
        return line

    def to_stored(self, value: Value, of: Field) -> Json:
        """Return the lines as maps: the id, and each column that is not empty."""
        if not isinstance(value, list):
            return []
        return [_line_to_stored(line, of) for line in value]

    def from_stored(self, stored: Json, of: Field) -> Value:
        """Return the lines; every column is there, empty ones as None."""
        if not isinstance(stored, list):
            return []
        return [_line_from_stored(line, of) for line in stored if isinstance(line, dict)]

    def to_api(self, value: Value, of: Field) -> Json:
        """Return the lines as the API writes them."""
        if not isinstance(value, list):
            return []
        return [_line_to_api(line, of) for line in value]

    def to_text(self, value: Value, of: Field, locale: str, currency: str | None = None) -> str:
        """Return how many lines there are."""
        return str(len(value)) if isinstance(value, list) else ""


def line_id(line: Line) -> str | None:
    """Return the id of a line, or None for one that has none yet."""
    found = line.get("id")
    return found if isinstance(found, str) else None


def _line_to_api(line: Line, of: Field) -> dict[str, Json]:
    columns = {key: column.type.to_api(line.get(key), column) for key, column in of.columns.items()}
    return {"id": line_id(line), **columns}


def _line_to_stored(line: Line, of: Field) -> dict[str, Json]:
    stored: dict[str, Json] = {"id": line_id(line)}
    for key, column in of.columns.items():
        value = line.get(key)
        if value is not None:
            stored[key] = column.type.to_stored(value, column)
    return stored


def _line_from_stored(stored: dict[str, Json], of: Field) -> Line:
    found = stored.get("id")
    line: Line = {"id": found if isinstance(found, str) else None}
    for key, column in of.columns.items():
        value = stored.get(key)
        line[key] = None if value is None else column.type.from_stored(value, column)
    return line
