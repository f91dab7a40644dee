"""Group metrics: by hand, as published, and as Fairlearn computes them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from audit.stats.groups.group_metrics import (
    Confusion,
    calibration_gap,
    confusion,
    difference,
    equalized_odds_difference,
    ratio,
)

# The table of Fairlearn's user guide, "Common fairness metrics".
TRUTH = np.array([0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1], dtype=bool)
DECISION = np.array([0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0], dtype=bool)
GROUP = np.array(["abc".index(letter) for letter in "bbabbcccaacabccbcc"])


def test_the_table_of_the_fairlearn_guide() -> None:
    table = confusion(GROUP, TRUTH, DECISION, 3)
    assert table.true_positives.tolist() == [1, 3, 2]
    assert difference(table.selection_rate) == pytest.approx(0.25)
    assert ratio(table.selection_rate) == pytest.approx(0.6667, abs=5e-5)
    assert equalized_odds_difference(table) == 1.0


def test_the_published_disparities_of_compas() -> None:
    # ProPublica's two-year scores, 5 or more as positive; African American, Caucasian.
    counts = ([1369, 505], [805, 349], [532, 461], [990, 1139])
    table = Confusion(*(np.array(c, dtype=float) for c in counts))
    fdr = 1 - table.precision
    for rate, published in (
        (table.false_positive_rate, 1.912093),
        (fdr, 0.906085),
    ):
        assert rate[0] / rate[1] == pytest.approx(published, abs=5e-7)


@st.composite
def _decisions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    groups = draw(st.integers(2, 4))
    rows = draw(st.integers(0, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    group = np.concatenate([np.repeat(np.arange(groups), 2), rng.integers(0, groups, rows)])
    truth = np.concatenate([np.tile([True, False], groups), rng.random(rows) < rng.random()])
    return group, truth, rng.random(len(group)) < rng.random()


@given(_decisions())
@settings(max_examples=12, deadline=None)
def test_group_metrics_equal_those_of_fairlearn(decisions: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    from fairlearn import metrics

    group, truth, decision = decisions
    table = confusion(group, truth, decision, int(group.max()) + 1)
    rates = {
        metrics.selection_rate: table.selection_rate,
        metrics.true_positive_rate: table.true_positive_rate,
        metrics.false_positive_rate: table.false_positive_rate,
    }
    asked = {"y_true": truth.astype(int), "y_pred": decision.astype(int), "sensitive_features": group}
    for rate, ours in rates.items():
        frame = metrics.MetricFrame(metrics=rate, **asked)
        assert ours == pytest.approx(frame.by_group.to_numpy())
        assert difference(ours) == pytest.approx(frame.difference())
        if ours.max() > 0:
            assert ratio(ours) == pytest.approx(frame.ratio())
    assert difference(table.selection_rate) == pytest.approx(metrics.demographic_parity_difference(**asked))
    assert equalized_odds_difference(table) == pytest.approx(metrics.equalized_odds_difference(**asked))


def test_groups_without_a_rate_do_not_count() -> None:
    # the third group has no positives, the fourth no row
    table = confusion(
        np.array([0, 0, 1, 1, 2, -1]),
        np.array([True, False, True, False, False, True]),
        np.array([True, False, False, False, True, True]),
        4,
    )
    assert np.isnan(table.true_positive_rate).tolist() == [False, False, True, True]
    assert difference(table.true_positive_rate) == 1.0
    assert difference(table.false_positive_rate) == 1.0
    assert table.precision[:3].tolist()[::2] == [1.0, 0.0]
    assert np.isnan(table.precision[1])
    assert difference(np.array([np.nan, np.nan])) == 0.0
    assert ratio(np.array([np.nan, 0.0])) == 1.0


def test_many_tables_at_once() -> None:
    one = confusion(GROUP, TRUTH, DECISION, 3)
    both = Confusion(
        *(
            np.stack([counts, counts[::-1]])
            for counts in (one.true_positives, one.false_positives, one.false_negatives, one.true_negatives)
        )
    )
    assert equalized_odds_difference(both).tolist() == [1.0, 1.0]


def test_calibration_by_hand() -> None:
    group = np.array([0, 0, 0, 0, 1, 1, -1])
    truth = np.array([1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0])
    chance = np.array([0.9, 0.9, 0.3, 0.3, 0.5, 0.5, 0.1])
    assert calibration_gap(group, truth, chance, 3)[:2] == pytest.approx([0.1, 0.0])
    assert np.isnan(calibration_gap(group, truth, chance, 3)[2])
