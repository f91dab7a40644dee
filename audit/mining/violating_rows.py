"""Which rows break rules: one line for each such row, made and kept by the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.declare.rules import Rule
from audit.load.engine import literal, pattern
from audit.mining.active_rules import known_counts, rules_of
from audit.mining.violations import conditions, looks_at_one_row, rows_violating

_AT_ONCE = 100  # rules asked in one pass
_MAX_RULES = 1000  # rules looked at, those that most rows break
_BETWEEN = "; "  # two rules of one row


class ViolatingRows:
    """The rows of a part that break rules in force.

    rules : the rules that are broken, the most broken first
    rows : number of rows that break at least one
    numbers : how many rows break 1, 2, … of them
    """

    def __init__(self, case: Case, part: CaseTable, rules: Sequence[Rule]) -> None:
        self._connection = case.connection
        self._path = (case.scratch / f"broken_{part.role}.parquet").resolve()
        self.rules = tuple(rules)
        if rules:
            _write_sets(case, part, rules, self._path)
        self.numbers = self._count() if rules else {}
        self.rows = sum(self.numbers.values())

    def most_violating(self, most: int) -> tuple[int, ...]:
        """Rows that break most rules, in the order of their numbers."""
        return self._first(f"ORDER BY len(rules) DESC, row LIMIT {int(most)}")

    def write(self, path: Path, word: Callable[[str], str]) -> None:
        """Write row, broken and rules as CSV in the order of the rows; a row that keeps all is left out.

        path : in the scratch folder of the case
        word : how a text is written, so that a spreadsheet takes none for a formula
        """
        chosen = "SELECT 0 AS row, 0 AS broken, '' AS rules WHERE false"
        if self.rules:
            told = ", ".join(literal(word(rule.description)) for rule in self.rules)
            named = f"list_transform(rules, lambda i: ([{told}])[i + 1])"
            chosen = (
                f"SELECT row, len(rules) AS broken, array_to_string({named}, {literal(_BETWEEN)}) AS rules "
                f"FROM {self._source} ORDER BY row"
            )
        self._connection.execute(f"COPY ({chosen}) TO {literal(str(path.resolve()))} (HEADER, FORMAT csv)")

    @property
    def _source(self) -> str:
        return f"read_parquet({pattern(self._path)})"

    def _count(self) -> dict[int, int]:
        query = f"SELECT len(rules), count(*) FROM {self._source} GROUP BY 1 ORDER BY 1"
        return {int(broken): int(rows) for broken, rows in self._connection.execute(query).fetchall()}

    def _first(self, order: str) -> tuple[int, ...]:
        if not self.rules:
            return ()
        found = self._connection.execute(f"SELECT row FROM {self._source} {order}").fetchall()
        return tuple(sorted(int(row) for (row,) in found))


def violating_rows(case: Case, part: CaseTable) -> ViolatingRows:
    """The rows of a part that break rules in force, found once for all who ask.

    Notes
    -----
    Of more than 1,000 broken rules those that most rows break are looked at.
    """
    return case.shared(
        f"rows that break rules {part.role}", lambda: ViolatingRows(case, part, _broken(case, part))
    )


def _broken(case: Case, part: CaseTable) -> list[Rule]:
    rules = [rule for rule in rules_of(case) if rule.enabled]
    counts = zip(rules, known_counts(case, part, rules), strict=True)
    found = sorted(((count.rows, rule) for rule, count in counts if count.rows), key=lambda one: -one[0])
    return [rule for _, rule in found[:_MAX_RULES]]


def _write_sets(case: Case, part: CaseTable, rules: Sequence[Rule], path: Path) -> None:
    """A file of rows, each with the places of the rules that it breaks; the engine spills what is large."""
    places = [i for i, rule in enumerate(rules) if looks_at_one_row(rule)]
    sets = [
        _sets_of_row(case, part, [(i, rules[i]) for i in places[start : start + _AT_ONCE]])
        for start in range(0, len(places), _AT_ONCE)
    ]
    for i, rule in enumerate(rules):
        if i not in set(places):
            sets.append(_native(rows_violating(case, part, rule)).project(f"row, [{i}] AS rules"))
    whole, *others = sets
    for other in others:
        whole = whole.union(other)
    if others:
        whole = whole.aggregate("row, list_sort(flatten(list(rules))) AS rules", "row")
    whole.write_parquet(str(path))


def _sets_of_row(case: Case, part: CaseTable, rules: Sequence[tuple[int, Rule]]) -> duckdb.DuckDBPyRelation:
    """In one pass, for rules that look at one row at a time."""
    flags = []
    for i, rule in rules:
        tested, broken = conditions(case, rule)
        flags.append(nw.when(tested & broken).then(nw.lit(i)).alias(f"b{i}"))
    named = ", ".join(f"b{i}" for i, _ in rules)
    sets = _native(part.frame.select("row", *flags)).project(
        f"row, list_filter([{named}], lambda i: i IS NOT NULL) AS rules"
    )
    return sets.filter("len(rules) > 0")


def _native(frame: nw.LazyFrame[Any]) -> duckdb.DuckDBPyRelation:
    relation: duckdb.DuckDBPyRelation = nw.to_native(frame)
    return relation
