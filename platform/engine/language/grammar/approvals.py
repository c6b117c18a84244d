"""The part of the language that says who must agree: approvals, their steps, and who decides a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from blankett.engine.language.grammar.kinds import (
    DISPLAY,
    FIELD,
    FORMULA,
    HELP,
    PROCESS,
    ROLE,
    TEXT,
    VALUE,
    WAS,
    YES_NO,
    Either,
    Key,
    MapOf,
    SequenceOf,
    Shape,
    ShapeOf,
    Word,
    title_key,
)

#: What people do about an approval that was asked for, beside commenting on it. The machine of approvals has them too.
PersonalVerb = Literal[
    "approve",
    "reject",
    "return",
    "transfer",
    "delegate",
    "add_before",
    "add_beside",
    "add_after",
    "remove",
    "replace",
    "withdraw",
    "hold",
    "resume",
    "recall",
    "ask",
    "answer",
    "reopen",
]
DONE_ABOUT_APPROVALS: Final[tuple[PersonalVerb, ...]] = get_args(PersonalVerb)
#: What happens to a second request in a row to one person: asked again, or their first answer counts.
REPEATS = ("ask", "skip")
#: When a decision needs a comment.
COMMENTS = ("decline", "never", "always")
#: What becomes of a step that nobody decided in time.
OVERDUE = ("remind", "escalate", "approve", "reject", "return")
#: What `need` may say beside a number and a percentage.
NEEDS: Mapping[str, str] = {"any": "one of them", "all": "each of them"}

_COMMENT = Key(
    "comment",
    Word("word", words=COMMENTS),
    "Whether a decision needs a comment: `decline`, to reject or return, unless told.",
    part=PROCESS,
)
_WHO = Word("who", of="a role, owner, assignee or a formula")

APPROVAL_SHAPES: tuple[Shape, ...] = (
    Shape(
        "approval",
        "an approval",
        (
            title_key("it"),
            HELP,
            Key(
                "steps",
                MapOf(ShapeOf("approval_step"), "key", "a step", least=1),
                "Who must agree, one step after the other.",
                required=True,
                part=PROCESS,
            ),
            Key("own", YES_NO, "Whoever asks may decide too. They may not unless told.", part=PROCESS),
            Key(
                "repeats",
                Word("word", words=REPEATS),
                "`skip`: who decided the step before is not asked again at the next one. `ask` unless told.",
                part=PROCESS,
            ),
            _COMMENT,
            Key(
                "recall",
                TEXT,
                "How long a decision may be taken back while nobody else decided: `10 minutes` unless told.",
                part=PROCESS,
            ),
            Key(
                "decide_on",
                SequenceOf(FIELD, least=1),
                "What somebody who decides sees first.",
                part=DISPLAY,
            ),
            WAS,
        ),
        "Who must agree before an action is done.",
    ),
    Shape(
        "approval_step",
        "a step",
        (
            title_key("it"),
            HELP,
            Key("when", FORMULA, "Asked only while this holds; looked at when the approval comes to it.", part=PROCESS),
            Key(
                "approvers",
                Either(_WHO, SequenceOf(Either(_WHO, map=ShapeOf("approver")), least=1)),
                "Who decides: roles, owner, assignee, or formulas that give people or roles.",
                part=PROCESS,
            ),
            Key(
                "need",
                Either(Word("reference", of="any, all, a number or a percentage"), map=ShapeOf("need")),
                "How many must agree: `any` of them unless told, `all`, `2`, `60%`, or a weight.",
                part=PROCESS,
            ),
            _COMMENT,
            Key(
                "due",
                TEXT,
                "How long they have, from when they are asked: `8 working hours`. The inbox is sorted by it.",
                part=PROCESS,
            ),
            Key(
                "overdue",
                Word("word", words=OVERDUE),
                "What happens when nobody decided by then: they are reminded, whoever heads them decides too, or it is "
                "approved, rejected or returned by itself.",
                part=PROCESS,
            ),
            Key(
                "calendar",
                Word("reference", of="the key of a calendar"),
                "Whose working time `due` counts; the only calendar unless told.",
                part=PROCESS,
            ),
            Key(
                "together",
                MapOf(ShapeOf("approval_step"), "key", "a step", least=1),
                "Steps side by side instead: asked at once, all of them must agree.",
                part=PROCESS,
            ),
            WAS,
        ),
        "One who must agree, or several side by side.",
        one_of=("approvers", "together"),
    ),
    Shape(
        "approver",
        "an approver",
        (
            Key("role", ROLE, "The holders of a role.", part=PROCESS),
            Key("user", VALUE, "A formula that gives a person or people.", part=PROCESS),
            Key(
                "weight",
                Word("whole", least=1, most=1000),
                "What the word of each of them counts; 1 unless told.",
                part=PROCESS,
            ),
        ),
        "Somebody who decides a step, with what their word counts.",
        one_of=("role", "user"),
    ),
    Shape(
        "need",
        "a need",
        (
            Key(
                "weight",
                Word("whole", least=1, most=1_000_000),
                "The weight that must have agreed.",
                required=True,
                part=PROCESS,
            ),
        ),
        "What must agree of a step's approvers.",
    ),
)
