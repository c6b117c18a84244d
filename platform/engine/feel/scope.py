"""What a formula can see: names with their types, functions beside the built-in ones, and the fields behind links."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias
from typing import Any as Value

from blankett.engine.feel.types import Context, FunctionType, RecordType, Type

if TYPE_CHECKING:
    from blankett.engine.feel.budget import Run
    from blankett.engine.feel.typecheck.null_facts import Atom, Said

#: What a function of a scope does, as a part of an evaluation: takes its arguments by position.
Body: TypeAlias = "Callable[[Run, list[Value]], Value]"


def no_forms(form: str) -> Context | None:
    """Know no form."""
    return None


#: The newest edition of the language. In an older one some formulas mean what they meant when they were published:
#: before 1, `.` in patterns took a carriage return, `[2..1]` was counted down by a loop, `(=10)` was `[10..10]`,
#: `[1,2,3][1.5]` the first item, and `number` took groups of any length.
EDITION: Final = 1


class Scope:
    """Names for a formula.

    *forms* gives the fields of a linked form (as a Context), or None where the form is not known. *bodies* are what
    functions do that are the same everywhere, as decision tables are; what the others do, the moment brings along.
    *edition*: that of the language in which formulas mean something. *calendars*: the keys of those they count in.
    """

    def __init__(
        self,
        names: Mapping[str, Type],
        functions: Mapping[str, FunctionType] | None = None,
        forms: Callable[[str], Context | None] = no_forms,
        outer: Scope | None = None,
        bodies: Mapping[str, Body] | None = None,
        asked: Mapping[tuple[str, ...], tuple[Atom | Said, ...]] | None = None,
        edition: int = EDITION,
        calendars: Collection[str] | None = None,
    ) -> None:
        self.names = dict(names)
        self.functions: Mapping[str, FunctionType] = functions or {}
        self.forms = forms
        self.outer = outer
        self.bodies: Mapping[str, Body] = bodies or {}
        #: Path → what must hold for the value there to be asked for, and so to be there.
        self.asked: Mapping[tuple[str, ...], tuple[Atom | Said, ...]] = asked or {}
        self.edition = edition
        #: The calendars that formulas may name; None where they are not known.
        self.calendars = calendars

    @property
    def calendar(self) -> str | None:
        """Return the calendar of formulas that name none: the only one there is."""
        return next(iter(self.calendars)) if self.calendars is not None and len(self.calendars) == 1 else None

    def child(self, names: Mapping[str, Type]) -> Scope:
        """Return a scope that sees *names* first, and then this one's."""
        return Scope(names, self.functions, self.forms, self, self.bodies, self.asked, self.edition, self.calendars)

    def find(self, name: str) -> Type | None:
        """Return the type of *name*, or None where there is no such name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.outer
        return None

    def asked_for(self, path: tuple[str, ...]) -> tuple[Atom | Said, ...]:
        """Return what must hold for the value at *path* to be asked for; nothing where that is not known."""
        return self.asked.get(path, ())

    def all_names(self) -> Iterator[str]:
        """Yield all names, the nearest first."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.names
            scope = scope.outer

    def fields_of(self, type: Type) -> Mapping[str, Type] | None:
        """Return {name: type} of the parts of a context or linked record; None where they are not known."""
        if isinstance(type, RecordType):
            fields = self.forms(type.form)
            return None if fields is None else fields.fields
        if isinstance(type, Context):
            return type.fields or None
        return None
