"""Personal data in the synthetic table, and those of real people among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

import duckdb
import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.case.check import Outcome, Skip, check
from audit.checks.privacy._shared.attack_setup import fresh_holdout
from audit.checks.privacy._shared.pii_patterns import (
    FORMS,
    PiiPattern,
    checksum_counts,
    matches_pattern,
    name_matches,
)
from audit.checks.privacy._shared.unique_values import (
    Reidentified,
    ValueHolders,
    reidentification_excess,
    reidentify,
)
from audit.model import Attack, Better, Column, Family, Kind, Measure, Rows, Scale, Unit
from audit.stats.inference.intervals import wilson
from audit.stats.inference.p_values import difference_p

_MAX_EXAMINED = 20_000  # different values of a column and table that are tried against every form
_MIN_VALUES = 5  # different values of a form below which it is not told
_MOSTLY = 0.5  # of the different values: above, the column holds this and nothing else
_RIGHT = 0.8  # of them with right check digits; one in ten or fewer is right by chance
_NONE = 0.001  # share of real cells below which the real column holds none
_COMMON = 0.002  # share of fresh people whose values come back by chance, above which it is told apart
_EXAMPLES = 50
_MIN_NUMBERS, _LONG, _EXACT = 100, 1e6, 2.0**53  # whole numbers of seven digits and more, held exactly


@dataclass(frozen=True, slots=True)
class _Found:
    """A column and what it holds; `whole` where its cells are one form and nothing else."""

    column: Column
    forms: tuple[PiiPattern, ...]
    whole: bool

    @property
    def words(self) -> str:
        """What it holds."""
        return " and ".join(form.words for form in self.forms)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Who holds which of them in a table, and in how many of the filled cells."""

    held: ValueHolders
    cells: int
    filled: int

    @property
    def share(self) -> float:
        """Of the filled cells."""
        return self.cells / max(self.filled, 1)


@check(
    id="personal_data",
    title="Personal data",
    known_as="PII leakage",
    attack=Attack(
        "whose e-mail address, phone, account or national number it is.",
        "people of the holdout, whose own ones can come back by chance only.",
        "the share of fresh people met so.",
    ),
    family=Family.PRIVACY,
    question="Do e-mail addresses, phone, account or national numbers of real people stand in the synthetic table?",
    scale=Scale(Unit.SHARE, "share of people", Better.LOWER, -1.0, 1.0),
    next_step="Do not share the column: drop it or fill it with made-up values after generating, and audit again.",
)
def personal_data(case: Case) -> Outcome:
    """Share of people whose own contact or identity number comes back.

    Text, identifier and category columns, and long whole numbers, are searched for e-mail and
    IP addresses, UUIDs, IBANs, payment cards, phone numbers and national numbers (Belgium, Brazil,
    Britain, Finland, France, Italy, the Netherlands, Poland, Spain, Sweden, United States), where there are check
    digits at least 80% of which must be right. Names of people, and numbers without a form of their own,
    are told only where the column's name says so; addresses of houses are not looked for. For each
    column the number is the share of people in the real table with a value that nobody else, in
    the real table and the holdout, holds, and that occurs in the synthetic column; less the same share of people in the
    holdout, whom nobody can have copied. Case, spaces and punctuation are left aside. 0 is no more than
    chance. Without a holdout chance is put high, from values that two people share. Where chance
    alone brings many back (`common`, as with surnames), only what is beyond it is judged.

    `cells` is the share of filled cells that look like it, beside the real share; judged
    only where the real column has none. What a column holds is learned from up to 20,000 different
    values of each table, those with an @ first; all rows are counted. Missing cells are no value. No value is
    ever shown. It cannot see data of other forms, or values changed by a letter.

    Source: ISO 13616-1, ISO/IEC 7812-1 and national rules (check digits); RFC 6531 (e-mail); ITU-T
    E.164 by way of libphonenumber; Newcombe (1998), Statistics in Medicine 17, 873-890; Good
    (1953), Biometrika 40, 237-264 (chance without a holdout).
    """
    holdout = None if case.holdout is None else fresh_holdout(case)
    found = [one for column in _searched(case) if (one := _found(case, column)).forms]
    if not found:
        raise Skip(
            "No text, identifier or category column holds e-mail or IP addresses, phone, account, card or national numbers.",
            "Names of people are looked for only in columns that are named so, such as surname.",
        )
    measures = [measure for one in found for measure in _measures(case, holdout, one, len(found))]
    measures.sort(key=lambda measure: measure.name == "cells")  # what is judged comes first
    return Outcome(tuple(measures), {"columns": float(len({one.column.name for one in found}))})


