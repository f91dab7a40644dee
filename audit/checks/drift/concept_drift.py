"""Whether the outcome still follows from the other columns by the same rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.learn.estimators import DesignMatrix, one_thread
from audit.learn.training import (
    GROUPS,
    Predict,
    Task,
    TaskRows,
    assign_folds,
    boosting,
    find_task,
    sample_task_rows,
)
from audit.learn.two_sample_classifier import classifier_aucs
from audit.model import Better, Chart, Family, Measure, Scale, Section, Unit, compared_intervals
from audit.stats.models.concept import CoefficientChange, ModelErrors, rule_change
from audit.stats.models.regression import logistic

_MAX_ROWS, _MIN_ROWS = 16_000, 200  # rows of a table
_CELLS = 1_600_000  # rows times columns of a table, at most
_TERMS, _PER_TERM = 60, 10  # columns of the design, at most, and rows for each of them
_HELD = 20.0  # rows that speak for a coefficient, at least
_NEAREST = 1e-4  # a chance that a model gives is kept this far from 0 and 1
_FALSE_ALARM_RATE = 0.01  # over all columns, for one to be named in the sentence of the whole
_MAX_SHOWN = 20


@dataclass(frozen=True, slots=True)
class _Tested:
    """Rows with the chances (or the number) that models of other real rows expect."""

    rows: TaskRows
    expected: Floats


@dataclass(frozen=True, slots=True)
class _Part:
    """What one column has to do with the change of the rule."""

    column: str
    value: float
    low: float
    high: float
    p_value: float
    baseline: float
    outcome: str


@check(
    id="concept_drift",
    title="Concept drift",
    known_as="concept drift (change of the conditional distribution)",
    section=Section.CHANGED_RULE,
    learned=True,
    family=Family.DRIFT,
    question="Does the outcome follow from the other columns by the same rule as in real rows?",
    scale=Scale(Unit.NUMBER, "change of the outcome's chance", Better.LOWER, 0.0, None),
    needs=(Need.TARGET, Need.ROWS),
    next_step="Look at the column that is named: how the outcome goes with it has changed, although both may keep their shares.",
)
def concept_drift(case: Case) -> Outcome:
    """How far the outcome's chance is off at the same values of the other columns.

    Models learn the outcome from real rows (boosted trees, three groups, each row judged by a
    model that did not see it) and are asked about synthetic rows. Where the rule is the same,
    their errors do not depend on the columns, whatever the columns' own shares; where it has
    changed, errors follow them. The number is the root mean square of the change in the chance
    of the outcome over synthetic rows, less what chance gives: 0 means the same rule, 0.05 that
    chances are off by five points. For an outcome that is a number it is in standard
    deviations of it. The number of a column is its share in that, other columns held fixed; it
    is judged only where it is beyond chance in all columns together. Missing values of a number
    count as its mean and by themselves; rows without the outcome are left out. The baseline is
    the same for holdout rows. At most 16,000 rows of each table are used, and as many columns
    as ten rows a coefficient allow, those that go with the outcome most. A change that no
    column carries by itself, such as one of a combination, shows only in part.

    Summary: `log_loss_real` and `log_loss_synthetic` (for a number `mean_square_…`, in parts of
    its variance) are the errors of the same models; they also differ where synthetic rows lie in
    easier or harder places. `calibration_slope` is 1 and `calibration_intercept` 0 where
    chances are right on synthetic rows. `covariate_part` is how far a learner tells synthetic
    from fresh rows by all columns but the outcome (area under the ROC curve less one half),
    `concept_part` what the outcome adds to that.

    Source: Gama, Zliobaite, Bifet, Pechenizkiy and Bouchachia (2014), ACM Computing Surveys 46(4),
    44 (concept and covariate drift); score test: Rao (1948), Proceedings of the Cambridge
    Philosophical Society 44, 50-57; calibration: Cox (1958), Biometrika 45, 562-565.
    """
    task = find_task(case)
    real, synthetic, parts_of = _tested(case, task)
    change, parts = _changes(task, real, synthetic, parts_of)
    if not change:
        raise Skip("Beside the target no column varies.")
    value, low, high, baseline = change
    clear = [one for one in parts if one.p_value * len(parts) <= _FALSE_ALARM_RATE]
    whole = Measure(
        value=value,
        low=low,
        high=high,
        baseline=baseline,
        n=len(synthetic.rows.y),
        sentence=_sentence(task, value, clear),
    )
    return Outcome(
        (whole, *_measures(task, parts, len(synthetic.rows.y))),
        _summary(case, task, real, synthetic),
        tuple(_charts(task, parts)),
        {
            "real": int((parts_of == 0).sum()),
            "synthetic": len(synthetic.rows.y),
            "holdout": int((parts_of == 1).sum()) or None,
        },
    )


def _tested(case: Case, task: Task) -> tuple[_Tested, _Tested, Ints]:
    """Real rows with out-of-fold expectations, synthetic rows, and which table each real row is of."""
    rng = case.rng("concept_drift")
    most = max(_MIN_ROWS, min(_MAX_ROWS, _CELLS // len(case.distribution_columns)))
    known = [case.real] if case.holdout is None else [case.real, case.holdout]
    drawn = [sample_task_rows(case, part, task, most, rng) for part in known]
    synthetic = sample_task_rows(case, case.synthetic, task, most, rng)
    if min(len(synthetic.y), *(len(one.y) for one in drawn)) < _MIN_ROWS:
        raise Skip(
            f"Models of the outcome need at least {_MIN_ROWS} rows of each table that hold it.",
            "Give tables with more rows.",
            assessable=False,
        )
    tables = np.repeat(np.arange(len(drawn)), [len(one.y) for one in drawn])
    real = drawn[0] if len(drawn) == 1 else drawn[0].joined(drawn[1])
    groups = assign_folds(task, real.y, rng)
    with one_thread():
        models = [boosting(task, real.take(groups != group)) for group in range(GROUPS)]
    expected = np.empty((len(real.y), max(len(task.classes), 1)))
    for group, model in enumerate(models):
        expected[groups == group] = _asked(model, real.x.matrix[groups == group])
    told = np.mean([_asked(model, synthetic.x.matrix) for model in models], axis=0)
    return _Tested(real, expected), _Tested(synthetic, told), tables


def _asked(model: Predict, matrix: Floats) -> Floats:
    return model(matrix).reshape(len(matrix), -1)


def _changes(
    task: Task, real: _Tested, synthetic: _Tested, tables: Ints
) -> tuple[tuple[float, float, float, float] | None, list[_Part]]:
    """The change of the whole rule, with its baseline, and each column's part, over all outcomes."""
    design = DesignMatrix(real.rows.x.matrix, real.rows.x.categorical)
    origins = design.origins
    both = design.table(real.rows.x.matrix), design.table(synthetic.rows.x.matrix)
    held = [_held(task, one, table) for one, table in zip((real, synthetic), both, strict=True)]
    keep = _terms(both[0], real, origins, np.minimum(*held), min(len(synthetic.rows.y), len(real.rows.y)))
    origins, both = origins[keep], (both[0][:, keep], both[1][:, keep])
    names = real.rows.x.names
    whole: list[tuple[float, float, float, float]] = []
    parts: dict[str, list[_Part]] = {}
    for place, outcome in _outcomes(task):
        errors = [
            _errors(task, one, table, place) for one, table in zip((real, synthetic), both, strict=True)
        ]
        change = rule_change(*errors)
        if change is None:
            continue
        fresh = _fresh(errors[0], tables)
        whole.append((*change.size(), fresh.size()[0] if fresh else 0.0))
        for name, places in _places(names, origins):
            size = change.size(places)
            base = fresh.size(places)[0] if fresh else 0.0
            parts.setdefault(name, []).append(_Part(name, *size, change.p_value(places), base, outcome))
    # Several outcomes ask one question: the worst is told, as one of so many.
    told = [_worst(found) for found in parts.values()]
    return (max(whole) if whole else None), told


