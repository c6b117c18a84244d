"""`blankett verify` on a sound store, and on one that somebody has been at."""

from __future__ import annotations

import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from click.testing import CliRunner, Result
from tests.catalogs import has_message
from tests.stores import downgrade

from blankett.cli import main
from blankett.engine import verify
from blankett.engine.access import load_actor
from blankett.engine.publish import Publication, Published, Publisher
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.store import Member, Organisation, Store, StoredUser, Workspace
from blankett.engine.store.schema import upgrade

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
def file(tmp_path: Path, two_notes: Path) -> Path:
    """Give a database with two notes, the second of which follows the first."""
    return Path(shutil.copy(two_notes, tmp_path))


@pytest.fixture(scope="module")
def two_notes(tmp_path_factory: pytest.TempPathFactory, upgraded: Path) -> Path:
    """A database with two notes, the second of which follows the first; it is only copied."""
    path = Path(shutil.copy(upgraded, tmp_path_factory.mktemp("notes")))
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
    assert (found.exit_code, found.output.splitlines()[0]) == (0, "Everything holds.")
    assert re.fullmatch(r"Head: 1:[0-9a-f]{64}", found.output.splitlines()[-1])


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (
            "UPDATE event SET payload = CAST(payload || 'x' AS BLOB) WHERE sequence = 1",
            "Record *: what event 1 of its history tells was changed.",
        ),
        (
            """UPDATE event SET payload = '{"data":{"text":"Won"}}' WHERE sequence = 1""",
            "Record *: what event 1 of its history tells was changed.",
        ),
        (
            "UPDATE event SET at = replace(at, '20', '19') WHERE sequence = 1",
            "Record *: event 1 of its history was changed, or one before it.",
        ),
        ("DELETE FROM event WHERE record = (SELECT id FROM record WHERE number = 'N-002')", "Record * has no history."),
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


# What somebody did by hand, who knows how records and histories are kept ----------------------------------------------

ONE = "(SELECT id FROM record WHERE number = 'N-001')"
TAMPERINGS = {
    "newest event removed, state rolled back": [
        f"DELETE FROM event WHERE record = {ONE} AND sequence = 2",
        f"UPDATE record SET state = 'open', revision = 1, changed_at = created_at WHERE id = {ONE}",
    ],
    "payload taken away as if erased, value changed": [
        f"UPDATE event SET payload = NULL, salt = NULL WHERE record = {ONE} AND sequence = 1",
        f"UPDATE record SET data = replace(data, 'One', 'Won'), t1 = 'won' WHERE id = {ONE}",
    ],
    "revision": [f"UPDATE record SET revision = 9 WHERE id = {ONE}"],
    "who made it": [f"UPDATE record SET created_by = 'eve' WHERE id = {ONE}"],
    "when it was made": [f"UPDATE record SET created_at = '2020-01-01T00:00:00.000000' WHERE id = {ONE}"],
    "when it was changed": [f"UPDATE record SET changed_at = '2020-01-01T00:00:00.000000' WHERE id = {ONE}"],
    "newest version removed": ["DELETE FROM version WHERE number = 1"],
    "an administrator made": [
        "CREATE TABLE made AS SELECT * FROM user LIMIT 1",
        "UPDATE made SET id = 'eve', email = 'eve@acme.example', is_admin = 1",
        "INSERT INTO user SELECT * FROM made",
    ],
    "somebody became administrator": ["UPDATE user SET is_admin = 1 - is_admin WHERE id = 'anna'"],
    "a password replaced": ["UPDATE user SET password = 'x' WHERE id = 'anna'"],
    "roles": ["UPDATE member SET roles = '[]'"],
    "a membership removed": ["DELETE FROM member"],
    "a rate made": ["INSERT INTO rate VALUES (1, 'EUR', 'DKK', 739000, '9')"],
    "a share made": ["INSERT INTO share VALUES (1, 'notes', 'note', 'w1')"],
    "a receipt changed": ["UPDATE intent SET receipt = '{}'"],
    "a receipt removed": ["DELETE FROM intent WHERE key = 'One'"],
    "a notice made": ["INSERT INTO notification VALUES (1, 'anna', 'n1', '2026-01-01', NULL, 'm', 'Pay', NULL)"],
    "a whole record with its events": [
        "DELETE FROM event WHERE record = (SELECT id FROM record WHERE number = 'N-002')",
        "DELETE FROM edge WHERE record = (SELECT id FROM record WHERE number = 'N-002')",
        "DELETE FROM unique_value WHERE value = 'two'",
        "DELETE FROM intent WHERE key = 'Two'",
        "DELETE FROM record WHERE number = 'N-002'",
        "UPDATE counter SET value = 1",
    ],
    "a person called otherwise": ["UPDATE known_name SET name = 'eve' WHERE name = 'anna'"],
    "a number without a name": [f"UPDATE record SET form = 99 WHERE id = {ONE}"],
    "a link made": [
        f"INSERT INTO edge SELECT organisation, {ONE}, path, record FROM edge WHERE record <> {ONE}",
    ],
    "an act of the chain": ["UPDATE act SET actor = 'eve' WHERE number = 3"],
    "the last seal removed": ["DELETE FROM seal WHERE number = (SELECT max(number) FROM seal)"],
    "a seal": ["UPDATE seal SET hash = 'x'"],
}


