"""The command line: what can be asked, and what each answer's exit code is.

0 audited, verdict pass or warn · 1 audited, fail · 2 not audited, the input or the command
line cannot be used · 3 audited, inconclusive · 4 a defect of this program.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from audit.cli.arguments import add_options, add_series_options, read_options
from audit.cli.log_file import logged_to_file
from audit.cli.progress_bar import ProgressBar
from audit.cli.provenance_commands import add_commands
from audit.declare.options import Order
from audit.declare.rules import rules_in, write_rules
from audit.errors import AuditError, OptionError, StoreError
from audit.model import VERSION, Grade, Report, Status
from audit.run.first_look import look_first

log = logging.getLogger(__name__)

CODES = {Grade.PASS: 0, Grade.WARN: 0, Grade.FAIL: 1, Grade.INCONCLUSIVE: 3}
UNUSABLE, DEFECT = 2, 4
COMMAND = "synthetic-data-audit"


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code and never lets a traceback out."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may know fewer letters than we use
    with logged_to_file() as path:
        options.log = path
        return _answer(options)


def run() -> int:
    """The command synthetic-data-audit, as it is installed: `main` with what is in the terminal."""
    return main(sys.argv[1:])


def _answer(options: argparse.Namespace) -> int:
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except AuditError as error:
        sys.stderr.write(f"{_printable(str(error))}\n")
        _write_error(options, error)
        return UNUSABLE
    except KeyboardInterrupt:
        sys.stderr.write("Stopped on request.\n")
        return UNUSABLE
    except BrokenPipeError:  # the reader of our output went away
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        return UNUSABLE
    except Exception as error:
        log.exception("defect")
        sys.stderr.write(
            f"This program failed ({type(error).__name__}); that is a defect. The log lies in {options.log}.\n"
        )
        return DEFECT


def parser() -> argparse.ArgumentParser:
    """Every command and its options."""
    installed = Path(sys.argv[0]).name == COMMAND
    whole = argparse.ArgumentParser(
        prog=COMMAND if installed else "python -m audit",
        description="Can this synthetic table stand in for the real one?",
    )
    whole.add_argument("--version", action="version", version=VERSION)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="audit a synthetic table against a real one"))
    _add_series(
        commands.add_parser("compare", help="audit several synthetic tables against one real table"),
        Order.SETTINGS,
    )
    _add_series(
        commands.add_parser("generations", help="audit tables of a loop, each made from the one before"),
        Order.GENERATIONS,
    )
    _add_preflight(commands.add_parser("preflight", help="load and align only"))
    _add_judge(
        commands.add_parser("judge", help="judge a stored report by another policy, without measuring")
    )
    listing = commands.add_parser("checks", help="every check: id, family, question, scale, source")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(command=_checks)
    rules = commands.add_parser("rules", help="the rules of a report as TOML, to edit and give to run")
    rules.add_argument("report", type=Path, metavar="REPORT.json")
    rules.add_argument("--out", type=Path, metavar="FILE.toml")
    rules.set_defaults(command=_rules)
    schema = commands.add_parser("schema", help="what each column is taken to hold, and why")
    schema.add_argument("file")
    schema.add_argument("--out", type=Path)
    schema.set_defaults(command=_schema)
    add_commands(commands)
    serve = commands.add_parser("serve", help="the app in a browser")
    serve.add_argument("--port", type=int, default=8501)
    serve.set_defaults(command=_serve)
    return whole


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--synthetic", required=True, help="the table made from the real one")
    add_options(parser)
    parser.set_defaults(command=_run)


def _add_series(parser: argparse.ArgumentParser, order: Order) -> None:
    add_series_options(parser, order)
    parser.set_defaults(command=_series)


def _add_preflight(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--real", required=True)
    parser.add_argument("--synthetic", default="")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(command=_preflight)


def _add_judge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", type=Path, metavar="REPORT.json")
    parser.add_argument(
        "--policy", required=True, metavar="FILE.toml", help="a file, or the name of a shipped policy"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="DIR")
    parser.set_defaults(command=_judge)


def _run(arguments: argparse.Namespace) -> int:
    options = read_options(arguments)
    look_first(options)
    from audit.run.run import run_audit  # after the look: it loads what measures

    meter = ProgressBar(sys.stderr, arguments.quiet)
    report: Report | None = None
    with tempfile.TemporaryDirectory(prefix="audit-") as scratch:
        for report in run_audit(options, Path(scratch), meter):
            _deliver(report, arguments.out, meter, first=meter.delivered == 0, scratch=Path(scratch))
    meter.close()
    if report is None:
        return DEFECT
    return _code(report, arguments.log)


def _series(arguments: argparse.Namespace) -> int:
    """Each table's report in a folder of its own, then the report of the whole."""
    options = read_options(arguments)
    look_first(options)
    from audit.run.series_run import run_series  # after the look: it loads what measures

    stem = "comparison" if options.order == Order.SETTINGS else "generations"
    meter, code = ProgressBar(sys.stderr, arguments.quiet), DEFECT
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        scratch = Path(folder)
        for name, report in run_series(options, scratch, meter):
            whole = not name
            _deliver(
                report,
                arguments.out / name,
                meter,
                first=whole,
                scratch=None if whole else scratch,
                stem=stem if whole else "report",
            )
            code = _code(report, arguments.log) if whole else code
    meter.close()
    return code


