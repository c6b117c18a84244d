"""What a browser posted, sorted: texts of fields, lines in order, and what the page carried along in hidden fields.

Nothing is read as a value here and nothing is refused: that is for `draft`. Whatever was typed is kept as it was.
Names of controls that begin with an underscore are the page's own (`_intent`, `_revision`); no field can have one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from blankett.engine.language.model import Field, Form

# What controls are called: ``customer``, ``lines.<line id>.price``; and the engine's paths ``lines/<line id>/price`` --


#: A line that the record does not have yet carries this before its id, as the engine wants it.
NEW_LINE = "+"

LINE_ID = re.compile(r"\+?[0-9A-Za-z]{1,32}\Z")


def path_of(name: str) -> str:
    """Return the engine path of a control's name."""
    return name.replace(".", "/")


def is_new_line(line_id: str) -> bool:
    """Tell whether the record does not have the line yet."""
    return line_id.startswith(NEW_LINE)


# What was posted ------------------------------------------------------------------------------------------------------


#: Between the two halves of what a hidden field carries: "customer=ACME", "01J…|ACME Ltd".
EQUALS, BAR = "=", "|"

#: ``lines.<id>.id`` says that a line is on the page, also where none of its cells can be typed into.
LINE_MARK = "id"

#: What every posted form carries besides.
PAGES_OWN = frozenset({"csrf_token"})


@dataclass
class LineTexts:
    """The texts of one line, and its id."""

    id: str
    texts: dict[str, str] = field(default_factory=dict)


