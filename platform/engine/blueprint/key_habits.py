"""Keys as other tools call them, and what they are called here: suggested where a key is not known."""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: Key here → what it is called elsewhere. Of several keys that one word may mean, the first that fits is suggested.
KEYS: Mapping[str, str] = {
    "title": "label name caption heading display_name",
    "help": "description desc hint tooltip placeholder info comment doc",
    "required": "mandatory obligatory needed not_null",
    "editable": "readonly read_only locked disabled writable",
    "visible": "hidden show_if visible_if display_if shown_if visible_when",
    "when": "if condition guard only_if enabled_if",
    "that": "if condition must rule assert formula expression",
    "where": "filter condition filters criteria if",
    "compute": "formula expression expr calculate calculated calc computed value",
    "default": "default_value initial_value initial",
    "options": "values choices items enum allowed_values",
    "start": "initial begin first is_start",
    "final": "end terminal last is_final done closed",
    "by": "role roles users allowed who actor actors performed_by",
    "who": "role roles user users by to group groups",
    "may": "can allow rights right permissions permission verbs",
    "fields": "columns properties attributes inputs",
    "columns": "fields show display",
    "sort": "order order_by sort_by orderby",
    "states": "statuses status stages steps",
    "actions": "transitions buttons workflow commands events",
    "grants": "permissions access rights acl security",
    "checks": "validations validation validate constraints validators",
    "lists": "views reports tables",
    "ask": "inputs questions params parameters prompt input",
    "effects": "then do does on_enter side_effects",
    "then": "do effects outcome outcomes actions",
    "to": "target next into goto form reference state",
    "from": "source in states state when_in",
    "send": "message text template",
    "role": "to recipients roles group",
    "user": "person recipient people",
    "message": "error text error_message msg warning",
    "confirm": "confirmation are_you_sure confirm_text",
    "in": "inputs input conditions when",
    "out": "outputs output results result then",
    "rows": "rules lines entries",
    "hit": "policy hit_policy",
    "decimals": "precision scale places digits",
    "pattern": "regex regexp format mask",
    "min": "minimum min_value from",
    "max": "maximum max_value",
    "max_length": "maxlength length size max_len",
    "unit": "suffix uom units",
    "key": "code primary_key id_field",
    "show": "title_template display_title record_title",
    "plural": "title_plural plural_title names",
    "number": "numbering sequence counter",
    "private": "confidential visible_to secret",
    "at": "on point trigger",
    "includes": "inherits extends parent",
}


def meant_key(name: str, free: Collection[str]) -> str | None:
    """Return the key among *free* that *name* is called elsewhere, or None."""
    found = name.lower().replace("-", "_").replace(" ", "_")
    return next((key for key, names in KEYS.items() if key in free and found in names.split()), None)
