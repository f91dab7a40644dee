"""Several synthetic tables against one real table: an audit of each, then of how they follow each other."""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit.case.case import Case, build_case
from audit.case.check import Check
from audit.case.series import TableSeries, TableSummary
from audit.declare.options import Options, Order, step_role
from audit.judge.policy import Policy
from audit.learn.estimators import preload_sklearn
from audit.load import load_frame, loading
from audit.load.table import Table
from audit.model import Family, Level, Notice, Report
from audit.run.build_report import build_report
from audit.run.first_look import look_first, refuse_short
from audit.run.run import (
    Listener,
    ProgressReporter,
    collect_notices,
    in_order,
    prepare,
    run_checks,
    side_by_side_tables,
    tolerance_notices,
)
from audit.run.series_checks import series_notices, without_real
from audit.run.table_summary import category_values, summarise_real, summarise_table

# Looked at in every generation unless something else is asked for; the others take longest.
_OF_A_LOOP = (Family.FIDELITY, Family.BIAS, Family.ARTIFACTS, Family.GENERATIONS)


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """What is measured: on every table alone, and on the series."""

    policy: Policy
    each: tuple[Check, ...]
    whole: tuple[Check, ...]

    @property
    def needs_precision_recall(self) -> bool:
        """Whether a check asks where the rows of every table stand."""
        return any(check.standing for check in self.whole)


def run_series(
    options: Options, scratch: Path, progress: Listener | None = None
) -> Iterator[tuple[str, Report]]:
    """Audit each table of `options.series`, then the series.

    Parameters
    ----------
    options : with two paths or more in `series`
    scratch : an empty folder for the canonical files
    progress : called before each step

    Yields
    ------
    name of the table, as it may name a folder, and its report; at the end "" and the report of the
    whole. One table is open at a time.

    Raises
    ------
    AuditError
        Where the input, an option or the policy cannot be used.
    """
    refuse_short(options)
    look_first(options)
    with loading(options.sources(), scratch, names=options.names) as reading:
        asked = _prepare(options)  # loads every check while the files are read
        tell = ProgressReporter(progress, len(options.series) * (len(asked.each) + 1) + len(asked.whole) + 1)
        tell.warn(tolerance_notices(asked.policy, (*asked.each, *asked.whole)))
        tell("reading the files", "")
        if reading.going():
            preload_sklearn()
        tables = reading.tables()
    yield from _audit(tables, options, scratch, asked, tell)


def audit_series(real: Any, series: Mapping[str, Any], holdout: Any = None, **options: Any) -> Report:
    """Audit data frames in memory that follow each other: generations of a loop, or settings.

    Parameters
    ----------
    real, holdout : tables as for `audit.audit_frames`
    series : synthetic tables by name, in their order, two or more
    options : fields of `audit.Options`; order="generations" (each table was made by a generator
        that learned from the one before) or order="settings" (one generator, the first in use)

    Returns
    -------
    Report
        Of the series as a whole: what is lost per generation, or which setting is better. For the
        report of one table by itself see `audit.audit_frames`.

    Raises
    ------
    AuditError
        Where there are fewer than two tables, or a table or an option cannot be used.
    """
    whole = Options(
        real="real",
        synthetic=list(series)[-1] if series else "",
        holdout="holdout" if holdout is not None else "",
        series=tuple(series),
        **options,
    )
    asked = _prepare(whole)
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        scratch = Path(folder)
        frames = {"real": real} | ({} if holdout is None else {"holdout": holdout})
        tables = {role: load_frame(frame, role, scratch) for role, frame in frames.items()}
        for at, (name, frame) in enumerate(series.items()):
            tables[step_role(at)] = load_frame(frame, step_role(at), scratch, name)
        asked = replace(asked, each=())
        *_, (_, report) = _audit(tables, whole, scratch, asked, ProgressReporter(None, 1))
    return report


def _prepare(options: Options) -> SeriesRequest:
    """Checks of each table, without slow second opinions; checks of the series, whatever the filter."""
    refuse_short(options)
    policy, chosen = prepare(options)
    each = tuple(check for check in chosen if not check.background and not _of_series(check))
    if _is_plain(options):
        each = tuple(c for c in each if c.card.family in _OF_A_LOOP or c.card.id in policy.required)
    _, known = prepare(replace(options, checks=(), families=()))
    mine = [check for check in known if check.card.family is Family.GENERATIONS]
    others = {o.value for o in Order} - {options.order}
    whole = [check for check in mine if not others & set(check.needs)]
    if options.order == Order.SETTINGS:
        whole = [check for check in whole if _of_series(check)]
    wanted = tuple(check for check in whole if check in chosen)
    return SeriesRequest(policy, each, wanted or tuple(whole))


def _is_plain(options: Options) -> bool:
    """Whether a loop is audited and nothing was said of what to look at."""
    return options.order == Order.GENERATIONS and not options.families and not options.checks


def _of_series(check: Check) -> bool:
    return any(order.value in check.needs for order in Order)


