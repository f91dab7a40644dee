"""Dates that do not exist or have not come yet, and the rhythm of days and hours that is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.arrays import Ints
from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.artifacts._shared.clock_changes import clock_changes
from audit.checks.artifacts._shared.excess_counts import (
    FALSE_ALARM_RATE,
    SHARE,
    example_rows,
    excess_over_real,
    max_by_chance,
    percent,
    plural,
)
from audit.model import Chart, Column, Family, Kind, Measure, share_bars
from audit.stats.distributions.calendar import LABELS, calendar_cells
from audit.stats.distributions.distances import expected_total_variation, shares, total_variation
from audit.stats.distributions.marginals import pool_rare_cells

_LATEST = 1.0  # one end of a range: the mass beyond it follows a beta(1, n) distribution
_DAY = 86400
_PROFILES = ("weekday", "hour", "month")
_RARE, _COMMON = 1 / 3, 1 / 10  # of the alarm: for either count of impossible dates, for each of the rest
_CLOCKS = 1 / 20  # of the alarm, for either count around a change of clocks
_STEPS = {
    "": "Generate dates as numbers of days or seconds and format them afterwards, so that only real days come out.",
    "future": "Cut generated dates at the latest day that the real table can know of.",
    "midnight": "Generate the date and the time of day, each as the real table holds it.",
    "full_minute": "Round generated times as the real ones are written.",
}
_RHYTHM = "Generate weekday, hour and month as columns of their own, and build the date from them."


@dataclass(frozen=True, slots=True)
class _Times:
    """Cells of a date column: how many, their rhythm, and the latest.

    impossible : cells that hold no date at all
    """

    filled: int
    impossible: int
    midnight: int
    full_minute: int
    profiles: dict[str, Ints]
    latest: float

    def __add__(self, other: _Times) -> _Times:
        return _Times(
            self.filled + other.filled,
            self.impossible + other.impossible,
            self.midnight + other.midnight,
            self.full_minute + other.full_minute,
            {name: counts + other.profiles[name] for name, counts in self.profiles.items()},
            max(self.latest, other.latest),
        )

    @property
    def cells(self) -> int:
        """Cells in which something is written."""
        return self.filled + self.impossible


@check(
    id="timestamps",
    title="Dates and times",
    family=Family.ARTIFACTS,
    question="Do all synthetic dates exist, end where the real ones end, and keep their rhythm?",
    scale=SHARE,
    next_step=_RHYTHM,
)
def timestamps(case: Case) -> Outcome:
    """Share of a column's synthetic cells that hold no possible date, beyond chance.

    30 February, or text in a column of dates, is no possible date. Told apart: `future`, the
    share of dates later than the latest real one, beyond the few that fresh real rows would
    bring; `midnight` and `full_minute`, by how much the share of dates without a time of day,
    or without seconds, is off, as when times are lost or made up; `weekday`, `hour` and
    `month`, the share of dates that would have to move to another day of the week, hour or
    month to restore the real rhythm (total variation, less what chance gives). 0 means no more
    than chance explains; 1 that no date is right. The hour is asked only where real dates have
    a time of day. `skipped_hour` and `repeated_hour`, the share of times in an hour that clocks
    skip in spring or repeat in autumn, beyond the real share, are asked only where real times
    show which clocks they follow: none lies in the hours that a known time zone skips, though
    a dozen would by the weeks before and after. Times with a time zone are read as UTC, which
    skips none. Missing cells do not count. The baseline is the holdout against the real table.
    Every row is counted. Dates in the wrong order are told by
    `arithmetic_rules`, dates before the first real one by `boundaries`.

    Source: Pearson's test of two samples: Agresti (2013), Categorical Data Analysis, section
    3.2; rows beyond the end of a sample: Gumbel and von Schelling (1950), Annals of
    Mathematical Statistics 21, 247-262.
    """
    columns = case.of_kind(Kind.DATE)
    if not columns:
        raise Skip("No column holds dates.")
    measures: list[Measure] = []
    charts = []
    for column in columns:
        seconds = {part.role: _seconds(part, column) for part in case.tables()}
        times = {part.role: _times(case, part, column, seconds[part.role]) for part in case.tables()}
        if times["real"].filled and times["synthetic"].cells:
            found = list(_measures(case, column, times, FALSE_ALARM_RATE / len(columns)))
            if any(t.midnight < t.filled for role, t in times.items() if role != "synthetic"):
                found += clock_changes(column.name, seconds, _CLOCKS * FALSE_ALARM_RATE / len(columns))
            measures += found
            charts.append((max(m.value for m in found), column.name, times))
    if not measures:
        raise Skip("No column of dates has a value in both tables.")
    worst = max(charts, key=lambda one: one[0])
    return Outcome(tuple(measures), charts=_charts(worst[1], worst[2]))


def _seconds(part: CaseTable, column: Column) -> NDArray[np.float64]:
    """Filled cells in seconds since 1970."""
    seconds = np.asarray(part.column(column.name), dtype=np.float64)
    return seconds[~np.isnan(seconds)]


def _times(case: Case, part: CaseTable, column: Column, seconds: NDArray[np.float64]) -> _Times:
    field = part.field(column.name)
    lost = 0
    if part.role == "synthetic":
        lost = sum(c.rows for c in case.alignment.coerced if c.column == column.name)
    return _read(seconds, field.unparsed + lost)


def _read(seconds: NDArray[np.float64], impossible: int) -> _Times:
    """What the filled cells of a column, in seconds since 1970, say."""
    return _Times(
        filled=len(seconds),
        impossible=impossible,
        midnight=int((seconds % _DAY == 0).sum()),
        full_minute=int((seconds % 60 == 0).sum()),
        profiles={
            name: np.bincount(calendar_cells(seconds, name), minlength=len(LABELS[name]))
            for name in _PROFILES
        },
        latest=float(seconds.max(initial=-np.inf)),
    )


def _measures(case: Case, column: Column, times: dict[str, _Times], alarm: float) -> Iterator[Measure]:
    real, held = times["real"], times.get("holdout")
    both = real + held if held is not None and held.filled else real
    yield _impossible(column, times, both, _RARE * alarm)
    if not times["synthetic"].filled:
        return
    yield _future(case, column, both, _RARE * alarm)
    timed = both.midnight < both.filled
    yield _written(column, "midnight", times, both, _COMMON * alarm)
    if timed:
        yield _written(column, "full_minute", times, both, _COMMON * alarm)
    for name in _PROFILES:
        if name != "hour" or timed:
            yield _profile(column, name, times, both, _COMMON * alarm)


def _impossible(column: Column, times: dict[str, _Times], real: _Times, alarm: float) -> Measure:
    found, held = times["synthetic"], times.get("holdout")
    baseline = _unreal(held, times["real"], alarm) if held is not None and held.cells else 0.0
    sentence = (
        f"{plural(found.impossible, 'synthetic cell')} of {column.name} "
        f"({percent(found.impossible / found.cells)}) {'holds' if found.impossible == 1 else 'hold'} no date "
        f"that exists; {plural(real.impossible, 'real cell')} of {real.cells:,} "
        f"{'does' if real.impossible == 1 else 'do'}."
    )
    return _fact(column, "", _unreal(found, real, alarm), baseline, found.cells, sentence)


def _unreal(found: _Times, real: _Times, alarm: float) -> float:
    return excess_over_real(
        found.impossible, found.cells, real.impossible, found.cells / real.cells, alarm
    ).value


def _fact(
    column: Column, name: str, value: float, baseline: float, n: int, sentence: str, next_step: str = ""
) -> Measure:
    return Measure(
        value=value,
        about=(column.name,),
        name=name,
        low=value,
        high=value,
        baseline=baseline,
        n=n,
        sentence=sentence,
        next_step=next_step or _STEPS.get(name, ""),
    )


def _future(case: Case, column: Column, real: _Times, alarm: float) -> Measure:
    """Dates later than any real one; how many chance explains is told, not which day that is."""
    late = nw.col(case.key(column.name)) > real.latest
    counts = case.synthetic.frame.select(
        nw.when(late).then(1).otherwise(0).sum().alias("late"),
        nw.col(case.key(column.name)).count().alias("n"),
    ).collect()
    count, n = int(counts.get_column("late")[0] or 0), int(counts.get_column("n")[0])
    limit = max_by_chance(_LATEST, n / real.filled, alarm)
    sentence = (
        f"{plural(count, 'synthetic date')} of {column.name} ({percent(count / n)}) "
        f"{'lies' if count == 1 else 'lie'} after the latest real one; chance explains up to {limit:,}."
    )
    measure = _fact(column, "future", count / n if count > limit else 0.0, 0.0, n, sentence)
    return replace(measure, rows=example_rows(case.synthetic, late, count))


def _written(column: Column, name: str, times: dict[str, _Times], real: _Times, alarm: float) -> Measure:
    """Dates at midnight or on a full minute: too many of them, or too few."""
    found, held = times["synthetic"], times.get("holdout")
    what = "no time of day" if name == "midnight" else "no seconds"
    share, due = getattr(found, name) / found.filled, getattr(real, name) / real.filled
    baseline = _off(held, times["real"], name, alarm) if held is not None and held.filled else 0.0
    sentence = f"{percent(share)} of the synthetic dates of {column.name} have {what}; {percent(due)} of the real ones."
    return _fact(column, name, _off(found, real, name, alarm), baseline, found.filled, sentence)


def _off(found: _Times, real: _Times, name: str, alarm: float) -> float:
    ratio = found.filled / real.filled
    have, due = getattr(found, name), getattr(real, name)
    more = excess_over_real(have, found.filled, due, ratio, alarm / 2).value
    fewer = excess_over_real(found.filled - have, found.filled, real.filled - due, ratio, alarm / 2).value
    return max(more, fewer)


def _profile(column: Column, name: str, times: dict[str, _Times], real: _Times, alarm: float) -> Measure:
    found, held = times["synthetic"].profiles[name], times.get("holdout")
    own = real.profiles[name]
    baseline = 0.0
    if held is not None and held.filled:
        baseline = _moved(times["real"].profiles[name], held.profiles[name], alarm)
    gaps = shares(found) - shares(own)
    place = int(np.argmax(np.abs(gaps)))
    sentence = (
        f"By {name} {percent(total_variation(own, found))} of the synthetic dates of {column.name} are out of place; "
        f"most {LABELS[name][place]}, with {percent(float(shares(found)[place]))} of synthetic "
        f"and {percent(float(shares(own)[place]))} of real dates."
    )
    return _fact(column, name, _moved(own, found, alarm), baseline, int(found.sum()), sentence, _RHYTHM)


def _moved(real: Ints, found: Ints, alarm: float) -> float:
    """Total variation beyond chance; 0 where a test of two samples cannot tell it from chance."""
    cells = pool_rare_cells(real, found)
    n, m = int(real.sum()), int(found.sum())
    due = (cells.left + cells.right) / (n + m)
    kept = due > 0
    statistic = sum(
        float((((counts - total * due) ** 2)[kept] / (total * due[kept])).sum())
        for counts, total in ((cells.left, n), (cells.right, m))
    )
    if int(kept.sum()) < 2 or special.chdtrc(int(kept.sum()) - 1, statistic) > alarm:
        return 0.0
    return max(0.0, total_variation(real, found) - expected_total_variation(real, n, m))


def _charts(name: str, times: dict[str, _Times]) -> tuple[Chart, ...]:
    """The rhythm of one column: what is furthest from the real one."""
    real, found = times["real"], times["synthetic"]
    if not found.filled:
        return ()
    gaps = {p: total_variation(real.profiles[p], found.profiles[p]) for p in _PROFILES}
    profile = max(gaps, key=lambda p: gaps[p])
    return (
        share_bars(
            LABELS[profile],
            {
                "real": shares(real.profiles[profile]).tolist(),
                "synthetic": shares(found.profiles[profile]).tolist(),
            },
            title=f"Dates of {name} by {profile}",
            alt=f"{percent(gaps[profile])} of the synthetic dates would have to move to another {profile}.",
            about=(name,),
            words="share of dates",
        ),
    )
