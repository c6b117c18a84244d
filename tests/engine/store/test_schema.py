"""The tables, how they come to be, and that every key begins with the organisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.stores import downgrade

from blankett.engine.jobs.rollout_job import RolloutJob
from blankett.engine.publish.rollout import rollout_of_job
from blankett.engine.publish.sort_keys import is_stale
from blankett.engine.store import Organisation, Store, StoredRecord, schema, tables
from blankett.engine.store.jobs import jobs_in_state
from blankett.engine.store.rollouts import StoredRollout, put_rollout


def test_every_key_and_index_begins_with_the_organisation() -> None:
    keys = {
        (table.name, str(part.name)): next(column.name for column in part.columns)
        for table in tables.metadata.tables.values()
        for part in (*table.indexes, *table.constraints)
        if isinstance(part, (sa.Index, sa.PrimaryKeyConstraint, sa.UniqueConstraint))
    }
    assert {name for name, first in keys.items() if first != "organisation"} == set()


def described(engine: sa.Engine) -> dict[str, object]:
    """Return columns, keys and indexes of a database, by table."""
    inspector = sa.inspect(engine)
    return {
        name: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)],
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted(
                (index["name"], tuple(index["column_names"]), bool(index["unique"]), where(index))
                for index in inspector.get_indexes(name)
            ),
            sorted((str(key["name"]), tuple(key["column_names"])) for key in inspector.get_unique_constraints(name)),
        )
        for name in sorted(inspector.get_table_names())
        if name != "alembic_version"
    }


def where(index: object) -> str:
    """Return the condition of a partial index, spelled one way."""
    options: dict[str, object] = index.get("dialect_options", {})  # type: ignore[attr-defined]
    found = str(options.get("sqlite_where", options.get("postgresql_where", "")))
    return found.replace("(", "").replace(")", "").casefold()


def test_migrations_make_the_tables_the_code_works_with(tmp_path: Path) -> None:
    migrated, made = Store(f"sqlite:///{tmp_path / 'a.db'}"), Store(f"sqlite:///{tmp_path / 'b.db'}")
    schema.upgrade(migrated)
    made.create_schema()
    assert described(migrated.engine) == described(made.engine)
    migrated.close()
    made.close()


@pytest.mark.postgres
def test_migrations_make_the_tables_on_postgresql(make_postgres_database: Callable[[], str]) -> None:
    migrated, made = Store(make_postgres_database()), Store(make_postgres_database())
    schema.upgrade(migrated)
    made.create_schema()
    assert described(migrated.engine) == described(made.engine)
    migrated.close()
    made.close()


def test_migrations_are_undone_to_nothing(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    schema.upgrade(store)
    downgrade(store, "base")
    assert described(store.engine) == {}
    store.close()


def test_what_a_version_still_does_to_records_becomes_a_job(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    schema.upgrade(store, "0018")
    at = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    row = StoredRollout(
        organisation="acme",
        blueprint="shop",
        number=3,
        at=at,
        by="u1",
        plan={},
        progress={},
        held_until=at,
        changed_at=at,
    )
    with store.writing() as writing:
        writing.put_organisation(Organisation(id="acme", title="Acme", created_at=at))
        put_rollout(writing, row)
        put_rollout(writing, replace(row, number=2, ended_at=at))
    schema.upgrade(store)
    with store.reading() as reading:
        (job,) = jobs_in_state(reading, "acme", "waiting", 10)
    store.close()
    assert (job.id, job.key, job.by, job.asked_at, RolloutJob().misfit(job), rollout_of_job(job)) == (
        "rollout-shop-3", "shop 3", "u1", at, None, ("acme", "shop", 3),
    )  # fmt: skip


def test_organisations_with_backticks_in_texts_of_before_have_them_written_anew(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    schema.upgrade(store, "0019")
    at = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
    with store.writing() as writing:
        for id in ("acme", "busy"):
            writing.put_organisation(Organisation(id=id, title=id.title(), created_at=at))
            writing.insert_record(
                StoredRecord(
                    organisation=id, id=id, workspace="w", blueprint="shop", version=1, form="order", title="O'Neil",
                    created_at=at, created_by="u1", changed_at=at,
                )
            )  # fmt: skip
    with store.engine.begin() as connection:
        as_before = sa.text("UPDATE record SET search = replace(search, :quote, '`') WHERE id = 'busy'")
        connection.execute(as_before, {"quote": "'"})
    schema.upgrade(store)
    with store.reading() as reading:
        stale = {organisation.id: is_stale(organisation) for organisation in reading.organisations()}
    store.close()
    assert stale == {"acme": False, "busy": True}


def test_the_newest_revision_is_the_one_the_code_names(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'a.db'}")
    schema.upgrade(store)
    assert schema.revision_of(store) == schema.NEWEST
    schema.require_newest(store)
    store.close()


def test_a_database_without_tables_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    store = Store(f"sqlite:///{path}")
    with pytest.raises(schema.SchemaOutdated) as refused:
        schema.require_newest(store)
    store.close()
    assert str(refused.value) == (
        f"sqlite:///{path} has no tables of Blankett, this version needs revision {schema.NEWEST}. "
        "Run `blankett db upgrade`."
    )


@pytest.mark.postgres
def test_every_table_can_be_partitioned_by_organisation(make_postgres_database: Callable[[], str]) -> None:
    engine = sa.create_engine(make_postgres_database())
    partitioned = sa.MetaData()
    for table in tables.metadata.tables.values():
        copy = table.to_metadata(partitioned)
        copy.dialect_options["postgresql"]["partition_by"] = "HASH (organisation)"
    with engine.begin() as connection:
        partitioned.create_all(connection)
        for name in partitioned.tables:
            connection.exec_driver_sql(
                f'CREATE TABLE "{name}_0" PARTITION OF "{name}" FOR VALUES WITH (MODULUS 1, REMAINDER 0)'
            )
        kinds = connection.exec_driver_sql("SELECT count(*) FROM pg_class WHERE relkind = 'p'").scalar()
    assert kinds == len(tables.metadata.tables)
    engine.dispose()


def test_sqlite_keeps_what_it_acknowledged(store: Store) -> None:
    with store.engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]
    assert found == ["wal", 2, 10_000, 1]


def test_sqlite_reads_a_file_in_place(tmp_path: Path) -> None:
    file = Store(f"sqlite:///{tmp_path / 'blankett.sqlite'}")
    with file.engine.connect() as connection:
        mapped = connection.exec_driver_sql("PRAGMA mmap_size").scalar()
    file.close()
    assert mapped == 256 * 2**20
