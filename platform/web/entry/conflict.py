"""Somebody else saved first: what both changed, to choose from; everything else is put together. Nothing typed is lost.

Three texts for each control: as the page first showed it, as it was sent, as the record has it now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask.typing import ResponseReturnValue

from blankett.engine.records.command import RecordNow, Refusal, ValueChanged
from blankett.engine.records.read import record_view
from blankett.forms.controls import Control
from blankett.forms.submission import NEW_LINE
from blankett.web.entry.form import ACTION, Entering
from blankett.web.identity import current_language
from blankett.web.record.view import entry_of
from blankett.web.templating import render, t


@dataclass(frozen=True, slots=True)
class Clash:
    """A control that both changed."""

    name: str
    label: str
    before: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Other:
    """A control that only one of both changed."""

    label: str
    before: str
    mine: str
    theirs: str
    is_theirs: bool


@dataclass
class Merge:
    """What was sent laid over what the record has now."""

    entering: Entering
    current: RecordNow
    #: Control → as it is now, in the record's order.
    now: dict[str, Control]

    @property
    def change(self) -> ValueChanged | None:
        """Return the last change that was saved meanwhile."""
        return max(self.current.changes, key=lambda change: change.at, default=None)

    @property
    def name(self) -> str:
        """Return who saved last."""
        return self.change.name if self.change else t("conflict.somebody")

    @property
    def sent(self) -> dict[str, str]:
        """Return control → text as it was sent."""
        submission = self.entering.submission
        return dict(submission.named_texts())

    def before(self, name: str) -> str:
        """Return the text the page first showed."""
        return self.entering.submission.shown.get(name, "")

    def is_mine(self, name: str) -> bool:
        """Tell whether the sender changed a control."""
        text = self.entering.submission.text(name)
        return text is not None and text != self.before(name)

    def is_theirs(self, name: str) -> bool:
        """Tell whether somebody else did."""
        return self.now[name].text != self.before(name)

    def clashes(self) -> list[str]:
        """Return the controls that both changed to different texts."""
        sent = self.entering.submission
        return [
            name
            for name in self.now
            if self.is_mine(name) and self.is_theirs(name) and sent.text(name) != self.now[name].text
        ]

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Yield (table, line id now, line id as it was sent) of every line of the outcome, in order."""
        submission = self.entering.submission
        for table, sent in submission.lines.items():
            now = list(dict.fromkeys(name.split(".")[1] for name in self.now if name.startswith(f"{table}.")))
            known = {name.split(".")[1] for name in submission.shown if name.startswith(f"{table}.")}
            for line_id in now:
                if line_id in sent or line_id not in known or self._line_changed(f"{table}.{line_id}.", theirs=True):
                    yield table, line_id, line_id
            for line_id, line in sent.items():
                if line_id not in now and not submission.is_blank(table, line):
                    kept = line_id.startswith(NEW_LINE) or self._line_changed(f"{table}.{line_id}.", theirs=False)
                    if kept:
                        yield table, NEW_LINE + line_id.removeprefix(NEW_LINE), line_id

    def _line_changed(self, prefix: str, *, theirs: bool) -> bool:
        if theirs:
            return any(self.is_theirs(name) for name in self.now if name.startswith(prefix))
        return any(self.is_mine(name) for name in self.sent if name.startswith(prefix))

    def text(self, name: str) -> str:
        """Return the text of the outcome: what was sent where it was changed, else as it is now."""
        if name not in self.now or self.is_mine(name):
            return self.entering.submission.text(name) or ""
        return self.now[name].text

    # What is posted on ------------------------------------------------------------------------------------------------

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield everything to be posted, so that saving again needs nothing else."""
        sent = self.entering.submission
        yield from (("_intent", sent.intent), ("_revision", str(self.current.revision)), ("_do", sent.do or "save"))
        for name, control in self.now.items():
            yield "_shown", f"{name}={control.text}"
            if control.is_filled and not self.is_mine(name):
                yield "_filled", f"{name}={control.text}"
        for name in sent.texts:
            yield from self._pair(name, name)
        tables = dict.fromkeys(sent.lines)
        for table in tables:
            yield table, ""
        for table, line_id, old_id in self.lines():
            for column in self._columns(table, old_id):
                yield from self._pair(f"{table}.{line_id}.{column}", f"{table}.{old_id}.{column}")
        for name in self.clashes():
            yield "_theirs", f"{name}={self.now[name].text}"
            if self.now[name].picked:
                yield "_theirs_picked", f"{name}={self.now[name].picked}|{self.now[name].text}"

    def _columns(self, table: str, line_id: str) -> list[str]:
        sent = self.entering.submission.lines[table].get(line_id)
        if sent is not None:
            return list(sent.texts)
        prefix = f"{table}.{line_id}."
        return [name.removeprefix(prefix) for name in self.now if name.startswith(prefix)]

    def _pair(self, name: str, old_name: str) -> Iterator[tuple[str, str]]:
        text = self.text(old_name)
        yield name, text
        yield from self._told(name, old_name)
        picked = self.entering.submission.picked.get(old_name)
        now = self.now.get(old_name)
        if picked is not None and picked[1] == text:
            yield "_picked", f"{name}={picked[0]}|{picked[1]}"
        elif now is not None and now.picked and now.text == text:
            yield "_picked", f"{name}={now.picked}|{text}"

    def _told(self, name: str, old_name: str) -> Iterator[tuple[str, str]]:
        """Yield who gave a control that the record does not have, or that the sender changed, its text."""
        sent = self.entering.submission
        if old_name in self.now and not self.is_mine(old_name):
            return
        if sent.is_filled(old_name) and old_name not in self.now:
            yield "_filled", f"{name}={sent.filled[old_name]}"
        elif old_name in sent.given:
            yield "_given", f"{name}={sent.given[old_name]}"
        elif sent.was_typed(old_name):
            yield "_typed", name


def merge_with(entering: Entering, current: RecordNow) -> Merge | Refusal:
    """Return what was sent laid over the record as it is now."""
    worked = entering.first()
    if isinstance(worked, Refusal):
        return worked
    entry = entering.draw(worked, posted=False)
    now = {
        control.name: control
        for control in entry.controls()
        if not (control.is_locked or control.is_hidden or f".{NEW_LINE}" in control.name)
    }
    return Merge(entering, current, now)


def conflict_page(merge: Merge) -> ResponseReturnValue:
    """Return the page on which somebody chooses between their texts and those saved meanwhile: 409."""
    entering, clashing = merge.entering, merge.clashes()
    record = record_view.open_record(entering.request_unit.unit, entering.record_id) if entering.record_id else None
    news = tuple(map(entry_of, record.since(entering.submission.revision or 0))) if record else ()
    action = action_title(entering)
    body = render(
        "pages/conflict.html",
        here=entering.form.name,
        record=record,
        name=merge.name,
        at=merge.change.at if merge.change else record.changed_at if record else None,
        clashes=[clash_of(merge, name) for name in clashing],
        others=[other_of(merge, name) for name in merge.now if name not in clashing and differs(merge, name)],
        hidden=list(merge.pairs()),
        address=entering.record_address,
        post_to=entering.address,
        news=news,
        action=action,
    )
    return body, 409


def action_title(entering: Entering) -> str:
    """Return the title of the action that saving was to take; empty for saving alone."""
    action = entering.form.actions.get(entering.submission.do.removeprefix(ACTION))
    return action.title.say(current_language()) if action else ""


def differs(merge: Merge, name: str) -> bool:
    """Tell whether one of both changed a control."""
    return merge.is_mine(name) or merge.is_theirs(name)


def clash_of(merge: Merge, name: str) -> Clash:
    """Return a row to choose in."""
    control = merge.now[name]
    mine = merge.entering.submission.text(name) or ""
    texts = (words(control, text) for text in (merge.before(name), mine, control.text))
    return Clash(name, control.label_cell or control.label, *texts)


def other_of(merge: Merge, name: str) -> Other:
    """Return a row that needs no choice."""
    control = merge.now[name]
    mine = merge.entering.submission.text(name) or ""
    before, sent, now = (words(control, text) for text in (merge.before(name), mine, control.text))
    return Other(control.label_cell or control.label, before, sent, now, not merge.is_mine(name))


def words(control: Control, text: str) -> str:
    """Return a control's text as people read it: an option by its title, yes and no in words."""
    return dict(control.options).get(text, text)
