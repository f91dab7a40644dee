"""What each column holds and where two tables differ: decided once, with reasons, overridable."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from audit.declare.bands import read_bands
from audit.declare.estimands import parse_estimand
from audit.declare.options import Options
from audit.errors import InputError, OptionError, SchemaError
from audit.load.table import Field, Stored, Table
from audit.model import Alignment, Column, Kind, Level, Notice, Role, SkippedColumn

_KEY_NAME = re.compile(
    r"(^|[_\s.-])(id|uid|uuid|guid|key|nr|number|no|index|pk|rowid)$|^(id|uuid|key)([_\s.-]|$)", re.I
)
_CODE_NAME = re.compile(
    r"(^|[_\s.-])(zip|zipcode|postal|postcode|plz|code|icd|sic|naics|fips)([_\s.-]|$)", re.I
)
_TARGET_NAMES = {"target", "label", "outcome", "y", "class"}
_LONG_TEXT = 40  # characters: longer cells read as sentences, not as labels
_TEXT_SHARE = 0.5  # of different values among the cells: above, a column is text or a key
_KEY_ROWS = 20  # fewer unique rows say nothing about a key


@dataclass(frozen=True, slots=True)
class SchemaPlan:
    """How the tables stand side by side.

    columns : what will be audited, in the order of the real table
    fields : for each table's role, the field number behind each column
    """

    columns: tuple[Column, ...]
    fields: Mapping[str, tuple[int, ...]]
    alignment: Alignment
    notices: tuple[Notice, ...]


def guess_column(field: Field, rows: int) -> Column:
    """What one column is taken to hold, judged from its own table.

    Parameters
    ----------
    field : the column as it was read
    rows : rows of the table

    Returns
    -------
    Column with kind, role, the reason in words and a confidence in [0, 1]
    """
    kind, reason, confidence = _guess_kind(field, rows)
    role, role_reason = _guess_role(field.name, kind)
    if role is not Role.NONE:
        reason, confidence = f"{reason}; {role_reason}", min(confidence, 0.6)
    return Column(field.name, kind, role, reason, confidence)


def guess_columns(table: Table) -> tuple[Column, ...]:
    """What every column of a table is taken to hold."""
    return tuple(guess_column(field, table.facts.rows) for field in table.fields)


def _guess_kind(field: Field, rows: int) -> tuple[Kind, str, float]:
    filled = rows - field.missing
    if field.stored is Stored.VECTOR:
        return Kind.VECTOR, "every cell is a list of numbers", 1.0
    if field.stored is Stored.DATE:
        return Kind.DATE, f"dates, read as {field.reading}" if field.reading else "dates", 0.95
    if field.stored is Stored.EMPTY:
        return Kind.CATEGORY, "no values at all", 0.2
    if field.stored is Stored.BOOLEAN:
        return Kind.CATEGORY, "true or false", 1.0
    if field.distinct == 1:
        kind = Kind.CATEGORY if field.stored is Stored.TEXT else Kind.NUMBER
        return kind, "constant: one value in every row", 0.7
    if field.stored in (Stored.INTEGER, Stored.NUMBER):
        return _guess_number(field, filled)
    return _guess_text(field, filled)


def _guess_number(field: Field, filled: int) -> tuple[Kind, str, float]:
    unique = field.distinct == filled and filled >= _KEY_ROWS
    whole = field.stored is Stored.INTEGER
    if whole and unique and _KEY_NAME.search(field.name):
        return Kind.KEY, "whole numbers, different in every row, named like a key", 0.95
    if whole and _CODE_NAME.search(field.name):
        return Kind.CATEGORY, "whole numbers named like a code", 0.7
    if field.distinct == 2:
        return Kind.CATEGORY, "two different numbers: a yes-or-no code", 0.8
    reason = "whole numbers" if whole else "numbers with decimals"
    return Kind.NUMBER, f"{reason}, {field.distinct:,} different", 0.95 if field.distinct > 10 else 0.8


def _guess_text(field: Field, filled: int) -> tuple[Kind, str, float]:
    share = field.distinct / max(filled, 1)
    if share == 1 and filled >= _KEY_ROWS and field.longest <= _LONG_TEXT:
        return Kind.KEY, "different in every row", 0.9 if _KEY_NAME.search(field.name) else 0.7
    if share > _TEXT_SHARE and filled >= _KEY_ROWS:
        return Kind.TEXT, f"{share:.0%} of the values occur once or nearly so", 0.8
    if field.longest > 4 * _LONG_TEXT and field.distinct > _KEY_ROWS:
        return Kind.TEXT, f"cells of up to {field.longest:,} characters", 0.8
    reason = "digits with leading zeros: codes" if field.leading_zeros else "labels"
    return Kind.CATEGORY, f"{reason}, {field.distinct:,} different", 0.95 if field.distinct <= 50 else 0.8


def _guess_role(name: str, kind: Kind) -> tuple[Role, str]:
    folded = re.sub(r"[\s-]+", "_", name.strip().casefold())
    if folded in _TARGET_NAMES and kind in (Kind.CATEGORY, Kind.NUMBER):
        return Role.TARGET, "named like an outcome"
    return Role.NONE, ""


def plan_schema(tables: Mapping[str, Table], options: Options) -> SchemaPlan:
    """Put the tables side by side: which columns are compared, as what, and what is left out.

    Raises
    ------
    InputError
        If real and synthetic have no column in common.
    SchemaError, OptionError
        If an override or option names a column, kind or role that does not exist.
    """
    real, synthetic, holdout = tables["real"], tables["synthetic"], tables.get("holdout")
    matched, notices = _match(real, synthetic, "synthetic")
    beside, more = _match(real, holdout, "holdout") if holdout else ({}, [])
    notices += more
    columns = _override(_guess_pairs(real, synthetic, matched), options, [f.name for f in real.fields])
    for estimand in map(parse_estimand, options.estimands):
        for name in estimand.columns:
            _known(name, (column.name for column in columns.values()))
    _refuse_bands(columns.values(), options, [f.name for f in real.fields])
    others = {"synthetic": (synthetic, matched)} | ({"holdout": (holdout, beside)} if holdout else {})
    if options.batch:
        _known(options.batch, (field.name for field in synthetic.fields), "in the synthetic table")
    kept, fields, skipped = _select(columns, real, others, notices)
    if not kept:
        raise InputError(
            f"{real.facts.name} and {synthetic.facts.name} have no column in common that can be compared.",
            "Check that both files have a header line and that it holds the same names.",
            where="columns",
        )
    partners = set(matched.values())
    only_synthetic = [f.name for i, f in enumerate(synthetic.fields) if i not in partners]
    only_real = [f.name for i, f in enumerate(real.fields) if i not in matched]
    alignment = Alignment(tuple(only_real), tuple(only_synthetic), (), tuple(skipped))
    return SchemaPlan(tuple(kept), fields, alignment, tuple(notices))


def _fold(name: str) -> str:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s_.-]+", "", plain)


def _match(real: Table, other: Table, role: str) -> tuple[dict[int, int], list[Notice]]:
    """Field numbers of the real table to those of the other: by name, then by folded name."""
    exact = {field.name: i for i, field in enumerate(other.fields)}
    matched = {i: exact[field.name] for i, field in enumerate(real.fields) if field.name in exact}
    free: dict[str, list[int]] = {}
    taken = set(matched.values())
    for i, field in enumerate(other.fields):
        if i not in taken:
            free.setdefault(_fold(field.name), []).append(i)
    notices = []
    for i, field in enumerate(real.fields):
        candidates = free.get(_fold(field.name), [])
        if i not in matched and len(candidates) == 1:
            matched[i] = candidates.pop()
            text = (
                f"Column {field.name!r} was matched to {other.fields[matched[i]].name!r} of the {role} table."
            )
            notices.append(
                Notice(
                    Level.WARNING, f"{text} The names differ only in case, spaces or underscores.", field.name
                )
            )
    return matched, notices


def _guess_pairs(real: Table, synthetic: Table, matched: Mapping[int, int]) -> dict[int, Column]:
    """The real table decides; what it leaves open (no value at all) the synthetic one answers."""
    columns = {}
    for i in sorted(matched):
        column = guess_column(real.fields[i], real.facts.rows)
        if real.fields[i].stored is Stored.EMPTY:
            other = guess_column(synthetic.fields[matched[i]], synthetic.facts.rows)
            column = replace(other, name=column.name, reason="no values in the real table")
        columns[i] = column
    return columns


def _override(columns: dict[int, Column], options: Options, in_real: Sequence[str]) -> dict[int, Column]:
    by_name = {column.name: i for i, column in columns.items()}
    result = dict(columns)
    if options.schema is not None:
        for name, kind, role in _read_overrides(options.schema):
            if name in by_name:
                result[by_name[name]] = _changed(result[by_name[name]], kind, role, "set in the schema file")
            elif name not in in_real:  # a column that only the real table has is told elsewhere
                near = difflib.get_close_matches(name, in_real, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else "Take it out of the schema."
                raise SchemaError(f"The schema names the column {name!r}, which no table has.", hint)
    # A column has one role: where an option is repeated for another role, the later here holds.
    named = [
        (Role.QUASI_IDENTIFIER, options.quasi),
        (Role.SECRET, options.secret),
        (Role.SENSITIVE, options.sensitive),
        (Role.TIME, (options.time,) if options.time else ()),
        (Role.TARGET, (options.target,) if options.target else ()),
        (Role.IGNORE, options.ignore),
    ]
    for role, names in named:
        if role is Role.TARGET and names:  # an explicit target replaces a guessed one
            result = {
                i: replace(c, role=Role.NONE) if c.role is Role.TARGET else c for i, c in result.items()
            }
        for name in names:
            i = by_name[_known(name, by_name)]
            result[i] = _changed(result[i], None, role, "set by option")
    for name in options.keys:
        i = by_name[_known(name, by_name)]
        result[i] = _changed(result[i], Kind.KEY, None, "set by option")
    return result


def _refuse_bands(columns: Iterable[Column], options: Options, in_real: Sequence[str]) -> None:
    """Bands are cut into numbers; a schema may name what only the real table has."""
    kinds = {column.name: column.kind for column in columns}
    for name in options.all_bands():
        if name in in_real and name not in kinds and name not in (options.bands or {}):
            continue
        kind = kinds[_known(name, kinds)]
        if kind is not Kind.NUMBER:
            raise OptionError(
                f"Column {name!r} holds no numbers (it is taken as {kind}), so it cannot be cut into bands.",
                "Name a column of numbers, or leave its bands out.",
            )


def _changed(column: Column, kind: Kind | None, role: Role | None, reason: str) -> Column:
    return replace(column, kind=kind or column.kind, role=role or column.role, reason=reason, confidence=1.0)


def _known(name: str, names: Iterable[str], where: str = "in both the real and the synthetic table") -> str:
    known = list(names)
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known columns: {', '.join(known[:12])}."
    raise OptionError(f"Column {name!r} is not {where}.", hint)


def _read_overrides(schema: object) -> list[tuple[str, Kind | None, Role | None]]:
    entries = schema.get("columns") if isinstance(schema, Mapping) else None
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise SchemaError(
            "The schema has no list 'columns'.",
            'It looks like {"columns": [{"name": "age", "kind": "number"}]}.',
        )
    return [_read_override(entry) for entry in entries]


def _read_override(entry: object) -> tuple[str, Kind | None, Role | None]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise SchemaError(
            "An entry of the schema's 'columns' has no name.", 'Each entry is {"name", "kind", "role"}.'
        )
    name, kind, role = entry["name"], entry.get("kind"), entry.get("role")
    if role == "weight":
        raise SchemaError(
            f"Column {name!r} has the role 'weight', which is not supported: every row counts alike, so a weight "
            "would change no number.",
            'Leave the role out, or use "ignore" to leave the column out.',
        )
    for word, words, what in ((kind, list(Kind), "kind"), (role, list(Role), "role")):
        if word is not None and word not in words:
            raise SchemaError(
                f"Column {name!r} has the {what} {word!r}, which does not exist.",
                f"Choose one of {', '.join(words)}.",
            )
    if entry.get("bands"):
        try:
            read_bands(name, entry["bands"])
        except OptionError as error:
            raise SchemaError(error.message, error.hint) from None
    return name, Kind(kind) if kind else None, Role(role) if role else None


def _select(
    columns: Mapping[int, Column],
    real: Table,
    others: Mapping[str, tuple[Table, Mapping[int, int]]],
    notices: list[Notice],
) -> tuple[list[Column], dict[str, tuple[int, ...]], list[SkippedColumn]]:
    """The columns that checks see; every column left out is said."""
    kept, skipped = [], []
    order = []
    for i, column in columns.items():
        beside = {role: table.fields[match[i]] for role, (table, match) in others.items() if i in match}
        reason = _reason_to_skip(column, real.fields[i], len(beside) < len(others), beside)
        if reason:
            skipped.append(SkippedColumn(column.name, reason))
            level = Level.NOTE if column.role is Role.IGNORE else Level.WARNING
            notices.append(Notice(level, f"Column {column.name!r} is left out: {reason}.", column.name))
        else:
            kept.append(_without_role(column, notices))
            order.append(i)
    fields = {role: tuple(match[i] for i in order) for role, (_, match) in others.items()}
    return kept, {"real": tuple(order), **fields}, skipped


def _without_role(column: Column, notices: list[Notice]) -> Column:
    """No role is meant for lists; a role given to one is taken back and said."""
    if column.kind is not Kind.VECTOR or column.role is Role.NONE:
        return column
    text = f"Column {column.name!r} holds lists of numbers, so it cannot have the role {column.role}."
    notices.append(Notice(Level.WARNING, f"{text} Name a column of plain values.", column.name))
    return replace(column, role=Role.NONE)


def _reason_to_skip(column: Column, field: Field, not_in_holdout: bool, beside: Mapping[str, Field]) -> str:
    if column.role is Role.IGNORE:
        return "ignored on request"
    if field.stored is Stored.EMPTY:
        return "it has no value in the real table"
    if not_in_holdout:
        return "it is not in the holdout table"
    return _lists_differ(field, beside) if column.kind is Kind.VECTOR else ""


def _lists_differ(real: Field, others: Mapping[str, Field]) -> str:
    """Why the lists of a vector column cannot be compared; "" where they can."""
    if real.stored is not Stored.VECTOR:
        return "the schema calls it a vector, but it holds no lists of numbers"
    for role, other in others.items():
        if other.stored is not Stored.VECTOR and other.stored is not Stored.EMPTY:
            return f"it holds lists of numbers in the real table, but none in the {role} table"
        if other.stored is Stored.VECTOR and other.longest != real.longest:
            return f"its lists hold {real.longest:,} numbers in the real table and {other.longest:,} in the {role} table"
    return ""
