"""Functions that ask the departments of the organisation, which the moment brings along; and how formulas see one.

What the organisation does not know, a department that is not there, nobody up to the top, is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any as Value
from typing import Final

from blankett.engine.departments import Directory
from blankett.engine.feel.budget import Moment, Run
from blankett.engine.feel.builtins.registry import overload
from blankett.engine.feel.builtins.working_time import CALENDAR_FUNCTIONS
from blankett.engine.feel.values import Reference

#: Steps that one answer is worth.
_STEPS: Final = 10
#: No tree is asked for a level beyond.
_MOST_LEVELS: Final = 100


class DepartmentFields(Mapping[str, Value]):
    """What formulas may read of a department, looked up when it is read."""

    __slots__ = ("_id", "_moment")

    #: Name → what gives it.
    READ: Final[Mapping[str, Callable[[Directory, Moment, str], Value]]] = {
        "id": lambda directory, moment, id: id,
        "title": lambda directory, moment, id: directory.departments[id].title,
        "head": lambda directory, moment, id: _person(moment, directory.departments[id].head),
        "deputy": lambda directory, moment, id: _person(moment, directory.departments[id].deputy),
        "parent": lambda directory, moment, id: department_reference(moment, directory.departments[id].parent),
    }

    def __init__(self, id: str, moment: Moment) -> None:
        self._id = id
        self._moment = moment

    def __getitem__(self, key: str) -> Value:
        return self.READ[key](self._moment.directory(), self._moment, self._id)

    def __iter__(self) -> Iterator[str]:
        return iter(self.READ)

    def __len__(self) -> int:
        return len(self.READ)


def department_reference(moment: Moment, id: str | None) -> Reference | None:
    """Return a department as formulas see it; None where there is none with that id."""
    found = None if id is None else moment.directory().find(id)
    return None if found is None else Reference(found.id, found.title, DepartmentFields(found.id, moment))


def _person(moment: Moment, id: str | None) -> Reference | None:
    return None if id is None else moment.person(id)


def head_of(run: Run, department: Reference | str, level: Decimal | None = None) -> Reference | None:
    """Return who heads a department, or the one *level* - 1 above it; where nobody does, the next one up."""
    directory, steps = _ask(run), Decimal(1) if level is None else level
    if steps != steps.to_integral_value() or not 1 <= steps <= _MOST_LEVELS:
        raise ValueError(steps)
    return _person(run.moment, directory.head(_id(department), int(steps)).user)


def belongs_to(run: Run, what: Reference, department: Reference | str) -> bool:
    """Tell whether a person is in a department or in one below it, or whether a department is."""
    directory, outer = _ask(run), _id(department)
    if directory.find(outer) is None:
        raise ValueError(outer)
    if isinstance(what.fields, DepartmentFields):
        return directory.is_within(what.id, outer)
    return directory.is_in(what.id, outer)


def holder_of(run: Run, post: str) -> Reference | None:
    """Return who holds a post."""
    found = _ask(run).posts.get(post)
    return None if found is None else _person(run.moment, found.holder)


def authorised(run: Run, department: Reference | str, amount: Decimal) -> Reference | None:
    """Return the first up the tree from a department whose post lets them decide for *amount*."""
    return _person(run.moment, _ask(run).authorised(_id(department), amount).user)


def _ask(run: Run) -> Directory:
    run.spend(_STEPS)
    return run.moment.directory()


def _id(department: Reference | str) -> str:
    return department if isinstance(department, str) else department.id


FUNCTIONS: Final = tuple(
    overload(written, function, with_run=True)
    for written, function in (
        ("head of(department: department or string, level?: number or null) -> user or null", head_of),
        ("belongs to(person: user, department: department or string) -> boolean", belongs_to),
        ("belongs to(inner: department, department: department or string) -> boolean", belongs_to),
        ("holder of(post: string) -> user or null", holder_of),
        ("authorised for(department: department or string, amount: number) -> user or null", authorised),
    )
)
#: The functions that ask the departments.
DEPARTMENT_FUNCTIONS: Final = frozenset(each.name for each in FUNCTIONS)
#: The one that conditions on records know too.
BELONGS_TO: Final = "belongs to"
#: The functions whose answer is another one when an organisation changes what it says of itself.
ORGANISATION_FUNCTIONS: Final = CALENDAR_FUNCTIONS | DEPARTMENT_FUNCTIONS
