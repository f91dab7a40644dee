"""A learner that tells two tables apart, and what it goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.learn.estimators import boosted_classifier, fill_empty_columns, one_thread
from audit.learn.features import Features, features, sample_rows
from audit.model import Role
from audit.stats.inference.intervals import Z95, auc_with_error, placements

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier


_FOLDS = 3
_SHUFFLED_CELLS = 16_000_000  # of all columns shuffled in turn, at most
_SHUFFLED = 2000  # rows for the same, at most
_MIN_ROWS = 250  # and at least
_BATCH_ROWS = 20_000  # scored in one call
_ROWS, _CELLS = 3_000, 400_000  # of a table, at most, where the area alone is asked for


@dataclass(frozen=True, slots=True)
class ClassifierResult:
    """How well two tables were told apart; the learner of the last fold and the rows it did not see.

    auc, error : area under the ROC curve out of fold, and its standard error
    model, matrix, labels : 1 where a row is of the second table
    """

    auc: float
    error: float
    model: HistGradientBoostingClassifier
    matrix: Floats
    labels: Ints

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval of the area."""
        return max(0.0, self.auc - Z95 * self.error)

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval of the area."""
        return min(1.0, self.auc + Z95 * self.error)


def fit_classifier(real: Features, other: Features, rng: np.random.Generator) -> ClassifierResult:
    """How well the second table is told from the first, on three folds."""
    matrix = np.vstack([real.matrix, other.matrix])
    labels = np.repeat([0, 1], [len(real.matrix), len(other.matrix)])
    scores = np.empty(len(matrix))
    # Equal shares of both tables in every fold: otherwise the pooled area leans below one half.
    folds = np.concatenate([rng.permutation(np.arange(len(f.matrix)) % _FOLDS) for f in (real, other)])
    for fold in range(_FOLDS):
        test = folds == fold
        model = boosted_classifier(real.categorical, int(rng.integers(2**31)))
        model.fit(fill_empty_columns(matrix[~test]), labels[~test])
        scores[test] = model.predict_proba(matrix[test])[:, 1]
    auc, error = auc_with_error(scores[labels == 1], scores[labels == 0])
    return ClassifierResult(auc, error, model, matrix[test], labels[test])


@dataclass(frozen=True, slots=True)
class ClassifierAUCs:
    """How well synthetic rows, and rows the generator saw, are told from rows it never saw.

    overall, fresh : by all columns; fresh is None without a holdout
    columns : synthetic rows by all columns but the target; None without a target
    rows : of a table, at most
    """

    overall: ClassifierResult
    fresh: ClassifierResult | None
    columns: ClassifierResult | None
    rows: int


def classifier_aucs(case: Case) -> ClassifierAUCs | None:
    """The areas of a case, found once; None where no column or too few rows can be learnt from."""
    return case.shared("areas", lambda: _areas(case))


def _areas(case: Case) -> ClassifierAUCs | None:
    fresh = case.real if case.holdout is None else case.holdout
    least = min(part.rows for part in case.tables())
    if not case.of_kind(*DISTRIBUTION_KINDS) or least < _MIN_ROWS:
        return None
    rng = case.rng("areas")
    most = max(_MIN_ROWS, min(_ROWS, _CELLS // len(case.distribution_columns)))
    reference, synthetic = (_drawn(case, part, most, rng) for part in (fresh, case.synthetic))
    seen = None if case.holdout is None else _drawn(case, case.real, most, rng)
    targets = [column.name for column in case.with_role(Role.TARGET)]
    with one_thread():
        return ClassifierAUCs(
            overall=fit_classifier(reference, synthetic, rng),
            fresh=None if seen is None else fit_classifier(reference, seen, rng),
            columns=_without(targets, reference, synthetic, rng) if targets else None,
            rows=most,
        )


def _drawn(case: Case, part: CaseTable, most: int, rng: np.random.Generator) -> Features:
    return features(case, part, sample_rows(part, most, rng))


def _without(
    names: Sequence[str], real: Features, other: Features, rng: np.random.Generator
) -> ClassifierResult | None:
    keep = [i for i, name in enumerate(real.names) if name not in names]
    return fit_classifier(real.of_columns(keep), other.of_columns(keep), rng) if keep else None


@dataclass(frozen=True, slots=True)
class FeatureImportance:
    """Area that is lost when a column is shuffled, with its standard error."""

    column: str
    auc: float
    error: float


def feature_importances(
    told: ClassifierResult, like: Features, rng: np.random.Generator
) -> list[FeatureImportance]:
    """What each column is worth to the learner, on rows it was not trained on; worst first.

    The coordinates of a vector are shuffled together. Empty where the rows left are of one table.
    """
    places = {name: [i for i, other in enumerate(like.names) if other == name] for name in like.names}
    most = _SHUFFLED_CELLS // (len(places) * len(like.names))
    rows = rng.permutation(len(told.matrix))[: max(_MIN_ROWS, min(_SHUFFLED, most))]
    matrix, labels = told.matrix[rows], told.labels[rows]
    if min(np.bincount(labels, minlength=2)) < 2:
        return []
    tables = chain([matrix], (_shuffled(matrix, columns, rng) for columns in places.values()))
    whole, *placed = _placed(told.model, tables, labels)
    lost = [_loss(name, whole, one) for name, one in zip(places, placed, strict=True)]
    return sorted(lost, key=lambda one: (-one.auc, one.column))


def _loss(name: str, whole: tuple[Floats, Floats], shuffled: tuple[Floats, Floats]) -> FeatureImportance:
    positive, negative = whole[0] - shuffled[0], whole[1] - shuffled[1]
    variance = positive.var(ddof=1) / len(positive) + negative.var(ddof=1) / len(negative)
    return FeatureImportance(name, float(positive.mean()), float(np.sqrt(variance)))


def _shuffled(matrix: Floats, columns: Sequence[int], rng: np.random.Generator) -> Floats:
    table = matrix.copy()
    table[:, columns] = rng.permutation(table[:, columns])
    return table


def _placed(
    model: HistGradientBoostingClassifier, tables: Iterable[Floats], labels: Ints
) -> Iterator[tuple[Floats, Floats]]:
    """Placements for each table; many are scored at once, because every call costs much by itself."""
    waiting = iter(tables)
    while batch := list(islice(waiting, max(1, _BATCH_ROWS // len(labels)))):
        scores = model.predict_proba(np.concatenate(batch))[:, 1].reshape(len(batch), -1)
        yield from (placements(one[labels == 1], one[labels == 0]) for one in scores)
