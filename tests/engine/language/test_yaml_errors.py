"""What YAML cannot read is told at the line that is wrong, which is often not where YAML gives up."""

from __future__ import annotations

import pytest

from blankett.engine.language.problems import Report
from blankett.engine.language.yaml_reader import read_source

DEEP, SHALLOW = "this line is one space too deep", "this line is one space too shallow"

ROWS = {
    "a field too deep after one in braces": (
        "fields:\n  x: {type: text, required: yes}\n   y: {type: text}\n",
        f"3:4 BL023 {DEEP}: 'x' on line 2 begins after 2 spaces, this after 3.",
    ),
    "a key too deep after a plain value": (
        "x:\n  type: text\n   required: yes\n",
        f"3:4 BL023 {DEEP}: 'type' on line 2 begins after 2 spaces, this after 3.",
    ),
    "a key too deep after a formula": (
        'x:\n  compute: if y = "a" then 1 else 2\n   help: What\n',
        f"3:4 BL023 {DEEP}: 'compute' on line 2 begins after 2 spaces, this after 3.",
    ),
    "a key at the top too deep": (
        "blueprint: x\n language: 1\n",
        f"2:2 BL023 {DEEP}: 'blueprint' on line 1 begins after no space, this after 1.",
    ),
    "a key too shallow": (
        "x:\n    type: text\n   required: yes\n",
        f"3:4 BL023 {SHALLOW}: 'type' on line 2 begins after 4 spaces, this after 3.",
    ),
    "a dash too deep": (
        "grants:\n  - {who: a}\n   - {who: b}\n",
        f"3:4 BL023 {DEEP}: '-' on line 2 begins after 2 spaces, this after 3.",
    ),
    "a key in an item of a list": (
        "grants:\n  - who: a\n     may: all\n",
        f"3:6 BL023 {DEEP}: 'who' on line 2 begins after 4 spaces, this after 5.",
    ),
    "lines and comments between": (
        "x:\n  type: text\n\n  # said before\n   required: yes\n",
        f"5:4 BL023 {DEEP}: 'type' on line 2 begins after 2 spaces, this after 3.",
    ),
    "a quote that nothing closes": (
        'title: "Y\nroles: {}\n',
        '1:8 BL024 the text opened here with " is not closed on its line. Put " at its end.',
    ),
    "a quote that the next one closes": (
        'title: "Y\nroles: {a: {title: "A b"}}\n',
        '1:8 BL024 the text opened here with " is not closed on its line. Put " at its end.',
    ),
    "a single quote": (
        "help: 'It''s mine\nroles: {}\n",
        "1:7 BL024 the text opened here with ' is not closed on its line. Put ' at its end.",
    ),
    "quotes in quotes": (
        'message: "Give "x" a value"\n',
        "1:16 BL025 the text under 'message' ends at this quote, and 'x\" a value\"' is left over. "
        'Write \\" for a quote inside it.',
    ),
    "an apostrophe in quotes": (
        "help: 'It's mine'\n",
        "1:10 BL025 the text under 'help' ends at this quote, and \"s mine'\" is left over. "
        "Write '' for a quote inside it.",
    ),
    "a formula in quotes": (
        'when: "a" = kind\n',
        "1:7 BL004 YAML takes this formula under 'when' apart. Put it in quotes, or on a line of its own after '|'.",
    ),
    "a list of texts in a formula in braces": (
        'x: {count: o, where: s in ("a", "b")}\n',
        "1:22 BL005 inside { } and [ ] the comma ends the value of 'where', and 'b' is left over. "
        "Put it in quotes, or on a line of its own after '|'.",
    ),
    "a brace": (
        "x: {type: text\ny: {type: text}\n",
        "1:4 BL026 the { opened here is not closed on its line: } is missing.",
    ),
    "a bracket": (
        "by: [a, b\nto: c\n",
        "1:5 BL026 the [ opened here is not closed on its line: ] is missing.",
    ),
    "a colon in a value": ("title: Orders: new\n", "1:14 BL003 this is not YAML: a second ': ' on this line."),
}


@pytest.mark.parametrize(("text", "said"), ROWS.values(), ids=ROWS)
def test_a_mistake_is_told_where_it_is(text: str, said: str) -> None:
    report = Report()
    read_source(text, "f.yaml", report)
    (problem,) = report.problems
    assert problem.line("f")[2:] == said
