"""The difference of two blueprints, in the author's words."""

from __future__ import annotations

import pytest
from tests.catalogs import has_message

from blankett.engine.language.diff import Difference, TextLine, diff, text_diff
from blankett.engine.language.loader import read_blueprint
from blankett.engine.language.model import Blueprint
from blankett.words import say

ORDERS = """\
blueprint: orders
language: 1
title: Orders
roles:
  sales: {title: Sales}
  boss: {title: Boss, includes: [sales]}
forms:
  order:
    title: Order
    number: {pattern: "SO-{counter:5}", policy: gapless, at: submit}
    show: "{record.number} {buyer}"
    fields:
      buyer: {type: text, required: yes, max_length: 80}
      channel: {type: choice, options: {phone: Phone, fax: Fax}}
      total: {type: number, compute: total(lines.price)}
      urgent: {type: yes_no, default: no, visible: total > 10}
      lines:
        type: table
        fields:
          product: {type: text}
          price: {type: number, decimals: 2}
    sections:
      head: {title: Head, fields: [buyer, channel, total, urgent]}
      lines: {title: Lines, fields: [lines]}
    checks:
      cheap:
        that: total < 100
        message: "The total {total} is too large."
    states:
      draft: {start: true}
      review: {}
      done: {final: true}
    actions:
      submit:
        from: draft
        to: review
        by: sales
        effects:
          - notify: {role: boss, send: submitted}
      approve:
        from: review
        to: done
        by: boss
        when: total > 0
        ask:
          remark: {type: text}
    grants:
      - {who: sales, may: [view, create, edit]}
      - {who: boss, may: [view]}
    lists:
      all: {title: All, columns: [record.number, buyer, total], sort: [-total]}
messages:
  submitted: "{record.title} waits."
samples:
  order:
    - {buyer: ACME}
scenarios:
  a small order:
    as: anna (sales)
    steps:
      - create: order
        with: {buyer: ACME}
      - expect: {state: draft}
"""


def changed(*replacements: tuple[str, str]) -> str:
    text = ORDERS
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def load(text: str) -> Blueprint:
    return read_blueprint(text)


def told(change: Difference) -> str:
    """Say a change in one line, as the page does: label, subject, aspect, before and after, line."""
    words = [say("en", change.label), say("en", change.subject, **change.params)]
    if change.aspect:
        words.append(change.aspect)
    if change.old is not None or change.new is not None:
        words.append(f"{change.old} -> {change.new}")
    return " | ".join(words)


def between(*replacements: tuple[str, str]) -> list[str]:
    return [told(change) for change in diff(load(ORDERS), load(changed(*replacements)))]


