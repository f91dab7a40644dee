"""The calendar: hours, weekdays, months, the run of years, and what goes with the season."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from audit.arrays import Floats, Ints
from audit.case.case import Case, column_names
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, Skip, check
from audit.model import Better, Chart, Family, Kind, Measure, Scale, Section, Unit, share_bars
from audit.stats.distributions.calendar import DAY, LABELS, calendar_cells
from audit.stats.distributions.distances import (
    expected_total_variation,
    shares,
    total_variation,
    total_variation_error,
)
from audit.stats.distributions.interaction import PatternMatch, match_pattern
from audit.stats.distributions.weighted import common_support
from audit.stats.inference.intervals import Z95

_JUDGED = ("hour", "weekday", "month")
_SPANS = {
    "hour": 3 * DAY,
    "weekday": 28 * DAY,
    "month": 365 * DAY,
    "quarter": 365 * DAY,
}  # of real dates, at least
_STRONG, _CLEAR = 0.05, 8.0  # Cramer's V of a real season that is asked about, and standard errors
_SURE = 0.04  # standard error of the share of a season that is kept, at most
_MIN_DATES = 200  # dates of a table
_MAX_SEASONS = 12  # told of one column of dates, the strongest


@dataclass(frozen=True, slots=True)
class _Dates:
    """A column of dates in one table: the moments, and the rows that hold one."""

    seconds: Floats
    rows: Ints

    def profile(self, name: str) -> Ints:
        return np.bincount(calendar_cells(self.seconds, name), minlength=len(LABELS[name]))


@check(
    id="calendar_drift",
    title="Calendar drift",
    known_as="change of seasonality",
    section=Section.CALENDAR,
    family=Family.DRIFT,
    question="Do dates keep their hours, weekdays, months and trend, and does what follows the season still do so?",
    scale=Scale(Unit.SHARE, "share of dates beyond chance", Better.LOWER, 0.0, None),
    needs=(Need.ROWS,),
    next_step="Generate year, month, weekday and hour as columns of their own, with what depends on them, and build the date from these.",
)
def calendar_drift(case: Case) -> Outcome:
    """Share of dates that would have to move to restore the real calendar.

    `hour`, `weekday` and `month` are total variations between the synthetic and the real
    profile, less what chance gives: 0 means the same profile, 1 that no date is where real ones
    are. The hour is asked only where real dates have one, the month only where they span a
    year. `quarter` is shown beside and not judged, as it follows from the month. `trend` is by
    how much it is likelier that a synthetic date is later than a real one than that it is
    earlier. `season` tells, for another column whose values clearly follow the month, weekday
    or hour in real rows, which share of that pattern is lost: 0 means none, 1 all; dates whose
    months were dealt anew keep their profile and lose their season. Missing dates do not count.
    Dates are read as written; where a time zone was given they are in UTC, and a table written
    in another zone shows as hours that have moved. The baseline is the holdout against the
    real table. Every row is counted. Holidays and other moving feasts are not asked about.

    Source: Cleveland and Devlin (1980), Journal of the American Statistical Association 75,
    487-496 (calendar effects); total variation: Levin and Peres (2017), proposition 4.2;
    trend: Mann and Whitney (1947), Annals of Mathematical Statistics 18, 50-60.
    """
    columns = column_names(case.of_kind(Kind.DATE))
    if not columns:
        raise Skip("No column holds dates.")
    measures: list[Measure] = []
    charts: list[Chart] = []
    for name in columns:
        dates = {part.role: _dates(part, name) for part in case.tables()}
        if min(len(dates["real"].seconds), len(dates["synthetic"].seconds)) < _MIN_DATES:
            continue
        profiles = list(_profiles(name, dates))
        found = [*_largest(profiles), *profiles, *_trend(case, name), *_seasons(case, name, dates)]
        measures += found
        charts += _charts(name, dates, found)
    if not measures:
        raise Skip(
            f"No column of dates holds {_MIN_DATES} of them in both tables.",
            "Give tables with more rows.",
            assessable=False,
        )
    return Outcome(
        tuple(measures), {"largest": max(m.value for m in measures if not m.descriptive)}, tuple(charts)
    )


def _dates(part: CaseTable, name: str) -> _Dates:
    seconds = np.asarray(part.column(name), dtype=np.float64)
    rows = np.flatnonzero(~np.isnan(seconds))
    return _Dates(seconds[rows], rows)


def _asked(real: _Dates) -> list[str]:
    """Profiles that real dates are long and fine enough for."""
    span = float(np.ptp(real.seconds))
    timed = bool((real.seconds % DAY != 0).any())
    return [name for name, least in _SPANS.items() if span >= least and (name != "hour" or timed)]


def _largest(profiles: list[Measure]) -> Iterator[Measure]:
    """The profile that is off most, as the one number of a column; judged where it stands by itself."""
    judged = [m for m in profiles if not m.descriptive]
    if judged:
        yield replace(max(judged, key=lambda m: m.value), name="", descriptive=True)


def _profiles(name: str, dates: dict[str, _Dates]) -> Iterator[Measure]:
    held = dates.get("holdout")
    for profile in _asked(dates["real"]):
        real, synthetic = dates["real"].profile(profile), dates["synthetic"].profile(profile)
        value, low, high = _beyond_chance(real, synthetic)
        gaps = shares(synthetic) - shares(real)
        place = int(np.argmax(np.abs(gaps)))
        found = Measure(
            value=value,
            about=(name,),
            name=profile,
            low=low,
            high=high,
            baseline=_beyond_chance(real, held.profile(profile))[0] if held and len(held.seconds) else 0.0,
            n=int(synthetic.sum()),
            sentence=(
                f"By {profile} {value:.1%} of the synthetic dates of {name} are out of place beyond chance; most in "
                f"{LABELS[profile][place]}, with {shares(synthetic)[place]:.1%} of synthetic and {shares(real)[place]:.1%} of real dates."
            ),
        )
        yield found if profile in _JUDGED else replace(found, descriptive=True)


def _beyond_chance(real: Ints, other: Ints) -> tuple[float, float, float]:
    beyond = total_variation(real, other) - expected_total_variation(
        real + other, int(real.sum()), int(other.sum())
    )
    half = Z95 * total_variation_error(real, other)
    value = max(0.0, beyond)
    return value, max(0.0, min(value, beyond - half)), min(1.0, value + half)


def _trend(case: Case, name: str) -> Iterator[Measure]:
    """Whether synthetic dates are later: the chance that one is later less that it is earlier."""
    value, error = _later(case, case.synthetic, name)
    baseline = 0.0 if case.holdout is None else abs(_later(case, case.holdout, name)[0])
    where = "later" if value > 0 else "earlier"
    size = abs(value)
    yield Measure(
        value=size,
        about=(name,),
        name="trend",
        low=max(0.0, size - Z95 * error),
        high=min(1.0, size + Z95 * error),
        baseline=baseline,
        n=case.synthetic.value_counts(name).filled,
        sentence=f"A synthetic date of {name} lies {where} than a real one more often than not, by {size:.1%} of the pairs.",
    )


def _later(case: Case, part: CaseTable, name: str) -> tuple[float, float]:
    """Chance that a date of the part is later than a real one less that it is earlier, and its error."""
    ours, theirs = case.real.value_counts(name), part.value_counts(name)
    if not theirs.filled:
        return 0.0, 1.0
    _, real, other = common_support(ours.values, ours.counts, theirs.values, theirs.counts)
    n, m = float(real.sum()), float(other.sum())
    below_real = (np.cumsum(real) - real / 2) / n
    below_other = (np.cumsum(other) - other / 2) / m
    area = float(other @ below_real) / m
    variance = _spread(below_real, other) / m + _spread(below_other, real) / n
    return 2 * area - 1, 2 * float(np.sqrt(variance))


def _spread(places: Floats, counts: Ints) -> float:
    mean = float(np.average(places, weights=counts))
    return float(np.average((places - mean) ** 2, weights=counts))


def _seasons(case: Case, name: str, dates: dict[str, _Dates]) -> Iterator[Measure]:
    """Other columns that follow the calendar in real rows: how much of that is lost."""
    found: list[tuple[PatternMatch, str, str, dict[str, Ints]]] = []
    for profile in _asked(dates["real"]):
        if profile not in _JUDGED:
            continue
        cells = {role: calendar_cells(one.seconds, profile) for role, one in dates.items()}
        for other in column_names(case.distribution_columns):
            if other == name:
                continue
            tables = {
                part.role: _joint(case, part, dates[part.role], cells[part.role], profile, other)
                for part in case.tables()
            }
            kept = match_pattern(tables["real"], tables["synthetic"])
            if kept and kept.strength >= _STRONG and kept.strength_z >= _CLEAR and kept.error <= _SURE:
                found.append((kept, profile, other, tables))
    strongest: dict[str, tuple[PatternMatch, str, str, dict[str, Ints]]] = {}
    for one in sorted(found, key=lambda one: (-one[0].strength, one[2])):
        strongest.setdefault(one[2], one)
    for kept, profile, other, tables in list(strongest.values())[:_MAX_SEASONS]:
        yield _season(name, other, profile, kept, tables)


def _joint(case: Case, part: CaseTable, dates: _Dates, cells: Ints, profile: str, other: str) -> Ints:
    """Rows by place in the calendar and cell of the other column."""
    size = case.binning(other).size
    codes = part.codes[dates.rows, case.code_index(other)].astype(np.int64)
    rows = len(LABELS[profile])
    return np.bincount(cells * size + codes, minlength=rows * size).reshape(rows, size)


def _season(name: str, other: str, profile: str, kept: PatternMatch, tables: dict[str, Ints]) -> Measure:
    lost = 1 - kept.share
    half = Z95 * kept.error
    fresh = match_pattern(tables["real"], tables["holdout"]) if "holdout" in tables else None
    what = f"{max(lost, 0.0):.0%} of how {other} goes with the {profile} of {name} is lost"
    return Measure(
        value=max(0.0, lost),
        about=(name, other),
        name="season",
        low=max(0.0, min(lost - half, max(0.0, lost))),
        high=max(0.0, lost) + half,
        baseline=max(0.0, 1 - fresh.share) if fresh else 0.0,
        n=int(tables["synthetic"].sum()),
        sentence=f"{what} (strength in real rows {kept.strength:.2f} on a scale from 0 to 1).",
        next_step=f"Generate {other} from the {profile} of {name}, or keep the two together where dates are made anew.",
    )


def _charts(name: str, dates: dict[str, _Dates], measures: list[Measure]) -> Iterator[Chart]:
    """The profile that is off most."""
    profiles = [m for m in measures if m.name in _JUDGED]
    if not profiles:
        return
    worst = max(profiles, key=lambda m: m.value)
    yield share_bars(
        LABELS[worst.name],
        {role: shares(one.profile(worst.name)) for role, one in dates.items() if len(one.seconds)},
        title=f"Dates of {name} by {worst.name}",
        alt=worst.sentence,
        about=(name,),
        words="share of dates",
    )
