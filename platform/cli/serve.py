"""`blankett serve` and `blankett demo`: start the pages."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from blankett.cli.storage import is_new, sentence_of, sort_anew

if TYPE_CHECKING:
    from blankett.engine.store import Store

#: Only this machine can reach the pages unless told otherwise.
HOST = "127.0.0.1"
PORT = 8300

DATA = click.Path(file_okay=False, path_type=Path)
worker_option = click.option("--no-worker", is_flag=True, help="Do no jobs beside the pages: a worker elsewhere does.")


@click.command()
@click.option("--data", type=DATA, default=None, help="The folder of the data.  [default: BLANKETT_DATA, or var]")
@click.option("--host", default=HOST, show_default=True, help="The address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 512), help="Threads of each process.")
@worker_option
def serve(data: Path | None, host: str, port: int, workers: int, threads: int, no_worker: bool) -> None:
    """Start Blankett on your own data.

    A new installation prints an address with a code that is good once: there its first administrator is made.
    Settings come from BLANKETT_… variables; without BLANKETT_MODE=production it is for this machine only.
    """
    gc.disable()  # nothing that is loaded until the server answers is garbage; `settle_memory` enables it again
    from blankett.engine.store.database_faults import DatabaseFault
    from blankett.engine.store.schema import SchemaOutdated
    from blankett.web.settings import SettingsError, is_loopback, settings_from_environment

    environment = {"BLANKETT_MODE": os.environ.get("BLANKETT_MODE", "development"), **_data(data)}
    try:
        settings = settings_from_environment({**os.environ, **environment})
        if settings.is_demo and not is_loopback(host):
            raise SettingsError(
                f"In the demo anybody signs in as anybody, so it does not listen on {host}. "
                "For others use BLANKETT_MODE=production."
            )
        is_used = _ready(settings.database)
    except DatabaseFault as fault:
        raise click.ClickException(sentence_of(fault)) from fault
    except (SettingsError, SchemaOutdated) as err:
        raise click.ClickException(str(err)) from err
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    click.echo(f"Blankett is at {address}/  (Ctrl+C stops it)")
    if not is_used:
        environment["BLANKETT_SET_UP_CODE"] = code = str(settings.set_up_code)
        click.echo(f"It is new. Make its first administrator, once, at:\n{address}/set-up?code={quote(code)}")
    _serve(host, port, workers, threads, environment, not no_worker)


@click.command()
@click.option("--data", type=DATA, default=Path("var/demo"), show_default=True, help="The folder of the demo's data.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--fresh", is_flag=True, help="Begin the story anew; what was changed in the demo is lost.")
@worker_option
def demo(data: Path, port: int, fresh: bool, no_worker: bool) -> None:
    """Start Blankett with a company to play with: people, months of orders, complaints and absences.

    What is changed stays until --fresh. Only this machine can reach it.
    """
    from blankett.demo import people
    from blankett.engine.store.database_faults import DatabaseFault

    data = data.resolve()
    database = data / "blankett.sqlite"
    if fresh:
        for path in _files_of(database):
            path.unlink(missing_ok=True)
    try:
        if is_new(database):
            _build(database)
        else:
            _bring_up_to_date(database)
    except DatabaseFault as fault:
        raise click.ClickException(f"{sentence_of(fault)} `blankett demo --fresh` begins anew.") from fault
    click.echo(f"\nBlankett's demo is at http://{HOST}:{port}/  (Ctrl+C stops it)\n")
    click.echo("Sign in with one press as, for example:")
    for person in people():
        click.echo(f"  {person.name:<16}{person.work}")
    click.echo(f"\nThe data is in {data}; `blankett demo --fresh` begins anew.\n")
    environment = {"BLANKETT_MODE": "demo", "BLANKETT_DATA": str(data), "BLANKETT_DATABASE": ""}
    _serve(HOST, port, 1, 8, environment, not no_worker)


def _ready(url: str) -> bool:
    """Make a new database, or look at the one that is there; raise DatabaseFault or SchemaOutdated.

    Tells whether somebody uses it: whether it has an organisation.

    Tables are made only where there has been nothing: in a file that is not there, in a database without any.
    """
    from blankett.engine.store import Store
    from blankett.engine.store.database_faults import DatabaseFault
    from blankett.engine.store.database_file import file_of, require_database
    from blankett.engine.store.schema import has_tables, require_newest, revision_of, upgrade

    file = file_of(url)
    if file is not None and is_new(file):
        _make_beside(file, upgrade)
    elif file is not None:
        require_database(file)
    store = Store(url)
    try:
        if revision_of(store) is None:
            if file is not None or has_tables(store):
                raise DatabaseFault("foreign", store.place)
            upgrade(store)
        require_newest(store)
        sort_anew(store)
        with store.reading() as reading:
            return bool(reading.organisations())
    finally:
        store.close()


def _build(database: Path) -> None:
    """Make the demo's store and tell its story in it."""
    from blankett.demo import build_demo
    from blankett.engine.store.schema import upgrade

    def tell(store: Store) -> None:
        upgrade(store)
        build_demo(store, datetime.now(UTC))

    click.echo("Telling the demo's story …")
    _make_beside(database, tell)


