from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Grade
from tests.worlds import World, find, is_judged, outcome_of, siblings

KNOWN = ("age", "town")


def table(alone: int, start: int, rows: int = 100, **more: list[str]) -> pd.DataFrame:
    """Some people of an age nobody else has, from `start` up, among many who are 30."""
    age = [start + i for i in range(alone)] + [30] * (rows - alone)
    return pd.DataFrame({"age": age, "town": ["A"] * rows, "wage": ["high", "low"] * (rows // 2), **more})


def anonymity(*tables: pd.DataFrame, **options: object):
    return outcome_of("anonymity", World(*tables), quasi=KNOWN, **options)


def test_people_alone_are_counted_by_hand():
    real, holdout = table(10, 100), table(10, 200)
    synthetic = table(4, 100)  # four of the real ten
    synthetic.loc[50, "age"] = 203  # and one of the holdout's
    main = find(anonymity(real, synthetic, holdout))
    assert main.value == pytest.approx(4 / 100 - 1 / 100)
    assert main.rows is not None and main.rows.examples == (1, 2, 3, 4)
    assert main.sentence == (
        "4 of 100 people in the real table are alone with their age, town, and occur in the synthetic table; "
        "of 100 people outside of it 1 do."
    )


def test_somebody_whom_the_holdout_equals_is_not_alone():
    assert find(anonymity(table(10, 100), table(10, 100), table(10, 100))).value == 0.0


def test_the_secret_must_be_right_to_count_as_told():
    real, synthetic = table(4, 100), table(4, 100)
    synthetic.loc[0, "wage"] = "low"  # high in truth
    told = find(anonymity(real, synthetic, table(4, 200), secret=("wage",)), "wage", name="right_secret")
    assert told.value == pytest.approx(3 / 100)


def test_classes_and_secrets_by_hand():
    real = pd.DataFrame({"age": [1, 1, 2, 2, 2, 3], "town": ["A"] * 6, "wage": list("xyxxxz")})
    synthetic = pd.DataFrame({"age": [1, 1, 1, 1, 2, 2], "town": ["A"] * 6, "wage": list("xyxyxx")})
    outcome = anonymity(real, synthetic, secret=("wage",))
    alone, few = find(outcome, name="below_2"), find(outcome, name="below_5")
    assert (alone.value, alone.baseline, few.value) == (0.0, pytest.approx(1 / 6), 1.0)
    assert outcome.summary["smallest_class"] == 2 and outcome.summary["smallest_class_real"] == 1
    one = find(outcome, "wage", name="one_secret")
    assert (one.value, one.baseline) == (pytest.approx(2 / 6), pytest.approx(4 / 6))
    # all synthetic rows: x 4/6, y 2/6; the second class holds x alone
    assert find(outcome, "wage", name="secret_distance").value == pytest.approx(1 / 3)
    assert outcome.charts[0].series[0].values == pytest.approx((1 / 6, 5 / 6, 0, 0))


def test_shown_numbers_are_not_judged():
    outcome = anonymity(table(10, 100), table(10, 300), table(10, 200), secret=("wage",))
    judged = {measure.name for measure in outcome.measures if is_judged("anonymity", measure)}
    assert judged == {"", "right_secret"}


def test_without_quasi_identifiers_it_says_how_to_declare_them():
    with pytest.raises(Skip) as said:
        outcome_of("anonymity", siblings(60))
    assert said.value.grade is Grade.NOT_ASSESSABLE
    assert said.value.remedy == (
        "Name them with --quasi (once for each), or under “Advanced: privacy” of a new audit. "
        "Columns that look like it: age, sex, city."
    )


def test_a_sensitive_column_may_be_a_quasi_identifier_too():
    real, synthetic, holdout = (table(4, start) for start in (100, 300, 200))
    told = find(anonymity(real, synthetic, holdout, sensitive=("town",)))
    assert "age, town" in told.sentence


def test_without_a_holdout_chance_is_put_high():
    """Everybody alone came back: beyond chance where no two people share a combination."""
    real = table(20, 100)
    main = find(anonymity(real, real.copy()))
    assert is_judged("anonymity", main) and main.low > 0.1
    rng = np.random.default_rng(0)
    fresh = [pd.DataFrame({"age": rng.integers(0, 300, 300), "town": ["A"] * 300}) for _ in range(2)]
    main = find(anonymity(*fresh))
    assert not is_judged("anonymity", main) and main.low <= 0 and main.high > 0


def test_combinations_of_people_alone_that_are_copied_are_beyond_chance():
    rng = np.random.default_rng(3)

    def people() -> pd.DataFrame:
        return pd.DataFrame({"age": rng.integers(0, 900, 600), "town": rng.choice(list("ABCD"), 600)})

    real, synthetic, holdout = people(), people(), people()
    pooled = pd.concat([real, holdout]).groupby(["age", "town"])["age"].transform("size")
    alone = real[pooled[: len(real)].to_numpy() == 1]
    copied = synthetic.copy()
    copied.iloc[: len(alone)] = alone
    clean, planted = (find(anonymity(real, made, holdout)) for made in (synthetic, copied))
    assert clean.low <= 0 and planted.low > 0
    assert planted.value == pytest.approx(len(alone) / len(real), abs=0.03)


@pytest.mark.parametrize("empty", ["age", "town"])
def test_an_empty_column_is_one_value(empty: str):
    real, synthetic, holdout = (table(5, start).assign(**{empty: None}) for start in (100, 100, 200))
    assert find(anonymity(real, synthetic, holdout)).value == (0.05 if empty == "town" else 0.0)