@dataclass
class Submission:
    """One posted form."""

    #: Field → text, as typed.
    texts: dict[str, str] = field(default_factory=dict)
    #: Table → lines in the order they stood on the page.
    lines: dict[str, dict[str, LineTexts]] = field(default_factory=dict)
    #: Control → (id, title) of what was chosen in a picker; it counts while the text is still that title.
    picked: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Control → the text it was filled with; it counts as filled while the text is still that.
    filled: dict[str, str] = field(default_factory=dict)
    #: Control → the text a default gave it; it counts as given while the text is still that.
    given: dict[str, str] = field(default_factory=dict)
    #: Controls that a person typed into, perhaps nothing.
    typed: set[str] = field(default_factory=set)
    #: Controls that were left at least once, and may show their errors.
    touched: set[str] = field(default_factory=set)
    #: Controls that show a mistake now.
    wrong: set[str] = field(default_factory=set)
    #: Controls that go back to what the blueprint fills.
    undo: set[str] = field(default_factory=set)
    #: Control → the text it had when the page was first drawn, for records that exist.
    shown: dict[str, str] = field(default_factory=dict)
    #: After a conflict: control → the other's text and what they picked, and which side was chosen ("" for all).
    theirs: dict[str, str] = field(default_factory=dict)
    theirs_picked: dict[str, tuple[str, str]] = field(default_factory=dict)
    keep: dict[str, str] = field(default_factory=dict)
    #: Control of a day → (the day its text was shown to be read as, that text): "fri" stays the same Friday tomorrow.
    echoes: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Control → the reading that was chosen for its text.
    read: dict[str, str] = field(default_factory=dict)
    #: Control that is locked now → what was typed there before it was.
    kept: dict[str, str] = field(default_factory=dict)
    #: (table, column) → what stands there in a line that nobody touched, where that is not nothing: boxes post "no".
    untouched: Mapping[tuple[str, str], str] = field(default_factory=dict)
    #: Controls posted that the form does not have.
    unknown: list[str] = field(default_factory=list)
    #: The control somebody is in while the form is worked out; its text is left alone.
    focus: str = ""
    intent: str = ""
    revision: int | None = None
    #: A button that changes the form and saves nothing: ("drop", "lines.7"), ("add", "lines").
    edit: tuple[str, str] | None = None
    #: The button that was pressed: "save", "action.<key>"; empty for Enter in a field.
    do: str = ""

    def text(self, name: str) -> str | None:
        """Return the text of a control by its name, or None when it was not on the page."""
        table, _, rest = name.partition(".")
        if not rest:
            return self.texts.get(name)
        line_id, _, column = rest.rpartition(".")
        line = self.lines.get(table, {}).get(line_id)
        return None if line is None else line.texts.get(column)

    def named_texts(self) -> Iterator[tuple[str, str]]:
        """Yield (name, text) of every control with a text."""
        yield from self.texts.items()
        for table, lines in self.lines.items():
            for line in lines.values():
                for column, text in line.texts.items():
                    yield f"{table}.{line.id}.{column}", text

    def is_filled(self, name: str) -> bool:
        """Tell whether a control still holds what the blueprint filled in."""
        return name in self.filled and self.filled[name] == self.text(name)

    def was_typed(self, name: str, text: str | None = None) -> bool:
        """Tell whether a person gave the control its text (or emptied it). *text*: its text, where that is at hand."""
        if name in self.undo:
            return False
        if name in self.typed:
            return True
        if text is None:
            text = self.text(name) or ""
        for known in (self.filled, self.given, self.shown):
            if name in known:
                return known[name] != text
        return text != self._drawn_text(name)

    def _drawn_text(self, name: str) -> str:
        """Return what a control of a line that is new was drawn with."""
        table, _, rest = name.partition(".")
        line_id, _, column = rest.rpartition(".")
        return self.untouched.get((table, column), "") if is_new_line(line_id) else ""

    def is_unchanged(self, name: str, text: str) -> bool:
        """Tell whether *text*, of a control of a record that exists, is what it was first drawn with."""
        return self.shown.get(name) == text and name not in self.typed

    def is_blank(self, table: str, line: LineTexts) -> bool:
        """Tell whether nothing was typed into a line that the record does not have: an untouched line is no line,
        whatever its columns start with.
        """
        return is_new_line(line.id) and not any(
            text.strip() != self._drawn_text(name) and self.was_typed(name, text)
            for name, text in ((f"{table}.{line.id}.{column}", text) for column, text in line.texts.items())
        )

    def put(self, name: str, text: str) -> None:
        """Give a control that was posted another text."""
        table, _, rest = name.partition(".")
        line_id, _, column = rest.rpartition(".")
        line = self.lines.get(table, {}).get(line_id)
        if line is not None:
            line.texts[column] = text
        elif not rest and name in self.texts:
            self.texts[name] = text

    def choose(self) -> None:
        """Take the reading that was chosen for a text, and the other's text where their side of a conflict was."""
        for name, text in self.read.items():
            self.put(name, text)
        for name, text in self.theirs.items():
            if self.keep.get(name, self.keep.get("")) == "theirs":
                self.put(name, text)
                self.picked.pop(name, None)
                if name in self.theirs_picked:
                    self.picked[name] = self.theirs_picked[name]

    def drop_line(self, name: str) -> None:
        """Take out the line ``lines.<id>``."""
        table, _, line_id = name.partition(".")
        self.lines.get(table, {}).pop(line_id, None)

    def add_lines(self, table: str, ids: Iterable[str]) -> None:
        """Put empty lines at the end of a table."""
        for line_id in ids:
            self.lines.setdefault(table, {})[line_id] = LineTexts(line_id)


#: Reads one hidden field into a submission.
Reader = Callable[[Submission, str], None]


def read_submission(form: Form, pairs: Iterable[tuple[str, str]]) -> Submission:
    """Return the posted *pairs* (name, text), in the page's order, sorted for *form*."""
    tables = {key: found for key, found in form.fields.items() if found.columns}
    submission = Submission(untouched=_untouched(tables))
    for name, text in pairs:
        if name.startswith("_keep"):
            submission.keep[name.removeprefix("_keep").removeprefix(".")] = text
        elif name.startswith("_"):
            reader = CARRIED.get(name)
            if reader is not None:
                reader(submission, text)
        elif "." in name:
            _read_cell(submission, tables, name, text)
        elif name in PAGES_OWN:
            continue
        elif name in tables:
            submission.lines.setdefault(name, {})  # the table is on the page, perhaps without a line
        else:
            submission.texts[name] = _joined(form.fields.get(name), submission.texts.get(name), text)
    submission.choose()
    return submission


