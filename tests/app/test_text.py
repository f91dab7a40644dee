"""Other people's text stays text in every place that reads Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from pages.parts.base.markdown import columns_text, md_text, plain_text
from tests.render.example import HOSTILE

JOINER = "\u2060"
markdown_it = pytest.importorskip("markdown_it", reason="no Markdown reader to hold the escape against")
READER = markdown_it.MarkdownIt("commonmark").enable(["strikethrough", "table"])


def inline_kinds(text: str) -> set[str]:
    tokens = READER.parse(f"before {text} after")
    return {child.type for token in tokens for child in token.children or ()} - {"text", "text_special"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_no_markup(text: str) -> None:
    assert inline_kinds(md_text(text)) <= {"text"}


@given(st.text(alphabet=st.sampled_from("[]()!<>*_`#:$|\\-=~@./w hta1&;\n{}^\"'"), max_size=30))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    tokens = READER.parse(f"x {md_text(text)} x")
    shown = "".join(child.content for token in tokens for child in token.children or ())
    assert shown.replace(JOINER, "").split() == ["x", *" ".join(text.splitlines()).split(), "x"]


@pytest.mark.parametrize(
    "text",
    [
        ":smile:",
        ":red[x]",
        ":material/delete:",
        "a@b.example",
        "www.example.org",
        "http://x.example",
        "a--b",
        "a->b",
    ],
)
def test_what_is_found_in_plain_text_is_broken_up(text: str) -> None:
    assert text not in md_text(text).replace("\\", "")


def test_text_is_cut_and_made_visible() -> None:
    assert plain_text("a" * 500, 10) == "aaaaaaaaa…"
    assert "\u202e" not in plain_text("\u202eevil")
    assert plain_text("one\ntwo") == "one two"


def test_columns_are_named_or_the_table_is() -> None:
    assert columns_text(("a", "b")) == "a × b"
    assert columns_text(()) == "whole table"
