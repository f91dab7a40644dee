"""Runs on disk: an index, a folder a run, the worker's process, uploads not yet audited."""

from __future__ import annotations

from audit.store.draft import Drafts, Upload
from audit.store.folder import RunFolder, is_id, new_id
from audit.store.record import Run, State
from audit.store.runs import Runs, content_key, default_folder

__all__ = [
    "Drafts",
    "Run",
    "RunFolder",
    "Runs",
    "State",
    "Upload",
    "content_key",
    "default_folder",
    "is_id",
    "new_id",
]
