"""`blankett verify` on a sound store, and on one that somebody has been at."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from blankett.cli import main
from blankett.engine import verify
from blankett.engine.access import load_actor
from blankett.engine.publish import Publication, Published, Publisher
from blankett.engine.runtime import Command, Engine, Receipt
from blankett.engine.store import Member, Organisation, Store, StoredUser, Workspace
from blankett.words import has_message

NOTES = """\
blueprint: notes
language: 1
title: Notes
roles:
  writer: {title: Writer}
forms:
  note:
    title: Note
    number: {pattern: "N-{counter:3}", policy: gapless, at: create}
    fields:
      text: {type: text, required: yes, unique: yes, index: yes}
      before: {type: link, to: note}
    states:
      open: {start: true}
      done: {final: true}
    actions:
      finish: {from: open, to: done, by: writer}
    grants:
      - {who: writer, may: all}
"""
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Give a database with two notes, the second of which follows the first."""
    path = tmp_path / "blankett.sqlite"
    assert run("db", "upgrade", path).exit_code == 0
    store = Store(f"sqlite:///{path}")
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=NOW))
        writing.put_workspace(Workspace(organisation="acme", id="w1", title="Office"))
        user = StoredUser(
            organisation="acme", id="anna", email="a@acme.example", name="Anna", created_at=NOW, changed_at=NOW
        )
        writing.insert_user(user)
        roles = frozenset({"writer"})
        writing.put_member(Member(organisation="acme", workspace="w1", user="anna", roles=roles, administers=True))
    engine = Engine(store, lambda: datetime.now(UTC))
    with store.reading() as reading:
        actor = load_actor(reading, "acme", "anna")
    assert actor is not None
    published = Publisher(engine).publish(actor, Publication(source=NOTES, workspace="w1"))
    assert isinstance(published, Published), published
    first = ""
    for text in ("One", "Two"):
        values = {"text": text, **({"before": first} if first else {})}
        made = engine.apply(Command(intent=text, actor=actor, blueprint="notes", form="note", values=values))
        assert isinstance(made, Receipt), made
        first = first or made.record
    store.close()
    return path


def run(*arguments: object) -> Result:
    *command, path = map(str, arguments)
    return CliRunner().invoke(main, [*command, "--database", f"sqlite:///{path}"])


def test_a_sound_store_holds(file: Path) -> None:
    found = run("verify", file)
    assert (found.exit_code, found.output) == (0, "Everything holds.\n")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (
            "UPDATE event SET payload = replace(payload, 'One', 'Won') WHERE sequence = 1",
            "Record *: what event 1 of its history tells was changed.",
        ),
        (
            "UPDATE event SET at = replace(at, '20', '19') WHERE sequence = 1",
            "Record *: event 1 of its history was changed, or one before it.",
        ),
        ("DELETE FROM event WHERE payload LIKE '%Two%'", "Record * has no history."),
        ("UPDATE record SET data = replace(data, 'One', 'Won')", "Record * is not what its history tells: text."),
        ("UPDATE record SET state = 'gone' WHERE number = 'N-001'", "Record * is not what its history tells: state."),
        ("UPDATE record SET t1 = 'x' WHERE number = 'N-002'", "Record *: lists see other values than it holds (t1)."),
        ("UPDATE record SET search = ''", "Record * is not found by its number and title."),
        ("DELETE FROM edge", "Record *: its links are not those that are kept."),
        ("DELETE FROM unique_value WHERE value = 'two'", "Record *: its unique values are not those that are kept."),
        ("UPDATE version SET source = replace(source, 'Notes', 'Nuts')", "notes version 1 is not what was published."),
        ("UPDATE counter SET value = 1", "{series}: number 2 is in use, but only 1 were drawn."),
        ("UPDATE counter SET value = 5", "{series}: 3 numbers are missing although it has no gaps."),
        (
            "UPDATE record SET version = 7 WHERE number = 'N-001'",
            "Record * has version 7, which is not there or cannot be loaded.",
        ),
        ("DELETE FROM record WHERE number = 'N-001'", "{series}: 1 numbers are missing although it has no gaps."),
    ],
)
def test_the_first_break_is_named(file: Path, harm: str, words: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(harm)
    connection.close()
    found = run("verify", file)
    first = found.output.splitlines()[0]
    assert found.exit_code == 1
    words = words.replace("{series}", "Series notes.note N-{counter:3}")
    assert re.sub(r"\b[0-9A-Z]{26}\b", "*", first).replace("* has version", "Record * has version") == words


def test_every_break_has_words() -> None:
    source = Path(str(verify.__file__)).read_text(encoding="utf-8")
    told = re.findall(r'ground\.broken\("(\w+)", [^)]*?what="(\w+)"', source)
    told += [("orphan", table) for table in verify.POINTING]
    told += [("chain", what) for what in ("missing", "payload", "hash")]
    assert len(told) > 15
    assert [f"verify.{promise}_{what}" for promise, what in told if not has_message(f"verify.{promise}_{what}")] == []
