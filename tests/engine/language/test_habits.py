"""What authors bring from spreadsheets, SQL and programming languages: each mistake is told with what to write."""

from __future__ import annotations

from pathlib import Path

from blankett.engine.checks import check_blueprint

GOLDEN = Path(__file__).with_name("habits.txt")
SHOP = """
blueprint: shop
language: 1
title: Shop
roles: {{sales: {{}}, boss: {{}}}}
forms:
  device:
    life: reference
    key: code
    fields:
      code: {{type: text, required: yes, unique: yes}}
    grants: [{{who: everyone, may: all}}]
  order:
    currency: EUR
    fields:
      day: {{type: date, required: yes}}
      until: {{type: date, required: yes}}
      n: {{type: number, required: yes}}
      m: {{type: number}}
      t: {{type: text, required: yes}}
      urgent: {{type: yes_no, default: no}}
      kind: {{type: choice, options: [a, b, c d], required: yes}}
      device: {{type: link, to: device, required: yes}}
      lines: {{type: table, fields: {{qty: {{type: number, required: yes}}}}}}
      {field}
    states: {{s: {{start: true}}, e: {{final: true}}}}
    actions:
      go: {{from: s, to: e, by: {by}{action}}}
    grants: [{{who: everyone, may: all}}, {{who: [sales, boss], may: view}}]
"""
#: Conditions, as the guard of an action.
CONDITIONS = (
    "(until - day) > 5",
    'kind = "a" or "b"',
    'kind != "a" and "b"',
    "n = 1 or 2",
    "urgent = yes",
    'urgent = "yes"',
    "kind = a",
    "kind in (a, b)",
    "device is not null",
    "device is null",
    "t is not empty",
    'kind is "a"',
    'day > "2026-01-01"',
    "day > 2026-01-01",
    "day = 31.12.2026",
    "day = today + 1",
    "day > today",
    "day > TODAY()",
    "day > now()",
    "day = yesterday()",
    'n = ""',
    'n = "3"',
    "n = undefined",
    "n = NULL",
    "urgent = TRUE",
    "n > 1 AND n < 3",
    "n == 3",
    "n <> 3",
    "n ≥ 3",
    "n > 1 && urgent",
    "!urgent",
    "not urgent",
    "n in 1..3",
    't like "A%"',
    't contains "A"',
    't starts with "A"',
    "isblank(t)",
    "exists(device)",
    'user.role = "boss"',
    'has role("boss")',
    'device = "X"',
    'device.name = "X"',
    'record.status = "s"',
    "kind = 'a'",
    "n > 1,5",
)
#: (type of the field, the formula it is computed by).
COMPUTED = (
    ("date", "day + 7"),
    ("date", "day + n"),
    ("date", "day - 7"),
    ("date", 'day + "P7D"'),
    ("date", "day + 7 days"),
    ("date", 'day + duration("7 days")'),
    ("date", "dateadd(day, 7)"),
    ("number", "until - day"),
    ("number", "until - day + 1"),
    ("number", "datediff(until, day)"),
    ("number", "days between(day, until)"),
    ("number", "IF(urgent, 1, 2)"),
    ("number", "If urgent then 1 else 2"),
    ("number", "if urgent then 1"),
    ("number", "if urgent then 1 elif n > 1 then 2 else 3"),
    ("number", "urgent ? 1 : 2"),
    ("number", "case when urgent then 1 else 2 end"),
    ("number", "SUM(lines.qty)"),
    ("number", "AVG(lines.qty)"),
    ("number", "lines.count"),
    ("number", "lines.length"),
    ("number", "length(lines)"),
    ("number", "len(t)"),
    ("number", "coalesce(m, 0)"),
    ("number", "nvl(m, 0)"),
    ("number", "round(n)"),
    ("number", "n % 2"),
    ("number", "n mod 2"),
    ("number", "pow(n, 2)"),
    ("number", "n ^ 2"),
    ("number", "year(day)"),
    ("number", "day.getMonth()"),
    ("number", "weekday(day)"),
    ("number", "lines.qty"),
    ("number", "t"),
    ("text", 'format date(day, "D.M.YYYY")'),
    ("text", 't & "x"'),
    ("text", "t + n"),
    ("text", 'concat(t, "x", t)'),
    ("text", "t.toUpperCase()"),
    ("text", "upper(t)"),
    ("text", "left(t, 2)"),
    ("text", "day"),
    ("text", "n"),
)
TYPES = "textarea string integer boolean select lookup person currency grid".split()
#: Whole fields, people and actions.
OTHERS = (
    {"field": "x: {type: date, default: today}"},
    {"field": "x: {type: date, default: today()}"},
    {"field": "x: {type: user, default: current_user}"},
    {"field": "x: {type: text, label: Name}"},
    {"field": "x: {type: text, description: What it is}"},
    {"field": "x: {type: text, mandatory: yes}"},
    {"field": "x: {type: number, formula: n * 2}"},
    {"field": "x: {type: choice, values: [a]}"},
    {"by": "[sales, device.owner]"},
    {"action": ", condition: n > 1"},
    {"action": ", inputs: {why: {type: text}}"},
    {"action": ", effects: [{notify: {to: boss, message: hi}}]"},
)


def said(**parts: str) -> list[str]:
    """Return what the checker says, without places."""
    source = SHOP.format(**{"field": "x: {type: text}", "by": "everyone", "action": ""} | parts)
    return [f"{problem.id} {problem.text()}" for problem in check_blueprint(source).problems]


def test_every_mistake_is_told_with_what_to_write(regenerate: bool) -> None:
    cases = [(formula, {"action": f", when: '{formula.replace(chr(39), chr(39) * 2)}'"}) for formula in CONDITIONS]
    cases += [
        (f"{type_}: {formula}", {"field": f"x:\n        type: {type_}\n        compute: |\n          {formula}"})
        for type_, formula in COMPUTED
    ]
    cases += [(f"type: {name}", {"field": f"x: {{type: {name}}}"}) for name in TYPES]
    cases += [(" ".join(part.lstrip(", ") for part in parts.values()), parts) for parts in OTHERS]
    found = {case: said(**parts) for case, parts in cases}
    text = "".join(f"{case}\n{''.join(f'    {line}{chr(10)}' for line in lines)}" for case, lines in found.items())
    if regenerate:
        GOLDEN.write_text(text, encoding="utf-8")
    assert all(found.values())
    assert text == GOLDEN.read_text(encoding="utf-8")
