"""Every limit, at the limit and one over it."""

from __future__ import annotations

import gzip
import io
import zipfile

import pyarrow as pa
import pytest

from audit.errors import LimitError
from audit.load.limits import Limits, size
from tests.load.conftest import Reader
from tests.load.test_formats import parquet, sheet, zipped

CSV = "a,b\n" + "1,x\n2,y\n" * 5
BOMB = b"a,b\n" + b"0,0\n" * 300_000


@pytest.mark.parametrize(
    ("limit", "at", "body", "message"),
    [
        (
            "stored_bytes",
            len(CSV),
            CSV,
            "44 bytes are more than the limit of 43 bytes. Audit a sample of the rows.",
        ),
        ("rows", 10, CSV, "10 rows are more than the limit of 9. Audit a random sample of the rows."),
        ("columns", 2, CSV, "2 columns are more than the limit of 1. Keep the columns that matter."),
        (
            "cell_characters",
            5,
            CSV.replace("x", "xxxxx"),
            "a cell of 5 characters is above the limit of 4. Leave the column out.",
        ),
        (
            "unpacked_bytes",
            len(CSV),
            gzip.compress(CSV.encode(), mtime=0),
            "unpacked it is too large, above the limit of 43 bytes. Unpack it yourself if you trust it, or give a smaller sample.",
        ),
        (
            "members",
            2,
            zipped(("a.csv", CSV.encode()), ("b.md", b"")),
            "the zip holds too many files, 2 with a limit of 1. Pack the one table only.",
        ),
        (
            "rows",
            3,
            parquet(pa.table({"a": [1, 2, 3]})),
            "3 rows are more than the limit of 2. Audit a random sample of the rows.",
        ),
        (
            "columns",
            2,
            parquet(pa.table({"a": [1, 2, 3], "b": [1, 2, 3]})),
            "2 columns are more than the limit of 1. Keep the columns that matter.",
        ),
        (
            "document_bytes",
            20,
            '{"a": [1], "b": [2]}',
            "a JSON document of 20 bytes is above the limit of 19 bytes. Write one record a line (ndjson).",
        ),
        (
            "cells",
            6,
            sheet([["a", "b"], ["1", "2"], ["3", "4"]]),
            "cell A3 makes the sheet 3 rows by 2 columns, mostly empty. Delete what stands there, or save as csv; the limit is 5 cells.",
        ),
    ],
)
def test_a_limit_holds_exactly(read: Reader, limit: str, at: int, body: bytes | str, message: str) -> None:
    read(body, **{limit: at})
    with pytest.raises(LimitError) as refused:
        read(body, **{limit: at - 1})
    assert str(refused.value) == f"real.csv: {message}"


@pytest.mark.parametrize("pack", [gzip.compress, lambda body: zipped(("a.csv", body))])
def test_a_bomb_is_refused_while_it_unpacks(read: Reader, pack) -> None:
    packed = pack(BOMB)
    assert len(BOMB) > 100 * len(packed)
    with pytest.raises(LimitError) as refused:
        read(packed, ratio=100, ratio_from=100_000)
    assert str(refused.value) == (
        "real.csv: it unpacks to more than 100 times its size, too large for the limit against bombs. "
        "Unpack it yourself if you trust it, or give a smaller sample."
    )
    assert read(packed).facts.rows == 300_000


def test_a_lying_directory_is_not_believed(read: Reader, tmp_path) -> None:
    body = bytearray(zipped(("a.csv", BOMB)))
    with zipfile.ZipFile(io.BytesIO(bytes(body))) as archive:
        true = archive.infolist()[0].file_size
    promised = (1000).to_bytes(4, "little")
    body = bytes(body).replace(true.to_bytes(4, "little"), promised)
    with pytest.raises(
        Exception, match=r"^real.csv: the packed file (does not match its checksum|is cut off)"
    ):
        read(body, ratio=100, ratio_from=100_000)


def test_long_text_repeated_by_a_dictionary_is_refused_before_it_is_spread(read: Reader) -> None:
    body = parquet(pa.table({"a": pa.DictionaryArray.from_arrays([0] * 2000, ["x" * (1 << 19)])}))
    assert len(body) < 1 << 20
    with pytest.raises(LimitError) as refused:
        read(body)
    assert str(refused.value) == (
        "real.csv: its text is too large: 2,000 rows hold more than the limit of 512 MiB. "
        "Leave out or shorten the long texts."
    )


def test_a_stray_cell_does_not_make_a_million_rows(read: Reader) -> None:
    far = sheet([["a", "b"], ["1", "2"]])
    far = _rewritten(
        far, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    with pytest.raises(LimitError) as refused:
        read(far)
    assert str(refused.value) == (
        "real.csv: cell XFD1048576 makes the sheet 1,048,576 rows by 16,384 columns, mostly empty. "
        "Delete what stands there, or save as csv; the limit is 50,000,000 cells."
    )


def _rewritten(workbook: bytes, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return zipped(*[(m.filename, archive.read(m).replace(old, new)) for m in archive.infolist()])


def test_limits_travel_as_plain_values() -> None:
    assert Limits.from_dict(Limits(rows=5).to_dict() | {"unknown": 1}) == Limits(rows=5)
    assert [size(n) for n in (5, 2048, 1 << 20, 3 << 29)] == ["5 bytes", "2 KiB", "1 MiB", "1.5 GiB"]
