"""Keys: different in every row, and never missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import narwhals as nw

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    EXAMPLES,
    FALSE_ALARM_RATE,
    example_rows,
    excess_over_real,
    gap_bars,
    percent,
    plural,
)
from audit.checks.artifacts._shared.rule_outcome import judged_rules, switched_off
from audit.declare.rules import DECLARED, Rule, RuleKind
from audit.mining.active_rules import rules_of
from audit.mining.keys import CONFIDENT, paired_keys
from audit.mining.violations import rows_violating, violation_counts
from audit.model import Better, Column, Family, Kind, Measure, Role, Rows, Scale, Unit


@dataclass(frozen=True, slots=True)
class _Key:
    """Cells of a key that repeat an earlier one, and cells without a value, out of `rows`."""

    repeated: int
    missing: int
    rows: int


@check(
    id="keys",
    title="Keys",
    known_as="key uniqueness",
    family=Family.ARTIFACTS,
    question="Are the columns that identify a row different in every synthetic row, and never empty?",
    scale=Scale(Unit.SHARE, "share of synthetic rows", Better.LOWER, 0.0, 1.0),
    next_step="Number the synthetic rows anew; keys should be made after generating, never learned.",
)
def keys(case: Case) -> Outcome:
    """Share of synthetic rows whose key repeats an earlier row's key.

    A key is a column whose values differ in every real row, or that was named one. The
    number counts every row after the first that holds a key; `missing` is the share of rows
    without a key. 0 means a sound key, 0.01 that one row in a hundred cannot be told from
    an earlier one. Where the real keys repeat or are missing too, only the surplus beyond
    the real share and chance counts; otherwise every single row does. A column taken for a
    key by the look of its values alone is told as `presumed_repeated` and
    `presumed_missing`. `together` is about two columns of which neither is a key but that no
    two real rows, holdout included, share, although independent columns would have repeated
    at least 50 times, such as a shop and a day. The baseline is 0: the real table shows no
    surplus over itself. It cannot see keys of three columns, nor whether keys point to rows
    of another table. Summary: `pairs` of columns that are keys; `searched`, the share of all
    pairs that was tried.

    Source: Codd (1970), Communications of the ACM 13, 377-387 (primary keys); Heise et al.
    (2013), PVLDB 7, 301-312 (unique column combinations).
    """
    rules = rules_of(case, RuleKind.UNIQUE)
    mined = [rule for rule in rules if rule.origin != DECLARED]
    single = {rule.columns[0]: rule for rule in mined if len(rule.columns) == 1}
    together = [rule for rule in mined if len(rule.columns) > 1 and rule.enabled]
    measures: list[Measure] = []
    for column in case.of_kind(Kind.KEY):
        if column.role is not Role.PARENT_KEY:
            found = _measures(case, column, _key(case.synthetic, case.key(column.name)))
            measures += [_as_rule(one, single.get(column.name)) for one in found]
    measures += _together(case, together)
    told = {*together, *single.values()}
    measures += judged_rules(case, [rule for rule in rules if rule not in told])
    pairs = paired_keys(case)
    if not measures:
        raise Skip(
            "No column is a key of its own rows, and no two columns together tell every real row apart."
        )
    bars = [_bar(m) for m in measures if not m.name.endswith("missing")]
    chart = gap_bars(
        "Synthetic rows whose key repeats an earlier one",
        f"{plural(sum(share > 0 for _, _, share in bars), 'key')} of {len(bars)} repeat values.",
        bars,
        "share of rows",
    )
    searched = pairs.n_tested / pairs.possible if pairs.possible else 1.0
    return Outcome(tuple(measures), {"pairs": float(len(pairs.rules)), "searched": searched}, (chart,))


def _as_rule(measure: Measure, rule: Rule | None) -> Measure:
    """The number of repeated keys as breaches of a rule, which a user may have switched off."""
    if rule is None or measure.name:
        return measure
    measure = replace(measure, rule=rule.to_plain())
    return measure if rule.enabled else switched_off(measure)


def _bar(measure: Measure) -> tuple[str, float, float]:
    repeated = measure.rows.count / measure.n if measure.rows and measure.n else 0.0
    return " and ".join(measure.about), 0.0, repeated


def _together(case: Case, rules: Sequence[Rule]) -> Iterator[Measure]:
    """Pairs of columns that no two real rows share."""
    real = violation_counts(case, case.real, rules)
    for rule, found, known in zip(rules, violation_counts(case, case.synthetic, rules), real, strict=True):
        share = found.rows / found.rows_tested if found.rows_tested else 0.0
        a, b = rule.columns
        yield Measure(
            value=share,
            about=rule.columns,
            name="together",
            group={"rule": rule.description},
            low=share,
            high=share,
            baseline=0.0,
            n=found.rows_tested,
            sentence=f"{plural(found.rows, 'synthetic row')} ({percent(share)}) "
            f"{'repeats' if found.rows == 1 else 'repeat'} the {a} and {b} of an earlier row; "
            "no two real rows share both.",
            rows=_together_rows(case, rule, found.rows),
            next_step=f"Draw {a} and {b} together from the pairs that are possible, each pair once.",
            rule=replace(rule, support=known.rows_tested).to_plain(),
        )


def _together_rows(case: Case, rule: Rule, count: int) -> Rows | None:
    if count == 0:
        return None
    rows = rows_violating(case, case.synthetic, rule).sort("row").head(EXAMPLES).collect()
    return Rows(count, tuple(int(row) for row in rows.get_column("row").to_list()))


def _key(part: CaseTable, key: str) -> _Key:
    cells = part.frame.select(
        nw.col(key).count().alias("filled"), nw.col(key).n_unique().alias("different")
    ).collect()
    filled, different = int(cells.get_column("filled")[0]), int(cells.get_column("different")[0])
    missing = part.rows - filled
    # What is missing counts as one more different value.
    return _Key(filled - (different - (missing > 0)), missing, part.rows)


def _measures(case: Case, column: Column, found: _Key) -> Iterable[Measure]:
    real = _key(case.real, case.key(column.name))
    sure = column.confidence >= CONFIDENT
    shared = f"{plural(found.repeated, 'synthetic row')} ({percent(found.repeated / max(found.rows, 1))})"
    yield _measure(
        column,
        "" if sure else "presumed_repeated",
        (found.repeated, real.repeated, found.rows, real.rows),
        f"{shared} repeat a {column.name} that an earlier row holds; {plural(real.repeated, 'real row')} "
        f"{'does' if real.repeated == 1 else 'do'}.",
        _repeated_rows(case.synthetic, case.key(column.name), found.repeated),
    )
    yield _measure(
        column,
        "missing" if sure else "presumed_missing",
        (found.missing, real.missing, found.rows, real.rows),
        f"{plural(found.missing, 'synthetic row')} ({percent(found.missing / max(found.rows, 1))}) have no {column.name}; "
        f"{plural(real.missing, 'real row')} {'has' if real.missing == 1 else 'have'} none.",
        example_rows(case.synthetic, nw.col(case.key(column.name)).is_null(), found.missing),
    )


def _measure(
    column: Column, name: str, counts: tuple[int, int, int, int], sentence: str, rows: Rows | None
) -> Measure:
    found, real, n, real_rows = counts
    exact = found / max(n, 1)
    # A key without a fault in the real table is a rule: nothing is left to chance.
    value = (
        exact
        if real == 0
        else excess_over_real(found, n, real, n / max(real_rows, 1), FALSE_ALARM_RATE).value
    )
    return Measure(
        value=value,
        about=(column.name,),
        name=name,
        low=value,
        high=value,
        baseline=0.0,
        n=n,
        sentence=sentence,
        rows=rows,
    )


def _repeated_rows(part: CaseTable, key: str, count: int) -> Rows | None:
    if count == 0:
        return None
    groups = part.frame.group_by(key).agg(nw.len().alias("size"), nw.col("row").max().alias("last"))
    repeated = groups.filter((nw.col("size") > 1) & ~nw.col(key).is_null())
    worst = repeated.sort("size", "last", descending=[True, False]).head(EXAMPLES).collect()
    return Rows(count, tuple(sorted(int(row) for row in worst.get_column("last").to_list())))
