"""Places in the calendar: which hour, weekday, month a moment falls into."""

from __future__ import annotations

import numpy as np

from audit.arrays import Floats, Ints

DAY = 86_400  # seconds
LABELS = {
    "weekday": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "hour": (
        "0:00",
        "1:00",
        "2:00",
        "3:00",
        "4:00",
        "5:00",
        "6:00",
        "7:00",
        "8:00",
        "9:00",
        "10:00",
        "11:00",
        "12:00",
        "13:00",
        "14:00",
        "15:00",
        "16:00",
        "17:00",
        "18:00",
        "19:00",
        "20:00",
        "21:00",
        "22:00",
        "23:00",
    ),
    "month": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "quarter": ("Jan to Mar", "Apr to Jun", "Jul to Sep", "Oct to Dec"),
}


def calendar_cells(seconds: Floats, profile: str) -> Ints:
    """Place of each moment among the labels of a profile, shape (n,).

    Parameters
    ----------
    seconds : since 1970, shape (n,), no NaN; read as written, without a time zone
    profile : "hour", "weekday" (from Monday), "month" or "quarter"

    Examples
    --------
    >>> [int(calendar_cells(np.array([0.0]), p)[0]) for p in ("weekday", "hour", "month", "quarter")]
    [3, 0, 0, 0]
    """
    whole = np.floor(seconds).astype(np.int64)
    if profile == "weekday":
        return (whole // DAY + 3) % 7  # 1 January 1970 was a Thursday
    if profile == "hour":
        return whole % DAY // 3600
    months = whole.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12
    return months if profile == "month" else months // 3
