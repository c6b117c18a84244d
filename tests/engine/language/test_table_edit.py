"""Giving a table of a blueprint's text other rows: what is not touched stays to the character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blankett.engine.language.table_edit import RowText, TableText, WantedRow
from blankett.engine.language.text_edit import EditError

HEAD = """\
# Orders.
tables:
  approvers:
    title: Approvers   # the matrix
    in: {total: number, tier: customer.tier}
    out:
      role: role
"""

LISTED = (
    HEAD
    + """\
    rows:
      # total      tier    role
      - [">= 100", "-",    director]   # the board said so
      # new customers
      - [">= 10",  new,    manager]
      - ["-",      "-",    sales]

      # nobody knows why
      #   (really)
      - ["< 0",    "-",    sales]
# the end
"""
)
KEYED = (
    HEAD
    + """\
    rows:
      large: [">= 100", "-", director]
      small: {total: "< 100", role: sales, note: Why not}   # often
      other:
        total: "= 100"
        # a comment inside
        role: sales
      # after
  freight:
    title: Freight
"""
)
FLOW = HEAD + '    rows: [[">= 100", "-", director], ["< 100", "-", sales]]\n'
NESTED = (
    HEAD
    + """\
    rows:
      - - ">= 100"
        - "-"
        - director
      - total: "< 100"
        role: sales
