"""Whether the synthetic table tells a secret about people whose other values are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, log, sqrt

import numpy as np

from audit.arrays import Bools, Floats, Ints, Points
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import attack_setup, distance_columns, seeded_order
from audit.checks.privacy._shared.quasi_identifiers import quasi_identifiers
from audit.learn.embedding import embed
from audit.model import Attack, Better, Column, Family, Measure, Role, Scale, Unit
from audit.stats.inference.intervals import Z95, ratio_error
from audit.stats.inference.p_values import inverted_p, normal_p
from audit.stats.neighbours.nearest import nearest_votes, rounding_slack
from audit.stats.privacy.attacks import SuccessRate, residual_risk, success_rate

_MAX_SECRETS = 3  # secrets
_ATTACKED = 20_000  # people of each side, for all secrets together
_COMPARED = 5_000  # people about whom the table is set against other people
_MIN_PEOPLE = 30  # people of each side about whom one guess stands out
_WHERE = {
    "": "The",
    "one_match": "Where one synthetic row alone equals what is known, the",
    "alone": "Where one synthetic row alone equals what is known, and nobody else is like it, the",
}


@dataclass(frozen=True, slots=True)
class _Guesses:
    """How far each person's secret is guessed right, in [0, 1], whether one row alone equals them, and what is known."""

    right: Floats
    one: Bools
    known: Points

    def of(self, people: Bools) -> Floats:
        """The guesses about some people whom one row alone equals."""
        return self.right[self.one & people]


@check(
    id="attribute_inference",
    title="Attribute inference",
    known_as="attribute inference attack",
    attack=Attack(
        "all of a person but the secret (or the declared quasi-identifiers).",
        "people of the holdout, whose secret the table cannot know.",
        "always the most frequent value.",
    ),
    family=Family.PRIVACY,
    question="Does the synthetic table tell secrets about people in the real table?",
    scale=Scale(Unit.SHARE, "share of people", Better.LOWER, -1.0, 1.0),
    needs=(Need.HOLDOUT, Need.TWO_COLUMNS),
    next_step="Do not share the secret column together with what identifies people; make it coarser, or train with a privacy guarantee.",
)
def attribute_inference(case: Case) -> Outcome:
    """Share of people whose secret is guessed because they were in the table.

    The attacker knows everything about a person but one value (with quasi-identifiers
    declared: these alone), looks for the nearest synthetic row, and takes its value; equally near rows
    share the guess, a number is right in the right class of ten. Secrets are the columns declared
    as such, else the target, else a sensitive column. What holds for everybody is no disclosure, so
    the same is done to people who were not in the real table: with success t there and c here
    the number is (t - c) / (1 - c): the share of people who lose their secret by having been in
    the table. 0 is no loss, 1 everybody's. The naive guess, the most frequent value, is told
    beside it: an attack that does no better is void. `one_match` is the same among people whom exactly one
    synthetic row equals in all that is known, and `alone` among those of them with whom nobody else
    shares it; both are judged only where they are beyond chance. `excess` sets
    the synthetic table against as many rows of other people: how many more secrets of the same
    people it tells. Missing is a value of its own. Up to 20,000 people are attacked. A secret that
    follows from the rest can hardly be protected and shows nothing here.

    Source: Giomi, Boenisch, Wehmeyer and Tasnádi (2023), PoPETs 2023(2), 312-328 (residual risk);
    Raab, Nowok and Dibben (2024), arXiv:2406.16826 (disclosure of attributes).
    """
    who = attack_setup(case)
    secrets = _secrets(case)
    measures: list[Measure] = []
    summary: dict[str, float] = {}
    most = _ATTACKED // len(secrets)
    for secret in secrets:
        found = list(_on_secret(case, secret, most))
        measures += found
        summary.setdefault("risk", found[0].value)
        summary["risk"] = max(summary["risk"], found[0].value)
    used = {
        "real": min(most, case.real.rows),
        "synthetic": len(who.synthetic),
        "holdout": min(most, who.holdout.rows),
    }
    return Outcome(tuple(measures), summary, (), used)


def _secrets(case: Case) -> list[Column]:
    """Declared secrets; else the target; else a sensitive column."""
    for role in (Role.SECRET, Role.TARGET, Role.SENSITIVE):
        found = [column for column in case.with_role(role) if column.kind in DISTRIBUTION_KINDS]
        if found:
            return found[: _MAX_SECRETS if role is Role.SECRET else 1]
    raise Skip(
        "No column is declared to be secret, and there is no target.",
        "Name one with --secret or on the Setup page.",
    )


def _known(case: Case, secret: Column) -> list[Column]:
    others = [column for column in distance_columns(case) if column.name != secret.name]
    quasi = quasi_identifiers(case)
    return [column for column in others if column in quasi] or others


