"""What a person typed is theirs: nothing fills, defaults, hides or works over it, and what cannot be read blocks."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blankett.engine.store import Member
from blankett.web.services import Services

from .conftest import HX, ORGANISATION, ROOM, Clock, Visitor, publish
from .pages import Pair, form_pairs, with_values, words

NEW = "/forms/typing/sheet/new"
TEXTS = ("250,50", "1e5", "-5", "12,5", "abc", "", "7", "1e999", "9" * 80, "a\x00b", "31.2.2026", "plain", "odd")


@pytest.fixture(autouse=True)
def typing(services: Services) -> None:
    source = Path(__file__).with_name("typing.yaml").read_text(encoding="utf-8")
    publish(services.store, source, services.clock())


def worked_out(visitor: Visitor, pairs: list[Pair], *more: Pair) -> list[Pair]:
    """Return what the form holds after a round to the server, as without JavaScript."""
    answer = visitor.post(NEW, [pair for pair in pairs if pair[0] != "_do"] + [("_do", "recalculate"), *more])
    assert answer.status_code == 200, words(answer.text)
    return form_pairs(answer.text)


def text_of(pairs: list[Pair], name: str) -> str | None:
    """Return the text of a control as a browser posts it: a ticked box comes after its "no"."""
    return next((text for key, text in reversed(pairs) if key == name), None)


def typed_into(pairs: list[Pair], name: str, text: str) -> list[Pair]:
    """Return *pairs* with *text* in the control *name*."""
    return with_values([pair for pair in pairs if pair[0] != name], **{name.replace(".", "__"): text})


def submitted(visitor: Visitor, pairs: list[Pair], do: str = "save") -> tuple[int, str, str]:
    """Send the form: status, page, and where it led."""
    answer = visitor.post(NEW, [*[pair for pair in pairs if pair[0] != "_do"], ("_do", do)])
    return answer.status_code, answer.text, answer.headers.get("Location", "")


@pytest.mark.parametrize("name", ["price", "share", "rough", "day", "gifts.+L.price", "gifts.+L.pieces"])
@pytest.mark.parametrize("text", ["250,5,0", "1e5", "x", "9" * 80, "a\x00b"])
def test_a_text_that_cannot_be_read_stays_is_marked_and_blocks(anna: Visitor, name: str, text: str) -> None:
    pairs = form_pairs(anna.get(NEW).text)
    name = name.replace("gifts.+L", gift_line(pairs))
    pairs = typed_into(typed_into(pairs, name, text), f"{gift_line(pairs)}.what", "Cup")
    for _ in range(2):
        pairs = worked_out(anna, pairs)
        assert text_of(pairs, name) == text
    pairs = worked_out(anna, typed_into(pairs, "rough", "1" if name != "rough" else text))
    status, page, _ = submitted(anna, pairs, "action.ask")
    assert (status, text_of(form_pairs(page), name)) == (422, text)
    control = re.search(rf'<input[^>]*id="f-{re.escape(name)}"[^>]*>', page)
    assert control is not None
    assert 'aria-invalid="true"' in control[0]


def gift_line(pairs: list[Pair]) -> str:
    return next(re.match(r"gifts\.\+\w+", name)[0] for name, _ in pairs if name.startswith("gifts.+"))  # type: ignore[index]


def test_a_negative_number_in_a_filled_cell_is_what_is_saved(anna: Visitor) -> None:
    pairs = worked_out(anna, form_pairs(anna.get(NEW).text))
    assert text_of(pairs, "price") == "10.00"
    status, _, place = submitted(anna, typed_into(pairs, "price", "-5"))
    assert status == 303
    assert "Price -€5.00" in words(anna.get(place).text).replace("\xa0", " ")


def test_an_emptied_default_stays_empty(anna: Visitor) -> None:
    pairs = typed_into(form_pairs(anna.get(NEW).text), "rough", "")
    pairs = worked_out(anna, worked_out(anna, pairs))
    assert text_of(pairs, "rough") == ""
    _, _, place = submitted(anna, pairs)
    assert text_of(form_pairs(anna.get(f"{place}/edit").text), "rough") == ""


def test_an_emptied_default_of_a_line_stays_empty(anna: Visitor) -> None:
    pairs = form_pairs(anna.get(NEW).text)
    line = gift_line(pairs)
    pairs = worked_out(anna, typed_into(pairs, f"{line}.what", "Cup"))
    assert [text_of(pairs, f"{line}.{key}") for key in ("pieces", "kind", "paid", "wrapped")] == ["1", "a", "yes", "no"]
    for key in ("pieces", "kind"):
        pairs = typed_into(pairs, f"{line}.{key}", "")
    pairs = typed_into(pairs, f"{line}.paid", "no")
    pairs = worked_out(anna, worked_out(anna, pairs))
    assert [text_of(pairs, f"{line}.{key}") for key in ("pieces", "kind", "paid")] == ["", "", "no"]


def test_what_was_typed_is_there_again_when_its_control_comes_back(anna: Visitor) -> None:
    pairs = worked_out(anna, typed_into(form_pairs(anna.get(NEW).text), "kind", "odd"))
    pairs = typed_into(typed_into(pairs, "note", "mine"), "size", "1,,2")
    pairs = worked_out(anna, typed_into(pairs, "kind", "plain"))
    assert submitted(anna, pairs)[0] == 303, "what is hidden does not block"
    pairs = worked_out(anna, typed_into(pairs, "kind", "odd"))
    assert [text_of(pairs, name) for name in ("note", "size")] == ["mine", "1,,2"]


def test_lines_of_a_hidden_table_are_there_again_when_it_is_shown(anna: Visitor) -> None:
    pairs = form_pairs(anna.get(NEW).text)
    place = next(name for name, _ in pairs if re.match(r"stops\.\+\w+\.place", name))
    pairs = worked_out(anna, typed_into(typed_into(pairs, place, "Oslo"), "kind", "odd"))
    pairs = worked_out(anna, typed_into(pairs, "kind", "plain"))
    assert text_of(pairs, place) == "Oslo"


def test_more_lines_than_a_table_takes_are_refused_and_kept(anna: Visitor) -> None:
    pairs = form_pairs(anna.get(NEW).text)
    pairs += [(f"gifts.+N{n}.what", f"Gift {n}") for n in range(5)]
    status, page, _ = submitted(anna, pairs)
    assert (status, [text for name, text in form_pairs(page) if name.endswith(".what") and text]) == (
        422,
        [f"Gift {n}" for n in range(5)],
    )


# How it is read ---------------------------------------------------------------------------------------------------


def test_a_reading_is_shown_where_it_is_not_what_was_typed(anna: Visitor) -> None:
    pairs = typed_into(typed_into(form_pairs(anna.get(NEW).text), "day", "fri"), "price", "1.000")
    answer = anna.post(NEW, [*pairs, ("_do", "recalculate")])
    assert [read in words(answer.text) for read in ("read as Fri, 27 Nov 2026", "read as 1.00")] == [True, True]


def test_a_day_that_was_read_stays_that_day_after_midnight(anna: Visitor, clock: Clock) -> None:
    pairs = worked_out(anna, typed_into(form_pairs(anna.get(NEW).text), "day", "+7"))
    for _ in range(2):  # a session that nobody uses ends after eight hours
        clock.pass_by(hours=7.5)
        anna.get("/inbox")
    status, _, place = submitted(anna, pairs)
    assert (status, "27 Nov 2026" in words(anna.get(place).text)) == (303, True)


def test_a_reading_is_chosen_by_a_button(anna: Visitor) -> None:
    pairs = typed_into(form_pairs(anna.get(NEW).text), "day", "1/11")
    status, page, _ = submitted(anna, pairs)
    buttons = re.findall(r'<button class="b-undo" name="_read" value="([^"]*)"', page)
    assert (status, buttons) == (422, ["day=01/11/2026", "day=01/11/2027"])
    pairs = worked_out(anna, form_pairs(page), ("_read", buttons[1]))
    assert text_of(pairs, "day") == "01/11/2027"
    assert submitted(anna, pairs)[0] == 303


def test_a_reading_is_chosen_in_the_dialog_of_an_action(anna: Visitor) -> None:
    _, _, place = submitted(anna, typed_into(form_pairs(anna.get(NEW).text), "subject", "Asked"))
    address = f"{place}/actions/drop"
    sent = typed_into(form_pairs(anna.get(address).text, address), "cost", "12,5")
    again = form_pairs(anna.post(address, [*sent, ("_read", "cost=12.5")]).text, address)
    assert text_of(again, "cost") == "12.5"
    assert anna.post(address, again).status_code == 303


def test_numbers_and_days_are_written_and_read_in_a_persons_own_way(anna: Visitor) -> None:
    settings = {"language": "en", "theme": "auto", "density": "normal", "zone": "", "keys": "on"}
    assert anna.post("/settings", {**settings, "numbers": "point_comma", "days": "dmy_point"}).status_code == 303
    pairs = worked_out(anna, form_pairs(anna.get(NEW).text))
    assert [text_of(pairs, name) for name in ("day", "price")] == ["20.11.2026", "10,00"]
    pairs = typed_into(typed_into(pairs, "price", "1.234,5"), "day", "3.12.")
    _, _, place = submitted(anna, pairs)
    page = words(anna.get(place).text).replace("\xa0", " ")
    assert [text in page for text in ("€1.234,50", "03.12.2026")] == [True, True]
    status, page, _ = submitted(anna, typed_into(form_pairs(anna.get(NEW).text), "price", "1,234.5"))
    assert (status, "Write it as 1234,5." in words(page)) == (422, True)


def told(visitor: Visitor, pairs: list[Pair], name: str) -> str:
    """Return what the answer to typing says at the control *name*, with nothing left yet but what was typed into."""
    answer = visitor.post(f"{NEW}/recalculate", pairs, **HX)
    found = re.search(rf'<hx-partial id="u-{name}">(.*?)</hx-partial>', answer.text, re.S)
    return words(found[1]) if found else ""


def test_a_bound_is_refused_while_typing_also_of_what_is_filled(anna: Visitor) -> None:
    pairs = worked_out(anna, form_pairs(anna.get(NEW).text))
    assert "Enter -20 or more." in told(anna, typed_into(pairs, "rough", "31"), "left")
    assert "Enter" not in told(anna, typed_into(pairs, "rough", "30"), "left")


def test_a_fields_own_check_is_told_while_typing(anna: Visitor) -> None:
    pairs = typed_into(worked_out(anna, form_pairs(anna.get(NEW).text)), "until", "19/11/2026")
    assert "is before" in told(anna, [*pairs, ("_touched", "until")], "until")


# Lines nobody touched -----------------------------------------------------------------------------------------------


def test_an_untouched_line_is_no_line_whatever_its_columns_start_with(anna: Visitor) -> None:
    pairs = typed_into(form_pairs(anna.get(NEW).text), "subject", "Empty")
    status, page, place = submitted(anna, pairs, "action.ask")
    assert status == 303, words(page)
    page = words(anna.get(place).text)
    assert [name for name in ("Stops 1", "Gifts 1") if name in page] == []


def test_a_line_whose_text_was_taken_back_is_no_line(anna: Visitor) -> None:
    pairs = form_pairs(anna.get(NEW).text)
    name = f"{gift_line(pairs)}.what"
    pairs = worked_out(anna, typed_into(pairs, name, "Cup"))
    assert text_of(pairs, name.replace("what", "price")) == "10.00"
    assert submitted(anna, typed_into(pairs, name, ""), "action.ask")[0] == 303


def test_a_box_that_was_ticked_makes_a_line(anna: Visitor) -> None:
    pairs = form_pairs(anna.get(NEW).text)
    status, page, _ = submitted(anna, typed_into(pairs, f"{gift_line(pairs)}.wrapped", "yes"), "action.ask")
    assert (status, "There is a problem Line 1: Fill in" in words(page)) == (422, True)


def test_the_mark_of_a_line_alone_makes_no_line(anna: Visitor) -> None:
    status, page, _ = submitted(anna, [("gifts", ""), ("gifts.+AB.id", "+AB")], "action.ask")
    assert status == 303, words(page)


# What was not changed is not written --------------------------------------------------------------------------------


def test_who_may_write_one_field_saves_a_record_with_lines(anna: Visitor) -> None:
    pairs = form_pairs(anna.get(NEW).text)
    pairs = typed_into(typed_into(pairs, f"{gift_line(pairs)}.what", "Cup"), "subject", "First")
    _, _, place = submitted(anna, pairs, "action.ask")
    edit = form_pairs(anna.get(f"{place}/edit").text)
    assert not [name for name, _ in edit if name.startswith("gifts")]
    answer = anna.post(f"{place}/edit", [*typed_into(edit, "subject", "Second"), ("_do", "save")])
    assert answer.status_code == 303, words(answer.text)
    page = words(anna.get(place).text)
    assert ("Second" in page, "Cup" in page) == (True, True)


# Questions of actions -----------------------------------------------------------------------------------------------


def test_an_answer_that_cannot_be_read_stays_in_the_dialog(anna: Visitor) -> None:
    _, _, place = submitted(anna, typed_into(form_pairs(anna.get(NEW).text), "subject", "Asked"))
    address = f"{place}/actions/drop"
    sent = typed_into(form_pairs(anna.get(address).text, address), "cost", "1,,5")
    answer = anna.post(address, typed_into(sent, "until", "31.2.2026"))
    again = form_pairs(answer.text, address)
    assert (answer.status_code, text_of(again, "cost"), text_of(again, "until")) == (422, "1,,5", "31.2.2026")


# All of it, in any order --------------------------------------------------------------------------------------------

HEADS = ("rough", "price", "share", "day", "note", "size", "kind", "subject")
CELLS = ("what", "pieces", "price", "kind")
NAMES = st.sampled_from((*HEADS, *(f"*{key}" for key in CELLS)))
TYPED = st.tuples(NAMES, st.sampled_from(TEXTS) | st.text(max_size=6))
STEPS = st.lists(st.one_of(TYPED, st.just(("recalculate", ""))), max_size=8)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_control_holds_what_was_typed_last(anna: Visitor, steps: list[tuple[str, str]]) -> None:
    pairs = form_pairs(anna.get(NEW).text)
    line, typed = gift_line(pairs), dict[str, str]()
    for name, text in steps:
        if name == "recalculate":
            pairs = worked_out(anna, pairs)
            continue
        name, text = name.replace("*", f"{line}."), re.sub("[\r\n\ud800-\udfff]", "", text)
        if text_of(pairs, name) is None or (name.endswith("kind") and text not in ("plain", "odd", "a", "b", "")):
            continue
        pairs, typed[name] = typed_into(pairs, name, text), text
    status, page, place = submitted(anna, pairs)
    if status == 422:
        again = form_pairs(page)
        shown = {name: text_of(again, name) for name in typed}
        if line not in page:  # everything typed into it was taken back
            assert not any(text.strip() for name, text in typed.items() if name.startswith(line))
            shown |= {name: text for name, text in typed.items() if name.startswith(line)}
        assert shown == typed
    else:
        assert status == 303, place


def test_leave_that_ends_before_it_begins_is_refused_while_it_is_typed(services: Services, anna: Visitor) -> None:
    leave = Path(str(files("blankett.blueprints"))) / "leave_request.yaml"
    publish(services.store, leave.read_text(encoding="utf-8"), services.clock())
    with services.store.writing() as writing:
        roles = frozenset({"employee"})
        writing.put_member(Member(organisation=ORGANISATION, workspace=ROOM, user="anna", roles=roles))
    address = "/forms/leave_request/leave_request/new"
    pairs = with_values(form_pairs(anna.get(address).text), first_day="12/12/2026", last_day="6/12/2026")
    answer = anna.post(f"{address}/recalculate", [*pairs, ("_touched", "last_day")], **HX)
    said = words(answer.text)
    assert "The last day, 6 Dec 2026, is before the first, 12 Dec 2026." in said
    assert "Enter 0.5 or more." in said
    assert "2 problems" in said
