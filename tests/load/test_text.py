"""Delimited text: what is guessed about it, and what is said of the guess."""

from __future__ import annotations

import pytest

from audit.errors import InputError
from audit.load.table import Stored
from tests.load.conftest import Reader, column, rows, said, warned

PLAIN = "id,city,pay\n" + "".join(f"{n},{'Rome' if n % 2 else 'Oslo'},{n}.5\n" for n in range(1, 41))


def test_a_clean_file_is_read_without_a_word(read: Reader) -> None:
    table = read(PLAIN)
    assert said(table) == []
    assert [(f.name, f.stored, f.distinct) for f in table.fields] == [
        ("id", Stored.INTEGER, 40),
        ("city", Stored.TEXT, 2),
        ("pay", Stored.NUMBER, 40),
    ]
    assert rows(table)[0] == (1, "Rome", 1.5)
    assert table.facts.rows == 40
    assert table.facts.assumed == {
        "encoding": "utf-8",
        "delimiter": ",",
        "quote": '"',
        "header": True,
        "skipped_lines": 0,
    }


@pytest.mark.parametrize("separator", [";", "\t", "|", "~"])
def test_the_separator_is_found(read: Reader, separator: str) -> None:
    table = read(PLAIN.replace(",", separator))
    assert (said(table), table.facts.assumed["delimiter"], len(table.fields)) == ([], separator, 3)


def test_a_separator_of_two_characters_is_said(read: Reader) -> None:
    table = read(PLAIN.replace(",", "||"))
    assert len(table.fields) == 3
    assert said(table) == [
        "warning: real.csv: the separator is taken as ||, which is unusual; check the columns."
    ]


def test_a_decimal_comma_is_read_as_a_number(read: Reader) -> None:
    table = read(PLAIN.replace(",", ";").replace(".", ","))
    assert column(table, "pay")[:2] == [1.5, 2.5]
    assert said(table) == ["note: real.csv: column 'pay' is read with a decimal comma."]
    assert table.fields[2].reading == "decimal comma"


def test_quoted_cells_may_hold_separators_quotes_and_line_ends(read: Reader) -> None:
    body = "a,b\n" + '1,"x, ""y""\nz"\n2,w\n' * 5
    table = read(body)
    assert column(table, "b")[:2] == ['x, "y"\nz', "w"]
    assert said(table) == []


def test_single_quotes_and_backslashes_are_said(read: Reader) -> None:
    single = read("a,b\n" + "1,'x, y'\n2,'z, w'\n" * 10)
    assert column(single, "b")[:2] == ["x, y", "z, w"]
    assert (
        "real.csv: the quote character is taken as ' (single quote); check a column that holds text."
        in warned(single)
    )
    escaped = read("a,b\n" + '1,"say \\"hi\\", ok"\n2,"no"\n' * 10)
    assert column(escaped, "b")[:2] == ['say "hi", ok', "no"]
    assert warned(escaped) == [
        "real.csv: quotes inside cells are escaped by a backslash; check a column that holds quotes."
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_leave_no_trace(read: Reader, end: str) -> None:
    table = read(PLAIN.replace("\n", end))
    assert (said(table), rows(table)[39]) == ([], (40, "Oslo", 40.5))


def test_the_last_line_needs_no_end_and_blank_lines_are_nothing(read: Reader) -> None:
    assert read(PLAIN.rstrip("\n")).facts.rows == 40
    assert read(PLAIN.replace("\n", "\n\n")).facts.rows == 40


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8-sig", "utf-8 with byte order mark"), ("utf-16", "utf-16"), ("utf-32", "utf-32")],
)
def test_marked_encodings_are_read_without_a_word(read: Reader, encoding: str, name: str) -> None:
    table = read(PLAIN.replace("Rome", "Zürich").encode(encoding))
    assert column(table, "city")[0] == "Zürich"
    assert (said(table), table.facts.assumed["encoding"]) == ([], name)


