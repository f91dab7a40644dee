"""What texts repeat, leave unfilled and vary: counted in the engine, told as numbers only."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.checks.artifacts._shared.excess_counts import EXAMPLES, rarefied_distinct
from audit.learn.features import sample_rows

_OPENING = 40  # signs at the start of a text
_LONG = 60  # signs of a text whose opening is looked at
_LETTERS = 20  # letters of a text that can nearly repeat another
_CELLS = 2000  # of a table, whose words are counted
_BLOCKS = 10
_MIN_WORDS = 200  # words in a block: fewer hardly repeat whatever wrote them

TEMPLATES: Mapping[str, str] = {
    "“as an AI language model”": r"(?i)\bas an? (?:ai|large|artificial intelligence)?\s?language model\b|\bas an ai\b",
    "a refusal of a chat model": r"(?i)\bi(?:'m| am) sorry,? but i (?:can'?t|cannot)\b|\bi (?:can'?t|cannot) (?:fulfil|assist with)",
    "an answer to a prompt": r"(?i)^\s*(?:sure|certainly|of course)[,!] here(?:'s| is| are)\b",
    "“lorem ipsum”": r"(?i)\blorem ipsum\b",
    "unfilled braces": r"\{\{[^{}]{1,40}\}\}|\$\{[A-Za-z_.]{1,40}\}|\{[a-z]+_[a-z_]+\}",
    "an unfilled bracket": (
        r"(?i)\[(?:(?:your|insert|enter|first|last|full|customer|company|product) )?"
        r"(?:name|date|address|city|company|email|phone|number|title|product|amount|location|text)(?: here)?\]"
    ),
    "an unfilled tag": r"(?i)<(?:placeholder|your|insert|name|date|address|company|text|unk|pad)[ _a-z]{0,20}>",
    "a mark of a tokenizer": r"<\|[a-z_]{1,30}\|>|\[(?:UNK|PAD|CLS|SEP|MASK)\]|</s>",
    "TODO or FIXME": r"\b(?:TODO|FIXME|TBD)\b",
    "nothing but a filler": r"(?i)^\s*(?:n/?a|none|null|nan|undefined|text|string|placeholder|sample text|test)\s*$",
}


@dataclass(frozen=True, slots=True)
class RepeatCounts:
    """How often cells stand in a table: `groups[i]` different ones `sizes[i]` times each."""

    sizes: Ints
    groups: Ints

    @property
    def cell_count(self) -> int:
        """All that could repeat."""
        return int(np.sum(self.sizes * self.groups))

    @property
    def repeat_count(self) -> int:
        """Those after the first that are the same."""
        return self.cell_count - int(self.groups.sum())

    def expected_repeats(self, m: int) -> float:
        """Repeats among m cells drawn without replacement."""
        if m >= self.cell_count:
            return float(self.repeat_count)
        return max(0.0, m - rarefied_distinct(self.sizes, self.groups, m))


def whole_text(text: nw.Expr) -> nw.Expr:
    """A text as it is."""
    return text


def text_letters(text: nw.Expr) -> nw.Expr:
    """A text in lower case without digits and signs; spaces stay, as each match costs time."""
    return text.str.to_lowercase().str.replace_all(r"[\x21-\x40\x5b-\x60\x7b-\x7e]+", "")


def text_opening(text: nw.Expr) -> nw.Expr:
    """How a text begins."""
    return text.str.slice(0, _OPENING)


FORMS = {"": whole_text, "near_repeats": text_letters, "openings": text_opening}


def _forms(parts: Sequence[CaseTable], key: str, name: str) -> nw.LazyFrame[Any]:
    """Columns `form` and `row`: one line for each cell, or for each different one where its form counts."""
    frames = [part.frame.select(nw.col(key).alias("text"), "row") for part in parts]
    cells = (frames[0] if len(frames) == 1 else nw.concat(frames, how="vertical")).filter(
        ~nw.col("text").is_null()
    )
    if not name:
        return cells.select(nw.col("text").alias("form"), "row")
    if name == "openings":
        cells = cells.filter(nw.col("text").str.len_chars() >= _LONG)
    different = cells.group_by("text").agg(nw.col("row").min())
    formed = different.select(FORMS[name](nw.col("text")).alias("form"), "row")
    return formed.filter(nw.col("form").str.len_chars() >= _LETTERS)


def count_repeats(parts: Sequence[CaseTable], key: str, name: str) -> RepeatCounts:
    """How often cells repeat: whole, or different ones by what `FORMS` leaves of them."""
    sizes = _forms(parts, key, name).group_by("form").agg(nw.len().alias("size"))
    table = sizes.group_by("size").agg(nw.len().alias("groups")).sort("size").collect()
    return RepeatCounts(*(table.get_column(c).to_numpy().astype(np.int64) for c in ("size", "groups")))


def repeated_rows(part: CaseTable, key: str, name: str) -> tuple[int, ...]:
    """A row of each cell that repeats another, the most repeated first."""
    groups = (
        _forms([part], key, name)
        .group_by("form")
        .agg(nw.len().alias("size"), nw.col("row").max().alias("last"))
    )
    repeated = groups.filter(nw.col("size") > 1).select("size", "last")
    worst = repeated.sort("size", "last", descending=[True, False]).head(EXAMPLES).collect()
    return tuple(sorted(int(row) for row in worst.get_column("last").to_list()))


def is_template(key: str) -> nw.Expr:
    """Cells that hold what somebody should have replaced."""
    return nw.col(key).str.contains("|".join(f"(?:{expression})" for expression in TEMPLATES.values()))


def template_kinds(part: CaseTable, key: str) -> dict[str, int]:
    """Cells by what they hold that somebody should have replaced."""
    held = [nw.col(key).str.contains(expression) for expression in TEMPLATES.values()]
    row = part.frame.select(
        *(nw.when(one).then(1).otherwise(0).sum().alias(f"n{i}") for i, one in enumerate(held))
    ).collect()
    return {name: int(row.get_column(f"n{i}")[0] or 0) for i, name in enumerate(TEMPLATES)}


def text_lengths(part: CaseTable, key: str) -> tuple[Ints, Ints]:
    """The lengths of all cells in signs, increasing, and how many cells have each."""
    table = (
        part.frame.filter(~nw.col(key).is_null())
        .select(nw.col(key).str.len_chars().alias("length"))
        .group_by("length")
        .agg(nw.len().alias("n"))
        .sort("length")
        .collect()
    )
    return (
        table.get_column("length").to_numpy().astype(np.int64),
        table.get_column("n").to_numpy().astype(np.int64),
    )


def word_blocks(case: Case, part: CaseTable, key: str) -> list[list[str]]:
    """The words of some cells in blocks; the same cells give the same blocks in any order."""
    rows = sample_rows(part, _CELLS, case.rng(f"texts {part.role}"))
    frame = part.frame
    if len(rows) < part.rows:
        frame = frame.filter(nw.col("row").is_in((rows + 1).tolist()))
    cells = [text for text in frame.select(key).collect().get_column(key).to_list() if text is not None]
    cells.sort(key=lambda text: (zlib.crc32(text.encode("utf-8", "replace")), text))
    return [
        [word for text in cells[i::_BLOCKS] for word in re.findall(r"\w+", text.lower())]
        for i in range(_BLOCKS)
    ]


def different_pairs(blocks: Sequence[Sequence[str]], length: int) -> Floats:
    """The share of neighbouring words that stand in a block for the first time, for each block.

    Parameters
    ----------
    length : words of each block that count, so that tables can be compared

    Source: Li, Galley, Brockett, Gao and Dolan (2016), NAACL-HLT, 110-119 (distinct-2).

    Examples
    --------
    >>> different_pairs([["a", "b", "a", "b", "c"]], 5).tolist()
    [0.75]
    """
    return np.array([len(set(pairwise(block[:length]))) / (length - 1) for block in blocks])


def common_length(*tables: Sequence[Sequence[str]]) -> int:
    """Words that every block of every table has; 0 where that is too few to compare."""
    shortest = min(len(block) for blocks in tables for block in blocks)
    return shortest if shortest >= _MIN_WORDS else 0
