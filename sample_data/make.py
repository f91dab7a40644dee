"""Makes every table in this folder from one public file: python sample_data/make.py

The source is the RAND Health Insurance Experiment as statsmodels ships it. README.md says what
each column is and which defects the flawed table carries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from audit.arrays import Floats, Ints

HERE = Path(__file__).parent
SEED = 3

SITES = ("Dayton", "Seattle", "Fitchburg", "Franklin County", "Charleston", "Georgetown County")
SHARES = {0: "free", 25: "25 percent", 50: "50 percent", 95: "95 percent"}

# The generator draws one column after the other, each given those named here: what it can
# plausibly depend on, and no more, because every further column is a chance to learn people by heart.
GIVEN = {
    "site": "",
    "plan": "site",
    "race_of_head": "site",
    "family_income": "site plan race_of_head",
    "study_year": "site plan",
    "age": "site plan race_of_head family_income study_year",
    "sex": "age",
    "general_health": "site plan race_of_head family_income age sex",
    "health_index": "site race_of_head family_income study_year age sex general_health",
    "saw_doctor": "site plan race_of_head family_income study_year age sex general_health health_index",
    "other_visits": "site plan race_of_head study_year age sex general_health saw_doctor",
    "outpatient_cost": "site plan race_of_head study_year age sex general_health health_index saw_doctor "
    "other_visits",
    "drug_cost": "site plan race_of_head age sex general_health saw_doctor other_visits outpatient_cost",
    "hospital_cost": "age sex general_health saw_doctor other_visits outpatient_cost drug_cost",
}
# How finely a column is written; columns that are not here are labels or whole numbers.
DECIMALS = {"age": 1, "outpatient_cost": 2, "drug_cost": 2, "hospital_cost": 2, "total_cost": 2}
COLUMNS = (
    "record_id", "site", "plan", "coinsurance", "study_year", "sex", "age", "race_of_head", "family_income",
    "general_health", "health_index", "saw_doctor", "other_visits", "outpatient_cost", "drug_cost",
    "hospital_cost", "total_cost",
)  # fmt: skip
INCOME_STEP = 2500  # dollars; finer steps would tell families apart

CLASSES = 40  # most classes a column is cut into
ATOM = 0.04  # a value that this share of rows holds is a class of its own
# Few and small trees: enough for the shape of the table, too few to learn single people by heart.
TREES, LEAVES, SMALLEST = 80, 8, 40
COMMON = 10  # values held by fewer rows are moved, so that nobody's own value is repeated
NEIGHBOURS = 6
AGE_STEP = 0.8  # years
# The loop: so many tables of so many rows, each generator favouring likely values by this power.
GENERATIONS, GENERATION, FAVOUR = 3, 2000, 1.6


def source() -> pd.DataFrame:
    """The experiment as published: one row per person and year, 20,190 × 45."""
    package = find_spec("statsmodels")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("statsmodels holds the source table: pip install -r requirements.txt")
    return pd.read_csv(Path(package.origin).parent / "datasets" / "randhie" / "src" / "randhie.csv")


def readable(raw: pd.DataFrame) -> pd.DataFrame:
    """Codes as labels; costs to the cent. Values the study filled in by averages become missing."""
    plain = raw["coins"].astype(int).map(SHARES)
    deductible = np.where(raw["coins"] == 0, "deductible", "deductible 100 percent")
    return pd.DataFrame(
        {
            "site": raw["site"].map(dict(enumerate(SITES, 1))),
            "plan": plain.where(raw["idp"] == 0, deductible),
            "study_year": raw["year"].astype(int),
            "sex": np.where(raw["female"] == 1, "female", "male"),
            "age": raw["xage"].round(1),
            "race_of_head": raw["black"].map({0.0: "other", 1.0: "Black"}),
            "family_income": (raw["income"] / INCOME_STEP).round().astype(int) * INCOME_STEP,
            "general_health": np.select(
                [raw["hlthg"] == 1, raw["hlthf"] == 1, raw["hlthp"] == 1],
                ["good", "fair", "poor"],
                "excellent",
            ),
            "health_index": raw["ghindx"].round().astype("Int64"),
            "saw_doctor": np.where(raw["mdvis"] > 0, "yes", "no"),
            "other_visits": raw["notmdvis"].astype(int),
            "outpatient_cost": raw["outpdol"].round(2),
            "drug_cost": (raw["drugdol"] + raw["suppdol"]).round(2),
            "hospital_cost": raw["inpdol"].round(2),
        }
    )


def complete(table: pd.DataFrame, ids: Ints) -> pd.DataFrame:
    """Add what follows from other columns, and an invented key."""
    shares = {name: share for share, name in SHARES.items()}
    shares |= {"deductible": 0, "deductible 100 percent": 100}
    return table.assign(
        record_id=[f"H{number}" for number in ids],
        coinsurance=table["plan"].map(shares),
        total_cost=total_cost(table),
    )[list(COLUMNS)]


def total_cost(table: pd.DataFrame) -> pd.Series:
    return (table["outpatient_cost"] + table["drug_cost"] + table["hospital_cost"]).round(2)


def classes(column: pd.Series) -> Ints:
    """A class per row: labels, frequent values and missing as they are, the rest by quantile."""
    if not pd.api.types.is_numeric_dtype(column):
        codes: Ints = pd.factorize(column.fillna("missing"), sort=True)[0]
        return codes
    values = column.to_numpy(float, na_value=np.nan)
    held, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    own = held if len(held) <= CLASSES else held[counts >= ATOM * len(values)]
    result = np.searchsorted(own, values)
    result[np.isnan(values)] = len(own)
    rest = ~np.isnan(values) & ~np.isin(values, own)
    if rest.any():
        cuts = max(2, min(CLASSES - len(own), int(rest.mean() * CLASSES)))
        edges = np.unique(np.quantile(values[rest], np.linspace(0, 1, cuts + 1)))
        result[rest] = len(own) + 1 + np.searchsorted(edges[1:-1], values[rest], "right")
    return np.unique(result, return_inverse=True)[1]


def features(table: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """Columns as the learner takes them: numbers, and labels with the same codes in both tables."""
    return pd.DataFrame(
        {
            name: table[name].astype(float)
            if pd.api.types.is_numeric_dtype(like[name])
            else pd.Categorical(table[name], categories=sorted(like[name].dropna().unique()))
            for name in table
        }
    )


def donors(
    real: pd.DataFrame, drawn: pd.DataFrame, name: str, rng: np.random.Generator, favour: float = 1.0
) -> Ints:
    """For each row drawn so far a real row whose value of the next column it takes.

    The class of the value is drawn from its chances given the columns it depends on, then any
    real row of that class. Result (rows drawn,), indices into real.

    favour : power of the chances; above 1 likely values are drawn more often than they should be
    """
    before = GIVEN[name].split()
    known = classes(real[name])
    learner = HistGradientBoostingClassifier(
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=SMALLEST,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features="from_dtype",
        random_state=0,
    )
    with threadpool_limits(1):  # sums in one order, whatever the machine
        learner.fit(features(real[before], real), known)
        chances = learner.predict_proba(features(drawn[before], real))
    if favour != 1:
        chances = chances**favour
        chances /= chances.sum(axis=1, keepdims=True)
    chances = chances.cumsum(axis=1)
    last = chances.shape[1] - 1
    place = (chances < rng.random(len(drawn))[:, None]).sum(axis=1).clip(0, last)
    wanted = learner.classes_[place]
    chosen = np.empty(len(drawn), dtype=np.int64)
    for value in np.unique(wanted):
        rows = np.flatnonzero(wanted == value)
        chosen[rows] = rng.choice(np.flatnonzero(known == value), len(rows))
    return chosen


def moved(values: Floats, real: Floats, decimals: int, rng: np.random.Generator) -> Floats:
    """Values that few people hold, moved towards a neighbour's; common ones (zero, 75.0) stay."""
    held, counts = np.unique(real[~np.isnan(real)], return_counts=True)
    rare = held[counts < COMMON]
    here = np.isin(values, rare)
    place = np.searchsorted(rare, values[here])
    below = rare[np.maximum(place - NEIGHBOURS, 0)]
    above = rare[np.minimum(place + NEIGHBOURS, len(rare) - 1)]
    shift = rng.triangular(-1, 0, 1, len(place))
    result = values.copy()
    room = np.where(shift < 0, values[here] - below, above - values[here])
    result[here] = np.round(values[here] + shift * room, decimals)
    return result


