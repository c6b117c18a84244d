"""Faults in decision tables: each a copy of the flagship with one thing wrong in one of its tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from blankett.engine import feel
from blankett.engine.language.model import Table

from .flagship import Flagship

#: An interval or a bound of a cell: its parts around its last number.
BOUND = re.compile(r"(?P<before>.*?)(?P<number>\d+(?:\.\d+)?)(?P<after>[^\d]*)\Z")


@dataclass(frozen=True)
class Fault:
    """A copy of the flagship with one thing wrong."""

    name: str
    #: The id of the problem that must be told, and where: a path in the copy.
    id: str
    path: tuple[str, ...]
    text: str
    #: The table in which a counter-example must be true, if one is given.
    table: str | None = None
    #: Rows that the example must match, besides whatever else it matches; None where it must match none.
    rows: tuple[str, ...] | None = None


#: Yields the faults of one kind in one table.
Sow: TypeAlias = Callable[[Flagship, Table], Iterator[Fault]]
#: So many copies are made for each way to go wrong, of different tables.
MOST_COPIES = 2


def table_faults(flagship: Flagship) -> Iterator[Fault]:
    """Yield faults of all kinds, spread over the tables."""
    for number, sow in enumerate(SOWN):
        yield from islice((fault for table in _from(flagship, number) for fault in sow(flagship, table)), MOST_COPIES)


def _from(flagship: Flagship, number: int) -> Iterator[Table]:
    """Yield every table, beginning with another one for each number."""
    tables = flagship.tables
    return (tables[(number + at) % len(tables)] for at in range(len(tables)))


# Rows -----------------------------------------------------------------------------------------------------------------


def row_path(table: Table, key: str) -> tuple[str, ...]:
    """Return the path of a row."""
    return ("tables", table.key, "rows", key)


def is_closed(table: Table) -> bool:
    """Tell whether just one row matches whatever comes."""
    return table.hit == "unique" and not table.default


def a_row_dropped(flagship: Flagship, table: Table) -> Iterator[Fault]:
    if is_closed(table) and len(table.rows) > 1:
        key = table.rows[1].key
        editor = flagship.edit()
        editor.remove(*row_path(table, key))
        name = f"{table.key}: the row {key} dropped"
        yield Fault(name, "BL914", ("tables", table.key, "rows"), editor.text(), table.key)


def a_row_twice(flagship: Flagship, table: Table) -> Iterator[Fault]:
    if table.hit == "unique":
        key = table.rows[0].key
        editor = flagship.edit()
        editor.insert("tables", table.key, "rows", key="once_more", value=flagship.source_of(*row_path(table, key)))
        name = f"{table.key}: the row {key} twice"
        yield Fault(name, "BL910", row_path(table, "once_more"), editor.text(), table.key, rows=(key, "once_more"))


def a_cell_widened(flagship: Flagship, table: Table) -> Iterator[Fault]:
    """The last row that tests something tests one thing less."""
    row = table.rows[-1]
    for cell in row.cells if is_closed(table) else ():
        path = flagship.cell_path(table, row.key, cell.column)
        if path and cell.text != "-":
            editor = flagship.edit()
            editor.replace(*path, by="-")
            name = f"{table.key}: {row.key} takes any {cell.column}"
            yield Fault(name, "BL910", row_path(table, row.key), editor.text(), table.key, rows=(row.key,))
            return


def a_default_removed(flagship: Flagship, table: Table) -> Iterator[Fault]:
    if table.default:
        editor = flagship.edit()
        editor.remove("tables", table.key, "default")
        yield Fault(f"{table.key}: no default", "BL914", ("tables", table.key, "rows"), editor.text(), table.key)


def rows_out_of_order(flagship: Flagship, table: Table) -> Iterator[Fault]:
    """The results of the first and the last row but one are swapped, where the most important result wins."""
    if table.hit != "priority" or len(table.rows) < 3 or len(table.outputs) != 1:
        return
    first, last = table.rows[0], table.rows[-2]
    (column,) = table.outputs
    paths = [flagship.cell_path(table, row.key, column) for row in (first, last)]
    if paths[0] and paths[1]:
        editor = flagship.edit()
        editor.replace(*paths[0], by=last.results[0].text)
        editor.replace(*paths[1], by=first.results[0].text)
        name = f"{table.key}: {first.key} and {last.key} give each other's"
        yield Fault(name, "BL913", row_path(table, first.key), editor.text(), table.key, rows=(first.key, last.key))


def the_rest_first(flagship: Flagship, table: Table) -> Iterator[Fault]:
    """A row for everything comes first, where the first row wins."""
    if table.hit != "unique" or len(table.rows) < 3:
        return
    row = table.rows[0]
    editor = flagship.edit()
    editor.replace("tables", table.key, "hit", by="first")
    for cell in row.cells:
        path = flagship.cell_path(table, row.key, cell.column)
        if path:
            editor.replace(*path, by="-")
    second = table.rows[1].key
    name = f"{table.key}: {row.key} comes first and takes everything"
    yield Fault(name, "BL913", row_path(table, second), editor.text(), table.key, rows=(row.key, second))


# Cells ----------------------------------------------------------------------------------------------------------------


def _bounded(flagship: Flagship, table: Table) -> Iterator[tuple[str, tuple[str, ...], re.Match[str]]]:
    """Yield (row, path, bound) of cells that end at a number where another row begins."""
    for row in table.rows:
        for cell in row.cells:
            path = flagship.cell_path(table, row.key, cell.column)
            bound = BOUND.match(cell.text)
            is_upper = cell.text.startswith("<") or ".." in cell.text
            if path and bound and is_upper and isinstance(table.inputs[cell.column].type, feel.Number):
                yield row.key, path, bound


def _moved(bound: re.Match[str], by: int) -> str:
    number = float(bound["number"]) + by
    return f"{bound['before']}{number:g}{bound['after']}"


def a_bound_raised(flagship: Flagship, table: Table) -> Iterator[Fault]:
    if is_closed(table):
        for key, path, bound in list(_bounded(flagship, table))[:1]:
            editor = flagship.edit()
            editor.replace(*path, by=_moved(bound, 2))
            name = f"{table.key}: {key} ends later"
            yield Fault(name, "BL910", ("tables", table.key, "rows"), editor.text(), table.key, rows=(key,))


def a_bound_lowered(flagship: Flagship, table: Table) -> Iterator[Fault]:
    if is_closed(table):
        for key, path, bound in list(_bounded(flagship, table))[:1]:
            editor = flagship.edit()
            editor.replace(*path, by=_moved(bound, -2))
            name = f"{table.key}: {key} ends earlier"
            yield Fault(name, "BL914", ("tables", table.key, "rows"), editor.text(), table.key)


def a_cell_for_nothing(flagship: Flagship, table: Table) -> Iterator[Fault]:
    for key, path, _bound in list(_bounded(flagship, table))[:1]:
        editor = flagship.edit()
        editor.replace(*path, by="[9..3]")
        yield Fault(f"{table.key}: {key} asks for [9..3]", "BL909", path, editor.text())


def an_option_misspelled(flagship: Flagship, table: Table) -> Iterator[Fault]:
    for row in table.rows:
        for cell in row.cells:
            type_ = table.inputs[cell.column].type
            path = flagship.cell_path(table, row.key, cell.column)
            if path and isinstance(type_, feel.Text) and type_.options and cell.text in type_.options:
                editor = flagship.edit()
                editor.replace(*path, by=f"{cell.text}x")
                yield Fault(f"{table.key}: {cell.text}x in {row.key}", "BL307", path, editor.text())
                return


def a_word_for_a_number(flagship: Flagship, table: Table) -> Iterator[Fault]:
    for key, path, _bound in list(_bounded(flagship, table))[:1]:
        editor = flagship.edit()
        editor.replace(*path, by='"soon"')
        yield Fault(f"{table.key}: {key} compares with a word", "BL306", path, editor.text())


def a_wrong_result(flagship: Flagship, table: Table) -> Iterator[Fault]:
    row = table.rows[0]
    for result in row.results:
        path = flagship.cell_path(table, row.key, result.column)
        of = table.outputs[result.column].field.type.name
        id_ = {"role": "BL315", "choice": "BL315", "number": "BL315", "money": "BL315", "percent": "BL315"}.get(of)
        if path and id_:
            editor = flagship.edit()
            editor.replace(*path, by="nonsense")
            yield Fault(f"{table.key}: {row.key} gives nonsense", id_, path, editor.text())


def a_cell_missing(flagship: Flagship, table: Table) -> Iterator[Fault]:
    for row in table.rows:
        source = flagship.source_of(*row_path(table, row.key))
        if source.startswith("["):
            editor = flagship.edit()
            found = flagship.tree.find(*row_path(table, row.key))
            assert found is not None
            editor.splice(found.place.start, found.place.end, f"{source.rpartition(',')[0]}]")
            yield Fault(f"{table.key}: a cell of {row.key} missing", "BL901", row_path(table, row.key), editor.text())
            return


def a_column_misspelled(flagship: Flagship, table: Table) -> Iterator[Fault]:
    for row in table.rows:
        source = flagship.source_of(*row_path(table, row.key))
        if source.startswith("{"):
            column = next(
                key for key in [*table.inputs, *table.outputs] if flagship.scalar(*row_path(table, row.key), key)
            )
            editor = flagship.edit()
            editor.rename(*row_path(table, row.key), column, to=f"{column}s")
            path = (*row_path(table, row.key), f"{column}s")
            yield Fault(f"{table.key}: a column {column}s in {row.key}", "BL902", path, editor.text())
            return


def a_type_misspelled(flagship: Flagship, table: Table) -> Iterator[Fault]:
    for key, column in table.inputs.items():
        path = ("tables", table.key, "in", key)
        if "." in column.written and flagship.scalar(*path):
            editor = flagship.edit()
            editor.replace(*path, by=f"{column.written}x")
            yield Fault(f"{table.key}: {key} is a {column.written}x", "BL203", path, editor.text())
            return


# Calls ----------------------------------------------------------------------------------------------------------------


def _call(flagship: Flagship, table: Table) -> tuple[tuple[str, ...], str, re.Match[str]] | None:
    """Return where a table is called: the path, the formula, the call; None where it is not, or not simply."""
    for path, scalar in flagship.tree.walk("forms"):
        call = re.search(rf"\b{table.key}\((?P<given>[^()]*)\)", scalar.text)
        if call is not None and path[-1] not in ("help", "title", "message", "refuse", "warn"):
            return path, scalar.text, call
    return None


def a_call_changed(words: str, id_: str, change: Callable[[Table, re.Match[str]], str]) -> Sow:
    """Return a fault where a table is called: *change* gives what is written instead."""

    def sow(flagship: Flagship, table: Table) -> Iterator[Fault]:
        found = _call(flagship, table)
        if found is not None:
            path, text, call = found
            editor = flagship.edit()
            editor.replace(*path, by=text.replace(call[0], change(table, call)))
            yield Fault(f"{table.key}: called {words}", id_, path, editor.text())

    return sow


SOWN: tuple[Sow, ...] = (
    a_row_dropped,
    a_row_twice,
    a_cell_widened,
    a_default_removed,
    rows_out_of_order,
    the_rest_first,
    a_bound_raised,
    a_bound_lowered,
    a_cell_for_nothing,
    an_option_misspelled,
    a_word_for_a_number,
    a_wrong_result,
    a_cell_missing,
    a_column_misspelled,
    a_type_misspelled,
    a_call_changed("by another name", "BL304", lambda table, call: f"{table.key}x({call['given']})"),
    a_call_changed("with no arguments", "BL309", lambda table, call: f"{table.key}()"),
    a_call_changed(
        "with lists", "BL309", lambda table, call: f"{table.key}({', '.join(['[true]'] * len(table.inputs))})"
    ),
)
