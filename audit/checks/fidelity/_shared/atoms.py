"""Columns that mix single values holding many rows with a continuous part: each part told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, ValueCounts
from audit.checks.artifacts._shared.excess_counts import value_text
from audit.model import Measure
from audit.stats.distributions.binning import assign, quantile_breaks
from audit.stats.distributions.distances import (
    expected_total_variation,
    shares,
    total_variation,
    total_variation_error,
)
from audit.stats.inference.intervals import Z95
from audit.stats.inference.p_values import normal_p

_SHARE = 0.05  # rows that make a value an atom, in either table
_MAX_ATOMS = 20
_DISTINCT = 20  # values that the rest of the real rows has at least, to be called continuous
_FEW = 600  # rows off the atoms below which a sentence says that they are few


@dataclass(frozen=True, slots=True)
class Atoms:
    """The values of a column that hold many rows, and the rows of each table on and off them.

    values : shape (a,), increasing
    on : by role, shape (a + 1,): rows at each atom, then rows at no atom
    off : by role, shape (b,): rows off the atoms in quantile bins of the real ones
    """

    values: Floats
    on: dict[str, Ints]
    off: dict[str, Ints]


def find_atoms(case: Case, name: str) -> Atoms | None:
    """The atoms of a number or date; None where it has none, or nothing but a few values."""
    tables = {part.role: part.value_counts(name) for part in case.tables()}
    real, synthetic = tables["real"], tables["synthetic"]
    if min(real.filled, synthetic.filled) == 0:
        return None
    values = np.unique(np.concatenate([_frequent(table) for table in (real, synthetic)]))
    free = ~np.isin(_line(real), values)
    if not 0 < len(values) <= _MAX_ATOMS or np.count_nonzero(free) <= _DISTINCT:
        return None
    breaks = quantile_breaks(_line(real)[free], real.counts[free])
    split = {role: _split(table, values, breaks) for role, table in tables.items()}
    return Atoms(
        values, {role: on for role, (on, _) in split.items()}, {role: off for role, (_, off) in split.items()}
    )


def _line(table: ValueCounts) -> Floats:
    return np.asarray(table.values, dtype=np.float64)


def _frequent(table: ValueCounts) -> Floats:
    return _line(table)[table.counts >= _SHARE * table.filled]


def _split(table: ValueCounts, atoms: Floats, breaks: Floats) -> tuple[Ints, Ints]:
    line = _line(table)
    free = ~np.isin(line, atoms)
    on = np.zeros(len(atoms) + 1, dtype=np.int64)
    on[np.searchsorted(atoms, line[~free])] = table.counts[~free]
    on[-1] = table.counts[free].sum()
    bins = assign(line[free], breaks)
    off = np.bincount(bins, weights=table.counts[free], minlength=len(breaks) - 1).astype(np.int64)
    return on, off


def atom_measures(case: Case, name: str) -> Iterator[Measure]:
    """Total variation beyond chance of the atoms, and of the values between them."""
    if case.column(name).kind not in NUMERIC_KINDS:
        return
    atoms = find_atoms(case, name)
    if atoms is None:
        return
    yield _atoms_measure(case, name, atoms)
    if min(atoms.off["real"].sum(), atoms.off["synthetic"].sum()) > 0:
        yield _between_measure(name, atoms)


def _excess(real: Ints, other: Ints) -> float:
    chance = expected_total_variation(real, int(real.sum()), int(other.sum()))
    return total_variation(real, other) - chance


def _atoms_measure(case: Case, name: str, atoms: Atoms) -> Measure:
    real, synthetic = atoms.on["real"], atoms.on["synthetic"]
    p = shares(real)
    variance = float((p * (1 - p)).max() * (1 / real.sum() + 1 / synthetic.sum()))
    # As many rows of each table as would tell as much of a value that half of them hold.
    support = int(0.5 / max(variance, 1e-12))
    return _measure(name, "atoms", atoms.on, support, _atoms_sentence(case, name, atoms))


def _between_measure(name: str, atoms: Atoms) -> Measure:
    real, synthetic = (int(atoms.off[role].sum()) for role in ("real", "synthetic"))
    distance = total_variation(atoms.off["real"], atoms.off["synthetic"])
    chance = expected_total_variation(atoms.off["real"], real, synthetic)
    least = min(real, synthetic)
    few = "" if least >= _FEW else f" {least:,} such rows are few to judge."
    sentence = (
        f"Off the most frequent values of {name}, {distance:.1%} of the rows would have to change to match, where "
        f"chance explains {chance:.1%}; these are {real / atoms.on['real'].sum():.1%} of real rows and "
        f"{synthetic / atoms.on['synthetic'].sum():.1%} of synthetic ones.{few}"
    )
    return _measure(name, "between_atoms", atoms.off, least, sentence)


def _measure(name: str, part: str, tables: dict[str, Ints], support: int, sentence: str) -> Measure:
    real, synthetic = tables["real"], tables["synthetic"]
    value, error = _excess(real, synthetic), total_variation_error(real, synthetic)
    holdout = tables.get("holdout")
    return Measure(
        value=value,
        about=(name,),
        name=part,
        low=max(-1.0, value - Z95 * error),
        high=min(1.0, value + Z95 * error),
        baseline=0.0 if holdout is None or not holdout.sum() else _excess(real, holdout),
        n=int(synthetic.sum()),
        sentence=sentence,
        p_value=normal_p(value, error),
        support=support,
    )


def _atoms_sentence(case: Case, name: str, atoms: Atoms) -> str:
    """The atom that is furthest off, in words."""
    before, after = shares(atoms.on["real"]), shares(atoms.on["synthetic"])
    worst = int(np.argmax(np.round(np.abs(after - before)[:-1], 12)))
    chance = expected_total_variation(
        atoms.on["real"], int(atoms.on["real"].sum()), int(atoms.on["synthetic"].sum())
    )
    many = len(atoms.values)
    whose = "its most frequent value" if many == 1 else f"its {many} most frequent values"
    return (
        f"{name} {_label(case, name, float(atoms.values[worst]))} holds {before[worst]:.1%} of real rows and "
        f"{after[worst]:.1%} of synthetic ones; over {whose}, {total_variation(atoms.on['real'], atoms.on['synthetic']):.1%} "
        f"of the rows would have to change, where chance explains {chance:.1%}."
    )


def _label(case: Case, name: str, value: float) -> str:
    """The value, if enough real people or none hold it."""
    tables = [part.value_counts(name) for part in (case.real, case.holdout) if part is not None]
    holders = sum(int(table.counts[_line(table) == value].sum()) for table in tables)
    kind = case.column(name).kind
    return f"= {value_text(value, kind)}" if holders == 0 or holders >= case.k else "at one rare value"
