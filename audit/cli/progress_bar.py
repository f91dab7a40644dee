"""Progress on a terminal: a bar where there is one, lines elsewhere, nothing when quiet."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from audit.run.run import Progress

_BAR = 24


class ProgressBar:
    """Shows `Progress` on a stream; `delivered` counts the reports that were written."""

    def __init__(self, stream: TextIO, quiet: bool) -> None:
        self._stream, self._quiet = stream, quiet
        self._bar = not quiet and stream.isatty()
        self.delivered = 0

    def __call__(self, progress: Progress) -> None:
        """Show one step; a warning even where it is quiet."""
        if progress.warning:
            self.clear()
            self._stream.write(f"{progress.warning}\n")
            return
        if self._quiet:
            return
        label = f"{progress.step}/{progress.steps} {progress.label}"
        if not self._bar:
            self._stream.write(f"{label}\n")
            return
        done = _BAR * progress.step // max(progress.steps, 1)
        width = shutil.get_terminal_size().columns
        line = f"[{'#' * done}{'.' * (_BAR - done)}] {label} ({progress.seconds:.0f} s)"
        self._stream.write(f"\r{line[: width - 1]:<{width - 1}}")
        self._stream.flush()

    def clear(self) -> None:
        """Take the bar away, before something else is printed."""
        if self._bar:
            self._stream.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
            self._stream.flush()

    def close(self) -> None:
        """The last step is done."""
        self.clear()
