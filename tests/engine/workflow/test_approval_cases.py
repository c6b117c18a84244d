"""Every row of the table of approvals: played in its scene it answers, and its sentence can be read."""

from __future__ import annotations

import re

import pytest
from tests.engine.workflow.approval_scenes import SCENES, scene_of
from tests.engine.workflow.approval_world import ApprovalWorld

from blankett.engine.workflow.act import ApprovalRefusal
from blankett.engine.workflow.approval_table import CASES, REFUSES, ApprovalCase
from blankett.engine.workflow.course import Course
from blankett.engine.workflow.machine import decide, replay
from blankett.engine.workflow.situations import SITUATIONS
from blankett.words import LANGUAGES, say


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_row_answers_where_it_is_the_case(case: ApprovalCase) -> None:
    for kind in case.kinds:
        world = ApprovalWorld(kind)
        act = scene_of(case)(world, case.verb)
        done = decide(world.terms, world.course, act, world.facts, world.moment)
        assert (kind, done.row, isinstance(done, ApprovalRefusal)) == (kind, case.id, case.result == REFUSES)
        for language in LANGUAGES:
            said = say(language, done.sentence.message, **done.sentence.params)
            assert (done.sentence.message, re.findall(r"[{}]|None|Words\(|^$", said)) == (case.sentence, [])
        if not isinstance(done, ApprovalRefusal):
            assert Course.from_json(done.course.to_json()) == done.course
            assert replay([*world.log, done.entry]) == done.course


def test_every_situation_and_scene_is_used() -> None:
    named = {case.situation for case in CASES}
    scenes = {name.split(".")[-1] for name in SCENES}
    assert (SITUATIONS.keys() - named, scenes ^ named) == (set(), set())


#: As requirements tell them.
EDGES = (
    "no approver can be found for a step",
    "the approver of a step to return to has left",
    "transfer to oneself",
    "withdraw after it was handled",
    "return to a step that is still running",
    "return to an initiator whose account is gone",
    "an added approver adds another",
    "adding someone who already holds the task",
    "a bulk decision that includes a task with an added approver",
    "re-opening a record that is running",
    "replacing the holders by the same holders",
    "opinion or signature missing",
    "approvers A, A, B, A with “skip repeated”",
    "two approvers press approve and reject at once",
    "the delegate and the owner decide at once",
    "the approver's role is revoked between opening the page and pressing the button",
    "a timeout fires while the decision is being saved",
)


def test_every_edge_case_has_its_rows() -> None:
    assert {case.edge for case in CASES if case.edge} == set(EDGES)


def test_the_table_is_large_enough_to_be_the_whole_of_it() -> None:
    assert (len(CASES) >= 200, len({case.id for case in CASES})) == (True, len(CASES))
