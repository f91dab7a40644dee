"""Our numbers beside published ones, and the verdicts: python bench/published.py DATA_FOLDER.

DATA_FOLDER holds published_metrics.csv and a folder for each data set with its training
half, holdout half and synthetic files. Prints accuracies beside the published ones, then the
verdicts that public tables should get; exit code 1 where any of it is off.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))  # a script's own folder stands there otherwise

from audit.declare.options import Options  # noqa: E402
from audit.model import Grade, Report  # noqa: E402
from audit.run.run import run_audit  # noqa: E402

ROLES: dict[str, dict[str, Any]] = {
    "adult": {"target": "income", "sensitive": ("sex", "race")},
    "bank-marketing": {"target": "y"},
}
EXACT, CLOSE = 0.001, 0.005  # as far as published rounding, and as the closed form, allow
POOR = ("ctgan", "arf", "bayesian_network")


def main(arguments: list[str]) -> int:
    if not arguments or not (Path(arguments[0]) / "published_metrics.csv").is_file():
        print(__doc__)
        return 2
    folder = Path(arguments[0])
    wrong = accuracies(folder) + verdicts(folder)
    print(f"\n{wrong} of these are off" if wrong else "\nall as published and as expected")
    return 1 if wrong else 0


def accuracies(folder: Path) -> int:
    """Accuracies of columns and pairs, observed and expected, each beside the published one."""
    print(f"{'file':52} {'columns':>15} {'pairs':>15} {'by chance':>15} {'pairs':>15}")
    wrong = 0
    for row in read_rows(folder):
        options = options_of(folder, row["dataset"], row["file"], checks=("column_shapes", "pair_shapes"))
        told = {r.result.card.id: r.result.summary for r in audit(options).results}
        seen = [
            (told["column_shapes"]["accuracy"], float(row["univariate"]), EXACT),
            (told["pair_shapes"]["accuracy"], float(row["bivariate"]), EXACT),
            (told["column_shapes"]["expected_accuracy"], float(row["univariate_max"]), CLOSE),
            (told["pair_shapes"]["expected_accuracy"], float(row["bivariate_max"]), CLOSE),
        ]
        off = sum(abs(ours - theirs) > tolerance for ours, theirs, tolerance in seen)
        wrong += off
        cells = " ".join(f"{ours:7.4f} / {theirs:.3f}" for ours, theirs, _ in seen)
        print(f"{row['file'].removesuffix('.csv.gz'):52} {cells}{'  OFF' if off else ''}")
    return wrong


def read_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "published_metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if (folder / row["dataset"] / row["file"]).is_file()]


def verdicts(folder: Path) -> int:
    """The verdict on a holdout, on poor tables and on a copy."""
    print()
    wrong = 0
    for name, options in audits(folder):
        report = audit(options)
        failed = {r.result.card.id for r in report.results if r.grade is Grade.FAIL}
        right = is_right(name, report.verdict.grade, failed)
        wrong += not right
        print(
            f"{name:44} {report.verdict.grade.value:13} {'' if right else 'OFF  '}{', '.join(sorted(failed))}"
        )
    return wrong


def audits(folder: Path) -> Iterator[tuple[str, Options]]:
    for dataset in ROLES:
        real = folder / dataset / f"{dataset}_trn.csv.gz"
        fresh = f"{dataset}_hol.csv.gz"
        # Without a third part of the real rows there is no holdout to compare a holdout with.
        yield f"{dataset}: holdout as synthetic", options_of(folder, dataset, fresh, holdout=False)
        for path in sorted((folder / dataset).glob("*synthcity*")):
            if path.name.removesuffix(".csv.gz").endswith(POOR):
                yield (
                    f"{dataset}: {path.name.removesuffix('.csv.gz')}",
                    options_of(folder, dataset, path.name),
                )
        yield f"{dataset}: copy of the training half", options_of(folder, dataset, real.name)


def is_right(name: str, grade: Grade, failed: set[str]) -> bool:
    if "holdout" in name:
        return grade in (Grade.PASS, Grade.WARN) and not failed
    if "copy" in name:
        return grade is Grade.FAIL and {"copied_rows", "too_good"} <= failed
    return grade is Grade.FAIL and bool(failed)


def options_of(folder: Path, dataset: str, synthetic: str, *, holdout: bool = True, **more: Any) -> Options:
    base = folder / dataset
    return Options(
        real=str(base / f"{dataset}_trn.csv.gz"),
        synthetic=str(base / synthetic),
        holdout=str(base / f"{dataset}_hol.csv.gz") if holdout else "",
        **ROLES[dataset],
        **more,
    )


def audit(options: Options) -> Report:
    """The first report: everything but the second opinion."""
    scratch = Path(tempfile.mkdtemp())
    try:
        return next(run_audit(options, scratch))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
