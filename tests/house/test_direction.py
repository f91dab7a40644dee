"""Imports run downstairs, there is no circle, and the wings do not know each other."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.imports import floors, folders, graph, imports, reached, room, rooms
from tests.house.source import no, sources

# From the cellar to the roof, folders and the few files beside them. An import goes to a lower
# floor, or stays within its room; a new file in a room needs no entry.
FLOORS = (
    ("arrays", "errors", "file_formats", "model"),
    ("declare", "load", "stats"),
    ("case", "judge", "render", "store"),
    ("learn", "provenance"),
    ("mining",),
    ("checks",),
    ("run",),
    ("audit", "cli"),
    ("__main__",),
)
FLOOR = {name: at for at, names in enumerate(FLOORS) for name in names}

MEASURING = {"load", "case", "learn", "mining", "provenance", "checks"}
JUDGING = {"judge"}
TELLING = {"render", "store"}
WINGS = (
    ("measure", {"checks"}, JUDGING | TELLING | {"run"}),
    ("judge", JUDGING, MEASURING | TELLING | {"run"}),
    ("tell", TELLING, MEASURING | JUDGING | {"run", "stats"}),
    ("load", {"load", "case"}, JUDGING | TELLING | {"checks", "run"}),
)

# What a page may look at: it tells, and judges again; it never loads or measures.
FOR_PAGES = TELLING | JUDGING | {"checks", "declare", "errors", "file_formats", "model"}

# Of the whole project: the rooms of audit, pages, bench, sample_data, and the files beside them.
MOST_ROOMS, MOST_FLOORS = 24, 9


def test_every_room_has_a_floor() -> None:
    rooms = {room(module) for module in graph()}
    assert rooms == set(FLOOR), "FLOORS names the rooms of audit, each once"
    assert len(FLOOR) == sum(map(len, FLOORS))


def test_imports_run_downstairs() -> None:
    upstairs = [
        f"{module} imports {target}"
        for module, targets in graph().items()
        for target in sorted(targets)
        if room(target) != room(module) and FLOOR[room(target)] >= FLOOR[room(module)]
    ]
    no(upstairs)


def test_there_is_no_circle() -> None:
    for between in (graph(), rooms()):
        try:
            TopologicalSorter(between).prepare()
        except CycleError as error:
            pytest.fail(f"a circle of imports: {' → '.join(error.args[1])}")


def test_the_house_stays_small() -> None:
    """Rooms, floors, arrows up and circles of the whole project; the numbers stand in docs/architecture.md."""
    drawn = rooms()
    assert len(drawn) <= MOST_ROOMS, sorted(drawn)
    assert max(floors(drawn).values()) + 1 <= MOST_FLOORS, floors(drawn)


def test_folders_of_a_room_have_no_circle() -> None:
    """Families of checks, parts of pages, themes of numbers: each knows only those below it."""
    for inside in ("audit.checks", "audit.stats", "audit.render", "pages.parts"):
        between = folders(inside)
        try:
            TopologicalSorter(between).prepare()
        except CycleError as error:
            pytest.fail(f"a circle of folders in {inside}: {' → '.join(error.args[1])}")


@pytest.mark.parametrize(("wing", "rooms", "strangers"), WINGS, ids=[wing[0] for wing in WINGS])
def test_the_wings_do_not_know_each_other(wing: str, rooms: set[str], strangers: set[str]) -> None:
    met = [
        f"{module} reaches {other}, which is not the business of those who {wing}"
        for module in graph()
        if room(module) in rooms
        for other in sorted(reached(module))
        if room(other) in strangers
    ]
    no(met)


def test_the_nouns_stand_below_all() -> None:
    nouns = [targets for module, targets in graph().items() if room(module) == "model"]
    assert nouns and {room(target) for targets in nouns for target in targets} <= {"model"}
    assert graph()["audit.errors"] == frozenset()
    counted = {room(target) for module in graph() if room(module) == "stats" for target in graph()[module]}
    assert counted <= {"stats", "arrays"}


def test_audit_never_imports_the_screen() -> None:
    screen = {"streamlit", "pages", "app", "serve", "tests", "bench", "sample_data"}
    found = [
        f"{s.path}:{i.line}: {i.module}" for s in sources("audit") for i in imports(s) if i.top in screen
    ]
    no(found)


def test_pages_neither_load_nor_measure() -> None:
    found = [
        f"{source.path}:{one.line}: {one.module}"
        for source in sources("pages", "app.py", "serve.py")
        for one in imports(source)
        if one.top == "audit" and room(one.module) not in FOR_PAGES
    ]
    no(found)


def test_there_is_one_door_to_evidently() -> None:
    uses = [
        (s.path, i.deep)
        for s in sources("audit", "pages", "app.py")
        for i in imports(s)
        if i.top == "evidently"
    ]
    assert uses, "the door itself should be seen"
    assert set(uses) == {("audit/checks/drift/evidently_opinion.py", True)}
