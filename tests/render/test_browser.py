"""report.html in a browser: nothing runs, nothing is asked for, it fits a telephone and prints."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.model import Report
from audit.render.html import to_html

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        why = f"There is no browser at {CHROMIUM}."
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=str(CHROMIUM), args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(to_html(report), encoding="utf-8")
    return file.as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_inert_in_both_themes(browser: Any, address: str, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(address)
    for box in page.locator("article").all()[:3]:
        box.hover()
    assert asked == [address]
    assert said == []
    assert page.evaluate("window.token") is None
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}[scheme]
    page.close()


def test_the_first_screen_holds_verdict_reasons_and_next_steps(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(address)
    box = page.locator(".families").bounding_box()
    assert box["y"] + box["height"] < 768
    page.close()


@pytest.mark.parametrize("width", [390, 768, 1366, 1920])
def test_no_page_is_wider_than_its_screen(browser: Any, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.close()


def test_the_evidence_of_a_reason_is_one_click_away(browser: Any, address: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(address)
    page.get_by_role("link", name="Evidence").first.click()
    assert page.url == f"{address}#finding-1"
    assert page.locator("#finding-1").bounding_box()["y"] < 768
    page.close()


def test_it_prints_on_a4(browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(address)
    printed = page.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/MediaBox\s*\[([^\]]*)\]", printed)
    assert sheets
    for sheet in sheets:
        assert [round(float(side)) for side in sheet.split()][2:] == [595, 842]
    page.close()
