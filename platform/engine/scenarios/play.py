"""One scenario under way: who acts, the record at hand, what was seen, and what went another way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from blankett.engine.language.model import Blueprint, Form, Scenario, ScenarioPerson, ScenarioStep
from blankett.engine.records import Command, FieldProblem, Receipt, Refusal
from blankett.engine.records.write.samples import FullNames
from blankett.engine.records.write.witness import witnessing
from blankett.engine.scenarios.results import Mismatch
from blankett.engine.scenarios.stage import ORGANISATION, Stage
from blankett.engine.store import StoredRecord


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
        with witnessing() as seen:
            answer = Refusal("invalid", tuple(problems)) if problems else self.stage.engine.apply(command)
        self.fired.update(seen.rules)
        self.ways.update(seen.ways)
        self.just_fired = frozenset(key for _, key in seen.rules)
        self.just_warned = frozenset()
        if isinstance(answer, Refusal):
            self.refused, self.last = (step, answer), answer
            return None
        self.told.update(user for user, _ in answer.notified)
        self.just_warned = frozenset(str(warning["key"]) for warning in answer.warnings)
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
