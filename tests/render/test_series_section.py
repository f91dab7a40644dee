"""Reports about several tables: the answer is about the loop, every table stands in a line."""

from __future__ import annotations

import re

from audit.model import Grade
from audit.render import series_section
from audit.render.html import to_html
from audit.render.markdown import to_markdown
from audit.render.summary import to_summary
from tests.app.test_generations_page import ROWS, compared, looped
from tests.render.example import build

NAMES = ["gen1.csv", "gen2.csv", "gen3.csv"]


def test_the_answer_is_about_the_loop_and_never_about_one_table() -> None:
    html, markdown, summary = to_html(looped()), to_markdown(looped()), to_summary(looped())
    assert '<h1 id="answer">This loop decays.</h1>' in html
    assert "<p>After 3 generations " in html
    for text in (html, markdown, summary):
        assert "the synthetic table cannot stand in" not in text
    assert "This loop decays\\: after 3 generations" in markdown
    assert "3 tables, gen1.csv to gen3.csv" in html
    assert summary.splitlines()[1].startswith("This loop decays: after 3 generations")
    assert "a perfect generator: 100%" in html  # what the numbers of a loop are compared with


def test_every_generation_stands_in_a_line_of_the_report() -> None:
    section = to_html(looped()).split('<h2 id="loop">Generation by generation</h2>')[1].split("</section>")[0]
    body = section.split("<tbody>")[1].split("</tbody>")[0]
    assert re.findall(r"gen\d\.csv", body) == NAMES
    lost = [step.shares["Variance left"] for step in series_section.series_steps(looped())]
    assert lost == sorted(lost, reverse=True)
    assert f"{100 * lost[-1]:.1f}%" in section
    assert section.count("<svg") == len(series_section.loop_charts(looped()))
    for empty in ("columns", "pairs", "utility", "subgroups", "privacy"):
        assert f'id="{empty}"' not in to_html(looped())
    assert 'id="columns"' in to_html(build())
    assert 'id="loop"' not in to_html(build())


def test_settings_are_told_by_who_beats_whom() -> None:
    html = to_html(compared())
    assert "Setting by setting" in html
    places = {step.name: step.place for step in series_section.series_steps(compared())}
    assert places["cold"] == "beaten by none"
    assert "in use" in places["hot"]
    assert places["cold"] in html


def test_what_is_known_of_a_loop_is_told_step_by_step() -> None:
    found = series_section.series_steps(looped())
    assert [(one.name, one.rows, one.grade) for one in found] == [(name, ROWS, None) for name in NAMES]
    assert set(found[0].shares) == {"Realism", "Diversity", "Variance left", "Variety left"}
    assert all(one.distance is not None for one in found)
    assert series_section.series_steps(build()) == ()
    grade, sentence = series_section.series_answer(looped())
    assert (grade, sentence.count("perfect generator")) == (Grade.FAIL, 1)
