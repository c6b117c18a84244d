"""Run the scenarios of a blueprint: its own tests, on the real engine over a store in memory.

The samples are made once; each scenario then runs in a transaction that is undone, at a fixed moment, with ids that
count. What comes back is data: what passed, what failed and where, which actions were taken.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from blankett.engine.access import Actor
from blankett.engine.blueprint.model import Blueprint, Form, Person, Place, Scenario, Step
from blankett.engine.fields.base import Fault
from blankett.engine.fields.base import Reading as FieldReading
from blankett.engine.runtime import Command, Engine, FieldProblem, Receipt, Refusal, SampleLookup, load_samples
from blankett.engine.runtime.opening import Look, look_at, open_actions
from blankett.engine.runtime.samples import FullNames, read_value, read_values
from blankett.engine.store import (
    Member,
    Organisation,
    Rate,
    SlotMap,
    Store,
    StoredBlueprint,
    StoredRecord,
    StoredUser,
    StoredVersion,
    Workspace,
    Writing,
    give_slots,
    wanted_slots,
)

#: When every scenario begins: a Monday morning.
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
#: One euro is so much of other currencies, on every day of a scenario.
RATES: Mapping[str, Decimal] = {
    "DKK": Decimal("7.46"),
    "NOK": Decimal("11.72"),
    "SEK": Decimal("11.10"),
    "CNY": Decimal("8.24"),
    "USD": Decimal("1.16"),
    "GBP": Decimal("0.87"),
    "CHF": Decimal("0.94"),
    "PLN": Decimal("4.25"),
    "JPY": Decimal("170"),
}
ORGANISATION = "scenarios"
WORKSPACE = "home"
#: Who makes the samples.
AUTHOR = Person("author", frozenset())


@dataclass(frozen=True)
class Mismatch:
    """Where a scenario went another way than it says."""

    place: Place
    #: What was looked at: ``state``, ``values.total``, ``refused``, ``do submit``.
    what: str
    expected: str
    found: str
    #: What the engine refused, when it did.
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario went."""

    name: str
    place: Place
    mismatches: tuple[Mismatch, ...]
    #: (form's full name, action) that were taken.
    actions: frozenset[tuple[str, str]]
    seconds: float

    @property
    def passed(self) -> bool:
        """Tell whether everything went as the scenario says."""
        return not self.mismatches


