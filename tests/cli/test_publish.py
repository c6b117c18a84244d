"""`blankett publish` and `blankett db` on a database in a folder of the test's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from blankett.cli import main
from blankett.engine.access import load_actor
from blankett.engine.checks import check_blueprint
from blankett.engine.language.loader import Loaded
from blankett.engine.records import Command, Engine, Receipt
from blankett.engine.store import Member, Organisation, Store, StoredUser, Workspace

NOTES = """\
blueprint: notes
language: 1
title: Notes
roles:
  writer: {title: Writer}
forms:
  note:
    title: Note
    fields:
      text: {type: text, required: yes}
    grants:
      - {who: writer, may: all}
scenarios:
  a note is kept:
    as: anna (writer)
    steps:
      - create: note
        with: {text: Hello}
      - expect: {values: {text: Hello}}
"""
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path, make_store: Callable[[Path], Store]) -> str:
    """Give the address of a database with an administrator, a clerk and one workspace."""
    store = make_store(tmp_path / "data" / "blankett.sqlite")
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=NOW))
        writing.put_workspace(Workspace(organisation="acme", id="w1", title="Office"))
        for user, is_admin in (("boss", True), ("anna", False)):
            writing.insert_user(
                StoredUser(
                    organisation="acme", id=user, email=f"{user}@acme.example", name=user.title(), is_admin=is_admin,
                    created_at=NOW, changed_at=NOW,
                )
            )  # fmt: skip
        writing.put_member(Member(organisation="acme", workspace="w1", user="anna", roles=frozenset({"writer"})))
    store.close()
    return store.url


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Give a blueprint file."""
    path = tmp_path / "notes.yaml"
    path.write_text(NOTES, encoding="utf-8")
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_publishes_a_file_and_then_its_next_version(database: str, notes: Path) -> None:
    first = run("publish", str(notes), "--workspace", "Office", "--database", database)
    assert (first.exit_code, first.output.splitlines()[0]) == (0, "notes version 1 is published.")
    notes.write_text(NOTES.replace("title: Notes", "title: My notes"), encoding="utf-8")
    second = run("publish", str(notes), "--note", "mine", "--database", database)
    assert (second.exit_code, second.output) == (0, "notes version 2 is published.\n")
    again = run("publish", str(notes), "--database", database)
    assert (again.exit_code, again.output) == (1, "The text is the same as that of version 2.\n")


def test_tells_every_problem_with_its_place(database: str, notes: Path) -> None:
    notes.write_text(NOTES.replace("who: writer", "who: writr").replace("type: text", "type: txt"), encoding="utf-8")
    found = run("publish", str(notes), "--workspace", "Office", "--database", database)
    assert found.exit_code == 1
    lines = found.output.splitlines()
    assert [line.split(" ")[0] for line in lines[:-1]] == [f"{notes}:10:20", f"{notes}:12:15"]
    assert lines[-1] == "The text has 2 problems. Mend them first."


def test_tells_where_a_scenario_fails(database: str, notes: Path) -> None:
    notes.write_text(NOTES.replace("values: {text: Hello}", "values: {text: Goodbye}"), encoding="utf-8")
    found = run("publish", str(notes), "--workspace", "Office", "--database", database)
    assert (found.exit_code, found.output) == (
        1,
        f"{notes}:19:9 values.text: expected Goodbye, found Hello\n"
        "1 scenario fails. Mend the blueprint or the scenario first.\n",
    )


def test_a_new_blueprint_needs_a_workspace(database: str, notes: Path) -> None:
    found = run("publish", str(notes), "--database", database)
    assert (found.exit_code, found.output) == (
        1, "There is no such workspace.\nSay where the blueprint belongs with --workspace.\n",
    )  # fmt: skip
    found = run("publish", str(notes), "--workspace", "Offce", "--database", database)
    assert (found.exit_code, found.output) == (2, "There is no workspace 'Offce'. There are: Office\n")


