"""From the text of a blueprint to the blueprint: the one door, with all problems at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from blankett.engine.errors import BlankettError
from blankett.engine.language.editions import EDITION
from blankett.engine.language.form_formulas import called_tables, formulas_of, sent_messages, text_formulas
from blankett.engine.language.loader.approvals import read_approvals
from blankett.engine.language.loader.calendars import read_calendars
from blankett.engine.language.loader.decision_tables import declare_tables, read_tables
from blankett.engine.language.loader.field_order import link_paths, mark_live, refine_nulls, working_order
from blankett.engine.language.loader.fields import (
    finish_fields,
    read_asked,
    read_choices,
    read_currencies,
    read_heads,
    set_types,
)
from blankett.engine.language.loader.formulas import read_template, template_pieces
from blankett.engine.language.loader.grants import read_grants
from blankett.engine.language.loader.partial_blueprint import Foreign, FormDraft, PartialBlueprint
from blankett.engine.language.loader.privacy import with_privacy
from blankett.engine.language.loader.process import read_actions, read_due, read_states
from blankett.engine.language.loader.retired_entries import Ended
from blankett.engine.language.loader.rules import facts_type, read_facts, read_rules
from blankett.engine.language.loader.scenarios import read_samples, read_scenarios
from blankett.engine.language.loader.scopes import Scopes
from blankett.engine.language.loader.structure import check_structure
from blankett.engine.language.loader.timers import read_timers
from blankett.engine.language.loader.translations import Translations, languages_of, read_text, read_title
from blankett.engine.language.loader.views import plural_of, read_checks, read_lists, read_number, read_sections
from blankett.engine.language.loader.volatile_conditions import is_always, moving_conditions, said_always
from blankett.engine.language.model import (
    Blueprint,
    BlueprintMessage,
    Field,
    Form,
    Life,
    Option,
    Place,
    Role,
    Table,
    Template,
    Words,
)
from blankett.engine.language.problems import Problem, Report, suggest
from blankett.engine.language.source import List, Map, Scalar, Tree
from blankett.engine.language.yaml_reader import read_source
from blankett.engine.suggestions import bounded_suggestions

DEFAULT_ICON = "file"
#: Types of fields that can say what a record is about.

#: Roles of a blueprint: who holds one holds what it includes, through others too.
MOST_ROLES = 500


@dataclass(frozen=True)
class Loaded:
    """What loading gave: a blueprint unless something is wrong with it, and everything that was found."""

    blueprint: Blueprint | None
    problems: tuple[Problem, ...]
    #: The blueprint as far as it could be made, for checks that look at the whole; None when it could not be read.
    partial: Blueprint | None = None
    #: The text as it was read.
    tree: Tree | None = field(default=None, repr=False)


class BlueprintError(BlankettError):
    """A blueprint that cannot run. `problems` are all of them."""

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file = file
        self.problems = problems
        super().__init__("\n".join(problem.line(file) for problem in problems))


def load_blueprint(
    text: str, *, file: str = "blueprint.yaml", foreign: Foreign | None = None, edition: int = EDITION
) -> Loaded:
    """Return the blueprint of a text with all problems of reading, names, types and formulas.

    *foreign* finds the forms of other blueprints ("blueprint.form"); without it links to them let everything pass.
    What the language refuses only since some versions were published does not stop it: `is_spared` of those problems.
    *edition*: of the language, as a published version was meant.
    Checks that look at the blueprint as a whole (reachable states, unused messages…) are the checker's.
    """
    report = Report()
    partial, tree = load_into(text, report, file=file, foreign=foreign, edition=edition)
    problems = report.finished()
    return Loaded(None if report.stops else partial, problems, partial, tree)


def read_blueprint(
    text: str, *, file: str = "blueprint.yaml", foreign: Foreign | None = None, edition: int = EDITION
) -> Blueprint:
    """Return the blueprint of a text; raise BlueprintError with all problems when it cannot run."""
    loaded = load_blueprint(text, file=file, foreign=foreign, edition=edition)
    if loaded.blueprint is None:
        raise BlueprintError(file, tuple(problem for problem in loaded.problems if problem.is_error))
    return loaded.blueprint


def load_into(
    text: str,
    report: Report,
    *,
    file: str,
    foreign: Foreign | None,
    edition: int = EDITION,
    is_new: bool = False,
) -> tuple[Blueprint | None, Tree | None]:
    """Load a blueprint as far as it can be, telling problems to *report*; None when there is nothing to load.
    *is_new*: look for slips, and refuse what takes too long to look at; nobody is told of a version that was published.

    Returns the tree of the text as it was read too.
    """
    with bounded_suggestions():
        return _load_into(text, report, file, foreign, edition, is_new)


def _load_into(
    text: str, report: Report, file: str, foreign: Foreign | None, edition: int, is_new: bool
) -> tuple[Blueprint | None, Tree | None]:
    source, written = read_source(text, file, report)
    tree = check_structure(written, report) if written is not None else None
    if tree is None:
        return None, written
    languages = languages_of(tree)
    key = tree.text("blueprint") or "blueprint"
    ended = Ended(report)
    tree = ended.take(tree)
    draft = PartialBlueprint(
        source, report, tree, key, languages, Translations(tree, languages, report), foreign, ended, edition, is_new
    )
    draft.roles.update(_read_roles(draft))
    draft.options.update(_read_options(draft))
    _read_form_heads(draft)
    blueprint = _read_rest(draft, written if isinstance(written, Map) else tree)
    draft.translations.tell_unused(tree)
    return blueprint, written


# Options ------------------------------------------------------------------------------------------------------------


def _read_options(draft: PartialBlueprint) -> dict[str, Mapping[str, Option]]:
    """Return the lists of options that fields may name."""
    trees = draft.tree.map("options")
    found = {key: read_choices(draft, trees.get(key), ("options", key)) for key in trees.entries}
    return {key: options for key, options in found.items() if options is not None}


# Roles --------------------------------------------------------------------------------------------------------------


def _read_roles(draft: PartialBlueprint) -> dict[str, Role]:
    trees = draft.tree.map("roles")
    included = {key: _read_includes(draft, tree, key) for key, tree in trees.maps()}
    roles: dict[str, Role] = {}
    for key, tree in trees.maps():
        place = trees.key_place(key)
        if draft.is_new and len(roles) == MOST_ROLES:
            draft.report.add("too_many_roles", place, limit=f"{MOST_ROLES:,}")
            break
        if key in ("everyone", "owner", "assignee"):
            draft.report.add("reserved_key", place, key=key)
        closed = _closed(key, included)
        if key in closed and not closed & roles.keys():
            draft.report.add("role_cycle", place, role=key)
        title = read_title(draft.translations, tree, ("roles", key), place)
        roles[key] = Role(key, title, closed - {key}, place)
    return roles


def _read_includes(draft: PartialBlueprint, tree: Map, key: str) -> frozenset[str]:
    roles = draft.tree.map("roles").entries
    found: set[str] = set()
    for scalar in tree.scalars("includes"):
        if scalar.text in roles:
            found.add(scalar.text)
        else:
            meant = suggest(scalar.text, [role for role in roles if role != key])
            draft.report.add("unknown_role", scalar.place, suggestion=meant, name=scalar.text[:60])
    return frozenset(found)


def _closed(key: str, included: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return every role *key* includes, through others too."""
    found: set[str] = set()
    waiting = list(included[key])
    while waiting:
        role = waiting.pop()
        if role not in found:
            found.add(role)
            waiting.extend(included.get(role, ()))
    return frozenset(found)


