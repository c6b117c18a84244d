"""The cases of the DMN test kit: how many pass.

`BLANKETT_TCK` names the file of cases; the runner lies beside it. Without it the test is skipped, and says so.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from . import tck

#: What must pass at least, in percent of the cases of a kind.
FLOORS = {"all": 99.5, "values": 99.5, "tables": 100}
TITLES = {
    "all": "DMN test kit, all cases",
    "values": "DMN test kit, cases with a value as answer",
    "tables": "DMN test kit, decision tables",
}


def runner_beside(cases: Path) -> ModuleType:
    """Return the kit's runner, which knows its tagged values and its implicit conversions."""
    spec = importlib.util.spec_from_file_location("run_tck", cases.parent / "run_tck.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif("BLANKETT_TCK" not in os.environ, reason="BLANKETT_TCK does not name the cases of the DMN test kit")
def test_cases_of_the_kit_pass(record_property: Callable[[str, object], None]) -> None:
    path = Path(os.environ["BLANKETT_TCK"])
    runner = runner_beside(path)
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    passed: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for case in cases:
        has_passed = runner.run_case(tck, case)[0]
        for kind in kinds_of(case):
            of[kind] += 1
            passed[kind] += has_passed
    rates = {kind: 100 * passed[kind] / of[kind] for kind in of}
    for kind, rate in rates.items():
        record_property(TITLES[kind], f"{passed[kind]} of {of[kind]} ({rate:.1f} %)")
    assert {kind: rate for kind, rate in rates.items() if rate < FLOORS[kind]} == {}


def kinds_of(case: dict[str, Any]) -> list[str]:
    """Return what a case counts for: null passes many by itself, so values are counted apart."""
    kinds = ["all"]
    if "table" in case:
        kinds.append("tables")
    if case["expected"] is not None:
        kinds.append("values")
    return kinds
