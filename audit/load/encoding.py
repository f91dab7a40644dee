"""How the characters of a text file are written, and the same text as plain UTF-8."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, replace
from pathlib import Path

from audit.load.names import count_text
from audit.load.notes import Notes

_CHUNK = 1 << 22
_SAMPLE = 1 << 17
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ["cp1252", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "cp1250", "cp1253", "cp1254", "koi8_r", "cp437", "cp850"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scan:
    """A text file's bytes, looked at once.

    valid : the bytes are UTF-8
    returns : it holds carriage returns; nul_tail, nuls : zero bytes at its end and before
    bad_line, bad_lines : first line, and lines, that are not UTF-8 (counted in the sample)
    """

    valid: bool
    returns: bool
    nul_tail: int
    nuls: int


def plain_text(path: Path, target: Path, notes: Notes, encoding: str = "") -> tuple[Path, str]:
    """The text as UTF-8 with line feeds only, and the encoding it had.

    Parameters
    ----------
    path : the text file
    target : where the plain text is written if the file is not plain already
    encoding : an encoding to use instead of a guess

    Returns
    -------
    path of the plain text, and the name of the encoding
    """
    scan = _scan(path)
    if scan.nuls > 0.2 * path.stat().st_size:  # UTF-16: half of its bytes are zero, also the last
        scan = replace(scan, nul_tail=0)
    name, errors = _checked(encoding, notes) if encoding else _guess(path, scan, notes)
    if scan.nul_tail:
        notes.warn(
            f"{count_text(scan.nul_tail, 'trailing NUL byte')} after the last row ignored; check what wrote it.",
            "end",
        )
    plain = name == "utf-8" and not scan.returns and not scan.nul_tail and not scan.nuls
    if plain and path.parent == target.parent:
        return path, name
    _rewrite(path, target, "utf-8" if plain else name, errors, scan, notes)
    return target, name


def ends_with_line(path: Path) -> bool:
    """Whether the last line of a text file is ended by a line feed."""
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def _scan(path: Path) -> Scan:
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, returns, nuls, tail = True, False, 0, 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            valid = valid and _decodes(decoder, chunk)
            returns = returns or b"\r" in chunk
            found = chunk.count(0)
            if found == len(chunk):
                tail += found
                continue
            end = len(chunk) - len(chunk.rstrip(b"\0"))
            nuls, tail = nuls + tail + found - end, end
    return Scan(valid and _decodes(decoder, b"", final=True), returns, tail, nuls)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _checked(encoding: str, notes: Notes) -> tuple[str, str]:
    try:
        return codecs.lookup(encoding).name, "replace"
    except LookupError as error:
        raise notes.refuse(
            f"the encoding {encoding!r} does not exist.", "Name one such as utf-8 or cp1252."
        ) from error


def _guess(path: Path, scan: Scan, notes: Notes) -> tuple[str, str]:
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, "replace"
    if scan.nuls > 0.2 * min(len(head), path.stat().st_size):
        return _utf16(head, notes), "replace"
    if scan.valid:
        if scan.nuls:
            notes.warn(
                f"{count_text(scan.nuls, 'NUL byte')} inside the text removed; check what wrote the file."
            )
        return "utf-8", "strict"
    return _not_utf8(path, notes)


def _utf16(head: bytes, notes: Notes) -> str:
    name = "utf-16-le" if head[1:4096:2].count(0) > head[0:4096:2].count(0) else "utf-16-be"
    notes.warn(f"the encoding is taken as {name}, a guess without a byte order mark; check the text.")
    return name


def _not_utf8(path: Path, notes: Notes) -> tuple[str, str]:
    lines, first, good = _foreign_lines(path)
    if good or _impossible(lines):
        notes.warn(
            f"line {first:,} and others are not UTF-8 although the encoding is; characters were replaced, so save it again.",
            f"line {first:,}",
        )
        return "utf-8", "replace"
    name = _best(b"\n".join(lines)[:_SAMPLE])
    notes.warn(
        f"the encoding is not UTF-8 and is taken as {name}; check characters with accents, or save as UTF-8."
    )
    return name, "replace"


def _foreign_lines(path: Path) -> tuple[list[bytes], int, int]:
    """Lines with other than ASCII characters that are not UTF-8; the first one's number; how many are UTF-8."""
    lines: list[bytes] = []
    first = good = bad = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.isascii():
                continue
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                bad, first = bad + 1, first or number
                lines.append(line[:4096])
            if bad >= 2_000:
                break
    return lines, first, good


def _impossible(lines: list[bytes]) -> bool:
    """Whether the bytes are UTF-8 gone wrong: overlong forms and lone surrogates."""
    whole = b"\n".join(lines)
    return any(
        mark in whole for mark in (b"\xc0\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf8\x88")
    )


def _best(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=_CANDIDATES)
    best = matches.best()
    western = next((match for match in matches if "cp1252" in match.could_be_from_charset), None)
    if best is None or best.encoding in ("cp437", "cp850", "cp1254"):
        return "cp1252"
    # By far the most common one: another needs a better reason than a tie.
    return "cp1252" if western is not None and western.chaos <= best.chaos else best.encoding


def _rewrite(path: Path, target: Path, encoding: str, errors: str, scan: Scan, notes: Notes) -> None:
    left = path.stat().st_size - scan.nul_tail
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    replaced, pending = 0, ""
    with path.open("rb") as file, target.open("wb") as out:
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            text = pending + decoder.decode(chunk, final=left <= 0)
            # A carriage return at the very end may be half of a line end.
            pending = "\r" if text.endswith("\r") and left > 0 else ""
            text = text[: len(text) - len(pending)]
            replaced += text.count("\ufffd")
            out.write(
                text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").encode("utf-8", "replace")
            )
    if replaced:
        notes.warn(
            f"{count_text(replaced, 'character')} that could not be decoded replaced; save the file as UTF-8."
        )
