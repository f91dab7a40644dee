"""The whole fidelity family in the report: sentences, pictures, words; no wall of numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from audit.model import Grade, Intervals, Report
from audit.render import from_document, to_document
from audit.render.document import validate
from audit.render.evidence import in_turn, numbers_about
from audit.render.formatting import measure_name, measure_word, summary_lines, summary_word
from audit.render.html import Room, to_html
from audit.render.markdown import to_markdown
from audit.render.pictures import Gallery
from tests.render.fidelity import finding, with_fidelity, without_answers
from tests.render.test_html import SVG, elements, section, text_of


@pytest.fixture(scope="module")
def fidelity() -> Report:
    return with_fidelity()


@pytest.fixture(scope="module")
def page(fidelity: Report) -> str:
    return to_html(fidelity)


def part(page: str, name: str) -> Element:
    return next(one for one in elements(page) if one.get("aria-labelledby") == name)


def test_a_report_with_a_plane_keeps_its_schema_and_comes_back_whole(fidelity: Report) -> None:
    document = to_document(fidelity)
    validate(document)
    assert to_document(from_document(document)) == document


def test_what_gives_rows_away_what_models_learn_and_the_plane_stand_together(page: str) -> None:
    text = section(page, "utility")
    for said in ("Detectability", "Retained utility", "Realism", "Diversity", "3.1 times as many"):
        assert said in text
    assert "with formats made alike" in text
    assert "score when trained on synthetic rows 0.88" in text
    pictures = [one for one in part(page, "utility").iter(f"{SVG}title")]
    titles = [one.text for one in pictures]
    assert "Fewer kinds of rows than real rows have" in titles
    assert "Models of synthetic rows keep 91% of the skill" in titles


def test_a_rule_of_a_learner_is_told_once_and_is_no_group(page: str) -> None:
    assert "3.1 times as many" not in section(page, "subgroups")
    cells = [text_of(one) for one in part(page, "pairs").iter() if one.tag == "tr"]
    assert not any("rows of one kind" in cell for cell in cells)


def test_pairs_are_few_and_no_check_crowds_out_another(page: str, fidelity: Report) -> None:
    rows = [
        one for one in part(page, "pairs").iter() if one.tag == "tr" and "beyond pairs" not in text_of(one)
    ]
    titles = Counter("Pair associations" in text_of(one) for one in rows)
    assert sum(titles.values()) <= Room().pairs + 2  # with the headings of both tables
    assert titles[True] >= Room().pairs // 2 - 1
    chosen = in_turn(numbers_about(fidelity, 2), 4)
    assert Counter(one.check for one in chosen) == {"pair_shapes": 2, "pair_associations": 2}


def test_what_is_fine_takes_no_place_of_what_is_not(fidelity: Report) -> None:
    numbers = numbers_about(fidelity, 2)
    off = [one for one in numbers if one.grade in (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE)]
    assert in_turn(numbers, len(off)) == off
    assert len(in_turn(numbers, len(numbers))) == len(numbers)


def test_a_summary_of_two_checks_is_told_once_beside_what_real_rows_give(page: str, fidelity: Report) -> None:
    text = section(page, "utility")
    assert text.count("clipped density 0.71 (real rows 0.75") == 1
    assert "clipped density real" not in text
    assert [line.name for line in summary_lines({"a": 1.0, "a_real": 2.0, "score_real": 3.0})] == [
        "a",
        "score_real",
    ]


def test_three_columns_together_have_their_table(page: str) -> None:
    text = section(page, "pairs")
    assert "The worst 3 of 3 numbers about three columns or more together." in text
    assert "age × income × hours-per-week · beyond pairs" in text


def test_a_check_without_an_answer_says_what_would_allow_it() -> None:
    text = section(to_html(without_answers()), "utility")
    assert text.count("Give a holdout file.") == 3


def test_no_picture_is_printed_twice(page: str) -> None:
    titles = Counter(
        one[0].text for one in elements(page) if one.tag == f"{SVG}svg" and one.get("class") == "chart"
    )
    assert all(many == 1 for many in titles.values()), titles


def test_a_finding_about_the_whole_table_has_the_picture_of_its_check(fidelity: Report) -> None:
    gallery = Gallery(fidelity)
    picture = gallery.for_finding(finding(1, "utility", ()))
    assert picture is not None and isinstance(picture, Intervals)
    assert gallery.for_finding(finding(2, "energy_distance", ())) is None


def test_the_short_form_names_what_follows(fidelity: Report) -> None:
    root = finding(1, "column_shapes", ("age",), folded=(f"{2:016x}", f"{3:016x}"))
    below = (
        finding(2, "pair_associations", ("age", "sex")),
        finding(3, "kway_marginals", ("age", "sex", "income")),
    )
    verdict = replace(fidelity.verdict, reasons=(root.id,))
    text = to_markdown(replace(fidelity, findings=(root, *below), verdict=verdict))
    assert "2 details that follow from it: age × sex, age × sex × income" in text


@pytest.mark.parametrize(
    "name", ["canonical", "gives_away", "beyond_pairs", "atoms", "between_atoms", "ks", "linear"]
)
def test_named_numbers_have_a_word(name: str) -> None:
    assert measure_name(name) != name or "_" not in name
    assert measure_word(name)[0].isupper()
    assert "_" not in measure_word(name)


def test_summaries_are_told_in_words(fidelity: Report) -> None:
    names = [name for one in fidelity.results for name in one.result.summary]
    assert names
    assert not any("_" in summary_word(name) for name in names)
    assert summary_word("never_heard_of") == "never heard of"
