"""What an audit is told on the command line: arguments that several commands share, and what they mean."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from audit.declare.bands import parse_bands
from audit.declare.options import LOOPS, PURPOSES, Options, Order
from audit.declare.rules import plain_rules, read_rules
from audit.errors import AuditError, OptionError, RuleError, SchemaError, StoreError


def add_options(parser: argparse.ArgumentParser) -> None:
    """What every audit may be told, but for the synthetic tables."""
    _add_tables(parser)
    _add_use(parser)
    _add_origin(parser)
    _add_declared(parser)
    _add_privacy(parser)
    _add_run(parser)


def _add_tables(parser: argparse.ArgumentParser) -> None:
    """The real tables, and what their columns are."""
    add = parser.add_argument
    add("--real", required=True, help="the real table the generator saw")
    add("--holdout", default="", help="real rows the generator never saw")
    add("--target", default="", metavar="COL")
    add("--sensitive", action="append", default=[], metavar="COL")
    add(
        "--bands",
        action="append",
        default=[],
        metavar="COL=EDGES",
        help="where the numbers of a sensitive column are cut: age=25,45,65",
    )
    add("--id", action="append", default=[], metavar="COL")
    add("--time", default="", metavar="COL", help="when a row was recorded: drift over time is looked for")
    add("--batch", default="", metavar="COL", help="the batch of a synthetic row, where they came in batches")
    add("--secret", action="append", default=[], metavar="COL")
    add("--quasi", action="append", default=[], metavar="COL")
    add("--ignore", action="append", default=[], metavar="COL", help="leave this column out")


def _add_use(parser: argparse.ArgumentParser) -> None:
    """What the synthetic table is for, and how it is judged."""
    add = parser.add_argument
    add(
        "--estimand",
        action="append",
        default=[],
        metavar="TEXT",
        dest="estimands",
        help="what will be estimated: mean(age), share(income = high), coefficient(hours ~ age + sex)",
    )
    add(
        "--population",
        default="",
        metavar="FILE",
        help="shares of groups in a population: a row a group, columns such as sex and share (or count)",
    )
    add(
        "--cost-real", type=float, default=0.0, metavar="X", help="what a real row costs, for advice on mixes"
    )
    add("--cost-synthetic", type=float, default=0.0, metavar="Y", help="what a synthetic row costs")
    add("--purpose", choices=PURPOSES, default="analytics")
    add("--policy", default="", metavar="FILE.toml")
    add("--schema", type=Path, metavar="FILE.json")


def _add_declared(parser: argparse.ArgumentParser) -> None:
    """What is declared about the tables in files of their own."""
    add = parser.add_argument
    add("--watermark", type=Path, metavar="FILE.toml", help="a watermark that the synthetic table carries")
    add(
        "--rules",
        type=Path,
        metavar="FILE.toml",
        help="rules to apply besides those the real table teaches, or to switch off",
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    """What is computed, how, and where the reports go."""
    add = parser.add_argument
    add("--family", action="append", default=[], metavar="NAME", dest="families")
    add("--check", action="append", default=[], metavar="ID", dest="checks")
    add("--seed", type=int, default=0)
    add("--engine", choices=("duckdb", "spark"), default="duckdb")
    add("--memory-limit", default="4GB")
    add("--threads", type=int, default=0)
    add("--out", required=True, type=Path, metavar="DIR")
    add("--quiet", action="store_true", help="no progress on stderr")


def _add_privacy(parser: argparse.ArgumentParser) -> None:
    """What privacy checks are told."""
    add = parser.add_argument
    add("--epsilon", type=float, default=0.0, metavar="X", help="a claim of differential privacy to check")
    add("--delta", type=float, default=0.0, metavar="X")
    add(
        "--vulnerable-ids",
        action="store_true",
        help="also write vulnerable_records.csv: hashed row numbers of the people who are given away",
    )


def _add_origin(parser: argparse.ArgumentParser) -> None:
    """What is known about where the tables come from."""
    add = parser.add_argument
    add(
        "--generator-card",
        type=Path,
        metavar="FILE.toml",
        help="how the synthetic table was made, and of what: see the command card",
    )
    add(
        "--commitment",
        type=Path,
        metavar="FILE.json",
        help="to the holdout, made before training: see commit",
    )
    add("--commitment-secret", type=Path, metavar="FILE.json", help="what commit wrote beside it")
    add(
        "--salt",
        default="",
        metavar="WORD",
        help="a secret of 16 characters or more: also hash columns of real people that hold few values",
    )


def add_series_options(parser: argparse.ArgumentParser, order: Order) -> None:
    """What an audit of several synthetic tables may be told."""
    add = parser.add_argument
    add_options(parser)
    if order is Order.GENERATIONS:
        add(
            "--fresh-share",
            action="append",
            default=[],
            type=float,
            metavar="X",
            help="share of fresh real rows each generation was trained on, 0 to 1: once for all, or once for each",
        )
        add("--loop", choices=LOOPS, default="", help="whether a generation replaces the rows before it")
    word = "GENERATION" if order is Order.GENERATIONS else "SYNTHETIC"
    add("series", nargs="+", metavar=word, help="synthetic tables, in their order")
    parser.set_defaults(order=order.value)


def read_options(arguments: argparse.Namespace) -> Options:
    """The options that were asked for.

    Raises
    ------
    AuditError
        Where one cannot be used, or a file it names cannot be read.
    """
    from audit.declare.generator_card import read_card
    from audit.declare.watermark import read_watermark

    if arguments.engine == "spark":
        raise OptionError("The engine 'spark' is not part of this version.", "Use --engine duckdb.")
    _refuse_file(arguments.out)
    read: dict[str, Any] = dict(
        bands=dict(map(parse_bands, arguments.bands)) or None,
        schema=read_json(arguments.schema, SchemaError) if arguments.schema else None,
        rules=_read_rules(arguments.rules),
        generator_card=read_card(arguments.generator_card) if arguments.generator_card else None,
        commitment=read_json(arguments.commitment, OptionError) if arguments.commitment else None,
        commitment_secret=read_json(arguments.commitment_secret, OptionError)
        if arguments.commitment_secret
        else None,
        watermark=read_watermark(arguments.watermark) if arguments.watermark else None,
        keys=tuple(arguments.id),
    )
    known = {one.name for one in fields(Options)}
    values: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v
        for k, v in vars(arguments).items()
        if k in known and k not in read
    }
    if "series" in values:
        values["synthetic"] = values["series"][-1]
    return Options(**values, **read)


def _refuse_file(folder: Path) -> None:
    """Before an audit of minutes, not after it."""
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{str(folder)!r} is a file, not a folder.", "Choose another folder for --out.")


def _read_rules(path: Path | None) -> dict[str, Any] | None:
    """Rules from a file, as options hold them."""
    if path is None:
        return None
    try:
        return plain_rules(read_rules(path.read_text(encoding="utf-8"), path.name))
    except FileNotFoundError:
        raise RuleError(f"There is no file {str(path)!r}.", "Check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(
            f"{str(path)!r} cannot be read as text: {error}.", "Give a rules file in UTF-8."
        ) from None


def read_json(path: Path, kind: type[AuditError]) -> Any:
    """What a JSON file holds; raises an error of this kind where there is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise kind(f"There is no file {str(path)!r}.", "Check the path.") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise kind(
            f"{str(path)!r} cannot be read as JSON: {error}.", "Give a file that this program wrote."
        ) from None
