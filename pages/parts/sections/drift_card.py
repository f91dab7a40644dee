"""The parts of the drift page: the table, its columns in two opinions, the rule, the calendar, batches, mixes."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from audit.model import EVIDENTLY, JudgedMeasure, JudgedResult, Report, Section, Status
from audit.render import formatting
from audit.render.evidence import told_in
from audit.store import Run
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import md_sentence, md_text, plain_text
from pages.parts.base.router import COLUMNS
from pages.parts.runs import reports
from pages.parts.widgets import card, chart, download, table
from pages.parts.widgets.answer import draw_head, draw_sentences, draw_title, has_answer

MOVED, STABILITY = "wasserstein", "population_stability_index"
MAX_LISTED = 6
AGREE, DIFFER, NEITHER = "agree", "differ", "–"


def draw_table(report: Report) -> None:
    """How far the table lies from the real one, against fresh real rows."""
    found = told_in(report, Section.TABLE_DRIFT)
    if found is None or not has_answer(found):
        return
    draw_head(found)
    draw_sentences([one for one in found.measures if one.measure.name])
    difference = found.result.summary.get("classifier_difference")
    if difference is not None:
        st.caption(
            f"A learner tells synthetic rows from fresh ones {100 * difference:+.1f} points better than rows the generator saw."
        )


def draw_columns(report: Report) -> None:
    """Every column in two opinions side by side; for the chosen one both in words, with the reason where they differ."""
    found = told_in(report, Section.DRIFT_BY_COLUMN)
    if found is None or not has_answer(found):
        return
    st.subheader("Columns, in two opinions", anchor=False)
    second = told_in(report, Section.SECOND_OPINION)
    rows = _rows(found, second)
    _draw_agreement(second)
    left, right = st.columns([7, 5], gap="medium")
    names = [str(row["name"]) for row in rows]
    frame = pd.DataFrame([{key: cell for key, cell in row.items() if key != "name"} for row in rows])
    with left:
        table.draw(frame, "col", names, "Columns with both opinions, the farthest first", _config())
    with right, st.container(border=True):
        name = url_state.choose_one(
            "Column", "col", names, lambda column: plain_text(column, 80), label_visibility="collapsed"
        )
        _draw_column(found, second, name or names[0])


def _draw_agreement(second: JudgedResult | None) -> None:
    if second is None or second.result.status is not Status.RAN:
        why = "It was not asked for." if second is None else second.result.reason or "It gave no answer."
        st.caption(f"Without Evidently's second opinion: {md_text(why, 200)}")
        return
    summary = second.result.summary
    agree, columns = summary.get("agree"), summary.get("columns", 0.0)
    differ = "" if agree is None else f"; the two agree on {agree:.0f} of {columns:.0f}"
    st.caption(
        "The first opinion takes off what chance gives and counts missing values; Evidently's default compares a score with "
        f"one threshold{differ}. Only the first is judged."
    )


def _rows(found: JudgedResult, second: JudgedResult | None) -> list[dict[str, object]]:
    """One row a column, the farthest first."""
    ours = _by_column(found, "")
    moved, stability = _by_column(found, MOVED), _by_column(found, STABILITY)
    theirs = _by_column(second, "") if second is not None else {}
    order = sorted(ours, key=lambda name: (grade.rank(ours[name].grade), -ours[name].measure.value))
    return [
        {
            "name": name,
            "Grade": grade.grade_cell(ours[name].grade),
            "Column": plain_text(name, 60),
            "Drift": round(ours[name].measure.value, 3),
            "Evidently": _says(theirs.get(name)),
            "Both": _both(theirs.get(name)),
            "Fresh": _rounded(ours[name].measure.baseline),
            "Moved": _rounded(moved[name].measure.value if name in moved else None),
            "PSI": _rounded(stability[name].measure.value if name in stability else None),
            "PSI by chance": _rounded(stability[name].measure.baseline if name in stability else None),
        }
        for name in order
    ]


def _by_column(found: JudgedResult, name: str) -> dict[str, JudgedMeasure]:
    return {m.measure.about[0]: m for m in found.measures if m.measure.name == name and m.measure.about}


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 4)


def _says(theirs: JudgedMeasure | None) -> str:
    """What Evidently says of a column, with its score and threshold."""
    if theirs is None:
        return NEITHER
    measure = theirs.measure
    says = "no drift" if "says no drift" in measure.sentence else "drift"
    return f"{says} ({measure.value:.3g}, threshold {measure.baseline:g})"


def _both(theirs: JudgedMeasure | None) -> str:
    if theirs is None:
        return NEITHER
    return DIFFER if theirs.measure.next_step else AGREE


def _config() -> dict[str, object]:
    config = st.column_config
    return {
        "Grade": config.TextColumn(width=92),
        "Column": config.TextColumn(width=110, pinned=True),
        "Drift": config.NumberColumn(
            format="%.3f",
            width=64,
            help="Jensen-Shannon distance beyond chance: 0 same shares, 1 nothing shared",
        ),
        "Fresh": config.NumberColumn(format="%.3f", width=64, help="The same for fresh real rows"),
        "Moved": config.NumberColumn(
            format="%.3g", width=66, help="How far values moved on average, in real standard deviations"
        ),
        "PSI": config.NumberColumn(format="%.3g", width=66, help="Population stability index"),
        "PSI by chance": config.NumberColumn(
            format="%.3g",
            width=66,
            help="What chance alone exceeds once in twenty times at these numbers of rows",
        ),
        "Evidently": config.TextColumn(width=170),
        "Both": config.TextColumn(width=60),
    }


def _draw_column(found: JudgedResult, second: JudgedResult | None, name: str) -> None:
    st.markdown("**This audit**")
    for one in [m for m in found.measures if m.measure.about == (name,)]:
        mark = "" if one.grade is None else grade.grade_mark(one.grade)
        st.markdown(mark + md_sentence(one.measure.sentence, one.measure.about, 400))
    st.markdown("**Evidently**")
    theirs = _by_column(second, "").get(name) if second is not None else None
    if theirs is None:
        st.caption("No answer for this column.")
    else:
        st.markdown(md_sentence(theirs.measure.sentence, theirs.measure.about, 500))
    st.page_link(
        COLUMNS,
        label="Its distribution",
        icon=":material/bar_chart:",
        query_params=url_state.link_query(col=name),
    )


def draw_download(run: Run) -> None:
    """Evidently's own report as a file, where the audit made one. It is never shown here."""
    path = reports.folder_of(run) / EVIDENTLY
    if not path.is_file():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        download.draw("Evidently's report (HTML)", path.read_bytes, f"evidently-{run.id}.html", "evidently")
        st.caption(
            "Holds distributions of the real data: values that fewer than ten people share are put together, numbers are "
            "rounded and cut at both ends. It runs scripts of its own when opened."
        )


