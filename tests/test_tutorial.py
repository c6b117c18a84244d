"""The tutorial, typed as a reader would: only what is printed, in an empty folder, for an application of two people."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from blankett.cli import main
from blankett.engine.language.diff import diff
from blankett.engine.language.loader import read_blueprint
from blankett.engine.store import Store
from blankett.web import create_app
from blankett.web.services import services_over
from blankett.web.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<what>yaml step=(?P<step>\d)|console)\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)
#: Stands for lines that stay as they were.
KEPT = re.compile(r"^( *)# …$", re.MULTILINE)
STEPS = 6


def typed(before: Any, printed: Any) -> Any:
    """Return what a reader has after typing a part: what stands beside a `# …` stays, everything else is replaced."""
    if not isinstance(printed, dict):
        return printed
    known = before if isinstance(before, dict) else {}
    entries = {key: typed(known.get(key), value) for key, value in printed.items() if not key.startswith("# …")}
    return {**known, **entries} if len(entries) < len(printed) else entries


def part(body: str) -> Any:
    """Return a printed part as maps, lists and texts, with its `# …` as keys."""
    places = iter(range(1_000))
    return yaml.load(KEPT.sub(lambda found: f'{found[1]}"# … {next(places)}": stays', body), Loader=yaml.BaseLoader)


def blocks() -> Iterator[tuple[int, str]]:
    """Yield what is printed: (step, part of the file), and (0, commands)."""
    for found in BLOCK.finditer(TUTORIAL):
        yield int(found["step"] or 0), found["body"]


def files() -> dict[int, str]:
    """Return the file after each step, as it was typed."""
    text: Any = {}
    after: dict[int, str] = {}
    for step, body in blocks():
        if step:
            # The file itself always stays: a part never shows all of it.
            text = {**text, **typed(text, part(body))}
            after[step] = yaml.safe_dump(text, allow_unicode=True, sort_keys=False)
    return after


FILES = files()


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_what_is_printed_makes_the_file_of_the_step(step: int) -> None:
    kept = (ROOT / "docs" / "tutorial" / f"step_{step}.yaml").read_text(encoding="utf-8")
    changes = diff(read_blueprint(FILES[step]), read_blueprint(kept))
    assert [(change.kind, change.path, change.old, change.new) for change in changes if change.kind != "moved"] == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that a reader begins in, with its data in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BLANKETT_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("BLANKETT_DATABASE", raising=False)
    return tmp_path


def run(command: str) -> Result:
    result = CliRunner().invoke(main, shlex.split(command), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def commands_until(last: int) -> Iterator[tuple[int, str]]:
    """Yield the printed commands with the step they stand in, up to a step."""
    reached = 0
    for step, body in blocks():
        reached = step or reached
        if not step and reached <= last:
            yield from ((reached, line[2:].removeprefix("blankett ")) for line in body.splitlines() if line[:2] == "$ ")


def test_the_commands_of_each_step_find_nothing_wrong(folder: Path) -> None:
    said = list(commands_until(STEPS))
    checks = [(step, command) for step, command in said if command.split()[0] in ("check", "test")]
    assert len(checks) >= 5
    for step, command in checks:
        (folder / "loans.yaml").write_text(FILES[step], encoding="utf-8")
        output = run(command).output
        assert "problem" not in output or "0 problems, 0 warnings" in output


def sign_in(client: FlaskClient, email: str, password: str) -> None:
    """Sign in with a password that was handed over, and change it as one is asked to."""
    token = csrf(client, "/sign-in")
    answer = client.post("/sign-in", data={"email": email, "password": password, "csrf_token": token})
    assert answer.status_code == 303, answer.text
    new = f"a sentence of {email} to keep"
    data = {"old": password, "new": new, "again": new, "csrf_token": csrf(client, "/first-password")}
    assert client.post("/first-password", data=data).status_code == 303


def csrf(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
    assert found is not None
    return found[1]


def send(client: FlaskClient, address: str, values: dict[str, str]) -> str:
    """Fill in the form of a page and send it; return where it led."""
    page = client.get(address).text
    hidden = dict(re.findall(r'<input type="hidden" name="(_intent|_revision|csrf_token)" value="([^"]*)"', page))
    answer = client.post(address, data={**hidden, **values})
    assert answer.status_code == 303, re.sub(r"<[^>]+>", " ", answer.text)
    return answer.headers["Location"]


def test_two_people_lend_a_drill_with_what_was_typed(folder: Path) -> None:
    (folder / "loans.yaml").write_text(FILES[STEPS], encoding="utf-8")
    printed = [command for _step, command in commands_until(STEPS)]
    publish = next(command for command in printed if command.startswith("publish"))
    people = {shlex.split(each)[2]: each for each in printed if each.startswith("user add")}
    assert len(people) == 2

    run("db upgrade")
    store = Store(f"sqlite:///{folder / 'data' / 'blankett.sqlite'}")
    settings = Settings(database=store.url, secret_key="s" * 40, mode="development", secure_cookie=False)
    app = create_app(settings, services_over(settings, store, lambda: datetime.now(UTC)))
    app.testing = True
    first = app.test_client()
    owner = {
        "organisation": "Workshop",
        "zone": "Europe/Copenhagen",
        "name": "Olga Strand",
        "email": "olga@example.com",
    }
    owner |= {"password": "the first of the workshop", "csrf_token": csrf(first, "/set-up")}
    assert first.post("/set-up", data=owner).status_code == 303

    run(publish)
    passwords = {email: run(command).output.split()[-1] for email, command in people.items()}
    clients = {email: app.test_client() for email in people}
    for email, client in clients.items():
        sign_in(client, email, passwords[email])
    sam, kim = clients["sam@example.com"], clients["kim@example.com"]

    drill = {"code": "DRILL", "name": "Hammer drill", "value": "240", "_do": "save"}
    send(kim, "/forms/equipment_loans/item/new", drill)
    today = datetime.now(UTC).date().isoformat()
    loan = {"item": "DRILL", "from_day": today, "_do": "action.ask"}
    record = send(sam, "/forms/equipment_loans/loan/new", loan)
    assert "Hammer drill" in kim.get("/inbox").text
    assert send(kim, f"{record}/actions/lend", {}) == record
    assert "Lent" in sam.get(record).text
    store.close()
