"""Collects what the user should know about one file, in words that name the file."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit.errors import InputError, LimitError
from audit.load.names import list_names, message_text
from audit.model import Level, Notice


@dataclass(slots=True)
class Notes:
    """Notices about one file.

    role : "real", "synthetic" or "holdout"
    name : the file's name as the user knows it; only ever shown
    """

    role: str
    name: str
    notices: list[Notice] = field(default_factory=list)

    @property
    def file(self) -> str:
        """The file in a sentence."""
        return message_text(self.name)

    def note(self, text: str, where: str = "") -> None:
        """Something worth knowing that needs no action."""
        self._add(Level.NOTE, text, where)

    def warn(self, text: str, where: str = "") -> None:
        """Something that should be looked at."""
        self._add(Level.WARNING, text, where)

    def _add(self, level: Level, text: str, where: str) -> None:
        place = f"{self.role}: {where}" if where else self.role
        self.notices.append(Notice(level, f"{self.file}: {text}", place))

    def columns(self, names: list[str]) -> tuple[str, str]:
        """Columns in a sentence, and as a place."""
        word = "column" if len(names) == 1 else "columns"
        return f"{word} {list_names(names)}", f"{word} {list_names(names, 20)}"

    def refuse(self, text: str, hint: str, where: str = "") -> InputError:
        """An error that names the file; to be raised."""
        return InputError(f"{self.file}: {text}", hint, where=self._place(where))

    def too_large(self, text: str, hint: str, where: str = "") -> LimitError:
        """An error about a limit; to be raised."""
        return LimitError(f"{self.file}: {text}", hint, where=self._place(where))

    def _place(self, where: str) -> str:
        return f"{self.role}: {where}" if where else self.role
