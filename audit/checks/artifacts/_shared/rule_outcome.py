"""What checks on rules share: breaches in the synthetic table against those in the real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from audit.case.case import Case
from audit.case.check import Outcome, Skip
from audit.checks.artifacts._shared.excess_counts import (
    EXAMPLES,
    FALSE_ALARM_RATE,
    excess_over_real,
    gap_bars,
    percent,
    plural,
)
from audit.declare.rules import Rule, RuleKind, rule_from_plain
from audit.mining.active_rules import known_counts, rules_of
from audit.mining.violations import Violations, rows_violating
from audit.model import Chart, Measure, Rows

_LABEL = 60  # characters of a rule beside a bar


def judged_rules(case: Case, rules: Sequence[Rule]) -> tuple[Measure, ...]:
    """A measure for each rule: the share of synthetic rows that break it, beyond chance.

    What chance explains comes from the real rows that the rule was proved on (holdout
    included) and allows for the number of rules.
    """
    synthetic = known_counts(case, case.synthetic, rules)
    real = known_counts(case, case.real, rules)
    held = [Violations(0, 0)] * len(rules)
    if case.holdout is not None:
        held = known_counts(case, case.holdout, rules)
    alarm = FALSE_ALARM_RATE / max(len(rules), 1)
    return tuple(_measure(case, *parts, alarm) for parts in zip(rules, synthetic, real, held, strict=True))


def _measure(
    case: Case, rule: Rule, found: Violations, real: Violations, held: Violations, alarm: float
) -> Measure:
    events, tested = real.rows + held.rows, max(real.rows_tested + held.rows_tested, 1)
    beyond = excess_over_real(found.rows, found.rows_tested, events, found.rows_tested / tested, alarm)
    value = beyond.value
    baseline = held.rows / held.rows_tested if held.rows_tested else 0.0
    measure = Measure(
        value=value,
        about=rule.columns,
        group=dict(zip(rule.columns, rule.values, strict=True))
        if rule.values
        else {"rule": rule.description},
        low=value,
        high=value,
        baseline=baseline,
        n=found.rows_tested,
        sentence=_sentence(rule, found, events, tested),
        rows=_examples(case, rule, found.rows),
        rule=replace(rule, support=tested, confidence=1 - events / tested).to_plain(),
    )
    return measure if rule.enabled else switched_off(measure)


def switched_off(measure: Measure) -> Measure:
    """The same number of a rule that the user has switched off: shown, never judged."""
    return replace(measure, name="off", descriptive=True)


def _sentence(rule: Rule, found: Violations, events: int, tested: int) -> str:
    share = percent(found.rows / found.rows_tested) if found.rows_tested else "0%"
    text = (
        f"{plural(found.rows, 'synthetic row')} of {found.rows_tested:,} ({share}) break the rule “{rule.description}”; "
        f"of {tested:,} real rows {events:,} do."
    )
    if found.rows_unseen:
        text += f" {plural(found.rows_unseen, 'more synthetic row')} cannot be told: no real row is alike on the left."
    return text


def _examples(case: Case, rule: Rule, count: int) -> Rows | None:
    if count == 0:
        return None
    rows = rows_violating(case, case.synthetic, rule).sort("row").head(EXAMPLES).collect()
    return Rows(count, tuple(int(row) for row in rows.get_column("row").to_list()))


def rule_chart(measures: Sequence[Measure], noun: str) -> Chart:
    """The rules that are broken most, real beside synthetic."""
    bars = [(_label(m), m.baseline or 0.0, m.rows.count / m.n if m.rows and m.n else 0.0) for m in measures]
    worst, _, share = max(bars, key=lambda bar: bar[2])
    return gap_bars(
        f"“{worst}” is broken most: in {percent(share)} of synthetic rows"
        if share
        else f"No {noun} is broken",
        f"Share of rows that break each {noun}; the most is {percent(share)}.",
        bars,
        "share of rows",
    )


def _label(measure: Measure) -> str:
    words = rule_from_plain(measure.rule).description if measure.rule else ""
    return words if len(words) <= _LABEL else words[: _LABEL - 1] + "…"


def rule_outcome(case: Case, kinds: Sequence[RuleKind], noun: str, none: str) -> Outcome:
    """Everything a check on rules of some kinds gives: those mined and those that the user gave.

    Raises
    ------
    Skip
        Where there is no rule: `none` says why.
    """
    rules = rules_of(case, *kinds)
    if not rules:
        raise Skip(none)
    measures = judged_rules(case, rules)
    broken = sum(m.value > 0 and not m.descriptive for m in measures)
    return Outcome(
        measures,
        {"rules": float(sum(rule.enabled for rule in rules)), "broken_rules": float(broken)},
        (rule_chart(measures, noun),),
    )
