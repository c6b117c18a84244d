"""Faults of the database and of the clock, on the pages: reading goes on, and nothing typed is lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from blankett.engine.store import Store
from blankett.engine.store import store as store_module
from blankett.engine.store.schema import upgrade
from blankett.web.services import Services, services_over
from blankett.web.settings import Settings

from .conftest import HX, Clock, Visitor
from .fault_harness import driver_connections, fill_disk, foreign_lock, full_disk, read_only, small_disk
from .pages import form_pairs, words

Fault = Callable[[Store, Path], AbstractContextManager[None]]
CUSTOMER = "/forms/shop/customer/new"
VALUES = {"code": "ACME", "name": "Acme & Söhne <1>", "currency": "DKK", "tier": "gold", "limit": "900", "_do": "save"}
#: Fault → its kind, and when it makes sense to come again.
FAULTS: dict[Fault, tuple[str, str]] = {
    foreign_lock: ("busy", "5"),
    full_disk: ("full", "60"),
    read_only: ("read_only", "60"),
}
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks of 10 or 40 seconds outlast a writer's patience; so does any lock that outlasts a short patience."""
    monkeypatch.setattr(store_module, "PATIENCE", 150)
    monkeypatch.setattr(store_module, "PATIENCE_WHILE_HELD", 50)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "blankett.sqlite"


@pytest.fixture
def settings(file: Path) -> Settings:
    return Settings(database=f"sqlite:///{file}", secret_key="s" * 40, mode="development", secure_cookie=False)


@pytest.fixture
def empty_services(settings: Settings, clock: Clock) -> Services:
    """Services over a store in a file, as in life."""
    store = Store(settings.database)
    store.create_schema()
    return services_over(settings, store, clock)


@each_fault
def test_reading_pages_need_no_writing(
    anna: Visitor, services: Services, clock: Clock, file: Path, fault: Fault
) -> None:
    clock.pass_by(minutes=5)  # that somebody was seen would be written now
    pages = ("/inbox", "/forms/shop/order/new", "/settings", "/places", "/health")
    with fault(services.store, file):
        assert {page: anna.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


@each_fault
def test_a_save_that_fails_shows_everything_typed_and_can_be_sent_again(
    mette: Visitor, services: Services, file: Path, fault: Fault
) -> None:
    mette.get("/inbox")
    kind, seconds = FAULTS[fault]
    token = mette.token()
    with fault(services.store, file):
        answer = mette.post(CUSTOMER, {**VALUES, "csrf_token": token}, csrf=False)
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, seconds)
        assert "Nothing was saved, and everything you typed is still here" in words(answer.text)
        shown = dict(form_pairs(answer.text))
        assert [shown[name] for name in ("code", "name", "currency", "tier")] == ["ACME", VALUES["name"], "DKK", "gold"]
        assert "900" in shown["limit"]
        assert mette.get("/health").json == {"status": "ok", "saving": kind}
    again = mette.post(CUSTOMER, [*form_pairs(answer.text), ("_do", "save")])
    assert (again.status_code, mette.get("/health").json) == (303, {"status": "ok"}), words(again.text)


@each_fault
def test_nothing_is_half_saved(mette: Visitor, services: Services, file: Path, fault: Fault) -> None:
    with fault(services.store, file):
        assert mette.post(CUSTOMER, VALUES).status_code == 503
    with services.store.engine.connect() as connection:
        queries = [f"SELECT count(*) FROM {table}" for table in ("record", "event", "intent")]
        counted = [connection.exec_driver_sql(query).scalar() for query in queries]
    assert counted == [0, 0, 0]


@each_fault
def test_a_dialog_gets_a_note_and_keeps_its_form(mette: Visitor, services: Services, file: Path, fault: Fault) -> None:
    with fault(services.store, file):
        answer = mette.post(CUSTOMER, VALUES, **HX)
    assert (answer.status_code, answer.text.count("<form"), "alert" in answer.text) == (503, 0, True)


