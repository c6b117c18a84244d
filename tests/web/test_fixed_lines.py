"""The form of a record whose lines are fixed: cells to type in, nothing to add or remove, and none by a post."""

from __future__ import annotations

import re

import pytest

from blankett.web.services import Services

from .conftest import Visitor, publish
from .pages import form_pairs, words

BOXES = """\
blueprint: boxes
language: 1
title: Boxes
roles: {clerk: {}}
forms:
  box:
    fields:
      note: {type: text}
      lines:
        type: table
        fixed: yes
        fields:
          what: {type: text, editable: no}
          picked: {type: number}
    states: {empty: {start: true}, full: {}, gone: {final: true}}
    actions:
      load:
        from: empty
        to: full
        by: clerk
        effects:
          - set: {lines: '= [{what: "Bolt"}, {what: "Nut"}]'}
      send: {from: full, to: gone, by: clerk}
    grants: [{who: clerk, may: all}]
"""


@pytest.fixture
def box(services: Services, anna: Visitor) -> str:
    """Return the address of a box with two lines."""
    publish(services.store, BOXES, services.clock())
    pairs = form_pairs(anna.get("/forms/boxes/box/new").text)
    return anna.post("/forms/boxes/box/new", [*pairs, ("_do", "action.load")]).headers["Location"]


def test_nothing_adds_or_removes_lines_that_are_fixed(anna: Visitor, box: str) -> None:
    page = anna.get(f"{box}/edit").text
    pairs = form_pairs(page)
    assert ("_drop" in page, "_add" in page, "+new" in page) == (False, False, False)
    cells = [name for name, _ in pairs if name.endswith(".picked")]
    filled = [(name, "7" if name == cells[0] else text) for name, text in pairs]
    assert anna.post(f"{box}/edit", [*filled, ("_do", "save")]).status_code == 303
    assert re.findall(r"Bolt 7|Nut", words(anna.get(box).text))[:2] == ["Bolt 7", "Nut"]


def test_a_post_that_drops_or_adds_a_line_says_why_it_is_refused(anna: Visitor, box: str) -> None:
    pairs = form_pairs(anna.get(f"{box}/edit").text)
    first = next(name.rpartition(".")[0] for name, _ in pairs if name.endswith(".picked"))
    dropped = [(name, text) for name, text in pairs if not name.startswith(f"{first}.")]
    added = [*pairs, ("lines.+N.id", ""), ("lines.+N.picked", "1")]
    answers = [anna.post(f"{box}/edit", [*posted, ("_do", "save")]) for posted in (dropped, added)]
    said = "The lines are fixed: none may be added or removed."
    assert [(answer.status_code, said in words(answer.text)) for answer in answers] == [(422, True)] * 2


PICKING = """\
blueprint: picking
language: 1
title: Picking
roles: {clerk: {}, manager: {}}
forms:
  job:
    fields:
      lines:
        type: table
        fields:
          what: {type: text, required: yes}
          picked: {type: number, default: 0}
      notes:
        type: table
        fields:
          text: {type: text, required: yes}
          day: {type: date}
          by: {type: text, required: yes, default: us}
    grants:
      - {who: manager, may: all}
      - {who: clerk, may: [view, edit], write: [lines.picked, notes.text]}
"""


def test_lines_are_added_and_removed_by_who_may_write_what_they_need(
    services: Services, anna: Visitor, mette: Visitor
) -> None:
    publish(services.store, PICKING, services.clock())
    new = "/forms/picking/job/new"
    pairs = form_pairs(mette.get(new).text)
    what = next(name for name, _ in pairs if name.endswith(".what"))
    filled = [(name, "Bolt" if name == what else text) for name, text in pairs]
    job = mette.post(new, [*filled, ("_do", "save")]).headers["Location"]
    page = anna.get(f"{job}/edit").text
    assert ['id="p-lines"' in page, 'id="p-notes"' in page, page.count('value="lines"')] == [False, True, 0]
    kept = [(name, text) for name, text in form_pairs(page) if ".+" not in name]
    cell = next(name for name, _ in kept if name.endswith(".picked"))
    note = [("notes.+N.id", ""), ("notes.+N.text", "Half a box")]
    answers = [
        anna.post(f"{job}/edit", [*posted, ("_do", "save")]).status_code
        for posted in (
            [*kept, ("lines.+N.id", ""), ("lines.+N.picked", "1")],
            [(name, text) for name, text in kept if not name.startswith("lines.")],
            [*((name, "7" if name == cell else text) for name, text in kept), *note],
        )
    ]
    assert answers == [403, 403, 303]
    assert "Bolt 7" in words(anna.get(job).text)
