"""Bias in public synthetic tables beside published figures: python bench/bias.py DATA_FOLDER.

DATA_FOLDER holds a folder adult with its training half, holdout half and synthetic files. The
sensitive column is sex, the outcome income. Printed beside the published figures:

- disparate impact of the real table, and that of synthetic tables over it with z
- the equalized odds difference of a model of real rows and of one of synthetic rows, and what
  is added, with an interval from the holdout rows. As in the published figures this is one
  model each, boosted trees on all rows with categories as whole numbers; fitted to other rows
  of the same table it moves by 0.02, which that interval does not hold
- the same as the audit measures it: means of models, trees that know categories, an interval
  that holds the luck of the training rows too, and the grade

Exit code 1 where a figure is off.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))  # a script's own folder stands there otherwise

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: E402

from audit import audit_frames  # noqa: E402
from audit.checks.bias._shared.model_decisions import ModelRates, RateChange  # noqa: E402
from audit.model import Grade, JudgedMeasure, Report  # noqa: E402
from audit.stats.groups.group_metrics import equalized_odds_difference  # noqa: E402

OUTCOME, FAVOURABLE, SEX = "income", ">50K", "sex"
REAL_IMPACT = (0.356, 0.334, 0.381)
NEAR, NEAR_Z, NEAR_ODDS = 0.005, 0.15, 0.03
CHECKS = ("disparity_amplification", "model_bias_amplification")


@dataclass(frozen=True)
class Published:
    """Figures of one synthetic table.

    ratio, z : of disparate impacts, synthetic over real; None where not published
    odds : equalized odds difference of its model; None where only the interval is published
    added : the interval of what it adds to that of real rows
    fails : whether the audit must fail it (True), must not (False), or either (None)
    """

    file: str
    ratio: float | None
    z: float | None
    odds: float | None
    added: tuple[float, float]
    fails: bool | None


TABLES = (
    Published("synthcity-ctgan", 1.06, 1.3, 0.327, (0.19, 0.25), True),
    Published("mostlyai_DP_eps4.3_noise1", 0.650, -8.0, None, (0.13, 0.20), True),
    Published("synthcity-ddpm", None, None, None, (0.02, 0.08), None),
    Published("synthcity-arf", None, None, None, (0.01, 0.07), None),
    Published("synthcity-bayesian_network", None, None, None, (-0.03, 0.02), False),
    Published("mostlyai", 0.886, -2.3, None, (-0.02, 0.03), False),
)
REAL_ODDS = 0.104


def main(arguments: list[str]) -> int:
    if not arguments or not (Path(arguments[0]) / "adult").is_dir():
        print(__doc__)
        return 2
    folder = Path(arguments[0])
    real, holdout = read_table(folder, "trn"), read_table(folder, "hol")
    reports = {
        one.file: audit_frames(
            real, read_table(folder, one.file), holdout, checks=CHECKS, target=OUTCOME, sensitive=(SEX,)
        )
        for one in TABLES
    }
    wrong = impacts(reports) + odds(folder, real, holdout) + print_grades(reports)
    print(f"\n{wrong} of these are off" if wrong else "\nall as published and as expected")
    return 1 if wrong else 0


def read_table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / "adult" / f"adult_{name}.csv.gz", keep_default_na=False)


def first_measure(report: Report, check: str, name: str = "") -> JudgedMeasure:
    """The first number of a check with this name."""
    (result,) = [r for r in report.results if r.result.card.id == check]
    return next(one for one in result.measures if one.measure.name == name)


def impacts(reports: dict[str, Report]) -> int:
    """Disparate impact of sex, real, and of each table over it."""
    first = first_measure(reports[TABLES[0].file], "disparity_amplification", "impact_ratio").measure
    wrong = not_near("disparate impact of the real table", first.baseline or 0.0, REAL_IMPACT[0], NEAR)
    for one in TABLES:
        measure = first_measure(reports[one.file], "disparity_amplification").measure
        if one.ratio is not None and one.z is not None and measure.low is not None:
            error = (math.log(measure.value) - math.log(measure.low)) / 1.959964
            z = math.log(measure.value) / error
            wrong += not_near(f"{one.file}: times the real disparate impact", measure.value, one.ratio, NEAR)
            wrong += not_near(f"{one.file}: z", z, one.z, NEAR_Z)
    return wrong


def not_near(what: str, ours: float, theirs: float, tolerance: float) -> int:
    off = abs(ours - theirs) > tolerance
    print(f"{what:58} {ours:8.3f} / {theirs:.3f}{'  OFF' if off else ''}")
    return int(off)


def odds(folder: Path, real: pd.DataFrame, holdout: pd.DataFrame) -> int:
    """Equalized odds differences, one model a table, the same holdout rows for all."""
    print()
    of_real = decide(real, real, holdout)
    wrong = 0
    for one in TABLES:
        change = compare(holdout, of_real, decide(real, read_table(folder, one.file), holdout))
        added, half = float(change.value), float(change.half)
        if one is TABLES[0]:
            wrong += not_near(
                "equalized odds difference, real rows", float(change.real), REAL_ODDS, NEAR_ODDS
            )
        middle = sum(one.added) / 2
        off = abs(added - middle) > NEAR_ODDS or (one.odds is not None and added - half < 0.15)
        wrong += off
        print(
            f"{one.file:30} {float(change.real):.3f} to {float(change.synthetic):.3f}, "
            f"added {added:+.3f} [{added - half:+.3f}, {added + half:+.3f}] / "
            f"[{one.added[0]:+.2f}, {one.added[1]:+.2f}]{'  OFF' if off else ''}"
        )
    return wrong


def decide(real: pd.DataFrame, rows: pd.DataFrame, holdout: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Decisions about the holdout rows by trees fitted to a table's rows."""
    model = HistGradientBoostingClassifier(early_stopping=False, random_state=0)
    model.fit(as_numbers(real, rows), rows[OUTCOME] == FAVOURABLE)
    decisions: np.ndarray[Any, Any] = model.predict(as_numbers(real, holdout)).astype(bool)
    return decisions