def _joined(of: Field | None, before: str | None, text: str) -> str:
    """Return what a control posted as one text: of a check box the last, which comes after the "no" it stands for."""
    return text if of is None or before is None else of.type.joined((before, text))


def _untouched(tables: Mapping[str, Field]) -> Mapping[tuple[str, str], str]:
    return {
        (table.key, column.key): blank
        for table in tables.values()
        for column in table.columns.values()
        if (blank := column.type.blank(column))
    }


def read_inputs(ask: Mapping[str, Field], pairs: Iterable[tuple[str, str]]) -> Submission:
    """Return what was answered to the questions of an action, sorted."""
    submission = Submission()
    for name, text in pairs:
        if name.startswith("_"):
            reader = CARRIED.get(name)
            if reader is not None:
                reader(submission, text)
        elif name in ask:
            submission.texts[name] = _joined(ask[name], submission.texts.get(name), text)
        elif name not in PAGES_OWN:
            submission.unknown.append(name)
    submission.choose()
    return submission


def _read_cell(submission: Submission, tables: Mapping[str, Field], name: str, text: str) -> None:
    table, _, rest = name.partition(".")
    line_id, _, column = rest.rpartition(".")
    if table not in tables or not LINE_ID.match(line_id):
        submission.unknown.append(name)
        return
    lines = submission.lines.setdefault(table, {})
    line = lines.get(line_id)
    if line is None:
        line = lines[line_id] = LineTexts(line_id)
    if column != LINE_MARK:
        line.texts[column] = _joined(tables[table].columns.get(column), line.texts.get(column), text)


def _reads_picks(attribute: str) -> Reader:
    def read(submission: Submission, text: str) -> None:
        name, _, rest = text.partition(EQUALS)
        id, _, title = rest.partition(BAR)
        if id:
            getattr(submission, attribute)[name] = (id, title)

    return read


def _reads_texts(attribute: str) -> Reader:
    def read(submission: Submission, text: str) -> None:
        name, _, rest = text.partition(EQUALS)
        getattr(submission, attribute)[name] = rest

    return read


def _read_intent(submission: Submission, text: str) -> None:
    submission.intent = text[:100]


def _read_focus(submission: Submission, text: str) -> None:
    submission.focus = text


def _read_revision(submission: Submission, text: str) -> None:
    submission.revision = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _read_do(submission: Submission, text: str) -> None:
    submission.do = text[:100]


def _edits(kind: str) -> Reader:
    def read(submission: Submission, text: str) -> None:
        submission.edit = (kind, text[:200])

    return read


def _read_undo(submission: Submission, text: str) -> None:
    submission.undo.add(text)
    submission.edit = ("undo", text[:200])


def _read_reading(submission: Submission, text: str) -> None:
    name, _, reading = text.partition(EQUALS)
    submission.read[name] = reading
    submission.edit = ("read", name[:200])


#: What the page carries along, and how each is read.
CARRIED: Mapping[str, Reader] = {
    "_intent": _read_intent,
    "_revision": _read_revision,
    "_picked": _reads_picks("picked"),
    "_theirs_picked": _reads_picks("theirs_picked"),
    "_filled": _reads_texts("filled"),
    "_given": _reads_texts("given"),
    "_kept": _reads_texts("kept"),
    "_echo": _reads_picks("echoes"),
    "_read": _read_reading,
    "_shown": _reads_texts("shown"),
    "_theirs": _reads_texts("theirs"),
    "_typed": lambda submission, text: submission.typed.add(text),
    "_touched": lambda submission, text: submission.touched.add(text),
    "_wrong": lambda submission, text: submission.wrong.add(text),
    "_undo": _read_undo,
    "_drop": _edits("drop"),
    "_add": _edits("add"),
    "_do": _read_do,
    "_focus": _read_focus,
}
