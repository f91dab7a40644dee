"""Files that were uploaded and not yet audited: kept for a while, under names of our own."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from audit.errors import StoreError
from audit.store.folder import RunFolder, is_id, private_folder

KEPT_HOURS = 12.0
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was handed in. The name is what the user called it: shown, never a path."""

    name: str
    path: Path
    bytes: int
    sha256: str


class Drafts:
    """Uploaded files by visitor, in a private folder beside the runs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, draft: str, name: str, stream: BinaryIO) -> Upload:
        """Write an upload to disk; the name on disk is random."""
        target = private_folder(self._path(draft)) / uuid.uuid4().hex
        digest, size = hashlib.sha256(), 0
        try:
            with target.open("xb") as file:
                while chunk := stream.read(CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
        except OSError as error:
            target.unlink(missing_ok=True)
            raise StoreError(
                f"The upload cannot be stored: {error.strerror}.",
                "Free some space on the disk, then try again.",
            ) from error
        return Upload(name, target, size, digest.hexdigest())

    def clear(self, draft: str) -> None:
        """Delete all uploads of a draft."""
        shutil.rmtree(self._path(draft), ignore_errors=True)

    def purge(self, hours: float = KEPT_HOURS) -> None:
        """Delete drafts that nobody touched for so many hours."""
        if not self._folder.is_dir():
            return
        oldest = time.time() - hours * 3600
        for path in self._folder.iterdir():
            if is_id(path.name) and path.stat().st_mtime < oldest:
                shutil.rmtree(path, ignore_errors=True)

    def _path(self, draft: str) -> Path:
        if not is_id(draft):
            raise StoreError("This draft does not exist.", "Upload the files again.")
        return self._folder / draft


def hand_over(upload: Upload, folder: RunFolder) -> Path:
    """Give an upload to a run: a second name for the same bytes, gone when the run ends."""
    if not upload.path.is_file():
        raise StoreError(f"The upload {upload.name!r} is no longer here.", "Upload the file again.")
    target = folder.uploads / uuid.uuid4().hex
    try:
        os.link(upload.path, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(upload.path, target)
    return target
