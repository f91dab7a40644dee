"""Whether models learnt from synthetic rows are as good as models learnt from real rows."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.learn.estimators import one_thread
from audit.learn.train_synthetic_test_real import TstrComparison, half_width, tstr_comparisons
from audit.learn.training import Score, Task, TaskRows, accuracy, importances
from audit.model import (
    Better,
    Chart,
    Estimate,
    Family,
    Fold,
    Measure,
    Scale,
    Section,
    Unit,
    interval_chart,
    share_bars,
)
from audit.stats.models.scores import rank_correlation

_SHUFFLED = 2000  # rows for importances
_MAX_SHOWN = 15  # columns


@check(
    id="utility",
    title="Retained utility",
    known_as="train on synthetic, test on real (TSTR)",
    section=Section.LEARNING,
    folds=(Fold.ONE_QUESTION,),
    learned=True,
    family=Family.FIDELITY,
    question="Does a model trained on synthetic rows predict real rows as well as one trained on real rows?",
    scale=Scale(Unit.SHARE, "share of what real rows teach", Better.HIGHER, 0.0),
    next_step="Look at the columns whose importance differs: what they say about the target is lost or invented. Mend that and audit again.",
    needs=(Need.TARGET, Need.HOLDOUT),
)
def utility(case: Case) -> Outcome:
    """Share of the skill learnt from real rows that synthetic rows teach as well.

    The same learner is trained on as many real as synthetic rows to predict the target, and
    both models are tested on the same holdout rows. 1 means that synthetic rows teach as much
    as real ones, 0 that they teach no more than guessing; less than 0 is shown as 0. The
    score is the area under the ROC curve for two classes, its mean over each class against
    the rest for more, and the share of variance explained (R squared) for a number; guessing
    scores 0.5, 0.5 and 0. The main number is of gradient-boosted trees, and a logistic or
    ridge regression is judged beside it. Each is trained three times, without one third of the
    rows each time, and the scores are averaged. The interval counts the luck of the test rows
    (the same for both models) and of the training rows. The baseline is 1: real rows against
    themselves. At most 20,000 rows of each table are used, fewer in wide tables. Rows without
    a target are left out, and so are classes that fewer than ten real or holdout rows hold;
    missing values elsewhere are given to the learners as such. Where real rows teach nothing
    clear, nothing is said. The summary also tells how well the model of real rows predicts
    synthetic rows, whether both rank the columns alike, and whether the same learner would be
    chosen. A high number says little about columns that the target does not depend on.

    Source: Esteban, Hyland and Raetsch (2017), arXiv 1706.02633 (train on synthetic, test on
    real); intervals: Efron (1982), infinitesimal jackknife, and Kott (2001), Journal of
    Official Statistics 17, 521-526.
    """
    both = tstr_comparisons(case)
    both.refuse_unlearnable()
    task, trees, line = both.task, both.trees, both.line
    real, synthetic, test = both.real, both.synthetic, both.test
    with one_thread():
        found = _importances(task, trees, test, both.rng)
        backwards = [model(synthetic.x.matrix) for model in trees.real.models[:1]]
    measures = [_measure(task, trees, "", "boosted trees", real)]
    if line.is_learnable:
        measures.append(_measure(task, line, "linear", "a linear model", real))
    summary = _summary(task, trees, line) | _backwards(task, synthetic, backwards)
    agreement = rank_correlation(*found)
    if agreement is not None:
        summary["importance_agreement"] = agreement
    charts = (_scores_chart(task, trees, line), _importance_chart(task, real.x.names, found))
    used: dict[str, int | None] = {
        "real": len(real.y),
        "synthetic": len(synthetic.y),
        "holdout": len(test.y),
    }
    return Outcome(tuple(measures), summary, charts, used)


def _measure(task: Task, contest: TstrComparison, name: str, learner: str, real: TaskRows) -> Measure:
    share, reach = contest.retained, contest.half_width
    return Measure(
        value=max(share, 0.0),
        name=name,
        low=max(share - reach, 0.0),
        high=max(share + reach, 0.0),
        baseline=1.0,
        n=len(real.y),
        sentence=f"To predict {task.target} in real rows, {learner} trained on synthetic rows score "
        f"{contest.synthetic.value:.3f} ({task.score_word}), trained on as many real rows {contest.real.value:.3f}, "
        f"and guessing {task.baseline_score:g}: {max(share, 0.0):.1%} of the skill is retained.",
    )


def _summary(task: Task, trees: TstrComparison, line: TstrComparison) -> dict[str, float]:
    summary = {
        "score_real": trees.real.value,
        "score_synthetic": trees.synthetic.value,
        "score_dummy": task.baseline_score,
        "retained": trees.retained,
        "linear_score_real": line.real.value,
        "linear_score_synthetic": line.synthetic.value,
        "same_choice": float(_better(trees.real, line.real) == _better(trees.synthetic, line.synthetic)),
    }
    if trees.real.accuracy is not None and trees.synthetic.accuracy is not None:
        summary |= {"accuracy_real": trees.real.accuracy, "accuracy_synthetic": trees.synthetic.accuracy}
    return summary


def _better(trees: Score, line: Score) -> bool:
    return trees.value >= line.value


def _backwards(task: Task, synthetic: TaskRows, predicted: list[Floats]) -> dict[str, float]:
    """Trained on real, tested on synthetic rows: whether these follow the real rule."""
    if len(np.unique(synthetic.y)) < max(2, len(task.classes)):
        return {}
    told = {"score_real_on_synthetic": task.score(synthetic.y, predicted[0])[0]}
    right = accuracy(task, synthetic.y, predicted)
    return told if right is None else told | {"accuracy_real_on_synthetic": right}


def _importances(
    task: Task, trees: TstrComparison, test: TaskRows, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Of the model of real rows and of the model of synthetic rows, shuffled alike."""
    columns = test.x.matrix.shape[1]
    few = test.take(rng.permutation(len(test.y))[: max(500, min(_SHUFFLED, 40_000 // columns))])
    if len(np.unique(few.y)) < max(2, len(task.classes)):
        few = test
    orders = [rng.permutation(len(few.y)) for _ in range(columns)]
    real, synthetic = (
        importances(task, skill.models[0], few, orders) for skill in (trees.real, trees.synthetic)
    )
    return real, synthetic


def _scores_chart(task: Task, trees: TstrComparison, line: TstrComparison) -> Chart:
    rows: list[tuple[str, float, float]] = [("guessing", task.baseline_score, 0.0)]
    for contest, learner in ((trees, "boosted trees"), (line, "linear model")):
        rows.append(
            (f"{learner}, trained on synthetic rows", contest.synthetic.value, half_width(contest.synthetic))
        )
        rows.append((f"{learner}, trained on real rows", contest.real.value, half_width(contest.real)))
    return interval_chart(
        [name for name, _, _ in rows],
        [Estimate.from_half_width(value, reach) for _, value, reach in rows],
        title=f"Models of synthetic rows keep {max(trees.retained, 0.0):.1%} of the skill to predict {task.target}",
        alt=f"Scores on holdout rows ({task.score_word}): "
        + "; ".join(f"{name} {value:.3f}" for name, value, _ in rows)
        + ".",
        about=(task.target,),
        unit=task.score_unit,
        words=task.score_word,
    )


def _importance_chart(task: Task, names: tuple[str, ...], found: tuple[Floats, Floats]) -> Chart:
    real, synthetic = found
    order = sorted(range(len(names)), key=lambda i: (-max(real[i], synthetic[i]), names[i]))[:_MAX_SHOWN]
    apart = max(order, key=lambda i: abs(real[i] - synthetic[i]))
    return share_bars(
        names,
        {"real": np.maximum(real, 0.0), "synthetic": np.maximum(synthetic, 0.0)},
        order,
        title=f"What models rely on to predict {task.target}, learnt from real and from synthetic rows",
        alt=f"Score lost ({task.score_word}) when a column is shuffled. The models differ most in {names[apart]}: "
        f"real {real[apart]:.3f}, synthetic {synthetic[apart]:.3f}.",
        about=(task.target,),
        unit=task.score_unit,
        words=f"{task.score_word} lost without the column",
    )
