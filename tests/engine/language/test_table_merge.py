"""Rows typed over a table, put into the table as it is by now."""

from __future__ import annotations

from blankett.engine.language.table_edit import RowText, TypedRow, WantedRow, merge_rows, place_rows

A, B, C = (RowText((text, "x")) for text in "abc")
BASE = [row.token for row in (A, B, C)]


def changed(row: RowText, text: str) -> RowText:
    return RowText((row.cells[0], text), row.note, row.key)


def test_what_nobody_else_touched_is_as_typed() -> None:
    typed = [TypedRow(C, 2), TypedRow(RowText(("new", "y"))), TypedRow(changed(A, "z"), 0)]
    assert merge_rows([A, B, C], typed, BASE) == [
        WantedRow(C, 2),
        WantedRow(RowText(("new", "y"))),
        WantedRow(changed(A, "z"), 0),
    ]


def test_a_row_that_somebody_else_changed_stays_as_theirs() -> None:
    theirs = [A, changed(B, "theirs"), C]
    typed = [TypedRow(A, 0), TypedRow(B, 1), TypedRow(changed(C, "mine"), 2)]
    assert merge_rows(theirs, typed, BASE) == [
        WantedRow(A, 0),
        WantedRow(theirs[1], 1),
        WantedRow(changed(C, "mine"), 2),
    ]


def test_a_row_that_both_changed_stands_there_twice_and_gets_a_key_of_its_own() -> None:
    ours, theirs = RowText(("b", "mine"), "", "key"), RowText(("b", "theirs"), "", "key")
    base = [RowText(("b", "x"), "", "key").token]
    assert merge_rows([theirs], [TypedRow(ours, 0)], base) == [
        WantedRow(theirs, 0),
        WantedRow(RowText(("b", "mine"))),
    ]


def test_rows_that_somebody_added_stand_behind_the_row_they_followed() -> None:
    added = RowText(("added", "x"))
    typed = [TypedRow(C, 2), TypedRow(A, 0), TypedRow(B, 1)]
    assert merge_rows([A, added, B, C], typed, BASE) == [
        WantedRow(C, 3),
        WantedRow(A, 0),
        WantedRow(added, 1),
        WantedRow(B, 2),
    ]


def test_a_row_that_was_deleted_here_goes_and_one_deleted_there_stays_gone() -> None:
    assert merge_rows([A, C], [TypedRow(A, 0), TypedRow(B, 1)], BASE) == [WantedRow(A, 0)]


def test_rows_that_say_the_same_are_taken_in_their_order() -> None:
    twins = [A, A, B]
    base = [row.token for row in twins]
    typed = [TypedRow(A, 0), TypedRow(changed(A, "mine"), 1), TypedRow(B, 2)]
    assert merge_rows([B, A, A], typed, base) == [
        WantedRow(A, 1),
        WantedRow(changed(A, "mine"), 2),
        WantedRow(B, 0),
    ]


def test_what_a_page_cannot_show_is_kept() -> None:
    was = RowText((" a\nb ", "x"), "one\ntwo")
    typed = RowText(("a b", "y"), "one two")
    assert merge_rows([was], [TypedRow(typed, 0)], [was.token]) == [WantedRow(RowText((" a\nb ", "y"), "one\ntwo"), 0)]


def test_a_row_that_never_was_is_new() -> None:
    assert merge_rows([A], [TypedRow(A, 0), TypedRow(B, 7)], [A.token]) == [WantedRow(A, 0), WantedRow(B)]


def test_rows_to_look_at_are_those_of_the_page_one_for_one() -> None:
    theirs = [RowText(("added", "x")), changed(A, "theirs"), B]
    typed = [TypedRow(A, 0), TypedRow(changed(B, "mine"), 1), TypedRow(RowText(("new", "y")))]
    assert place_rows(theirs, typed, BASE) == [
        WantedRow(A),
        WantedRow(changed(B, "mine"), 2),
        WantedRow(RowText(("new", "y"))),
    ]
