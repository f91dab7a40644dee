"""False alarms on clean tables and defects told where they are planted.

    python bench/planted.py clean   DATA [--splits 50] [--family fidelity]
    python bench/planted.py defects DATA [--seeds 10]  [--family fidelity] [--only 16,17] [--doses least]

DATA holds, for adult and bank-marketing, a training and a holdout half; both are pooled and
split at random in three: real, holdout, and a synthetic table as good as can be.

`clean` audits such splits. Off (exit code 1): a check fails or breaks, or more than 1 % of
check runs warn. `defects` breaks the synthetic part by the recipes of a family. A defect is
told when one of the checks that should tell it warns or fails where it did not before, and
names the columns or the group. Off: fewer than 9 in 10 told at the least dose. Learners that
a recipe does not expect are left out there, unless --whole; they make few of the tests.

--table NAME, --first SEED, --processes N (2), --json FILE, --log FILE (a line for each alarm
of `clean`, each miss of `defects`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))  # a script's own folder stands there otherwise
if __name__ == "__main__":  # processes share the cores; before numpy is loaded
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import bench.defects.artifacts  # noqa: E402 - all six register their recipes
import bench.defects.bias  # noqa: E402
import bench.defects.contacts  # noqa: E402
import bench.defects.drift  # noqa: E402
import bench.defects.fidelity  # noqa: E402
import bench.defects.poisoning  # noqa: E402
import bench.defects.privacy  # noqa: E402
from audit import audit_frames  # noqa: E402
from audit.checks import all_checks  # noqa: E402
from audit.model import Finding, Grade, Report  # noqa: E402
from bench.defects.furnishing import with_furniture  # noqa: E402
from bench.defects.recipes import RECIPES, TABLES, FindingTarget, Ground, Parts, Prepare, Recipe, Table, split  # noqa: E402

GRADES = ("pass", "warn", "inconclusive", "fail", "error")
OFTEN = 0.01  # share of check runs that may warn on clean tables
TOLD = 0.9  # share of runs in which a defect of the least dose must be told
LEARNERS = (
    "detectability", "utility", "realism", "diversity", "energy_distance", "model_bias_amplification",
    "directional_amplification", "proxies", "label_noise", "mitigation", "group_profiles", "row_weights",
)  # fmt: skip
WORSE = {Grade.WARN: 1, Grade.FAIL: 2}


def main(arguments: list[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    if not (asked.data / "adult").is_dir():
        print(f"{asked.data} holds no folder adult.")
        return 2
    begun = time.perf_counter()
    answer = (clean if asked.what == "clean" else defects)(asked)
    print(f"{time.perf_counter() - begun:.0f} s")
    if asked.json:
        asked.json.write_text(json.dumps(answer, indent=1), encoding="utf-8")
    return 1 if answer["off"] else 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("clean", "defects"))
    parser.add_argument("data", type=Path)
    parser.add_argument("--splits", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--family", default="fidelity")
    parser.add_argument("--check", action="append", default=[])
    parser.add_argument("--only", type=lambda text: [int(n) for n in text.split(",")], default=[])
    parser.add_argument("--doses", choices=("all", "least"), default="all")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--table", choices=tuple(TABLES), action="append", default=[])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--log", type=Path)
    return parser


@cache
def population(data: Path, table: str) -> pd.DataFrame:
    """Both halves of a real table."""
    halves = [pd.read_csv(data / table / f"{table}_{half}.csv.gz") for half in ("trn", "hol")]
    return pd.concat(halves, ignore_index=True)


@lru_cache(maxsize=4)
def ground(data: Path, table: str, seed: int, prepare: Prepare | None) -> Parts:
    """Three parts of a real table, with what a recipe needs beforehand."""
    parts = split(population(data, table), seed)
    return prepare(parts, rng_of(seed, 0, 0)) if prepare else parts


@lru_cache(maxsize=64)
def audit_before(
    data: Path,
    table: str,
    seed: int,
    prepare: Prepare | None,
    checks: tuple[str, ...],
    options: tuple[tuple[str, Any], ...],
) -> Report:
    """What is told of the ground itself, once for all recipes that plant there."""
    return audit(ground(data, table, seed, prepare), dict(options), checks, seed)


def family_checks(family: str, without: Sequence[str] = (), more: Sequence[str] = ()) -> tuple[str, ...]:
    """The ids of a family's checks but those left out, and others that exist."""
    cards = [check.card for check in all_checks() if not check.background]
    return tuple(
        card.id for card in cards if card.id in more or (card.family == family and card.id not in without)
    )


