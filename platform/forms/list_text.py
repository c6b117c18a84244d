"""The cells of a list as people read them, a column at a time: what is the same for a column is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from blankett.engine.fields.reader import Reader, shown, shown_field
from blankett.engine.language.model import Field
from blankett.engine.records.read.record_list import ListColumn, ListPage, currency_path


def column_texts(page: ListPage, place: int, reader: Reader) -> list[str]:
    """Return the cells of the column at *place* of a page as *reader* reads them."""
    column, values = page.columns[place], page.values[place]
    if column.key == "record.state":
        return [row.state.title if row.state is not None else "" for row in page.rows]
    if column.names_people or column.names_department:
        return ["" if id is None else page.people.get(id, id) for id in values]
    if column.id_path is not None:
        titles, ids = page.titles, page.beside[column.id_path]
        return ["" if kept is None else titles.get(id, kept) for id, kept in zip(ids, values, strict=True)]
    texts = _field_texts(page, column, column.field, values, reader)
    for version, fields in page.former_fields.items():
        if place in fields:
            former = _field_texts(page, column, fields[place], values, reader)
            texts = [
                own if row.version == version else text for row, own, text in zip(page.rows, former, texts, strict=True)
            ]
    return texts


def _field_texts(
    page: ListPage, column: ListColumn, field: Field | None, values: Sequence[Any], reader: Reader
) -> list[str]:
    """Return values of a *field*, or of a property of records."""
    if field is None:
        return [value if type(value) is str else "" if value is None else shown(value, reader) for value in values]
    if field.type.is_worded or field.links_to is not None:
        return ["" if value is None else str(value) for value in values]
    show, currency, locale = field.type.show, field.currency, reader.locale
    if isinstance(currency, tuple):
        found = currency_path(page.form, column)
        named = page.beside.get(found, ()) if found is not None else ()
        codes = named or [None] * len(values)
        return [
            "" if value is None else show(value, field, locale, code) for value, code in zip(values, codes, strict=True)
        ]
    if currency is not None:
        return ["" if value is None else show(value, field, locale, currency) for value in values]
    return _each_once(values, lambda value: shown_field(field, value, reader, None, ""))


def _each_once(values: Sequence[Any], show: Callable[[Any], str]) -> list[str]:
    """Return the texts of *values*, each shown once: choices and days stand in a column again and again."""
    try:
        known = {value: "" if value is None else show(value) for value in dict.fromkeys(values)}
    except TypeError:  # lists
        return ["" if value is None else show(value) for value in values]
    return [known[value] for value in values]
