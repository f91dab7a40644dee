"""Texts that repeat an earlier one in nearly the same words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pyarrow as pa

from audit.arrays import Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.checks.artifacts._shared.excess_counts import EXAMPLES, excess_over_real, percent
from audit.learn.features import sample_rows
from audit.model import Column, Measure, Rows
from audit.stats.identifiers.minhash import TextFeatures, group_similar, read_texts

_CELLS = 10_000  # of a table, whose words are compared
_SIGNS = 500  # of a text that are read
_WORDS = 8  # of a text that is compared: in fewer one word is too much
_MIN_TEXTS = 200  # different texts of a table
_MIN_SIMILARITY = 0.6  # of words and pairs of words: nine words of ten, in order, leave 0.73 in a text of ten
_STEP = "Read these texts beside each other; generate them again with more freedom than one word at a time."


@dataclass(frozen=True, slots=True)
class _Groups:
    """Texts that are alike, by the size of their groups; `rows` holds one of each text that repeats another."""

    sizes: Ints
    rows: Ints

    @property
    def repeats(self) -> int:
        """Texts after the first of each group."""
        return int((self.sizes - 1).sum())


def rewording_measures(case: Case, column: Column, alarm: float) -> Iterator[Measure]:
    """Different texts that nearly repeat another, beyond as many real texts; nothing where texts are few.

    Parameters
    ----------
    alarm : chance that fresh real rows exceed what is taken off

    Notes
    -----
    Real texts that are alike come in groups, so the count is compared in units of such a group:
    the mean number of repeats that a repeat stands beside.
    """
    tables = {part.role: _read(case, part, column) for part in case.tables()}
    m = min(len(texts.text_index) for texts, _ in tables.values())
    if m < _MIN_TEXTS:
        return
    groups = {role: _groups(texts.first(np.arange(m)), rows) for role, (texts, rows) in tables.items()}
    found, share = groups["synthetic"], groups["synthetic"].repeats / m
    due = sum(g.repeats for role, g in groups.items() if role != "synthetic") / (len(groups) - 1) / m
    value = _beyond(groups, m, alarm)
    yield Measure(
        value=value,
        about=(column.name,),
        name="rewordings",
        low=value,
        high=value,
        baseline=0.0,
        n=m,
        sentence=(
            f"{found.repeats:,} of {m:,} different synthetic texts of {column.name} ({percent(share)}) repeat another "
            f"in nearly the same words; among as many real ones {percent(due)} do."
        ),
        rows=Rows(found.repeats, tuple(sorted(found.rows[:EXAMPLES].tolist()))) if found.repeats else None,
        next_step=_STEP,
    )


def _beyond(groups: Mapping[str, _Groups], m: int, alarm: float) -> float:
    others = [g for role, g in groups.items() if role != "synthetic"]
    extra = np.concatenate([g.sizes for g in others]) - 1
    at_once = float((extra**2).sum() / extra.sum()) if extra.sum() else 1.0
    count = groups["synthetic"].repeats / at_once
    events, ratio = float(extra.sum()) / at_once, 1 / len(others)
    return excess_over_real(count, m, events, ratio, alarm).value * at_once


def _read(case: Case, part: CaseTable, column: Column) -> tuple[TextFeatures, Ints]:
    """Some cells of a column as words, and the row of each; the same cells in any order of the rows."""
    key = case.key(column.name)
    rows = sample_rows(part, _CELLS, case.rng(f"rewordings {part.role}"))
    frame = part.frame
    if len(rows) < part.rows:
        frame = frame.filter(nw.col("row").is_in((rows + 1).tolist()))
    text = nw.col(key).str.slice(0, _SIGNS).str.to_lowercase()
    table = nw.to_native(frame.select("row", text.fill_null("").alias("text")).sort("row").collect())
    cells = table["text"].combine_chunks().cast(pa.large_string())
    ends = np.frombuffer(cells.buffers()[1], dtype=np.int64)[cells.offset : cells.offset + len(cells) + 1]
    data = np.frombuffer(cells.buffers()[2] or b"", dtype=np.uint8)[ends[0] : ends[-1]]
    return read_texts(data, ends[1:] - ends[0], _WORDS), table["row"].to_numpy().astype(np.int64)


def _groups(texts: TextFeatures, rows: Ints) -> _Groups:
    group = group_similar(texts, _MIN_SIMILARITY)
    sizes = np.bincount(group)
    order = np.lexsort((rows[texts.text_index], group))
    again = np.flatnonzero(group[order[1:]] == group[order[:-1]]) + 1
    repeated = order[again]
    worst = repeated[np.argsort(-sizes[group[repeated]], kind="stable")]
    return _Groups(sizes, rows[texts.text_index][worst])
