"""Free text that repeats itself, that varies too little, or that nobody filled in."""

from __future__ import annotations

import math
from collections.abc import Iterator

import narwhals as nw
import numpy as np

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    SHARE,
    example_rows,
    excess_over_real,
    gap_bars,
    percent,
    plural,
)
from audit.checks.artifacts._shared.near_duplicate_texts import rewording_measures
from audit.checks.artifacts._shared.text_phrases import (
    FORMS,
    RepeatCounts,
    common_length,
    count_repeats,
    different_pairs,
    is_template,
    repeated_rows,
    template_kinds,
    text_lengths,
    word_blocks,
)
from audit.model import Column, Family, Kind, Measure, Rows
from audit.stats.distributions.distances import (
    expected_total_variation,
    total_variation,
    total_variation_error,
)
from audit.stats.inference.intervals import Z95

_FALSE_ALARM_RATE = 0.001  # chance that a column's allowance is exceeded by fresh real rows, for each number
_TENTHS = 10
_MAX_NAMED = 3  # kinds of template in a sentence
_MIN_CELLS = 200  # cells whose lengths can be compared
_SAID = {
    "": ("repeat an earlier one word for word", "cells"),
    "near_repeats": ("differ from an earlier one only in digits, signs or case", "different texts"),
    "openings": ("begin with the same 40 signs as another", "different texts"),
}
_TEMPLATE_STEP = "Drop these rows or generate them again; read some of their neighbours too."


@check(
    id="texts",
    title="Free text",
    family=Family.ARTIFACTS,
    question="Does synthetic text repeat itself, vary too little, or hold templates that nobody filled in?",
    scale=SHARE,
    next_step="Read the rows named; generate the text again with more variety, and drop what repeats.",
)
def texts(case: Case) -> Outcome:
    """Share of a text column's synthetic cells that repeat another, beyond chance.

    Counted over every row, and compared with as many real cells (real and holdout together):
    cells that repeat an earlier one word for word; `near_repeats`, texts that differ from
    another only in digits, signs or case; `openings`, longer texts that begin with
    the same 40 signs as another; `template`, cells with what somebody should have replaced
    ("lorem ipsum", "as an AI language model", [name], {{...}}, TODO). `rewordings` are texts
    of at least eight words that share at least six tenths of their words and pairs of
    neighbouring words with another, looked for in the first 500 signs of at most 10,000 cells
    of a table. 0 means no more than fresh real rows would show; 1 that every cell does.
    `length` is the share of cells whose length in signs lies in another tenth of the real
    lengths than it should, chance taken off; `variety` is the share of different pairs of
    neighbouring words that is lost against the same number of real words, from at most 2,000
    cells of a table. The baseline of these two is the holdout, of the others 0. Missing cells
    do not count. No text is shown. It cannot tell whether a text makes sense or fits its row.
    Summary: `repeated` is the largest share of repeats, `template_cells` the number of cells
    with a template.

    Source: rarefaction: Hurlbert (1971), Ecology 52, 577-586; nearly the same words: Broder
    (1997), SEQUENCES, 21-29 (smallest hashes); different word pairs: Li et al. (2016),
    NAACL-HLT, 110-119; lengths: total variation, see the check on column shapes.
    """
    columns = case.of_kind(Kind.TEXT)
    if not columns:
        raise Skip("No column holds free text.")
    measures = [measure for column in columns for measure in _measures(case, column)]
    counted = [m for m in measures if m.rows is not None]
    bars = [(f"{m.about[0]}: {m.name or 'repeats'}", 0.0, m.value) for m in measures if m.name != "no_text"]
    worst = max((m.value for m in measures if not m.name), default=0.0)
    chart = gap_bars(
        "What synthetic text does more often than real text",
        f"{plural(sum(value > 0 for _, _, value in bars), 'number')} of {len(bars)} above what real text shows.",
        bars,
        "share of cells",
    )
    cells = sum(m.rows.count for m in counted if m.name == "template" and m.rows is not None)
    return Outcome(tuple(measures), {"repeated": worst, "template_cells": float(cells)}, (chart,))


def _measures(case: Case, column: Column) -> Iterator[Measure]:
    real = [part for part in (case.real, case.holdout) if part is not None]
    alarm = _FALSE_ALARM_RATE / len(case.of_kind(Kind.TEXT))
    for name in FORMS:
        yield _repeated(case, column, name, real, alarm)
    yield from rewording_measures(case, column, alarm)
    yield _template(case, column, real, alarm)
    yield from _length(case, column)
    yield from _variety(case, column)


def _repeated(case: Case, column: Column, name: str, real: list[CaseTable], alarm: float) -> Measure:
    key = case.key(column.name)
    found, pool = count_repeats([case.synthetic], key, name), count_repeats(real, key, name)
    value, expected = _beyond(found, pool, alarm)
    how, what = _SAID[name]
    rows = repeated_rows(case.synthetic, key, name) if found.repeat_count else ()
    share = found.repeat_count / max(found.cell_count, 1)
    sentence = (
        f"{found.repeat_count:,} of {found.cell_count:,} synthetic {what} of {column.name} ({percent(share)}) {how}; "
        f"among as many real ones {percent(expected)} would."
    )
    return Measure(
        value=value,
        about=(column.name,),
        name=name,
        low=value,
        high=value,
        baseline=0.0,
        n=found.cell_count,
        sentence=sentence,
        rows=Rows(found.repeat_count, rows) if found.repeat_count else None,
    )


