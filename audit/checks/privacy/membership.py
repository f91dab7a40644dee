"""Whether an attacker can tell who was in the table that the generator saw."""

from __future__ import annotations

from collections.abc import Mapping

from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.privacy._shared.attack_setup import attack_setup
from audit.checks.privacy._shared.membership_attacks import ATTACKS, AttackScores, membership_attacks
from audit.model import Attack, Better, Chart, Family, Measure, Scale, Unit, share_bars
from audit.stats.inference.intervals import auc_with_error
from audit.stats.inference.multiplicity import bonferroni_z
from audit.stats.privacy.attacks import DetectionRate, caught_p, detection_rate_at

_LEVEL = 0.05  # of all attacks together, two-sided

_RATES = {"tpr_at_1pct": 0.01, "tpr_at_01pct": 0.001}


@check(
    id="membership",
    title="Membership",
    known_as="membership inference attack",
    attack=Attack(
        "a person's whole row, the synthetic table, and rows of other people.",
        "people of the holdout, who were not in the real table.",
        "a coin: an area of 0.5, and as many members found as outsiders accused.",
    ),
    family=Family.PRIVACY,
    question="Can an attacker tell who was in the real table?",
    scale=Scale(Unit.AREA, "area under the ROC curve", Better.LOWER, 0.0, 1.0),
    needs=(Need.HOLDOUT,),
    next_step="Do not share the table. People can be told to be in the data: train the generator less, or with a privacy guarantee, and audit again.",
)
def membership(case: Case) -> Outcome:
    """How well the best of five attacks tells people in the real table from others.

    The attacker holds somebody's whole row, the synthetic table, and rows of other people from
    the same population (half of the holdout), and asks: was this person in the real table? Up to
    10,000 people of the real table and as many of the other half of the holdout are asked about.
    0.5 is guessing, 1 is always right. Five attacks are tried: an exact copy (on all rows), the
    distance to the nearest synthetic row, the difference of that and the distance to the nearest
    outsider, the ratio of densities among five neighbours, and a learner that tells synthetic
    rows from outsiders. The number is that of the attack whose interval starts highest; intervals are
    widened for five attacks (Bonferroni, which for the strongest attack is Holm's rule). An
    average hides the few: `tpr_at_1pct` and `tpr_at_01pct` are the shares of members found when
    one outsider in a hundred, or in a thousand, is accused wrongly; chance gives 1% and 0.1%. Their
    threshold is set by outsiders alone, never by members, their intervals are exact, and with
    fewer than 20 outsiders beyond the threshold they are judged only where they are beyond chance.
    Missing values count as a value of their own. That these attacks fail is no proof that others do.

    Source: Stadler, Oprisanu and Troncoso (2022), USENIX Security, 1451-1468 (attacks on synthetic
    data); van Breugel and others (2023), AISTATS, PMLR 206, 3493-3514 (density ratio); Carlini and
    others (2022), IEEE S&P, 1897-1914 (rates at few false accusations); Holm (1979), Scandinavian
    Journal of Statistics 6, 65-70.
    """
    who, scores = attack_setup(case), membership_attacks(case)
    areas = {name: _area(score) for name, score in scores.items()}
    worst = max(areas, key=lambda name: areas[name].low)
    area = areas[worst]
    main = Measure(
        value=area.rate,
        low=area.low,
        high=max(other.high for other in areas.values()),  # that none of them works must be sure
        baseline=0.5,
        n=len(who.members),
        sentence=f"The best attack tells {area.rate:.1%} of pairs of a person in the real table and another one apart; "
        f"guessing gives 50%. It {ATTACKS[worst]}.",
    )
    rates = {name: _worst_rate(scores, share) for name, share in _RATES.items()}
    measures = [_rate_measure(name, *found, scores) for name, found in rates.items()]
    return Outcome(
        (main, *measures),
        {"auc": area.rate, **{name: found.rate for name, (_, found) in rates.items()}},
        (_curve(scores[worst], area.rate),),
        {
            "real": len(who.members),
            "synthetic": len(who.synthetic),
            "holdout": len(who.outsiders) + len(who.reference),
        },
    )


def _area(scores: AttackScores) -> DetectionRate:
    area, error = auc_with_error(scores.members, scores.outsiders)
    half = bonferroni_z(len(ATTACKS), _LEVEL) * error
    return DetectionRate(area, max(0.0, area - half), min(1.0, area + half))


def _worst_rate(scores: Mapping[str, AttackScores], share: float) -> tuple[str, DetectionRate]:
    """The attack whose interval starts highest, at a given share of outsiders accused."""
    level = 1 - _LEVEL / len(ATTACKS)
    found = {
        name: detection_rate_at(score.members, score.outsiders, share, level)
        for name, score in scores.items()
    }
    worst = max(found, key=lambda name: (found[name].low, found[name].rate))
    highest = max(other.high for other in found.values())
    return worst, DetectionRate(found[worst].rate, found[worst].low, highest)


def _rate_measure(
    name: str, attack: str, found: DetectionRate, scores: Mapping[str, AttackScores]
) -> Measure:
    share, score = _RATES[name], scores[attack]
    return Measure(
        value=found.rate,
        name=name,
        low=found.low,
        high=found.high,
        baseline=share,
        n=len(score.members),
        sentence=f"With {share:.1%} of outsiders accused wrongly, {found.rate:.2%} of the people in the real table are found "
        f"({found.low:.2%} to {found.high:.2%}); chance gives {share:.1%}. The attack {ATTACKS[attack]}.",
        p_value=caught_p(score.members, score.outsiders, share),
        comparisons=len(ATTACKS),
        support=int(share * min(len(one.outsiders) for one in scores.values())),
    )


def _curve(scores: AttackScores, area: float) -> Chart:
    """Share of members found by share of outsiders accused."""
    shares = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
    found = tuple(detection_rate_at(scores.members, scores.outsiders, share).rate for share in shares)
    return share_bars(
        [f"{share:.1%}" for share in shares],
        {"synthetic": found, "holdout": shares},
        title="People found, by how many others are accused wrongly",
        alt=f"Share of people in the real table found by the best attack beside what guessing finds; area under the curve {area:.3f}.",
        words="share of people",
    )
