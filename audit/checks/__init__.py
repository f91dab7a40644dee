"""Every check there is: the folders below are the registry, no list names them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from audit.model import Card, Family

if TYPE_CHECKING:
    from audit.case.check import Check


@cache
def check_ids() -> tuple[str, ...]:
    """The ids of all checks, told from the names of their files: no check is loaded."""
    return tuple(
        info.name
        for family in Family
        for info in pkgutil.iter_modules([f"{folder}/{family.value}" for folder in __path__])
        if not info.name.startswith("_")
    )


@cache
def all_checks() -> tuple[Check, ...]:
    """Every `Check` defined in the family folders, in the order of families, then of ids.

    Raises
    ------
    TypeError
        If a check is in a file of another name than its id, or in another family's folder.
    """
    from audit.case.check import Check  # here: names of checks are asked for before anything slow is loaded

    found: dict[str, Check] = {}
    for family in Family:
        package = importlib.import_module(f"{__name__}.{family.value}")
        for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            for value in vars(module).values():
                if isinstance(value, Check) and value.measure.__module__ == module.__name__:
                    _add(found, value, family)
    order = list(Family)
    return tuple(sorted(found.values(), key=lambda c: (order.index(c.card.family), c.card.id)))


@cache
def all_cards() -> Mapping[str, Card]:
    """The card of every check, by id."""
    return MappingProxyType({check.card.id: check.card for check in all_checks()})


def _add(found: dict[str, Check], check: Check, family: Family) -> None:
    home = check.measure.__module__.rpartition(".")[2]
    if check.card.id != home:
        raise TypeError(f"check {check.card.id!r} is in {home}.py: a check's file has the check's id")
    if check.card.family is not family:
        raise TypeError(f"check {check.card.id!r} of {check.card.family} is in the folder of {family}")
    found[check.card.id] = check
