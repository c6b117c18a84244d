"""Checks of states and actions: one start, every state reachable, no dead end, no action that nobody can take."""

from __future__ import annotations

from collections.abc import Iterator

from blankett.engine.checks.subject import Subject
from blankett.engine.language.form_formulas import every_effect, reached_form
from blankett.engine.language.loader.process import distances
from blankett.engine.language.model import Action, Form, State


def check_process(subject: Subject) -> None:
    """Tell what is wrong with the states and actions of each form."""
    for form in subject.forms():
        states_path = ("forms", form.key, "states")
        if form.actions and not form.states and subject.is_sound(*states_path):
            subject.report.add("no_states", subject.place("forms", form.key, "actions"), form=form.key)
        if not form.states:
            continue
        _check_start(subject, form)
        if subject.is_sound(*states_path) and subject.is_sound("forms", form.key, "actions"):
            _check_reach(subject, form)
        _check_final(subject, form)


def _check_start(subject: Subject, form: Form) -> None:
    starts = [state for state in form.states.values() if state.start]
    if not starts and subject.is_sound("forms", form.key, "states"):
        subject.report.add("no_start", subject.place("forms", form.key, "states"), form=form.key)
    for state in starts[1:]:
        subject.report.add("several_starts", state.place, state=state.key, first=starts[0].key)
    for state in starts:
        if state.final:
            subject.report.add("start_is_final", state.place, state=state.key)


def ways(form: Form) -> dict[str, frozenset[str]]:
    """Return {state: states an action leads to from it}."""
    found: dict[str, set[str]] = {key: set() for key in form.states}
    for action in form.actions.values():
        for source, to in action.steps_between():
            if source in found:
                found[source].add(to)
    return {key: frozenset(targets) for key, targets in found.items()}


def _check_reach(subject: Subject, form: Form) -> None:
    start = form.start
    if start is None:
        return
    there = ways(form)
    states = [state for state in form.states.values() if not state.retired]
    if states == [start] and not there[start.key] - {start.key} and not start.final:
        with subject.report.sparing():
            subject.report.add("only_state", start.place, state=start.key, form=form.key)
    reached = distances([start.key], there)
    for state in form.states.values():
        if state.retired:
            continue
        if state.key not in reached:
            subject.report.add("unreachable_state", state.place, state=state.key, start=start.key)
        elif not state.final and not there[state.key] - {state.key} and len(form.states) > 1:
            subject.report.add("dead_end", state.place, state=state.key)


def _check_final(subject: Subject, form: Form) -> None:
    for action in form.actions.values():
        for source in action.sources:
            state: State | None = form.states.get(source)
            leads_on = set(action.targets) - {source} or action.during
            if state is not None and state.final and not state.start and leads_on:
                place = subject.place("forms", form.key, "actions", action.key, "from")
                subject.report.add("action_from_final", place, action=action.key, state=source)


def check_takers(subject: Subject) -> None:
    """Tell of actions that nobody may take and no effect takes."""
    if not subject.is_sound("forms"):
        return
    taken = {
        (reached_form(form, effect.target), effect.takes)
        for form in subject.forms()
        for effect in every_effect(form)
        if effect.takes is not None and effect.target is not None
    }
    for form in subject.forms():
        for action in form.actions.values():
            if action.by.is_nobody and (form.name, action.key) not in taken:
                subject.report.add("nobody_takes", action.place, action=action.key)


def check_made_again(subject: Subject) -> None:
    """Warn of records made for each of a list by an action that leaves its record where it may be taken again."""
    for form in subject.forms():
        for action in form.actions.values():
            stays = not action.targets or not set(action.targets).isdisjoint(action.sources)
            if stays and action.when is None:
                for effect in action.effects:
                    if effect.makes_again and effect.when is None:
                        subject.report.add("made_again", effect.place, action=action.key)


def taken_actions(subject: Subject) -> Iterator[tuple[str, str, Form, Action]]:
    """Yield (full form name, action) that an effect takes, with the form and the action that take it."""
    for form in subject.forms():
        for action in form.actions.values():
            for effect in action.effects:
                if effect.takes is not None and effect.target is not None:
                    yield reached_form(form, effect.target), effect.takes, form, action


def check_act_cycles(subject: Subject) -> None:
    """Tell of actions that take each other in a circle."""
    steps: dict[tuple[str, str], list[tuple[str, str]]] = {}
    places = {}
    for name, taken, form, action in taken_actions(subject):
        steps.setdefault((form.name, action.key), []).append((name, taken))
        places[form.name, action.key] = action.place
    for start in steps:
        trail = _back_to(start, steps)
        if trail and min(trail) == start:
            names = " → ".join(f"{name.partition('.')[2]}.{key}" for name, key in [*trail, start])
            subject.report.add("act_cycle", places[start], names=names)


def _back_to(
    start: tuple[str, str], steps: dict[tuple[str, str], list[tuple[str, str]]]
) -> list[tuple[str, str]] | None:
    """Return the shortest way from *start* back to it, or None."""
    before: dict[tuple[str, str], tuple[str, str]] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop(0)
        for there in steps.get(here, ()):
            if there == start:
                trail = [here]
                while trail[-1] != start:
                    trail.append(before[trail[-1]])
                return trail[::-1]
            if there not in before:
                before[there] = here
                waiting.append(there)
    return None


def check_unfillable(subject: Subject) -> None:
    """Tell of required fields, and of tables whose lines are fixed, that nobody can fill and nothing fills."""
    if not subject.is_sound("forms"):
        return
    given = set(_given_fields(subject))
    for form in subject.forms():
        for field in form.fields.values():
            fills = (field.compute, field.fill, field.default)
            is_open = field.required is True and field.editable is False and not any(fills)
            if is_open and (form.name, field.key) not in given:
                subject.report.add("never_filled", field.place, field=field.key)
            elif field.is_fixed and (form.name, field.key) not in given:
                subject.report.add("fixed_never_filled", field.place, field=field.key)


def check_table_values(subject: Subject) -> None:
    """Tell of tables whose lines a formula of the field should give (lines come from people and from effects), and of
    lines that should be unique.
    """
    for form in subject.forms():
        for field in form.fields.values():
            for key in ("compute", "fill", "default") if field.columns else ():
                if getattr(field, key) is not None:
                    place = subject.place("forms", form.key, "fields", field.key, key)
                    subject.report.add("table_value", place, key=key, field=field.key)
            for of in (field, *field.columns.values()) if field.columns else ():
                if of.unique:
                    inside = tuple(part for name in of.path for part in ("fields", name))
                    place = subject.place("forms", form.key, *inside, "unique")
                    subject.report.add("unique_lines", place, field=of.key, table=field.key)


def check_unique(subject: Subject) -> None:
    """Tell of values that are to be unique and that no record holds."""
    for form in subject.forms():
        for key, fields in form.unique.items():
            for field in (form.fields[name] for name in fields if name in form.fields):
                if not field.is_stored:
                    place = subject.place("forms", form.key, "unique", key)
                    subject.report.add("unique_not_stored", place, field=field.key)


def _given_fields(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield (full form name, field) for every field an effect gives a value."""
    for form in subject.forms():
        for effect in every_effect(form):
            reached = reached_form(form, effect.target) if effect.target is not None else ""
            for name, keys in effect.writes(form.name, reached):
                yield from ((name, key) for key in keys)
