"""Takes the steps of a scenario, one function for each kind of step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from blankett.engine.language.model import ScenarioStep
from blankett.engine.records import Command
from blankett.engine.records.matched_lines import with_ids
from blankett.engine.records.write.samples import read_values
from blankett.engine.scenarios.expectations import EXPECTATIONS
from blankett.engine.scenarios.play import Made, Play, person_of
from blankett.engine.scenarios.stage import ORGANISATION, WORKSPACE


def play_steps(play: Play) -> None:
    """Take every step, and note what goes another way than it says."""
    for step in play.scenario.steps:
        if step.kind != "expect" and not (step.kind == "as" and play.refused):
            play.complain()
            play.last = None
        _STEPS[step.kind](play, step)
    play.complain()


def _be(play: Play, step: ScenarioStep) -> None:
    """Act as somebody else: ``anna (sales)``."""
    play.become(person_of(step.subject))


def _create(play: Play, step: ScenarioStep) -> None:
    """Make a record and stay at it."""
    form = play.find_form(step.subject)
    if form is None:
        play.miss(step, "create", "a form", step.subject)
        return
    values, problems = read_values(form.fields, step.values, play.names)
    command = Command(
        intent="", actor=play.actor, blueprint=form.blueprint, form=form.key, workspace=WORKSPACE, values=values
    )
    receipt = play.send(step, command, problems)
    if receipt is not None:
        play.here = Made(form.name, receipt.record)


def _go(play: Play, step: ScenarioStep) -> None:
    """Go to a record of a form by its key, number or title; else to the newest that the scenario made, else of the
    samples.
    """
    form = play.find_form(step.subject)
    if "record" in step.values:
        named = play.lookup.keys.get(form.name, {}).get(str(step.values["record"])) if form else None
        if form is None or named is None:
            play.miss(step, "on", f"the record {step.values['record']} of {step.subject}", "none")
            return
        play.here = Made(form.name, named)
        return
    made = [record for record in play.made if form is not None and record.form == form.name]
    if made:
        play.here = made[-1]
        return
    known = play.lookup.keys.get(form.name, {}) if form else {}
    if not known:
        play.miss(step, "on", f"a record of {step.subject}", "none")
        return
    play.here = Made(form.name if form else "", max(known.values()))


def _change(play: Play, step: ScenarioStep) -> None:
    """Change fields of the record at hand; lines by their position."""
    form = play.form
    if form is None or play.here is None:
        play.miss(step, "change", "a record at hand", "none")
        return
    values, problems = read_values(form.fields, step.values, play.names)
    with play.stage.store.reading() as reading:
        stored = reading.record(ORGANISATION, play.here.id)
    for key, value in values.items():
        lines = stored.data.get(key) if stored else None
        if form.fields[key].columns and isinstance(value, list) and isinstance(lines, list):
            values[key] = [*with_ids(value, lines)]
    play.send(step, play.command(values=values), problems)


def _do(play: Play, step: ScenarioStep) -> None:
    """Take an action on the record at hand."""
    form = play.form
    action = form.actions.get(step.subject) if form else None
    if form is None or action is None:
        play.miss(step, "do", "an action of the record at hand", step.subject)
        return
    inputs, problems = read_values(action.ask, step.values, play.names)
    problems = [replace(problem, path=("inputs", *problem.path)) for problem in problems]
    play.send(step, play.command(action=step.subject, inputs=inputs), problems)


def _comment(play: Play, step: ScenarioStep) -> None:
    """Comment on the record at hand."""
    if play.here is None:
        play.miss(step, "comment", "a record at hand", "none")
        return
    play.send(step, play.command(comment=step.subject), [])


def _wait(play: Play, step: ScenarioStep) -> None:
    """Let time pass."""
    hours = step.values.get("hours")
    play.stage.now += timedelta(hours=float(hours) if isinstance(hours, (int, float)) else 0)


def _expect(play: Play, step: ScenarioStep) -> None:
    """Compare what is with what the step says."""
    for key, wanted in step.values.items():
        EXPECTATIONS[key](play, step, wanted)


_STEPS: Mapping[str, Callable[[Play, ScenarioStep], None]] = {
    "as": _be,
    "create": _create,
    "on": _go,
    "change": _change,
    "do": _do,
    "comment": _comment,
    "wait": _wait,
    "expect": _expect,
}
