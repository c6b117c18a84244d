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
    "n >= 5 && n <= 10",
    "n between(1, 5)",
    "n in {1, 2}",
    "n not in (1, 2)",
    "n in range(1, 5)",
    'kind = "a", "b"',
    'kind.equals("a")',
    "OR(n > 1, urgent)",
    "ODER(n > 1, urgent)",
    "WENN(urgent, true, false)",
    "ISTLEER(t)",
    "n > 1 und urgent",
    "n > 1 oder urgent",
    "urgent = ja",
    "urgent = wahr",
    '"A" in t',
    't in "ABC"',
    't =~ "^A"',
    're.match("^A", t)',
    "empty(t)",
    "not(t)",
    "t",
    "day < date.today()",
    'day = "today"',
    'day > "1.2.2026"',
    "day.year() = 2026",
    "JAHR(day) = 2026",
    "HEUTE() > day",
    "day > date(2026-01-01)",
    "sum(lines[].qty) > 5",
    "lines.qty > 5",
    "some lines.qty > 5",
    "all(l.qty > 0 for l in lines)",
    "[l.qty for l in lines]",
    "exists l in lines where l.qty > 5",
    "device.code = A",
    "order.n > 3",
    "doc.n > 3",
    "this.n > 3",
    "$n > 3",
    "{n} > 3",
    "${n > 3}",
    "n > 1.000,50",
    "n > 1,000",
    "n > 1'000",
    "n > 1_000",
    "n > 1 000",
    "n > 10%",
    "n > 5 €",
    "n > EUR 5",
    "n 》 3",
    "（n > 3）",
    "n > 3；",
    "n := 3",
    "user.name = anna",
    "record.created > today()",
    "record.owner = user.id",
    "n != old",
    "changed(n)",
    'status = "s"',
    'time() > "12:00"',
    "matches(t, /^A/)",
    "count(lines.qty > 1) > 0",
    'COUNTIF(lines.qty, ">5") > 0',
    "SVERWEIS(t, lines, 2)",
    "SUMME(lines.qty) > 1",
    "n > 3 且 urgent",
    "n > 3 或者 urgent",
    "urgent = 是",
    "n isnot null",
    "urgent = 1",
    "n = NaN",
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
    ("number", "n * 19%"),
    ("number", "lines.sum(qty)"),
    ("number", 'sum(lines, "qty")'),
    ("number", "lines.qty.sum()"),
    ("number", "sum(qty for qty in lines)"),
    ("number", "{n} * {m}"),
    ("number", "urgent and 1 or 2"),
    ("number", "wenn urgent dann 1 sonst 2"),
    ("number", "如果 urgent 那么 1 否则 2"),
    ("number", "round(n, 2)"),
    ("number", "n.round(2)"),
    ("number", "math.ceil(n)"),
    ("number", "decimal(n)"),
    ("number", "(until - day) / 7"),
    ("number", "(until - day).days()"),
    ("number", "5 // 2"),
    ("number", "n ?? 0"),
    ("number", "n or 0"),
    ("number", "sum(lines)"),
    ("text", '"Order {n}"'),
    ("text", "Order"),
    ("text", 'day.strftime("%d")'),
    ("text", 'string(n, "0.00")'),
    ("text", 'concatenate(t, "x")'),
    ("text", "t[0:3]"),
    ("date", '"2026-01-01"'),
    ("date", "2026-01-01"),
    ("date", "day + P7D"),
    ("date", "day + duration(7)"),
    ("date", "day + days(7)"),
    ("date", "day.addDays(7)"),
    ("date", 'date("today")'),
    ("date", "datetime.date.today()"),
    ("yes_no", "1"),
    ("money", "n * 2 EUR"),
)
TYPES = (
    *"textarea string integer boolean select lookup person currency grid TEXT Data zahl ja_nein 文本".split(),
    "Small Text",
)
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
    {"field": "x: text"},
    {"field": "x: {type: text, required: ja}"},
    {"field": "x: {type: text, reqd: 1}"},
    {"field": "x: {type: text, depends_on: urgent}"},
    {"field": "x: {type: text, validate: n > 3}"},
    {"field": "x: {type: text, check: n > 3}"},
    {"field": "x: {type: choice, options: [{value: a, label: A}]}"},
    {"field": "x: {type: percent, max: 1.0, default: 0.19}"},
    {"field": "x: {type: link, options: device}"},
    {"field": 'x: {type: link, to: device, where: device.code = "A"}'},
    {"field": "x: {type: table, fields: [a, b]}"},
    {"field": "x: {type: table, fields: [{name: a, type: text}]}"},
    {"field": "x: {type: text, private: boss}"},
    {"field": "größe: {type: number}"},
    {"field": "x: {type: table, fields: {d: {type: link, to: device, where: code = this.t}}}"},
    {"by": "[sales, device.owner]"},
    {"by": "record.owner"},
    {"by": "'sales, boss'"},
    {"action": ", when: '= n > 3'"},
    {"action": ", effects: notify boss"},
    {"action": ", effects: {set: {n: 1}}"},
    {"action": ", ask: [why]"},
    {"action": ", condition: n > 1"},
    {"action": ", inputs: {why: {type: text}}"},
    {"action": ", effects: [{notify: {to: boss, message: hi}}]"},
)


