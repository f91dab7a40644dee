"""How much synthetic data a loop bears, how real the real table is, and a projection: told of one table too."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from audit.model import JudgedResult, Report, Section, Unit
from audit.render import formatting
from audit.store import Run
from pages.parts.base import grade
from pages.parts.base.markdown import md_sentence, md_text, plain_text
from pages.parts.widgets import card, table
from pages.parts.widgets.answer import draw_head, draw_sentences, draw_title, measures_named

USED = "allowed_over_used"
FEW = 0.1  # synthetic rows per fresh real row: easier to read the other way round
NO_LIMIT = 1000.0  # the end of the scale: no limit was found


def draw(run: Run, report: Report) -> None:
    """The most synthetic rows per fresh real row, for the table and for every column."""
    found = card.draw(report, Section.LARGEST_MIX, "How many synthetic rows does a loop bear?", _say_mix)
    if found is not None:
        _draw_columns(run, found)


def _say_mix(found: JudgedResult) -> None:
    draw_title(found)
    kappa = found.result.summary["kappa"]
    least = next((one for one in found.measures if one.measure.about), None)
    if kappa >= NO_LIMIT or least is None:
        st.markdown("**No limit was found**: chance explains every gap of shares and means.")
    else:
        st.markdown(f"**{md_sentence(least.measure.sentence, least.measure.about, 400)}**")
        if 0 < kappa < FEW:
            st.markdown(
                f"That is one synthetic row for about {formatting.count(round(1 / kappa))} fresh real ones."
            )
    draw_sentences(measures_named(found, USED))
    if not measures_named(found, USED):
        st.caption("Not judged: how many synthetic rows your loop mixes in was not stated.")
    st.caption(md_text(found.result.card.next_step, 300))


def _draw_columns(run: Run, found: JudgedResult) -> None:
    told = [one.measure for one in found.measures if one.measure.about]
    limited = [one for one in told if one.value < NO_LIMIT]
    if not limited:
        return
    frame = pd.DataFrame(
        [
            {
                "Column": plain_text(one.about[0], 60),
                "Synthetic rows per real row": formatting.number(one.value),
                "95% interval": formatting.interval(one.low, min(one.high or NO_LIMIT, NO_LIMIT)),
                "What allows least": plain_text(_event(one.sentence), 120),
            }
            for one in limited
        ]
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=table.height(len(frame), 330),
        alt="Most synthetic rows per fresh real row, by column, those that allow least first",
        column_config={"Column": st.column_config.TextColumn(pinned=True)},
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        table.draw_download(frame, "Mixes (CSV)", "mixes", run)
        free = len(told) - len(limited)
        st.caption(
            f"{free} of {len(told)} columns set no limit."
            if free
            else f"All {len(told)} columns set a limit."
        )


def _event(sentence: str) -> str:
    """What would be worse, out of the sentence that says so."""
    return sentence.partition(" before ")[2].partition(" is worse ")[0] or sentence


def draw_feed(report: Report) -> None:
    """How real the rows are that a loop is fed with: as declared, and as the table shows."""
    left, right = st.columns(2, gap="medium")
    with left:
        card.draw(report, Section.FEED, "How real is what the loop is fed with?", draw_head)
    with right:
        card.draw(report, Section.FOREIGN_ROWS, "Is the real table still real?", _say_foreign)


def _say_foreign(found: JudgedResult) -> None:
    draw_head(found)
    summary = found.result.summary
    if "estimate" in summary and "at_most" in summary:
        best, most = (formatting.number(summary[name], Unit.SHARE) for name in ("estimate", "at_most"))
        st.caption(f"The number is a lower bound. The share that fits best is {best}, at most {most}.")


def draw_projection(report: Report) -> None:
    """What a plain generator would do in five generations; labelled as what it is."""
    card.draw(report, Section.SIMULATED_LOOP, "A projection, not a measurement", _say_projection)


def _say_projection(found: JudgedResult) -> None:
    draw_title(found)
    for one in found.measures:
        st.markdown(grade.grade_mark(one.grade) + md_sentence(one.measure.sentence, one.measure.about, 400))
    told = found.result.summary
    if "variance_kept" in told:
        kept, half = (
            formatting.number(told[name], Unit.SHARE)
            for name in ("variance_kept", "variance_kept_half_fresh")
        )
        st.caption(
            f"Variance of numbers left: {kept} where rows are replaced, {half} with half fresh rows. It does not look at "
            "your synthetic table: your generator may do better or worse."
        )
