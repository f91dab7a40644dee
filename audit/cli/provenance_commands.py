"""Commands about where rows come from: commit to a holdout, sketch a table, compare two."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.errors import AuditError, InputError, OptionError, StoreError
from audit.model import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audit.load.table import Table
    from audit.provenance.sketches import Sketch
    from audit.stats.privacy.sketches import SketchOverlap

_SIZES = (64, 16_777_216)


def add_commands(commands: Any) -> None:
    """The commands of this file."""
    _add_commit(commands.add_parser("commit", help="commit to a holdout before a generator is trained"))
    _add_sketch(commands.add_parser("sketch", help="a sketch of a table's rows, to hand over instead of it"))
    _add_card(
        commands.add_parser("card", help="an empty generator card to fill in, or a look at a filled one")
    )
    _add_overlap(commands.add_parser("overlap", help="how many rows two tables or sketches share"))


def _add_commit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--holdout", required=True, help="real rows that the generator will never see")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FILE.json", help="publish this before training"
    )
    parser.add_argument(
        "--secret-out",
        type=Path,
        metavar="FILE.json",
        help="keep this to yourself until the audit; beside --out, as NAME.secret.json, if not given",
    )
    parser.set_defaults(command=_commit)


def _add_sketch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file")
    _add_salt(parser, required=True)
    parser.add_argument(
        "--size", type=int, default=0, metavar="N", help="numbers kept in the sketch, 65,536 if not given"
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE.json")
    parser.set_defaults(command=_sketch)


def _add_overlap(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("first", metavar="A", help="a table, or a sketch of one")
    parser.add_argument("second", metavar="B")
    _add_salt(parser, required=False)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(command=_overlap)


def _add_card(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE.toml", help="a card to look over")
    parser.add_argument("--out", type=Path, metavar="FILE.toml", help="where to write a card to fill in")
    parser.set_defaults(command=_card)


def _add_salt(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--salt", required=required, default="", metavar="WORD", help="a random word that both parties share"
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="COL",
        dest="columns",
        help="compare rows by this column; once for each; all columns if not given",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="COL",
        help="leave this column out, such as a number that is different in every row",
    )


def _card(arguments: argparse.Namespace) -> int:
    """An empty card, or what a filled one leaves out."""
    from audit.declare.generator_card import card_template, missing_fields, read_card

    if arguments.file is not None:
        missing = missing_fields(read_card(arguments.file))
        told = f"It does not state {', '.join(missing)}." if missing else "It leaves nothing out."
        sys.stdout.write(f"The card can be used. {told}\n")
    elif arguments.out is None:
        sys.stdout.write(card_template())
    elif arguments.out.exists():
        raise StoreError(f"{str(arguments.out)!r} exists already.", "Choose another name.")
    else:
        _write_text(arguments.out, card_template())
    return 0


def _commit(arguments: argparse.Namespace) -> int:
    from audit.declare.commitment import commit
    from audit.load.fingerprint import new_salt

    secret_path = arguments.secret_out or arguments.out.with_name(f"{arguments.out.stem}.secret.json")
    for path in (arguments.out, secret_path):
        if path.exists():
            raise StoreError(
                f"{str(path)!r} exists already; writing over it could make an older commitment worthless.",
                "Choose another name.",
            )
    salt = new_salt()
    digests, columns = _digests(arguments.holdout, (), (), salt)
    commitment, secret = commit(digests, columns, salt, datetime.now(UTC).date())
    _write(secret_path, secret.to_plain(), private=True)
    _write(arguments.out, commitment.to_plain())
    sys.stdout.write(
        f"Committed to {commitment.rows:,} rows and {len(columns)} columns, digest {commitment.digest}.\n"
        f"Publish {arguments.out} before the generator is trained.\n"
        f"Keep {secret_path} to yourself: whoever has it can test whether a row they guess is in the holdout.\n"
    )
    return 0


def _sketch(arguments: argparse.Namespace) -> int:
    from audit.provenance.sketches import refuse_short

    refuse_short(arguments.salt)
    made = _of_table(
        arguments.file, arguments.columns, arguments.without, arguments.salt, _size(arguments.size)
    )
    _write(arguments.out, made.to_plain())
    sys.stdout.write(
        f"Sketched {made.different:,} different rows of {made.rows:,} in {len(made.hashes):,} numbers: {arguments.out}\n"
        "Whoever has the sketch and its salt can test whether a row they guess is in the table; "
        "without the salt nobody can.\n"
    )
    return 0


def _overlap(arguments: argparse.Namespace) -> int:
    from audit.load.fingerprint import new_salt
    from audit.provenance.sketches import overlap, refuse_short

    given = [_stored(path) for path in (arguments.first, arguments.second)]
    known = [one for one in given if one is not None]
    if len(known) == 1 and not arguments.salt:
        raise OptionError(
            "A sketch can be compared with a table only under its salt.", "Give it with --salt."
        )
    if arguments.salt:
        refuse_short(arguments.salt)
    if any(
        arguments.without or (arguments.columns and set(arguments.columns) != set(one.columns))
        for one in known
    ):
        raise OptionError(
            "A sketch compares rows by the columns it was made with; others cannot be chosen now.",
            "Leave --column and --without out, or make the sketch again.",
        )
    columns = arguments.columns or (known[0].columns if known else ())
    # Two tables are compared whole; beside a sketch, a table is sketched in its size.
    size = known[0].size if known else sys.maxsize
    salt = arguments.salt or new_salt()
    first, second = (
        one or _of_table(path, columns, arguments.without, salt, size)
        for path, one in zip((arguments.first, arguments.second), given, strict=True)
    )
    _tell(arguments, overlap(first, second))
    return 0


def _tell(arguments: argparse.Namespace, samples: Sequence[SketchOverlap]) -> None:
    names = (arguments.first, arguments.second)
    lines, plain = [], []
    for name, other, sample in zip(names, reversed(names), samples, strict=True):
        low, high = sample.interval()
        plain.append(
            {
                "of": name,
                "in": other,
                "share": sample.share,
                "low": low,
                "high": high,
                "different_rows": sample.different,
                "looked_at": sample.examined,
                "shared": sample.shared,
                "exact": sample.exact,
            }
        )
        how = (
            f"all of {sample.different:,} compared"
            if sample.exact
            else f"95 % interval {low:.2%} to {high:.2%}; {sample.examined:,} of {sample.different:,} looked at"
        )
        about = "" if sample.exact else "about "
        lines.append(f"Of the different rows of {name}, {about}{sample.share:.2%} stand in {other} ({how}).")
    text = json.dumps(plain, indent=1, ensure_ascii=False) if arguments.json else "\n".join(lines)
    sys.stdout.write(text + "\n")


def _size(asked: int) -> int:
    from audit.provenance.sketches import SIZE

    if asked and not _SIZES[0] <= asked <= _SIZES[1]:
        raise OptionError(
            f"The size {asked:,} cannot be used.", f"Give a number from {_SIZES[0]} to {_SIZES[1]:,}."
        )
    return asked or SIZE


def _stored(path: str) -> Sketch | None:
    """The sketch in a file; None where it is a table."""
    from audit.provenance.sketches import SKETCH, read_sketch

    if not path.endswith(".json") or not Path(path).is_file():
        return None
    text = Path(path).read_bytes()
    if f'"{SKETCH}"'.encode() not in text[:200]:
        return None  # a table that is stored as JSON
    try:
        return read_sketch(json.loads(text))
    except ValueError as error:
        if isinstance(error, AuditError):
            raise
        raise OptionError(
            f"The sketch {path!r} is cut off or damaged.", "Make it again, or send it again."
        ) from None


def _of_table(path: str, columns: Sequence[str], without: Sequence[str], salt: str, size: int) -> Sketch:
    from audit.provenance.sketches import sketch

    digests, names = _digests(path, columns, without, salt, warn=True)
    return sketch(digests[:, 0], tuple(names), salt, size)


def _digests(
    path: str, columns: Sequence[str], without: Sequence[str], salt: str, *, warn: bool = False
) -> tuple[NDArray[np.uint64], list[str]]:
    """Row digests of a file, by these columns or by all others than some, and the columns' names."""
    from audit.load import load_files
    from audit.load.engine import connect
    from audit.load.fingerprint import row_digests

    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        table = load_files({"given": Path(path)}, Path(folder))["given"]
        chosen = _chosen(table, columns, without)
        if warn:
            _warn(table, chosen)
        connection = connect(Path(folder))
        try:
            return row_digests(connection, table, chosen, salt), chosen
        finally:
            connection.close()


