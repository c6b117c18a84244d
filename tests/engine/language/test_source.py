"""Reading YAML into a tree of raw scalars with places."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counted import FLAGSHIP, counted

from blankett.engine.language import source as source_module
from blankett.engine.language.problems import Report
from blankett.engine.language.source import List, Map, RefusedTree, Scalar, Tree
from blankett.engine.language.yaml_reader import decode, read_source


def plain(tree: Tree | None) -> object:
    """Return the tree as plain data; what was refused is an ellipsis."""
    if isinstance(tree, Map):
        return {key: plain(entry.value) for key, entry in tree.entries.items()}
    if isinstance(tree, List):
        return [plain(item) for item in tree.items]
    return tree.text if isinstance(tree, Scalar) else ...


def read(text: str) -> tuple[object, list[str]]:
    """Return the tree as plain data and the problems as ``line:column name``."""
    report = Report()
    _source, tree = read_source(text, "x.yaml", report)
    told = [f"{found.place.line}:{found.place.column} {found.name}" for found in report.finished()]
    return (plain(tree) if tree is not None else None), told


def test_scalars_stay_what_the_author_typed() -> None:
    text = "a: no\nb: 0123\nc: 1.10\nd: 2026-01-01\ne: ~\nf: \"\"\ng: on\nh: 'x'\n"
    expected = {"a": "no", "b": "0123", "c": "1.10", "d": "2026-01-01", "e": "~", "f": "", "g": "on", "h": "x"}
    assert read(text) == (expected, [])


def test_places_count_from_one_and_blocks_end_at_their_last_value() -> None:
    report = Report()
    source, tree = read_source("a:\n  b: |\n    x\n    y\n\n  # a comment\nc: [1]\n", "x.yaml", report)
    assert isinstance(tree, Map)
    block = tree.get("a")
    assert isinstance(block, Map)
    text = block.get("b")
    assert isinstance(text, Scalar)
    places = (block.place, text.place)
    spots = [(place.line, place.column, source.text[place.start : place.end]) for place in places]
    assert (spots, text.place.path) == ([(2, 3, "b: |\n    x\n    y"), (2, 6, "|\n    x\n    y")], ("a", "b"))


REFUSED = [
    ("a: &x 1\nb: *x\n", {"a": "1", "b": ...}, ["1:4 anchor", "2:4 alias"]),
    ("a: !!int 3\n", {"a": "3"}, ["1:4 tag"]),
    ("<<: {x: y}\na: b\n", {"a": "b"}, ["1:1 merge_key"]),
    ("a: 1\na: 2\nb: 3\n", {"a": "1", "b": "3"}, ["2:1 duplicate_key"]),
    ("a: b\n---\nc: d\n", None, ["2:1 several_documents"]),
    ("%YAML 1.1\n---\na: b\n", {"a": "b"}, ["1:1 directive"]),
    ("a:\nb: c\n", {"a": ..., "b": "c"}, ["1:1 empty_value"]),
    ("- x\n-\n", ["x", ...], ["2:2 empty_value"]),
    ("? [x]\n: b\nc: d\n", {"c": "d"}, ["1:3 key_not_text"]),
    ("? {x: {y: z}}\n: [b, {q: r}]\nc: d\n", {"c": "d"}, ["1:3 key_not_text"]),
    ("*x : b\nc: d\n", {"c": "d"}, ["1:1 alias"]),
    ('"": b\n', {}, ["1:1 empty_key"]),
    ("a\u202eb: c\n", {}, ["1:1 hidden_in_key"]),
    ("a: b\n\tc: d\n", None, ["2:1 tab"]),
    ("a: b\tc\n", {"a": "b c"}, ["1:5 tab"]),
    ("a: x\x00y\n", {"a": "x y"}, ["1:5 bad_character"]),
    ("a: x\ud800y\n", {"a": "x y"}, ["1:5 bad_character"]),
    ("a: x\u2028y\n", {"a": "x y"}, ["1:5 bad_character"]),
    ("", None, ["1:1 empty_file"]),
    ("# only a comment\n", None, ["1:1 empty_file"]),
    ("a: [1, 2\n", None, ["1:4 unclosed_bracket"]),
    ("a: b: c\n", None, ["1:5 bad_yaml"]),
    ('when: "x" + y\n', None, ["1:7 eaten_formula"]),
    ("when: a > {b: 1}: c\n", None, ["1:7 eaten_formula"]),
    ("that: > 3\n", None, ["1:7 eaten_formula"]),
    ("compute: @x\n", None, ["1:10 eaten_formula"]),
    ("default: = a: b\n", None, ["1:10 eaten_formula"]),
    ("a: {that: max(x, y) > 1, message: m}\n", {"a": {"that": ..., "message": "m"}}, ["1:11 eaten_comma"]),
]


@pytest.mark.parametrize(("text", "tree", "problems"), REFUSED, ids=[row[0][:20] for row in REFUSED])
def test_what_yaml_may_hide_is_refused_at_its_place(text: str, tree: object, problems: list[str]) -> None:
    assert read(text) == (tree, problems)


def test_a_byte_order_mark_moves_no_place() -> None:
    report = Report()
    source, tree = read_source("\ufeffa: b\nc: d\n", "x.yaml", report)
    assert isinstance(tree, Map)
    places = [tree.entries[key].value.place for key in ("a", "c")]
    assert [source.text[place.start : place.end] for place in places] == ["b", "d"]


def test_bytes_that_are_not_utf8_are_a_problem_at_their_place() -> None:
    report = Report()
    assert decode("a: b\nc: å".encode("latin-1"), "x.yaml", report) is None
    assert [problem.line("x.yaml") for problem in report.finished()] == [
        "x.yaml:2:4 BL001 this file is not UTF-8: the byte 0xe5 is no character. Save it as UTF-8."
    ]


HOSTILE = {
    "brackets": ("[" * 100_000, ["1:21 too_deep"]),
    "braces": ("{" * 100_000, ["1:2 key_not_text", "1:21 too_deep"]),
    "questions": ("? " * 100_000, ["1:3 key_not_text", "1:41 too_deep"]),
    "dashes": ("- " * 100_000, ["1:41 too_deep"]),
    "two megabytes": ("a: " + "x" * 2_000_000, ["1:1 too_large"]),
    "wide characters": ("a: " + "単" * 400_000, ["1:1 too_large"]),
    "many values": ("- 1\n" * 100_001, ["100000:3 too_many_nodes"]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_files_made_to_exhaust_are_refused_quickly(name: str) -> None:
    text, problems = HOSTILE[name]
    calls, found = counted(lambda: read(text))
    assert found == (None, problems)
    assert calls < 10 * counted(lambda: read(FLAGSHIP))[0]


def test_a_bomb_of_aliases_is_refused_alias_by_alias() -> None:
    layers = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefg", "bcdefgh", strict=True):
        layers.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    _tree, problems = read("\n".join(layers))
    assert (len(problems), problems[:2]) == (8 + 7 * 9, ["1:4 anchor", "2:4 anchor"])


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-{}[]\"'|>#&*!%@`,? \n\t\r~.0\u202e\x00é"), max_size=60))
def test_any_text_gives_a_tree_or_problems_with_places(text: str) -> None:
    report = Report()
    source, tree = read_source(text, "x.yaml", report)
    assert tree is not None or report.problems
    last = len(source.line_starts)
    assert all(1 <= found.place.line <= last and found.place.column >= 1 for found in report.finished())


words = st.text(alphabet="abc d.'\"\\#:é単\n>=", min_size=1, max_size=40).filter(lambda text: text.strip() == text)


@settings(max_examples=300, deadline=None)
@given(words, st.sampled_from(["'", '"', "|", ">", ""]))
def test_every_character_of_a_scalar_is_found_in_the_file(text: str, style: str) -> None:
    dumped = yaml.safe_dump({"a": {"key": text}}, default_style=style or None, allow_unicode=True, width=20)
    report = Report()
    source, tree = read_source(dumped, "x.yaml", report)
    if not isinstance(tree, Map):
        assert report.problems
        return
    found = tree.entries["a"].value.entries["key"].value
    if isinstance(found, RefusedTree):
        return
    for at, character in enumerate(found.text):
        place = source.place_in(found, at, at + 1)
        there = source.text[place.start]
        assert character.isspace() or there in (character, "\\")
    whole = source.place_in(found, 0, len(found.text))
    assert found.place.start <= whole.start <= whole.end <= found.place.end


def test_the_places_in_a_long_text_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Scalar] = []
    work_out = source_module.decoded_offsets

    def noted(text: str, scalar: Scalar) -> list[int]:
        asked.append(scalar)
        return work_out(text, scalar)

    monkeypatch.setattr(source_module, "decoded_offsets", noted)
    source, tree = read_source("a: '" + "{b} " * 200 + "'\nb: 'It''s'\n", "x.yaml", Report())
    assert isinstance(tree, Map)
    long, short = tree.scalar("a"), tree.scalar("b")
    assert long is not None
    assert short is not None
    assert [source.place_in(long, at, at + 3).column for at in range(0, 800, 4)] == list(range(5, 805, 4))
    assert source.place_in(short, 3, 4).column == 9
    assert asked == [long, short]
