"""Fields: first their types and options, so that any formula can be checked against them, then their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from blankett.engine import feel
from blankett.engine.feel.types import not_null, or_null
from blankett.engine.fields import COMING_TYPES, TYPES_BY_NAME, suggested_type
from blankett.engine.fields.base import FieldType, TypeOption
from blankett.engine.fields.locale_formats import currencies
from blankett.engine.language.loader.clocks import read_clock
from blankett.engine.language.loader.formulas import (
    CONDITION,
    constant_formula,
    is_flag,
    is_formula,
    read_condition,
    read_formula,
    read_result,
    read_setting,
    read_template,
    read_words,
)
from blankett.engine.language.loader.partial_blueprint import FormDraft, PartialBlueprint, field_type
from blankett.engine.language.loader.scopes import FieldScopes, Scopes, where_scope
from blankett.engine.language.loader.translations import read_text, read_title, title_of_key
from blankett.engine.language.model import Field, FieldCheck, Formula, Option
from blankett.engine.language.problems import in_words, suggest
from blankett.engine.language.source import NO_WORDS, List, Map, RefusedTree, Scalar, Tree

#: Stands for a type that is not known, so that the field still has a name.
ANY_TYPE = TYPES_BY_NAME["text"]

Item = tuple[str, ...]


# Heads: types and options -------------------------------------------------------------------------------------------


def read_heads(draft: PartialBlueprint, form: FormDraft) -> None:
    """Give a form its fields with types and options, without formulas."""
    item: Item = ("forms", form.key, "fields")
    for key, tree in form.tree.map("fields").maps():
        form.fields[key] = read_head(draft, form, tree, (*item, key))
    for key, refused in form.tree.map("fields").entries.items():
        if key not in form.fields and isinstance(refused.value, RefusedTree):
            form.broken.add((key,))
    for key, tree in form.tree.map("actions").maps():
        asked = tree.map("ask").maps()
        path: Item = ("forms", form.key, "actions", key, "ask")
        form.asks[key] = {name: read_head(draft, form, ask, (*path, name), is_ask=True) for name, ask in asked}


def read_asked(form: FormDraft) -> None:
    """Note of every field and column when it is shown and must be filled in, as far as its keys can be read."""
    for key, of in form.fields.items():
        for path in ((key,), *((key, name) for name in of.columns)):
            tree = field_tree(form, path)
            required, visible = tree.scalar("required"), tree.scalar("visible")
            conditions = [scalar for scalar in (required, visible) if scalar is not None and is_flag(scalar) is None]
            if is_flag(required) is False or required is None or not conditions:
                continue
            try:
                parsed = [feel.parse_expression(scalar.text.removeprefix("=")) for scalar in conditions]
            except feel.FeelSyntaxError:
                continue
            form.asked[path] = feel.asked_for(parsed)


def read_head(
    draft: PartialBlueprint, form: FormDraft, tree: Map, item: Item, *, table: str | None = None, is_ask: bool = False
) -> Field:
    """Return a field with its type and options, without formulas."""
    key = item[-1]
    place = tree.place
    type_ = _read_type(draft, tree)
    if type_ is None:
        form.broken.add((table, key) if table else (key,))
    head = Field(
        key=key,
        type=type_ or ANY_TYPE,
        title=read_title(draft.translations, tree, item, place),
        help=None,
        place=place,
        table=table,
        required=is_flag(tree.scalar("required")) or False,
        editable=True,
        unique=tree.is_yes("unique"),
        index=tree.is_yes("index"),
        binds=tree.text("binds") or "written",
        internal=tree.is_yes("internal") if tree.get("internal") is not None else None,
        retired=tree.is_yes("retired"),
        was=tree.text("was"),
    )
    if type_ is None:
        return head
    if type_.has_lines and table is not None:
        draft.report.add("table_in_table", tree.key_place("type"))
    columns: dict[str, Field] = {}
    if type_.has_lines and table is None:
        for name, column in tree.map("fields").maps():
            columns[name] = read_head(draft, form, column, (*item, "fields", name), table=key, is_ask=is_ask)
    options = {
        option.key: value for option in type_.options if (value := _read_option(draft, tree, option, item)) is not None
    }
    options.pop("fields", None)
    shared = option_list(draft, tree)
    unit, message = tree.scalar("unit"), tree.scalar("pattern_message")
    if message is not None and tree.get("pattern") is None:
        draft.report.add("needs_key", message.place, key="pattern_message", other="pattern")
    return replace(
        head,
        options=MappingProxyType(options),
        columns=MappingProxyType(columns),
        option_list=shared,
        ended=MappingProxyType(dict(draft.ended.at(*(("options", shared) if shared else (*item, "options"))))),
        # Most units are the same everywhere (kg), so one that is not translated is nothing to tell of.
        unit=draft.translations.words(unit.text, item, "unit") if unit else None,
        pattern_message=read_text(draft.translations, tree, item, "pattern_message"),
    )


def _read_type(draft: PartialBlueprint, tree: Map) -> FieldType | None:
    scalar = tree.scalar("type")
    if scalar is None:
        return None
    found = TYPES_BY_NAME.get(scalar.text)
    if found is None and scalar.text in COMING_TYPES:
        draft.report.add("not_yet", scalar.place, what=scalar.text)
    elif found is None:
        meant = suggested_type(scalar.text) or suggest(scalar.text.casefold(), TYPES_BY_NAME)
        draft.report.add(
            "unknown_type", scalar.place, suggestion=meant, name=scalar.text[:60], types=in_words(TYPES_BY_NAME)
        )
    return found


def _read_option(draft: PartialBlueprint, tree: Map, option: TypeOption, item: Item) -> object:
    """Return the value of an option that needs no scope; formulas and values come later."""
    if option.kind == "choices":
        choices = tree.get(option.key)
        if isinstance(choices, Scalar):
            return _shared_choices(draft, choices)
        return read_choices(draft, choices, (*item, option.key))
    scalar = tree.scalar(option.key)
    if scalar is None:
        return None
    if option.kind == "whole":
        return int(scalar.text)
    if option.kind == "yes_no":
        return tree.is_yes(option.key)
    if option.kind == "form":
        found = draft.check_form(scalar)
        return found.name if found else draft.full_name(scalar.text)
    if option.kind == "role":
        return draft.check_role(scalar)
    return scalar.text if option.kind in ("text", "pattern", "word") else None


def _shared_choices(draft: PartialBlueprint, scalar: Scalar) -> Mapping[str, Option] | None:
    """Return the options of the list that a field names."""
    found = draft.options.get(scalar.text)
    if found is None:
        draft.unknown("unknown_option_list", scalar, draft.options)
    return found


def option_list(draft: PartialBlueprint, tree: Map) -> str | None:
    """Return the list that a field's options are from, or None where it has its own."""
    scalar = tree.get("options")
    return scalar.text if isinstance(scalar, Scalar) and scalar.text in draft.options else None


