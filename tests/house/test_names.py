"""Public names are nouns and verbs that the field knows, not bare participles that only their author can read."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.house.source import Source, no, parsed, sources

# Words that say nothing by themselves: who told whom, kept what, worst of which. A name says it:
# rows_after_rejection, worst_grade, comparable_groups.
BANNED = frozenset(
    [
        "accumulated",
        "accused",
        "added",
        "alarmed",
        "aligned",
        "alike",
        "alone",
        "anew",
        "apart",
        "around",
        "aside",
        "asked",
        "averaged",
        "away",
        "before",
        "believed",
        "below",
        "beside",
        "between",
        "beyond",
        "bounded",
        "broken",
        "called",
        "carried",
        "changed",
        "chosen",
        "claimed",
        "coded",
        "compared",
        "contradicted",
        "counted",
        "covered",
        "crossed",
        "damaged",
        "dealt",
        "decided",
        "declared",
        "drawn",
        "dying",
        "encoded",
        "ended",
        "enough",
        "even",
        "excused",
        "explained",
        "favoured",
        "fed",
        "few",
        "filtered",
        "fitted",
        "folded",
        "followed",
        "foretold",
        "found",
        "furnished",
        "given",
        "graded",
        "guessed",
        "heard",
        "held",
        "hidden",
        "inherited",
        "installed",
        "judged",
        "kept",
        "labelled",
        "learnt",
        "left",
        "likely",
        "listed",
        "loneliest",
        "lonely",
        "looked",
        "lost",
        "made",
        "many",
        "marked",
        "matched",
        "measured",
        "met",
        "moved",
        "named",
        "near",
        "nested",
        "nothing",
        "novel",
        "off",
        "once",
        "only",
        "opened",
        "over",
        "packed",
        "parted",
        "permuted",
        "placed",
        "placing",
        "planted",
        "pooled",
        "proved",
        "ran",
        "ready",
        "reached",
        "recorded",
        "rejected",
        "repeated",
        "replaced",
        "respelled",
        "rest",
        "reworded",
        "said",
        "seen",
        "selected",
        "settled",
        "shaped",
        "shown",
        "signed",
        "some",
        "spelled",
        "stand",
        "standing",
        "stands",
        "steady",
        "stood",
        "striking",
        "suggested",
        "summed",
        "swapped",
        "switched",
        "taken",
        "tested",
        "theirs",
        "tied",
        "told",
        "tolerated",
        "touched",
        "trained",
        "tried",
        "trimmed",
        "truncated",
        "unclear",
        "unexplained",
        "unknown",
        "unpacked",
        "unread",
        "unreadable",
        "unseen",
        "unsure",
        "untold",
        "usable",
        "used",
        "varied",
        "watched",
        "weighed",
        "whole",
        "widened",
        "without",
        "worse",
        "worst",
        "written",
    ]
)

# Classes of the same name in two modules of audit that are meant to be taken for one another.
SHARED_NAMES: dict[str, str] = {
    "Report": "what the public face gives is the record of the model, able to show itself",
}


def bare_names(source: Source) -> Iterator[str]:
    """Public functions, classes and methods of public classes that are called by one banned word."""
    for node in _public(source.tree):
        if node.name.lower() in BANNED:
            yield source.at(node, f"{node.name} says nothing by itself; say what or of what")
        if isinstance(node, ast.ClassDef):
            for inner in _public(node):
                if inner.name in BANNED:
                    yield source.at(inner, f"{node.name}.{inner.name} says nothing by itself")


def _public(
    node: ast.Module | ast.ClassDef,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for child in node.body:
        if isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) and not child.name.startswith("_"):
            yield child


def test_names_say_what_they_name() -> None:
    no(said for source in sources("audit", "pages", "bench") for said in bare_names(source))


@pytest.mark.parametrize(
    "text",
    [
        "def told(): ...",
        "class Kept: ...",
        "class Line:\n    def worst(self): ...",
        "class Line:\n    @property\n    def added(self): ...",
    ],
)
def test_a_bare_word_is_seen(text: str) -> None:
    assert len(list(bare_names(parsed(text)))) == 1


@pytest.mark.parametrize("text", ["def worst_grade(): ...", "def _told(): ...", "class CommitmentCheck: ..."])
def test_what_says_what_it_is_may_pass(text: str) -> None:
    no(bare_names(parsed(text)))


def test_a_class_has_a_name_of_its_own() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for source in sources("audit"):
        for node in _public(source.tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(source.path)
    shared = {name: places for name, places in homes.items() if len(places) > 1}
    no(
        f"{name} is defined in {', '.join(places)}"
        for name, places in shared.items()
        if name not in SHARED_NAMES
    )
    assert set(SHARED_NAMES) <= set(shared), "SHARED_NAMES holds a name that is no longer shared"
