"""The names of formulas lead through tables and links, and no further than somebody knows."""

from __future__ import annotations

from importlib.resources import files

import pytest

from blankett.engine.checks import check_blueprint
from blankett.engine.language.form_formulas import formulas_of
from blankett.engine.language.loader.formulas import SPECIAL_NAMES
from blankett.engine.language.model import Blueprint, Form
from blankett.engine.paths import (
    ROOTS,
    LinkedForm,
    Path,
    depend,
    every_path,
    field_part,
    field_path,
    first_links,
    from_record,
    longest,
    own_or_old_path,
    own_path,
    record_path,
    resolve,
)

TEXT = """
blueprint: shop
language: 1
title: Shop
roles: {staff: {title: Staff}}
forms:
  person:
    title: Person
    life: reference
    show: "{name}"
    fields: {name: {type: text}, born: {type: date}}
    grants: [{who: staff, may: [view, create]}]
  order:
    title: Order
    show: "{record.number}"
    fields:
      buyer: {type: link, to: person}
      lines:
        type: table
        fields:
          taker: {type: link, to: person}
          amount: {type: number}
    grants: [{who: staff, may: [view, create]}]
  claim:
    title: Claim
    show: "{record.number}"
    fields:
      order: {type: link, to: order}
      other: {type: link, to: person}
    grants: [{who: staff, may: [view, create]}]
"""


@pytest.fixture(scope="module")
def shop() -> Blueprint:
    loaded = check_blueprint(TEXT)
    assert loaded.blueprint is not None, [str(problem) for problem in loaded.problems]
    return loaded.blueprint


def lead(shop: Blueprint, form: Form, path: str) -> tuple[list[str], str, str | None]:
    """Return the fields *path* leads through, the names behind them, and the form asked for the first of these."""
    found = resolve(tuple(path.split(".")), LinkedForm(form, lambda name: shop.forms.get(name.split(".")[1])))
    steps = [f"{step.owner.form.key}:{'.'.join(step.place)}:{step.links}" for step in found.steps]
    return steps, ".".join(found.rest), found.asked.form.key if found.asked else None


@pytest.mark.parametrize(
    ("path", "steps", "rest", "asked"),
    [
        ("order", ["claim:order:0"], "", None),
        ("order.buyer.born", ["claim:order:0", "order:buyer:1", "person:born:2"], "", None),
        (
            "order.lines.taker.name",
            ["claim:order:0", "order:lines:1", "order:lines.taker:1", "person:name:2"],
            "",
            None,
        ),
        ("order.record.state", ["claim:order:0"], "record.state", "order"),
        ("order.lines.nothing", ["claim:order:0", "order:lines:1"], "nothing", "order"),
        ("other.born.year", ["claim:other:0", "person:born:1"], "year", None),
        ("user.name", [], "user.name", "claim"),
    ],
)
def test_a_path_leads_through_tables_and_links(
    shop: Blueprint, path: str, steps: list[str], rest: str, asked: str | None
) -> None:
    assert lead(shop, shop.forms["claim"], path) == (steps, rest, asked)


def test_a_path_ends_at_a_link_whose_form_is_not_known(shop: Blueprint) -> None:
    found = resolve(("order", "buyer"), LinkedForm(shop.forms["claim"], lambda name: None))
    assert ([step.path for step in found.steps], found.rest, found.asked, found.field) == (
        [("order",)],
        ("buyer",),
        None,
        None,
    )


def test_tables_on_the_way_are_counted_but_not_one_at_its_end(shop: Blueprint) -> None:
    form = shop.forms["order"]
    owner = LinkedForm(form, lambda name: shop.forms.get(name.split(".")[1]))
    assert [resolve(path, owner).tables for path in (("lines",), ("lines", "taker", "name"), ("buyer",))] == [0, 1, 0]


