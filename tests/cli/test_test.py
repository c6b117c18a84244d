"""`blankett test`: exit codes and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from blankett.cli import main

SHOP = """blueprint: shop
language: 1
title: Shop
roles:
  sales: {}
forms:
  order:
    fields:
      total: {type: number, required: yes}
      size: {type: text, compute: sizes(total)}
    states:
      draft: {start: yes}
      done: {final: yes}
    actions:
      finish: {from: draft, to: done, by: sales, when: total > 10}
    grants:
      - {who: sales, may: all}
tables:
  sizes:
    in: {total: number}
    out: {size: text}
    rows:
      small: ["<= 10", S]
      large: ["> 10", L]
scenarios:
  a small order is not finished:
    as: anna (sales)
    steps:
      - create: order
        with: {total: 5}
      - do: finish
      - expect: {refused: guard}
  a large order is finished:
    as: anna (sales)
    steps:
      - create: order
        with: {total: 20}
      - do: finish
      - expect: {state: done}
"""
LINKED = """blueprint: desk
language: 1
title: Desk
roles:
  sales: {}
forms:
  note:
    fields:
      order: {type: link, to: shop.order}
    grants:
      - {who: sales, may: all}
scenarios:
  a note may stand alone:
    as: anna (sales)
    steps:
      - create: note
      - expect: {values: {order: = null}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with blueprints that pass, fail and cannot be loaded, and be in it."""
    files = {
        "shop.yaml": SHOP,
        "failing.yaml": SHOP.replace("{state: done}", "{state: draft}"),
        "wrong.yaml": SHOP.replace("type: number", "tpye: number"),
        "desk.yaml": LINKED,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


PASSED = "ok   a small order is not finished\nok   a large order is finished\n"

CALLS = [
    (["shop.yaml"], 0, PASSED),
    (
        ["failing.yaml"],
        1,
        "ok   a small order is not finished\nFAIL a large order is finished\n"
        "     failing.yaml:39:9 state: expected draft, found done\n",
    ),
    (["wrong.yaml"], 1, "wrong.yaml:9:15 BL101 unknown key 'tpye' in a field. Did you mean 'type'?\n"),
    (["shop.yaml", "--only", "large"], 0, "ok   a large order is finished\n"),
    (["desk.yaml", "shop.yaml"], 0, "ok   a note may stand alone\n" + PASSED),
    (
        ["shop.yaml", "--only", "large", "--coverage"],
        0,
        "ok   a large order is finished\n"
        "shop.yaml: 1 of 2 rows; not sizes.small\nshop.yaml: 1 of 1 actions\nshop.yaml: 2 of 2 states\n",
    ),
    (
        ["shop.yaml", "--only", "small", "--require-all"],
        1,
        "ok   a small order is not finished\n"
        "shop.yaml: 1 of 2 rows; not sizes.large\nshop.yaml: 0 of 1 actions; not order.finish\n"
        "shop.yaml: 1 of 2 states; not order.done\n",
    ),
    (
        ["shop.yaml", "--require-all"],
        0,
        PASSED + "shop.yaml: 2 of 2 rows\nshop.yaml: 1 of 1 actions\nshop.yaml: 2 of 2 states\n",
    ),
    ([], 2, ""),
    (["nothing.yaml"], 2, ""),
]


@pytest.mark.parametrize(
    ("arguments", "code", "printed"), CALLS, ids=[" ".join(call[0]) or "nothing" for call in CALLS]
)
def test_test_exits_and_prints(folder: Path, arguments: list[str], code: int, printed: str) -> None:
    result = CliRunner().invoke(main, ["test", *arguments])
    assert (result.exit_code, result.stdout) == (code, printed)


def test_a_refusal_nobody_expected_is_worded(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP.replace("      - expect: {refused: guard}\n", ""), encoding="utf-8")
    result = CliRunner().invoke(main, ["test", "shop.yaml", "--only", "small"])
    assert (result.exit_code, result.stdout) == (
        1,
        "FAIL a small order is not finished\n"
        "     shop.yaml:31:9 do finish: expected accepted, found refused (guard)\n"
        "       “Total” is 5 and must be more than 10.\n"
        "shop.yaml: no scenario takes order.finish\n",
    )


def test_json_carries_everything_a_tool_needs(folder: Path) -> None:
    result = CliRunner().invoke(main, ["test", "failing.yaml", "--json"])
    (outcome,) = json.loads(result.stdout)
    assert (result.exit_code, outcome["file"], outcome["passed"], outcome["untaken"]) == (1, "failing.yaml", False, [])
    assert [
        (found["name"], found["line"], found["passed"], found["actions"], found["mismatches"])
        for found in outcome["scenarios"]
    ] == [
        ("a small order is not finished", 26, True, [], []),
        (
            "a large order is finished",
            33,
            False,
            ["shop.order/finish"],
            [{"line": 39, "column": 9, "what": "state", "expected": "draft", "found": "done", "problems": []}],
        ),
    ]


def test_json_tells_what_the_scenarios_cover(folder: Path) -> None:
    result = CliRunner().invoke(main, ["test", "shop.yaml", "--only", "large", "--coverage", "--json"])
    (outcome,) = json.loads(result.stdout)
    assert outcome["coverage"] == {
        "rows": {"covered": 1, "total": 2, "missing": ["sizes.small"]},
        "rules": {"covered": 0, "total": 0, "missing": []},
        "actions": {"covered": 1, "total": 1, "missing": []},
        "ways": {"covered": 0, "total": 0, "missing": []},
        "states": {"covered": 2, "total": 2, "missing": []},
        "timers": {"covered": 0, "total": 0, "missing": []},
    }


def test_the_summary_goes_to_the_error_stream(folder: Path) -> None:
    result = CliRunner().invoke(main, ["test", "shop.yaml", "failing.yaml"])
    assert result.stderr.startswith("2 files, 3 scenarios passed, 1 failed in ")
