"""`blankett letters`: listing, and sending again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from blankett.cli import main
from blankett.engine.store import Organisation, Store
from blankett.engine.store.outbox import StoredLetter

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, make_store: Callable[[Path], Store]) -> Run:
    """Give what runs a command on a database with a letter that failed."""
    store = make_store(tmp_path / "data" / "blankett.sqlite")
    letter = StoredLetter(
        organisation="acme", id="01", at=NOW, changed_at=NOW, record="r", message="news", subject="s", body="b",
        address="kim@example.com", state="failed", reason="letters.why_refused", detail="550 no such person",
    )  # fmt: skip
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=NOW))
        writing.put_letters([letter])
    store.close()
    return lambda *words: CliRunner().invoke(main, ["letters", *words, "--database", store.url])


def test_letters_are_listed_with_what_became_of_them(run: Run) -> None:
    said = "01  failed   news to kim@example.com: The mail server refused it for good. 550 no such person\n"
    assert run("list").output == run("list", "--state", "failed").output == said
    assert run("list", "--state", "sent").output == "There are no letters.\n"
    assert "'lost' is no state of a letter; they are waiting, sending" in run("list", "--state", "lost").output


def test_a_letter_is_sent_again_once(run: Run) -> None:
    assert run("again", "01").output == "01 is sent by the next worker that has room for it.\n"
    again = run("again", "01")
    assert (again.exit_code, "01 is waiting: there is nothing to send again." in again.output) == (1, True)
    assert "There is no letter '99'." in run("again", "99").output
