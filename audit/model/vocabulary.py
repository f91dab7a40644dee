"""The words that a report may hold where only some are allowed; a mistyped one is an error at import."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What the values of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"
    KEY = "key"
    VECTOR = "vector"


class Role(StrEnum):
    """What a column is used for."""

    TARGET = "target"
    SENSITIVE = "sensitive"
    QUASI_IDENTIFIER = "quasi_identifier"
    SECRET = "secret"
    TIME = "time"
    PARENT_KEY = "parent_key"
    IGNORE = "ignore"
    NONE = "none"

    @classmethod
    def _missing_(cls, value: object) -> Role | None:
        """Reports of earlier versions may say "weight", a role that changed nothing."""
        return cls.NONE if value == "weight" else None


class Family(StrEnum):
    """The themes of an audit, in the order of a report."""

    FIDELITY = "fidelity"
    BIAS = "bias"
    DRIFT = "drift"
    ARTIFACTS = "artifacts"
    PRIVACY = "privacy"
    GENERATIONS = "generations"
    POISONING = "poisoning"


class Status(StrEnum):
    """How a check ended."""

    RAN = "ran"
    SKIPPED = "skipped"
    FAILED = "failed"


class Grade(StrEnum):
    """How a number, a check, a family or a whole audit is judged."""

    PASS = "pass"
    WARN = "warn"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NOT_ASSESSABLE = "not_assessable"
    ERROR = "error"


class Unit(StrEnum):
    """What kind of number is shown: a share as percent, points as percentage points, the rest as it is."""

    SHARE = "share"
    POINTS = "points"
    RATIO = "ratio"
    STANDARD_DEVIATIONS = "standard_deviations"
    AREA = "area"
    DISTANCE = "distance"
    SCORE = "score"
    NUMBER = "number"
    SHARE_PER_GENERATION = "share_per_generation"
    POINTS_PER_GENERATION = "points_per_generation"
    DISTANCE_PER_GENERATION = "distance_per_generation"


class Better(StrEnum):
    """Where a number is best; at zero and at one (a ratio) both sides count."""

    LOWER = "lower"
    HIGHER = "higher"
    ZERO = "zero"
    ONE = "one"


class Level(StrEnum):
    """How much a notice about the input matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
