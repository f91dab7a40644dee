"""Rules in a browser: add one, switch one off, audit again, look at the rows that break it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e.conftest import Server, Visitor, run_of

pytestmark = pytest.mark.browser
FIRST_SWITCH = (30, 38 + 22)  # the cell at the top left, below the head


def choose(page: Page, name: str) -> None:
    """Pick a column; what is typed while the page is drawn anew is lost, so it is typed again."""
    option = page.get_by_role("option", name=name, exact=True)
    for _ in range(20):
        page.get_by_role("combobox", name="Columns, in order").fill(name)
        with contextlib.suppress(Error):
            option.click(timeout=2_000)
            return
    raise AssertionError(f"{name} was never offered")


def test_rules_are_changed_and_the_audit_is_done_again(
    sample: str, visit: Callable[..., Visitor], server: Server
) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open(f"{server.url}/rules?run={run_of(sample)}")
    page.get_by_text("Add a rule or a file of rules").click()
    for name in ("age", "sex"):
        choose(page, name)
        visitor.idle()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_text("1 changed since this audit")).to_be_visible()
    place = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert place is not None
    page.mouse.click(
        place["x"] + FIRST_SWITCH[0], place["y"] + FIRST_SWITCH[1] + 44
    )  # the second: the first is new
    expect(page.get_by_text("2 changed since this audit")).to_be_visible()
    page.get_by_role("button", name="Audit again with these rules").click()
    page.wait_for_url(lambda url: run_of(sample) not in url)
    expect(page.get_by_role("heading", name=re.compile("No|Yes|Cannot tell")).first).to_be_visible(
        timeout=180_000
    )
    visitor.open(f"{server.url}/artifacts?run={run_of(page.url)}&check=functional_dependencies")
    page.get_by_text(re.compile("rows of the synthetic table")).click()
    page.get_by_role("button", name="Show the synthetic rows").click()
    expect(page.get_by_test_id("stDataFrame").nth(2)).to_be_visible(timeout=60_000)
    assert visitor.errors == []
