"""Copies a file's bytes into the scratch folder, unpacked, counted and hashed on the way.

Nothing is ever extracted under a name from an archive, and the sizes that an archive promises
are never believed: bytes are counted as they come.
"""

from __future__ import annotations

import gzip
import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from audit.file_formats import ENDINGS, IN_WORDS
from audit.load.file_type import HEAD, Shape, detect_file_type
from audit.load.limits import MIB, Limits, size
from audit.load.notes import Notes

_CHUNK = 1 << 20
_TABLES = tuple(f".{ending}" for ending in ENDINGS)


@dataclass(frozen=True, slots=True)
class UnpackedFile:
    """A file that is no longer packed.

    path : where its bytes lie; the file itself where it was not packed
    shape : what they are; ZIP stands for a workbook
    packing : "" or "gz", "zst", "zip"
    stored, sha256 : bytes and hash of the file as it was given
    """

    path: Path
    shape: Shape
    packing: str
    stored: int
    sha256: str

    def head(self) -> bytes:
        """The first bytes."""
        with self.path.open("rb") as file:
            return file.read(HEAD)


def unpack(path: Path, scratch: Path, limits: Limits, notes: Notes) -> UnpackedFile:
    """Find out what a file is and unpack it into `scratch` where it is packed.

    Raises
    ------
    InputError : missing, empty, damaged, protected or of a kind that cannot be read
    LimitError : larger than a limit, before or after unpacking
    """
    stored, digest, head = _read_whole(path, limits, notes)
    shape = detect_file_type(head, notes)
    if shape is Shape.ZIP and _is_workbook(path, notes):
        return UnpackedFile(path, Shape.ZIP, "", stored, digest)
    if shape not in (Shape.GZIP, Shape.ZSTD, Shape.ZIP):
        return UnpackedFile(path, shape, "", stored, digest)
    target = scratch / f"{notes.role}.unpacked"
    with path.open("rb") as file:
        _write_counted(_chunks(file, shape, limits, notes), target, stored, limits, notes)
    with target.open("rb") as file:
        inner = detect_file_type(file.read(HEAD), notes)
    if inner in (Shape.GZIP, Shape.ZSTD) or (inner is Shape.ZIP and not _is_workbook(target, notes)):
        raise notes.refuse(
            "an archive inside an archive is not read.", "Unpack it once and give the inner file."
        )
    return UnpackedFile(target, inner, shape.value, stored, digest)


def look_into(path: Path, limits: Limits, notes: Notes) -> Shape:
    """What a file is by its first bytes, without reading on; raises as `unpack` does."""
    with _opened(path, limits, notes) as file:
        return detect_file_type(file.read(HEAD), notes)


@contextmanager
def _opened(path: Path, limits: Limits, notes: Notes) -> Iterator[BinaryIO]:
    try:
        stored = path.stat().st_size
        if not path.is_file():
            raise notes.refuse("this is a folder or device and not a file.", "Give the path of one file.")
        if stored > limits.stored_bytes:
            raise notes.too_large(
                f"{size(stored)} are more than the limit of {size(limits.stored_bytes)}.",
                "Audit a sample of the rows.",
            )
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise notes.refuse("the file does not exist.", "Check the path.") from error
    except PermissionError as error:
        raise notes.refuse("the file may not be read.", "Give this program the right to read it.") from error


def _read_whole(path: Path, limits: Limits, notes: Notes) -> tuple[int, str, bytes]:
    with _opened(path, limits, notes) as file:
        digest = hashlib.sha256()
        head = chunk = file.read(max(HEAD, _CHUNK))
        while chunk:
            digest.update(chunk)
            chunk = file.read(_CHUNK)
        return file.tell(), digest.hexdigest(), head[:HEAD]


def _write_counted(chunks: Iterator[bytes], target: Path, stored: int, limits: Limits, notes: Notes) -> None:
    """Write what comes until a limit; damage that shows on the way becomes a refusal."""
    count = 0
    try:
        with target.open("wb") as file:
            for chunk in chunks:
                count += len(chunk)
                _check_unpacked(count, stored, limits, notes)
                file.write(chunk)
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError) as error:
        raise _damaged(error, notes) from error
    except RuntimeError as error:  # zipfile: a member that asks for a password
        if "password" not in str(error):
            raise
        raise notes.refuse(
            "the zip is protected by a password (encrypted).", "Pack it without one."
        ) from error
    if count == 0:
        raise notes.refuse("the packed file is empty.", "Check what wrote it.")


