"""Where rows break rules: counted on every row of a table, in few passes over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

import narwhals as nw
import pyarrow as pa

from audit.case.binning import date_seconds
from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.declare.rules import DECLARED, Rule, RuleKind
from audit.errors import RuleError
from audit.mining.dependencies import real_rows
from audit.mining.formats import sum_fit, wrong_sums
from audit.mining.patterns import CHECKSUMS, any_of
from audit.model import Kind

_AT_ONCE = 100  # rules asked in one pass
_MAX_SUMS = 1_000_000  # rows with wrong check digits that are told one by one


@dataclass(frozen=True, slots=True)
class Violations:
    """How a table's rows keep a rule.

    rows : rows that break it
    rows_tested : rows it says something about
    rows_unseen : rows whose left side no real row has, counted apart (dependencies only)
    """

    rows: int
    rows_tested: int
    rows_unseen: int = 0


def violation_counts(case: Case, part: CaseTable, rules: Sequence[Rule]) -> list[Violations]:
    """How the rows of a part keep each of the rules; a missing value breaks none.

    Raises
    ------
    RuleError
        If a rule names a column that the tables do not have, or one of another kind.
    """
    found: dict[int, Violations] = {}
    simple = [i for i, rule in enumerate(rules) if looks_at_one_row(rule)]
    for start in range(0, len(simple), _AT_ONCE):
        batch = simple[start : start + _AT_ONCE]
        found |= dict(zip(batch, _counted(case, part, [rules[i] for i in batch]), strict=True))
    for i, rule in enumerate(rules):
        if i not in found:
            found[i] = _GROUPED[rule.kind](case, part, rule)
    return [found[i] for i in range(len(rules))]


def rows_violating(case: Case, part: CaseTable, rule: Rule) -> nw.LazyFrame[Any]:
    """The numbers of the rows that break a rule, in a column "row", in no order.

    Of rows with wrong check digits the first million.
    """
    if rule.kind is RuleKind.DEPENDENCY:
        keys = _keys(case, rule)
        return _judged_by_map(case, part, rule).filter(nw.col("due") != nw.col(keys[-1])).select("row")
    if rule.kind is RuleKind.UNIQUE:
        keys = _keys(case, rule)
        full = part.frame.select("row", *keys).filter(_filled(keys))
        first = full.group_by(keys).agg(nw.col("row").min().alias("first"))
        return full.join(first, on=keys, how="inner").filter(nw.col("row") != nw.col("first")).select("row")
    if not looks_at_one_row(rule):
        rows = pa.table({"row": pa.array(wrong_sums(case, part, rule, _MAX_SUMS), pa.int64())})
        return nw.from_native(case.connection.from_arrow(rows))
    tested, broken = conditions(case, rule)
    return part.frame.filter(tested & broken).select("row")


def refuse_misfit(case: Case, rule: Rule) -> None:
    """Raise RuleError where a rule cannot be asked of these tables."""
    _keys(case, rule)
    if looks_at_one_row(rule):
        conditions(case, rule)
    elif rule.kind is RuleKind.FORMAT and len(rule.patterns) > 1:
        raise RuleError(
            f"The rule {rule.description!r} names a checksum among other patterns.",
            "Write a rule of its own for the checksum.",
        )


def looks_at_one_row(rule: Rule) -> bool:
    """Whether the engine can tell from a row alone whether it breaks a rule."""
    is_checksum = bool(set(rule.patterns) & set(CHECKSUMS))
    return rule.kind not in (RuleKind.DEPENDENCY, RuleKind.UNIQUE) and not is_checksum


def conditions(case: Case, rule: Rule) -> tuple[nw.Expr, nw.Expr]:
    """Which rows a rule says something about, and which of those break it.

    For rules that look at one row at a time: all but dependencies, unique columns and checksums.
    """
    keys = _keys(case, rule)
    return _CONDITIONS[rule.kind](case, rule, keys)


def _counted(case: Case, part: CaseTable, rules: Sequence[Rule]) -> list[Violations]:
    wanted = []
    for i, rule in enumerate(rules):
        tested, broken = conditions(case, rule)
        wanted += [_sum(tested).alias(f"t{i}"), _sum(tested & broken).alias(f"b{i}")]
    row = part.frame.select(*wanted).collect()
    return [
        Violations(int(row.get_column(f"b{i}")[0] or 0), int(row.get_column(f"t{i}")[0] or 0))
        for i in range(len(rules))
    ]


def _sum(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(1).otherwise(0).sum()


def _dependency(case: Case, part: CaseTable, rule: Rule) -> Violations:
    keys = _keys(case, rule)
    wrong = nw.col("due") != nw.col(keys[-1])
    row = (
        _judged_by_map(case, part, rule, counted=True)
        .select(
            nw.col("n").sum().alias("rows"),
            nw.when(nw.col("due").is_null()).then(nw.col("n")).otherwise(0).sum().alias("unseen"),
            nw.when(wrong).then(nw.col("n")).otherwise(0).sum().alias("broken"),
        )
        .collect()
    )
    rows, unseen, broken = (int(row.get_column(name)[0] or 0) for name in ("rows", "unseen", "broken"))
    return Violations(broken, rows - unseen, unseen)


def _judged_by_map(case: Case, part: CaseTable, rule: Rule, *, counted: bool = False) -> nw.LazyFrame[Any]:
    """Rows, or kinds of rows with their number, beside the value `due` by the real rows."""
    keys = _keys(case, rule)
    left = keys[:-1]
    real = _due(case, rule, keys)
    frame = part.frame
    if rule.origin == DECLARED and part is case.real:
        frame = frame.filter(~_teaches(case))
    if counted:
        rows = frame.select(*keys).filter(_filled(keys)).group_by(keys).agg(nw.len().alias("n"))
    else:
        rows = frame.select("row", *keys).filter(_filled(keys))
    return rows.join(real, on=left, how="left")


def _due(case: Case, rule: Rule, keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """The right side of each left side; in a declared rule the one that most rows that teach it hold.

    Real rows may break a declared rule, so how often they do is counted on other rows than
    those its map comes from.
    """
    left, right = list(keys[:-1]), keys[-1]
    if rule.origin != DECLARED:
        real = real_rows(case, keys).filter(_filled(keys))
    else:
        kinds = case.real.frame.filter(_teaches(case) & _filled(keys)).group_by(list(keys)).agg(n=nw.len())
        most = kinds.group_by(left).agg(nw.col("n").max().alias("most"))
        real = kinds.join(most, on=left, how="inner").filter(nw.col("n") == nw.col("most"))
    return real.group_by(left).agg(nw.col(right).min().alias("due"))


def _teaches(case: Case) -> nw.Expr:
    """The rows of the real table that a declared map comes from: all where a holdout is there to count on."""
    return nw.col("row") > 0 if case.holdout is not None else nw.col("row") % 2 == 0


def _unique(case: Case, part: CaseTable, rule: Rule) -> Violations:
    keys = _keys(case, rule)
    groups = part.frame.select(*keys).filter(_filled(keys)).group_by(keys).agg(nw.len().alias("n"))
    row = groups.select(nw.col("n").sum().alias("rows"), nw.len().alias("different")).collect()
    rows, different = int(row.get_column("rows")[0] or 0), int(row.get_column("different")[0])
    return Violations(rows - different, rows)


def _checksum(case: Case, part: CaseTable, rule: Rule) -> Violations:
    fit = sum_fit(case, part.frame, rule)
    return Violations(fit.rows, fit.rows_tested)


def _keys(case: Case, rule: Rule) -> list[str]:
    known = {column.name for column in case.columns}
    for name in rule.columns:
        if name not in known:
            raise RuleError(
                f"The rule {rule.description!r} names the column {name!r}, which the tables do not share.",
                "Correct the name or switch the rule off.",
            )
        if rule.kind in _NUMERIC and case.column(name).kind not in NUMERIC_KINDS:
            raise RuleError(
                f"The rule {rule.description!r} needs numbers or dates, and {name!r} holds {case.column(name).kind.value}.",
                "Change what the column is taken to hold, or switch the rule off.",
            )
    return [case.key(name) for name in rule.columns]


def _filled(keys: Sequence[str]) -> nw.Expr:
    return reduce(and_, (~nw.col(key).is_null() for key in keys))


def _holds(case: Case, name: str, value: str) -> nw.Expr:
    """Cells that hold a value given as text."""
    if case.column(name).kind not in NUMERIC_KINDS:
        return nw.col(case.key(name)) == value
    dated = case.column(name).kind is Kind.DATE
    try:
        return nw.col(case.key(name)) == (date_seconds(value) if dated else float(value))
    except ValueError:
        holds = "dates, written as 2024-01-31" if dated else "numbers"
        raise RuleError(f"A rule asks whether {name} is {value!r}, but {name} holds {holds}.") from None


def _implication(case: Case, rule: Rule, keys: Sequence[str]) -> tuple[nw.Expr, nw.Expr]:
    (a, b), (x, y) = rule.columns, rule.values
    return _filled(keys) & _holds(case, a, x), ~_holds(case, b, y)


def _forbidden(case: Case, rule: Rule, keys: Sequence[str]) -> tuple[nw.Expr, nw.Expr]:
    together = (_holds(case, column, value) for column, value in zip(rule.columns, rule.values, strict=True))
    return _filled(keys), reduce(and_, together)


def _order(_case: Case, rule: Rule, keys: Sequence[str]) -> tuple[nw.Expr, nw.Expr]:
    first, second = nw.col(keys[0]), nw.col(keys[1])
    return _filled(keys), (first >= second) if rule.strict else (first > second)


def _equation(_case: Case, rule: Rule, keys: Sequence[str]) -> tuple[nw.Expr, nw.Expr]:
    total = reduce(
        lambda one, other: one + other,
        (nw.col(key) * factor for key, factor in zip(keys, rule.coefficients, strict=True)),
    )
    return _filled(keys), (total - rule.constant).abs() > rule.tolerance


def _product(_case: Case, rule: Rule, keys: Sequence[str]) -> tuple[nw.Expr, nw.Expr]:
    first, second, third = (nw.col(key) for key in keys)
    return _filled(keys), (first * second - third).abs() > rule.tolerance


def _format(_case: Case, rule: Rule, keys: Sequence[str]) -> tuple[nw.Expr, nw.Expr]:
    text = nw.col(keys[0]).cast(nw.String)
    return _filled(keys), ~text.str.contains(any_of(rule.patterns))


_NUMERIC = {RuleKind.ORDER, RuleKind.EQUATION, RuleKind.PRODUCT}
_GROUPED = {RuleKind.DEPENDENCY: _dependency, RuleKind.UNIQUE: _unique, RuleKind.FORMAT: _checksum}
_CONDITIONS = {
    RuleKind.IMPLICATION: _implication,
    RuleKind.FORBIDDEN: _forbidden,
    RuleKind.ORDER: _order,
    RuleKind.EQUATION: _equation,
    RuleKind.PRODUCT: _product,
    RuleKind.FORMAT: _format,
}
