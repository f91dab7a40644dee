"""Whether a change left every report as it was: audits of shipped and given tables, kept and compared.

    python bench/same.py keep DATA FOLDER      audit, and keep what must not change
    python bench/same.py compare OLD NEW       say what differs; exit 1 where something does

DATA holds adult/ and bank-marketing/ (a part named _trn, a part named _hol, a part named _mostlyai).
Kept are report.json without what differs from run to run (id, time, seconds, versions), the text of
report.html and report.md, and every CSV. `--ignore KEY` leaves out a key of report.json wherever it
stands, for a change that adds or renames one on purpose; `--only NAME` takes one audit of the six.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "sample_data"
UNSTEADY = ("id", "made_at", "seconds", "environment")  # of a whole report, and the seconds of each result
MAX_SHOWN = 12


def audits(data: Path) -> dict[str, list[str]]:
    """The audits by name, each as the arguments of the command line without --out."""
    sample = [
        f"--real={SAMPLE}/real.csv",
        f"--holdout={SAMPLE}/holdout.csv",
        f"--schema={SAMPLE}/schema.json",
    ]
    loop = [f"{SAMPLE}/generation_{number}.csv" for number in (1, 2, 3)]
    both = [f"{SAMPLE}/synthetic_{name}.csv" for name in ("good", "flawed")]
    return {
        "sample_good": ["run", *sample, f"--synthetic={both[0]}"],
        "sample_flawed": ["run", *sample, f"--synthetic={both[1]}"],
        "adult": [
            "run",
            *_published(data, "adult"),
            "--target=income",
            "--sensitive=sex",
            "--sensitive=race",
        ],
        "bank-marketing": ["run", *_published(data, "bank-marketing"), "--target=y", "--sensitive=marital"],
        "generations": ["generations", *sample, *loop],
        "compare": ["compare", *sample, *both],
    }


def _published(data: Path, name: str) -> list[str]:
    parts = {"real": "trn", "synthetic": "mostlyai", "holdout": "hol"}
    return [f"--{role}={data}/{name}/{name}_{part}.csv.gz" for role, part in parts.items()]


def keep(data: Path, folder: Path, only: list[str]) -> int:
    """Audit everything and keep what must not change."""
    for name, arguments in audits(data).items():
        if only and name not in only:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            command = [sys.executable, "-m", "audit", *arguments, "--seed=0", "--quiet", f"--out={scratch}"]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
            kept = folder / name
            shutil.rmtree(kept, ignore_errors=True)
            for path in sorted(Path(scratch).rglob("*")):
                _keep_file(path, kept / path.relative_to(scratch))
            kept.mkdir(parents=True, exist_ok=True)
            (kept / "stdout.txt").write_text(
                _steady(done.stdout.replace(scratch, "DIR"), {}), encoding="utf-8"
            )
            (kept / "exit.txt").write_text(f"{done.returncode}\n", encoding="utf-8")
        print(f"{name}: exit {done.returncode} {done.stderr.strip()[:200]}")
    return 0


def _keep_file(path: Path, target: Path) -> None:
    """What of one file must stay as it is."""
    if path.suffix not in (".json", ".html", ".md", ".csv") or path.name == "evidently.html":
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        text = json.dumps(_without(json.loads(text), UNSTEADY), indent=1, ensure_ascii=False) + "\n"
    elif path.suffix in (".html", ".md"):
        report = json.loads(next(path.parent.glob(f"{path.stem}.json")).read_text(encoding="utf-8"))
        text = _steady(html_text(text) if path.suffix == ".html" else text, report)
    target.write_text(text, encoding="utf-8")


def _without(document: Any, keys: tuple[str, ...]) -> Any:
    """A document without its unsteady keys; only the seconds and the id of the top are unsteady below."""
    if not isinstance(document, dict):
        return document
    kept = {key: value for key, value in document.items() if key not in keys}
    for name in ("results", "tables"):
        if isinstance(kept.get(name), list):
            kept[name] = [{k: v for k, v in one.items() if k != "seconds"} for one in kept[name]]
    return kept


def _steady(text: str, report: dict[str, Any]) -> str:
    """A text without the id, the time, the seconds and the versions of one run."""
    if report.get("id"):
        text = text.replace(str(report["id"]), "ID").replace(str(report["id"])[:8], "ID")
    made_at = str(report.get("made_at") or "no time")
    for written in (made_at, made_at.replace(":", "\\:")):  # as it is, and as Markdown escapes it
        text = text.replace(written, "TIME")
    for version in (report.get("environment") or {}).values():
        text = text.replace(str(version), "VERSION")
    return re.sub(r"\b\d+(?:\.\d+)? (?:s|seconds)\b", "SECONDS", text)


class _Text(HTMLParser):
    """The text of a page, a line a piece; what is in <style> is none."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self._hidden += tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "style"

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._hidden:
            self.lines.append(" ".join(data.split()))


def html_text(page: str) -> str:
    """The text of a page, a line a piece."""
    parser = _Text()
    parser.feed(page)
    return "\n".join(parser.lines) + "\n"


def compare(old: Path, new: Path, ignored: tuple[str, ...]) -> int:
    """Say what differs; 1 where something does."""
    names = sorted(
        {path.relative_to(side) for side in (old, new) for path in side.rglob("*") if path.is_file()}
    )
    different = 0
    for name in names:
        lines = list(_differences(old / name, new / name, ignored))
        different += bool(lines)
        if lines:
            print(f"{name}: {len(lines)} lines differ")
            print("\n".join(f"  {line[:240]}" for line in lines[:MAX_SHOWN]))
    print(f"{len(names) - different} of {len(names)} files are the same")
    return int(different > 0)


def _differences(old: Path, new: Path, ignored: tuple[str, ...]) -> Iterator[str]:
    if not old.exists() or not new.exists():
        yield f"only in {'new' if new.exists() else 'old'}"
        return
    texts = [path.read_text(encoding="utf-8") for path in (old, new)]
    if old.suffix == ".json":
        texts = [
            json.dumps(_everywhere(json.loads(text), ignored), indent=1, sort_keys=True) for text in texts
        ]
    if texts[0] == texts[1]:
        return
    pieces = difflib.unified_diff(*(text.splitlines() for text in texts), lineterm="", n=0)
    yield from (line for line in pieces if not line.startswith(("---", "+++", "@@")))


def _everywhere(document: Any, ignored: tuple[str, ...]) -> Any:
    """A document without the ignored keys, wherever they stand."""
    if isinstance(document, dict):
        return {k: _everywhere(v, ignored) for k, v in document.items() if k not in ignored}
    return [_everywhere(one, ignored) for one in document] if isinstance(document, list) else document


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, dest="command")
    keeping = commands.add_parser("keep")
    keeping.add_argument("data", type=Path)
    keeping.add_argument("folder", type=Path)
    keeping.add_argument("--only", action="append", default=[])
    comparing = commands.add_parser("compare")
    comparing.add_argument("old", type=Path)
    comparing.add_argument("new", type=Path)
    comparing.add_argument("--ignore", action="append", default=[])
    given = parser.parse_args()
    if given.command == "keep":
        return keep(given.data.resolve(), given.folder.resolve(), given.only)
    return compare(given.old, given.new, tuple(given.ignore))


if __name__ == "__main__":
    raise SystemExit(main())
