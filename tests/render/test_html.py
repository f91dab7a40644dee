"""report.html: whole, valid, inert, small, the same numbers as report.json."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

import html5lib
import pytest

from audit.model import Alignment, Family, Grade, Report, Unit, Verdict
from audit.render import to_document, to_json
from audit.render.chart_codec import PlainChart, PlainSeries, from_plain
from audit.render.formatting import number, visible_text
from audit.render.html import to_html

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = set(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "header",
        "section",
        "article",
        "main",
        "nav",
        "footer",
        "aside",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "a",
        "ul",
        "ol",
        "li",
        "span",
        "strong",
        "b",
        "bdi",
        "br",
        "code",
        "data",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
    ]
)
DRAWN = {SVG + name for name in ["svg", "title", "desc", "text", "rect", "path", "line", "circle", "g"]}
ATTRIBUTES = set(
    [
        "lang",
        "charset",
        "content",
        "http-equiv",
        "name",
        "class",
        "id",
        "href",
        "aria-labelledby",
        "aria-label",
        "aria-hidden",
        "scope",
        "title",
        "value",
        "role",
        "viewBox",
        "width",
        "height",
        "font-size",
        "font-family",
        "x",
        "y",
        "x1",
        "x2",
        "y1",
        "y2",
        "cx",
        "cy",
        "r",
        "d",
        "transform",
        "text-anchor",
        "fill",
        "stroke",
        "fill-opacity",
        "stroke-width",
        "stroke-dasharray",
    ]
)


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return to_html(report)


def tree(page: str) -> Element:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def elements(page: str) -> Iterator[Element]:
    return (one for one in tree(page).iter() if isinstance(one.tag, str))


def text_of(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def section(page: str, name: str) -> str:
    return text_of(next(one for one in elements(page) if one.get("aria-labelledby") == name))


def test_it_is_valid_html(page: str) -> None:
    assert page.startswith("<!DOCTYPE html>")
    assert tree(page).get("lang") == "en"


def test_nothing_but_what_the_template_writes_stands_in_the_tree(page: str) -> None:
    for one in elements(page):
        assert one.tag in ELEMENTS | DRAWN, one.tag
        for name in one.attrib:
            assert name in ATTRIBUTES, (one.tag, name)


def test_nothing_runs_and_nothing_is_asked_for(page: str) -> None:
    assert "<script" not in page.lower()
    policy = next(one for one in elements(page) if one.get("http-equiv") == "Content-Security-Policy")
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    for one in elements(page):
        assert one.get("href", "#").startswith("#")
        assert "//" not in one.get("style", "")
    styles = "".join(one.text or "" for one in elements(page) if one.tag == "style")
    assert "url(" not in styles
    assert "@import" not in styles


def test_every_link_leads_somewhere(page: str) -> None:
    places = [one.get("id") for one in elements(page) if one.get("id")]
    assert len(places) == len(set(places))
    for one in elements(page):
        if one.get("href"):
            assert one.get("href", "")[1:] in places


def test_the_evidence_of_a_late_finding_stands_on_the_page(report: Report) -> None:
    last = report.findings[-1]
    page = to_html(replace(report, verdict=replace(report.verdict, reasons=(last.id,))))
    card = next(one for one in elements(page) if one.get("id") == "finding-1")
    assert last.sentence in text_of(card)
    assert '<a href="#finding-1">Evidence</a>' in page


def test_hostile_names_are_there_as_text(page: str, hostile: tuple[str, ...]) -> None:
    columns = section(page, "columns")
    for name in hostile:
        seen = " ".join(visible_text(name).split())
        assert (seen if len(seen) <= 48 else seen[:40]) in columns


def test_what_cannot_be_seen_is_made_visible(page: str) -> None:
    assert "\u202e" not in page
    assert "⟨202E⟩evil" in page


def test_the_first_thing_is_the_answer_with_reasons_and_evidence(page: str, report: Report) -> None:
    answer = section(page, "answer")
    assert "No. For analytics, the synthetic table cannot stand in for the real one." in answer
    assert report.verdict.rule in answer
    assert answer.count("Evidence") == 4
    assert answer.count("two halves of the real data: ") == 4
    assert "Look at the columns named and refit the generator." in answer


def test_sections_stand_in_the_order_of_a_reader(page: str) -> None:
    headings = [text_of(one) for one in elements(page) if one.tag == "h2"]
    order = ["Why", "What to do next", "Contents", "What could not be told", "Findings", "The whole table"]
    order += ["Columns", "Pairs of columns", "Utility", "Subgroups", "Privacy", "Method"]
    order += ["Schema and differences between the tables", "Provenance", "Glossary"]
    assert headings == order


def test_a_grade_is_never_colour_alone(page: str) -> None:
    chips = [one for one in elements(page) if "chip" in one.get("class", "").split()]
    assert len(chips) > 50
    for chip in chips:
        assert re.fullmatch(r"[✓▲?✕–○‼·] [A-Z][a-z ]+", text_of(chip)), text_of(chip)


def numbers_in(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def test_every_number_with_a_value_stands_in_the_json(page: str, report: Report) -> None:
    known = set(numbers_in(json.loads(to_json(report))))
    written = [one for one in elements(page) if one.tag == "data"]
    assert len(written) > 80
    for one in written:
        assert float(one.get("value", "")) in known


def test_the_findings_show_the_numbers_of_the_json(page: str, report: Report) -> None:
    document = to_document(report)
    assert document["verdict"]["reasons"] == [one["id"] for one in document["findings"][:4]]
    for at, finding in enumerate(document["findings"][:12], start=1):
        card = next(one for one in elements(page) if one.get("id") == f"finding-{at}")
        assert str(finding["value"]) in [one.get("value") for one in card.iter("data")]
        scale = next(
            r["card"]["scale"]["unit_kind"] for r in document["results"] if r["check"] == finding["check"]
        )
        assert f"two halves of the real data: {number(finding['baseline'], Unit(scale))}" in text_of(card)


def test_what_follows_from_a_finding_stands_under_it_and_nowhere_else(report: Report) -> None:
    root, *below = report.findings[:11]
    folded = replace(root, folded=tuple(one.id for one in below))
    verdict = replace(report.verdict, reasons=())
    page = to_html(replace(report, findings=(folded, *report.findings[1:]), verdict=verdict))
    card = next(one for one in elements(page) if one.get("id") == "finding-1")
    assert "10 details that follow from it" in text_of(card)
    assert "and 2 more in report.json" in text_of(card)
    assert [one.get("value") for one in card.iter("data")][-8:] == [str(one.value) for one in below[:8]]
    following = next(one for one in elements(page) if one.get("id") == "finding-2")
    assert report.findings[11].sentence in text_of(following)
    own = len(report.findings) - 10
    assert f"{own} findings and 10 details that follow from them" in section(page, "findings")


def test_every_check_stands_under_method_with_its_card(page: str, report: Report) -> None:
    method = section(page, "method")
    for one in report.results:
        card = one.result.card
        for words in (card.title, card.question, card.source, card.id):
            assert words in method


def test_what_was_not_assessed_is_said_with_why_and_remedy(page: str, report: Report) -> None:
    text = section(page, "not-assessed")
    titles = {one.result.card.id: one.result.card.title for one in report.results}
    for one in report.not_assessed:
        assert titles.get(one.check, one.check) in text
        assert one.why in text
        assert one.what_would_allow_it in text


def test_privacy_never_promises(page: str) -> None:
    assert "Absence of evidence is not evidence of privacy." in section(page, "privacy")
    assert "There is no holdout file" in section(page, "privacy")


def test_provenance_is_enough_to_repeat_the_audit(page: str, report: Report) -> None:
    text = section(page, "provenance")
    for words in (
        "a" * 64,
        "b" * 64,
        "c" * 64,
        "Seed 0",
        "duckdb 2.0.0",
        report.id,
        "125 tests",
        "fewer than 10",
    ):
        assert words in text


def test_every_column_has_its_small_picture(page: str, report: Report) -> None:
    columns = next(one for one in elements(page) if one.get("aria-labelledby") == "columns")
    sparks = [one for one in columns.iter(f"{SVG}svg") if one.get("class") == "spark"]
    assert len(sparks) == len(report.columns)


def test_a_hundred_columns_stay_small(build_report: Callable[..., Report]) -> None:
    assert len(to_html(build_report(100)).encode()) < 1_500_000


def test_a_thousand_columns_stay_small_and_say_what_is_left_out(build_report: Callable[..., Report]) -> None:
    report = build_report(20)
    many = tuple(replace(report.columns[0], name=f"c{at}") for at in range(1_000))
    page = to_html(replace(report, columns=many))
    assert len(page.encode()) < 1_500_000
    assert "700 more columns stand in report.json." in page


def test_the_same_report_is_the_same_text(build_report: Callable[..., Report]) -> None:
    assert to_html(build_report()) == to_html(build_report())


@pytest.mark.parametrize("grade", [Grade.PASS, Grade.WARN, Grade.INCONCLUSIVE, Grade.FAIL])
def test_every_verdict_has_its_answer(report: Report, grade: Grade) -> None:
    page = to_html(replace(report, verdict=Verdict(grade, "The rule.", ())))
    first = {"pass": "Yes. ", "warn": "Yes, with care. ", "inconclusive": "Cannot tell. ", "fail": "No. "}
    assert f'<h1 id="answer">{first[grade.value]}' in page


def test_a_report_with_nothing_in_it_is_still_whole(report: Report) -> None:
    empty = replace(
        report,
        columns=(),
        results=(),
        findings=(),
        not_assessed=(),
        notices=(),
        families={Family.FIDELITY: report.families[Family.FIDELITY]},
        alignment=Alignment(),
        verdict=Verdict(Grade.PASS, "Nothing was asked."),
        provenance={},
    )
    page = to_html(empty)
    tree(page)
    for words in (
        "No check found anything beyond its tolerance.",
        "Both tables have the same columns",
        "There are none.",
    ):
        assert words in page


def test_a_hostile_chart_stays_a_chart(report: Report, hostile: tuple[str, ...]) -> None:
    first = report.results[0]
    charts = tuple(
        from_plain(
            PlainChart(kind, name, name, (name,), hostile, hostile, (0.0, 1.0), (PlainSeries(name, (0.5,)),))
        )
        for kind in ("bars", "histogram", "lines", "heatmap", "joint", "intervals", "<script>")
        for name in hostile
    )
    page = to_html(replace(report, results=(replace(first, result=replace(first.result, charts=charts)),)))
    assert {one.tag for one in elements(page)} <= ELEMENTS | DRAWN
