"""From numbers to grades, findings and a verdict. Pure: the same numbers and policy, the same answer.

Judged is what says enough: the screen of the policy holds back what chance explains or few rows
cannot tell. A measure fails when its interval lies beyond the fail tolerance after multiplicity control,
warns when it lies beyond the warn tolerance, passes only when it lies wholly inside
(equivalence), and is inconclusive otherwise. The verdict is gates and the worst grade, never
an average.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from audit.declare.options import PURPOSES
from audit.judge.defaults import with_defaults
from audit.judge.findings import make_findings
from audit.judge.policy import Policy, Tolerance
from audit.model import (
    Better,
    Card,
    Column,
    Family,
    FamilyGrade,
    Finding,
    Grade,
    JudgedMeasure,
    JudgedResult,
    Kind,
    Measure,
    Multiplicity,
    NotAssessed,
    Report,
    Result,
    Role,
    Scale,
    Status,
    Verdict,
)
from audit.stats.inference.intervals import Z95, normal_tail
from audit.stats.inference.multiplicity import benjamini_hochberg

ORDER = (Grade.PASS, Grade.WARN, Grade.INCONCLUSIVE, Grade.FAIL)
_ENDLESS = 20.0  # stands for an infinite effect, such as the logarithm of a ratio of zero
_MAX_ROWS = 10**9  # a larger need of rows is no advice


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything a policy says about the results."""

    results: tuple[JudgedResult, ...]
    findings: tuple[Finding, ...]
    families: Mapping[Family, FamilyGrade]
    verdict: Verdict
    not_assessed: tuple[NotAssessed, ...]
    multiplicity: Multiplicity

    def parts(self) -> dict[str, Any]:
        """What a report holds of it, by the names of the report's fields."""
        return {part.name: getattr(self, part.name) for part in fields(self)}


@dataclass(frozen=True, slots=True)
class _Effect:
    """A measure turned so that more is worse: effect, its interval, and the tolerances.

    endless : a ratio of nothing to something, whose logarithm has no end
    """

    value: float
    low: float
    high: float
    warn: float
    fail: float
    endless: bool = False


def judge(
    results: Sequence[Result], policy: Policy, importance: Mapping[str, float] | None = None
) -> Judgement:
    """Grade every measure, draw the findings and give the verdict.

    Parameters
    ----------
    results : as the checks gave them
    policy : tolerances, required and advisory checks
    importance : weight of a column in the ranking, 1 for an ordinary one
    """
    policy = with_defaults(policy, [result.card for result in results])
    grades, tests, discoveries = _grade_measures(results, policy)
    judged = tuple(_judge_result(result, grades, policy) for result in results)
    findings = make_findings(judged, importance or {})
    rate = policy.false_discovery_rate
    return Judgement(
        results=judged,
        findings=findings,
        families=_families(judged),
        verdict=_verdict(judged, findings, policy),
        not_assessed=tuple(
            NotAssessed(r.result.card.id, r.result.reason or "", r.result.remedy)
            for r in judged
            if r.result.status is not Status.RAN
        ),
        multiplicity=Multiplicity(
            tests, f"Benjamini-Hochberg within each family, q = {rate:g}", round(rate * discoveries, 3)
        ),
    )


def rejudge(report: Report, policy: Policy) -> Report:
    """The same measurements under another policy; nothing is measured again."""
    importance = column_importance(report.columns)
    if isinstance(report.provenance.get("series"), dict):  # what is required is asked of a single table
        policy = replace(policy, required=())
    judged = judge([r.result for r in report.results], policy, importance)
    return replace(
        report,
        purpose=policy.name if policy.name in PURPOSES else report.purpose,
        policy=policy.facts,
        **judged.parts(),
    )


def column_importance(columns: Sequence[Column]) -> dict[str, float]:
    """Targets, sensitive columns and keys weigh more in the ranking of findings."""
    heavy = {Role.TARGET: 1.5, Role.SENSITIVE: 1.3, Role.QUASI_IDENTIFIER: 1.1}
    return {c.name: heavy.get(c.role, 1.2 if c.kind is Kind.KEY else 1.0) for c in columns}


