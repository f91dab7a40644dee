"""Attacks that tell members of the real table from outsiders: what each says of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats
from audit.case.case import Case
from audit.checks.privacy._shared.attack_setup import Setting, distances, placing, setting, stands
from audit.learn.estimators import boosted_classifier, filled, one_thread
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
class Scores:
    """What an attack says of members and of outsiders; larger for what looks like a member."""

    members: Floats
    outsiders: Floats


def attacks(case: Case) -> Mapping[str, Scores]:
    """The scores of every attack; members and outsiders as in `setting`, but "copy" is on all rows."""
    return case.once("membership attacks", lambda: _attacks(case))


def _attacks(case: Case) -> dict[str, Scores]:
    who, d = setting(case), distances(case)
    copies = (stands(case, part).astype(np.float64) for part in (case.real, who.holdout))
    found = {"copy": Scores(*copies)}
    for name, score in (("distance", _near), ("difference", _nearer), ("density", _denser)):
        found[name] = Scores(score(d.members, d.members_around), score(d.outsiders, d.outsiders_around))
    if case.shaped:
        found["classifier"] = _classified(case, who)
    return found


def _near(to_synthetic: Floats, _around: Floats) -> Floats:
    return -np.sqrt(to_synthetic[:, 0])


def _nearer(to_synthetic: Floats, around: Floats) -> Floats:
    return np.asarray(np.sqrt(around[:, 0]) - np.sqrt(to_synthetic[:, 0]))


def _denser(to_synthetic: Floats, around: Floats) -> Floats:
    return np.asarray(np.log(around[:, -1] + 1e-9) - np.log(to_synthetic[:, -1] + 1e-9))


def _classified(case: Case, who: Setting) -> Scores:
    """How much like a synthetic row each person looks to a learner."""
    seen = [
        (case.synthetic, who.synthetic[:_LEARNT]),
        (who.holdout, who.reference[:_LEARNT]),
        (case.real, who.members),
        (who.holdout, who.outsiders),
    ]
    order = [column.name for column in placing(case)]
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
        learner.fit(filled(np.vstack([synthetic, reference])), label)
        return Scores(*(np.asarray(learner.decision_function(people)) for people in (members, outsiders)))
