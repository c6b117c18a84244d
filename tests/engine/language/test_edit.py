"""Editing a blueprint's text in place."""

from __future__ import annotations

import pytest

from blankett.engine.language.text_edit import EditError, Editor, written

ORDERS = """\
# Orders of a small shop.
blueprint: orders   # the key
title: Orders

forms:
  # Who buys.
  customer:
    title: Customer
    fields:
      code: {type: text, required: yes}
    # more fields later

  order:
    title: Order
    fields:
      customer:
        type: link
        to: customer     # whom it is for
      note: {type: text, max_length: 200, title: Note}
    actions:
      ship:
        effects:
          - create: {form: customer}
            link: customer

# Words.
messages:
  hello: "Hello {name}"
"""


def edited(**edit: object) -> str:
    editor = Editor(ORDERS)
    for name, arguments in edit.items():
        *path, options = arguments  # type: ignore[misc]
        getattr(editor, name)(*path, **options)
    return editor.text()


def test_replaces_a_value_and_keeps_the_comment_behind_it() -> None:
    found = edited(replace=("blueprint", {"by": "orders_north"}))
    assert found == ORDERS.replace("blueprint: orders   #", "blueprint: orders_north   #")


def test_quotes_a_value_that_yaml_would_read_as_something_else() -> None:
    found = edited(replace=("title", {"by": "Orders: north #1"}))
    assert found == ORDERS.replace("title: Orders\n", 'title: "Orders: north #1"\n')


def test_replaces_a_quoted_value() -> None:
    found = edited(replace=("messages", "hello", {"by": "Hi"}))
    assert found == ORDERS.replace('"Hello {name}"', "Hi")


def test_removes_an_entry_with_the_comments_that_belong_to_it() -> None:
    found = edited(remove=("forms", "customer", {}))
    start, end = ORDERS.index("  # Who buys."), ORDERS.index("  order:")
    assert found == ORDERS[:start] + ORDERS[end:]


def test_removes_the_last_entry_of_the_file() -> None:
    found = edited(remove=("messages", {}))
    assert found == ORDERS[: ORDERS.index("# Words.")]


def test_removing_the_only_entry_removes_the_map_around_it() -> None:
    found = edited(remove=("messages", "hello", {}))
    assert found == ORDERS[: ORDERS.index("# Words.")]


def test_removing_every_entry_one_by_one_removes_the_map_around_them() -> None:
    editor = Editor("a:\n  b: 1\n  c: 2\nd: 3\n")
    editor.remove("a", "b")
    editor.remove("a", "c")
    assert editor.text() == "d: 3\n"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("type", "{max_length: 200, title: Note}"),
        ("max_length", "{type: text, title: Note}"),
        ("title", "{type: text, max_length: 200}"),
    ],
)
def test_removes_an_entry_of_a_map_in_braces(key: str, expected: str) -> None:
    found = edited(remove=("forms", "order", "fields", "note", key, {}))
    assert found == ORDERS.replace("{type: text, max_length: 200, title: Note}", expected)


def test_removes_the_entry_behind_the_dash_of_an_item() -> None:
    found = edited(remove=("forms", "order", "actions", "ship", "effects", "0", "create", {}))
    assert found == ORDERS.replace("- create: {form: customer}\n            link", "- link")


def test_inserts_an_entry_behind_another() -> None:
    found = edited(insert=("forms", "order", "fields", {"key": "due", "value": "{type: date}", "after": "customer"}))
    there = "        to: customer     # whom it is for\n"
    assert found == ORDERS.replace(there, there + "      due: {type: date}\n")


def test_inserts_lines_at_the_end_of_a_map() -> None:
    value = "\n  title: Closed\n  final: yes"
    found = edited(insert=("forms", "order", {"key": "states", "value": value}))
    there = "            link: customer\n"
    assert found == ORDERS.replace(there, there + "    states:\n      title: Closed\n      final: yes\n")


def test_inserts_into_a_map_in_braces() -> None:
    found = edited(insert=("forms", "customer", "fields", "code", {"key": "unique", "value": "yes", "after": "type"}))
    assert found == ORDERS.replace("{type: text, required", "{type: text, unique: yes, required")


def test_inserts_at_the_end_of_a_file_without_a_last_line_break() -> None:
    editor = Editor("a: 1")
    editor.insert(key="b", value="2")
    assert editor.text() == "a: 1\nb: 2"


def test_renames_a_key() -> None:
    found = edited(rename=("forms", "customer", {"to": "client"}))
    assert found == ORDERS.replace("  customer:\n    title: Customer", "  client:\n    title: Customer")


def test_makes_several_edits_and_leaves_out_those_inside_something_removed() -> None:
    editor = Editor(ORDERS)
    editor.replace("forms", "customer", "title", by="Client")
    editor.remove("forms", "customer")
    editor.replace("title", by="Sales")
    start, end = ORDERS.index("  # Who buys."), ORDERS.index("  order:")
    assert editor.text() == (ORDERS[:start] + ORDERS[end:]).replace("title: Orders", "title: Sales")


def test_walks_scalars_with_their_paths() -> None:
    found = [("/".join(path), scalar.text) for path, scalar in Editor(ORDERS).walk("forms", "order", "actions")]
    assert found == [
        ("forms/order/actions/ship/effects/0/create/form", "customer"),
        ("forms/order/actions/ship/effects/0/link", "customer"),
    ]


@pytest.mark.parametrize("path", [("nothing",), ("forms", "order", "nothing"), ("forms", "order")])
def test_refuses_to_replace_what_is_no_text(path: tuple[str, ...]) -> None:
    with pytest.raises(EditError):
        Editor(ORDERS).replace(*path, by="x")


@pytest.mark.parametrize("path", [("nothing",), ("forms", "nothing", "title"), ("title", "x")])
def test_refuses_to_remove_what_is_not_there(path: tuple[str, ...]) -> None:
    with pytest.raises(EditError):
        Editor(ORDERS).remove(*path)


@pytest.mark.parametrize("text", ["", "just a text", "- a\n- b", "a: [1, 2", "a: b: c"])
def test_refuses_a_text_that_is_no_map(text: str) -> None:
    with pytest.raises(EditError):
        Editor(text)


@pytest.mark.parametrize(
    "text", ["Orders", "Orders north", "SO-1", "订单", "a: b", "= 1", "# no", '"quoted"', "a\nb", "{x}", " x", "x,", ""]
)
def test_what_is_written_is_read_back(text: str) -> None:
    for form in ("a: {}\n", "a: {{b: {}}}\n", "a: [{}]\n"):
        ((_, scalar),) = Editor(form.format(written(text))).walk("a")
        assert scalar.text == text
