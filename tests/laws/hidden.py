"""A world in which some values belong to few people; none of them may reach a report."""

from __future__ import annotations

import pandas as pd

from tests.worlds import World, siblings

# Held by one to nine people each, over the real and the holdout table. Some stand in the synthetic table too, as a leaky generator writes them.
LABELS = ("Zwockelberg", "Quirinalis", "Xanthippus")
NUMBERS = ("913573.21", "-77123.625", "86753")
DATE = "1903-03-07"
WORDS = ("Hildegunst Mythenmetz", "Ambrosius Blaubart", "nine-lives-9173")
HIDDEN = (*LABELS, *NUMBERS, DATE, *WORDS)


def world() -> World:
    """Siblings with hidden people in the real and holdout tables, some copied."""
    base = siblings(600)
    real, synthetic, holdout = (_with_notes(frame) for frame in base.frames().values())
    for frame, first in ((real, 0), (holdout, 50)):
        frame.loc[first : first + 3, "city"] = LABELS[0]
        frame.loc[first : first + 3, "sex"] = LABELS[1]
        frame.loc[first : first + 2, "income"] = LABELS[2]
        frame.loc[first, "gain"] = float(NUMBERS[0])
        frame.loc[first, "score"] = float(NUMBERS[1])
        frame.loc[first, "hours"] = int(NUMBERS[2])
        frame.loc[first, "since"] = pd.Timestamp(DATE)
        frame.loc[first : first + 1, "note"] = WORDS[0]
        frame.loc[first, "mail"] = WORDS[1]
        frame.loc[first, "code"] = WORDS[2]
    others = [name for name in real.columns if name != "id"]
    synthetic.loc[:39, others] = real.loc[:39, others].to_numpy()
    # One label is misspelt, as a generator does that learns letters.
    synthetic.loc[40:59, "city"] = LABELS[0].upper()
    synthetic.loc[60:99, "gain"] = float(NUMBERS[0])
    return World(real, synthetic.astype(real.dtypes.to_dict()), holdout)


def _with_notes(frame: pd.DataFrame) -> pd.DataFrame:
    """With a few words, with something different in every row, and with digits among which one word hides."""
    rows = range(len(frame))
    return frame.assign(
        note=[f"note {n % 90}" for n in rows],
        mail=[f"person{n}@example.org" for n in frame["id"]],
        code=[str(n % 400) for n in rows],
    )


def spellings(value: str) -> set[str]:
    """Ways in which a value may be written."""
    try:
        number = float(value)
    except ValueError:
        return {value, value.upper(), value.lower()}
    return {value, f"{number:,}", f"{number:,.0f}", f"{number:.1f}", f"{number:,.1f}"}
