"""A connection that takes its time: every request of a page is held back, as on a slow line."""

from __future__ import annotations

from playwright.sync_api import Page

#: Milliseconds between a request and its answer that the pages are tried with.
LATENCIES = (0, 100, 400)


def slow_down(page: Page, latency: int) -> None:
    """Let every answer to *page* come *latency* milliseconds later from now on."""
    if not latency:
        return
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1},
    )
