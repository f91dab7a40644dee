"""What stands out when a real and a synthetic table are laid side by side, before any check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10

import duckdb

from audit.load.column_pairs import SharedColumn, TablePair, is_key, match_columns
from audit.load.comparability import category_counts, column_ranges, count_copies
from audit.load.names import count_text, list_names, spelling_key
from audit.load.number_formats import swap_day_month
from audit.load.table import Stored, Table
from audit.model import Notice

FEW = 30  # rows below which hardly anything can be told
ENOUGH = 10  # rows from which ranges and categories are compared
RATIO = 20  # of rows of the two tables from which their sizes differ hugely
COPIES = 0.05  # share of synthetic rows that are real rows, from which it is said
UNIQUE = 0.9  # share of different real rows, below which equal rows are no sign of copying
CATEGORIES = 1_000  # different values up to which the categories of a column are compared
GROUPS = 6  # groups up to which one that is too small deserves a warning
SMALL = 3  # rows of a group that is too small to tell anything about
_NUMERIC = (Stored.INTEGER, Stored.NUMBER)


def pair_notices(real: Table, synthetic: Table, connection: duckdb.DuckDBPyConnection) -> tuple[Notice, ...]:
    """What a user should know about the two tables before reading any number.

    Costs one aggregate query per table over the numbers, one over the categories, and one
    join of row hashes.

    Parameters
    ----------
    connection : an engine that can read both canonical files

    Raises
    ------
    InputError : the tables have no column in common
    """
    pair = match_columns(TablePair(real, synthetic, connection))
    for look in (_rows, _copies, _types, _constants, _ranges, _dates, _categories, _keys, _file_names):
        look(pair)
    return tuple(pair.notices)


def _named(found: Iterable[SharedColumn]) -> tuple[str, str]:
    names = [one.name for one in found]
    word = "column" if len(names) == 1 else "columns"
    return f"{word} {list_names(names)}", f"{word} {list_names(names, 20)}"


def _say(pair: TablePair, found: Sequence[SharedColumn], says: str) -> None:
    if found:
        named, where = _named(found)
        pair.warn(f"{named}{says}", where)


def _rows(pair: TablePair) -> None:
    counts = {"real": pair.real.facts.rows, "synthetic": pair.synthetic.facts.rows}
    for role, table in (("real", pair.real), ("synthetic", pair.synthetic)):
        if counts[role] < FEW:
            pair.warn(
                f"{count_text(counts[role], 'row')}, too few for most checks; give at least {FEW}, better thousands.",
                f"{role}: rows",
                table.facts.name,
            )
        if len(table.fields) > counts[role] > 1:
            pair.warn(
                f"more columns ({len(table.fields):,}) than rows ({counts[role]:,}); little can be told of any column, "
                "so give more rows.",
                f"{role}: rows",
                table.facts.name,
            )
    low, high = sorted(counts.values())
    if high > RATIO * low:
        pair.warn(
            f"the sizes differ hugely, {counts['real']:,} real against {counts['synthetic']:,} synthetic rows; "
            "intervals will be wide.",
            "rows",
        )


def _copies(pair: TablePair) -> None:
    usable = [
        one for one in pair.shared_columns if Stored.EMPTY not in (one.real.stored, one.synthetic.stored)
    ]
    plain = [one for one in usable if Stored.VECTOR not in (one.real.stored, one.synthetic.stored)]
    values = [one for one in plain if not one.key]
    chosen = values if len(values) >= 3 else plain
    if not chosen:
        return
    found = count_copies(
        pair.connection,
        pair.real,
        pair.synthetic,
        [(one.real_column, one.synthetic_column) for one in chosen],
    )
    rows = pair.synthetic.facts.rows
    same = pair.real.facts.content_hash == pair.synthetic.facts.content_hash
    if len(plain) < len(usable) and not same:
        return  # lists are not compared here, so no row can be called a copy
    if same or (found.copied == rows and found.distinct >= UNIQUE * pair.real.facts.rows):
        pair.warn("every row is an exact copy of a real row: the tables are identical or a copy.", "rows")
    elif rows >= FEW and found.copied >= COPIES * rows and found.distinct >= UNIQUE * pair.real.facts.rows:
        pair.warn(
            f"{found.copied:,} of {rows:,} rows are exact copies of real rows; check what the generator memorised.",
            "rows",
        )


_WORDS = {
    Stored.INTEGER: "numbers",
    Stored.NUMBER: "numbers",
    Stored.TEXT: "text",
    Stored.DATE: "dates",
    Stored.BOOLEAN: "true/false",
    Stored.VECTOR: "lists",
}


def _types(pair: TablePair) -> None:
    groups: dict[tuple[str, str], list[SharedColumn]] = {}
    for one in pair.shared_columns:
        words = (_WORDS.get(one.real.stored, ""), _WORDS.get(one.synthetic.stored, ""))
        if all(words) and words[0] != words[1]:
            groups.setdefault(words, []).append(one)
    for (in_real, in_synthetic), found in groups.items():
        _say(
            pair,
            found,
            f": type mismatch, {in_real} in the real table, {in_synthetic} here; use one type or coding of values.",
        )
    empty = [
        one
        for one in pair.shared_columns
        if one.synthetic.stored is Stored.EMPTY and one.real.stored is not Stored.EMPTY
    ]
    _say(pair, empty, ": values in the real table but all missing (empty) here; check the generator.")


def _constants(pair: TablePair) -> None:
    one_here = [one for one in pair.shared_columns if one.synthetic.distinct == 1 and one.real.distinct > 1]
    if pair.synthetic.facts.rows > 1 and len(one_here) == len(pair.shared_columns) > 1:
        pair.warn("every row is the same: all columns are constant, so the generator collapsed.", "rows")
    elif pair.synthetic.facts.rows > 1:
        _say(
            pair,
            one_here,
            ": constant here, with one value or class, but not in the real table; check the generator.",
        )
    if pair.real.facts.rows > 1:
        one_real = [one for one in pair.shared_columns if one.real.distinct == 1]
        if one_real:
            named, where = _named(one_real)
            pair.warn(
                f"{named}: constant, with one value or class only; no outcome can be learned from it.",
                where,
                pair.real.facts.name,
            )


def _ranges(pair: TablePair) -> None:
    chosen = [one for one in pair.shared_columns if _ordered(one)]
    if not chosen or min(pair.real.facts.rows, pair.synthetic.facts.rows) < ENOUGH:
        return
    of_real = column_ranges(pair.connection, pair.real, [one.real_column for one in chosen])
    of_synthetic = column_ranges(pair.connection, pair.synthetic, [one.synthetic_column for one in chosen])
    apart: dict[str, list[SharedColumn]] = {}
    for one, real, synthetic in zip(chosen, of_real, of_synthetic, strict=True):
        factor = _factor(real.mean, synthetic.mean)
        if (real.low > synthetic.high or synthetic.low > real.high) and (factor or not one.key):
            apart.setdefault(factor, []).append(one)
    for factor, found in apart.items():
        hint = (
            f"the scale differs by a factor of about {factor}, so check the unit"
            if factor
            else "check unit and scale"
        )
        _say(pair, found, f": the range does not overlap with the real one; {hint}.")


def _ordered(one: SharedColumn) -> bool:
    numbers = one.real.stored in _NUMERIC and one.synthetic.stored in _NUMERIC
    dates = one.real.stored is Stored.DATE and one.synthetic.stored is Stored.DATE
    return (numbers or dates) and one.real.distinct > 0 and one.synthetic.distinct > 0


def _factor(real: float, synthetic: float) -> str:
    """A power of ten between two means, such as "1,000"; "" where there is none of 100 or more."""
    if real * synthetic <= 0:
        return ""
    power = log10(abs(real / synthetic))
    near = round(power)
    return f"{10 ** abs(near):,}" if abs(power - near) < 0.1 and 2 <= abs(near) < 16 else ""


def _dates(pair: TablePair) -> None:
    found = [
        one
        for one in pair.shared_columns
        if "%" in one.real.reading and swap_day_month(one.real.reading) == one.synthetic.reading
    ]
    _say(pair, found, ": day and month in another order than in the real table; write dates as 2024-12-31.")
    zones = [
        one
        for one in pair.shared_columns
        if one.real.stored is Stored.DATE
        and one.synthetic.stored is Stored.DATE
        and (one.real.reading == "time zone to UTC") != (one.synthetic.reading == "time zone to UTC")
    ]
    if zones:
        named, where = _named(zones)
        pair.note(f"{named}: a time zone in only one of the tables; both are compared as UTC.", where)


def _categories(pair: TablePair) -> None:
    chosen = [one for one in pair.shared_columns if _is_category(one)][:300]
    if not chosen or min(pair.real.facts.rows, pair.synthetic.facts.rows) < ENOUGH:
        return
    of_real = category_counts(pair.connection, pair.real, [one.real_column for one in chosen])
    of_synthetic = category_counts(pair.connection, pair.synthetic, [one.synthetic_column for one in chosen])
    sets = list(zip(chosen, of_real, of_synthetic, strict=True))
    respelled = [one for one, real, synthetic in sets if _respelled(real, synthetic)]
    foreign = [
        one
        for one, real, synthetic in sets
        if not set(real) & set(synthetic) and not _respelled(real, synthetic)
    ]
    small = [one for one, real, _ in sets if len(real) <= GROUPS and _has_small_group(real)]
    rare = [one for one, real, _ in sets if GROUPS < len(real) <= 2 * GROUPS and _has_small_group(real)]
    _say(
        pair,
        respelled,
        ": categories differ from the real ones only in case, spaces or unicode normalisation; unify them.",
    )
    _say(pair, foreign, ": no category (value) is shared with the real table; check the coding.")
    for found, say in ((small, pair.warn), (rare, pair.note)):
        if found:
            named, where = _named(found)
            text = f"{named}: a group has fewer than {SMALL} members, too small to tell anything about; merge it."
            say(text, where, pair.real.facts.name)


def _is_category(one: SharedColumn) -> bool:
    text = one.real.stored is Stored.TEXT and one.synthetic.stored is Stored.TEXT
    few = 0 < one.real.distinct <= CATEGORIES and 0 < one.synthetic.distinct <= CATEGORIES
    return text and few and not one.key


def _respelled(real: dict[str, int], synthetic: dict[str, int]) -> bool:
    """Whether a category of the synthetic table is a real one in another spelling."""
    folded = {spelling_key(level) for level in real}
    return any(level not in real and spelling_key(level) in folded for level in synthetic)


def _has_small_group(real: dict[str, int]) -> bool:
    return (
        max(len(level) for level in real) <= 60 and min(real.values()) < SMALL and sum(real.values()) >= FEW
    )


def _keys(pair: TablePair) -> None:
    found = [
        one for one in pair.shared_columns if one.real.stored is Stored.TEXT and is_key(one.real, pair.real)
    ]
    if found:
        named, where = _named(found)
        pair.warn(
            f"{named}: a unique value in nearly every row, so taken as identifier (key) or text; ignore it or name it.",
            where,
            pair.real.facts.name,
        )


def _file_names(pair: TablePair) -> None:
    real, synthetic = pair.real.facts.name.lower(), pair.synthetic.facts.name.lower()
    if "synth" in real and "synth" not in synthetic:
        pair.note(
            "the file names suggest that real and synthetic are swapped; check which is which.", "files"
        )
