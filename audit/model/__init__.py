"""The nouns: frozen records of plain values, no behaviour, no tables.

Every wing of the house meets the others here: what a check found (`Result`), how it was
judged (`JudgedMeasure`, `Finding`, `Verdict`), its pictures (`Chart`) and the whole (`Report`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.model.charts import (
    Bars as Bars,
    Caption as Caption,
    Captioned as Captioned,
    Cells as Cells,
    Chart as Chart,
    Estimate as Estimate,
    Forest as Forest,
    Heatmap as Heatmap,
    Histogram as Histogram,
    Intervals as Intervals,
    JointShares as JointShares,
    Lines as Lines,
    Matrix as Matrix,
    RatioPlane as RatioPlane,
    Series as Series,
    UnknownChart as UnknownChart,
    as_series as as_series,
    compared_intervals as compared_intervals,
    interval_chart as interval_chart,
    line_chart as line_chart,
    ratio_plane as ratio_plane,
    share_bars as share_bars,
)
from audit.model.meaning import (
    Attack as Attack,
    Fold as Fold,
    GroupQuestion as GroupQuestion,
    Page as Page,
    Section as Section,
)
from audit.model.tables import (
    Alignment as Alignment,
    CoercedColumn as CoercedColumn,
    Column as Column,
    SkippedColumn as SkippedColumn,
    TableFacts as TableFacts,
)
from audit.model.vocabulary import (
    Better as Better,
    Family as Family,
    Grade as Grade,
    Kind as Kind,
    Level as Level,
    Role as Role,
    Status as Status,
    Unit as Unit,
)

FORMAT = 1  # of report.json; older reports still load
TOOL = "synthetic-data-audit"
VERSION = "0.1.0"
EVIDENTLY = "evidently.html"  # the second opinion's own report, beside ours
# Files in which checks tell rows one by one.
BROKEN_RULES = "broken_rules.csv"  # which synthetic rows break which rules
ROW_WEIGHTS = "row_weights.csv"  # a weight for every synthetic row
SUSPECT_ROWS = "suspect_rows.csv"  # rows that may have been planted
VULNERABLE_RECORDS = "vulnerable_records.csv"  # hashed row numbers, for the owner who asks


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the input that the user should know."""

    level: Level
    text: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """How to read a number.

    unit : what kind of number it is; it alone decides how the number is written
    words : what is counted, such as "share of synthetic rows"
    low, high : the ends of the scale; None where it has no end
    """

    unit: Unit
    words: str
    better: Better
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What a check is, in words a reader can use, and what its numbers mean elsewhere.

    known_as : the name of the number in the literature; empty where it has none
    page, section : where it is shown
    folds : how its findings are told together with others
    explained_by : id of a check: what nearly all of a finding is, where that check has found it too
    answers : what it answers about groups
    attack : what it simulates, of a privacy check
    files : names of the files beside the report in which it tells rows one by one
    descriptive : its numbers are shown and never judged
    learned : its numbers come from a trained model, so they move a little with the order of rows
    order_matters : it looks at the order of rows
    """

    id: str
    title: str
    family: Family
    question: str
    scale: Scale
    explanation: str
    source: str
    next_step: str
    known_as: str = ""
    page: Page = Page.UTILITY
    section: Section = Section.OTHER
    folds: tuple[Fold, ...] = ()
    explained_by: str = ""
    answers: tuple[GroupQuestion, ...] = ()
    attack: Attack | None = None
    files: tuple[str, ...] = ()
    descriptive: bool = False
    learned: bool = False
    order_matters: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the synthetic table (counted from 1, as data rows) behind a number."""

    count: int
    examples: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a check.

    value : on the scale of the check's card
    about : the columns it is about; empty for the whole table
    name : which of the check's numbers this is; empty for the main one
    group : the group of rows it is about, as column to value
    low, high : ends of the 95 % interval; equal to the value where every row was counted
        and the question is about these rows
    baseline : the same number for real against real; None where there is none
    n : synthetic rows behind the number
    sentence : the fact in one sentence that a reader can repeat; no grade in it
    descriptive : shown, never judged, whatever its size
    p_value : chance that a perfect table shows as much, in the directions looked at; None without a test
    comparisons : numbers looked at, of which this is one or the largest; 1 for an adjusted p-value
    support : rows that decide how much the number can tell, such as those in a tail; None for `n`
    next_step : what to do about this one, where the card's advice does not fit
    rule : the rule it counts breaches of, as plain values (`audit.declare.rules.Rule.to_plain`)
    """

    value: float
    about: tuple[str, ...] = ()
    name: str = ""
    group: Mapping[str, str] | None = None
    low: float | None = None
    high: float | None = None
    baseline: float | None = None
    n: int = 0
    sentence: str = ""
    rows: Rows | None = None
    descriptive: bool = False
    next_step: str = ""
    rule: Mapping[str, Any] | None = None
    p_value: float | None = None
    comparisons: int = 1
    support: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a check gave. `grade_if_not_run` tells not applicable from not assessable."""

    card: Card
    status: Status
    measures: tuple[Measure, ...] = ()
    summary: Mapping[str, float] = field(default_factory=dict)
    charts: tuple[Chart, ...] = ()
    reason: str | None = None
    remedy: str = ""
    grade_if_not_run: Grade = Grade.NOT_APPLICABLE
    rows_used: Mapping[str, int | None] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class JudgedMeasure:
    """A measure with the grade that a policy gave it.

    grade : None where only shown: descriptive, without a tolerance, or held back by the screen
    tolerance_warn, tolerance_fail : on the scale of the check; None where not judged
    needed_n : rows per table it would take to tell, where the grade is inconclusive
    """

    measure: Measure
    grade: Grade | None = None
    tolerance_warn: float | None = None
    tolerance_fail: float | None = None
    needed_n: int | None = None


