"""Run checks one after another and bind the report: above every wing, below the doors."""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.case.case import Case, build_case
from audit.case.check import Check
from audit.case.protected_attributes import candidate_notices
from audit.checks import all_checks
from audit.declare.options import Options
from audit.judge.defaults import without_tolerance
from audit.judge.judge import judge
from audit.judge.policy import Policy, load_policy
from audit.learn.estimators import preload_sklearn
from audit.load import load_frame, loading
from audit.load.pair import pair_notices
from audit.mining.active_rules import refuse_unusable
from audit.model import Family, Level, Notice, Report, Result
from audit.provenance.provenance import provenance_notices
from audit.run.build_report import build_report
from audit.run.first_look import look_first, refuse_names
from audit.run.measure import OnStep, measure, start_background
from audit.run.second_process import SecondProcess, checks_for_second_process

if TYPE_CHECKING:
    from audit.load.table import Table

log = logging.getLogger(__name__)

POPULATION = "population"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an audit stands: step of steps, what is being done, and the counts so far.

    warning : what to know before the audit is through; empty for a mere step
    """

    step: int
    steps: int
    label: str
    family: str
    seconds: float
    partial: Mapping[str, int]
    warning: str = ""


Listener = Callable[[Progress], None]


def run_audit(options: Options, scratch: Path, progress: Listener | None = None) -> Iterator[Report]:
    """Audit files: load, measure, judge.

    Parameters
    ----------
    options : what is asked
    scratch : an empty folder for the canonical files
    progress : called before each step

    Yields
    ------
    Report
        Once when everything but slow second opinions is in, and once more with them where
        they are asked for. Stop asking to cancel.

    Raises
    ------
    AuditError
        Where the input, an option or the policy cannot be used.
    """
    look_first(options)
    with loading(options.sources(), scratch, names=options.names) as reading:
        policy, checks = prepare(options)  # loads every check while the files are read
        tell = ProgressReporter(progress, len(checks) + 1)
        tell.warn(tolerance_notices(policy, checks))
        tell("reading the files", "")
        if reading.going() and any(check.card.family is Family.FIDELITY for check in checks):
            preload_sklearn()
        tables = reading.tables()
    yield from _audit(tables, options, scratch, policy, checks, tell)


def audit_files(
    real: Path | str,
    synthetic: Path | str,
    holdout: Path | str = "",
    *,
    population: Path | str = "",
    **options: Any,
) -> Report:
    """Audit files; what is needed on disk meanwhile is made in a temporary folder and taken away.

    Parameters
    ----------
    real, synthetic, holdout : paths of tables, told by their content (csv, parquet, feather, json,
        xlsx and others, also packed); holdout is real rows the generator never saw, "" for none
    population : path of the shares of groups, one row each: columns such as sex and share
    options : fields of `audit.Options`, such as target="income", sensitive=("sex",), seed=1

    Returns
    -------
    Report
        Numbers of each check in the unit of its card, with a 95 % interval and a baseline;
        findings; the verdict.

    Raises
    ------
    AuditError
        Where a file, an option or the policy cannot be used: the message says what, the hint what
        to do. A check that breaks is a result of its own and raises nothing.
    """
    asked = Options(
        real=str(real), synthetic=str(synthetic), holdout=str(holdout), population=str(population), **options
    )
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        *_, report = run_audit(asked, Path(folder))
    return report


def audit_frames(
    real: Any, synthetic: Any, holdout: Any = None, *, population: Any = None, **options: Any
) -> Report:
    """Audit data frames in memory; the frames are not changed.

    Parameters
    ----------
    real, synthetic, holdout : tables of pandas, Polars, PyArrow or another library that Narwhals
        reads, one row a record; holdout is real rows the generator never saw, None for none
    population : shares of groups, one row each: columns such as sex and share
    options : fields of `audit.Options`, such as target="income", sensitive=("sex",), seed=1

    Returns
    -------
    Report
        As `audit_files`.

    Raises
    ------
    AuditError
        Where a table, an option or the policy cannot be used.
    """
    asked = Options(
        real="real", synthetic="synthetic", holdout="holdout" if holdout is not None else "", **options
    )
    policy, checks = prepare(asked)
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        scratch = Path(folder)
        frames = {"real": real, "synthetic": synthetic, "holdout": holdout, POPULATION: population}
        tables = {
            role: load_frame(frame, role, scratch) for role, frame in frames.items() if frame is not None
        }
        reports = _audit(tables, asked, scratch, policy, checks, ProgressReporter(None, len(checks) + 1))
        *_, report = reports
    return report


def prepare(options: Options) -> tuple[Policy, tuple[Check, ...]]:
    """The policy and the checks that the options ask for.

    Raises
    ------
    OptionError, PolicyError
        If a check, family or policy does not exist.
    """
    refuse_names(options)
    known = {check.card.id: check for check in all_checks()}
    scales = {name: check.card.scale for name, check in known.items()}
    policy = load_policy(options.policy or options.purpose, scales)
    chosen = tuple(
        check
        for check in known.values()
        if (not options.checks or check.card.id in options.checks)
        and (not options.families or check.card.family.value in options.families)
    )
    return policy, chosen


def tolerance_notices(policy: Policy, checks: Sequence[Check]) -> tuple[Notice, ...]:
    """Which checks the policy cannot judge though they are made to be judged."""
    found = without_tolerance(policy, [check.card for check in checks])
    if not found:
        return ()
    named = ", ".join(f"{card.id} ({card.family}, {card.scale.words})" for card in found)
    return (
        Notice(
            Level.WARNING,
            f"The policy {policy.name} has no tolerance for {named}, and no default of the family and unit: shown and not judged.",
        ),
    )


class ProgressReporter:
    """Counts steps for whoever listens."""

    def __init__(self, listener: Listener | None, steps: int) -> None:
        self._listener, self._steps, self._step = listener, steps, 0
        self._start = time.perf_counter()
        self._partial: dict[str, int] = {}

    def __call__(self, label: str, family: str) -> None:
        """A step begins."""
        if self._listener is not None:
            seconds = time.perf_counter() - self._start
            self._listener(Progress(self._step, self._steps, label, family, seconds, self._partial))
        self._step += 1

    def warn(self, notices: Sequence[Notice]) -> None:
        """Something to know before the audit is through."""
        if self._listener is None:
            return
        for one in notices:
            seconds = time.perf_counter() - self._start
            self._listener(Progress(self._step, self._steps, "warning", "", seconds, self._partial, one.text))

    def count(self, results: Sequence[Result], policy: Policy) -> None:
        """Grades of the checks so far; they may change a little as more tests are made."""
        if self._listener is not None:
            self._partial = dict(Counter(judged.grade.value for judged in judge(results, policy).results))


def _audit(
    tables: Mapping[str, Table],
    options: Options,
    scratch: Path,
    policy: Policy,
    checks: Sequence[Check],
    on_step: ProgressReporter,
) -> Iterator[Report]:
    with build_case(side_by_side_tables(tables), options, scratch) as case:
        collect_notices(case, tables)
        case.notices += tolerance_notices(policy, checks)
        stamp = (uuid.uuid4().hex, datetime.now(UTC).isoformat(timespec="seconds"))
        waiting = sum(check.background for check in checks)
        results: list[Result] = []
        for result in run_checks(case, checks, on_step):
            results.append(result)
            on_step.count(results, policy)
            if waiting and len(results) == len(checks) - waiting:
                yield build_report(case, in_order(results, checks), policy, stamp)
        yield build_report(case, in_order(results, checks), policy, stamp)


def side_by_side_tables(tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables that stand side by side; shares of a population are none of rows."""
    return {role: table for role, table in tables.items() if role != POPULATION}


