"""One scenario under way: its steps are taken one by one, and what goes another way than it expects is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from blankett.engine.calendar import Calendar, read_length, read_local
from blankett.engine.fields.base import Fault
from blankett.engine.fields.base import TextReading as FieldReading
from blankett.engine.language.model import Blueprint, Form, Scenario, ScenarioPerson, ScenarioStep
from blankett.engine.language.source import YES_WORDS
from blankett.engine.paths import field_path
from blankett.engine.records import Command, FieldProblem, Receipt, Refusal
from blankett.engine.records.command import ApprovalAsk
from blankett.engine.records.matched_lines import match_lines, with_ids
from blankett.engine.records.read.record_view import Look, look_at, open_actions
from blankett.engine.records.timers import REFUSED, is_not_due, note_failure, timer_command
from blankett.engine.records.write.execution_log import execution_logged
from blankett.engine.records.write.samples import FullNames, read_value, read_values
from blankett.engine.scenarios.clock import HERE, ClockFault, after, moment_of
from blankett.engine.scenarios.results import Mismatch
from blankett.engine.scenarios.stage import ORGANISATION, WORKSPACE, Stage
from blankett.engine.store import Reading, StoredRecord
from blankett.engine.store.timers import TimerRow, due_timers, record_timers

#: Timers that act in one step, at most.
MOST_TIMERS = 1_000

# What is known while it plays: who acts, the record at hand, what was seen --------------------------------------------


@dataclass
class Made:
    """A record that the scenario has seen being made."""

    form: str
    id: str


@dataclass
class Play:
    """One scenario under way."""

    stage: Stage
    blueprint: Blueprint
    scenario: Scenario
    mismatches: list[Mismatch] = field(default_factory=list)
    taken: set[tuple[str, str]] = field(default_factory=set)
    #: (form, state) that records came to be in, (form, rule) that fired, and (form, way) that was taken.
    entered: set[tuple[str, str]] = field(default_factory=set)
    fired: set[tuple[str, str]] = field(default_factory=set)
    ways: set[tuple[str, str]] = field(default_factory=set)
    #: (form, timer) whose time came while time passed, and the keys of those of which nobody was asked yet.
    timed: set[tuple[str, str]] = field(default_factory=set)
    came_due: list[str] = field(default_factory=list)
    #: Keys of the rules that fired in the last step, and of those that warned.
    just_fired: frozenset[str] = frozenset()
    just_warned: frozenset[str] = frozenset()
    made: list[Made] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    #: The record at hand, and the last step when it was refused and nobody has expected that yet.
    here: Made | None = None
    refused: tuple[ScenarioStep, Refusal] | None = None
    #: The refusal an `expect` may speak of.
    last: Refusal | None = None

    def __post_init__(self) -> None:
        """Begin with the samples, and as whoever the scenario says."""
        self.lookup = self.stage.lookup.copy()
        self.names = FullNames(self.blueprint.key, self.lookup)
        self.people: dict[str, ScenarioPerson] = {}
        for step in reversed(self.scenario.steps):
            # Who acts later may be named before: a complaint is handed to somebody who then takes it up.
            if step.kind == "as":
                self.become(person_of(step.subject))
        self.become(self.scenario.as_)

    def complain(self) -> None:
        """Note a refusal that nobody expected."""
        if self.refused is not None:
            step, refusal = self.refused
            what = f"{step.kind} {step.subject}".strip()
            self.mismatches.append(
                Mismatch(step.place, what, "accepted", f"refused ({refusal.kind})", refusal.problems)
            )
            self.refused = None

    def miss(self, step: ScenarioStep, what: str, expected: object, found: object) -> None:
        """Note that something is not as the step expects."""
        self.mismatches.append(Mismatch(step.place, what, str(expected), str(found)))

    def become(self, person: ScenarioPerson) -> None:
        """Act as somebody from now on."""
        self.people[person.key] = person
        self.actor = self.stage.actor(person)

    @property
    def form(self) -> Form | None:
        """Return the form of the record at hand."""
        return self.find_form(self.here.form) if self.here else None

    def find_form(self, name: str) -> Form | None:
        """Return a form by its key or full name."""
        blueprint, _, key = (name if "." in name else f"{self.blueprint.key}.{name}").partition(".")
        found = self.stage.engine.catalog.versions.find((ORGANISATION, blueprint, 1))
        return found.blueprint.forms.get(key) if found else None

    def send(self, step: ScenarioStep, command: Command, problems: list[FieldProblem]) -> Receipt | None:
        """Hand a command to the engine and note what comes of it; None when it was refused."""
        self.just_fired = self.just_warned = frozenset()
        return self.carry_out(step, command, problems)

    def carry_out(self, step: ScenarioStep, command: Command, problems: list[FieldProblem]) -> Receipt | None:
        """Do the same with one of several commands of a step."""
        with execution_logged() as seen:
            answer = Refusal("invalid", tuple(problems)) if problems else self.stage.engine.apply(command)
        self.fired.update(seen.rules)
        self.ways.update(seen.ways)
        self.just_fired |= {key for _, key in seen.rules}
        if isinstance(answer, Refusal):
            self.refused, self.last = (step, answer), answer
            return None
        self.told.update(user for user, _ in answer.notified)
        self.just_warned |= {str(warning["key"]) for warning in answer.warnings}
        self.remember(answer)
        return answer

    def remember(self, receipt: Receipt) -> None:
        """Note the records a receipt tells of, so that steps can go to them and values can name them."""
        new = [] if "create" not in receipt.events else [receipt.record]
        with self.stage.store.reading() as reading:
            touched = reading.records(ORGANISATION, {receipt.record, *receipt.created, *receipt.changed})
            for id in (receipt.record, *receipt.created, *receipt.changed):
                stored = touched[id]
                if id in (*new, *receipt.created):
                    self.made.append(Made(stored.form_name, id))
                self.note(stored)
                if stored.state:
                    self.entered.add((stored.form_name, stored.state))
                for event in reading.events(ORGANISATION, id, limit=1):
                    actions = event.payload.get("actions")
                    self.taken.update(
                        (stored.form_name, str(key)) for key in (actions if isinstance(actions, list) else ())
                    )

    def note(self, stored: StoredRecord) -> None:
        """Let later values name the record: by its key, number, title, or as the newest of its form."""
        form = self.find_form(stored.form_name)
        if form is not None:
            self.lookup.note(form, stored.id, stored.data, stored.number, stored.title)
            newest = [made.id for made in self.made if made.form == stored.form_name]
            if newest:
                self.lookup.keys[form.name]["newest"] = newest[-1]

    def command(self, **parts: Any) -> Command:
        """Return a command on the record at hand."""
        assert self.here is not None
        blueprint, _, form = self.here.form.partition(".")
        return Command(intent="", actor=self.actor, blueprint=blueprint, form=form, record=self.here.id, **parts)


def person_of(text: str) -> ScenarioPerson:
    """Return the person of ``anna (sales)``."""
    name, _, rest = text.partition("(")
    return ScenarioPerson(
        name.strip(), frozenset(role.strip() for role in rest.rstrip(") ").split(",") if role.strip())
    )


# What a step may expect: one function for each key of `expect` --------------------------------------------------------


def expect_refused(play: Play, step: ScenarioStep, wanted: Any) -> None:
    """Compare what the last step was refused for."""
    play.refused = None
    if play.last is None:
        play.miss(step, "refused", wanted, "accepted")
    elif wanted not in refusal_names(play.last):
        found = ", ".join(sorted(refusal_names(play.last))) or play.last.kind
        play.mismatches.append(Mismatch(step.place, "refused", str(wanted), found, play.last.problems))


def expect_stored(play: Play, step: ScenarioStep, name: str, wanted: Any) -> None:
    """Compare a property of the record as it is stored."""
    with play.stage.store.reading() as reading:
        stored = reading.record(ORGANISATION, play.here.id) if play.here else None
    found = getattr(stored, name) if stored else None
    if (found or "") != ("" if wanted == "= null" else wanted):
        play.miss(step, name, wanted, found if found is not None else "nothing")


def expect_state(play: Play, step: ScenarioStep, wanted: Any) -> None:
    """Compare the state."""
    expect_stored(play, step, "state", wanted)


def expect_title(play: Play, step: ScenarioStep, wanted: Any) -> None:
    """Compare the title."""
    expect_stored(play, step, "title", wanted)


def expect_number(play: Play, step: ScenarioStep, wanted: Any) -> None:
    """Compare the number."""
    expect_stored(play, step, "number", wanted)


def expect_values(play: Play, step: ScenarioStep, wanted: Mapping[str, Any]) -> None:
    """Compare fields of the record at hand, live ones worked out; hidden ones keep their value."""
    form = play.form
    with play.stage.store.reading() as reading:
        look = _look(play, reading, authority=True)
        values = dict(look.situation.values) if look else {}
        for key, raw in wanted.items():
            of = form.fields.get(key) if form else None
            expected = read_value(of, raw, FieldReading(lookup=play.names)) if of else None
            found = values.get(key)
            if of is not None and of.type.runs_by_itself:
                found = of.type.in_formulas(found, HERE)
            if of is None or isinstance(expected, Fault) or not _matches(expected, found):
                shown = of.type.to_api(found, of) if of is not None and found is not None else "nothing"
                play.miss(step, f"values.{key}", raw, shown)


def expect_can(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the actions that could be taken now; an empty list says that none can."""
    found = _open_actions(play)
    missing = sorted(set(wanted) - found)
    if missing:
        play.miss(step, "can", ", ".join(missing), ", ".join(sorted(found)) or "nothing")
    if not wanted and found:
        play.miss(step, "can", "nothing", ", ".join(sorted(found)))


