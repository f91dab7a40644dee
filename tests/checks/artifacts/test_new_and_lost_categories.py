"""new_categories and lost_categories: invented, misspelt, rare and lost values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome
from audit.checks.artifacts._shared.category_values import fold_spelling
from tests.worlds import World, find, outcome_of, siblings


def _labels(**counts: int) -> pd.DataFrame:
    return pd.DataFrame({"c": [label.replace("_", " ") for label, n in counts.items() for _ in range(n)]})


def _new(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Outcome:
    return outcome_of("new_categories", World(real, synthetic, holdout))


def _lost(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Outcome:
    return outcome_of("lost_categories", World(real, synthetic, holdout))


def test_known_values_are_not_new() -> None:
    measure = find(_new(_labels(red=50, blue=50), _labels(red=90, blue=10)), "c")
    assert (measure.value, measure.rows) == (0, None)
    assert measure.sentence == "Every synthetic value of c occurs in the real rows."


def test_invented_values_are_counted_named_and_located() -> None:
    measure = find(_new(_labels(red=50, blue=50), _labels(red=50, blue=30, green=12, mauve=8)), "c")
    assert measure.value == measure.low == measure.high == pytest.approx(0.20)
    assert measure.rows is not None
    assert measure.rows.count == 20
    assert measure.rows.examples == tuple(range(81, 101))
    assert measure.sentence == (
        "20 synthetic cells of c (20.0%) hold 2 values (such as 'green', 'mauve') that no real row holds."
    )


def test_a_value_of_the_holdout_is_known() -> None:
    holdout = _labels(red=50, green=50)
    assert find(_new(_labels(red=100), _labels(red=50, green=50), holdout), "c").value == 0


def test_few_new_cells_are_chance() -> None:
    real = _labels(red=500, blue=500)
    assert find(_new(real, _labels(red=996, green=4)), "c").value == 0
    assert find(_new(real, _labels(red=990, green=10)), "c").value == pytest.approx(0.01)


def test_open_vocabularies_bring_new_values_by_chance() -> None:
    rng = np.random.default_rng(0)
    share = 1 / np.arange(1, 400)
    draw = [pd.DataFrame({"c": rng.choice(399, 600, p=share / share.sum()).astype(str)}) for _ in range(3)]
    words = [frame.assign(c="w" + frame["c"]) for frame in draw]
    measure = find(_new(words[0], words[1], words[2]), "c")
    assert measure.value == 0
    assert measure.baseline == 0
    assert measure.rows is not None


def test_format_variants_are_told_apart() -> None:
    real = _labels(Red=40, Dark_blue=60)
    synthetic = pd.DataFrame({"c": ["Red"] * 40 + ["Dark blue"] * 30 + ["DARK  BLUE "] * 20 + ["Ｒed"] * 10})
    outcome = _new(real, synthetic)
    assert find(outcome, "c").value == 0
    variant = find(outcome, "c", name="format_variant")
    assert variant.value == pytest.approx(0.30)
    assert variant.sentence == (
        "30 synthetic cells of c (30.0%) hold 2 values (such as 'DARK  BLUE ', 'Ｒed') "
        "that differ from a real one only in case, spaces or Unicode form."
    )


def test_a_variant_of_a_rare_value_is_not_named() -> None:
    real = _labels(red=97, Smith=3)
    variant = find(_new(real, _labels(red=80, SMITH=20)), "c", name="format_variant")
    assert variant.value == pytest.approx(0.2)
    assert "SMITH" not in variant.sentence


def test_a_new_value_like_a_rare_one_is_not_named() -> None:
    real = _labels(red=97, Maria_Schmidt=3)
    measure = find(_new(real, _labels(red=60, Marja_Schmitt=30, green=10)), "c")
    assert measure.value == pytest.approx(0.4)
    assert measure.sentence == (
        "40 synthetic cells of c (40.0%) hold 2 values (such as 'green') that no real row holds."
    )


@pytest.mark.parametrize(
    ("value", "folded"),
    [(" Straße ", "strasse"), ("A\u00a0 b", "a b"), ("ﬁn", "fin"), ("ＡＢ", "ab"), ("", "")],
)
def test_fold(value: str, folded: str) -> None:
    assert fold_spelling(value) == folded


def test_missing_cells_do_not_count() -> None:
    synthetic = _labels(red=80, green=20)
    synthetic.loc[:39, "c"] = None
    assert find(_new(_labels(red=50, blue=50), synthetic), "c").value == pytest.approx(20 / 60)


def test_nothing_lost() -> None:
    measure = find(_lost(_labels(red=60, blue=40), _labels(red=1, blue=99)), "c")
    assert (measure.value, measure.sentence) == (0, "No value of c is lost.")


def test_lost_values_are_counted_and_named() -> None:
    outcome = _lost(_labels(red=700, blue=200, green=90, grey=10), _labels(red=1000))
    measure = find(outcome, "c")
    assert measure.value == measure.low == measure.high == pytest.approx(0.3)
    assert outcome.summary == {"levels": 3.0}
    assert measure.sentence == (
        "3 of the 4 real values of c ('blue', 'green', 'grey') do not occur in the synthetic table; "
        "30.0% of real rows hold them."
    )


def test_a_value_that_chance_may_miss_is_not_lost() -> None:
    real = _labels(red=995, grey=5)
    assert find(_lost(real, _labels(red=1000)), "c").value == 0
    # The same share is lost where ten times the rows should have brought it fifty times.
    assert find(_lost(_labels(red=9950, grey=50), _labels(red=10_000)), "c").value == pytest.approx(0.005)


def test_a_lost_value_of_few_people_is_not_named() -> None:
    measure = find(_lost(_labels(red=1000, Smith=9), _labels(red=1000)), "c")
    assert measure.value == pytest.approx(9 / 1009)
    assert "Smith" not in measure.sentence


def test_a_value_in_another_spelling_is_not_lost() -> None:
    assert find(_lost(_labels(Red=600, Blue=400), _labels(red=500, BLUE=500)), "c").value == 0


def test_all_missing_synthetic_column_loses_nothing_by_this_number() -> None:
    synthetic = pd.DataFrame({"c": [None] * 100, "d": ["x"] * 100})
    real = _labels(red=60, blue=40).assign(d="x")
    assert find(_lost(real, synthetic), "c").value == 0


def test_siblings_have_neither() -> None:
    world = siblings()
    for check in ("new_categories", "lost_categories"):
        assert {m.value for m in outcome_of(check, world).measures} == {0}