@dataclass(frozen=True)
class ScenarioReport:
    """How the scenarios of a blueprint went."""

    blueprint: Blueprint
    results: tuple[ScenarioResult, ...]
    #: What is wrong with the samples; then no scenario ran.
    samples: tuple[Mismatch, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether all went well."""
        return not self.samples and all(result.passed for result in self.results)

    @property
    def untaken(self) -> tuple[tuple[str, str], ...]:
        """Return (form's full name, action) of the actions that no scenario took, in the author's order."""
        taken = frozenset[tuple[str, str]]().union(*(result.actions for result in self.results))
        every = ((form.name, action) for form in self.blueprint.forms.values() for action in form.actions)
        return tuple(pair for pair in every if pair not in taken)


class _Undo(BaseException):
    """Leaves the transaction of a scenario so that it is undone; nothing in between may catch it."""


def run_scenarios(
    blueprint: Blueprint, others: Sequence[Blueprint] = (), *, only: Callable[[str], bool] = lambda name: True
) -> ScenarioReport:
    """Run the scenarios whose name *only* takes. *others*: blueprints whose forms this one links to, with their
    samples.
    """
    stage = Stage()
    wrong: list[Mismatch] = []
    for published in (*others, blueprint):
        wrong += stage.publish(published)
    if wrong:
        return ScenarioReport(blueprint, (), tuple(wrong))
    results = tuple(_run(stage, blueprint, scenario) for scenario in blueprint.scenarios if only(scenario.name))
    stage.store.close()
    return ScenarioReport(blueprint, results)


def _run(stage: Stage, blueprint: Blueprint, scenario: Scenario) -> ScenarioResult:
    began = time.perf_counter()
    play = Play(stage, blueprint, scenario)
    try:
        with stage.store.writing():
            play.run()
            raise _Undo
    except _Undo:
        pass
    stage.now = MOMENT
    seconds = time.perf_counter() - began
    return ScenarioResult(scenario.name, scenario.place, tuple(play.mismatches), frozenset(play.taken), seconds)


# The stage ------------------------------------------------------------------------------------------------------------


class Stage:
    """A store in memory with an organisation, one workspace and the published blueprints with their samples."""

    def __init__(self) -> None:
        self.now = MOMENT
        counter = itertools.count(1)
        self.store = Store("sqlite://", new_salt=lambda: "salt")
        self.store.create_schema()
        self.engine = Engine(self.store, lambda: self.now, lambda at: f"{next(counter):026d}")
        self.lookup = SampleLookup(self.find_person)
        self.roles: frozenset[str] = frozenset()
        with self.store.writing() as writing:
            writing.put_organisation(Organisation(id=ORGANISATION, title="Scenarios", created_at=MOMENT))
            writing.put_workspace(Workspace(organisation=ORGANISATION, id=WORKSPACE, title="Home"))
            for target, value in RATES.items():
                writing.put_rate(ORGANISATION, Rate("EUR", target, (MOMENT - timedelta(days=3_650)).date(), value))

    def publish(self, blueprint: Blueprint) -> list[Mismatch]:
        """Publish a blueprint as its first version and make its samples; return what is wrong with them."""
        with self.store.writing() as writing:
            _insert(writing, blueprint)
        key = (ORGANISATION, blueprint.key, 1)
        self.engine.catalog.blueprints[key] = blueprint
        for role in blueprint.roles.values():
            # Somebody of each role, so that who is told does not depend on who acts.
            self.put_person(Person(role.key, frozenset({role.key})))
        author = self.actor(AUTHOR)
        problems = load_samples(self.engine, author, blueprint, WORKSPACE, self.lookup)
        return [
            Mismatch(wrong.sample.place, f"sample of {wrong.sample.form}", "accepted", "refused", (wrong.problem,))
            for wrong in problems
        ]

    def put_person(self, person: Person) -> None:
        """Make somebody a member of the workspace with their roles, and no others."""
        with self.store.writing() as writing:
            if writing.user(ORGANISATION, person.key) is None:
                writing.insert_user(_user(person.key))
            writing.put_member(
                Member(organisation=ORGANISATION, workspace=WORKSPACE, user=person.key, roles=person.roles)
            )

    def find_person(self, name: str) -> str:
        """Return the user called *name*, made when they are first named."""
        with self.store.writing() as writing:
            if writing.user(ORGANISATION, name) is None:
                writing.insert_user(_user(name))
        return name

    def actor(self, person: Person) -> Actor:
        """Return somebody as the engine knows them."""
        self.put_person(person)
        user = _user(person.key)
        return Actor(
            organisation=ORGANISATION, user=user.id, name=user.name, email=user.email, roles={WORKSPACE: person.roles}
        )


def _insert(writing: Writing, blueprint: Blueprint) -> None:
    writing.insert_blueprint(
        StoredBlueprint(
            organisation=ORGANISATION, key=blueprint.key, workspace=WORKSPACE, created_at=MOMENT, created_by=AUTHOR.key
        )
    )
    writing.insert_version(
        StoredVersion(
            organisation=ORGANISATION, blueprint=blueprint.key, number=1, at=MOMENT, by=AUTHOR.key,
            source=blueprint.source, canonical="{}", positions="{}", digest=blueprint.digest,
        )
    )  # fmt: skip
    for form in blueprint.forms.values():
        given = give_slots(SlotMap(), wanted_slots(blueprint, form), {}, ready=True)
        writing.put_slots(ORGANISATION, blueprint.key, form.key, given.new)


def _user(name: str) -> StoredUser:
    email = "".join(letter if letter.isalnum() else "." for letter in name.casefold())
    return StoredUser(
        organisation=ORGANISATION,
        id=name,
        email=f"{email}@scenario.example",
        name=name,
        created_at=MOMENT,
        changed_at=MOMENT,
    )


# Playing --------------------------------------------------------------------------------------------------------------


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
    made: list[Made] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    #: The record at hand, and the last step when it was refused and nobody has expected that yet.
    here: Made | None = None
    refused: tuple[Step, Refusal] | None = None
    #: The refusal an `expect` may speak of.
    last: Refusal | None = None

    def run(self) -> None:
        """Take every step, and note what goes another way than it says."""
        self.lookup = self.stage.lookup.copy()
        self.names = FullNames(self.blueprint.key, self.lookup)
        self.people: dict[str, Person] = {}
        for step in reversed(self.scenario.steps):
            # Who acts later may be named before: a complaint is handed to somebody who then takes it up.
            if step.kind == "as":
                self.become(person_of(step.subject))
        self.become(self.scenario.as_)
        for step in self.scenario.steps:
            if step.kind != "expect" and not (step.kind == "as" and self.refused):
                self.complain()
                self.last = None
            STEPS[step.kind](self, step)
        self.complain()

    def complain(self) -> None:
        """Note a refusal that nobody expected."""
        if self.refused is not None:
            step, refusal = self.refused
            what = f"{step.kind} {step.subject}".strip()
            self.mismatches.append(
                Mismatch(step.place, what, "accepted", f"refused ({refusal.kind})", refusal.problems)
            )
            self.refused = None

    def miss(self, step: Step, what: str, expected: object, found: object) -> None:
        """Note that something is not as the step expects."""
        self.mismatches.append(Mismatch(step.place, what, str(expected), str(found)))

    def become(self, person: Person) -> None:
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
        found = self.stage.engine.catalog.blueprints.get((ORGANISATION, blueprint, 1))
        return found.forms.get(key) if found else None

    def send(self, step: Step, command: Command, problems: list[FieldProblem]) -> Receipt | None:
        """Hand a command to the engine and note what comes of it; None when it was refused."""
        answer = Refusal("invalid", tuple(problems)) if problems else self.stage.engine.apply(command)
        if isinstance(answer, Refusal):
            self.refused, self.last = (step, answer), answer
            return None
        self.told.update(user for user, _ in answer.notified)
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

    # Steps ------------------------------------------------------------------------------------------------------------

    def be(self, step: Step) -> None:
        """Act as somebody else: ``anna (sales)``."""
        self.become(person_of(step.subject))

    def create(self, step: Step) -> None:
        """Make a record and stay at it."""
        form = self.find_form(step.subject)
        if form is None:
            self.miss(step, "create", "a form", step.subject)
            return
        values, problems = read_values(form.fields, step.values, self.names)
        command = Command(
            intent="", actor=self.actor, blueprint=form.blueprint, form=form.key, workspace=WORKSPACE, values=values
        )
        receipt = self.send(step, command, problems)
        if receipt is not None:
            self.here = Made(form.name, receipt.record)

    def go(self, step: Step) -> None:
        """Go to the newest record of a form that the scenario made, else of the samples."""
        form = self.find_form(step.subject)
        made = [record for record in self.made if form is not None and record.form == form.name]
        if made:
            self.here = made[-1]
            return
        known = self.lookup.keys.get(form.name, {}) if form else {}
        if not known:
            self.miss(step, "on", f"a record of {step.subject}", "none")
            return
        self.here = Made(form.name if form else "", max(known.values()))

    def change(self, step: Step) -> None:
        """Change fields of the record at hand; lines by their position."""
        form = self.form
        if form is None or self.here is None:
            self.miss(step, "change", "a record at hand", "none")
            return
        values, problems = read_values(form.fields, step.values, self.names)
        with self.stage.store.reading() as reading:
            stored = reading.record(ORGANISATION, self.here.id)
        for key, value in values.items():
            lines = stored.data.get(key) if stored else None
            if form.fields[key].columns and isinstance(value, list) and isinstance(lines, list):
                values[key] = [_with_id(line, position, lines) for position, line in enumerate(value)]
        self.send(step, self.command(values=values), problems)

    def do(self, step: Step) -> None:
        """Take an action on the record at hand."""
        form = self.form
        action = form.actions.get(step.subject) if form else None
        if form is None or action is None:
            self.miss(step, "do", "an action of the record at hand", step.subject)
            return
        inputs, problems = read_values(action.ask, step.values, self.names)
        problems = [replace(problem, path=("inputs", *problem.path)) for problem in problems]
        self.send(step, self.command(action=step.subject, inputs=inputs), problems)

    def comment(self, step: Step) -> None:
        """Comment on the record at hand."""
        if self.here is None:
            self.miss(step, "comment", "a record at hand", "none")
            return
        self.send(step, self.command(comment=step.subject), [])

    def wait(self, step: Step) -> None:
        """Let time pass."""
        hours = step.values.get("hours")
        self.stage.now += timedelta(hours=float(hours) if isinstance(hours, (int, float)) else 0)

    def expect(self, step: Step) -> None:
        """Compare what is with what the step says."""
        for key, wanted in step.values.items():
            EXPECTATIONS[key](self, step, wanted)

    # Expectations -----------------------------------------------------------------------------------------------------

    def expect_refused(self, step: Step, wanted: Any) -> None:
        """Compare what the last step was refused for."""
        self.refused = None
        if self.last is None:
            self.miss(step, "refused", wanted, "accepted")
        elif wanted not in refusal_names(self.last):
            found = ", ".join(sorted(refusal_names(self.last))) or self.last.kind
            self.mismatches.append(Mismatch(step.place, "refused", str(wanted), found, self.last.problems))

    def expect_stored(self, step: Step, name: str, wanted: Any) -> None:
        """Compare a property of the record as it is stored."""
        with self.stage.store.reading() as reading:
            stored = reading.record(ORGANISATION, self.here.id) if self.here else None
        found = getattr(stored, name) if stored else None
        if (found or "") != ("" if wanted == "= null" else wanted):
            self.miss(step, name, wanted, found if found is not None else "nothing")

    def expect_state(self, step: Step, wanted: Any) -> None:
        """Compare the state."""
        self.expect_stored(step, "state", wanted)

    def expect_title(self, step: Step, wanted: Any) -> None:
        """Compare the title."""
        self.expect_stored(step, "title", wanted)

    def expect_number(self, step: Step, wanted: Any) -> None:
        """Compare the number."""
        self.expect_stored(step, "number", wanted)

    def expect_values(self, step: Step, wanted: Mapping[str, Any]) -> None:
        """Compare fields of the record at hand, live ones worked out; hidden ones keep their value."""
        form = self.form
        with self.stage.store.reading() as reading:
            look = self._look(reading, authority=True)
            values = dict(look.situation.values) if look else {}
            for key, raw in wanted.items():
                of = form.fields.get(key) if form else None
                expected = read_value(of, raw, FieldReading(lookup=self.names)) if of else None
                found = values.get(key)
                if of is None or isinstance(expected, Fault) or not _matches(expected, found):
                    shown = of.type.to_api(found, of) if of is not None and found is not None else "nothing"
                    self.miss(step, f"values.{key}", raw, shown)

    def expect_can(self, step: Step, wanted: Sequence[str]) -> None:
        """Compare the actions that could be taken now; an empty list says that none can."""
        found = self._open_actions()
        missing = sorted(set(wanted) - found)
        if missing:
            self.miss(step, "can", ", ".join(missing), ", ".join(sorted(found)) or "nothing")
        if not wanted and found:
            self.miss(step, "can", "nothing", ", ".join(sorted(found)))

    def expect_cannot(self, step: Step, wanted: Sequence[str]) -> None:
        """Compare the actions that cannot be taken now."""
        found = sorted(set(wanted) & self._open_actions())
        if found:
            self.miss(step, "cannot", ", ".join(found), "they can be taken")

    def expect_hidden(self, step: Step, wanted: Sequence[str]) -> None:
        """Compare what the person does not see: hidden by the form, or closed to them."""
        with self.stage.store.reading() as reading:
            look = self._look(reading)
            seen = [name for name in wanted if look is not None and _is_seen(look, tuple(name.split(".")))]
        if seen:
            self.miss(step, "hidden", ", ".join(seen), "shown")

    def expect_notified(self, step: Step, wanted: Sequence[str]) -> None:
        """Compare who was told since the last time this was asked: people, or holders of roles."""
        told, self.told = self.told, set()
        found = {*told, *(role for role in self.blueprint.roles if any(self._holds(user, role) for user in told))}
        missing = [name for name in wanted if name not in found]
        if missing:
            self.miss(step, "notified", ", ".join(missing), ", ".join(sorted(told)) or "nobody")
        if not wanted and told:
            self.miss(step, "notified", "nobody", ", ".join(sorted(told)))

    def expect_records(self, step: Step, wanted: Mapping[str, Any]) -> None:
        """Compare how many records of each form the scenario has made."""
        for key, count in wanted.items():
            form = self.find_form(key)
            found = sum(1 for made in self.made if form is not None and made.form == form.name)
            if str(found) != str(count):
                self.miss(step, f"records.{key}", count, found)

    def _holds(self, user: str, role: str) -> bool:
        person = self.people.get(user, Person(user, frozenset({user})))
        return role in self.blueprint.closed_roles(person.roles)

    def _open_actions(self) -> frozenset[str]:
        with self.stage.store.reading() as reading:
            look = self._look(reading)
            return open_actions(look) if look is not None else frozenset()

    def _look(self, reading: Any, *, authority: bool = False) -> Look | None:
        unit = self.stage.engine.unit(reading, self.actor)
        stored = unit.linked.record(self.here.id) if self.here else None
        return look_at(unit, stored, authority=authority) if stored is not None else None


STEPS: Mapping[str, Callable[[Play, Step], None]] = {
    "as": Play.be,
    "create": Play.create,
    "on": Play.go,
    "change": Play.change,
    "do": Play.do,
    "comment": Play.comment,
    "wait": Play.wait,
    "expect": Play.expect,
}

EXPECTATIONS: Mapping[str, Callable[[Play, Step, Any], None]] = {
    "refused": Play.expect_refused,
    "state": Play.expect_state,
    "values": Play.expect_values,
    "can": Play.expect_can,
    "cannot": Play.expect_cannot,
    "title": Play.expect_title,
    "number": Play.expect_number,
    "hidden": Play.expect_hidden,
    "notified": Play.expect_notified,
    "records": Play.expect_records,
}


def person_of(text: str) -> Person:
    """Return the person of ``anna (sales)``."""
    name, _, rest = text.partition("(")
    return Person(name.strip(), frozenset(role.strip() for role in rest.rstrip(") ").split(",") if role.strip()))


def refusal_names(refusal: Refusal) -> frozenset[str]:
    """Return what a scenario may call a refusal: its checks, fields (also ``lines.price``), action, or guard, access,
    stale.
    """
    kinds = {"forbidden": "access", "missing": "access", "guard": "guard", "stale": "stale", "state": "guard"}
    names = {kinds[refusal.kind]} if refusal.kind in kinds else set()
    for problem in refusal.problems:
        names.update(filter(None, (problem.key, *problem.path[:1], problem.path[-1] if problem.path else "")))
        if len(problem.path) == 3:
            names.add(f"{problem.path[0]}.{problem.path[2]}")
        if problem.message.startswith("guard."):
            names.add("guard")
    return frozenset(names)


def _with_id(line: Any, position: int, lines: Sequence[Any]) -> Any:
    return {"id": lines[position]["id"], **line} if position < len(lines) else line


def _matches(expected: Any, found: Any) -> bool:
    """Tell whether a value is as expected; of lines, only the columns the scenario names are compared."""
    if not isinstance(expected, list):
        return bool(expected == found)
    if not isinstance(found, list) or len(found) != len(expected):
        return False
    return all(
        all(there.get(key) == value for key, value in line.items() if key != "id")
        for line, there in zip(expected, found, strict=True)
    )


def _is_seen(look: Look, path: tuple[str, ...]) -> bool:
    if not look.permit.can_read(path):
        return False
    if path[0] in look.situation.hidden:
        return False
    if len(path) == 1:
        return True
    lines = look.situation.lines.get(path[0], ())
    return any(f"{path[0]}/{line.id}/{path[1]}" not in look.situation.hidden for line in lines)


def summary(reports: Iterable[ScenarioReport]) -> tuple[int, int]:
    """Return how many scenarios passed and failed."""
    results = [result for report in reports for result in report.results]
    passed = sum(1 for result in results if result.passed)
    return passed, len(results) - passed
