"""A hint is true when it is followed: commands, options and formats that sentences name exist."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from audit.cli.main import parser
from audit.file_formats import ENDINGS, FORMATS, PACKED_ENDINGS, PACKINGS, media_type
from tests.house.source import no, sources


@cache
def commands() -> dict[str, set[str]]:
    """Every command with its options."""
    (chosen,) = (one for one in parser()._actions if isinstance(one, argparse._SubParsersAction))
    return {name: set(sub._option_string_actions) for name, sub in chosen.choices.items()}


def sentences() -> Iterator[tuple[str, str]]:
    """Every text that may be shown, with its place; docstrings and arguments of other programs are none."""
    for source in sources("audit", "pages"):
        said = {id(node.value) for node in ast.walk(source.tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(source.tree):
            text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
            if text and " " in node.value:
                yield source.at(node, ""), node.value


def wrong(text: str) -> list[str]:
    """What a sentence names that does not exist."""
    known = commands()
    found = []
    for name, rest in re.findall(r"python -m audit (\w+)([^.;:…]*)", text):
        options = set(re.findall(r"--[a-z][a-z-]+", rest))
        if name not in known:
            found.append(f"no command {name}")
        else:
            found += [f"{name} has no option {option}" for option in sorted(options - known[name])]
    every = set().union(*known.values())
    found += [f"no option {option}" for option in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - every]
    for names in re.findall(r"(?:[Ss]ave|[Pp]ack|[Ee]xport)\b[^.]*? as ((?:\w+(?:, | or |,? and )?)+)", text):
        words = set(re.findall(r"[a-z]+", names)) & FORMAT_WORDS
        found += [f"no format {word}" for word in sorted(words - set(ENDINGS) - set(PACKED_ENDINGS))]
    return found + [
        f"an address {scheme}" for scheme in re.findall(r"\b(?!https?|postgresql\b)[a-z]+:///?\w", text)
    ]


FORMAT_WORDS = {
    *ENDINGS,
    *PACKED_ENDINGS,
    "sqlite",
    "orc",
    "avro",
    "xls",
    "hdf",
    "pickle",
    "xml",
    "sas",
    "stata",
}


def test_every_hint_can_be_followed() -> None:
    no(f"{place} {said}" for place, text in sentences() for said in wrong(text))


@pytest.mark.parametrize(
    "text",
    [
        "Make one with: python -m audit comit --holdout FILE.",
        "Make one with: python -m audit commit --hold FILE.",
        "Name one with --sensitiv.",
        "Save it as orc.",
        "Name it as sqlite:///path?table=name.",
    ],
)
def test_a_hint_that_leads_nowhere_is_seen(text: str) -> None:
    assert len(wrong(text)) >= 1


def test_formats_stand_in_one_table() -> None:
    assert len(set(ENDINGS + PACKED_ENDINGS)) == len(ENDINGS) + len(PACKED_ENDINGS)
    for one in (*FORMATS, *PACKINGS):
        assert media_type(one.name) == one.media
    assert media_type("csv.gz") == "application/gzip"
    assert media_type("frame") == "application/octet-stream"