@pytest.mark.parametrize(("encoding", "word"), [("cp1252", "São Paulo “€”"), ("gb18030", "上海市和北京市")])
def test_a_guessed_encoding_is_said(read: Reader, encoding: str, word: str) -> None:
    table = read(PLAIN.replace("Rome", word).encode(encoding))
    assert column(table, "city")[0] == word
    assert said(table) == [
        f"warning: real.csv: the encoding is not UTF-8 and is taken as {encoding}; "
        "check characters with accents, or save as UTF-8."
    ]


def test_utf16_without_mark_is_guessed_and_nul_bytes_never_become_text(read: Reader) -> None:
    table = read(PLAIN.encode("utf-16-le"))
    assert rows(table)[39] == (40, "Oslo", 40.5)
    assert said(table) == [
        "warning: real.csv: the encoding is taken as utf-16-le, a guess without a byte order mark; check the text."
    ]
    padded = read(PLAIN.encode() + b"\0" * 5000)
    assert padded.facts.rows == 40
    assert said(padded) == [
        "warning: real.csv: 5,000 trailing NUL bytes after the last row ignored; check what wrote it."
    ]


def test_mixed_encodings_name_the_first_line_and_count_the_damage(read: Reader) -> None:
    lines = PLAIN.replace("Rome", "Zürich").encode().splitlines(keepends=True)
    lines[3] = lines[3].decode().encode("cp1252")
    table = read(b"".join(lines))
    assert warned(table) == [
        "real.csv: line 4 and others are not UTF-8 although the encoding is; characters were replaced, so save it again.",
        "real.csv: 1 character that could not be decoded replaced; save the file as UTF-8.",
    ]


def test_an_encoding_can_be_given(read: Reader) -> None:
    table = read(PLAIN.replace("Rome", "Łódź").encode("cp1250"), given={"encoding": "cp1250"})
    assert (column(table, "city")[0], said(table)) == ("Łódź", [])


def test_sep_line_comments_and_preamble_are_left_out_and_said(read: Reader) -> None:
    assert said(read("sep=;\n" + PLAIN.replace(",", ";"))) == [
        "note: real.csv: the first line sep= gives the separator and was used."
    ]
    commented = read("# made by x\n# on a day\n" + PLAIN + "# end\n")
    assert commented.facts.rows == 40
    assert said(commented) == [
        "warning: real.csv: 3 comment lines starting with # skipped; check that they are no data."
    ]
    titled = read("A report\nof 2024\n" + PLAIN)
    assert titled.facts.rows == 40
    assert said(titled) == [
        "warning: real.csv: 2 lines above the header skipped; check that the names are right."
    ]


def test_a_missing_header_is_noticed_and_no_value_becomes_a_name(read: Reader) -> None:
    table = read(PLAIN.partition("\n")[2])
    assert ([f.name for f in table.fields], table.facts.rows) == (["column_1", "column_2", "column_3"], 40)
    assert said(table) == [
        "warning: real.csv: the first row is data and no header, so columns are named column_1 and on; add names."
    ]


def test_years_and_positions_as_names_are_a_header(read: Reader) -> None:
    table = read("land,1990,1991,1992\n" + "France,1.5,2,3\nItaly,1,2,3.5\n" * 5)
    assert [f.name for f in table.fields] == ["land", "1990", "1991", "1992"]
    assert [f.name for f in read("0,1,2\n" + "3,4,5\n7,7,9\n" * 5).fields] == ["0", "1", "2"]


def test_a_repeated_header_and_a_total_are_pointed_out(read: Reader) -> None:
    lines = PLAIN.splitlines(keepends=True)
    table = read("".join([*lines[:21], lines[0], *lines[21:]]))
    assert (table.facts.rows, table.fields[0].stored) == (40, Stored.INTEGER)
    assert said(table) == [
        "warning: real.csv: the header is repeated as a row 1 time, first row 21; it was left out, so check the file."
    ]
    assert warned(read(PLAIN + "Total,,820\n"))[0] == (
        "real.csv: the last row looks like a total or footer and is kept as data; delete it from the file."
    )


