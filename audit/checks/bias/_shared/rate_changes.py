"""Changes of a group's own rate that are beyond chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from audit.checks.bias._shared.outcome_rates import ROWS, OutcomeTables, signed_points
from audit.checks.bias._shared.overlapping_groups import log_odds
from audit.model import Measure
from audit.stats.inference.intervals import newcombe
from audit.stats.inference.p_values import normal_p
from audit.stats.inference.simultaneous import score_z

_LEVEL = 0.005  # share of equal tables in which any is told
_LEAST = 1.1  # ratio of the odds below which nothing is told
_HITS = 5  # real rows with the outcome, and without it
_OWN = 0.5  # of the change that the other groups do not share


def rate_change_measures(followed_rates: list[OutcomeTables]) -> Iterator[Measure]:
    """A measure for each group whose rate moved beyond chance, over all groups and outcomes.

    Of an outcome of many levels the clearest is told. A rate that moved in all groups alike is not told: that is the outcome's own shape.
    """
    enough = [_enough(one) for one in followed_rates]
    # The groups of one column and one outcome share what chance does to the whole.
    comparisons = sum(int(mask.sum()) for mask in enough)
    for one, mask in zip(followed_rates, enough, strict=True):
        for g in np.flatnonzero(mask.any(axis=1)).tolist():
            chances = {level: _chance(one, g, level) for level in np.flatnonzero(mask[g]).tolist()}
            told = [
                level
                for level, chance in chances.items()
                if chance * comparisons < _LEVEL and _is_worth_telling(one, g, level)
            ]
            if told:
                clearest = max(told, key=lambda level: round(abs(_score(one, g, level)), 9))
                found = _measure(one, g, clearest)
                yield replace(found, p_value=chances[clearest], comparisons=comparisons)


def _enough(one: OutcomeTables) -> NDArray[np.bool_]:
    real, synthetic = one.tables["real"], one.tables["synthetic"]
    sizes = real.sizes[:, None]
    known = (sizes >= ROWS) & (synthetic.sizes[:, None] > 0)
    return np.asarray(known & (np.minimum(real.hits, sizes - real.hits) >= _HITS))


def _is_worth_telling(one: OutcomeTables, g: int, level: int) -> bool:
    """Large enough, and for the most part not shared by the other groups."""
    mine = log_odds(*_four(one, np.arange(len(one.groups.labels)) == g, level))[0]
    others = _four(one, np.arange(len(one.groups.labels)) != g, level)
    rest = log_odds(*others)[0] if min(others[1], others[3]) > 0 else 0.0
    return abs(mine) >= np.log(_LEAST) and abs(mine - rest) >= _OWN * abs(mine)


def _chance(one: OutcomeTables, g: int, level: int) -> float:
    return normal_p(_score(one, g, level), 1.0, two_sided=True)


def _score(one: OutcomeTables, g: int, level: int) -> float:
    cell = _four(one, np.arange(len(one.groups.labels)) == g, level)
    return float(score_z(*(np.array(x) for x in cell)))


def _four(one: OutcomeTables, groups: NDArray[np.bool_], level: int) -> tuple[float, float, float, float]:
    """Rows with the outcome and rows with any, synthetic and real, in these groups."""
    synthetic, real = one.tables["synthetic"], one.tables["real"]
    return (
        float(synthetic.hits[groups, level].sum()),
        float(synthetic.sizes[groups].sum()),
        float(real.hits[groups, level].sum()),
        float(real.sizes[groups].sum()),
    )


def _measure(one: OutcomeTables, g: int, level: int) -> Measure:
    real, synthetic = one.tables["real"], one.tables["synthetic"]
    (a, n), (b, m) = synthetic.counts_of(g, level), real.counts_of(g, level)
    low, high = newcombe(a, n, b, m)
    name, label, outcome = one.groups.column.name, one.groups.labels[g], one.outcomes.levels[level]
    others = np.arange(len(one.groups.labels)) != g
    rows = _four(one, others, level)
    holdout = one.tables.get("holdout")
    return Measure(
        value=a / n - b / m,
        about=(name, one.outcomes.column.name),
        name="rate",
        group={name: label},
        low=low,
        high=high,
        baseline=holdout.rate(g, level) - b / m if holdout is not None and holdout.sizes[g] else 0.0,
        n=n,
        sentence=(
            f"{name} = {label}: {b / m:.1%} have {one.outcomes.column.name} = {outcome} in the real table and {a / n:.1%} in "
            f"the synthetic one ({signed_points(a / n - b / m, 'points')}); of all others {rows[2] / max(rows[3], 1):.1%} and "
            f"{rows[0] / max(rows[1], 1):.1%}."
        ),
    )
