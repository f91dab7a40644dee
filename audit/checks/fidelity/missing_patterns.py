"""Patterns of missing values: which cells are missing together, and in which rows."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from audit.arrays import Bools, Ints
from audit.case.case import Case, column_names
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.learn.features import sample_rows
from audit.model import Better, Chart, Family, Measure, Page, Scale, Unit, share_bars
from audit.stats.distributions.distances import (
    expected_total_variation,
    shares,
    total_variation,
    total_variation_error,
)
from audit.stats.inference.intervals import Z95, auc_with_error
from audit.stats.inference.p_values import normal_p
from audit.stats.models.ridge import out_of_fold

_PATTERNS = 50  # real patterns with a cell of their own
_COLUMNS = 10  # columns whose missing cells are predicted, at most
_PREDICTORS = 40  # columns that predict, at most
_ROWS = 10_000  # a table that learns, at most
_MIN_ROWS = 30  # rows with and rows without a value that it takes to learn
_FOLDS = 5
_LEAST = 0.01  # share of cells that are missing, and that are not, to be predicted
_BITS = 31
_FALSE = 0.01  # audits of a perfect table in which any column is counted as told apart
_BARS = 20


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Rows per pattern in each table; the last label is that of all others."""

    labels: tuple[str, ...]
    counts: dict[str, Ints]


@dataclass(frozen=True, slots=True)
class _Area:
    """How well missing cells of a column are predicted in one table."""

    area: float
    error: float


@check(
    id="missing_patterns",
    title="Patterns of missing values",
    known_as="total variation distance of missingness patterns",
    page=Page.COLUMNS,
    family=Family.FIDELITY,
    question="Are the same values missing together, and in the same kinds of rows?",
    scale=Scale(Unit.SHARE, "share of rows beyond chance", Better.LOWER, -1.0, 1.0),
    needs=(Need.ROWS,),
    next_step="If values are missing as often but in other rows, the generator drew the gaps apart from the rest: let it model missing as a value of its own.",
)
def missing_patterns(case: Case) -> Outcome:
    """Share of rows whose set of missing columns is off, beyond chance.

    A row's pattern is the set of columns that have no value in it. The shares of the 50 most
    frequent real patterns, and of all others in one cell, are compared by their total
    variation distance, less what two samples of these sizes show by chance: 0 means that
    cells are missing together as in the real table, 0.05 that five rows in a hundred hold
    the wrong pattern. The number `predictability` of a column, on a scale of its own, is how
    much better or worse than in real rows the other columns tell where it is missing: the
    size of the difference of two areas under the ROC curve, 0.5 where they tell nothing. It
    is 0 where missing depends on the rest as it does in real rows. A linear model of the
    others' cells, scored on rows it was not fitted to, does the telling, in at most 10,000
    rows of each table; it does not see what only two columns together tell. Up to ten columns
    with 1 % to 99 % missing in both tables are looked at. A column is judged where the areas
    differ beyond chance, in all of them together at one audit in a hundred; the others are
    shown. Cells that could not be read as the column's type count as missing. The baseline is
    the same number for the holdout.

    Source: Rubin (1976), Biometrika 63, 581-592 (missing at random and not); interval of an
    area: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845; patterns: total
    variation as in `column_shapes`.
    """
    gappy = tuple(c.name for c in case.columns if any(_missing(part, c.name) for part in case.tables()))
    if not gappy:
        raise Skip("No value is missing in any table.")
    masks = {part.role: _mask(case, part, gappy) for part in case.tables()}
    patterns = _patterns(masks, gappy, case.k)
    predicted = _predictability(case, gappy, masks)
    return Outcome(
        measures=(_headline(case, patterns, predicted, gappy), *predicted),
        summary={"patterns": float(len(patterns.labels) - 1)},
        charts=(_chart(patterns),),
    )


def _missing(part: CaseTable, name: str) -> int:
    return part.value_counts(name).missing


def _mask(case: Case, part: CaseTable, gappy: tuple[str, ...]) -> Bools:
    """Where values are missing, shape (rows, gappy columns)."""
    mask = np.zeros((part.rows, len(gappy)), dtype=np.bool_, order="F")
    shaped = set(column_names(case.distribution_columns))
    for i, name in enumerate(gappy):
        if _missing(part, name) == 0:
            continue
        if name in shaped:
            mask[:, i] = part.codes[:, case.code_index(name)] == case.binning(name).size - 1
        else:
            empty = part.frame.select(nw.col(case.key(name)).is_null()).collect()
            mask[:, i] = empty.get_column(case.key(name)).to_numpy()
    return mask