def read_choices(draft: PartialBlueprint, tree: Tree | None, item: Item) -> Mapping[str, Option] | None:
    if isinstance(tree, List):
        return _listed_choices(draft, tree, item)
    if not isinstance(tree, Map):
        return None
    options: dict[str, Option] = {}
    for key, entry in tree.entries.items():
        path = (*item, key)
        if isinstance(entry.value, Scalar):
            options[key] = Option(key, draft.translations.words(entry.value.text, path, place=entry.value.place))
        elif isinstance(entry.value, Map):
            title = read_title(draft.translations, entry.value, path, entry.key.place)
            options[key] = Option(key, title, entry.value.is_yes("retired"), entry.value.text("was"))
    return MappingProxyType(options)


def _listed_choices(draft: PartialBlueprint, tree: List, item: Item) -> Mapping[str, Option]:
    """Return options that are only keys: codes such as EUR stand for themselves, words are made into titles."""
    options: dict[str, Option] = {}
    for scalar in tree.items:
        if not isinstance(scalar, Scalar):
            continue
        key = scalar.text
        if key in options or not key:
            draft.report.add("duplicate_option", scalar.place, key=key)
            continue
        is_word = key == key.lower() and key.isidentifier()
        title = title_of_key(key) if is_word else key
        options[key] = Option(
            key, draft.translations.words(title, (*item, key), place=scalar.place if is_word else None)
        )
    return MappingProxyType(options)


# Currencies and static types ------------------------------------------------------------------------------------------


