"""Why and why not: reasons in words, decisions kept with events, read back by whom they may be read."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from blankett.engine.records import Reason
from blankett.engine.records.decisions import MOST_DECISIONS, Decision, decisions_from, stored_decisions
from blankett.engine.records.explain.why import ActionExplained, EventExplained
from blankett.words import put_value

from .conftest import ORGANISATION, TRADE, Trade
from .told import in_words

GUARD = "when: total < 10000 and customer.tier != null"
MATRIX = """
tables:
  approvers:
    title: Approval matrix
    hit: unique
    in:
      total: {type: number, title: Order total}
    out:
      role: {type: role}
    rows:
      - ["< 1000", sales]
      - [">= 1000", manager]
"""


def guarded(trade: Trade, guard: str, name: str = "max", **order: Any) -> tuple[str, ...]:
    """Return why *name* cannot approve an order whose guard is *guard*, in words."""
    trade.publish(TRADE.replace(GUARD, f"when: '{guard}'"))
    made = trade.order(action="submit", **order)
    return why_not(trade, name, made.record)


def why_not(trade: Trade, name: str, record: str, action: str = "approve", language: str = "en") -> tuple[str, ...]:
    """Return the reasons an action is off, in words."""
    found = trade.engine.open(trade.actor(name, language=language), record)
    assert found is not None
    view = next(view for view in found.actions if view.key == action)
    return tuple(put_value(language, reason) for reason in view.reasons)


# Reasons in words -----------------------------------------------------------------------------------------------------

#: Guard → what is said of an order of 229 EUR by phone for Acme, who is gold.
WORDS: dict[str, tuple[str, ...]] = {
    "total < 100": ("“Total” is €229.00 and must be less than €100.00.",),
    "100 > total": ("“Total” is €229.00 and must be less than €100.00.",),
    'customer.tier = "new"': ("“Customer → Tier” is Gold and must be New.",),
    'not(customer.tier = "gold")': ("“Customer → Tier” is Gold and must be other than Gold.",),
    'channel in ("web")': ("“Channel” is Phone and must be Web shop.",),
    "total between 1 and 100": ("“Total” is €229.00 and must be from €1.00 to €100.00.",),
    "total in [1..100]": ("“Total” is €229.00 and must be from €1.00 to €100.00.",),
    "promised != null": ("“Promised” must be filled in.",),
    "promised > today()": ("“Promised” is empty and must be after 2 Mar 2026 (today).",),
    "customer.blocked": ("“Customer → Blocked” is no and must be yes.",),
    "count(lines) > 2": ("“Number of Lines” is 2 and must be more than 2.",),
    "total(lines.amount) < 5": ("“Sum of Lines → Amount” is €229.00 and must be less than €5.00.",),
    "total < count_shipped * 10": ("“Total” is €229.00 and must be less than €0.00 (Count shipped * 10).",),
    'record.state = "draft"': ("“State” is In review and must be Draft.",),
    "user = record.created_by": ("Only whoever created this (Anna) may do this.",),
    "user.id = record.created_by.id": ("Only whoever created this (Anna) may do this.",),
    "user = record.assignee": ("Only whoever this is assigned to (nobody) may do this.",),
    "user = record.owner or total < 100": (
        "Either only the owner (Anna) may do this, or “Total” is €229.00 and must be less than €100.00.",
    ),
    "user = approver": ("Only the person in “Approver” (nobody) may do this.",),
    'total < 100 and channel = "web"': (
        "“Total” is €229.00 and must be less than €100.00.",
        "“Channel” is Phone and must be Web shop.",
    ),
    'total < 100 or channel = "web"': (
        "Either “Total” is €229.00 and must be less than €100.00, or “Channel” is Phone and must be Web shop.",
    ),
    'total < 100 or (channel = "web" and note != null)': (
        "Either “Total” is €229.00 and must be less than €100.00, or “Channel” is Phone and must be Web shop and "
        "“Note” must be filled in.",
    ),
    "every l in lines satisfies l.quantity > 2": ("Lines: line 2: “Quantity” is 2 and must be more than 2.",),
    "some l in lines satisfies l.rush": ("At least one of Lines must fit: some l in lines satisfies l.rush.",),
    'starts with(caller, "A")': ('This must hold: starts with(caller, "A") (Caller: Bob).',),
}  # fmt: skip


@pytest.mark.parametrize(("guard", "expected"), WORDS.items(), ids=WORDS)
def test_what_fails_is_told_in_words_with_its_values(trade: Trade, guard: str, expected: tuple[str, ...]) -> None:
    assert guarded(trade, guard) == expected


def test_what_a_table_gives_is_told_with_its_title(trade: Trade) -> None:
    trade.publish(TRADE.replace(GUARD, "when: 'approvers(total) = \"manager\"'") + MATRIX)
    made = trade.order(action="submit")
    assert why_not(trade, "max", made.record) == ("“Approval matrix” is Sales and must be Manager.",)


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        ("user != record.owner", "Somebody other than the owner (Max) must do this."),
        ("not(record.created_by.id = user.id)", "Somebody other than whoever created this (Max) must do this."),
        ("user.id != record.assignee.id", ""),
    ],
)
def test_who_must_not_act_is_told_as_a_person(trade: Trade, guard: str, expected: str) -> None:
    trade.publish(TRADE.replace(GUARD, f"when: '{guard}'"))
    made = trade.order("max", action="submit")
    assert why_not(trade, "max", made.record) == ((expected,) if expected else ())


SPECIAL = """
tables:
  special_orders:
    title: Special orders
    hit: first
    in: {total: {type: number}}
    out:
      approval: {type: role, title: Approved at least by}
      days: {type: number, title: Within days}
    rows:
      - ["-", sales, 2]
