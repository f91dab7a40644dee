"""Who is attacked: members of the real table, outsiders from the holdout, and a reference from its other half."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import narwhals as nw
import numpy as np

from audit.arrays import Bools, Floats, Hashes, Ints
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Skip
from audit.learn.embedding import embed
from audit.model import Column, Kind
from audit.stats.neighbours.nearest import nearest

MIN_ROWS = 100  # rows of each table
NEIGHBOURS = 5
_PEOPLE = 10_000  # members, and as many outsiders
_REFERENCE = 10_000
_SYNTHETIC = 25_000
_MAX_REPEATED_SHARE = 0.01  # share of holdout rows that stand in the real table, beyond chance
_MIN_Z = 4.0  # standard errors


@dataclass(frozen=True, slots=True)
class AttackSetup:
    """Places of rows, in an order that depends on what they hold alone.

    members : of the real table; outsiders, reference : of the two halves of the holdout
    synthetic : of the synthetic table
    """

    holdout: CaseTable
    members: Ints
    outsiders: Ints
    reference: Ints
    synthetic: Ints


@dataclass(frozen=True, slots=True)
class AttackDistances:
    """Squared distances of people to their nearest rows, shape (people, neighbours), increasing.

    members, outsiders : to synthetic rows
    members_around, outsiders_around : to the reference
    """

    members: Floats
    outsiders: Floats
    members_around: Floats
    outsiders_around: Floats


def attack_setup(case: Case) -> AttackSetup:
    """Who is attacked in this case; the same for every attack.

    Raises
    ------
    Skip
        Where a table has too few rows, no column places rows, or the holdout repeats the real table.
    """
    return case.shared("privacy setting", lambda: _setting(case))


def attack_distances(case: Case) -> AttackDistances:
    """How near everybody has synthetic rows and people of the reference."""
    return case.shared("privacy distances", lambda: _distances(case))


def fresh_holdout(case: Case) -> CaseTable:
    """The holdout, where it holds rows that the generator did not see.

    Raises
    ------
    Skip
        Without a holdout; or where more of its rows stand in the real table than chance explains.
    """
    holdout = case.holdout
    if holdout is None:
        raise Skip(
            "It compares with real rows that the generator never saw, and no holdout was given.",
            "Hold back a random part of the real rows before generating, and pass it as the holdout.",
            assessable=False,
        )
    said = holdout_repeats(case)
    if said:
        raise Skip(
            f"{said} the generator saw them, so they are no control.",
            "Take rows out of the holdout that are also in the real table, or split again before generating.",
            assessable=False,
        )
    return holdout


def holdout_repeats(case: Case) -> str:
    """How many rows of the holdout stand in the real table, where chance does not explain it; else empty."""
    holdout = case.holdout
    if holdout is None or all(column.kind is Kind.KEY for column in case.columns):
        return ""  # no column tells whether a row repeats another
    repeated, chance = case.shared("repeated holdout", lambda: _repeated(case, holdout))
    error = sqrt(max(chance * (1 - chance), 1 / holdout.rows) / holdout.rows)
    if repeated - chance <= max(_MAX_REPEATED_SHARE, _MIN_Z * error):
        return ""
    return f"{repeated:.0%} of the holdout's rows stand in the real table too, where chance explains {chance:.0%}:"


def seeded_order(case: Case, part: CaseTable) -> Ints:
    """All places of a table's rows in an order as good as random, set by their values and the seed."""
    return case.shared(f"lot of {part.role}", lambda: _by_lot(case, part))


def distance_columns(case: Case) -> list[Column]:
    """The columns that place rows, in an order that neither names nor their order in the file set."""

    def content(column: Column) -> tuple[str, tuple[int, ...]]:
        shaped = column.kind in DISTRIBUTION_KINDS
        return column.kind.value, tuple(case.real.counts(column.name).tolist()) if shaped else ()

    return sorted(case.of_kind(*DISTRIBUTION_KINDS, Kind.VECTOR), key=content)


def _setting(case: Case) -> AttackSetup:
    holdout = fresh_holdout(case)
    if min(part.rows for part in case.tables()) < MIN_ROWS:
        raise Skip(
            f"It needs at least {MIN_ROWS} rows of each table.",
            "Give tables with more rows.",
            assessable=False,
        )
    if not case.of_kind(*DISTRIBUTION_KINDS, Kind.VECTOR):
        raise Skip("No column has a distribution to compare.")
    half = holdout.rows // 2
    order = seeded_order(case, holdout)
    return AttackSetup(
        holdout=holdout,
        members=seeded_order(case, case.real)[:_PEOPLE],
        outsiders=order[:half][:_PEOPLE],
        reference=order[half:][:_REFERENCE],
        synthetic=seeded_order(case, case.synthetic)[:_SYNTHETIC],
    )


def _distances(case: Case) -> AttackDistances:
    who = attack_setup(case)
    chosen = [
        (case.synthetic, who.synthetic),
        (who.holdout, who.reference),
        (case.real, who.members),
        (who.holdout, who.outsiders),
    ]
    # Ranks are those of the reference: nobody attacked has a say in them.
    synthetic, reference, members, outsiders = embed(case, chosen, like=(1,), columns=distance_columns(case))
    k = NEIGHBOURS
    return AttackDistances(
        nearest(members, synthetic, k),
        nearest(outsiders, synthetic, k),
        nearest(members, reference, k),
        nearest(outsiders, reference, k),
    )


def row_in_synthetic(case: Case, part: CaseTable) -> Bools:
    """Whether each row of a table stands in the synthetic one, in all columns but keys; on all rows."""
    return np.isin(_identities(case, part), _identities(case, case.synthetic))


def _identities(case: Case, part: CaseTable) -> Hashes:
    def read() -> Hashes:
        found = nw.to_native(part.frame).project("identity").to_arrow_table()
        return np.asarray(found.column(0).fill_null(0).to_numpy(), dtype=np.uint64)

    return case.shared(f"identities of {part.role}", read)


def _repeated(case: Case, holdout: CaseTable) -> tuple[float, float]:
    """Share of holdout rows that stand in the real table, and what chance explains (Good's estimate)."""
    known, times = np.unique(_identities(case, case.real), return_counts=True)
    found = np.isin(_identities(case, holdout), known)
    return float(found.mean()), 1 - int((times == 1).sum()) / case.real.rows


def _by_lot(case: Case, part: CaseTable) -> Ints:
    cells = [
        f"hash({case.vector_key(c.name) if c.kind is Kind.VECTOR else case.key(c.name)})"
        for c in case.columns
        if c.kind is not Kind.KEY
    ]
    if not cells:
        return np.arange(part.rows)
    relation = nw.to_native(part.frame)
    # Each table draws its own lots, so that pairs of rows from two tables are random pairs.
    salt = 4 * case.seed + [one.role for one in case.tables()].index(part.role)
    found = relation.project(f"hash(xor({_mixed(cells)}, {salt}::UBIGINT)) AS lot").to_arrow_table()
    return np.argsort(found.column(0).to_numpy(), kind="stable").astype(np.int64)


def _mixed(cells: Sequence[str]) -> str:
    """Hashes of cells in one, whatever their order; halved at each step, so that nesting stays flat."""
    if len(cells) == 1:
        return cells[0]
    half = len(cells) // 2
    return f"xor({_mixed(cells[:half])}, {_mixed(cells[half:])})"
