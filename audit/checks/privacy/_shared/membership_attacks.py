"""Attacks that tell members of the real table from outsiders: what each says of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.checks.privacy._shared.attack_setup import (
    AttackSetup,
    attack_distances,
    attack_setup,
    distance_columns,
    row_in_synthetic,
)
from audit.learn.estimators import boosted_classifier, fill_empty_columns, one_thread
from audit.learn.features import features

_LEARNT = 10_000  # rows of each side that the learner sees

ATTACKS = {
    "copy": "looks whether the person's row stands in the synthetic table",
    "distance": "takes the distance to the nearest synthetic row",
    "difference": "takes how much nearer the nearest synthetic row is than the nearest known outsider",
    "density": "compares how densely synthetic rows and known outsiders lie around the person",
    "classifier": "lets a learner tell synthetic rows from known outsiders",
}


@dataclass(frozen=True, slots=True)
class AttackScores:
    """What an attack says of members and of outsiders; larger for what looks like a member."""

    members: Floats
    outsiders: Floats


def membership_attacks(case: Case) -> Mapping[str, AttackScores]:
    """The scores of every attack; members and outsiders as in `attack_setup`, but "copy" is on all rows."""
    return case.shared("membership attacks", lambda: _attacks(case))


def _attacks(case: Case) -> dict[str, AttackScores]:
    who, d = attack_setup(case), attack_distances(case)
    copies = (row_in_synthetic(case, part).astype(np.float64) for part in (case.real, who.holdout))
    found = {"copy": AttackScores(*copies)}
    for name, score in (("distance", _near), ("difference", _nearer), ("density", _denser)):
        found[name] = AttackScores(score(d.members, d.members_around), score(d.outsiders, d.outsiders_around))
    if case.distribution_columns:
        found["classifier"] = _classified(case, who)
    return found


def _near(to_synthetic: Floats, _around: Floats) -> Floats:
    return -np.sqrt(to_synthetic[:, 0])


def _nearer(to_synthetic: Floats, around: Floats) -> Floats:
    return np.asarray(np.sqrt(around[:, 0]) - np.sqrt(to_synthetic[:, 0]))


def _denser(to_synthetic: Floats, around: Floats) -> Floats:
    return np.asarray(np.log(around[:, -1] + 1e-9) - np.log(to_synthetic[:, -1] + 1e-9))


def _classified(case: Case, who: AttackSetup) -> AttackScores:
    """How much like a synthetic row each person looks to a learner."""
    seen = [
        (case.synthetic, who.synthetic[:_LEARNT]),
        (who.holdout, who.reference[:_LEARNT]),
        (case.real, who.members),
        (who.holdout, who.outsiders),
    ]
    order = [column.name for column in distance_columns(case)]
    tables, categorical = [], []
    for part, rows in seen:
        told = features(case, part, rows)
        places = [i for name in order for i, other in enumerate(told.names) if other == name]
        tables.append(told.matrix[:, places])
        categorical = [told.categorical[i] for i in places]
    synthetic, reference, members, outsiders = tables
    with one_thread():
        learner = boosted_classifier(categorical, case.seed)
        label = np.repeat([1, 0], [len(synthetic), len(reference)])
        learner.fit(fill_empty_columns(np.vstack([synthetic, reference])), label)
        return AttackScores(
            *(np.asarray(learner.decision_function(people)) for people in (members, outsiders))
        )
