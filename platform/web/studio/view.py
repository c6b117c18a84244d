"""A blueprint's text and what is found in it, as its pages show it: outline, problems, states, scenarios.

Turns what the engine says into words of the page's language; decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from blankett.engine.language.model import Blueprint, Form, Place, Who
from blankett.engine.language.problems import Problem
from blankett.engine.paths import field_path
from blankett.engine.publish import Publisher
from blankett.engine.publish.results import BlueprintDraft, Refused
from blankett.engine.scenarios import Mismatch, ScenarioReport
from blankett.forms.errors import word_problem
from blankett.web.identity import current_language, current_reader, the_actor
from blankett.web.request_unit import RequestUnit
from blankett.web.services import services
from blankett.web.studio.differences import ShownChange, shown_changes
from blankett.web.templating import t

#: So many failures of one scenario are shown; the others mostly follow from them.
MOST_FAILURES = 3


@dataclass(frozen=True)
class OutlineItem:
    """An entry of the blueprint's outline: where it stands, and what stands in it."""

    title: str
    line: int
    icon: str = ""
    count: int | None = None
    inside: tuple[OutlineItem, ...] = ()


@dataclass(frozen=True)
class ShownProblem:
    """A problem with where it stands in the text."""

    id: str
    is_error: bool
    words: str
    line: int
    column: int
    suggestion: str | None
    #: What stands in the text where the suggestion belongs, when it is one word; empty otherwise.
    found: str
    #: Offset of `found` in the text.
    start: int
    #: Key of the decision table it stands in; empty elsewhere.
    table: str = ""


@dataclass(frozen=True)
class StateRow:
    """A state with the actions that lead out of it: (title, title of the state it leads to or "", who)."""

    title: str
    kind: str
    actions: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class FormStates:
    """The states of one form."""

    title: str
    rows: tuple[StateRow, ...]


@dataclass(frozen=True)
class ShownFailure:
    """Where a scenario failed, and in which words."""

    line: int
    words: str


@dataclass(frozen=True)
class ShownRun:
    """A scenario that was run."""

    name: str
    line: int
    #: In the order of the text: what comes later often follows from the first one.
    failures: tuple[ShownFailure, ...]

    @property
    def first(self) -> tuple[ShownFailure, ...]:
        """Return the failures that are shown."""
        return self.failures[:MOST_FAILURES]

    @property
    def more(self) -> int:
        """Return how many failures are not."""
        return len(self.failures) - len(self.first)

    @property
    def is_passed(self) -> bool:
        """Tell whether everything was as expected."""
        return not self.failures


@dataclass(frozen=True)
class ShownReport:
    """How all scenarios of a text went, those that failed first."""

    runs: tuple[ShownRun, ...]
    #: Titles of the actions that no scenario takes.
    untaken: tuple[str, ...]
    #: How many were not run, because together they take too long.
    left_out: int = 0

    @property
    def failed(self) -> int:
        """Return how many failed."""
        return sum(not run.is_passed for run in self.runs)


@dataclass(frozen=True)
class Findings:
    """Everything that is found in a text."""

    #: None when something is wrong with it.
    blueprint: Blueprint | None
    problems: tuple[ShownProblem, ...]
    changes: tuple[ShownChange, ...]
    #: None: they were not run.
    scenarios: ShownReport | None
    outline: tuple[OutlineItem, ...]
    states: tuple[FormStates, ...]
    #: The text is the one that is saved.
    is_saved: bool

    @property
    def errors(self) -> int:
        """Return how many errors there are."""
        return sum(problem.is_error for problem in self.problems)

    @property
    def warnings(self) -> int:
        """Return how many warnings there are."""
        return len(self.problems) - self.errors


def find_findings(
    request_unit: RequestUnit, draft: BlueprintDraft, source: str, *, is_saved: bool, run: bool = False
) -> Findings:
    """Return what is found in *source*, a text for the blueprint of *draft*; scenarios are run when *run* says so."""
    language = current_language()
    catalog = request_unit.catalog
    candidate = services().candidates.of(catalog, source)
    old = catalog.blueprint(draft.blueprint, draft.base) if draft.base else None
    checked = candidate.checked
    sound, known = checked.blueprint, checked.partial
    return Findings(
        blueprint=sound,
        problems=tuple(shown_problems(checked.problems, source)),
        changes=tuple(shown_changes(candidate.compared(old)[0])) if old is not None and sound is not None else (),
        scenarios=run_all(request_unit, source) if run and sound is not None else None,
        outline=outline(known) if known is not None else (),
        states=tuple(form_states(known, language)) if known is not None else (),
        is_saved=is_saved,
    )


def run_all(request_unit: RequestUnit, source: str) -> ShownReport | None:
    """Run the scenarios of a text and return how they went; None when it cannot run."""
    report = Publisher(request_unit.engine, services().candidates).run_scenarios(the_actor(), source)
    return None if isinstance(report, Refused) else shown_report(report, current_language())


# The text ------------------------------------------------------------------------------------------------------


