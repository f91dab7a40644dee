"""Audits that many laws look at: each world is audited once a session."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandas as pd

from audit.checks import all_checks
from audit.model import Better, Family, JudgedResult, Measure, Report, Scale
from audit.run.run import audit_frames
from tests.laws import hidden
from tests.worlds import ROLES, World, gappy, leaky, noisy, siblings, strangers, twins

# Second opinions start a process of their own; they are never judged, and have tests of their own.
CHECKS = tuple(check.card.id for check in all_checks() if not check.background)
PRIVACY = tuple(
    check.card.id for check in all_checks() if check.card.family is Family.PRIVACY and not check.background
)
_ROWS = 600

Key = tuple[tuple[str, ...], str, tuple[tuple[str, str], ...]]


def key_of(measure: Measure) -> Key:
    """What tells the measures of one check apart."""
    return measure.about, measure.name, tuple(sorted((measure.group or {}).items()))


@dataclass(frozen=True)
class Audited:
    """A report, its world, and its results by check."""

    world: World
    report: Report

    def result(self, check: str) -> JudgedResult:
        return next(r for r in self.report.results if r.result.card.id == check)

    def measures(self, check: str) -> dict[Key, Measure]:
        return {key_of(m): m for m in self.result(check).result.measures}


def badness(value: float, scale: Scale) -> float:
    """A number turned so that more is worse."""
    if scale.better is Better.HIGHER:
        return -value
    if scale.better is Better.ONE:
        return abs(math.log(max(value, 1e-6)))
    return abs(value) if scale.better is Better.ZERO else value


def headline(result: JudgedResult) -> float:
    """The whole-table number where there is one, else the worst of those that are judged."""
    scale = result.result.card.scale
    main = [j for j in result.measures if not j.measure.name]
    judged = [j.measure for j in main if j.grade is not None] or [j.measure for j in main]  # some only tell
    whole = [m for m in judged if not m.about and not m.group]
    return max(badness(m.value, scale) for m in whole or judged)


def _renamed(world: World) -> World:
    def rename(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.rename(columns=new_name)

    return World(*(rename(frame) for frame in world.frames().values()))


def new_name(name: str) -> str:
    """A name that says no more and no less than the old one."""
    return {"id": "id", "sex": "gender"}.get(name, f"q {name}")


def _shuffled(world: World) -> World:
    frames = world.frames().values()
    return World(*(frame.sample(frac=1, random_state=7).reset_index(drop=True) for frame in frames))


def _base() -> World:
    return siblings(_ROWS)


def _noisy(share: float) -> World:
    return replace(_base(), synthetic=noisy(_base().synthetic, share))


WORLDS: dict[str, Callable[[], World]] = {
    "siblings": _base,
    "siblings again": _base,
    "rows shuffled": lambda: _shuffled(_base()),
    "columns reversed": lambda: World(*(f[list(f.columns[::-1])] for f in _base().frames().values())),
    "columns renamed": lambda: _renamed(_base()),
    "column lost": lambda: replace(_base(), synthetic=_base().synthetic.drop(columns="city")),
    "no holdout": lambda: replace(_base(), holdout=None),
    "gappy": lambda: gappy(_ROWS),
    "twins": lambda: twins(_ROWS),
    "noise 10": lambda: _noisy(0.1),
    "noise 50": lambda: _noisy(0.5),
    "noise 100": lambda: strangers(_ROWS),
    "copies 60": lambda: leaky(60, _ROWS),
    "copies 300": lambda: leaky(300, _ROWS),
    "hidden people": hidden.world,
    **{f"siblings {seed}": lambda seed=seed: siblings(_ROWS, seed) for seed in (1, 2, 3, 4)},  # type: ignore[misc]
}


def _declared(renamed: bool) -> tuple[str, ...]:
    """Estimates that the user will make."""
    age, sex, score, income = (
        f"`{new_name(column) if renamed else column}`" for column in ("age", "sex", "score", "income")
    )
    return (f"mean({age})", f"share({income} = high)", f"coefficient({score} ~ {age} + {sex})")


@cache
def audited(name: str) -> Audited:
    """The audit of a world, made once."""
    world = WORLDS[name]()
    roles: dict[str, Any] = dict(ROLES)
    if name == "columns renamed":
        roles = {"target": new_name("income"), "sensitive": (new_name("sex"),)}
    known = ("age", "sex", "hours")
    roles["quasi"] = tuple(new_name(column) for column in known) if name == "columns renamed" else known
    roles["epsilon"] = 1.0
    roles["estimands"] = _declared(name == "columns renamed")
    report = audit_frames(world.real, world.synthetic, world.holdout, checks=CHECKS, **roles)
    return Audited(world, report)
