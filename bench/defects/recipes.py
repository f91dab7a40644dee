"""Defects to plant into a clean table, each under its number: what breaks, how much, who must say so.

A clean table is a random third of a real one. A recipe breaks it by a known dose and says what
a finding has to name. The register `RECIPES` goes by number; a family adds its own recipes by
writing functions here or in a module of its own and registering them with `recipe`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Cell = tuple[str, str]  # a column and its value: a group of rows


@dataclass(frozen=True)
class Table:
    """What recipes need to know about a real table.

    options : of the audit
    number : a number that much depends on
    bound : a column that goes with others in every group
    tail : a number with a long upper tail
    lone : two numbers that have nothing to do with each other
    group : column and value of a slice of about a tenth of the rows
    label : a category of a dozen values
    atom : a number of which most rows hold one value
    impossible : pairs of a column and its value, and of another column and a value that never go together
    dependency : a column and another that it determines
    rare : a category with rare values
    people : three attributes of people, the last one a number
    favourable : the outcome that is wished for
    minority : a group of about a third of the people
    corner : a crossing of two groups with more than a hundred rows in a third of the table
    crossing : a larger one
    strata : an attribute with two of its values, and another one, of which every crossing has rows
    proxy : a whole number that differs between the minority and the others, and is none of the people's attributes
    """

    name: str
    options: Mapping[str, Any]
    number: str
    bound: str
    tail: str
    lone: tuple[str, str]
    group: Cell
    label: str
    atom: str
    impossible: tuple[tuple[tuple[str, Any], tuple[str, Any]], ...]
    dependency: tuple[str, str] = ("branch", "region")  # of those that furnish a table
    rare: str = "branch"
    people: tuple[str, ...] = ()
    favourable: str = ""
    minority: Cell = ("", "")
    corner: tuple[Cell, Cell] = (("", ""), ("", ""))
    crossing: tuple[Cell, Cell] = (("", ""), ("", ""))
    strata: tuple[tuple[str, str, str], tuple[str, str, str]] = (("", "", ""), ("", "", ""))
    proxy: str = ""

    @property
    def target(self) -> str:
        """The outcome."""
        return str(self.options["target"])


TABLES = {
    "adult": Table(
        "adult",
        {
            "target": "income",
            "sensitive": ("sex", "race"),
            "estimands": ("mean(age)", "coefficient(income ~ age + education-num + relationship: age)"),
        },
        number="age",
        bound="age",
        tail="fnlwgt",
        lone=("hours-per-week", "fnlwgt"),
        group=("race", "Black"),
        label="occupation",
        atom="capital-gain",
        impossible=(
            (("relationship", "Husband"), ("sex", "Female")),
            (("relationship", "Wife"), ("sex", "Male")),
        ),
        dependency=("education", "education-num"),
        rare="native-country",
        people=("sex", "race", "age"),
        favourable=">50K",
        minority=("sex", "Female"),
        corner=(("sex", "Female"), ("race", "Asian-Pac-Islander")),
        crossing=(("sex", "Female"), ("race", "Black")),
        strata=(("sex", "Female", "Male"), ("marital-status", "Married-civ-spouse", "Never-married")),
        proxy="hours-per-week",
    ),
    "bank-marketing": Table(
        "bank-marketing",
        {"target": "y", "estimands": ("mean(age)", "coefficient(y ~ age + duration + poutcome: age)")},
        number="age",
        bound="month",
        tail="duration",
        lone=("age", "day"),
        group=("marital", "divorced"),
        label="job",
        atom="previous",
        impossible=((("poutcome", "failure"), ("previous", 0)), (("poutcome", "other"), ("previous", 0))),
        people=("marital", "education", "age"),
        favourable="yes",
        minority=("marital", "single"),
        corner=(("marital", "divorced"), ("education", "primary")),
        crossing=(("marital", "single"), ("education", "tertiary")),
        strata=(("marital", "single", "married"), ("housing", "no", "yes")),
        proxy="balance",
    ),
}


@dataclass(frozen=True)
class FindingTarget:
    """What a finding must name: any of these sets of columns, and the group (or crossing of groups) where there is one."""

    columns: tuple[frozenset[str], ...] = ()
    group: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Parts:
    """Three random parts of one population: seen by the generator, never seen, and made by it."""

    real: pd.DataFrame
    holdout: pd.DataFrame
    synthetic: pd.DataFrame

    def map(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Parts:
        """The same change made to all three."""
        return Parts(change(self.real), change(self.holdout), change(self.synthetic))


@dataclass(frozen=True)
class Ground:
    """Where a recipe plants: the parts, how much, what is known of the table, and its dice."""

    parts: Parts
    dose: float
    table: Table
    rng: np.random.Generator


Prepare = Callable[[Parts, np.random.Generator], Parts]
Planted = tuple[pd.DataFrame, FindingTarget]
Plant = Callable[[Ground], Planted]


@dataclass(frozen=True)
class Recipe:
    """A defect: how it is planted, in which doses, and the checks of which one must tell it.

    least : the smallest dose that must be told
    prepare : what all three parts need beforehand, the clean run too
    options : of the audit, beyond those of the table
    """

    number: int
    title: str
    family: str
    doses: tuple[float, ...]
    least: float
    checks: tuple[str, ...]
    plant: Plant
    prepare: Prepare | None = None
    options: Callable[[Table], Mapping[str, Any]] | None = None


RECIPES: dict[int, Recipe] = {}


def recipe(
    number: int,
    title: str,
    family: str,
    *,
    doses: tuple[float, ...],
    least: float,
    checks: tuple[str, ...],
    **more: Any,
) -> Callable[[Plant], Plant]:
    """Put a planting function into the register under its number."""

    def register(plant: Plant) -> Plant:
        if number in RECIPES or least not in doses:
            raise ValueError(f"recipe {number} stands twice, or its least dose is none of its doses")
        RECIPES[number] = Recipe(number, title, family, doses, least, checks, plant, **more)
        return plant

    return register


def split(frame: pd.DataFrame, seed: int) -> Parts:
    """Three random parts of equal size."""
    third = len(frame) // 3
    order = np.random.default_rng([60, seed]).permutation(len(frame))[: 3 * third]
    return Parts(*(frame.iloc[part].reset_index(drop=True) for part in order.reshape(3, third)))


def some_rows(rows: int, share: float, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """A share of the row places, at random."""
    return rng.choice(rows, round(share * rows), replace=False)


def permute(
    frame: pd.DataFrame, column: str, rows: np.ndarray[Any, Any], rng: np.random.Generator
) -> pd.DataFrame:
    """The column's cells dealt anew among these rows."""
    values = frame[column].to_numpy().copy()
    values[rows] = rng.permutation(values[rows])
    return frame.assign(**{column: values})


def any_of(*names: str) -> tuple[frozenset[str], ...]:
    """One of these columns must be named."""
    return tuple(frozenset([name]) for name in names)


def all_of(*names: str) -> tuple[frozenset[str], ...]:
    """These columns must be named together."""
    return (frozenset(names),)
