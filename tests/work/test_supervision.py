"""What keeps a worker alive beside the pages: begun again where it is killed, ended with them."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from multiprocessing import Process

import pytest

from blankett.work import supervision

#: Seconds within which what is waited for must have happened.
PATIENCE = 60.0

#: Lets what keeps a worker alive do something else; returns what is begun of it.
Instead = Callable[[Callable[[], object]], list[Process]]


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Instead:
    def instead(act: Callable[[], object]) -> list[Process]:
        begun: list[Process] = []

        def start(*_: object) -> Process:
            begun.append(Process(target=act))
            begun[-1].start()
            return begun[-1]

        monkeypatch.setattr(supervision, "_start_keeper", start)
        return begun

    return instead


def test_what_keeps_the_worker_alive_is_begun_again_where_it_is_killed_and_the_log_says_so(
    instead: Instead, caplog: pytest.LogCaptureFixture
) -> None:
    before = signal.getsignal(signal.SIGCHLD)
    keepers = instead(lambda: time.sleep(600))
    with supervision.worker_beside("127.0.0.1", 1, print):
        for number in (1, 2):
            keepers[-1].kill()
            until = time.monotonic() + PATIENCE
            while len(keepers) == number:
                assert time.monotonic() < until, "it is not begun again"
                time.sleep(0.01)
    assert [keeper.exitcode for keeper in keepers] == [-signal.SIGKILL, -signal.SIGKILL, -signal.SIGTERM]
    assert caplog.messages == ["What keeps the worker alive was killed by signal 9; it is begun again."] * 2
    assert signal.getsignal(signal.SIGCHLD) == before


def test_what_ends_by_itself_is_not_begun_again(instead: Instead) -> None:
    keepers = instead(lambda: None)
    with supervision.worker_beside("127.0.0.1", 1, print):
        keepers[0].join(PATIENCE)
        subprocess.run(["true"], check=True)  # another signal, at which it looks
    assert [keeper.exitcode for keeper in keepers] == [0]
