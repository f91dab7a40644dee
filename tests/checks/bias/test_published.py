"""Adult: figures of the science notes, and categories that published generators lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.worlds import World, case_of, check_named, find

pytestmark = pytest.mark.acceptance

_ASK = {"sensitive": ("sex",), "target": "income"}


def _adult(folder: Path, synthetic: str) -> World:
    def table(name: str) -> pd.DataFrame:
        return pd.read_csv(folder / "adult" / f"adult_{name}.csv.gz", keep_default_na=False)

    return World(table("trn"), table(synthetic), table("hol"))


@pytest.mark.parametrize(
    ("synthetic", "amplification", "z", "women", "lost"),
    [
        ("mostlyai", 0.886, -2.3, 0.273, 0),
        ("mostlyai_DP_eps4.3_noise1", 0.650, -8.0, 0.324, 0),
        ("synthcity-ctgan", 1.06, 1.3, 0.382, 19),
    ],
)
def test_adult(
    acceptance_data: Path, synthetic: str, amplification: float, z: float, women: float, lost: int
) -> None:
    with case_of(_adult(acceptance_data, synthetic), **_ASK) as case:
        ratios, shares, categories = (
            check_named(check).measure(case)
            for check in ("disparity_amplification", "representation", "lost_categories")
        )
    ratio = find(ratios, "sex", "income")
    impact = find(ratios, "sex", "income", name="impact_ratio")
    assert ratios.summary["clearest_z"] == pytest.approx(z, abs=0.06)
    inherited = find(ratios, "sex", "income", name="inherited")
    assert (inherited.value, inherited.low, inherited.high) == pytest.approx((0.356, 0.334, 0.381), abs=0.001)
    assert ratio.value == pytest.approx(amplification, abs=0.005)
    assert ratio.baseline == pytest.approx(0.363 / 0.356, abs=0.005)
    assert impact.baseline == pytest.approx(0.356, abs=0.001)
    assert find(shares, "sex", group="Female").value == pytest.approx(women / 0.338, abs=0.005)
    assert categories.summary == {"levels": float(lost)}
