"""Throws hostile rules and records at both engines, in processes of their own: `make crash`.

What must never happen: a process that dies or hangs, another answer of durable-rules than of the predicates, an
exception that is no exceeded budget, a fault of the library itself. Each case is made from a number, so that what is
found can be made again: `python -m tests.engine.rules.crash --only NUMBER`.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from random import Random

from tests.engine.rules.made_rules import MOMENT, condition, described, made_record, made_rules, rule

from blankett.engine.feel import BudgetExceeded, FeelSyntaxError, Function, Range, Reference, YearsMonths
from blankett.engine.language.model import Rule
from blankett.engine.rules.durable import library_version
from blankett.engine.rules.durable.trial_run import limit_work
from blankett.engine.rules.rule_sets import RuleSet

#: Records for each set of rules.
RECORDS = 4
#: Seconds of the processor's time that one case may take before it counts as hanging: a busy machine is no fault.
PATIENCE = 30
#: Seconds by the clock, for a process that waits for what never comes.
LONGEST_WAIT = 1200


@dataclass(frozen=True)
class Found:
    """Something that must not happen."""

    case: int
    what: str


# ---- cases ----


def _many(random: Random) -> list[str]:
    return [condition(random, 4) for _ in range(random.randint(20, 60))]


def _one_condition_often(random: Random) -> list[str]:
    return [random.choice(("urgent", "total = null", 'tier = "gold"', "total > 3"))] * random.choice((128, 256, 300))


def _many_absences(random: Random) -> list[str]:
    return [f"(total = null or limit > {number}) and discount = null" for number in range(random.choice((127, 130)))]


def _wide_list(random: Random) -> list[str]:
    numbers = ", ".join(map(str, range(random.choice((20, 21, 512, 600)))))
    words = ", ".join(f'"word {number}"' for number in range(random.choice((20, 21, 600))))
    return [f"total in ({numbers})", f"not(total in ({numbers}))", f"note in ({words})", f"not(note in ({words}))"]


def _long_chain(random: Random) -> list[str]:
    parts = [condition(random, 0) for _ in range(random.choice((63, 65, 130, 300)))]
    return [f" {word} ".join(parts) for word in ("or", "and")]


def _deep(random: Random) -> list[str]:
    depth = random.choice((10, 25, 100))
    return ["not(" * depth + condition(random, 1) + ")" * depth, "(" * depth + "urgent" + ")" * depth]


def _odd_constants(random: Random) -> list[str]:
    texts = [
        '"' + "x" * 5_000 + '"',
        '"\\u0000"',
        '"a\\nb"',
        '"\\uD83D\\uDE00"',
        '"$nex"',
        '"kind"',
        '"~"',
        '"\\\\"',
        '"%d"',
    ]
    numbers = ["9" * 400, f"0.{'0' * 30}1", "-" + "9" * 18, "9007199254740992", "4503599627370496", "0.000000001"]
    signs = ("=", "!=", "<", "<=", ">", ">=")
    made = [f"note {random.choice(signs)} {random.choice(texts)}" for _ in range(10)]
    return made + [f"total {random.choice(signs)} {random.choice(numbers)}" for _ in range(10)]


SHAPES: Sequence[Callable[[Random], list[str]]] = (
    _many, _one_condition_often, _many_absences, _wide_list, _long_chain, _deep, _odd_constants,
)  # fmt: skip

HOSTILE: Sequence[Callable[[], object]] = (
    lambda: None,
    lambda: Decimal("1E+6111"),
    lambda: Decimal("-1E-6176"),
    lambda: Decimal(9) ** 30,
    lambda: "x" * 3_000_000,
    lambda: "\ud800",
    lambda: '{"$nex": {"kind": 1}}',
    lambda: "\0",
    list,
    lambda: [Decimal(number) for number in range(2_000)],
    lambda: {"a.b": {"id": "s", "sid": "s", "$s": Decimal(1)}},
    lambda: True,
    lambda: date.max,
    lambda: datetime(2026, 1, 1),  # noqa: DTZ001
    lambda: datetime.max.replace(tzinfo=UTC),
    lambda: clock_time(12, tzinfo=UTC),
    lambda: timedelta.max,
    lambda: YearsMonths(-14),
    lambda: Range(None, Decimal(1)),
    lambda: Function((), lambda given: None),
    lambda: Reference("s", "id", {"tier": Decimal(1), "balance": "x", "blocked": "true"}),
)


def made_case(number: int) -> tuple[list[Rule], list[dict[str, object]]]:
    """Return the rules and records of a case."""
    random = Random(number)
    if random.random() < 0.3:
        rules = made_rules(random)
    else:
        rules = [rule(f"rule_{at}", text) for at, text in enumerate(random.choice(SHAPES)(random))]
    return rules, [_hostile(random) for _ in range(RECORDS)]


def _hostile(random: Random) -> dict[str, object]:
    names = made_record(random)
    for name in list(names):
        if random.random() < 0.2:
            names[name] = random.choice(HOSTILE)()
    return names


def try_case(number: int) -> str | None:
    """Return what is wrong in a case, or None."""
    try:
        rules, records = made_case(number)
    except FeelSyntaxError:  # nested too deep for the parser, say: such a rule is never made
        return None
    ours, theirs = (RuleSet(tuple(rules), "case", engine) for engine in ("python", "durable"))  # type: ignore[arg-type]
    for names in records:
        expected, found = _answer(ours, names), _answer(theirs, names)
        if expected != found:
            return f"{found} is not {expected}: {described(rules, names)[:2000]}"
    return None if theirs.engine == "durable" or not library_version() else "the library failed"


def _answer(rules: RuleSet, names: dict[str, object]) -> object:
    try:
        return rules.fired(names, MOMENT).keys
    except BudgetExceeded as exceeded:
        return exceeded.code


# ---- processes ----


def hunt(seconds: float, first: int = 0, most: int = sys.maxsize) -> tuple[int, list[Found]]:
    """Try at most *most* cases for so many seconds, from the number *first* on; return how many, and what was found."""
    end = time.monotonic() + seconds
    number, found = first, []
    while time.monotonic() < end and number - first < most and len(found) < 10:
        lines, ending = _child(number, max(1.0, end - time.monotonic()), most - (number - first))
        told = [json.loads(line) for line in lines]
        found += [Found(case, what) for case, what in told if what]
        number = told[-1][0] + 1 if told else number
        if ending:
            found.append(Found(number, ending))
            number += 1
    return number - first, found


def _child(first: int, seconds: float, most: int) -> tuple[list[str], str]:
    """Run cases in a process; return the lines it wrote, one for each case that came to an end, and how it died."""
    command = [sys.executable, "-m", __spec__.name if __name__ == "__main__" else __name__]
    arguments = ["--from", str(first), "--seconds", f"{seconds:.1f}", "--most", str(most)]
    try:
        done = subprocess.run([*command, *arguments], capture_output=True, timeout=seconds + LONGEST_WAIT, check=False)
    except subprocess.TimeoutExpired as expired:
        return (expired.stdout or b"").decode().split("\n")[:-1], "hangs"
    if done.returncode == -signal.SIGXCPU:
        return done.stdout.decode().split("\n")[:-1], "hangs"
    told = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    ending = "" if done.returncode == 0 else f"the process ended with {done.returncode}: {told}"
    return done.stdout.decode().split("\n")[:-1], ending


def run(first: int, seconds: float, most: int) -> None:
    """Try cases and write a line for each, until the time is over or there were *most*."""
    end = time.monotonic() + seconds
    number = first
    while time.monotonic() < end and number - first < most:
        limit_work(PATIENCE)
        sys.stdout.write(json.dumps([number, try_case(number)]) + "\n")
        sys.stdout.flush()
        number += 1


def main() -> int:
    """Hunt, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--most", type=int, default=sys.maxsize, help="cases")
    parser.add_argument("--from", type=int, dest="first", help="only as a process of the hunt")
    parser.add_argument("--only", type=int, help="try one case")
    given = parser.parse_args()
    if given.only is not None:
        sys.stdout.write(f"{try_case(given.only) or 'nothing is wrong'}\n")
        return 0
    if given.first is not None:
        run(given.first, given.seconds, given.most)
        return 0
    cases, found = hunt(given.seconds, first=int(time.time()), most=given.most)
    for each in found:
        sys.stdout.write(f"case {each.case}: {each.what}\n")
    engines = f"the predicates and durable-rules {library_version()}" if library_version() else "the predicates alone"
    sys.stdout.write(f"{cases:,} cases, {len(found)} findings ({engines})\n")
    return 1 if found or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
