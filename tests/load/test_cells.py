"""What cells are read as: numbers, dates, true and false, missing, text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from audit.load.table import Field, Stored, Table
from tests.load.conftest import Reader, column, said, warned


@pytest.fixture
def cells(read: Reader):
    """Loads a file with a column "x" of these cells, each repeated, beside a plain column."""

    def load_cells(values: Sequence[str], times: int = 10, **given: object) -> Table:
        lines = [f'{n},"{value}"\n' for n, value in enumerate(values * times)]
        return read("n,x\n" + "".join(lines), **given)

    return load_cells


def field(table: Table) -> Field:
    return table.fields[1]


@pytest.mark.parametrize(
    ("values", "stored", "first"),
    [
        (["1", "-2", "+3"], Stored.INTEGER, [1, -2, 3]),
        (["1.0", "2.0"], Stored.INTEGER, [1, 2]),
        (["1.5", ".5", "2."], Stored.NUMBER, [1.5, 0.5, 2.0]),
        (["1e3", "2.5e-2"], Stored.NUMBER, [1000.0, 0.025]),
        (["9223372036854775807", "1"], Stored.INTEGER, [9223372036854775807, 1]),
        (["True", "false"], Stored.BOOLEAN, [True, False]),
        (["yes", "no"], Stored.TEXT, ["yes", "no"]),
        (["2024-01-31", "2024-02-01"], Stored.DATE, [datetime(2024, 1, 31), datetime(2024, 2, 1)]),
        (["10:30", "24:00"], Stored.TEXT, ["10:30", "24:00"]),
        (["+49 30 123456", "(030) 123-456"], Stored.TEXT, ["+49 30 123456", "(030) 123-456"]),
        (["1.2.3", "1.10.0"], Stored.TEXT, ["1.2.3", "1.10.0"]),
        (["0x1F", "1_000"], Stored.TEXT, ["0x1F", "1_000"]),
    ],
)
def test_plain_cells_are_read_without_a_word(cells, values, stored, first) -> None:
    table = cells(values)
    assert (field(table).stored, column(table, "x")[: len(first)], said(table)) == (stored, first, [])


def test_how_numbers_were_written_is_counted(cells) -> None:
    found = field(cells(["1", "2.0", "3.5"]))
    assert (found.integer_written, found.decimal_written, found.distinct) == (10, 20, 3)


@pytest.mark.parametrize(
    ("values", "numbers", "reading"),
    [
        (["1,234.5", "1,234,567.25"], [1234.5, 1234567.25], "thousands comma"),
        (["1 234,50", "12,25"], [1234.5, 12.25], "decimal comma, thousands space"),
        (["1\u202f234,5", "7,5"], [1234.5, 7.5], "decimal comma, thousands space"),
        (["12.5%", "3 %"], [12.5, 3.0], "percent"),
        (["$1,200.50", "€ 3", "5 USD"], [1200.5, 3.0, 5.0], "thousands comma, currency"),
        (["\u22125", "7-", "3"], [-5, -7, 3], "unicode or trailing minus"),
        (["\uff11\uff12", "\u0663\u0664"], [12, 34], "other digits"),
    ],
)
def test_numbers_written_otherwise_are_read_and_said(cells, values, numbers, reading) -> None:
    table = cells(values)
    assert column(table, "x")[: len(numbers)] == numbers
    assert field(table).reading == reading
    assert warned(table) == [
        f"real.csv: column 'x' holds numbers as text, read as {reading}; check one number of it."
    ]


def test_a_comma_that_could_be_either_is_said(cells) -> None:
    table = cells(["1,234", "5,678"])
    assert column(table, "x")[:2] == [1234, 5678]
    assert warned(table) == [
        "real.csv: column 'x' could be thousands or decimals; the comma is read as thousands comma, so check the number."
    ]


def test_a_few_cells_that_are_no_numbers_are_counted_and_many_make_text(cells) -> None:
    table = cells(["1", "2", "3"] * 13 + ["n.b."], times=1)
    assert (field(table).stored, field(table).unparsed, field(table).missing) == (Stored.INTEGER, 1, 1)
    assert warned(table) == [
        "real.csv: column 'x' holds 1 cell that are not numbers, read as missing; check its type and mixed content."
    ]
    assert field(cells(["1", "2", "n.b."])).stored is Stored.TEXT


@pytest.mark.parametrize("digits", ["18446744073709551615", "12345678901234567890"])
def test_integers_beyond_64_bit_stay_apart_as_text(cells, digits: str) -> None:
    table = cells([digits, digits[:-1] + "4"])
    assert column(table, "x")[:2] == [digits, digits[:-1] + "4"]
    assert said(table) == ["note: real.csv: column 'x' has whole numbers beyond 64 bit, kept as text."]


def test_leading_zeros_stay(cells) -> None:
    table = cells(["01234", "1234"])
    assert (column(table, "x")[:2], field(table).leading_zeros) == (["01234", "1234"], 10)
    assert said(table) == ["note: real.csv: column 'x' has digits with leading zeros, kept as text codes."]


def test_infinities_are_counted_and_missing(cells) -> None:
    table = cells(["1.5", "inf", "-Infinity", "1e400"])
    assert (field(table).nonfinite, field(table).missing, column(table, "x")[:2]) == (30, 30, [1.5, None])
    assert warned(table) == [
        "real.csv: column 'x' holds 30 infinite or overflowing numbers, read as missing; check what wrote them."
    ]


def test_missing_spellings_are_listed(cells) -> None:
    table = cells(["1", "2", "", "NA"])
    assert field(table).missing_spellings == {"": 10, "NA": 10}
    assert field(table).missing == 20
    assert said(table) == ["note: real.csv: column 'x': 10 cells (NA) read as missing."]
    mixed = cells(["1", "2", "NA", "-", "null"])
    assert warned(mixed) == [
        "real.csv: column 'x': 30 cells (-, NA, null) read as missing; "
        "check them, and placeholders such as 999."
    ]


def test_words_that_could_be_values_stay_among_words(cells) -> None:
    table = cells(["DE", "NA", "FR", ""])
    assert column(table, "x")[:4] == ["DE", "NA", "FR", None]
    assert warned(table) == [
        "real.csv: column 'x' holds 10 cells written NA, kept as text; if they mean missing, empty them."
    ]
    asked = cells(["Private", "?", "Public"])
    assert (column(asked, "x")[1], warned(asked)) == ("?", [])


def test_cells_of_blanks_are_missing_and_said(cells) -> None:
    table = cells(["a", "  ", "\u3000", ""])
    assert (column(table, "x")[:4], field(table).missing) == (["a", None, None, None], 30)
    assert warned(table) == [
        "real.csv: column 'x' holds 20 cells of only blanks (spaces), read as missing; check that they mean that."
    ]


def test_text_is_kept_as_written(cells) -> None:
    table = cells([" a", "A", "a"])
    assert (column(table, "x")[:3], field(table).distinct, said(table)) == ([" a", "A", "a"], 3, [])
    assert (field(table).shortest, field(table).longest) == (1, 2)


@pytest.mark.parametrize(
    ("values", "reading", "first"),
    [
        (["31.01.2024", "01.02.2024"], "%d.%m.%Y", datetime(2024, 1, 31)),
        (["31/01/2024", "01/02/2024"], "%d/%m/%Y", datetime(2024, 1, 31)),
        (["01/31/2024", "02/01/2024"], "%m/%d/%Y", datetime(2024, 1, 31)),
        (["31 Jan 2024", "1 Feb 2024"], "%d %b %Y", datetime(2024, 1, 31)),
        (["Jan 31, 2024", "Feb 1, 2024"], "%b %d, %Y", datetime(2024, 1, 31)),
        (["2024/01/31 10:30", "2024/02/01 00:00"], "%Y/%m/%d %H:%M", datetime(2024, 1, 31, 10, 30)),
    ],
)
def test_dates_in_other_formats_are_read_and_said(cells, values, reading, first) -> None:
    table = cells(values)
    assert (field(table).stored, field(table).reading, column(table, "x")[0]) == (Stored.DATE, reading, first)
    assert said(table) == [f"note: real.csv: column 'x' is read as dates in the format {reading}."]


def test_day_or_month_first_is_asked_unless_the_real_table_knows(cells) -> None:
    table = cells(["03/04/2024", "05/06/2024"])
    assert column(table, "x")[0] == datetime(2024, 4, 3)
    assert warned(table) == [
        "real.csv: column 'x' could be read day or month first; the date format is taken as %d/%m/%Y, so check it."
    ]
    helped = cells(["03/04/2024", "05/06/2024"], known={"x": "%m/%d/%Y"})
    assert (column(helped, "x")[0], warned(helped)) == (datetime(2024, 3, 4), [])


def test_years_of_two_digits_say_the_century(cells) -> None:
    table = cells(["31.01.24", "01.02.69"])
    assert column(table, "x")[:2] == [datetime(2024, 1, 31), datetime(1969, 2, 1)]
    assert warned(table) == [
        "real.csv: column 'x' writes dates with years of two digits; 69 to 99 are taken as 19xx, "
        "format %d.%m.%y, so check it."
    ]


def test_time_zones_become_utc(cells) -> None:
    table = cells(["2024-01-31T10:00:00+02:00", "2024-01-31T10:00:00Z"])
    assert column(table, "x")[:2] == [datetime(2024, 1, 31, 8), datetime(2024, 1, 31, 10)]
    assert said(table) == ["note: real.csv: column 'x' has a time zone; its dates are turned to UTC."]
    mixed = cells(["2024-01-31 10:00:00 Europe/Berlin", "2024-01-31 10:00:00"])
    assert column(mixed, "x")[:2] == [datetime(2024, 1, 31, 9), datetime(2024, 1, 31, 10)]
    assert warned(mixed) == [
        "real.csv: column 'x' mixes dates with and without time zone (10 without); all are taken as UTC, so check them."
    ]


def test_days_that_do_not_exist_are_counted(cells) -> None:
    table = cells([f"2024-01-{day:02}" for day in range(1, 30)] + ["2024-02-30"], times=1)
    assert (field(table).stored, field(table).unparsed) == (Stored.DATE, 1)
    assert warned(table) == [
        "real.csv: column 'x' holds 1 invalid dates, days that do not exist; check what wrote them."
    ]


def test_far_dates_do_not_overflow(cells) -> None:
    table = cells(["0001-01-01", "9999-12-31", "1677-01-01"])
    assert column(table, "x")[:2] == [datetime(1, 1, 1), datetime(9999, 12, 31)]
    assert said(table) == [
        "note: real.csv: column 'x' holds dates before 1700 or after 2262, maybe placeholders."
    ]


def test_mixed_columns_stay_text_and_are_said(cells) -> None:
    assert warned(cells(["12", "twelve", "2024-01-12", "{}"])) == [
        "real.csv: column 'x' mixes types: 10 cells are numbers, others text or dates; it is kept as text, so check it."
    ]
    assert warned(cells(["2024-01-31", "31.01.2024", "Jan 31, 2024"])) == [
        "real.csv: column 'x' mixes date formats: 30 cells are dates, no format fits all; kept as text, so unify them."
    ]
    assert warned(cells(["true", "FALSE", "Yes", "n", "1", "0", "on"])) == [
        "real.csv: column 'x' writes yes and no (boolean) in mixed ways in 70 cells; kept as text, so unify the spellings."
    ]
    assert said(cells(["1", "2", "3+"])) == []


def test_the_content_hash_ignores_the_order_of_rows_only(read: Reader) -> None:
    one = read("a,b\n1,x\n2,y\n3,z\n").facts.content_hash
    assert read("a,b\n3,z\n1,x\n2,y\n").facts.content_hash == one
    assert read("a,b\n1,x\n2,y\n3,y\n").facts.content_hash != one
    assert read("a,b\n1,x\n2,y\n3,z\n3,z\n").facts.content_hash != one
