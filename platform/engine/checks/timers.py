"""Checks of timers: that each can run and do what it is to do, changes nothing that is finished, and that none let each
other act for ever with nobody between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blankett.engine.checks.subject import Subject
from blankett.engine.effects import StartEffect
from blankett.engine.language.form_formulas import every_effect
from blankett.engine.language.model import Action, Form, Place, Timer


def check_timers(subject: Subject) -> None:
    """Tell of timers that nothing starts, that can never act, that change what is final, or go round."""
    for form in subject.forms():
        if not subject.is_sound("forms", form.key):
            continue
        started = {effect.timer for effect in every_effect(form) if isinstance(effect, StartEffect)}
        for timer in form.timers.values():
            if timer.is_started and timer.key not in started:
                subject.report.add("timer_never_starts", timer.place, timer=timer.key)
            _check_states(subject, form, timer)
        _check_rounds(subject, form)


def _check_states(subject: Subject, form: Form, timer: Timer) -> None:
    """Tell of an action that no state of the timer allows, and of final states in which it changes the record."""
    states = [key for key in timer.states or () if key in form.states]
    if not states:
        return
    for effect, action in _own_actions(form, timer):
        if not set(states) & set(action.sources):
            subject.report.add(
                "timer_never_acts",
                effect,
                timer=timer.key,
                states=", ".join(states),
                action=action.key,
                sources=", ".join(action.sources),
            )
            return
    final = [key for key in states if form.states[key].final]
    changes = any(effect.given for effect in timer.then)
    if final and (changes or any(True for _ in _own_actions(form, timer))):
        subject.report.add("timer_in_final", timer.place, timer=timer.key, state=final[0])


def _own_actions(form: Form, timer: Timer) -> Iterator[tuple[Place, Action]]:
    """Yield (place, action) of the actions of its own record that a timer takes."""
    for effect in timer.then:
        if effect.takes is not None and effect.target is not None and effect.target.is_own:
            action = form.actions.get(effect.takes)
            if action is not None:
                yield effect.place, action


def _check_rounds(subject: Subject, form: Form) -> None:
    """Tell of timers that lead a record from one to another and back, whatever anybody does."""
    leads = {timer.key: tuple(_led_to(form, timer)) for timer in form.timers.values()}
    for key, timer in form.timers.items():
        trail = _back_to(key, leads)
        if trail and min(trail) == key:
            subject.report.add("timers_go_round", timer.place, timers=", ".join(trail))


def _led_to(form: Form, timer: Timer) -> Iterator[str]:
    """Yield the timers that surely begin anew by what a timer does: nothing keeps it from that, and no condition."""
    if timer.states is None or timer.unless is not None:
        return
    for _place, action in _own_actions(form, timer):
        if action.when is not None or action.during is not None or len(action.destinations) != 1:
            continue
        if action.destinations[0].when is not None or not set(timer.states) <= set(action.sources):
            continue
        to = action.destinations[0].to
        for other in form.timers.values():
            begins = other.states is not None and other.runs_by_state and to in other.states
            if begins and not set(timer.states) & set(other.states or ()):
                yield other.key


def _back_to(start: str, leads: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the timers on a way from *start* back to it; empty where there is none."""
    trails = [[start]]
    seen = {start}
    while trails:
        trail = trails.pop(0)
        for other in leads.get(trail[-1], ()):
            if other == start:
                return trail
            if other not in seen:
                seen.add(other)
                trails.append([*trail, other])
    return []
