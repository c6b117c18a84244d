"""What axe finds on a page: the rules of WCAG 2.2 up to AA, and best practices."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCRIPT = Axe().axe_script
#: Everything but what is violated is left out of the answer: collecting it takes longer than looking.
RUN = """async () => {
  const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const {violations} = await axe.run({runOnly, resultTypes: ['violations']});
  return violations.map(({id, nodes}) => [id, nodes.map(({html}) => html.slice(0, 200))]);
}"""


def violations(page: Page) -> dict[str, list[str]]:
    """Return the rules that the page violates, each with the places."""
    page.evaluate(SCRIPT)
    return dict(page.evaluate(RUN))
