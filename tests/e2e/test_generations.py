"""A loop in a browser: its files handed in, put in order, audited; what it loses is seen and taken away."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.app.test_generations_page import shrunk
from tests.e2e.conftest import Server, Visitor
from tests.e2e.test_own_files import upload
from tests.worlds import people

pytestmark = pytest.mark.browser
COLUMNS = ["age", "sex", "city", "score"]  # few, so that the audits of each table are short


def test_a_loop_is_handed_in_audited_and_taken_away(
    server: Server, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    tables = {"real": people(300, 0), **{f"gen{at}": shrunk(at) for at in (10, 2, 1)}}
    for name, frame in tables.items():
        frame[COLUMNS].head(300).to_csv(tmp_path / f"{name}.csv", index=False)
    visitor = visit()
    page = visitor.page
    visitor.open(f"{server.url}/setup?series=generations")
    upload(visitor, "real", tmp_path / "real.csv")
    files = [str(tmp_path / f"gen{at}.csv") for at in (10, 2, 1)]
    page.locator(".st-key-upload_series input[type=file]").set_input_files(files)
    expect(page.get_by_text("3 · gen10.csv")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Run the audit").click(timeout=60_000)
    expect(page.get_by_text("Generation by generation")).to_be_visible(timeout=120_000)
    expect(page.get_by_text(re.compile("This loop decays"))).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    expect(page.get_by_text(re.compile("score keeps .* of its variance per generation"))).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Numbers (CSV)").click()
    lines = Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["gen1.csv", "gen2.csv", "gen10.csv"]
    assert visitor.errors == []
    assert visitor.left_the_machine(server) == set()
