"""What the checker knows of the value of a part, and the names that loops and filters add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from blankett.engine import suggestions
from blankett.engine.feel.errors import message_text
from blankett.engine.feel.types import Any, Type

#: Names from a root of the scope on: ("lines", "product", "price").
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What is known of the value of a part."""

    type: Type
    #: Where it may be read from, from the scope's roots.
    paths: frozenset[Path] = frozenset()
    #: Where it is, for the currencies of its fields: names, "[name]" for a loop's item, "[]" for any item.
    place: Path | None = None
    #: How many links were followed to get here.
    steps: int = 0
    #: The entries of a context that is written out.
    entries: Mapping[str, Found] | None = field(default=None, hash=False)


UNKNOWN: Final = Found(Any())


@dataclass
class Frame:
    """Names that a loop, a filter, a function or a context adds."""

    names: dict[str, Found]
    #: What a filter looks at: its parts are names, too.
    item: Found | None = None


#: How alike a name must be to be suggested, from 0 to 1.
SUGGESTION_CUTOFF = 0.7


@dataclass(frozen=True)
class Finding:
    """One mistake, or one thing to think about, at a place of the formula (offsets from 0, end exclusive)."""

    code: str
    params: Mapping[str, object]
    start: int
    end: int
    severity: Literal["error", "warning"] = "error"
    suggestion: str | None = None

    @property
    def message(self) -> str:
        """The finding in English."""
        return message_text(self.code, self.params)


@dataclass(frozen=True)
class CheckedFormula:
    """What is known of a formula before it runs."""

    type: Type
    findings: tuple[Finding, ...] = ()
    #: Paths of names that are read, from the scope's roots, through loops, filters and projections.
    reads: frozenset[tuple[str, ...]] = frozenset()
    #: Names of the functions that are called.
    calls: frozenset[str] = field(default=frozenset())

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that forbid the formula."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like *name*, or None where none is much like it."""
    return suggestions.nearest(name, known, SUGGESTION_CUTOFF)