@pytest.mark.parametrize(
    ("read", "table", "own", "or_old"),
    [
        (("lines", "amount"), None, ("lines", "amount"), ("lines", "amount")),
        (("amount",), "lines", ("lines", "amount"), ("lines", "amount")),
        (("parent", "buyer", "name"), "lines", ("buyer", "name"), ("buyer", "name")),
        (("parent",), "lines", None, None),
        (("buyer",), "lines", None, None),
        (("amount",), None, None, None),
        (("old", "buyer"), None, None, ("buyer",)),
        (("old",), None, None, None),
        (("record", "state"), None, None, None),
        (("user",), "lines", None, None),
    ],
)
def test_a_bare_name_in_a_line_is_a_column(
    shop: Blueprint, read: Path, table: str | None, own: Path | None, or_old: Path | None
) -> None:
    fields = shop.forms["order"].fields
    assert (own_path(read, fields, table), own_or_old_path(read, fields, table)) == (own, or_old)


def test_a_path_in_a_line_is_one_from_the_record(shop: Blueprint) -> None:
    fields = shop.forms["order"].fields
    reads = [("amount",), ("taker", "name"), ("parent", "buyer"), ("buyer",), ()]
    assert [from_record(read, fields, "lines") for read in reads] == [
        ("lines", "amount"),
        ("lines", "taker", "name"),
        *reads[2:],
    ]


def test_names_that_lead_from_a_record_to_itself_are_left_out() -> None:
    reads = [("parent", "total"), ("this", "parent", "total"), ("old", "total"), ("total",), ("old",)]
    assert [record_path(read) for read in reads] == [("total",)] * 4 + [()]


def test_a_field_is_known_by_its_path_and_by_where_its_value_stands(shop: Blueprint) -> None:
    fields = shop.forms["order"].fields
    reads = [("lines", "taker", "name"), ("buyer", "name"), ("lines",)]
    assert [field_part(read, fields) for read in reads] == [("lines", "taker"), ("buyer",), ("lines",)]
    places = [("lines", "7", "amount"), ("lines", "7"), ("buyer",)]
    assert [field_path(place) for place in places] == [("lines", "amount"), ("lines",), ("buyer",)]
    assert every_path(fields) == [("buyer",), ("lines",), ("lines", "taker"), ("lines", "amount")]


def test_the_first_link_of_a_path_is_found_in_each_line(shop: Blueprint) -> None:
    values = {"buyer": "A", "lines": [{"id": "1", "taker": "B"}, {"id": "2", "taker": None}, {"id": "3", "taker": "C"}]}
    paths = [("lines", "taker", "name"), ("buyer",), ("lines", "amount"), ("lines",), ("record", "owner")]
    assert [[*first_links(path, shop.forms["order"].fields, values)] for path in paths] == [
        [("B", ("name",)), ("C", ("name",))],
        [("A", ())],
        [],
        [],
        [],
    ]


def test_of_paths_that_go_on_from_each_other_the_longest_is_read() -> None:
    paths = [("a",), ("a", "b"), ("a", "b", "c"), ("a", "d"), ("ab",), ("a",)]
    assert longest(paths) == (("a", "b", "c"), ("a", "d"), ("ab",))
    assert longest([]) == ()


def test_paths_depend_where_one_goes_on_from_the_other() -> None:
    assert depend([("a",)], [("b",), ("a", "b")])
    assert not depend([("a", "c"), ("ab",)], [("b",), ("a", "b")])


def test_every_name_that_is_no_field_says_what_it_leads_to() -> None:
    """A root that is forgotten in `ROOTS` would count as a value of the record: nothing would be worked out anew."""
    found: set[str] = set()
    for name in ("order_management", "leave_request"):
        text = (files("blankett.blueprints") / f"{name}.yaml").read_text(encoding="utf-8")
        blueprint = check_blueprint(text).blueprint
        assert blueprint is not None
        fields = {of.key for form in blueprint.forms.values() for of in form.every_field()}
        formulas = [read for form in blueprint.forms.values() for read, _ in formulas_of(form, blueprint.messages)]
        formulas += [where for picking in blueprint.picking.values() for where in picking]
        for formula in formulas:
            found.update(set(formula.scope.all_names()) - fields - blueprint.tables.keys())
    assert found == ROOTS.keys() == SPECIAL_NAMES.keys() | {"record"}
