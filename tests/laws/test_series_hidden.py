"""No person's value reaches what is told of tables that follow each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from audit.render import write_reports
from audit.run.series_run import audit_series
from tests.laws import hidden
from tests.worlds import ROLES


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every form of the report on three generations, of which the second has lost the hidden people."""
    world = hidden.world()
    copies, clean = world.synthetic, world.synthetic.iloc[100:].reset_index(drop=True)
    series = {"first": copies, "second": clean, "third": copies.iloc[::-1].reset_index(drop=True)}
    folder = tmp_path_factory.mktemp("series")
    write_reports(audit_series(world.real, series, world.holdout, **ROLES), folder)
    return {path.name: path.read_text(encoding="utf-8") for path in Path(folder).iterdir()}


@pytest.mark.parametrize("value", hidden.HIDDEN)
def test_no_persons_value_reaches_the_report_of_a_series(told: dict[str, str], value: str) -> None:
    assert "report.json" in told
    for name, text in told.items():
        for spelling in hidden.spellings(value):
            place = text.find(spelling)
            assert place < 0, (name, text[max(0, place - 200) : place + 60])


def test_the_series_is_audited_whole(told: dict[str, str]) -> None:
    assert all(word in told["report.json"] for word in ("variance_decay", "category_decay", '"city"'))
