"""The parts of the Generations page about several tables: the answer, each table, quality, groups, settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from audit.model import Chart, Grade, JudgedMeasure, JudgedResult, Report, Section, Unit
from audit.render import formatting, series_section
from audit.render.number import Number
from audit.store import Run
from pages.parts.base import grade, url_state
from pages.parts.base.markdown import md_sentence, md_text, plain_text
from pages.parts.base.router import SETUP
from pages.parts.runs import reports
from pages.parts.widgets import card, download, number, table
from pages.parts.widgets.answer import draw_head, draw_sentences, draw_title

ONE_SIDED = "one_sided"
HEIGHT = 330  # pixels, of a table at most
MAX_GROUPS = 6


def draw_answer(report: Report) -> None:
    """What the loop does, or which setting is best, in one sentence; then what is odd about the tables."""
    told = series_section.series_findings(report)
    found, sentence = series_section.series_answer(report)
    st.markdown(f"#### {series_section.series_question(report)}")
    st.markdown(f"{grade.grade_mark(found)}**{md_text(sentence, 800)}**")
    st.caption(md_text(report.verdict.rule, 600))
    for note in told.get("notes", ()):
        st.markdown(f":material/info: {md_text(note, 300)}")


def draw_tables(run: Run, report: Report) -> None:
    """Every table in a line: what it reaches, what is left in it, how it stands alone; with downloads."""
    told = series_section.series_findings(report)
    in_time = series_section.in_time(report)
    st.subheader("Generation by generation" if in_time else "Setting by setting", anchor=False)
    frame = _table(report)
    st.dataframe(
        frame,
        hide_index=True,
        height=table.height(len(frame), HEIGHT),
        alt="Every table with its numbers",
        placeholder="–",
        column_config=_config(),
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        table.draw_download(frame, "Numbers (CSV)", "generations", run)
        _draw_reports(run, told["tables"])
        st.page_link(
            SETUP,
            label="Audit again, with other settings or one more table",
            icon=":material/replay:",
            query_params={**url_state.link_query(), "series": told["order"]},
        )
    distance = " Distance: 0 is none beyond chance." if in_time else ""
    st.caption(f"{_fed(**told)}Realism and diversity: 100% is what fresh real rows reach.{distance}")


def _fed(order: str, loop: str = "", fresh_share: Sequence[float] = (), **_more: object) -> str:
    """How the loop was fed, as declared."""
    if order != "generations":
        return ""
    parts = []
    if fresh_share:
        each = " · ".join(formatting.number(share, Unit.SHARE) for share in fresh_share)
        parts.append(f"fresh real rows {each}")
    if loop:
        how = {"replace": "older rows are replaced", "accumulate": "older rows are kept"}
        parts.append(how.get(loop, md_text(loop)))
    said = ", ".join(parts) if parts else "nothing was declared"
    return f"How the loop was fed: {said}. "


def _table(report: Report) -> pd.DataFrame:
    """One row a table; shares as percent, so that one decimal is shown."""
    rows = []
    for at, one in enumerate(series_section.series_steps(report), 1):
        row: dict[str, object] = {"No.": at, "Table": plain_text(one.name, 60), "Rows": one.rows}
        row |= {word: round(100 * share, 3) for word, share in one.shares.items()}
        if one.distance is not None:
            row["Distance"] = one.distance
        if one.place:
            row["Against the others"] = one.place
        if one.grade is not None:
            row["Alone"] = grade.grade_cell(one.grade)
        rows.append(row)
    frame = pd.DataFrame(rows)
    return frame if series_section.in_time(report) else frame.drop(columns="No.")


def _config() -> dict[str, object]:
    config = st.column_config
    return {
        "No.": config.NumberColumn(width=40, pinned=True),
        "Table": config.TextColumn(pinned=True),
        "Rows": config.NumberColumn(format="localized"),
        "Realism": config.NumberColumn(format="%.1f%%", help="Rows that lie where real rows lie"),
        "Diversity": config.NumberColumn(format="%.1f%%", help="The variety of real rows that is reached"),
        "Distance": config.NumberColumn(
            format="%.3f", help="Total variation from fresh real rows beyond chance, a mean over columns"
        ),
        "Variance left": config.NumberColumn(
            format="%.1f%%", help="Of the real variance, a mean over numbers"
        ),
        "Variety left": config.NumberColumn(
            format="%.1f%%", help="Of the real variety, a mean over categories"
        ),
        "Alone": config.TextColumn(help="The verdict on this table by itself"),
    }


def _draw_reports(run: Run, tables: Sequence[Mapping[str, Any]]) -> None:
    """The report of each table by itself, as a file."""
    folder = reports.runs().folder_of(run.id)
    kept = [(one, folder.table(str(one["folder"])) / "report.html") for one in tables if one.get("folder")]
    kept = [(one, path) for one, path in kept if path.is_file()]
    if not kept:
        return
    with st.popover("Report of each table", icon=":material/download:"):
        for at, (one, path) in enumerate(kept):
            label = f"{md_text(one['name'], 40)} (HTML)"
            download.draw(label, path.read_bytes, f"report-{run.id}-{at + 1}.html", f"table_{at}", icon=None)


def draw_quality(report: Report) -> None:
    """Realism and diversity, then distance, from generation to generation."""
    card.draw(report, Section.QUALITY_BY_GENERATION, "Are rows still real, and still diverse?", _say_quality)
    card.draw(report, Section.DISTANCE_BY_GENERATION, "How far from real rows?", _say_distance, _whole)


def _say_quality(found: JudgedResult) -> None:
    draw_head(found)
    draw_sentences([one for one in found.measures if one.measure.name and one.measure.name != ONE_SIDED])
    sided = [one for one in found.measures if one.measure.name == ONE_SIDED]
    draw_sentences(sided[-1:] if all(one.grade is Grade.PASS for one in sided) else _off(sided))


def _off(found: Sequence[JudgedMeasure]) -> list[JudgedMeasure]:
    return [one for one in found if one.grade is not Grade.PASS][:3]


def _say_distance(found: JudgedResult) -> None:
    draw_head(found)
    worst = [one for one in found.measures if one.measure.about][:3]
    draw_sentences([one for one in worst if one.measure.value > 0])


def _whole(found: JudgedResult) -> list[Chart]:
    return [one for one in found.result.charts if not one.about][:1]


def draw_groups(report: Report) -> None:
    """Groups of people that shrink, or fare worse, from one generation to the next."""
    card.draw(report, Section.GROUPS_BY_GENERATION, "Who disappears?", _say_groups, _of_worst)


def _worst_groups(found: JudgedResult) -> list[JudgedMeasure]:
    return sorted(found.measures, key=lambda one: (grade.rank_clear(one.grade), one.measure.value))


def _of_worst(found: JudgedResult) -> list[Chart]:
    """The pictures of the columns whose groups change most."""
    order = [one.measure.about for one in _worst_groups(found) if not one.measure.name]
    return sorted(found.result.charts, key=lambda picture: order.index(picture.about))[: card.MAX_CHARTS]


def _say_groups(found: JudgedResult) -> None:
    """The groups worst first: there is no number for all of them."""
    worst = _worst_groups(found)
    draw_head(found)
    draw_sentences(worst[:MAX_GROUPS])
    if len(worst) > MAX_GROUPS:
        st.caption(f"{len(worst) - MAX_GROUPS} more stand in the report.")


def draw_settings(report: Report) -> None:
    """Realism against diversity of every setting, and which of them no other beats."""
    card.draw(report, Section.SETTINGS_SIDE_BY_SIDE, "Realism against diversity", _say_settings)


def _say_settings(found: JudgedResult) -> None:
    draw_title(found)
    for one in found.measures[:1]:
        main = Number.of(found, one)
        number.draw(main, number.what(main))
    summary = found.result.summary
    free, settings = int(summary["undominated"]), int(summary["settings"])
    if free == 1:
        st.markdown(f"**One of {settings}** settings is beaten by none in both.")
    else:
        st.markdown(
            f"**{free} of {settings}** settings are beaten by none in both: which of these is best depends on what the "
            "table is for."
        )
    st.caption(md_sentence(found.result.card.next_step, (), 300))
