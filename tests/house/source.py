"""The project's own files, read and parsed once for the rules of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = ("audit", "pages", "app.py", "serve.py")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A Python file: its path in the project, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """The dotted name, such as audit.load.table; a package has the name of its folder."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def at(self, node: ast.AST, said: str) -> str:
        """A complaint that an editor can jump to."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {said}"

    def calls(self) -> Iterator[ast.Call]:
        """Every call in the file."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def functions(self) -> Iterator[Function]:
        """Every function in the file, methods and inner ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


def parsed(text: str, path: str = "audit/example.py") -> Source:
    """A source from text, for showing that a rule sees what it must see."""
    return Source(path, text, ast.parse(text))


@cache
def sources(*places: str) -> tuple[Source, ...]:
    """The Python files in folders (or the files themselves), in order of their paths."""
    found = [path for place in places for path in _python(ROOT / place)]
    assert found, f"there is no Python file in {', '.join(places)}"
    return tuple(
        parsed(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()) for path in found
    )


def _python(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def dotted(node: ast.AST) -> str:
    """The name written as a.b.c; empty for anything that is not one."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""


def no(complaints: Iterable[str]) -> None:
    """Fail with all complaints, one a line, if there are any."""
    found = list(complaints)
    assert not found, "\n" + "\n".join(found)
