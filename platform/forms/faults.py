"""What is wrong with a submission, in the reader's words, each at the control it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    #: The author's own sentence, which needs no label before it.
    is_said: bool = False


def word_problem(problem: Problem, language: str) -> Mistake:
    """Put a problem of the engine into words."""
    name = ".".join(problem.path)
    if problem.message == "said":
        return Mistake(name, str(problem.params.get("text", "")), True)
    return Mistake(name, say(language, problem.message, **problem.params))


def word_fault(name: str, fault: Fault, language: str) -> Mistake:
    """Put into words why a text is no value."""
    return Mistake(name, say(language, fault.message, **fault.params))


def all_mistakes(
    faults: Mapping[str, Fault], unknown: Iterable[str], problems: Iterable[Problem], language: str
) -> list[Mistake]:
    """Return everything that is wrong; at a control whose text is no value, only that is said."""
    mistakes = [word_fault(name, fault, language) for name, fault in faults.items()]
    mistakes += [Mistake("", say(language, "form.unknown_field", name=name[:100])) for name in unknown]
    said = {mistake.name for mistake in mistakes if mistake.name}
    for problem in problems:
        mistake = word_problem(problem, language)
        if mistake.name not in said:
            mistakes.append(mistake)
    return mistakes
