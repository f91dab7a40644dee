"""Several cells of a column in words: "25 to 32", "private or own", "not married"."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from audit.case.binning import MISSING_LABEL, Binning
from audit.case.case import Case

_MAX_NAMED = 3  # cells of a category named one by one


def cells_in_words(case: Case, name: str, cells: Collection[int], occupied: Collection[int]) -> str:
    """What a row's value is when it lies in one of these cells.

    Parameters
    ----------
    name : of a column
    cells : numbers of cells of the column's coding; at least one of them occupied
    occupied : cells that any row lies in; the others are not worth a word

    Returns
    -------
    words that go after "is", with no value held by fewer than k people
    """
    coding = case.binning(name)
    wanted, there = sorted(set(cells) & set(occupied)), sorted(set(occupied))
    if not wanted:
        raise ValueError(f"no row of {name} lies in these cells")
    if coding.breaks is not None:
        return _numbers(case, name, coding, wanted, there)
    return _values(coding, wanted, there)


def _values(coding: Binning, wanted: Sequence[int], there: Sequence[int]) -> str:
    left_out = [cell for cell in there if cell not in wanted]
    if 0 < len(left_out) < min(len(wanted), _MAX_NAMED + 1):
        return f"not {_listed([coding.labels[cell] for cell in left_out])}"
    return _listed([coding.labels[cell] for cell in wanted])


def _listed(labels: Sequence[str]) -> str:
    if len(labels) > _MAX_NAMED + 1:
        labels = [*labels[:_MAX_NAMED], f"{len(labels) - _MAX_NAMED} others"]
    return " or ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)


def _numbers(case: Case, name: str, coding: Binning, wanted: Sequence[int], there: Sequence[int]) -> str:
    missing = coding.size - 1
    bins = [cell for cell in wanted if cell != missing]
    if bins == [cell for cell in there if cell != missing]:
        parts = [f"not {MISSING_LABEL}"] if missing not in wanted else ["any value"]
        return _listed(parts)
    parts = [_run(case, name, coding, first, last) for first, last in _runs(bins, there)]
    return _listed([*parts, MISSING_LABEL] if missing in wanted else parts)


def _runs(bins: Sequence[int], there: Sequence[int]) -> list[tuple[int, int]]:
    """First and last bin of every run; bins without a row break none."""
    runs: list[tuple[int, int]] = []
    place = {cell: i for i, cell in enumerate(there)}
    for cell in bins:
        if runs and place[cell] == place[runs[-1][1]] + 1:
            runs[-1] = runs[-1][0], cell
        else:
            runs.append((cell, cell))
    return runs


def _run(case: Case, name: str, coding: Binning, first: int, last: int) -> str:
    if first == last:
        return coding.labels[first]
    start, end = coding.labels[first], coding.labels[last]
    if len(case.real.value_counts(name).values) == coding.size - 1:  # every value has a cell of its own
        return f"{start} to {end}"
    if not coding.edges:
        return f"{start.partition(' of ')[0]} to {end.removeprefix('part ')}"
    if first == 0:
        return f"below {coding.edges[last + 1]}"
    above = f"{coding.edges[first]} or more"
    return above if last == coding.size - 2 else f"{coding.edges[first]} to {coding.edges[last + 1]}"