def _make_beside(database: Path, fill: Callable[[Store], None]) -> None:
    """Make a database beside its place and move it there when it is whole: a stopped start leaves no half."""
    from blankett.engine.store import Store
    from blankett.engine.store.database_faults import fault_of

    unfinished = database.with_name(f"unfinished-{database.name}")
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        for left in _files_of(unfinished):
            left.unlink(missing_ok=True)
        store = Store(f"sqlite:///{unfinished}")
        fill(store)
        store.close()
        unfinished.replace(database)
    except OSError as err:
        raise fault_of(err, str(database)) or err from err


def _files_of(database: Path) -> list[Path]:
    """Return a database's file and those beside it that belong to it."""
    return [database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm")]


def _bring_up_to_date(database: Path) -> None:
    """Give the demo's store of an older Blankett the tables of this one; the story stays as it was told."""
    from blankett.engine.store import Store
    from blankett.engine.store.database_faults import DatabaseFault
    from blankett.engine.store.database_file import require_database
    from blankett.engine.store.schema import SchemaOutdated, require_newest, revision_of, upgrade

    require_database(database)
    store = Store(f"sqlite:///{database}")
    try:
        require_newest(store)
    except SchemaOutdated as outdated:
        try:
            upgrade(store)
            sort_anew(store)
        except DatabaseFault:
            raise
        except Exception as err:
            raise click.ClickException(
                f"{database} is not of this version of Blankett (revision {outdated.found}). "
                "`blankett demo --fresh` begins anew; what was changed in the demo is lost then."
            ) from err
        click.echo(
            f"The demo is of an older Blankett; its tables were brought to revision {revision_of(store)}. "
            "`blankett demo --fresh` tells the story of this one."
        )
    else:
        sort_anew(store)
    finally:
        store.close()


def _serve(host: str, port: int, workers: int, threads: int, environment: dict[str, str], has_worker: bool) -> None:
    from blankett.cli.worker import work_beside
    from blankett.web.server import serve as run
    from blankett.work.supervision import worker_beside

    _refuse_taken(host, port)
    sys.stdout.flush()
    beside = worker_beside(host, port, work_beside) if has_worker else nullcontext()
    run(host, port, workers=workers, threads=threads, environment=environment, beside=beside)


def _refuse_taken(host: str, port: int) -> None:
    """Say so when somebody else listens there: the server itself would only fail in its workers."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as err:
            raise click.ClickException(
                f"{host}:{port} cannot be used ({err.strerror}). Choose another with --port."
            ) from err


def _data(data: Path | None) -> dict[str, str]:
    return {} if data is None else {"BLANKETT_DATA": str(data.resolve())}
