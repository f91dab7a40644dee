"""Imports run downstairs, there is no circle, and the wings do not know each other."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.imports import graph, imports, reached, room
from tests.house.source import no, sources

# From the cellar to the roof. An import goes to a lower floor, or stays within its room.
FLOORS = (
    ("errors", "model", "stats", "learners", "lifeline"),
    ("bands", "cards", "commitments", "doubts", "estimands", "rulebook", "watermarks"),
    ("options", "palette", "coding"),
    ("load", "policy", "findings", "render", "sketches", "store"),
    ("view", "schema", "population", "protected", "series", "lineup", "labels", "judge"),
    ("group_figures",),
    ("figures",),
    ("case",),
    ("check", "excerpt", "features", "identifying", "origin", "histogram", "points", "preflight", "spans"),
    ("mining", "needs", "personal", "slices", "standing", "telling", "training"),
    ("contests", "measuring", "snapshot"),
    ("checks",),
    ("lane",),
    ("run",),
    ("succession",),
    ("asked", "audit", "exchange", "meter"),
    ("commands", "worker"),
    ("__main__",),
)
FLOOR = {name: at for at, names in enumerate(FLOORS) for name in names}

MEASURING = {
    "load",
    "view",
    "schema",
    "population",
    "protected",
    "series",
    "coding",
    "case",
    "features",
    "histogram",
    "points",
    "learners",
    "mining",
    "slices",
    "spans",
    "standing",
    "telling",
    "training",
    "contests",
    "doubts",
    "snapshot",
    "origin",
    "sketches",
    "check",
    "checks",
    "identifying",
    "personal",
}
JUDGING = {"policy", "judge", "findings"}
TELLING = {"render", "figures", "group_figures", "labels", "palette", "store"}
WINGS = (
    ("measure", {"checks"}, JUDGING | TELLING | {"run"}),
    ("judge", JUDGING, MEASURING | TELLING | {"run"}),
    ("tell", TELLING, MEASURING | JUDGING | {"run", "stats"}),
    ("load", {"load", "schema", "case"}, JUDGING | TELLING | {"check", "checks", "run"}),
)

# What a page may look at: it tells, and judges again; it never loads or measures.
FOR_PAGES = TELLING | {
    "bands",
    "cards",
    "commitments",
    "errors",
    "model",
    "options",
    "estimands",
    "judge",
    "policy",
    "checks",
    "rulebook",
}


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
    try:
        TopologicalSorter(graph()).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' → '.join(error.args[1])}")


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
    assert graph()["audit.model"] == frozenset()
    assert graph()["audit.errors"] == frozenset()
    assert {room(target) for module in graph() if room(module) == "stats" for target in graph()[module]} <= {
        "stats"
    }


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
