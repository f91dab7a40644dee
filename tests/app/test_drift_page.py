"""The drift page: both opinions side by side with the reason where they differ, the rule, time, and mixes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from audit.checks import all_checks
from audit.model import EVIDENTLY, Grade, JudgedMeasure, JudgedResult, Measure, Report, Result, Status
from audit.run.run import audit_frames
from audit.store import Runs
from tests.app.test_fidelity_pages import said
from tests.app.test_pages import open_page
from tests.render.example import build
from tests.worlds import siblings

WHY = "The two opinions differ: Evidently leaves missing values out."


@cache
def drifted() -> Report:
    """An audit of drift, with a second opinion that differs on one column."""
    world = siblings(600)
    late = world.synthetic["since"] > "2019-01-01"
    off = world.synthetic.assign(
        age=world.synthetic["age"] + 12, score=world.synthetic["score"] + 15 * late.to_numpy()
    )
    asked = ("column_drift", "dataset_drift", "concept_drift", "calendar_drift", "batch_drift", "hybrid_mix")
    report = audit_frames(
        world.real, off, world.holdout, checks=asked, target="income", time="since", cost_real=2.0
    )
    return replace(report, results=(*report.results, opinion()))


def opinion() -> JudgedResult:
    card = next(one.card for one in all_checks() if one.card.id == "evidently_opinion")
    measures = tuple(
        Measure(
            value=0.02,
            about=(name,),
            baseline=0.1,
            n=600,
            sentence=f"Evidently says {says} for {name}: Wasserstein 0.02, its threshold 0.1.",
            next_step=why,
            descriptive=True,
        )
        for name, says, why in (("age", "no drift", WHY), ("sex", "no drift", ""))
    )
    result = Result(card, Status.RAN, measures, {"columns": 2.0, "drifted": 0.0, "agree": 1.0})
    return JudgedResult(result, tuple(JudgedMeasure(m) for m in measures), Grade.NOT_APPLICABLE)


def test_every_part_is_told(done: Callable[..., str]) -> None:
    app = open_page("pages/drift.py", done(drifted()))
    assert not app.exception
    text = said(app)
    for part in (
        "Columns, in two opinions",
        "the two agree on 1 of 2",
        "The rule behind the outcome",
        "Over time",
        "The alarm over all columns together is raised at batch",
        "A mix of real and synthetic rows",
        "The cheapest of these has",
    ):
        assert part in text, part
    assert "further from the training data than fresh real data is" in text


def test_both_opinions_stand_side_by_side(done: Callable[..., str]) -> None:
    app = open_page("pages/drift.py", done(drifted()), col="age")
    table = app.dataframe[0].value.set_index("Column")
    assert table.loc["age", "Evidently"] == "no drift (0.02, threshold 0.1)"
    assert list(table.loc[["age", "sex", "city"], "Both"]) == ["differ", "agree", "–"]
    assert table.index[0] == "age"
    assert "Evidently says no drift for age" in said(app)


def test_evidentlys_report_is_a_download_where_there_is_one(done: Callable[..., str], store: Runs) -> None:
    run = done(drifted())
    assert not open_page("pages/drift.py", run).get("download_button")
    (store.folder_of(run).path / EVIDENTLY).write_text("<html></html>", encoding="utf-8")
    (button,) = open_page("pages/drift.py", run).get("download_button")
    assert button.proto.label == "Evidently's report (HTML)"


def test_a_report_without_drift_says_so(done: Callable[..., str]) -> None:
    kept = tuple(one for one in build().results if one.result.card.family.value != "drift")
    app = open_page("pages/drift.py", done(replace(build(), results=kept)))
    assert not app.exception
    assert "No check of drift was run." in said(app)
