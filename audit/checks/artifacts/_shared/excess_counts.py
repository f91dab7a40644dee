"""Counted facts about the synthetic rows, told apart from what fresh real rows would show by chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import narwhals as nw
import numpy as np
from scipy import special

from audit.case.case_table import CaseTable
from audit.model import Better, Chart, Kind, Rows, Scale, Unit, share_bars

SHARE = Scale(Unit.SHARE, "share of rows beyond chance", Better.LOWER, 0.0, 1.0)
EXAMPLES = 50  # row numbers that go into a report
FALSE_ALARM_RATE = (
    0.01  # chance that a check's allowance is exceeded by fresh real rows, over all its columns
)
_BARS = 20
_LONGEST = 40  # characters of a value in a sentence


@dataclass(frozen=True, slots=True)
class ExcessCount:
    """A count against what fresh real rows would show.

    value : share of rows beyond the expected one; 0 where chance can explain the count
    limit : the largest count that chance explains
    expected : count that fresh real rows show on average
    """

    value: float
    limit: int
    expected: float


def excess_over_real(
    count: float, n: int, events: float, ratio: float, alarm: float = FALSE_ALARM_RATE
) -> ExcessCount:
    """How far a count in n synthetic rows goes beyond the same count in real rows.

    What chance explains counts as none: the number is the share of rows beyond chance, and a table
    without breaches passes; held back like a detail that chance explains it would have no grade.

    Parameters
    ----------
    count : synthetic rows that have the property
    n : synthetic rows; with none the value is 0
    events : the same count in the real rows, any fraction of a row allowed
    ratio : how many real rows' worth the synthetic rows are: n over the real rows
    alarm : chance that n fresh real rows exceed the limit

    Returns
    -------
    Excess, its value in [0, 1]
    """
    limit = max_by_chance(events + 0.5, ratio, alarm)
    expected = events * ratio
    value = 0.0 if count <= limit or n == 0 else max(0.0, (count - expected) / n)
    return ExcessCount(value, limit, expected)


def max_by_chance(shape: float, ratio: float, alarm: float) -> int:
    """The smallest k that a fresh count exceeds with a chance of at most `alarm`.

    Parameters
    ----------
    shape : events seen plus one half (two for rows beyond both ends of a range)
    ratio : size of the fresh sample over the size of the one in which the events were seen
    alarm : in (0, 1)

    Notes
    -----
    The rate behind the events is not known but follows a gamma distribution (Jeffreys' rule),
    so that the fresh count is negative binomial. Few events thus allow more than a Poisson
    count would, and none at all still allow some.

    Source: Gelman et al. (2013), Bayesian Data Analysis, section 2.6; for the rows beyond the
    range of a sample: Gumbel and von Schelling (1950), Annals of Mathematical Statistics 21.

    Examples
    --------
    >>> most_by_chance(0.5, 1.0, 0.01)
    5
    """
    chance = 1.0 / (1.0 + ratio)
    low, high = -1, 1
    while special.betainc(high + 1.0, shape, 1.0 - chance) > alarm:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if special.betainc(middle + 1.0, shape, 1.0 - chance) > alarm:
            low = middle
        else:
            high = middle
    return high


def example_rows(part: CaseTable, condition: nw.Expr, count: int) -> Rows | None:
    """The first row numbers that meet a condition; None where there are none."""
    if count == 0:
        return None
    rows = part.frame.filter(condition).select("row").sort("row").head(EXAMPLES).collect()
    return Rows(count, tuple(int(row) for row in rows.get_column("row").to_list()))


def percent(share: float) -> str:
    """A share in words, with two digits however small it is."""
    if abs(share) < 1e-9 or not math.isfinite(share):
        return "0%"
    if abs(share) >= 0.01:
        return f"{share:.1%}"
    decimals = 1 - math.floor(math.log10(abs(share) * 100))
    return f"{share:.{decimals}%}"


def plural(count: int, noun: str, several: str = "") -> str:
    """A count with its noun."""
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def value_text(value: float | str, kind: Kind = Kind.CATEGORY) -> str:
    """A value in a sentence; only for values that the caller knows may be shown."""
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")
    if kind is Kind.DATE:
        return _shown_date(value)
    return f"{value:.0f}" if value == math.floor(value) and abs(value) < 1e15 else repr(float(value))


def _shown_date(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    except (OverflowError, OSError, ValueError):
        return "a date beyond the calendar"


def gap_bars(title: str, alt: str, entries: Sequence[tuple[str, float, float]], words: str) -> Chart:
    """Shares by column, the largest difference first: (label, real, synthetic)."""
    worst = sorted(entries, key=lambda entry: (-abs(entry[2] - entry[1]), entry[0]))[:_BARS]
    return share_bars(
        [label for label, _, _ in worst],
        {"real": [real for _, real, _ in worst], "synthetic": [synthetic for _, _, synthetic in worst]},
        title=title,
        alt=alt,
        words=words,
    )


def rarefied_distinct(sizes: np.ndarray, groups: np.ndarray, m: int) -> float:
    """Different rows expected among m drawn without replacement.

    Parameters
    ----------
    sizes, groups : shape (k,): `groups[i]` different rows stand in the table `sizes[i]` times each
    m : rows drawn, at most the rows of the table

    Source: Hurlbert (1971), Ecology 52, 577-586.

    Examples
    --------
    >>> rarefied_distinct(np.array([2]), np.array([1]), 1)
    1.0
    """
    sizes, groups = np.asarray(sizes, dtype=np.float64), np.asarray(groups, dtype=np.float64)
    n = float(np.sum(sizes * groups))
    unseen = np.zeros(len(sizes))
    may_miss = sizes <= n - m
    j = sizes[may_miss]
    ln = special.gammaln
    unseen[may_miss] = np.exp(ln(n - j + 1) - ln(n - j - m + 1) - ln(n + 1) + ln(n - m + 1))
    return float(np.sum(groups * (1.0 - unseen)))