"""


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        (
            'special_orders(total).approval = "manager"',
            "“Special orders → Approved at least by” is Sales and must be Manager.",
        ),
        ("special_orders(total).days < 2", "“Special orders → Within days” is 2 and must be less than 2."),
        (
            "count_shipped > special_orders(total).days",
            "“Count shipped” is 0 and must be more than 2 (Special orders → Within days).",
        ),
    ],
)
def test_one_output_of_a_table_is_told_with_the_titles_of_both(trade: Trade, guard: str, expected: str) -> None:
    trade.publish(TRADE.replace(GUARD, f"when: '{guard}'") + SPECIAL)
    made = trade.order(action="submit")
    assert why_not(trade, "max", made.record) == (expected,)


CHINESE = {
    "user = record.owner": ("只能由负责人（Anna）办理。",),
    "total < 100": ("“Total”为€229.00，必须小于€100.00。",),
    'total < 100 or channel = "web"': (
        "须满足其一：“Total”为€229.00，必须小于€100.00，或者“Channel”为Phone，必须为Web shop。",
    ),
    "promised != null": ("必须填写“Promised”。",),
}


@pytest.mark.parametrize(("guard", "expected"), CHINESE.items(), ids=CHINESE)
def test_the_same_in_chinese(trade: Trade, guard: str, expected: tuple[str, ...]) -> None:
    trade.publish(TRADE.replace(GUARD, f"when: '{guard}'"))
    made = trade.order(action="submit")
    assert why_not(trade, "max", made.record, language="zh") == expected


def test_a_value_the_reader_may_not_see_is_not_hinted_at(trade: Trade) -> None:
    trade.publish(TRADE.replace(f"by: manager\n        {GUARD}", 'by: sales\n        when: secret = "x" or total < 1'))
    made = trade.order(action="submit")
    assert why_not(trade, "anna", made.record) == (
        "Either it depends on a value you may not see, or “Total” is €229.00 and must be less than €1.00.",
    )
    assert why_not(trade, "max", made.record) == (
        "Either “Secret” is empty and must be x, or “Total” is €229.00 and must be less than €1.00.",
    )


def test_a_reason_is_plain_data(trade: Trade) -> None:
    trade.publish(TRADE.replace(GUARD, "when: 'total < 100 or promised != null'"))
    made = trade.order(action="submit")
    view = next(view for view in trade.view("max", made.record).actions if view.key == "approve")
    assert in_words(view.reasons[0]) == {
        "message": "need.either",
        "params": {"ways": "“Total” is €229.00 and must be less than €100.00, or “Promised” must be filled in"},
        "words": "Either “Total” is €229.00 and must be less than €100.00, or “Promised” must be filled in.",
        "line": view.reasons[0].place.line if view.reasons[0].place else 0,
        "condition": "total < 100 or promised != null",
        "parts": [
            {
                "message": "clause.test",
                "params": {"title": "Total", "value": "€229.00", "what": "less than €100.00"},
                "words": "“Total” is €229.00 and must be less than €100.00",
                "line": view.reasons[0].place.line if view.reasons[0].place else 0,
                "condition": "total < 100",
            },
            {
                "message": "clause.filled",
                "params": {"title": "Promised"},
                "words": "“Promised” must be filled in",
                "line": view.reasons[0].place.line if view.reasons[0].place else 0,
                "condition": "promised != null",
            },
        ],
    }


# Who may, by a table --------------------------------------------------------------------------------------------------


def by_table(trade: Trade, **order: Any) -> str:
    """Return an order in review whose approvers a table names."""
    trade.publish(TRADE.replace(f"by: manager\n        {GUARD}", "by: '= approvers(total)'") + MATRIX)
    return trade.order(action="submit", **order).record


def test_the_row_that_says_who_may_act_is_told(trade: Trade) -> None:
    order = by_table(trade, lines=trade.lines(("P-2", 20)))
    assert why_not(trade, "anna", order) == (
        "Only for: Manager. Row 2 of Approval matrix (Order total: >= 1000) says so.",
    )
    assert why_not(trade, "max", order) == ()


def test_the_row_is_not_told_to_whom_its_input_is_closed(trade: Trade) -> None:
    closed = TRADE.replace(f"by: manager\n        {GUARD}", "by: '= approvers(if secret = null then 1000 else 1)'")
    trade.publish(closed + MATRIX)
    order = trade.order(action="submit").record
    assert why_not(trade, "anna", order) == ("Only for those the record names.",)


def explained_event(trade: Trade, name: str, record: str, sequence: int) -> EventExplained:
    """Return what decided an event."""
    found = trade.new_engine().explain_event(trade.actor(name), record, sequence)
    assert found is not None
    return found


def told(reason: Reason | None) -> Any:
    """Return a tree in words: (holds, words, parts)."""
    if reason is None:
        return None
    return (reason.holds, put_value("en", reason), [told(part) for part in reason.parts])


def test_an_event_keeps_who_was_let_by_which_row_and_why_the_guard_held(trade: Trade) -> None:
    order = by_table(trade, lines=trade.lines(("P-2", 20)))
    trade.done("max", "order", order, action="approve")
    (decision,) = explained_event(trade, "max", order, 2).decisions
    assert (decision.kind, in_words(decision.title), decision.version) == ("who", "Who may “Approve”", 2)
    assert [in_words(row) for row, _ in decision.rows] == ["Row 2 of Approval matrix (Order total: >= 1000)"]
    text = trade_text(trade)
    assert "approvers(total)" in text[decision.line - 1]
    assert '">= 1000"' in text[decision.rows[0][1] - 1]


def trade_text(trade: Trade) -> list[str]:
    """Return the lines of the newest version."""
    with trade.store.reading() as reading:
        number = reading.newest_versions(ORGANISATION)["trade"]
        stored = reading.version(ORGANISATION, "trade", number)
    assert stored is not None
    return stored.source.split("\n")


# Kept with the event --------------------------------------------------------------------------------------------------


def test_a_guard_that_held_is_kept_with_what_it_saw(trade: Trade) -> None:
    order = trade.released()
    found = explained_event(trade, "max", order.record, 3)
    (decision,) = found.decisions
    assert (decision.kind, in_words(decision.title), decision.outcomes, decision.version) == (
        "guard", "What “Approve” asks for", (), 1,
    )  # fmt: skip
    assert told(decision.tree) == (
        True,
        "All of these",
        [
            (True, "“Total” is €229.00, asked for: less than €10,000.00", []),
            (True, "“Customer → Tier” is Gold, asked for: filled in", []),
        ],
    )
    assert [entry.has_decisions for entry in trade.view("max", order.record).timeline] == [True, True, False]


def test_what_was_seen_stays_what_it_was_when_the_record_changes(trade: Trade) -> None:
    order = trade.order(action="submit").record
    trade.done("max", "order", order, action="send_back", inputs={"reason": "More"})
    trade.done("anna", "order", order, lines=trade.lines(("P-1", 1)))
    (decision,) = explained_event(trade, "anna", order, 1).decisions
    assert told(decision.tree) == (True, "“Total” is €229.00, asked for: more than €0.00", [])


def test_a_kept_decision_is_read_when_the_blueprint_has_moved_on(trade: Trade) -> None:
    order = trade.released().record
    trade.publish(TRADE.replace(GUARD, "when: total < 5").replace("title: Submit,", "title: Send,"))
    (decision,) = explained_event(trade, "max", order, 3).decisions
    assert (decision.version, [part[1] for part in told(decision.tree)[2]]) == (
        1,
        ["“Total” is €229.00, asked for: less than €10,000.00", "“Customer → Tier” is Gold, asked for: filled in"],
    )
    assert GUARD in TRADE.split("\n")[decision.line - 1]


def test_a_decision_is_redacted_for_who_reads_it(trade: Trade) -> None:
    trade.publish(
        TRADE.replace(f"by: manager\n        {GUARD}", "by: manager\n        when: secret != null and total > 1")
    )
    order = trade.order(action="submit").record
    trade.done("max", "order", order, secret="CANARY")
    trade.done("max", "order", order, action="approve")
    seen = {name: explained_event(trade, name, order, 3).decisions[0].tree for name in ("max", "anna")}
    assert "CANARY" in json.dumps(in_words(seen["max"]))
    plain = json.dumps(in_words(seen["anna"]))
    assert "CANARY" not in plain
    assert "secret" not in plain
    assert "A condition on a value you may not see" in plain


def test_nobody_reads_decisions_of_a_record_they_may_not_see(trade: Trade) -> None:
    order = trade.released().record
    assert trade.engine.explain_event(trade.actor("nobody"), order, 3) is None
    assert trade.engine.explain_action(trade.actor("nobody"), order, "ship") is None
    assert trade.engine.explain_event(trade.actor("max"), order, 99) is None
    assert trade.engine.explain_action(trade.actor("max"), order, "no_such") is None


def test_what_an_action_asks_for_is_explained_whole(trade: Trade) -> None:
    order = trade.order(lines=trade.lines(("P-2", 200)), action="submit")
    found = trade.engine.explain_action(trade.actor("max"), order.record, "approve")
    assert isinstance(found, ActionExplained)
    assert [put_value("en", reason) for reason in found.reasons] == [
        "“Total” is €19,900.00 and must be less than €10,000.00."
    ]
    (guard,) = found.decisions
    assert told(guard.tree) == (
        False,
        "All of these",
        [
            (False, "“Total” is €19,900.00, asked for: less than €10,000.00", []),
            (True, "“Customer → Tier” is Gold, asked for: filled in", []),
        ],
    )


def test_explaining_changes_nothing(trade: Trade) -> None:
    order = trade.order(action="submit").record
    before = trade.stored(order)
    trade.engine.explain_action(trade.actor("max"), order, "approve")
    trade.engine.explain_event(trade.actor("max"), order, 1)
    assert trade.stored(order) == before
    trade.check_sound()


def test_decisions_are_bounded() -> None:
    many = [Decision("rule", f"r{number}", "save") for number in range(100)]
    assert len(stored_decisions(many)) == MOST_DECISIONS
    trace = {"text": "a", "holds": True, "operator": "and", "parts": [
        {"text": "x" * 400, "holds": True, "operands": [{"text": "n", "value": 1, "reads": [["secret"]]}]}
        for _ in range(60)
    ]}  # fmt: skip
    (kept,) = stored_decisions([Decision("rule", "r", "save", trace=trace)])
    assert kept["trace"] == {
        "text": "a", "holds": True, "operator": "and", "seen": [{"path": ["secret"]}], "cut": 60,
    }  # fmt: skip


@pytest.mark.parametrize(
    "payload",
    [
        {}, {"decisions": 3}, {"decisions": [1, None, {}]}, {"decisions": [{"kind": "later", "key": "x"}]},
    ],
)  # fmt: skip
def test_what_a_later_version_kept_is_left_out(payload: dict[str, Any]) -> None:
    assert decisions_from(payload) == ()


def test_a_decision_with_parts_that_are_not_known_is_still_read() -> None:
    raw = {"kind": "rule", "key": "hold", "outcomes": 3, "trace": "x", "version": None, "more": 1}
    assert decisions_from({"decisions": [raw]}) == (Decision("rule", "hold", ""),)


def test_a_table_that_gave_a_value_is_kept(trade: Trade) -> None:
    shown = TRADE.replace("      hint: {", "      level: {type: text, compute: 'levels(total)'}\n      hint: {")
    trade.publish(
        shown
        + """
