"""What a file is, told from its first bytes; its name decides nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from audit.file_formats import IN_WORDS, PACKED_IN_WORDS
from audit.load.notes import Notes

HEAD = 1 << 16
_GIVE = f"Give a table as {IN_WORDS}, alone or packed as {PACKED_IN_WORDS}."


class Shape(StrEnum):
    """What can be read."""

    TEXT = "text"
    PARQUET = "parquet"
    ARROW = "arrow"
    ARROW_STREAM = "arrow stream"
    JSON = "json"
    GZIP = "gz"
    ZSTD = "zst"
    ZIP = "zip"


_READABLE = (
    (b"PAR1", Shape.PARQUET),
    (b"ARROW1", Shape.ARROW),
    (b"\x1f\x8b", Shape.GZIP),
    (b"\x28\xb5\x2f\xfd", Shape.ZSTD),
    (b"PK\x03\x04", Shape.ZIP),
    (b"PK\x05\x06", Shape.ZIP),
)


@dataclass(frozen=True, slots=True)
class ForeignFormat:
    """A kind of file that cannot be read: what it starts with, what it is, what to do."""

    start: re.Pattern[bytes]
    what: str
    hint: str = _GIVE


_FOREIGN = (
    ForeignFormat(re.compile(rb"\A\x80[\x02-\x05]"), "a Python pickle, a binary format that can run programs and is not a table"),
    ForeignFormat(re.compile(rb"\Ac[\w.]+\n[\w.]+\n.*R.{0,8}\.\s*\Z", re.S), "a Python pickle and not a table"),
    ForeignFormat(re.compile(rb"\A\x93NUMPY"), "a binary numpy array and not a table"),
    ForeignFormat(re.compile(rb"\A\x89HDF"), "a binary HDF5 file and not a table of a supported format"),
    ForeignFormat(re.compile(rb"\A%PDF"), "a PDF document and not a table", "Export the table itself, as csv or xlsx."),
    ForeignFormat(re.compile(rb"\A(MZ|\x7fELF|\xcf\xfa\xed\xfe)"), "a binary program and not a table"),
    ForeignFormat(re.compile(rb"\A(\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0\0\0\0|RIFF)", re.S), "a picture or recording and not a table"),
    ForeignFormat(re.compile(rb"\A(7z\xbc\xaf|Rar!|\xfd7zXZ|BZh)"), "packed in a way that is not supported", "Pack it as gz, zst or zip."),
    ForeignFormat(re.compile(rb"\AObj\x01|\AORC"), "an Avro or ORC file, a format that is not supported", "Save it as parquet."),
    ForeignFormat(re.compile(rb"\ASQLite format 3"), "a database file and not a table", "Export the table, best as parquet, and give its path."),
    ForeignFormat(
        re.compile(rb"\Aversion https://git-lfs"),
        "a git LFS pointer and not a table: the data themselves were never fetched",
        "Run git lfs pull and give the file again.",
    ),
    ForeignFormat(
        re.compile(rb"\A\s*(?>(?:<!--.*?-->\s*)*)<(!doctype html|html|head|body|script|meta)\b", re.I | re.S),
        "an HTML web page and not a table",
        "Download the table itself; this may be a login or error page.",
    ),
    ForeignFormat(re.compile(rb"\A\s*<\?xml|\A\s*<[A-Za-z][\w:.-]*[ >].*</", re.S), "an XML document and not a table", "Save it as csv."),
    ForeignFormat(re.compile(rb"\A\s*(#!|import \w+\s*$|from \w[\w.]* import |def \w+\(|class \w+)", re.M), "source code and not a table: no columns and rows"),
)  # fmt: skip


def detect_file_type(head: bytes, notes: Notes) -> Shape:
    """What the bytes are.

    Parameters
    ----------
    head : the first HEAD bytes of the file
    notes : names the file

    Raises
    ------
    InputError : empty, or nothing that can be read; says what it looks like
    """
    if not head:
        raise notes.refuse("the file is empty (0 bytes).", "Check what wrote it.")
    for magic, shape in _READABLE:
        if head.startswith(magic):
            return shape
    if head.startswith(b"PARE"):
        raise notes.refuse("the parquet file is encrypted.", "Save it without encryption.")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise _office(head, notes)
    for foreign in _FOREIGN:
        if foreign.start.search(head):
            raise notes.refuse(f"this is {foreign.what}.", foreign.hint)
    if head.startswith((b"\xff\xff\xff\xff", b"FEA1")):
        return Shape.ARROW_STREAM if head[0] == 255 else Shape.ARROW
    return _text_shape(head, notes)


def _office(head: bytes, notes: Notes) -> Exception:
    if "EncryptedPackage".encode("utf-16-le") in head or "Encryption".encode("utf-16-le") in head:
        return notes.refuse("the workbook is protected by a password.", "Save it without a password.")
    return notes.refuse(
        "this is an old Excel file (xls) or one protected by a password.",
        "Save it as xlsx without a password.",
    )


def _text_shape(head: bytes, notes: Notes) -> Shape:
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not bare.strip(b"\0") and len(head) < HEAD:
        raise notes.refuse("the file is empty: it holds no data, only blanks.", "Check what wrote it.")
    if bare[:1] in (b"{", b"["):
        return Shape.JSON
    if _is_binary(head):
        raise notes.refuse("this is a binary file of an unknown format and not a table.", _GIVE)
    return Shape.TEXT


def _is_binary(head: bytes) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return False
    if b"\0" in head[:4096].rstrip(b"\0"):
        even, odd = head[0:4096:2], head[1:4096:2]
        zeros = (even.count(0) / max(1, len(even)), odd.count(0) / max(1, len(odd)))
        if max(zeros) > 0.3 and min(zeros) < 0.05:  # the zero bytes of UTF-16
            return False
    start = head[:4096].rstrip(b"\0")
    few = len(start)
    # Without 1, 30 and 31, which some programs write between cells.
    controls = sum(start.count(code) for code in (0, *range(2, 7), *range(14, 26), 28, 29))
    return controls > 0.05 * few