def _searched(case: Case) -> Iterator[Column]:
    for column in case.columns:
        if column.kind in (Kind.TEXT, Kind.KEY, Kind.CATEGORY):
            yield column
        elif column.kind is Kind.NUMBER:
            values = case.real.value_counts(column.name).values.astype(np.float64)
            long = values[np.abs(values) >= _LONG]
            if 2 * len(long) > len(values) and len(values) >= _MIN_NUMBERS and _whole(long):
                yield column


def _whole(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    return bool((values == np.trunc(values)).all() and (values < _EXACT).all() and (values > 0).all())


def _found(case: Case, column: Column) -> _Found:
    """What a column holds: one form if its cells are nothing else, else those within its texts."""
    samples = [_sample(case, part, column) for part in (case.real, case.synthetic)]
    for form in FORMS:
        if any(_is_mostly(form, texts, column.name) for texts in samples):
            return _Found(column, (form,), whole=True)
    looked = FORMS if column.kind is not Kind.NUMBER else ()
    within = (form for form in looked if form.within and any(_is_within(case, form, t) for t in samples))
    return _Found(column, tuple(within), whole=False)


def _is_mostly(form: PiiPattern, texts: pa.Array, name: str) -> bool:
    named = name_matches(form, name)
    if not (named or form.scheme or form.within):
        return False
    looks = matches_pattern(form, texts)
    if looks.sum() < max(_MIN_VALUES, _MOSTLY * len(texts)):
        return False
    return named or _is_right(form, texts.filter(pa.array(looks)))


def _is_right(form: PiiPattern, texts: pa.Array) -> bool:
    tested, right = checksum_counts(form, texts)
    return right >= max(_MIN_VALUES, _RIGHT * tested)


def _is_within(case: Case, form: PiiPattern, texts: pa.Array) -> bool:
    chosen = texts.filter(pc.match_substring_regex(texts, form.pattern))
    if not len(chosen):
        return False
    cells = case.connection.from_arrow(pa.table({"x": chosen}))
    hits = cells.project(f"unnest({_all_hits('x', form)}) AS hit").distinct().to_arrow_table()
    return hits.num_rows >= _MIN_VALUES and _is_right(form, hits.column(0).combine_chunks())


def _sample(case: Case, part: CaseTable, column: Column) -> pa.Array:
    """Different values of a column as text; where there are many, in an order that their content sets."""
    if part.field(column.name).distinct <= _MAX_EXAMINED and column.kind is not Kind.NUMBER:
        return pa.array(part.value_counts(column.name).values, type=pa.string())
    cells = nw.to_native(part.frame).project(f"{_cell(case, column)} AS x").filter("x IS NOT NULL").distinct()
    chosen = cells.order("contains(x, '@') DESC, hash(x)").limit(_MAX_EXAMINED)
    return chosen.to_arrow_table().column(0).combine_chunks()


def _cell(case: Case, column: Column) -> str:
    key = case.key(column.name)
    if column.kind is not Kind.NUMBER:
        return key
    # A number of seven digits or more is written without a point, whatever it was stored as.
    return f"CASE WHEN {key} = trunc({key}) AND abs({key}) < {_EXACT} THEN CAST(CAST({key} AS BIGINT) AS VARCHAR) END"


def _cells(case: Case, part: CaseTable, one: _Found) -> _Cells:
    """All rows, in the engine."""
    cell, relation = _cell(case, one.column), nw.to_native(part.frame)
    found = reduce(
        lambda left, right: left.union(right),
        (_hits(relation, cell, form, whole=one.whole) for form in one.forms),
    )
    table = (found if one.whole else found.distinct()).to_arrow_table()
    rows = table.column(0).to_numpy().astype(np.int64) - 1
    filled = relation.aggregate(f"count({cell}) AS filled").to_arrow_table().column(0)[0].as_py()
    held = ValueHolders(rows, table.column(1).to_numpy().astype(np.uint64), part.rows)
    return _Cells(held, int(np.count_nonzero(np.bincount(rows, minlength=1))), int(filled))


def _hits(
    relation: duckdb.DuckDBPyRelation, cell: str, form: PiiPattern, *, whole: bool
) -> duckdb.DuckDBPyRelation:
    """What is found, by row, as a number that does not depend on how it is spelled."""
    if whole:
        looks = f"regexp_full_match({cell}, $$\\s*(?:{form.pattern})\\s*$$, 'i')"
        found = relation.filter(looks).project(f"row, {cell} AS hit")
    else:
        found = relation.project(f"row, unnest({_all_hits(cell, form)}) AS hit")
    plain = f"lower(regexp_replace(nfc_normalize(hit), $${form.dropped}$$, '', 'g'))"
    return found.project(f"row, hash({plain}) AS key")


def _all_hits(cell: str, form: PiiPattern) -> str:
    return f"regexp_extract_all({cell}, $${form.pattern}$$)"


def _measures(case: Case, holdout: CaseTable | None, one: _Found, comparisons: int) -> Iterator[Measure]:
    parts = (case.real, case.synthetic) if holdout is None else (case.real, case.synthetic, holdout)
    real, synthetic, *fresh = (_cells(case, part, one) for part in parts)
    people = reidentify(real.held, synthetic.held, fresh[0].held if fresh else None)
    beyond = reidentification_excess(people)
    name, what = one.column.name, one.words
    places = np.flatnonzero(people.synthetic) + 1
    main = Measure(
        value=beyond.value,
        about=(name,),
        low=beyond.low,
        high=beyond.high,
        baseline=0.0,
        n=case.synthetic.rows,
        sentence=f"{name} holds {what}: {people.inside.sum():,} of {len(people.inside):,} people in the real table have one that nobody else "
        f"has and that occurs in the synthetic table; {beyond.control}.",
        rows=Rows(len(places), tuple(int(p) for p in places[:_EXAMPLES])) if len(places) else None,
        p_value=beyond.p_value,
    )
    common = people.outside is not None and float(people.outside.mean()) > _COMMON
    yield _one_of_many(main, people, comparisons) if common else main
    low, high = wilson(synthetic.cells, max(synthetic.filled, 1))
    cells = Measure(
        value=synthetic.share,
        about=(name,),
        name="cells",
        low=low,
        high=high,
        baseline=real.share,
        n=case.synthetic.rows,
        sentence=f"{synthetic.share:.1%} of the filled cells of {name} hold what looks like {what}, against {real.share:.1%} in the real table.",
        next_step="Find out where they come from: the real column holds none. A language model may have learned them elsewhere.",
    )
    # What real cells hold as well, synthetic ones may: then it is only shown.
    yield cells if real.share < _NONE else replace(cells, descriptive=True)


def _one_of_many(measure: Measure, people: Reidentified, comparisons: int) -> Measure:
    """What chance alone brings back, one such column of many."""
    outside = people.inside[:0] if people.outside is None else people.outside
    counts = int(people.inside.sum()), len(people.inside), int(outside.sum()), max(len(outside), 1)
    return replace(measure, name="common", p_value=difference_p(*counts), comparisons=comparisons)