def audit(parts: Parts, options: Mapping[str, Any], checks: Sequence[str], seed: int) -> Report:
    return audit_frames(
        parts.real, parts.synthetic, parts.holdout, seed=seed, checks=tuple(checks), threads=1, **options
    )


def in_processes(jobs: Sequence[tuple[Any, ...]], work: Callable[..., Any], processes: int) -> Iterator[Any]:
    """The answers as they come, with progress on stderr."""
    begun = time.perf_counter()
    with ProcessPoolExecutor(max_workers=max(1, processes)) as pool:
        waiting = [pool.submit(work, *job) for job in jobs]
        for done, future in enumerate(as_completed(waiting), 1):
            yield future.result()
            left = (time.perf_counter() - begun) / done * (len(jobs) - done)
            print(f"\r{done} of {len(jobs)}, {left:.0f} s left   ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


# --- clean tables ---------------------------------------------------------------------------


def clean(arguments: argparse.Namespace) -> dict[str, Any]:
    """Grades of every check, and of every number, over splits and tables."""
    checks = tuple(arguments.check) or family_checks(arguments.family)
    seeds = range(arguments.first, arguments.first + arguments.splits)
    jobs = [(arguments.data, table, seed, checks) for seed in seeds for table in arguments.table or TABLES]
    grades: dict[str, Counter[str]] = defaultdict(Counter)
    numbers: dict[str, Counter[str]] = defaultdict(Counter)
    alarms: list[dict[str, Any]] = []
    for told in in_processes(jobs, audit_clean, arguments.processes):
        for check, grade in told["grades"].items():
            grades[check][grade] += 1
        for check, counted in told["numbers"].items():
            numbers[check].update(counted)
        alarms += told["alarms"]
        log(arguments.log, told["alarms"])
    off = print_clean(grades, numbers, alarms)
    return {"grades": grades, "numbers": numbers, "alarms": alarms, "off": off}


def audit_clean(data: Path, table: str, seed: int, checks: Sequence[str]) -> dict[str, Any]:
    """One split: the grade of each check, how its numbers were graded, and what alarmed."""
    parts = ground(data, table, seed, preparation(checks, seed))
    report = audit(parts, clean_options(TABLES[table], checks, seed), checks, seed)
    numbers = {
        r.result.card.id: Counter(m.grade.value for m in r.measures if m.grade) for r in report.results
    }
    alarms = [
        {
            "check": r.result.card.id, "table": table, "seed": seed, "grade": judged.grade.value,
            "about": judged.measure.about, "name": judged.measure.name, "group": judged.measure.group,
            "value": judged.measure.value, "low": judged.measure.low, "high": judged.measure.high,
            "tolerance": judged.tolerance_warn,
        }
        for r in report.results
        for judged in r.measures
        if judged.grade in (Grade.WARN, Grade.FAIL, Grade.INCONCLUSIVE)
    ]  # fmt: skip
    alarms += [
        {"check": r.result.card.id, "table": table, "seed": seed, "grade": "error", "reason": r.result.reason}
        for r in report.results
        if r.grade is Grade.ERROR
    ]
    return {
        "grades": {r.result.card.id: r.grade.value for r in report.results},
        "numbers": {check: dict(counted) for check, counted in numbers.items()},
        "alarms": alarms,
    }


def preparation(checks: Sequence[str], seed: int) -> Prepare | None:
    """Every other split has keys, codes, dates and sums too where checks on artifacts are asked, contacts for privacy; moments for drift."""
    if seed % 2 and asks_for("artifacts", checks):
        return with_furniture
    if seed % 2 and asks_for("privacy", checks):
        return bench.defects.contacts.with_contacts
    return (
        bench.defects.drift.with_dates
        if asks_for("drift", checks) and not asks_for("artifacts", checks)
        else None
    )


def clean_options(table: Table, checks: Sequence[str], seed: int) -> Mapping[str, Any]:
    """The options of the table; attributes of people for bias, what is known of them for privacy, moments for drift."""
    people = {"sensitive": table.people} if asks_for("bias", checks) else {}
    moments = asks_for("drift", checks) and not asks_for("artifacts", checks)
    known = bench.defects.contacts.declared_options(table) if seed % 2 and asks_for("privacy", checks) else {}
    return {**table.options, **people, **known, **(bench.defects.drift.time_option(table) if moments else {})}


def asks_for(family: str, checks: Sequence[str]) -> bool:
    """Whether a check of the family is among those asked."""
    cards = {check.card.id: check.card.family for check in all_checks()}
    return any(cards[check] == family for check in checks)


def print_clean(
    grades: Mapping[str, Counter[str]],
    numbers: Mapping[str, Counter[str]],
    alarms: Sequence[Mapping[str, Any]],
) -> bool:
    print(
        f"\n{'grade of the check':24}" + "".join(f"{grade:>14}" for grade in GRADES) + f"{'not graded':>14}"
    )
    total: Counter[str] = Counter()
    for check, counted in sorted(grades.items()):
        total.update(counted)
        other = sum(counted.values()) - sum(counted[grade] for grade in GRADES)
        print(f"{check:24}" + "".join(f"{counted[grade]:14}" for grade in GRADES) + f"{other:14}")
    print(f"\n{'grade of its numbers':24}" + "".join(f"{grade:>14}" for grade in GRADES))
    for check, counted in sorted(numbers.items()):
        print(f"{check:24}" + "".join(f"{counted[grade]:14}" for grade in GRADES))
    graded = sum(total[grade] for grade in GRADES)
    share = total["warn"] / graded if graded else 0.0
    print(
        f"\n{graded} check runs: {total['fail']} failed, {total['error']} broke, {total['warn']} warned ({share:.1%}),"
    )
    print(f"{total['inconclusive']} could not tell; {len(alarms)} numbers were not passed")
    most = Counter((a["check"], a["table"], a["grade"], a.get("name", "")) for a in alarms).most_common(25)
    for (check, table, grade, name), count in most:
        print(f"  {count:4} x {check} {name} {grade} on {table}")
    return bool(total["fail"] or total["error"] or share > OFTEN)


def log(path: Path | None, lines: Iterable[Mapping[str, Any]]) -> None:
    if path:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)


