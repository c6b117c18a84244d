"""A connection that takes its time: every request of a page is held back, as on a slow line."""

from __future__ import annotations

from playwright.sync_api import Page

#: Milliseconds between a request and its answer that the pages are tried with.
LATENCIES = (0, 100, 400)
#: Lets what waits a second at most wait half a minute.
PATIENT = """() => {
  const wait = window.setTimeout;
  window.setTimeout = (act, delay, ...rest) => wait(act, delay === 1000 ? 30000 : delay, ...rest);
}"""


def slow_down(page: Page, latency: int) -> None:
    """Let every answer to *page* come *latency* milliseconds later from now on.

    Keys wait for it as long as it takes: the second that they wait for people may be over on a busy machine.
    """
    page.evaluate(PATIENT)
    if not latency:
        return
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1},
    )
