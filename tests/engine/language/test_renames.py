"""Keys through the versions of a blueprint."""

from __future__ import annotations

from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint
from blankett.engine.language.renames import KeyHolder, Outline, newest_holder, outline_of, routes

HEAD = "blueprint: orders\nlanguage: 1\ntitle: Orders\nforms:\n"


def version(
    fields: str, states: str = "draft: {start: true, final: true}", form: str = "order", was: str = ""
) -> Blueprint:
    lines = [f"  {form}:", "    title: Order", *([f"    was: {was}"] if was else []), "    fields:"]
    lines += [f"      {line}" for line in fields.split("\n")]
    lines += ["    states:", *(f"      {line}" for line in states.split("\n"))]
    return read_blueprint(HEAD + "\n".join(lines) + "\n")


def outlines(*versions: Blueprint) -> list[Outline]:
    return [outline_of(each) for each in versions]


FAX = version("fax: {type: text}\nnote: {type: text}")
PHONE = version("phone: {type: text, was: fax}\nnote: {type: text}")
MOBILE = version("mobile: {type: text, was: phone}\nnote: {type: text}")


def test_a_chain_of_renamings_is_one_identity() -> None:
    assert routes(FAX, MOBILE, [outline_of(PHONE)])["order"].fields == {("fax",): ("mobile",), ("note",): ("note",)}


def test_a_renaming_that_is_still_written_there_is_done_once() -> None:
    again = version("phone: {type: text, was: fax}\nnote: {type: text}\nfax: {type: text}")
    assert routes(PHONE, again)["order"].fields == {("phone",): ("phone",), ("note",): ("note",)}


def test_going_back_takes_the_renaming_back() -> None:
    assert routes(FAX, FAX, [outline_of(PHONE)])["order"].fields == {("fax",): ("fax",), ("note",): ("note",)}
    assert routes(PHONE, FAX)["order"].fields == {("phone",): ("fax",), ("note",): ("note",)}


def test_a_key_that_was_away_comes_back_as_itself() -> None:
    without = version("note: {type: text}")
    assert routes(FAX, FAX, [outline_of(without)])["order"].fields == {("fax",): ("fax",), ("note",): ("note",)}


def test_what_is_gone_has_no_place() -> None:
    found = routes(FAX, version("note: {type: text}"))["order"]
    assert (found.fields, found.is_even) == ({("note",): ("note",)}, False)


def test_columns_follow_their_table() -> None:
    old = version("lines:\n  type: table\n  fields:\n    price: {type: number}\n    note: {type: text}")
    new = version(
        "rows:\n  type: table\n  was: lines\n  fields:\n    amount: {type: number, was: price}\n    note: {type: text}"
    )
    assert routes(old, new)["order"].fields == {
        ("lines",): ("rows",),
        ("lines", "price"): ("rows", "amount"),
        ("lines", "note"): ("rows", "note"),
    }


def test_states_and_forms_are_followed() -> None:
    old = version("note: {type: text}", "draft: {start: true, final: true}")
    new = version("note: {type: text}", "begun: {start: true, final: true, was: draft}", form="request", was="order")
    found = routes(old, new)["order"]
    assert (found.new and found.new.key, found.states) == ("request", {"draft": "begun"})


def test_a_form_that_ended_leads_nowhere() -> None:
    other = version("note: {type: text}", form="complaint")
    found = routes(FAX, other)["order"]
    assert (found.new, found.fields, found.states) == (None, {}, {})


def test_a_form_that_was_away_comes_back() -> None:
    other = version("note: {type: text}", form="complaint")
    assert routes(FAX, FAX, [outline_of(other)])["order"].fields == {("fax",): ("fax",), ("note",): ("note",)}


def test_an_even_route_changes_no_key() -> None:
    assert routes(FAX, FAX)["order"].is_even


def test_the_newest_holder_of_a_key_is_the_last_version_that_has_it() -> None:
    without = version("note: {type: text}")
    assert newest_holder(outlines(FAX, PHONE, without), "order", "fields", "fax") == KeyHolder(1, "order", "phone")
    assert newest_holder(outlines(FAX, PHONE, MOBILE), "order", "fields", "fax") == KeyHolder(2, "order", "mobile")
    assert newest_holder(outlines(FAX, PHONE), "order", "fields", "nothing") is None
    assert newest_holder(outlines(FAX, PHONE), "nothing", "fields", "fax") is None