def drawn(real: pd.DataFrame, rng: np.random.Generator, favour: float = 1.0) -> pd.DataFrame:
    """As many synthetic rows as there are real ones, column after column; only `real` is seen."""
    rows = len(real)
    first, *others = GIVEN
    table = pd.DataFrame({first: real[first].to_numpy()[rng.integers(0, rows, rows)]})
    for name in others:
        chosen = donors(real, table, name, rng, favour)
        table[name] = written(name, real[name].iloc[chosen].reset_index(drop=True), real[name], rng)
    return table


def written(name: str, values: pd.Series, real: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Taken values as they stand in the table: whole numbers whole, rare values moved."""
    if name == "age":
        near = values + rng.triangular(-AGE_STEP, 0, AGE_STEP, len(values))
        return near.clip(real.min(), real.max()).round(1)
    if name in DECIMALS or name == "other_visits":
        near = moved(values.to_numpy(float), real.to_numpy(float), DECIMALS.get(name, 0), rng)
        return pd.Series(near).astype(real.dtype)
    return values


def generations(real: pd.DataFrame, ids: Ints) -> Iterator[pd.DataFrame]:
    """Tables of a loop: each generator sees nothing but the table before, and favours likely values."""
    seen = real.sample(GENERATION, random_state=SEED, ignore_index=True)
    for at, mine in enumerate(ids):
        seen = complete(drawn(seen, np.random.default_rng([SEED, at]), FAVOUR), mine)
        yield seen


@dataclass(frozen=True)
class Flaws:
    """The good table, damaged; every method is one defect of README.md."""

    table: pd.DataFrame
    rng: np.random.Generator

    def some(self, share: float, among: pd.Series | None = None) -> Ints:
        """Rows picked at random: a share of those where `among` holds."""
        rows = np.arange(len(self.table)) if among is None else np.flatnonzero(among.to_numpy(bool))
        return np.sort(self.rng.choice(rows, round(share * len(rows)), replace=False))

    def put(self, rows: Ints, **values: object) -> Flaws:
        """The same table with these cells changed."""
        table = self.table.copy()
        for name, value in values.items():
            column = table[name].to_numpy(object, copy=True)
            column[rows] = value
            table[name] = column
        return Flaws(table, self.rng)

    def lower_income(self) -> Flaws:
        lowered = (self.table["family_income"] * 0.7 / INCOME_STEP).round().astype(int) * INCOME_STEP
        return Flaws(self.table.assign(family_income=lowered), self.rng)

    def uncouple_visits_from_cost(self) -> Flaws:
        shuffled = self.rng.permutation(self.table["outpatient_cost"].to_numpy())
        return Flaws(self.table.assign(outpatient_cost=shuffled), self.rng)

    def smear_zero(self) -> Flaws:
        rows = self.some(0.2, self.table["hospital_cost"] == 0)
        return self.put(rows, hospital_cost=np.round(self.rng.uniform(0.01, 40, len(rows)), 2))

    def add_up_again(self) -> Flaws:
        """Not a defect: the total follows its parts."""
        return Flaws(self.table.assign(total_cost=total_cost(self.table.astype(_COSTS))), self.rng)

    def lose_group(self) -> Flaws:
        gone = self.some(0.5, self.table["race_of_head"] == "Black")
        return Flaws(self.table.drop(index=gone).reset_index(drop=True), self.rng)

    def withhold_outcome(self) -> Flaws:
        among = (self.table["sex"] == "male") & (self.table["saw_doctor"] == "yes")
        return self.put(self.some(0.35, among), saw_doctor="no")

    def lose_category(self) -> Flaws:
        return self.put(self.some(1.0, self.table["general_health"] == "poor"), general_health="fair")

    def add_missing(self) -> Flaws:
        return self.put(self.some(0.12), general_health=None)

    def invent_category(self) -> Flaws:
        rows = self.some(0.02)
        return self.put(rows, site=np.where(self.rng.random(len(rows)) < 0.5, "Springfield", "dayton"))

    def make_ages_negative(self) -> Flaws:
        rows = self.some(0.008)
        return self.put(rows, age=-np.round(self.rng.uniform(1, 9, len(rows)), 1))

    def write_words_for_numbers(self) -> Flaws:
        return self.put(self.some(0.015), other_visits="unknown")

    def repeat_keys(self) -> Flaws:
        rows = self.some(0.02)
        return self.put(rows, record_id=self.table["record_id"].to_numpy()[rows - 1])

    def paste(self, others: pd.DataFrame, ids: Ints) -> Flaws:
        """Rows from elsewhere, under new keys, among the others."""
        others = others.assign(record_id=[f"H{number}" for number in ids])
        both = pd.concat([self.table.astype(object), others.astype(object)], ignore_index=True)
        return Flaws(both.iloc[self.rng.permutation(len(both))].reset_index(drop=True), self.rng)


_COSTS = {"outpatient_cost": float, "drug_cost": float, "hospital_cost": float}


def flawed(good: pd.DataFrame, real: pd.DataFrame, ids: Ints, rng: np.random.Generator) -> pd.DataFrame:
    """The good table with the defects of README.md, planted one after the other."""
    damaged = Flaws(good, rng).lower_income().uncouple_visits_from_cost().smear_zero().add_up_again()
    damaged = damaged.lose_group().withhold_outcome().lose_category().add_missing().invent_category()
    damaged = damaged.make_ages_negative().write_words_for_numbers().repeat_keys()
    able = real[real["general_health"] != "poor"]  # or the lost category would come back
    copied = able.iloc[rng.choice(len(able), 200, replace=False)]
    damaged = damaged.paste(copied, ids[:200])
    repeated = damaged.table.iloc[damaged.some(0.01)]
    return damaged.paste(repeated, ids[200 : 200 + len(repeated)]).table


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Cells as they are written: a fixed number of decimals by column, nothing for missing."""
    return pd.DataFrame(
        {name: [_cell(value, DECIMALS.get(name)) for value in table[name].astype(object)] for name in table}
    )


def _cell(value: object, decimals: int | None) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    if decimals is not None and isinstance(value, float):
        return f"{value:.{decimals}f}"
    return str(value)


def halves() -> tuple[pd.DataFrame, pd.DataFrame, Mapping[str, Ints]]:
    """Real table, holdout, and numbers for the keys of all tables, no number twice."""
    rng = np.random.default_rng(SEED)
    table = readable(source())
    half = len(table) // 2
    order = rng.permutation(len(table))
    numbers = 100_000 + rng.permutation(900_000)
    cuts = np.cumsum([half, half, half, half])
    real, holdout, good, flawed_ids = np.split(numbers[: cuts[-1]], cuts[:-1])
    loop = numbers[cuts[-1] :][: GENERATIONS * GENERATION].reshape(GENERATIONS, GENERATION)
    return (
        complete(table.iloc[order[:half]].reset_index(drop=True), real),
        complete(table.iloc[order[half:]].reset_index(drop=True), holdout),
        {"good": good, "flawed": flawed_ids, "loop": loop},
    )


def main() -> None:
    real, holdout, ids = halves()
    good = complete(drawn(real, np.random.default_rng(SEED + 1)), ids["good"])
    bad = flawed(good, real, ids["flawed"], np.random.default_rng(SEED + 2))
    tables = {"real": real, "holdout": holdout, "synthetic_good": good, "synthetic_flawed": bad}
    tables |= {f"generation_{at}": table for at, table in enumerate(generations(real, ids["loop"]), 1)}
    for name, table in tables.items():
        as_text(table).to_csv(HERE / f"{name}.csv", index=False)
    (HERE / "schema.json").write_text(json.dumps({"columns": SCHEMA}, indent=1) + "\n")


def _entry(name: str, kind: str, role: str, reason: str) -> dict[str, object]:
    return {"name": name, "kind": kind, "role": role, "reason": reason, "confidence": 1.0}


SCHEMA = [
    _entry("record_id", "key", "none", "an invented number for each row"),
    _entry("site", "category", "quasi_identifier", "where the family lived"),
    _entry("plan", "category", "none", "insurance plan, assigned at random to families"),
    _entry("coinsurance", "number", "none", "percent of a bill the patient pays; follows from the plan"),
    _entry("study_year", "number", "none", "year of the study, 1 to 5"),
    _entry("sex", "category", "sensitive", "a protected attribute"),
    _entry("age", "number", "quasi_identifier", "years, to a tenth"),
    _entry("race_of_head", "category", "sensitive", "a protected attribute, of the head of the household"),
    _entry("family_income", "number", "none", "dollars a year, in steps of 2,500"),
    _entry("general_health", "category", "none", "as the person rates it"),
    _entry("health_index", "number", "none", "0 to 100, higher is better; a quarter is missing"),
    _entry("saw_doctor", "category", "target", "at least one visit to a physician in the year"),
    _entry("other_visits", "number", "none", "visits to others than physicians"),
    _entry("outpatient_cost", "number", "none", "dollars; a quarter is zero"),
    _entry("drug_cost", "number", "none", "dollars, drugs and supplies"),
    _entry("hospital_cost", "number", "none", "dollars; nine in ten are zero"),
    _entry("total_cost", "number", "none", "sum of outpatient, drug and hospital cost"),
]


if __name__ == "__main__":
    main()
