"""The head of a record: the states it came through and those to come, and what holds it up and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from blankett.engine.records.read.results import Hold, RecordHead, RecordView, StateView, TimelineEntry
from blankett.web.identity import told
from blankett.web.next_page import acts_done
from blankett.web.templating import short_time, t

#: States shown side by side where there is room for them; the one the record is in is always among them.
MOST_STOPS = 5
#: Shown before and after it where both ends are folded.
FEW_BEFORE, FEW_AFTER = 1, 2


@dataclass(frozen=True, slots=True)
class PathStep:
    """One state of the path."""

    ONLY_SHOWN = ("title", "note")

    title: str
    kind: str
    #: past | now | next
    when: str
    note: str
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """The states before the record's, or after it. A phone folds all of them."""

    MADE_OF = ("folded", "shown")

    #: On a desk: those in the fold, and those beside the present one.
    folded: tuple[PathStep, ...]
    shown: tuple[PathStep, ...]

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.folded) + len(self.shown)


@dataclass(frozen=True, slots=True)
class Path:
    """Where a record stands between the states it came through and those that usually follow."""

    MADE_OF = ("before", "now", "after")

    before: Fold
    now: PathStep
    after: Fold


@dataclass(frozen=True, slots=True)
class Banner:
    """What holds a record up, or why it came back."""

    #: bad | warn
    tone: str
    icon: str
    title: str
    text: str = ""
    #: What was said with it: (title, words).
    said: tuple[tuple[str, str], ...] = ()
    #: Who could change it: "Lift credit hold: Only Finance can do this."
    ways: tuple[str, ...] = ()
    is_internal: bool = False


def head_context(record: RecordView) -> Mapping[str, object]:
    """Return what the head of the record's page is drawn from."""
    return {"path": path_of(record), **told_context(record)}


def told_context(record: RecordHead) -> Mapping[str, object]:
    """Return what is said of where a record stands, on its page and on the one that edits it."""
    is_held = record.state is not None and record.state.kind == "held"
    return {
        "banners": tuple(banners_of(record)),
        # A banner of the state says it already.
        "state_help": record.state.help if record.state and not is_held else "",
        "begun": t(
            "record.begun", name=record.created_by.title or t("jobs.machine"), time=short_time(record.created_at)
        )
        if record.number is None and record.form.number is not None
        else "",
    }


# The path -------------------------------------------------------------------------------------------------------------


def path_of(record: RecordView) -> Path | None:
    """Return the states it came through, where it is, and what usually follows; None for a record without states."""
    if record.state is None:
        return None
    order = {state.key: place for place, state in enumerate(record.states)}
    past, now, coming = past_steps(record, order), step_now(record), tuple(next_steps(record, order))
    before, after = len(past), len(coming)
    if before + 1 + after > MOST_STOPS:
        after = min(after, max(FEW_AFTER, MOST_STOPS - 1 - before))
        before = min(before, MOST_STOPS - 1 - after)
    if before < len(past) and after < len(coming):
        before = FEW_BEFORE
    cut = len(past) - before
    return Path(Fold(past[:cut], past[cut:]), now, Fold(coming[after:], coming[:after]))


def step_now(record: RecordHead) -> PathStep:
    """Return the state the record is in, and since when."""
    state = record.state or StateView("", "", "work")
    note = t("record.since", time=short_time(record.move.at)) if record.move else ""
    return PathStep(state.title, state.kind, "now", note)


def past_steps(record: RecordView, order: Mapping[str, int]) -> tuple[PathStep, ...]:
    """Return the states it travelled through, with who led into each and when."""
    moments = moments_of(record.timeline)
    return tuple(
        PathStep(
            state.title,
            "done",
            "past",
            moments[place] if place < len(moments) else "",
            leads_back(state, record.travelled[place + 1], order),
        )
        for place, state in enumerate(record.travelled[:-1])
    )


def leads_back(state: StateView, later: StateView, order: Mapping[str, int]) -> bool:
    """Tell whether a step leads back. Out of a state that only holds a record up nothing leads back."""
    return state.kind != "held" and order.get(later.key, 0) < order.get(state.key, 0)


def moments_of(timeline: Sequence[TimelineEntry]) -> list[str]:
    """Return who led into each travelled state and when, oldest first."""
    entries = [entry for entry in reversed(timeline) if entry.state is not None]
    return [t("record.by_when", name=entry.user.title, time=short_time(entry.at)) for entry in entries]


def next_steps(record: RecordHead, order: Mapping[str, int]) -> Iterator[PathStep]:
    """Yield the states that come after the present one in the author's order, without those that end it early."""
    if record.state is None or record.state.kind in ("done", "stop"):
        return
    here = order.get(record.state.key, 0)
    for state in record.states[here + 1 :]:
        if state.kind not in ("stop", "held", "start"):
            yield PathStep(state.title, "start", "next", "")


# Banners --------------------------------------------------------------------------------------------------------------


def banners_of(record: RecordHead) -> Iterator[Banner]:
    """Yield what holds the record up: first what rules refuse, then why it came back or waits."""
    for hold in record.holds:
        yield Banner(
            "bad", "hand-stop", hold.title, told(hold.text), (), tuple(ways_of(record, hold)), hold.is_internal
        )
    state, move = record.state, record.move
    if state is None or move is None:
        return
    order = {each.key: place for place, each in enumerate(record.states)}
    is_back = record.came_from is not None and leads_back(record.came_from, state, order)
    if state.kind != "held" and (not is_back or state.kind in ("done", "stop")):
        return
    said = tuple((title, told(words)) for title, words in move.inputs if words)
    title = t(
        "record.moved",
        name=move.user.title,
        done=acts_done(move.actions) or t("event.reached", state=state.title),
        time=short_time(move.at),
    )
    yield Banner("warn", "arrow-back-up" if is_back else "player-pause", title, state.help, said)


def ways_of(record: RecordHead, hold: Hold) -> Iterator[str]:
    """Yield the actions that change what a rule reads, with who may take them."""
    for view in record.actions:
        if view.key in hold.ways:
            reason = next((each for each in view.reasons), None)
            words = told(reason) if reason is not None else t("record.way_you")
            yield t("record.way", action=view.title, who=words)