def draw_concept(report: Report) -> None:
    """Whether the outcome's rule has changed, and what is due to the columns alone."""
    card.draw(
        report,
        Section.CHANGED_RULE,
        "The rule behind the outcome",
        _say_concept,
        lambda found: found.result.charts[:1],
    )


def _say_concept(found: JudgedResult) -> None:
    draw_head(found)
    draw_sentences([one for one in found.measures if one.measure.name and one.grade is not None])
    _draw_parts(found.result.summary)


def _draw_parts(told: Mapping[str, float]) -> None:
    if "covariate_part" in told:
        st.caption(
            f"A learner tells synthetic from fresh rows {100 * told['covariate_part']:.1f} points better than guessing by the "
            f"other columns; the outcome adds {100 * told['concept_part']:.1f}."
        )
    if "calibration_slope" in told:
        st.caption(
            f"On synthetic rows the real model's log odds have to be taken {told['calibration_slope']:.2f} times, plus "
            f"{told['calibration_intercept']:.2f}, to be right (1 and 0 where they are)."
        )


def draw_time(report: Report) -> None:
    """The calendar, and drift over time or batches."""
    told = [told_in(report, section) for section in (Section.BATCHES, Section.CALENDAR)]
    both = [found for found in told if found is not None]
    if both:
        st.subheader("Over time", anchor=False)
    for found in filter(has_answer, both):
        left, right = st.columns([5, 6], gap="medium")
        with left:
            draw_title(found)
            judged = [one for one in found.measures if one.grade is not None]
            worst = sorted(judged, key=lambda one: (grade.rank(one.grade), -one.measure.value))
            draw_sentences(worst[:MAX_LISTED])
            if found.result.card.section is Section.BATCHES:
                _draw_alarm(found)
        with right:
            for at, picture in enumerate(found.result.charts[:2]):
                chart.draw(picture, f"{found.result.card.id}_{at}")


def _draw_alarm(found: JudgedResult) -> None:
    summary = found.result.summary
    when = f"raised at batch {summary['alarm_batch']:.0f}" if summary.get("alarm_batch") else "not raised"
    st.caption(
        f"The alarm over all columns together is {when} (evidence {summary['e_value']:,.3g}, alarm from 100; it may be read after "
        f"every batch). A change of about {summary['detectable']:.2f} standard deviations would mostly have been told."
    )


def draw_mixes(report: Report) -> None:
    """Which mix of real and synthetic rows trains the best model."""
    card.draw(report, Section.MIXES, "A mix of real and synthetic rows", _say_mixes)


def _say_mixes(found: JudgedResult) -> None:
    summary = found.result.summary
    best = "No mix scores higher than real rows alone."
    if summary["best_share"]:
        sure = "surely better" if summary["gain_low"] > 0 else "not surely better"
        best = (
            f"Best: **{summary['best_share']:.0%} synthetic**, {summary['gain']:+.3f} against real rows alone "
            f"({summary['gain_low']:+.3f} to {summary['gain_high']:+.3f}), {sure}."
        )
    st.markdown(
        f"{best} Up to **{summary['safe_share']:.0%}** synthetic every mix surely keeps 95% of what real rows teach."
    )
    draw_sentences(found.measures)
    if "cheapest_share" in summary:
        st.markdown(
            f"The cheapest of these has {summary['cheapest_share']:.0%} synthetic rows and costs "
            f"{summary['cheapest_cost']:,.2f} instead of {summary['cost_of_real_alone']:,.2f}."
        )
    st.caption(md_text(formatting.sentence(found.result.card.next_step, ()), 300))