def _audit(
    tables: Mapping[str, Table],
    options: Options,
    scratch: Path,
    asked: SeriesRequest,
    on_step: ProgressReporter,
) -> Iterator[tuple[str, Report]]:
    fixed = {role: table for role, table in tables.items() if not role.startswith("synthetic")}
    steps = [table for role, table in tables.items() if role.startswith("synthetic")]
    others, twins = without_real(tables["real"].facts, [table.facts for table in steps])
    kept = [table for table in steps if table.facts in others]
    in_time = options.order == Order.GENERATIONS
    said = (*twins, *series_notices(others, in_time=in_time, holdout="holdout" in tables))
    options = _matched(options, steps, kept)
    folders = folder_names([table.facts.name for table in kept])
    taken: list[TableSummary] = []
    told: list[dict[str, Any]] = []
    for at, (folder, table) in enumerate(zip(folders, kept, strict=True)):
        for made in (name for check in asked.each for name in check.card.files):
            (scratch / made).unlink(missing_ok=True)  # of the table before
        beside = {**fixed, "synthetic": table}
        with build_case(side_by_side_tables(beside), _of_step(options, at), scratch) as case:
            if asked.each:
                report = _one(case, beside, asked, on_step, folder)
                told.append(_line(folder, report))
                yield folder, report
            taken.append(summarise_table(case, standing=asked.needs_precision_recall))
            if at == len(kept) - 1:
                case.options = options
                real, holdout = summarise_real(case)
                case.series = TableSeries(
                    Order(options.order), real, holdout, tuple(taken), category_values(case)
                )
                yield "", _whole(case, asked, on_step, (*said, *_remarks(case.series, case)), told)


def _one(
    case: Case, tables: Mapping[str, Table], asked: SeriesRequest, on_step: ProgressReporter, name: str
) -> Report:
    """The audit of one table by itself."""
    collect_notices(case, tables)
    case.notices += tolerance_notices(asked.policy, asked.each)
    on_step(f"{name}: measuring", "")
    came = run_checks(case, asked.each, lambda label, family: on_step(f"{name}: {label}", family))
    results = in_order(list(came), asked.each)
    return build_report(case, results, asked.policy)


def _whole(
    case: Case,
    asked: SeriesRequest,
    on_step: ProgressReporter,
    said: Sequence[Notice],
    told: list[dict[str, Any]],
) -> Report:
    """The audit of the series, on top of its last table."""
    results = list(run_checks(case, asked.whole, on_step))
    stamp = (uuid.uuid4().hex, datetime.now(UTC).isoformat(timespec="seconds"))
    # What a policy requires is asked of a table, not of how tables follow each other.
    case.notices += tolerance_notices(asked.policy, asked.whole)
    report = build_report(case, results, replace(asked.policy, required=()), stamp)
    series = dict(
        order=case.options.order,
        loop=case.options.loop,
        fresh_share=list(case.options.fresh_share),
        tables=told or [{"name": step.name, "rows": step.rows} for step in _series(case).steps],
        notes=[one.text for one in said if one.level is Level.WARNING],
    )
    return replace(
        report, notices=(*said, *report.notices), provenance={**report.provenance, "series": series}
    )


def _series(case: Case) -> TableSeries:
    if case.series is None:
        raise ValueError("a series was taken before it is told")
    return case.series


def _line(folder: str, report: Report) -> dict[str, Any]:
    facts = report.tables["synthetic"]
    return {
        "name": facts.name if facts is not None else folder,
        "folder": folder,
        "rows": facts.rows if facts is not None else 0,
        "grade": report.verdict.grade.value,
        "rule": report.verdict.rule,
    }


def _matched(options: Options, steps: Sequence[Table], kept: Sequence[Table]) -> Options:
    """The declared shares of those tables that were kept."""
    if len(options.fresh_share) <= 1:
        return options
    pairs = zip(options.fresh_share, steps, strict=True)
    return replace(options, fresh_share=tuple(share for share, table in pairs if table in kept))


def _of_step(options: Options, at: int) -> Options:
    """For one table alone: the share of fresh rows in its own generation, where rows are not kept."""
    if len(options.fresh_share) <= 1 or options.loop == "accumulate":
        return options
    return replace(options, fresh_share=options.fresh_share[at : at + 1], series=())


def _remarks(series: TableSeries, case: Case) -> Iterator[Notice]:
    """What to know about the tables as a series, in words."""
    if _is_plain(case.options):
        text = (
            "Each generation is audited without the checks of privacy and drift that no policy requires: they take "
            "longest. Ask for them with --family privacy --family drift, or audit one table with run."
        )
        yield Notice(Level.NOTE, text)
    lost = [
        c.name for c in case.distribution_columns if any((c.name,) not in step.cells for step in series.steps)
    ]
    if lost:
        yield Notice(
            Level.WARNING, f"Not every table has {', '.join(lost)}: left out of the series.", lost[0]
        )


def folder_names(names: Sequence[str]) -> list[str]:
    """Folder names of files: what stands before the ending, made plain and different from each other."""
    found: list[str] = []
    for name in names:
        plain = re.sub(r"[^\w.-]+", "_", Path(name).name.split(".")[0]).strip("._") or "table"
        alike = [
            other for other in found if other == plain or re.fullmatch(rf"{re.escape(plain)}-\d+", other)
        ]
        found.append(f"{plain}-{len(alike) + 1}" if alike else plain)
    return found
