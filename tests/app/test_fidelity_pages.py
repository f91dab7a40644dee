"""Columns, relationships, utility and subgroups of a report with the whole fidelity family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

from audit.model import Bars, Family, Histogram, JudgedMeasure, Kind, Measure, share_bars
from audit.render.report_view import ReportView
from pages.parts.sections import column_table, group_table, pair_table
from pages.parts.widgets import distribution, unjudged_metrics
from tests.app.test_pages import open_page, texts
from tests.render.example import HOSTILE, build, card, column_chart, joint_chart
from tests.render.fidelity import (
    detection,
    finding,
    groups,
    learning,
    standing,
    with_fidelity,
    without_answers,
)


def said(app: AppTest) -> str:
    return texts(app).replace("\\", "").replace("\u2060", "")


def listed(app: AppTest, column: str, at: int = 0) -> list[str]:
    return list(app.dataframe[at].value[column])


@pytest.mark.parametrize("order", list(column_table.ORDERS))
def test_columns_are_sorted_as_the_address_asks(order: str) -> None:
    report = with_fidelity()
    table = column_table.table(report, order)
    assert sorted(table.index) == sorted(column.name for column in report.columns)
    if order == "distance":
        known = [one for one in table["Distance"] if one == one]
        assert known == sorted(known, reverse=True)
    if order == "name":
        assert list(table.index) == sorted(table.index, key=str.casefold)


def test_the_order_of_columns_is_kept_in_the_address(done: Callable[..., str]) -> None:
    app = open_page("pages/columns.py", done(with_fidelity()), sort="name")
    assert not app.exception
    names = listed(app, "Column")
    assert names == sorted(names, key=str.casefold)


def test_a_difference_is_synthetic_minus_real_and_the_holdout_shows_chance() -> None:
    shares = {"real": (0.5, 0.45, 0.05), "synthetic": (0.4, 0.4, 0.2), "holdout": (0.5, 0.46, 0.04)}
    picture = share_bars(("f", "m", "x"), shares, title="t", alt="a", about=("sex",))
    gaps = distribution.difference(picture)
    assert isinstance(gaps, Bars) and gaps.labels == ("x", "f", "m")  # those that differ most come first
    by_name = {one.name: one.values for one in gaps.series}
    assert set(by_name) == {"synthetic", "holdout"}
    assert by_name["synthetic"] == pytest.approx((0.15, -0.1, -0.05))
    assert by_name["holdout"] == pytest.approx((-0.01, 0.0, 0.01))


def test_a_cumulative_view_ends_at_one_and_never_falls() -> None:
    shares = column_chart("age", 0)
    assert isinstance(shares, Histogram)
    curves = distribution.cumulative(shares)
    for one in curves.series:
        assert len(one.values) == len(curves.positions)
        assert one.values[-1] == pytest.approx(1.0)
        assert all(left <= right for left, right in pairwise(one.values))  # type: ignore[operator]


def test_the_curves_of_the_number_checks_are_shown_where_there_are_any() -> None:
    views = distribution.views_of(build(), "age")
    assert list(views) == ["overlay", "difference", "cumulative", "table"]
    assert views["cumulative"].title == "ECDF of age"
    assert "cumulative" not in distribution.views_of(build(), "income")  # a category
    assert distribution.views_of(build(), "no such column") == {}


def test_the_table_of_bins_is_in_percent_with_the_difference_in_points() -> None:
    table = distribution.bins(column_chart("age", 0))
    assert table["real"].sum() == pytest.approx(100)
    assert list(table["difference"]) == pytest.approx(list(table["synthetic"] - table["real"]))


@pytest.mark.parametrize("view", list(distribution.NAMES))
@pytest.mark.parametrize("col", ["age", "income", HOSTILE[0]])
def test_every_view_of_a_column_opens(col: str, view: str, done: Callable[..., str]) -> None:
    app = open_page("pages/columns.py", done(with_fidelity()), col=col, view=view)
    assert not app.exception
    assert app.selectbox(key="choose_col").value == col


@pytest.mark.parametrize("compare", ["pair_shapes", "pair_associations", "nonsense"])
def test_pairs_are_compared_by_shape_or_association(compare: str, done: Callable[..., str]) -> None:
    app = open_page("pages/relationships.py", done(with_fidelity()), compare=compare, pair="age × income")
    assert not app.exception
    other = "Shape" if compare == "pair_associations" else "Association"
    assert other in app.dataframe[0].value.columns
    text = said(app)
    assert "The distance of age and income is" in text
    assert "The number of age and income is 0.40." in text


def test_what_lies_beyond_pairs_is_listed_worst_first_and_what_is_fine_is_not(
    done: Callable[..., str],
) -> None:
    report = with_fidelity()
    found = pair_table.higher_order_sets(report)
    assert [pair.value for pair in found] == [0.31, 0.21]
    app = open_page("pages/relationships.py", done(report))
    assert not app.exception
    text = said(app)
    assert "Beyond pairs" in text
    assert text.index("The number of age and income and hours-per-week") < text.index(
        "The number of age and education"
    )
    assert "Beyond pairs" not in said(open_page("pages/relationships.py", done(build())))


def test_a_map_of_signed_differences_is_drawn_from_the_numbers() -> None:
    found = pair_table.pairs(with_fidelity(), pair_table.ASSOCIATION)
    bare = replace(with_fidelity(), results=())
    drawn = pair_table.heat_map(bare, found, pair_table.ASSOCIATION)
    assert drawn is not None
    assert min(value for value in drawn.series[0].values if value is not None) < 0


def test_the_utility_page_tells_what_gives_it_away_what_models_learn_and_the_plane(
    done: Callable[..., str],
) -> None:
    app = open_page("pages/utility.py", done(with_fidelity()))
    assert not app.exception
    text = said(app)
    for part in ("What gives synthetic rows away", "What models learn from it", "Realism and diversity"):
        assert part in text
    assert "3.1 times as many" in text
    assert "differs as much as a 4% sample" in text
    assert "The number of the table is 0.93." in text
    assert "The number of the table is 0.81." in text


def test_what_was_not_given_is_said_with_the_way_to_set_it_up(done: Callable[..., str]) -> None:
    app = open_page("pages/utility.py", done(without_answers()))
    assert not app.exception
    assert said(app).count("There is no holdout file for") == 3
    assert "Give a holdout file." in said(app)


def test_a_report_without_these_checks_says_so(done: Callable[..., str]) -> None:
    report = build()
    kept = tuple(one for one in report.results if one.result.card.id != "detectability")
    app = open_page("pages/utility.py", done(replace(report, results=kept)))
    assert not app.exception
    assert "No check of utility was run." in said(app)


def test_secondary_numbers_have_words_meanings_and_what_real_rows_reach() -> None:
    table = unjudged_metrics.table(standing())
    assert list(table["Number"]) == ["Clipped density", "Precision", "Authenticity"]
    assert list(table["Real rows"]) == ["0.75", "–", "–"]
    assert all(table["What it says"])
    scores = unjudged_metrics.table([learning()])
    assert "Real rows" not in scores.columns
    assert "Score when trained on real rows" in list(scores["Number"])


def test_rules_of_a_learner_are_no_groups_of_the_report() -> None:
    found = group_table.of_view(ReportView(with_fidelity()))
    assert set(map(group_table.made_by, found)) == {"sex"}
    assert all(one.measure.name != "slice" for one in found)
    assert detection().measures[-1].measure.group


def test_rules_that_rows_break_are_no_groups_of_people() -> None:
    report = with_fidelity()
    rules = replace(
        groups(), result=replace(groups().result, card=card("implications", "Rules", Family.ARTIFACTS))
    )
    found = group_table.of_view(ReportView(replace(report, results=(*report.results, rules))))
    assert found == group_table.of_view(ReportView(report))


def test_what_is_said_of_all_groups_together_stands_above_them(done: Callable[..., str]) -> None:
    app = open_page("pages/subgroups.py", done(with_fidelity()))
    assert not app.exception
    assert "The number of the table is 0.02." in said(app)


def test_groups_of_one_grade_are_sorted_by_how_far_they_are_off() -> None:
    found = [
        one.measure.value
        for one in group_table.of_view(ReportView(with_fidelity()))
        if one.check == "subgroup_shapes"
    ]
    assert found == [0.35, 0.31, 0.12]


def test_a_joint_view_is_found_whichever_column_comes_first() -> None:
    assert joint_chart("a", "b").about == ("a", "b")
    assert pair_table.joint(build(), ("income", "age")) is not None


@pytest.mark.parametrize(
    ("check", "group", "leads"),
    [
        ("utility", None, "The page of utility"),
        ("subgroup_shapes", {"sex": "F"}, "The groups"),
        ("implications", {"sex": "F"}, ""),
    ],
)
def test_a_finding_leads_to_the_page_that_shows_more(
    check: str, group: dict[str, str] | None, leads: str, done: Callable[..., str]
) -> None:
    report = with_fidelity()
    shown = finding(1, check, (), group=group, measures=(JudgedMeasure(Measure(0.5)),))
    app = open_page(
        "pages/findings.py",
        done(replace(report, findings=(shown,), verdict=replace(report.verdict, reasons=()))),
    )
    assert not app.exception
    labels = [link.proto.label for link in app.get("page_link")]
    assert (leads in labels) == bool(leads)
    assert "The groups" in labels or leads != "The groups"


def test_a_vector_says_where_it_is_compared(done: Callable[..., str]) -> None:
    report = with_fidelity()
    vector = next(one for one in report.columns if one.kind is Kind.VECTOR)
    app = open_page("pages/columns.py", done(report), col=vector.name)
    assert not app.exception
    assert "A list of numbers has no shape to draw." in said(app)
    assert "Compared on the page of utility" in [link.proto.label for link in app.get("page_link")]
