"""A second process that measures some of the checks on the same tables: python -m audit.run.second_process.

Most of an audit is numerical work that one core does. Families that share no work with the others
are measured by a process of its own where there are two cores and enough rows for its start of a
second to pay. It gives the same numbers: a check draws from a generator of its own. The process
reads what to do from its standard input and answers on its standard output, a result at a time;
both are pipes between two processes of one program. Should it end early, what it has not answered
is measured by whoever started it.
"""

from __future__ import annotations

import json
import logging
import math
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import BinaryIO, TextIO

from audit.case.case import Case, build_case
from audit.case.check import Check
from audit.declare.options import Options
from audit.load.lifeline import end_with_parent
from audit.load.table import Table
from audit.model import Card, Family, Result
from audit.render.chart_codec import PlainChart, from_plain, to_plain
from audit.render.records import decode, decode_record, encode
from audit.run.measure import measure

log = logging.getLogger(__name__)

ASIDE = (Family.PRIVACY, Family.POISONING)  # these share no work with the others
_WORTH = 20_000  # real and synthetic rows together
_LOG = "lane.log"


def checks_for_second_process(case: Case, checks: Sequence[Check]) -> tuple[Check, ...]:
    """The checks that a second process had better measure; none where it would not pay."""
    aside = tuple(check for check in checks if check.card.family in ASIDE)
    small = case.real.rows + case.synthetic.rows < _WORTH
    if small or case.options.threads == 1 or _cores() < 2 or len(aside) in (0, len(checks)):
        return ()
    return aside


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class SecondProcess:
    """Checks under way in a second process; leaving the context ends it."""

    def __init__(self, case: Case, checks: Sequence[Check]) -> None:
        self._case = case
        self._open = {check.card.id: check for check in checks}
        self._cards = {name: check.card for name, check in self._open.items()}
        self._answers: SimpleQueue[Result | None] = SimpleQueue()
        self._over = False
        self._child = _start(case.scratch)
        self._listener = Thread(target=self._listen, args=(_request(case, checks),), daemon=True)
        self._listener.start()

    def __enter__(self) -> SecondProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self._listener.join()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()

    def poll(self) -> Iterator[Result]:
        """Results that have come in."""
        while not self._answers.empty():
            yield from self._next()

    def drain(self) -> Iterator[Result]:
        """All results still open; those that the process did not give are measured here."""
        while self._open and not self._over:
            yield from self._next()
        self._tell()
        for check in tuple(self._open.values()):
            yield measure(check, self._case)

    def _next(self) -> Iterator[Result]:
        result = self._answers.get()
        if result is None:
            self._over = True
        else:
            del self._open[result.card.id]
            yield result

    def _listen(self, request: bytes) -> None:
        """In a thread: hand over the request, and take answers until there are no more."""
        try:
            if self._child.stdin is not None:
                with self._child.stdin as asked:
                    asked.write(request)
            for line in self._child.stdout or ():
                if line.endswith(b"\n"):
                    self._answers.put(_from_line(line, self._cards))
        except OSError:
            log.warning("the second process could not be reached")
        finally:
            self._answers.put(None)

    def _tell(self) -> None:
        """What the process had to say goes to this one's log."""
        if self._open:
            log.warning("the second process ended early; %d checks are measured here", len(self._open))
        said = (self._case.scratch / _LOG).read_text(encoding="utf-8", errors="replace").strip()
        if said:
            log.error("the second process: %s", said)


def _start(scratch: Path) -> subprocess.Popen[bytes]:
    path = [str(Path(__file__).resolve().parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with (scratch / _LOG).open("wb") as said:
        return subprocess.Popen(  # noqa: S603 - our own module, our own folder
            [sys.executable, "-m", __name__],
            cwd=scratch,  # nothing that lies where the user happens to be is imported
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        )


def _request(case: Case, checks: Sequence[Check]) -> bytes:
    asked = {
        "tables": {part.role: part.table.to_plain() for part in case.tables()},
        "options": case.options.to_json(),
        "scratch": str(case.scratch.resolve()),
        "checks": [check.card.id for check in checks],
    }
    return json.dumps(asked).encode()


def _to_line(result: Result) -> bytes:
    """One result as a line of JSON. The ends of an interval may be infinite, which JSON cannot say."""
    plain = encode(replace(result, charts=())) | {"charts": encode([*map(to_plain, result.charts)])}
    endless = [
        (at, end, getattr(measure, end) > 0)
        for at, measure in enumerate(result.measures)
        for end in ("low", "high")
        if getattr(measure, end) is not None and math.isinf(getattr(measure, end))
    ]
    return json.dumps({"result": plain, "endless": endless}, allow_nan=False).encode() + b"\n"


def _from_line(line: bytes, cards: Mapping[str, Card]) -> Result:
    told = json.loads(line)
    card = cards[told["result"]["card"]["id"]]
    charts = decode(tuple[PlainChart, ...], told["result"]["charts"], "the charts of a result")
    result = decode_record(
        Result, told["result"], "a result", card=card, charts=tuple(map(from_plain, charts))
    )
    measures = list(result.measures)
    for at, end, above in told["endless"]:
        measures[at] = replace(measures[at], **{end: math.inf if above else -math.inf})
    return replace(result, measures=tuple(measures))


def main(asked: TextIO, told: BinaryIO) -> None:
    """Measure what is asked for and tell each result."""
    from audit.checks import all_checks

    request = json.load(asked)
    tables = {role: Table.from_plain(table) for role, table in request["tables"].items()}
    options, scratch = Options.from_json(request["options"]), Path(request["scratch"])
    known = {check.card.id: check for check in all_checks()}
    with build_case(tables, options, scratch) as case:
        for name in request["checks"]:
            told.write(_to_line(measure(known[name], case)))
            told.flush()


if __name__ == "__main__":
    end_with_parent()
    logging.basicConfig(level=logging.WARNING)
    main(sys.stdin, sys.stdout.buffer)
