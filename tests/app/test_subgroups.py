"""Subgroups: what is looked at stands in the address, the worst group first, weights to take away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from audit import audit_frames
from audit.model import Family, Grade, Report
from audit.render.report_view import ReportView
from audit.store import Runs
from pages.parts.sections import group_profile, group_questions, group_table, weights_card
from tests.app.test_fidelity_pages import said
from tests.app.test_pages import open_page

CHECKS = ("group_profiles", "representation", "outcome_disparity", "row_weights")


def people(rows: int, women: float, lost: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sex = np.where(rng.random(rows) < women, "Female", "Male")
    town = rng.choice(["Bonn", "Ulm", "Verden"], rows, p=[0.6, 0.36, 0.04])
    chance = np.where(sex == "Male", 0.5, 0.4 * (1 - lost))
    return pd.DataFrame(
        {
            "sex": sex,
            "town": town,
            "hired": np.where(rng.random(rows) < chance, "yes", "no"),
            "x": rng.normal(size=rows),
        }
    )


@pytest.fixture(scope="module")
def report() -> Report:
    real, synthetic = people(2000, 0.5, 0.0, 1), people(2000, 0.35, 0.6, 2)
    return audit_frames(real, synthetic, target="hired", sensitive=("sex", "town"), checks=CHECKS)


@pytest.fixture(scope="module")
def fair() -> Report:
    real = people(30_000, 0.5, 0.0, 1)
    return audit_frames(real, real.copy(), target="hired", sensitive=("sex",), checks=CHECKS)


def test_the_three_questions_stand_first_with_their_grades(report: Report, done: Callable[..., str]) -> None:
    app = open_page("pages/subgroups.py", done(report))
    assert not app.exception
    text = said(app)
    assert "Is every group still there?" in text
    assert "Does the gap in outcome grow?" in text
    assert "Does a model treat groups worse?" in text
    assert "No check of this theme was asked for." in text  # the model


def test_a_crossing_has_one_name() -> None:
    """Numbers and pictures of the same two columns are found together, whatever their order."""
    real, synthetic = (people(2000, 0.5, 0.0, seed)[["town", "sex", "hired"]] for seed in (1, 2))
    lost = synthetic[(synthetic["sex"] != "Female") | (synthetic["town"] != "Ulm")]
    checks = ("group_profiles", "intersections")
    report = audit_frames(real, lost, target="hired", sensitive=("sex", "town"), checks=checks)
    numbers = {
        by
        for by in map(group_table.made_by, group_table.of_view(ReportView(report)))
        if group_profile.CROSS in by
    }
    assert numbers == {"sex × town"}
    assert numbers <= set(group_profile.attributes(group_profile.charts_of(report)))


@pytest.mark.parametrize("view", ["real", "synthetic"])
@pytest.mark.parametrize("number", ["rate of the outcome", "share of rows", "nonsense"])
@pytest.mark.parametrize("by", ["sex", "sex × town", "nobody"])
def test_every_view_opens_from_its_address(
    by: str, number: str, view: str, report: Report, done: Callable[..., str]
) -> None:
    app = open_page("pages/subgroups.py", done(report), by=by, number=number, view=view)
    assert not app.exception
    assert app.selectbox(key="choose_by").value == ("sex" if by == "nobody" else by)


def test_inherited_and_added_stand_side_by_side(report: Report, done: Callable[..., str]) -> None:
    app = open_page("pages/subgroups.py", done(report), by="sex", view="synthetic")
    table = app.dataframe[0].value
    assert list(table.columns) == ["Group", "Real", "Synthetic", "Inherited", "Added"]
    women = table.set_index("Group").loc["Female"]
    assert women["Inherited"].startswith("−") and women["Added"].startswith("−")


def test_the_worst_group_comes_first_and_everyone_before_it(report: Report) -> None:
    charts = group_profile.charts_of(report)
    picture = group_profile.choose_chart(charts, "sex", "rate of the outcome")
    assert picture is not None
    found = group_profile.lines(picture)
    drawn = group_profile.forest(picture, "synthetic", found, 10)
    assert drawn.groups[0] == "everyone"
    assert [one.label for one in sorted(found, key=lambda one: one.sort_key("synthetic"))] == list(
        drawn.groups[1:]
    )
    alone = group_profile.forest(picture, "real", found, 10)
    assert {one.name.partition(" ")[0] for one in alone.series} == {"real"}


def test_a_small_group_is_counted_and_its_crossings_are_grey(report: Report) -> None:
    charts = group_profile.charts_of(report)
    crossed = group_profile.choose_chart(charts, "sex × town", "share of rows")
    assert crossed is not None
    assert group_profile.too_small(crossed, report) == "2 groups of fewer than 50 real rows are grey."
    real = pd.concat([people(2000, 0.5, 0.0, 1), people(30, 0.5, 0.0, 4).assign(town="Zell")])
    small = audit_frames(real, people(2000, 0.5, 0.0, 2), sensitive=("town",), checks=("group_profiles",))
    (picture,) = group_profile.charts_of(small)
    assert group_profile.too_small(picture, small) == "1 group of fewer than 50 real rows is not shown."


def test_weights_are_advised_and_offered_where_a_finding_asks(
    report: Report, store: Runs, done: Callable[..., str]
) -> None:
    run_id = done(report)
    (store.folder_of(run_id).path / "row_weights.csv").write_text("row,weight\n1,1.0\n", encoding="utf-8")
    app = open_page("pages/subgroups.py", run_id)
    assert not app.exception
    assert "Weights give the synthetic rows the real mix of" in said(app)
    assert [one.proto.label for one in app.get("download_button")] == ["Row weights (CSV)"]
    assert any(
        "Weigh them" in str(cell) for frame in app.dataframe for cell in frame.value.to_numpy().ravel()
    )


def test_nothing_is_advised_where_nothing_is_wrong(fair: Report, done: Callable[..., str]) -> None:
    app = open_page("pages/subgroups.py", done(fair))
    assert not app.exception
    assert "What can be done" not in said(app)
    assert group_questions.FINE in said(app)
    assert not weights_card.asked_for(fair)


def test_advice_goes_with_findings_about_groups_alone(report: Report) -> None:
    assert weights_card.asked_for(report)
    others = tuple(replace(f, family=Family.FIDELITY) for f in report.findings)
    assert not weights_card.asked_for(replace(report, findings=others))
    open_ones = tuple(replace(f, grade=Grade.INCONCLUSIVE) for f in report.findings)
    assert not weights_card.asked_for(replace(report, findings=open_ones))


def test_one_sentence_is_told_of_each_question() -> None:
    assert group_questions.first_sentence("It is 0.5 of it. More follows.") == "It is 0.5 of it."
    assert group_questions.first_sentence("Only this.") == "Only this."