def test_publishes_in_the_name_of_somebody_who_may(database: str, notes: Path) -> None:
    found = run("publish", str(notes), "--workspace", "w1", "--as", "anna@acme.example", "--database", database)
    assert (found.exit_code, found.output) == (
        1, "Only people who may administer the workspace can publish here.\n",
    )  # fmt: skip
    found = run("publish", str(notes), "--workspace", "w1", "--as", "nobody@acme.example", "--database", database)
    assert (found.exit_code, found.output) == (2, "Nobody has the address 'nobody@acme.example'.\n")


def test_a_file_that_is_no_text_is_refused(database: str, notes: Path) -> None:
    notes.write_bytes(NOTES.encode() + b"\xff")
    found = run("publish", str(notes), "--workspace", "w1", "--database", database)
    assert found.exit_code == 1
    assert found.output.startswith(f"{notes}:20:1 ")


def test_a_database_that_is_not_there_is_not_made_by_looking(tmp_path: Path, notes: Path) -> None:
    missing = tmp_path / "missing.sqlite"
    for arguments in (("db", "status"), ("publish", str(notes))):
        found = run(*arguments, "--database", f"sqlite:///{missing}")
        assert (found.exit_code, found.output) == (
            2, f"There is no database at {missing}. Say where it is with --database, or make it: blankett db upgrade\n",
        )  # fmt: skip
    assert not missing.exists()


def test_a_database_without_tables_is_told_and_upgraded_once(tmp_path: Path, notes: Path) -> None:
    file = tmp_path / "empty.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 1")
    url = f"sqlite:///{file}"
    assert run("db", "status", "--database", url).exit_code == 1
    assert "Run `blankett db upgrade`" in run("publish", str(notes), "--database", url).output
    assert run("db", "upgrade", "--database", url).output.startswith("The schema was brought from nothing to revision ")
    assert run("db", "upgrade", "--database", url).output.startswith("The schema is up to date (revision ")
    assert run("db", "status", "--database", url).exit_code == 0
    found = run("publish", str(notes), "--database", url)
    assert (found.exit_code, found.output.splitlines()) == (
        2, ["Nobody is set up in this database yet. Start `blankett serve` and open it in a browser."],
    )  # fmt: skip


