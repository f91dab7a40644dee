"""Whether other columns give the sensitive one away as much as in the real table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.group_inference import MIN_ROWS, GroupModel, fit_all, group_auc
from audit.model import Better, Chart, Family, Measure, Scale, Unit, share_bars
from audit.stats.inference.intervals import Z95
from audit.stats.inference.p_values import normal_p
from audit.stats.models.cell_areas import cell_area, common_order
from audit.stats.models.scores import influence_error

_FALSE_ALARM_RATE = 0.01  # chance, over all columns, that one that tells as much is judged
_BARS = 15
_LEARNING = (
    1.2  # times the error of the tested rows: measured with the luck of the training rows on made tables
)


@dataclass(frozen=True, slots=True)
class _Alone:
    """How well one column alone tells the groups: areas in real and synthetic rows, error of the difference."""

    column: str
    real: float
    synthetic: float
    error: float

    @property
    def change(self) -> float:
        return self.synthetic - self.real


@check(
    id="proxies",
    title="Proxies of groups",
    known_as="proxy discrimination (predictability of protected attributes)",
    learned=True,
    family=Family.BIAS,
    question="Do the other columns give a person's group away as much as in the real table?",
    scale=Scale(Unit.AREA, "change of an area under the ROC curve", Better.ZERO, -1.0, 1.0),
    next_step="Look at the columns named: generate them together with the sensitive column, or do not use them where its influence must stay as it is.",
    needs=(Need.SENSITIVE,),
)
def proxies(case: Case) -> Outcome:
    """Change in how well the group is told from the other columns.

    Boosted trees learn to tell a person's group from all other columns but the target, in real
    and in synthetic rows apart, and are tested on rows of the same table that they have not
    seen. The number is the area under the ROC curve in synthetic rows less that in real rows:
    0 means that the other columns give the group away as much, +0.05 that they do so more, so
    that leaving the sensitive column out helps less than with real rows, below 0 that the link
    is lost. Of more than two groups each is told from the rest, weighted by its real share; the
    six largest are looked at. The interval counts the luck of both tables' rows, of those tested and of those
    learnt from. The baseline
    is the same difference for the holdout, where there is one, told by the models of real rows.
    `column` is one column alone, counted on all rows, and is judged only where chance does not
    explain its change. Ten thousand rows of each table are used for learning. Missing values
    are given to the learner as such; rows without a group are one where enough real people
    have none. It cannot say whether a link is just, and groups of fewer than 50 rows are not
    looked at.

    Source: area and its error: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44,
    837-845; proxies: Datta and others (2017), arXiv 1707.08120; area of several groups:
    Provost and Domingos (2000), CeDER working paper IS-00-04.
    """
    told = fit_all(case)
    if not told:
        raise Skip(
            f"No sensitive column has two groups of {MIN_ROWS} rows in every table and another column to tell them from.",
            "Give larger tables, or a sensitive column with larger groups.",
            assessable=False,
        )
    alone = [tuple(_each_alone(case, one)) for one in told]
    compared = max(sum(map(len, alone)), 1)
    measures = [
        m for one, columns in zip(told, alone, strict=True) for m in _measures(one, columns, compared)
    ]
    first = max(told, key=lambda one: abs(_areas(one)[1] - _areas(one)[0]))
    real, synthetic = _areas(first)
    charts = tuple(_chart(one, columns) for one, columns in zip(told, alone, strict=True) if columns)
    used: dict[str, int | None] = {
        "real": len(first.real.y),
        "synthetic": len(first.synthetic.y),
        "holdout": None if first.fresh is None else len(first.fresh.y),
    }
    return Outcome(tuple(measures), {"auc_real": real, "auc_synthetic": synthetic}, charts, used)


def _areas(told: GroupModel) -> tuple[float, float]:
    """In real and in synthetic rows."""
    return (
        group_auc(told.chances_real, told.real.y, told.weights)[0],
        group_auc(told.chances_synthetic, told.synthetic.y, told.weights)[0],
    )


def _measures(told: GroupModel, alone: tuple[_Alone, ...], comparisons: int) -> Iterator[Measure]:
    name = told.groups.column.name
    (real, real_rows), (synthetic, rows) = (
        group_auc(chances, table.y, told.weights)
        for chances, table in ((told.chances_real, told.real), (told.chances_synthetic, told.synthetic))
    )
    half = _LEARNING * Z95 * math.hypot(influence_error(real_rows), influence_error(rows))
    value = synthetic - real
    yield Measure(
        value=value,
        about=(name,),
        low=max(value - half, -1.0),
        high=min(value + half, 1.0),
        baseline=_baseline(told, real),
        n=len(told.synthetic.y),
        sentence=f"The other columns tell groups of {name} with an area under the ROC curve of {real:.3f} in real rows "
        f"and {synthetic:.3f} in synthetic rows{_strongest(alone)}.",
    )
    if told.fresh is not None and told.by_real is not None and told.by_synthetic is not None:
        yield _carried_over(told, told.fresh.y, told.by_real, told.by_synthetic)
    for one in alone:
        chance = normal_p(one.change, one.error, two_sided=True)
        if chance * comparisons < _FALSE_ALARM_RATE:
            yield replace(_column(name, one, len(told.synthetic.y)), p_value=chance, comparisons=comparisons)


def _baseline(told: GroupModel, real: float) -> float:
    if told.fresh is None or told.by_real is None:
        return 0.0
    return group_auc(told.by_real, told.fresh.y, told.weights)[0] - real


def _strongest(alone: tuple[_Alone, ...]) -> str:
    if not alone:
        return ""
    best = max(alone, key=lambda one: (max(one.real, one.synthetic), one.column))
    return f"; alone {best.column} tells most, {best.real:.3f} and {best.synthetic:.3f}"


def _carried_over(
    told: GroupModel, y: NDArray[np.float64], real: NDArray[np.float64], synthetic: NDArray[np.float64]
) -> Measure:
    """Whether what synthetic rows teach about groups holds in real rows."""
    (theirs, rows), (ours, our_rows) = (group_auc(chances, y, told.weights) for chances in (real, synthetic))
    half = Z95 * influence_error(our_rows - rows)
    name = told.groups.column.name
    return Measure(
        value=ours - theirs,
        about=(name,),
        name="carried_over",
        low=ours - theirs - half,
        high=ours - theirs + half,
        baseline=0.0,
        n=len(told.synthetic.y),
        sentence=f"Groups of {name} in the holdout are told with an area of {theirs:.3f} by models of real rows and "
        f"{ours:.3f} by models of synthetic rows.",
        descriptive=True,
    )


def _column(name: str, alone: _Alone, n: int) -> Measure:
    half = Z95 * alone.error
    word = "more" if alone.change > 0 else "less"
    return Measure(
        value=alone.change,
        about=(name, alone.column),
        name="column",
        low=alone.change - half,
        high=alone.change + half,
        baseline=0.0,
        n=n,
        sentence=f"{alone.column} alone tells groups of {name} {word} than in the real table: area under the ROC curve "
        f"{alone.synthetic:.3f} against {alone.real:.3f}.",
    )


def _each_alone(case: Case, told: GroupModel) -> Iterator[_Alone]:
    """Every column that the learners saw and that has cells."""
    names = set(told.real.x.names)
    groups = {part.role: _places(part, told) for part in (case.real, case.synthetic)}
    for column in case.distribution_columns:
        if column.name in names:
            place, size = case.code_index(column.name), case.binning(column.name).size
            tables = [
                _cells(groups[part.role], part.codes[:, place], len(told.group_indices), size)
                for part in (case.real, case.synthetic)
            ]
            yield _alone(column.name, tables[0], tables[1], told.weights)


def _places(part: CaseTable, told: GroupModel) -> Ints:
    """Kept group of every row, the number of kept groups for all others."""
    place = np.full(len(told.groups.labels) + 1, len(told.group_indices))
    place[list(told.group_indices)] = np.arange(len(told.group_indices))
    return place[told.groups.encode(part.column(told.groups.column.name))]


def _cells(group: Ints, codes: NDArray[np.uint8], groups: int, size: int) -> Ints:
    """Rows by kept group and cell, shape (groups, size)."""
    flat = np.bincount(group * size + codes, minlength=(groups + 1) * size)
    return flat.reshape(groups + 1, size)[:groups]


def _alone(name: str, real: Ints, synthetic: Ints, weights: NDArray[np.float64]) -> _Alone:
    areas, variance = np.zeros(2), 0.0
    pairs = [(1, 1.0)] if len(weights) == 2 else list(enumerate(weights.tolist()))
    for g, weight in pairs:
        positives = [table[g] for table in (real, synthetic)]
        negatives = [table.sum(axis=0) - table[g] for table in (real, synthetic)]
        order = common_order(positives, negatives)
        for i in range(2):
            value, error = cell_area(positives[i][order], negatives[i][order])
            areas[i] += weight * value
            variance += (weight * error) ** 2
    return _Alone(name, float(areas[0]), float(areas[1]), math.sqrt(variance))


def _chart(told: GroupModel, alone: tuple[_Alone, ...]) -> Chart:
    name = told.groups.column.name
    shown = sorted(alone, key=lambda one: (-max(one.real, one.synthetic), one.column))[:_BARS]
    apart = max(shown, key=lambda one: abs(one.change))
    real, synthetic = _areas(told)
    return share_bars(
        ("all together", *(one.column for one in shown)),
        {
            "real": [max(0.0, 2 * a - 1) for a in (real, *(one.real for one in shown))],
            "synthetic": [max(0.0, 2 * a - 1) for a in (synthetic, *(one.synthetic for one in shown))],
        },
        title=f"What gives {name} away: all columns together {real:.3f} in real and {synthetic:.3f} in synthetic rows",
        alt=f"Twice the area under the ROC curve less one, by column alone. The tables differ most in {apart.column}: "
        f"area {apart.real:.3f} in real and {apart.synthetic:.3f} in synthetic rows.",
        about=(name,),
        unit=Unit.SCORE,
        words="how well groups are told: 0 not at all, 1 wholly",
    )
