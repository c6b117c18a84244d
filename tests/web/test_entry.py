"""Making and editing records: what is typed is read, worked out, saved or kept; also without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from blankett.web.services import Services

from .conftest import HX, Clock, Visitor
from .pages import Pair, form_pairs, new_line, with_values, words

NEW = "/forms/shop/order/new"


@pytest.fixture
def customer(mette: Visitor) -> str:
    """The id of a customer who pays in DKK."""
    values = {"code": "ACME", "name": "Acme Ltd", "currency": "DKK", "tier": "gold", "limit": "900", "_do": "save"}
    return made(mette.post("/forms/shop/customer/new", values))


def made(answer: TestResponse) -> str:
    """Return the id of the record an answer leads to."""
    assert answer.status_code == 303, words(answer.text)
    return answer.headers["Location"].rpartition("/")[2]


def order(visitor: Visitor, do: str = "save", **changes: str) -> list[Pair]:
    """Return what a browser would post for a new order with one line; `line__price` names the line's cells."""
    pairs = form_pairs(visitor.get(NEW).text)
    line = new_line(pairs)
    values = {"customer": "ACME", "line__item": "Bolt", "line__quantity": "3", "line__price": "2.50", **changes}
    named = {name.replace("line__", f"lines__{line}__"): text for name, text in values.items()}
    return with_values([pair for pair in pairs if pair[0] != "_do"], **named, _do=do)


# New -----------------------------------------------------------------------------------------------------------------


def test_a_new_form_shows_defaults_sections_and_one_blank_line(anna: Visitor) -> None:
    page = anna.get(NEW)
    pairs = form_pairs(page.text)
    assert dict(pairs)["channel"] == "phone"
    assert len([name for name, _ in pairs if re.match(r"lines\.\+\w+\.item$", name)]) == 1
    assert "New order" in words(page.text)


def test_fields_the_person_may_not_see_are_not_on_the_page(anna: Visitor, mette: Visitor) -> None:
    assert 'name="cost"' not in anna.get(NEW).text
    assert 'name="cost"' in mette.get(NEW).text


def test_an_order_is_made_from_what_was_typed(anna: Visitor, customer: str) -> None:
    record = made(anna.post(NEW, order(anna)))
    page = words(anna.get(f"/records/{record}").text)
    assert "Acme Ltd" in page
    assert "Bolt 3 DKK 2.50 DKK 7.50" in page.replace("\xa0", " ")


def test_an_empty_field_is_filled_on_the_server(anna: Visitor, customer: str) -> None:
    assert ("currency", "") in order(anna)
    record = made(anna.post(NEW, order(anna, do="action.submit")))
    assert "Currency DKK" in words(anna.get(f"/records/{record}").text)


def test_what_a_person_typed_wins_over_what_is_filled(anna: Visitor, customer: str) -> None:
    record = made(anna.post(NEW, order(anna, currency="EUR")))
    assert "Currency EUR" in words(anna.get(f"/records/{record}").text)


def test_a_draft_may_be_saved_half_done(anna: Visitor) -> None:
    record = made(anna.post(NEW, [("channel", "phone"), ("lines", ""), ("_do", "save")]))
    assert "Draft" in words(anna.get(f"/records/{record}").text)


def test_sending_the_form_takes_the_first_action(anna: Visitor, customer: str) -> None:
    record = made(anna.post(NEW, order(anna, do="action.submit")))
    page = words(anna.get(f"/records/{record}").text)
    assert "SO-2026-0001 Acme Ltd" in page
    assert "Submitted. It is now: In review." in page


def test_a_repeated_form_has_one_effect(anna: Visitor, customer: str) -> None:
    pairs = order(anna, do="action.submit")
    first, second = anna.post(NEW, pairs), anna.post(NEW, pairs)
    assert made(first) == made(second)
    assert "1 record" in words(anna.get("/forms/shop/order").text)


