"""Marginals of three columns: what pairs cannot show, and how many real rows would do as well."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Ints
from audit.case.binning import OTHER_LABEL
from audit.case.case import Case, column_names
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.learn.features import sample_rows
from audit.model import (
    Better,
    Chart,
    Family,
    Fold,
    Measure,
    Page,
    Role,
    Scale,
    Section,
    Unit,
    share_bars,
)
from audit.stats.distributions.distances import (
    expected_total_variation,
    shares,
    total_variation,
    total_variation_error,
    total_variation_slopes,
)
from audit.stats.distributions.marginals import equivalent_share, fitted_to_pairs, pool_rare_cells
from audit.stats.inference.intervals import Z95
from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.inference.p_values import normal_p

Triple = tuple[str, str, str]

_ALL, _CHOSEN = 1200, 300  # sets of three; above, a seeded choice
_ROWS, _ERROR_ROWS = 250_000, 5_000  # of a table, at most; that tell how much the mean varies
_MAX_EXAMINED = 50  # sets whose pairs are made to match, the surest first
_MAX_SHOWN, _BARS = 10, 20
_MIN_COMPARABLE_SHARE = 0.6  # of the rows must occur in cells of their own, in the mean over sets
_FALSE = 0.005  # audits of a perfect table in which any set is told apart


@dataclass(frozen=True, slots=True)
class _Marginal:
    """What was found for one set of columns."""

    about: Triple
    distance: float  # on all cells
    excess: float
    pairs: float  # the largest excess of its pairs
    error: float  # of excess less pairs
    baseline: float
    kept: float  # share of the rows in cells of their own
    real: Ints
    synthetic: Ints

    @property
    def beyond(self) -> float:
        """What the three columns show more than any two of them."""
        return self.excess - self.pairs


class _Counter:
    """Counts combinations of three columns in one table, on all rows or many of them.

    some : places of the rows that tell how much a mean varies
    """

    def __init__(self, case: Case, part: CaseTable, rng: np.random.Generator) -> None:
        self._case = case
        self._codes = np.asfortranarray(part.codes[sample_rows(part, _ROWS, rng)].astype(np.intp))
        self.rows = len(self._codes)
        self.some = rng.permutation(self.rows)[:_ERROR_ROWS]
        self._pair: tuple[str, ...] = ()
        self._start = self._cells = np.zeros(0, dtype=np.intp)

    def count(self, about: Triple) -> Ints:
        """Rows per combination; quicker where sets that begin alike follow each other."""
        sizes = [self._case.binning(name).size for name in about]
        a, b, c = (self._codes[:, self._case.code_index(name)] for name in about)
        if self._pair != about[:2]:
            self._pair, self._start = about[:2], a * sizes[1] + b
        self._cells = self._start * sizes[2] + c
        return np.bincount(self._cells, minlength=int(np.prod(sizes))).reshape(sizes)

    def cells(self) -> NDArray[np.intp]:
        """Where `some` rows occur in the table counted last."""
        return self._cells[self.some]


@check(
    id="kway_marginals",
    title="Three columns together",
    known_as="k-way marginal total variation distance",
    page=Page.RELATIONSHIPS,
    section=Section.BEYOND_PAIRS,
    folds=(Fold.FOLLOWS_COLUMNS,),
    family=Family.FIDELITY,
    question="Do combinations of three columns stand in as many rows as in the real table?",
    scale=Scale(Unit.SHARE, "share of rows beyond chance", Better.LOWER, -1.0, 1.0),
    needs=(Need.TWO_COLUMNS, Need.ROWS),
    next_step="Look at the columns of the worst set; if their pairs are right, the generator misses how three of them depend on each other.",
)
def kway_marginals(case: Case) -> Outcome:
    """Share of rows that hold the wrong combination of three columns, beyond chance.

    As `pair_shapes`, on the joint cells of three columns; cells that both tables together
    fill with fewer than ten rows share one. 0 means that no event made of three columns is
    off by more than chance explains; slightly below 0 is normal. All sets of three are
    compared where there are at most 1,200, otherwise 300 seeded ones in which every column
    appears once and half hold a target or sensitive column. In sets of many cells with few
    rows each the number is smaller than the true distance. Missing values have a cell of
    their own. The number `beyond_pairs` is what remains of a set's distance when its three
    pairs are made to match, and no more than it exceeds the worst of its pairs. It is judged
    where it differs from chance in all sets together at one audit in a hundred, the worst 50
    at most, with an interval that is widened for having looked at all; without any, the worst
    are shown. At most 250,000 rows of each table are counted. It cannot see relations of four
    columns or more. Summary: `k_marginal` is the NIST score, 1000 for equal tables and 0 for
    disjoint ones, on all cells and without chance taken off. `equivalent_sample` is the share
    of the real rows whose random subsample scores the same. It falls with the number of
    rows, and a fresh real sample as large as the real table reads only about a third, so it
    is shown and never judged; `expected_equivalent_sample` is what a fresh sample would read.

    Source: Task et al. (2023), SDNist deidentified data report tool, NIST (k-marginal and
    sub-sampling equivalent); Deming and Stephan (1940), Annals of Mathematical Statistics 11,
    427-444 (pairs made to match).
    """
    if len(case.distribution_columns) < 3:
        raise Skip("Fewer than three columns have a distribution to compare.")
    sets = chosen_sets(case)
    found, error = _marginals(case, sets)
    _refuse_sparse(found)
    surest = sorted(found, key=lambda f: -f.beyond / max(f.error, 1e-9))[:_MAX_EXAMINED]
    triples = _beyond_pairs(case, surest, len(sets))
    told = sum(_is_beyond_chance(m) for m in triples)
    summary = _scores(found)
    return Outcome(
        measures=(_headline(case, found, error, summary, told), *triples),
        summary=summary,
        charts=(_chart(found),),
        rows_used=_rows_used(case),
    )


def chosen_sets(case: Case) -> list[Triple]:
    """All sets of three columns; of more than 1,200 a seeded choice in which every column appears."""
    columns = column_names(case.distribution_columns)
    d = len(columns)
    if d * (d - 1) * (d - 2) // 6 <= _ALL:
        return list(combinations(columns, 3))
    rng, by_name = case.rng("kway_marginals"), sorted(columns)  # the order of the columns must not matter
    heavy = sorted(c.name for c in case.distribution_columns if c.role in (Role.TARGET, Role.SENSITIVE))
    chosen: set[Triple] = set()
    while len(chosen) < _CHOSEN:
        dealt = rng.permutation(d)
        for i in range(0, d - 2, 3):
            one = {by_name[place] for place in dealt[i : i + 3]}
            if heavy and (i // 3) % 2 and not one & set(heavy):
                one = {*sorted(one)[:2], heavy[int(rng.integers(len(heavy)))]}
            a, b, c = sorted(one, key=case.index)
            chosen.add((a, b, c))
    return sorted(chosen, key=lambda names_: [case.index(name) for name in names_])


def _marginals(case: Case, sets: list[Triple]) -> tuple[list[_Marginal], float]:
    """Every set, and the standard error of the mean excess: that of the rows' mean slopes."""
    rng = case.rng("kway_marginals rows")
    real, synthetic, *fresh = (_Counter(case, part, rng) for part in case.tables())
    slopes = [np.zeros(len(counter.some)) for counter in (real, synthetic)]
    found = []
    for about in sets:
        left, right = real.count(about), synthetic.count(about)
        cells = pool_rare_cells(left, right)
        table = total_variation_slopes(cells.left, cells.right)[cells.cell_index].ravel() / len(sets)
        for total, counter in zip(slopes, (real, synthetic), strict=True):
            total += table[counter.cells()]
        baseline = _excess(left, fresh[0].count(about))[0] if fresh else 0.0
        found.append(_marginal(about, left, right, baseline))
    variance = sum(float(s.var()) / c.rows for s, c in zip(slopes, (real, synthetic), strict=True))
    return found, float(np.sqrt(variance))


