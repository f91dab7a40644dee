"""Whether a model learnt from synthetic rows treats groups as one learnt from real rows does."""

from __future__ import annotations

from collections.abc import Iterator

from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.equalized_odds import EqualizedOdds, compare_odds
from audit.checks.bias._shared.groups import make_groups
from audit.checks.bias._shared.mean_errors import MeanErrors, mean_errors
from audit.checks.bias._shared.model_decisions import ENOUGH
from audit.learn.train_synthetic_test_real import TstrComparisons, tstr_comparisons
from audit.model import Better, Family, Fold, GroupQuestion, Role, Scale, Unit


@check(
    id="model_bias_amplification",
    title="Amplified bias of models",
    known_as="change in equalized odds difference",
    folds=(Fold.SAME_COLUMNS,),
    answers=(GroupQuestion.MODEL,),
    learned=True,
    family=Family.BIAS,
    question="Does a model trained on the synthetic rows treat groups less alike than one trained on the real rows?",
    scale=Scale(Unit.NUMBER, "change of a difference between groups", Better.ZERO),
    next_step="Do not train decisions about people on this table as it is: generate with group and outcome kept together, or add real rows of the group that is treated worse, and audit again.",
    needs=(Need.SENSITIVE, Need.TARGET, Need.HOLDOUT),
)
def model_bias_amplification(case: Case) -> Outcome:
    """What the generator adds to a model's equalized odds difference.

    The same learner is trained on as many real as synthetic rows, and both models decide about
    the same holdout rows. The equalized odds difference is the larger of two differences
    between groups: of the share of people with the outcome who are found, and of the share of
    people without it who are taken for such. What a model of real rows shows is inherited from
    the real data; the number is what synthetic rows add to it. 0 means as much as with real
    rows, +0.2 that groups are 20 points further apart, below 0 that they are closer, which is
    a difference too: a gap that real data give would not be seen. A decision is the outcome
    with the highest chance (one half, for two outcomes); of more than two outcomes each is
    followed and the worst is told. The main number is of gradient-boosted trees; `linear` is
    of logistic regression. The interval counts the luck of the test rows, the same for both
    models, and of the training rows. The baseline is 0: by chance alone both models are
    equally far off. `group` is the change of one group against the reference, the largest
    group, and is judged only where chance does not explain it. Groups with fewer than 50
    holdout rows with the outcome or without it are named and not judged. Parity of selection,
    of precision and of calibration are shown beside it, and what would be if both models gave
    the outcome to as many rows as have it. For a numeric outcome it is the change of a group's
    mean error against the reference, in real standard deviations. Rows without an outcome do
    not count. It cannot say whether the real difference is fair, and nothing of learners other
    than these two.

    Source: Hardt, Price and Srebro (2016), NeurIPS 29 (equalized odds); the larger difference
    as in Fairlearn: Weerts and others (2023), Journal of Machine Learning Research 24(257);
    intervals: Efron and Tibshirani (1993), An Introduction to the Bootstrap, and Kott (2001),
    Journal of Official Statistics 17, 521-526.
    """
    both = tstr_comparisons(case)
    both.refuse_unlearnable()
    found = [] if case.holdout is None else list(_compared(case, case.holdout, both))
    if not found:
        raise Skip(
            f"No two groups have {ENOUGH} holdout rows each with the outcome and {ENOUGH} without it.",
            "Give a larger holdout, or a sensitive column with larger groups.",
            assessable=False,
        )
    comparisons = sum(one.comparisons for one in found)
    measures = tuple(measure for one in found for measure in one.measures(comparisons))
    worst = max(found, key=lambda one: abs(one.added_gap))
    used: dict[str, int | None] = {
        "real": len(both.real.y),
        "synthetic": len(both.synthetic.y),
        "holdout": len(both.test.y),
    }
    return Outcome(measures, worst.summary(), tuple(one.chart() for one in found), used)


def _compared(case: Case, holdout: CaseTable, both: TstrComparisons) -> Iterator[EqualizedOdds | MeanErrors]:
    """What is found about each sensitive column that has two groups with enough holdout rows."""
    rng = case.rng("model_bias_amplification")
    for column in case.with_role(Role.SENSITIVE):
        if column.kind in DISTRIBUTION_KINDS and column.name != both.task.target:
            groups = make_groups(case, column)
            compare = compare_odds if both.task.classes else mean_errors
            found = compare(case, holdout, both, groups, rng)
            if found is not None:
                yield found