def test_signing_in_says_so_and_keeps_what_was_parked(visitor: Visitor, services: Services, file: Path) -> None:
    values = {"email": "anna@acme.example", "password": "a long enough password", "next": "/inbox", "parked": "[]"}
    with foreign_lock(services.store, file):
        answer = visitor.post("/sign-in", values)
    assert (answer.status_code, "Another program holds the database" in answer.text) == (503, True)
    assert "a long enough password" not in answer.text
    assert visitor.sign_in("anna").status_code == 303


def test_a_password_is_never_shown_again(mette: Visitor, services: Services, file: Path) -> None:
    values = {"old": "a long enough password", "new": "another long password"}
    with foreign_lock(services.store, file):
        answer = mette.post("/settings/password", values)
    assert answer.status_code == 503
    assert [text for text in values.values() if text in answer.text] == []


def test_a_lock_is_waited_for_once_and_then_only_tried(services: Services, file: Path) -> None:
    store, statements = services.store, list[str]()

    def write() -> None:
        with pytest.raises(Exception, match=r"database\.busy"), store.writing():
            pass

    for driver in driver_connections(store):
        driver.set_trace_callback(statements.append)
    with foreign_lock(store, file):
        began = time.monotonic()
        write()
        assert time.monotonic() - began >= 0.14
        statements.clear()
        write()
    for driver in driver_connections(store):
        driver.set_trace_callback(None)
    patience, begin, usual = statements
    assert 0 <= int(patience.removeprefix("PRAGMA busy_timeout=")) <= store_module.PATIENCE_WHILE_HELD
    assert (begin, usual) == ("BEGIN IMMEDIATE", f"PRAGMA busy_timeout={store_module.PATIENCE}")
    with store.writing() as writing:
        writing.expire_sessions("acme", services.clock())
    assert store.write_fault is None


def test_a_full_disk_in_life(tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "disk"
    with small_disk(folder) as is_there:
        if not is_there:
            pytest.skip("this machine lets us make no disk of our own")
        store = Store(f"sqlite:///{folder / 'blankett.sqlite'}")
        upgrade(store)
        filler = fill_disk(folder)
        with pytest.raises(Exception, match=r"database\.full"):
            write_much(store, clock)
        store.probe()
        filler.unlink()
        write_much(store, clock)
        store.close()


def write_much(store: Store, clock: Clock) -> None:
    """Write some hundred kilobytes in one commit."""
    from blankett.engine.store import Organisation

    with store.writing() as writing:
        for number in range(50):
            writing.put_organisation(Organisation(id=f"o{number}", title="x" * 8_000, created_at=clock()))


def test_a_damaged_page_is_told_without_a_traceback(
    anna: Visitor, services: Services, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    services.store.close()
    content = file.read_bytes()
    place = content.index(b"anna@acme.example") // 4_096 * 4_096
    with services.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    services.store.close()
    file.write_bytes(content[:place] + bytes(4_096) + content[place + 4_096 :])
    answer = anna.get("/inbox")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "300")
    assert "an administrator must put a backup in its place" in words(answer.text)
    assert "Stop the server, keep the file" in caplog.text
    assert "Traceback" not in caplog.text


# The clock ------------------------------------------------------------------------------------------------------------


def test_a_clock_an_hour_back_signs_nobody_out(anna: Visitor, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now - 3_600)
    clock.pass_by(hours=-1)
    assert anna.get("/inbox").status_code == 200
    assert anna.post("/settings/theme", {"theme": "dark"}).status_code == 303


def test_a_clock_a_day_ahead_signs_nobody_out_for_good(anna: Visitor, mette: Visitor, clock: Clock, app: Flask) -> None:
    clock.pass_by(days=1)
    assert anna.get("/inbox").status_code == 303
    assert Visitor(app.test_client()).sign_in("mette").status_code == 303  # forgets the sessions that are over
    clock.now -= timedelta(days=1)
    assert [anna.get("/inbox").status_code, mette.get("/inbox").status_code] == [200, 200]