def test_the_same_form_with_other_content_is_refused(anna: Visitor, customer: str) -> None:
    pairs = order(anna)
    anna.post(NEW, pairs)
    answer = anna.post(NEW, with_values(pairs, their_number="other"))
    assert answer.status_code == 409
    assert "already sent with other content" in words(answer.text)


# Refused -------------------------------------------------------------------------------------------------------------


def test_a_refused_form_comes_back_with_everything_typed(anna: Visitor, customer: str) -> None:
    sent = order(
        anna, do="action.submit", channel="web", promised="soon", line__quantity="many", line__price="2.555", reason="x"
    )
    sent = [pair for pair in sent if pair[0] != "reason"]
    answer = anna.post(NEW, sent)
    assert answer.status_code == 422
    typed = {name: text for name, text in sent if not name.startswith("_")}
    back = dict(form_pairs(answer.text))
    assert {name: back.get(name) for name in typed} == {**typed, "customer": "Acme Ltd", "currency": "DKK"}
    assert "<title>Error: New order" in answer.text


def test_all_mistakes_are_told_at_once_above_and_at_their_fields(anna: Visitor, customer: str) -> None:
    answer = anna.post(NEW, order(anna, do="action.submit", channel="web", line__quantity="many", line__item=""))
    page = words(answer.text)
    summary = page.partition("There are 3 problems")[2]
    assert summary.startswith(
        " Fill in “Their number”. Line 1: Fill in “Item”. "
        "Line 1 Quantity: Enter a number such as 250; “many” is not one."
    )
    line = re.search(r'href="#f-(lines\.[^"]+\.quantity)"', answer.text.replace("%2B", "+"))
    assert line is not None
    cell = re.search(rf'<input[^>]*id="f-{re.escape(line[1])}"[^>]*>', answer.text)
    assert cell is not None
    assert 'aria-invalid="true"' in cell[0]
    assert page.count("Fill in “Their number”.") == 2


def test_a_check_speaks_the_authors_words(anna: Visitor, customer: str) -> None:
    answer = anna.post(NEW, order(anna, do="action.submit", line__quantity="1000000"))
    assert answer.status_code == 422
    assert "An order of DKK 2,500,000.00 is too large." in words(answer.text).replace("\xa0", " ")


def test_the_intent_stays_with_a_refused_form(anna: Visitor, customer: str) -> None:
    sent = order(anna, do="action.submit", channel="web")
    back = form_pairs(anna.post(NEW, sent).text)
    assert dict(back)["_intent"] == dict(sent)["_intent"]
    corrected = [pair for pair in with_values(back, their_number="K-1") if pair[0] != "_do"]
    assert anna.post(NEW, [*corrected, ("_do", "action.submit")]).status_code == 303


def test_a_record_cannot_be_made_without_the_right(anna: Visitor) -> None:
    assert anna.get("/forms/shop/customer/new").status_code == 403
    answer = anna.post("/forms/shop/customer/new", {"code": "X", "name": "X", "currency": "EUR", "_do": "save"})
    assert answer.status_code == 403
    assert "You may not" in words(answer.text)


def test_somebody_without_a_role_finds_nothing(signed_in: Callable[[str], Visitor]) -> None:
    olga = signed_in("olga")
    assert olga.get("/forms/shop/order").status_code == 404
    assert olga.get(NEW).status_code in (403, 404)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("colour", "red", "The form has no field colour that could be filled in."),
        ("total", "5", "This is worked out and cannot be typed."),
        ("cost", "5", "You may not"),
        ("promised", "2026-13-99", "Enter a day such as 31/12/2026"),
        ("channel", "fax", "Choose one of the options"),
        ("urgent", "perhaps", "Choose yes or no."),
        ("customer", "Nobody Inc", "Nothing is called “Nobody Inc”."),
        ("their_number", "a\x00b", "Remove the invisible characters"),
        ("their_number", "x" * 1_000_000, "Use at most 20 characters"),
    ],
    ids=["unknown", "computed", "private", "date", "option", "yes or no", "link", "nul", "long"],
)
def test_what_does_not_fit_is_refused_in_words(anna: Visitor, customer: str, name: str, text: str, said: str) -> None:
    answer = anna.post(NEW, with_values(order(anna), **{name: text}))
    assert answer.status_code in (403, 422)
    assert said in words(answer.text)


