"""Checks of timers: that something lets each of them run."""

from __future__ import annotations

from blankett.engine.checks.subject import Subject
from blankett.engine.effects import StartEffect
from blankett.engine.language.form_formulas import every_effect


def check_timers(subject: Subject) -> None:
    """Tell of timers that only an effect could start, and none does."""
    for form in subject.forms():
        if not subject.is_sound("forms", form.key):
            continue
        started = {effect.timer for effect in every_effect(form) if isinstance(effect, StartEffect)}
        for timer in form.timers.values():
            if timer.is_started and timer.key not in started:
                subject.report.add("timer_never_starts", timer.place, timer=timer.key)
