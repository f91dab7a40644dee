"""Category values of tables: how often each occurs, and what is the same but for spelling."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

from audit.case.case import Case
from audit.case.case_table import CaseTable

MAX_NAMED = 3  # values in a sentence

_SPACE = re.compile(r"\s+")

Values = Mapping[str, int]  # rows by value


def values_of(part: CaseTable, name: str) -> dict[str, int]:
    """Rows by value of one table."""
    counts = part.value_counts(name)
    return dict(zip((str(v) for v in counts.values), (int(c) for c in counts.counts), strict=True))


def pooled_values(case: Case, name: str) -> dict[str, int]:
    """Rows by value over every real row there is."""
    pool = Counter(values_of(case.real, name))
    if case.holdout is not None:
        pool.update(values_of(case.holdout, name))
    return dict(pool)


def fold_spelling(value: str) -> str:
    """What is left of a value when Unicode form, case and spaces do not matter."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", value)).strip().casefold()


def folded_values(values: Values) -> dict[str, int]:
    """Rows by folded value."""
    folded: Counter[str] = Counter()
    for value, count in values.items():
        folded[fold_spelling(value)] += count
    return dict(folded)
