"""Whether a learner can tell synthetic rows from real ones, and what gives them away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.fidelity._shared.canonical_forms import canonical_rows, with_format
from audit.checks.fidelity._shared.row_embedding import embed_rows
from audit.learn.estimators import one_thread
from audit.learn.features import Features, features, sample_rows
from audit.learn.slices import Slice, shared_slices
from audit.learn.two_sample_classifier import (
    ClassifierResult,
    FeatureImportance,
    feature_importances,
    fit_classifier,
)
from audit.model import (
    Better,
    Chart,
    Estimate,
    Family,
    Fold,
    Kind,
    Measure,
    Scale,
    Section,
    Unit,
    interval_chart,
    share_bars,
)
from audit.stats.inference.intervals import Z95
from audit.stats.models.propensity import expected_pmse, fitted_propensities, main_effects, parameters, pmse

_ROWS = 8_000  # a table, at most
_CELLS = 400_000  # rows times columns of a table, at most
_COORDINATES = 33  # that a column of vectors counts for
_MIN_ROWS = 250  # a table, at least: below, the interval spans every tolerance
_TELLING = 0.52  # area below which nothing is said to give the rows away
_LOST = 0.01  # area that a column is worth, at least, to be named
_SURE = 3.5  # standard errors that it is worth, at least: none of 50 by chance
_FORMAT = 0.05  # area that the format is worth, at least, to be named
_SLICES = 6  # shown
_PARAMETERS = 300  # of the propensity model, about
_PER_PARAMETER = 10  # rows, at least, for what chance gives to hold


@check(
    id="detectability",
    title="Detectability",
    known_as="classifier two-sample test (C2ST)",
    section=Section.DETECTION,
    folds=(Fold.FOLLOWS_COLUMNS,),
    learned=True,
    family=Family.FIDELITY,
    question="Can a learner tell synthetic rows from real ones?",
    scale=Scale(Unit.AREA, "area under the ROC curve", Better.LOWER, 0.0, 1.0),
    next_step="Start with the column that gives the rows away most: mend it and audit again.",
)
def detectability(case: Case) -> Outcome:
    """How well a learner tells synthetic from real rows (area under the ROC curve).

    Gradient-boosted trees are trained to tell synthetic rows from real rows the generator
    never saw, on three folds, and scored on rows they were not trained on. 0.5 means that
    they cannot tell; 1 means that every synthetic row is known at once. An area of 0.55
    implies that some event's probability is off by at least 5 points, 0.65 by 16, 0.8 by 37.
    The learner is given missing values and categories as they are, and how many decimals a
    number has where one table shows more than the other. The baseline is the same learner on
    real against holdout rows; chance alone gives 0.5. Without a holdout the training rows
    stand in for it. At most 8,000 rows of each table are used, fewer where there are more
    than 40 columns. A high number does not say whether the difference matters: look at what
    gives the rows away.

    `canonical` is the same with the format taken off: each number is moved to the nearest one
    the real table holds, spellings that differ in case, spaces or Unicode form count as one.
    If it is far lower, the format gives the rows away (decimals, spelling), not what they say.
    `gives_away` is the area that is lost when one column is shuffled; about 0 means that the
    column tells nothing by itself or that others tell the same. `slice` is a rule, found with
    a small decision tree on one half of the rows and counted on the other; its number is the
    area that this rule alone gives, its sentence says how many times too many or too few
    synthetic rows it holds. It sees only what a few bins and categories show.

    Summary: `auc_embedded` is the area when rows are given as dense vectors (24 principal
    components of at most 5,000 rows a table), as published areas are that come from embedded
    rows: such a learner cannot look at single columns and sees less. `pmse` is the propensity mean squared error, real against synthetic rows, of a
    logistic regression with main effects; `pmse_expected` is what a correct model fitted to the
    real rows would give, `pmse_ratio` the first over the second: 1 for such a model, up to 2 for
    fresh real rows. It is left out where there are fewer than ten rows per parameter.

    Source: Lopez-Paz and Oquab (2017), ICLR (classifier two-sample tests); interval: DeLong,
    DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845; shuffled columns: Breiman (2001),
    Machine Learning 45, 5-32; propensity: Snoke and others (2018), JRSS A 181, 663-688.
    """
    fresh, synthetic, trained, rng = _tables(case)
    with one_thread():
        raw, written, shown = _forms(case, fresh, synthetic, rng)
        baseline = 0.5 if trained is fresh else fit_classifier(fresh, trained, rng).auc
        # Where the learner can hardly tell there is nothing to give away.
        lost = feature_importances(raw, shown, rng) if raw.low > _TELLING else []
        more = {"auc_embedded": _dense_area(case, rng), **_propensity(case.real.rows, trained, synthetic)}
    slices = _telling(shared_slices(case))
    n = len(synthetic.matrix)
    return Outcome(
        (
            _measure(raw, baseline, n, _sentence(raw, written, lost)),
            # One question is judged once: the canonical number says how to read the raw one.
            replace(
                _measure(written, baseline, n, _written_sentence(written)),
                name="canonical",
                descriptive=True,
            ),
            *_columns(lost, raw, n),
            *_rules(slices, n),
        ),
        {"auc": raw.auc, "auc_baseline": baseline, "auc_canonical": written.auc, **more},
        tuple(_charts(lost, raw, slices)),
        {
            "real": len(trained.matrix),
            "synthetic": n,
            "holdout": len(fresh.matrix) if case.holdout is not None else None,
        },
    )


def _forms(
    case: Case, fresh: Features, synthetic: Features, rng: np.random.Generator
) -> tuple[ClassifierResult, ClassifierResult, Features]:
    """Told apart as written and as the real table would write them; fresh rows with their format."""
    shown = with_format(case, fresh, synthetic)
    raw = fit_classifier(*shown, rng)
    plain = canonical_rows(case, fresh, synthetic)
    # Nothing is learned again where the rows already are as the real table would write them.
    return raw, raw if _same(shown, plain) else fit_classifier(*plain, rng), shown[0]


def _dense_area(case: Case, rng: np.random.Generator) -> float:
    reference = case.real if case.holdout is None else case.holdout
    fresh, synthetic = embed_rows(case, (reference, case.synthetic), rng)
    return fit_classifier(fresh, synthetic, rng).auc


def _tables(case: Case) -> tuple[Features, Features, Features, np.random.Generator]:
    """Rows the generator never saw, synthetic rows, rows it saw; without a holdout the last are the first."""
    if not case.of_kind(*DISTRIBUTION_KINDS, Kind.VECTOR):
        raise Skip("No column has a distribution to compare.")
    reference = case.real if case.holdout is None else case.holdout
    if min(reference.rows, case.synthetic.rows) < _MIN_ROWS:
        raise Skip(
            f"A learner needs at least {_MIN_ROWS} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    rng = case.rng("detectability")
    fresh, synthetic = _draw(case, reference, rng), _draw(case, case.synthetic, rng)
    small = case.holdout is None or case.real.rows < _MIN_ROWS
    return fresh, synthetic, fresh if small else _draw(case, case.real, rng), rng


def _telling(slices: Sequence[Slice]) -> list[Slice]:
    """The first few that are no chance; of a rule and its opposite only the first."""
    kept: dict[tuple[tuple[str, ...], float], Slice] = {}
    for one in slices:
        if one.is_significant:
            kept.setdefault((one.columns, round(abs(one.synthetic - one.real), 9)), one)
    return list(kept.values())[:_SLICES]


def _draw(case: Case, part: CaseTable, rng: np.random.Generator) -> Features:
    columns = len(case.distribution_columns) + _COORDINATES * len(case.of_kind(Kind.VECTOR))
    most = max(_MIN_ROWS, min(_ROWS, _CELLS // columns))
    return features(case, part, sample_rows(part, most, rng))


def _same(tables: Sequence[Features], others: Sequence[Features]) -> bool:
    return all(
        np.array_equal(a.matrix, b.matrix, equal_nan=True) for a, b in zip(tables, others, strict=True)
    )


def _propensity(rows: int, real: Features, synthetic: Features) -> dict[str, float]:
    """How far main effects alone tell the tables apart, and what a correct model would give."""
    matrix = np.vstack([real.matrix, synthetic.matrix])
    n, m = len(real.matrix), len(synthetic.matrix)
    levels = int(np.clip(_PARAMETERS // len(real.names), 1, 20))
    design = main_effects(matrix, real.categorical, levels)
    count = parameters(design)
    if count < 2 or len(design) < _PER_PARAMETER * count:
        return {}
    chances = fitted_propensities(design, np.repeat([0, 1], [n, m]))
    found, expected = pmse(chances, m / (n + m)), expected_pmse(count, n, m, rows)
    return {"pmse": found, "pmse_expected": expected, "pmse_ratio": found / expected}


def _measure(told: ClassifierResult, baseline: float, n: int, sentence: str) -> Measure:
    return Measure(
        value=told.auc,
        low=told.low,
        high=told.high,
        baseline=baseline,
        n=n,
        sentence=sentence,
    )


def _sentence(raw: ClassifierResult, written: ClassifierResult, lost: list[FeatureImportance]) -> str:
    text = (
        f"Shown a real and a synthetic row, a learner picks the synthetic one right {raw.auc:.0%} of the time"
    )
    if raw.auc - written.auc > _FORMAT and raw.low > written.high:
        only = "not the content" if written.low < _TELLING else "more than the content"
        text += f"; the format gives it away, {only} (without it {written.auc:.0%})"
    given = [one.column for one in _named(lost)[:3]]
    return f"{text}; what gives it away most: {', '.join(given)}." if given else f"{text}."


def _written_sentence(written: ClassifierResult) -> str:
    return (
        "With numbers and spellings as the real table writes them, "
        f"the learner is right {written.auc:.0%} of the time."
    )


def _named(lost: list[FeatureImportance]) -> list[FeatureImportance]:
    """Columns that are worth something beyond chance."""
    return [one for one in lost if one.auc > max(_LOST, _SURE * one.error)]


def _columns(lost: list[FeatureImportance], raw: ClassifierResult, n: int) -> Iterator[Measure]:
    for one in _named(lost):
        yield Measure(
            value=one.auc,
            about=(one.column,),
            name="gives_away",
            low=max(0.0, one.auc - Z95 * one.error),
            high=min(1.0, one.auc + Z95 * one.error),
            n=n,
            sentence=f"With {one.column} shuffled, the learner is right {raw.auc - one.auc:.0%} "
            f"instead of {raw.auc:.0%} of the time.",
            descriptive=True,
        )


def _rules(slices: Sequence[Slice], n: int) -> Iterator[Measure]:
    """A rule that says "synthetic" inside and "real" outside has an area of one half plus half the gap."""
    for one in slices:
        sign = 1 if one.synthetic >= one.real else -1
        low, high = sorted((sign * one.gap_low, sign * one.gap_high))
        yield Measure(
            value=0.5 + abs(one.synthetic - one.real) / 2,
            about=one.columns,
            name="slice",
            group=dict(one.words),
            low=0.5 + low / 2,
            high=0.5 + high / 2,
            baseline=0.5,
            n=n,
            sentence=slice_sentence(one),
            descriptive=True,
        )


def slice_sentence(one: Slice) -> str:
    """What a slice holds too many or too few of, as a fact with its interval."""
    shares = f"{one.rule}: {one.synthetic:.1%} of synthetic rows and {one.real:.1%} of real ones"
    if one.real == 0:
        return f"{shares}."
    return f"{shares}, {_times(one.ratio)} times as many ({_times(one.low)} to {_times(one.high)})."


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}" if ratio < 1 else f"{ratio:.1f}"


def _charts(lost: list[FeatureImportance], raw: ClassifierResult, slices: Sequence[Slice]) -> Iterator[Chart]:
    shown, named = lost[:15], _named(lost)
    if shown:
        yield share_bars(
            [one.column for one in shown],
            {"area lost": [max(0.0, one.auc) for one in shown]},
            title=f"{named[0].column} gives synthetic rows away most"
            if named
            else "No column gives synthetic rows away by itself",
            alt="Area under the ROC curve lost when a column is shuffled; larger means that the column gives more "
            f"away. Whole area {raw.auc:.2f}.",
            unit=Unit.AREA,
            words="area under the ROC curve lost without the column",
        )
    if slices:
        yield interval_chart(
            [one.rule for one in slices],
            [Estimate(one.ratio, one.low, one.high) for one in slices],
            1.0,
            title="Rows that the synthetic table holds too many or too few of",
            alt=f"Synthetic rows per real row, by rule, with 95 % intervals. {slice_sentence(slices[0])}",
            unit=Unit.RATIO,
            words="synthetic rows per real row",
        )
