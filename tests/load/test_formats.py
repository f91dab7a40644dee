"""Every format gives the same table, and says what it had to leave out."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import zstandard

from audit import file_formats
from audit.errors import InputError
from audit.load.table import Stored
from tests.load.conftest import Reader, column, rows, said, warned

RECORDS = [
    {"id": n, "city": "Rome" if n % 2 else "Oslo", "pay": n + 0.5, "ok": n % 3 == 0} for n in range(1, 31)
]
CSV = "id,city,pay,ok\n" + "".join(f"{r['id']},{r['city']},{r['pay']},{r['ok']}\n" for r in RECORDS)
ARROW = pa.Table.from_pylist(RECORDS)


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members:
            archive.writestr(name, body)
    return buffer.getvalue()


def sheet(lines: list[list[str]], **more: list[list[str]]) -> bytes:
    """A small workbook of inline texts; numbers as numbers; "=" as a formula without a value."""
    names = ["data", *more]
    body = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    links = "".join(
        f'<Relationship Id="r{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(names) + 1)
    )
    parts = [
        ("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>'),
        (
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        ),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{body}</sheets></workbook>',
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{links}</Relationships>',
        ),
    ]
    for n, cells in enumerate([lines, *more.values()], start=1):
        parts.append((f"xl/worksheets/sheet{n}.xml", _sheet_xml(main, cells)))
    return zipped(*[(name, text.encode()) for name, text in parts])


def _sheet_xml(main: str, lines: list[list[str]]) -> str:
    xml = []
    for r, line in enumerate(lines, start=1):
        cells = "".join(_cell_xml(f"{chr(65 + c)}{r}", cell) for c, cell in enumerate(line) if cell)
        xml.append(f'<row r="{r}">{cells}</row>')
    return f'<worksheet xmlns="{main}"><sheetData>{"".join(xml)}</sheetData></worksheet>'


def _cell_xml(place: str, cell: str) -> str:
    if cell == "=":
        return f'<c r="{place}"><f>1+1</f></c>'
    if cell.replace(".", "").isdigit():
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>'


LINES = [line.split(",") for line in CSV.splitlines()]


def _feather(**options: Any) -> bytes:
    buffer = io.BytesIO()
    feather.write_feather(ARROW, buffer, **options)
    return buffer.getvalue()


def _stream() -> bytes:
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, ARROW.schema) as writer:
        writer.write_table(ARROW)
    return buffer.getvalue()


def _columns(by_row: bool) -> str:
    names = list(RECORDS[0])
    if by_row:
        return json.dumps({n: {str(i): r[n] for i, r in enumerate(RECORDS)} for n in names})
    return json.dumps({n: [r[n] for r in RECORDS] for n in names})


FORMATS = {
    "csv": (CSV.encode(), "csv"),
    "gz": (gzip.compress(CSV.encode()), "csv.gz"),
    "gz of two members": (gzip.compress(CSV[:300].encode()) + gzip.compress(CSV[300:].encode()), "csv.gz"),
    "zst": (zstandard.compress(CSV.encode()), "csv.zst"),
    "zip": (zipped(("a/t.csv", CSV.encode()), ("readme.txt", b"hello")), "csv.zip"),
    "parquet": (parquet(ARROW), "parquet"),
    "parquet without dictionaries": (
        parquet(ARROW, use_dictionary=False, column_encoding={"city": "DELTA_BYTE_ARRAY"}),
        "parquet",
    ),
    "parquet gz": (gzip.compress(parquet(ARROW)), "parquet.gz"),
    "feather": (_feather(), "arrow"),
    "feather packed": (_feather(compression="zstd"), "arrow"),
    "stream": (_stream(), "arrow stream"),
    "records": (json.dumps(RECORDS, indent=1).encode(), "json"),
    "ndjson": ("\n".join(map(json.dumps, RECORDS)).encode(), "ndjson"),
    "columns": (_columns(by_row=False).encode(), "json"),
    "pandas columns": (_columns(by_row=True).encode(), "json"),
    "records under a name": (json.dumps({"data": RECORDS}).encode(), "json"),
    "xlsx": (sheet(LINES), "xlsx"),
    "xlsx in zip": (zipped(("t.xlsx", sheet(LINES))), "xlsx.zip"),
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_table(read: Reader, form: str) -> None:
    body, name = FORMATS[form]
    table = read(body, name="misleading.dat")
    assert said(table) == []
    assert rows(table)[0] == (1, "Rome", 1.5, False)
    assert [field.stored for field in table.fields] == [
        Stored.INTEGER,
        Stored.TEXT,
        Stored.NUMBER,
        Stored.BOOLEAN,
    ]
    assert (table.facts.rows, table.facts.format, table.facts.bytes) == (30, name, len(body))
    assert table.facts.content_hash == read(CSV).facts.content_hash


def test_every_format_of_the_table_is_read() -> None:
    tried = {part for _, name in FORMATS.values() for part in name.split(".")}
    assert tried | {"tsv"} == {one.name for one in (*file_formats.FORMATS, *file_formats.PACKINGS)}


def test_every_ending_is_found_in_a_zip(read: Reader) -> None:
    for ending in file_formats.ENDINGS:
        assert read(zipped((f"t.{ending.upper()}", CSV.encode()))).facts.format == "csv.zip"


def test_types_of_arrow_are_kept(read: Reader) -> None:
    zone = timezone(timedelta(hours=2))
    table = read(
        parquet(
            pa.table(
                {
                    "day": [date(2024, 1, 1), None],
                    "zoned": [datetime(2024, 1, 1, 10, tzinfo=zone)] * 2,
                    "clock": [time(10, 30), time(11)],
                    "span": [timedelta(seconds=90), timedelta(0)],
                    "money": [Decimal("1.50"), Decimal("2.00")],
                    "huge": pa.array([2**64 - 1, 1], pa.uint64()),
                    "small": pa.array([255, 1], pa.uint8()),
                    "vector": pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32())),
                    "gone": pa.array([None, None], pa.null()),
                    "level": pa.array(["a", "b"]).dictionary_encode(),
                }
            )
        )
    )
    assert {f.name: f.stored for f in table.fields} == {
        "day": Stored.DATE,
        "zoned": Stored.DATE,
        "clock": Stored.TEXT,
        "span": Stored.INTEGER,
        "money": Stored.NUMBER,
        "huge": Stored.TEXT,
        "small": Stored.INTEGER,
        "vector": Stored.VECTOR,
        "gone": Stored.EMPTY,
        "level": Stored.TEXT,
    }
    assert column(table, "zoned")[0] == datetime(2024, 1, 1, 8)
    assert column(table, "huge")[0] == str(2**64 - 1)
    assert column(table, "span")[0] == 90


def test_not_a_number_is_missing_and_whole_floats_are_whole(read: Reader) -> None:
    table = read(parquet(pa.table({"a": [1.0, float("nan"), None], "b": [1.5, float("inf"), 2.0]})))
    assert column(table, "a") == [1, None, None]
    assert (table.fields[0].stored, table.fields[0].nonfinite, table.fields[0].missing) == (
        Stored.INTEGER,
        1,
        2,
    )
    assert said(table) == [
        "warning: real.csv: column 'b' holds 1 infinite or overflowing numbers, read as missing; "
        "check what wrote them.",
        "note: real.csv: column 'a' holds 1 cell that are not a number (NaN), read as missing.",
    ]


def test_nested_and_binary_columns_are_left_out_and_said(read: Reader) -> None:
    table = read(
        parquet(pa.table({"a": [1, 2], "b": [[1], [2, 3]], "c": [b"x", b"y"], "d": [{"e": 1}, {"e": 2}]}))
    )
    assert ([f.name for f in table.fields], table.facts.columns) == (["a"], 4)
    assert warned(table) == [
        "real.csv: column 'b' left out: the type nested list is not supported; store plain values to audit it.",
        "real.csv: column 'c' left out: the type binary is not supported; store plain values to audit it.",
        "real.csv: column 'd' left out: the type nested record is not supported; store plain values to audit it.",
    ]


def test_the_pandas_index_is_no_column(read: Reader) -> None:
    table = read(parquet(ARROW.append_column("__index_level_0__", [list(range(30))])))
    assert (len(table.fields), table.facts.columns) == (4, 4)
    assert said(table) == [
        "note: real.csv: the pandas row index (__index_level_0__) is left out; it is no data."
    ]


def test_repeated_names_in_parquet_stay_apart(read: Reader) -> None:
    table = read(parquet(pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4])], names=["a", "a"])))
    assert ([f.name for f in table.fields], rows(table)) == (["a", "a (2)"], [(1, 3), (2, 4)])


def test_broken_json_lines_are_named(read: Reader) -> None:
    lines = [json.dumps(record) for record in RECORDS]
    table = read("\n".join([*lines[:4], '{"id": 5, "ci', *lines[5:]]) + "\n")
    assert table.facts.rows == 29
    assert warned(table) == [
        "real.csv: 1 line without a valid JSON record left out, first line 5; mend them."
    ]
    with pytest.raises(InputError) as refused:
        read("\n".join(lines)[:-5])
    assert str(refused.value) == (
        "real.csv: the last line, 30, is cut off or damaged: it is no valid JSON. Write the file again."
    )


def test_keys_that_come_and_go_are_missing_values_and_nested_ones_are_left_out(read: Reader) -> None:
    table = read('{"a": 1, "b/~c": "x"}\n{"a": 2, "g": {"h": 1}}\n{"b/~c": "z", "a": null}\n')
    assert ([f.name for f in table.fields], rows(table)) == (
        ["a", "b/~c"],
        [(1, "x"), (2, None), (None, "z")],
    )
    assert warned(table) == [
        "real.csv: column 'g' left out: nested JSON is not supported; write plain values to audit it."
    ]


def test_workbooks_titles_formulas_and_sheets(read: Reader) -> None:
    table = read(sheet([["Customers"], ["Person", "", "Money"], *[[*line[:3]] for line in LINES]]))
    assert ([f.name for f in table.fields], table.facts.rows) == (["id", "city", "pay"], 30)
    assert said(table) == [
        "warning: real.csv: 2 rows above the header (titles or merged cells) skipped; check the names."
    ]
    holes = read(sheet([[*line[:2], "="] if n == 3 else line[:3] for n, line in enumerate(LINES)]))
    assert (column(holes, "pay")[2], holes.fields[2].missing) == (None, 1)
    assert said(holes) == [
        "warning: real.csv: 1 formula without a calculated value, read as missing; open and save it in Excel."
    ]
    more = read(sheet(LINES, other=[["a"], ["1"]]))
    assert said(more) == [
        "warning: real.csv: the workbook holds 2 sheets with data; only 'data' is read, "
        "so check that it is the right one."
    ]
    assert rows(read(sheet(LINES, other=[["a"], ["1"]]), given={"sheet": "other"})) == [(1,)]
