"""For each row of the table of approvals, a scene in which it is the case: what was played before, and the act.

A scene is named after a situation, or after verb and situation where the verb needs one of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.engine.workflow.approval_world import OBSTACLE, TODAY, ApprovalWorld, nominees, words

from blankett.engine.workflow.act import ApprovalAct, Verb
from blankett.engine.workflow.approval_table import ApprovalCase
from blankett.engine.workflow.facts import StepAnswer
from blankett.engine.workflow.terms import Quorum, StepTerms

Scene = Callable[[ApprovalWorld, Verb], ApprovalAct]
SCENES: dict[str, Scene] = {}
SOON = TODAY + timedelta(days=3)


def scene(*names: str) -> Callable[[Scene], Scene]:
    def register(play: Scene) -> Scene:
        for name in names:
            assert name not in SCENES, name
            SCENES[name] = play
        return play

    return register


def scene_of(case: ApprovalCase) -> Scene:
    return SCENES.get(f"{case.verb}.{case.situation}") or SCENES[case.situation]


#: What each verb is told when all is in order.
TOLD: dict[Verb, dict[str, Any]] = {
    "reject": {"comment": "too dear"},
    "return": {"comment": "too dear"},
    "transfer": {"users": ("dan",)},
    "delegate": {"users": ("dan",), "until": SOON},
    "add_before": {"users": ("dan",)},
    "add_beside": {"users": ("dan",)},
    "add_after": {"users": ("dan",)},
    "replace": {"actor": "mgr", "users": ("dan",)},
    "withdraw": {"actor": "req", "step": ""},
    "hold": {"comment": "waits for the bank"},
    "recall": {"step": ""},
    "comment": {"comment": "look at line 2"},
    "ask": {"users": ("dan",), "comment": "is it in stock?"},
    "answer": {"actor": "dan", "comment": "yes"},
    "reopen": {"actor": "mgr", "step": "", "comment": "look again"},
    "hand_over": {"actor": "mgr", "step": "", "users": ("ann", "dan")},
    "time_out": {"actor": ""},
    "change": {"actor": "req", "step": ""},
    "people_changed": {"actor": "", "step": ""},
    "migrate": {"actor": "", "step": ""},
    "start": {"actor": "req", "step": ""},
}


def act(verb: Verb, **told: Any) -> ApprovalAct:
    """Return an act of the verb in which all is in order, but for what is told."""
    return ApprovalAct(verb, **{"actor": "ann", "step": "check", **TOLD.get(verb, {}), **told})


def ready(world: ApprovalWorld, verb: Verb, **told: Any) -> ApprovalAct:
    """Play until the verb could be done, and return the act."""
    if verb == "start":
        return act(verb, **told)
    if verb == "reopen":
        world.give()
        return act(verb, **told)
    world.reach_check()
    if verb == "remove":
        world.play("add_beside", "ann", step="check", users=("dan",))
        return act(verb, **{"seat": world.seat_of("dan"), **told})
    if verb == "resume":
        world.play("hold", "ann", step="check", comment="waits")
    if verb == "answer":
        world.play("ask", "ann", step="check", users=("dan",), comment="in stock?", waits=True)
        return act(verb, **{"question": world.run().questions[-1].id, **told})
    if verb == "recall":
        world.play("approve", "ann", step="check")
    if verb == "time_out":
        world.put_step("check", overdue="remind")
    return act(verb, **told)


def decide_by(world: ApprovalWorld, verb: Verb, **told: Any) -> ApprovalAct:
    """Return an act by which the step would be closed: the last yes that is missing, or the last no."""
    world.reach_check()
    world.lack_ann()
    return act(verb, **told)


# The course


@scene("no_course")
def nothing(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return act(verb)


@scene("is_running")
def running(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb)


@scene("over_given")
def given(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    return act(verb, actor="eva") if act(verb).actor == "ann" and verb != "remove" else act(verb)


@scene("over_rejected")
def rejected(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.start()
    world.play("reject", "first", comment="no")
    return act(verb)


@scene("over_returned")
def returned(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.start()
    world.play("return", "first", comment="no")
    return act(verb)


@scene("over_withdrawn")
def withdrawn(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.start()
    world.play("withdraw", "req")
    return act(verb)


@scene("comes_back")
def comes_back(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("return", "ann", comment="price", then="straight")
    return act(verb)


@scene("not_requester")
def stranger(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb, actor="dan")


@scene("not_manager")
def no_manager(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return ready(world, verb, actor="ann")


@scene("was_given_before")
def given_before(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    world.values["total"] = 100
    world.play("change", "req")
    world.place = "during"
    return act(verb)


# Who acts


@scene("actor_gone")
def actor_gone(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.put_person(told.actor, active=False)
    return told


@scene("actor_blind")
def actor_blind(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.put_person(told.actor, sees=False)
    return told


@scene("decided_for_you")
def deputy_was_faster(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("delegate", "ann", step="check", users=("dan",), until=SOON)
    world.play("approve", "dan", step="check")
    return act(verb)


@scene("owner_decided")
def owner_was_faster(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("delegate", "ann", step="check", users=("dan",), until=SOON)
    world.play("approve", "ann", step="check")
    return act(verb, actor="dan")


@scene("was_transferred")
def was_transferred(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("transfer", "ann", step="check", users=("dan",))
    return act(verb)


@scene("deputy_over")
def deputy_over(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("delegate", "ann", step="check", users=("dan",), until=TODAY)
    world.today = TODAY + timedelta(days=1)
    return act(verb, actor="dan")


@scene("role_lost")
def role_lost(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.ask_of("check", "bob", "cho")
    return act(verb)


@scene("requester_barred")
def requester(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb, actor="req")


@scene("not_asked")
def not_asked(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb, actor="dan")


@scene("decided_already")
def decided_already(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("add_beside", "ann", step="check", users=("dan",))
    world.play("approve", "ann", step="check")
    return act(verb)


@scene("decided_as_other")
def decided_as_other(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("add_beside", "ann", step="check", users=("dan",))
    world.play("delegate", "dan", step="check", users=("eva",), until=SOON)
    world.play("add_after", "ann", step="check", users=("boss",))
    world.play("delegate", "ann", step="check", users=("eva",), until=SOON)
    world.play("approve", "eva", step="check")
    return act(verb, actor="eva")


@scene("seat_waits")
def seat_waits(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("add_before", "ann", step="check", users=("dan",))
    return act(verb)


# The step


@scene("step_unknown")
def step_unknown(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), step="elsewhere")


@scene("step_waits")
def step_waits(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.start()
    return act(verb)


@scene("step_given")
def step_given(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give_check()
    return act(verb)


@scene("step_skipped")
def step_skipped(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.answers["check"] = StepAnswer(applies=False)
    world.reach_check()
    return act(verb)


@scene("step_not_open")
def step_not_open(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give_check()
    return act(verb)


@scene("opened_again")
def opened_again(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    shown = world.run().opening
    world.values["total"] = 100
    world.ask_of("check", "ann", "bob", "cho", grounds="table:row 2")
    world.play("change", "req")
    return replace(told, opening=shown)


@scene("values_moved")
def values_moved(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.values["total"] = 100
    return act(verb, saw=(("total", 10),))


@scene("bulk_changed")
def bulk_changed(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give_check()
    world.values["total"] = 100
    world.play("change", "req")
    return act(verb, bulk=True)


@scene("is_held")
def is_held(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.play("hold", "bob", step="check", comment="waits")
    return told


@scene("is_held_until")
def is_held_until(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.play("hold", "bob", step="check", comment="waits", until=SOON)
    return told


@scene("not_held")
def not_held(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb)


@scene("held_by_other")
def held_by_other(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), actor="bob")


@scene("question_waits")
def question_waits(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.play("ask", "bob", step="check", users=("dan",), comment="in stock?", waits=True)
    return told


# What is typed, and whom the act names


@scene("comment_missing")
def no_comment(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.put_step("check", comment="always")
    return replace(ready(world, verb), comment="  ")


@scene("text_missing")
def says_nothing(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), comment="  ")


@scene("signature_missing")
def not_signed(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.put_step("check", signed=True)
    world.reach_check()
    return act(verb)


@scene("day_missing")
def day_missing(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), until=None)


@scene("day_past")
def day_past(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), until=TODAY - timedelta(days=1))


def naming(*users: str) -> Scene:
    return lambda world, verb: replace(ready(world, verb), users=users)


scene("nobody_named", "not_two_named")(naming())
scene("several_named")(naming("dan", "eva"))
scene("to_self")(naming("ann"))
scene("to_gone")(naming("gone"))
scene("to_blind")(naming("blind"))
scene("to_requester")(naming("req"))
scene("to_asked")(naming("bob"))
scene("same_holders")(naming("cho", "bob", "ann"))
scene("to_same_person")(naming("ann", "ann"))
scene("heir_unfit")(naming("ann", "gone"))
scene("has_no_part")(naming("eva", "dan"))


@scene("to_holder")
def to_holder(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("delegate", "ann", step="check", users=("dan",), until=SOON)
    return act(verb, actor="dan", users=("ann",), seat=world.seat_of("ann"))


@scene("to_deputy")
def to_deputy(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("delegate", "ann", step="check", users=("dan",), until=SOON)
    return act(verb, users=("dan",))


@scene("nobody_added")
def nobody_added(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb)


@scene("seat_unknown")
def seat_unknown(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), seat=999)


@scene("asked_by_terms")
def asked_by_terms(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), seat=world.seat_of("bob"))


@scene("added_by_other")
def added_by_other(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), actor="bob")


@scene("seat_decided")
def seat_decided(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.play("approve", "dan", step="check")
    return told


@scene("others_named")
def others_named(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return ready(world, verb)


@scene("adder_was_added")
def adder_was_added(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("add_beside", "ann", step="check", users=("dan",))
    return act(verb, actor="dan", users=("eva",))


# Returns


@scene("return_unknown")
def return_unknown(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), to="elsewhere")


@scene("return_to_itself")
def return_to_itself(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), to="check")


@scene("return_to_running")
def return_to_running(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.put_step("check", group="beside")
    world.put_step("last", group="beside")
    world.reach_check()
    return act(verb, to="last")


@scene("return_to_skipped")
def return_to_skipped(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.answers["first"] = StepAnswer(applies=False)
    world.start()
    return act(verb, to="first")


@scene("return_forward")
def return_forward(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), to="last")


@scene("record_went_on")
def record_went_on(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    open_again_later(world)
    return act(verb)


def open_again_later(world: ApprovalWorld) -> None:
    world.give()
    world.place = "later"
    world.values["total"] = 100
    world.play("change", "req")


@scene("requester_gone")
def requester_gone(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.put_person("req", active=False)
    return told


@scene("return_to_nobody")
def return_to_nobody(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.put_person("first", active=False)
    return replace(told, to="first")


@scene("return_decider_left")
def return_decider_left(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.put_person("first", active=False)
    world.ask_of("first", "first", "eva")
    return replace(told, to="first")


@scene("return_step_straight")
def return_step_straight(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), to="first", then="straight")


@scene("return_step_rerun")
def return_step_rerun(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), to="first")


@scene("return_start_straight")
def return_start_straight(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), then="straight")


@scene("return_start_rerun", "always")
def in_order(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return ready(world, verb)


# What a decision comes to


@scene("approve.completion_refused")
def completion_refused(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.drop_step("last")
    told = decide_by(world, verb)
    world.obstacle = OBSTACLE
    return told


@scene("start.completion_refused")
def start_refused(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.answers = {}
    world.obstacle = OBSTACLE
    return act(verb)


@scene("remove.completion_refused")
def remove_refused(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.drop_step("last")
    told = ready(world, verb)
    world.lack_ann()
    world.play("approve", "ann", step="check")
    world.obstacle = OBSTACLE
    return told


@scene("replace.completion_refused")
def replace_refused(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    too_many_before(world)
    return act(verb, users=("ann",))


@scene("hand_over.completion_refused")
def hand_over_refused(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    too_many_before(world)
    return act(verb, users=("dan", "ann"))


def too_many_before(world: ApprovalWorld) -> None:
    """Let enough have agreed, but for Dan who was added by Ann and has not."""
    world.drop_step("last")
    world.reach_check()
    world.play("add_beside", "ann", step="check", users=("dan",))
    world.lack_ann()
    world.play("approve", "ann", step="check")
    world.obstacle = OBSTACLE


@scene("start.completes")
def start_completes(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.answers = {}
    return act(verb)


@scene("approve.completes")
def completes(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.drop_step("last")
    return decide_by(world, verb)


@scene("completes_again")
def completes_again(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.put_step("last", covers=frozenset({"pieces"}))
    world.give()
    world.values["total"] = 100
    world.play("change", "req")
    world.place = "during"
    world.lack_ann()
    return act(verb)


@scene("start.opens_nobody")
def start_nobody(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.ask_of("first")
    return act(verb)


@scene("approve.opens_nobody")
def opens_nobody(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.ask_of("last", "req", "gone", "blind")
    return decide_by(world, verb)


@scene("skips_repeat")
def skips_repeat(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    again = StepTerms("again", words("Again"))
    world.put_terms(steps=(*world.terms.steps[:2], again, world.terms.steps[2]), skips_repeats=True)
    world.answers["again"] = StepAnswer(True, nominees("ann"), "role:again")
    return decide_by(world, verb)


@scene("opens_next")
def opens_next(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return decide_by(world, verb)


@scene("beside_waits")
def beside_waits(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.put_step("check", group="beside")
    world.put_step("last", group="beside")
    return decide_by(world, verb)


@scene("added_waits")
def added_waits(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("add_beside", "ann", step="check", users=("dan",))
    world.lack_ann()
    return act(verb)


@scene("bulk_added_waits")
def bulk_added_waits(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(added_waits(world, verb), bulk=True)


@scene("more_needed")
def more_needed(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    if world.kind == "any":  # one is enough, but not one who was added
        world.play("add_beside", "ann", step="check", users=("dan",))
    return act(verb, actor="dan" if world.kind == "any" else "bob")


@scene("rejects")
def rejects(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    if world.kind in ("count", "percent"):
        world.play("reject", "bob", step="check", comment="no")
    return act(verb)


@scene("rejects_later")
def rejects_later(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    open_again_later(world)
    if world.kind in ("count", "percent"):
        world.play("reject", "bob", step="check", comment="no")
    return act(verb)


# Taking back, questions, opening again


@scene("nothing_to_recall")
def nothing_to_recall(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb)


@scene("decided_after_you")
def decided_after_you(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give_check()
    world.play("hold", "boss", comment="waits")
    return act(verb)


@scene("grace_over")
def grace_over(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.moment += timedelta(minutes=11)
    return told


@scene("record_left")
def record_left(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    world.place = "later"
    return act(verb, actor="boss")


@scene("recall_reopens")
def recall_reopens(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    return act(verb, actor="boss")


@scene("question_unknown")
def question_unknown(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), question=999)


@scene("question_of_other")
def question_of_other(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), actor="eva")


@scene("question_answered")
def question_answered(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.play("answer", "dan", step="check", question=told.question, comment="no")
    return told


@scene("question_dropped")
def question_dropped(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = ready(world, verb)
    world.lack_ann()
    world.play("approve", "ann", step="check")
    return told


@scene("asked_already")
def asked_already(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.play("ask", "ann", step="check", users=("dan",), comment="in stock?")
    return act(verb)


@scene("asks_and_waits")
def asks_and_waits(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return replace(ready(world, verb), waits=True)


@scene("was_not_given")
def was_not_given(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    return rejected(world, verb)


@scene("reopen.closed_record")
def reopen_closed(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    world.place = "closed"
    return act(verb)


# Time


@scene("not_hurried")
def not_hurried(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb)


def overdue(outcome: str) -> Scene:
    def play(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
        world.put_step("check", overdue=outcome)
        world.reach_check()
        return act(verb)

    return play


scene("overdue_reminds")(overdue("remind"))
scene("overdue_nobody_above")(overdue("escalate"))
scene("overdue_approves")(overdue("approve"))
scene("overdue_rejects")(overdue("reject"))
scene("overdue_returns")(overdue("return"))


@scene("overdue_escalates")
def escalates(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.put_person("ann", superior="boss")
    return overdue("escalate")(world, verb)


@scene("overdue_asks_nobody")
def overdue_asks_nobody(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.ask_of("check")
    return overdue("approve")(world, verb)


@scene("overdue_refused")
def overdue_refused(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.drop_step("last")
    told = overdue("approve")(world, verb)
    world.obstacle = OBSTACLE
    return told


@scene("overdue_no_way_back")
def overdue_no_way_back(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = overdue("return")(world, verb)
    world.put_person("req", active=False)
    return told


# What changed


@scene("not_covered")
def not_covered(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.ask_of("check", "bob", grounds="table:another rate")
    return act(verb)


@scene("change.closed_record")
def change_closed(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    world.place = "closed"
    world.values["total"] = 100
    return act(verb)


@scene("change_of_rejected_later")
def change_of_rejected_later(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    told = rejects_later(world, "reject")
    world.play("reject", told.actor, step="check", comment="no")
    world.values["total"] = 50
    return act(verb)


@scene("change_by_action")
def change_by_action(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    world.is_own_doing = True
    world.values["total"] = 100
    return act(verb)


@scene("change_before_request")
def change_before_request(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    world.place = "returned"
    world.values["total"] = 100
    return act(verb)


@scene("change_not_live")
def change_not_live(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    rejected(world, verb)
    world.values["total"] = 50
    return act(verb)


@scene("change_concerns_nobody")
def change_concerns_nobody(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.put_step("check", covers=frozenset({"pieces"}))
    world.give_check()
    world.values["total"] = 50
    return act(verb)


@scene("change_at_to")
def change_at_to(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    world.values["total"] = 100
    return act(verb)


@scene("change_later")
def change_later(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give()
    world.place = "later"
    world.values["total"] = 100
    return act(verb)


def lapse(world: ApprovalWorld) -> None:
    """Let the last step ask nobody any more, for a value that others did not agree to."""
    world.put_step("last", covers=frozenset({"discount"}))
    world.give_check()
    world.values["discount"] = 0
    world.answers["last"] = StepAnswer(applies=False)


@scene("change_refused_completion")
def change_refused_completion(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    lapse(world)
    world.obstacle = OBSTACLE
    return act(verb)


@scene("change_completes")
def change_completes(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    lapse(world)
    return act(verb)


@scene("change_lapses")
def change_lapses(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.put_step("check", covers=frozenset({"discount"}))
    world.reach_check()
    world.values["discount"] = 0
    world.answers["check"] = StepAnswer(applies=False)
    return act(verb)


@scene("change_while_open")
def change_while_open(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give_check()
    world.values["total"] = 100
    return act(verb)


@scene("people_as_they_were")
def people_as_they_were(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb)


def all_but_cho_agreed(world: ApprovalWorld) -> None:
    """Leave only those who agreed: Cho, who is missing, has left."""
    world.drop_step("last")
    world.put_step("check", quorum=Quorum("all"))
    world.reach_check()
    for user in ("ann", "bob"):
        world.play("approve", user, step="check")
    world.put_person("cho", active=False)


@scene("people_refused_completion")
def people_refused_completion(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    all_but_cho_agreed(world)
    world.obstacle = OBSTACLE
    return act(verb)


@scene("people_complete")
def people_complete(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    all_but_cho_agreed(world)
    return act(verb)


@scene("people_too_few")
def people_too_few(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    for user in ("ann", "bob", "cho"):
        world.put_person(user, active=False)
    return act(verb)


@scene("people_changed.always")
def people_renewed(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.ask_of("check", "ann", "bob")
    return act(verb)


@scene("version_same")
def version_same(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    return act(verb)


@scene("version_refused_completion")
def version_refused(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give_check()
    world.drop_step("last")
    world.put_terms(version=2)
    world.obstacle = OBSTACLE
    return act(verb)


@scene("version_completes")
def version_completes(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give_check()
    world.drop_step("last")
    world.put_terms(version=2)
    return act(verb)


@scene("version_opens_other")
def version_opens_other(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.give_check()
    new = StepTerms("credit", words("Credit"))
    world.put_terms(version=2, steps=(*world.terms.steps[:1], new, *world.terms.steps[1:]))
    world.answers["credit"] = StepAnswer(True, nominees("eva"), "role:credit")
    return act(verb)


@scene("migrate.always")
def version_moved(world: ApprovalWorld, verb: Verb) -> ApprovalAct:
    world.reach_check()
    world.put_terms(version=2)
    return act(verb)


def check_scenes(cases: tuple[ApprovalCase, ...]) -> list[str]:
    """Return the rows without a scene."""
    return [case.id for case in cases if f"{case.verb}.{case.situation}" not in SCENES and case.situation not in SCENES]