def _worst(found: Sequence[_Part]) -> _Part:
    first = min(found, key=lambda one: (one.p_value, -one.value))
    return _Part(
        first.column,
        first.value,
        first.low,
        first.high,
        min(1.0, first.p_value * len(found)),
        first.baseline,
        first.outcome,
    )


def _outcomes(task: Task) -> Iterator[tuple[int, str]]:
    """Places of the outcomes that are asked about, and what each is called: one of two classes, all of more."""
    if not task.classes:
        yield 0, ""
        return
    for place in (1,) if len(task.classes) == 2 else range(len(task.classes)):
        yield place, str(task.classes[place])


def _errors(task: Task, tested: _Tested, table: Floats, place: int) -> ModelErrors:
    if not task.classes:
        scale = float(tested.rows.y.std()) or 1.0
        return ModelErrors(table, (tested.rows.y - tested.expected[:, 0]) / scale, np.ones(len(table)))
    chance = np.clip(tested.expected[:, place], _NEAREST, 1 - _NEAREST)
    return ModelErrors(table, (tested.rows.y == place) - chance, chance * (1 - chance))


def _fresh(errors: ModelErrors, tables: Ints) -> CoefficientChange | None:
    """Holdout rows against the others, as a baseline; None without a holdout."""
    if not (tables == 1).any():
        return None
    seen, held = (
        ModelErrors(errors.design[tables == t], errors.errors[tables == t], errors.weights[tables == t])
        for t in (0, 1)
    )
    return rule_change(seen, held)


def _held(task: Task, tested: _Tested, table: Floats) -> Floats:
    """Rows that speak for each column of the design, by how open their outcome is, shape (columns,).

    The square of the sum over the sum of squares: a mark that few rows bear, or rows whose
    outcome is all but certain, says too little for its error to be normal.
    """
    weight = np.ones(len(table))
    if task.classes:
        chance = np.clip(1 - tested.expected.max(axis=1), _NEAREST, 0.5)
        weight = chance * (1 - chance)
    # An outcome of chance p has a fourth moment of about 1 / (p (1 - p)) times its variance squared.
    fourth = weight if task.classes else weight**2
    square = table**2
    found: Floats = (weight @ square) ** 2 / np.maximum(fourth @ square**2, 1e-300)
    return found