# Without JavaScript --------------------------------------------------------------------------------------------------


def test_lines_are_added_and_dropped_by_buttons(anna: Visitor, customer: str) -> None:
    sent = [pair for pair in order(anna) if pair[0] != "_do"]
    added = anna.post(NEW, [*sent, ("_add", "lines")])
    back = form_pairs(added.text)
    lines = list(dict.fromkeys(name.split(".")[1] for name, _ in back if name.startswith("lines.")))
    assert (added.status_code, len(lines)) == (200, 2)
    assert dict(back)[f"lines.{lines[0]}.item"] == "Bolt"
    dropped = form_pairs(anna.post(NEW, [*back, ("_drop", f"lines.{lines[0]}")]).text)
    assert f"lines.{lines[0]}.item" not in dict(dropped)


def test_enter_works_the_form_out_without_saving(anna: Visitor, customer: str) -> None:
    answer = anna.post(NEW, order(anna, do="recalculate"))
    page = words(answer.text).replace("\xa0", " ")
    assert answer.status_code == 200
    assert "from customer" in page.casefold()
    assert "Total DKK 7.50" in page
    assert "0 records" in words(anna.get("/forms/shop/order?list=all").text) or "No orders yet" in words(
        anna.get("/forms/shop/order?list=all").text
    )


def test_a_change_of_a_filled_field_can_be_undone(anna: Visitor, customer: str) -> None:
    filled = form_pairs(anna.post(NEW, order(anna, do="recalculate")).text)
    changed = anna.post(NEW, with_values(filled, currency="EUR", _do="recalculate"))
    assert "changed by you undo" in words(changed.text)
    undone = anna.post(NEW, [*form_pairs(changed.text), ("_undo", "currency")])
    assert dict(form_pairs(undone.text))["currency"] == "DKK"


def test_a_link_is_found_by_key_title_or_a_part_that_fits_one(anna: Visitor, customer: str) -> None:
    for text in ("ACME", "Acme Ltd", "acme"):
        assert f"/records/{customer}" in anna.get(f"/records/{made(anna.post(NEW, order(anna, customer=text)))}").text


# Working out while typing


def recalculated(visitor: Visitor, pairs: list[Pair], *more: Pair) -> dict[str, str]:
    """Return the fragments of a recalculation by the id of what they replace."""
    answer = visitor.post(f"{NEW}/recalculate", [*pairs, *more], **HX)
    assert answer.status_code == 200, words(answer.text)
    return dict(re.findall(r'<hx-partial id="([^"]+)">(.*?)</hx-partial>', answer.text, re.S))


def test_totals_follow_what_is_typed(anna: Visitor, customer: str) -> None:
    parts = recalculated(anna, order(anna))
    assert "Total DKK 7.50" in words(parts["t-lines"]).replace("\xa0", " ")
    assert words(parts["bar-total"]).replace("\xa0", " ") == "DKK 7.50"


def test_only_what_changed_is_drawn(anna: Visitor, customer: str) -> None:
    pairs = order(anna)
    parts = recalculated(anna, pairs, ("_focus", f"lines.{new_line(pairs)}.price"))
    assert "u-currency" in parts
    assert "u-their_number" in parts  # whether it is required depends on others
    assert "u-promised" not in parts
    assert not [id for id in parts if id.endswith(".item")]


def test_a_filled_field_says_where_from_and_carries_its_mark(anna: Visitor, customer: str) -> None:
    part = recalculated(anna, order(anna))["u-currency"]
    assert "from Customer" in words(part)
    assert 'name="_filled" value="currency=DKK"' in part
    assert '<option value="DKK" selected>' in part