def test_ragged_rows_are_counted_with_the_first_line(read: Reader) -> None:
    lines = PLAIN.splitlines(keepends=True)
    short = read("".join([*lines[:10], "10,Rome\n", "11,Rome\n", *lines[12:]]))
    assert short.facts.rows == 40
    assert said(short) == [
        "warning: real.csv: 2 rows with fewer cells than the header, first about line 11; "
        "what is absent counts as missing."
    ]
    long = read("".join([*lines[:10], "10,Rome,1.5,9\n", *lines[11:]]))
    assert long.facts.rows == 39
    assert said(long) == [
        "warning: real.csv: 1 row with more cells than the header left out, first line 11; mend them."
    ]
    cut = read(PLAIN.rstrip("\n").removesuffix(",40.5"))
    assert said(cut) == [
        "warning: real.csv: the last row, line 41, is incomplete: the file may be cut off; fetch it again."
    ]


def test_an_open_quote_costs_no_more_rows_than_it_must(read: Reader) -> None:
    lines = PLAIN.splitlines(keepends=True)
    table = read("".join([*lines[:5], '5,"Rome,1.5\n', *lines[6:]]))
    assert (table.facts.rows, column(table, "city")[4]) == (40, '"Rome')
    assert warned(table)[0] == (
        "real.csv: line 6 opens a quote that never ends; quotes are kept as plain characters, so mend it."
    )
    quoted = [line.replace("Rome", '"Rome, IT"') for line in lines]
    table = read("".join([*quoted[:36], '36,"Oslo,1.5\n', *quoted[37:]]))
    assert table.facts.rows == 38
    assert warned(table) == [
        "real.csv: 1 row with a broken quote left out and 1 line after it, first line 37; mend them."
    ]


def test_rows_with_one_cell_more_than_names_line_up(read: Reader) -> None:
    table = read("id,city\n" + "".join(f"{n},{n + 1},Rome\n" for n in range(10)))
    assert [f.name for f in table.fields] == ["row_names", "id", "city"]
    assert column(table, "id")[:2] == [1, 2]
    trailing = read("id,city,\n" + "".join(f"{n},Rome,\n" for n in range(10)))
    assert [f.name for f in trailing.fields] == ["id", "city"]
    assert said(trailing) == [
        "warning: real.csv: lines end with a trailing separator; the empty last column without a name was dropped."
    ]


def test_lines_quoted_as_a_whole_are_unwrapped(read: Reader) -> None:
    table = read("".join(f'"{line}"\n' for line in PLAIN.splitlines()))
    assert rows(table)[0] == (1, "Rome", 1.5)
    assert said(table) == [
        "warning: real.csv: every line is quoted as one column; the quotes were removed, so check the columns."
    ]


def test_one_column_is_a_table_and_prose_is_not(read: Reader) -> None:
    assert column(read("n\n1\n2\n3\n"), "n") == [1, 2, 3]
    with pytest.raises(InputError) as refused:
        read("Dear all,\nplease find the data in the other place as we said\n" * 5)
    assert str(refused.value).startswith("real.csv: ")


def test_names_become_unique_and_visible(read: Reader) -> None:
    table = read("a,a, b ,,x\u202ey\n" + "1,2,3,4,5\n" * 3)
    assert [f.name for f in table.fields] == ["a", "a (2)", "b", "(unnamed 4)", "x\\u202ey"]
    assert said(table)[:4] == [
        "warning: real.csv: column '(unnamed 4)' had no name (empty or invisible) and got one; name them in the file.",
        "warning: real.csv: column 'a (2)' had the same name as another column and got a number; rename in the file.",
        "warning: real.csv: column 'x\\u202ey' had control or invisible characters in the name, "
        "now shown as escapes; rename.",
        "note: real.csv: column 'b' had spaces around the name, which were trimmed.",
    ]


def test_the_file_is_not_changed_and_names_with_glob_signs_are_files(read: Reader) -> None:
    assert read(PLAIN, name="da*ta[1]?.csv").facts.rows == 40
