"""The answer to typing: only what changed, drawn anew. The form stays where it is, with its focus (entry.js)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from blankett.engine.records.command import Refusal
from blankett.forms.controls import Control
from blankett.forms.entry_form import plan_of
from blankett.forms.errors import Mistake
from blankett.forms.submission import Submission, path_of
from blankett.web.entry.form import Entering
from blankett.web.errors import refuse
from blankett.web.next_page import warning_texts
from blankett.web.templating import render


def answer_to(entering: Entering) -> ResponseReturnValue:
    """Return fresh drawings of what follows from the posted form."""
    worked = entering.work_out()
    if isinstance(worked, Refusal):
        return refuse(worked)
    sent = entering.submission
    mistakes = [mistake for mistake in entering.mistakes(worked.problems) if is_due(mistake, sent, worked.filled)]
    entry = entering.draw(worked, mistakes, posted=True)
    changing = plan_of(entering.form).changing
    controls = [control for block in entry.blocks for control in block.controls]
    rows = [(grid, row) for block in entry.blocks for grid in block.grids for row in grid.rows if not row.is_blank]
    return render(
        "fragments/_recalculated.html",
        entry=entry,
        warnings=warning_texts(worked),
        changed=[control for control in controls if has_changed(control, sent, changing)],
        cells=[cell for _, row in rows for cell in row.cells if has_changed(cell, sent, changing)],
        row_errors=[(grid, row) for grid, row in rows if row.errors or was_wrong(f"{grid.name}.{row.id}.", sent)],
        blocks=entry.blocks,
        grids=[grid for block in entry.blocks for grid in block.grids],
    )


def is_due(mistake: Mistake, sent: Submission, filled: frozenset[str]) -> bool:
    """Tell whether a mistake may be shown: its control was left at least once, it holds what was *filled* from others,
    or the form was sent before.
    """
    is_known = "*" in sent.touched or mistake.name in sent.touched or mistake.name in sent.wrong
    return is_known or path_of(mistake.name) in filled


def has_changed(control: Control, sent: Submission, changing: frozenset[tuple[str, ...]]) -> bool:
    """Tell whether a control looks different from what the browser has."""
    posted = sent.text(control.name)
    if control.is_hidden:
        return posted is not None
    if control.is_locked or posted is None:
        return True
    if control.read or control.name in sent.echoes:
        return True
    if control.error or control.name in sent.wrong or control.of.path in changing:
        return True
    return (control.text, control.is_filled, control.is_kept_typed, control.is_given) != (
        posted,
        sent.is_filled(control.name),
        control.name in sent.typed,
        control.name in sent.given,
    )


def was_wrong(prefix: str, sent: Submission) -> bool:
    """Tell whether the browser shows a mistake in the line whose cells' names begin like that."""
    return any(name.startswith(prefix) for name in sent.wrong)
