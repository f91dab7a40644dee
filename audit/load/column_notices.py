"""What the cells of columns gave cause to say, one notice for each cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from audit.load.cells import ABSENT, VAGUE
from audit.load.columns import InferredColumn
from audit.load.names import UsableNames, count_text
from audit.load.notes import Notes
from audit.load.table import Stored
from audit.load.types import UnreadColumn

_READ = (Stored.INTEGER, Stored.NUMBER, Stored.DATE, Stored.BOOLEAN, Stored.EMPTY)

KEPT = (*ABSENT, *VAGUE)
LONG = 10_000  # characters of a cell that is worth a word


@dataclass(frozen=True, slots=True)
class Cause:
    """Something to say about the columns it applies to.

    counts : cells (or 1) that a column gives to it; 0 where it does not apply
    says : what stands after "column 'x'", with {n} for the cells of all of them
    """

    counts: Callable[[InferredColumn], int]
    says: str
    warn: bool = True


def _spelled(one: InferredColumn, words: Iterable[str]) -> int:
    look = one.look
    return sum(look.spellings.get(word, 0) for word in words) if look is not None else 0


def _blank(one: InferredColumn) -> int:
    spellings = one.field.missing_spellings
    return sum(count for word, count in spellings.items() if word and not word.strip())


def _kept_words(one: InferredColumn) -> int:
    return _spelled(one, ABSENT) if one.field.stored is Stored.TEXT else 0


def _kept_vague(one: InferredColumn) -> int:
    return _spelled(one, VAGUE) if one.field.stored is Stored.TEXT and not _kept_words(one) else 0


def _read_date(one: InferredColumn) -> str:
    return one.field.reading if one.field.stored is Stored.DATE and "%" in one.field.reading else ""


def _read_number(one: InferredColumn) -> str:
    numbers = (Stored.INTEGER, Stored.NUMBER)
    return one.field.reading if one.field.stored in numbers and one.look is not None else ""


def _mixed(one: InferredColumn) -> int:
    """Cells that are numbers in a column of text that is not one of labels such as "1", "2", "3+"."""
    look = one.look
    if look is None or one.field.stored is not Stored.TEXT or one.why or not look.values or _truths(one):
        return 0
    if not 0.1 * look.values <= look.numbers:
        return 0
    dates = max(one.dates, look.valid_dates)
    return look.numbers if dates >= 0.05 * look.values or look.number_levels > 20 else 0


def _part_dates(one: InferredColumn) -> int:
    look = one.look
    if look is None or one.field.stored is not Stored.TEXT or _mixed(one) or not look.values:
        return 0
    return one.dates if one.dates >= 0.3 * look.values else 0


def _impossible(one: InferredColumn) -> int:
    look = one.look
    return look.dated - look.valid_dates if look is not None and look.dated >= 0.3 * look.values else 0


def _truths(one: InferredColumn) -> int:
    look = one.look
    if look is None or look.yes_no_levels <= 2 or not look.values:
        return 0
    return look.yes_no if look.yes_no >= 0.95 * look.values and one.field.stored is Stored.TEXT else 0


def _zones(one: InferredColumn) -> int:
    look = one.look
    mixed = look is not None and one.field.stored is Stored.DATE and 0 < look.zoned < look.valid_dates
    return look.valid_dates - look.zoned if mixed and look is not None else 0


def _lost_digits(one: InferredColumn) -> int:
    return one.look.overflow if one.look is not None and one.field.stored is Stored.NUMBER else 0


def _not_numbers(one: InferredColumn) -> int:
    return one.field.unparsed if one.field.stored in (Stored.INTEGER, Stored.NUMBER) else 0


def _not_dates(one: InferredColumn) -> int:
    return one.field.unparsed if one.field.stored is Stored.DATE and not _impossible(one) else 0


def _infinite(one: InferredColumn) -> int:
    return one.field.nonfinite if one.look is not None else one.infinite


def _not_a_number(one: InferredColumn) -> int:
    return one.field.nonfinite - _infinite(one) if one.look is None else 0


CAUSES = (
    Cause(_infinite, "holds {n} infinite or overflowing numbers, read as missing; check what wrote them."),
    Cause(_not_a_number, "holds {n} cells that are not a number (NaN), read as missing.", warn=False),
    Cause(
        _not_numbers,
        "holds {n} cells that are not numbers, read as missing; check its type and mixed content.",
    ),
    Cause(_not_dates, "holds {n} cells that cannot be parsed as a date, read as missing; check them."),
    Cause(_impossible, "holds {n} invalid dates, days that do not exist; check what wrote them."),
    Cause(
        _mixed, "mixes types: {n} cells are numbers, others text or dates; it is kept as text, so check it."
    ),
    Cause(
        _part_dates,
        "mixes date formats: {n} cells are dates, no format fits all; kept as text, so unify them.",
    ),
    Cause(
        _truths,
        "writes yes and no (boolean) in mixed ways in {n} cells; kept as text, so unify the spellings.",
    ),
    Cause(_blank, "holds {n} cells of only blanks (spaces), read as missing; check that they mean that."),
    Cause(_kept_words, "holds {n} cells written {words}, kept as text; if they mean missing, empty them."),
    Cause(_kept_vague, "holds {n} cells written {words}, kept as a category of their own.", warn=False),
    Cause(
        _zones, "mixes dates with and without time zone ({n} without); all are taken as UTC, so check them."
    ),
    Cause(_lost_digits, "holds {n} integers beyond 64 bit, rounded as numbers; quote them if they are keys."),
)


def _flag(test: Callable[[InferredColumn], object]) -> Callable[[InferredColumn], int]:
    return lambda one: 1 if test(one) else 0


def _looks(one: InferredColumn, name: str) -> int:
    return int(getattr(one.look, name)) if one.look is not None else 0


FACTS = (
    Cause(_flag(lambda s: s.field.stored is Stored.EMPTY), "has no values, all are missing.", warn=False),
    Cause(
        _flag(lambda s: _read_date(s) and s.unsure),
        "could be read day or month first; the date format is taken as {label}, so check it.",
    ),
    Cause(
        _flag(lambda s: "%y" in _read_date(s)),
        "writes dates with years of two digits; 69 to 99 are taken as 19xx, format {label}, so check it.",
    ),
    Cause(
        _flag(lambda s: _read_date(s) and not s.unsure and "%y" not in _read_date(s)),
        "is read as dates in the format {label}.",
        warn=False,
    ),
    Cause(
        _flag(lambda s: _read_number(s) and s.unsure),
        "could be thousands or decimals; the comma is read as {label}, so check the number.",
    ),
    Cause(
        _flag(lambda s: _read_number(s) not in ("", "decimal comma") and not s.unsure),
        "holds numbers as text, read as {label}; check one number of it.",
    ),
    Cause(
        _flag(lambda s: _read_number(s) == "decimal comma" and not s.unsure),
        "is read with a decimal comma.",
        warn=False,
    ),
    Cause(
        _flag(lambda s: s.why == "leading zeros"),
        "has digits with leading zeros, kept as text codes.",
        warn=False,
    ),
    Cause(
        _flag(lambda s: s.why == "beyond 64 bit"),
        "has whole numbers beyond 64 bit, kept as text.",
        warn=False,
    ),
    Cause(
        _flag(lambda s: s.field.stored is Stored.DATE and _looks(s, "far_dates")),
        "holds dates before 1700 or after 2262, maybe placeholders.",
        warn=False,
    ),
    Cause(
        _flag(lambda s: s.field.reading == "time zone to UTC" and not _zones(s)),
        "has a time zone; its dates are turned to UTC.",
        warn=False,
    ),
    Cause(
        _flag(lambda s: s.field.stored is Stored.TEXT and s.field.longest > LONG),
        "holds long text, more than {long:,} characters in a cell; it is shown shortened.",
        warn=False,
    ),
    Cause(
        _flag(lambda s: s.field.reading == "duration in seconds"),
        "holds a duration, read as seconds.",
        warn=False,
    ),
    Cause(
        _flag(lambda s: s.typed.startswith("TIME") and s.field.stored is Stored.TEXT),
        "holds clock times, kept as text.",
        warn=False,
    ),
)


def remark_cells(notes: Notes, settled: Sequence[InferredColumn]) -> None:
    """Say what the cells gave cause to say."""
    _remark_missing(notes, settled)
    for cause in CAUSES:
        _say(notes, cause, [one for one in settled if cause.counts(one)], "")
    for cause in FACTS:
        found = [one for one in settled if cause.counts(one)]
        for label in dict.fromkeys(one.field.reading for one in found):
            _say(notes, cause, [one for one in found if one.field.reading == label], label)


def _say(notes: Notes, cause: Cause, found: Sequence[InferredColumn], label: str) -> None:
    if not found:
        return
    named, where = notes.columns([one.field.name for one in found])
    count = sum(cause.counts(one) for one in found)
    says = _plural(cause.says) if len(found) > 1 else cause.says
    if count == 1:
        says = says.replace("{n} cells", "{n} cell")
    words = ", ".join(_kept(found)[:4])
    said = says.format(n=f"{count:,}", label=label, long=LONG, words=words)
    (notes.warn if cause.warn else notes.note)(f"{named} {said}", where)


def _plural(says: str) -> str:
    """What is said of one column, said of several."""
    verb, space, rest = says.partition(" ")
    return (
        {"holds": "hold", "has": "have", "is": "are", "mixes": "mix", "writes": "write"}.get(verb, verb)
        + space
        + rest
    )


def _kept(found: Sequence[InferredColumn]) -> list[str]:
    """Words for "missing" that stay text in these columns; never a word of anybody's own."""
    words = {word for one in found if one.look is not None for word in one.look.spellings if word in KEPT}
    return sorted(words)


