"""How models of real and of synthetic rows decide about the same people, group by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Bools, Floats, Ints
from audit.checks.bias._shared.groups import Groups
from audit.learn.train_synthetic_test_real import T95, TstrComparison
from audit.learn.training import GROUPS as MODELS, Task
from audit.stats.groups.group_metrics import Confusion, confusion
from audit.stats.inference.intervals import Z95
from audit.stats.models.scores import group_jackknife_error

ENOUGH = 50  # holdout rows of a group with the outcome, and without, below which its rates are not judged
_RESAMPLES = 400

Rate = Callable[[Confusion], Floats]
Decide = Callable[[Floats, int], Bools]


def is_likeliest(chances: Floats, outcome: int) -> Bools:
    """Whether the outcome is the likeliest one: for two outcomes, a chance above one half."""
    likely: Bools = chances.argmax(axis=1) == outcome
    return likely


def decide_share(share: float) -> Decide:
    """Give the outcome to a fixed share of the rows, those with the highest chances."""

    def decide(chances: Floats, outcome: int) -> Bools:
        mine = chances[:, outcome]
        above: Bools = mine > np.quantile(mine, 1 - share)
        return above

    return decide


@dataclass(frozen=True, slots=True)
class RateChange:
    """A rate of the models of real rows and of those of synthetic rows, and by how much they differ.

    Each of shape () or (groups,); half is half of the 95 % interval of the difference: chance
    in the test rows, the same for both, and in the training rows.
    """

    real: Floats
    synthetic: Floats
    half: Floats

    @property
    def value(self) -> Floats:
        """Of synthetic rows less of real rows."""
        return self.synthetic - self.real


class ModelRates:
    """Decisions of all models about the test rows of some groups.

    Parameters
    ----------
    group : shape (n,), 0 … groups - 1, or -1 for rows that do not count
    truth : shape (n,), whether a row has the outcome
    decisions : shape (2, models, n), of the models of real rows, then of synthetic rows
    luck : standard errors from the training rows that half an interval reaches; fewer for a
        restless learner, whose models differ by more than their rows, see `docs/tolerances.md`
    """

    def __init__(
        self,
        group: Ints,
        truth: Bools,
        decisions: Bools,
        groups: int,
        rng: np.random.Generator,
        *,
        luck: float = T95,
    ) -> None:
        self._luck = luck
        self._one_by_one = [
            [confusion(group, truth, decision, groups) for decision in models] for models in decisions
        ]
        # Rows that all models treat alike are one cell: resampling rows is resampling these counts.
        inside = group >= 0
        votes = decisions.sum(axis=1)[:, inside]
        kinds = MODELS + 1
        cell = ((group[inside] * 2 + truth[inside]) * kinds + votes[0]) * kinds + votes[1]
        shape = (groups, 2, kinds, kinds)
        counts = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
        self.tables = _averaged(counts)
        self._resampled = _averaged(rng.poisson(counts, (_RESAMPLES, *shape)).astype(np.float64))

    def rate_change(self, rate: Rate) -> RateChange:
        """How a rate, or a number made of rates, differs."""
        real, synthetic = (rate(table) for table in self.tables)
        resampled = rate(self._resampled[1]) - rate(self._resampled[0])
        tested = np.nanstd(resampled, axis=0)
        spreads = [_spread(np.stack([rate(one) for one in models])) for models in self._one_by_one]
        trained = np.maximum(np.hypot(*spreads), tested)  # three models may happen to agree
        return RateChange(real, synthetic, np.hypot(Z95 * tested, self._luck * trained))


def _averaged(counts: Floats) -> tuple[Confusion, Confusion]:
    """Tables of the models of real and of synthetic rows, each a mean over its models."""
    share = np.arange(MODELS + 1) / MODELS
    tables = []
    for votes in (counts.sum(axis=-1), counts.sum(axis=-2)):
        chosen, rows = votes @ share, votes.sum(axis=-1)
        left = rows - chosen
        tables.append(Confusion(chosen[..., 1], chosen[..., 0], left[..., 1], left[..., 0]))
    return tables[0], tables[1]


def _spread(left_out: Floats) -> Floats:
    """Standard error from the training rows of each number of shape (models, …)."""
    flat = left_out.reshape(len(left_out), -1)
    errors = np.array([group_jackknife_error(flat[:, i]) for i in range(flat.shape[1])])
    return errors.reshape(left_out.shape[1:])


@dataclass(frozen=True, slots=True)
class ModelDecisions:
    """Groups of one sensitive column with enough holdout rows, for one outcome.

    group : shape (n,), place in `labels` or -1; the first label is the reference
    small : labels of groups with too few rows
    """

    groups: Groups
    outcome: int
    group: Ints
    truth: Bools
    labels: tuple[str, ...]
    small: tuple[str, ...]


def make_decisions(groups: Groups, group: Ints, y: Floats, outcome: int) -> ModelDecisions:
    """Leave out groups that have too few rows with or without the outcome."""
    truth = y == outcome
    inside = group >= 0
    rows = np.bincount(group[inside], minlength=len(groups.labels))
    hits = np.bincount(group[inside & truth], minlength=len(groups.labels))
    enough = np.minimum(hits, rows - hits) >= ENOUGH
    places = np.where(enough, np.cumsum(enough) - 1, -1)
    kept = tuple(label for label, many in zip(groups.labels, enough, strict=True) if many)
    small = tuple(
        label for label, many, n in zip(groups.labels, enough, rows, strict=True) if not many and n > 0
    )
    return ModelDecisions(groups, outcome, np.where(inside, places[group], -1), truth, kept, small)


def tracked_outcomes(task: Task, favourable: str | None) -> Iterator[int]:
    """Places of the classes that are followed: of two only one, since the other says the same."""
    if len(task.classes) > 2:
        yield from range(len(task.classes))
    else:
        names = [str(value) for value in task.classes]
        yield names.index(favourable) if favourable in names else int(np.argmax(task.classes))


def model_outcomes(contest: TstrComparison, outcome: int, decide: Decide = is_likeliest) -> NDArray[np.bool_]:
    """Decisions of every model about every test row, shape (2, models, n)."""
    return np.stack(
        [
            np.stack([decide(one, outcome) for one in skill.predicted])
            for skill in (contest.real, contest.synthetic)
        ]
    )
