"""How much of the training data may be synthetic: mixes of real and synthetic rows, tested on the holdout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.learn.estimators import one_thread
from audit.learn.training import Score, Task, TaskRows, boosting, find_task, sample_task_rows, train
from audit.model import (
    Better,
    Chart,
    Estimate,
    Family,
    Measure,
    Scale,
    Section,
    Unit,
    interval_chart,
    share_bars,
)
from audit.stats.inference.intervals import Z95
from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.models.scores import influence_error

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_MAX_TRAINED, _MAX_TESTED, _MIN_ROWS = 6_000, 10_000, 200  # rows to train on, to test on, and at least
_CELLS = 300_000  # of the training rows, at most
_MIN_RETAINED = 0.95  # of the skill that real rows teach: as `utility` warns
_MIN_Z = 4.0  # errors by which real skill must exceed guessing, or a share of it means nothing


@dataclass(frozen=True, slots=True)
class _Mix:
    """One mix: its share of synthetic rows, what it teaches, and its lead over real rows alone."""

    share: float
    skill: Score
    lead: float
    lead_error: float

    @property
    def label(self) -> str:
        return f"{self.share:.0%} synthetic"

    @property
    def error(self) -> float:
        return float(np.hypot(influence_error(self.skill.influences), self.skill.spread))


@check(
    id="hybrid_mix",
    title="Hybrid training data",
    known_as="training data augmentation (mixing real and synthetic rows)",
    section=Section.MIXES,
    learned=True,
    descriptive=True,
    family=Family.DRIFT,
    question="Which mix of real and synthetic rows trains the best model, and how many synthetic rows do no harm?",
    scale=Scale(Unit.SCORE, "score on holdout rows", Better.HIGHER, None, 1.0),
    needs=(Need.TARGET, Need.HOLDOUT, Need.ROWS),
    next_step="Train on the mix that is named, and keep a stream of fresh real rows: synthetic rows of synthetic rows drift.",
)
def hybrid_mix(case: Case) -> Outcome:
    """Score on holdout rows of models trained on mixes of real and synthetic rows.

    The same learner (boosted trees) is trained on 0, 25, 50, 75 and 100 % synthetic rows, always
    on the same number of rows in all, and tested on the holdout. The score is the area under
    the ROC curve for classes (one half for guessing, 1 for no error) and the share of variance
    explained for numbers. The interval holds the chance in the test rows and in the training
    rows. Missing values are given to the learner as they are; rows without the outcome are left
    out. The baseline is the score of real rows alone. Equal totals tell what a synthetic row is
    worth beside a real one; they do not tell what more rows on top of all real ones would
    bring. At most 6,000 rows are trained on and 10,000 tested. It advises and is never judged.

    Summary: `best_share` with its `gain` over real rows alone (`gain_low`, `gain_high`: interval
    for the best of all mixes), `safe_share`, the largest share up to which every mix surely keeps
    95 % of what real rows teach. With costs per row (`--cost-real`, `--cost-synthetic`) also
    `cheapest_share`, the cheapest of these mixes, and what it costs.

    Source: Alemohammad and others (2024), ICLR (mixing fresh real rows); He, Xu and Cheng (2025),
    on the weight of real rows in mixes; simultaneous intervals: Dunn (1961), JASA 56, 52-64.
    """
    task = find_task(case)
    rng = case.rng("hybrid_mix")
    most = max(_MIN_ROWS, min(_MAX_TRAINED, _CELLS // len(case.distribution_columns)))
    real, synthetic = (
        sample_task_rows(case, case.real, task, most, rng),
        sample_task_rows(case, case.synthetic, task, most, rng),
    )
    assert case.holdout is not None  # as the check needs
    test = sample_task_rows(case, case.holdout, task, _MAX_TESTED, rng)
    rows = min(len(real.y), len(synthetic.y))
    if min(rows, len(test.y)) < _MIN_ROWS:
        raise Skip(
            f"A mix needs at least {_MIN_ROWS} rows of each table that hold the target.",
            "Give more rows.",
            assessable=False,
        )
    mixes = _mixes(task, real, synthetic, test, rows, rng)
    only_real = mixes[0]
    if only_real.skill.value - task.baseline_score < _MIN_Z * only_real.error:
        raise Skip(
            f"Real rows hardly teach how {task.target} follows from the other columns, so no mix can be compared.",
            assessable=False,
        )
    advice = _advice(case, task, mixes, rows)
    return Outcome(
        tuple(_measure(task, mix, only_real, len(test.y)) for mix in mixes),
        advice,
        tuple(_charts(case, task, mixes, advice)),
        {"real": rows, "synthetic": rows, "holdout": len(test.y)},
    )


def _mixes(
    task: Task, real: TaskRows, synthetic: TaskRows, test: TaskRows, rows: int, rng: np.random.Generator
) -> list[_Mix]:
    orders = rng.permutation(len(real.y))[:rows], rng.permutation(len(synthetic.y))[:rows]
    skills = []
    with one_thread():
        for share in _SHARES:
            made = round(share * rows)
            mixed = real.take(orders[0][made:]).joined(synthetic.take(orders[1][:made]))
            skills.append(train(task, boosting, mixed, test, rng))
    first = skills[0]
    return [
        _Mix(
            share,
            skill,
            skill.value - first.value,
            0.0 if skill is first else float(np.sqrt(
                influence_error(skill.influences - first.influences) ** 2 + skill.spread**2 + first.spread**2
            )),
        )
        for share, skill in zip(_SHARES, skills, strict=True)
    ]  # fmt: skip


def _advice(case: Case, task: Task, mixes: Sequence[_Mix], rows: int) -> dict[str, float]:
    z = bonferroni_z(len(mixes) - 1)
    best = max(mixes, key=lambda mix: (mix.skill.value, -mix.share))
    allowed = (1 - _MIN_RETAINED) * (mixes[0].skill.value - task.baseline_score)
    good = [mix.lead - z * mix.lead_error >= -allowed for mix in mixes]
    safe = max(mix.share for i, mix in enumerate(mixes) if all(good[: i + 1]))
    told = {
        "best_share": best.share,
        "gain": best.lead,
        "gain_low": best.lead - z * best.lead_error,
        "gain_high": best.lead + z * best.lead_error,
        "safe_share": safe,
        "score_real": mixes[0].skill.value,
        "score_synthetic": mixes[-1].skill.value,
    }
    if case.options.cost_real or case.options.cost_synthetic:
        cheapest = min(
            (mix for mix, ok in zip(mixes, good, strict=True) if ok),
            key=lambda mix: (_cost(case, mix, rows), mix.share),
        )
        told |= {"cheapest_share": cheapest.share, "cheapest_cost": _cost(case, cheapest, rows)}
        told |= {"cost_of_real_alone": _cost(case, mixes[0], rows)}
    return told


def _cost(case: Case, mix: _Mix, rows: int) -> float:
    """What the mix's rows cost."""
    return rows * ((1 - mix.share) * case.options.cost_real + mix.share * case.options.cost_synthetic)


