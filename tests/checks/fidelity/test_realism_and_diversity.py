from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.model import RatioPlane
from tests.worlds import World, case_of, check_named, find, is_judged, outcome_of, siblings

CENTRES = np.random.default_rng(11).normal(0, 20, (10, 5))
NUMBERS = [f"x{i}" for i in range(5)]


def table(rows: int, seed: int, first_kind: int = 0) -> pd.DataFrame:
    """Ten kinds of rows far from each other; the column kind says only whether it is one of the first two."""
    rng = np.random.default_rng([5, seed])
    kind = rng.integers(first_kind, 10, rows)
    frame = pd.DataFrame(CENTRES[kind] + rng.standard_normal((rows, 5)), columns=NUMBERS)
    return frame.assign(side=np.where(kind < 2, "left", "right"))


def world(synthetic: pd.DataFrame, holdout: bool = True) -> World:
    rows = len(synthetic)
    real = table(rows if holdout else 2 * rows, 1)
    return World(real, synthetic, table(rows, 2) if holdout else None)


def both(world: World) -> tuple[Outcome, Outcome]:
    with case_of(world) as case:
        found = [check_named(name).measure(case) for name in ("realism", "diversity")]
    assert all(isinstance(outcome, Outcome) for outcome in found)
    return found[0], found[1]  # type: ignore[return-value]


def scattered(frame: pd.DataFrame, share: float, seed: int = 0) -> pd.DataFrame:
    """A share of the rows replaced by rows whose cells have nothing to do with each other."""
    rng = np.random.default_rng([6, seed])
    hit = rng.random(len(frame)) < share
    loose = pd.DataFrame({name: rng.permutation(frame[name]) for name in NUMBERS}, index=frame.index)
    return frame.assign(**{name: frame[name].where(~hit, loose[name]) for name in NUMBERS})


@pytest.mark.parametrize("bad", [0.0, 0.15, 0.4])
@pytest.mark.parametrize("holdout", [True, False])
def test_realism_falls_one_for_one_with_bad_rows(bad: float, holdout: bool) -> None:
    realism, diversity = both(world(scattered(table(5000, 3), bad), holdout))
    measure = find(realism)
    assert measure.value == pytest.approx(1 - bad, abs=0.03)
    assert find(diversity).value == pytest.approx(1 - bad, abs=0.03)
    assert measure.low < 1 - bad < measure.high
    assert measure.baseline == 1
    assert ("one half of the real rows stands for fresh ones" in measure.sentence) is not holdout


@pytest.mark.parametrize("lost", [1, 2, 5])
def test_diversity_falls_one_for_one_with_lost_kinds(lost: int) -> None:
    realism, diversity = both(world(table(5000, 3, lost)))
    assert find(diversity).value == pytest.approx(1 - lost / 10, abs=0.03)
    # What is there is as real as before; kinds of rows differ a little in how close they lie together.
    assert find(realism).value == pytest.approx(1, abs=0.06)


def test_what_is_missing_is_said_in_words() -> None:
    _, diversity = both(world(table(4000, 3, 2)))
    assert "most striking among them is side left (" in find(diversity).sentence
    share = float(find(diversity).sentence.split("side left (")[1].split("%")[0])
    assert share > 90
    assert "20% of all real rows)" in find(diversity).sentence


def test_rows_where_no_real_row_lies_are_told_by_number_and_in_words() -> None:
    synthetic = table(3000, 3)
    bad = np.arange(0, 3000, 20)
    synthetic.loc[bad, NUMBERS] = -500.0
    synthetic.loc[bad, "side"] = "middle"
    realism, _ = both(world(synthetic))
    measure = find(realism)
    assert measure.rows is not None
    assert len(measure.rows.examples) == 50
    assert set(measure.rows.examples) <= set((bad + 1).tolist())
    assert measure.rows.count >= len(bad)
    assert "most striking there is side other values (" in measure.sentence


def test_nothing_is_named_where_nothing_is_wrong() -> None:
    for outcome in both(world(table(3000, 3))):
        assert "striking" not in find(outcome).sentence
        assert find(outcome).low < 1 < find(outcome).high


def test_memory_of_the_training_rows_does_not_help() -> None:
    clean = siblings(1500)
    copied = World(clean.real, clean.real.copy(), clean.holdout)
    realism, diversity = both(copied)
    assert find(realism).value == pytest.approx(1, abs=0.04)
    assert find(diversity).value == pytest.approx(1, abs=0.04)
    assert realism.summary["authenticity"] < 0.05
    assert realism.summary["authenticity_real"] > 0.4


def test_tables_of_labels_have_no_radius_zero() -> None:
    def labels(rows: int, seed: int, kinds: int = 4) -> pd.DataFrame:
        rng = np.random.default_rng([8, seed])
        return pd.DataFrame({"a": rng.choice(list("pqrs")[:kinds], rows), "b": rng.choice(["u", "v"], rows)})

    frames = labels(2000, 1), labels(2000, 2), labels(2000, 3)
    for outcome in both(World(*frames)):
        assert find(outcome).value == pytest.approx(1, abs=0.08)
    lost = World(frames[0], labels(2000, 4, 3), frames[2])
    assert find(both(lost)[1]).value == pytest.approx(0.75, abs=0.05)


