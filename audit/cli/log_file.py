"""The log of one command: a private file, kept only where something broke."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def logged_to_file() -> Iterator[Path]:
    """Everything that is logged or warned of goes into a private file; kept only where it matters."""
    handle, name = tempfile.mkstemp(prefix="audit-", suffix=".log")
    os.close(handle)
    path, target = Path(name), logging.FileHandler(name, encoding="utf-8")
    loggers = [logging.getLogger(logger) for logger in ("audit", "py.warnings")]
    for logger in loggers:
        logger.addHandler(target)
        logger.propagate = False
    logging.captureWarnings(True)
    try:
        yield path
    finally:
        logging.captureWarnings(False)
        for logger in loggers:
            logger.removeHandler(target)
            logger.propagate = True
        target.close()
        if "Traceback" not in path.read_text(encoding="utf-8"):
            path.unlink()
