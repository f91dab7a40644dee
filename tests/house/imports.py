"""Who imports whom: every import in a file, also those inside functions and for types only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.house.source import Function, Source, sources


@dataclass(frozen=True)
class Import:
    """One imported name: the module it comes from, the name, and where it stands.

    deep : inside a function, so that importing the file does not load it
    """

    module: str
    name: str
    line: int
    deep: bool

    @property
    def top(self) -> str:
        """The first part of the module's name: the package that must be installed."""
        return self.module.partition(".")[0]


@cache
def imports(source: Source) -> tuple[Import, ...]:
    """Every import of a file, in no particular order."""
    return tuple(_below(source.tree, deep=False))


def _below(node: ast.AST, *, deep: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, "", child.lineno, deep) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.module is not None, "an import is never relative"
            yield from (Import(child.module, alias.name, child.lineno, deep) for alias in child.names)
        yield from _below(child, deep=deep or isinstance(child, Function))


@cache
def graph() -> dict[str, frozenset[str]]:
    """For every module of audit the modules of audit that it names in an import."""
    known = {source.module for source in sources("audit")}
    return {source.module: _targets(source, known) for source in sources("audit")}


def _targets(source: Source, known: set[str]) -> frozenset[str]:
    found = set()
    for one in imports(source):
        whole = f"{one.module}.{one.name}"
        found.add(whole if whole in known else one.module)
    return frozenset(found & known)


def reached(start: str) -> frozenset[str]:
    """Every module of audit that comes along when `start` is imported, by whatever way."""
    seen, waiting = {start}, [start]
    while waiting:
        for target in graph()[waiting.pop()] - seen:
            seen.add(target)
            waiting.append(target)
    return frozenset(seen)


def room(module: str) -> str:
    """The first name below audit: load for audit.load.table, audit for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else parts[0]
