"""Shares of groups in a population, from a table that the user gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from audit.errors import InputError
from audit.load.names import list_names, message_text
from audit.load.table import Stored, Table

_AMOUNTS = ("share", "count", "population", "n", "percent")
_SHAPE = "one row per group, with columns such as sex and share (or count)"
_MAX_ROWS = 100_000
_WHERE = "population"


@dataclass(frozen=True, slots=True)
class Population:
    """How a population is made up, by attribute.

    name : of the file
    shares : for each attribute the share of the population that each value has, in [0, 1]; a
        value is a text, as the file has it
    """

    name: str
    shares: Mapping[str, Mapping[str, float]]


def read_population(table: Table, connection: duckdb.DuckDBPyConnection) -> Population:
    """Shares by attribute from a table with one row per group.

    One column holds the amounts, named share, count, population, n or percent; every other
    column is an attribute. Rows without a value in an attribute do not count for it, so that
    several one-column tables may stand below each other; amounts need not sum to one.

    Raises
    ------
    InputError
        If there is no column of amounts, or one is no number above or equal to zero.
    """
    name = message_text(table.facts.name)
    amounts = [i for i, f in enumerate(table.fields) if f.name.strip().casefold() in _AMOUNTS]
    if len(amounts) != 1:
        found = f"{len(amounts)} columns" if amounts else "no column"
        raise _refused(f"{name}: {found} named share or count beside an attribute.", f"Give {_SHAPE}.")
    if len(table.fields) == 1:
        raise _refused(f"{name}: no attribute beside the column of shares.", f"Give {_SHAPE}.")
    at = amounts[0]
    if table.fields[at].stored not in (Stored.INTEGER, Stored.NUMBER):
        raise _refused(
            f"{name}: column {message_text(table.fields[at].name)!r} does not hold numbers.",
            f"Give {_SHAPE}.",
        )
    if table.facts.rows > _MAX_ROWS:
        raise _refused(
            f"{name}: {table.facts.rows:,} rows are too many for one row per group.", f"Give {_SHAPE}."
        )
    numbers = np.array(_column(connection, table, at, "DOUBLE"), dtype=np.float64)  # none is NaN
    wrong = np.flatnonzero(~(numbers >= 0))
    if len(wrong):
        raise _refused(
            f"{name}: row {wrong[0] + 1:,} has no {table.fields[at].name} of zero or more.",
            "Give every group a number.",
        )
    shares = {
        field.name: _shares(_column(connection, table, i, "VARCHAR"), numbers)
        for i, field in enumerate(table.fields)
        if i != at
    }
    empty = [attribute for attribute, found in shares.items() if not found]
    if empty:
        raise _refused(
            f"{name}: all amounts of {list_names(empty)} are zero.", "Give at least one above zero."
        )
    return Population(name, shares)


def _column(connection: duckdb.DuckDBPyConnection, table: Table, i: int, kind: str) -> list[object]:
    query = f"SELECT c{i}::{kind} FROM read_parquet(?) ORDER BY row"
    return [value for (value,) in connection.execute(query, [str(table.path)]).fetchall()]


def _shares(values: list[object], amounts: NDArray[np.float64]) -> dict[str, float]:
    found: dict[str, float] = {}
    for value, amount in zip(values, amounts.tolist(), strict=True):
        if value is not None:
            found[str(value)] = found.get(str(value), 0.0) + amount
    total = sum(found.values())
    return {value: amount / total for value, amount in found.items()} if total > 0 else {}


def _refused(message: str, hint: str) -> InputError:
    return InputError(message, hint, where=_WHERE)


def refuse_unfit(
    population: Population, sensitive: tuple[str, ...], known: Mapping[str, frozenset[str]]
) -> None:
    """Refuse a population that speaks of other attributes or other values than the audit.

    Parameters
    ----------
    sensitive : names of the sensitive columns
    known : for each of them that is a category, its real values and the names of its groups

    Raises
    ------
    InputError
    """
    for attribute, shares in population.shares.items():
        if attribute not in sensitive:
            now = f"now: {list_names(sensitive)}" if sensitive else "none is named"
            raise _refused(
                f"{population.name}: column {message_text(attribute)!r} is no sensitive column of the audit ({now}).",
                f"Name it with --sensitive {message_text(attribute)}, or take the column out of the population table.",
            )
        if attribute in known and not known[attribute] & set(shares):
            raise _refused(
                f"{population.name}: none of {list_names(list(shares))} is a value of {message_text(attribute)!r} in the real table.",
                "Spell the groups as the real table does.",
            )
