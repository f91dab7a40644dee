"""Loading and aligning without an audit: what the files hold and what should be looked at."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from audit.declare.options import ORDERS, Options
from audit.errors import AuditError, InputError
from audit.load import Limits, load_files
from audit.load.table import Table
from audit.model import Level, Notice, TableFacts
from audit.run.series_checks import series_notices, without_real

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
        "messages": [asdict(notice) for notice in dict.fromkeys(notices)],
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
    from audit.case.protected_attributes import candidate_notices, find_candidates, suggest_candidates
    from audit.case.schema import guess_columns, plan_schema
    from audit.load.engine import connect
    from audit.load.pair import pair_notices

    notices = list(_as_series(tables, options))
    real = tables["real"]
    with connect(folder, options.memory_limit) as connection:
        columns = None
        for table in _synthetic(tables):
            aligned = plan_schema({**tables, "synthetic": table}, options)
            columns = aligned.columns
            notices += [_of(table, one) for one in aligned.notices] if options.series else aligned.notices
            notices += pair_notices(real, table, connection)
        columns = columns or guess_columns(real)
        found = suggest_candidates(find_candidates(real, connection), columns)
    notices += candidate_notices(tables["real"], found)
    return notices, [asdict(column) for column in columns], [asdict(one) for one in found]


def _synthetic(tables: Mapping[str, Table]) -> list[Table]:
    """The synthetic table, or those of a series in their order."""
    return [table for role, table in tables.items() if role.startswith("synthetic")]


def _as_series(tables: Mapping[str, Table], options: Options) -> Iterator[Notice]:
    """What is odd about several tables that follow each other; raises InputError where they are no series."""
    if not options.series:
        return
    kept, twins = without_real(tables["real"].facts, [table.facts for table in _synthetic(tables)])
    yield from twins
    yield from series_notices(kept, in_time=options.order == ORDERS[0], holdout="holdout" in tables)


def _of(table: Table, notice: Notice) -> Notice:
    """What was noticed about one of several tables, with its name."""
    return replace(notice, text=f"{table.facts.name}: {notice.text}")


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
    from audit.load.names import message_text

    return message_text(name)