def _remark_missing(notes: Notes, settled: Sequence[InferredColumn]) -> None:
    """Say what was read as missing although something is written there."""
    groups: dict[tuple[str, ...], list[InferredColumn]] = {}
    for one in settled:
        words = tuple(sorted({w.strip() for w in one.field.missing_spellings if w.strip()}))
        if words:
            groups.setdefault(words, []).append(one)
    for words, found in groups.items():
        named, where = notes.columns([one.field.name for one in found])
        count = sum(n for one in found for w, n in one.field.missing_spellings.items() if w.strip())
        unclear = len(words) > 1 or words[0] in VAGUE
        more = f" and {len(words) - 4} more" if len(words) > 4 else ""
        text = f"{named}: {count_text(count, 'cell')} ({', '.join(words[:4])}{more}) read as missing"
        if unclear:
            notes.warn(f"{text}; check them, and placeholders such as 999.", where)
        else:
            notes.note(f"{text}.", where)


def remark_names(notes: Notes, renamed: UsableNames) -> None:
    """Say which column names had to be changed."""
    for names, level, says in (
        (renamed.unnamed, notes.warn, "had no name (empty or invisible) and got one; name them in the file."),
        (
            renamed.duplicates,
            notes.warn,
            "had the same name as another column and got a number; rename in the file.",
        ),
        (
            renamed.invisible,
            notes.warn,
            "had control or invisible characters in the name, now shown as escapes; rename.",
        ),
        (renamed.shortened, notes.warn, "had a very long name, which was cut; rename in the file."),
        (
            renamed.near_duplicates,
            notes.warn,
            "have names that differ only in case, spaces or writing; check which is meant.",
        ),
        (renamed.trimmed, notes.note, "had spaces around the name, which were trimmed."),
    ):
        if names:
            named, where = notes.columns(names)
            level(f"{named} {says}", where)


def remark_left(notes: Notes, left: Sequence[UnreadColumn]) -> None:
    """Say which columns cannot be audited."""
    for why in dict.fromkeys(one.why for one in left):
        named, where = notes.columns([one.name for one in left if one.why == why])
        notes.warn(f"{named} left out: {why}", where)
