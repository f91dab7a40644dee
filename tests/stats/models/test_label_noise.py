"""Share of wrong labels: by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.models.label_noise import noise_parts


def test_parts_by_hand() -> None:
    doubt, weight = noise_parts(np.array([[0.9, 0.1], [0.9, 0.1], [0.5, 0.5]]), np.array([0, 1, 0]))
    # slope 0.8, weight 0.8 / (0.9 * 0.1); a row that knows nothing says nothing
    assert doubt == pytest.approx([8.8889 * -0.1, 8.8889 * 0.9, 0.0], abs=1e-3)
    assert weight == pytest.approx([8.8889 * 0.8, 8.8889 * 0.8, 0.0], abs=1e-3)
    # three labels: slope 0.7 - 0.3 / 2
    _, weight = noise_parts(np.array([[0.7, 0.2, 0.1]]), np.array([0]))
    assert weight == pytest.approx([0.55**2 / 0.21])


def test_no_chance_is_taken_for_certain() -> None:
    doubt, weight = noise_parts(np.array([[1.0, 0.0]]), np.array([1]))
    assert np.isfinite([doubt, weight]).all()


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_the_share_is_found(labels: int, share: float) -> None:
    rng = np.random.default_rng([labels, round(100 * share)])
    chances = np.clip(rng.dirichlet([0.4] * labels, 20_000), 0.011, None)
    chances /= chances.sum(axis=1, keepdims=True)
    truth = (rng.random((20_000, 1)) > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1)
    wrong = rng.random(20_000) < share
    seen = np.where(wrong, (truth + rng.integers(1, labels, 20_000)) % labels, truth)
    doubt, weight = noise_parts(chances, seen)
    found = doubt.sum() / weight.sum()
    error = np.sqrt(np.sum((doubt - found * weight) ** 2)) / weight.sum()
    assert abs(found - share) < 3 * error
    assert error < 0.01
