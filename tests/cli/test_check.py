"""`blankett check`: exit codes and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from blankett.cli import COMMANDS, main

CLEAN = """blueprint: shop
language: 1
title: Shop
forms:
  order:
    fields:
      total: {type: number}
    grants:
      - {who: everyone, may: all}
"""
WARNED = CLEAN.replace("forms:", "roles:\n  sales: {}\nforms:")
WRONG = CLEAN.replace("type: number", "tpye: number")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a clean, a warned and a wrong blueprint, and be in it."""
    for name, text in (("clean", CLEAN), ("warned", WARNED), ("wrong", WRONG)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


CALLS = [
    (["clean.yaml"], 0, ""),
    (["warned.yaml"], 0, "warned.yaml:5:3 BL705 warning: the role 'sales' may do nothing.\n"),
    (["warned.yaml", "--strict"], 1, "warned.yaml:5:3 BL705 warning: the role 'sales' may do nothing.\n"),
    (["clean.yaml", "wrong.yaml"], 1, "wrong.yaml:7:15 BL101 unknown key 'tpye' in a field. Did you mean 'type'?\n"),
    ([], 2, ""),
    (["nothing.yaml"], 2, ""),
    (["clean.yaml", "--loud"], 2, ""),
]


@pytest.mark.parametrize(
    ("arguments", "code", "printed"), CALLS, ids=[" ".join(call[0]) or "nothing" for call in CALLS]
)
def test_check_exits_and_prints(folder: Path, arguments: list[str], code: int, printed: str) -> None:
    result = CliRunner().invoke(main, ["check", *arguments])
    assert (result.exit_code, result.stdout) == (code, printed)


def test_the_summary_goes_to_the_error_stream(folder: Path) -> None:
    result = CliRunner().invoke(main, ["check", "clean.yaml", "warned.yaml", "wrong.yaml"])
    assert result.stderr == "3 files, 1 problem, 1 warning\n"


def test_json_carries_everything_a_tool_needs(folder: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--json", "wrong.yaml"])
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "file": "wrong.yaml",
            "line": 7,
            "column": 15,
            "id": "BL101",
            "severity": "error",
            "message": "unknown key 'tpye' in a field.",
            "suggestion": "type",
            "path": ["forms", "order", "fields", "total", "tpye"],
        }
    ]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_can_be_called_for_help(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert (result.exit_code, result.stdout.split("\n")[0].split()[:3]) == (0, ["Usage:", "main", command])
