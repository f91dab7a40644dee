"""Whether a learner can tell synthetic rows from real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audit.case import Case, Part
from audit.check import Outcome, Skip, check
from audit.features import Features, features, sample_rows
from audit.learners import boosted_classifier, one_thread
from audit.model import Chart, Family, Measure, Scale, Series
from audit.stats.intervals import Z95, auc_with_error

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROWS = 10_000  # a table, at most
_FEWEST = 250  # a table, at least: below, the interval spans every tolerance
_FOLDS = 5
_SHUFFLED = 2000  # rows for telling which column gives the synthetic rows away


@check(
    id="detectability",
    title="Detectability",
    family=Family.FIDELITY,
    question="Can a learner tell synthetic rows from real ones?",
    scale=Scale("area under the ROC curve", "lower", 0.0, 1.0),
    next_step="Start with the column that gives the rows away most: mend it and audit again.",
)
def detectability(case: Case) -> Outcome:
    """How well a learner tells synthetic from real rows (area under the ROC curve).

    Gradient-boosted trees are trained to tell synthetic rows from real rows the generator
    never saw, on five folds, and scored on rows they were not trained on. 0.5 means that
    they cannot tell; 1 means that every synthetic row is known at once. An area of 0.55
    implies that some event's probability is off by at least 5 points, 0.65 by 16, 0.8 by 37.
    Missing values and categories are given to the learner as they are. The baseline is the
    same learner on real against holdout rows; chance alone gives 0.5. Without a holdout the
    training rows stand in for it. At most 10,000 rows of each table are used. A high number
    does not say whether the difference matters: look at what gives the rows away.

    Source: Lopez-Paz and Oquab (2017), ICLR (classifier two-sample tests); interval: DeLong,
    DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845.
    """
    if not case.shaped:
        raise Skip("No column has a distribution to compare.")
    reference = case.holdout if case.holdout is not None else case.real
    if min(reference.rows, case.synthetic.rows) < _FEWEST:
        raise Skip(
            f"A learner needs at least {_FEWEST} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    rng = case.rng("detectability")
    real, synthetic = _draw(case, reference, rng), _draw(case, case.synthetic, rng)
    baseline, n_real = 0.5, None
    with one_thread():
        auc, error, telling = _tell_apart(real, synthetic, rng)
        if case.holdout is not None and case.real.rows >= _FEWEST:
            baseline = _tell_apart(real, _draw(case, case.real, rng), rng)[0]
            n_real = min(case.real.rows, _ROWS)
    measure = Measure(
        value=auc,
        low=max(0.0, auc - Z95 * error),
        high=min(1.0, auc + Z95 * error),
        baseline=baseline,
        n=len(synthetic.matrix),
        sentence=_sentence(auc, telling),
    )
    return Outcome(
        (measure,),
        {"auc": auc, "auc_baseline": baseline},
        (_chart(telling, auc),) if telling else (),
        {
            "real": n_real if case.holdout is not None else len(real.matrix),
            "synthetic": len(synthetic.matrix),
            "holdout": len(real.matrix) if case.holdout is not None else None,
        },
    )


def _draw(case: Case, part: Part, rng: np.random.Generator) -> Features:
    return features(case, part, sample_rows(part, _ROWS, rng))


def _tell_apart(
    real: Features, other: Features, rng: np.random.Generator
) -> tuple[float, float, list[tuple[str, float]]]:
    """Area and its error out of fold, and how much each column gives away."""
    matrix = np.vstack([real.matrix, other.matrix])
    labels = np.repeat([0, 1], [len(real.matrix), len(other.matrix)])
    scores = np.empty(len(matrix))
    # Equal shares of both tables in every fold: otherwise the pooled area leans below one half.
    folds = np.concatenate([rng.permutation(np.arange(len(f.matrix)) % _FOLDS) for f in (real, other)])
    for fold in range(_FOLDS):
        test = folds == fold
        model = boosted_classifier(real.categorical, int(rng.integers(2**31))).fit(
            matrix[~test], labels[~test]
        )
        scores[test] = model.predict_proba(matrix[test])[:, 1]
    auc, error = auc_with_error(scores[labels == 1], scores[labels == 0])
    return auc, error, _telling(model, matrix[test], labels[test], real, rng)


def _telling(
    model: HistGradientBoostingClassifier,
    matrix: Floats,
    labels: Ints,
    like: Features,
    rng: np.random.Generator,
) -> list[tuple[str, float]]:
    """Area lost when a column is shuffled, on rows the model was not trained on; worst first."""
    rows = rng.permutation(len(matrix))[:_SHUFFLED]
    matrix, labels = matrix[rows], labels[rows]
    if len(np.unique(labels)) < 2:
        return []

    def area(table: Floats) -> float:
        score = model.predict_proba(table)[:, 1]
        return auc_with_error(score[labels == 1], score[labels == 0])[0]

    whole = area(matrix)
    lost = []
    for i, name in enumerate(like.names):
        shuffled = matrix.copy()
        shuffled[:, i] = rng.permutation(shuffled[:, i])
        lost.append((name, whole - area(shuffled)))
    return sorted(lost, key=lambda pair: (-pair[1], pair[0]))


def _sentence(auc: float, telling: list[tuple[str, float]]) -> str:
    text = f"Shown a real and a synthetic row, a learner picks the synthetic one right {auc:.0%} of the time"
    given = [name for name, lost in telling[:3] if lost > 0.01]
    return f"{text}; what gives it away most: {', '.join(given)}." if given else f"{text}."


def _chart(telling: list[tuple[str, float]], auc: float) -> Chart:
    shown = telling[:15]
    return Chart(
        kind="bars",
        title=f"{shown[0][0]} gives synthetic rows away most"
        if shown[0][1] > 0.01
        else "No column gives synthetic rows away",
        alt="Area under the ROC curve lost when a column is shuffled; larger means that the column gives more away. "
        f"Whole area {auc:.2f}.",
        x=tuple(name for name, _ in shown),
        series=(Series("area lost", tuple(max(0.0, float(lost)) for _, lost in shown)),),
        unit="area under the ROC curve lost without the column",
    )
