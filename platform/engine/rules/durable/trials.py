"""Tries the rules of a blueprint in a process of their own before durable-rules decides them here.

Each set of rules is given made-up records there, and must answer as the predicates do. A set that crashes the process,
hangs or answers otherwise is left to the predicates from then on: it is known by what the library would be given and by
the library's version, so that the same rules are never tried twice and a newer library gets its own chance.
"""

from __future__ import annotations

import hashlib
import json
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Final
from typing import Any as Value

from blankett.engine.rules.durable import library_version
from blankett.engine.rules.durable.profile import Attribute, Packet, RuleFault, Told, day_number, packets_of
from blankett.engine.rules.operand_index import OperandTests, bits
from blankett.engine.rules.rule_evaluator import Predicates

if TYPE_CHECKING:
    from blankett.engine.language.model import Rule

#: Seconds of the processor's time that trials may take, and seconds by the clock: a busy machine is no failure.
WORK_LIMIT: Final = 4
PATIENCE: Final = 20.0
#: How many processes are started for one blueprint; what is still untried then counts as failed.
MAX_PROCESSES: Final = 3
#: Records that each set of rules is tried with.
RECORDS: Final = 40
_COMMAND: Final = (sys.executable, "-m", "blankett.engine.rules.durable.trial_run")


@dataclass(frozen=True)
class Failure:
    """A set of rules that durable-rules must not be given."""

    fingerprint: str
    #: What happened, in English: ``crashed with signal 11``.
    reason: str


class _Known:
    """How trials went: in this process, and in others as far as `remember` was told."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.failed: dict[str, str] = {}
        self.lock = threading.Lock()


_known: Final = _Known()


def fingerprint_of(packets: Sequence[Packet]) -> str:
    """Return what a set of rules is known by: what the library is given, and which library on which Python."""
    given = [platform.python_version(), library_version(), [packet.rules for packet in packets]]
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()


def failure_of(fingerprint: str) -> str | None:
    """Return why a set of rules failed when it was tried, or None."""
    return _known.failed.get(fingerprint)


def remember(failures: Iterable[Failure]) -> None:
    """Leave to the predicates what failed elsewhere."""
    with _known.lock:
        _known.failed.update({failure.fingerprint: failure.reason for failure in failures})


def try_rules(sets: Sequence[Predicates]) -> list[Failure | None]:
    """Try sets of rules in a process of their own, those that were not tried before; return how each failed, if so."""
    given = [packets_of(predicates) for predicates in sets]
    fingerprints = [fingerprint_of(packets) for packets in given]
    untried = {
        fingerprint: _written(predicates, packets)
        for predicates, packets, fingerprint in zip(sets, given, fingerprints, strict=True)
        if fingerprint not in _known.passed and fingerprint not in _known.failed
    }
    _try(untried)
    return [
        Failure(fingerprint, reason) if (reason := failure_of(fingerprint)) is not None else None
        for fingerprint in fingerprints
    ]


def _try(untried: dict[str, Value]) -> None:
    """Try what is left, a process at a time, until all has been answered for."""
    for _ in range(MAX_PROCESSES):
        if not untried:
            return
        names = list(untried)
        answers, ending = _run(list(untried.values()))
        with _known.lock:
            for name, fault in zip(names, answers, strict=False):
                if fault is None:
                    _known.passed.add(name)
                else:
                    _known.failed[name] = fault
            if len(answers) < len(names):
                _known.failed[names[len(answers)]] = ending
        for name in names[: len(answers) + 1]:
            del untried[name]
    remember(Failure(name, "was not tried, because others before it failed") for name in untried)


def _run(trials: Sequence[Value]) -> tuple[list[str | None], str]:
    """Return the answers of a process, one for each trial that came to an end, and how the process ended."""
    given = json.dumps({"limit": WORK_LIMIT, "sets": trials}).encode()
    try:
        done = subprocess.run(_COMMAND, input=given, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as expired:
        return _answers(expired.stdout), f"did not end in {PATIENCE:g} seconds"
    except OSError as error:
        return [], f"could not be tried: {type(error).__name__}"
    code = done.returncode
    if code == -signal.SIGXCPU:
        return _answers(done.stdout), f"did not end in {WORK_LIMIT} seconds of work"
    return _answers(done.stdout), f"crashed with signal {-code}" if code < 0 else f"ended with code {code}"


def _answers(written: bytes | None) -> list[str | None]:
    lines = (written or b"").decode(errors="replace").split("\n")
    return [json.loads(line) for line in lines[:-1]]  # the last one is empty, or was being written


# ---- what a process is given ----


def _written(predicates: Predicates, packets: Sequence[Packet]) -> Value:
    """Return a set of rules and made-up records with the ways that must fire, as JSON holds them."""
    random = Random(0)
    columns = [reader.column for reader in (*predicates.quick, *predicates.slow)]
    records = [_record(columns, random) for _ in range(RECORDS)]
    return [
        {
            "rules": packet.rules,
            "cases": [_case(predicates, packet, record, random) for record in records],
        }
        for packet in packets
    ]


def _record(columns: Sequence[OperandTests], random: Random) -> dict[OperandTests, Value]:
    return {column: random.choice(column.examples()) for column in columns}


def _case(predicates: Predicates, packet: Packet, record: dict[OperandTests, Value], random: Random) -> Value:
    days = [day for rule in predicates.rules for day in _days_of(rule)]
    today = random.choice(days) if days else None
    ways = predicates.every if today is None else predicates.in_force_on(today)
    for column, value in record.items():
        ways &= column.accepting(value)
    told: dict[str, Told] = {}
    for attribute in packet.attributes.values():
        found = _tell(attribute, record, today)
        if found is not None:
            told[attribute.name] = found
    return [told, [way for way in bits(ways) if way in packet.rules]]


def _tell(attribute: Attribute, record: dict[OperandTests, Value], today: Value) -> Told | None:
    if attribute.column is None:
        return day_number(today)
    try:
        return attribute.tell(record[attribute.column])
    except RuleFault:
        return None


def _days_of(rule: Rule) -> list[Value]:
    days = [day for day in (rule.valid_from, rule.valid_to) if day is not None]
    steps = (timedelta(-1), timedelta(0), timedelta(1))
    return [day + step for day in days for step in steps if 1 < day.year < 9999]