def outline(blueprint: Blueprint) -> tuple[OutlineItem, ...]:
    """Return what the blueprint has, with the lines where it stands."""
    places = blueprint.places
    forms = tuple(_form_outline(form, places) for form in blueprint.forms.values())
    parts = (
        ("roles", "users", tuple(OutlineItem(key, role.place.line) for key, role in blueprint.roles.items())),
        ("forms", "forms", forms),
        ("tables", "table", tuple(OutlineItem(key, each.place.line) for key, each in blueprint.tables.items())),
        ("messages", "mail", tuple(OutlineItem(key, each.place.line) for key, each in blueprint.messages.items())),
        ("scenarios", "flask", tuple(OutlineItem(each.name, each.place.line) for each in blueprint.scenarios)),
    )
    return tuple(
        OutlineItem(t(f"studio.part_{key}"), _line(places, (key,), items), icon, len(items), items)
        for key, icon, items in parts
        if items
    )


def _form_outline(form: Form, places: Mapping[tuple[str, ...], Place]) -> OutlineItem:
    parts: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("fields", "list-details", form.fields),
        ("checks", "shield-check", form.checks),
        ("states", "route", form.states),
        ("actions", "player-play", form.actions),
        ("grants", "key", ()),
        ("lists", "list", form.lists),
    )
    inside = []
    for part, icon, keys in parts:
        place = places.get(("forms", form.key, part))
        if place is not None:
            items = tuple(
                OutlineItem(key, found.line) for key in keys if (found := places.get(("forms", form.key, part, key)))
            )
            count = len(form.grants) if part == "grants" else len(items)
            inside.append(OutlineItem(part, place.line, icon, count, items if part == "actions" else ()))
    return OutlineItem(form.key, form.place.line, "file", None, tuple(inside))


def _line(places: Mapping[tuple[str, ...], Place], path: tuple[str, ...], items: Sequence[OutlineItem]) -> int:
    found = places.get(path)
    return found.line if found is not None else items[0].line


def shown_problems(problems: Iterable[Problem], source: str) -> list[ShownProblem]:
    """Return problems, errors first, with the word that a suggestion would replace."""
    shown = []
    for problem in problems:
        place = problem.place
        found = source[place.start : place.end]
        is_word = problem.suggestion is not None and 0 < len(found) <= 60 and not any(sign.isspace() for sign in found)
        shown.append(
            ShownProblem(
                id=problem.id,
                is_error=problem.is_error,
                words=problem.message[:1].upper() + problem.message[1:],
                line=place.line,
                column=place.column,
                suggestion=problem.suggestion,
                found=found if is_word else "",
                start=place.start,
                table=place.path[1] if place.path[:1] == ("tables",) and len(place.path) > 1 else "",
            )
        )
    return sorted(shown, key=lambda problem: not problem.is_error)


def form_states(blueprint: Blueprint, language: str) -> Iterator[FormStates]:
    """Yield the states of every form that has any."""
    roles = {key: role.title.say(language) for key, role in blueprint.roles.items()}
    for form in blueprint.forms.values():
        if form.states:
            yield FormStates(form.title.say(language), tuple(state_rows(form, roles, language)))


def state_rows(form: Form, roles: Mapping[str, str], language: str) -> list[StateRow]:
    """Return the states of a form with what leads out of them, in the author's order."""
    titles = {key: state.title.say(language) for key, state in form.states.items()}
    rows = []
    for key, state in form.states.items():
        actions = tuple(
            (action.title.say(language), _titles_of(action.targets, titles), who_words(action.by, roles))
            for action in form.actions_from(key)
        )
        rows.append(StateRow(titles[key], state.kind, actions))
    return rows


def _titles_of(states: Iterable[str], titles: Mapping[str, str]) -> str:
    return " / ".join(titles[key] for key in states if key in titles)


def who_words(who: Who, roles: Mapping[str, str]) -> str:
    """Return whom a `by` names."""
    standing = {"everyone": t("studio.everyone"), "owner": t("studio.owner"), "assignee": t("studio.assignee")}
    names = sorted(roles.get(name, standing.get(name, name)) for name in who.names)
    return ", ".join([*names, *(f"= {formula.text}" for formula in who.formulas)])


def shown_report(report: ScenarioReport, language: str) -> ShownReport:
    """Return how the scenarios went; samples that are refused stand before them, for then none was run."""
    runs = [ShownRun(result.name, result.place.line, failures_of(result.mismatches)) for result in report.results]
    if report.samples:
        runs.insert(0, ShownRun(t("studio.samples"), report.samples[0].place.line, failures_of(report.samples)))
    forms = {form.name: form for form in report.blueprint.forms.values()}
    untaken = (forms[form].actions[action].title.say(language) for form, action in report.untaken)
    return ShownReport(tuple(sorted(runs, key=lambda run: run.is_passed)), tuple(untaken), report.left_out)


def failures_of(mismatches: Iterable[Mismatch]) -> tuple[ShownFailure, ...]:
    """Return what a run found otherwise than expected, in words."""
    return tuple(map(_failure, sorted(mismatches, key=lambda mismatch: mismatch.place.line)))


def _failure(mismatch: Mismatch) -> ShownFailure:
    words = t("studio.mismatch", what=mismatch.what, expected=mismatch.expected, found=mismatch.found)
    reasons = [word_problem(problem, current_reader(), _author_words).text for problem in mismatch.problems]
    return ShownFailure(mismatch.place.line, " ".join([words, *reasons]))


def _author_words(path: tuple[str, ...]) -> str:
    """Return a field as the author calls it, for whoever reads the text: ``lines.price``, without the line's id."""
    return ".".join(path if path[:1] == ("inputs",) else field_path(path))
