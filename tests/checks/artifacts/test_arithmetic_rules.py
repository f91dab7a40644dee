"""arithmetic_rules: planted breaches in the right columns, and none where nothing is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Outcome, Skip
from audit.declare.rules import rule_from_plain
from audit.model import Grade
from tests.worlds import World, find, outcome_of

ROWS = 8000


def _bills(seed: int, rows: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng([51, seed])
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), unit="D")
    net, tax = rng.lognormal(4, 1, rows).round(2), rng.lognormal(2, 1, rows).round(2)
    return pd.DataFrame(
        {
            "start": start,
            "end": start + pd.to_timedelta(rng.integers(0, 600, rows), unit="D"),
            "net": net,
            "tax": tax,
            "gross": (net + tax).round(2),
        }
    )


def _world(seed: int) -> World:
    return World(*(_bills(3 * seed + part) for part in range(3)))


def _outcome(world: World) -> Outcome:
    return outcome_of("arithmetic_rules", world)


def _swapped(frame: pd.DataFrame, hit: np.ndarray) -> pd.DataFrame:
    frame = frame.copy()
    frame.loc[hit, ["start", "end"]] = frame.loc[hit, ["end", "start"]].to_numpy()
    return frame


@pytest.mark.parametrize("seed", range(3))
def test_a_tenth_of_a_percent_is_caught_in_the_right_columns(seed: int) -> None:
    """Swapped dates and a jittered sum, each in 0.1 % of the rows; untouched, nothing is said."""
    world = _world(seed)
    assert [m.value for m in _outcome(world).measures] == [0.0, 0.0]
    hit = np.random.default_rng([52, seed]).permutation(ROWS)[:16]
    broken = _swapped(world.synthetic, hit[:8])
    broken.loc[hit[8:], "gross"] += 0.01
    outcome = _outcome(World(world.real, broken, world.holdout))
    late = set(broken.index[broken["start"] > broken["end"]])
    measures = {"order": find(outcome, "start", "end"), "sum": find(outcome, "net", "tax", "gross")}
    for measure, rows in ((measures["order"], late), (measures["sum"], set(hit[8:].tolist()))):
        assert measure.value == measure.low == measure.high == pytest.approx(len(rows) / ROWS)
        assert measure.rows is not None
        assert set(measure.rows.examples) == {row + 1 for row in rows}
    assert outcome.summary == {"rules": 2.0, "broken_rules": 2.0, "searched": 1.0}


def test_the_sentence_and_the_rule() -> None:
    world = _world(0)
    broken = world.synthetic.assign(gross=world.synthetic["gross"] + 1.0)
    measure = find(_outcome(World(world.real, broken, world.holdout)), "net", "tax", "gross")
    assert measure.sentence == (
        "8,000 synthetic rows of 8,000 (100.0%) break the rule “net + tax = gross”; of 16,000 real rows 0 do."
    )
    assert measure.rule is not None
    rule = rule_from_plain(measure.rule)
    assert (rule.description, rule.support, rule.confidence) == ("net + tax = gross", 16000, 1.0)


def test_few_real_rows_prove_nothing() -> None:
    frames = [_bills(part, 300) for part in range(3)]
    with pytest.raises(Skip) as skip:
        _outcome(World(*frames))
    assert skip.value.grade is Grade.NOT_ASSESSABLE


def test_without_rules_there_is_nothing_to_say() -> None:
    rng = np.random.default_rng(5)
    frames = [pd.DataFrame(rng.normal(size=(1000, 3)), columns=list("abc")) for _ in range(3)]
    with pytest.raises(Skip) as skip:
        _outcome(World(*frames))
    assert skip.value.grade is Grade.NOT_APPLICABLE


def test_other_kinds_take_no_part() -> None:
    frames = [pd.DataFrame({"c": ["x", "y"] * 600, "n": range(1200)}) for _ in range(3)]
    with pytest.raises(Skip, match="Fewer than two columns"):
        _outcome(World(*frames))