def test_a_text_that_only_looks_different_means_the_same() -> None:
    assert (
        between(
            ("title: Orders\n", "title: Orders  # all of them\n"),
            ("total > 10}", "total   >   10}"),
            ("    - {buyer: ACME}\n", '    - {buyer: "ACME"}\n'),
        )
        == []
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("title: Orders\n", "title: Sales orders\n", "Changed | The blueprint | title | Orders -> Sales orders"),
        (
            "boss: {title: Boss, includes: [sales]}",
            "boss: {title: Boss}",
            "Changed | Role Boss | includes | sales -> None",
        ),
        ("title: Order\n", "title: Order\n    icon: box\n", "Changed | Form Order | icon | file -> box"),
        (
            '"SO-{counter:5}"',
            '"S-{counter:5}"',
            "Changed | Form Order | number | SO-{counter:5}, gapless, at submit -> S-{counter:5}, gapless, at submit",
        ),
        ("{record.number} {buyer}", "{buyer}", "Changed | Form Order | show | {record.number} {buyer} -> {buyer}"),
        ("required: yes, max", "required: urgent, max", "Changed | Field Buyer on Order | required | yes -> urgent"),
        ("max_length: 80", "max_length: 90", "Changed | Field Buyer on Order | max_length | 80 -> 90"),
        ("default: no", "default: yes", "Changed | Field Urgent on Order | default | no -> yes"),
        ("total > 10}", "total > 12}", "Changed | Field Urgent on Order | visible | total > 10 -> total > 12"),
        (
            "total(lines.price)",
            "sum(lines.price)",
            "Changed | Field Total on Order | compute | total(lines.price) -> sum(lines.price)",
        ),
        ("decimals: 2}", "decimals: 3}", "Changed | Column Price of Lines | decimals | 2 -> 3"),
        (
            "product: {type: text}",
            "product: {type: long_text}",
            "Changed | Column Product of Lines | type | text -> long_text",
        ),
        ("phone: Phone", "phone: By phone", "Changed | Option By phone of Channel | title | Phone -> By phone"),
        ("head: {title: Head", "head: {title: Top", "Changed | Section Top on Order | title | Head -> Top"),
        ("total < 100", "total < 200", "Changed | Check cheap on Order | that | total < 100 -> total < 200"),
        (
            "is too large.",
            "is much.",
            "Changed | Check cheap on Order | message | The total {total} is too large. -> The total {total} is much.",
        ),
        (
            "review: {}",
            "review: {title: In review}",
            "Changed | State In review of Order | title | Review -> In review",
        ),
        (
            "        by: sales",
            "        by: [sales, boss]",
            "Changed | Action Submit on Order | by | sales -> boss, sales",
        ),
        ("when: total > 0", "when: total > 5", "Changed | Action Approve on Order | when | total > 0 -> total > 5"),
        (
            "{role: boss, send: submitted}",
            "{role: sales, send: submitted}",
            "Changed | Action Submit on Order | effects | notify boss submitted -> notify sales submitted",
        ),
        (
            "remark: {type: text}",
            "remark: {type: text, required: yes}",
            "Changed | Question Remark of Approve | required | None -> yes",
        ),
        (
            "may: [view, create, edit]",
            "may: [view, create]",
            "Changed | What Sales may do with Order | may | create, edit, view -> create, view",
        ),
        ("sort: [-total]", "sort: [total]", "Changed | List All of Order | sort | -total -> total"),
        (
            "waits.",
            "is waiting.",
            "Changed | Message submitted | text | {record.title} waits. -> {record.title} is waiting.",
        ),
        (
            "    - {buyer: ACME}\n",
            "    - {buyer: ACME}\n    - {buyer: B}\n",
            "Changed | Sample records of Order | samples | 1 -> 2",
        ),
        ("{state: draft}", "{state: draft, can: [submit]}", "Changed | Scenario “a small order” | steps | 2 -> 2"),
    ],
)
def test_tells_what_changed(old: str, new: str, expected: str) -> None:
    assert between((old, new)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("boss: {title: Boss", "clerk: {title: Clerk}\n  boss: {title: Boss", "Added | Role Clerk"),
        ("      urgent: {", "      note: {type: text}\n      urgent: {", "Added | Field Note on Order"),
        ("      urgent: {type: yes_no, default: no, visible: total > 10}\n", "", "Removed | Field Urgent on Order"),
        ("          product: {type: text}\n", "", "Removed | Column Product of Lines"),
        ("fax: Fax", "fax: Fax, email: Mail", "Added | Option Mail of Channel"),
        (", fax: Fax", "", "Removed | Option Fax of Channel"),
        (
            "    checks:\n",
            "    checks:\n      some:\n        that: total > 1\n        message: Too little.\n",
            "Added | Check some on Order",
        ),
        (
            "remark: {type: text}",
            "remark: {type: text}\n          days: {type: number}",
            "Added | Question Days of Approve",
        ),
        ("      - {who: boss, may: [view]}\n", "", "Removed | What Boss may do with Order"),
        (
            "      - {who: boss, may: [view]}\n",
            "      - {who: boss, may: [view]}\n      - {who: owner, may: [delete]}\n",
            "Added | What owner may do with Order",
        ),
        ("messages:\n", "messages:\n  other: Hello.\n", "Added | Message other"),
        (
            "scenarios:\n",
            "scenarios:\n  another:\n    as: anna (sales)\n    steps:\n      - create: order\n",
            "Added | Scenario “another”",
        ),
    ],
)
def test_tells_what_came_and_went(old: str, new: str, expected: str) -> None:
    parts = [(old, new)]
    if "Field Urgent" in expected:
        parts.append(("[buyer, channel, total, urgent]", "[buyer, channel, total]"))
    section = "Changed | Section Head on Order | fields | buyer, channel, total, urgent -> buyer, channel, total"
    assert [line for line in between(*parts) if line != section] == [expected]


