"""What is wrong with a submission, in the reader's words, each at the control it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from blankett.engine.fields.base import Fault
from blankett.words import say


class Problem(Protocol):
    """A problem the engine found; `runtime.FieldProblem` is one."""

    @property
    def path(self) -> tuple[str, ...]:
        """Where: field, or table, line id and column; empty for the whole record."""
        ...

    @property
    def message(self) -> str:
        """A message id, or ``said`` for the author's own words."""
        ...

    @property
    def params(self) -> Mapping[str, object]:
        """The message's parameters."""
        ...


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, worded."""

    #: The control's name, a table's, a line's ``lines.<id>``, or empty for the whole form.
    name: str
    text: str
    #: A sentence that names what it is about, or the author's own: needs no label before it.
    is_said: bool = False


#: Gives the title of the field at ("lines", line id, "price"); empty for none.
TitleOf = Callable[[tuple[str, ...]], str]

#: Messages with the field's title inside: "Fill in “Price”."
NAMING = frozenset({"field.required"})


def nothing(_: tuple[str, ...]) -> str:
    """Know no titles."""
    return ""


def word_problem(problem: Problem, language: str, title_of: TitleOf = nothing) -> Mistake:
    """Put a problem of the engine into words."""
    name = ".".join(problem.path)
    if problem.message == "said":
        return Mistake(name, str(problem.params.get("text", "")), True)
    title = title_of(problem.path)
    # Where nobody knows the title, on the command line, the key says which field is meant.
    named = title or (problem.path[-1] if problem.path else "")
    params = {"field": named, **problem.params} if named else problem.params
    return Mistake(name, say(language, problem.message, **params), bool(title) and problem.message in NAMING)


def word_fault(name: str, fault: Fault, language: str) -> Mistake:
    """Put into words why a text is no value."""
    return Mistake(name, say(language, fault.message, **fault.params))


def all_mistakes(
    faults: Mapping[str, Fault],
    unknown: Iterable[str],
    problems: Iterable[Problem],
    language: str,
    title_of: TitleOf = nothing,
) -> list[Mistake]:
    """Return everything that is wrong; at a control whose text is no value, only that is said."""
    mistakes = [word_fault(name, fault, language) for name, fault in faults.items()]
    mistakes += [Mistake("", say(language, "form.unknown_field", name=name[:100])) for name in unknown]
    said = {mistake.name for mistake in mistakes if mistake.name}
    for problem in problems:
        mistake = word_problem(problem, language, title_of)
        if mistake.name not in said:
            mistakes.append(mistake)
    return mistakes
