"""Whether those who stand out, and minorities, are given away more than others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from audit.arrays import Bools, Floats, Ints, Points
from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.privacy._shared.attack_setup import (
    NEIGHBOURS,
    AttackSetup,
    attack_setup,
    distance_columns,
    row_in_synthetic,
    seeded_order,
)
from audit.checks.privacy._shared.membership_attacks import AttackScores, membership_attacks
from audit.checks.privacy._shared.record_ids import write_vulnerable
from audit.learn.embedding import embed
from audit.model import VULNERABLE_RECORDS, Attack, Better, Family, Fold, Kind, Measure, Role, Scale, Unit
from audit.stats.inference.intervals import Z95, newcombe
from audit.stats.inference.p_values import difference_p
from audit.stats.neighbours.nearest import nearest
from audit.stats.privacy.attacks import DetectionRate, caught_p, detection_rate_at

_ISOLATED, _MAX_ISOLATED, _MIN_ISOLATED = 0.05, 300, 50  # people who stand out: share, at most, at least
_OUTSIDERS = 10_000  # of each half of the holdout
_OTHERS = 6_000  # of a half that measures another one
_MAX_REAL_ROWS = 25_000  # rows of the real table among which they are looked for
_SYNTHETIC = 200_000
_MEASURED_BY = ((1, 3), (0, 3), (1, 3), (0, 2))  # of two halves of the real table, two of the holdout
_NEAR = 0.04  # of the squared distance to the nearest other person: a fifth of the distance
_SHARE = 0.01  # of outsiders of a group that may be accused
_MIN_MEMBERS, _MIN_OUTSIDERS = 100, 100
_FALSE_ALARM_RATE = 0.002  # two-sided, over all groups and attacks, where attacks are compared
_MAX_SHARE_ALONE = 1 / 3  # of those who stand out
_TELLING = 0.01  # one-sided, for the third to be told


@check(
    id="vulnerable_records",
    title="Vulnerable records",
    known_as="attack on outlying records",
    folds=(Fold.ONE_QUESTION,),
    attack=Attack(
        "the whole row of somebody who resembles nobody.",
        "people of the holdout who stand out as much.",
        "the share of these that a synthetic row comes near by chance.",
    ),
    files=(VULNERABLE_RECORDS,),
    family=Family.PRIVACY,
    question="Are people who stand out, or belong to a minority, given away more than others?",
    scale=Scale(Unit.SHARE, "share of people", Better.LOWER, -1.0, 1.0),
    needs=(Need.HOLDOUT,),
    next_step="Do not share the table. Leave people out who resemble nobody, or train with a privacy guarantee, and audit again.",
)
def vulnerable_records(case: Case) -> Outcome:
    """Share of people who stand out and are found, less the control.

    The attacker knows somebody's whole row and that few people are like them. Those who stand out
    are the 300 people (at most one in twenty, but at least 50) with the largest mean distance to
    their five nearest others. Halves of the real table and of the holdout are measured by up to 6,000
    rows of one half of each, so that people in the real table and others are chosen by the same
    rule. One of them is found when a synthetic row lies less than a fifth as far from them as the
    nearest other person. The control is the same share of people who stand out in the holdout; the
    number is the difference. 0 means that standing out costs nothing; 0.1 that one in ten of them
    was learned by heart. `most_alone` is the same for the third of them who are most alone, told
    only where it is beyond chance (1 in 100): a model that learns few people by heart learns
    these. Up to 25,000 people and 200,000 synthetic rows are looked at; with 20 of 300 memorised
    the number is about 0.05. `minority` is, for each group of a sensitive column
    with less than half of the people, the share of its members found while one in a hundred of
    its outsiders is accused, by the best attack of `membership`; chance gives 0.01. It is
    judged only where it is beyond chance over all groups and attacks. Groups below 100 people are
    not told. No row of the real table is ever shown; its owner can ask for the numbers of the rows
    found, each hashed with a secret that stands in the owner's file alone.

    Source: Meeus, Guépin, Creţu and de Montjoye (2023), ESORICS, LNCS 14345, 380-399 (vulnerable
    records are those far from their five nearest); Newcombe (1998), Statistics in Medicine 17, 873-890.
    """
    who, alone = attack_setup(case), find_isolated(case)
    whole, most = _found(alone, 1.0), _found(alone, _MAX_SHARE_ALONE)
    return Outcome(
        (_measure(whole, ""), *_most_alone(most), *_minorities(case, who)),
        {"found": whole.rate, "control": whole.control},
        (),
        {
            "real": min(case.real.rows, _MAX_REAL_ROWS),
            "synthetic": min(case.synthetic.rows, _SYNTHETIC),
            "holdout": who.holdout.rows,
        },
        {VULNERABLE_RECORDS: lambda path, _word: write_vulnerable(alone.given_away, path)}
        if case.options.vulnerable_ids
        else {},
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """People found, and how many were looked for, in the real table and outside of it."""

    found: int
    members: int
    found_outside: int
    outsiders: int

    @property
    def rate(self) -> float:
        return self.found / self.members

    @property
    def control(self) -> float:
        return self.found_outside / self.outsiders

    def interval(self, z: float = Z95) -> tuple[float, float]:
        """Of the difference."""
        return newcombe(self.found, self.members, self.found_outside, self.outsiders, z)


def _found(alone: IsolatedRecords, share: float) -> _Found:
    """Among the first of every half, those who are most alone."""
    inside, outside = (
        [half[: max(1, round(share * len(half)))] for half in halves]
        for halves in (alone.members, alone.outsiders)
    )
    counts = [(int(sum(map(np.sum, halves))), sum(map(len, halves))) for halves in (inside, outside)]
    return _Found(*counts[0], *counts[1])


def _measure(one: _Found, name: str) -> Measure:
    who = "who stand out most" if name else "who stand out"
    low, high = one.interval()
    return Measure(
        value=one.rate - one.control,
        name=name,
        low=low,
        high=high,
        baseline=0.0,
        n=one.members,
        sentence=f"Of {one.members:,} people of the real table {who}, {one.rate:.1%} have a synthetic row much nearer than "
        f"any other person; of {one.outsiders:,} who were not in it, {one.control:.1%}.",
    )


def _most_alone(one: _Found) -> Iterator[Measure]:
    """Told where chance does not explain it: so few people alone could never show that nobody is found."""
    chance = difference_p(one.found, one.members, one.found_outside, one.outsiders)
    if chance < _TELLING:
        yield replace(_measure(one, "most_alone"), p_value=chance)


@dataclass(frozen=True, slots=True)
class IsolatedRecords:
    """People who stand out, and which of them have a synthetic row much nearer than any other person.

    Those who are most alone come first in every half.

    row_indices : of those in each half of the real table, counted from 0
    members : a flag for each of them
    outsiders : flags for those of each half of the holdout
    """

    row_indices: tuple[Ints, Ints]
    members: tuple[Bools, Bools]
    outsiders: tuple[Bools, Bools]

    @property
    def given_away(self) -> Ints:
        """Rows of the real table that were found, counted from 1, increasing."""
        return np.sort(np.concatenate(self.row_indices)[np.concatenate(self.members)]) + 1


def find_isolated(case: Case) -> IsolatedRecords:
    """Who stands out, and who of them is found."""
    return case.shared("people who stand out", lambda: _lonely(case, attack_setup(case)))


def _lonely(case: Case, who: AttackSetup) -> IsolatedRecords:
    """Halves of the real table and of the holdout, each measured by other halves: nobody by themselves."""
    people = seeded_order(case, case.real)[:_MAX_REAL_ROWS]
    halves = [
        *np.array_split(people, 2),
        *(half[:_OUTSIDERS] for half in np.array_split(seeded_order(case, who.holdout), 2)),
    ]
    chosen = [(case.real, half) for half in halves[:2]] + [(who.holdout, half) for half in halves[2:]]
    synthetic = (case.synthetic, seeded_order(case, case.synthetic)[:_SYNTHETIC])
    placed = embed(case, [*chosen, synthetic], (0, 1, 2, 3), distance_columns(case), "spread")
    most = max(min(_MAX_ISOLATED, round(_ISOLATED * len(people))), _MIN_ISOLATED)
    found = []
    for i, others in enumerate(_MEASURED_BY):
        far, distance = _farthest(
            placed[i], np.vstack([placed[j][:_OTHERS] for j in others]), min(most / len(people), 1.0)
        )
        near = nearest(placed[i][far], placed[4])[:, 0] < _NEAR * distance
        found.append((halves[i][far], near))
    (first, one), (second, other), (_, outside), (_, beyond) = found
    return IsolatedRecords((first, second), (one, other), (outside, beyond))


def _farthest(people: Points, others: Points, share: float) -> tuple[Ints, Floats]:
    """Places of those with the largest mean distance to their nearest, these first; squared distance to the first."""
    distance = nearest(people, others, NEIGHBOURS)
    alone = np.sqrt(distance).mean(axis=1)
    far = np.flatnonzero(alone >= np.quantile(alone, 1 - share))
    far = far[np.argsort(-alone[far], kind="stable")]
    return far, distance[far, 0]


def _minorities(case: Case, who: AttackSetup) -> Iterator[Measure]:
    scores = _on_people(case, who)
    groups = list(_groups(case, who))
    for column, value, members, outsiders in groups:
        comparisons = len(scores) * len(groups)
        worst, chance = _worst(scores, members, outsiders, 1 - _FALSE_ALARM_RATE / comparisons)
        yield Measure(
            value=worst.rate,
            name="minority",
            group={column: value},
            low=worst.low,
            high=worst.high,
            baseline=_SHARE,
            n=int(members.sum()),
            sentence=f"With 1% of the outsiders of {column} = {value} accused wrongly, {worst.rate:.1%} of its members are found.",
            p_value=chance,
            comparisons=comparisons,
        )


def _worst(
    scores: dict[str, AttackScores], members: Bools, outsiders: Bools, level: float
) -> tuple[DetectionRate, float]:
    """The attack that finds most for certain in a group, at a level that allows for all, and its p-value."""
    found = []
    for one in scores.values():
        sides = one.members[members], one.outsiders[outsiders]
        found.append((detection_rate_at(*sides, _SHARE), detection_rate_at(*sides, _SHARE, level), sides))
    worst, _, sides = max(found, key=lambda one: (one[1].low, one[0].rate))
    return worst, caught_p(*sides, _SHARE)


def _on_people(case: Case, who: AttackSetup) -> dict[str, AttackScores]:
    """Scores of the same people for all attacks; copies are looked for on all rows elsewhere."""
    copies = AttackScores(
        row_in_synthetic(case, case.real)[who.members].astype(np.float64),
        row_in_synthetic(case, who.holdout)[who.outsiders].astype(np.float64),
    )
    return {**membership_attacks(case), "copy": copies}


def _groups(case: Case, who: AttackSetup) -> Iterator[tuple[str, str, Bools, Bools]]:
    """Groups of sensitive columns with less than half of the people, and who of them is asked about."""
    for column in case.with_role(Role.SENSITIVE):
        if column.kind is not Kind.CATEGORY:
            continue
        coding, place = case.binning(column.name), case.code_index(column.name)
        inside = case.real.codes[who.members, place]
        outside = who.holdout.codes[who.outsiders, place]
        for code in range(coding.size - 2):
            members, outsiders = inside == code, outside == code
            enough = members.sum() >= _MIN_MEMBERS and outsiders.sum() >= _MIN_OUTSIDERS
            if enough and members.mean() < 0.5:
                yield column.name, coding.labels[code], members, outsiders