def test_a_field_appears_and_goes_with_its_condition(anna: Visitor, customer: str) -> None:
    pairs = order(anna)
    shown = recalculated(anna, with_values(pairs, urgent="yes"))
    assert 'name="reason"' in shown["u-reason"]
    gone = recalculated(anna, with_values(pairs, urgent="no", reason="because"))
    assert " hidden" in gone["u-reason"]
    assert '<input type="hidden" name="reason" value="because">' in gone["u-reason"]


def test_mistakes_show_only_where_somebody_has_been(anna: Visitor, customer: str) -> None:
    pairs = with_values(order(anna), promised="soon")
    quiet = recalculated(anna, pairs)
    assert ("u-promised" in quiet, words(quiet["mistake-count"])) == (False, "")
    told = recalculated(anna, pairs, ("_touched", "promised"))
    assert "Enter a day such as" in words(told["u-promised"])
    assert words(told["mistake-count"]) == "1 problem"
    mended = recalculated(anna, with_values(pairs, promised="2026-12-24"), ("_wrong", "promised"))
    assert "Enter a day" not in words(mended["u-promised"])


def test_the_text_of_the_field_somebody_is_in_is_left_alone(anna: Visitor, customer: str) -> None:
    pairs = order(anna, customer="acm")
    assert "u-customer" not in recalculated(anna, pairs, ("_focus", "customer"))
    assert 'value="Acme Ltd"' in recalculated(anna, pairs)["u-customer"]


def test_recalculating_saves_nothing(anna: Visitor, customer: str, services: Services) -> None:
    recalculated(anna, order(anna))
    assert "No orders yet" in words(anna.get("/forms/shop/order").text)


def test_a_picker_offers_what_may_be_chosen(anna: Visitor, customer: str) -> None:
    answer = anna.post(f"{NEW}/pick", [*order(anna), ("_name", "customer"), ("_words", "acm")], **HX)
    option = re.search(r'data-id="([^"]+)" data-title="([^"]+)"', answer.text)
    assert option is not None
    assert option.groups() == (customer, "Acme Ltd")


@pytest.mark.parametrize("name", ["channel", "nothing", "", "lines.x.item", "lines", "a.b.c.d"])
def test_a_picker_offers_nothing_for_anything_else(anna: Visitor, customer: str, name: str) -> None:
    answer = anna.post(f"{NEW}/pick", [*order(anna), ("_name", name), ("_words", "")], **HX)
    assert (answer.status_code, 'role="option"' in answer.text) == (200, False)


# Editing -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(anna: Visitor, customer: str) -> str:
    """The id of a saved order."""
    return made(anna.post(NEW, order(anna, their_number="K-1")))


def edited(visitor: Visitor, record: str, **changes: str) -> list[Pair]:
    """Return what a browser would post after changing some controls of a record."""
    pairs = form_pairs(visitor.get(f"/records/{record}/edit").text)
    return with_values([pair for pair in pairs if pair[0] != "_do"], **changes, _do="save")


def test_an_edit_changes_what_was_changed(anna: Visitor, draft: str) -> None:
    assert anna.post(f"/records/{draft}/edit", edited(anna, draft, their_number="K-2")).status_code == 303
    page = words(anna.get(f"/records/{draft}").text)
    assert "changed 1 field" in page
    assert "Their number K-1 K-2" in page


def test_an_edit_keeps_lines_by_their_ids(anna: Visitor, draft: str) -> None:
    pairs = edited(anna, draft)
    line = next(name.split(".")[1] for name, _ in pairs if re.match(r"lines\.\w+\.item", name))
    assert anna.post(f"/records/{draft}/edit", with_values(pairs, **{f"lines.{line}.price": "5"})).status_code == 303
    assert f"lines.{line}.price" in dict(edited(anna, draft))
    assert "Line 1, Lines / Price" in words(anna.get(f"/records/{draft}").text)


def test_an_edit_can_take_the_record_on(anna: Visitor, draft: str) -> None:
    assert 'value="action.submit"' in anna.get(f"/records/{draft}/edit").text
    sent = [pair for pair in edited(anna, draft) if pair[0] != "_do"]
    anna.post(f"/records/{draft}/edit", [*sent, ("_do", "action.submit")])
    assert "In review" in words(anna.get(f"/records/{draft}").text)