def as_numbers(real: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray[Any, Any]:
    """All columns but the outcome; labels as their place in the alphabet."""
    columns = []
    for name in real.columns.drop(OUTCOME):
        if pd.api.types.is_numeric_dtype(real[name]):
            columns.append(rows[name].to_numpy(dtype=np.float64))
        else:
            places = {value: place for place, value in enumerate(sorted(real[name].unique()))}
            columns.append(rows[name].map(places).to_numpy(dtype=np.float64))
    return np.column_stack(columns)


def compare(holdout: pd.DataFrame, of_real: Any, of_synthetic: Any) -> RateChange:
    """What the second model adds; the interval holds the luck of the holdout rows alone."""
    group = (holdout[SEX] == "Female").to_numpy().astype(np.int64)
    truth = (holdout[OUTCOME] == FAVOURABLE).to_numpy()
    decisions = np.stack([np.stack([one] * 3) for one in (of_real, of_synthetic)])
    treatment = ModelRates(group, truth, decisions, 2, np.random.default_rng(0), luck=0.0)
    return treatment.rate_change(equalized_odds_difference)


def print_grades(reports: dict[str, Report]) -> int:
    """What the audit says of the same tables."""
    print()
    wrong = 0
    for one in TABLES:
        off, text = is_confirmed(one, reports[one.file])
        wrong += off
        print(f"{one.file:30} {text}{'  OFF' if off else ''}")
    return wrong


def is_confirmed(one: Published, report: Report) -> tuple[bool, str]:
    (result,) = [r for r in report.results if r.result.card.id == "model_bias_amplification"]
    failed = result.grade is Grade.FAIL
    return one.fails is not None and failed is not one.fails, f"{result.grade.value:13}" + ", ".join(
        numbers(result)
    )


def numbers(result: Any) -> Iterator[str]:
    for one in result.measures:
        if one.grade is not None:
            m = one.measure
            yield f"{m.name or 'trees'} {m.value:+.3f} [{m.low:+.3f}, {m.high:+.3f}]"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
