"""The way of a new user: open, run the sample, verdict, finding, column, report."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visitor, run_of

pytestmark = pytest.mark.browser
QUESTION = re.compile("Can this synthetic table stand in for the real one")


def test_the_verdict_and_three_reasons_stand_above_the_fold(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    visitor.open(sample)
    links = visitor.page.get_by_role("link", name="Evidence")
    for at in range(3):
        expect(links.nth(at)).to_be_visible()
        box = links.nth(at).bounding_box()
        assert box is not None and box["y"] + box["height"] < 768
    assert visitor.page.get_by_text("real against real").count() >= 3


def test_from_verdict_to_finding_to_column_to_report(
    sample: str, visit: Callable[..., Visitor], server: Server, tmp_path: Path
) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open(sample)
    page.get_by_role("link", name="Evidence").first.click()
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()
    expect(page).to_have_url(re.compile(r"finding="))  # the page writes its address when it is drawn
    expect(page).to_have_url(re.compile(r"run="))
    expect(page.get_by_text("What to do:")).to_be_visible()
    page.get_by_role("link", name="Columns", exact=True).click()
    expect(page.get_by_role("heading", name="Columns")).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    visitor.idle()
    page.get_by_role("link", name="Report", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download HTML").click()
    name = waiting.value.suggested_filename
    waiting.value.save_as(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    assert name == f"report-{run_of(sample)}-{hashlib.sha256(content).hexdigest()[:12]}.html"
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download JSON").click()
    waiting.value.save_as(tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["verdict"]["grade"] == "fail"
    assert report["id"] == run_of(sample)
    assert visitor.errors == []
    assert visitor.left_the_machine(server) == set()


def test_a_click_on_a_row_shows_that_finding_and_back_returns(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open(sample.replace("/?", "/findings?"))
    first = page.locator("h5").first.inner_text()
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.click(position={"x": 300, "y": 38 + 35 * 2 + 17}, force=True)
    page.wait_for_url(re.compile("finding="))
    expect(page.locator("h5").first).not_to_have_text(first)
    page.go_back()
    expect(page.locator("h5").first).to_have_text(first)


def test_another_purpose_is_judged_at_once_and_stays_in_the_link(
    sample: str, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open(f"{sample}&purpose=software_testing")
    expect(page.get_by_role("heading", name=re.compile("software testing"))).to_be_visible()
    page.get_by_role("link", name="Findings", exact=True).click()
    expect(page.get_by_role("heading", name="Findings")).to_be_visible()
    assert "purpose=software_testing" in page.url


def test_the_first_page_stands_within_three_seconds_on_a_warm_server(
    server: Server, visit: Callable[..., Visitor]
) -> None:
    visit().open(server.url)
    visitor = visit()
    begun = time.monotonic()
    visitor.page.goto(server.url)
    expect(visitor.page.get_by_role("heading", name=QUESTION)).to_be_visible()
    assert time.monotonic() - begun < 3


def test_a_deep_link_on_a_freshly_started_server_opens_inside_the_frame(
    sample: str, server: Server, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    fresh = Server(server.runs, tmp_path / "server.log")
    fresh.start()
    try:
        for path in ("columns", "setup"):
            if fresh.process and fresh.process.poll() is not None:
                fresh.start()
            visitor = visit()
            visitor.open(f"{fresh.url}/{path}?run={run_of(sample)}")
            expect(visitor.page.get_by_role("link", name="Relationships")).to_be_visible()
            expect(visitor.page.locator(".st-key-frame")).to_be_visible()
            assert run_of(sample) in visitor.page.url
            assert visitor.errors == []
            assert visitor.left_the_machine(fresh) == set()
            fresh.stop()
    finally:
        fresh.stop()
