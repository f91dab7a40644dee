"""What an audit is asked to do: the same record for the command line, the app and Python."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from audit.declare.bands import bands_in, read_bands
from audit.declare.commitment import make_commitment, make_secret
from audit.declare.estimands import parse_estimand
from audit.declare.generator_card import make_card, privacy_claim
from audit.declare.rules import Rule, rules_from_plain
from audit.declare.watermark import make_watermark
from audit.errors import OptionError

SHORTEST_SALT = 16  # characters
LOOPS = ("replace", "accumulate")
PURPOSES = ("analytics", "ml_training", "sharing", "software_testing")


class Order(StrEnum):
    """How the tables of a series follow each other."""

    GENERATIONS = "generations"  # each made by a generator that was trained on the one before
    SETTINGS = "settings"  # one generator under several settings; the first is the one in use


ORDERS = tuple(Order)


def step_role(at: int) -> str:
    """The role of a table of a series by its place, counted from 0."""
    return f"synthetic{at + 1}"


@dataclass(frozen=True, slots=True)
class Options:
    """One audit, as asked for. Plain values only, so that it can be stored as JSON.

    real, synthetic, holdout : paths of the files
    names : display names by role ("real", "synthetic", "holdout"); shown, never used as paths
    target, time : a column name, or "" for none
    batch : a column of the synthetic table that says in which batch a row was made, or "" for none
    sensitive, keys, secret, quasi, ignore : column names
    estimands : what will be estimated, as `audit.declare.estimands` reads it, such as "mean(age)"
    bands : where the numbers of a sensitive column are cut, {"age": [25, 45, 65]}, or None
    schema : column overrides, {"columns": [{"name", "kind", "role", "bands"}]} or None
    rules : rules to apply, add or switch off, {"rules": [...]} as in a rules file, or None
    watermark : a declared watermark, as `audit.declare.watermark` reads it, {"method", "key", "columns", "bins"}
    generator_card : what the owner states about the generator, as `audit.declare.generator_card` reads it, or None
    commitment, commitment_secret : to a holdout, made before training, as `audit.declare.commitment` reads them
    salt : a secret word under which columns of real people are hashed, or "" to hash no column of few values
    population : path of a table with the shares of groups in a population, or ""
    cost_real, cost_synthetic : of one row, in any one currency; 0 where it is not asked for
    epsilon, delta : of a guarantee of differential privacy that is claimed; 0 for none
    policy : path of a policy file, or "" for the shipped policy of the purpose
    families, checks : run only these; empty for all
    series : paths of several synthetic tables in order, of which `synthetic` is the last; empty for one
    order : "generations", each trained on the one before, or "settings" of one generator
    fresh_share : share of fresh real rows that each generation was trained on, one number or one for
        each; empty where it is not known
    loop : "replace" where a generation is trained on the last synthetic rows, "accumulate" where all
        rows so far are kept, "" where it is not known
    """

    real: str
    synthetic: str
    holdout: str = ""
    names: Mapping[str, str] | None = None
    target: str = ""
    sensitive: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    time: str = ""
    batch: str = ""
    secret: tuple[str, ...] = ()
    quasi: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    estimands: tuple[str, ...] = ()
    cost_real: float = 0.0
    cost_synthetic: float = 0.0
    purpose: str = "analytics"
    population: str = ""
    policy: str = ""
    bands: Mapping[str, Sequence[float]] | None = None
    schema: Mapping[str, Any] | None = None
    watermark: Mapping[str, Any] | None = None
    generator_card: Mapping[str, Any] | None = None
    commitment: Mapping[str, Any] | None = None
    commitment_secret: Mapping[str, Any] | None = None
    salt: str = ""
    rules: Mapping[str, Any] | None = None
    epsilon: float = 0.0
    delta: float = 0.0
    vulnerable_ids: bool = False
    families: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    order: str = "generations"
    fresh_share: tuple[float, ...] = ()
    loop: str = ""
    seed: int = 0
    engine: str = "duckdb"
    memory_limit: str = "4GB"
    threads: int = 0

    def __post_init__(self) -> None:
        if self.purpose not in PURPOSES:
            raise OptionError(
                f"The purpose {self.purpose!r} does not exist.", f"Choose one of {', '.join(PURPOSES)}."
            )
        for name, number in (("seed", self.seed), ("threads", self.threads)):
            if number < 0:
                raise OptionError(f"The option {name} is {number}.", "Give a whole number from 0 up.")
        for name, edges in (self.bands or {}).items():
            read_bands(name, edges)
        self._refuse_amounts()
        for estimand in self.estimands:
            parse_estimand(estimand)
        if self.watermark is not None:
            make_watermark(self.watermark)
        if self.generator_card is not None:
            make_card(self.generator_card)
        self._refuse_promises()
        self._refuse_series()
        self.declared_rules()

    def _refuse_amounts(self) -> None:
        for name, cost in (("cost_real", self.cost_real), ("cost_synthetic", self.cost_synthetic)):
            if not 0 <= cost < math.inf:
                raise OptionError(
                    f"The option {name} is {cost}.", "Give what a row costs, a number from 0 up."
                )
        if not 0 <= self.epsilon < math.inf:
            raise OptionError(
                f"The option epsilon is {self.epsilon:g}.", "Give a number from 0 up; 0 for no claim."
            )
        if not 0 <= self.delta < 1:
            raise OptionError(f"The option delta is {self.delta:g}.", "Give a number from 0 to below 1.")

    def _refuse_promises(self) -> None:
        if self.salt and len(self.salt) < SHORTEST_SALT:
            raise OptionError(
                f"The salt has {len(self.salt)} characters; fewer than {SHORTEST_SALT} can be guessed.",
                f"Give a random word of at least {SHORTEST_SALT} characters.",
            )
        if self.commitment is None and self.commitment_secret is None:
            return
        if self.commitment is None or self.commitment_secret is None:
            lacks = "secret" if self.commitment_secret is None else "commitment"
            raise OptionError(
                f"A commitment can be checked only with its secret; the {lacks} is not given.",
                "Give both files, --commitment and --commitment-secret.",
            )
        make_secret(self.commitment_secret, make_commitment(self.commitment))

    def _refuse_series(self) -> None:
        for name, value, known in (("order", self.order, ORDERS), ("loop", self.loop, ("", *LOOPS))):
            if value not in known:
                raise OptionError(
                    f"The option {name} is {value!r}.", f"Choose one of {', '.join(filter(None, known))}."
                )
        for share in self.fresh_share:
            if not 0 <= share <= 1:
                raise OptionError(
                    f"The fresh share {share:g} is no share.", "Give a number from 0 to 1, such as 0.5."
                )
        if self.series and len(self.fresh_share) not in (0, 1, len(self.series)):
            raise OptionError(
                f"{len(self.fresh_share)} fresh shares are given for {len(self.series)} generations.",
                "Give one for all, or one for each in their order.",
            )

    def privacy_claim(self) -> tuple[float, float]:
        """Epsilon and delta that are claimed: as given, else as the generator card states them."""
        return (self.epsilon, self.delta) if self.epsilon else privacy_claim(self.generator_card)

    def declared_rules(self) -> tuple[Rule, ...]:
        """The rules of `rules`; raises RuleError where one cannot be read."""
        return rules_from_plain(self.rules or {}, "the rules")

    def all_bands(self) -> dict[str, tuple[float, ...]]:
        """Edges by column, of `bands` and of the schema; of `bands` where both name a column."""
        named = {**bands_in(self.schema), **(self.bands or {})}
        return {name: read_bands(name, edges) for name, edges in named.items()}

    def sources(self) -> dict[str, Path]:
        """The files by role; those of a series as "synthetic1", "synthetic2" …, in their order."""
        series = {step_role(at): path for at, path in enumerate(self.series)}
        paths = {
            "real": self.real,
            **(series or {"synthetic": self.synthetic}),
            "holdout": self.holdout,
            "population": self.population,
        }
        return {role: Path(path) for role, path in paths.items() if path}

    def to_json(self) -> str:
        """As JSON, for a run directory."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Options:
        """From JSON; unknown keys are refused, lists become tuples."""
        values = json.loads(text)
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise OptionError(f"The options hold {unknown[0]!r}, which does not exist.")
        arguments: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        return cls(**arguments)