@dataclass(frozen=True, slots=True)
class JudgedResult:
    """A result with its judged measures and the grade of the check."""

    result: Result
    measures: tuple[JudgedMeasure, ...]
    grade: Grade


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a reader should look at, in a sentence, with what to do next.

    measures : what is behind it: one number, or all that a check could not tell
    folded : ids of the findings that are told with it
    """

    id: str
    check: str
    family: Family
    grade: Grade
    severity: float
    about: tuple[str, ...]
    group: Mapping[str, str] | None
    sentence: str
    next_step: str
    measures: tuple[JudgedMeasure, ...] = ()
    folded: tuple[str, ...] = ()

    @property
    def judged_measure(self) -> JudgedMeasure | None:
        """The number it is about; None where it sums up several."""
        return self.measures[0] if len(self.measures) == 1 else None

    @property
    def value(self) -> float | None:
        """The number itself, on the scale of its check; None where it sums up several."""
        return self.judged_measure.measure.value if self.judged_measure else None

    @property
    def tolerance(self) -> float | None:
        """The tolerance that its grade comes from."""
        if not self.measures:
            return None
        first = self.measures[0]
        return first.tolerance_fail if self.grade is Grade.FAIL else first.tolerance_warn

    @property
    def rows(self) -> Rows | None:
        """Synthetic rows behind it; None where nothing could be told."""
        return (
            self.judged_measure.measure.rows
            if self.judged_measure and self.grade is not Grade.INCONCLUSIVE
            else None
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, the rule that fired in words, and the findings behind it."""

    grade: Grade
    rule: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FamilyGrade:
    """The worst grade in a family, how many checks ran and how many could not."""

    grade: Grade
    checks: int
    not_assessed: int


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """A check that gave no number: why, and what would allow it."""

    check: str
    why: str
    what_would_allow_it: str


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """Which policy judged."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """How many tests were made and what was done about it."""

    tests: int
    method: str
    expected_false_alarms: float


@dataclass(frozen=True, slots=True)
class Redaction:
    """Values held by fewer than k people are not shown; how many were held back."""

    k: int
    suppressed: int


@dataclass(frozen=True, slots=True)
class Report:
    """One audit, whole. Every telling (JSON, HTML, Markdown, CSV, pages) is drawn from it."""

    id: str
    made_at: str
    seed: int
    environment: Mapping[str, str]
    purpose: str
    policy: PolicyFacts
    engine: str
    tables: Mapping[str, TableFacts | None]
    columns: tuple[Column, ...]
    alignment: Alignment
    notices: tuple[Notice, ...]
    results: tuple[JudgedResult, ...]
    findings: tuple[Finding, ...]
    families: Mapping[Family, FamilyGrade]
    verdict: Verdict
    not_assessed: tuple[NotAssessed, ...]
    multiplicity: Multiplicity
    redaction: Redaction
    provenance: Mapping[str, Any]
