"""The page of versions follows a rollout by itself, until it is through."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from blankett.engine.access import load_actor
from blankett.engine.publish import Publication, Published, Publisher
from blankett.engine.publish.rollout import Pace
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.store import Store

from .small_company import sign_in_clerk, small_company

TASKS = """\
blueprint: tasks
language: 1
title: Tasks
roles:
  clerk: {title: Clerk}
forms:
  task:
    title: Task
    show: "{text}"
    fields:
      text: {type: text, required: yes}
    states:
      todo: {start: true}
      done: {final: true}
    actions:
      finish: {from: todo, to: done, by: clerk}
    grants:
      - {who: clerk, may: all}
"""


def test_the_page_of_versions_follows_a_rollout_by_itself(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blankett.engine.publish.rollout.PIECE", 1)
    file = tmp_path / "tasks.yaml"
    file.write_text(TASKS, encoding="utf-8")
    with small_company(tmp_path, file) as address:
        store = Store(f"sqlite:///{tmp_path / 'small.sqlite'}")
        engine = Engine(store, lambda: datetime.now(UTC))
        with store.reading() as reading:
            (organisation,) = reading.organisations()
            (person,) = reading.all_users(organisation.id)
            actor = load_actor(reading, organisation.id, person.id)
        assert actor is not None
        for text in ("Paint the fence", "Buy paint"):
            command = Command(intent=text, actor=actor, blueprint="tasks", form="task", values={"text": text})
            assert isinstance(engine.apply(command), Receipt)
        newer = TASKS.replace("required: yes}", "required: yes, max_length: 90}")
        publisher = Publisher(engine)
        answer = publisher.publish(actor, Publication(source=newer, move="move", skip_scenarios=True), Pace(1))
        assert isinstance(answer, Published)
        sign_in_clerk(page, address)
        page.goto(f"{address}/blueprints/tasks/versions")
        expect(page.get_by_role("heading", name="Version 2 takes the records along")).to_be_visible()
        expect(page.locator("#rollout")).to_contain_text("1 of 2 records are through.")
        publisher.finish(answer.rollout.row)
        expect(page.locator("#rollout")).to_contain_text("2 open records moved. None stays that should have moved.")
        expect(page.get_by_role("progressbar")).to_have_count(0)
        expect(page.locator("main tbody tr").first.locator("td").nth(3)).to_have_text("2")
        store.close()