def read_currencies(draft: PartialBlueprint, form: FormDraft) -> None:
    """Tell every amount of a form where its currency is read, then give every field its static type."""
    scalar = form.tree.scalar("currency")
    default = _read_currency(draft, form, scalar, None, None) if scalar else None
    form.currency = scalar.text if scalar and default is not None else None
    trees = form.tree.map("fields")
    for key, head in form.fields.items():
        tree = trees.map(key)
        columns = {
            name: _with_currency(draft, form, column, tree.map("fields").map(name), default, head)
            for name, column in head.columns.items()
        }
        head = replace(head, columns=MappingProxyType(columns)) if columns else head
        form.fields[key] = _with_currency(draft, form, head, tree, default, None)
    for action, asked in form.asks.items():
        asks = form.tree.map("actions").map(action).map("ask")
        for key, head in asked.items():
            asked[key] = _with_currency(draft, form, head, asks.map(key), default, None, asked)
    set_types(form)


def _with_currency(
    draft: PartialBlueprint,
    form: FormDraft,
    of: Field,
    tree: Map,
    default: str | tuple[str, ...] | None,
    table: Field | None,
    asked: Mapping[str, Field] | None = None,
) -> Field:
    if not of.type.has_currency:
        return of
    scalar = tree.scalar("currency")
    found = _read_currency(draft, form, scalar, table, asked) if scalar else default
    if scalar is None and isinstance(default, tuple) and table is not None:
        found = ("parent", *default)
    if found is None and scalar is None and form.tree.scalar("currency") is None:
        draft.report.add("no_currency", tree.key_place("type"), field=of.key)
    written = {"currency": scalar.text} if scalar is not None and found is not None else {}
    return replace(of, currency=found, options=MappingProxyType({**of.options, **written}))


def _read_currency(
    draft: PartialBlueprint, form: FormDraft, scalar: Scalar, table: Field | None, asked: Mapping[str, Field] | None
) -> str | tuple[str, ...] | None:
    """Return the code, or the path of the field that holds it, from a field's own scope."""
    name = scalar.text
    if asked and name in asked:
        return ("inputs", name)
    if table is not None and name in table.columns:
        return (name,)
    if name in form.fields or (name,) in form.broken:
        found = form.fields.get(name)
        if found and not found.type.holds_code:
            draft.report.add("wrong_field", scalar.place, name=name, wanted="a choice or text field")
        return ("parent", name) if table is not None else (name,)
    if name in currencies():
        return name
    known = [key for key, found in form.fields.items() if found.type.holds_code]
    draft.unknown("unknown_currency", scalar, known)
    return None


def set_types(form: FormDraft) -> None:
    """Give every field its static type; whether a computed one may be null is found out later."""
    for key, found in form.fields.items():
        columns = form.column_types.setdefault(key, {})
        for name, column in found.columns.items():
            columns[name] = feel.Any() if (key, name) in form.broken else _head_type(form, column, (key, name))
        if found.columns:
            columns["id"] = feel.Text()
        form.types[key] = feel.Any() if (key,) in form.broken else _head_type(form, found, (key,), columns)
    for path in form.broken:
        if len(path) == 1:
            form.types.setdefault(path[0], feel.Any())


def _head_type(
    form: FormDraft, of: Field, path: tuple[str, ...], columns: dict[str, feel.Type] | None = None
) -> feel.Type:
    tree = field_tree(form, path)
    found = field_type(of, columns)
    if isinstance(found, feel.ListOf):
        return found
    is_shown = is_flag(tree.scalar("visible")) is True or tree.get("visible") is None
    # What nobody can clear keeps its default: a box that is ticked or not, a field that only effects change.
    is_kept = not of.type.is_clearable or tree.text("editable") in NO_WORDS
    has_default = is_kept and tree.get("default") is not None
    return not_null(found) if is_shown and (of.required is True or has_default) else or_null(found)


def field_tree(form: FormDraft, path: tuple[str, ...]) -> Map:
    """Return the tree of the field or column at *path*."""
    tree = form.tree.map("fields").map(path[0])
    return tree if len(path) == 1 else tree.map("fields").map(path[1])


# Formulas ------------------------------------------------------------------------------------------------------------


def finish_fields(draft: PartialBlueprint, form: FormDraft, scopes: Scopes) -> dict[str, Field]:
    """Return the fields of a form with their formulas."""
    finished: dict[str, Field] = {}
    for key, head in form.fields.items():
        path = ("forms", form.key, "fields", key)
        columns = {
            name: finish_field(
                draft, form, column, field_tree(form, (key, name)), scopes.of((key, name)), (*path, "fields", name)
            )
            for name, column in head.columns.items()
        }
        head = replace(head, columns=MappingProxyType(columns)) if columns else head
        finished[key] = finish_field(draft, form, head, field_tree(form, (key,)), scopes.of((key,)), path)
    return finished


