"""How `python -m audit preflight` treats a folder of bad and odd input files.

    python bench/badinputs.py FOLDER [CASE ...] [--all]

FOLDER holds manifest.json: for every case its files, what must happen to it (`kind`, `also_ok`),
words of which one must be said (`mention`), what is true of the table (`truth`), and limits of
time and memory. A case is right when its kind, truth and mention hold and its limits are kept;
memory is that of the whole process tree. The floor: every must_reject refused in words, no
traceback, nothing killed or hung or over its limits, at least 80 % of all cases right.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STATUS = {"loaded": "must_load", "warned": "must_warn", "rejected": "must_reject"}
GRACE = 3.0  # times a case's own time limit until its process is stopped
FLOOR = 0.8


@dataclass
class CaseResult:
    """What a case's process did."""

    code: int | None = None
    out: str = ""
    err: str = ""
    seconds: float = 0.0
    peak_mb: float = 0.0
    answer: dict[str, Any] = field(default_factory=dict)


class Watch(threading.Thread):
    """Follows the memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak, self.over = pid, 0, threading.Event()

    def run(self) -> None:
        """Sample until told to stop."""
        while not self.over.wait(0.02):
            self.peak = max(self.peak, sum(_resident(pid) for pid in _tree(self.pid)))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            children = Path(f"/proc/{one}/task/{one}/children").read_text()
        except OSError:
            continue
        found += [int(child) for child in children.split()]
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def run(command: list[str], seconds: float) -> CaseResult:
    """Run a command, watched."""
    start = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watch = Watch(process.pid)
    watch.start()
    seen = CaseResult()
    try:
        seen.out, seen.err = process.communicate(timeout=GRACE * seconds)
        seen.code = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        seen.out, seen.err = process.communicate()
    watch.over.set()
    watch.join()
    seen.seconds, seen.peak_mb = time.perf_counter() - start, watch.peak / 2**20
    return seen


def run_case(case: Mapping[str, Any], folder: Path, scratch: Path) -> CaseResult:
    """Run one case; a case with a settings file goes through `run`, which takes one."""
    paths = {one["role"]: _named(folder / one["path"], one, scratch) for one in case["files"]}
    files = ["--real", str(paths["real"]), "--synthetic", str(paths["synthetic"])]
    audit = [sys.executable, "-m", "audit"]
    limit = case["limits"]["seconds"]
    if "settings" in paths:
        seen = run(
            [*audit, "run", *files, "--schema", str(paths["settings"]), "--out", str(scratch / "out")], limit
        )
        messages = [{"level": "error", "text": seen.err, "where": "settings"}]
        seen.answer = {
            "status": "rejected" if seen.code == 2 else "loaded",
            "messages": messages,
            "files": {},
        }
        return seen
    seen = run([*audit, "preflight", *files, "--json"], limit)
    try:
        seen.answer = json.loads(seen.out)
    except ValueError:
        seen.answer = {}
    return seen


def _named(path: Path, file: Mapping[str, Any], scratch: Path) -> Path:
    """The file under the name it was uploaded with, as far as a file system can hold it."""
    name = str(file.get("upload_name", "")).rpartition("/")[2]
    if not name or len(name.encode()) > 255 or name in (".", ".."):
        return path
    target = scratch / file["role"] / name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(path.read_bytes())
    return target


def judge(case: Mapping[str, Any], seen: CaseResult) -> list[str]:
    """What is wrong with how a case was treated; empty where all is right."""
    wrong = []
    if seen.code is None:
        wrong.append("hung")
    elif seen.code not in (0, 2):
        wrong.append(f"exit code {seen.code}")
    if "Traceback" in seen.out + seen.err:
        wrong.append("traceback")
    limits = case["limits"]
    if seen.seconds > limits["seconds"]:
        wrong.append(f"{seen.seconds:.1f} s of {limits['seconds']}")
    if seen.peak_mb > limits["rss_mb"]:
        wrong.append(f"{seen.peak_mb:.0f} MB of {limits['rss_mb']}")
    return wrong + (_judge_answer(case, seen.answer, seen.code) if seen.answer else ["no answer"])


def _judge_answer(case: Mapping[str, Any], answer: Mapping[str, Any], code: int | None) -> list[str]:
    status = answer["status"]
    wrong = []
    if STATUS[status] not in (case["kind"], *case["also_ok"]):
        wrong.append(f"{status}, expected {case['kind']}")
    if code != (2 if status == "rejected" else 0) and "settings" not in {
        one["role"] for one in case["files"]
    }:
        wrong.append(f"{status} with exit code {code}")
    said = " ".join(one["text"] for one in answer["messages"]).lower()
    if status != "loaded" and case["mention"] and not any(word.lower() in said for word in case["mention"]):
        wrong.append(f"none of {case['mention']} is said")
    for one in case["files"]:
        wrong += _judge_truth(one, answer["files"].get(one["role"])) if status != "rejected" else []
    return wrong


def _judge_truth(file: Mapping[str, Any], read: Mapping[str, Any] | None) -> list[str]:
    truth = file.get("truth") or {}
    if read is None:
        return []
    wrong = [
        f"{file['role']} has {read[ours]} {ours}, truly {truth[theirs]}"
        for theirs, ours in (("rows", "rows"), ("cols", "columns"))
        if truth.get(theirs) is not None and truth[theirs] != read[ours]
    ]
    contained = [name for name in truth.get("contains", ()) if name not in read["names"]]
    return wrong + [f"{file['role']} lost column {name}" for name in contained]


def main(arguments: list[str]) -> int:
    """Run all cases; print what is wrong, and totals; 0 where the floor is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("cases", nargs="*", help="ids or parts of ids; all where none is given")
    parser.add_argument("--all", action="store_true", help="print what is said for every case")
    parser.add_argument("--slack", type=float, default=1.0, help="times the limit of time, on a busy machine")
    asked = parser.parse_args(arguments)
    cases = json.loads((asked.folder / "manifest.json").read_text(encoding="utf-8"))["cases"]
    chosen = [case for case in cases if not asked.cases or any(part in case["id"] for part in asked.cases)]
    for case in chosen:
        case["limits"]["seconds"] *= asked.slack
    right, absolute, broken, slowest = 0, [], [], (0.0, "")
    for case in chosen:
        with tempfile.TemporaryDirectory(prefix="bad-") as scratch:
            seen = run_case(case, asked.folder, Path(scratch))
        wrong = judge(case, seen)
        right += not wrong
        if case["kind"] == "must_reject" and not case["also_ok"] and seen.answer.get("status") != "rejected":
            absolute.append(case["id"])
        if any(re.match(r"hung|traceback|exit code|no answer|\d+\S* (s|MB) of", one) for one in wrong):
            broken.append(case["id"])
        slowest = max(slowest, (seen.seconds, case["id"]))
        if wrong or asked.all:
            _print(case, seen, wrong)
    appeared = [path.name for path in Path(tempfile.gettempdir()).glob("badinput_*canary*")]
    share = right / max(1, len(chosen))
    print(f"{right} of {len(chosen)} right ({share:.1%}); slowest {slowest[1]} {slowest[0]:.1f} s")
    print(f"must_reject not refused: {absolute or 'none'}; broken or over limits: {broken or 'none'}")
    print(f"canary files that appeared: {appeared or 'none'}")
    return 0 if share >= FLOOR and not absolute and not broken and not appeared else 1


def _print(case: Mapping[str, Any], seen: CaseResult, wrong: list[str]) -> None:
    print(f"{case['id']}: {'; '.join(wrong) or 'right'} ({seen.seconds:.1f} s, {seen.peak_mb:.0f} MB)")
    for one in seen.answer.get("messages", ()):
        print(f"    {one['level']}: {ascii(one['text'])[:300]} [{ascii(one['where'])[:60]}]")
    if not seen.answer:
        print("   ", ascii(seen.err[-600:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
