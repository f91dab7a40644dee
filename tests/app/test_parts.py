"""The shared parts: numbers with their references, addresses, visitors, overrides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from audit.checks import all_checks
from audit.model import Better, Family, Grade, Histogram, JudgedMeasure, Measure, Report, Scale, Series, Unit
from audit.render.chart_codec import plain_series, to_plain
from audit.render.number import Number
from audit.render.report_view import ReportView
from pages.parts.frame import purpose
from pages.parts.runs import progress, reports
from pages.parts.sections import column_table, group_table, pair_table
from pages.parts.setup import schema_editor
from pages.parts.widgets import chart
from pages.parts.widgets.number import NO_REFERENCE, line
from tests.app.test_pages import open_page, texts
from tests.render.example import HOSTILE, build, card

SHARE = Scale(Unit.SHARE, "share of rows", Better.LOWER, 0.0, 1.0)


def number_on(judged: JudgedMeasure, scale: Scale) -> Number:
    return Number(
        judged, card("column_shapes", "Column shapes", Family.FIDELITY, scale), judged.tolerance_fail
    )


def test_a_number_is_read_with_its_interval_reference_tolerance_and_rows() -> None:
    judged = JudgedMeasure(
        Measure(0.12, ("age",), low=0.1, high=0.14, baseline=0.004, n=5000), Grade.FAIL, 0.02, 0.05
    )
    assert (
        line(number_on(judged, SHARE))
        == "12% (10–14%) · real against real 0.4% · tolerated up to 5% · 5,000 rows"
    )


def test_a_number_without_a_reference_says_so() -> None:
    judged = JudgedMeasure(Measure(0.12, ("age",), low=0.1, high=0.14), Grade.FAIL)
    assert NO_REFERENCE in line(number_on(judged, SHARE))


def test_the_same_browser_is_the_same_visitor_however_its_token_is_masked() -> None:
    secret = b"0123456789abcdef"
    tokens = []
    for mask in (b"\x01\x02\x03\x04", b"\xaa\xbb\xcc\xdd"):
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(secret))
        tokens.append(f"2|{mask.hex()}|{masked.hex()}|1700000000")
    assert [reports._unmasked(token) for token in tokens] == [secret, secret]
    assert reports._unmasked("nonsense") == b""
    assert reports._unmasked("2|zz|zz|1") == b""


@pytest.mark.parametrize("kind", ["bars", "histogram", "lines", "heatmap", "joint", "intervals"])
def test_every_kind_of_chart_has_a_table_with_a_row_for_each_value(kind: str) -> None:
    charts = [c for r in build().results for c in r.result.charts if to_plain(c).kind == kind]
    for picture in charts[:3]:
        table = chart.table(picture)
        assert len(table) == max(len(series.values) for series in plain_series(picture))
        assert {series.name for series in plain_series(picture)} <= set(table.columns)


def test_the_grid_of_columns_is_worst_first_and_keeps_every_column() -> None:
    report = build()
    table = column_table.table(report)
    assert sorted(table.index) == sorted(column.name for column in report.columns)
    grades = list(table["Grade"])
    assert grades == sorted(
        grades, key=lambda cell: ["✕ Fail", "? Inconclusive", "▲ Warning", "✓ Pass"].index(cell)
    )


def test_small_distributions_keep_the_whole() -> None:
    picture = next(c for r in build().results for c in r.result.charts if isinstance(c, Histogram))
    wide = replace(picture, series=(Series("real", tuple([0.01] * 100)),))
    bars = column_table._bars(wide, "real")
    assert len(bars) <= column_table.BARS
    assert sum(bars) == pytest.approx(1.0)


def test_a_heat_map_is_drawn_from_the_numbers_where_the_check_drew_none() -> None:
    report = build()
    results = tuple(
        replace(r, result=replace(r.result, charts=())) if r.result.card.id == "pair_shapes" else r
        for r in report.results
    )
    found = pair_table.pairs(replace(report, results=results))
    drawn = pair_table.heat_map(replace(report, results=results), found)
    assert drawn is not None
    worst = found[0].measure
    at = drawn.columns.index(worst.about[0]) * len(drawn.columns) + drawn.columns.index(worst.about[1])
    assert drawn.series[0].values[at] == worst.value


def test_groups_are_named_with_their_numbers() -> None:
    found = group_table.of_view(ReportView(build()))
    assert found
    assert set(map(group_table.made_by, found)) == {"sex"}
    assert group_table.table(found).shape == (len(found), 8)


def test_overrides_are_only_what_changed_and_only_what_exists() -> None:
    columns = [
        {"name": "age", "kind": "number", "role": "none"},
        {"name": "sex", "kind": "category", "role": "none"},
        {"name": "zip", "kind": "category", "role": "none"},
    ]
    edited = pd.DataFrame({"Holds": ["number", "category", "evil"], "Role": ["none", "sensitive", "none"]})
    assert schema_editor.changed_rows(columns, edited) == [
        {"name": "sex", "kind": "category", "role": "sensitive"}
    ]
    assert schema_editor.problem(["target", "target"]) == "2 columns have the role “target”; choose one."
    assert schema_editor.problem(["target", "none"]) == ""


def test_the_method_page_holds_every_check() -> None:
    app = open_page("pages/method.py")
    labels = "\n".join(expander.label for expander in app.expander)
    for check in all_checks():
        assert check.card.title in labels.replace("\\", "")


def test_the_overview_says_the_rule_the_reasons_and_what_was_not_assessed(done: Callable[..., str]) -> None:
    said = texts(open_page("pages/overview.py", done())).replace("\\", "").replace("\u2060", "")
    assert "Fail, because a column's distance is beyond 0.05." in said
    assert "real against real" in said
    assert "There is no holdout file. Give a holdout file." in said
    assert "No holdout was given" in said


@pytest.mark.parametrize("col", HOSTILE[:4])
def test_a_hostile_column_can_be_linked_to(col: str, done: Callable[..., str]) -> None:
    app = open_page("pages/columns.py", done(), col=col)
    assert not app.exception
    assert app.selectbox(key="choose_col").value == col


def test_an_unknown_choice_in_the_address_falls_back(done: Callable[..., str]) -> None:
    app = open_page("pages/findings.py", done(), finding="nonsense", theme="nonsense")
    assert not app.exception
    assert app.selectbox(key="choose_finding").value


def test_filters_of_findings_narrow_the_list(done: Callable[..., str]) -> None:
    app = open_page("pages/findings.py", done(), grade="warn")
    assert not app.exception
    assert "findings fit the filter, worst first" in texts(app)
    empty = open_page("pages/findings.py", "", text="no such text")
    assert not empty.exception


def folded_report() -> Report:
    """The example, with three of its findings told under the first."""
    report = build()
    root, *below = report.findings[:4]
    root = replace(root, folded=tuple(one.id for one in below))
    return replace(report, findings=(root, *report.findings[1:]))


def listed(app: AppTest) -> list[str]:
    """What stands in the table of findings."""
    return list(app.dataframe[0].value["Finding"])


def test_details_stand_under_their_finding_until_they_are_asked_for(done: Callable[..., str]) -> None:
    report = folded_report()
    run_id = done(report)
    app = open_page("pages/findings.py", run_id)
    own = len(report.findings) - 3
    assert len(listed(app)) == own
    assert f"{own} findings and 3 details that follow from them, worst first" in texts(app)
    assert "3 details that follow from it" in [expander.label for expander in app.expander]
    app.button(key=f"way_{report.findings[2].id}").click().run()
    assert app.selectbox(key="choose_finding").value == report.findings[2].id
    app.button(key=f"way_{report.findings[0].id}").click().run()
    assert app.selectbox(key="choose_finding").value == report.findings[0].id
    assert len(listed(app)) == own
    app.toggle(key="choose_details").set_value(True).run()
    assert [row.startswith("↳ ") for row in listed(app)[:5]] == [False, True, True, True, False]


def test_a_detail_that_is_linked_to_stands_below_its_root(done: Callable[..., str]) -> None:
    report = folded_report()
    app = open_page("pages/findings.py", done(report), finding=report.findings[2].id)
    assert app.selectbox(key="choose_finding").value == report.findings[2].id
    assert [row.startswith("↳ ") for row in listed(app)[:3]] == [False, True, False]


def test_an_open_question_lists_its_numbers(done: Callable[..., str]) -> None:
    report = build()
    result = next(r for r in report.results if r.result.card.id == "column_shapes")
    open_ones = [one for one in result.measures if one.grade is Grade.INCONCLUSIVE]
    question = replace(
        report.findings[0],
        id="e" * 16,
        check="column_shapes",
        grade=Grade.INCONCLUSIVE,
        measures=tuple(open_ones),
    )
    app = open_page("pages/findings.py", done(replace(report, findings=(question,))))
    assert not app.exception
    assert len(app.dataframe[1].value) == len(open_ones) > 0


def test_progress_counts_the_grades_with_icon_and_word() -> None:
    said = progress.so_far({"pass": 9, "warn": 2, "fail": 1, "not_assessable": 3})
    assert [part.split("] ")[1] for part in said.split(", ")[:3]] == ["9 pass", "2 warning", "1 fail"]
    assert said.endswith(", 3 without a number")
    assert said.count(":material/") == 3
    assert progress.so_far({}) == ""


def test_another_purpose_says_what_it_changes() -> None:
    report = build()
    softer = tuple(
        replace(one, grade=Grade.WARN) if one.result.card.id == "column_shapes" else one
        for one in report.results
    )
    other = replace(
        report, purpose="sharing", results=softer, verdict=replace(report.verdict, grade=Grade.WARN)
    )
    said = purpose.purpose_change(report, other).replace("\\", "").replace("\u2060", "")
    assert said == (
        "For sharing, compared with analytics: Usable with care instead of Fail; "
        "changed: Column shapes (Fail → Warning)."
    )
    same = (
        purpose.purpose_change(report, replace(report, purpose="sharing"))
        .replace("\\", "")
        .replace("\u2060", "")
    )
    assert same == "For sharing, compared with analytics: still Fail; no check is graded differently."


@pytest.mark.parametrize(
    ("better", "said"),
    [
        (Better.LOWER, "tolerated up to 0.5"),
        (Better.HIGHER, "tolerated from 0.5"),
        (Better.ZERO, "tolerated ±0.5"),
        (Better.ONE, "tolerated up to 0.5 times, either way"),
    ],
)
def test_a_tolerance_is_read_as_its_scale(better: Better, said: str) -> None:
    judged = JudgedMeasure(Measure(0.12, ("age",)), Grade.FAIL, 0.2, 0.5)
    assert said in line(number_on(judged, Scale(Unit.NUMBER, "units", better)))


def test_another_purpose_judges_again_without_measuring(done: Callable[..., str]) -> None:
    run_id = done()
    app = open_page("pages/overview.py", run_id, purpose="sharing")
    assert not app.exception
    assert "for sharing?" in texts(app).replace("\\", "")
