"""Tables to look at: a blueprint with one table `t`, made of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Table

HEAD = """\
blueprint: shop
language: 1
title: Shop
roles:
  sales: {title: Sales}
  director: {title: Director}
forms:
  order:
    currency: EUR
    fields:
      tier: {type: choice, options: {new: New, silver: Silver, gold: Gold}, required: yes}
      total: {type: money, min: 0, required: yes}
      rebate: {type: percent, max: 50, required: yes}
      pieces: {type: number, decimals: 0, min: 1, max: 99, required: yes}
      country: {type: text}
      day: {type: date, required: yes}
      clock: {type: time, required: yes}
      at: {type: datetime, required: yes}
      urgent: {type: yes_no, default: no}
      buyer: {type: user, required: yes}
    grants:
      - {who: everyone, may: all}
tables:
  t:
"""
OUT = {"out": "{type: text, values: [a, b, c]}"}
Rows = Sequence[Sequence[str]] | Mapping[str, Sequence[str]]


def table_text(
    hit: str, columns: Mapping[str, str], rows: Rows, out: Mapping[str, str] = OUT, default: str | None = None
) -> str:
    """Return a blueprint with the table `t`. *columns* and *out*: {name: type}; rows: the cells, then the results."""
    ins = ", ".join(f"{name}: {type_}" for name, type_ in columns.items())
    outs = ", ".join(f"{name}: {type_}" for name, type_ in out.items())
    text = f"{HEAD}    hit: {hit}\n    in: {{{ins}}}\n    out: {{{outs}}}\n"
    text += f"    default: {default}\n" if default else ""
    pairs = rows.items() if isinstance(rows, Mapping) else (("", row) for row in rows)
    written = ((key, ", ".join("'" + cell.replace("'", "''") + "'" for cell in row)) for key, row in pairs)
    return text + "    rows:\n" + "".join(f"      {key + ':' if key else '-'} [{cells}]\n" for key, cells in written)


def make_table(
    hit: str, columns: Mapping[str, str], rows: Rows, out: Mapping[str, str] = OUT, default: str | None = None
) -> Table:
    """Return the table of such a blueprint."""
    return read_blueprint(table_text(hit, columns, rows, out, default)).tables["t"]


def meaning(table: Table) -> tuple[object, ...]:
    """Return all that decides, letter by letter: two tables of one meaning were written alike."""
    columns = [(column.key, column.type) for column in (*table.inputs.values(), *table.outputs.values())]
    rows = [(*(cell.text for cell in row.cells), *(result.text for result in row.results)) for row in table.rows]
    rankings = [column.ranking for column in table.outputs.values()]
    default = [(key, each.constant, each.formula and each.formula.text) for key, each in table.default.items()]
    return table.hit, tuple(columns), tuple(rows), tuple(rankings), tuple(default)