def expect_cannot(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the actions that cannot be taken now."""
    found = sorted(set(wanted) & _open_actions(play))
    if found:
        play.miss(step, "cannot", ", ".join(found), "they can be taken")


def expect_hidden(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare what the person does not see: hidden by the form, or closed to them."""
    with play.stage.store.reading() as reading:
        look = _look(play, reading)
        seen = [name for name in wanted if look is not None and _is_seen(look, tuple(name.split(".")))]
    if seen:
        play.miss(step, "hidden", ", ".join(seen), "shown")


def expect_notified(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare who was told since the last time this was asked: people, or holders of roles."""
    told, play.told = play.told, set()
    found = {*told, *(role for role in play.blueprint.roles if any(_holds(play, user, role) for user in told))}
    missing = [name for name in wanted if name not in found]
    if missing:
        play.miss(step, "notified", ", ".join(missing), ", ".join(sorted(told)) or "nobody")
    if not wanted and told:
        play.miss(step, "notified", "nobody", ", ".join(sorted(told)))


def expect_waiting_for(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare who must decide about the record now: each role and person that is told, and nobody else."""
    with play.stage.store.reading() as reading:
        tasks = reading.tasks_for(ORGANISATION, play.here.id) if play.here else []
    asked = {task.user for task in tasks if task.kind == "decide"}
    by_name = {name: {user for user in asked if user == name or _holds(play, user, name)} for name in wanted}
    missing = [name for name in wanted if not by_name[name]]
    others = sorted(asked.difference(*by_name.values()))
    if missing or others:
        play.miss(step, "waiting_for", ", ".join(wanted) or "nobody", ", ".join(sorted(asked)) or "nobody")


def expect_fired(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the rules that fired in the last step; an empty list says that none did."""
    _expect_rules(play, step, "fired", wanted, play.just_fired)


def expect_warned(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the rules that warned in the last step; an empty list says that none did."""
    _expect_rules(play, step, "warned", wanted, play.just_warned)


def _expect_rules(play: Play, step: ScenarioStep, what: str, wanted: Sequence[str], found: frozenset[str]) -> None:
    missing = [key for key in wanted if key not in found]
    if missing:
        play.miss(step, what, ", ".join(missing), ", ".join(sorted(found)) or "none")
    if not wanted and found:
        play.miss(step, what, "none", ", ".join(sorted(found)))


def expect_came_due(play: Play, step: ScenarioStep, wanted: Sequence[str]) -> None:
    """Compare the timers that acted when time passed last; an empty list says that none did."""
    missing = [key for key in wanted if key not in play.came_due]
    if missing or (not wanted and play.came_due):
        play.miss(step, "came_due", ", ".join(missing) or "none", ", ".join(play.came_due) or "none")


def expect_timers(play: Play, step: ScenarioStep, wanted: Mapping[str, Any]) -> None:
    """Compare when timers of the record at hand are due next, or what became of them."""
    with play.stage.store.reading() as reading:
        rows = record_timers(reading, ORGANISATION, play.here.id) if play.here else []
        zone = _zone(play, reading)
    found = {
        row.key: f"{row.look_at.astimezone(zone):%Y-%m-%d %H:%M}" if row.state == "pending" else row.state
        for row in rows
    }
    for key, said in wanted.items():
        local = read_local(str(said))
        expected = f"{local:%Y-%m-%d %H:%M}" if local is not None else said
        if found.get(key, "no") != expected:
            play.miss(step, f"timers.{key}", expected, found.get(key, "no"))


def _zone(play: Play, reading: Reading) -> tzinfo:
    """Return the zone of the only calendar; where there is none, or several, that of the stage."""
    calendars = list(play.blueprint.calendars)
    only = reading.working_calendar(ORGANISATION, calendars[0]) if len(calendars) == 1 else None
    return only.zone if only is not None else HERE


def expect_records(play: Play, step: ScenarioStep, wanted: Mapping[str, Any]) -> None:
    """Compare how many records of each form the scenario has made."""
    for key, count in wanted.items():
        form = play.find_form(key)
        found = sum(1 for made in play.made if form is not None and made.form == form.name)
        if str(found) != str(count):
            play.miss(step, f"records.{key}", count, found)


def _holds(play: Play, user: str, role: str) -> bool:
    person = play.people.get(user, ScenarioPerson(user, frozenset({user})))
    return role in play.blueprint.closed_roles(person.roles)


def _open_actions(play: Play) -> frozenset[str]:
    with play.stage.store.reading() as reading:
        look = _look(play, reading)
        return open_actions(look) if look is not None else frozenset()


def _look(play: Play, reading: Reading, *, authority: bool = False) -> Look | None:
    unit = play.stage.engine.unit(reading, play.actor)
    stored = unit.linked.record(play.here.id) if play.here else None
    return look_at(unit, stored, authority=authority) if stored is not None else None


def refusal_names(refusal: Refusal) -> frozenset[str]:
    """Return what a scenario may call a refusal: its checks, fields (also ``lines.price``), action, or guard, access,
    stale.
    """
    kinds = {"forbidden": "access", "missing": "access", "guard": "guard", "stale": "stale", "state": "guard"}
    names = {kinds[refusal.kind]} if refusal.kind in kinds else set()
    for problem in refusal.problems:
        names.update(filter(None, (problem.key, *problem.path[:1], problem.path[-1] if problem.path else "")))
        if len(problem.path) == 3:
            names.add(".".join(field_path(problem.path)))
        if problem.message.startswith("need."):
            names.add("guard")
    return frozenset(names)


def _matches(expected: Any, found: Any) -> bool:
    """Tell whether a value is as expected; of lines, only the columns the scenario names are compared."""
    if not isinstance(expected, list):
        return bool(expected == found)
    if not isinstance(found, list) or len(found) != len(expected):
        return False
    matched = match_lines(found, with_ids(expected, found))
    return all(all(line.before.get(key) == value for key, value in line.now.items()) for line in matched)


def _is_seen(look: Look, path: tuple[str, ...]) -> bool:
    if not look.permit.can_read(path):
        return False
    if path[0] in look.situation.hidden:
        return False
    if len(path) == 1:
        return True
    lines = look.situation.lines.get(path[0], ())
    return any(f"{path[0]}/{line.id}/{path[1]}" not in look.situation.hidden for line in lines)


EXPECTATIONS: Mapping[str, Callable[[Play, ScenarioStep, Any], None]] = {
    "refused": expect_refused,
    "state": expect_state,
    "values": expect_values,
    "can": expect_can,
    "cannot": expect_cannot,
    "title": expect_title,
    "number": expect_number,
    "hidden": expect_hidden,
    "notified": expect_notified,
    "waiting_for": expect_waiting_for,
    "fired": expect_fired,
    "warned": expect_warned,
    "records": expect_records,
    "came_due": expect_came_due,
    "timers": expect_timers,
}


# Steps: one function for each kind ------------------------------------------------------------------------------------


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


def _decide(play: Play, step: ScenarioStep) -> None:
    """Do something about the approval that the record at hand waits for."""
    if play.here is None:
        play.miss(step, "decide", "a record at hand", "none")
        return
    said = {key: str(value) for key, value in step.values.items()}
    question = _open_question(play) if step.subject == "answer" else 0
    whom = person_of(said["whom"]) if "whom" in said else None
    if whom is not None and whom.key not in play.people:
        play.people[whom.key] = whom
        play.stage.actor(whom)
    until = read_local(f"{said['until']} 00:00") if "until" in said else None
    ask = ApprovalAsk(
        verb=step.subject,
        step=said.get("step", ""),
        comment=said.get("comment", ""),
        to=said.get("to", ""),
        then="straight" if said.get("straight") in YES_WORDS else "rerun",
        users=(whom.key,) if whom is not None else (),
        question=question,
        until=until.date() if isinstance(until, datetime) else None,
    )
    play.send(step, play.command(approval=ask), [])


def _open_question(play: Play) -> int:
    """Return the number of the question that waits for the person, 0 for none."""
    with play.stage.store.reading() as reading:
        tasks = reading.tasks_for(ORGANISATION, play.here.id) if play.here else []
    asked = (task.part for task in tasks if task.kind == "answer" and task.user == play.actor.user)
    return next(asked, 0)


def _comment(play: Play, step: ScenarioStep) -> None:
    """Comment on the record at hand."""
    if play.here is None:
        play.miss(step, "comment", "a record at hand", "none")
        return
    play.send(step, play.command(comment=step.subject), [])


def _wait(play: Play, step: ScenarioStep) -> None:
    """Let so much time pass."""
    length = read_length(step.subject)
    if length is not None:
        _pass_time(play, step, after(play.stage.now, length, _calendar_of(play, step)))


def _wait_until(play: Play, step: ScenarioStep) -> None:
    """Let time pass until a moment."""
    local, calendar = read_local(step.subject), _calendar_of(play, step)
    if local is not None:
        _pass_time(play, step, moment_of(play.stage.now, local, calendar.zone if calendar is not None else HERE))


def _calendar_of(play: Play, step: ScenarioStep) -> Calendar | None:
    with play.stage.store.reading() as reading:
        key = step.values.get("calendar")
        return reading.working_calendar(ORGANISATION, key) if isinstance(key, str) else None


def _pass_time(play: Play, step: ScenarioStep, until: datetime | ClockFault) -> None:
    """Let time pass until a moment; timers that are due on the way act in order, each at its own moment."""
    if isinstance(until, ClockFault):
        play.miss(step, f"{step.kind} {step.subject}", until.expected, until.found)
        return
    play.just_fired = play.just_warned = frozenset()
    play.came_due.clear()
    for _ in range(MOST_TIMERS):
        with play.stage.store.reading() as reading:
            due = due_timers(reading, ORGANISATION, until, 1)
        if not due:
            break
        play.stage.now = max(play.stage.now, due[0].look_at)
        _let_act(play, step, due[0])
    else:
        play.miss(step, f"{step.kind} {step.subject}", f"at most {MOST_TIMERS} timers that act in one step", "more")
    play.stage.now = until


def _let_act(play: Play, step: ScenarioStep, row: TimerRow) -> None:
    """Carry a timer out, as a worker does; one that is refused is tried again later, as there."""
    with play.stage.store.reading() as reading:
        stored = reading.record(ORGANISATION, row.record)
    receipt = play.carry_out(replace(step, kind="timer", subject=row.key), timer_command(row), [])
    if receipt is not None:
        play.came_due.append(row.key)
        if stored is not None:
            play.timed.add((stored.form_name, row.key))
    elif play.last is not None and is_not_due(play.last):
        play.refused = play.last = None
    else:
        note_failure(play.stage.store, row, REFUSED, "", play.stage.now)


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
    "decide": _decide,
    "comment": _comment,
    "wait": _wait,
    "at": _wait_until,
    "expect": _expect,
}