def test_the_database_of_the_settings_is_taken_unless_told(
    database: str, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLANKETT_DATA", str(Path(database.removeprefix("sqlite:///")).parent))
    assert run("publish", str(notes), "--workspace", "Office").exit_code == 0


TASKS = """\
blueprint: tasks
language: 1
title: Tasks
roles:
  writer: {title: Writer}
forms:
  task:
    title: Task
    show: "{text}"
    fields:
      text: {type: text, required: yes}
    states:
      todo: {start: true}
      doing: {}
      done: {final: true}
    actions:
      begin: {from: todo, to: doing, by: writer}
      finish: {from: doing, to: done, by: writer}
    grants:
      - {who: writer, may: create}
      - {who: writer, may: [view, edit], states: [todo, doing]}
"""


def test_a_preview_names_who_is_left_to_nobody_and_a_mapping_is_written_into_the_file(
    database: str, tmp_path: Path
) -> None:
    file = tmp_path / "tasks.yaml"
    file.write_text(TASKS, encoding="utf-8")
    assert run("publish", str(file), "--workspace", "Office", "--database", database).exit_code == 0
    make_task(database, "Paint the fence")
    file.write_text(TASKS.replace("doing", "working"), encoding="utf-8")
    before = run("publish", str(file), "--preview", "--database", database)
    assert (before.exit_code, before.output.splitlines()[1:]) == (
        0,
        [
            "Task: 1 must stay",
            "  1: The state Doing is gone.",
            f"    {task_of(database)} Paint the fence",
            "    Say where they go: --becomes task.doing=… (one of todo, working, done)",
            "Without --move:",
            "  Nobody could open Task in Doing (version 1). 1 record:",
            f"    {task_of(database)} Paint the fence",
            "With --move:",
            "  Nobody could open Task in Doing (version 1). 1 record:",
            f"    {task_of(database)} Paint the fence",
        ],
    )
    wrong = run("publish", str(file), "--becomes", "task.doing=gone", "--database", database)
    assert (wrong.exit_code, wrong.output) == (
        2,
        "'task.doing' cannot become 'gone': choose one of done, todo, working.\n",
    )
    done = run("publish", str(file), "--becomes", "task.doing=working", "--move", "--database", database)
    assert (done.exit_code, done.output) == (0, "tasks version 2 is published: 1 record moved.\n")
    assert "      doing: {becomes: working}\n" in file.read_text(encoding="utf-8")


@pytest.fixture
def moving(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file whose publish moves one of two records a step, the other of which has a state that is gone."""
    monkeypatch.setattr("blankett.engine.publish.rollout.PIECE", 1)
    monkeypatch.setattr("blankett.engine.publish.rollout.PAUSE", 0.0)
    file = tmp_path / "tasks.yaml"
    file.write_text(TASKS, encoding="utf-8")
    assert run("publish", str(file), "--workspace", "Office", "--database", database).exit_code == 0
    make_task(database, "Paint the fence")
    make_task(database, "Buy paint", begins=False)
    newer = TASKS.replace("      doing: {}\n", "").replace("from: todo, to: doing", "from: todo, to: done")
    newer = newer.replace("      finish: {from: doing, to: done, by: writer}\n", "").replace("[todo, doing]", "[todo]")
    file.write_text(newer.replace("required: yes}", "required: yes, max_length: 90}"), encoding="utf-8")
    return file


MOVED = [
    "tasks version 2: 1 of 2 records moved or looked at",
    "tasks version 2: 2 of 2 records moved or looked at",
    "tasks version 2: 2 records moved or looked at; slots and titles of 0 written",
]


def stays(database: str) -> list[str]:
    return ["1 record of task stays, because: The state Doing is gone.", f"  {task_of(database)} Paint the fence"]


def test_a_publish_tells_how_far_it_is_and_what_stays(database: str, moving: Path) -> None:
    done = run("publish", str(moving), "--move", "--database", database)
    last = "tasks version 2 is published: 1 record moved, 1 record stays on its version."
    assert (done.exit_code, done.output.splitlines()[:6]) == (0, [*MOVED, last, *stays(database)])


def test_a_publish_that_was_interrupted_is_gone_on_with(
    database: str, moving: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as interrupted:
        interrupted.setattr("blankett.engine.publish.rollout.time.sleep", interrupt)
        assert run("publish", str(moving), "--move", "--database", database).exit_code == 1
    resumed = run("publish", "--resume", "--database", database)
    last = "tasks version 2 is rolled out: 1 record moved, 1 record stays on its version."
    assert (resumed.exit_code, resumed.output.splitlines()) == (0, [*MOVED[1:], last, *stays(database)])
    again = run("publish", "--resume", "--database", database)
    assert (again.exit_code, again.output) == (0, "Nothing is left to be done.\n")


def test_what_stayed_is_moved_later(database: str, moving: Path) -> None:
    done = run("publish", str(moving), "--database", database)
    assert done.output.splitlines()[0] == "tasks version 2 is published: 2 records stay on their version."
    later = run("publish", str(moving), "--move", "--database", database)
    last = "tasks version 2 is rolled out: 1 record moved, 1 record stays on its version."
    assert (later.exit_code, later.output.splitlines()) == (0, [*MOVED, last, *stays(database)])


def test_what_stayed_is_moved_though_the_check_has_become_stricter_since(
    database: str, moving: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("publish", str(moving), "--database", database).exit_code == 0

    def check_more(text: str, **more: Any) -> Loaded:
        return check_blueprint(f"{text}newer_rule: broken\n", **more)

    monkeypatch.setattr("blankett.engine.publish.candidate.check_blueprint", check_more)
    assert check_more(moving.read_text(encoding="utf-8")).blueprint is None
    looked = run("publish", str(moving), "--move", "--preview", "--database", database)
    told = [
        "Records that keep an older version of tasks, held against version 2:",
        "Task: 1 can move, 1 must stay",
        "  1: The state Doing is gone.",
        f"    {task_of(database)} Paint the fence",
    ]
    assert (looked.exit_code, looked.output.splitlines()) == (0, told)
    later = run("publish", str(moving), "--move", "--database", database)
    last = "tasks version 2 is rolled out: 1 record moved, 1 record stays on its version."
    assert (later.exit_code, later.output.splitlines()) == (0, [*MOVED, last, *stays(database)])


def interrupt(_: float) -> None:
    raise KeyboardInterrupt


def test_a_file_or_resume_is_said(database: str, notes: Path) -> None:
    for arguments in (["publish"], ["publish", str(notes), "--resume"]):
        found = run(*arguments, "--database", database)
        assert found.exit_code == 2
        assert found.output.endswith("Error: Say which FILE is to be published, or --resume without one.\n")


def make_task(database: str, text: str, *, begins: bool = True) -> None:
    """Let Anna make a task and begin it, if she *begins*."""
    store = Store(database)
    engine = Engine(store, lambda: NOW)
    with store.reading() as reading:
        anna = load_actor(reading, "acme", "anna")
    assert anna is not None
    made = engine.apply(Command(intent=text, actor=anna, blueprint="tasks", form="task", values={"text": text}))
    assert isinstance(made, Receipt)
    more = {"blueprint": "tasks", "form": "task", "record": made.record, "action": "begin"}
    if begins:
        assert isinstance(engine.apply(Command(intent=f"{text} 2", actor=anna, **more)), Receipt)
    store.close()


def task_of(database: str) -> str:
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        return str(connection.execute("SELECT id FROM record ORDER BY state").fetchone()[0])


def test_a_publish_says_whose_the_rights_of_its_roles_are_at_once(database: str, notes: Path, tmp_path: Path) -> None:
    assert run("publish", str(notes), "--workspace", "Office", "--database", database).output == (
        "notes version 1 is published.\n"
        "The role Writer (writer) and its rights are at once those of 1 person who holds it already: Anna.\n"
    )
    other = tmp_path / "letters.yaml"
    other.write_text(NOTES.replace("blueprint: notes", "blueprint: letters").replace("title: Notes", "title: Letters"))
    published = run("publish", str(other), "--workspace", "Office", "--database", database)
    assert published.output.splitlines()[1:] == [
        "The role Writer (writer) and its rights are at once those of 1 person who holds it already: Anna.",
        "  The same role is in Notes.",
    ]
    more = NOTES.replace("writer: {title: Writer}", "writer: {title: Writer}\n  reader: {title: Reader}")
    notes.write_text(more.replace("may: all}", "may: all}\n      - {who: reader, may: view}"), encoding="utf-8")
    assert run("publish", str(notes), "--database", database).output == "notes version 2 is published.\n"


DESK = """\
blueprint: notes
language: 1
title: Notes
roles:
  writer: {title: Writer}
  head: {title: Head}
forms:
  note:
    title: Note
    fields:
      text: {type: text}
      secret: {type: text, private: [head]}
    states: {new: {start: true}, open: {}, done: {final: true}}
    actions:
      begin: {from: new, to: open, by: writer}
      end: {from: open, to: done, by: head}
    grants:
      - {who: writer, may: [view, create]}
      - {who: writer, may: edit, states: new, where: text != "x", write: [text]}
      - {who: head, may: all}
      - {who: writer, may: view, states: done, deny: yes}
"""
EDIT = '{who: writer, may: edit, states: new, where: text != "x", write: [text]}'
FORM = "  memo:\n    title: Memo\n    fields: {t: {type: text}}\n    grants: [{who: writer, may: view}]\n"
GAINED = [
    ("writer: {title: Writer}", "writer: {title: Writer, includes: [head]}", "Note"),
    ("may: [view, create]", "may: [view, create, delete]", "Note"),
    (EDIT, '{who: writer, may: edit, where: text != "x", write: [text]}', "Note"),
    (EDIT, "{who: writer, may: edit, states: new, write: [text]}", "Note"),
    (EDIT, '{who: writer, may: edit, states: new, where: text != "x"}', "Note"),
    ("to: done, by: head", "to: done, by: [head, writer]", "Note"),
    ("private: [head]", "private: [head, writer]", "Note"),
    ("      - {who: writer, may: view, states: done, deny: yes}\n", "", "Note"),
    ("forms:\n", f"forms:\n{FORM}", "Memo"),
]
NOT_GAINED: list[tuple[Any, ...]] = [
    ("may: [view, create]", "may: view"),
    (EDIT, '{who: writer, may: edit, states: new, where: text != "x", write: [text], hide: [secret]}'),
    (
        "done: {final: true}",
        "shut: {was: done, final: true}",
        ("to: done", "to: shut"),
        ("states: done", "states: shut"),
    ),
    (
        "      text: {type: text}",
        "      body: {type: text, was: text}\n      more: {type: text, private: [writer, head]}",
        ("[text]", "[body]"),
        ("where: text", "where: body"),
    ),
    ("begin: {from: new, to: open, by: writer}", "start: {was: begin, from: new, to: open, by: writer}"),
    ("  note:\n    title: Note\n", "  memo:\n    was: note\n    title: Note\n"),
]


def test_a_preview_says_who_may_do_more_after_it(database: str, notes: Path) -> None:
    notes.write_text(DESK, encoding="utf-8")
    run("publish", str(notes), "--workspace", "Office", "--database", database)
    told, quiet = [], []
    for old, new, _ in GAINED:
        notes.write_text(DESK.replace(old, new), encoding="utf-8")
        said = run("publish", str(notes), "--preview", "--database", database).output
        told += [line for line in said.splitlines() if line.startswith("The role")]
    for old, new, *renamed in NOT_GAINED:
        text = DESK.replace(old, new)
        for was, now in renamed:
            text = text.replace(was, now)
        notes.write_text(text, encoding="utf-8")
        quiet.append(run("publish", str(notes), "--preview", "--database", database).output)
    who = "1 person holds it: Anna."
    assert told == [f"The role Writer (writer) may do more with {form}; {who}" for _, _, form in GAINED]
    assert [text for text in quiet if "The role" in text or "would change" not in text] == []


def test_a_role_nobody_knows_is_refused_with_the_one_that_is_meant(database: str, notes: Path) -> None:
    run("publish", str(notes), "--workspace", "Office", "--database", database)
    new = ("user", "add", "bo@acme.example", "--name", "Bo", "--workspace", "Office", "--database", database)
    refused = run(*new, "--role", "writr")
    assert (refused.exit_code, refused.output) == (
        2,
        "There is no role 'writr' there. Did you mean 'writer'? There are: writer.\n",
    )
    assert run(*new).exit_code == 0
    change = ("user", "roles", "bo@acme.example", "--database", database, "--workspace", "Office")
    assert run(*change).output == "Office\n  no roles\n"
    assert run(*change, "--give", "writr").exit_code == 2
    assert run(*change, "--give", "writer").output.split() == ["Office", "writer", "Writer:", "Notes"]
    assert run(*change, "--take", "boss").output == "bo@acme.example does not hold boss there.\n"
    assert run(*change, "--take", "writer").output == "Office\n  no roles\n"
    assert run("user", "roles", "anna@acme.example", "--database", database).output.split()[:2] == ["Office", "writer"]


def test_a_calendar_that_the_organisation_has_already_is_told(database: str, notes: Path) -> None:
    calendar = "calendars:\n  office: {title: House, zone: UTC, hours: {monday: HOURS}}\n"
    notes.write_text(NOTES + calendar.replace("HOURS", "8:00-16:00"), encoding="utf-8")
    first = run("publish", str(notes), "--workspace", "w1", "--database", database).output
    notes.write_text(NOTES.replace("notes", "others") + calendar.replace("HOURS", "9:00-17:00"), encoding="utf-8")
    told = (
        "The organisation has a calendar House (office) already, and keeps it as it is; what this text says "
        "otherwise: hours. Records count in the organisation's calendar, the scenarios in that of the text."
    )
    asked = ("publish", str(notes), "--workspace", "w1", "--database", database)
    assert told not in first
    assert [told in run(*asked, *more).output.splitlines() for more in (["--preview"], [])] == [True, True]
