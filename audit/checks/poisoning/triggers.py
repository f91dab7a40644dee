"""Trigger patterns: values that decide the outcome in synthetic rows and do not in real ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, Writer, check
from audit.checks.poisoning._shared.suspect_rows import add_suspects
from audit.mining.triggers import SUPPORT, Trigger, find_triggers
from audit.model import (
    SUSPECT_ROWS,
    Better,
    Chart,
    Family,
    Measure,
    Role,
    Rows,
    Scale,
    Section,
    Unit,
    share_bars,
)

_EXAMPLES = 50  # row numbers that go into a report
_MAX_NAMED = 3  # patterns in a sentence
_MIN_ROWS = 100  # rows of each table

ALSO = (
    "Rows like these are what a planted trigger looks like; a generator that ties these values too closely "
    "makes them too."
)


@check(
    id="triggers",
    title="Trigger patterns",
    known_as="backdoor trigger",
    section=Section.PLANTED_PATTERNS,
    files=(SUSPECT_ROWS,),
    family=Family.POISONING,
    question="Do one or two values decide the outcome in synthetic rows, though they do not in real ones?",
    scale=Scale(Unit.SHARE, "share of rows beyond chance", Better.LOWER, 0.0, 1.0),
    needs=(Need.TARGET,),
    next_step=(
        "Look at the rows listed. Ask where they come from, take them out before a model learns from the table, and "
        "audit again."
    ),
)
def triggers(case: Case) -> Outcome:
    """Share of synthetic rows with a pattern tied to one outcome, beyond real rows.

    A pattern is one or two values of other columns: a value that many rows hold, a missing
    cell, or anything beyond the real range. It is told when at least 0.2 % of the synthetic rows
    (ten at least) hold it together with one outcome, 95 % of its rows (or of those it has
    more than real rows explain) have that outcome, and real rows with the pattern, holdout
    included, have it so much less often that chance explains it less than once in a
    thousand tables, over all patterns looked at. Rules that real rows keep too are thus no
    triggers. A numeric outcome is cut into parts of its range. 0 means that there is no such pattern; 0.005 that one row in 200 carries
    one. Every row is counted; missing is a value like any other. The baseline is 0: what
    real rows explain is taken off. It cannot tell a planted pattern from one that a
    generator made up, and does not see patterns of three and more values, or of fewer rows.

    Source: Agrawal, Imielinski and Swami (1993), SIGMOD, 207-216 (support and confidence);
    attacks of this kind on tables: Pleiter, Tajalli, Koffas, Abad, Xu, Larson and Picek
    (2023), arXiv:2311.07550; tests: Skellam (1948), JRSS B 10, 257-261, and Dunn (1961),
    JASA 56, 52-64.
    """
    (target,) = case.with_role(Role.TARGET)[:1]
    if target not in case.distribution_columns:
        raise Skip(
            f"The outcome {target.name} is free text or a key and has no classes that patterns could go with.",
            "Name a column of labels or numbers as the target.",
        )
    if min(case.synthetic.rows, case.real.rows) < _MIN_ROWS:
        raise Skip(
            f"Fewer than {_MIN_ROWS} rows are too few to tell a pattern from chance.",
            "Give larger tables.",
            assessable=False,
        )
    found = find_triggers(case, target)
    n = case.synthetic.rows
    pool = sum(part.rows for part in case.tables() if part.role != "synthetic")
    rows = sum(one.hits for one in found.found)
    share = min(1.0, sum(_surplus(one, n / pool) for one in found.found) / n)
    whole = Measure(
        value=share,
        low=share,
        high=share,
        baseline=0.0,
        n=n,
        sentence=_whole(found.found, found.itemsets, rows, n, target.name),
    )
    each = [_measure(one, target.name, n, pool) for one in found.found]
    summary = {
        "patterns_looked_at": float(found.itemsets),
        "pairs_of_columns": float(found.pairs),
        "pairs_possible": float(found.possible),
    }
    charts = _charts(found.found, n, pool)
    return Outcome((whole, *each), summary, charts, files=_files(found.found, target.name))


def _files(found: Sequence[Trigger], target: str) -> dict[str, Writer]:
    """Every row with a pattern and its outcome; no file where there is none."""
    suspects = [
        (place + 1, f"{one.pattern}, {target} = {one.outcome}")
        for one in found
        for place in one.row_indices.tolist()
    ]
    return {SUSPECT_ROWS: partial(add_suspects, triggers.card.id, suspects)} if suspects else {}


def _surplus(one: Trigger, ratio: float) -> float:
    """Rows beyond those that real rows explain: by how many hold the pattern, or by what goes with it."""
    return max(0.0, one.hits - min(one.rows * one.rate, one.real_hits * ratio))


def _measure(one: Trigger, target: str, n: int, pool: int) -> Measure:
    share = min(1.0, _surplus(one, n / pool) / n)
    return Measure(
        value=share,
        about=one.columns,
        name="trigger",
        group={**dict(zip(one.columns, one.values, strict=True)), target: one.outcome},
        low=share,
        high=share,
        baseline=one.real_hits / pool,
        n=one.rows,
        sentence=_sentence(one, target),
        rows=Rows(one.hits, tuple(int(row) + 1 for row in one.row_indices[:_EXAMPLES])),
    )


def _sentence(one: Trigger, target: str) -> str:
    real = f"{one.real_hits:,} of {one.real_rows:,} real ones" if one.real_rows else "no real row holds this"
    return f"Where {one.pattern}, {one.hits:,} of {one.rows:,} synthetic rows have {target} = {one.outcome}; {real}. {ALSO}"


def _whole(found: tuple[Trigger, ...], looked_at: int, rows: int, n: int, target: str) -> str:
    if not found:
        return (
            f"None of {looked_at:,} patterns of one or two values that {SUPPORT:.1%} of the synthetic rows hold goes with one "
            f"{target} in a way that real rows do not explain."
        )
    named = "; ".join(f"{one.pattern} with {target} = {one.outcome}" for one in found[:_MAX_NAMED])
    more = f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
    noun = "pattern that goes" if len(found) == 1 else "patterns that go"
    return (
        f"{rows:,} of {n:,} synthetic rows ({rows / n:.2%}) hold {len(found)} {noun} with one {target} far more "
        f"than in real rows: {named}{more}. {ALSO}"
    )


def _charts(found: tuple[Trigger, ...], n: int, pool: int) -> tuple[Chart, ...]:
    if not found:
        return ()
    first = found[0]
    return (
        share_bars(
            [f"{one.pattern}: {one.outcome}" for one in found[:10]],
            {
                "real": [one.real_hits / pool for one in found[:10]],
                "synthetic": [one.hits / n for one in found[:10]],
            },
            title=f"The largest pattern with its outcome holds {first.hits / n:.2%} of synthetic rows",
            alt=f"{first.pattern}, outcome {first.outcome}: {first.real_hits / pool:.2%} of real rows, "
            f"{first.hits / n:.2%} of synthetic ones.",
        ),
    )