# Forms --------------------------------------------------------------------------------------------------------------


def _read_form_heads(draft: PartialBlueprint) -> None:
    """Make every form known with its fields' types, so that formulas of one may walk to another, and every table."""
    for key, tree in draft.tree.map("forms").maps():
        if key == "user":
            draft.report.add("reserved_key", draft.tree.map("forms").key_place(key), key=key)
        draft.forms[key] = FormDraft(key, f"{draft.key}.{key}", tree)
    for form in draft.forms.values():
        read_heads(draft, form)
    for form in draft.forms.values():
        read_currencies(draft, form)
        set_types(form)
    declare_tables(draft)
    for form in draft.forms.values():
        read_asked(form)
    for form in draft.forms.values():
        refine_nulls(draft, form)


def _read_rest(draft: PartialBlueprint, written: Map) -> Blueprint:
    forms = {key: _read_form(draft, form) for key, form in draft.forms.items()}
    tables = read_tables(draft, forms)
    messages = _read_messages(draft)
    forms = {key: _derive(draft, form, forms, messages, tables) for key, form in forms.items()}
    forms = with_privacy(forms, draft.find_foreign, draft.roles)
    tree = draft.tree
    title = tree.scalar("title")
    return Blueprint(
        key=draft.key,
        language=1,
        languages=draft.languages,
        title=draft.translations.words(title.text if title else "", (), "title", place=title.place if title else None),
        help=read_text(draft.translations, tree, (), "help"),
        roles=MappingProxyType(draft.roles),
        forms=MappingProxyType(forms),
        tables=MappingProxyType(tables),
        messages=MappingProxyType(messages),
        options=MappingProxyType(dict(draft.options)),
        calendars=MappingProxyType(read_calendars(draft)),
        samples=read_samples(draft),
        scenarios=read_scenarios(draft),
        source=draft.source.text,
        digest=hashlib.sha256(draft.source.text.encode("utf-8", "surrogatepass")).hexdigest(),
        places=MappingProxyType(dict(places_of(written, ()))),
        settle=draft.contexts.settle,
    )