def finish_asks(
    draft: PartialBlueprint, form: FormDraft, action: str, scope: feel.Scope, before: feel.Scope
) -> dict[str, Field]:
    """Return what an action asks, with formulas that see the form's fields, `inputs` and `user`.

    *before* is what is known before anything is answered: what helps may say.
    """
    tree = form.tree.map("actions").map(action).map("ask")
    item: Item = ("forms", form.key, "actions", action, "ask")
    finished: dict[str, Field] = {}
    for key, head in form.asks.get(action, {}).items():
        scopes = FieldScopes(scope, scope, scope, before)
        finished[key] = finish_field(draft, form, head, tree.map(key), scopes, (*item, key))
    return finished


def finish_field(
    draft: PartialBlueprint, form: FormDraft, head: Field, tree: Map, scopes: FieldScopes, item: Item
) -> Field:
    """Return a field with its formulas, values and options that are formulas."""
    plain = scopes.plain
    _refuse_pairs(draft, tree, head)
    if head.type.runs_by_itself and not _is_of_form(form, head):
        draft.report.add("clock_misplaced", tree.key_place("type"))
    visible = _read_visible(draft, tree.scalar("visible"), plain)
    required = _flag_or_formula(draft, tree, "required", plain, False, visible)
    default = tree.scalar("default")
    return replace(
        head,
        help=read_words(draft, tree, item, "help", scopes.help or plain),
        required=required,
        visible=visible,
        editable=_flag_or_formula(draft, tree, "editable", plain, True, visible),
        default=read_setting(draft, default, head, scopes.default) if default else None,
        compute=_result(draft, tree, "compute", head, scopes.compute or plain),
        fill=_result(draft, tree, "fill", head, plain),
        check=_read_check(draft, tree, scopes.check, item, visible),
        private=_read_private(draft, tree),
        declassify=frozenset(_known_paths(draft, form, tree, "declassify")),
        snapshot=tuple(_known_states(draft, form, tree)),
        options=MappingProxyType({**head.options, **_late_options(draft, form, head, tree, plain)}),
    )


def _refuse_pairs(draft: PartialBlueprint, tree: Map, head: Field) -> None:
    if head.type.runs_by_itself:
        for other in ("compute", "default", "fill", "required", "editable", "unique", "check"):
            if other in tree.entries:
                draft.report.add("not_together", tree.key_place(other), one=f"type: {head.type.name}", other=other)
    elif "compute" in tree.entries:
        for other in ("default", "fill", "required", "unique"):
            if other in tree.entries:
                draft.report.add("not_together", tree.key_place(other), one="compute", other=other)
    elif "snapshot" in tree.entries:
        draft.report.add("needs_key", tree.key_place("snapshot"), key="snapshot", other="compute")


def _is_of_form(form: FormDraft, head: Field) -> bool:
    """Tell whether a field is one of a form with states: no column, and nothing that an action asks."""
    return form.fields.get(head.key) is head and bool(form.states)


def _read_visible(draft: PartialBlueprint, scalar: Scalar | None, scope: feel.Scope) -> Formula | None:
    """Return when a field is shown; None for always, and a formula that never holds for `no`."""
    flag = is_flag(scalar) if scalar is not None else True
    if flag is None:
        return read_condition(draft, scalar, scope)
    return None if flag or scalar is None else constant_formula("false", scalar, scope)


def _flag_or_formula(
    draft: PartialBlueprint, tree: Map, key: str, scope: feel.Scope, otherwise: bool, visible: Formula | None
) -> bool | Formula:
    scalar = tree.scalar(key)
    if scalar is None:
        return otherwise
    flag = is_flag(scalar)
    if flag is not None:
        return flag
    start = 1 if is_formula(scalar) else 0
    found = read_formula(draft, scalar, scope, CONDITION, start=start, warns=True, given=visible)
    return otherwise if found is None else found


def _result(draft: PartialBlueprint, tree: Map, key: str, head: Field, scope: feel.Scope) -> Formula | None:
    scalar = tree.scalar(key)
    if scalar is None:
        return None
    return read_result(draft, scalar, head, scope, start=1 if is_formula(scalar) else 0)


