"""What the `visible` of each field of a form hangs on.

That is choices of the same page, whose few cases can be told beforehand, and everything else by whose change the
condition may turn out otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod

from blankett.engine.blueprint.model import Field, Form, Formula

#: A condition with more cases than this is asked of the server.
MOST_CASES = 200
#: Names that stay as they are while a form is typed.
FIXED = frozenset({"record", "user", "old"})
#: Stands for every field, where a condition reads what cannot be followed.
EVERYTHING = "*"

Path = tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """What the `visible` of a field reads, found once for a form."""

    field: Field
    formula: Formula
    #: Choices and yes/no fields whose values are looked at case by case, in order.
    choices: tuple[Path, ...]
    #: Fields of the form by whose change the condition may turn out otherwise, besides `choices`.
    watched: frozenset[str]


def conditions_of(form: Form) -> tuple[Condition, ...]:
    """Return the condition of every field and column of *form* that has one."""
    return tuple(
        _condition(form, field, field.visible)
        for field in form.every_field()
        if field.visible is not None and not field.retired
    )


def _condition(form: Form, field: Field, formula: Formula) -> Condition:
    reads = set(_paths(form, field.table, formula.reads))
    choices = tuple(sorted(path for path in reads if path != field.path and _is_choice(form, path)))
    others = reads - set(choices)
    if prod(len(cases_of(form, path)) for path in choices) > MOST_CASES or (field.table and others):
        choices, others = (), reads
    watched = {path[0] for path in _behind(form, others)} | {path[0] for path in _behind_choices(form, choices)}
    return Condition(field, formula, choices, frozenset(watched))


def _paths(form: Form, table: str | None, reads: Iterable[Path]) -> Iterator[Path]:
    """Yield the paths of the fields that a formula of the record, or of a column of *table*, reads."""
    columns = form.fields[table].columns if table else {}
    for path in reads:
        if path[0] == "parent" and table:
            yield path[1:2] if len(path) > 1 and path[1] in form.fields else (EVERYTHING,)
        elif path[0] in columns and table:
            yield (table, path[0])
        elif path[0] in form.fields:
            yield (path[0],)
        elif path[0] not in FIXED:
            yield (EVERYTHING,)


def _is_choice(form: Form, path: Path) -> bool:
    found = form.find(path)
    return found is not None and found.is_typed and bool(cases_of(form, path))


def cases_of(form: Form, path: Path) -> tuple[tuple[str, object], ...]:
    """Return (text of the control, value) of everything the choice at *path* may hold; nothing for other fields."""
    found = form.find(path)
    if found is None:
        return ()
    values = found.type.cases(found)
    return (("", None), *values) if values else ()


def _behind(form: Form, paths: Iterable[Path]) -> set[Path]:
    """Return *paths*, and all whose change works them out, fills, shows or hides them."""
    found: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        field = form.find(path)
        for one in (field, *field.columns.values()) if field is not None else ():
            for formula in (one.compute, one.fill, one.visible, one.default.formula if one.default else None):
                waiting += _paths(form, one.table, formula.reads if formula is not None else ())
    return found


def _behind_choices(form: Form, choices: Iterable[Path]) -> set[Path]:
    """Return what changes one of *choices* without anybody typing there; that others of them show it is known."""
    found: set[Path] = set()
    for path in choices:
        field = form.find(path)
        if field is None:
            continue
        for formula in (field.fill, field.default.formula if field.default else None):
            found |= _behind(form, _paths(form, field.table, formula.reads if formula is not None else ()))
        shown_by = set(_paths(form, field.table, field.visible.reads if field.visible is not None else ()))
        found |= _behind(form, (one for one in shown_by if not _is_choice(form, one)))
    return found
