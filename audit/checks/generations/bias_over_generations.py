"""Whether groups of people shrink, and gaps between them widen, from one generation to the next."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from audit.case.binning import MISSING_LABEL, OTHER_LABEL
from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.case.series import TableSeries
from audit.checks.generations._shared.series_charts import KEPT_SCALE, series_of, share_kept
from audit.model import Chart, Family, Measure, Role, Section, as_series, line_chart
from audit.stats.loops.selfconsuming import walk_slope

_PICTURES = 4
_GAPS = 3  # generations without which a gap's slope says nothing


@check(
    id="bias_over_generations",
    title="Bias over generations",
    known_as="fairness feedback loop",
    section=Section.GROUPS_BY_GENERATION,
    family=Family.GENERATIONS,
    question="Do groups of people shrink, or fare worse, from one generation to the next?",
    scale=KEPT_SCALE,
    needs=(Need.GENERATIONS, Need.SENSITIVE),
    next_step="Add real rows of the groups named to every generation, or draw groups by their real shares.",
)
def bias_over_generations(case: Case) -> Outcome:
    """Share of its size that a group keeps per generation.

    For every group of a sensitive column with at least ten real rows the share of the rows is
    followed from the real table on; the number is what is left of it per generation. 1 means that
    the group keeps its share, 0.95 that each generation leaves 95 % of it, above 1 that it grows.
    `outcome` is the same for the rate of each outcome within the group, over the rate in the whole
    table: below 1 the group gets the outcome less and less often than others; it is told from
    three generations on. Chance gives 1; in a loop that replaces its rows chance piles up, and the
    interval holds that of every generation. Rows without a value are no group. Groups are cells of
    the sensitive column as the other checks see them; two such columns together are not followed.
    It cannot see whether the real share itself was fair: see representation. Summary: `groups`
    followed, and `smallest_kept`, the lowest number of all.

    Source: Wyllie, Shumailov and Papernot (2024), FAccT (fairness feedback loops); errors of a
    share by the delta method, van der Vaart (1998), Asymptotic Statistics, chapter 3.
    """
    series = series_of(case)
    sensitive = [c.name for c in case.with_role(Role.SENSITIVE)]
    measures, charts = [], []
    for name in series.shared_columns(sensitive):
        found = list(_groups(case, series, name))
        measures += found
        if len(found) > 1:
            charts.append(_picture(case, series, name))
        for target in (c.name for c in case.with_role(Role.TARGET)):
            measures += list(_outcomes(case, series, name, target))
    if not measures:
        raise Skip("No sensitive column has groups of ten real rows that every generation could hold.")
    sizes = [m.value for m in measures if not m.name]
    summary = {"groups": float(len(sizes)), "smallest_kept": min(sizes)}
    return Outcome(tuple(measures), summary, tuple(charts[:_PICTURES]))


def _cells(case: Case, name: str) -> Iterator[tuple[int, str]]:
    labels, counts = case.binning(name).labels, case.real.counts(name)
    for cell, label in enumerate(labels):
        if counts[cell] >= case.k and label not in (OTHER_LABEL, MISSING_LABEL):
            yield cell, label


def _groups(case: Case, series: TableSeries, name: str) -> Iterator[Measure]:
    cells = [series.real.cells[name,], *(step.cells[name,] for step in series.steps)]
    for cell, label in _cells(case, name):
        hits = [(int(table[cell]), int(table[:-1].sum())) for table in cells]
        slope, error = _trend(hits)
        first, last = (hit / max(rows, 1) for hit, rows in (hits[0], hits[-1]))
        sentence = (
            f"{name} = {label} keeps {math.exp(slope):.1%} of its share per generation: {first:.1%} of the real rows, "
            f"{last:.1%} after {len(hits) - 1} generations."
        )
        yield _named(share_kept(slope, error, (name,), hits[-1][1], sentence), {name: label})


def _outcomes(case: Case, series: TableSeries, name: str, target: str) -> Iterator[Measure]:
    """Rates of an outcome in a group over those in the whole table."""
    key = (name, target)
    tables = [series.real, *series.steps]
    if len(series.steps) < _GAPS or not all(key in table.cells for table in tables):
        return
    crossed = [table.cells[key] for table in tables]
    for cell, label in _cells(case, name):
        for level, outcome in _cells(case, target):
            if crossed[0][cell, level] < case.k:
                continue
            inside = [(int(t[cell, level]), int(t[cell].sum())) for t in crossed]
            whole = [(int(t[:, level].sum()), int(t.sum())) for t in crossed]
            slope, error = _trend(inside, whole)
            sentence = (
                f"Among {name} = {label} the rate of {target} = {outcome}, over that of all rows, keeps "
                f"{math.exp(slope):.1%} of its size per generation."
            )
            one = share_kept(slope, error, (name, target), inside[-1][1], sentence)
            yield _named(one, {name: label, target: outcome}, "outcome")


def _named(measure: Measure, group: dict[str, str], name: str = "") -> Measure:

    return replace(measure, group=group, name=name)


def _trend(hits: list[tuple[int, int]], whole: list[tuple[int, int]] | None = None) -> tuple[float, float]:
    """Slope of the logarithm of a share, with half a row in the place of none, and its error."""
    logs = np.array([math.log(max(hit, 0.5) / max(rows, 1)) for hit, rows in hits])
    if whole is not None:
        logs = logs - np.array([math.log(max(hit, 0.5) / max(rows, 1)) for hit, rows in whole])
    steps = [_variance(before, rows) for before, (_, rows) in pairwise(hits)]
    return walk_slope(logs[1:].tolist(), steps, float(logs[0]))


def _variance(before: tuple[int, int], rows: int) -> float:
    """Of the logarithm of a share in so many rows, drawn from the table before."""
    share = max(before[0], 0.5) / max(before[1], 1)
    return max(1 - share, 1e-3) / (max(rows, 1) * share)


def _picture(case: Case, series: TableSeries, name: str) -> Chart:
    """The three groups whose share changes most."""
    paths: dict[str, NDArray[np.float64]] = {}
    for cell, label in _cells(case, name):
        tables = [series.real.cells[name,], *(step.cells[name,] for step in series.steps)]
        paths[label] = np.array([table[cell] / max(table[:-1].sum(), 1) for table in tables])
    moved = sorted(paths, key=lambda label: -abs(paths[label][-1] - paths[label][0]))[:3]
    text = ", ".join(f"{label} {paths[label][0]:.1%} to {paths[label][-1]:.1%}" for label in moved)
    return line_chart(
        as_series({label: paths[label].tolist() for label in moved}),
        title=f"Shares of {name} over the generations",
        alt=f"Share of rows, from the real table to the last generation: {text}.",
        about=(name,),
    )
