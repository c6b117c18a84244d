"""Which numbers of a form are totals of which of its tables: they stand in the table's foot, under the amounts.

A total is what the form is about (its amount) with the amounts that it is made of, and every number in the section
of the table that is worked out of its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blankett.engine.language.model import Field, Form


def totals_of(form: Form) -> Mapping[str, tuple[str, ...]]:
    """Return table → keys of its totals, in the page's order; tables without any are left out."""
    return form.once(_totals_of)


def _totals_of(form: Form) -> Mapping[str, tuple[str, ...]]:
    order = [name for section in form.sections for name in section.fields if name in form.fields]
    order += [name for name in form.fields if name not in order]
    tables = [name for name in order if form.fields[name].columns]
    homes: dict[str, str] = {}
    for name in order:
        if name not in homes and (table := _table_beside(form, name, tables)):
            homes[name] = table
    amount = _amount(form, order, tables)
    if amount is not None and (table := _last_table(form, amount.key, tables)):
        for part in _parts(form, amount.key):
            homes.setdefault(part, table)
    found = {table: tuple(name for name in order if homes.get(name) == table) for table in tables}
    return {table: names for table, names in found.items() if names}


def _amount(form: Form, order: list[str], tables: list[str]) -> Field | None:
    """Return what the form is about; where it does not say, the last sum of its first section with any."""
    if form.amount_field is not None:
        return form.amount_field
    for section in form.sections:
        found = [form.fields[name] for name in section.fields if name in form.fields]
        sums = [of for of in found if _is_amount(of) and of.compute is not None and _last_table(form, of.key, tables)]
        if sums:
            return sums[-1]
    return None


def _is_amount(field: Field) -> bool:
    return field.type.has_currency


def _table_beside(form: Form, name: str, tables: list[str]) -> str:
    """Return the table in the section of the number *name* whose lines it is worked out of last; empty for none."""
    field = form.fields[name]
    if field.compute is None or not field.type.adds_up:
        return ""
    beside = next((section.fields for section in form.sections if name in section.fields), ())
    table = _last_table(form, name, tables)
    return table if table in beside else ""


def _last_table(form: Form, name: str, tables: list[str]) -> str:
    """Return the last table of the page that the field *name* is worked out of; empty for none."""
    read = {path for path in _reads(form, name) if path in tables}
    return next((table for table in reversed(tables) if table in read), "")


def _parts(form: Form, name: str) -> Iterator[str]:
    """Yield an amount and the amounts that it is made of, typed ones too."""
    for read in {name, *_reads(form, name)}:
        if _is_amount(form.fields[read]):
            yield read


def _reads(form: Form, name: str) -> frozenset[str]:
    """Return the fields that *name* is worked out of, one from the other."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        compute = form.fields[waiting.pop()].compute
        for path in compute.reads if compute is not None else ():
            if path and path[0] in form.fields and path[0] not in found:
                found.add(path[0])
                waiting.append(path[0])
    return frozenset(found)
