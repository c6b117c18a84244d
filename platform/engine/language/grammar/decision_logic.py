"""The part of the language that decides: rules with what they count, and tables with their inputs, outputs and rows."""

from __future__ import annotations

from blankett.engine.feel.decision_table import HITS
from blankett.engine.language.grammar.kinds import (
    CELL,
    FORM,
    FORMULA,
    HELP,
    PROCESS,
    VALUE,
    WAS,
    Either,
    Key,
    MapOf,
    SequenceOf,
    Shape,
    ShapeOf,
    Word,
    title_key,
)

# Rules ----------------------------------------------------------------------------------------------------------------


#: What a fact may do with the records it looks at.
MEASURES = ("count", "sum", "min", "max", "latest")
#: The highest priority; the lowest is as far below zero.
HIGHEST_PRIORITY = 1_000

_POINT = Word("reference", of="save, an action, or action:completed")
_COUNTED = Word("reference", of="form and field: form.field")

RULE_SHAPES: tuple[Shape, ...] = (
    Shape(
        "rule",
        "a rule",
        (
            title_key("it", PROCESS),
            HELP,
            Key(
                "at",
                Either(_POINT, SequenceOf(_POINT, least=1)),
                "When it is looked at: `save`, when values are stored; an action, when it is asked for; "
                "`action:completed`, when it has been carried out.",
                required=True,
                part=PROCESS,
            ),
            Key(
                "priority",
                Word("whole", least=-HIGHEST_PRIORITY, most=HIGHEST_PRIORITY),
                "The higher comes first, and wins where two rules set one field; 0 unless told.",
                part=PROCESS,
            ),
            Key("when", FORMULA, "Fires only while this holds; always unless told.", part=PROCESS),
            Key("unless", FORMULA, "Does not fire while this holds.", part=PROCESS),
            Key("valid", ShapeOf("valid"), "The days it is in force.", part=PROCESS),
            Key(
                "then", SequenceOf(ShapeOf("outcome"), least=1), "What follows, in order.", required=True, part=PROCESS
            ),
            WAS,
        ),
        "When something is true of a record, then outcomes.",
    ),
    Shape(
        "valid",
        "valid",
        (
            Key("from", Word("text"), "The first day: `2026-01-01`.", part=PROCESS),
            Key("to", Word("text"), "The last day.", part=PROCESS),
        ),
        "The days a rule is in force.",
    ),
    Shape(
        "fact",
        "a fact",
        (
            title_key("it", PROCESS),
            Key("count", FORM, "How many records of the form there are,", part=PROCESS),
            Key("sum", _COUNTED, "or the sum of a field over them: `invoice.total`,", part=PROCESS),
            Key("min", _COUNTED, "or its smallest value,", part=PROCESS),
            Key("max", _COUNTED, "or its largest value,", part=PROCESS),
            Key("latest", _COUNTED, "or its value in the newest of them.", part=PROCESS),
            Key(
                "where",
                FORMULA,
                "Which records; all others unless told. Bare names are theirs, `this` is this record.",
                part=PROCESS,
            ),
            WAS,
        ),
        "Something counted over other records, read as `facts.<key>`.",
        one_of=MEASURES,
    ),
)


# Decision tables ------------------------------------------------------------------------------------------------------


#: Keys a row written as a map has beside the columns.
ROW_KEYS = frozenset({"note", "was"})

_TYPE = Word("reference", of="a type, or form.field")
_COLUMN = Either(_TYPE, map=ShapeOf("table_column"))
#: The cells in order, or the cells that say something by their column.
_ROW = Either(list=SequenceOf(CELL, least=1), map=MapOf(CELL, "reference", "a column", least=1))

TABLE_SHAPES: tuple[Shape, ...] = (
    Shape(
        "table",
        "a table",
        (
            title_key("it", PROCESS),
            HELP,
            Key(
                "hit",
                Word("word", words=HITS),
                "What is done when several rows hit; `unique` unless told.",
                part=PROCESS,
            ),
            Key(
                "in",
                MapOf(_COLUMN, "name", "an input", least=1),
                "What it looks at, in order.",
                required=True,
                part=PROCESS,
            ),
            Key(
                "out",
                MapOf(_COLUMN, "name", "an output", least=1),
                "What it gives, in order.",
                required=True,
                part=PROCESS,
            ),
            Key(
                "rows",
                Either(list=SequenceOf(_ROW, least=1), map=MapOf(_ROW, "key", "a row", least=1)),
                "A list of rows, or rows by key. A row is the list of its cells, inputs first, or a map of those that "
                "say something, with a `note`.",
                required=True,
                part=PROCESS,
            ),
            Key(
                "default",
                Either(VALUE, map=MapOf(VALUE, "reference", "an output", least=1)),
                "What it gives when no row hits; the value of the only output, or values by output.",
                part=PROCESS,
            ),
            WAS,
        ),
        "A decision table. In formulas it is a function of its inputs.",
    ),
    Shape(
        "table_column",
        "a column",
        (
            Key(
                "type",
                _TYPE,
                "number, money, percent, text, date, yes_no, role or user; or `form.field` for that field's type.",
                required=True,
                part=PROCESS,
            ),
            title_key("it", PROCESS),
            HELP,
            Key(
                "values",
                Either(
                    CELL,
                    SequenceOf(Word("text"), least=1),
                    MapOf(Word("title"), "option", "a value", least=1),
                ),
                "The values there are: a list, in the order of importance, a map of values with their titles, or, of "
                "an input, a cell such as `>= 0`.",
                part=PROCESS,
            ),
            Key("decimals", Word("whole", least=0, most=6), "Of a number: digits after the point.", part=PROCESS),
            Key("currency", Word("reference", of="a currency code"), "Of money: its currency.", part=PROCESS),
        ),
        "An input or an output of a table.",
    ),
)