def test_a_copy_starts_with_what_was_typed(anna: Visitor, draft: str) -> None:
    pairs = form_pairs(anna.get(f"{NEW}?copy={draft}").text)
    assert (dict(pairs)["customer"], dict(pairs)["their_number"]) == ("Acme Ltd", "K-1")


def test_changes_to_different_fields_are_put_together(anna: Visitor, mette: Visitor, draft: str) -> None:
    mine = edited(anna, draft, their_number="K-9")
    mette.post(f"/records/{draft}/edit", edited(mette, draft, promised="2026-12-24"))
    answer = anna.post(f"/records/{draft}/edit", mine)
    assert answer.status_code == 409
    page = words(answer.text)
    assert "Mette Holm saved this while you were editing" in page
    assert "You changed different fields. Save to keep both." in page
    saved = anna.post(f"/records/{draft}/edit", form_pairs(answer.text, f"/records/{draft}/edit"))
    assert saved.status_code == 303
    after = words(anna.get(f"/records/{draft}").text)
    assert ("Their number K-9" in after, "Promised 24 Dec 2026" in after) == (True, True)


def test_an_action_goes_on_after_a_conflict(anna: Visitor, mette: Visitor, draft: str) -> None:
    mine = [pair for pair in edited(anna, draft, their_number="K-9") if pair[0] != "_do"]
    mette.post(f"/records/{draft}/edit", edited(mette, draft, promised="2026-12-24"))
    met = anna.post(f"/records/{draft}/edit", [*mine, ("_do", "action.submit")])
    assert "What happened meanwhile Mette Holm changed 1 field" in words(met.text)
    assert "Save both → Submit" in words(met.text)
    assert anna.post(f"/records/{draft}/edit", form_pairs(met.text, f"/records/{draft}/edit")).status_code == 303
    page = words(anna.get(f"/records/{draft}").text)
    assert ("In review" in page, "Promised 24 Dec 2026" in page) == (True, True)


@pytest.mark.parametrize(("side", "kept"), [("mine", "K-MINE"), ("theirs", "K-THEIRS")])
def test_the_same_field_is_chosen_between(anna: Visitor, mette: Visitor, draft: str, side: str, kept: str) -> None:
    mine = edited(anna, draft, their_number="K-MINE", channel="web")
    mette.post(f"/records/{draft}/edit", edited(mette, draft, their_number="K-THEIRS"))
    answer = anna.post(f"/records/{draft}/edit", mine)
    assert answer.status_code == 409
    assert "Their number K-1 K-MINE K-THEIRS" in words(answer.text)
    pairs = form_pairs(answer.text, f"/records/{draft}/edit")
    chosen = [pair for pair in pairs if pair[0] != "_keep.their_number"]
    assert anna.post(f"/records/{draft}/edit", [*chosen, ("_keep.their_number", side)]).status_code == 303
    page = words(anna.get(f"/records/{draft}").text)
    assert (f"Their number {kept}" in page, "Channel Web" in page) == (True, True)


def test_lines_of_both_are_put_together(anna: Visitor, mette: Visitor, draft: str) -> None:
    mine = edited(anna, draft)
    old = next(name.split(".")[1] for name, _ in mine if re.match(r"lines\.\w+\.item", name))
    mine = with_values(mine, **{f"lines__{old}__price": "4"}, **{f"lines__{new_line(mine)}__item": "Mine"})
    theirs = edited(mette, draft)
    blank = new_line(theirs)
    theirs = with_values(theirs, **{f"lines__{blank}__item": "Theirs", f"lines__{blank}__price": "1"})
    assert mette.post(f"/records/{draft}/edit", theirs).status_code == 303
    answer = anna.post(f"/records/{draft}/edit", mine)
    assert answer.status_code == 409
    assert anna.post(f"/records/{draft}/edit", form_pairs(answer.text, f"/records/{draft}/edit")).status_code == 303
    lines = dict(edited(anna, draft))
    items = [text for name, text in lines.items() if re.match(r"lines\.\w+\.item", name)]
    assert items == ["Bolt", "Theirs", "Mine"]
    assert lines[f"lines.{old}.price"] == "4.00"