def test_vectors_alone_are_compared() -> None:
    def vectors(rows: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
        values = np.random.default_rng([9, seed]).standard_normal((rows, 8)) + shift
        return pd.DataFrame({"v": values.astype(np.float32).tolist()})

    far = World(vectors(400, 1), vectors(400, 2, 9.0), vectors(400, 3))
    assert [find(outcome).value for outcome in both(far)] == pytest.approx([0, 0], abs=0.02)


def test_the_summary_holds_both_tables_numbers() -> None:
    names = {"precision", "recall", "density", "coverage", "alpha_precision", "beta_recall", "authenticity"}
    names |= {"clipped_density", "clipped_coverage"}
    realism, diversity = both(siblings_of(800))
    assert set(realism.summary) == names | {f"{name}_real" for name in names}
    assert diversity.summary == {
        **realism.summary,
        **{n: diversity.summary[n] for n in ("modes", "modes_lost")},
    }
    assert all(0 <= realism.summary[name] <= 1.2 for name in realism.summary)
    assert realism.summary["coverage_real"] == pytest.approx(1 - 2.0**-5, abs=0.03)


def siblings_of(rows: int) -> World:
    return siblings(rows, 7)


def test_the_plane_stands_where_the_numbers_stand() -> None:
    realism, diversity = both(siblings_of(800))
    (chart,) = diversity.charts
    assert isinstance(chart, RatioPlane)
    assert (chart.names, chart.axes) == (("synthetic", "real rows"), ("realism", "diversity"))
    assert [one.value for one in chart.across] == [find(realism).value, 1.0]
    assert chart.up[0].low == find(diversity).low


@pytest.mark.parametrize("rows", [(249, 900, 900), (900, 249, 900), (900, 900, 249), (499, 900, None)])
def test_few_rows_cannot_be_assessed(rows: tuple[int, int, int | None]) -> None:
    real, synthetic, holdout = rows
    tables = World(table(real, 1), table(synthetic, 2), None if holdout is None else table(holdout, 3))
    for name in ("realism", "diversity"):
        with pytest.raises(Skip, match="at least 250 rows"):
            outcome_of(name, tables)


def test_only_a_key_has_nothing_to_compare() -> None:
    frames = (frame[["id"]] for frame in siblings(300).frames().values())
    with pytest.raises(Skip, match="No column"):
        outcome_of("realism", World(*frames))


@pytest.fixture(scope="module")
def adult(acceptance_data: object) -> pd.DataFrame:
    parts = [pd.read_csv(f"{acceptance_data}/adult/adult_{part}.csv.gz") for part in ("trn", "hol")]
    return pd.concat(parts, ignore_index=True).sample(frac=1, random_state=5).reset_index(drop=True)


def thirds(adult: pd.DataFrame) -> list[pd.DataFrame]:
    n = len(adult) // 3
    return [adult.iloc[i * n : (i + 1) * n].reset_index(drop=True) for i in range(3)]


def test_real_rows_of_adult_are_as_good_as_real_rows(adult: pd.DataFrame) -> None:
    for outcome in both(World(*thirds(adult))):
        assert find(outcome).low > 0.95
        assert find(outcome).low < 1 < find(outcome).high
        assert "striking" not in find(outcome).sentence
    assert find(outcome, name="reached").low > 0.995


def test_a_lost_kind_of_people_in_adult_is_named(adult: pd.DataFrame) -> None:
    real, synthetic, holdout = thirds(adult)
    divorced = synthetic["marital-status"] == "Divorced"
    kept = synthetic[~divorced | (np.arange(len(synthetic)) % 20 == 0)]
    _, diversity = both(World(real, kept, holdout))
    assert find(diversity).high < 0.95
    assert find(diversity, name="reached").high < 0.995
    assert "marital-status Divorced (" in find(diversity).sentence


def test_a_lost_cluster_of_three_rows_in_a_hundred_shows_in_rows_not_reached(adult: pd.DataFrame) -> None:
    """The mean hardly moves, for what is near stands in; the rows that nothing is near to are told."""
    real, synthetic, holdout = thirds(adult)
    kind = (synthetic["relationship"] == "Wife") & (synthetic["age"] < 45)
    assert 0.025 < kind.mean() < 0.035
    _, diversity = both(World(real, synthetic[~kind], holdout))
    reached = find(diversity, name="reached")
    assert find(diversity).low > 0.95
    assert reached.low < 0.995  # beyond or across the warn tolerance, where clean splits lie wholly inside
    assert reached.high < 0.999
    assert is_judged("diversity", reached)
    assert "most striking among them is relationship Wife (" in reached.sentence


def test_with_few_rows_what_is_not_reached_is_told_only() -> None:
    reached = find(both(siblings_of(600))[1], name="reached")
    assert not is_judged("diversity", reached)
    assert reached.sentence.endswith("; with so few rows this is told only.")
