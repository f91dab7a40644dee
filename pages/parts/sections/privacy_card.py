"""The privacy checks as cards: the question, what an attacker is assumed to know, the answer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from audit.model import Attack, Grade, JudgedMeasure, JudgedResult, Report, Section, Status
from audit.render import formatting
from audit.render.number import Number
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import columns_text, md_sentence, md_text
from pages.parts.base.router import FINDINGS
from pages.parts.widgets import chart, number

MAX_NUMBERS = 4


_JUDGED_GRADES = (Grade.PASS, Grade.WARN, Grade.INCONCLUSIVE, Grade.FAIL)


def split_gates(results: Sequence[JudgedResult]) -> tuple[list[JudgedResult], list[JudgedResult]]:
    """Gates and diagnostics, each worst first."""
    ordered = sorted(results, key=sort_key)
    gates = [one for one in ordered if one.result.card.section is not Section.DIAGNOSTIC]
    return gates, [one for one in ordered if one.result.card.section is Section.DIAGNOSTIC]


def answer(results: Sequence[JudgedResult]) -> str:
    """The state of all gates in a sentence; a pass is worded as absence of evidence."""
    grades = [one.grade for one in results if one.grade in _JUDGED_GRADES]
    failed = [one.result.card.title.lower() for one in results if one.grade is Grade.FAIL]
    if failed:
        names = md_text(", ".join(failed), 300)
        return f"**Blocked: {len(failed)} of {len(grades)} gates failed** ({names})."
    if not grades:
        return "**Cannot tell: no attack could be run.**"
    open_ones = sum(grade is not Grade.PASS for grade in grades)
    if open_ones:
        return f"**No gate failed, but {open_ones} of {len(grades)} are not clear of doubt.**"
    return f"**{len(grades)} attacks and diagnostics found nothing beyond their control.**"


def sort_key(judged: JudgedResult) -> tuple[int, str]:
    """Worst first."""
    return grade.rank(judged.grade), judged.result.card.id


def draw(report: Report, judged: JudgedResult) -> None:
    """The card of one check."""
    result, card = judged.result, judged.result.card
    with st.container(border=True, key=f"privacy_{card.id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            grade.chip(judged.grade)
            st.markdown(f"**{md_text(card.question, 200)}**")
        _draw_attack(card.attack)
        if result.status is not Status.RAN:
            _draw_missing(judged)
            return
        left, right = st.columns([3, 4], gap="medium") if result.charts else (st.container(), None)
        with left:
            _draw_numbers(judged)
            _draw_findings(report, card.id)
        if right is not None:
            with right:
                chart.draw(result.charts[0], f"privacy_picture_{card.id}")
        with st.expander("What this assumes, and what it cannot show"):
            st.markdown(md_text(card.explanation.replace("\n\n", " "), 3000))
            st.caption(f"Source: {md_text(card.source, 600)}")


def _draw_attack(attack: Attack | None) -> None:
    if attack is not None:
        st.caption(
            f"**The attacker knows** {attack.knows} **Control:** {attack.control} "
            f"**Without the attack:** {attack.naive_guess}"
        )


def _draw_missing(judged: JudgedResult) -> None:
    st.markdown(md_text(judged.result.reason or "It did not run.", 400))
    if judged.result.remedy:
        st.caption(md_text(judged.result.remedy, 400))


def _draw_numbers(judged: JudgedResult) -> None:
    shown = sorted(judged.measures, key=lambda one: (grade.rank(one.grade), one.measure.name))[:MAX_NUMBERS]
    for one in shown:
        if one.measure.sentence:
            st.markdown(md_sentence(one.measure.sentence, one.measure.about, 300))
        number.draw(Number.of(judged, one), md_text(_label(judged, one), 120))


def _label(judged: JudgedResult, one: JudgedMeasure) -> str:
    name = formatting.measure_name(one.measure.name) or judged.result.card.title
    about = f" ({columns_text(one.measure.about, 40)})" if one.measure.about else ""
    return f"{name}{about}, {judged.result.card.scale.words}"


def _draw_findings(report: Report, check: str) -> None:
    found = [finding for finding in report.findings if finding.check == check]
    if found:
        st.page_link(
            FINDINGS,
            label=f"{len(found)} findings: the rows, and what to do"
            if len(found) > 1
            else "The finding: the rows, and what to do",
            icon=":material/arrow_forward:",
            query_params=url_state.link_query(finding=found[0].id),
        )
