"""`blankett table`: what it writes, what it brings back, what it says, and how it exits."""

from __future__ import annotations

import io
import json
import re
import shlex
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from blankett.cli import main

SHOP = """blueprint: shop
language: 1
languages: [en, zh]
title: Shop
forms:
  order:
    fields:
      total: {type: number}
      tier: {type: choice, options: [new, gold]}
    grants:
      - {who: everyone, may: all}
tables:
  approvers:
    hit: first
    in: {total: number, tier: order.tier}
    out: {who: text, days: number}
    rows:
      large: [">= 100000", "-",  board, 2]   # the board wants it
      fresh: [">= 10000",  new,  head,  1]
    default: {who: nobody, days: 0}
translations:
  zh:
    tables:
      approvers: {title: 审批人}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a blueprint, and be in it."""
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "wrong.yaml").write_text(SHOP.replace("type: number}", "tpye: number}"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["table", *arguments])


def export(name: str) -> None:
    assert run("export", "shop.yaml", "approvers", "--to", name).exit_code == 0


def edit(name: str, **cells: object) -> None:
    """Write *cells*, {address: value}, into a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(Path(name).read_bytes()))
    for address, value in cells.items():
        book.active[address] = value
    book.save(name)


CALLS = [
    (["export", "shop.yaml", "approvers", "--to", "a.xlsx"], 0, "a.xlsx: approvers\n"),
    (["export", "shop.yaml", "all", "--to", "a.dmn"], 0, "a.dmn: approvers\n"),
    (["export", "shop.yaml", "approver", "--to", "a.dmn"], 2, ""),
    (["export", "shop.yaml", "approvers", "--to", "a.csv"], 2, ""),
    (["export", "shop.yaml", "approvers"], 2, ""),
    (
        ["export", "wrong.yaml", "approvers", "--to", "a.dmn"],
        1,
        "wrong.yaml:8:15 BL101 unknown key 'tpye' in a field. Did you mean 'type'?\n",
    ),
    (
        ["try", "shop.yaml", "approvers", "total=12000", "tier=new"],
        0,
        "Row 2 (fresh) hits.\n"
        "  Who: head, Days: 1\n"
        "   row 1 (large), shop.yaml:18: Does not match.\n"
        "      Total 12,000 is not >= 100000\n"
        "=> row 2 (fresh), shop.yaml:19: Hits.\n",
    ),
    (
        ["try", "shop.yaml", "approvers", "total=200000", "tier=new"],
        0,
        "Row 1 (large) hits.\n"
        "  Who: board, Days: 2\n"
        "=> row 1 (large), shop.yaml:18: Hits.\n"
        " ~ row 2 (fresh), shop.yaml:19: Also matches, but row 1 (large) stands above it.\n",
    ),
    (
        ["try", "shop.yaml", "approvers"],
        0,
        "No row matches, so the default is given.\n"
        "  Who: nobody, Days: 0\n"
        "   row 1 (large), shop.yaml:18: Does not match.\n"
        "      Total is empty: >= 100000 has no answer to that\n"
        "   row 2 (fresh), shop.yaml:19: Does not match.\n"
        "      Total is empty: >= 10000 has no answer to that\n"
        "      Tier empty is not new\n",
    ),
    (["try", "shop.yaml", "approvers", "totl=1"], 2, ""),
    (["try", "shop.yaml", "approvers", "total=much"], 2, ""),
    (["try", "shop.yaml", "approvers", "tier=platinum"], 2, ""),
    (["import", "shop.yaml", "approvers", "nothing.xlsx"], 2, ""),
    (["import", "shop.yaml", "Approvers!", "shop.yaml"], 2, ""),
    (["import", "shop.yaml", "approvers", "shop.yaml"], 1, ""),
]


@pytest.mark.parametrize(("arguments", "code", "printed"), CALLS, ids=[" ".join(call[0]) for call in CALLS])
def test_table_exits_and_prints(arguments: list[str], code: int, printed: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, printed)


WRONG_CALLS = [
    (
        ["export", "shop.yaml", "approver", "--to", "a.dmn"],
        "shop.yaml has no table 'approver'. Did you mean 'approvers'?",
    ),
    (["try", "shop.yaml", "approvers", "totl=1"], "'totl=1' is no input=value of 'approvers'. Did you mean 'total'?"),
    (
        ["import", "shop.yaml", "approvers", "shop.yaml"],
        "shop.yaml: “shop.yaml” is neither a spreadsheet (.xlsx) nor DMN",
    ),
]


@pytest.mark.parametrize(("arguments", "told"), WRONG_CALLS, ids=[" ".join(call[0]) for call in WRONG_CALLS])
def test_what_is_wrong_with_a_call_is_told(arguments: list[str], told: str) -> None:
    assert told in run(*arguments).stderr


def test_what_the_file_does_not_hold_is_told() -> None:
    result = run("export", "shop.yaml", "approvers", "--to", "a.xlsx")
    assert result.stderr == "approvers: not in the file: Titles and help in other languages (zh).\n"


@pytest.mark.parametrize("name", ["a.xlsx", "a.dmn"])
def test_a_table_brought_back_changes_nothing(name: str) -> None:
    export(name)
    result = run("import", "shop.yaml", "approvers", name)
    assert (result.exit_code, result.stdout) == (0, "approvers: nothing changes\n")
    assert Path("shop.yaml").read_text(encoding="utf-8") == SHOP


def test_what_a_spreadsheet_changes_is_written_and_told() -> None:
    export("a.xlsx")
    edit("a.xlsx", B7=">= 50000", A8="fresh_gold", C8="gold", A9="rest", B9="[0..10)", D9="clerk", E9=1, F9="Small.")
    result = run("import", "shop.yaml", "approvers", "a.xlsx")
    assert (result.exit_code, result.stderr) == (0, "shop.yaml is written.\n")
    lines = result.stdout.splitlines()
    assert lines[:7] == [
        "changed: row 1 (large): >= 50000, -, board, 2",
        "  total: >= 100000 -> >= 50000",
        "changed: row 2 (fresh_gold): >= 10000, gold, head, 1",
        "  tier: new -> gold",
        "  key: fresh -> fresh_gold",
        "added: row 3 (rest): [0..10), -, clerk, 1",
        "approvers: 1 added, 2 changed",
    ]
    assert Path("shop.yaml").read_text(encoding="utf-8") == SHOP.replace(
        '[">= 100000", "-",  board, 2]', '[">= 50000",  "-",  board, 2]'
    ).replace(
        'fresh: [">= 10000",  new,  head,  1]\n',
        'fresh_gold: [">= 10000",  gold, head,  1]\n'
        '      rest:  {total: "[0..10)", who: clerk, days: 1, note: Small.}\n',
    )


def test_a_dry_run_writes_nothing() -> None:
    export("a.xlsx")
    edit("a.xlsx", B7=">= 50000")
    result = run("import", "shop.yaml", "approvers", "a.xlsx", "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[2:]) == (
        0,
        ["approvers: 1 changed"],
    )
    assert Path("shop.yaml").read_text(encoding="utf-8") == SHOP


def test_a_row_that_never_decides_any_more_is_told_with_its_address() -> None:
    export("a.xlsx")
    edit("a.xlsx", B7=">= 5000")
    result = run("import", "shop.yaml", "approvers", "a.xlsx", "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[2:]) == (
        1,
        [
            "approvers: 1 changed",
            "shop.yaml:19:7 BL913 row 'fresh' never decides: all it matches goes to row 'large', as total 10 000 with "
            "tier new does. (a.xlsx: A8)",
        ],
    )


def test_a_wrong_cell_is_told_with_its_address_and_nothing_is_written() -> None:
    export("a.xlsx")
    edit("a.xlsx", C8="nwe")
    result = run("import", "shop.yaml", "approvers", "a.xlsx")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == (
        "shop.yaml:19:28 BL307 'nwe' is not one of the options (new, gold). Did you mean 'new'? (a.xlsx: C8)"
    )
    assert Path("shop.yaml").read_text(encoding="utf-8") == SHOP


def test_a_wrong_entry_of_a_model_is_told_with_its_line() -> None:
    export("a.dmn")
    model = Path("a.dmn").read_text(encoding="utf-8").replace("&gt;= 10000<", "&gt;== 10000<")
    Path("a.dmn").write_text(model, encoding="utf-8")
    line = next(number for number, text in enumerate(model.splitlines(), 1) if "&gt;== 10000" in text)
    result = run("import", "shop.yaml", "approvers", "a.dmn")
    assert result.exit_code == 1
    # The entry begins on the line above its text.
    assert result.stdout.splitlines()[-1].endswith(f"(a.dmn: line {line - 1})")


def test_a_new_table_is_added() -> None:
    export("a.dmn")
    result = run("import", "shop.yaml", "others", "a.dmn")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "others: a new table with 2 rows")
    assert run("try", "shop.yaml", "others", "total=100000").stdout.startswith("Row 1 (large) hits.\n")


MODEL = """<definitions>
<decision name="Fee"><decisionTable>
<input label="Total"><inputExpression typeRef="double"><text>order.total</text></inputExpression></input>
<output name="fee" typeRef="integer"/>
<rule><inputEntry><text>&lt; 100</text></inputEntry><outputEntry><text>5</text></outputEntry></rule>
</decisionTable></decision>
<decision name="Draft"><decisionTable>
<input><inputExpression><text>a</text></inputExpression></input><output name="b"/>
</decisionTable></decision>
<decision name="Wrong"><decisionTable>
<input><inputExpression typeRef="string"><text>a</text></inputExpression></input><output name="b" typeRef="string"/>
<rule><inputEntry><text>gold</text></inputEntry><outputEntry><text>"x"</text></outputEntry></rule>
</decisionTable></decision>
</definitions>"""


def test_all_tables_come_in_but_those_that_cannot() -> None:
    Path("m.dmn").write_text(MODEL, encoding="utf-8")
    result = run("import", "shop.yaml", "all", "m.dmn")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "m.dmn: “Draft” is not taken in: The table “Draft” has no rows. Write at least one.",
        "m.dmn: “wrong” is not taken in:",
        "shop.yaml:32:10 BL302 there is no 'gold' here; write \"gold\". (m.dmn: line 12)",
        "m.dmn: Line 3: the input “order.total” is the column “total” here; whoever calls the table gives its value.",
        "fee: a new table with 1 row",
        "shop.yaml:25:5 BL914 warning: nothing matches total 100, and there is no 'default'. (m.dmn: line 2)",
    ]
    assert run("try", "shop.yaml", "fee", "total=9").stdout.startswith("Row 1 hits.\n")
    data = json.loads(run("import", "shop.yaml", "all", "m.dmn", "--json").stdout)
    assert [each["table"] for each in data["tables"]] == ["fee"]
    assert [each["table"] for each in data["left"]] == ["wrong"]
    assert [each["name"] for each in data["refused"]] == ["Draft"]


def test_a_table_of_a_file_is_chosen_by_its_name_and_gets_a_key_of_its_own() -> None:
    Path("m.dmn").write_text(MODEL, encoding="utf-8")
    assert run("import", "shop.yaml", "freight", "m.dmn", "--from", "Fee").exit_code == 0
    assert run("try", "shop.yaml", "freight", "total=9").stdout.startswith("Row 1 hits.\n")
    assert "has no rows" in run("import", "shop.yaml", "other", "m.dmn", "--from", "Draft").stderr
    assert "it has fee, wrong" in run("import", "shop.yaml", "other", "m.dmn").stderr


def test_a_plain_sheet_is_guessed_and_told_and_can_be_said_otherwise() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Rates"
    for line in (["Amount", "Rate"], ["5 or more", 0.1], ["any", 3]):
        book.active.append(line)
    book.save("rates.xlsx")
    result = run("import", "shop.yaml", "rates", "rates.xlsx", "--dry-run")
    assert result.stderr == "rates.xlsx: sheet “Rates” is read as hit first: “Amount” in number, “Rate” out number\n"
    assert result.stdout.splitlines()[:3] == [
        "rates.xlsx: A2: “5 or more” is read as >= 5",
        "rates.xlsx: A3: “any” is read as -",
        "rates: a new table with 2 rows",
    ]
    said = ["--column", "Rate=out text", "--column", "amount=in money", "--hit", "collect"]
    assert run("import", "shop.yaml", "rates", "rates.xlsx", *said).exit_code == 0
    text = Path("shop.yaml").read_text(encoding="utf-8")
    assert "    hit: collect\n    in: {amount: money}\n    out: {rate: text}\n" in text
    for wrong in ("Rat=in number", "Rate=on number", "Rate=in numbr", "Rate"):
        assert run("import", "shop.yaml", "rates", "rates.xlsx", "--column", wrong).exit_code == 2


def test_json_carries_everything_a_tool_needs() -> None:
    export("a.xlsx")
    edit("a.xlsx", C8="nwe")
    found = json.loads(run("import", "shop.yaml", "approvers", "a.xlsx", "--json").stdout)
    assert found["rows"] == [
        {
            "kind": "changed",
            "number": 2,
            "key": "fresh",
            "texts": [">= 10000", "nwe", "head", "1"],
            "changes": [{"name": "tier", "before": "new", "after": "nwe"}],
        }
    ]
    assert [each["origin"] for each in found["problems"] if each["id"] == "BL307"] == [
        {"sheet": "approvers", "cell": "C8", "line": 0}
    ]
    tried = json.loads(run("try", "shop.yaml", "approvers", "total=200000.50", "--json").stdout)
    assert (tried["outcome"], tried["value"]) == ("rows", {"who": "board", "days": "2"})
    assert [(row["key"], row["matches"], row["won"]) for row in tried["rows"]] == [
        ("large", True, True),
        ("fresh", False, False),
    ]


def test_the_documentation_shows_what_the_commands_do(folder: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    (folder / "blueprints").mkdir()
    name = "blueprints/order_management.yaml"
    (folder / name).write_text((root / name).read_text(encoding="utf-8"), encoding="utf-8")
    page = (root / "docs" / "tables.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\$ blankett table (.*)\n((?:(?!\$|```).*\n)*)", page, re.MULTILINE)
    assert len(shown) == 7
    for arguments, lines in shown:
        result = run(*shlex.split(arguments))
        assert result.exit_code == 0, result.output
        assert [line for line in lines.splitlines() if line not in result.stdout] == []