# --- planted defects ------------------------------------------------------------------------


def defects(arguments: argparse.Namespace) -> dict[str, Any]:
    """How often each defect is told, by dose and table."""
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    tables = arguments.table or list(TABLES)
    wanted = [
        r
        for r in RECIPES.values()
        if r.number in arguments.only or (r.family == arguments.family and not arguments.only)
    ]
    jobs = [
        (arguments.data, table, seed, recipe.number, arguments.doses, arguments.whole)
        for recipe in sorted(wanted, key=lambda r: r.number)
        for seed in seeds
        for table in tables
    ]
    rows: list[dict[str, Any]] = []
    for told in in_processes(jobs, audit_defect, arguments.processes):
        rows += told
        log(arguments.log, [row for row in told if not row["told"]])
    return {"rows": rows, "off": print_defects(rows, tables)}


def audit_defect(
    data: Path, table: str, seed: int, number: int, doses: str, whole: bool
) -> list[dict[str, Any]]:
    """One recipe on one split, all doses: whether it is told, by which checks, and what else is."""
    recipe, facts = RECIPES[number], TABLES[table]
    parts = ground(data, table, seed, recipe.prepare)
    options = {**facts.options, **(recipe.options(facts) if recipe.options else {})}
    left_out = () if whole else [check for check in LEARNERS if check not in recipe.checks]
    checks = family_checks(recipe.family, left_out, recipe.checks)
    before = audit_before(data, table, seed, recipe.prepare, checks, tuple(options.items()))
    rows = []
    for dose in recipe.doses if doses == "all" else (recipe.least,):
        broken, named = recipe.plant(Ground(parts, dose, facts, rng_of(seed, number, 1)))
        after = audit(Parts(parts.real, parts.holdout, broken), options, checks, seed)
        rows.append(
            {
                "number": number,
                "table": table,
                "seed": seed,
                "dose": dose,
                **judge(recipe, named, before, after),
            }
        )
    return rows


