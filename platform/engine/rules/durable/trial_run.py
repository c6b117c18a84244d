"""The process in which rules are tried: reads them as JSON, and writes a line as each set comes to an end.

A line is `null`, or what went wrong as a JSON text. See `trials`, which starts it.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any as Value

from blankett.engine.rules.durable import Session
from blankett.engine.rules.durable.profile import Packet, RuleFault


def main() -> None:
    """Try every set, in order."""
    given = json.load(sys.stdin)
    limit_work(given["limit"])
    for packets in given["sets"]:
        sys.stdout.write(json.dumps(_tried(packets)) + "\n")
        sys.stdout.flush()


def limit_work(seconds: int) -> None:
    """Let the system end this process when it has used so many more seconds of the processor."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + seconds
    # The soft limit alone ends a process, and can be set again for what comes next.
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _tried(packets: Value) -> str | None:
    """Return what went wrong with a set, or None."""
    try:
        for packet in packets:
            session = Session(Packet({int(way): expression for way, expression in packet["rules"].items()}))
            for told, ways in packet["cases"]:
                if sorted(session.fired(told)) != ways:
                    return "answers otherwise than the predicates"
            session.close()
    except RuleFault as fault:
        return str(fault)
    except Exception as error:
        return type(error).__name__
    return None


if __name__ == "__main__":
    main()
