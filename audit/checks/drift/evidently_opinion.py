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
from numpy.typing import NDArray

from audit.case.case import Case, column_names
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.case.check import Outcome, Pending, Skip, check
from audit.checks.drift._shared.jensen_shannon import DRIFTED, beyond_chance
from audit.learn.features import sample_rows
from audit.model import EVIDENTLY, Better, Family, Measure, Scale, Section, Unit
from audit.stats.distributions.weighted import mean_and_sd

INSTALL = 'Install it: pip install "synthetic-data-audit[evidently]".'
_ROWS = 10_000
_COLUMNS = 60
_SECONDS = 300
_SHOWN, _LONGEST = 30, 60  # columns in its own report, and characters of a name or label there
_SIGNS = (
    ("<", "‹"),
    (">", "›"),
    ("&", "+"),
    ('"', "”"),
    ("'", "’"),
    ("`", "’"),
    ("\\", "/"),
    ("{", "("),
    ("}", ")"),
)
RARE_LABEL = "a rare value"
# It sums over sets: without a fixed order of those the last digits change from run to run.
_ENVIRONMENT = {"DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
_GONE = 0.01  # difference of the shares of missing values that explains a different opinion
_LEAST_SPREAD = 0.001  # by which Evidently divides where a column varies less


@check(
    id="evidently_opinion",
    title="Evidently's second opinion",
    known_as="Evidently value drift",
    section=Section.SECOND_OPINION,
    files=(EVIDENTLY,),
    descriptive=True,
    family=Family.DRIFT,
    question="What does Evidently say about drift, column by column?",
    scale=Scale(Unit.SCORE, "Evidently's drift score", Better.LOWER, 0.0, None),
    next_step="Where it disagrees with column drift, see the explanation: missing values, sample size and many categories mislead it.",
    background=True,
)
def evidently_opinion(case: Case) -> Pending:
    """Evidently's drift score of each column: a second opinion that is never judged.

    Its default method and threshold for each column, on at most 10,000 rows of each table
    and 60 columns: distances for large tables, p-values for small ones. Beside it stands what
    column drift says of the same column (beyond 0.1 or not), and where the two differ the
    likeliest reason: it drops missing values, uses one threshold whatever the number of rows or
    categories, divides by at least 0.001 where a column varies less, and tests with any number of
    rows, so that large tables always differ. The baseline is its threshold. A column it cannot
    handle is left out and counted in the summary. Its own report can be downloaded; it is made
    from copies in which values that fewer than ten real people hold are put together, numbers
    are rounded and cut at both ends, and signs of markup are replaced.

    Source: Evidently 0.7.23, value drift with default settings.
    """
    if not _installed():
        raise Skip("Evidently is not installed.", INSTALL)
    columns = column_names(case.distribution_columns)[:_COLUMNS]
    if not columns:
        raise Skip("No column has a distribution to compare.")
    folder = case.scratch / "evidently"
    folder.mkdir(exist_ok=True)
    for part in (case.real, case.synthetic):
        _write_sample(case, part, columns, folder)
    measured = [case.column(name).kind in NUMERIC_KINDS for name in columns]
    (folder / "columns.json").write_text(json.dumps(measured), encoding="utf-8")
    child = _start(folder)
    return Pending(lambda: _collect(case, child, folder, columns), lambda: _end(child))


def _installed() -> bool:
    try:
        return importlib.util.find_spec("evidently") is not None
    except (ImportError, ValueError):  # blocked, or half taken away
        return False


def _write_sample(case: Case, part: CaseTable, columns: tuple[str, ...], folder: Path) -> None:
    """Columns under neutral names, because Evidently stumbles over some, and the copy that may be shown."""
    rows = sample_rows(part, _ROWS, case.rng(f"evidently_opinion {part.role}"))
    arrays, shown = {}, {}
    for i, name in enumerate(columns):
        values = part.column(name, rows)
        measured = case.column(name).kind in NUMERIC_KINDS
        arrays[f"c{i}"] = pa.array(values, type=pa.float64() if measured else pa.string(), from_pandas=True)
        if i < _SHOWN:
            copy = sent_numbers(case, name, values) if measured else sent_labels(case, name, values)
            shown[f"{i + 1} {escape(shorten(name))}"] = pa.array(
                copy, type=pa.float64() if measured else pa.string(), from_pandas=True
            )
    pq.write_table(pa.table(arrays), folder / f"{part.role}.parquet")
    pq.write_table(pa.table(shown), folder / f"{part.role}-shown.parquet")


def sent_labels(case: Case, name: str, values: NDArray[Any]) -> list[str | None]:
    """Labels without signs of markup; those that too few real people hold are one."""
    counts = case.real.value_counts(name)
    common = {
        value: escape(shorten(str(value)))
        for value, count in zip(counts.values.tolist(), counts.counts.tolist(), strict=True)
        if count >= case.k
    }
    return [None if value is None else common.get(value, RARE_LABEL) for value in values.tolist()]


def sent_numbers(case: Case, name: str, values: NDArray[Any]) -> NDArray[np.float64]:
    """Numbers rounded to about a tenth of their spread, and cut where fewer than k real people lie beyond."""
    counts = case.real.value_counts(name)
    known = np.asarray(counts.values, dtype=np.float64)
    if counts.filled < 2 * case.k:
        return np.full(len(values), np.nan)
    reached = np.cumsum(counts.counts)
    low = known[np.searchsorted(reached, case.k)]
    high = known[np.searchsorted(reached, counts.filled - case.k)]
    spread = float(np.sqrt(np.average((known - known.mean()) ** 2, weights=counts.counts)))
    step = 10.0 ** np.floor(np.log10(spread / 5)) if 0 < spread < np.inf else 1.0
    cut: NDArray[np.float64] = np.round(np.clip(values.astype(np.float64), low, high) / step) * step
    return cut


def escape(text: str) -> str:
    """Without signs that begin markup, whatever will show it."""
    for sign, word in _SIGNS:
        text = text.replace(sign, word)
    return "".join(char if char.isprintable() else " " for char in text)


def shorten(text: str) -> str:
    """At most so many characters."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _start(folder: Path) -> subprocess.Popen[bytes]:
    path = [str(Path(__file__).resolve().parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own module, our own folder
            [sys.executable, "-m", __name__, str(folder)],
            cwd=folder,  # nothing that lies where the user happens to be is imported
            env=os.environ | _ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(path)},
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
            INSTALL,
            assessable=False,
        )
    told: Mapping[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    measures = tuple(
        _measure(case, name, told[f"c{i}"]) for i, name in enumerate(columns) if told.get(f"c{i}") is not None
    )
    if not measures:
        raise Skip("Evidently could not handle any column.", assessable=False)
    drifted = sum(bool(told[f"c{i}"]["drifted"]) for i in range(len(columns)) if told.get(f"c{i}"))
    own = folder / EVIDENTLY
    if own.is_file():
        own.replace(case.scratch / EVIDENTLY)
    summary = {
        "columns": float(len(measures)),
        "drifted": float(drifted),
        "not_handled": float(len(columns) - len(measures)),
        "agree": float(sum(not m.next_step for m in measures)),
    }
    used = {"real": min(case.real.rows, _ROWS), "synthetic": min(case.synthetic.rows, _ROWS), "holdout": None}
    return Outcome(measures, summary, (), used)


def _measure(case: Case, name: str, told: Mapping[str, Any]) -> Measure:
    """Its score, what column drift says of the same column, and why the two differ where they do."""
    theirs, ours = bool(told["drifted"]), beyond_chance(case, case.synthetic, name)[0]
    says = "drift" if theirs else "no drift"
    text = f"Evidently says {says} for {name}: {told['method']} {told['score']:.4g}, its threshold {told['threshold']:g}"
    agree = theirs == (ours > DRIFTED)
    both = "column drift agrees" if agree else "column drift says " + ("no drift" if theirs else "drift")
    reason = "" if agree else _why(case, name, told, ours)
    return Measure(
        value=float(told["score"]),
        about=(name,),
        baseline=float(told["threshold"]),
        n=min(case.synthetic.rows, _ROWS),
        sentence=f"{text}; {both} ({ours:.3f} beyond chance){': ' + reason if reason else ''}.",
        next_step=f"The two opinions differ: {reason}." if reason else "",
        descriptive=True,
    )


def _why(case: Case, name: str, told: Mapping[str, Any], ours: float) -> str:
    """The likeliest reason why the two opinions differ."""
    if told["drifted"]:
        return _why_alarm(case, name, told)
    gone = [part.value_counts(name).missing / part.rows for part in (case.real, case.synthetic)]
    if abs(gone[1] - gone[0]) > _GONE:
        return f"Evidently leaves missing values out, and {gone[1]:.0%} are missing instead of {gone[0]:.0%}"
    if case.column(name).kind in NUMERIC_KINDS:
        known = case.real.value_counts(name)
        spread = mean_and_sd(known.values, known.counts)[1] if known.filled else 0.0
        if spread < _LEAST_SPREAD:
            return f"Evidently divides by at least {_LEAST_SPREAD}, and the column's standard deviation is {spread:.1g}"
        return (
            "Evidently looks at how far values moved on average, column drift at how many changed their place"
        )
    return f"with natural logarithms its distance is 0.83 of column drift's {ours:.3f}, and its threshold the same"


def _why_alarm(case: Case, name: str, told: Mapping[str, Any]) -> str:
    rows = [min(part.rows, _ROWS) for part in (case.real, case.synthetic)]
    if "p_value" in str(told["method"]) or "p-value" in str(told["method"]):
        return f"its test says only that a difference is no chance in {rows[1]:,} rows, not that it is large"
    cells = len(case.real.value_counts(name).values)
    chance = float(np.sqrt(max(cells - 1, 0) * (1 / rows[0] + 1 / rows[1]) / 8))
    if case.column(name).kind not in NUMERIC_KINDS and chance > told["threshold"] / 2:
        return (
            f"for {cells} values in {rows[1]:,} rows chance alone gives about {chance:.2f}, and its threshold stays "
            f"{told['threshold']:g}"
        )
    if case.column(name).kind in NUMERIC_KINDS:
        return "values moved a little, or a few moved far; few changed their place among the others"
    return "its score counts chance as drift, which column drift takes off first"


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


def _write_report(folder: Path, told: Mapping[str, dict[str, Any] | None]) -> None:
    """In the child process: Evidently's own report on the copies that may be shown, of columns it can handle."""
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    real, synthetic = (pd.read_parquet(folder / f"{role}-shown.parquet") for role in ("real", "synthetic"))
    handled = [name for i, name in enumerate(real.columns) if told.get(f"c{i}") is not None]
    handled = [n for n in handled if min(real[n].nunique(), synthetic[n].nunique()) > 0]
    if not handled:
        return
    numbers = [n for n in handled if pd.api.types.is_numeric_dtype(real[n])]
    labels = [n for n in handled if n not in numbers]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=labels)
    tables = [Dataset.from_pandas(t[handled], data_definition=definition) for t in (synthetic, real)]
    Report([DataDriftPreset(columns=handled)]).run(*tables).save_html(str(folder / EVIDENTLY))


if __name__ == "__main__":
    os.nice(10)  # a second opinion never slows the audit it stands beside
    _folder = Path(sys.argv[1])
    _told = _ask(_folder)
    try:  # the opinion stands without the report
        _write_report(_folder, _told)
    except (ValueError, KeyError, IndexError, TypeError, ZeroDivisionError, AttributeError) as _error:
        sys.stderr.write(f"no report: {type(_error).__name__}\n")
        (_folder / EVIDENTLY).unlink(missing_ok=True)
    (_folder / "answer.part").write_text(json.dumps(_told), encoding="utf-8")
    (_folder / "answer.part").replace(_folder / "answer.json")
