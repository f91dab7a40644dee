"""report.md: short, the same numbers, names and values literal."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from audit.model import Report, Unit, Verdict
from audit.render import to_document
from audit.render.formatting import estimate, visible_text
from audit.render.markdown import literal, to_markdown


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert attrs == []

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(text: str) -> Tags:
    markdown_it = pytest.importorskip("markdown_it", reason="no Markdown parser is installed")
    tags = Tags()
    tags.feed(markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))
    return tags


def test_only_our_own_marks_are_marks(report: Report) -> None:
    tags = rendered(to_markdown(report)).tags
    assert tags <= {"h1", "h2", "p", "strong", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}


def test_hostile_names_read_as_they_are_written(hostile: tuple[str, ...]) -> None:
    for name in hostile:
        page = rendered(literal(name))
        assert page.tags == {"p"}
        assert " ".join(page.text.split()) == " ".join(visible_text(name).split())


@pytest.mark.parametrize(
    "text", ["- a", "+ a", "1. a", "12) a", "# a", "===", "---", "> a", "    a", "~~a~~", "www.a.b"]
)
def test_a_text_is_no_list_heading_or_quote(text: str) -> None:
    page = rendered(literal(text))
    assert page.tags == {"p"}
    assert page.text.strip() == text.strip()


def test_links_emoji_and_colours_of_streamlit_are_broken() -> None:
    assert literal("https://x.y :red[a] $b$ me@x.y") == r"https\://x.y \:red\[a\] \$b\$ me\@x.y"


def test_plain_numbers_are_left_alone() -> None:
    assert literal("0.40% (0.36–0.44%), -5") == "0.40% (0.36–0.44%), -5"


def test_it_says_verdict_reasons_families_findings_and_what_was_not_told(report: Report) -> None:
    text = to_markdown(report)
    assert text.startswith("# ✕ Fail: synthetic data audit\n")
    for title in ("Why", "What to do next", "Families", "Findings", "What could not be told"):
        assert f"\n## {title}\n" in text
    assert "| Fidelity | ✕ Fail | 4 | 0 |" in text


def test_it_is_short(report: Report) -> None:
    assert len(to_markdown(report)) < 12_000
    assert re.search(r"\d+ more stand in findings\.csv\.", to_markdown(report))


def test_the_numbers_are_those_of_the_json(report: Report) -> None:
    document, lines = to_document(report), to_markdown(report).splitlines()
    table = [line for line in lines if line.startswith("| ") and "two halves" in line]
    units = {one["check"]: one["card"]["scale"]["unit_kind"] for one in document["results"]}
    assert len(table) == 30
    for line, finding in zip(table, document["findings"], strict=False):
        shown = estimate(finding["value"], finding["low"], finding["high"], Unit(units[finding["check"]]))
        assert f"| {shown} |" in line


def test_what_follows_from_a_finding_is_told_with_it_alone(report: Report) -> None:
    root, *below = report.findings[:9]
    folded = replace(root, folded=tuple(one.id for one in below))
    text = to_markdown(
        replace(report, findings=(folded, *report.findings[1:]), verdict=replace(report.verdict, reasons=()))
    )
    rows = [line for line in text.splitlines() if line.startswith("| ") and "two halves" in line]
    assert "8 details that follow from it: " in rows[0]
    assert report.findings[9].sentence[:20] in "".join(rendered(rows[1]).text.split(chr(10)))
    own = len(report.findings) - 8
    assert f"{own} findings and 8 details that follow from them." in text


def test_a_report_without_findings_is_whole(report: Report) -> None:
    bare = replace(
        report, findings=(), results=(), not_assessed=(), verdict=Verdict(report.verdict.grade, "Rule.")
    )
    assert "## Findings" not in to_markdown(bare)
    assert "Rule." in to_markdown(bare)
