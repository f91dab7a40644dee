"""Rows that break rules: how many synthetic rows are possible, all rules taken together."""

from __future__ import annotations

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import EXAMPLES, percent, plural
from audit.mining.active_rules import rules_of
from audit.mining.violating_rows import ViolatingRows, violating_rows
from audit.model import BROKEN_RULES, Better, Chart, Family, Measure, Rows, Scale, Unit, share_bars

_BARS = 10  # rows that break so many rules, and more


@check(
    id="broken_rows",
    title="Rows that break rules",
    known_as="constraint violation rate",
    files=(BROKEN_RULES,),
    descriptive=True,
    family=Family.ARTIFACTS,
    question="Is each synthetic row possible, by all rules that real rows keep?",
    scale=Scale(Unit.SHARE, "share of synthetic rows", Better.LOWER, 0.0, 1.0),
    needs=(Need.ROWS,),
    next_step="Look at the rows that break most rules, and at the rule they break; draw such rows again.",
)
def broken_rows(case: Case) -> Outcome:
    """Share of synthetic rows that break at least one rule in force.

    The rules are those of all other checks on rules together: dependencies, implications,
    forbidden combinations, arithmetic rules, columns that differ in every row, and formats;
    mined from the real table or given by the user, without those switched off. Each row
    counts once, however many rules it breaks. 0 means that every row is possible, 1 that
    none is. Real rows break some rules too, since implications and formats may have
    exceptions: the baseline is the share among holdout rows, or among the real rows where
    there are none. The number is shown and not judged, because each rule is judged by its
    own check. Missing values break nothing; a row can be impossible in ways that no rule
    says. Summary: `rules` in force, `rules_broken` by a row or more, `rows` that break one,
    and `most` rules broken by one row. The numbers of all such rows are in
    broken_rules.csv beside the report.

    Source: rules as in the checks named above; Chu, Ilyas and Papotti (2013), PVLDB 6,
    1498-1509 (rows that violate discovered constraints).
    """
    rules = [rule for rule in rules_of(case) if rule.enabled]
    if not rules:
        raise Skip("No rule was found in the real table, and none was given.")
    found = violating_rows(case, case.synthetic)
    other = case.holdout or case.real
    real = violating_rows(case, other)
    n = case.synthetic.rows
    share, baseline = found.rows / n, real.rows / other.rows
    verb = "breaks" if found.rows == 1 else "break"
    whose = "holdout" if case.holdout is not None else "real"
    measure = Measure(
        value=share,
        low=share,
        high=share,
        baseline=baseline,
        n=n,
        sentence=f"{plural(found.rows, 'synthetic row')} of {n:,} ({percent(share)}) {verb} at least one of "
        f"{plural(len(rules), 'rule')}; of {other.rows:,} {whose} rows {real.rows:,} ({percent(baseline)}) do.",
        rows=Rows(found.rows, found.most_violating(EXAMPLES)) if found.rows else None,
        descriptive=True,
    )
    summary = {
        "rules": float(len(rules)),
        "rules_broken": float(len(found.rules)),
        "rows": float(found.rows),
        "most": float(max(found.numbers, default=0)),
    }
    charts = (_chart(found, n, real, other.rows),) if found.rows else ()
    return Outcome((measure,), summary, charts, files={BROKEN_RULES: found.write})


def _chart(found: ViolatingRows, n: int, real: ViolatingRows, real_rows: int) -> Chart:
    most = min(max(found.numbers), _BARS)
    labels = [str(i) for i in range(1, most + 1)]
    if max(found.numbers) > _BARS:
        labels[-1] += " or more"
    said = ", ".join(f"{rows:,} rows break {broken}" for broken, rows in list(found.numbers.items())[:_BARS])
    return share_bars(
        labels,
        {"real": _shares(real, real_rows, most), "synthetic": _shares(found, n, most)},
        title=f"{percent(found.rows / n)} of synthetic rows break a rule, one row up to {max(found.numbers)}",
        alt=f"Rows by the number of rules they break: {said}.",
    )


def _shares(found: ViolatingRows, rows: int, most: int) -> tuple[float, ...]:
    """Share of rows that break 1, 2, … rules; the last takes in all that break more."""
    counts = [0] * most
    for broken, number in found.numbers.items():
        counts[min(broken, most) - 1] += number
    return tuple(count / rows for count in counts)
