"""The JSON Schema says the same as the checker about how a blueprint is written."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from blankett.cli import main
from blankett.engine.fields import FIELD_TYPES
from blankett.engine.language.grammar import SHAPES, key_rows, type_rows
from blankett.engine.language.json_schema import make_schema
from blankett.engine.language.loader.structure import check_structure
from blankett.engine.language.problems import Report
from blankett.engine.language.source import decode_plain
from blankett.engine.language.yaml_reader import read_source

SHIPPED = sorted(path.name for path in files("blankett.blueprints").iterdir() if path.name.endswith(".yaml"))
BAD = Path(__file__).resolve().parents[2] / "bad_blueprints"
#: Problems of how a blueprint is written: the schema finds them too.
STRUCTURE = [
    "BL101_unknown_key",
    "BL102_missing_key",
    "BL103_wrong_shape",
    "BL105_unknown_word",
    "BL106_bad_key",
    "BL107_reserved_key",
    "BL108_not_whole",
    "BL109_not_yes_no",
    "BL111_text_too_long",
    "BL113_too_few",
    "BL114_one_of",
    "BL115_unknown_type",
]


def plain_of(text: str) -> object:
    """Return a blueprint's plain data."""
    report = Report()
    _source, tree = read_source(text, "x.yaml", report)
    assert tree is not None
    return decode_plain(tree)


@cache
def validator() -> Draft202012Validator:
    """Return the schema as a validator. Its registry is closed: nothing is ever fetched."""
    return Draft202012Validator(make_schema(), registry=Registry())


def find_faults(plain: object) -> list[str]:
    """Return what the schema finds wrong with a blueprint's plain data, as ``forms/order: message``."""
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator().iter_errors(plain)]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_blueprints_fit_the_schema(name: str) -> None:
    assert find_faults(plain_of((files("blankett.blueprints") / name).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", STRUCTURE)
def test_badly_written_blueprints_do_not_fit_it(name: str) -> None:
    assert find_faults(plain_of((BAD / f"{name}.yaml").read_text(encoding="utf-8"))) != []


def test_the_command_prints_a_valid_schema() -> None:
    printed = CliRunner().invoke(main, ["schema"])
    assert printed.exit_code == 0
    schema = json.loads(printed.stdout)
    Draft202012Validator.check_schema(schema)
    assert schema == make_schema()


def test_every_key_and_option_is_described() -> None:
    rows = [row for shape in SHAPES for row in key_rows(shape.name)]
    rows += [row for type_ in FIELD_TYPES for row in type_rows(type_.name)]
    assert [row.key for row in rows if not (row.help and row.kind)] == []


LEAVE = (files("blankett.blueprints") / "leave_request.yaml").read_text(encoding="utf-8")
LINES = LEAVE.split("\n")


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(LINES) - 1), st.sampled_from(["drop", "rename", "text", "list", "map"]))
def test_schema_and_checker_agree_on_one_changed_line(number: int, change: str) -> None:
    line = LINES[number]
    key, colon, _rest = line.partition(":")
    changed = {
        "drop": None,
        "rename": line.replace("_", "", 1) if "_" in key else line.replace("t", "", 1),
        "text": f"{key}{colon} something" if colon else line,
        "list": f"{key}{colon} [one]" if colon else line,
        "map": f"{key}{colon} {{one: two}}" if colon else line,
    }[change]
    lines = [*LINES[:number], *([] if changed is None else [changed]), *LINES[number + 1 :]]
    report = Report()
    _source, tree = read_source("\n".join(lines), "x.yaml", report)
    if tree is None or report.problems:
        return
    faults = find_faults(decode_plain(tree))
    check_structure(tree, report)
    # Patterns and the types that are not there yet are told by the checker alone.
    told = [problem.name for problem in report.problems if problem.name not in ("bad_pattern", "not_yet", "bad_option")]
    # What a type is, the loader looks up; the schema lists them.
    if "is not one of" in " ".join(faults) and not told:
        faults = [fault for fault in faults if "'something' is not one of" not in fault]
        # Of a type that nobody knows, no key is known either.
        faults = [fault for fault in faults if "Unevaluated properties" not in fault]
    assert bool(faults) == bool(told), (faults, told)
