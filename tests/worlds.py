"""Small worlds whose right answer is known beforehand, and how to put a case together from frames.

twins      the synthetic table is the real one
siblings   three independent samples of one population
strangers  every column of the synthetic table is drawn from elsewhere
leaky      siblings, with some synthetic rows copied from the real table
gappy      siblings, with missing cells in every table
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from audit.case.case import Case, build_case
from audit.case.check import Check, Outcome
from audit.checks import all_checks
from audit.declare.options import Options
from audit.judge.judge import judge
from audit.judge.policy import load_policy
from audit.load import load_frame
from audit.model import Measure, Result, Status

CITIES = ("Aachen", "Bonn", "Celle", "Demmin", "Erfurt")
WORK = ("private", "public", "own", "none")
ROLES: Mapping[str, Any] = {"target": "income", "sensitive": ("sex",)}


@dataclass(frozen=True)
class World:
    """Tables of one audit."""

    real: pd.DataFrame
    synthetic: pd.DataFrame
    holdout: pd.DataFrame | None = None

    def frames(self) -> dict[str, pd.DataFrame]:
        """By role, without a holdout where there is none."""
        frames = {"real": self.real, "synthetic": self.synthetic, "holdout": self.holdout}
        return {role: frame for role, frame in frames.items() if frame is not None}


def people(rows: int, seed: int, first_id: int = 1) -> pd.DataFrame:
    """A sample of one population: numbers with and without spikes, labels, dates, an outcome, a key."""
    rng = np.random.default_rng([2024, seed])
    age = np.clip(rng.normal(41, 13, rows), 17, 90).round().astype(np.int64)
    sex = rng.choice(["Female", "Male"], rows, p=[0.4, 0.6])
    work = rng.choice(WORK, rows, p=[0.6, 0.2, 0.15, 0.05])
    gain = np.where(rng.random(rows) < 0.85, 0.0, rng.lognormal(8, 0.7, rows).round(2))
    hours = np.where(rng.random(rows) < 0.45, 40, rng.normal(38, 11, rows).clip(1, 90).round()).astype(
        np.int64
    )
    chance = 1 / (1 + np.exp(-(-4.0 + 0.05 * age + 0.9 * (sex == "Male") + 1.5 * (gain > 0))))
    return pd.DataFrame(
        {
            "id": np.arange(first_id, first_id + rows),
            "age": age,
            "sex": sex,
            "city": rng.choice(CITIES, rows, p=[0.4, 0.3, 0.2, 0.08, 0.02]),
            "work": work,
            "hours": hours,
            "gain": gain,
            "score": rng.normal(50, 10, rows) + 0.3 * age,
            "since": pd.Timestamp("2015-01-01") + pd.to_timedelta(rng.integers(0, 3000, rows), unit="D"),
            "income": np.where(rng.random(rows) < chance, "high", "low"),
        }
    )


def siblings(rows: int = 1500, seed: int = 0, holdout: bool = True) -> World:
    """Three independent samples of one population."""
    real, synthetic, third = (people(rows, 3 * seed + i, 1 + i * rows) for i in range(3))
    return World(real, synthetic, third if holdout else None)


def twins(rows: int = 1500, seed: int = 0) -> World:
    """The synthetic table is a copy of the real one."""
    world = siblings(rows, seed)
    return replace(world, synthetic=world.real.copy())


def strangers(rows: int = 1500, seed: int = 0) -> World:
    """A synthetic table in which everything is off."""
    world = siblings(rows, seed)
    return replace(world, synthetic=noisy(world.synthetic, 1.0, seed))


def leaky(copies: int, rows: int = 1500, seed: int = 0) -> World:
    """Siblings, but the first synthetic rows are copies of real ones (under their own keys)."""
    world = siblings(rows, seed)
    synthetic = world.synthetic.copy()
    others = [name for name in synthetic.columns if name != "id"]
    synthetic.loc[: copies - 1, others] = world.real.loc[: copies - 1, others].to_numpy()
    synthetic = synthetic.astype(world.real.dtypes.to_dict())
    return replace(world, synthetic=synthetic)


def gappy(rows: int = 1500, seed: int = 0, share: float = 0.1) -> World:
    """Siblings that lack the same share of the cells of every column but the key."""
    world = siblings(rows, seed)
    return World(*(_with_gaps(frame, share, [seed, i]) for i, frame in enumerate(world.frames().values())))


def _with_gaps(frame: pd.DataFrame, share: float, seed: list[int]) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    holes = pd.DataFrame(rng.random(frame.shape) < share, columns=frame.columns)
    holes["id"] = False
    return frame.mask(holes)


def noisy(frame: pd.DataFrame, share: float, seed: int = 0) -> pd.DataFrame:
    """A share of the rows replaced by cells that have nothing to do with the population."""
    rng = np.random.default_rng([7, seed])
    rows = len(frame)
    hit = np.arange(rows) < round(share * rows)
    noise = {
        "age": rng.integers(95, 120, rows),
        "sex": rng.choice(["Female", "Male", "Robot"], rows, p=[0.1, 0.4, 0.5]),
        "city": rng.choice(["Ulm", "Verden"], rows),
        "work": rng.choice(["none", "own"], rows),
        "hours": rng.integers(100, 168, rows),
        "gain": rng.uniform(1e6, 2e6, rows),
        "score": rng.normal(500, 10, rows),
        "since": pd.Timestamp("1970-01-01") + pd.to_timedelta(rng.integers(0, 300, rows), unit="D"),
        "income": np.where(np.arange(rows) % 2 == 0, "high", "low"),
    }
    result = frame.copy()
    for name, values in noise.items():
        result.loc[hit, name] = pd.Series(values)[hit].astype(frame[name].dtype)
    return result


@contextmanager
def case_of(world: World, **options: Any) -> Iterator[Case]:
    """A case of frames in memory, in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="audit-test-") as folder:
        scratch = Path(folder)
        tables = {role: load_frame(frame, role, scratch) for role, frame in world.frames().items()}
        asked = Options(real="real", synthetic="synthetic", **options)
        with build_case(tables, asked, scratch) as case:
            yield case


def check_named(check_id: str) -> Check:
    """A check by its id."""
    return next(check for check in all_checks() if check.card.id == check_id)


def outcome_of(check_id: str, world: World, **options: Any) -> Outcome:
    """What one check says about frames; `Skip` passes through."""
    with case_of(world, **options) as case:
        outcome = check_named(check_id).measure(case)
    assert isinstance(outcome, Outcome)
    return outcome


def find(outcome: Outcome, *about: str, name: str = "", group: str | None = None) -> Measure:
    """The one measure about these columns."""
    found = [
        measure
        for measure in outcome.measures
        if measure.about == about
        and measure.name == name
        and (group is None or group in (measure.group or {}).values())
    ]
    assert len(found) == 1, f"{len(found)} measures about {about} {name!r} {group!r}"
    return found[0]


def is_judged(check_id: str, measure: Measure) -> bool:
    """Whether the shipped policies judge this number of a check."""
    result = Result(check_named(check_id).card, Status.RAN, (measure,))
    return judge([result], load_policy("base")).results[0].measures[0].grade is not None


def labelled(rows: int, seed: Sequence[int], noise: float = 1.0) -> pd.DataFrame:
    """Two groups, an outcome that mostly follows from x, and a number that does but for noise."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    return pd.DataFrame(
        {
            "x": x,
            "g": rng.choice(["a", "b"], rows, p=[0.6, 0.4]),
            "y": np.where(rng.logistic(size=rows) < 6 * x, "yes", "no"),
            "number": x + noise * rng.normal(size=rows),
        }
    )
