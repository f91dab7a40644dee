"""Row weights worked by hand, in the report and in the file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.checks.bias._shared.raking_weights import find_weights, write_weights
from audit.run.run import run_checks
from tests.worlds import World, case_of, check_named, find, outcome_of, siblings

ROLES = {"target": "hired", "sensitive": ("sex",)}


def table(**cells: int) -> pd.DataFrame:
    """Rows by cell, such as f_yes=10; a constant beside them, so that there is another column."""
    rows = [cell.split("_") for cell, count in cells.items() for _ in range(count)]
    return pd.DataFrame(rows, columns=["sex", "hired"]).assign(town="Bonn")


REAL = table(f_yes=200, f_no=200, m_yes=300, m_no=300)
SKEWED = table(f_yes=50, f_no=150, m_yes=400, m_no=400)


def test_a_cell_weighs_its_real_share_over_its_synthetic_share() -> None:
    outcome = outcome_of("row_weights", World(REAL, SKEWED), **ROLES)
    wanted = {("f", "yes"): 4.0, ("f", "no"): 4 / 3, ("m", "yes"): 0.75, ("m", "no"): 0.75}
    found = {tuple((m.group or {}).values()): m for m in outcome.measures if not m.name}
    assert {cell: m.value for cell, m in found.items()} == pytest.approx(wanted)
    assert found["f", "yes"].sentence == (
        "sex = f and hired = yes: 5.0% of synthetic rows and 20.0% of real ones (0.25 of the real share). "
        "Weigh them 4.00, or keep 100% of them, or generate 150 more."
    )
    assert found["m", "no"].sentence.endswith("Weigh them 0.75, or keep 19% of them, or leave out 100.")
    assert all(m.descriptive for m in outcome.measures)


def test_what_weights_and_rejection_cost() -> None:
    """1000 rows: squares 50 x 16 + 150 x 16/9 + 800 x 9/16 = 1516.67, so 1000²/1516.67 = 659.3 rows."""
    outcome = outcome_of("row_weights", World(REAL, SKEWED), **ROLES)
    assert outcome.summary == pytest.approx(
        {
            "effective_rows": 659.34,
            "largest_weight": 4.0,
            "rows_kept_by_rejection": 250.0,
            "rows_to_generate": 200.0,
        },
        abs=0.01,
    )
    assert find(outcome, name="largest").sentence == (
        "Weights give the synthetic rows the real mix of sex with hired: 1,000 rows then tell as much as 659 of equal "
        "weight (66%), and the largest weight is 4.00 times the mean. Throwing rows away instead leaves 250 rows."
    )


def test_weighted_rates_are_the_real_ones() -> None:
    world = World(REAL, SKEWED)
    with case_of(world, **ROLES) as case:
        weights = find_weights(case).rows
    hired = (SKEWED["hired"] == "yes").to_numpy()
    for sex in ("f", "m"):
        inside = (SKEWED["sex"] == sex).to_numpy()
        assert np.average(hired[inside], weights=weights[inside]) == pytest.approx(0.5)
    assert weights.mean() == pytest.approx(1.0)


def test_two_attributes_are_put_right_at_once() -> None:
    rng = np.random.default_rng(3)

    def draw(rows: int, women: float, old: float) -> pd.DataFrame:
        sex = np.where(rng.random(rows) < women, "f", "m")
        age = np.where(rng.random(rows) < old, 70, 30)
        return pd.DataFrame({"sex": sex, "age": age, "hired": rng.choice(["yes", "no"], rows)})

    real, synthetic = draw(2000, 0.5, 0.3), draw(2000, 0.3, 0.5)
    with case_of(World(real, synthetic), target="hired", sensitive=("sex", "age")) as case:
        weights = find_weights(case).rows
    for name in ("sex", "age"):
        for value in real[name].unique():
            share = np.average(synthetic[name] == value, weights=weights)
            assert share == pytest.approx((real[name] == value).mean(), abs=1e-5)


def test_without_a_target_only_the_shares_of_groups_count() -> None:
    outcome = outcome_of("row_weights", World(REAL, SKEWED), sensitive=("sex",))
    assert find(outcome, "sex", group="f").value == pytest.approx(2.0)
    assert find(outcome, "sex", group="m").value == pytest.approx(0.75)


def test_a_number_as_outcome_is_cut_into_quarters() -> None:
    rng = np.random.default_rng(1)
    real = pd.DataFrame({"sex": np.repeat(["f", "m"], 400), "pay": rng.normal(100, 10, 800)})
    synthetic = real.assign(pay=real["pay"] + np.where(real["sex"] == "f", -15, 0))
    outcome = outcome_of("row_weights", World(real, synthetic), target="pay", sensitive=("sex",))
    labels = {(m.group or {})["pay"] for m in outcome.measures if m.group}
    assert labels == {"lowest quarter", "second quarter", "third quarter", "highest quarter"}
    weights = {tuple((m.group or {}).values()): m.value for m in outcome.measures if m.group}
    assert weights["f", "lowest quarter"] < 0.5 < 1.5 < weights["f", "third quarter"]


def test_few_people_share_a_cell_and_none_is_named() -> None:
    real = pd.concat([REAL, table(x_yes=4, x_no=4)], ignore_index=True)
    outcome = outcome_of("row_weights", World(real, SKEWED), **ROLES)
    assert all("x" not in (m.group or {}).values() for m in outcome.measures)


def test_a_cell_without_rows_must_be_generated() -> None:
    outcome = outcome_of("row_weights", World(REAL, table(f_no=300, m_yes=300, m_no=400)), **ROLES)
    lost = next(m for m in outcome.measures if (m.group or {}) == {"sex": "f", "hired": "yes"})
    assert lost.value == 0.0
    assert lost.sentence.endswith("No weight can bring them back: generate 200 more.")


def test_no_weight_is_above_five() -> None:
    outcome = outcome_of("row_weights", World(REAL, table(f_yes=5, f_no=195, m_yes=400, m_no=400)), **ROLES)
    assert outcome.summary["largest_weight"] == pytest.approx(5.0, rel=1e-3)
    assert "cut there" in find(outcome, name="largest").sentence


def test_nothing_is_advised_where_the_mix_is_real() -> None:
    world = siblings(1500)
    with pytest.raises(Skip, match="no weights are needed"):
        outcome_of("row_weights", world, target="income", sensitive=("sex", "city", "age"))


def test_every_row_has_its_weight_in_the_file(tmp_path: Path) -> None:
    with case_of(World(REAL, SKEWED), **ROLES) as case:
        write_weights(find_weights(case), tmp_path / "row_weights.csv")
    lines = list(csv.DictReader((tmp_path / "row_weights.csv").read_text(encoding="utf-8").splitlines()))
    assert [int(line["row"]) for line in lines] == list(range(1, 1001))
    assert {float(line["weight"]) for line in lines[:50]} == {4.0}
    assert {float(line["weight"]) for line in lines[200:]} == {0.75}


@pytest.mark.parametrize(("synthetic", "written"), [(SKEWED, True), (REAL, False)])
def test_weights_are_written_only_where_they_are_needed(synthetic: pd.DataFrame, written: bool) -> None:
    with case_of(World(REAL, synthetic), **ROLES) as case:
        list(run_checks(case, [check_named("row_weights")]))
        assert (case.scratch / "row_weights.csv").is_file() is written
