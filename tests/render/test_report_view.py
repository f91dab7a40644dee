"""One view that all tellings read: built once, nothing before it is asked for, the same words everywhere."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

import html5lib
import pytest

from audit.model import Report
from audit.render import finding_tree, report_view, write_reports
from audit.render.html import to_html
from audit.render.markdown import literal, to_markdown
from audit.render.report_view import ReportView
from audit.render.summary import to_summary

PARTS = {name for name, value in vars(ReportView).items() if isinstance(value, cached_property)}


def computed(view: ReportView) -> set[str]:
    """The parts that were computed so far."""
    return PARTS & set(vars(view))


def test_a_view_computes_nothing_before_it_is_asked(report: Report) -> None:
    assert computed(ReportView(report)) == set()


def test_a_part_is_computed_once(report: Report) -> None:
    view = ReportView(report)
    for part in PARTS:
        assert getattr(view, part) is getattr(view, part), part


def test_the_terminal_needs_no_picture_and_no_section(report: Report) -> None:
    view = ReportView(report)
    to_summary(view)
    assert computed(view) <= {"is_series", "reasons", "by_id", "results", "roots", "_standing"}


def test_markdown_needs_no_picture_and_no_check_in_words(report: Report) -> None:
    view = ReportView(report)
    to_markdown(view)
    assert not computed(view) & {"pictures", "checks", "columns", "pairs", "uses"}


def test_reports_are_written_from_one_view(
    report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[ReportView] = []
    whole = ReportView.__init__

    def counting(self: ReportView, report: Report) -> None:
        made.append(self)
        whole(self, report)

    monkeypatch.setattr(ReportView, "__init__", counting)
    write_reports(report, tmp_path)
    assert len(made) == 1


def test_a_view_of_a_view_is_the_same(report: Report) -> None:
    view = ReportView(report)
    assert ReportView.of(view) is view
    assert to_html(view) == to_html(report)
    assert to_markdown(view) == to_markdown(report)
    assert to_summary(view) == to_summary(report)


def test_all_tellings_say_the_same_of_a_finding(report: Report) -> None:
    view = ReportView(report)
    page = " ".join("".join(html5lib.parse(to_html(view), namespaceHTMLElements=False).itertext()).split())
    text, terminal = to_markdown(view), " ".join(to_summary(view).split())
    assert view.reasons
    for reason in view.reasons:
        assert reason.sentence in page
        assert literal(reason.sentence) in text
        assert reason.number is not None
        for words in (reason.estimate, reason.reference):
            assert words in page
            assert words in text
    assert view.reasons[0].sentence in terminal


def test_the_reasons_come_first_and_details_stand_under_their_root(report: Report) -> None:
    view = ReportView(report)
    assert view.findings[: len(view.reasons)] == view.reasons
    assert [one.anchor for one in view.findings] == [f"finding-{at + 1}" for at in range(len(view.findings))]
    shown = {one.finding.id for one in view.findings}
    below = {one.finding.id for root in view.findings for one in view.details(root.finding)}
    assert shown | below == {finding.id for finding in report.findings}
    assert list(view.roots) == finding_tree.roots(report.findings)


def test_no_picture_stands_in_two_places(report: Report) -> None:
    pictures = ReportView(report).pictures
    shown = [*pictures.loop, *(one for one in pictures.findings.values() if one), *pictures.pairs]
    shown += [*pictures.columns, *pictures.drift, *pictures.whole, *pictures.people, *pictures.groups]
    shown += [chart for charts in pictures.uses.values() for chart in charts]
    assert shown
    assert len({id(chart) for chart in shown}) == len(shown)


def test_a_report_without_its_checks_is_told_by_ids(report: Report) -> None:
    view = ReportView(replace(report, results=()))
    first = view.findings[0]
    assert first.title == first.finding.check == view.title(first.finding.check)
    assert first.number is None
    assert first.sentence in to_html(view)


def test_lines_of_provenance_flatten_what_is_nested(report: Report) -> None:
    nested = replace(report, provenance={"b": {"c_d": [1, 2]}, "a": "x"})
    assert ReportView(nested).provenance == (("a", "x"), ("b · c d", "[1, 2]"))
    assert len(ReportView(report).next_steps) <= report_view.STEPS
