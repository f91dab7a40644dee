"""Rules: what was mined, what was declared, how often each is broken; on and off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from audit.declare.rules import Rule, RuleKind, rule_from_plain
from audit.model import JudgedMeasure, JudgedResult, Report
from audit.render import formatting
from pages.parts.base import grade
from pages.parts.base.markdown import plain_text
from pages.parts.widgets import table

KINDS = {
    RuleKind.DEPENDENCY: "dependency",
    RuleKind.IMPLICATION: "implication",
    RuleKind.FORBIDDEN: "forbidden combination",
    RuleKind.ORDER: "order",
    RuleKind.EQUATION: "equation",
    RuleKind.PRODUCT: "product",
    RuleKind.UNIQUE: "different in every row",
    RuleKind.FORMAT: "format",
}
NEW = "new"
_Z = 1.959964  # of the normal distribution, 95 % two-sided
LINE = 66  # pixels of a row; only in rows higher than 64 does text break into lines


@dataclass(frozen=True, slots=True)
class TestedRule:
    """A rule and how it is kept; `judged` is None for one that was not part of the audit."""

    rule: Rule
    result: JudgedResult | None = None
    judged: JudgedMeasure | None = None

    @property
    def tested_rows(self) -> int:
        """Synthetic rows that the rule says something about."""
        return self.judged.measure.n if self.judged else 0

    @property
    def broken_rows(self) -> int:
        """Synthetic rows that break it."""
        rows = self.judged.measure.rows if self.judged else None
        return rows.count if rows else 0

    @property
    def real_broken_rows(self) -> int:
        """Real rows that break it, of `rule.support`."""
        return round((1 - self.rule.confidence) * self.rule.support)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share of synthetic rows that break it."""
        return wilson(self.broken_rows, self.tested_rows)


def of_report(report: Report) -> list[TestedRule]:
    """Every rule of a report, the most judged first, then by how often it is broken."""
    found: dict[str, TestedRule] = {}
    for result in report.results:
        for judged in result.measures:
            if judged.measure.rule is not None:
                rule = rule_from_plain(judged.measure.rule, "the report")
                found.setdefault(rule.id, TestedRule(rule, result, judged))
    return sorted(found.values(), key=_badness)


def with_given(known: Iterable[TestedRule], given: Sequence[Rule]) -> list[TestedRule]:
    """Rules of the report with those of a file or a form: what is known is switched, the rest comes first."""
    asked = {rule.id: rule for rule in given}
    kept = [
        replace(one, rule=replace(one.rule, enabled=asked[one.rule.id].enabled))
        if one.rule.id in asked
        else one
        for one in known
    ]
    names = {one.rule.id for one in kept}
    new = [TestedRule(replace(rule, origin="declared")) for name, rule in asked.items() if name not in names]
    return [*new, *kept]


def to_send(rules: Iterable[Rule]) -> list[Rule]:
    """What an audit must be told: what it cannot mine itself, and what is switched off."""
    return [rule for rule in rules if rule.origin != "mined" or not rule.enabled]


def wilson(count: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; from 0 to 1 where nothing was counted."""
    if n == 0:
        return 0.0, 1.0
    share, spread = count / n, _Z * _Z / n
    middle = share + spread / 2
    half = _Z * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def frame(rules: Sequence[TestedRule]) -> pd.DataFrame:
    """One row a rule, in the order given."""
    return pd.DataFrame(
        {
            "On": [one.rule.enabled for one in rules],
            "Grade": [_grade(one) for one in rules],
            "Rule": [plain_text(one.rule.description, 200) for one in rules],
            "Broken by": [_share(one) for one in rules],
            "95% interval": [_interval(one) for one in rules],
            "Synthetic rows": [_of(one.broken_rows, one.tested_rows) if one.judged else "–" for one in rules],
            "Real rows": [
                _of(one.real_broken_rows, one.rule.support) if one.judged else "–" for one in rules
            ],
            "Holds in": [_holds(one) for one in rules],
            "Kind": [KINDS[one.rule.kind] for one in rules],
            "Origin": [one.rule.origin for one in rules],
        }
    )


def edit(rules: Sequence[TestedRule], key: str) -> list[Rule]:
    """The table with a switch for each rule; returns the rules as switched."""
    edited = st.data_editor(
        frame(rules),
        key=key,
        hide_index=True,
        num_rows="fixed",
        disabled=[name for name in frame(()).columns if name != "On"],
        height=table.height(len(rules), 520, LINE if len(rules) < 3 else 44),
        row_height=44,
        alt="Rules, the most broken first, each with a switch",
        column_config=column_config(),
    )
    switched = list(edited["On"])
    if len(switched) != len(rules):  # what the browser sends is checked
        return [one.rule for one in rules]
    return [replace(one.rule, enabled=bool(on)) for one, on in zip(rules, switched, strict=True)]


def column_config() -> Mapping[str, Any]:
    """How the columns of `frame` are drawn."""
    config = st.column_config
    return {
        "On": config.CheckboxColumn(width=50, help="Off: listed, and never judged"),
        "Grade": config.TextColumn(width=90),
        "Rule": config.TextColumn(width=366),
        "Broken by": config.TextColumn(width=76, help="Share of the synthetic rows that it speaks of"),
        "95% interval": config.TextColumn(
            width=106, help="Wilson's interval of that share, as if more rows were generated"
        ),
        "Synthetic rows": config.TextColumn(width=106, help="Rows that break it, of those it speaks of"),
        "Real rows": config.TextColumn(
            width=88, help="The same for the real rows that it was proved on, holdout included"
        ),
        "Holds in": config.TextColumn(width=76, help="Share of real rows that keep it: its confidence"),
        "Kind": config.TextColumn(width=150),
        "Origin": config.TextColumn(
            width=76, help="mined: the real table teaches it. declared: a user gave it"
        ),
    }


def _badness(one: TestedRule) -> tuple[int, float]:
    grade_of = one.judged.grade if one.judged else None
    return grade.rank(grade_of), -(one.broken_rows / one.tested_rows if one.tested_rows else 0.0)


def _of(count: int, total: int) -> str:
    return f"{formatting.count(count)} of {formatting.count(total)}"


def _percent(share: float) -> str:
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    if share < 1e-4:
        return "<0.01%"
    return f"{share:.1%}" if 0.01 <= share <= 0.99 else f"{share:.2%}"


def _share(one: TestedRule) -> str:
    return _percent(one.broken_rows / one.tested_rows) if one.tested_rows else "–"


def _interval(one: TestedRule) -> str:
    return " to ".join(map(_percent, one.interval)) if one.tested_rows else "–"


def _holds(one: TestedRule) -> str:
    if one.judged is None:
        return "–"
    if one.real_broken_rows == 0:
        return "100%"
    return f"{min(one.rule.confidence, 0.9999):.2%}"


def _grade(one: TestedRule) -> str:
    if one.judged is None:
        return NEW
    return "off" if one.judged.measure.descriptive else grade.grade_cell(one.judged.grade)
