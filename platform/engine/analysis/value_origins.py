"""Where the values that conditions read come from: the field behind a path, and what a value depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from blankett.engine.language.form_formulas import every_effect
from blankett.engine.language.model import Fact, Field, Form, Formula
from blankett.engine.paths import LinkedForm, Path, field_at, longest, own_or_old_path, own_path, resolve


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
        self._table = table

    def field(self, path: Path) -> Field | None:
        """Return the field whose value stands at *path*; None where it is none, not known, or where many values are."""
        own = own_or_old_path(path, self.form.fields, self._table)
        if own is None:
            return None
        found = resolve(own, LinkedForm(self.form, self._forms.get))
        return found.field if found.tables == self._is_in_line(path) else None

    def _is_in_line(self, path: Path) -> bool:
        """Tell whether *path* begins at a column of the line."""
        return self._table is not None and path[0] in self.form.fields[self._table].columns

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
        seen: set[tuple[Path, str | None]] = set()
        waiting = [(path, self._table) for path in longest(paths)]
        while waiting:
            path, table = asked = waiting.pop()
            if asked in seen:
                continue
            seen.add(asked)
            if self._spend is not None:
                self._spend(1)
            own = own_path(path, self.form.fields, table)
            if own is None:
                found.add(self._counted(path))
                continue
            # Seen from the record, lines are taken as a whole.
            is_line = table is not None and path[0] != "parent"
            of = field_at(own[:2] if is_line else own[:1], self.form.fields)
            made = [formula.reads for formula in made_by(of) if formula is not None]
            waiting += [(each, of.table) for reads in made for each in longest(reads)]
            if of.compute is None:
                found.add(of.path if of.columns else own)
        return frozenset(found)

    def fact(self, path: Path) -> Fact | None:
        """Return the fact at ``("facts", key)``."""
        return self.form.facts.get(path[1]) if path[0] == "facts" and len(path) > 1 else None

    def _counted(self, path: Path) -> Path:
        """Return the source of what is no field: facts about records of one form say something of each other."""
        fact = self.fact(path)
        return path if fact is None else ("facts", fact.form)
