"""Seconds of computing of each check on tables that lie in a folder: python bench/cores.py FOLDER [options].

FOLDER holds real.parquet, synthetic.parquet and perhaps holdout.parquet. The checks run one
after another in this process, so that what each computes can be told from what other work on
the machine takes. Work that checks share counts where it is asked for first; it is printed
beneath, with what it holds of the whole. Options: --family artifacts, --check ID (again and
again), --target, --sensitive, --threads N (2), --memory-limit 4GB.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))  # a script's own folder stands there otherwise

from audit.case.case import Case, build_case  # noqa: E402
from audit.declare.options import Options  # noqa: E402
from audit.load import load_files  # noqa: E402
from audit.run.run import prepare, run_checks  # noqa: E402
from bench.sizes import PARTS  # noqa: E402

_SMALL = 0.05  # seconds below which shared work is not told


def main(arguments: list[str] | None = None) -> int:
    asked = parser().parse_args(arguments)
    files = {part: str(asked.folder / f"{part}.parquet") for part in PARTS}
    files = {part: path for part, path in files.items() if Path(path).is_file()}
    if not {"real", "synthetic"} <= set(files):
        print(f"{asked.folder} holds no real.parquet and synthetic.parquet.")
        return 2
    options = Options(
        **files,
        target=asked.target,
        sensitive=tuple(asked.sensitive),
        checks=tuple(asked.check),
        families=() if asked.check else (asked.family,),
        threads=asked.threads,
        memory_limit=asked.memory_limit,
    )
    with tempfile.TemporaryDirectory() as scratch:
        run(options, Path(scratch))
    return 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--family", default="artifacts")
    parser.add_argument("--check", action="append", default=[])
    parser.add_argument("--target", default="")
    parser.add_argument("--sensitive", action="append", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", default="4GB")
    return parser


def run(options: Options, scratch: Path) -> None:
    """Load, measure, and print a line for each check as it ends."""
    _, checks = prepare(options)
    checks = tuple(check for check in checks if not check.background)
    cpu, wall = time.process_time(), time.perf_counter()
    tables = load_files(options.sources(), scratch)
    print(f"{'':30}{'computing':>10}{'clock':>10}{'peak GB':>10}")
    line("reading the files", time.process_time() - cpu, time.perf_counter() - wall)
    total_cpu, total_wall = 0.0, 0.0
    with build_case(tables, options, scratch) as case:
        shared = watch(case)
        cpu, wall = time.process_time(), time.perf_counter()
        for result in run_checks(case, checks):
            took, waited = time.process_time() - cpu, time.perf_counter() - wall
            line(result.card.id, took, waited, "" if result.status == "ran" else result.status.value)
            total_cpu, total_wall = total_cpu + took, total_wall + waited
            cpu, wall = time.process_time(), time.perf_counter()
    line("all checks", total_cpu, total_wall)
    print("\nwork that checks share, what it asks for in turn included")
    for name, seconds in sorted(shared.items(), key=lambda pair: -pair[1]):
        if seconds > _SMALL:
            print(f"  {name:48}{seconds:8.2f}")


def line(name: str, cpu: float, wall: float, remark: str = "") -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{name:30}{cpu:10.2f}{wall:10.2f}{peak:10.2f}  {remark}", flush=True)


def watch(case: Case) -> dict[str, float]:
    """Seconds of computing of each piece of shared work, filled in as it is done."""
    seconds: dict[str, float] = defaultdict(float)
    once = case.shared

    def timed(name: str, make: Callable[[], Any]) -> Any:
        begun = time.process_time()
        answer = once(name, make)
        seconds[name] += time.process_time() - begun
        return answer

    case.shared = timed  # type: ignore[method-assign]
    return seconds


if __name__ == "__main__":
    sys.exit(main())
