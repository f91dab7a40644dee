"""How long an audit takes and how much memory it holds.

    python bench/speed.py DATA_FOLDER [REPEATS]
    python bench/speed.py family DATA_FOLDER [--family fidelity] [--size adult] [--repeats 1]
    python bench/speed.py growth DATA_FOLDER [--family fidelity] [--svg FILE] [--json FILE]

DATA_FOLDER holds adult/adult_trn.csv.gz, adult_hol.csv.gz and adult_mostlyai.csv.gz. The
audit runs as a user would run it, in a process of its own; memory is that of all its
processes together. The first form times the whole audit, evidence of every check included.
`family` times one family on Adult, on a long table (1,000,000 x 15, Adult rows resampled) and
on a wide one (50,000 x 200), beside their limits; exit code 1 where one is off; where it is asked for
with --size vast, on 10,000,000 x 15 too. `growth` draws
its seconds over rows and over columns. Figures of a busy machine are larger.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))  # a script's own folder stands there otherwise

from bench.growth import SIZES, Cost, growth, limits  # noqa: E402

PEERS = ("sdmetrics", "mostlyai.qa", "syntheval", "evidently")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOKS = 0.05  # seconds between two looks at memory


@dataclass
class Run:
    """One audit: when the verdict stood, when all had ended, the most memory held, seconds of all cores."""

    verdict: float = 0.0
    wall: float = 0.0
    peak: int = 0
    cpu: float = 0.0
    report: dict[str, Any] = field(default_factory=dict)


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in ("family", "growth"):
        return of_family(arguments)
    if not arguments or not Path(arguments[0]).is_dir():
        print(__doc__)
        return 2
    folder, repeats = Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 3
    runs = [audit(folder) for _ in range(repeats)]
    print(f"Adult, 24,421 x 15, with holdout, {repeats} runs (median; least to most)\n")
    print(row("verdict and report written", [run.verdict for run in runs], "s"))
    print(row("everything ended, second opinion included", [run.wall for run in runs], "s"))
    print(row("peak memory of all processes", [run.peak / 1e9 for run in runs], "GB"))
    print(row("importing audit, fresh process", [import_time() for _ in range(repeats)], "s"))
    print()
    for check in sorted(runs[0].report["results"], key=lambda r: -r["seconds"]):
        times = [seconds_of(run, check["check"]) for run in runs]
        print(row(f"  {check['check']}", times, "s"))
    compare(folder, statistics.median(run.verdict for run in runs))
    return 0


def of_family(arguments: list[str]) -> int:
    """One family: its limits, or its growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("family", "growth"))
    parser.add_argument("data", type=Path)
    parser.add_argument("--family", default="fidelity")
    parser.add_argument(
        "--size", choices=tuple(SIZES), action="append", default=[]
    )  # else all but the vast one
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--svg", type=Path, default=Path("growth.svg"))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    if asked.what == "family":
        return limits(
            family_cost,
            asked.data,
            asked.family,
            asked.size or [name for name in SIZES if name != "vast"],
            asked.repeats,
        )
    return growth(family_cost, asked.data, asked.family, asked.svg, asked.json)


def family_cost(files: Mapping[str, Path], options: Sequence[str]) -> Cost:
    """What one audit cost, by check."""
    run = audit_files(files, options)
    seconds = {r["check"]: float(r["seconds"]) for r in run.report["results"] if r["status"] == "ran"}
    return Cost(seconds, run.verdict, run.cpu, run.peak)


def audit(folder: Path) -> Run:
    """The whole audit of Adult."""
    files = {role: folder / "adult" / f"adult_{name}.csv.gz" for role, name in ROLES.items()}
    return audit_files(files, ["--target=income", "--sensitive=sex", "--sensitive=race"])


def audit_files(files: Mapping[str, Path], options: Sequence[str]) -> Run:
    """Run the command and watch it."""
    run = Run()
    with tempfile.TemporaryDirectory() as out:
        command = [
            sys.executable,
            "-m",
            "audit",
            "run",
            *(f"--{role}={path}" for role, path in files.items()),
        ]
        command += [*options, f"--out={out}", "--quiet"]
        begun, spent = time.perf_counter(), cpu_time()
        child = subprocess.Popen(  # noqa: S603 - our own command on the files that were named
            command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, env=environment()
        )
        watcher = threading.Thread(target=watch, args=(child, run))
        watcher.start()
        assert child.stdout is not None
        child.stdout.readline()  # the summary is told when the report is written
        run.verdict = time.perf_counter() - begun
        child.stdout.read()
        code = child.wait()
        run.wall, run.cpu = time.perf_counter() - begun, cpu_time() - spent
        watcher.join()
        if code not in (0, 1, 3):
            raise SystemExit(f"the audit ended with exit code {code}")
        run.report = json.loads((Path(out) / "report.json").read_text(encoding="utf-8"))
    return run


ROLES = {"real": "trn", "synthetic": "mostlyai", "holdout": "hol"}


def cpu_time() -> float:
    """Seconds that ended child processes have computed: the same on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment() -> dict[str, str]:
    """As a user has it: compiled modules are kept."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def watch(child: subprocess.Popen[str], run: Run) -> None:
    while child.poll() is None:
        run.peak = max(run.peak, sum(resident(pid) for pid in family(child.pid)))
        time.sleep(_LOOKS)


def family(pid: int) -> list[int]:
    """A process and all below it."""
    members = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                members += family(int(child))
        except OSError:
            continue  # it ended while we looked
    return members


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def import_time() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import audit"], cwd=CHECKOUT, check=True, env=environment())
    return time.perf_counter() - begun


def seconds_of(run: Run, check: str) -> float:
    return next(float(r["seconds"]) for r in run.report["results"] if r["check"] == check)


def row(name: str, values: list[float], unit: str) -> str:
    return f"{name:44} {statistics.median(values):7.2f} {unit}   ({min(values):.2f} to {max(values):.2f})"


def compare(folder: Path, seconds: float) -> None:
    """Ratios against peers, for those that are installed."""
    print()
    for peer in PEERS:
        if not is_installed(peer):
            print(f"{peer}: not installed, not compared")
        elif peer == "evidently":
            other = evidently_drift(folder)
            print(
                f"evidently, drift of every column alone: {other:.2f} s; the whole audit takes {seconds / other:.1f} times as long"
            )
        else:
            print(f"{peer}: installed, but no comparison with it is written yet")


def is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def evidently_drift(folder: Path) -> float:
    """Evidently's drift preset on the same two tables, import included."""
    real, synthetic = (
        str(folder / "adult" / f"adult_{ROLES[role]}.csv.gz") for role in ("real", "synthetic")
    )
    code = (
        "import sys, pandas as pd; from evidently import Report; from evidently.presets import DataDriftPreset; "
        "Report([DataDriftPreset()]).run(pd.read_csv(sys.argv[2]), pd.read_csv(sys.argv[1])).json()"
    )
    begun = time.perf_counter()
    subprocess.run(  # noqa: S603 - a fixed program
        [sys.executable, "-W", "ignore", "-c", code, real, synthetic],
        check=True,
        env=environment() | {"DO_NOT_TRACK": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
