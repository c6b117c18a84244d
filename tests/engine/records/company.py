"""A blueprint of a test's own on the stage of scenarios, with short ways to do things in it."""

from __future__ import annotations

from typing import Any

from tests.asked_engine import AskedEngine

from blankett.engine.access import Actor
from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import ScenarioPerson
from blankett.engine.records import Command, ListPage, ListRequest, Receipt, RecordView
from blankett.engine.scenarios.stage import WORKSPACE, Stage


class Company:
    """People at work with one blueprint. Say who holds which roles before anybody does something."""

    def __init__(self, text: str, **people: str) -> None:
        self.blueprint = read_blueprint(text)
        self.stage = Stage()
        assert not self.stage.publish(self.blueprint)
        self.engine = AskedEngine.over(self.stage.engine)
        self.people = {name: frozenset(roles.split()) for name, roles in people.items()}
        for name in self.people:
            self.actor(name)

    def actor(self, name: str) -> Actor:
        """Return somebody with their roles."""
        return self.stage.actor(ScenarioPerson(name, self.people[name]))

    def done(self, name: str, form: str, record: str | None = None, /, **parts: Any) -> Receipt:
        """Carry a command out that must not be refused; what is no part of a command is a value."""
        given = {key: parts.pop(key) for key in ("action", "inputs", "comment") if key in parts}
        command = Command(
            intent="", actor=self.actor(name), blueprint=self.blueprint.key, form=form, record=record,
            workspace=WORKSPACE, values=parts, **given,
        )  # fmt: skip
        answer = self.engine.apply(command)
        assert isinstance(answer, Receipt), answer
        return answer

    def view(self, name: str, record: str) -> RecordView | None:
        """Open a record."""
        return self.engine.open(self.actor(name), record)

    def page(self, name: str, form: str, **asked: Any) -> ListPage:
        """Return a page of a list that must be answered."""
        answer = self.engine.query(self.actor(name), ListRequest(blueprint=self.blueprint.key, form=form, **asked))
        assert isinstance(answer, ListPage), answer
        return answer
