"""`python -m tests.former.make`: keep a database as this commit's schema has it, and what can be seen of it.

Run it with the code of before a migration that moves rows about, and commit the two files; `test_former.py` upgrades
every database that is kept. Say why in the commit: databases that are kept are never made anew.
"""

from __future__ import annotations

import json
import lzma
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from tests.former.story import seen, tell

from blankett.engine.store import Store, schema

HERE = Path(__file__).parent


def main() -> int:
    """Make the files ``<revision>.sqlite.xz`` and ``<revision>.json.xz``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "made.sqlite"
        store = Store(f"sqlite:///{file}")
        schema.upgrade(store)
        heads = tell(store)
        found = {"heads": heads, **seen(store)}
        store.close()
        assert not found["broken"], found["broken"]
        small = Path(folder) / "small.sqlite"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(small),))
        for kind, content in (
            ("sqlite", small.read_bytes()),
            ("json", json.dumps(found, ensure_ascii=False, indent=0, sort_keys=True).encode()),
        ):
            target = HERE / f"{schema.NEWEST}.{kind}.xz"
            target.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
            sys.stdout.write(f"{target.name}: {target.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
