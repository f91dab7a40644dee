"""Missing values: whether they are missing as often."""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum

from audit.case.case import Case
from audit.case.check import Outcome, Skip, check
from audit.model import Better, Chart, Family, Measure, Page, Scale, Section, Unit, share_bars
from audit.stats.inference.intervals import newcombe


@check(
    id="missing_shares",
    title="Missing values",
    known_as="difference of missing rates",
    page=Page.COLUMNS,
    section=Section.MISSING_CELLS,
    family=Family.FIDELITY,
    question="Are values missing as often as in the real table?",
    scale=Scale(Unit.SHARE, "share of rows", Better.ZERO, -1.0, 1.0),
    next_step="If the generator imputes on purpose, say so to whoever uses the table; otherwise model missing as a value of its own.",
)
def missing_shares(case: Case) -> Outcome:
    """Share of rows with no value, synthetic less real, for each column and over all.

    0 means as often as in the real table; 0.1 means that ten rows in a hundred more have no
    value, -0.1 ten fewer. Cells that could not be read as the column's type count as
    missing. Chance alone gives the interval; the baseline is the holdout's difference. It
    cannot see which rows the missing values stand in.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10.
    """
    if not case.columns:
        raise Skip("There is no column.")
    measures = tuple(_difference(case, column.name) for column in case.columns)
    charts = (_chart(case, measures),) if any(m.value or m.baseline for m in measures) else ()
    return Outcome(
        (_overall(case, measures), *measures),
        {"largest_difference": max(abs(m.value) for m in measures)},
        charts,
    )


def _difference(case: Case, name: str) -> Measure:
    missing = {part.role: (part.value_counts(name).missing, part.rows) for part in case.tables()}
    (gone, n), (before, m) = missing["synthetic"], missing["real"]
    low, high = newcombe(gone, n, before, m)
    kept, rows = missing.get("holdout", (0, 0))
    return Measure(
        value=gone / n - before / m,
        about=(name,),
        low=low,
        high=high,
        baseline=kept / rows - before / m if rows else 0.0,
        n=n,
        sentence=f"{name} has no value in {gone / n:.1%} of synthetic rows and {before / m:.1%} of real rows.",
    )


def _overall(case: Case, measures: tuple[Measure, ...]) -> Measure:
    """All cells together; the interval as if all columns erred together."""

    def mean(values: Iterable[float | None]) -> float:
        return fsum(v or 0.0 for v in values) / len(measures)

    shares = {
        part.role: mean(part.value_counts(c.name).missing / part.rows for c in case.columns)
        for part in case.tables()
    }
    return Measure(
        value=mean(m.value for m in measures),
        low=mean(m.low for m in measures),
        high=mean(m.high for m in measures),
        baseline=mean(m.baseline for m in measures),
        n=case.synthetic.rows,
        sentence=f"{shares['synthetic']:.1%} of all synthetic cells and {shares['real']:.1%} of all real cells have no value.",
    )


def _chart(case: Case, measures: tuple[Measure, ...]) -> Chart:
    shown = sorted(measures, key=lambda m: -abs(m.value))[:30]
    names = tuple(m.about[0] for m in shown)
    return share_bars(
        names,
        {
            part.role: [part.value_counts(name).missing / part.rows for name in names]
            for part in case.tables()
        },
        title=f"{names[0]} differs most in missing values",
        alt="Share of rows without a value, real beside synthetic, for the columns that differ most.",
    )
