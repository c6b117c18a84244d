"""A damaged, cut, empty or foreign database: a sentence and what to do, no traceback, no new installation."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from blankett.cli import main, serve
from blankett.engine.store import Organisation, Store
from blankett.engine.store.database_faults import fault_of

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path, make_store: Callable[[Path], Store], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a database of one organisation; nothing is served."""
    monkeypatch.setattr(serve, "_serve", lambda *arguments: None)
    for name in ("BLANKETT_MODE", "BLANKETT_DATA", "BLANKETT_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    store = make_store(tmp_path / "blankett.sqlite")
    with store.writing() as writing:
        for number in range(200):
            writing.put_organisation(Organisation(id=f"o{number}", title="x" * 400, created_at=NOW))
    store.close()
    return tmp_path


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def cut_to_its_head(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:60])


def all_zeros(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def zeros_in_the_schema(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100] + bytes(3_996) + file.read_bytes()[4_096:])


def zeros_in_the_middle(file: Path) -> None:
    """Put pages of zeros where rows are, of all that hold one: the first may be free. Nothing that a start reads."""
    content = file.read_bytes()
    pages = [content[at : at + 4_096] for at in range(0, len(content), 4_096)]
    file.write_bytes(b"".join(bytes(4_096) if b"x" * 400 in page else page for page in pages))


def only_its_log(file: Path) -> None:
    file.with_name("blankett.sqlite-wal").write_bytes(b"log")
    file.unlink()


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[Callable[[Path], None], str] = {
    empty: "is a database file of 0 bytes",
    cut: "is damaged (it ends after",
    cut_to_its_head: "is damaged (it does not begin as a database does)",
    all_zeros: "is damaged (it does not begin as a database does)",
    zeros_in_the_schema: "is damaged (",
    only_its_log: "is missing, but its log",
    folder: "cannot be reached (Is a directory)",
}
AT_START = {**DAMAGES, foreign: "is a database without Blankett's tables"}
LOOKED_THROUGH = {**DAMAGES, zeros_in_the_middle: "is damaged ("}


def said(*arguments: str) -> str:
    """Return the one line a command said before it ended with a failure."""
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code not in (0, None)
    assert isinstance(result.exception, SystemExit), result.exception
    (line,) = result.output.strip().splitlines()
    return line


@pytest.mark.parametrize("damage", AT_START, ids=lambda damage: damage.__name__)
def test_a_server_does_not_start_on_it(data: Path, damage: Callable[[Path], None]) -> None:
    damage(data / "blankett.sqlite")
    before = sorted((path.name, path.stat().st_size) for path in data.iterdir())
    assert AT_START[damage] in said("serve", "--data", str(data))
    assert sorted((path.name, path.stat().st_size) for path in data.iterdir() if path.name != "secret") == before


@pytest.mark.parametrize("damage", LOOKED_THROUGH, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("command", ["backup", "verify", "upgrade"])
def test_a_command_says_so_in_a_sentence(data: Path, damage: Callable[[Path], None], command: str) -> None:
    damage(data / "blankett.sqlite")
    url = f"sqlite:///{data / 'blankett.sqlite'}"
    words = {"backup": ["db", "backup", str(data / "copy.sqlite")], "verify": ["verify"], "upgrade": ["db", "upgrade"]}
    assert LOOKED_THROUGH[damage] in said(*words[command], "--database", url)
    assert not list(data.glob("copy*"))


def test_people_are_not_listed_from_a_damaged_table(data: Path) -> None:
    zeros_in_the_middle(data / "blankett.sqlite")
    url = f"sqlite:///{data / 'blankett.sqlite'}"
    assert "is damaged (database disk image is malformed)" in said("user", "list", "--database", url)


def test_a_copy_that_came_out_damaged_is_not_left_behind(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from blankett.engine.store import backup

    def copy(store: Store, unfinished: Path) -> None:
        unfinished.write_bytes((data / "blankett.sqlite").read_bytes())
        zeros_in_the_middle(unfinished)

    monkeypatch.setattr(backup, "_copy", copy)
    words = said("db", "backup", str(data / "copy.sqlite"), "--database", f"sqlite:///{data / 'blankett.sqlite'}")
    assert "copy.sqlite.unfinished is damaged (" in words
    assert not list(data.glob("copy*"))


def test_a_new_folder_still_becomes_a_new_installation(data: Path) -> None:
    result = CliRunner().invoke(main, ["serve", "--data", str(data / "new")])
    assert result.exit_code == 0, result.output
    assert [path.name for path in sorted((data / "new").iterdir())] == ["blankett.sqlite", "secret"]


def revised(file: Path, revision: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()


#: Revision that the tables are said to have → what is said of it.
REVISIONS = {
    "0999": "was brought to revision 0999 by a newer Blankett; this one knows revisions up to",
    "1a2b3c4d": "is a database without Blankett's tables.",
}


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("command", ["serve", "user list", "db upgrade", "db status"])
def test_tables_that_are_not_known_are_not_to_be_upgraded(data: Path, command: str, revision: str) -> None:
    file = data / "blankett.sqlite"
    revised(file, revision)
    before = file.read_bytes()
    chosen = ["--data", str(data)] if command == "serve" else ["--database", f"sqlite:///{file}"]
    line = said(*command.split(), *chosen)
    assert REVISIONS[revision] in line
    assert file.read_bytes() == before


def test_a_first_start_where_nothing_can_be_written_says_so(data: Path) -> None:
    blocked = data / "file"
    blocked.write_text("in the way")
    assert said("serve", "--data", str(blocked / "folder")) == (
        f"Error: The file {blocked}/folder/secret cannot be read or made (Not a directory). Say another folder with "
        "--data or BLANKETT_DATA, or give the secret in BLANKETT_SECRET."
    )


def test_a_folder_that_cannot_be_written_is_told_from_a_file_that_is_not_there(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = sqlite3.OperationalError("unable to open database file")
    error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    file = data / "blankett.sqlite"
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != data)
    kinds = [fault.kind for place in (file, data / "other") if (fault := fault_of(error, str(place)))]
    assert kinds == ["read_only", "gone"]