def _grade_measures(results: Sequence[Result], policy: Policy) -> tuple[dict[int, JudgedMeasure], int, int]:
    """Grades by identity of the measure, the number of tests and how many rejected."""
    graded: dict[int, JudgedMeasure] = {}
    tests = discoveries = 0
    for family in Family:
        entries = [
            (measure, effect, tolerance)
            for result in results
            if result.card.family is family and result.status is Status.RAN
            for measure in result.measures
            for tolerance in [policy.tolerance(result.card.id, measure.name, whole=_is_headline(measure))]
            if tolerance is not None and _is_judged(measure, result.card.scale, tolerance, policy)
            for effect in [_effect(measure, result.card.scale, tolerance)]
        ]
        fails = benjamini_hochberg([_p_value(e, e.fail) for _, e, _ in entries])
        warns = benjamini_hochberg([_p_value(e, e.warn) for _, e, _ in entries])
        tests += len(entries)
        for (measure, effect, tolerance), p_fail, p_warn in zip(entries, fails, warns, strict=True):
            grade = _grade(effect, float(p_fail), float(p_warn), policy.false_discovery_rate)
            discoveries += grade in (Grade.FAIL, Grade.WARN)
            needed = _needed_rows(effect, measure.n) if grade is Grade.INCONCLUSIVE else None
            graded[id(measure)] = JudgedMeasure(measure, grade, tolerance.warn, tolerance.fail, needed)
    return graded, tests, discoveries


def _is_judged(measure: Measure, scale: Scale, tolerance: Tolerance, policy: Policy) -> bool:
    """Whether a number says enough for a grade; the only place that decides it."""
    screen = policy.screen if tolerance.screen is None else tolerance.screen
    if measure.descriptive or not screen.admits(measure):
        return False
    if screen.least_effect is None:
        return True
    effect = _effect(measure, scale, Tolerance(screen.least_effect, screen.least_effect))
    return effect.value >= effect.warn


def _effect(measure: Measure, scale: Scale, tolerance: Tolerance) -> _Effect:
    value = measure.value
    low = value if measure.low is None else measure.low
    high = value if measure.high is None else measure.high
    if scale.better is Better.HIGHER:
        return _Effect(-value, -high, -low, -tolerance.warn, -tolerance.fail)
    if scale.better is Better.LOWER:
        return _Effect(value, low, high, tolerance.warn, tolerance.fail)
    if scale.better is Better.ONE:
        value, low, high = (_log(x) for x in (value, low, high))
        tolerance = Tolerance(abs(math.log(tolerance.warn)), abs(math.log(tolerance.fail)))
    if value < 0:
        value, low, high = -value, -high, -low
    # The far side of zero counts too: an interval that reaches further below than above.
    endless = scale.better is Better.ONE and value >= _ENDLESS
    return _Effect(value, low, max(high, -low), tolerance.warn, tolerance.fail, endless)


def _log(value: float) -> float:
    return min(math.log(value), _ENDLESS) if value > 0 else -_ENDLESS


def _p_value(effect: _Effect, tolerance: float) -> float:
    """Of the null hypothesis that the effect is no larger than the tolerance."""
    if effect.endless:
        # None of the rows: were the ratio at the tolerance, none had this chance (its upper end has 0.025).
        return float(0.025 ** min(math.exp(effect.low - tolerance), 300.0))
    error = (effect.value - effect.low) / Z95
    if error <= 0:
        return 0.0 if effect.value > tolerance else 1.0
    return normal_tail((effect.value - tolerance) / error)


def _grade(effect: _Effect, p_fail: float, p_warn: float, rate: float) -> Grade:
    if effect.low > effect.fail and p_fail <= rate:
        return Grade.FAIL
    if effect.low > effect.warn and p_warn <= rate:
        return Grade.WARN
    if effect.high < effect.warn or effect.value == effect.high <= effect.warn:
        return Grade.PASS
    return Grade.INCONCLUSIVE


def _needed_rows(effect: _Effect, n: int) -> int | None:
    """Rows at which the interval would clear the warn tolerance, were the effect as seen."""
    half = (effect.high - effect.low) / 2
    gap = abs(effect.warn - effect.value)
    if gap <= 0 or half <= 0 or n <= 0:
        return None
    needed = n * (half / gap) ** 2
    return None if needed > _MAX_ROWS else _round_up(max(needed, n + 1))


def _round_up(rows: float) -> int:
    step = 10 ** max(int(math.log10(rows)) - 1, 0)
    return int(math.ceil(rows / step) * step)


def _judge_result(result: Result, grades: Mapping[int, JudgedMeasure], policy: Policy) -> JudgedResult:
    if result.status is Status.FAILED:
        return JudgedResult(result, (), Grade.ERROR)
    if result.status is Status.SKIPPED:
        return JudgedResult(result, (), result.grade_if_not_run)
    advisory = result.card.id in policy.advisory
    measures = tuple(_soften(grades.get(id(m), JudgedMeasure(m)), advisory) for m in result.measures)
    return JudgedResult(result, measures, _check_grade(measures, result.card.scale))


def _soften(judged: JudgedMeasure, advisory: bool) -> JudgedMeasure:
    return replace(judged, grade=Grade.WARN) if advisory and judged.grade is Grade.FAIL else judged