def _code(report: Report, log_path: Path) -> int:
    """By the verdict; what broke off is told."""
    broken = [r.result.card.id for r in report.results if r.result.status is Status.FAILED]
    if broken:
        sys.stderr.write(
            f"A defect of this program: {', '.join(broken)} broke off. The log lies in {log_path}.\n"
        )
    return CODES[report.verdict.grade]


def _deliver(
    report: Report,
    folder: Path,
    meter: ProgressBar,
    *,
    first: bool,
    scratch: Path | None = None,
    stem: str = "report",
) -> None:
    """Write the report; the summary is told once, a second opinion only updates the files."""
    from audit.render import write_reports
    from audit.render.summary import to_summary

    write_reports(report, folder, scratch, stem)
    (folder / "error.json").unlink(missing_ok=True)  # of an earlier try
    meter.delivered += 1
    if first:
        meter.clear()
        sys.stdout.write(to_summary(report, folder, stem) + "\n")
        sys.stdout.flush()


def _preflight(arguments: argparse.Namespace) -> int:
    from audit.run.preflight import preflight, preflight_text

    answer = preflight(arguments.real, arguments.synthetic or None)
    text = (
        json.dumps(answer, ensure_ascii=False, allow_nan=False) if arguments.json else preflight_text(answer)
    )
    sys.stdout.write(text + "\n")
    return UNUSABLE if answer["status"] == "rejected" else 0


def _judge(arguments: argparse.Namespace) -> int:
    from audit.checks import all_cards
    from audit.judge.judge import rejudge
    from audit.judge.policy import load_policy
    from audit.run.stored_report import read_report

    stored = read_report(arguments.report)
    known = {name: card.scale for name, card in all_cards().items()}
    report = rejudge(stored, load_policy(arguments.policy, known))
    _deliver(report, arguments.out, ProgressBar(sys.stderr, quiet=True), first=True)
    return CODES[report.verdict.grade]


def _rules(arguments: argparse.Namespace) -> int:
    from audit.run.stored_report import read_report

    _tell(write_rules(rules_in(read_report(arguments.report))), arguments.out, "rules")
    return 0


def _checks(arguments: argparse.Namespace) -> int:
    from audit.checks import all_checks

    cards = [check.card for check in all_checks()]
    if arguments.json:
        rows: list[dict[str, Any]] = [
            {
                "id": c.id,
                "family": c.family.value,
                "title": c.title,
                "question": c.question,
                "scale": {
                    "unit": c.scale.words,
                    "better": c.scale.better,
                    "low": c.scale.low,
                    "high": c.scale.high,
                },
                "source": " ".join(c.source.split()),
                "known_as": c.known_as,
                "aliases": [],
            }
            for c in cards
        ]
        sys.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{c.family.value:12} {c.id:26} {c.question}\n" for c in cards))
    return 0


def _schema(arguments: argparse.Namespace) -> int:
    from audit.case.schema import guess_columns
    from audit.load import load_files

    with tempfile.TemporaryDirectory(prefix="audit-") as scratch:
        table = load_files({"real": Path(arguments.file)}, Path(scratch))["real"]
    columns = [
        {
            "name": c.name,
            "kind": c.kind.value,
            "role": c.role.value,
            "reason": c.reason,
            "confidence": c.confidence,
        }
        for c in guess_columns(table)
    ]
    text = json.dumps({"columns": columns}, indent=1, ensure_ascii=False) + "\n"
    _tell(text, arguments.out, "schema")
    return 0


def _tell(text: str, path: Path | None, what: str) -> None:
    """To a file, or to stdout where none is named."""
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"The {what} cannot be written to {str(path)!r}: {error.strerror}.", "Choose another file."
        ) from None


def _serve(arguments: argparse.Namespace) -> int:
    app = Path(__file__).resolve().parents[2] / "serve.py"  # app.py behind security headers
    if not (app.is_file() and (app.parent / "pages").is_dir()):
        raise OptionError(
            "The app is not part of an installed package: its pages lie in the project's folder.",
            "Fetch the project and run there: pip install -r requirements.txt && streamlit run app.py",
        )
    if importlib.util.find_spec("streamlit") is None:
        raise OptionError(
            "The app needs Streamlit, which is not installed.", "Run: pip install -r requirements.txt"
        )
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.port", str(arguments.port)]
    return subprocess.run(command, cwd=app.parent, check=False).returncode  # noqa: S603 - our own app


def _write_error(arguments: argparse.Namespace, error: AuditError) -> None:
    folder = getattr(arguments, "out", None)
    if not isinstance(folder, Path) or folder.suffix:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        entry = {"error": type(error).__name__, "message": error.message, "hint": error.hint}
        (folder / "error.json").write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
    except OSError as reason:
        log.warning("error.json was not written: %s", reason.strerror)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
