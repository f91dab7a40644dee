"""Reports on disk: whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from audit.errors import StoreError


def write_all(folder: Path, texts: Mapping[str, str], files: Mapping[str, Path] | None = None) -> None:
    """Write files into a folder so that nobody ever reads half of one.

    texts : by name; files : by name, the file whose content is copied
    All are written under temporary names and flushed to disk; only then they are moved to
    their own. Raises StoreError where the folder cannot be written; nothing is left then.
    """
    mark = secrets.token_hex(4)
    copied = files or {}
    waiting = {folder / name: folder / f".{name}.{mark}.part" for name in (*texts, *copied)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for target, part in waiting.items():
            if target.name in copied:
                _copy(copied[target.name], part)
            else:
                _write(part, texts[target.name])
        for target, part in waiting.items():
            part.replace(target)
        _flush_folder(folder)
    except OSError as error:
        raise StoreError(
            f"The folder {str(folder)!r} cannot be written: {error.strerror or error}.",
            "Choose another folder, or free some space.",
        ) from error
    finally:
        for part in waiting.values():
            _remove(part)


def _remove(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return  # the folder is a file or was never made: then there is no part either


def _write(path: Path, text: str) -> None:
    # a lone surrogate (from a file name) becomes \\udc80, which JSON reads back as it was
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _copy(source: Path, path: Path) -> None:
    with source.open("rb") as whole, path.open("wb") as file:
        shutil.copyfileobj(whole, file)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # only there a folder can be opened to flush the new names
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
