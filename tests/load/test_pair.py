"""What stands out of a real and a synthetic table side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.errors import InputError
from audit.load import load_frame
from audit.load.engine import connect
from audit.load.pair import pair_notices

N = 200


def people(seed: int = 0, **changes: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": np.arange(1, N + 1) + seed * N,
            "age": rng.integers(18, 90, N),
            "income": rng.lognormal(10, 0.5, N).round(2),
            "city": rng.choice(["Berlin", "Zürich", "Rome"], N),
            "label": rng.choice(["yes", "no"], N),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, N), "D"),
        }
    )
    return frame.assign(**changes)


@pytest.fixture
def told(tmp_path: Path):
    """The notices about two frames, as texts."""

    def tell(real: pd.DataFrame, synthetic: pd.DataFrame) -> list[str]:
        tables = [load_frame(real, "real", tmp_path), load_frame(synthetic, "synthetic", tmp_path)]
        connection = connect(tmp_path)
        try:
            return [notice.text for notice in pair_notices(tables[0], tables[1], connection)]
        finally:
            connection.close()

    return tell


REAL = people()
FAIR = people(1)


def test_a_fair_pair_is_passed_without_a_word(told) -> None:
    assert told(REAL, FAIR) == []
    assert told(REAL, FAIR[list(FAIR.columns[::-1])]) == []


def _changed(**changes: Any) -> pd.DataFrame:
    return FAIR.assign(**changes)


CASES = {
    "missing": (
        FAIR.drop(columns=["city", "age"]),
        "synthetic: 2 columns of the real table missing here ('age', 'city'); only 4 of 6 can be compared.",
    ),
    "extra": (
        _changed(more=FAIR.age),
        "synthetic: 1 extra column only in this file ('more'); left out of the comparison.",
    ),
    "few": (FAIR.head(9), "synthetic: 9 rows, too few for most checks; give at least 30, better thousands."),
    "copy": (
        REAL.sample(frac=1, random_state=1),
        "synthetic: every row is an exact copy of a real row: the tables are identical or a copy.",
    ),
    "copy with new ids": (
        REAL.assign(id=FAIR.id),
        "synthetic: every row is an exact copy of a real row: the tables are identical or a copy.",
    ),
    "some copies": (
        pd.concat([REAL.head(20), FAIR.tail(180)]),
        "synthetic: 20 of 200 rows are exact copies of real rows; check what the generator memorised.",
    ),
    "words for numbers": (
        _changed(age="old " + FAIR.city),
        "synthetic: column 'age': type mismatch, numbers in the real table, text here; use one type or coding of values.",
    ),
    "numbers for words": (
        _changed(label=(FAIR.label == "yes").astype(int)),
        "synthetic: column 'label': type mismatch, text in the real table, numbers here; use one type or coding of values.",
    ),
    "all missing": (
        _changed(income=np.nan),
        "synthetic: column 'income': values in the real table but all missing (empty) here; check the generator.",
    ),
    "constant": (
        _changed(city="Rome"),
        "synthetic: column 'city': constant here, with one value or class, but not in the real table; check the generator.",
    ),
    "collapsed": (
        FAIR.iloc[[0] * 50],
        "synthetic: every row is the same: all columns are constant, so the generator collapsed.",
    ),
    "unit": (
        _changed(income=FAIR.income / 1000),
        "synthetic: column 'income': the range does not overlap with the real one; the scale differs by a factor of about 1,000, so check the unit.",
    ),
    "shifted": (
        _changed(age=FAIR.age + 500),
        "synthetic: column 'age': the range does not overlap with the real one; check unit and scale.",
    ),
    "coding": (
        _changed(label=FAIR.label.map({"yes": "Y", "no": "N"})),
        "synthetic: column 'label': no category (value) is shared with the real table; check the coding.",
    ),
    "case": (
        _changed(city=FAIR.city.str.upper()),
        "synthetic: column 'city': categories differ from the real ones only in case, spaces or unicode normalisation; unify them.",
    ),
    "composed": (
        _changed(city=FAIR.city.str.normalize("NFD")),
        "synthetic: column 'city': categories differ from the real ones only in case, spaces or unicode normalisation; unify them.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_odd_is_said_in_words(told, case: str) -> None:
    synthetic, message = CASES[case]
    assert message in told(REAL, synthetic)


def test_what_is_odd_in_the_real_table(told) -> None:
    assert (
        "real: column 'label': constant, with one value or class only; no outcome can be learned from it."
        in told(people(label="yes"), FAIR)
    )
    rare = REAL.city.where(REAL.id != 7, "Atlantis")
    assert (
        "real: column 'city': a group has fewer than 3 members, too small to tell anything about; merge it."
        in told(people(city=rare), FAIR)
    )
    assert (
        "real: column 'key': a unique value in nearly every row, so taken as identifier (key) or text; ignore it or name it."
        in told(people(key=[f"k{n}" for n in range(N)]), people(1, key=[f"s{n}" for n in range(N)]))
    )


def test_values_of_people_are_never_in_a_message(told) -> None:
    said = " ".join(told(people(city=REAL.city.where(REAL.id != 7, "Atlantis")), FAIR.assign(city="Rome")))
    assert "Atlantis" not in said
    assert "Rome" not in said


def test_day_and_month_in_another_order(told) -> None:
    days = REAL.day.dt.strftime
    assert (
        "synthetic: column 'day': day and month in another order than in the real table; write dates as 2024-12-31."
        in told(people(day=days("%d/%m/%Y")), people(1, day=FAIR.day.dt.strftime("%m/%d/%Y")))
    )


def test_sizes_that_differ_hugely(told) -> None:
    assert (
        "synthetic: the sizes differ hugely, 10,000 real against 200 synthetic rows; intervals will be wide."
        in told(pd.concat([people(seed) for seed in range(50)]), FAIR)
    )


def test_names_are_matched_whatever_their_case_and_nothing_in_common_is_an_error(told) -> None:
    assert told(REAL, FAIR.rename(columns=str.upper)) == []
    with pytest.raises(InputError) as refused:
        told(REAL, pd.DataFrame({"zzz": [1, 2]}))
    assert str(refused.value) == (
        "synthetic: it has no column in common with real. Check that both files have a header line with the same names."
    )


def test_the_largest_numbers_do_not_overflow(told) -> None:
    huge = {"income": np.tile([1e308, 1.1e308], N // 2)}
    assert told(people(**huge), people(1, **huge)) == []


def test_wide_tables_are_compared_like_narrow_ones(told) -> None:
    names = [f"x{n}" for n in range(250)]
    wide = [pd.DataFrame(dict.fromkeys(names, frame.age)) for frame in (REAL, FAIR)]
    wide[1]["x7"] += 400
    assert (
        "synthetic: column 'x7': the range does not overlap with the real one; check unit and scale."
        in told(pd.concat([REAL, wide[0]], axis=1), pd.concat([FAIR, wide[1]], axis=1))
    )
