"""The timers of a form: what they run from, how long, and what happens then."""

from __future__ import annotations

import re
from datetime import time

from blankett.engine import feel
from blankett.engine.calendar import meant_length, read_length
from blankett.engine.feel.types import EitherDuration, in_words
from blankett.engine.language.loader.calendars import calendar_of
from blankett.engine.language.loader.effect_reader import read_effects
from blankett.engine.language.loader.fields import check_state
from blankett.engine.language.loader.formulas import is_formula, read_condition, read_formula
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint
from blankett.engine.language.loader.scopes import Scopes
from blankett.engine.language.loader.translations import read_text, read_title
from blankett.engine.language.model import Formula, Timer, TimerLength, TimerRepeat
from blankett.engine.language.problems import suggest
from blankett.engine.language.source import Map, Scalar

_CLOCK = re.compile(r"([0-9]|[01][0-9]|2[0-3]):([0-5][0-9])")
#: Types of what a timer may run from, and of what may say how long.
_DAYS = (feel.Date, feel.DateTime, feel.Any)
_LENGTHS = (feel.DaysTimeDuration, feel.YearsMonthsDuration, EitherDuration, feel.Text, feel.Any)


def read_timers(draft: PartialBlueprint, form: FormDraft, scopes: Scopes) -> dict[str, Timer]:
    """Return the timers of a form as far as they can be read."""
    trees = form.tree.map("timers")
    return {key: _TimerReader(draft, form, scopes, key, tree).read() for key, tree in trees.maps()}


class _TimerReader:
    """Reads one timer."""

    def __init__(self, draft: PartialBlueprint, form: FormDraft, scopes: Scopes, key: str, tree: Map) -> None:
        self.draft = draft
        self.form = form
        self.key = key
        self.tree = tree
        #: What its day and its length see: the record alone, since they are worked out when that is written.
        self.plain = scopes.plain
        self.scope = scopes.plain.child(scopes.facts) if scopes.facts else scopes.plain

    def read(self) -> Timer:
        """Return the timer; each thing that is wrong with it is told."""
        draft, tree, item = self.draft, self.tree, ("forms", self.form.key, "timers", self.key)
        place = self.form.tree.map("timers").key_place(self.key)
        after, before = (self._length(tree.scalar(key)) for key in ("after", "before"))
        repeat = self._repeat()
        self._check_start()
        unless = read_condition(draft, tree.scalar("unless"), self.scope)
        return Timer(
            key=self.key,
            title=read_title(draft.translations, tree, item, place),
            help=read_text(draft.translations, tree, item, "help"),
            states=self._states(),
            field=self._field(),
            at=self._at(),
            after=after,
            before=before,
            calendar=self._calendar([after, before, repeat.every if repeat is not None else None]),
            time=self._time(),
            unless=unless,
            then=read_effects(draft, self.form, tree.list("then"), self.scope, None, may_act=True),
            repeat=repeat,
            place=place,
            was=tree.text("was"),
        )

    # What it runs from ------------------------------------------------------------------------------------------------

    def _check_start(self) -> None:
        """Tell of keys that do not go together."""
        there = [key for key in ("field", "at", "after", "before") if self.tree.get(key) is not None]
        place = self.form.tree.map("timers").key_place(self.key)
        if not there:
            self.draft.report.add("timer_without_day", place, timer=self.key)
        for one, other in (("field", "at"), ("after", "before")):
            if one in there and other in there:
                self.draft.report.add("timer_two", self.tree.key_place(other), one=one, other=other)
        if "before" in there and "field" not in there and "at" not in there:
            self.draft.report.add("timer_before_what", self.tree.key_place("before"))

    def _states(self) -> tuple[str, ...] | None:
        if self.tree.get("states") is None:
            return None
        found = (check_state(self.draft, self.form, scalar) for scalar in self.tree.scalars("states"))
        return tuple(dict.fromkeys(state for state in found if state is not None))

    def _field(self) -> str | None:
        scalar = self.tree.scalar("field")
        if scalar is None or (scalar.text,) in self.form.broken:
            return None
        field = self.form.fields.get(scalar.text)
        days = [key for key, of in self.form.fields.items() if isinstance(of.type.feel_type(of), _DAYS)]
        if field is None:
            self.draft.unknown("unknown_field", scalar, days or self.form.fields, form=self.form.key)
        elif field.key not in days:
            wanted = "a field of type date or datetime"
            self.draft.report.add(
                "wrong_field", scalar.place, suggestion=suggest(scalar.text, days), name=scalar.text, wanted=wanted
            )
        else:
            return field.key
        return None

    def _at(self) -> Formula | None:
        scalar = self.tree.scalar("at")
        if scalar is None:
            return None
        return self._giving(scalar, 1 if is_formula(scalar) else 0, _DAYS, "a day or a moment")

    def _giving(self, scalar: Scalar, start: int, types: tuple[type[feel.Type], ...], wanted: str) -> Formula | None:
        """Return a formula that gives one of *types*."""
        formula = read_formula(self.draft, scalar, self.plain, start=start)
        if formula is not None and not formula.checked.errors and not isinstance(formula.checked.type, types):
            message = f"this must be {wanted}, it is {in_words(formula.checked.type)}"
            place = self.draft.source.place_in(scalar, start, len(scalar.text))
            self.draft.report.add("wrong_result", place, message=message)
            return None
        return formula

    # How long ---------------------------------------------------------------------------------------------------------

    def _length(self, scalar: Scalar | None, *, may_be_formula: bool = True) -> TimerLength | None:
        if scalar is None:
            return None
        if may_be_formula and is_formula(scalar):
            formula = self._giving(scalar, 1, _LENGTHS, "a duration or a text such as '2 working days'")
            return TimerLength(scalar.text, None, formula) if formula is not None else None
        length = read_length(scalar.text)
        if length is None:
            self.draft.report.add(
                "bad_length", scalar.place, suggestion=meant_length(scalar.text), text=scalar.text[:60]
            )
            return None
        return TimerLength(scalar.text.strip(), length)

    def _repeat(self) -> TimerRepeat | None:
        tree = self.tree.get("repeat")
        if not isinstance(tree, Map):
            return None
        every, most = self._length(tree.scalar("every"), may_be_formula=False), tree.text("most")
        return TimerRepeat(every, int(most), tree.place) if every is not None and most else None

    def _calendar(self, lengths: list[TimerLength | None]) -> str | None:
        """Return the calendar that is named, or the only one where its lengths may need one."""
        needs = {found.in_working_time for found in lengths if found is not None}
        counts = True if True in needs else None if None in needs else False
        place = self.form.tree.map("timers").key_place(self.key)
        return calendar_of(self.draft, self.tree, place, counts=counts)

    def _time(self) -> time | None:
        scalar = self.tree.scalar("time")
        if scalar is None:
            return None
        read = _CLOCK.fullmatch(scalar.text.strip())
        if read is None:
            self.draft.report.add(
                "bad_value", scalar.place, text=scalar.text[:60], reason="is no time of a day such as 8:00"
            )
            return None
        return time(int(read[1]), int(read[2]))