def _beyond(table: RepeatCounts, pool: RepeatCounts, alarm: float) -> tuple[float, float]:
    """Share of repeats beyond what cells of the pool show, and the share that these show."""
    m = min(table.cell_count, pool.cell_count)
    wanted = pool.expected_repeats(m)
    ratio = wanted / pool.repeat_count if pool.repeat_count else (m / max(pool.cell_count, 1)) ** 2
    return excess_over_real(
        table.expected_repeats(m), m, pool.repeat_count, ratio, alarm
    ).value, wanted / max(m, 1)


def _template(case: Case, column: Column, real: list[CaseTable], alarm: float) -> Measure:
    key = case.key(column.name)
    (count, n), *others = ((_templates(part, key), _filled(part, key)) for part in (case.synthetic, *real))
    events, tested = sum(c for c, _ in others), sum(rows for _, rows in others)
    value = excess_over_real(count, n, events, n / max(tested, 1), alarm).value
    held = (
        f"{plural(count, 'synthetic cell')} of {column.name} ({percent(count / max(n, 1))}) hold a template"
    )
    return Measure(
        value=value,
        about=(column.name,),
        name="template",
        low=value,
        high=value,
        baseline=0.0,
        n=n,
        sentence=f"{held}{_kinds(case, key, count)}; of {tested:,} real ones {events:,} do.",
        rows=example_rows(case.synthetic, is_template(key), count),
        next_step=_TEMPLATE_STEP,
    )


def _kinds(case: Case, key: str, count: int) -> str:
    if not count:
        return ""
    kinds = template_kinds(case.synthetic, key)
    named = [kind for kind in sorted(kinds, key=lambda kind: (-kinds[kind], kind)) if kinds[kind]][
        :_MAX_NAMED
    ]
    return f" (such as {', '.join(named)})"


def _templates(part: CaseTable, key: str) -> int:
    return int(part.frame.filter(is_template(key)).select("row").collect().shape[0])


def _filled(part: CaseTable, key: str) -> int:
    return int(part.frame.select(nw.col(key).count()).collect().item())


def _length(case: Case, column: Column) -> Iterator[Measure]:
    key = case.key(column.name)
    values, counts = text_lengths(case.real, key)
    other = text_lengths(case.synthetic, key)
    if counts.sum() < _MIN_CELLS or other[1].sum() < _MIN_CELLS:
        return
    shares = np.cumsum(counts) / counts.sum()
    edges = np.unique(values[np.searchsorted(shares, np.arange(1, _TENTHS) / _TENTHS)])
    real, synthetic = (_binned(*table, edges) for table in ((values, counts), other))
    value, error = _apart(real, synthetic)
    baseline = 0.0
    if case.holdout is not None:
        held = _binned(*text_lengths(case.holdout, key), edges)
        baseline = _apart(real, held)[0] if held.sum() else 0.0
    middle, usual = (_median(*table) for table in (other, (values, counts)))
    yield Measure(
        value=value,
        about=(column.name,),
        name="length",
        low=max(0.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=baseline,
        n=int(synthetic.sum()),
        sentence=(
            f"Half of the synthetic cells of {column.name} have up to {middle:,} signs, of the real ones up to "
            f"{usual:,}; {percent(value)} of cells have another length than they should, chance taken off."
        ),
    )


def _binned(values: np.ndarray, counts: np.ndarray, edges: np.ndarray) -> np.ndarray:
    places = np.searchsorted(edges, values)
    return np.bincount(places, weights=counts, minlength=len(edges) + 1).astype(np.int64)


def _apart(real: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    chance = expected_total_variation(real, int(real.sum()), int(other.sum()))
    return max(0.0, total_variation(real, other) - chance), total_variation_error(real, other)


def _median(values: np.ndarray, counts: np.ndarray) -> int:
    return int(values[np.searchsorted(np.cumsum(counts), counts.sum() / 2)])


def _variety(case: Case, column: Column) -> Iterator[Measure]:
    key = case.key(column.name)
    tables = {part.role: word_blocks(case, part, key) for part in case.tables()}
    length = common_length(*tables.values())
    if length == 0:
        return
    found = {role: different_pairs(blocks, length) for role, blocks in tables.items()}
    value, error = _lost(found["real"], found["synthetic"])
    baseline = _lost(found["real"], found["holdout"])[0] if "holdout" in found else 0.0
    shares = {role: float(pairs.mean()) for role, pairs in found.items()}
    yield Measure(
        value=value,
        about=(column.name,),
        name="variety",
        low=max(0.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=baseline,
        n=length * len(found["synthetic"]),
        sentence=(
            f"{percent(shares['synthetic'])} of neighbouring words of {column.name} are a pair not seen before; "
            f"in as many real words {percent(shares['real'])} are."
        ),
    )


def _lost(real: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Share of the real variety that is lost, and its standard error over the blocks."""
    kept = float(other.mean() / real.mean())
    errors = [float(pairs.std(ddof=1) / pairs.mean() / np.sqrt(len(pairs))) for pairs in (real, other)]
    return max(0.0, 1.0 - kept), kept * math.hypot(*errors)
