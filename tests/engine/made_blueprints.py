"""Whole blueprints made by chance: forms, formulas, tables, rules, states, actions; and values for their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

from blankett.engine.language.model import Field, Form

KINDS = ("new", "silver", "gold")
NUMBERS = ("0", "1", "2.5", "-3", "100", "12.34")
DAYS = ('@"2026-01-31"', "today()", 'today() + duration("P3D")', "date(2026, 3, 2)")
TEXTS = ('"a"', '"ab"', '""', '"Müller"', '"gold"')
SIGNS = ("=", "!=", "<", "<=", ">", ">=")


@dataclass
class Names:
    """What formulas can see, {type: names}."""

    by_type: dict[str, list[str]] = field(default_factory=dict)

    def add(self, type_: str, *names: str) -> None:
        """Let formulas see names."""
        self.by_type.setdefault(type_, []).extend(names)

    def of(self, type_: str) -> Sequence[str]:
        """Return the names of a type."""
        return self.by_type.get(type_, ())


class Maker:
    """Writes a blueprint with what a source of chance says."""

    def __init__(self, chance: Random, *, likes_rules: bool = False) -> None:
        """*likes_rules*: rules are many and short, and so often have to do with each other."""
        self.chance = chance
        self.likes_rules = likes_rules
        self.lines: list[str] = []
        self.has_table = chance.random() < 0.5
        self.states = chance.choice([0, 2, 3])
        self.actions = [f"go_{number}" for number in range(chance.randint(1, 3))] if self.states else []

    def one(self, *of: str) -> str:
        """Return one of some texts."""
        return self.chance.choice(of)

    def is_so(self, likely: float) -> bool:
        """Return yes, now and then."""
        return self.chance.random() < likely

    # Formulas ---------------------------------------------------------------------------------------------------------

    def formula(self, type_: str, names: Names, depth: int = 2) -> str:
        """Return a formula of a type."""
        writers = {
            "number": self.number,
            "yes_no": self.truth,
            "text": self.text,
            "date": self.day,
            "choice": self.choice,
        }
        return writers[type_](names, depth)

    def number(self, names: Names, depth: int) -> str:
        """Return a formula that gives a number."""
        plain = [*names.of("number"), self.one(*NUMBERS)]
        if depth <= 0 or self.is_so(0.3):
            return self.one(*plain)
        inner = depth - 1
        made = [
            f"({self.number(names, inner)} {self.one('+', '-', '*', '/')} {self.number(names, inner)})",
            f"(if {self.truth(names, inner)} then {self.number(names, inner)} else {self.number(names, inner)})",
            f"abs({self.number(names, inner)})",
            f"min([{self.number(names, inner)}, {self.number(names, inner)}])",
            f"decimal({self.number(names, inner)}, 1)",
        ]
        made += [f"total({lines}.q)" for lines in names.of("lines")] + [
            f"count({lines})" for lines in names.of("lines")
        ]
        if self.has_table and names.of("choice"):
            made.append(f"fee({self.number(names, 0)}, {self.one(*names.of('choice'))})")
        return self.one(*made)

    def truth(self, names: Names, depth: int) -> str:
        """Return a formula that is true or false."""
        numbers, inner = names.of("number") or ("1",), depth - 1
        plain = [
            *names.of("yes_no"),
            f"{self.one(*numbers)} {self.one(*SIGNS)} {self.one(*NUMBERS)}",
            f"{self.one(*numbers)} in [{self.one('0', '1')}..{self.one('5', '9')}]",
            *(f'{name} {self.one("=", "!=")} "{self.one(*KINDS)}"' for name in names.of("choice")),
            *(f"{name} {self.one('=', '!=')} null" for name in (*names.of("text"), *names.of("date"))),
            *(f"{name} {self.one(*SIGNS)} {self.one(*DAYS)}" for name in names.of("date")),
            *(f"some l in {name} satisfies l.q > {self.one(*NUMBERS)}" for name in names.of("lines")),
        ]
        if depth <= 0 or self.is_so(0.4):
            return self.one(*plain)
        return self.one(
            f"({self.truth(names, inner)} {self.one('and', 'or')} {self.truth(names, inner)})",
            f"not({self.truth(names, inner)})",
            f"({self.number(names, inner)} {self.one(*SIGNS)} {self.number(names, inner)})",
        )

    def text(self, names: Names, depth: int) -> str:
        """Return a formula that gives a text."""
        plain = [*names.of("text"), self.one(*TEXTS)]
        if depth <= 0 or self.is_so(0.4):
            return self.one(*plain)
        return self.one(
            f"upper case({self.text(names, depth - 1)})",
            f"({self.text(names, depth - 1)} + {self.text(names, depth - 1)})",
            f"string({self.number(names, depth - 1)})",
        )

    def day(self, names: Names, depth: int) -> str:
        """Return a formula that gives a day."""
        return self.one(*names.of("date"), *DAYS)

    def choice(self, names: Names, depth: int) -> str:
        """Return a formula that gives an option."""
        return self.one(*names.of("choice"), *(f'"{kind}"' for kind in KINDS))

    # Sections ---------------------------------------------------------------------------------------------------------

    def write(self, *lines: str) -> None:
        """Write lines."""
        self.lines.extend(lines)

    def blueprint(self) -> str:
        """Return a whole blueprint."""
        self.write("blueprint: made", "language: 1", "title: Made", "roles:", "  sales: {title: Sales}")
        self.write("  boss: {title: Boss, includes: [sales]}", "messages:", '  told: "Look at {record.title}."')
        self.write("forms:")
        self._thing()
        self._case()
        if self.has_table:
            self._table()
        return "\n".join(self.lines) + "\n"

    def _thing(self) -> None:
        self.write("  thing:", "    life: reference", "    key: code", '    show: "{code}"', "    fields:")
        self.write("      code: {type: text, required: yes, unique: yes}", "      size: {type: number}")
        self.write("      kind: {type: choice, options: [new, silver, gold], required: yes}")
        self.write("    grants:", "      - {who: [sales, boss], may: all}")

    def _case(self) -> None:
        names = self._fields()
        self._checks(names)
        self._states(names)
        if self.likes_rules or self.is_so(0.7):
            self._rules(names)
        self.write("    grants:", "      - {who: sales, may: all}", "    lists:", "      all: {columns: [n0]}")

    def _fields(self) -> Names:
        names = Names()
        self.write("  case:", "    fields:", "      thing: {type: link, to: thing}")
        names.add("number", "thing.size")
        names.add("choice", "thing.kind")
        for number in range(self.chance.randint(1, 3)):
            bounds = self.one("", ", min: 0", ", min: 0, max: 100", ", decimals: 0", ", required: yes")
            self.write(f"      n{number}: {{type: number{bounds}{self.one('', ', default: 1', ', index: yes')}}}")
        for type_, key in (("text", "t"), ("yes_no", "y"), ("date", "d"), ("choice", "c")):
            options = ", options: [new, silver, gold]" if type_ == "choice" else ""
            default = ", default: no" if type_ == "yes_no" and self.is_so(0.7) else ""
            self.write(f"      {key}: {{type: {type_}{options}{default}{self.one('', '', ', required: yes')}}}")
            names.add(type_, key)
        names.add("number", *(line.split(":")[0].strip() for line in self.lines if line.startswith("      n")))
        if self.is_so(0.6):
            self.write("      lines:", "        type: table", "        fields:", "          q: {type: number}")
            self.write(f"          r: {{type: number, compute: q * {self.one('2', 'parent.n0')}}}")
            names.add("lines", "lines")
        self._worked_out(names)
        return names

    def _worked_out(self, names: Names) -> None:
        """Write fields that follow from others: computed, filled, hidden, required now and then."""
        made = []
        for number in range(self.chance.randint(0, 2)):
            self._long(f"k{number}", "number", "compute", self.formula("number", names))
            made.append(f"k{number}")
        if self.is_so(0.5):
            self._long("f", "text", "fill", self.formula("text", names))
        if self.is_so(0.5):
            self._long("h", "number", "visible", self.formula("yes_no", names))
        if self.is_so(0.3):
            self._long("g", "text", "required", self.formula("yes_no", names))
        if self.is_so(0.3):
            self._long("w", "date", "default", f"= {self.formula('date', Names())}")
        names.add("number", *made)

    def _long(self, key: str, type_: str, attribute: str, formula: str) -> None:
        self.write(f"      {key}:", f"        type: {type_}", f"        {attribute}: |", f"          {formula}")

    def _checks(self, names: Names) -> None:
        if self.is_so(0.4):
            self.write("    checks:", "      it:", "        that: |", f"          {self.formula('yes_no', names)}")
            self.write('        message: "No: {n0}."')

    def _states(self, names: Names) -> None:
        if not self.states:
            return
        states = [f"s{number}" for number in range(self.states)]
        self.write("    states:", "      s0: {start: true}", *(f"      {key}: {{}}" for key in states[1:-1]))
        self.write(f"      {states[-1]}: {{final: true}}", "    actions:")
        ways = list(pairwise(states))
        for number, (source, target) in enumerate(ways):
            self._action(f"step_{number}", source, target, names)
        for key in self.actions:
            source, target = self.chance.choice([*ways, (states[0], states[0])])
            self._action(key, source, target, names)
        self.actions += [f"step_{number}" for number in range(len(ways))]

    def _action(self, key: str, source: str, target: str, names: Names) -> None:
        self.write(
            f"      {key}:",
            f"        from: {source}",
            f"        to: {target}",
            f"        by: {self.one('sales', 'boss', 'owner')}",
        )
        if self.is_so(0.5):
            self.write("        when: |", f"          {self.formula('yes_no', names)}")
        if self.is_so(0.3):
            self.write("        ask:", f"          why: {{type: text, required: {self.one('yes', 'no')}}}")
        if self.is_so(0.6):
            self.write(
                "        effects:", *(f"          - {self._effect(names)}" for _ in range(self.chance.randint(1, 2)))
            )

    def _effect(self, names: Names) -> str:
        return self.one(
            f"set: {{n0: {self.one('1', '50')}}}",
            f"set: {{c: {self.one(*KINDS)}, y: {self.one('yes', 'no')}}}",
            f"set:\n              t: |\n                = {self.formula('text', names)}",
            "notify: {role: boss, send: told}",
            "assign: = user",
            'create: {form: thing, with: {code: "= record.id", kind: gold}, link: thing}',
            f"update: {{link: thing, set: {{size: {self.one('1', '2')}}}}}",
        )

    # Rules and tables -------------------------------------------------------------------------------------------------

    def _rules(self, names: Names) -> None:
        names = Names({key: list(value) for key, value in names.by_type.items()})
        if self.is_so(0.5):
            self.write(
                "    facts:",
                f"      others: {{{self.one('count: case', 'sum: case.n0')}, where: thing = this.thing}}",
            )
            names.add("number", "facts.others")
        points = ["save", *self.actions, *(f"{key}:completed" for key in self.actions)]
        self.write("    rules:")
        for number in range(self.chance.randint(3, 7) if self.likes_rules else self.chance.randint(1, 4)):
            self.write(
                f"      r{number}:",
                f"        at: {self.one(*points)}",
                f"        priority: {self.chance.randint(-1, 2)}",
            )
            if self.is_so(0.8):
                self.write("        when: |", f"          {self._condition(names)}")
            if self.is_so(0.2):
                self.write("        unless: |", f"          {self._condition(names)}")
            if self.is_so(0.1):
                self.write("        valid: {from: 2026-01-01}")
            self.write(
                "        then:", *(f"          - {self._outcome(names)}" for _ in range(self.chance.randint(1, 2)))
            )

    def _condition(self, names: Names) -> str:
        """Return the condition of a rule."""
        if not self.likes_rules:
            return self.formula("yes_no", names)
        plain = [
            "y",
            "not(y)",
            f'c = "{self.one(*KINDS)}"',
            f'c != "{self.one(*KINDS)}"',
            f"n0 {self.one(*SIGNS)} {self.one('0', '1', '50')}",
            f'thing.kind = "{self.one(*KINDS)}"',
            "t = null",
        ]
        if self.states:
            plain.append(f'record.state {self.one("=", "!=")} "s{self.chance.randrange(self.states)}"')
        return f" {self.one('and', 'or')} ".join(self.one(*plain) for _ in range(self.chance.randint(1, 3)))

    def _outcome(self, names: Names) -> str:
        return self.one(
            f"set: {{n0: {self.one('1', '50')}}}",
            f"set: {{c: {self.one(*KINDS)}}}",
            f"set: {{y: {self.one('yes', 'no')}}}",
            f"set:\n              n0: |\n                = {self.formula('number', names)}",
            'refuse: "Not {t}."',
            'warn: {message: "Look at {n0}.", field: n0}',
            "require: boss",
            "notify: {role: boss, send: told}",
            "assign: = record.owner",
        )

    def _table(self) -> None:
        self.write("tables:", "  fee:", f"    hit: {self.one('unique', 'first', 'any')}")
        self.write("    in: {amount: number, kind: thing.kind}", "    out: {price: number}", "    rows:")
        bound = self.one("0", "10", "99.5")
        self.write(f'      - ["< {bound}", "-", 1]', f'      - [">= {bound}", "new, silver", 2]')
        if self.is_so(0.7):
            self.write(f'      - [">= {bound}", gold, {self.one("3", "= amount * 2")}]')
        if self.is_so(0.1):
            self.write('      - ["-", gold, 4]')


def mutated(text: str, chance: Random) -> str:
    """Return a text with one to three things wrong: a line less, twice, moved; a word or a letter too many."""
    for _ in range(chance.randint(1, 3)):
        lines = text.split("\n")
        at = chance.randrange(len(lines))
        words = [word for line in lines for word in line.split()] or [""]
        change = chance.randrange(6)
        if change == 0:
            del lines[at]
        elif change == 1:
            lines.insert(at, lines[at])
        elif change == 2:
            lines.insert(chance.randrange(len(lines)), lines.pop(at))
        elif change == 3 and lines[at].split():
            lines[at] = lines[at].replace(chance.choice(lines[at].split()), chance.choice(words), 1)
        elif change == 4:
            place = chance.randint(0, len(lines[at]))
            lines[at] = lines[at][:place] + chance.choice("{}[]()\"':,#&*|>-+=.?\t\x00é 🙂") + lines[at][place:]
        else:
            lines[at] = lines[at][: chance.randint(0, len(lines[at]))]
        text = "\n".join(lines)
    return text


#: Values that fields of a type take.
GOOD: Mapping[str, Sequence[Any]] = {
    "number": [Decimal(text) for text in ("0", "1", "2", "50", "100")],
    "text": ["a", "Müller", "gold", "b c"],
    "yes_no": [True, False],
    "date": [date(2026, 1, 31), date(2026, 3, 2), date(2026, 12, 31)],
    "choice": KINDS,
}
#: Values that they may not take.
ODD: Mapping[str, Sequence[Any]] = {
    "number": [Decimal(text) for text in ("-5", "2.5", "1000000", "0.0000001", "1E+30")],
    "text": ["", "x" * 300, "\ud800", "{n0}", "a\0"],
    "yes_no": [None],
    "date": [date(9999, 12, 31), date(1, 1, 1)],
    "choice": ["none", ""],
    "link": ["nobody", ""],
}
#: How often a value is odd.
ODDLY = 0.03


def a_value(of: Field, chance: Random, records: Sequence[str]) -> Any:
    """Return a value for a field, now and then one that it does not take."""
    if of.columns:
        typed = {key: column for key, column in of.columns.items() if column.compute is None}
        return [
            {"id": f"+{number}", **{key: a_value(column, chance, records) for key, column in typed.items()}}
            for number in range(chance.randint(0, 3))
        ]
    if chance.random() < ODDLY:
        return chance.choice([None, *ODD[of.type.name]])
    if of.type.name == "link":
        return chance.choice(records) if records else None
    if of.unique:
        return f"U-{chance.randrange(10**9)}"
    return chance.choice(list(GOOD[of.type.name]))


def values_for(form: Form, chance: Random, records: Sequence[str], *, whole: bool) -> dict[str, Any]:
    """Return values for the fields of a form: for all that are typed, or for a few of them."""
    typed = [of for of in form.fields.values() if of.compute is None or chance.random() < ODDLY]
    likely = 0.95 if whole else 0.3
    return {of.key: a_value(of, chance, records) for of in typed if chance.random() < likely}