def _marginal(about: Triple, real: Ints, synthetic: Ints, baseline: float) -> _Marginal:
    excess, error = _excess(real, synthetic)
    pairs = [_excess(real.sum(axis=axis), synthetic.sum(axis=axis)) for axis in range(3)]
    worst, worst_error = max(pairs)
    return _Marginal(
        about=about,
        distance=total_variation(real, synthetic),
        excess=excess,
        pairs=worst,
        error=float(np.hypot(error, worst_error)),
        baseline=baseline,
        kept=_kept(real, synthetic),
        real=real,
        synthetic=synthetic,
    )


def _kept(real: Ints, synthetic: Ints) -> float:
    cells = pool_rare_cells(real, synthetic)
    rest = int(cells.left[-1] + cells.right[-1])
    return 1.0 - rest / max(int(real.sum() + synthetic.sum()), 1)


def _refuse_sparse(found: list[_Marginal]) -> None:
    """Where most rows occur in cells too thin to compare, a small number would mean nothing."""
    kept = float(np.mean([f.kept for f in found]))
    if kept < _MIN_COMPARABLE_SHARE:
        raise Skip(
            f"Only {kept:.0%} of the rows occur in combinations that ten rows share, too few to compare.",
            "Give tables with more rows: a few thousand are enough for most tables.",
            assessable=False,
        )


def _excess(real: Ints, other: Ints) -> tuple[float, float]:
    """Total variation beyond chance on cells that hold enough rows, and its standard error."""
    cells = pool_rare_cells(real, other)
    chance = expected_total_variation(cells.left + cells.right, int(real.sum()), int(other.sum()))
    error = total_variation_error(cells.left, cells.right)
    return total_variation(cells.left, cells.right) - chance, error