def rng_of(seed: int, number: int, step: int) -> np.random.Generator:
    return np.random.default_rng([seed, number, step])


def judge(recipe: Recipe, named: FindingTarget, before: Report, after: Report) -> dict[str, Any]:
    """Which checks told it, which alarmed without naming it, which others alarmed, and what was seen."""
    found = new_findings(before, after)
    right = sorted({f.check for f in found if f.check in recipe.checks and names(f, named)})
    missed = sorted({f.check for f in found if f.check in recipe.checks} - set(right))
    others = sorted({f.check for f in found} - set(recipe.checks))
    whole = {
        r.result.card.id: [round(m.measure.value, 4), m.grade.value if m.grade else ""]
        for r in after.results
        for m in r.measures
        if r.result.card.id in recipe.checks and not (m.measure.about or m.measure.group or m.measure.name)
    }
    said = next((f.sentence for f in found if f.check in right), "")
    return {
        "told": bool(right),
        "by": right,
        "unnamed": missed,
        "others": others,
        "headlines": whole,
        "said": said,
    }


def new_findings(before: Report, after: Report) -> list[Finding]:
    """Warnings and failures that were not there, or not as bad, in the clean run."""
    known = {f.id: WORSE[f.grade] for f in before.findings if f.grade in WORSE}
    return [f for f in after.findings if f.grade in WORSE and WORSE[f.grade] > known.get(f.id, 0)]


def names(finding: Finding, named: FindingTarget) -> bool:
    """Whether a finding names the group and the columns; a sentence about the whole table may do so."""
    group = finding.group or {}
    if any(group.get(column) != value and value not in finding.sentence for column, value in named.group):
        return False
    if named.group and not finding.about:
        return True
    about = {*finding.about, *group}
    if not named.columns:
        return True
    return any(
        columns <= about or (not about and all(name in finding.sentence for name in columns))
        for columns in named.columns
    )


def print_defects(rows: Sequence[Mapping[str, Any]], tables: Sequence[str]) -> bool:
    print(f"\n{'defect':48}{'dose':>8}" + "".join(f"{table:>18}" for table in tables) + "  told by (runs)")
    off = False
    for number in sorted({row["number"] for row in rows}):
        recipe = RECIPES[number]
        for dose in recipe.doses:
            mine = [row for row in rows if row["number"] == number and row["dose"] == dose]
            if not mine:
                continue
            shares = {table: [row["told"] for row in mine if row["table"] == table] for table in tables}
            short = dose == recipe.least and any(np.mean(told) < TOLD for told in shares.values() if told)
            off |= short
            by = Counter(check for row in mine for check in row["by"])
            cells = "".join(f"{f'{sum(told)} of {len(told)}':>18}" for told in shares.values())
            mark = " least" if dose == recipe.least else ""
            print(
                f"{f'{number} {recipe.title}':48}{dose:8}{cells}  "
                + ", ".join(f"{check} {count}" for check, count in by.most_common())
                + mark + (", OFF" if short else "")
            )  # fmt: skip
            print_rest(mine)
    return off


def print_rest(rows: Sequence[Mapping[str, Any]]) -> None:
    """What alarmed without naming the place, and what else alarmed."""
    for key, label in (("unnamed", "not named by"), ("others", "also told by")):
        counted = Counter(check for row in rows for check in row[key])
        if counted:
            print(" " * 8 + f"{label} " + ", ".join(f"{check} {n}" for check, n in counted.most_common()))


if __name__ == "__main__":
    sys.exit(main())
