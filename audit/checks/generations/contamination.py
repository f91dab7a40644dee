"""How much of the real table is already synthetic."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import special

from audit.arrays import Floats
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.learn.estimators import boosted_classifier, fill_empty_columns, one_thread
from audit.learn.features import Features, features, sample_rows
from audit.model import Better, Family, Kind, Measure, Scale, Section, Unit
from audit.stats.loops.contamination import MixShare, share_of_means, unseen_in_fresh, unseen_share

_ROWS = 8_000  # a table, at most
_MIN_ROWS = 250  # a table, at least
_ITERATIONS, _SEED = 40, 0
_MAX_RATIO = 20.0  # times as likely synthetic: more is counted as this, or single rows would decide
_APART = 8.0  # standard errors between synthetic and fresh rows: less, and no share can be told
_DOUBT = 0.005  # that the bound is wrong, over all ways of looking


@check(
    id="contamination",
    title="Contamination",
    known_as="mixture proportion estimation",
    section=Section.FOREIGN_ROWS,
    family=Family.GENERATIONS,
    question="How much of the real table is already synthetic?",
    scale=Scale(Unit.SHARE, "share of real rows, at least", Better.LOWER, 0.0, 1.0),
    needs=(Need.HOLDOUT, Need.ROWS),
    next_step="Find where the real rows came from, and take out those that a generator like this one has made.",
)
def contamination(case: Case) -> Outcome:
    """Share of real rows that are like synthetic ones, at least (a lower bound).

    The number is a bound: with the confidence of 99.5 % at least so many of the real rows were made
    by a generator like that of the synthetic table. 0 means that none need be, 1 that all are;
    chance gives 0 in 199 of 200 tables. Two ways of looking are tried and the higher bound is told.
    A learner is trained to tell synthetic rows from the holdout, on halves, and rows are scored that
    it was not trained on: where the mean score of real rows lies between that of holdout rows and
    that of synthetic ones tells the share. And for every column the rows are counted whose value no
    holdout row holds: more of them than fresh rows would have, as a share of what synthetic rows
    have. Missing values are a value for the learner. At most 8,000 rows of each table are scored;
    values are counted on all rows. It trusts the holdout: rows of the same kind there hide those
    in the real table. Where synthetic rows can hardly be told from holdout ones no share can be
    told. It cannot see rows made by another kind of generator, and real rows that the synthetic
    table copies may look like it: see copied rows. Summary: `estimate` is the share that fits best,
    `at_most` its upper bound, both from the learner.

    Source: bounds derived here from the mixture of two sources, McLachlan and Peel (2000), Finite
    Mixture Models; the learner as in Lopez-Paz and Oquab (2017), ICLR; values never seen: Good
    (1953), Biometrika 40, 237-264.
    """
    if not case.of_kind(*DISTRIBUTION_KINDS, Kind.VECTOR):
        raise Skip("No column has a distribution to compare.")
    scored = _by_learner(case)
    counted = list(_by_values(case))
    ways = ([("what a learner sees", scored)] if scored is not None else []) + counted
    ways = [(words, share) for words, share in ways if share.separation > _APART]
    if not ways:
        raise Skip(
            "Synthetic rows cannot be told well enough from fresh real ones, so neither can rows like them among the real ones.",
            "There is nothing to do while the synthetic table is this good; larger tables tell more.",
            assessable=False,
        )
    z = float(-special.ndtri(_DOUBT / len(ways)))
    words, share = max(ways, key=lambda way: (way[1].at_least(z), way[1].separation))
    value = share.at_least(z)
    measure = Measure(
        value=value,
        low=value,
        high=value,
        baseline=0.0,
        n=case.real.rows,
        sentence=_sentence(value, words, case),
    )
    return Outcome((measure,), _summary(share if scored is None else scored, z))


def _sentence(value: float, words: str, case: Case) -> str:
    if value == 0:
        return f"No sign that any of the {case.real.rows:,} real rows is synthetic."
    return f"At least {value:.1%} of the real rows look as if made by the generator of the synthetic table ({words})."


def _summary(share: MixShare, z: float) -> dict[str, float]:
    return {"estimate": float(np.clip(share.value, 0.0, 1.0)), "at_most": share.at_most(z)}


def _by_learner(case: Case) -> MixShare | None:
    """From the mean of how many times as likely synthetic a row is, on rows not trained on."""
    holdout = case.holdout
    if holdout is None or min(part.rows for part in case.tables()) < _MIN_ROWS:
        return None
    rng = case.rng("contamination")
    fresh, synthetic, real = (_table(case, part, rng) for part in (holdout, case.synthetic, case.real))
    with one_thread():
        clean, other, mixed = _scores(fresh, synthetic, real)
    means = [float(scores.mean()) for scores in (mixed, clean, other)]
    errors = tuple(float(scores.var(ddof=1)) / len(scores) for scores in (mixed, clean, other))
    return share_of_means(means[0], means[1], means[2], (errors[0], errors[1], errors[2]))


def _table(case: Case, part: CaseTable, rng: np.random.Generator) -> Features:
    return features(case, part, sample_rows(part, _ROWS, rng))


def _scores(fresh: Features, synthetic: Features, real: Features) -> tuple[Floats, Floats, Floats]:
    """How many times as likely synthetic each row is; every row by one model that never saw it."""
    found: dict[str, list[Floats]] = {"fresh": [], "synthetic": [], "real": []}
    for half in (0, 1):
        clean, other = fresh.matrix[half::2], synthetic.matrix[half::2]
        matrix = np.vstack([clean, other])
        model = boosted_classifier(fresh.categorical, _SEED, _ITERATIONS)
        model.fit(fill_empty_columns(matrix), np.repeat([0, 1], [len(clean), len(other)]))
        odds = len(clean) / len(other)
        for name, rows in (
            ("fresh", fresh.matrix[1 - half :: 2]),
            ("synthetic", synthetic.matrix[1 - half :: 2]),
            ("real", real.matrix[half::2]),
        ):
            chance = model.predict_proba(rows)[:, 1]
            likely = odds * chance / np.maximum(1 - chance, 1e-9)
            found[name].append(np.minimum(likely, _MAX_RATIO))
    clean, other, mixed = (np.concatenate(found[name]) for name in ("fresh", "synthetic", "real"))
    return clean, other, mixed


def _by_values(case: Case) -> Iterator[tuple[str, MixShare]]:
    """From values that no holdout row holds, column by column."""
    if case.holdout is None:
        return
    for column in case.distribution_columns:
        clean, other, mixed = (
            part.value_counts(column.name) for part in (case.holdout, case.synthetic, case.real)
        )
        if not min(clean.filled, other.filled, mixed.filled):
            continue
        left, right = (unseen_share(c.counts, np.isin(c.values, clean.values)) for c in (mixed, other))
        base = unseen_in_fresh(clean.counts)
        share = share_of_means(left[0], base[0], right[0], (left[1], base[1], right[1]))
        if right[0] > base[0]:
            yield f"values of {column.name} that fresh rows do not hold", share
