"""Columns, relationships and utility in a browser: views are links, every picture is drawn, nothing leaves."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visitor, run_of

pytestmark = pytest.mark.browser


def test_a_view_of_a_column_is_a_link(sample: str, visit: Callable[..., Visitor], server: Server) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open(f"{server.url}/columns?run={run_of(sample)}&sort=name")
    page.get_by_role("radio", name="Difference").click()
    page.wait_for_url(re.compile("view=difference"))
    expect(page.get_by_text("shares of rows more or less than in the real table")).to_be_visible()
    again = visit()
    again.open(page.url)
    expect(again.page.get_by_text("shares of rows more or less than in the real table")).to_be_visible()
    assert "sort=name" in again.page.url
    assert visitor.errors == again.errors == []


def test_pairs_can_be_compared_by_association(
    sample: str, visit: Callable[..., Visitor], server: Server
) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open(f"{server.url}/relationships?run={run_of(sample)}")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("radio", name="Association").click()
    page.wait_for_url(re.compile("compare=pair_associations"))
    visitor.idle()
    expect(page.get_by_text("difference of association").first).to_be_visible()
    assert visitor.errors == []


@pytest.mark.parametrize("width", [1366, 390])
def test_the_utility_page_draws_every_picture(
    sample: str,
    width: int,
    visit: Callable[..., Visitor],
    server: Server,
) -> None:
    visitor = visit(viewport={"width": width, "height": 800})
    page = visitor.page
    visitor.open(f"{server.url}/utility?run={run_of(sample)}")
    for heading in ("What gives synthetic rows away", "What models learn from it", "Realism and diversity"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= width
    assert visitor.errors == []
    assert visitor.left_the_machine(server) == set()