def _read_form(draft: PartialBlueprint, form: FormDraft) -> Form:
    tree, item = form.tree, ("forms", form.key)
    place = draft.tree.map("forms").key_place(form.key)
    facts = read_facts(draft, form)
    scopes = Scopes(draft, form, facts_type(form, facts))
    title = read_title(draft.translations, tree, item, place)
    show = tree.scalar("show")
    fields = finish_fields(draft, form, scopes)
    states = read_states(draft, form, scopes)
    rules = read_rules(draft, form, scopes)
    life: Life = "reference" if tree.text("life") == "reference" else "process"
    return Form(
        blueprint=draft.key,
        key=form.key,
        title=title,
        plural=plural_of(draft, tree, title, item),
        help=read_text(draft.translations, tree, item, "help"),
        icon=tree.text("icon") or DEFAULT_ICON,
        life=life,
        key_field=_key_field(draft, form),
        show=read_template(draft, show, scopes.plain, item, "show", translated=False) if show else None,
        number=read_number(draft, form),
        currency=form.currency,
        fields=MappingProxyType(fields),
        sections=read_sections(draft, form, fields),
        checks=MappingProxyType(read_checks(draft, form, scopes)),
        unique=MappingProxyType(_unique(draft, form)),
        states=MappingProxyType(states),
        ended=MappingProxyType(dict(draft.ended.at("forms", form.key, "states"))),
        actions=MappingProxyType(read_actions(draft, form, scopes)),
        approvals=MappingProxyType(read_approvals(draft, form, scopes)),
        grants=read_grants(draft, form, scopes, states, life),
        amount=_amount(draft, form),
        due=read_due(draft, form, form.tree),
        lists=MappingProxyType(read_lists(draft, form, scopes)),
        rules=MappingProxyType(rules),
        facts=MappingProxyType(facts),
        timers=MappingProxyType(read_timers(draft, form, scopes)),
        place=place,
        was=tree.text("was"),
        retired=tree.is_yes("retired"),
    )


def _key_field(draft: PartialBlueprint, form: FormDraft) -> str | None:
    scalar = form.tree.scalar("key")
    if scalar is None:
        return None
    field = form.fields.get(scalar.text)
    if field is None:
        if (scalar.text,) not in form.broken:
            draft.unknown("unknown_field", scalar, form.fields, form=form.key)
        return None
    if not field.unique or not field.type.can_be_key:
        wanted = "a text, email or number field with unique: yes"
        draft.report.add("wrong_field", scalar.place, name=scalar.text, wanted=wanted)
    return scalar.text


def _unique(draft: PartialBlueprint, form: FormDraft) -> dict[str, tuple[str, ...]]:
    """Return the fields that are unique together, by key."""
    found: dict[str, tuple[str, ...]] = {}
    tree = form.tree.map("unique")
    for key in tree.entries:
        scalars = list(tree.scalars(key))
        names = tuple(dict.fromkeys(scalar.text for scalar in scalars if _may_be_unique(draft, form, scalar)))
        if len(scalars) < 2 and names:
            draft.report.add("unique_alone", tree.key_place(key), field=names[0])
        if len(names) > 1:
            found[key] = names
    return found


def _may_be_unique(draft: PartialBlueprint, form: FormDraft, scalar: Scalar) -> bool:
    field = form.fields.get(scalar.text)
    if field is None:
        if (scalar.text,) not in form.broken:
            draft.unknown("unknown_field", scalar, form.fields, form=form.key)
        return False
    if field.type.has_lines:
        draft.report.add("wrong_field", scalar.place, name=scalar.text, wanted="a field that is no table")
    return not field.type.has_lines


