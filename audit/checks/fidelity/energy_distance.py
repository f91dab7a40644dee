"""How far the whole cloud of synthetic rows lies from fresh real rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.learn.embedding import embed, has_points
from audit.learn.estimators import one_thread
from audit.learn.features import sample_rows
from audit.model import Better, Chart, Family, Kind, Measure, Scale, Section, Unit, interval_chart
from audit.stats.distributions.energy import (
    Sums,
    centred_square,
    distances,
    energy_distance,
    equality_error,
    frechet_distance,
    kernel_distance,
    pair_sums,
    permutation_share,
    unbiased_energy,
    within_sums,
)
from audit.stats.inference.intervals import Z95

Points = NDArray[np.floating[Any]]

_MIN_ROWS = 100  # rows of a table
_AT = 2000  # rows of each table at which the ratio is told
_MAX_ROWS = 8000  # rows of each table, where chance asks for so many
_ERROR = 0.075  # standard error of the ratio by chance, at which no more rows are drawn
_PRODUCTS = 16_000_000_000  # rows times rows times coordinates, at most, beyond 2,000 rows
_EXACT = 1000  # rows up to which double precision costs nothing
_TESTED = 1500  # rows of each table for relabelling and kernels
_ROUNDS = 200
_VECTORS = 10_000
_LONGEST = 2048  # coordinates: the cost of the Fréchet distance grows with their cube
_UNIT = "times the distance of fresh real rows"


@dataclass(frozen=True, slots=True)
class _Ratio:
    """An energy distance as a multiple of what 2,000 against 2,000 rows show by chance."""

    value: float
    low: float
    high: float


@check(
    id="energy_distance",
    title="Energy distance",
    known_as="energy distance",
    section=Section.ALL_COLUMNS,
    family=Family.FIDELITY,
    question="Are synthetic rows as near to fresh real rows as real rows are, in all columns together?",
    scale=Scale(Unit.RATIO, _UNIT, Better.LOWER, 0.0, None),
    next_step="See in column shapes, pair shapes and detectability which columns make the difference.",
)
def energy(case: Case) -> Outcome:
    """Distance of synthetic from fresh real rows, in units of what chance gives.

    The energy distance is how much farther rows of two tables lie from each other than rows
    of the same table do. It sees any difference, if there are rows enough. It is divided by
    what 2,000 real rows show on average against 2,000 others, so 1 is what fresh real rows
    give, below 1 is nearer than that by luck (0 is shown for anything less), and 3 is a
    difference three times as large as that noise; in itself the number has no upper end. It
    is always told as at 2,000 rows, however many are used: 2,000 to 8,000 of each table, as
    many as chance asks for, and all where there are fewer. Fresh rows are the holdout;
    without one, the real table. The baseline is the real table against the holdout.

    Numbers and dates count by their rank, categories as same or different, missing as a value
    of its own, a vector as a whole like one number. One column among many moves it little.
    The summary holds the energy distance of these rows (`energy_distance`), the share of 200
    random relabellings that show at least as much (`p_value`), and the kernel distance
    (`mmd`, unbiased, around 0 for equal tables). For each column of vectors the Fréchet
    distance is shown, never judged, in the squared unit of the vectors and not in the unit
    above; compare it with its baseline, the real table against the holdout.

    Source: Székely and Rizzo (2013), Journal of Statistical Planning and Inference 143,
    1249-1272; Gretton and others (2012), Journal of Machine Learning Research 13, 723-773;
    Heusel and others (2017), NeurIPS (Fréchet distance of embeddings).
    """
    if not has_points(case):
        raise Skip("No column has a distribution to compare.")
    if min(part.rows for part in case.tables()) < _MIN_ROWS:
        raise Skip(
            f"It needs at least {_MIN_ROWS} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    rng = case.rng("energy_distance")
    with one_thread():
        synthetic, fresh, seen = _clouds(case, _rows_needed(case, rng), rng)
        sums = pair_sums(synthetic, fresh)
        beside = None if seen is None else pair_sums(seen, fresh, sums.right)
        unit = _mean_distance(sums, beside)
        if unit == 0.0:
            raise Skip("All fresh real rows are the same, so they lie at no distance from each other.")
        ratio, baseline = _ratio(sums, unit), None if beside is None else _ratio(beside, unit)
        p_value, mmd = _tests(synthetic, fresh, rng)
        vectors, silent = _vectors(case, rng)
    measure = Measure(
        value=ratio.value,
        low=ratio.low,
        high=ratio.high,
        baseline=baseline.value if baseline else 1.0,
        n=len(synthetic),
        sentence=" ".join([_sentence(ratio, p_value, case), *silent]),
    )
    return Outcome(
        (measure, *vectors),
        {"energy_distance": energy_distance(sums), "p_value": p_value, "mmd": mmd, "ratio": ratio.value},
        (_chart(ratio, baseline),) if baseline else (),
        _rows_used(synthetic, fresh, seen),
    )


def _rows_used(synthetic: Points, fresh: Points, seen: Points | None) -> dict[str, int | None]:
    real, holdout = (len(fresh), None) if seen is None else (len(seen), len(fresh))
    return {"real": real, "synthetic": len(synthetic), "holdout": holdout}


def _fresh(case: Case) -> CaseTable:
    return case.real if case.holdout is None else case.holdout


def _rows_needed(case: Case, rng: np.random.Generator) -> int:
    """Rows of each table at which chance moves the ratio by no more than `_ERROR`."""
    part = _fresh(case)
    (pilot,) = embed(case, [(part, sample_rows(part, _AT, rng))], like=(0,))
    sums = within_sums(pilot)
    mean = float(sums.sum()) / (len(pilot) * (len(pilot) - 1))
    if mean == 0.0:
        return _AT
    error = equality_error(centred_square(pilot, sums), _AT, _AT) / (2 * mean / _AT)
    afford = int(np.sqrt(_PRODUCTS / pilot.shape[1]))
    return int(np.clip(_AT * error / _ERROR, _AT, max(_AT, min(_MAX_ROWS, afford))))


def _clouds(case: Case, most: int, rng: np.random.Generator) -> tuple[Points, Points, Points | None]:
    """Points of synthetic, fresh and, with a holdout, real rows; ranks are those of all real ones."""
    parts = [case.synthetic, _fresh(case)] + ([case.real] if case.holdout is not None else [])
    chosen = [(part, sample_rows(part, most, rng)) for part in parts]
    clouds: list[Points] = list(embed(case, chosen, like=tuple(range(1, len(parts)))))
    varied = np.any([cloud.min(axis=0) != cloud.max(axis=0) for cloud in clouds], axis=0)
    varied |= np.any([cloud[0] != clouds[0][0] for cloud in clouds], axis=0)
    exact = max(len(cloud) for cloud in clouds) <= _EXACT
    clouds = [cloud[:, varied].astype(np.float64 if exact else np.float32) for cloud in clouds]
    return clouds[0], clouds[1], clouds[2] if len(clouds) > 2 else None


def _mean_distance(sums: Sums, beside: Sums | None) -> float:
    """Of two different real rows: what relabelling real rows at random gives is this times 1/n + 1/m."""
    total, n = float(sums.right.sum()), len(sums.right)
    if beside is not None:
        total += float(beside.left.sum() + 2 * beside.across.sum())
        n += len(beside.left)
    return total / (n * (n - 1))


def _ratio(sums: Sums, unit: float) -> _Ratio:
    by_chance = unit * 2 / _AT
    value, error = (part / by_chance for part in unbiased_energy(sums))
    value, half = 1 + value, Z95 * error
    return _Ratio(*(max(0.0, end) for end in (value, value - half, value + half)))


def _tests(synthetic: Points, fresh: Points, rng: np.random.Generator) -> tuple[float, float]:
    """p-value by relabelling, and the kernel distance, on at most 1,500 rows of each."""
    few = [
        cloud if len(cloud) <= _TESTED else rng.permutation(cloud)[:_TESTED] for cloud in (synthetic, fresh)
    ]
    pool = np.vstack(few)
    table = distances(pool, pool)
    np.fill_diagonal(table, 0.0)
    n = len(few[0])
    return permutation_share(table, n, _ROUNDS, rng), kernel_distance(table, n)


def _sentence(ratio: _Ratio, p_value: float, case: Case) -> str:
    fresh = "real rows" if case.holdout is None else "fresh real rows"
    luck = f"{p_value:.1%} of random relabellings" if p_value > 1 / (_ROUNDS + 1) else "no random relabelling"
    return (
        f"All columns together, synthetic rows lie {ratio.value:.2f} times as far from {fresh} as real rows do "
        f"from each other by chance, at 2,000 rows of each; {luck} shows as much."
    )


def _vectors(case: Case, rng: np.random.Generator) -> tuple[list[Measure], list[str]]:
    """The Fréchet distance of every vector column, and why where there is none."""
    measures, silent = [], []
    for column in case.of_kind(Kind.VECTOR):
        found = [_filled(part, column.name, rng) for part in (_fresh(case), case.synthetic, *_seen(case))]
        length, n = case.coordinates(column.name), min(map(len, found))
        if length > _LONGEST:
            silent.append(f"{column.name} has too many coordinates for a Fréchet distance ({length:,}).")
        elif n < 2 * length:
            silent.append(
                f"{column.name} has {length:,} coordinates, so a Fréchet distance needs {2 * length:,} rows of each table."
            )
        else:
            measures.append(_frechet(column.name, [vectors[:n] for vectors in found]))
    return measures, silent


def _seen(case: Case) -> Iterator[CaseTable]:
    if case.holdout is not None:
        yield case.real


def _filled(part: CaseTable, name: str, rng: np.random.Generator) -> Points:
    """Vectors that are not missing, in random order."""
    vectors = part.vectors(name, sample_rows(part, _VECTORS, rng))
    return rng.permutation(vectors[~np.isnan(vectors[:, 0])])


def _frechet(name: str, found: list[Points]) -> Measure:
    fresh, synthetic, *seen = found
    value = frechet_distance(synthetic, fresh)
    baseline = frechet_distance(seen[0], fresh) if seen else None
    beside = f"; real vectors lie at {baseline:.4g}" if baseline is not None else ""
    return Measure(
        value=value,
        about=(name,),
        name="frechet",
        baseline=baseline,
        n=len(synthetic),
        sentence=(
            f"Synthetic vectors of {name} lie at a Fréchet distance of {value:.4g} from fresh real ones, in the "
            f"squared unit of the vectors and at {len(synthetic):,} rows of each{beside}."
        ),
        descriptive=True,
    )


def _chart(ratio: _Ratio, baseline: _Ratio) -> Chart:
    shown = (ratio, baseline)
    return interval_chart(
        ("synthetic rows", "real rows"),
        shown,
        title="Synthetic rows lie farther from fresh rows than real ones do"
        if ratio.low > baseline.high
        else "Synthetic rows lie about as near to fresh rows as real ones do",
        alt=f"Energy distance to fresh real rows as a multiple of chance: synthetic rows {ratio.value:.2f}, "
        f"rows the generator saw {baseline.value:.2f}; chance gives 1.",
        unit=Unit.RATIO,
        words=_UNIT,
    )
