"""Loading and aligning without an audit: what the files hold and what should be looked at."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from audit.errors import AuditError, InputError
from audit.load import Limits, load_files
from audit.load.table import Table
from audit.model import Level, Notice, TableFacts
from audit.options import Options

_MARKS = {"error": "!!", "warning": " !", "note": "  "}


def preflight(
    real: Path | str | Options,
    synthetic: Path | str | None = None,
    holdout: Path | str | None = None,
    *,
    guess: bool = False,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Load files and align them; never raises for bad input.

    Parameters
    ----------
    real : path of the real table, or options that name all files
    synthetic, holdout : paths; None to look at the real table alone
    guess : also give "columns": what each column is taken to hold, and why, and "candidates":
        those that look like protected attributes, and why
    limits : None for the defaults

    Returns
    -------
    dict
        The object of `preflight --json`: "status" (loaded, warned or rejected), "messages",
        "files", "seconds" and "peak_mb" (of this process and the reading process).
    """
    start = time.perf_counter()
    options = real if isinstance(real, Options) else _options(real, synthetic, holdout)
    tables: dict[str, Table] = {}
    answer: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        try:
            tables = load_files(options.sources(), Path(folder), limits, options.names)
            notices = [notice for table in tables.values() for notice in table.notices]
            more, columns, found = _align(tables, options, Path(folder))
            notices += more
            if guess:
                answer["columns"] = columns
                answer["candidates"] = found
        except AuditError as error:
            where = error.where if isinstance(error, InputError) else ""
            notices = [Notice(Level.ERROR, str(error), where)]
    return {
        "status": _status(notices),
        "messages": [asdict(notice) for notice in notices],
        "files": {role: _file(table.facts, table) for role, table in tables.items()},
        "seconds": round(time.perf_counter() - start, 3),
        "peak_mb": round(_peak() / 1024, 1),
        **answer,
    }


def _options(real: Path | str, synthetic: Path | str | None, holdout: Path | str | None) -> Options:
    return Options(real=str(real), synthetic=str(synthetic or ""), holdout=str(holdout or ""))


def _align(
    tables: Mapping[str, Table], options: Options, folder: Path
) -> tuple[list[Notice], list[dict[str, Any]], list[dict[str, Any]]]:
    """What was noticed, what the columns hold, and those that look like protected attributes."""
    from audit.load.engine import connect
    from audit.load.pair import pair_notices
    from audit.protected import candidate_notices, candidates, suggested
    from audit.schema import guess_columns, plan

    notices: list[Notice] = []
    with connect(folder, options.memory_limit) as connection:
        if "synthetic" in tables:
            aligned = plan(tables, options)
            columns = aligned.columns
            notices += [*aligned.notices, *pair_notices(tables["real"], tables["synthetic"], connection)]
        else:
            columns = guess_columns(tables["real"])
        found = suggested(candidates(tables["real"], connection), columns)
    notices += candidate_notices(tables["real"], found)
    return notices, [asdict(column) for column in columns], [asdict(one) for one in found]


def _status(notices: list[Notice]) -> str:
    levels = {notice.level for notice in notices}
    if Level.ERROR in levels:
        return "rejected"
    return "warned" if Level.WARNING in levels else "loaded"


def _file(facts: TableFacts, table: Table) -> dict[str, Any]:
    return {
        "name": facts.name,
        "rows": facts.rows,
        "columns": facts.columns,
        "bytes": facts.bytes,
        "format": facts.format,
        "assumed": dict(facts.assumed),
        "names": [field.name for field in table.fields],
        "sha256": facts.sha256,
        "content_hash": facts.content_hash,
    }


def _peak() -> int:
    """KiB of the larger of this process and the one that read the files."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, child) // (1024 if sys.platform == "darwin" else 1)


def preflight_text(answer: Mapping[str, Any]) -> str:
    """The answer of `preflight` for people: a line a file and a line a message, worst first."""
    lines = []
    for role, file in answer["files"].items():
        name, rows, columns = file["name"], file["rows"], file["columns"]
        lines.append(f"{role}: {_plain(name)}, {rows:,} rows, {columns:,} columns, {file['format']}")
    order = list(_MARKS)
    worst_first = sorted(answer["messages"], key=lambda one: order.index(one["level"]))
    lines += [f"{_MARKS[one['level']]} {one['text']}" for one in worst_first]
    lines.append(f"{answer['status']} in {answer['seconds']:.1f} s")
    return "\n".join(lines)


def _plain(name: str) -> str:
    from audit.load.names import shown

    return shown(name)
