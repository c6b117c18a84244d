"""Formulas that say who: `by: "= record.created_by"`, `who: "= customer.manager"`. They give users, roles, or lists of
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from blankett.engine.feel import parse_expression
from blankett.engine.feel.budget import Moment
from blankett.engine.feel.sql import Condition, to_sql
from blankett.engine.feel.tree import Expression, ListLiteral
from blankett.engine.feel.types import ListOf, Text, Type
from blankett.engine.feel.values import Reference
from blankett.engine.language.model import Formula
from blankett.engine.store.columns import FormColumns
from blankett.engine.store.conditions import NEVER, all_of, any_of, in_workspaces


def names_actor(value: object, user: str, roles: frozenset[str]) -> bool:
    """Tell whether *value*, a user, a role's key or a list of them, names the user or a role they hold."""
    if isinstance(value, Reference):
        return value.id == user
    if isinstance(value, str):
        return value in roles
    return isinstance(value, list) and any(names_actor(item, user, roles) for item in value)


def who_condition(
    who: Formula, roles: Mapping[str, frozenset[str]], user: Reference, columns: FormColumns, moment: Moment
) -> Condition | None:
    """Return where *who* names the user, or a role held in the record's workspace; None where SQL cannot tell.

    *roles*: workspace → roles held there.
    """
    compiled = who.compiled
    found: list[Condition] = []
    for text in _items(who.text, compiled.expression):
        if _gives_text(compiled.type):
            by_room = [(room, sorted(held)) for room, held in roles.items() if held]
            asked = [(in_workspaces([room]), f"({text}) in [{_listed(held)}]") for room, held in by_room]
        else:
            asked = [(in_workspaces(roles), f"({text}) = user")]
        for room, comparison in asked:
            try:
                named = to_sql(parse_expression(comparison), compiled.scope, columns, {"user": user}, moment)
            except ValueError:
                return None
            found.append(all_of(room, named))
    return any_of(*found) if found else NEVER


def _items(text: str, expression: Expression) -> Iterable[str]:
    """Return the formulas of a list's items, or the formula itself."""
    if isinstance(expression, ListLiteral):
        return [text[item.start : item.end] for item in expression.items]
    return [text]


def _gives_text(type: Type) -> bool:
    return isinstance(type.item if isinstance(type, ListOf) else type, Text)


def _listed(roles: Iterable[str]) -> str:
    return ", ".join(f'"{role}"' for role in roles if role.isidentifier())