def _patterns(masks: dict[str, Bools], gappy: tuple[str, ...], k: int) -> _Patterns:
    """Rows per pattern: the real ones that many rows hold, most frequent first, and all others."""
    ids, rows = _numbered(np.vstack(list(masks.values())))
    parts = np.split(ids, np.cumsum([len(mask) for mask in masks.values()])[:-1])
    counts = {role: np.bincount(part, minlength=len(rows)) for role, part in zip(masks, parts, strict=True)}
    real = counts["real"]
    # Patterns as frequent as the first that has no place have none either: no order decides.
    least = np.sort(real)[::-1][_PATTERNS] + 1 if len(real) > _PATTERNS else k
    order = np.argsort(-real, kind="stable")
    kept = order[real[order] >= max(int(least), k)]
    return _Patterns(
        (*(_label(gappy, row) for row in rows[kept]), "other patterns"),
        {role: np.append(c[kept], c.sum() - c[kept].sum()) for role, c in counts.items()},
    )


def _numbered(mask: Bools) -> tuple[Ints, Bools]:
    """A number for every row's pattern, and the patterns."""
    ids = np.zeros(len(mask), dtype=np.int64)
    for start in range(0, mask.shape[1], _BITS):
        for i, column in enumerate(mask[:, start : start + _BITS].T):
            ids |= column.astype(np.int64) << i
        first, ids = np.unique(ids, return_index=True, return_inverse=True)[1:]
        ids = ids.astype(np.int64) << _BITS
    return ids >> _BITS, mask[first]


def _label(gappy: tuple[str, ...], row: Bools) -> str:
    lacking = [name for name, missing in zip(gappy, row, strict=True) if missing]
    if not lacking:
        return "nothing missing"
    more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
    return f"{', '.join(lacking[:3])}{more} missing"


def _headline(case: Case, patterns: _Patterns, predicted: list[Measure], gappy: tuple[str, ...]) -> Measure:
    real, synthetic = patterns.counts["real"], patterns.counts["synthetic"]
    value, half = _excess(real, synthetic), Z95 * total_variation_error(real, synthetic)
    baseline = 0.0 if case.holdout is None else _excess(real, patterns.counts["holdout"])
    gap = shares(synthetic) - shares(real)
    worst = int(np.argmax(np.abs(gap)))
    told = sum((m.p_value or 0.0) * m.comparisons <= _FALSE for m in predicted)
    text = (
        f"{max(value, 0):.1%} of the rows hold the wrong pattern of missing values beyond chance: "
        f"{patterns.labels[worst]} in {shares(real)[worst]:.1%} of real rows and {shares(synthetic)[worst]:.1%} of synthetic rows; "
        f"of {len(gappy)} columns with missing values, {len(predicted)} have enough to see in which rows they are missing, "
        f"and {told} of these differ beyond chance"
    )
    return Measure(
        value=value,
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        baseline=baseline,
        n=case.synthetic.rows,
        sentence=f"{text}.",
    )


def _excess(real: Ints, other: Ints) -> float:
    chance = expected_total_variation(real + other, int(real.sum()), int(other.sum()))
    return total_variation(real, other) - chance


def _predictability(case: Case, gappy: tuple[str, ...], masks: dict[str, Bools]) -> list[Measure]:
    """For every column with enough missing cells, how much its areas differ."""
    chosen = _predictable(gappy, masks)
    if not chosen or len(case.distribution_columns) < 2:
        return []
    rng = case.rng("missing_patterns")
    predictors = _predictors(case, rng)
    areas = [_areas(case, part, masks[part.role], gappy, chosen, predictors, rng) for part in case.tables()]
    return [
        _measure(case, gappy[j], [found[i] for found in areas], len(chosen)) for i, j in enumerate(chosen)
    ]


