"""Category values that a generator lost."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.artifacts._shared.category_rarity import kept_by_octave, octave_chart, rare_loss
from audit.checks.artifacts._shared.category_values import (
    MAX_NAMED,
    Values,
    fold_spelling,
    folded_values,
    pooled_values,
    values_of,
)
from audit.checks.artifacts._shared.excess_counts import (
    FALSE_ALARM_RATE,
    gap_bars,
    percent,
    plural,
    value_text,
)
from audit.model import Better, Family, Kind, Measure, Scale, Unit

_SURE = 1e-3  # a value this unlikely to be absent by chance counts as lost


@check(
    id="lost_categories",
    title="Lost categories",
    known_as="category coverage",
    family=Family.ARTIFACTS,
    question="Are there real category values that the synthetic table should hold and does not?",
    scale=Scale(Unit.SHARE, "share of real rows", Better.LOWER, 0.0, 1.0),
    needs=(Need.CATEGORY,),
    next_step="Train with more weight on rare values or sample them from the real shares; say it if they were left out for privacy.",
)
def lost_categories(case: Case) -> Outcome:
    """Share of real rows whose category value is lost in the synthetic table.

    A value is lost if no synthetic row holds it (case, spaces and Unicode form do not
    matter) although its real share makes that less likely than one in a thousand; values
    so rare that a sample of this size may well miss them do not count. 0 means that nothing
    was lost; 0.03 means that three real rows in a hundred hold a value that the synthetic
    table lacks. Values that are each too rare to tell are told together as `rare`: the share of
    rows with a value rarer than one in 2,000 (or 1,000, 500, 200) that is missing, where more
    than half of them are and chance does not explain it. The real share is that of the real
    and holdout rows together; the baseline is the holdout against the real table. Missing
    cells do not count. It cannot see frequent values that became rarer without vanishing.
    The picture shows how many values of each frequency are left. Summary: `levels` is the
    number of lost values.

    Source: the chance that n rows miss a value of share p is (1 - p) to the n, binomial;
    rows of rare values by those with one more: Good (1953), Biometrika 40, 237-264.
    """
    measures: list[Measure] = []
    bars, levels, kept = [], 0, []
    columns = case.of_kind(Kind.CATEGORY)
    for column in columns:
        pool, synthetic = pooled_values(case, column.name), values_of(case.synthetic, column.name)
        lost = _lost(pool, synthetic)
        folded = folded_values(pool), folded_values(synthetic)
        kept.append(kept_by_octave(*folded))
        measures += _rare_measures(column.name, *folded, FALSE_ALARM_RATE / len(columns))
        base = (
            {}
            if case.holdout is None
            else _lost(values_of(case.real, column.name), values_of(case.holdout, column.name))
        )
        total, levels = max(sum(pool.values()), 1), levels + len(lost)
        share = sum(lost.values()) / total
        bars.append((column.name, 0.0, share))
        measures.append(
            Measure(
                value=share,
                about=(column.name,),
                low=share,
                high=share,
                baseline=sum(base.values()) / max(case.real.value_counts(column.name).filled, 1),
                n=case.synthetic.value_counts(column.name).filled,
                sentence=_lost_sentence(column.name, lost, len(pool), share, case.k),
            )
        )
    chart = gap_bars(
        "Real rows whose category value the synthetic table lacks",
        f"{plural(levels, 'value is', 'values are')} lost over {plural(len(bars), 'column')}.",
        bars,
        "share of real rows",
    )
    octaves = octave_chart(np.sum(kept, axis=0))
    return Outcome(tuple(measures), {"levels": float(levels)}, (chart, *octaves))


def _rare_measures(name: str, pool: Values, synthetic: Values, alarm: float) -> Iterable[Measure]:
    """Rows of values too rare to tell one by one, where they are missing together."""
    found = rare_loss(pool, synthetic, alarm)
    if found is None:
        return
    yield Measure(
        value=found.value,
        about=(name,),
        name="rare",
        low=found.value,
        high=found.value,
        baseline=0.0,
        n=sum(synthetic.values()),
        sentence=(
            f"{plural(found.observed, 'synthetic cell')} of {name} {'holds' if found.observed == 1 else 'hold'} a value that "
            f"fewer than one real row in {round(1 / found.below):,} holds; {found.expected:,.0f} should."
        ),
        next_step="Sample rare values from the real shares, or say that they were left out, for instance for privacy.",
    )


def _lost(pool: Values, table: Values) -> dict[str, int]:
    """Values that are absent though chance would hardly miss them.

    The second condition asks the same of real and synthetic rows together, so that a value
    that is frequent in the real rows by luck alone does not count.
    """
    n, total = sum(table.values()), sum(pool.values())
    held = {fold_spelling(value) for value in table}
    absent = {value: count for value, count in pool.items() if fold_spelling(value) not in held}
    if n == 0 or total == 0:
        return {}
    return {
        value: count
        for value, count in absent.items()
        if n * np.log1p(-min(count / total, 1 - 1e-12)) < np.log(_SURE)
        and count * np.log(total / (total + n)) < np.log(FALSE_ALARM_RATE)
    }


def _lost_sentence(name: str, lost: Values, known: int, share: float, k: int) -> str:
    if not lost:
        return f"No value of {name} is lost."
    named = sorted(
        (value for value, count in lost.items() if count >= k), key=lambda value: (-lost[value], value)
    )
    such = (
        f" ({', '.join(value_text(value) for value in named[:MAX_NAMED])}{' …' if len(named) > MAX_NAMED else ''})"
        if named
        else ""
    )
    verb = "does" if len(lost) == 1 else "do"
    return (
        f"{len(lost):,} of the {plural(known, 'real value')} of {name}{such} {verb} not occur in the synthetic table; "
        f"{percent(share)} of real rows hold {'it' if len(lost) == 1 else 'them'}."
    )