def _measure(task: Task, mix: _Mix, only_real: _Mix, n: int) -> Measure:
    half = Z95 * mix.error
    lead = (
        ""
        if mix is only_real
        else f", {abs(mix.lead):.3f} {'more' if mix.lead >= 0 else 'less'} than real rows alone"
    )
    return Measure(
        value=mix.skill.value,
        about=(task.target,),
        name="" if mix.share == 1 else f"{round(100 * mix.share)}_percent_synthetic",
        low=mix.skill.value - half,
        high=min(1.0, mix.skill.value + half),
        baseline=only_real.skill.value,
        n=n,
        sentence=f"Trained on {mix.label} rows, a model of {task.target} reaches {mix.skill.value:.3f} ({task.score_word}){lead}.",
        descriptive=True,
    )


def _charts(case: Case, task: Task, mixes: Sequence[_Mix], advice: dict[str, float]) -> Iterator[Chart]:
    sure = advice["gain_low"] > 0
    yield interval_chart(
        [mix.label for mix in mixes],
        [
            Estimate(
                mix.skill.value,
                mix.skill.value - Z95 * mix.error,
                min(1.0, mix.skill.value + Z95 * mix.error),
            )
            for mix in mixes
        ],
        mixes[0].skill.value,
        title=f"Up to {advice['safe_share']:.0%} synthetic rows keep 95 % of the skill to predict {task.target}"
        + (
            f"; best with {advice['best_share']:.0%}"
            if sure
            else "; no mix is surely better than real rows alone"
        ),
        alt="Score on holdout rows by the share of synthetic rows: "
        + "; ".join(f"{mix.label} {mix.skill.value:.3f}" for mix in mixes)
        + ".",
        about=(task.target,),
        unit=task.score_unit,
        words=task.score_word,
    )
    if "cheapest_share" not in advice:
        return
    worth = [_worth(case, task, mix) for mix in mixes]
    yield share_bars(
        [mix.label for mix in mixes],
        {"skill per unit of money": [value / max(worth[0], 1e-300) for value in worth]},
        title=f"The cheapest mix that keeps 95 % of the skill is {advice['cheapest_share']:.0%} synthetic",
        alt=f"Skill per unit of money, real rows alone = 1: {'; '.join(f'{m.label} {w:.2f}' for m, w in zip(mixes, worth, strict=True))}. "
        f"The cheapest such mix costs {advice['cheapest_cost']:,.2f} instead of {advice['cost_of_real_alone']:,.2f}.",
        about=(task.target,),
        unit=Unit.RATIO,
        words="skill per unit of money, real rows alone = 1",
    )


def _worth(case: Case, task: Task, mix: _Mix) -> float:
    """Skill beyond guessing for the cost of a row of the mix; a row for nothing counts as a thousandth of a real one."""
    cost = max(_cost(case, mix, 1), max(case.options.cost_real, case.options.cost_synthetic) / 1000)
    return max(0.0, mix.skill.value - task.baseline_score) / cost
