"""intersections: groups of two and three attributes, each change told where it sits and once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.model import Grade, Measure
from audit.run.run import audit_frames
from tests.worlds import World, outcome_of, siblings

_ASK = {"sensitive": ("s", "r"), "target": "y"}
_EVEN = {key: (200, 100) for key in product("fm", "abc")}  # rows without and with the outcome, by group


def _people(cells: Mapping[tuple[str, ...], tuple[int, int]], names: str = "sr") -> pd.DataFrame:
    rows = [
        (*key, y) for key, pair in cells.items() for y, n in zip("ny", pair, strict=True) for _ in range(n)
    ]
    return pd.DataFrame(rows, columns=[*names, "y"]).assign(x=np.arange(len(rows)) % 13)


def _found(real: pd.DataFrame, synthetic: pd.DataFrame, **more: object) -> Outcome:
    return outcome_of("intersections", World(real, synthetic), **{**_ASK, **more})


def _told(outcome: Outcome) -> list[Measure]:
    return [m for m in outcome.measures if m.name]


def test_the_same_table_tells_none_and_says_what_could_be_told() -> None:
    outcome = _found(_people(_EVEN), _people(_EVEN))
    (whole,) = outcome.measures
    assert (whole.value, whole.low, whole.high) == (1, 1, 1)
    # Six groups' shares and rates; the smallest ratio from the critical z and the error of 300 of 1,800 twice.
    assert (outcome.summary["groups"], outcome.summary["tests"]) == (6, 12)
    error = math.sqrt(2 * (1 / 300 - 1 / 1800))
    least = math.exp((outcome.summary["critical_z"] + 0.8416) * error)
    assert outcome.summary["detectable_worst"] == pytest.approx(least, abs=0.001)
    assert whole.sentence == (
        "None of 6 groups by two or more of r, s differs from the real table beyond chance, over 12 comparisons. "
        f"A share off by a factor of {least:.2f} in the largest to {least:.2f} in the smallest group would be told in 4 of 5 tables."
    )


def test_a_group_that_vanished_is_a_structural_zero_with_its_chance() -> None:
    outcome = _found(_people(_EVEN), _people({**_EVEN, ("f", "b"): (0, 0)}))
    (gone,) = _told(outcome)
    assert (gone.value, gone.low, gone.group, gone.name) == (0, 0, {"s": "f", "r": "b"}, "share")
    assert set(gone.about) == {"s", "r"}
    assert "300 real rows do, 250 of 1,500 were to be expected" in gone.sentence
    assert outcome.measures[0].value == 0


def test_flips_in_one_cell_are_told_there_and_only_there() -> None:
    (told,) = _told(_found(_people(_EVEN), _people({**_EVEN, ("m", "c"): (120, 180)})))
    assert (told.name, told.group) == ("rate", {"s": "m", "r": "c"})
    odds = (180 / 120) / (100 / 200)
    error = math.sqrt(1 / 180 + 1 / 120 + 1 / 100 + 1 / 200)
    assert told.value == pytest.approx(odds)
    assert told.low == pytest.approx(odds * math.exp(-1.959964 * error))
    assert told.sentence == (
        "r = c and s = m: 33.3% have y = y in the real table and 60.0% in the synthetic one; "
        "of all rows 33.3% and 37.8%."
    )


def test_flips_that_cancel_within_an_attribute_are_told_in_both_cells() -> None:
    swapped = {**_EVEN, ("f", "a"): (120, 180), ("f", "b"): (280, 20)}
    outcome = _found(_people(_EVEN), _people(swapped))
    groups = sorted("".join((m.group or {}).values()) for m in _told(outcome))
    assert groups == ["af", "bf"]


def test_what_one_attribute_explains_is_not_told_of_its_crossings() -> None:
    fewer = {key: (100, 50) if key[0] == "f" else pair for key, pair in _EVEN.items()}
    assert _told(_found(_people(_EVEN), _people(fewer))) == []
    lower = {key: (280, 20) if key[1] == "b" else pair for key, pair in _EVEN.items()}
    assert _told(_found(_people(_EVEN), _people(lower))) == []


def test_a_triple_is_told_as_a_triple() -> None:
    even = {key: (100, 100) for key in product("fm", "ab", "uv")}
    odd = {**even, ("f", "b", "v"): (160, 40)}
    (told,) = _told(_found(_people(even, "srt"), _people(odd, "srt"), sensitive=("s", "r", "t")))
    assert told.group == {"s": "f", "r": "b", "t": "v"}


def test_a_numeric_outcome_is_compared_above_the_real_median() -> None:
    rng = np.random.default_rng(0)
    real = _people(_EVEN).drop(columns="y").assign(y=rng.normal(0, 1, 1800))
    moved = real.assign(y=real["y"] + 2.0 * ((real["s"] == "f") & (real["r"] == "c")))
    (told,) = _told(_found(real, moved))
    assert told.group == {"s": "f", "r": "c"}
    assert "have y above the real median in the real table" in told.sentence


def test_a_small_group_is_told_with_shrunken_rates() -> None:
    small = {**_EVEN, ("m", "c"): (45, 15)}
    (told,) = _told(_found(_people(small), _people({**small, ("m", "c"): (12, 48)})))
    assert "(drawn towards all groups by these attributes, because it is small: " in told.sentence


def test_small_groups_are_left_out_and_counted() -> None:
    outcome = _found(_people({**_EVEN, ("m", "c"): (40, 9)}), _people({**_EVEN, ("m", "c"): (0, 0)}))
    assert _told(outcome) == []
    assert outcome.summary["left_out"] == 1


def test_people_without_a_value_are_crossed_too() -> None:
    real = _people(_EVEN).assign(s=lambda f: f["s"].where(f["s"] == "f"))
    gone = real[~(real["s"].isna() & (real["r"] == "a"))]
    (told,) = _told(_found(real, gone))
    assert told.group == {"s": "(missing)", "r": "a"}


def test_one_attribute_is_skipped_with_a_remedy() -> None:
    with pytest.raises(Skip, match=r"^Groups of several attributes need two sensitive columns") as skip:
        _found(_people(_EVEN), _people(_EVEN), sensitive=("s",))
    assert skip.value.remedy == "Name more columns with --sensitive; now: s."


def test_no_group_of_fifty_is_not_assessable() -> None:
    few = _people({key: (10, 5) for key in _EVEN})
    with pytest.raises(Skip, match=r"^No group of two attributes or more has 50 real rows\.$") as skip:
        _found(few, few)
    assert skip.value.grade is Grade.NOT_ASSESSABLE


def test_the_verdict_names_the_group_and_folds_the_whole_under_it() -> None:
    real, synthetic = _people(_EVEN), _people({**_EVEN, ("f", "b"): (0, 0)})
    report = audit_frames(real, synthetic, checks=("intersections",), **_ASK)
    failed = [f for f in report.findings if f.grade is Grade.FAIL]
    folded = {name for f in failed for name in f.folded}
    (root,) = [f for f in failed if f.id not in folded]
    assert "s = f" in root.sentence
    assert "r = b" in root.sentence


def test_order_names_and_seed_do_not_matter_and_equal_tables_are_silent() -> None:
    ask = {"sensitive": ("sex", "work", "age"), "target": "income"}
    world = siblings(1500)
    first = outcome_of("intersections", world, **ask)
    turned = World(*(f.sample(frac=1, random_state=3)[f.columns[::-1]] for f in world.frames().values()))
    again = outcome_of("intersections", turned, **ask)
    assert _told(first) == []
    assert first.summary == again.summary
    assert [(m.value, m.sentence) for m in first.measures] == [(m.value, m.sentence) for m in again.measures]
