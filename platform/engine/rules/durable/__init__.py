"""The home of the library durable-rules: asks it which rules fire for one record, and nothing else of it.

It crashes the process or answers wrongly when it is given other than what `profile` gives it. So: no timers, no
events, no batches; one fact at a time, taken back at once; a fixed session and ids of our own; a last rule that always
fires and shows that the others were all looked at; a lock around each set. Whatever goes wrong is a `RuleFault`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING, Final
from typing import Any as Value

from blankett.engine.rules.durable.profile import (
    MAX_NUMBER,
    MAX_TEXT,
    Attribute,
    Packet,
    RuleFault,
    Told,
    day_number,
    packets_of,
)
from blankett.engine.rules.operand_index import OperandTests
from blankett.engine.rules.rule_evaluator import NOT_READ, Predicates

if TYPE_CHECKING:
    from durable.engine import Host

    from blankett.engine.feel import Moment

_SESSION: Final = "s"
_RULE_SET: Final = "r"
#: The rule that always fires, last of all.
_END: Final = "end"


class LibraryFault(RuleFault):
    """The library itself failed; what it holds must not be used any more."""


@cache
def library_version() -> str | None:
    """Return the version of the library, or None where it is not installed or does not load."""
    if find_spec("durable_rules_engine") is None:
        return None
    try:
        import durable.engine  # noqa: F401

        return version("durable_rules")
    except (ImportError, PackageNotFoundError):
        return None


def _quiet_host() -> Host:
    """Return a host of the library that starts no threads."""
    from durable.engine import Host

    class QuietHost(Host):  # type: ignore[misc]
        def _run(self) -> None:
            """Start no timers."""

    return QuietHost()


class Session:
    """One set of rules inside the library."""

    def __init__(self, packet: Packet) -> None:
        self.attributes: tuple[Attribute, ...] = tuple(packet.attributes.values())
        self._lock = threading.Lock()
        self._fired: list[str] = []
        self._numbers = count()
        self._answered = False
        self._host: Host | None = _quiet_host()
        rules: dict[str, Value] = {
            f"w{way}": {"all": [{"m": expression}], "pri": 0, "run": self._noting(f"w{way}")}
            for way, expression in packet.rules.items()
        }
        rules[_END] = {"all": [{"m": {"$ex": {"kind": 1}}}], "pri": 1, "run": self._noting(_END)}
        self._host.set_rulesets({_RULE_SET: rules})

    def _noting(self, name: str) -> Callable[[object], None]:
        # The library counts parameters, defaults too, and takes a second one for a callback it then waits for.
        return lambda context: self._fired.append(name)

    def fired(self, told: Mapping[str, Told]) -> list[int]:
        """Return the ways that fire for a record of which *told* is told. Raises RuleFault."""
        refuse_unfit(told)
        with self._lock:
            if self._host is None:
                raise RuleFault("the set is closed")
            self._fired.clear()
            fact = {"id": f"f{next(self._numbers)}", "sid": _SESSION}
            try:
                self._host.assert_fact(_RULE_SET, {**told, **fact, "kind": "rec"})
            except Exception as error:
                raise LibraryFault(_in_words(error)) from error
            finally:
                self._take_back(fact)
            names = list(dict.fromkeys(self._fired))
            if not names or names.pop() != _END:
                raise LibraryFault("the library did not look at every rule")
            self._answered = True
        return [int(name[1:]) for name in names]

    def _take_back(self, fact: dict[str, str]) -> None:
        try:
            self._host.retract_fact(_RULE_SET, fact)  # type: ignore[union-attr]
        except Exception as error:
            raise LibraryFault(_in_words(error)) from error

    def close(self) -> None:
        """Give back what the library holds; the set does not answer any more."""
        import durable_rules_engine

        with self._lock:
            host, self._host = self._host, None
            if host is None:
                return
            # Deleting the state of a session that never matched a fact would crash the process.
            if self._answered:
                host.delete_state(_RULE_SET, _SESSION)
            durable_rules_engine.delete_ruleset(host.get_ruleset(_RULE_SET)._handle)


class DurableRules:
    """Rules decided by the library, from the same parse as *predicates*, which answer what it cannot."""

    def __init__(self, predicates: Predicates, packets: Sequence[Packet] | None = None) -> None:
        self.predicates = predicates
        self.sessions: list[Session] = []
        try:
            for packet in packets_of(predicates) if packets is None else packets:
                self.sessions.append(Session(packet))
        except Exception as error:
            self.close()
            raise LibraryFault(_in_words(error)) from error

    def fired(self, names: Mapping[str, Value], moment: Moment) -> tuple[int, ...]:
        """Return the numbers of the rules that fire, in order. Raises RuleFault, and BudgetExceeded as they do."""
        values = self.predicates.values(names, moment)
        ways = 0
        for session in self.sessions:
            for way in session.fired(_told(session.attributes, values, moment)):
                ways |= 1 << way
        return self.predicates.rules_of(ways)

    def close(self) -> None:
        """Give back what the library holds."""
        for session in self.sessions:
            session.close()


def _told(attributes: tuple[Attribute, ...], values: Mapping[OperandTests, Value], moment: Moment) -> dict[str, Told]:
    told: dict[str, Told] = {}
    for attribute in attributes:
        if attribute.column is None:
            told[attribute.name] = day_number(moment.now.astimezone(moment.zone))
            continue
        value = values.get(attribute.column, NOT_READ)
        if value is not NOT_READ and (found := attribute.tell(value)) is not None:
            told[attribute.name] = found
    return told


def refuse_unfit(told: Mapping[str, Told]) -> None:
    """Raise RuleFault where something must not reach the library; nothing that `profile` tells is."""
    for name, value in told.items():
        kind = type(value)
        if kind is bool or (kind is int and -MAX_NUMBER <= value <= MAX_NUMBER):  # type: ignore[operator]
            continue
        if kind is not str or len(value) > MAX_TEXT or not value.isprintable():  # type: ignore[arg-type,union-attr]
            raise RuleFault(f"the attribute {name} is not fit for the library")


def _in_words(error: Exception) -> str:
    """Return what went wrong without what the library was told: its own errors are numbers, others quote the fact."""
    if isinstance(error, RuleFault):
        return str(error)
    kind = type(error)
    return f"{kind.__name__}: {error}" if kind.__module__ == "durable_rules_engine" else kind.__name__
