"""What is wrong with a submission, in the reader's words, each at the control it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from blankett.engine.fields.base import Fault, Wording
from blankett.engine.fields.reader import Reader
from blankett.words import say


class FormProblem(Protocol):
    """A problem the engine found; `records.command.FieldProblem` is one."""

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


class FormRefusal(Protocol):
    """What the engine refused; `records.command.Refusal` is one."""

    @property
    def problems(self) -> Sequence[FormProblem]:
        """What is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, worded."""

    #: The control's name, a table's, a line's ``lines.<id>``, or empty for the whole form.
    name: str
    text: str
    #: A sentence that names what it is about, or the author's own: needs no label before it.
    is_said: bool = False
    #: What may be meant by a text that is no value, to be chosen.
    readings: tuple[Wording, ...] = ()
    #: The words before the choice.
    lead: str = ""


#: Messages that offer readings → the words before them, where each can be pressed.
LEADS: Mapping[str, str] = {
    "field.two_days": "field.readings",
    "field.two_moments": "field.readings",
    "field.two_numbers": "field.number_readings",
    "field.day_elsewhere": "field.day_meant",
    "field.number_elsewhere": "field.number_meant",
}

#: Gives the title of the field at ("lines", line id, "price"); empty for none.
TitleOf = Callable[[tuple[str, ...]], str]

#: Messages with the field's title inside: "Fill in “Price”."
NAMING = frozenset({"field.required"})


def nothing(_: tuple[str, ...]) -> str:
    """Know no titles."""
    return ""


def word_problem(problem: FormProblem, reader: Reader | str, title_of: TitleOf = nothing) -> Mistake:
    """Put a problem of the engine into words."""
    name = ".".join(problem.path)
    if problem.message == "said":
        return Mistake(name, say(reader, "said", **problem.params), True)
    title = title_of(problem.path)
    # Where nobody knows the title, on the command line, the key says which field is meant.
    named = title or (problem.path[-1] if problem.path else "")
    params = {"field": named, **problem.params} if named else problem.params
    return Mistake(
        name,
        say(reader, problem.message, **params),
        bool(title) and problem.message in NAMING,
        readings_of(problem.params),
        lead_of(problem.message, params, reader),
    )


def say_refusal(refusal: FormRefusal) -> str:
    """Return what a refusal says, in English: for whoever looks after the machine."""
    return " ".join(word_problem(problem, "en").text for problem in refusal.problems)


def lead_of(message: str, params: Mapping[str, object], reader: Reader | str) -> str:
    """Return the words before the readings that a message offers; empty for one that offers none."""
    return say(reader, LEADS[message], **params) if message in LEADS else ""


def readings_of(params: Mapping[str, object]) -> tuple[Wording, ...]:
    """Return what may be meant by the text that a fault is about."""
    found = params.get("readings", ())
    return found if isinstance(found, tuple) else ()


def word_fault(name: str, fault: Fault, reader: Reader | str) -> Mistake:
    """Put into words why a text is no value."""
    words = say(reader, fault.message, **fault.params)
    lead = lead_of(fault.message, fault.params, reader)
    return Mistake(name, words, readings=readings_of(fault.params), lead=lead)


def all_mistakes(
    faults: Mapping[str, Fault],
    unknown: Iterable[str],
    problems: Iterable[FormProblem],
    reader: Reader | str,
    title_of: TitleOf = nothing,
) -> list[Mistake]:
    """Return everything that is wrong; at a control whose text is no value, only that is said."""
    mistakes = [word_fault(name, fault, reader) for name, fault in faults.items()]
    mistakes += [Mistake("", say(reader, "form.unknown_field", name=name[:100])) for name in unknown]
    said = {mistake.name for mistake in mistakes if mistake.name}
    for problem in problems:
        mistake = word_problem(problem, reader, title_of)
        if mistake.name not in said:
            mistakes.append(mistake)
    return mistakes
