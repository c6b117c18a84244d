"""Every check of a blueprint, in one list.

Reading and loading check names, types and formulas; these look at the whole.
"""

from __future__ import annotations

from collections.abc import Callable

from blankett.engine.cancellation import stop_if_cancelled
from blankett.engine.checks.approvals import check_approvals
from blankett.engine.checks.calendars import check_calendars, check_lengths
from blankett.engine.checks.clocks import check_clocks
from blankett.engine.checks.conditions import check_conditions, check_ways
from blankett.engine.checks.decision_tables import check_calls, check_tables
from blankett.engine.checks.disclosure import (
    check_created,
    check_declassified,
    check_derived,
    check_hidden,
    check_letters,
    check_show,
    check_told,
    check_viewers,
)
from blankett.engine.checks.formula_cost import check_effort
from blankett.engine.checks.keys import check_messages, check_options, check_renames, check_roles
from blankett.engine.checks.process import (
    check_act_cycles,
    check_made_again,
    check_process,
    check_table_values,
    check_takers,
    check_unfillable,
    check_unique,
)
from blankett.engine.checks.queries import check_people, check_slots, check_sorts, check_wheres
from blankett.engine.checks.rules import check_facts, check_rules
from blankett.engine.checks.samples import check_samples
from blankett.engine.checks.subject import Subject
from blankett.engine.checks.timers import check_timers
from blankett.engine.language.loader import Loaded, load_into
from blankett.engine.language.loader.partial_blueprint import Foreign
from blankett.engine.language.problems import Report

#: Every check, in the order they run; each tells what it finds to the subject's report.
CHECKS: tuple[Callable[[Subject], None], ...] = (
    check_process,
    check_approvals,
    check_takers,
    check_made_again,
    check_act_cycles,
    check_unfillable,
    check_table_values,
    check_unique,
    check_conditions,
    check_ways,
    check_effort,
    check_tables,
    check_calls,
    check_viewers,
    check_show,
    check_derived,
    check_declassified,
    check_hidden,
    check_created,
    check_told,
    check_letters,
    check_slots,
    check_wheres,
    check_facts,
    check_rules,
    check_people,
    check_sorts,
    check_renames,
    check_messages,
    check_options,
    check_roles,
    check_samples,
    check_calendars,
    check_lengths,
    check_timers,
    check_clocks,
)


def check_blueprint(text: str, *, file: str = "blueprint.yaml", foreign: Foreign | None = None) -> Loaded:
    """Return the blueprint of a text with every problem there is, in the order of the file.

    *foreign* finds the forms of other blueprints ("blueprint.form"); without it links to them let everything pass.
    """
    report = Report()
    partial, tree = load_into(text, report, file=file, foreign=foreign, is_new=True)
    if partial is not None:
        subject = Subject(partial, report)
        for check in CHECKS:
            stop_if_cancelled()
            check(subject)
    return Loaded(None if report.has_errors else partial, report.finished(), partial, tree)