def _warn(table: Table, chosen: Sequence[str]) -> None:
    """Say which columns keep all rows apart."""
    from audit.case.schema import guess_columns

    for column in guess_columns(table):
        if column.kind is Kind.KEY and column.name in chosen:
            sys.stderr.write(
                f"{table.facts.name}: {column.name!r} is different in every row, so a row that was given another "
                "one counts as another row. Leave it out with --without.\n"
            )


def _chosen(table: Table, columns: Sequence[str], without: Sequence[str]) -> list[str]:
    known = [field.name for field in table.fields]
    for name in (*columns, *without):
        if name not in known:
            raise InputError(
                f"{table.facts.name}: there is no column {name!r}.", f"It has {', '.join(known[:12])}."
            )
    chosen = [name for name in columns or known if name not in without]
    if not chosen:
        raise InputError(f"{table.facts.name}: every column is left out.", "Keep one at least.")
    return chosen


def _write(path: Path, values: Any, *, private: bool = False) -> None:
    """As JSON; what is private can be read by nobody else."""
    _write_text(path, json.dumps(values, ensure_ascii=False, indent=1) + "\n", private=private)


def _write_text(path: Path, text: str, *, private: bool = False) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o644)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StoreError(
            f"{str(path)!r} cannot be written: {error.strerror}.", "Choose another file."
        ) from None
