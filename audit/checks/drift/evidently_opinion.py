"""A second opinion from Evidently: sampled, in its own process, never in the verdict.

The only file that imports Evidently, inside the function that runs in the child process.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from audit.case import MEASURED, Case, Part, names
from audit.check import Outcome, Pending, Skip, check
from audit.features import sample_rows
from audit.model import Family, Measure, Scale

_ROWS = 10_000
_COLUMNS = 60
_SECONDS = 300


@check(
    id="evidently_opinion",
    title="Evidently's second opinion",
    family=Family.DRIFT,
    question="What does Evidently say about drift, column by column?",
    scale=Scale("Evidently's drift score", "lower", 0.0, None),
    next_step="Where it disagrees with column drift, see the explanation: missing values, sample size and many categories mislead it.",
    beside=True,
)
def evidently_opinion(case: Case) -> Pending:
    """Evidently's drift score of each column: a second opinion that is never judged.

    Its default method and threshold for each column, on at most 10,000 rows of each table
    and 60 columns: distances for large tables, p-values for small ones. It drops missing
    values, uses one threshold whatever the number of rows or categories, and tests each
    column on its own, so it can disagree with the checks above for good reasons. A column it
    cannot handle is left out and counted in the summary.

    Source: Evidently 0.7.23, value drift with default settings.
    """
    if not _installed():
        raise Skip("Evidently is not installed.", "Install the packages of requirements.txt.")
    columns = names(case.shaped)[:_COLUMNS]
    if not columns:
        raise Skip("No column has a distribution to compare.")
    folder = case.scratch / "evidently"
    folder.mkdir(exist_ok=True)
    for part in (case.real, case.synthetic):
        _write_sample(case, part, columns, folder / f"{part.role}.parquet")
    measured = [case.column(name).kind in MEASURED for name in columns]
    (folder / "columns.json").write_text(json.dumps(measured), encoding="utf-8")
    child = _start(folder)
    return Pending(lambda: _collect(case, child, folder, columns), lambda: _end(child))


def _installed() -> bool:
    try:
        return importlib.util.find_spec("evidently") is not None
    except (ImportError, ValueError):  # blocked, or half taken away
        return False


def _write_sample(case: Case, part: Part, columns: tuple[str, ...], path: Path) -> None:
    """Columns under neutral names: Evidently stumbles over some names."""
    rows = sample_rows(part, _ROWS, case.rng(f"evidently_opinion {part.role}"))
    arrays = {}
    for i, name in enumerate(columns):
        values = part.column(name, rows)
        kind = pa.float64() if case.column(name).kind in MEASURED else pa.string()
        arrays[f"c{i}"] = pa.array(values, type=kind, from_pandas=True)
    pq.write_table(pa.table(arrays), path)


def _start(folder: Path) -> subprocess.Popen[bytes]:
    path = [str(Path(__file__).resolve().parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, our own folder
            [sys.executable, "-m", __name__, str(folder)],
            cwd=folder,  # nothing that lies where the user happens to be is imported
            env=os.environ
            | {"DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(path)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
    child.wait()


def _collect(case: Case, child: subprocess.Popen[bytes], folder: Path, columns: tuple[str, ...]) -> Outcome:
    try:
        child.wait(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        raise Skip(f"Evidently gave no answer within {_SECONDS} seconds.", assessable=False) from None
    answer = folder / "answer.json"
    if not answer.exists():
        raise Skip(
            "Evidently could not be imported or broke off.",
            "Install the versions of requirements.txt.",
            assessable=False,
        )
    told: Mapping[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    measures = tuple(
        _measure(case, name, told[f"c{i}"]) for i, name in enumerate(columns) if told.get(f"c{i}") is not None
    )
    if not measures:
        raise Skip("Evidently could not handle any column.", assessable=False)
    drifted = sum(bool(told[f"c{i}"]["drifted"]) for i in range(len(columns)) if told.get(f"c{i}"))
    summary = {
        "columns": float(len(measures)),
        "drifted": float(drifted),
        "not_handled": float(len(columns) - len(measures)),
    }
    used = {"real": min(case.real.rows, _ROWS), "synthetic": min(case.synthetic.rows, _ROWS), "holdout": None}
    return Outcome(measures, summary, (), used)


def _measure(case: Case, name: str, told: Mapping[str, Any]) -> Measure:
    says = "drift" if told["drifted"] else "no drift"
    return Measure(
        value=float(told["score"]),
        about=(name,),
        baseline=float(told["threshold"]),
        n=min(case.synthetic.rows, _ROWS),
        sentence=f"Evidently says {says} for {name}: {told['method']} {told['score']:.4g}, its threshold {told['threshold']:g}.",
        descriptive=True,
    )


def _ask(folder: Path) -> dict[str, dict[str, Any] | None]:
    """In the child process: one report a column, so that one bad column is one gap."""
    import pandas as pd

    measured = json.loads((folder / "columns.json").read_text(encoding="utf-8"))
    real, synthetic = pd.read_parquet(folder / "real.parquet"), pd.read_parquet(folder / "synthetic.parquet")
    return {f"c{i}": _ask_column(real, synthetic, f"c{i}", number) for i, number in enumerate(measured)}


def _ask_column(real: Any, synthetic: Any, name: str, number: bool) -> dict[str, Any] | None:
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    definition = DataDefinition(**{"numerical_columns" if number else "categorical_columns": [name]})
    tables = [Dataset.from_pandas(table[[name]], data_definition=definition) for table in (synthetic, real)]
    try:
        told = json.loads(Report([ValueDrift(column=name)], include_tests=True).run(*tables).json())
        metric = told["metrics"][0]
        score, settings = float(metric["value"]), metric["config"]
        threshold, method = float(settings["threshold"]), str(settings["method"])
        failed = told["tests"][0]["status"] == "FAIL"
    except (ValueError, KeyError, IndexError, TypeError, ZeroDivisionError, AttributeError):
        return None
    if not np.isfinite(score):
        return None
    return {"score": score, "threshold": threshold, "method": method, "drifted": failed}


if __name__ == "__main__":
    os.nice(10)  # a second opinion never slows the audit it stands beside
    _folder = Path(sys.argv[1])
    (_folder / "answer.part").write_text(json.dumps(_ask(_folder)), encoding="utf-8")
    (_folder / "answer.part").replace(_folder / "answer.json")