def _terms(table: Floats, real: _Tested, origins: Ints, held: Floats, rows: int) -> Ints:
    """Columns of the design that are used: those of the columns that go with the outcome most, as rows allow."""
    centred = real.rows.y - real.rows.y.mean()
    spread = table.std(axis=0)
    strength = np.abs(centred @ table - centred.sum() * table.mean(axis=0)) / np.where(
        spread > 0, spread, np.inf
    )
    by_column = {int(o): float(strength[origins == o].max()) for o in np.unique(origins)}
    kept: list[Ints] = []
    for origin in sorted(by_column, key=lambda o: (-round(by_column[o], 6), o)):
        mine = np.flatnonzero((origins == origin) & (spread > 0) & (held >= _HELD))
        if sum(map(len, kept)) + len(mine) <= min(_TERMS, rows // _PER_TERM):
            kept.append(mine)
    return np.sort(np.concatenate(kept)) if kept else np.empty(0, dtype=np.int64)


def _places(names: Sequence[str], origins: Ints) -> Iterator[tuple[str, Ints]]:
    """Each column with the places of its coefficients, behind that of the ones; a vector's stand together."""
    for name in dict.fromkeys(names):
        mine = [i for i, other in enumerate(names) if other == name]
        places = np.flatnonzero(np.isin(origins, mine)) + 1
        if len(places):
            yield name, places


def _measures(task: Task, parts: Sequence[_Part], n: int) -> Iterator[Measure]:
    for one in parts:
        yield Measure(
            value=one.value,
            about=(task.target, one.column),
            name="column",
            low=min(one.low, one.value),
            high=max(one.high, one.value),
            baseline=one.baseline,
            n=n,
            sentence=_part_sentence(task, one),
            p_value=one.p_value,
            comparisons=len(parts),
        )


def _size(task: Task, value: float) -> str:
    return f"{100 * value:.1f} points" if task.classes else f"{value:.2f} standard deviations"


def _part_sentence(task: Task, one: _Part) -> str:
    what = f"the chance of {task.target} = {one.outcome}" if task.classes else task.target
    return (
        f"How {task.target} goes with {one.column} differs from real rows: at the same values of the other columns "
        f"{what} is off by {_size(task, one.value)} (root mean square)."
    )


def _sentence(task: Task, value: float, clear: Sequence[_Part]) -> str:
    what = f"the chance of {task.target}" if task.classes else task.target
    text = f"At the same values of the other columns {what} is off by {_size(task, value)} beyond chance"
    if not clear:
        return f"{text}; no column stands out."
    named = sorted(clear, key=lambda one: -one.value)[:3]
    return f"{text}; what changed most is how it goes with {', '.join(one.column for one in named)}."


def _summary(case: Case, task: Task, real: _Tested, synthetic: _Tested) -> dict[str, float]:
    told = {}
    if task.classes:
        told = {"log_loss_real": _log_loss(real), "log_loss_synthetic": _log_loss(synthetic)}
        if len(task.classes) == 2:
            told |= _calibration(synthetic)
    else:
        variance = float(real.rows.y.var()) or 1.0
        for name, one in (("real", real), ("synthetic", synthetic)):
            told[f"mean_square_{name}"] = float(np.mean((one.rows.y - one.expected[:, 0]) ** 2)) / variance
    found = classifier_aucs(case)
    if found is not None and found.columns is not None:
        told["covariate_part"] = found.columns.auc - 0.5
        told["concept_part"] = found.overall.auc - found.columns.auc
    return told


def _log_loss(tested: _Tested) -> float:
    chance = tested.expected[np.arange(len(tested.rows.y)), tested.rows.y.astype(np.int64)]
    return float(-np.mean(np.log(np.clip(chance, _NEAREST, 1.0))))


def _calibration(tested: _Tested) -> dict[str, float]:
    odds = special.logit(np.clip(tested.expected[:, 1], _NEAREST, 1 - _NEAREST))
    found = logistic(np.column_stack([np.ones(len(odds)), odds]), (tested.rows.y == 1).astype(np.float64))
    if found is None:
        return {}
    return {"calibration_intercept": float(found[0][0]), "calibration_slope": float(found[0][1])}


def _charts(task: Task, parts: Sequence[_Part]) -> Iterator[Chart]:
    shown = sorted(parts, key=lambda one: (-one.value, one.column))[:_MAX_SHOWN]
    if not shown:
        return
    worst = shown[0]
    yield compared_intervals(
        [one.column for one in shown],
        shown,
        title=f"How {task.target} goes with {worst.column} has changed most",
        alt=f"Change of the outcome by column, other columns held fixed, with 95 % intervals and the holdout's; "
        f"{worst.column}: {_size(task, worst.value)}.",
        about=(task.target,),
        unit=Unit.NUMBER if task.classes else Unit.STANDARD_DEVIATIONS,
        words="change of the outcome's chance" if task.classes else "standard deviations of the outcome",
    )