def _headline(
    case: Case, found: list[_Marginal], error: float, summary: dict[str, float], told: int
) -> Measure:
    value = float(np.mean([f.excess for f in found]))
    worst = max(found, key=lambda f: f.excess)
    what = (
        f"{_sets(told)} beyond {'its' if told == 1 else 'their'} pairs"
        if told
        else "no set differs beyond its pairs"
    )
    return Measure(
        value=value,
        low=max(-1.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=float(np.mean([f.baseline for f in found])),
        n=min(case.synthetic.rows, _ROWS),
        sentence=(
            f"Over {len(found)} set{'' if len(found) == 1 else 's'} of three columns, {max(value, 0):.1%} of the rows hold the wrong combination beyond chance; "
            f"worst is {_listed(worst.about)} ({worst.excess:.1%}); {what}. The synthetic table differs from the real one "
            f"as much as a {_percent(summary['equivalent_sample'])} subsample of it would, where fresh real rows as many as "
            f"these would read {_percent(summary['expected_equivalent_sample'])}."
        ),
    )


def _sets(number: int, that: str = "") -> str:
    """So many sets, with their verb."""
    return f"{number} set {that}differs" if number == 1 else f"{number} sets {that}differ"


def _beyond_pairs(case: Case, surest: list[_Marginal], looked_at: int) -> list[Measure]:
    """Sets whose distance their pairs cannot explain; where there is none, the highest."""
    found = [_measure(case, f, min(f.beyond, _left_unexplained(f)), looked_at) for f in surest]
    highest = sorted(found, key=lambda m: -m.value)[:_MAX_SHOWN]
    return [m for m in found if _is_beyond_chance(m)] or highest


def _is_beyond_chance(measure: Measure) -> bool:
    return (measure.p_value or 0.0) * measure.comparisons <= _FALSE


def _left_unexplained(f: _Marginal) -> float:
    """What remains of a set's distance when all its pairs are made to match, beyond chance."""
    distance = 0.5 * float(np.abs(shares(f.synthetic) - fitted_to_pairs(f.real, f.synthetic)).sum())
    cells = pool_rare_cells(f.real, f.synthetic)
    rows, other = int(f.real.sum()), int(f.synthetic.sum())
    return distance - expected_total_variation(cells.left + cells.right, rows, other)


def _measure(case: Case, f: _Marginal, value: float, looked_at: int) -> Measure:
    half = bonferroni_z(looked_at) * f.error
    gap = shares(f.synthetic) - shares(f.real)
    cell = np.unravel_index(int(np.argmax(np.abs(gap))), gap.shape)
    where = ", ".join(_in_words(case, name, int(at)) for name, at in zip(f.about, cell, strict=True))
    return Measure(
        value=value,
        about=f.about,
        name="beyond_pairs",
        low=max(-1.0, value - half),
        high=min(1.0, value + half),
        baseline=0.0,
        n=int(f.synthetic.sum()),
        sentence=(
            f"{max(value, 0):.1%} of the rows hold a combination of {_listed(f.about)} that their pairs cannot explain, beyond chance: "
            f"{where} in {shares(f.real)[cell]:.1%} of real rows and {shares(f.synthetic)[cell]:.1%} of synthetic rows."
        ),
        p_value=normal_p(value, f.error),
        comparisons=looked_at,
    )


def _in_words(case: Case, name: str, place: int) -> str:
    coding = case.binning(name)
    label = coding.labels[place]
    if label == OTHER_LABEL:
        return f"{name} is none of its {len(coding.categories or ())} most frequent values"
    return f"{name} is {label}"


def _listed(about: Triple) -> str:
    return f"{about[0]}, {about[1]} and {about[2]}"


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}" if share >= 0.001 else "less than 0.1%"


def _scores(found: list[_Marginal]) -> dict[str, float]:
    """The published score, and the share of the real rows that reaches it, exactly."""
    rows, other = int(found[0].real.sum()), int(found[0].synthetic.sum())
    counts = np.concatenate([f.real[f.real > 0] for f in found])
    distance = float(sum(f.distance for f in found))
    return {
        "k_marginal": 1000 * (1 - distance / len(found)),
        "equivalent_sample": equivalent_share(counts, distance, rows),
        # A subsample of a share f varies as (1 - f) / (f n), fresh rows as 1 / n + 1 / m.
        "expected_equivalent_sample": 1 / (2 + rows / other),
    }


def _chart(found: list[_Marginal]) -> Chart:
    worst = sorted(found, key=lambda f: -f.excess)[:_BARS]
    return share_bars(
        [" · ".join(f.about) for f in worst],
        {
            "three columns": [max(0.0, f.excess) for f in worst],
            "worst of their pairs": [max(0.0, f.pairs) for f in worst],
        },
        title=f"{_listed(worst[0].about)} differ most from the real table",
        alt="Share of rows beyond chance that hold the wrong combination of three columns, beside that of the worst of "
        f"their pairs, for the {_sets(len(worst), 'that ')} most; the largest is {worst[0].excess:.1%}.",
        words="share of rows beyond chance",
    )


def _rows_used(case: Case) -> dict[str, int | None]:
    return {role: None if rows is None else min(rows, _ROWS) for role, rows in case.rows_used().items()}