def _check_grade(measures: Sequence[JudgedMeasure], scale: Scale) -> Grade:
    """The worst grade; where the whole-table number is decided, open details that may fail warn.

    An open detail that cannot fail is told as a finding and leaves the check's grade alone:
    among hundreds of details some always reach a little over the warn tolerance by chance. A
    check whose numbers are only shown has no grade: it must not look like one that passed.
    """
    grades = [j.grade for j in measures if j.grade is not None]
    if not grades:
        return Grade.NOT_APPLICABLE
    if Grade.FAIL in grades:
        return Grade.FAIL
    headline = [j.grade for j in measures if _is_headline(j.measure) and j.grade is not None]
    if Grade.INCONCLUSIVE in (headline or grades):
        return Grade.INCONCLUSIVE
    return Grade.WARN if Grade.WARN in grades or any(_may_fail(j, scale) for j in measures) else Grade.PASS


def _may_fail(judged: JudgedMeasure, scale: Scale) -> bool:
    """Whether it is open if a number lies beyond the fail tolerance."""
    if judged.grade is not Grade.INCONCLUSIVE:
        return False
    warn, fail = judged.tolerance_warn or 0.0, judged.tolerance_fail or 0.0
    effect = _effect(judged.measure, scale, Tolerance(warn, fail))
    return effect.high >= effect.fail


def _is_headline(measure: Measure) -> bool:
    return not measure.about and not measure.group and not measure.name


def _families(judged: Sequence[JudgedResult]) -> dict[Family, FamilyGrade]:
    grades = {}
    for family in Family:
        mine = [r for r in judged if r.result.card.family is family]
        if mine:
            ran = [r.grade for r in mine if r.grade in ORDER]
            worst = max(ran, key=ORDER.index) if ran else Grade.NOT_ASSESSABLE
            grades[family] = FamilyGrade(
                worst, len(mine), sum(r.result.status is not Status.RAN for r in mine)
            )
    return grades


def _verdict(judged: Sequence[JudgedResult], findings: Sequence[Finding], policy: Policy) -> Verdict:
    by_id = {r.result.card.id: r for r in judged}
    failed = [r.result.card for r in judged if r.grade is Grade.FAIL]
    if failed:
        return Verdict(Grade.FAIL, _fail_rule(failed, policy), _reasons(findings, Grade.FAIL))
    if not any(r.grade in ORDER for r in judged):
        return Verdict(Grade.INCONCLUSIVE, f"Cannot tell: no check gave a number that {policy.name} judges.")
    undecided = [
        c for c in policy.required if c not in by_id or by_id[c].grade not in (Grade.PASS, Grade.WARN)
    ]
    if undecided:
        why = "; ".join(_why_undecided(check, by_id.get(check)) for check in undecided[:3])
        rule = f"Cannot tell: for {policy.title} a required check gave no clear answer ({why})."
        return Verdict(Grade.INCONCLUSIVE, rule, _reasons(findings, Grade.INCONCLUSIVE))
    open_questions = [r.result.card for r in judged if r.grade in (Grade.WARN, Grade.INCONCLUSIVE)]
    if open_questions:
        rule = (
            f"Usable with care: nothing is beyond a fail tolerance for {policy.title}, but {_count(len(open_questions), 'check')} "
            f"found something to know ({_titles(open_questions)})."
        )
        return Verdict(Grade.WARN, rule, _reasons(findings, Grade.WARN))
    return Verdict(
        Grade.PASS, f"Pass: every check that ran lies wholly inside its tolerance for {policy.title}.", ()
    )


def _fail_rule(failed: Sequence[Card], policy: Policy) -> str:
    return (
        f"Fail: {_count(len(failed), 'check')} found a difference that lies beyond the fail tolerance for {policy.title}, "
        f"uncertainty included ({_titles(failed)})."
    )


def _why_undecided(check: str, result: JudgedResult | None) -> str:
    if result is None:
        return f"{check} was left out"
    if result.grade is Grade.INCONCLUSIVE:
        return f"{result.result.card.title}: the interval reaches across the tolerance"
    return f"{result.result.card.title}: {result.result.reason or 'did not run'}".rstrip(".")


def _titles(cards: Sequence[Card], most: int = 4) -> str:
    shown = ", ".join(card.title.lower() for card in cards[:most])
    return shown + (f" and {len(cards) - most} more" if len(cards) > most else "")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _reasons(findings: Sequence[Finding], grade: Grade, most: int = 6) -> tuple[str, ...]:
    """The strongest finding of each check, worst first."""
    wanted = (Grade.FAIL,) if grade is Grade.FAIL else (Grade.INCONCLUSIVE, Grade.WARN)
    seen: set[str] = set()
    folded = {f for finding in findings for f in finding.folded}
    reasons = []
    for finding in findings:
        if finding.grade in wanted and finding.check not in seen and finding.id not in folded:
            seen.add(finding.check)
            reasons.append(finding.id)
    return tuple(reasons[:most])
