"""Whether what the synthetic table says once is true of exactly one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.privacy._shared.attack_results import (
    AttackResult,
    attack_risk,
    attacks_chart,
    strongest_attack,
)
from audit.checks.privacy._shared.attack_setup import attack_setup, distance_columns, seeded_order
from audit.model import Attack, Better, Column, Family, Kind, Measure, Scale, Unit
from audit.stats.inference.intervals import Z95
from audit.stats.inference.p_values import inverted_p
from audit.stats.privacy.singling_out import SinglingOutTally, found_alone

Sides = Sequence[tuple[CaseTable, Ints]]
Marks = list[NDArray[np.uint64]]  # of every column, one for each row: equal for equal cells

_SYNTHETIC = 100_000
_SETS, _FEW_SETS = 8, 2  # of columns drawn for each attack; of large tables fewer
_LARGE = 250_000  # rows
_MIN_DESCRIPTIONS = 100  # descriptions without which an attack is left out
_COLUMNS = {"values": (4, 6), "steps": (8,)}


@dataclass(frozen=True, slots=True)
class _Tables:
    """Marks of the synthetic rows, of the people in the real table and of as many others.

    part : which part of the real table, each as large as the control, a person stands in
    """

    synthetic: Marks
    people: Marks
    others: Marks
    part: Ints


@dataclass(frozen=True, slots=True)
class _Attack:
    """An attack by descriptions: in words, on which marks, by which sets of columns, and whether by all."""

    words: str
    marks: str
    sets: tuple[tuple[int, ...], ...]
    whole: bool


@check(
    id="singling_out",
    title="Singling out",
    known_as="singling-out attack",
    attack=Attack(
        "only the synthetic table, and bets that a combination of values in it belongs to one person.",
        "as many people of the holdout: how often such a bet is right by chance.",
        "values of the same columns thrown together.",
    ),
    family=Family.PRIVACY,
    question="Does the synthetic table describe single people?",
    scale=Scale(Unit.SHARE, "share of descriptions", Better.LOWER, -1.0, 1.0),
    needs=(Need.HOLDOUT, Need.TWO_COLUMNS),
    next_step="Do not share the table. Make rare combinations coarser, or train with a privacy guarantee, and audit again.",
)
def singling_out(case: Case) -> Outcome:
    """Share of descriptions that fit exactly one person because of the real table.

    The attacker holds the synthetic table alone, takes a combination of values that occurs in it
    once, and bets that exactly one person in the real table is like that. Five attacks are tried:
    all values of a row, six or four columns drawn at random (eight draws each), and all columns
    or eight with numbers and dates in steps of about a tenth of the people. Rare combinations
    often fit one person by chance, so the same descriptions are tried on as many people who were
    not in the real table: with success t there and c here the number is (t - c) / (1 - c). 0 is
    no more than chance; 0.05 that one description in twenty fits somebody because their row was
    used. A real table larger than the holdout is cut into parts of its size and the parts add up.
    The number is that of the attack whose interval starts highest; intervals are widened for five
    attacks (Bonferroni) and count a person hit by several descriptions as one. Told beside it is
    a naive guess: values of the same columns thrown together. `one_column` uses a value that occurs
    once, the largest or the smallest number; it is judged where precise or beyond chance. Missing is
    a value of its own. Up to 100,000 synthetic rows describe; all people are looked at. Where too few
    combinations occur once, nobody can be told apart so, and no answer is given.

    Source: Article 29 Working Party (2014), Opinion 05/2014, WP 216 (singling out); Cohen and Nissim
    (2020), PNAS 117, 8344-8352 (isolation by a predicate); Giomi, Boenisch, Wehmeyer and Tasnádi
    (2023), PoPETs 2023(2), 312-328 (success beyond a control).
    """
    who = attack_setup(case)
    columns = [column for column in distance_columns(case) if column.kind is not Kind.VECTOR]
    sides = _sides(case, who.holdout)
    tables = {
        "values": _tables(_hashes(case, columns), sides),
        "steps": _tables(_cells(case, columns), sides),
    }
    asked = _attacks(case, len(columns))
    tallies = [_try(tables[attack.marks], attack.sets, attack.whole) for attack in asked]
    tried = {
        attack: _told(attack.words, tally, sides)
        for attack, tally in zip(asked, tallies, strict=True)
        if tally.tries >= _MIN_DESCRIPTIONS
    }
    if not tried:
        raise Skip(
            f"Fewer than {_MIN_DESCRIPTIONS} combinations of values stand once in the synthetic table: these columns tell nobody apart, "
            "and a copy of the real table would look the same.",
            "Give tables with more columns, or with values less coarse.",
            assessable=False,
        )
    strongest, found = strongest_attack(list(tried.values()))
    used = next(attack for attack, one in tried.items() if one is strongest)
    guess = _naive(case, tables[used.marks], used, strongest.parts)
    main = Measure(
        value=found.value,
        low=found.low,
        high=found.high,
        baseline=0.0,
        n=len(sides[0][1]),
        sentence=_sentence(strongest, guess),
    )
    return Outcome(
        (main, *_single(columns, tables["values"], sides)),
        {"risk": found.value, "found": strongest.hits, "control": strongest.control, "naive": guess},
        (attacks_chart(list(tried.values()), "People singled out"),),
        {"real": len(sides[1][1]), "synthetic": len(sides[0][1]), "holdout": len(sides[2][1])},
    )


def _sides(case: Case, holdout: CaseTable) -> Sides:
    """Synthetic rows, people in the real table, others; the people a multiple of the others."""
    parts = -(-case.real.rows // holdout.rows)
    size = case.real.rows // parts
    return (
        (case.synthetic, seeded_order(case, case.synthetic)[:_SYNTHETIC]),
        (case.real, seeded_order(case, case.real)[: parts * size]),
        (holdout, seeded_order(case, holdout)[:size]),
    )


def _tables(marks: dict[str, Marks], sides: Sides) -> _Tables:
    synthetic, people, others = ([column[rows] for column in marks[part.role]] for part, rows in sides)
    return _Tables(synthetic, people, others, np.arange(len(sides[1][1])) // len(sides[2][1]))


def _hashes(case: Case, columns: Sequence[Column]) -> dict[str, Marks]:
    """Marks of exact values. Odd factors keep a value apart from itself in another column."""
    asked = ", ".join(f"hash({case.key(column.name)}) AS h{i}" for i, column in enumerate(columns))
    factors = _factors(case, len(columns))
    found = {}
    for part in case.tables():
        table = nw.to_native(part.frame).project(asked).to_arrow_table()
        found[part.role] = [table.column(i).to_numpy() * factors[i] for i in range(len(columns))]
    return found


def _cells(case: Case, columns: Sequence[Column]) -> dict[str, Marks]:
    """Marks of coding cells: numbers and dates in steps, the rarest labels together."""
    marks = [case.rng(f"cells {i}").integers(2**63, size=256, dtype=np.uint64) for i in range(len(columns))]
    places = [case.code_index(column.name) for column in columns]
    return {
        part.role: [mark[part.codes[:, place]] for mark, place in zip(marks, places, strict=True)]
        for part in case.tables()
    }


def _factors(case: Case, columns: int) -> NDArray[np.uint64]:
    return case.rng("singling_out marks").integers(2**63, size=columns, dtype=np.uint64) * 2 + 1


def _attacks(case: Case, columns: int) -> list[_Attack]:
    """Fewer columns than all, and all; exact values, and steps."""
    attacks = []
    for marks, sizes in _COLUMNS.items():
        for few in sorted({min(size, max(columns - 1, 2)) for size in sizes} | {columns}):
            whole = few == columns
            words = ("all columns" if whole else f"{few} columns") + (
                ", in steps" if marks == "steps" else ""
            )
            attacks.append(_Attack(words, marks, _drawn(case, columns, few, marks), whole))
    return attacks


def _drawn(case: Case, columns: int, few: int, marks: str) -> tuple[tuple[int, ...], ...]:
    if few == columns:
        return (tuple(range(columns)),)
    rng = case.rng(f"singling_out {marks} {few}")
    sets = _SETS if case.real.rows <= _LARGE else _FEW_SETS
    drawn = {tuple(sorted(rng.choice(columns, few, replace=False).tolist())) for _ in range(sets)}
    return tuple(sorted(drawn))


def _naive(case: Case, tables: _Tables, attack: _Attack, parts: int) -> float:
    """Success of values of the same columns thrown together, each in proportion to its synthetic rows."""
    rng = case.rng("singling_out naive")
    thrown = replace(tables, synthetic=[rng.permutation(column) for column in tables.synthetic])
    return _try(thrown, attack.sets, attack.whole).share("people") / parts


def _try(tables: _Tables, sets: Sequence[Sequence[int]], whole: bool) -> SinglingOutTally:
    """Descriptions by each set of columns; of whole rows also those that stand several times."""
    tally = SinglingOutTally(len(tables.part), len(tables.others[0]))
    for chosen in sets:
        synthetic, people, others = (
            np.asarray(np.stack([marks[i] for i in chosen]).sum(axis=0), dtype=np.uint64)
            for marks in (tables.synthetic, tables.people, tables.others)
        )
        said, times = np.unique(synthetic, return_counts=True)
        if not whole:
            said = said[times == 1]
        tally.add(
            len(said),
            found_alone(said, people, tables.part),
            found_alone(said, others, np.zeros(len(others), dtype=np.int64)),
        )
    return tally


def _single(columns: Sequence[Column], tables: _Tables, sides: Sides) -> list[Measure]:
    """Values that stand once in a column, and the ends of numbers."""
    tally = _try(tables, [(i,) for i in range(len(columns))], whole=False)
    for column in columns:
        if column.kind in NUMERIC_KINDS:
            _try_ends(tally, [np.asarray(p.column(column.name, rows)) for p, rows in sides], tables.part)
    if tally.tries < _MIN_DESCRIPTIONS:
        return []
    tried = _told("one value", tally, sides)
    found = attack_risk(tried, Z95)
    return [
        Measure(
            value=found.value,
            name="one_column",
            low=found.low,
            high=found.high,
            baseline=0.0,
            n=len(sides[0][1]),
            sentence=f"Of {tally.tries:,} values that stand once in a column of the synthetic table, or at its ends, {tried.hits:.1%} "
            f"belong to exactly one person in the real table and {tried.control:.1%} to one among as many others.",
            p_value=inverted_p(lambda z: attack_risk(tried, z).low),
        )
    ]


def _try_ends(tally: SinglingOutTally, values: Sequence[Floats], part: Ints) -> None:
    """Bets that one person reaches as high, or as low, as the highest or lowest synthetic row."""
    synthetic, people, others = values
    if not np.isfinite(synthetic).any():
        return
    nowhere = np.zeros(len(others), dtype=np.int64)
    for sign in (1.0, -1.0):
        end = np.nanmax(sign * synthetic)
        beyond = [(sign * side >= end).astype(np.uint64) for side in (people, others)]
        yes = np.ones(1, dtype=np.uint64)
        tally.add(1, found_alone(yes, beyond[0], part), found_alone(yes, beyond[1], nowhere))


def _told(words: str, tally: SinglingOutTally, sides: Sides) -> AttackResult:
    parts = len(sides[1][1]) // len(sides[2][1])
    return AttackResult(
        words,
        tally.share("people") / parts,
        tally.share("others"),
        tally.effective_tries("people") * parts,
        tally.effective_tries("others"),
        parts,
    )


def _sentence(tried: AttackResult, guess: float) -> str:
    text = (
        f"Of descriptions taken from single synthetic rows ({tried.description}), {tried.hits:.1%} fit exactly one person in the real table "
        f"and {tried.control:.1%} one among as many others; of values thrown together {guess:.1%} do"
    )
    return text + (
        "." if tried.hits > guess else ": the attack finds nothing that a naive guess would not find."
    )