#: Whole parts of a form, and of the blueprint below it.
PARTS = (
    "    checks: ['n > 3']",
    "    checks: {c: n > 3}",
    "    sections: {head: [day, n]}",
    "    lists: {all: [day, n]}",
    "    unique: [day, n]",
    "    number: SO-####",
    "      - {who: sales, may: [read, write, remove]}",
    "samples: {order: {first: {n: 1}}}",
    "scenarios: {s: {as: anna (sales), steps: [{as: ben (boss), do: go}]}}",
    "tables: {d: {in: {n: number}, out: {x: text}, hit: FIRST, rows: [['> 1 and <= 5', a], ['7..9', b], [else, c]]}}",
    "tables: {d: {in: {n: number}, out: {x: text}, rows: [['*', a]]}}",
    "tables: {d: {in: [n], out: {x: text}, rows: [[1, a]]}}",
)


def said(**parts: str) -> list[str]:
    """Return what the checker says, without places."""
    source = SHOP.format(**{"field": "x: {type: text}", "by": "everyone", "action": ""} | parts)
    return texts_of(source)


def texts_of(source: str) -> list[str]:
    return [f"{problem.id} {problem.text()}" for problem in check_blueprint(source).problems]


def with_part(part: str) -> str:
    """Return the shop with one part more: of the form `order`, a grant of it, or of the blueprint."""
    shop = SHOP.format(field="x: {type: text}", by="everyone", action="")
    if part.startswith("      -"):
        return shop.replace(
            "    grants: [{who: everyone, may: all}, {who: [sales, boss], may: view}]", f"    grants:\n{part}"
        )
    return f"{shop}{part}\n"


def test_every_mistake_is_told_with_what_to_write(regenerate: bool) -> None:
    cases = [(formula, {"action": f", when: '{formula.replace(chr(39), chr(39) * 2)}'"}) for formula in CONDITIONS]
    cases += [
        (f"{type_}: {formula}", {"field": f"x:\n        type: {type_}\n        compute: |\n          {formula}"})
        for type_, formula in COMPUTED
    ]
    cases += [(f"type: {name}", {"field": f"x: {{type: {name}}}"}) for name in TYPES]
    cases += [(" ".join(part.lstrip(", ") for part in parts.values()), parts) for parts in OTHERS]
    found = {case: said(**parts) for case, parts in cases}
    found |= {part.strip(): texts_of(with_part(part)) for part in PARTS}
    text = "".join(f"{case}\n{''.join(f'    {line}{chr(10)}' for line in lines)}" for case, lines in found.items())
    if regenerate:
        GOLDEN.write_text(text, encoding="utf-8")
    assert all(found.values())
    assert text == GOLDEN.read_text(encoding="utf-8")