def test_a_renamed_field_is_told_once_with_what_is_said_of_it() -> None:
    found = between(
        (
            "      buyer: {type: text, required: yes",
            "      customer: {was: buyer, type: text, title: Client, required: yes",
        ),
        ("{record.number} {buyer}", "{record.number} {customer}"),
        ("[buyer, channel, total, urgent]", "[customer, channel, total, urgent]"),
        ("[record.number, buyer, total]", "[record.number, customer, total]"),
        ("    - {buyer: ACME}\n", "    - {customer: ACME}\n"),
        ("        with: {buyer: ACME}", "        with: {customer: ACME}"),
    )
    assert found == [
        "Renamed | Field Client on Order | buyer -> customer",
        "Changed | Field Client on Order | title | Buyer -> Client",
        "Changed | Sample records of Order | samples | 1 -> 1",
        "Changed | Scenario “a small order” | steps | 2 -> 2",
    ]


def test_a_renamed_state_is_followed_into_the_actions() -> None:
    found = between(
        ("      review: {}", "      checking: {was: review}"),
        ("        to: review", "        to: checking"),
        ("        from: review", "        from: checking"),
    )
    assert found == [
        "Renamed | State Checking of Order | review -> checking",
        "Changed | State Checking of Order | title | Review -> Checking",
    ]


def test_an_item_that_only_moved_is_told_as_moved() -> None:
    urgent = "      urgent: {type: yes_no, default: no, visible: total > 10}\n"
    text = changed((urgent, "")).replace("      buyer: {", f"{urgent}      buyer: {{")
    found = [told(change) for change in diff(load(ORDERS), load(text))]
    assert found == ["Moved | Field Urgent on Order | None -> "]


def test_taking_a_renaming_back_is_a_renaming() -> None:
    renamed = changed(
        ("      review: {}", "      checking: {was: review}"),
        ("        to: review", "        to: checking"),
        ("        from: review", "        from: checking"),
    )
    found = [told(change) for change in diff(load(renamed), load(ORDERS))]
    assert found == [
        "Renamed | State Review of Order | checking -> review",
        "Changed | State Review of Order | title | Checking -> Review",
    ]


def test_a_change_stands_where_its_key_stands() -> None:
    state = ("      review: {}", "      review:\n        title: In review")
    text = changed(("max_length: 80", "max_length: 90"), state)
    places = {change.aspect: change.place.line for change in diff(load(ORDERS), load(text)) if change.place}
    assert places == {"max_length": 13, "title": 32}


def test_what_was_removed_stands_in_the_older_text() -> None:
    (change,) = diff(load(ORDERS), load(changed((", fax: Fax", ""))))
    assert (change.kind, change.path, change.place and change.place.line) == (
        "removed", ("forms", "order", "fields", "channel", "options", "fax"), 14
    )  # fmt: skip


def test_a_private_field_and_a_word_in_another_language() -> None:
    spoken = changed(("language: 1\n", "language: 1\nlanguages: [en, zh]\n"))
    old = spoken + "translations:\n  zh: {title: 订单}\n"
    new = (
        spoken.replace("total(lines.price)}", "total(lines.price), private: [boss]}")
        + "translations:\n  zh: {title: 订货}\n"
    )
    found = [told(change) for change in diff(load(old), load(new))]
    assert found == [
        "Changed | The blueprint | title (zh) | 订单 -> 订货",
        "Changed | Field Total on Order | private | None -> boss",
    ]


def test_every_change_has_words() -> None:
    kinds = ("added", "removed", "changed", "renamed", "moved")
    items = (
        "blueprint role form field column input option section check state action grant list message sample scenario"
    )
    ids = [f"change.{kind}" for kind in kinds] + [f"change.item.{item}" for item in items.split()]
    assert [id for id in ids if not has_message(id)] == []


def test_a_plain_difference_shows_lines_with_their_neighbours() -> None:
    old = "\n".join("abcdefghij")
    new = "\n".join("abcdXfghijk")
    assert text_diff(old, new, context=1) == (
        TextLine("gap", ""),
        TextLine("same", "d", 4, 4),
        TextLine("removed", "e", 5, None),
        TextLine("added", "X", None, 5),
        TextLine("same", "f", 6, 6),
        TextLine("gap", ""),
        TextLine("same", "j", 10, 10),
        TextLine("added", "k", None, 11),
    )


def test_equal_texts_have_no_plain_difference() -> None:
    assert text_diff(ORDERS, ORDERS) == ()
