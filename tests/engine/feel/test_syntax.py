"""What a formula is made of, and what is said of one that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from blankett.engine import feel
from blankett.engine.feel import tree

SHAPES = [
    ("1 + 2 * 3", "Arithmetic(+, Literal(1), Arithmetic(*, Literal(2), Literal(3)))"),
    ("(1 + 2) * 3", "Arithmetic(*, Arithmetic(+, Literal(1), Literal(2)), Literal(3))"),
    ("-a ** 2", "Arithmetic(**, Negation(Name(a)), Literal(2))"),
    ("a and b and c or d", "Logic(or, [Logic(and, [Name(a), Name(b), Name(c)]), Name(d)])"),
    ("a.b.c", "PathExpression(PathExpression(Name(a), b), c)"),
    ("date and time(x)", "Call(Name(date and time), [Argument(None, Name(x))])"),
    ("date and time", "Logic(and, [Name(date), Name(time)])"),
    ("x between 1 and 2 and y", "Logic(and, [Between(Name(x), Literal(1), Literal(2)), Name(y)])"),
    ("x in (1, < 5)", "In(Name(x), [Literal(1), UnaryTest(<, Literal(5))])"),
    ("x in [1..5)", "In(Name(x), [RangeLiteral(Literal(1), Literal(5), True, False)])"),
    ("x in ]1..5[", "In(Name(x), [RangeLiteral(Literal(1), Literal(5), False, False)])"),
    ("x in (a + b)", "In(Name(x), [Arithmetic(+, Name(a), Name(b))])"),
    ("[1, 2][1]", "FilterExpression(ListLiteral([Literal(1), Literal(2)]), Literal(1))"),
    ("for i in 1..3 return i", "For([Loop(i, RangeLiteral(Literal(1), Literal(3), True, True))], Name(i))"),
    ("some a in b, c in d satisfies e", "Quantified(some, [Loop(a, Name(b)), Loop(c, Name(d))], Name(e))"),
    ('{a: 1, "b c": 2}', "ContextLiteral([ContextEntry(a, Literal(1)), ContextEntry(b c, Literal(2))])"),
    ("f(a: 1)", "Call(Name(f), [Argument(a, Literal(1))])"),
    ("substring(string: a, start position: 2)",
     "Call(Name(substring), [Argument(string, Name(a)), Argument(start position, Literal(2))])"),
    ("function(a: string, b) a",
     "FunctionDefinition([Parameter(a, Text(nullable=False, options=None)), Parameter(b, None)], Name(a), False)"),
    ("a instance of list<number>",
     "InstanceOf(Name(a), ListOf(nullable=False, item=Number(nullable=False, currency=None)), list<number>)"),
    ('@"P1Y"', "AtLiteral(P1Y, YearsMonths(total=12))"),
    ("1 /* one */ + // two\n2", "Arithmetic(+, Literal(1), Literal(2))"),
    ("not(a)", "Call(Name(not), [Argument(None, Name(a))])"),
    ("1.5e3", "Literal(1.5E+3)"),
    (".5", "Literal(0.5)"),
    (r'"a\"b\n\u00e9\U01F40E"', 'Literal(a"b\né🐎)'),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "shape"), SHAPES, ids=[case[0] for case in SHAPES])
def test_formula_is_read(formula: str, shape: str) -> None:
    assert tree.outline(feel.parse_expression(formula)) == shape


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", '"1"'),
        ("null", '"None"'),
        ("true", '"True"'),
        ("for i in 5..1 return i", "for i in [5..1] return i"),
        ('{"a": 1, "b": 2}', """{"a, Literal(Decimal('1'))), ContextEntry(b": 2}"""),
    ],
)
def test_what_does_not_mean_the_same_has_no_exact_shape_in_common(one: str, other: str) -> None:
    shapes = {tree.outline(feel.parse_expression(formula), is_exact=True) for formula in (one, other)}
    assert len(shapes) == 2


def test_names_of_several_words_are_read_where_they_are_known() -> None:
    read = feel.parse_expression("Full Name + a-b", names=["Full Name", "a-b"])
    assert tree.outline(read) == "Arithmetic(+, Name(Full Name), Name(a-b))"


CELLS = [
    ("-", "UnaryTests([], False)"),
    ("< 10, 20", "UnaryTests([UnaryTest(<, Literal(10)), Literal(20)], False)"),
    ('not("new")', "UnaryTests([Literal(new)], True)"),
    ("-5", "UnaryTests([Literal(-5)], False)"),
    ("? > 5 and a", "UnaryTests([Logic(and, [Comparison(>, Name(?), Literal(5)), Name(a)])], False)"),
]


@pytest.mark.parametrize(("cell", "shape"), CELLS, ids=[case[0] for case in CELLS])
def test_cell_of_a_table_is_read(cell: str, shape: str) -> None:
    assert tree.outline(feel.parse_unary_tests(cell)) == shape


def test_places_cover_what_is_written() -> None:
    formula = "if (total) > 10 then lines[1].price else -total(lines.amount)"
    seen: dict[str, list[str]] = {}
    waiting: list[tree.Part] = [feel.parse_expression(formula)]
    while waiting:
        part = waiting.pop()
        seen.setdefault(type(part).__name__, []).append(formula[part.start : part.end])
        waiting.extend(tree.children(part))
    assert {kind: sorted(texts) for kind, texts in seen.items()} == {
        "If": [formula],
        "Comparison": ["(total) > 10"],
        "Name": ["(total)", "lines", "lines", "total"],
        "Literal": ["1", "10"],
        "PathExpression": ["lines.amount", "lines[1].price"],
        "FilterExpression": ["lines[1]"],
        "Negation": ["-total(lines.amount)"],
        "Call": ["total(lines.amount)"],
        "Argument": ["lines.amount"],
    }


BROKEN = Path(__file__).parent / "golden" / "broken_formulas.txt"


def test_messages_for_broken_formulas(golden: Callable[[str, str], None]) -> None:
    formulas = [line[4:] for line in BROKEN.read_text(encoding="utf-8").splitlines() if line.startswith(">>> ")]
    assert len(formulas) > 60
    golden("broken_formulas.txt", "".join(_what_is_said(formula) for formula in formulas))


def _what_is_said(formula: str) -> str:
    with pytest.raises(feel.FeelSyntaxError) as raised:
        feel.parse_expression(formula)
    error = raised.value
    suggestion = f" -> {error.suggestion}" if error.suggestion else ""
    underline = " " * (4 + error.start) + "^" * max(1, error.end - error.start)
    return f">>> {formula}\n{underline}\n{error.code}: {error}{suggestion}\n\n"


# ---- templates ----


def test_template_is_texts_and_formulas_with_places() -> None:
    text = 'Order {record.number}: {{ {if a then "}" else "{x}"} }}'
    parts = feel.parse_template(text)
    shown = [part if isinstance(part, str) else text[part.start : part.end] for part in parts]
    assert shown == ["Order ", "record.number", ": { ", 'if a then "}" else "{x}"', " }"]


TEMPLATE_ERRORS = [
    ("a {b", "feel.unclosed_brace", 2, 4),
    ("a } b", "feel.stray_brace", 2, 3),
    ("a {} b", "feel.empty", 3, 3),
    ("ab {1 +}", "feel.missing_right", 6, 7),
    ('ab {"x}', "feel.unclosed_brace", 3, 7),
]


@pytest.mark.parametrize(("text", "code", "start", "end"), TEMPLATE_ERRORS, ids=[case[0] for case in TEMPLATE_ERRORS])
def test_template_error_is_placed_in_the_whole_text(text: str, code: str, start: int, end: int) -> None:
    with pytest.raises(feel.FeelSyntaxError) as raised:
        feel.parse_template(text)
    assert (raised.value.code, raised.value.start, raised.value.end) == (code, start, end)
