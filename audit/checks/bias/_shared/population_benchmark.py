"""Groups against a population whose make-up the user knows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case
from audit.case.check import Skip
from audit.checks.bias._shared.groups import Groups, group_counts
from audit.model import Measure
from audit.stats.inference.intervals import wilson


def against_population(case: Case, groups: Groups, z: float) -> Iterator[Measure]:
    """Share of the synthetic rows over the share of the population, for every group named there.

    z : normal quantile of the intervals; the population's shares are taken as exact. Rows whose
        group the population does not name do not count.
    """
    population = case.population
    name = groups.column.name
    if population is None or name not in population.shares:
        return
    shares = _shares(groups, population.shares[name])
    named = np.flatnonzero(shares > 0)
    if not len(named):
        raise Skip(
            f"The population table {population.name} names no group of {name} as the audit does.",
            f"Call the groups {', '.join(groups.labels[:6])}, or set their bands with --bands.",
            assessable=False,
        )
    shares = shares / shares.sum()
    counts = {part.role: group_counts(part, groups)[0] for part in case.tables()}
    n, m = int(counts["synthetic"][named].sum()), int(counts["real"][named].sum())
    for g in named.tolist() if n and m else ():
        yield _measure(
            groups, g, float(shares[g]), (int(counts["synthetic"][g]), n), (int(counts["real"][g]), m), z
        )


def _shares(groups: Groups, by_value: Mapping[str, float]) -> NDArray[np.float64]:
    """The population's share of every group, shape (g,); 0 for those it does not name."""
    found = np.zeros(len(groups.labels))
    for value, share in by_value.items():
        g = _group_of(groups, value)
        if g >= 0:
            found[g] += share
    return found


def _group_of(groups: Groups, value: str) -> int:
    """By the group's name, else by a value of it."""
    if value in groups.labels:
        return groups.labels.index(value)
    if groups.members is not None:
        return groups.members.get(value, -1)
    try:
        return int(groups.encode(np.array([float(value)]))[0])
    except ValueError:
        return -1


def _measure(
    groups: Groups, g: int, share: float, found: tuple[int, int], real: tuple[int, int], z: float
) -> Measure:
    name, label = groups.column.name, groups.labels[g]
    ours, theirs = found[0] / found[1], real[0] / real[1]
    low, high = wilson(*found, z)
    less = "nobody is there" if found[0] == 0 else f"{ours / share:.2f} times its share"
    return Measure(
        value=ours / share,
        about=(name,),
        name="population",
        group={name: label},
        low=low / share,
        high=high / share,
        baseline=theirs / share,
        n=found[0],
        sentence=(
            f"{name} = {label}: {share:.1%} of the population, {theirs:.1%} of real rows and {ours:.1%} of synthetic rows "
            f"({less}, real rows {theirs / share:.2f} times)."
        ),
        next_step=(
            "The real rows are off in the same way: collect more of this group, or weight to the population."
            if math.copysign(1, ours - share) == math.copysign(1, theirs - share)
            else "Generate with this group's share fixed to that of the population."
        ),
    )