def _predictable(gappy: tuple[str, ...], masks: dict[str, Bools]) -> list[int]:
    """Columns with enough rows with and without a value in every table, the most even first."""
    room = np.ones(len(gappy), dtype=np.bool_)
    even = np.zeros(len(gappy), dtype=np.float64)
    for mask in masks.values():
        share = mask.mean(axis=0)
        lesser = np.minimum(share, 1 - share)
        room &= (lesser >= _LEAST) & (lesser * min(len(mask), _ROWS) >= _MIN_ROWS)
        even += lesser
    order = sorted(np.flatnonzero(room).tolist(), key=lambda j: (-round(float(even[j]), 12), gappy[j]))
    return sorted(order[:_COLUMNS])


def _predictors(case: Case, rng: np.random.Generator) -> list[str]:
    by_name = sorted(column_names(case.distribution_columns))
    if len(by_name) <= _PREDICTORS:
        return by_name
    return [by_name[i] for i in sorted(rng.choice(len(by_name), _PREDICTORS, replace=False))]


def _areas(
    case: Case,
    part: CaseTable,
    mask: Bools,
    gappy: tuple[str, ...],
    chosen: list[int],
    predictors: list[str],
    rng: np.random.Generator,
) -> list[_Area]:
    """How well the other columns' cells tell where each chosen column is missing."""
    rows = sample_rows(part, _ROWS, rng)
    mask = mask[rows]
    sizes = [case.binning(name).size for name in predictors]
    starts = np.cumsum([0, *sizes[:-1]])
    places = np.array([case.code_index(name) for name in predictors])
    codes = part.codes[rows[:, None], places]
    design = np.zeros((len(rows), sum(sizes)))
    design[np.arange(len(rows))[:, None], starts + codes] = 1.0
    owner = np.repeat(np.array(predictors, dtype=np.object_), sizes)
    allowed = np.array([owner != gappy[j] for j in chosen])
    scores = out_of_fold(
        design, mask[:, chosen].astype(np.float64), allowed, _folds(case, predictors, codes, mask)
    )
    pairs = zip(scores.T, mask[:, chosen].T, strict=True)
    return [_Area(*auc_with_error(score[gone], score[~gone])) for score, gone in pairs]


def _folds(case: Case, predictors: list[str], codes: NDArray[np.uint8], mask: Bools) -> Ints:
    """Folds by what the rows hold: neither the order of the rows nor that of the columns decides."""
    keys = mask.sum(axis=1).astype(np.uint64)
    for i, name in enumerate(predictors):
        counts = np.sort(case.real.counts(name)).astype(np.int64)
        drawn = np.random.default_rng([case.seed, zlib.crc32(counts.tobytes())])
        keys += drawn.integers(0, 2**63, case.binning(name).size, dtype=np.uint64)[codes[:, i]]
    folds = np.empty(len(codes), dtype=np.int64)
    folds[np.argsort(keys, kind="stable")] = np.arange(len(codes)) % _FOLDS
    return folds


def _measure(case: Case, name: str, areas: list[_Area], comparisons: int) -> Measure:
    real, synthetic = areas[0], areas[1]
    value, error = abs(synthetic.area - real.area), float(np.hypot(real.error, synthetic.error))
    return Measure(
        value=value,
        about=(name,),
        name="predictability",
        low=max(0.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=abs(areas[2].area - real.area) if len(areas) > 2 else 0.0,
        n=min(case.synthetic.rows, _ROWS),
        sentence=(
            f"Where {name} is missing, the other columns tell with an area under the ROC curve of {real.area:.2f} in real rows "
            f"and {synthetic.area:.2f} in synthetic rows, where 0.50 is chance."
        ),
        p_value=normal_p(value, error, two_sided=True),
        comparisons=comparisons,
    )


def _chart(patterns: _Patterns) -> Chart:
    gap = np.abs(shares(patterns.counts["synthetic"]) - shares(patterns.counts["real"]))
    shown = sorted(np.argsort(-gap, kind="stable")[:_BARS].tolist())
    worst = int(np.argmax(gap))
    return share_bars(
        patterns.labels,
        {role: shares(counts) for role, counts in patterns.counts.items()},
        shown,
        title=f"The pattern that differs most: {patterns.labels[worst]}",
        alt=f"Share of rows with each pattern of missing values, real beside synthetic; the largest difference is {gap[worst]:.1%}.",
    )
