from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome
from audit.checks.fidelity._shared.modes import Modes, lost_modes
from audit.model import Grade
from audit.run.run import audit_frames
from audit.stats.distributions.tails import rate_ratio
from tests.worlds import World, case_of, find, outcome_of, siblings

CENTRES = np.random.default_rng(12).normal(0, 20, (10, 4))


def kinds(rows: int, seed: int, left: float = 1.0) -> pd.DataFrame:
    """Ten kinds of rows far from each other, of the first only a part left; `side` says which are the first two."""
    rng = np.random.default_rng([6, seed])
    chances = np.array([left, *[1.0] * 9])
    kind = rng.choice(10, rows, p=chances / chances.sum())
    frame = pd.DataFrame(CENTRES[kind] + rng.standard_normal((rows, 4)), columns=list("abcd"))
    return frame.assign(side=np.where(kind < 2, "left", "right"))


def modes(synthetic: pd.DataFrame, real: pd.DataFrame, holdout: pd.DataFrame | None = None) -> Modes:
    with case_of(World(real, synthetic, holdout)) as case:
        return lost_modes(case)


def test_labels_by_hand() -> None:
    """Four kinds of labels are four clusters."""
    real = pd.DataFrame({"c": ["p"] * 500 + ["q"] * 300 + ["r"] * 150 + ["s"] * 50})
    synthetic = pd.DataFrame({"c": ["p"] * 600 + ["q"] * 350 + ["r"] * 10 + ["s"] * 40})
    found = modes(synthetic, real)
    assert (found.considered, found.rarer) == (4, 1)
    (mode,) = found.measures
    value, (low, _) = rate_ratio(10, 1000, 150, 1000)
    assert (mode.value, mode.low, mode.baseline, mode.n) == (value, low, 1.0, 1000)
    assert (mode.name, mode.group) == ("mode", {"mode": "c r"})
    assert mode.sentence == (
        "Rows of one kind, marked by c r, are 0.07 times as frequent as among real rows: "
        "15.00% of those and 1.00% of synthetic rows."
    )


@pytest.mark.parametrize("left", [0.0, 0.2])
def test_a_lost_kind_is_found_and_measured(left: float) -> None:
    found = modes(kinds(4000, 2, left), kinds(4000, 1), kinds(4000, 3))
    assert found.rarer >= 1
    wanted = left * 10 / (9 + left)
    worst = found.measures[0]
    assert any("side left" in (m.group or {})["mode"] for m in found.measures)
    assert worst.low is not None and worst.high is not None and worst.baseline is not None
    assert worst.low <= wanted + 0.02 and wanted <= worst.high
    assert worst.baseline == pytest.approx(1, abs=0.3)


def test_tables_of_one_population_lose_none() -> None:
    rarer = [modes(kinds(2000, 3 * i), kinds(2000, 3 * i + 1)).rarer for i in range(10)]
    assert sum(rarer) <= 1
    for seed in range(5):
        world = siblings(1500, seed)
        assert modes(world.synthetic, world.real, world.holdout).rarer == 0


def test_order_and_names_of_rows_and_columns_say_nothing() -> None:
    real, synthetic = kinds(3000, 1), kinds(3000, 2, 0.1)
    first = modes(synthetic, real)
    mixed = modes(
        synthetic.sample(frac=1, random_state=1)[[*"dcba", "side"]],
        real.sample(frac=1, random_state=2)[[*"dcba", "side"]],
    )
    assert first.measures
    assert [m.value for m in mixed.measures] == pytest.approx([m.value for m in first.measures])
    renamed = modes(synthetic.rename(columns={"a": "z"}), real.rename(columns={"a": "z"}))
    assert [m.value for m in renamed.measures] == [m.value for m in first.measures]


def test_broken_and_missing_values_do_no_harm() -> None:
    real, synthetic = kinds(1500, 1), kinds(1500, 2)
    synthetic.loc[:4, "a"] = 1e300
    real.loc[::7, "b"] = np.nan
    synthetic.loc[::7, "b"] = np.nan
    assert modes(synthetic, real).rarer == 0
    gone = modes(synthetic.assign(a=np.nan), real)
    assert gone.rarer > 0
    assert len(gone.measures) <= 5
    assert len({str(m.group) for m in gone.measures}) == len(gone.measures)


def test_few_rows_and_constants_are_not_looked_at() -> None:
    assert modes(kinds(90, 1), kinds(4000, 2)).considered == 0
    constant = pd.DataFrame({"x": [1.0] * 300, "c": ["a"] * 300})
    assert modes(constant, constant).rarer == 0


def test_few_people_are_not_described() -> None:
    """What a kind is described by, ten of its rows hold at least."""
    real = kinds(1500, 1).assign(name=[f"n{i}" for i in range(1500)])
    for m in modes(real[real["side"] == "right"], real).measures:
        assert "name" not in m.sentence


def test_the_check_tells_and_judges_it() -> None:
    outcome = outcome_of("diversity", World(kinds(2000, 1), kinds(2000, 2), kinds(2000, 3)))
    assert isinstance(outcome, Outcome)
    assert outcome.summary["modes_lost"] == 0
    assert outcome.summary["modes"] >= 10
    report = audit_frames(kinds(4000, 1), kinds(4000, 2, 0.05), kinds(4000, 3), checks=("diversity",))
    told = [f for f in report.findings if f.group]
    assert Grade.FAIL in {f.grade for f in told}
    assert all("of synthetic rows." in f.sentence for f in told)


def test_a_lost_kind_of_people_is_described(acceptance_data: object) -> None:
    """Three rows in a hundred, which leave the mean where it is."""
    parts = [pd.read_csv(f"{acceptance_data}/adult/adult_{part}.csv.gz") for part in ("trn", "hol")]
    adult = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=5).reset_index(drop=True)
    n = len(adult) // 3
    real, synthetic, holdout = (adult.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(3))
    kind = (synthetic["relationship"] == "Wife") & (synthetic["age"] < 45)
    assert 0.025 < kind.mean() < 0.035
    assert modes(synthetic, real, holdout).rarer == 0
    outcome = outcome_of("diversity", World(real, synthetic[~kind], holdout))
    assert find(outcome).low > 0.95
    worst = min((m for m in outcome.measures if m.name == "mode"), key=lambda m: m.value)
    assert worst.high < 0.25
    assert "marked by relationship Wife" in worst.sentence
