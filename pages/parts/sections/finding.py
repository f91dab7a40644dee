"""Findings: the ranked table, one finding in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from audit.model import Chart, Family, Finding, Grade, Measure, Page, Report
from audit.render import finding_tree, formatting
from audit.render.finding_view import FindingView
from audit.render.number import Number
from audit.render.report_view import ReportView
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import columns_text, md_sentence, md_text, plain_text
from pages.parts.base.router import COLUMNS, METHOD, RELATIONSHIPS, RULES, SUBGROUPS, UTILITY
from pages.parts.sections import utility_card
from pages.parts.sections.pair_table import key_of
from pages.parts.widgets import chart, number, rows
from pages.parts.widgets.table import draw as draw_table, height

MAX_FINDINGS = 500  # findings in one list
MAX_DETAILS = 30  # details listed under a finding
BELOW = "↳ "
DETAILS_HELP = (
    "A shape that is off in one column shows again in other numbers and in every pair with that column, and two columns "
    "may break many rules. Such details are told under the worst of them."
)
MAX_CHARACTERS = 125  # characters of a sentence in the list, three lines
LINES = 66  # pixels of a row; only in rows higher than 64 does text break into lines


def select_findings(fitting: Sequence[Finding], asked: str | None, *, every: bool) -> list[Finding]:
    """The findings to list, the worst: details only where they are wanted, below their root.

    asked : the finding on the screen, which is always listed
    """
    own = {one.id for one in finding_tree.roots(fitting)}
    order = [one for one in finding_tree.nest_findings(fitting) if every or one.id in own or one.id == asked]
    return [*order[:MAX_FINDINGS], *(one for one in order[MAX_FINDINGS:] if one.id == asked)]


def table(findings: Sequence[Finding], fitting: Sequence[Finding]) -> pd.DataFrame:
    """The ranked table: one row a finding, in the order given.

    fitting : all findings that fit the filter; a detail of one of them is marked as such
    """
    own = {one.id for one in finding_tree.roots(fitting)}
    return pd.DataFrame(
        {
            "Grade": [grade.grade_cell(finding.grade) for finding in findings],
            "Finding": [
                ("" if finding.id in own else BELOW)
                + plain_text(formatting.sentence(finding.sentence, finding.about), MAX_CHARACTERS)
                for finding in findings
            ],
            "Details": [str(len(finding_tree.details(fitting, finding)) or "") for finding in findings],
            "Severity": [finding.severity for finding in findings],
            "Columns": [columns_text(finding.about, 40) for finding in findings],
        }
    )


def caption(fitting: Sequence[Finding], everything: Sequence[Finding], listed: Sequence[Finding]) -> str:
    """How many findings fit the filter, and what a click does."""
    some = "" if len(fitting) == len(everything) else " fit the filter"
    shorter = (
        f" The first {MAX_FINDINGS} are listed; filter to see others." if len(listed) >= MAX_FINDINGS else ""
    )
    return f"{finding_tree.count_text(fitting)}{some}, worst first. Click one for the evidence.{shorter}"


def column_config() -> Mapping[str, Any]:
    """How the columns of `table` are drawn."""
    config = st.column_config
    return {
        "Grade": config.TextColumn(width=98),
        "Finding": config.TextColumn(width=325),
        "Details": config.TextColumn(width=60, help="Findings that follow from this one"),
        "Severity": config.ProgressColumn(
            min_value=0, max_value=100, format="%.0f", width=80, help="Rank, 0 to 100; not a measure"
        ),
        "Columns": config.TextColumn(width="small"),
    }


def draw_list(
    view: ReportView, fitting: Sequence[Finding], everything: Sequence[Finding], alt: str, *, every: bool
) -> None:
    """The ranked table at the left, the finding that is chosen in it at the right.

    fitting : those of everything that fit the filter, one at least
    every : whether details are listed too
    """
    order = select_findings(fitting, st.query_params.get("finding"), every=every)
    ids = [one.id for one in order]
    left, right = st.columns([6, 5], gap="medium")
    with left:
        st.caption(caption(fitting, everything, order))
        draw_table(table(order, fitting), "finding", ids, alt, column_config(), row=LINES)
    with right, st.container(border=True):
        chosen = url_state.choose_one(
            "Finding",
            "finding",
            ids,
            lambda key: plain_text(view.by_id[key].sentence, 90),
            label_visibility="collapsed",
        )
        draw_finding(view, view.by_id[chosen or ids[0]])


def draw_finding(view: ReportView, shown: FindingView) -> None:
    """One finding: the sentence, the number, the picture, the rows, what to do next."""
    report, finding = view.report, shown.finding
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        grade.chip(finding.grade)
        st.caption(f"{formatting.family_word(finding.family)} · {md_text(shown.title, 60)}")
    st.markdown(f"##### {md_sentence(finding.sentence, finding.about, 600)}")
    if finding.next_step:
        st.markdown(f"**What to do:** {md_text(finding.next_step, 400)}")
    if shown.number is None:
        _draw_open(view, finding)
    else:
        number.draw(shown.number, _what(shown.number))
    for at, picture in enumerate(_pictures(report, finding)):
        chart.draw(picture, f"finding_{finding.id}_{at}")
    if finding.rows is not None and finding.rows.count:
        rows.draw(report, finding.rows, finding.about, f"rows_{finding.id}")
    _draw_folded(view, finding)
    _draw_links(report, finding)


def _pictures(report: Report, finding: Finding) -> list[Chart]:
    """An artifact shows in the picture of its own check, if anywhere."""
    own = finding.family is Family.ARTIFACTS
    return chart.charts_about(report, finding.about, finding.check, own=own)


def _what(shown: Number) -> str:
    """What the number counts: the unit of its check, or its own name where the check has several."""
    return formatting.measure_word(shown.measure.name) if shown.measure.name else number.what(shown)


def _draw_open(view: ReportView, finding: Finding) -> None:
    """All numbers of a check that could not be told, which one finding sums up."""
    result = view.results.get(finding.check)
    if result is None:
        return
    left_open = [Number.of(result, one) for one in result.measures if one.grade is Grade.INCONCLUSIVE]
    rows = [
        {
            "About": where(one.measure),
            "Value (95% interval)": one.estimate,
            "Real against real": one.baseline,
            "Rows needed": one.judged.needed_n,
        }
        for one in left_open
    ]
    words = result.result.card.scale.words
    st.caption(f"{words[:1].upper()}{words[1:]}, number by number:")
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=height(len(rows), 320), alt="Numbers left open")


def where(measure: Measure) -> str:
    """What a number is about: its group, else its columns, and which of several it is."""
    group = ", ".join(f"{plain_text(k, 30)} = {plain_text(v, 40)}" for k, v in (measure.group or {}).items())
    name = f", {formatting.measure_name(measure.name)}" if measure.name else ""
    return (group or columns_text(measure.about, 40)) + name


def _draw_folded(view: ReportView, finding: Finding) -> None:
    """What this follows from, or what follows from it; each one click away."""
    root = finding_tree.root_of(view.report.findings, finding)
    if root is not None:
        label = f"Follows from: {_named(view.by_id[root.id])}"
        _draw_way(label, root, ":material/subdirectory_arrow_left:")
    below = view.details(finding)
    if not below:
        return
    with (
        st.expander(f"{finding_tree.follow_text(len(below))} it", icon=":material/account_tree:"),
        st.container(gap=None),
    ):
        for other in below[:MAX_DETAILS]:
            _draw_way(_named(other), other.finding, grade.icon(other.finding.grade))
        if len(below) > MAX_DETAILS:
            st.caption(f"{len(below) - MAX_DETAILS} more; turn on “Show details too” to list them.")


def _named(view: FindingView) -> str:
    """A finding in a few words: what it is about, the check, the number."""
    finding = view.finding
    value = formatting.number(finding.value, view.card.scale if view.card else None)
    about = ", ".join(f"{plain_text(k, 30)} = {plain_text(v, 30)}" for k, v in (finding.group or {}).items())
    about = about or columns_text(finding.about, 30)
    return f"{about}{', ' if about else ''}{view.title.lower()}: {value}"


def _draw_way(label: str, finding: Finding, icon: str) -> None:
    # a link to this same page would be drawn as the page one is on
    st.button(
        md_text(label, 120),
        key=f"way_{finding.id}",
        type="tertiary",
        icon=icon,
        on_click=url_state.choose,
        args=("finding", finding.id),
    )


def rule_checks(report: Report) -> set[str]:
    """The checks of this report that count breaches of rules."""
    return {r.result.card.id for r in report.results if any(m.measure.rule for m in r.measures)}


def _draw_links(report: Report, finding: Finding) -> None:
    with st.container(horizontal=True):
        for page, label, icon, query in _links(report, finding):
            st.page_link(page, label=label, icon=f":material/{icon}:", query_params=query)


def _links(report: Report, finding: Finding) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Where to read on: the page, its label and icon, and what it should show."""
    card = next((r.result.card for r in report.results if r.result.card.id == finding.check), None)
    if 0 < len(finding.about) <= 2:
        name = finding.about[0]
        yield COLUMNS, f"Column {md_text(name, 40)}", "bar_chart", url_state.link_query(col=name)
    if len(finding.about) == 2:
        yield RELATIONSHIPS, "The pair", "grid_on", url_state.link_query(pair=key_of(finding.about))
    if card is not None and utility_card.shows(card):
        yield UTILITY, "The page of utility", "model_training", url_state.link_query()
    if finding.group and card is not None and card.page is Page.SUBGROUPS:
        yield SUBGROUPS, "The groups", "groups", url_state.link_query(by=" × ".join(finding.group))
    if finding.check in rule_checks(report):
        yield RULES, "All rules", "rule", url_state.link_query()
    yield METHOD, "How it is measured", "menu_book", url_state.link_query(check=finding.check)