tables:
  levels:
    title: Levels
    hit: unique
    in: {total: {type: number}}
    out: {level: {type: text}}
    rows:
      - ["< 100", low]
      - [">= 100", high]
"""
    )
    order = trade.order().record
    (decision,) = explained_event(trade, "anna", order, 1).decisions
    assert (decision.kind, in_words(decision.title), in_words(decision.outcomes)) == (
        "table",
        "Table Levels",
        ("set Level",),
    )
    assert [in_words(row) for row, _ in decision.rows] == ["Row 2 of Levels (Total: >= 100)"]
    trade.done("anna", "order", order, note="Nothing that decides")
    assert explained_event(trade, "anna", order, 2).decisions == ()
    assert Decimal(229) == trade.view("anna", order).values["total"]


# Checks ---------------------------------------------------------------------------------------------------------------


def failed_check(trade: Trade, column: str, name: str = "max") -> list[tuple[object, ...]]:
    """Return (path's last step, text, reasons) of what is wrong when *column* of the lines has a check."""
    trade.publish(
        TRADE.replace("          rush: {type: yes_no, default: no}", f"          rush: {column}").replace(
            "          amount:\n", "          hush: {type: number, private: [manager]}\n          amount:\n"
        )
    )
    lines = [{**line, "rush": True} for line in trade.lines(("P-1", 3))]
    refused = trade.refused(name, "order", customer=trade.customers["ACME"], caller="Bob", lines=lines, action="submit")
    return [
        (
            problem.path[-1],
            in_words(problem.params.get("text")),
            [put_value("en", reason) for reason in problem.reasons],
        )
        for problem in refused.problems
    ]


def test_a_check_of_a_column_tells_which_part_fails(trade: Trade) -> None:
    column = '{type: yes_no, default: no, check: {that: "price >= 50 and quantity > 1", message: "Not at {price}."}}'
    assert failed_check(trade, column) == [
        ("rush", "Not at €10.00.", ["“Price” is €10.00 and must be at least €50.00."]),
    ]


def test_a_check_of_a_column_hints_at_nothing_private(trade: Trade) -> None:
    column = '{type: yes_no, default: no, check: {that: "hush != null or price > 50", message: "Hush {hush}."}}'
    told = failed_check(trade, column, "anna")
    assert [(path, text) for path, text, _ in told] == [("rush", "Hush (hidden).")]
    assert told[0][2] == [
        "Either it depends on a value you may not see, or “Price” is €10.00 and must be more than €50.00."
    ]


# The promise, on a record ---------------------------------------------------------------------------------------------

#: Values of a draft that meet and fail each part of the guard below.
PARTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Note": ({"note": "Rings back"}, {"note": None}),
    "Channel": ({"channel": "web"}, {"channel": "phone"}),
    "Promised": ({"promised": date(2026, 3, 9)}, {"promised": date(2026, 3, 20)}),
}
WHOLE = 'note != null and channel = "web" and promised < date("2026-03-10")'


@pytest.mark.parametrize("missing", [[], ["Note"], ["Promised"], ["Note", "Channel"], ["Note", "Channel", "Promised"]])
def test_meeting_what_is_listed_enables_the_action_and_failing_any_of_it_disables_it(
    trade: Trade, missing: list[str]
) -> None:
    trade.publish(TRADE.replace("by: sales, when: total > 0", f"by: sales, when: '{WHOLE}'"))
    values: dict[str, Any] = {}
    for part, (met, failed) in PARTS.items():
        values |= failed if part in missing else met
    order = trade.order(**values).record
    listed = [words.split("”")[0].removeprefix("“") for words in why_not(trade, "anna", order, "submit")]
    assert listed == missing
    for part in listed:
        trade.done("anna", "order", order, **PARTS[part][0])
    assert why_not(trade, "anna", order, "submit") == ()
    for part in PARTS:
        trade.done("anna", "order", order, **PARTS[part][1])
        assert [words.split("”")[0].removeprefix("“") for words in why_not(trade, "anna", order, "submit")] == [part]
        trade.done("anna", "order", order, **PARTS[part][0])
