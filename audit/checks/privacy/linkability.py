"""Whether two halves of what is known about a person can be put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from audit.arrays import Ints, Points
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.privacy._shared.attack_results import AttackResult, attacks_chart, strongest_attack
from audit.checks.privacy._shared.attack_setup import attack_setup, distance_columns, seeded_order
from audit.learn.embedding import embed
from audit.model import Attack, Better, Column, Family, Kind, Measure, Role, Scale, Unit
from audit.stats.privacy.attacks import chance_of_linking
from audit.stats.privacy.linking import nearest_in_both

_ATTACKED = 2_000  # people of each side
_NEAREST = (1, 3)
_ABLE = 0.5  # share of copied people that an attack must be able to link, to be tried
_VECTOR = 10.0  # a vector says more than any other column


@check(
    id="linkability",
    title="Linkability",
    known_as="linkability attack",
    attack=Attack(
        "two halves of a person's record, and seeks one synthetic row near to both.",
        "people of the holdout, whose halves are as alike.",
        "nearest rows drawn by lot.",
    ),
    family=Family.PRIVACY,
    question="Can two halves of a person's record be linked through the synthetic table?",
    scale=Scale(Unit.SHARE, "share of people", Better.LOWER, -1.0, 1.0),
    needs=(Need.HOLDOUT, Need.TWO_COLUMNS),
    next_step="Do not share the table. Share fewer columns together, or train with a privacy guarantee, and audit again.",
)
def linkability(case: Case) -> Outcome:
    """Share of people whose two half records are linked because of the real table.

    Two files hold different columns about the same people, without names. The attacker takes a
    half record from each, looks for the nearest synthetic rows of both, and says "the same person"
    when one synthetic row is among the nearest of both. It is tried with the one and with the three
    nearest, and with two ways of parting the columns: declared quasi-identifiers against the
    rest, and all columns dealt in turn, those that tell most first. Among equally near rows lots
    decide. Halves that belong together are often alike anyway, so it is also tried on people who
    were not in the real table: with success t there and c here the number is (t - c) / (1 - c).
    0 is no more than chance; 0.05 that one person in twenty is linked because they were in the table.
    The number is that of the attack whose interval starts highest, with intervals widened for all
    (Bonferroni). Told beside it is a naive guess: nearest rows drawn by lot. An attack that
    would not link half of the people even if their row had been copied is left out; if all are, no answer
    is given. Missing values count as a value. 2,000 people of each side and up to 25,000
    synthetic rows are looked at: of more rows, copies are seen in proportion.

    Source: Article 29 Working Party (2014), Opinion 05/2014, WP 216 (linkability); Giomi, Boenisch,
    Wehmeyer and Tasnádi (2023), PoPETs 2023(2), 312-328 (success beyond a control).
    """
    who = attack_setup(case)
    members, outsiders = (seeded_order(case, part)[:_ATTACKED] for part in (case.real, who.holdout))
    attacks = [tried for halves in _partings(case) for tried in _linked(case, halves, members, outsiders)]
    if not attacks:
        raise Skip(
            "Too many synthetic rows are alike in each half of the columns: people could not be linked even if the real table "
            "had been copied.",
            "Give tables with more columns, or declare --quasi columns that tell people apart.",
            assessable=False,
        )
    strongest, found = strongest_attack(attacks)
    guess = chance_of_linking(len(who.synthetic), max(_NEAREST))
    main = Measure(
        value=found.value,
        low=found.low,
        high=found.high,
        baseline=0.0,
        n=len(members),
        sentence=_sentence(strongest, guess),
    )
    return Outcome(
        (main,),
        {"risk": found.value, "found": strongest.hits, "control": strongest.control, "naive": guess},
        (attacks_chart(attacks, "People linked"),),
        {"real": len(members), "synthetic": len(who.synthetic), "holdout": len(outsiders)},
    )


def _partings(case: Case) -> Iterator[tuple[str, list[Column], list[Column]]]:
    """Ways of parting the columns in two."""
    columns = distance_columns(case)
    declared = [column for column in columns if column.role is Role.QUASI_IDENTIFIER]
    rest = [column for column in columns if column not in declared]
    if declared and rest:
        yield "quasi-identifiers and the rest", declared, rest
    dealt = sorted(columns, key=lambda column: -_entropy(case, column))
    yield "columns in turn", dealt[::2], dealt[1::2]


def _entropy(case: Case, column: Column) -> float:
    """How much a column tells people apart."""
    if column.kind is Kind.VECTOR:
        return _VECTOR
    shares = case.real.counts(column.name) / case.real.rows
    return round(float(-(shares * np.log(np.maximum(shares, 1e-300))).sum()), 9)


def _linked(
    case: Case, parting: tuple[str, list[Column], list[Column]], members: Ints, outsiders: Ints
) -> Iterator[AttackResult]:
    who = attack_setup(case)
    chosen = [
        (who.holdout, who.reference),
        (case.synthetic, who.synthetic),
        (case.real, members),
        (who.holdout, outsiders),
    ]
    words, *halves = parting
    placed = [_placed(case, chosen, half) for half in halves]
    (one, people), (other, same_people) = placed
    shared, own = nearest_in_both((people, same_people), (one, other), _NEAREST)
    for k, found, able in zip(_NEAREST, shared, own, strict=True):
        inside, outside = found[: len(members)], found[len(members) :]
        if able.mean() >= _ABLE:
            name = f"{words}, {'nearest row' if k == 1 else f'{k} nearest rows'}"
            yield AttackResult(name, float(inside.mean()), float(outside.mean()), len(inside), len(outside))


def _placed(
    case: Case, chosen: Sequence[tuple[CaseTable, Ints]], columns: list[Column]
) -> tuple[Points, Points]:
    """Synthetic rows and people by some columns; ranks are those of people nobody attacks."""
    _, synthetic, members, outsiders = embed(case, chosen, like=(0,), columns=columns)
    return synthetic, np.vstack([members, outsiders])


def _sentence(tried: AttackResult, guess: float) -> str:
    text = (
        f"Two half records ({tried.description}) are linked for {tried.hits:.1%} of {tried.tries:,.0f} people in the real table and for "
        f"{tried.control:.1%} of {tried.control_tries:,.0f} others; lots link {guess:.1%}"
    )
    return text + (
        "." if tried.hits > guess else ": the attack finds nothing that a naive guess would not find."
    )
