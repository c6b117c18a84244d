"""Databases of before: places of unique values that were hidden, or that differed in what nobody sees."""

from __future__ import annotations

from pathlib import Path

from blankett.engine.store import Store, schema


def test_hidden_values_give_their_places_back_and_others_keep_what_is_seen(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'old.db'}")
    schema.upgrade(store, "0008")
    records = {
        "1": ('["code"]', '{"code":"Hidden"}', "hidden"),
        "2": ("[]", '{"code":"Se\u200ben"}', "se\u200ben"),
        "3": ("[]", '{"code":"Seen"}', "seen"),
        "4": ("[]", '{"code":"Al\u200bone"}', "al\u200bone"),
    }
    with store.writing() as writing:
        names = [row[1] for row in writing.connection.exec_driver_sql("PRAGMA table_info(record)") if row[3]]
        for id, (hidden, data, value) in records.items():
            known = {"organisation": "acme", "id": id, "hidden": hidden, "data": data}
            columns = {name: known.get(name, 1 if name in ("version", "revision") else "x") for name in names}
            places = ", ".join("?" for _ in columns)
            keys = ", ".join(columns)
            writing.connection.exec_driver_sql(
                f"INSERT INTO record ({keys}) VALUES ({places})", tuple(columns.values())
            )
            place = ("acme", "shop.thing", "code", value, id)
            writing.connection.exec_driver_sql(
                "INSERT INTO unique_value (organisation, form, path, value, record) VALUES (?, ?, ?, ?, ?)", place
            )
    schema.upgrade(store)
    with store.reading() as reading:
        found = reading.connection.exec_driver_sql("SELECT record, value FROM unique_value ORDER BY record")
        assert [tuple(row) for row in found] == [("3", "seen"), ("4", "alone")]
    store.close()