def _check_unpacked(count: int, stored: int, limits: Limits, notes: Notes) -> None:
    hint = "Unpack it yourself if you trust it, or give a smaller sample."
    if count > limits.unpacked_bytes:
        raise notes.too_large(
            f"unpacked it is too large, above the limit of {size(limits.unpacked_bytes)}.", hint
        )
    if count > limits.ratio_from and count > limits.ratio * max(stored, 1):
        raise notes.too_large(
            f"it unpacks to more than {limits.ratio} times its size, too large for the limit against bombs.",
            hint,
        )


def _damaged(error: Exception, notes: Notes) -> Exception:
    word = "does not match its checksum" if "CRC" in str(error) else "is cut off or damaged"
    return notes.refuse(f"the packed file {word} and cannot be read whole.", "Fetch or pack it again.")


def _chunks(file: BinaryIO, shape: Shape, limits: Limits, notes: Notes) -> Iterator[bytes]:
    if shape is Shape.GZIP:
        return _gunzip(file)
    return _unzstd(file, notes) if shape is Shape.ZSTD else _unzip(file, limits, notes)


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=file) as unpacked:
        while chunk := unpacked.read(_CHUNK):
            yield chunk


def _unzstd(file: BinaryIO, notes: Notes) -> Iterator[bytes]:
    import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=128 * MIB)
    try:
        with unpacker.stream_reader(file, read_across_frames=True) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                yield chunk
    except zstandard.ZstdError as error:
        raise notes.refuse("the zst file is cut off or damaged.", "Fetch or pack it again.") from error


def _open_zip(file: BinaryIO | Path, notes: Notes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise notes.refuse(
            "the zip or xlsx file is cut off or damaged: its directory cannot be read.",
            "Fetch or save it again.",
        ) from error


def _is_workbook(path: Path, notes: Notes) -> bool:
    with _open_zip(path, notes) as archive:
        return any(
            name == "[Content_Types].xml" or name.startswith("xl/") for name in archive.namelist()[:50]
        )


def _unzip(file: BinaryIO, limits: Limits, notes: Notes) -> Iterator[bytes]:
    with _open_zip(file, notes) as archive:
        member = _only_table(archive, limits, notes)
        stored = max(member.compress_size, 1)
        _check_unpacked(member.file_size, stored, limits, notes)
        with archive.open(member) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                yield chunk


def _only_table(archive: zipfile.ZipFile, limits: Limits, notes: Notes) -> zipfile.ZipInfo:
    members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(members) > limits.members:
        raise notes.too_large(
            f"the zip holds too many files, {len(members):,} with a limit of {limits.members}.",
            "Pack the one table only.",
        )
    for member in members:
        _check_member(member, notes)
    tables = [m for m in members if m.filename.lower().endswith(_TABLES) and not _is_about(m.filename)]
    if not tables:
        raise notes.refuse("the zip holds no table.", f"Pack one table as {IN_WORDS}.")
    if len(tables) > 1:
        raise notes.refuse(
            f"the zip holds {len(tables)} tables, and which one is meant is not clear.", "Pack one file."
        )
    return tables[0]


def _is_about(name: str) -> bool:
    return PurePosixPath(name).stem.lower() in ("readme", "license", "licence", "notice", "changelog")


def _check_member(member: zipfile.ZipInfo, notes: Notes) -> None:
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    if ".." in parts or member.filename[:1] in ("/", "\\") or ":" in member.filename:
        raise notes.refuse(
            "the zip holds an unsafe path as a file name.", "Pack the table again by its plain name."
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise notes.refuse(
            "the zip holds a link instead of a file, which is unsafe.", "Pack the table itself."
        )
    if member.flag_bits & 1:
        raise notes.refuse("the zip is protected by a password (encrypted).", "Pack it without a password.")
