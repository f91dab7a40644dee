"""Directional amplification and predictability by hand."""

from __future__ import annotations

import numpy as np
import pytest

from audit.stats.groups.bias_amplification import directional_link, predictability

_REAL = np.array([[40.0, 60.0], [20.0, 80.0]])


def test_a_stronger_link_by_hand() -> None:
    # 40 % and 20 % become 50 % and 10 %: each of four pairs moves by ten points with its sign
    assert directional_link(_REAL, np.array([[50.0, 50.0], [10.0, 90.0]])) == pytest.approx(0.1)
    assert directional_link(_REAL, np.array([[30.0, 70.0], [30.0, 70.0]])) == pytest.approx(-0.1)
    assert directional_link(_REAL, 7 * _REAL) == pytest.approx(0)


def test_the_directions_differ() -> None:
    # the second group doubled: within groups nothing moves, within outcomes the mix does
    other = _REAL * np.array([[1.0], [2.0]])
    assert directional_link(_REAL, other) == pytest.approx(0)
    # of outcome 0: 40/60 becomes 40/80, of outcome 1: 60/140 becomes 60/220
    lost = (40 / 80 - 40 / 60, -(60 / 220 - 60 / 140))
    assert directional_link(_REAL.T, other.T) == pytest.approx(np.mean([lost[0], lost[0], lost[1], lost[1]]))


def test_many_tables_at_once_and_a_group_without_rows() -> None:
    found = directional_link(_REAL, np.stack([_REAL, np.array([[50.0, 50.0], [0.0, 0.0]])]))
    assert found == pytest.approx([0.0, 0.05])


def test_predictability_by_hand() -> None:
    assert predictability(np.array([[30.0, 30.0], [20.0, 20.0]])) == pytest.approx(0)
    assert predictability(np.array([[30.0, 0.0], [0.0, 20.0]])) == pytest.approx(1)
    # for two by two it is the squared phi coefficient
    a, b, c, d = _REAL.ravel()
    phi = (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    assert predictability(_REAL) == pytest.approx(phi)
    assert predictability(np.array([[5.0, 0.0], [5.0, 0.0]])) == 0


def test_balanced_groups_need_predictability() -> None:
    balanced, made_up = np.array([[50.0, 50.0], [50.0, 50.0]]), np.array([[70.0, 30.0], [30.0, 70.0]])
    assert directional_link(balanced, made_up) == pytest.approx(0)
    assert predictability(made_up) == pytest.approx(0.16)
