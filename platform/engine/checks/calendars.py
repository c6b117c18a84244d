"""Checks of calendars and of working time: public holidays that nobody knows, cells of tables that are no lengths."""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine.calendar.public_holidays import is_region, regions
from blankett.engine.checks.decision_tables import every_formula
from blankett.engine.checks.subject import Subject
from blankett.engine.feel import message_text, tree
from blankett.engine.feel.builtins.working_time import length_fault
from blankett.engine.language.problems import suggest


def check_calendars(subject: Subject) -> None:
    """Tell of countries and regions whose holidays nobody knows."""
    for calendar in subject.blueprint.calendars.values():
        name = calendar.holidays
        if name and not is_region(name):
            country = name.partition("-")[0].upper()
            known = regions().get(country)
            near = list(regions()) if known is None else [country, *(f"{country}-{region}" for region in known)]
            place = subject.place("calendars", calendar.key, "holidays")
            subject.report.add("unknown_holidays", place, suggestion=suggest(name.upper(), near), name=name[:60])


def check_lengths(subject: Subject) -> None:
    """Tell of cells that are no lengths in the columns of tables that `deadline` takes its lengths from."""
    if not subject.is_sound("forms") or not subject.is_sound("tables"):
        return
    deadlines = (each for each in every_formula(subject) if "deadline" in each.checked.calls)
    columns = {column for formula in deadlines for column in _columns_of_lengths(formula.expression)}
    for table in subject.blueprint.tables.values():
        wanted = {name for key, name in columns if key == table.key}
        for result in (result for row in table.rows for result in row.results):
            text = result.setting.constant if result.setting is not None else None
            fault = length_fault(text) if isinstance(text, str) and wanted & {result.column, None} else None
            if fault is not None:
                message = message_text("feel.bad_length", {"value": fault[0], "instead": fault[1]})
                subject.report.add("bad_literal", result.place, message=message)


def _columns_of_lengths(formula: tree.Expression) -> Iterator[tuple[str, str | None]]:
    """Yield (function, the part that is taken of what it gives, or None) of each length that `deadline` is given."""
    for call in tree.parts_of(formula):
        if not isinstance(call, tree.Call) or _name_of(call) != "deadline":
            continue
        for place, argument in enumerate(call.arguments):
            if argument.name != "lasts" and (argument.name is not None or place != 1):
                continue
            for length in tree.branches(argument.value):
                column = length.name if isinstance(length, tree.PathExpression) else None
                asked = length.owner if isinstance(length, tree.PathExpression) else length
                if isinstance(asked, tree.Call):
                    yield _name_of(asked), column


def _name_of(call: tree.Call) -> str:
    return call.function.name if isinstance(call.function, tree.Name) else ""