@pytest.fixture
def finished(file: Path) -> Path:
    """The store, with one note finished, sealed."""
    store = Store(f"sqlite:///{file}")
    engine = Engine(store, lambda: datetime.now(UTC))
    with store.reading() as reading:
        actor = load_actor(reading, "acme", "anna")
    assert actor is not None
    first = next(iter(sqlite3.connect(file).execute("SELECT id FROM record WHERE number = 'N-001'")))[0]
    done = engine.apply(
        Command(intent="done", actor=actor, blueprint="notes", form="note", record=first, action="finish", revision=1)
    )
    assert isinstance(done, Receipt), done
    store.seal(datetime.now(UTC))
    store.close()
    return file


def test_after_an_erasure_it_is_said_from_where_on_the_history_is_told(finished: Path) -> None:
    store = Store(f"sqlite:///{finished}")
    with store.writing() as writing:
        id = writing.rows(sqlalchemy.text("SELECT id FROM record WHERE number = 'N-001'"), {})[0][0]
        assert writing.erase_event("acme", id, 1)
    store.close()
    found = run("verify", finished)
    assert (found.exit_code, found.output.splitlines()[:2]) == (
        0,
        [
            "Everything holds.",
            f"Record {id}: something of its history was erased; all of it is told from event 2 on.",
        ],
    )


@pytest.mark.parametrize("harm", TAMPERINGS.values(), ids=TAMPERINGS)
def test_what_was_done_by_hand_is_found(finished: Path, harm: list[str]) -> None:
    assert run("verify", finished).exit_code == 0
    execute(finished, *harm)
    found = run("verify", finished)
    assert found.exit_code == 1, found.output


def test_a_state_that_no_action_leads_to_is_found_though_its_history_is_whole(finished: Path) -> None:
    from blankett.engine.store import NewEvent

    store = Store(f"sqlite:///{finished}")
    with store.writing() as writing:
        id = writing.rows(sqlalchemy.text("SELECT id FROM record WHERE number = 'N-001'"), {})[0][0]
        writing.append_event(
            NewEvent(
                organisation="acme", record=id, at=datetime.now(UTC), actor="anna", kind="act", action="finish",
                version=1, payload={"record": {"state": "open"}},
            )
        )  # fmt: skip
    store.close()
    execute(finished, f"UPDATE record SET state = 'open', revision = 3 WHERE id = '{id}'")
    assert f"Record {id}: no action of its version leads to the state open (event 3)." in run("verify", finished).output


def test_a_chain_that_was_made_anew_does_not_go_through_an_old_head(finished: Path, tmp_path: Path) -> None:
    kept = tmp_path / "copy.sqlite"
    assert run("db", "backup", kept, finished).exit_code == 0
    head = run("verify", finished).output.splitlines()[-1].removeprefix("Head: ")
    assert kept.with_name("copy.sqlite.head").read_text(encoding="utf-8") == f"acme {head}\n"
    execute(finished, "UPDATE act SET seal = NULL, actor = 'eve'", "DELETE FROM seal")
    assert run("verify", finished).output.splitlines()[0] == "Everything holds."
    for known in (head, kept.with_name("copy.sqlite.head")):
        found = run("verify", "--against", known, finished)
        assert (found.exit_code, found.output.splitlines()[0]) == (
            1, f"The chain does not go through the head {head}: something from before it was touched.",
        )  # fmt: skip


def test_later_work_leaves_an_old_head_in_the_chain(finished: Path) -> None:
    head = run("verify", finished).output.splitlines()[-1].removeprefix("Head: ")
    store = Store(f"sqlite:///{finished}")
    with store.writing() as writing:
        writing.put_member(Member(organisation="acme", workspace="w1", user="anna", roles=frozenset()))
    store.close()
    found = run("verify", "--against", head, finished)
    assert (found.exit_code, found.output.splitlines()[0]) == (0, "Everything holds.")
    assert found.output.splitlines()[-1].startswith(f"Head: {int(head.partition(':')[0]) + 1}:")


@pytest.mark.parametrize("head", ["x", "12:abc", "1:" + "0" * 64 + " more words here"])
def test_what_is_no_head_is_refused(file: Path, head: str) -> None:
    assert run("verify", "--against", head, file).exit_code == 2


def test_the_chain_of_older_data_begins_at_the_upgrade(finished: Path) -> None:
    store = Store(f"sqlite:///{finished}")
    downgrade(store, "0009")
    upgrade(store)
    store.close()
    assert run("verify", finished).output.splitlines()[0] == "Everything holds."
    execute(finished, *TAMPERINGS["newest event removed, state rolled back"])
    assert run("verify", finished).exit_code == 1


def execute(file: Path, *statements: str) -> None:
    """Change the database by hand."""
    with sqlite3.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
