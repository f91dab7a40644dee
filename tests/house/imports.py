"""Who imports whom: every import in a file, also those inside functions and for types only."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter

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


OUTSIDE = ("pages", "bench", "sample_data", "app.py", "serve.py")


@cache
def rooms() -> dict[str, frozenset[str]]:
    """For every room of the project those whose names it imports; audit is parted into its own rooms."""
    found: dict[str, set[str]] = {room(module): set() for module in graph()}
    for module, targets in graph().items():
        found[room(module)] |= {room(target) for target in targets}
    for place in OUTSIDE:
        name = place.removesuffix(".py")
        found[name] = {_room_of(one) for source in sources(place) for one in imports(source)} - {"", name}
    return {name: frozenset(targets & set(found) - {name}) for name, targets in found.items()}


def _room_of(one: Import) -> str:
    if one.top != "audit":
        return one.top
    deeper = f"{one.module}.{one.name}" if one.module == "audit" else one.module
    return room(deeper) if deeper.count(".") and room(deeper) in {room(m) for m in graph()} else "audit"


def floors(drawn: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """The floor of each room: one above the highest that it stands on, from 0."""
    found: dict[str, int] = {}
    for name in TopologicalSorter(drawn).static_order():
        found[name] = 1 + max((found[target] for target in drawn[name]), default=-1)
    return found


@cache
def folders(inside: str) -> dict[str, frozenset[str]]:
    """For every folder or file directly in a package those beside it that it imports; `_shared` is its folder's."""
    place = inside.replace(".", "/")
    found: dict[str, set[str]] = {}
    for source in sources(place):
        mine = _below_package(source.module, inside)
        for one in imports(source):
            whole = f"{one.module}.{one.name}"
            found.setdefault(mine, set()).add(_below_package(whole, inside))
    names = set(found)
    return {name: frozenset(targets & names - {name, ""}) for name, targets in found.items() if name}


def _below_package(module: str, inside: str) -> str:
    return module.removeprefix(inside + ".").partition(".")[0] if module.startswith(inside + ".") else ""