def collect_notices(case: Case, tables: Mapping[str, Table]) -> None:
    """Say what a user should know about the tables; raises where their rules cannot be asked."""
    refuse_unusable(case)
    if POPULATION in tables:
        case.take_population(tables[POPULATION])
    # A cursor of its own: a result it leaves unread must not block the checks.
    with case.connection.cursor() as aside:
        case.notices += pair_notices(case.real.table, case.synthetic.table, aside)
    case.notices += provenance_notices(case)
    case.notices += candidate_notices(case.real.table, case.protected_candidates)


def run_checks(case: Case, checks: Sequence[Check], on_step: OnStep | None = None) -> Iterator[Result]:
    """Results one by one; slow second opinions start first and come last.

    Where it pays a second process measures some of the checks; their results come as they are
    ready. Not asking for the next result cancels what is under way.
    """
    on_step = on_step or _silent
    with ExitStack() as stack:
        collect = start_background(case, [check for check in checks if check.background], stack)
        rest = [check for check in checks if not check.background]
        aside = checks_for_second_process(case, rest)
        lane = stack.enter_context(SecondProcess(case, aside)) if aside else None
        for check in (one for one in rest if one not in aside):
            on_step(check.card.title, check.card.family.value)
            yield measure(check, case)
            if lane is not None:
                yield from _told(lane.poll(), on_step)
        if lane is not None:
            yield from _told(lane.drain(), on_step)
        yield from collect(on_step)


def _silent(_label: str, _family: str) -> None:
    """Nobody listens."""


def _told(results: Iterator[Result], on_step: OnStep) -> Iterator[Result]:
    for result in results:
        on_step(result.card.title, result.card.family.value)
        yield result


def in_order(results: Sequence[Result], checks: Sequence[Check]) -> list[Result]:
    """The results in the order of their checks, second opinions last, however they came in."""
    places = {check.card.id: (check.background, at) for at, check in enumerate(checks)}
    return sorted(results, key=lambda result: places[result.card.id])
