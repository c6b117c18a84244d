"""Who may take an action where a formula says so: the row of which table, what it saw, and whom it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from blankett.engine import feel
from blankett.engine.access.grants import GrantRule, names_actor
from blankett.engine.feel.values import Reference
from blankett.engine.language.model import Action, Blueprint, Formula, Table, TableInput, TableRow
from blankett.engine.records.decisions import Decision
from blankett.engine.records.explain.filled_text import MayRead
from blankett.engine.records.explain.reasons import Reason
from blankett.engine.records.permit import Permit
from blankett.engine.records.record_change import Work
from blankett.engine.records.unit_of_work import Unit
from blankett.engine.sentences import Joined, sentence
from blankett.engine.trace import RowsHit, Trace, rows_hit, trace

#: Of a row's cells, those that say nothing.
ANYTHING = "-"
#: What may be the key of an option in a cell.
WORD = re.compile(r"(\b[a-z][a-z0-9_]*\b)")


@dataclass(frozen=True)
class Named:
    """Whom one formula names for a record, and why."""

    formula: Formula
    #: Users and roles, as formulas give them.
    value: Any
    #: The rows of tables that said so.
    tables: tuple[RowsHit, ...]
    names: Mapping[str, Any]
    moment: feel.Moment

    def traced(self) -> Trace:
        """Return what the formula saw."""
        return trace(self.formula, self.names, self.moment)


def rules_for(permit: Permit, action: Action) -> Iterator[GrantRule]:
    """Yield the current rules that say who may take *action*."""
    key = permit.current.action(action)[1].key
    return (rule for rule in permit.current.policy.rules if key in rule.actions and not rule.deny)


def named_by_formulas(permit: Permit, action: Action, names: Mapping[str, Any], moment: feel.Moment) -> list[Named]:
    """Return whom the formulas of `by` name for a record whose names are *names*. Raises BudgetExceeded."""
    seen = permit.current.renamed(names)
    found = []
    for rule in rules_for(permit, action):
        if rule.who is not None:
            with feel.watching_tables() as hits:
                value = rule.who.evaluate(seen, moment)
            found.append(Named(rule.who, value, rows_hit(hits), seen, moment))
    return found


def who_reason(permit: Permit, action: Action, named: list[Named], may_read: MayRead, unit: Unit) -> Reason:
    """Return who could take *action*, and the row of the table that says so; of a formula that reads what the reader
    may not see, only that there is one.
    """
    who = list(permit.who_may_act(action))
    rows: list[tuple[Table, TableRow]] = []
    for each in named:
        if not all(map(may_read, each.formula.reads)):
            continue
        who += named_actors(permit.current.policy.blueprint, each.value, unit)
        rows += rows_of(permit.current.policy.blueprint, each.tables)
    if not who:
        return Reason("reason.who_formula", {})
    told = tuple(each for place, each in enumerate(who) if each not in who[:place])
    if not rows:
        return Reason("reason.who", {"who": told})
    table, row = rows[0]
    params = {"who": told, **row_params(table, row)}
    return Reason("reason.who_row", params, row.place, text=f"{table.key}, {row.key}")


def named_actors(blueprint: Blueprint, value: Any, unit: Unit) -> Iterator[object]:
    """Yield the titles of the roles and the names of the people that a formula gave."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Reference):
            person = unit.linked.person(item.id)
            yield person.name if person else item.title or item.id
        elif isinstance(item, str) and item in blueprint.roles:
            yield blueprint.roles[item].title


def rows_of(blueprint: Blueprint, hits: tuple[RowsHit, ...]) -> list[tuple[Table, TableRow]]:
    """Return the rows that gave a value, as the blueprint has them."""
    found = []
    for hit in hits:
        table = table_named(blueprint, hit.table)
        found += [(table, row) for row in table.rows if row.number in hit.rows] if table is not None else []
    return found


def table_named(blueprint: Blueprint, name: str) -> Table | None:
    """Return the table with the full name *name*, or None."""
    return next((table for table in blueprint.tables.values() if table.name == name), None)


def row_params(table: Table, row: TableRow) -> dict[str, object]:
    """Return a row for a message: the table's title, the row's number, and what its cells ask: `` (Tier gold)``."""
    telling = ((table.inputs[cell.column], cell.text) for cell in row.cells if cell.text.strip() not in ("", ANYTHING))
    cells = tuple(Joined((column.title, _asked(column, text)), ": ") for column, text in telling)
    asked = sentence("row.cells", cells=cells) if cells else ""
    return {"table": table.title, "row": str(row.number), "cells": asked}


def _asked(column: TableInput, text: str) -> object:
    """Return a cell's text with its options by their titles: ``not(Invoice)``."""
    titles = {key: option.title for key, option in column.field.option_titles().items()}
    if not titles:
        return text
    return Joined(tuple(titles.get(part, part) for part in WORD.split(text)))


def note_who(unit: Unit, work: Work, action: Action) -> None:
    """Note with the record's event which formula lets the actor take an action."""
    permit = work.permit_before
    if permit is None or all(rule.who is None for rule in rules_for(permit, action)):
        return
    blueprint = permit.current.policy.blueprint
    version = unit.catalog.newest.get(blueprint.key, work.process.version)
    for named in named_by_formulas(permit, action, work.situation.names, unit.linked.moment):
        if names_actor(named.value, unit.actor.user, permit.roles):
            line = named.formula.place.line
            found = Decision("who", action.key, action.key, (), version, line, named.traced().to_json())
            work.decisions.append(found)