def _amount(draft: PartialBlueprint, form: FormDraft) -> str | None:
    """Return the field that says what a record is about."""
    scalar = form.tree.scalar("amount")
    if scalar is None or (scalar.text,) in form.broken:
        return None
    field = form.fields.get(scalar.text)
    if field is None:
        fitting = [key for key, of in form.fields.items() if of.type.adds_up]
        draft.unknown("unknown_field", scalar, fitting or form.fields, form=form.key)
        return None
    if not field.type.adds_up:
        draft.report.add("wrong_field", scalar.place, name=scalar.text, wanted="a field of money or a number")
        return None
    return field.key


def _derive(
    draft: PartialBlueprint,
    form: Form,
    forms: Mapping[str, Form],
    messages: Mapping[str, BlueprintMessage],
    tables: Mapping[str, Table],
) -> Form:
    """Return the form with what follows from its formulas: order, live fields, links to load."""

    def linked(name: str) -> Mapping[str, Field] | None:
        found = draft.find_form(name)
        if found is None:
            return None
        return forms[found.key].fields if found.foreign is None else found.fields

    order = working_order(form.fields, draft.report, form.facts)
    fields = mark_live(form.fields, order)
    formulas = (*formulas_of(form, messages), *text_formulas(form))
    links = {path for formula, table in formulas for path in link_paths(formula, table, fields, linked)}
    checks, conditions = form.checks, moving_conditions(fields, form.checks, tables, form.facts)
    if draft.edition < 1:
        fields, checks = said_always(conditions, fields, checks)
    return replace(
        form,
        fields=MappingProxyType(fields),
        checks=MappingProxyType(checks),
        conditions=MappingProxyType(
            {}
            if draft.edition < 1
            else {name: reads for name, reads in conditions.items() if not is_always(name, fields, checks)}
        ),
        order=order,
        link_paths=frozenset(links),
        tables=MappingProxyType(called_tables(form, messages, tables)),
        messages=MappingProxyType(sent_messages(form, messages)),
    )


# Messages and places ------------------------------------------------------------------------------------------------


def _read_messages(draft: PartialBlueprint) -> dict[str, BlueprintMessage]:
    """Return the messages, each checked in every place it is sent from."""
    messages: dict[str, BlueprintMessage] = {}
    for key, entry in draft.tree.map("messages").entries.items():
        tree = entry.value
        if isinstance(tree, Scalar):
            messages[key] = BlueprintMessage(_message_text(draft, key, "message", tree), None, tree.place)
        elif isinstance(tree, Map):
            subject, body = tree.scalar("subject"), tree.scalar("body")
            if subject is not None and body is not None:
                line = _message_text(draft, key, "subject", subject)
                messages[key] = BlueprintMessage(line, _message_text(draft, key, "body", body), entry.key.place)
    return messages


def _message_text(draft: PartialBlueprint, key: str, attribute: str, text: Scalar) -> Template:
    """Return a text of the message *key* with its translations, checked in every place it is sent from."""
    scopes = draft.message_scopes.get(key, [])
    first = scopes[0] if scopes else draft.scope({})
    texts = {draft.language: text}
    missing: list[str] = []
    for language, found in draft.translations.others(("messages", key), attribute, "message"):
        if found is None:
            missing.append(language)
        else:
            texts[language] = found
    draft.translations.tell_missing(text.place, ("messages", key), attribute, missing)
    for scope in scopes[1:]:
        for each in texts.values():
            template_pieces(draft, each, scope)
    pieces = {language: template_pieces(draft, each, first, tells=bool(scopes)) for language, each in texts.items()}
    return Template(Words({language: each.text for language, each in texts.items()}), pieces, text.place)


def places_of(tree: Tree, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Place]]:
    """Yield every item of a tree with its place: keys where they stand, items of lists where they begin."""
    if isinstance(tree, Map):
        for key, entry in tree.entries.items():
            yield (*path, key), entry.key.place
            yield from places_of(entry.value, (*path, key))
    elif isinstance(tree, List):
        for number, item in enumerate(tree.items):
            yield (*path, str(number)), item.place
            yield from places_of(item, (*path, str(number)))
