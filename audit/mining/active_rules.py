"""The rules in force: those that the real table teaches, and those that a user adds or switches off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from audit.case.case import Case
from audit.case.case_table import NUMERIC_KINDS, CaseTable
from audit.declare.rules import DECLARED, Rule, RuleKind
from audit.mining.arithmetic import MIN_ROWS, arithmetic
from audit.mining.combinations import value_rules
from audit.mining.dependencies import dependencies
from audit.mining.formats import mine_formats
from audit.mining.keys import paired_keys, single_keys
from audit.mining.violations import Violations, refuse_misfit, violation_counts

ARITHMETIC = (RuleKind.ORDER, RuleKind.EQUATION, RuleKind.PRODUCT)


def rules_of(case: Case, *kinds: RuleKind) -> tuple[Rule, ...]:
    """The rules of some kinds, mined ones first; of all kinds where none is named.

    A rule that a user gave and that the real table teaches too is the mined one, on or off as
    the user says. What the table does not teach has the origin "declared".
    """
    wanted = kinds or tuple(RuleKind)
    mined = {rule.id: rule for mine in _miners(wanted) for rule in mine(case) if rule.kind in wanted}
    given = {rule.id: rule for rule in declared_rules(case) if rule.kind in wanted}
    for name, rule in given.items():
        known = mined.get(name)
        mined[name] = (
            replace(known, enabled=rule.enabled) if known is not None else replace(rule, origin=DECLARED)
        )
    return tuple(mined.values())


def declared_rules(case: Case, *kinds: RuleKind) -> tuple[Rule, ...]:
    """What the user gave, of some kinds or of all; a rule switched off may name columns that are not here."""
    known = {column.name for column in case.columns}
    return tuple(
        rule
        for rule in case.options.declared_rules()
        if (rule.enabled or set(rule.columns) <= known) and (not kinds or rule.kind in kinds)
    )


def refuse_unusable(case: Case) -> None:
    """Raise RuleError for a rule of the user's that cannot be asked of these tables."""
    for rule in declared_rules(case):
        if rule.enabled:
            refuse_misfit(case, rule)


def known_counts(case: Case, part: CaseTable, rules: Sequence[Rule]) -> list[Violations]:
    """How the rows of a part keep each of the rules, counted once for all who ask."""
    known: dict[Rule, Violations] = case.shared(f"broken rules {part.role}", dict)
    new = [rule for rule in dict.fromkeys(rules) if rule not in known]
    known.update(zip(new, violation_counts(case, part, new), strict=True))
    return [known[rule] for rule in rules]


def _miners(kinds: Sequence[RuleKind]) -> list[Callable[[Case], Sequence[Rule]]]:
    return list(dict.fromkeys(_MINERS[kind] for kind in kinds))


def _dependencies(case: Case) -> Sequence[Rule]:
    return dependencies(case).rules if len(case.distribution_columns) > 1 else ()


def _values(case: Case) -> Sequence[Rule]:
    found = value_rules(case) if len(case.distribution_columns) > 1 else None
    return (*found.forbidden, *found.implications) if found is not None else ()


def _arithmetic(case: Case) -> Sequence[Rule]:
    rows = case.real.rows + (case.holdout.rows if case.holdout is not None else 0)
    return arithmetic(case).rules if len(case.of_kind(*NUMERIC_KINDS)) > 1 and rows >= MIN_ROWS else ()


def _keys(case: Case) -> Sequence[Rule]:
    return (*single_keys(case), *paired_keys(case).rules)


def _formats(case: Case) -> Sequence[Rule]:
    found = mine_formats(case)
    return tuple(proved.rule for proved in (*found.patterns, *found.sums))


_MINERS: dict[RuleKind, Callable[[Case], Sequence[Rule]]] = {
    RuleKind.DEPENDENCY: _dependencies,
    RuleKind.IMPLICATION: _values,
    RuleKind.FORBIDDEN: _values,
    RuleKind.ORDER: _arithmetic,
    RuleKind.EQUATION: _arithmetic,
    RuleKind.PRODUCT: _arithmetic,
    RuleKind.UNIQUE: _keys,
    RuleKind.FORMAT: _formats,
}
