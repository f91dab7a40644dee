"""outcome_disparity and disparity_amplification: rates by hand, and published figures."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.checks.bias._shared.outcome_rates import GroupRates
from audit.checks.bias.disparity_amplification import ratio_change
from audit.checks.bias.outcome_disparity import gap_change
from audit.stats.inference.intervals import Z95, newcombe
from audit.stats.inference.multiplicity import bonferroni_z
from tests.worlds import World, find, outcome_of, siblings

_ASK = {"sensitive": ("g",), "target": "y"}


def _people(**cells: int) -> pd.DataFrame:
    """Rows by group and outcome: a_yes=3 is three rows of group a with the outcome yes."""
    rows = [key.split("_") for key, n in cells.items() for _ in range(n)]
    return pd.DataFrame(rows, columns=["g", "y"]).assign(x=np.arange(len(rows)) % 13)


def _gap(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Outcome:
    return outcome_of("outcome_disparity", World(real, synthetic, holdout), **_ASK)


def _ratio(real: pd.DataFrame, synthetic: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Outcome:
    return outcome_of("disparity_amplification", World(real, synthetic, holdout), **_ASK)


_REAL = _people(a_yes=300, a_no=300, b_yes=100, b_no=300)  # rates 0.50 and 0.25
_WIDER = _people(a_yes=300, a_no=300, b_yes=40, b_no=360)  # rates 0.50 and 0.10


def test_the_same_rates() -> None:
    gap, ratio = find(_gap(_REAL, _REAL), "g", "y"), find(_ratio(_REAL, _REAL), "g", "y")
    assert gap.value == 0
    assert ratio.value == pytest.approx(1)


def test_a_wider_gap_by_hand() -> None:
    measure = find(_gap(_REAL, _WIDER, _REAL), "g", "y")
    assert measure.value == pytest.approx(-0.15)
    assert measure.baseline == pytest.approx(0)
    assert measure.group == {"g": "b"}
    assert measure.sentence == (
        "y = yes for g = b against a: 25.0% against 50.0% (−25.0 points) in the real table, "
        "10.0% against 50.0% (−40.0 points) in the synthetic one "
        "(favourable outcome taken: yes). The generator added −15.0 points [−22.6 to −7.3]."
    )
    inherited = find(_gap(_REAL, _WIDER), "g", "y", name="inherited")
    assert (inherited.value, inherited.descriptive) == (pytest.approx(-0.25), True)
    assert (inherited.low, inherited.high) == pytest.approx(newcombe(100, 400, 300, 600))


def test_a_rate_that_moved_beyond_chance_is_told_of_its_group_alone() -> None:
    (told,) = [m for m in _gap(_REAL, _WIDER, _REAL).measures if m.name == "rate"]
    assert (told.value, told.baseline, told.group) == (pytest.approx(-0.15), 0, {"g": "b"})
    assert told.sentence == (
        "g = b: 25.0% have y = yes in the real table and 10.0% in the synthetic one (−15.0 points); "
        "of all others 50.0% and 50.0%."
    )


def test_a_rate_that_moved_in_all_groups_alike_is_no_groups_own() -> None:
    # The odds of yes are halved in either group.
    halved = _people(a_yes=200, a_no=400, b_yes=57, b_no=343)
    assert [m for m in _gap(_REAL, halved).measures if m.name == "rate"] == []


def test_intervals_hold_for_all_groups_at_once() -> None:
    real = pd.concat([_REAL, _people(c_yes=100, c_no=300)], ignore_index=True)
    alone, beside = (find(_ratio(t, t), "g", "y", group="b") for t in (_REAL, real))
    assert alone.high is not None
    assert beside.high is not None
    assert math.log(beside.high) / math.log(alone.high) == pytest.approx(bonferroni_z(2) / bonferroni_z(1))


def test_a_wider_ratio_by_hand() -> None:
    outcome = _ratio(_REAL, _WIDER)
    measure = find(outcome, "g", "y")
    assert measure.value == pytest.approx(0.4)
    error = math.sqrt(0.9 / 40 + 0.5 / 300 + 0.75 / 100 + 0.5 / 300)
    assert measure.low == pytest.approx(0.4 * math.exp(-1.959964 * error))
    assert measure.high == pytest.approx(0.4 * math.exp(1.959964 * error))
    inherited = find(outcome, "g", "y", name="inherited")
    real_error = math.sqrt(0.75 / 100 + 0.5 / 300)
    assert (inherited.value, inherited.descriptive) == (pytest.approx(0.5), True)
    assert inherited.low == pytest.approx(0.5 * math.exp(-1.959964 * real_error))
    odds = find(outcome, "g", "y", name="odds_change")
    assert odds.value == pytest.approx((40 / 360) / (100 / 300))
    assert odds.sentence.endswith("(log-odds changed by -1.10).")
    assert outcome.summary == {"groups": 1, "clearest_z": pytest.approx(math.log(0.4) / error, abs=1e-3)}
    impact = find(outcome, "g", "y", name="impact_ratio")
    assert (impact.value, impact.baseline) == (pytest.approx(0.2), pytest.approx(0.5))
    assert impact.descriptive
    assert impact.sentence == (
        "In the synthetic table g = b has 0.20 times the rate of y = yes of a. The four-fifths line (0.80) comes "
        "from United States employment guidance and is a screening aid, no test of fairness."
    )


def test_the_intervals_cover_no_change() -> None:
    rng = np.random.default_rng(0)
    gaps = ratios = 0
    for _ in range(1000):
        table, real = (_drawn(rng), _drawn(rng))
        gap, ratio = gap_change(table, real, 1, 0, Z95), ratio_change(table, real, 1, 0, Z95)
        gaps += gap.low <= 0 <= gap.high
        ratios += ratio.low <= 1 <= ratio.high
    assert 930 <= gaps <= 970
    assert 930 <= ratios <= 970


def _drawn(rng: np.random.Generator) -> GroupRates:
    """Three hundred people of a group with rate 0.4 and two hundred with rate 0.2."""
    return GroupRates(np.array([[rng.binomial(300, 0.4)], [rng.binomial(200, 0.2)]]), np.array([300, 200]))


def test_no_favourable_synthetic_row_is_a_number_and_not_an_error() -> None:
    none = _people(a_yes=300, a_no=300, b_no=400)
    assert find(_gap(_REAL, none), "g", "y").value == pytest.approx(-0.25)
    measure = find(_ratio(_REAL, none), "g", "y")
    assert 0 < measure.value < 0.01
    assert measure.high is not None
    assert measure.high < 0.1


def test_too_few_favourable_real_rows_are_told_and_not_judged() -> None:
    real = _people(a_yes=300, a_no=300, b_yes=4, b_no=300)
    measure = find(_ratio(real, _REAL), "g", "y")
    assert measure.descriptive
    assert measure.sentence == "g = b: fewer than 5 real rows have y = yes, too few to compare its ratio."


def test_small_groups_are_not_told() -> None:
    real = pd.concat([_REAL, _people(rare_yes=4, rare_no=5)], ignore_index=True)
    assert "rare" not in str(_gap(real, real)) + str(_ratio(real, real))


def test_of_many_levels_the_worst_is_told() -> None:
    real = _people(a_red=200, a_green=200, a_blue=200, b_red=100, b_green=100, b_blue=100)
    synthetic = _people(a_red=200, a_green=200, a_blue=200, b_red=100, b_green=40, b_blue=160)
    measure = find(_gap(real, synthetic), "g", "y")
    assert abs(measure.value) == pytest.approx(0.2)
    assert "(outcome whose gap changed most: " in measure.sentence
    assert find(_ratio(real, synthetic), "g", "y").value == pytest.approx(0.4)


def test_a_numeric_outcome_is_compared_in_real_standard_deviations() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(["a", "b"], [300, 200])
    real = pd.DataFrame({"g": group, "y": rng.normal(0, 10, 500)})
    synthetic = real.assign(y=real["y"] + 5.0 * (group == "b"))
    measure = find(_gap(real, synthetic), "g", "y", name="mean_gap")
    spread = real["y"].std()
    assert measure.value == pytest.approx(5 / spread)
    variances = [
        table["y"][group == g].var() / (group == g).sum() for table in (real, synthetic) for g in "ab"
    ]
    assert measure.low == pytest.approx(5 / spread - 1.959964 * math.sqrt(sum(variances)) / spread)
    with pytest.raises(Skip, match=r"^A ratio of rates needs an outcome of labels"):
        _ratio(real, synthetic)


def test_one_group_is_skipped() -> None:
    alone = _people(a_yes=30, a_no=30)
    with pytest.raises(Skip, match=r"^No sensitive column has two groups of ten real people or more\.$"):
        _gap(alone, alone)


def test_what_stands_in_the_way_is_said() -> None:
    constant = _REAL.assign(y="yes")
    with pytest.raises(Skip, match=r"^The outcome y has no two values that ten real people or more hold\.$"):
        _gap(constant, _REAL)
    with pytest.raises(Skip, match=r"^No two groups of g have ten real rows .* are compared with a\.$"):
        _ratio(_REAL, _REAL[_REAL["g"] == "b"])


@pytest.mark.parametrize("outcome", ["yes", "no"])
def test_an_outcome_that_is_constant_in_a_group_is_a_number(outcome: str) -> None:
    cells = {"yes": {"b_yes": 200}, "no": {"b_no": 200}}[outcome]
    table = _people(a_yes=300, a_no=300, **cells)
    assert find(_gap(table, table), "g", "y").value == 0
    ratios = _ratio(table, table)
    if outcome == "yes":
        assert find(ratios, "g", "y").value == pytest.approx(1)
        assert find(ratios, "g", "y", name="odds_change").value == pytest.approx(1)
    else:
        assert "fewer than 5 real rows have y = yes" in find(ratios, "g", "y").sentence


def test_few_favourable_outcomes_are_said() -> None:
    few = _people(a_yes=300, a_no=300, b_yes=20, b_no=300)
    assert find(_ratio(few, few), "g", "y").sentence.endswith(
        " Only 20 real rows of one of the groups have it, so that little can be told."
    )


def test_rows_without_an_outcome_do_not_count() -> None:
    synthetic = pd.concat([_REAL, _REAL.assign(y=None)], ignore_index=True)
    assert find(_gap(_REAL, synthetic), "g", "y").value == pytest.approx(0)


def test_siblings_keep_their_gap() -> None:
    ask = {"sensitive": ("sex",), "target": "income"}
    gap = find(outcome_of("outcome_disparity", siblings(), **ask), "sex", "income")
    ratio = find(outcome_of("disparity_amplification", siblings(), **ask), "sex", "income")
    assert gap.low is not None
    assert gap.high is not None
    assert gap.low <= 0 <= gap.high
    assert ratio.low is not None
    assert ratio.high is not None
    assert ratio.low <= 1 <= ratio.high
