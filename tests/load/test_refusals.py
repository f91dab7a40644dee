"""What cannot be read is refused in words: what it is, and what to do."""

from __future__ import annotations

import gzip
import io
import pickle
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from audit.errors import InputError
from tests.load.conftest import Reader
from tests.load.test_formats import ARROW, CSV, _feather, _stream, parquet, sheet, zipped

ANY = "csv, tsv, txt, parquet, feather, arrow, json, ndjson or xlsx, alone or packed as gz, zst or zip"


def _array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
    return buffer.getvalue()


def _linked() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("data.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/hostname")
    return buffer.getvalue()


def _locked() -> bytes:
    body = bytearray(zipped(("t.csv", CSV.encode())))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = body.index(mark) + place
        body[start : start + 2] = struct.pack("<H", 1)
    return bytes(body)


def _flipped(body: bytes, place: int) -> bytes:
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def _empty_table(columns: int) -> bytes:
    return parquet(pa.table({f"c{n}": pa.array([], pa.int64()) for n in range(columns)}))


CASES = {
    "nothing": (b"", "the file is empty (0 bytes). Check what wrote it."),
    "blanks": (b"  \n \n", "the file is empty: it holds no data, only blanks. Check what wrote it."),
    "mark": (b"\xef\xbb\xbf", "the file is empty: it holds no data, only blanks. Check what wrote it."),
    "header only": (b"a,b\n", "the table has no rows, only column names. Write data below the header."),
    "no values": (
        b"a,b\n" + b",\n" * 9,
        "the table holds no values, every cell is empty. Check what wrote the file.",
    ),
    "html": (
        b"<!DOCTYPE html>\n<html>",
        "this is an HTML web page and not a table. Download the table itself; this may be a login or error page.",
    ),
    "pdf": (
        b"%PDF-1.7\n",
        "this is a PDF document and not a table. Export the table itself, as csv or xlsx.",
    ),
    "program": (b"MZ\x90\0\x03", f"this is a binary program and not a table. Give a table as {ANY}."),
    "pickle": (
        pickle.dumps([1]),
        f"this is a Python pickle, a binary format that can run programs and is not a table. Give a table as {ANY}.",
    ),
    "old pickle": (
        b"cos\nsystem\n(S'true'\ntR.",
        f"this is a Python pickle and not a table. Give a table as {ANY}.",
    ),
    "array": (_array(), f"this is a binary numpy array and not a table. Give a table as {ANY}."),
    "pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        "this is a git LFS pointer and not a table: the data themselves were never fetched. Run git lfs pull and give the file again.",
    ),
    "source code": (
        b"import os\nos.system('true')\n",
        f"this is source code and not a table: no columns and rows. Give a table as {ANY}.",
    ),
    "picture": (
        b"\x89PNG\r\n\x1a\n",
        f"this is a picture or recording and not a table. Give a table as {ANY}.",
    ),
    "noise": (
        bytes(range(256)) * 8,
        f"this is a binary file of an unknown format and not a table. Give a table as {ANY}.",
    ),
    "old excel": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "this is an old Excel file (xls) or one protected by a password. Save it as xlsx without a password.",
    ),
    "locked excel": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "the workbook is protected by a password. Save it without a password.",
    ),
    "cut gz": (
        gzip.compress(CSV.encode())[:-1],
        "the packed file is cut off or damaged and cannot be read whole. Fetch or pack it again.",
    ),
    "gz checksum": (
        _flipped(gzip.compress(CSV.encode()), -6),
        "the packed file does not match its checksum and cannot be read whole. Fetch or pack it again.",
    ),
    "cut zip": (
        zipped(("t.csv", CSV.encode()))[:-30],
        "the zip or xlsx file is cut off or damaged: its directory cannot be read. Fetch or save it again.",
    ),
    "locked zip": (_locked(), "the zip is protected by a password (encrypted). Pack it without a password."),
    "link in zip": (
        _linked(),
        "the zip holds a link instead of a file, which is unsafe. Pack the table itself.",
    ),
    "path in zip": (
        zipped(("../../t.csv", b"a\n1\n")),
        "the zip holds an unsafe path as a file name. Pack the table again by its plain name.",
    ),
    "two in zip": (
        zipped(("a.csv", b"a\n1\n"), ("b.csv", b"a\n1\n")),
        "the zip holds 2 tables, and which one is meant is not clear. Pack one file.",
    ),
    "none in zip": (
        zipped(("readme.txt", b"hello"), ("x.png", b"")),
        "the zip holds no table. Pack one table as csv, tsv, txt, parquet, feather, arrow, json, ndjson or xlsx.",
    ),
    "zip in gz": (
        gzip.compress(zipped(("t.csv", b"a\n1\n"))),
        "an archive inside an archive is not read. Unpack it once and give the inner file.",
    ),
    "cut parquet": (
        parquet(ARROW)[:-40],
        "the parquet file is cut off or damaged and cannot be read. Fetch or save it again.",
    ),
    "parquet checksum": (
        _flipped(parquet(ARROW, write_page_checksum=True, compression="none"), 60),
        "the parquet file is damaged: a page does not match its checksum. Fetch it again.",
    ),
    "encrypted parquet": (
        b"PARE" + b"\0" * 99 + b"PARE",
        "the parquet file is encrypted. Save it without encryption.",
    ),
    "empty parquet": (_empty_table(2), "the table has no rows, only a schema. Check what wrote it."),
    "cut arrow": (
        _feather()[:-300],
        "the arrow file is cut off or damaged and cannot be read. Save it again, best as parquet.",
    ),
    "cut stream": (
        _stream()[:-200],
        "the arrow file is cut off or damaged and cannot be read. Save it again, best as parquet.",
    ),
    "deep json": (
        b"[" * 100_000,
        "this is not valid JSON: it is damaged, cut off or nested too deep. Write the file again.",
    ),
    "numbers in json": (
        b"[1, 2]",
        'the JSON holds no records (objects of names and values). Write a list of records such as [{"a": 1}].',
    ),
    "no table in json": (
        b'{"a": {"b": 1}, "c": 2}',
        'the JSON document is no table: neither records nor columns of equal length. Write a list of records such as [{"a": 1}].',
    ),
    "empty sheet": (sheet([]), "the workbook is empty: its sheets hold no data. Check what wrote it."),
    "no workbook": (
        zipped(("[Content_Types].xml", b"<Types/>")),
        "the workbook is damaged and cannot be read. Save it again as xlsx or csv.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_refused_in_words(read: Reader, case: str) -> None:
    body, message = CASES[case]
    with pytest.raises(InputError) as refused:
        read(body, name="t.csv")
    assert str(refused.value) == f"t.csv: {message}"
    assert len(refused.value.message.partition(". ")[0].split()) <= 25
    assert refused.value.where.startswith("real")


def test_entities_in_a_workbook_are_refused(read: Reader) -> None:
    body = zipped(
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/sharedStrings.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><sst>&b;</sst>'),
    )
    with pytest.raises(InputError) as refused:
        read(body)
    assert str(refused.value) == (
        "real.csv: the workbook's XML defines entities, which is invalid and unsafe. Save it again."
    )


def test_missing_files_and_folders(read: Reader, tmp_path: Path) -> None:
    from audit.load import load_files

    with pytest.raises(InputError) as refused:
        load_files({"real": tmp_path / "none.csv"}, tmp_path)
    assert str(refused.value) == "none.csv: the file does not exist. Check the path."
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError) as refused:
        load_files({"real": tmp_path / "folder.csv"}, tmp_path)
    assert (
        str(refused.value)
        == "folder.csv: this is a folder or device and not a file. Give the path of one file."
    )


def test_a_pickle_is_never_opened(read: Reader, tmp_path: Path) -> None:
    canary = tmp_path / "canary"

    class Touch:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return open, (str(canary), "w")

    for protocol in range(6):
        with pytest.raises(InputError):
            read(pickle.dumps(Touch(), protocol))
    assert not canary.exists()
