"""What everything in a blueprint is made of: a place in its text, words, a formula, a text with formulas, who is named.

Frozen, made by the loader, and only read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from blankett.engine import feel

NO_PIECES: Mapping[str, tuple[str | Formula, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the blueprint's text: line and column count from 1, *start* and *end* are offsets in characters."""

    line: int
    column: int
    start: int = 0
    end: int = 0
    #: Keys from the top of the file, say ``("forms", "order", "fields", "total")``.
    path: tuple[str, ...] = ()


#: Stands for a formula of a text where no record is at hand.
ELIDED = "…"


@dataclass(frozen=True)
class Words:
    """A text the author wrote, in each language it was written in; the first language stands for those that lack it.

    Of the texts of actions and the helps of fields and states, which stand beside a record, *pieces* are the parts with
    formulas; whoever has the record says them with `records.explain.filled_text.say_words`.
    """

    by_language: Mapping[str, str]
    #: language → the pieces in order, texts and formulas, of the languages whose text has any formula.
    pieces: Mapping[str, tuple[str | Formula, ...]] = field(default_factory=lambda: NO_PIECES)

    def say(self, language: str) -> str:
        """Return the text in *language*, or in the blueprint's first language; formulas in it are left out."""
        found = self.by_language.get(language)
        if found is None:
            language, found = next(iter(self.by_language.items()), ("", ""))
        if self.pieces and language in self.pieces:
            return "".join(piece if isinstance(piece, str) else ELIDED for piece in self.pieces[language])
        return found.replace("{{", "{").replace("}}", "}") if "{{" in found or "}}" in found else found

    def formulas(self) -> Iterator[Formula]:
        """Yield the formulas in the text, in every language."""
        for pieces in self.pieces.values():
            yield from (piece for piece in pieces if isinstance(piece, Formula))

    def languages(self) -> tuple[str, ...]:
        """Return the languages the text exists in, the author's first one first."""
        return tuple(self.by_language)


@dataclass(frozen=True)
class Formula:
    """A FEEL formula of the blueprint: parsed and type-checked, with its place in the file.

    The places of the expression's parts count in `text`.
    """

    text: str
    place: Place
    checked: feel.CheckedFormula
    expression: feel.Expression = field(repr=False, compare=False)
    scope: feel.Scope = field(repr=False, compare=False)

    @cached_property
    def compiled(self) -> feel.CompiledFormula:
        """Return the formula compiled; made when it is first wanted, for most of a version's formulas never run."""
        return feel.compile(self.expression, self.scope)

    @property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Return the paths read, from the roots of its scope: ``{("customer", "tier"), ("lines", "amount")}``."""
        return self.checked.reads

    def evaluate(self, names: Mapping[str, object], moment: feel.Moment) -> object:
        """Return the value for *names*; null where the standard says null, never an exception for data."""
        return self.compiled.evaluate(names, moment)


@dataclass(frozen=True)
class Template:
    """A text with formulas in braces, in each language: ``"Order {record.number} was shipped"``."""

    words: Words
    #: language → the pieces in order, texts and formulas.
    pieces: Mapping[str, tuple[str | Formula, ...]]
    place: Place

    def parts(self, language: str) -> tuple[str | Formula, ...]:
        """Return the pieces in *language*, or in the blueprint's first language."""
        found = self.pieces.get(language)
        return found if found is not None else next(iter(self.pieces.values()))

    @cached_property
    def reads(self) -> frozenset[tuple[str, ...]]:
        """Return every path any language of the text reads."""
        formulas = (piece for pieces in self.pieces.values() for piece in pieces if isinstance(piece, Formula))
        return frozenset(path for formula in formulas for path in formula.reads)


@dataclass(frozen=True)
class Who:
    """Whom a `by`, a grant or a notice names: roles, everyone, owner, assignee, and whom formulas give."""

    names: frozenset[str] = frozenset()
    #: Each gives users or roles.
    formulas: tuple[Formula, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Tell whether nobody is named."""
        return not self.names and not self.formulas
