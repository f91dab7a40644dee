"""Hours that clocks skip in spring and repeat in autumn, where real times keep them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from audit.arrays import Floats
from audit.checks.artifacts._shared.excess_counts import excess_over_real, percent, plural
from audit.model import Measure

Hours = list[tuple[float, float]]

# One zone for each way in which clocks change; all clocks of the United States change at 2:00.
_ZONES = (
    *("Europe/Berlin", "Europe/London", "Europe/Athens", "America/New_York"),
    *("Australia/Sydney", "Pacific/Auckland", "America/Santiago", "America/Sao_Paulo"),
)
_CLEAN = 0.001  # chance, over all zones, that so many real times would have missed the skipped hours
_WEEK = 7 * 86_400.0
_STEP = _WEEK * 2  # clocks never change twice in so short a time
_ENDS = (0.0, 2_145_916_800.0)  # 1970 to 2038, for which rules are known
_SKIPPED_STEP = (
    "Generate times in UTC and turn them to local time afterwards, so that no skipped hour comes out."
)
_REPEATED_STEP = "Look at how times without an hour of their own are mended: they seem to be put into the hour that clocks repeat."


@dataclass(frozen=True, slots=True)
class _Clock:
    """The hours of a zone that clocks skip and repeat, in seconds of the clock on the wall."""

    zone: str
    skipped: Hours
    repeated: Hours


def clock_changes(about: str, times: Mapping[str, Floats], alarm: float) -> Iterator[Measure]:
    """Synthetic times in hours that do not exist, or piled up in hours that come twice.

    Parameters
    ----------
    about : the column
    times : seconds since 1970 on the clock on the wall, by role, without missing ones
    alarm : chance that fresh real rows exceed what is taken off

    Notes
    -----
    Says nothing unless real times show that their clock changes: none lies in the skipped hours
    of a known zone, where the same hours one and two weeks before and after make at least a
    dozen likely.
    """
    real = np.sort(np.concatenate([values for role, values in times.items() if role != "synthetic"]))
    clock = _clock(real)
    if clock is None:
        return
    synthetic, n = np.sort(times["synthetic"]), len(times["synthetic"])
    for name, hours in (("skipped_hour", clock.skipped), ("repeated_hour", clock.repeated)):
        count, events = _within(synthetic, hours), _within(real, hours)
        value = excess_over_real(count, n, events, n / len(real), alarm).value
        how = "that clocks skip in spring" if name == "skipped_hour" else "that clocks repeat in autumn"
        yield Measure(
            value=value,
            about=(about,),
            name=name,
            low=value,
            high=value,
            baseline=0.0,
            n=n,
            sentence=(
                f"{plural(count, 'synthetic time')} of {about} ({percent(count / n)}) "
                f"{'lies' if count == 1 else 'lie'} in an hour {how}; {percent(events / len(real))} of "
                f"{len(real):,} real ones do. Real times change clocks as in {clock.zone}."
            ),
            next_step=_SKIPPED_STEP if name == "skipped_hour" else _REPEATED_STEP,
        )


def _within(times: Floats, hours: Hours) -> int:
    """Times, increasing, that lie in any of these hours."""
    return int(sum(np.searchsorted(times, end) - np.searchsorted(times, start) for start, end in hours))


def _clock(real: Floats) -> _Clock | None:
    """The zone whose skipped hours real times avoid beyond all doubt."""
    least = -math.log(_CLEAN / len(_ZONES))
    if len(real) < least:
        return None
    first, last = max(float(real[0]), _ENDS[0]), min(float(real[-1]), _ENDS[1])
    found = []
    for zone in _ZONES:
        clock = _changes(zone, first, last)
        due = sum(_usual(real, start, end, first, last) for start, end in clock.skipped)
        if due >= least and _within(real, clock.skipped) == 0:
            found.append((due, clock))
    return max(found, key=lambda one: one[0])[1] if found else None


def _usual(real: Floats, start: float, end: float, first: float, last: float) -> float:
    """Real times in the same hour of other weeks, on average."""
    others = [(start + k * _WEEK, end + k * _WEEK) for k in (-2, -1, 1, 2)]
    inside = [hours for hours in others if first <= hours[0] and hours[1] <= last]
    return _within(real, inside) / len(inside) if inside else 0.0


def _changes(name: str, first: float, last: float) -> _Clock:
    """What the clocks of a zone skip and repeat between two times."""
    try:
        zone = ZoneInfo(name)
    except ZoneInfoNotFoundError:  # a system without time zones: nothing is known of this one
        return _Clock(name, [], [])
    skipped: Hours = []
    repeated: Hours = []
    for early in np.arange(first, last, _STEP).tolist():
        late = min(early + _STEP, last)
        before, after = _offset(zone, early), _offset(zone, late)
        if before != after:
            moment = _moment(zone, early, late)
            hours = (moment + min(before, after), moment + max(before, after))
            (skipped if after > before else repeated).append(hours)
    return _Clock(name, skipped, repeated)


def _moment(zone: ZoneInfo, early: float, late: float) -> float:
    """The full minute, in UTC, from which the clock goes by another offset."""
    before = _offset(zone, early)
    low, high = math.floor(early / 60), math.ceil(late / 60)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle * 60.0) == before else (low, middle)
    return high * 60.0


def _offset(zone: ZoneInfo, seconds: float) -> float:
    offset = datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset()
    return 0.0 if offset is None else offset.total_seconds()
