"""The section on planted rows of the Artifacts page."""

from __future__ import annotations

from collections.abc import Callable

from audit.model import SUSPECT_ROWS
from audit.render.suspicious_rows import clusters, patterns
from audit.store import Runs
from pages.parts.sections.poisoning import clusters_table, patterns_table
from tests.app.test_pages import open_page, texts
from tests.render.example import build
from tests.render.test_suspicious_rows import report


def test_patterns_crowds_and_the_rows_are_shown(done: Callable[..., str], store: Runs) -> None:
    run = done(report())
    (store.folder_of(run).path / SUSPECT_ROWS).write_text("row,check,why\n1,triggers,x\n", encoding="utf-8")
    app = open_page("pages/artifacts.py", run)
    assert not app.exception
    said = texts(app)
    assert "2 of 2 checks found marks that planted rows leave" in said.replace("\\", "")
    tables = [frame.value for frame in app.dataframe]
    assert any("Values" in frame and "city = Erfurt" in list(frame["Values"]) for frame in tables)
    assert any("They agree in" in frame for frame in tables)
    assert "download_suspects" in {one.key for one in app.get("download_button")}


def test_a_report_without_these_checks_says_nothing(done: Callable[..., str]) -> None:
    app = open_page("pages/artifacts.py", done(build()))
    assert not app.exception
    assert "planted rows leave" not in texts(app)


def test_tables_hold_shares_and_counts() -> None:
    values = patterns_table(patterns(report()))
    line = values[values["Values"] == "city = Erfurt"].iloc[0]
    assert line["Rows"] >= 80
    assert line["Synthetic"].endswith("%")
    crowd = clusters_table(clusters(report())).iloc[0]
    assert crowd["Outcome"].endswith("%)")
    assert crowd["They agree in"].split()[1] == "columns:"