def test_a_conflict_may_meet_another_one(anna: Visitor, mette: Visitor, draft: str) -> None:
    mine = edited(anna, draft, their_number="K-9")
    for number in range(2):
        mette.post(f"/records/{draft}/edit", edited(mette, draft, their_number=f"M-{number}"))
        answer = anna.post(f"/records/{draft}/edit", mine)
        assert (answer.status_code, f"K-9 M-{number}" in words(answer.text)) == (409, True)
        mine = form_pairs(answer.text, f"/records/{draft}/edit")
    assert anna.post(f"/records/{draft}/edit", mine).status_code == 303
    assert "Their number K-9" in words(anna.get(f"/records/{draft}").text)


def test_a_record_that_may_not_be_edited_is_403(anna: Visitor, mette: Visitor, customer: str) -> None:
    assert anna.get(f"/records/{customer}/edit").status_code == 403
    assert anna.post(f"/records/{customer}/edit", {"name": "X", "_do": "save"}).status_code == 403
    assert anna.post(f"/records/{customer}/edit/recalculate", {"name": "X"}).status_code == 403


def test_private_fields_stay_as_they_are_when_somebody_else_edits(anna: Visitor, mette: Visitor, draft: str) -> None:
    mette.post(f"/records/{draft}/edit", edited(mette, draft, cost="99"))
    anna.post(f"/records/{draft}/edit", edited(anna, draft, their_number="K-5"))
    assert "99.00" in words(mette.get(f"/records/{draft}").text)
    assert "99.00" not in anna.get(f"/records/{draft}").text


def test_time_passing_does_not_end_a_form(anna: Visitor, customer: str, clock: Clock) -> None:
    pairs = order(anna)
    clock.pass_by(hours=6)
    assert anna.post(NEW, pairs).status_code == 303


# Rules --------------------------------------------------------------------------------------------------------------


def test_what_a_rule_warns_of_is_said_on_the_form_and_after_saving(anna: Visitor, draft: str) -> None:
    pairs = edited(anna, draft, their_number="K-WARN")
    worked = anna.post(f"/records/{draft}/edit/recalculate", pairs)
    assert "Nobody orders by K-WARN." in words(worked.text)
    assert anna.post(f"/records/{draft}/edit", pairs).status_code == 303
    after = anna.get(f"/records/{draft}")
    assert '<div class="b-note is-warn" role="status">' in after.text
    assert "Nobody orders by K-WARN." in words(after.text)
    assert "Nobody orders by K-WARN." not in words(anna.get(f"/records/{draft}").text)


def test_what_a_rule_refuses_stands_at_its_field_with_what_was_typed(anna: Visitor, draft: str) -> None:
    answer = anna.post(
        f"/records/{draft}/edit", with_values(edited(anna, draft, their_number="K-STOP"), _do="action.submit")
    )
    assert answer.status_code == 422
    assert "K-STOP stops here." in words(answer.text)
    assert 'href="#f-their_number"' in answer.text
    assert dict(form_pairs(answer.text, f"/records/{draft}/edit"))["their_number"] == "K-STOP"


def test_rules_that_go_round_leave_what_was_typed(anna: Visitor, draft: str) -> None:
    typed = edited(anna, draft, their_number="K-LATER", promised="2026-12-01")
    answer = anna.post(f"/records/{draft}/edit", with_values(typed, _do="action.submit"))
    assert answer.status_code == 422
    assert "These rules change each other's fields again and again: Ever later (fields: Promised)." in words(
        answer.text
    )
    assert dict(form_pairs(answer.text, f"/records/{draft}/edit"))["their_number"] == "K-LATER"
