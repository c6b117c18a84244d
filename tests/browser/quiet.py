"""When a page is quiet: nothing is being asked of the server, and nothing is about to be."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

#: Runs in every page before its own scripts: keeps what is due in it, requests until their answer is dealt with, and
#: timers of up to 400 milliseconds, after which scripts ask the server about what was typed.
WATCH = """(() => {
  const due = new Set();
  const {setTimeout, clearTimeout, fetch} = window;
  const {text} = Response.prototype;
  window.isQuiet = () => document.readyState === 'complete' && !due.size;
  window.setTimeout = (act, delay = 0, ...rest) => {
    const timer = setTimeout(() => {
      try { act(...rest); } finally { due.delete(timer); }
    }, delay);
    if (delay <= 400) due.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => {
    due.delete(timer);
    clearTimeout(timer);
  };
  // What follows an answer at once is part of it.
  const keep = (promise) => {
    const over = () => setTimeout(() => due.delete(promise));
    due.add(promise);
    promise.then(over, over);
    return promise;
  };
  window.fetch = (...question) => keep(fetch(...question));
  Response.prototype.text = function () { return keep(text.call(this)); };
})()"""


def watch_pages(context: BrowserContext) -> None:
    """Let every page of *context* know whether it is quiet."""
    context.add_init_script(WATCH)


def settle(page: Page) -> None:
    """Wait until nothing is being asked of the server any more, and nothing is about to be."""
    page.wait_for_function("() => window.isQuiet()")
    expect(page.locator(".htmx-request")).to_have_count(0)