def _read_check(
    draft: PartialBlueprint, tree: Map, scope: feel.Scope, item: Item, visible: Formula | None
) -> FieldCheck | None:
    check = tree.map("check")
    # What is hidden or empty is not checked.
    that = read_condition(draft, check.scalar("that"), scope, given=visible, there=item[-1:])
    if that is None:
        return None
    message = check.scalar("message")
    path = (*item, "check")
    template = read_template(draft, message, scope, path, "message") if message else None
    return FieldCheck(that, template, check.text("binds") or "written")


def _read_private(draft: PartialBlueprint, tree: Map) -> frozenset[str] | None:
    if tree.get("private") is None:
        return None
    return frozenset(role for scalar in tree.scalars("private") if (role := draft.check_role(scalar)))


def _known_paths(draft: PartialBlueprint, form: FormDraft, tree: Map, key: str) -> list[str]:
    found: list[str] = []
    for scalar in tree.scalars(key):
        if _leads_somewhere(draft, form, tuple(scalar.text.split("."))) or check_path(draft, form, scalar):
            found.append(scalar.text)
    return found


def _leads_somewhere(draft: PartialBlueprint, form: FormDraft, path: tuple[str, ...]) -> bool:
    """Tell whether a path such as ``lines.product.cost_price`` leads through links to a field, or names a fact."""
    if path[0] == "facts" and len(path) == 2:
        return path[1] in form.tree.map("facts").entries
    for length in (2, 1):
        own = form.find(path[:length]) if len(path) > length else None
        if own is not None and own.links_to is not None:
            other = draft.find_form(own.links_to)
            rest = path[length:]
            return other is None or other.find(rest) is not None or _leads_somewhere(draft, other, rest)
    return False


def check_path(draft: PartialBlueprint, form: FormDraft, scalar: Scalar) -> tuple[str, ...] | None:
    """Return the path a scalar such as ``lines.price`` names; a field that does not exist is a problem."""
    path = tuple(scalar.text.split("."))
    if len(path) <= 2 and (form.find(path) is not None or path[:1] in form.broken):
        return path
    draft.unknown("unknown_field", scalar, field_names(form), form=form.key)
    return None


def field_names(form: FormDraft) -> list[str]:
    """Return the fields of a form, and its columns as ``lines.price``."""
    columns = [f"{key}.{name}" for key, found in form.fields.items() for name in found.columns]
    return [*form.fields, *columns]


def _known_states(draft: PartialBlueprint, form: FormDraft, tree: Map) -> list[str]:
    return [state for scalar in tree.scalars("snapshot") if (state := check_state(draft, form, scalar))]


def check_state(draft: PartialBlueprint, form: FormDraft, scalar: Scalar) -> str | None:
    """Return the state a scalar names; one that does not exist is a problem."""
    if scalar.text in form.states:
        return scalar.text
    if form.actions and not form.states:
        # That the form has no states at all is told once.
        return None
    draft.unknown("unknown_state", scalar, form.states, form=form.key)
    return None


def _late_options(
    draft: PartialBlueprint, form: FormDraft, head: Field, tree: Map, scope: feel.Scope
) -> dict[str, object]:
    """Return the options that are values or formulas: bounds and `where`."""
    late: dict[str, object] = {}
    for option in head.type.options:
        scalar = tree.scalar(option.key)
        if scalar is None:
            continue
        if option.kind == "value":
            setting = read_setting(draft, scalar, replace(head, options=MappingProxyType({})), scope)
            if setting is not None:
                late[option.key] = setting.formula or setting.constant
        elif option.kind == "formula":
            late[option.key] = _read_where(draft, form, head, scalar)
    if head.type.runs_by_itself:
        late.update(read_clock(draft, form, head, tree, scope))
    _check_bounds(draft, tree, late if late.keys() & {"min", "max"} else head.options)
    return {key: value for key, value in late.items() if value is not None}


def _read_where(draft: PartialBlueprint, form: FormDraft, head: Field, scalar: Scalar) -> Formula | None:
    other = draft.find_form(str(head.options.get("to")))
    scope = where_scope(draft, other, form, head.table)
    return read_condition(draft, scalar, scope, warns=False)


def _check_bounds(draft: PartialBlueprint, tree: Map, options: Mapping[str, object]) -> None:
    least, most = options.get("min"), options.get("max")
    if least is None or most is None or isinstance(least, Formula) or isinstance(most, Formula):
        return
    if type(least) is type(most) and least > most:  # type: ignore[operator]
        draft.report.add("bounds_crossed", tree.key_place("max"), least=tree.text("min"), most=tree.text("max"))
