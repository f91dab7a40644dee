"""Measure: checks one by one on a case, some of them in a second process; what breaks is told, not hidden."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

from audit.case.case import Case
from audit.case.check import Check, Outcome, Pending, Skip
from audit.case.needs import require
from audit.model import Grade, Result, Status
from audit.render.chart_codec import to_plain
from audit.render.table import neutral

log = logging.getLogger(__name__)

OnStep = Callable[[str, str], None]
_Answer = Outcome | Pending | Skip | Exception


def start_background(
    case: Case, checks: Sequence[Check], stack: ExitStack
) -> Callable[[OnStep], Iterator[Result]]:
    """Start slow second opinions; what is given collects them. Leaving the stack ends those under way."""
    started: list[tuple[Check, _Answer, float]] = []
    for check in checks:
        begun = time.perf_counter()
        answer = _attempt(check, case)
        if isinstance(answer, Pending):
            stack.callback(answer.cancel)
        started.append((check, answer, begun))

    def collect(on_step: OnStep) -> Iterator[Result]:
        for check, answer, begun in started:
            on_step(f"waiting for {check.card.title}", check.card.family.value)
            final = _guard(check, answer.collect, case) if isinstance(answer, Pending) else answer
            yield _result(check, final, case, begun)

    return collect


def measure(check: Check, case: Case) -> Result:
    """One check on a case: its numbers, why it has none, or that it broke."""
    begun = time.perf_counter()
    return _result(check, _attempt(check, case), case, begun)


def _attempt(check: Check, case: Case) -> _Answer:
    try:
        for need in check.needs:
            require(case, need)
    except Skip as skip:
        return skip
    return _guard(check, lambda: check.measure(case), case)


def _guard(check: Check, work: Callable[[], Outcome | Pending], case: Case) -> _Answer:
    try:
        answer = work()
        if isinstance(answer, Outcome):
            _refuse_nonfinite(answer)
            for name, write in answer.files.items():
                write(case.scratch / name, neutral)
        return answer
    except Skip as skip:
        return skip
    except Exception as error:  # the one place: a broken check is told, not hidden
        log.exception("check %s failed", check.card.id)
        return error


def _refuse_nonfinite(outcome: Outcome) -> None:
    """A number that is none would spoil the whole report; it is a defect of the check."""
    numbers = [m.value for m in outcome.measures] + list(outcome.summary.values())
    ends = [end for m in outcome.measures for end in (m.low, m.high, m.baseline) if end is not None]
    numbers += [edge for chart in outcome.charts for edge in to_plain(chart).edges]
    if not all(map(math.isfinite, numbers)) or any(map(math.isnan, ends)):
        raise ArithmeticError("the check gave a number that is not finite")


def _result(check: Check, answer: _Answer, case: Case, begun: float) -> Result:
    seconds = round(time.perf_counter() - begun, 3)
    if isinstance(answer, Outcome):
        return Result(
            card=check.card,
            status=Status.RAN,
            measures=answer.measures,
            summary=answer.summary,
            charts=answer.charts,
            rows_used=answer.rows_used or case.rows_used(),
            seconds=seconds,
        )
    if isinstance(answer, Skip):
        return Result(
            check.card,
            Status.SKIPPED,
            reason=answer.reason,
            remedy=answer.remedy,
            grade_if_not_run=answer.grade,
            seconds=seconds,
        )
    reason = f"The check broke ({type(answer).__name__}); the log has the details."
    return Result(check.card, Status.FAILED, reason=reason, grade_if_not_run=Grade.ERROR, seconds=seconds)
