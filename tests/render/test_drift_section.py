"""Drift in the HTML report: two opinions side by side, those that differ first, nothing where it was not asked."""

from __future__ import annotations

from dataclasses import replace

from audit.render.drift_section import drift_views, opinions
from audit.render.html import to_html
from tests.app.test_drift_page import drifted
from tests.render.example import build


def test_both_opinions_stand_in_one_table_those_that_differ_first() -> None:
    report = drifted()
    first, *rest = opinions(report)
    assert first.column == "age"
    assert first.differ
    assert first.sentence.startswith("Evidently says no drift for age")
    assert not any(view.differ for view in rest)
    assert {view.column for view in (first, *rest)} == {c.name for c in report.columns if c.kind != "key"}
    page = to_html(report)
    assert '<h2 id="drift">' in page
    assert "Evidently says no drift for sex" in page


def test_the_other_checks_of_drift_say_their_worst() -> None:
    told = {view.title: view.sentences for view in drift_views(drifted())}
    assert set(told) >= {
        "Dataset drift",
        "Concept drift",
        "Drift over time or batches",
        "Hybrid training data",
    }
    assert any("standard deviations" in sentence for sentence in told["Drift over time or batches"])


def test_a_report_without_drift_has_no_such_section() -> None:
    kept = tuple(one for one in build().results if one.result.card.family.value != "drift")
    assert '<h2 id="drift">' not in to_html(replace(build(), results=kept))
