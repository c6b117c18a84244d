"""What a check is given: the blueprint as far as it could be loaded, and the report of what is already wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from blankett.engine.language.model import Blueprint, Form, Place
from blankett.engine.language.problems import Report


@dataclass(frozen=True)
class Subject:
    """A blueprint under examination."""

    blueprint: Blueprint
    report: Report

    @cached_property
    def _wrong(self) -> frozenset[tuple[str, ...]]:
        """Return the path of every error and of everything around it."""
        paths = {problem.place.path for problem in self.report.problems if problem.is_error}
        return frozenset(path[:length] for path in paths for length in range(1, len(path) + 1))

    def is_sound(self, *path: str) -> bool:
        """Tell whether nothing is wrong at or below *path*, so that a check of it tells no follow-on problem."""
        return path not in self._wrong

    def forms(self) -> Iterator[Form]:
        """Yield the forms of the blueprint."""
        yield from self.blueprint.forms.values()

    def place(self, *path: str) -> Place:
        """Return where the item at *path* stands, or the nearest around it that does."""
        for length in range(len(path), 0, -1):
            found = self.blueprint.places.get(path[:length])
            if found is not None:
                return found
        return Place(1, 1)
