"""One's own files: uploaded, looked at, confirmed, run, cancelled; hostile text stays text."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Server, Visitor

pytestmark = pytest.mark.browser
HOSTILE = (
    "<script>window.token1=1</script>",
    "<img src=x onerror=window.token2=1>",
    "=cmd|' /C calc'!A0",
    "[click](javascript:window.token3=1)",
    "![beacon](http://127.0.0.1:9/beacon)",
    "</script><script>window.token4=1</script>",
)
TOKENS = "() => Object.keys(window).filter(name => name.startsWith('token'))"


def write_hostile(path: Path, seed: int) -> None:
    """Every hostile text is a column name and a common value."""
    generator = random.Random(seed)
    quoted = [f'"{name}"' for name in ("amount", *HOSTILE)]
    rows = [
        ",".join([str(generator.randint(0, 90))] + [f'"{generator.choice(HOSTILE)}"' for _ in HOSTILE])
        for _ in range(400)
    ]
    path.write_text("\n".join([",".join(quoted), *rows]) + "\n", encoding="utf-8")


def upload(visitor: Visitor, role: str, path: Path) -> None:
    field = visitor.page.locator(f".st-key-upload_{role} input[type=file]")
    field.set_input_files(str(path))
    expect(visitor.page.locator(f".st-key-upload_{role}").get_by_text(path.name)).to_be_visible()
    visitor.page.wait_for_timeout(500)  # the name stands before the app has begun to read the file
    visitor.idle()


def test_hostile_names_and_values_stay_text_in_app_and_report(
    server: Server, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    for seed, name in enumerate(("real.csv", "synthetic.csv")):
        write_hostile(tmp_path / name, seed)
    visitor = visit()
    page = visitor.page
    visitor.open(f"{server.url}/setup")
    upload(visitor, "real", tmp_path / "real.csv")
    upload(visitor, "synthetic", tmp_path / "synthetic.csv")
    expect(page.get_by_text("2 · What the columns hold")).to_be_visible(timeout=60_000)
    assert page.evaluate(TOKENS) == []
    page.get_by_role("button", name="Run the audit").click()
    expect(page.get_by_text("What was compared")).to_be_visible(timeout=90_000)
    run = re.search(r"run=([0-9a-f]{32})", page.url)
    assert run
    for path in ("", "findings", "columns", "relationships", "subgroups", "privacy", "report"):
        visitor.open(f"{server.url}/{path}?run={run[1]}")
        page.wait_for_timeout(300)
        assert page.evaluate(TOKENS) == [], path
        assert (
            page.locator("a[href*=beacon], a[href^=javascript], img[src*=beacon], img[src=x]").count() == 0
        ), path
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download HTML").click()
    report = tmp_path / "report.html"
    waiting.value.save_as(report)
    page.goto(report.as_uri())
    assert page.evaluate(TOKENS) == []
    assert page.get_by_text("window.token1=1").count() > 0
    assert visitor.errors == []
    assert visitor.left_the_machine(server) == set()


def test_a_file_that_cannot_be_read_is_refused_in_words(
    server: Server, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    (tmp_path / "real.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    (tmp_path / "synthetic.csv").write_text("a,b\n1,2\n2,3\n")
    visitor = visit()
    visitor.open(f"{server.url}/setup")
    upload(visitor, "real", tmp_path / "real.csv")
    upload(visitor, "synthetic", tmp_path / "synthetic.csv")
    expect(visitor.page.get_by_role("alert").filter(has_text="real.csv").first).to_be_visible(timeout=60_000)
    assert visitor.page.get_by_role("button", name="Run the audit").count() == 0
    assert visitor.errors == []


def test_cancel_ends_the_audit_and_says_so(
    server: Server, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    generator = random.Random(5)
    rows = "".join(
        f"{generator.random()},{generator.randint(0, 9)},{generator.choice('abc')}\n" for _ in range(150_000)
    )
    (tmp_path / "large.csv").write_text("x,y,z\n" + rows)
    visitor = visit()
    page = visitor.page
    visitor.open(f"{server.url}/setup")
    upload(visitor, "real", tmp_path / "large.csv")
    upload(visitor, "synthetic", tmp_path / "large.csv")
    page.get_by_role("button", name="Run the audit").click(timeout=60_000)
    expect(page.get_by_role("heading", name="Measuring")).to_be_visible()
    link = page.url
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="This audit was cancelled")).to_be_visible(timeout=10_000)
    other = visit()  # the link tells everyone who holds it the same
    other.open(link)
    expect(other.page.get_by_role("heading", name="This audit was cancelled")).to_be_visible()