def _on_secret(case: Case, secret: Column, most: int) -> Iterator[Measure]:
    who, known = attack_setup(case), _known(case, secret)
    size = min(len(who.synthetic), len(who.reference))
    sources = {"table": (case.synthetic, who.synthetic), "same size": (case.synthetic, who.synthetic[:size])}
    sources["people"] = (who.holdout, who.reference[:size])
    members, outsiders = ((part, seeded_order(case, part)[:most]) for part in (case.real, who.holdout))
    attack, control = (
        _guess(case, secret, known, sources["table"], people) for people in (members, outsiders)
    )
    naive = _naive(case, secret, members)
    yield _risk(secret, "", attack.right, control.right, naive)
    yield from _matched(secret, attack, control, naive)
    few = (case.real, members[1][:_COMPARED])
    table, people = (_guess(case, secret, known, sources[name], few) for name in ("same size", "people"))
    yield _excess(secret, table.right - people.right)


def _matched(secret: Column, attack: _Guesses, control: _Guesses, naive: float) -> Iterator[Measure]:
    """Among people whom one synthetic row alone equals, and among those of them whom nobody else equals."""
    everybody = [np.ones(len(side.right), dtype=bool) for side in (attack, control)]
    for name, people in (("one_match", everybody), ("alone", _alone(attack, control))):
        right, beside = attack.of(people[0]), control.of(people[1])
        if min(len(right), len(beside)) >= _MIN_PEOPLE:
            found = _risk(secret, name, right, beside, naive)
            yield replace(found, p_value=_chance(right, beside))


def _guess(
    case: Case,
    secret: Column,
    known: list[Column],
    source: tuple[CaseTable, Ints],
    people: tuple[CaseTable, Ints],
) -> _Guesses:
    who = attack_setup(case)
    frame = (who.holdout, who.reference)  # whose ranks are used: those of people nobody attacks
    _, rows, asked = embed(case, [frame, source, people], like=(0,), columns=known)
    place = case.code_index(secret.name)
    told, truth = (part.codes[places, place] for part, places in (source, people))
    votes = np.eye(case.binning(secret.name).size, dtype=np.float32)[told]
    equal = rounding_slack(rows)
    said, distance, how_many = nearest_votes(asked, rows, votes, equal)
    return _Guesses(said[np.arange(len(truth)), truth], (distance <= equal) & (how_many == 1), asked)


def _alone(attack: _Guesses, control: _Guesses) -> list[Bools]:
    """Who has what is known of them to themselves, among the people of both sides."""
    both = np.ascontiguousarray(np.vstack([attack.known, control.known]))
    keys = both.view(np.dtype((np.void, both.dtype.itemsize * both.shape[1])))[:, 0]
    _, place, times = np.unique(keys, return_inverse=True, return_counts=True)
    return np.split(times[place] == 1, [len(attack.known)])


def _naive(case: Case, secret: Column, people: tuple[CaseTable, Ints]) -> float:
    """Success of always guessing the synthetic table's most frequent value."""
    most = int(np.argmax(case.synthetic.counts(secret.name)))
    part, rows = people
    return float((part.codes[rows, case.code_index(secret.name)] == most).mean())


def _risk(secret: Column, name: str, attack: Floats, control: Floats, naive: float) -> Measure:
    risk = _residual(attack, control)
    certain = min(risk.value - risk.error, 1 - _failures(attack, control))
    about = _WHERE[name]
    return Measure(
        value=float(np.clip(risk.value, -1.0, 1.0)),
        about=(secret.name,),
        name=name,
        low=float(np.clip(certain, -1.0, risk.value)),
        high=min(1.0, risk.value + risk.error),
        baseline=0.0,
        n=len(attack),
        sentence=f"{about} value of {secret.name} is guessed for {attack.mean():.1%} of {len(attack):,} people in the real table and for "
        f"{control.mean():.1%} of {len(control):,} others; the most frequent value is right for {naive:.1%}.",
    )


def _residual(attack: Floats, control: Floats) -> SuccessRate:
    return residual_risk(*(success_rate(float(side.sum()), len(side)) for side in (attack, control)))


def _chance(attack: Floats, control: Floats) -> float:
    """Of as large a risk where the table tells nothing, by both ends of its interval."""
    risk = _residual(attack, control)
    return inverted_p(lambda z: min(risk.value - risk.error * z / Z95, 1 - _failures(attack, control, z)))


def _failures(attack: Floats, control: Floats, z: float = Z95) -> float:
    """Upper end of the ratio of the shares that are not found: where few are left, the error is no small one."""
    missed = [max(float((1 - side).sum()), 0.5) for side in (attack, control)]
    sizes = [
        max(len(side), missed_here + 0.5) for side, missed_here in zip((attack, control), missed, strict=True)
    ]
    error = ratio_error(missed[0], sizes[0], missed[1], sizes[1])
    return exp(min(log(missed[0] / sizes[0] / (missed[1] / sizes[1])) + z * error, 50.0))


def _excess(secret: Column, gain: Floats) -> Measure:
    value, error = float(gain.mean()), float(gain.std(ddof=1)) / sqrt(len(gain))
    return Measure(
        value=value,
        about=(secret.name,),
        name="excess",
        low=max(-1.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=0.0,
        n=len(gain),
        sentence=f"The synthetic table tells {value:+.1%} more values of {secret.name} about people in the real table than as "
        "many rows of other people do.",
        p_value=normal_p(value, error),
    )
