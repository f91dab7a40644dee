"""Broken rules of Adult beside a count by hand and published figures: python bench/artifacts.py DATA_FOLDER.

DATA_FOLDER holds adult/adult_trn.csv.gz, adult_hol.csv.gz and synthetic versions. For each
version: the share of rows that break education -> education-num, and of wives who are male and
husbands who are female, as the audit counts them with rules it has mined itself, and as a few
lines of pandas count them. Both must be the same to the row, and the published figure to its
rounding where there is one. Exit code 1 where any of it is off.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))  # a script's own folder stands there otherwise

from audit.model import Measure, Report  # noqa: E402
from bench.published import audit, options_of  # noqa: E402

LEFT, RIGHT = "education", "education-num"
COUPLES = (("Husband", "Female"), ("Wife", "Male"))
CHECKS = ("functional_dependencies", "forbidden_combinations")

# Shares of rows, measured on these files when the checks were designed (design notes, definitions
# A11 and A13), independently of this program: written as they were rounded.
DEPENDENCY = {
    "synthpop": "0",
    "mostlyai": ".0003",
    "gretel-TabularDP-e100": ".004",
    "tvae": ".059",
    "synthcity-ddpm": ".176",
    "synthcity-bayesian_network": ".46",
    "synthcity-arf": ".53",
    "synthcity-ctgan": ".65",
    "gaussian_copula": ".91",
}
PAIRS = {"synthcity-ddpm": ".0001", "mostlyai": ".0001", "gaussian_copula": ".149"}


def main(arguments: list[str]) -> int:
    if not arguments or not (Path(arguments[0]) / "adult").is_dir():
        print(__doc__)
        return 2
    folder = Path(arguments[0])
    halves = {"adult_trn.csv.gz", "adult_hol.csv.gz"}
    files = [path for path in sorted((folder / "adult").glob("*.csv.gz")) if path.name not in halves]
    print(f"{'file':30} {LEFT + ' -> ' + RIGHT:^38}   {'husband, female or wife, male':^38}")
    print(f"{'':30} {'audit':>9} {'by hand':>9} {'share':>8} {'told':>9}" + f"   {'audit':>9} {'by hand':>9} {'share':>8} {'told':>9}")  # fmt: skip
    real = pd.read_csv(folder / "adult" / "adult_trn.csv.gz")
    wrong = sum(one_file(folder, path, real) for path in files)
    print(f"\n{wrong} of these are off" if wrong else "\nall the same to the row, and as published")
    return 1 if wrong else 0


def one_file(folder: Path, path: Path, real: pd.DataFrame) -> int:
    """A line: both rules, counted in both ways, beside what is published; how many are off."""
    frame = pd.read_csv(path)
    name = path.name.removeprefix("adult_").removesuffix(".csv.gz")
    report = audit(options_of(folder, "adult", path.name, checks=CHECKS))
    ours = (dependency(report), pairs(report))
    by_hand = (broken_dependency(real, frame), impossible_couples(frame))
    cells, wrong = [], 0
    for counted, second, told in zip(ours, by_hand, (DEPENDENCY.get(name), PAIRS.get(name)), strict=True):
        share = second / len(frame)
        wrong += counted != second or not rounds_to(share, told)
        shown = "not mined" if counted is None else f"{counted:,}"
        cells.append(f"{shown:>9} {second:9,} {share:8.5f} {told or '-':>9}")
    print(f"{name:30} " + "   ".join(cells) + ("  OFF" if wrong else ""), flush=True)
    return wrong


def dependency(report: Report) -> int | None:
    """Rows that break the dependency, as the audit counts them."""
    return rows_breaking(m for m in measures(report) if m.about == (LEFT, RIGHT))


def pairs(report: Report) -> int | None:
    """Rows that hold one of the two forbidden pairs; no row can hold both."""
    counts = [
        rows_breaking(m for m in measures(report) if m.group == {"relationship": relation, "sex": sex})
        for relation, sex in COUPLES
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def measures(report: Report) -> Iterable[Measure]:
    return [judged.measure for result in report.results for judged in result.measures]


def rows_breaking(rules: Iterable[Measure]) -> int | None:
    """Rows that break the one rule; None where it was not mined."""
    counts = [rule.rows.count if rule.rows else 0 for rule in rules]
    return counts[0] if len(counts) == 1 else None


def broken_dependency(real: pd.DataFrame, frame: pd.DataFrame) -> int:
    """Rows whose number is not the one that their education has in the real table."""
    number = dict(zip(real[LEFT], real[RIGHT], strict=True))
    due = frame[LEFT].map(number)
    return int((due.notna() & frame[RIGHT].notna() & (due != frame[RIGHT])).sum())


def impossible_couples(frame: pd.DataFrame) -> int:
    """Female husbands and male wives."""
    return sum(int(((frame["relationship"] == one) & (frame["sex"] == sex)).sum()) for one, sex in COUPLES)


def rounds_to(share: float, told: str | None) -> bool:
    """Whether a share is the published one, to as many decimals as that was written with."""
    return told is None or abs(share - float(told)) <= 0.5 * 10.0 ** -len(told.partition(".")[2]) * (
        told != "0"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