"""
)


def kept(table: TableText, *order: int) -> list[WantedRow]:
    return [WantedRow(table.rows[at], at) for at in order]


def changed(row: WantedRow, at: int, text: str) -> WantedRow:
    cells = (*row.text.cells[:at], text, *row.text.cells[at + 1 :])
    return replace(row, text=replace(row.text, cells=cells))


def rewritten(source: str, rows: Sequence[WantedRow], **head: str) -> str:
    table = TableText(source, "approvers")
    default = {"role": head["role"]} if "role" in head else table.default
    return table.rewritten(rows, head.get("hit", table.hit), default)


def lines(source: str, *numbers: int) -> str:
    """Return lines of the rows of a text, counted from the first line behind `rows:`."""
    body = source.split("    rows:\n")[1].split("\n")
    return "\n".join(body[number - 1] for number in numbers) + "\n"


# Reading -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [LISTED, KEYED, FLOW, NESTED], ids=["list", "map", "flow", "nested"])
def test_the_same_rows_give_the_same_text(source: str) -> None:
    table = TableText(source, "approvers")
    assert rewritten(source, kept(table, *range(len(table.rows)))) == source


def test_rows_are_read_as_they_are_written() -> None:
    table = TableText(KEYED, "approvers")
    assert (table.inputs, table.outputs, table.hit, table.has_keys) == (("total", "tier"), ("role",), "unique", True)
    assert table.rows == (
        RowText((">= 100", "-", "director"), key="large"),
        RowText(("< 100", "-", "sales"), "Why not", "small"),
        RowText(("= 100", "-", "sales"), key="other"),
    )


def test_a_row_with_a_comma_too_many_is_read_whole() -> None:
    table = TableText(HEAD + "    rows:\n      - [[1..10], new, sales, 1]\n      - [5]\n", "approvers")
    assert [row.cells for row in table.rows] == [("[1..10]", "new", "sales, 1"), ("5", "", "")]


@pytest.mark.parametrize(
    "source",
    ["", "tables: {}", "tables: {approvers: yes}", "tables: {approvers: {rows: 1}}", "tables: [", "- a"],
)
def test_what_is_no_table_is_refused(source: str) -> None:
    with pytest.raises(EditError):
        TableText(source, "approvers")


# Cells ---------------------------------------------------------------------------------------------------------------


def test_a_changed_cell_leaves_everything_else_as_it_is_and_in_line() -> None:
    rows = kept(TableText(LISTED, "approvers"), 0, 1, 2, 3)
    rows[0] = changed(rows[0], 0, "> 7")
    assert rewritten(LISTED, rows) == LISTED.replace('[">= 100", "-", ', '["> 7",    "-", ')


def test_a_longer_cell_takes_the_blanks_behind_it() -> None:
    rows = kept(TableText(LISTED, "approvers"), 0, 1, 2, 3)
    rows[2] = changed(rows[2], 0, ">= 1000000")
    assert rewritten(LISTED, rows) == LISTED.replace('["-",      "-",    sales]', '[">= 1000000", "-",    sales]')


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[1..10)", '"[1..10)"'),
        ("new, silver", '"new, silver"'),
        ('"a # b"', '"\\"a # b\\""'),
        ("= total / 2", '"= total / 2"'),
        ("12:30", '"12:30"'),
        ("不", "不"),
        ("-5", '"-5"'),
        ("", '""'),
        ("* everything", '"* everything"'),
    ],
)
def test_a_cell_is_put_in_quotes_where_yaml_would_eat_it(text: str, wanted: str) -> None:
    rows = kept(TableText(FLOW, "approvers"), 0, 1)
    found = rewritten(FLOW, [rows[0], changed(rows[1], 0, text)])
    assert found == FLOW.replace('"< 100"', wanted)
    assert TableText(found, "approvers").rows[1].cells[0] == text


def test_cells_of_a_row_by_columns_are_changed_added_and_left_out() -> None:
    rows = kept(TableText(KEYED, "approvers"), 0, 1, 2)
    rows[1] = WantedRow(RowText(("< 50", "new", "manager"), "", "small"), 1)
    rows[2] = changed(rows[2], 1, "new")
    found = rewritten(KEYED, rows)
    assert found == KEYED.replace(
        '{total: "< 100", role: sales, note: Why not}   # often', '{total: "< 50", tier: new, role: manager}   # often'
    ).replace('total: "= 100"\n', 'total: "= 100"\n        tier: new\n')


def test_a_note_makes_a_row_of_cells_a_row_by_columns() -> None:
    rows = kept(TableText(LISTED, "approvers"), 0, 1, 2, 3)
    rows[0] = replace(rows[0], text=replace(rows[0].text, note="Why: the board"))
    found = rewritten(LISTED, rows)
    wanted = '{total: ">= 100", role: director, note: "Why: the board"}   # the board'
    assert found == LISTED.replace('[">= 100", "-",    director]   # the board', wanted)


def test_a_row_below_each_other_is_changed_in_place() -> None:
    rows = kept(TableText(NESTED, "approvers"), 0, 1)
    assert rewritten(NESTED, [changed(rows[0], 2, "sales"), rows[1]]) == NESTED.replace("- director", "- sales")


def test_a_key_is_changed() -> None:
    rows = kept(TableText(KEYED, "approvers"), 0, 1, 2)
    rows[0] = replace(rows[0], text=replace(rows[0].text, key="huge"))
    assert rewritten(KEYED, rows) == KEYED.replace("large:", "huge:")


# Rows ----------------------------------------------------------------------------------------------------------------


def test_a_new_row_stands_in_line_with_the_others() -> None:
    table = TableText(LISTED, "approvers")
    new = WantedRow(RowText(("5", "new", "sales")))
    found = rewritten(LISTED, [*kept(table, 0), new, *kept(table, 1, 2, 3)])
    before = "      # new customers"
    assert found == LISTED.replace(before, f"      - [5,        new,    sales]\n{before}")


def test_a_new_row_with_a_note_is_written_by_columns() -> None:
    table = TableText(LISTED, "approvers")
    new = WantedRow(RowText(("5", "-", "sales"), "Five."))
    found = rewritten(LISTED, [new, *kept(table, 0, 1, 2, 3)])
    first = '      - [">= 100",'
    assert found == LISTED.replace(first, f"      - {{total: 5, role: sales, note: Five.}}\n{first}")


def test_a_row_that_moves_takes_its_comments_along() -> None:
    found = rewritten(LISTED, kept(TableText(LISTED, "approvers"), 1, 0, 2, 3))
    assert lines(found, 1, 2, 3, 4, 5) == lines(LISTED, 1, 3, 4, 2, 5)


def test_the_first_row_leaves_the_comment_about_the_columns() -> None:
    found = rewritten(LISTED, kept(TableText(LISTED, "approvers"), 1, 2, 3))
    assert found == LISTED.replace('      - [">= 100", "-",    director]   # the board said so\n', "")


def test_a_row_that_goes_takes_its_comments_along() -> None:
    found = rewritten(LISTED, kept(TableText(LISTED, "approvers"), 0, 1, 2))
    start = LISTED.index("\n\n      # nobody")
    assert found == LISTED[:start] + LISTED[LISTED.index("\n# the end") :]


def test_a_comment_that_stands_apart_survives_the_row_below_it() -> None:
    source = LISTED.replace("      # nobody", "      # apart\n\n      # nobody")
    found = rewritten(source, kept(TableText(source, "approvers"), 0, 1, 2))
    assert found == source[: source.index("\n\n      # nobody")] + source[source.index("\n# the end") :]


def test_new_rows_by_key_get_a_key_that_nobody_has() -> None:
    table = TableText(KEYED, "approvers")
    source = KEYED.replace("other:", "row_2:")
    new = [WantedRow(RowText(("1", "-", "sales"))), WantedRow(RowText(("2", "-", "sales"), key="two"))]
    found = rewritten(source, [*kept(table, 0), *new, *kept(TableText(source, "approvers"), 1, 2)])
    added = '      row_3: [1, "-", sales]\n      two: [2, "-", sales]\n'
    assert found == source.replace("      small:", f"{added}      small:")


def test_rows_in_brackets_are_put_in_another_order() -> None:
    table = TableText(FLOW, "approvers")
    new = WantedRow(RowText(("100", "-", "sales")))
    found = rewritten(FLOW, [*kept(table, 1), new, *kept(table, 0)])
    wanted = '[["< 100", "-", sales], [100,     "-", sales], [">= 100", "-", director]]'
    assert found.replace(" ", "") == (HEAD + f"    rows: {wanted}\n").replace(" ", "")


@pytest.mark.parametrize("source", [LISTED, KEYED, FLOW, NESTED], ids=["list", "map", "flow", "nested"])
def test_all_rows_go_and_another_comes(source: str) -> None:
    empty = rewritten(source, [])
    assert TableText(empty, "approvers").rows == ()
    new = RowText(("5", "-", "sales"), key="row_1" if source == KEYED else "")
    again = rewritten(empty, [WantedRow(new)])
    assert TableText(again, "approvers").rows == (new,)


# Hit policy and default ---------------------------------------------------------------------------------------------


def test_the_hit_policy_is_written_changed_and_left_alone() -> None:
    rows = kept(TableText(LISTED, "approvers"), 0, 1, 2, 3)
    first = rewritten(LISTED, rows, hit="first")
    assert first == LISTED.replace("# the matrix\n", "# the matrix\n    hit: first\n")
    assert rewritten(first, rows, hit="rule order") == first.replace("hit: first", "hit: rule order")
    assert rewritten(LISTED, rows, hit="unique") == LISTED


def test_the_default_comes_changes_and_goes() -> None:
    rows = kept(TableText(LISTED, "approvers"), 0, 1, 2, 3)
    given_one = rewritten(LISTED, rows, role="sales")
    assert given_one == LISTED.replace("      role: role\n", "      role: role\n    default: {role: sales}\n")
    assert rewritten(given_one, rows, role="= 1") == given_one.replace("{role: sales}", '{role: "= 1"}')
    assert rewritten(given_one, rows, role="") == LISTED
    short = given_one.replace("{role: sales}", "sales")
    assert rewritten(short, rows, role="manager") == short.replace("default: sales", "default: manager")


# Any edit -----------------------------------------------------------------------------------------------------------

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Co", "Cn"]), max_size=8)
ROWS = st.builds(
    lambda origin, cells, note: WantedRow(RowText(tuple(each.strip() for each in cells), note.strip()), origin),
    st.one_of(st.none(), st.integers(0, 3)),
    st.lists(CELLS.filter(lambda text: text.strip() != ""), min_size=3, max_size=3),
    CELLS,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([LISTED, KEYED, FLOW, NESTED]), st.lists(ROWS, max_size=6))
def test_whatever_is_wanted_is_what_is_read(source: str, wanted: list[WantedRow]) -> None:
    table = TableText(source, "approvers")
    seen: set[int] = set()
    rows = []
    for row in wanted:
        is_known = row.origin is not None and row.origin < len(table.rows) and row.origin not in seen
        if is_known and row.origin is not None:
            seen.add(row.origin)
        rows.append(WantedRow(row.text, row.origin if is_known else None))
    found = TableText(rewritten(source, rows), "approvers")
    assert [(row.cells, row.note) for row in found.rows] == [(row.text.cells, row.text.note) for row in rows]
