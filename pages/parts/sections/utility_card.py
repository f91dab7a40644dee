"""The parts of the utility page: one for each question, with what would allow a missing answer."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from audit.model import (
    Bars,
    Card,
    Intervals,
    JudgedMeasure,
    JudgedResult,
    Page,
    RatioPlane,
    Report,
    Section,
    compared_intervals,
)
from audit.render import formatting
from audit.render.evidence import told_in
from pages.parts.base import url_state
from pages.parts.base.markdown import md_sentence, md_text
from pages.parts.base.router import COLUMNS
from pages.parts.widgets import card, chart, table, unjudged_metrics
from pages.parts.widgets.answer import MAX_SENTENCES, draw_head, draw_sentences, has_answer, measures_named

PLANE = (Section.PLANE_ACROSS, Section.PLANE_UP)
REST = (Section.ALL_COLUMNS, Section.BEYOND_PAIRS)
VECTORS = "frechet"
CANONICAL, GIVES_AWAY, SLICE = "canonical", "gives_away", "slice"
MAX_RULES = 6
MAX_LINKS = 3


def draw_detection(report: Report) -> None:
    """Whether a learner tells the tables apart, as given and with formats made alike, and by what."""
    found = card.draw(
        report,
        Section.DETECTION,
        "What gives synthetic rows away",
        _say_detection,
        lambda found: [picture for picture in found.result.charts if isinstance(picture, Bars)],
    )
    if found is None:
        return
    _draw_links([one.measure.about[0] for one in measures_named(found, GIVES_AWAY) if one.measure.about])
    rules = measures_named(found, SLICE)[:MAX_RULES]
    if rules:
        _draw_rules(rules, found)


def _say_detection(found: JudgedResult) -> None:
    main, written = measures_named(found, ""), measures_named(found, CANONICAL)
    draw_head(found)
    draw_sentences([*main[1:], *written])
    if main and written:
        chart.draw(_areas(main[0], written[0], found), "areas", numbers=False)


def draw_learning(report: Report) -> None:
    """Whether models learnt from synthetic rows predict real ones."""
    card.draw(report, Section.LEARNING, "What models learn from it", _say_learning)


def _say_learning(found: JudgedResult) -> None:
    card.say_named(found)
    _draw_summary(found)


def draw_plane(report: Report) -> None:
    """Realism against diversity, with the secondary numbers explained, and other whole-table distances."""
    both = _told(report, PLANE)
    rest = _told(report, REST)
    if both:
        st.subheader("Realism and diversity", anchor=False)
    answered = [found for found in both if has_answer(found)]
    if answered:
        left, right = st.columns([5, 6], gap="medium")
        with left:
            for found in answered:
                draw_head(found)
                draw_sentences([one for one in found.measures if one.measure.name])
        with right:
            planes = [c for found in answered for c in found.result.charts if isinstance(c, RatioPlane)]
            for at, picture in enumerate(planes[:1]):
                chart.draw(picture, f"plane_{at}")
        _draw_secondary(answered)
    if rest:
        st.subheader("All columns at once", anchor=False)
        for place, found in zip(st.columns(len(rest), gap="medium"), rest, strict=True):
            with place:
                if has_answer(found):
                    draw_head(found)
                    draw_sentences(measures_named(found, VECTORS))


def shows(card: Card) -> bool:
    """Whether this page shows a check, were it only beside others."""
    return card.page is Page.UTILITY or card.section in REST


def _told(report: Report, sections: Sequence[Section]) -> list[JudgedResult]:
    return [found for section in sections if (found := told_in(report, section)) is not None]


def draw_estimands(report: Report) -> None:
    """What an analyst would conclude from either table, for what was declared beforehand."""
    card.draw(report, Section.ESTIMATES, "What an analyst would conclude", _say_estimands)


def _say_estimands(found: JudgedResult) -> None:
    draw_head(found)
    details = [one for one in found.measures if one.measure.name or one.measure.about]
    draw_sentences(details[:MAX_SENTENCES])
    if len(details) > MAX_SENTENCES:
        st.caption(f"{len(details) - MAX_SENTENCES} more stand in the report.")


def _areas(main: JudgedMeasure, written: JudgedMeasure, found: JudgedResult) -> Intervals:
    """The area as given and with formats made alike, with intervals and real against real."""
    both = [main.measure, written.measure]
    return compared_intervals(
        ("as given", formatting.measure_name(CANONICAL)),
        both,
        title="How well a learner tells them apart",
        alt=" ".join(one.sentence for one in both),
        unit=found.result.card.scale.unit,
        words=found.result.card.scale.words,
    )


def _draw_links(columns: Sequence[str]) -> None:
    with st.container(horizontal=True):
        for name in list(dict.fromkeys(columns))[:MAX_LINKS]:
            st.page_link(
                COLUMNS,
                label=f"Column {md_text(name, 40)}",
                icon=":material/bar_chart:",
                query_params=url_state.link_query(col=name),
            )


def _draw_rules(rules: Sequence[JudgedMeasure], found: JudgedResult) -> None:
    st.markdown("**Rows that the synthetic table holds too many or too few of**")
    left, right = st.columns([5, 6], gap="medium")
    with left:
        for one in rules:
            st.markdown(f"- {md_sentence(one.measure.sentence, one.measure.about, 400)}")
        st.caption("Found on one half of the rows and counted on the other.")
    with right:
        for at, picture in enumerate(c for c in found.result.charts if isinstance(c, Intervals)):
            chart.draw(picture, f"rules_{at}")


def _draw_summary(found: JudgedResult) -> None:
    """The scores behind the main number, and whether the same model would be chosen."""
    rows = unjudged_metrics.table([found])
    choice = found.result.summary.get("same_choice")
    if choice is not None:
        which = "The same learner" if choice else "Another learner"
        st.caption(f"{which} would be chosen on synthetic rows {'as' if choice else 'than'} on real ones.")
    if not rows.empty:
        with st.expander("The scores behind it"):
            _draw_rows(rows, "Scores behind the retained utility")


def _draw_secondary(results: Sequence[JudgedResult]) -> None:
    rows = unjudged_metrics.table(results)
    if not rows.empty:
        st.caption("Other numbers of the field, shown and not judged:")
        _draw_rows(rows, "Secondary numbers and what they say")


def _draw_rows(rows: pd.DataFrame, alt: str) -> None:
    st.dataframe(
        rows,
        hide_index=True,
        height=table.height(len(rows), 330),
        alt=alt,
        column_config={
            "Number": st.column_config.TextColumn(width=260),
            "Value": st.column_config.TextColumn(width=80),
            "Synthetic": st.column_config.TextColumn(width=80),
            "Real rows": st.column_config.TextColumn(width=80),
        },
    )
