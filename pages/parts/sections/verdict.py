"""The parts of the overview: answer, reasons, families, what could not be told, what to do."""

from __future__ import annotations

import streamlit as st

from audit.model import Grade, Report
from audit.render import finding_tree, formatting, series_section
from audit.render.finding_view import FindingView
from audit.render.report_view import ReportView
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import columns_text, md_sentence, md_text
from pages.parts.base.router import FINDINGS, GENERATIONS, METHOD
from pages.parts.frame.purpose import PURPOSE_WORDS
from pages.parts.runs import reports
from pages.parts.widgets import number

MAX_REASONS = 5
MAX_UNKNOWN = 4
MAX_NAMED = 4


def draw_answer(view: ReportView) -> None:
    """The question, the answer in a word, the rule that fired."""
    report = view.report
    purpose = PURPOSE_WORDS.get(report.purpose, report.purpose)
    if view.is_series:
        _draw_series(report)
        return
    st.markdown(f"#### Can this synthetic table stand in for the real one for {md_text(purpose)}?")
    grade.headline(report.verdict.grade)
    st.markdown(md_text(report.verdict.rule, 600))
    if report.tables.get("holdout") is None:
        st.caption(
            "No holdout was given: chance is computed from a formula, and privacy cannot be judged fully."
        )


def _draw_series(report: Report) -> None:
    """The answer about several tables, and where it is told in full."""
    found, sentence = series_section.series_answer(report)
    st.markdown(f"#### {series_section.series_question(report)}")
    st.markdown(f"{grade.grade_mark(found)}**{md_text(sentence, 800)}**")
    st.markdown(md_text(report.verdict.rule, 600))
    st.page_link(
        GENERATIONS, label="Table by table", icon=":material/sync:", query_params=url_state.link_query()
    )


def draw_reasons(view: ReportView) -> None:
    """The findings behind the verdict, as sentences with the number, its reference and a link."""
    reasons = reasons_of(view)
    if not reasons:
        return
    st.markdown("##### Why")
    with st.container(gap="xsmall", key="reasons"):
        for at, reason in enumerate(reasons):
            _draw_reason(reason, at)


def reasons_of(view: ReportView) -> tuple[FindingView, ...]:
    """The findings the verdict names, filled up with the worst of the others, at most five."""
    return view.findings[:MAX_REASONS]


def _draw_reason(view: FindingView, at: int) -> None:
    finding = view.finding
    with st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False):
        st.markdown(f":{grade.COLOURS[finding.grade]}[{grade.icon(finding.grade)}]", width="content")
        with st.container(gap=None):
            st.markdown(md_sentence(finding.sentence, finding.about, 300))
            st.caption(number.line(view.number) if view.number else md_text(finding.next_step, 200))
        st.page_link(
            FINDINGS,
            label="Evidence",
            icon=":material/arrow_forward:",
            icon_position="right",
            query_params=url_state.link_query(finding=finding.id),
            help=f"Reason {at + 1}: the picture, the rows and what to do",
        )


def draw_families(view: ReportView) -> None:
    """One card a family: its grade, how many checks ran, how many could not, the way to its findings."""
    report = view.report
    st.markdown("##### By theme")
    with st.grid(len(report.families) or 1, min_column_width=150, gap="small"):
        for family, state in report.families.items():
            found = len(finding_tree.roots([one for one in report.findings if one.family is family]))
            with st.container(border=True, gap="xxsmall", height="stretch"):
                st.markdown(f"**{formatting.family_word(family)}**")
                grade.chip(state.grade)
                missed = f", {state.not_assessed} not assessed" if state.not_assessed else ""
                st.caption(f"{_counted(state.checks, 'check')}{missed}")
                if found:
                    st.page_link(
                        FINDINGS,
                        label=_counted(found, "finding"),
                        icon=":material/arrow_forward:",
                        icon_position="right",
                        query_params=url_state.link_query(theme=family.value),
                    )


def _counted(number: int, word: str) -> str:
    return f"{formatting.count(number)} {word}{'' if number == 1 else 's'}"


def draw_unknown(view: ReportView) -> None:
    """What is too uncertain to grade, the checks that gave no answer, and what would allow one."""
    st.markdown("##### What could not be told")
    unsure = [finding for finding in view.report.findings if finding.grade is Grade.INCONCLUSIVE]
    told = {reason.finding.id for reason in reasons_of(view)}
    lines = [
        f"{md_sentence(one.sentence, one.about, 240)} {md_text(one.next_step, 160)}"
        for one in unsure
        if one.id not in told
    ]
    for missing in view.report.not_assessed:
        title = md_text(view.title(missing.check), 60)
        lines.append(f"**{title}**: {md_text(missing.why, 200)} {md_text(missing.what_would_allow_it, 200)}")
    if not lines:
        open_above = any(finding.id in told for finding in unsure)
        st.caption(
            "Only what is listed above as inconclusive; every other check that applies gave an answer."
            if open_above
            else "Every check that applies gave an answer."
        )
        return
    st.markdown("\n".join(f"- {line}" for line in lines[:MAX_UNKNOWN]))
    if len(lines) > MAX_UNKNOWN:
        with st.expander(f"{len(lines) - MAX_UNKNOWN} more"):
            st.markdown("\n".join(f"- {line}" for line in lines[MAX_UNKNOWN:]))


def draw_next_steps(view: ReportView) -> None:
    """What to do, once each, in the order of the reasons."""
    st.markdown("##### What to do next")
    steps: dict[str, list[str]] = {}
    for finding in view.report.findings:
        wanted = finding.grade is not Grade.INCONCLUSIVE and bool(finding.next_step)
        if wanted and (finding.next_step in steps or len(steps) < MAX_REASONS):
            steps.setdefault(finding.next_step, []).append(columns_text(finding.about, 30))
    if not steps:
        st.caption("Nothing needs doing. Keep the report with the data.")
    st.markdown("\n".join(f"1. {md_text(step, 300)}{_where(about)}" for step, about in steps.items()))


def _where(about: list[str]) -> str:
    """The columns a step is about, in brackets."""
    columns = [name for name in dict.fromkeys(about) if name != "whole table"]
    more = " …" if len(columns) > MAX_NAMED else ""
    return f" ({md_text(', '.join(columns[:MAX_NAMED]), 160)}{more})" if columns else ""


def draw_data(view: ReportView, run_id: str) -> None:
    """What was compared, and what was noticed while reading it."""
    report = view.report
    parts = []
    for role, facts in report.tables.items():
        if facts is not None:
            size = f"{formatting.count(facts.rows)} rows × {formatting.count(facts.columns)} columns"
            parts.append(f"**{role}** {md_text(facts.name, 80)}, {size}")
    st.markdown("##### What was compared")
    st.markdown(" · ".join(parts))
    if reports.runs().folder_of(run_id).progress().get("beside"):
        st.caption("A second opinion from another tool is still under way; it never changes the verdict.")
    if report.notices:
        with st.expander(f"{_counted(len(report.notices), 'note')} from reading the files"):
            for notice in report.notices:
                where = f" ({md_text(notice.where, 60)})" if notice.where else ""
                st.markdown(f"- {notice.level.value}: {md_text(notice.text, 300)}{where}")
    st.page_link(
        METHOD,
        label="How all this is measured",
        icon=":material/menu_book:",
        query_params=url_state.link_query(),
    )
