"""Where the values that conditions read come from: the field behind a path, and what a value depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

from blankett.engine.language.form_formulas import every_effect
from blankett.engine.language.model import Fact, Field, Form, Formula

#: From the names in scope: ``("customer", "tier")``.
Path: TypeAlias = tuple[str, ...]

#: Names behind which no field of the form stands; in a condition that picks records `this` is another one.
_OTHERS = frozenset({"record", "user", "inputs", "facts", "this", "that"})


class Origins:
    """The names of a form's conditions. *forms*: the forms that links lead to, by their full names; *table*: in whose
    lines the conditions are asked; *has_tables*: the decision tables are sound, and can be asked; *spend*: counts
    the steps of following values back.
    """

    def __init__(
        self,
        form: Form,
        forms: Mapping[str, Form],
        table: str | None = None,
        *,
        has_tables: bool = True,
        spend: Callable[[int], None] | None = None,
    ) -> None:
        self.form = form
        self.has_tables = has_tables
        self._forms = forms
        self._spend = spend
        self._columns = form.fields[table].columns if table is not None else {}

    def _own(self, key: str) -> Field | None:
        """Return the field or the column that a bare name is."""
        return self._columns.get(key) or self.form.fields.get(key)

    def field(self, path: Path) -> Field | None:
        """Return the field whose value stands at *path*; None where it is none, or not known."""
        if path[0] in _OTHERS or path in (("old",), ("parent",)):
            return None
        is_whole = path[0] in ("old", "parent")
        found = self.form.fields.get(path[1]) if is_whole else self._own(path[0])
        for key in path[2:] if is_whole else path[1:]:
            form = self._forms.get(found.links_to) if found and found.links_to is not None else None
            found = form.fields.get(key) if form is not None else None
        return found

    def is_bounded(self, of: Field) -> bool:
        """Tell whether a field's values surely keep to its `min` and `max`: what formulas give a draft need not."""
        worked_out = of.compute or of.fill or (of.default is not None and of.default.formula)
        return not worked_out and of.key not in self._given

    @cached_property
    def _given(self) -> frozenset[str]:
        """Return the keys of fields, of any form, that effects give by a formula."""
        effects = (
            effect for form in {self.form.name: self.form, **self._forms}.values() for effect in every_effect(form)
        )
        given = (effect.field_values for effect in effects)
        return frozenset(key for values in given for key, setting in values.items() if setting.formula is not None)

    def is_computed(self, path: Path) -> bool:
        """Tell whether nobody types the value at *path*: it follows from others."""
        of = self.field(path)
        return of is not None and of.compute is not None

    def sources(self, paths: Iterable[Path]) -> frozenset[Path]:
        """Return what the values at *paths* follow from: paths whose values are free of each other."""
        return self._behind(paths, lambda of: (of.compute, of.visible))

    def influences(self, paths: Iterable[Path]) -> frozenset[Path]:
        """Return what may change the values at *paths*: their sources, and what they are filled with."""
        return self._behind(paths, lambda of: (of.compute, of.visible, of.fill))

    def _behind(self, paths: Iterable[Path], made_by: Callable[[Field], Iterable[Formula | None]]) -> frozenset[Path]:
        found: set[Path] = set()
        seen: set[Path] = set()
        waiting = [*longest(paths)]
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            if self._spend is not None:
                self._spend(1)
            of = self._own(path[0])
            if of is None:
                found.add(self._counted(path))
                continue
            made = [formula.reads for formula in made_by(of) if formula is not None]
            waiting += [each for reads in made for each in longest(reads)]
            if of.compute is None:
                # Lines are taken as a whole.
                found.add(path[:1] if of.columns else path)
        return frozenset(found)

    def fact(self, path: Path) -> Fact | None:
        """Return the fact at ``("facts", key)``."""
        return self.form.facts.get(path[1]) if path[0] == "facts" and len(path) > 1 else None

    def _counted(self, path: Path) -> Path:
        """Return the source of what is no field: facts about records of one form say something of each other."""
        fact = self.fact(path)
        return path if fact is None else ("facts", fact.form)


def longest(paths: Iterable[Path]) -> list[Path]:
    """Return *paths* without those that others begin with: of `customer` and `customer.tier` the tier was read."""
    known = sorted(set(paths))
    return [path for path in known if not any(len(other) > len(path) and begins(other, path) for other in known)]


def begins(path: Path, start: Path) -> bool:
    """Tell whether *path* is *start*, or goes on from there."""
    return path[: len(start)] == start


def depend(one: Iterable[Path], other: Iterable[Path]) -> bool:
    """Tell whether values from *one* set of sources may say something of those from the *other*."""
    others = list(other)
    return any(begins(left, right) or begins(right, left) for left in one for right in others)
