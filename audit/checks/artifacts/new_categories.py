"""Category values that a generator invented or misspelt."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import narwhals as nw

from audit.case.case import Case
from audit.case.check import Need, Outcome, check
from audit.checks.artifacts._shared.category_values import (
    MAX_NAMED,
    Values,
    fold_spelling,
    pooled_values,
    values_of,
)
from audit.checks.artifacts._shared.excess_counts import (
    FALSE_ALARM_RATE,
    SHARE,
    example_rows,
    excess_over_real,
    gap_bars,
    percent,
    plural,
    value_text,
)
from audit.model import Column, Family, Kind, Measure, Rows

_MAX_LOOKED_UP = 200  # invented values whose rows are looked up

_MAX_RARE = 5000  # rare real values that a new one is compared with before it is named

_MIN_SIMILARITY = 0.75  # share of letters in common, in order, that makes two values alike

_VARIANT_STEP = "Write these values as the real table does; nothing needs to be generated again."


@dataclass(frozen=True, slots=True)
class _Unseen:
    """Values that the real rows do not hold, and how often fresh real rows would bring such.

    new, variants : rows by value
    new_events, variant_events : real values of the same sort that occur once
    same : for a variant, the real rows that hold the value it varies
    nameable : new values that may be named: none looks like one that few people hold
    """

    new: Values
    variants: Values
    new_events: int
    variant_events: int
    same: Values
    nameable: list[str]


@check(
    id="new_categories",
    title="Invented categories",
    known_as="category adherence",
    family=Family.ARTIFACTS,
    question="Does the synthetic table hold category values that real rows never hold?",
    scale=SHARE,
    needs=(Need.CATEGORY,),
    next_step="Map each invented value to a real one or drop its rows; then constrain the generator to the real values.",
)
def new_categories(case: Case) -> Outcome:
    """Share of synthetic cells with a value that no real row holds, beyond chance.

    A value is known if the real or the holdout table holds it, character by character. An
    unknown value that becomes a known one when letters are folded (compatible Unicode
    forms, upper and lower case, runs of spaces) is a format variant and counted apart as
    `format_variant`. 0 means that there are no unknown values, or no more cells of them
    than fresh real rows would bring: about as many as there are real values held by one row.
    1 means that no cell holds a known value. The baseline is the holdout against the real
    table alone. Missing cells do not count. It cannot tell a mistake from a true value that
    the real table happens to lack.

    Source: Good (1953), Biometrika 40, 237-264 (unseen values by those seen once); Unicode
    Standard Annex 15 (normalisation form KC).
    """
    measures: list[Measure] = []
    bars = []
    columns = case.of_kind(Kind.CATEGORY)
    for column in columns:
        pool = pooled_values(case, column.name)
        unseen = _unseen(pool, values_of(case.synthetic, column.name), case.k)
        measures += _new_measures(case, column, unseen, sum(pool.values()), FALSE_ALARM_RATE / len(columns))
        filled = max(case.synthetic.value_counts(column.name).filled, 1)
        bars.append((column.name, 0.0, (sum(unseen.new.values()) + sum(unseen.variants.values())) / filled))
    worst = max(bars, key=lambda bar: bar[2])
    chart = gap_bars(
        "Synthetic cells whose value no real row holds",
        f"{plural(sum(share > 0 for _, _, share in bars), 'column')} of {len(bars)} hold invented values; "
        f"most in {worst[0]} ({percent(worst[2])} of its cells).",
        bars,
        "share of cells",
    )
    return Outcome(tuple(measures), charts=(chart,))


def _new_measures(case: Case, column: Column, unseen: _Unseen, known: int, alarm: float) -> Iterable[Measure]:
    """The invented values and, where there are any, the misspelt ones; `known` counts real rows."""
    n = case.synthetic.value_counts(column.name).filled
    base = _holdout_values(case, column.name)
    ratio = n / max(known, 1)
    value = excess_over_real(sum(unseen.new.values()), n, unseen.new_events, ratio, alarm).value
    how = "that no real row holds"
    yield _measure(
        case, column, value, base[0], unseen.new, _sentence(column, n, unseen.new, unseen.nameable, how)
    )
    if unseen.variants:
        value = excess_over_real(sum(unseen.variants.values()), n, unseen.variant_events, ratio, alarm).value
        safe = [variant for variant in unseen.variants if unseen.same[variant] >= case.k]
        how = "that differ from a real one only in case, spaces or Unicode form"
        sentence = _sentence(column, n, unseen.variants, safe, how)
        measure = _measure(case, column, value, base[1], unseen.variants, sentence)
        yield replace(measure, name="format_variant", next_step=_VARIANT_STEP)


def _measure(
    case: Case, column: Column, value: float, baseline: float, found: Values, sentence: str
) -> Measure:
    return Measure(
        value=value,
        about=(column.name,),
        low=value,
        high=value,
        baseline=baseline,
        n=case.synthetic.value_counts(column.name).filled,
        sentence=sentence,
        rows=_rows_with(case, column.name, found),
    )


def _sentence(column: Column, filled: int, found: Values, nameable: list[str], how: str) -> str:
    count, name = sum(found.values()), column.name
    if count == 0:
        return f"Every synthetic value of {name} occurs in the real rows."
    named = sorted(nameable, key=lambda value: (-found[value], value))[:MAX_NAMED]
    such = f" (such as {', '.join(value_text(value) for value in named)})" if named else ""
    return (
        f"{plural(count, 'synthetic cell')} of {name} ({percent(count / max(filled, 1))}) hold "
        f"{plural(len(found), 'value')}{such} {how}."
    )


def _rows_with(case: Case, name: str, found: Values) -> Rows | None:
    asked = sorted(found, key=lambda value: (-found[value], value))[:_MAX_LOOKED_UP]
    return example_rows(case.synthetic, nw.col(case.key(name)).is_in(asked), sum(found.values()))


def _holdout_values(case: Case, name: str) -> tuple[float, float]:
    """New and misspelt values of the holdout against the real table; without one, chance alone leaves none."""
    if case.holdout is None:
        return 0.0, 0.0
    unseen = _unseen(values_of(case.real, name), values_of(case.holdout, name), case.k)
    n = case.holdout.value_counts(name).filled
    ratio = n / max(case.real.value_counts(name).filled, 1)
    new = excess_over_real(sum(unseen.new.values()), n, unseen.new_events, ratio).value
    return new, excess_over_real(sum(unseen.variants.values()), n, unseen.variant_events, ratio).value


def _nameable(new: Values, known: Values, k: int) -> list[str]:
    """The most frequent new values, but for those that look like a value of fewer than k people.

    A generator that spells letter by letter writes a rare name with a slip; shown, it would
    still be that person's name. Where very many values are rare, none is named.
    """
    rare = [fold_spelling(value) for value, count in known.items() if count < k]
    if len(rare) > _MAX_RARE:
        return []
    frequent = sorted(new, key=lambda value: (-new[value], value))[: 3 * MAX_NAMED]
    return [
        value
        for value in frequent
        if not difflib.get_close_matches(fold_spelling(value), rare, 1, _MIN_SIMILARITY)
    ]


def _unseen(known: Values, table: Values, k: int) -> _Unseen:
    unknown = {value: count for value, count in table.items() if value not in known}
    folded: Counter[str] = Counter()
    spellings: Counter[str] = Counter()
    for value, count in known.items():
        folded[fold_spelling(value)] += count
        spellings[fold_spelling(value)] += 1
    variants = {value: count for value, count in unknown.items() if fold_spelling(value) in folded}
    new = {value: count for value, count in unknown.items() if value not in variants}
    once = [value for value, count in known.items() if count == 1]
    varied = sum(spellings[fold_spelling(value)] > 1 for value in once)
    return _Unseen(
        new=new,
        variants=variants,
        new_events=len(once) - varied,
        variant_events=varied,
        same={value: folded[fold_spelling(value)] for value in variants},
        nameable=_nameable(new, known, k),
    )
