"""A report in a notebook: its first screen as HTML that calls nobody, its findings as a frame."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import html5lib
import pytest

from audit.errors import StoreError
from audit.render.notebook import Report
from audit.render.report_view import ReportView
from audit.render.table import FRAME
from tests.app.test_generations_page import looped

MOST = 60_000  # characters of a first screen
COLUMNS = [
    "check",
    "family",
    "grade",
    "severity",
    "about",
    "group",
    "sentence",
    "next_step",
    "value",
    "low",
    "high",
    "baseline",
    "tolerance",
    "rows",
]


def text_of(screen: str) -> str:
    tree = html5lib.parse(screen, namespaceHTMLElements=False)
    return " ".join(" ".join(tree.itertext()).split())


def test_the_first_screen_tells_the_verdict_its_reasons_and_the_next_steps(report: Report) -> None:
    view, text = ReportView(report), text_of(report._repr_html_())
    assert view.headline in text
    assert report.verdict.rule in text
    for reason in view.reasons[:5]:
        assert reason.sentence in text
    for step in view.next_steps:
        assert step[:200] in text
    assert all(family.value.capitalize() in text for family in report.families)


def test_the_first_screen_runs_nothing_asks_for_nothing_and_points_nowhere(report: Report) -> None:
    screen = report._repr_html_()
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(screen)
    assert parser.errors == []
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not tags & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "a",
        "base",
        "meta",
        "html",
        "body",
    }
    for element in tree.iter():
        assert not [
            name for name in element.attrib if name.startswith("on") or name in ("src", "href", "id", "style")
        ]
    assert "url(" not in screen and "@import" not in screen and "http" not in screen
    assert len(screen) < MOST


def test_the_style_of_the_first_screen_reaches_nothing_outside(report: Report) -> None:
    """Every rule stands within the one of the piece itself, but for its own colours in the dark."""
    style = report._repr_html_().partition("<style>")[2].partition("</style>")[0]
    depth, outer, rule = 0, [], ""
    for character in style:
        if character == "{":
            if depth == 0:
                outer.append(rule.strip())
            depth, rule = depth + 1, ""
        elif character == "}":
            depth, rule = depth - 1, ""
        else:
            rule += character
    assert depth == 0
    assert set(outer) == {".synthetic-data-audit", "@media screen and (prefers-color-scheme: dark)"}


def test_hostile_names_stay_text_in_the_first_screen(
    build_report: Callable[..., Report], hostile: tuple[str, ...]
) -> None:
    report = build_report()
    for name in hostile:
        finding = replace(
            report.findings[0], sentence=f"The column {name} is off.", next_step=f"Look at {name}."
        )
        told = replace(
            report, findings=(finding,), verdict=replace(report.verdict, reasons=(finding.id,), rule=name)
        )
        tree = html5lib.parseFragment(told._repr_html_(), namespaceHTMLElements=False)
        tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
        assert not tags & {"script", "img", "a", "iframe", "svg", "b:", "math"}, name


def test_a_series_is_shown_as_well(report: Report) -> None:
    assert "generations" in text_of(looped()._repr_html_())


def test_the_frame_has_one_row_per_finding(report: Report) -> None:
    frame = report.to_frame()
    assert tuple(frame.columns) == FRAME == tuple(COLUMNS)
    assert list(frame.index) == [finding.id for finding in report.findings]
    for finding, (_, row) in zip(report.findings, frame.iterrows(), strict=True):
        assert (row["check"], row["grade"], row["family"]) == (
            finding.check,
            finding.grade.value,
            finding.family.value,
        )
        assert row["sentence"] == finding.sentence
        assert row["next_step"] == finding.next_step
        assert row["about"] == " × ".join(finding.about)
        number = finding.judged_measure
        measure = number.measure if number is not None else None
        for name in ("value", "low", "high", "baseline", "tolerance"):
            known = getattr(finding if name in ("value", "tolerance") else measure, name, None)
            assert math.isnan(row[name]) if known is None else row[name] == known


def test_the_frame_of_a_report_without_findings_has_the_same_columns(report: Report) -> None:
    whole, empty = report.to_frame(), replace(report, findings=()).to_frame()
    assert len(empty) == 0
    assert list(empty.dtypes) == list(whole.dtypes)


@pytest.mark.parametrize("module", ["pandas", "jinja2", "audit.render"])
def test_a_report_loads_what_shows_it_only_when_it_is_shown(module: str) -> None:
    code = f"import sys, audit; from audit.model import Report; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_frame_without_pandas_says_what_to_do(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StoreError, match="pip install pandas"):
        report.to_frame()
