"""Rules that rows keep: what each says, in words and in a file that people can edit."""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from audit.errors import RuleError
from audit.model import Report

FORMAT = 1
DECLARED = "declared"  # the origin of a rule that a user gave
_MAX_RULES = 5000  # rules in one file


class RuleKind(StrEnum):
    """What a rule says about its columns."""

    DEPENDENCY = "dependency"  # all columns but the last determine the last
    IMPLICATION = "implication"  # first column = first value, so last column = last value
    FORBIDDEN = "forbidden"  # the values never stand in one row
    ORDER = "order"  # first <= second, or < where strict
    EQUATION = "equation"  # coefficients times columns add up to the constant
    PRODUCT = "product"  # first times second is the third
    UNIQUE = "unique"  # the columns together differ in every row
    FORMAT = "format"  # cells follow one of the patterns


# In seconds; a week only as the unit of a column.
_UNITS = (("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0), ("week", 604_800.0))
_COLUMNS = {
    RuleKind.DEPENDENCY: (2, 3),
    RuleKind.IMPLICATION: (2, 2),
    RuleKind.FORBIDDEN: (2, 3),
    RuleKind.ORDER: (2, 2),
    RuleKind.EQUATION: (2, 8),
    RuleKind.PRODUCT: (3, 3),
    RuleKind.UNIQUE: (1, 8),
    RuleKind.FORMAT: (1, 1),
}
_NEEDED = {
    RuleKind.IMPLICATION: "values",
    RuleKind.FORBIDDEN: "values",
    RuleKind.EQUATION: "coefficients",
    RuleKind.FORMAT: "patterns",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. What a kind does not use keeps its default.

    columns : their order matters, see `RuleKind`
    values : labels of the columns, for implications and forbidden combinations
    coefficients, constant : of an equation
    tolerance : by how much an equation or a product may be off, in the columns' unit
    strict : whether an order excludes equal values
    timed : whether an equation is about dates, so that its numbers are seconds
    patterns : of a format, see `audit.mining.patterns`: A capital letter, a small letter, 9
        digit, * letter or digit, {3,5} how many, anything else itself; or the name of a form
        or a checksum in angle brackets, such as <email> or <iban>
    origin : "mined" from the real table, or "declared" by the user
    enabled : False where it is listed but not applied
    support : real rows that the rule says something about
    confidence : share of those that keep it
    """

    kind: RuleKind
    columns: tuple[str, ...]
    values: tuple[str, ...] = ()
    coefficients: tuple[float, ...] = ()
    constant: float = 0.0
    tolerance: float = 0.0
    strict: bool = False
    timed: bool = False
    patterns: tuple[str, ...] = ()
    origin: str = "mined"
    enabled: bool = True
    support: int = 0
    confidence: float = 1.0

    @property
    def id(self) -> str:
        """The same for the same rule in every run, however well it is kept."""
        coefficients, constant = [float(one) for one in self.coefficients], float(self.constant)
        said = [self.kind, self.columns, self.values, coefficients, constant, self.strict]
        text = json.dumps([*said, self.patterns])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def description(self) -> str:
        """The rule as a reader says it."""
        return _WORDS[self.kind](self)

    def to_plain(self) -> dict[str, Any]:
        """As plain values; what has its default is left out."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        kept = {
            field.name
            for field in fields(self)
            if field.name in ("kind", "columns", "origin", "enabled") or plain[field.name] != field.default
        }
        return {
            key: list(value) if isinstance(value, tuple) else getattr(value, "value", value)
            for key, value in plain.items()
            if key in kept
        }


def rule_from_plain(plain: Mapping[str, Any], where: str = "rule") -> Rule:
    """A rule from plain values, as `Rule.to_plain` gives them.

    Raises
    ------
    RuleError
        If a key is unknown, a value has the wrong type, or something that the kind needs is missing.
    """
    known = {field.name for field in fields(Rule)}
    for key in plain:
        if key not in known:
            raise RuleError(f"{where} has the key {key!r}.", f"Known: {', '.join(sorted(known))}.")
    kind = _kind(plain.get("kind"), where)
    rule = Rule(
        kind=kind,
        columns=_texts(plain, "columns", where),
        values=_texts(plain, "values", where),
        coefficients=tuple(_numbers(plain.get("coefficients", []), "coefficients", where)),
        constant=_numbers([plain.get("constant", 0.0)], "constant", where)[0],
        tolerance=_numbers([plain.get("tolerance", 0.0)], "tolerance", where)[0],
        strict=_flag(plain, "strict", False, where),
        timed=_flag(plain, "timed", False, where),
        patterns=_texts(plain, "patterns", where),
        origin=str(plain.get("origin", DECLARED)),
        enabled=_flag(plain, "enabled", True, where),
        support=int(_numbers([plain.get("support", 0)], "support", where)[0]),
        confidence=_numbers([plain.get("confidence", 1.0)], "confidence", where)[0],
    )
    _refuse_incomplete(rule, where)
    return rule


def read_rules(text: str, name: str = "the rules file") -> tuple[Rule, ...]:
    """Rules from TOML; see `write_rules`.

    Raises
    ------
    RuleError
        If it is no TOML, holds an unknown key, or a rule that cannot be used.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(
            f"{name} is not TOML: {error}.", "Export the rules of an audit to see the form."
        ) from None
    return rules_from_plain(values, name)


def rules_from_plain(values: Mapping[str, Any], name: str) -> tuple[Rule, ...]:
    """Rules from the plain values of a rules file.

    Raises
    ------
    RuleError
        As `read_rules`.
    """
    unknown = sorted(set(values) - {"format", "rules"})
    if unknown:
        raise RuleError(f"{name} has the key {unknown[0]!r}.", "It may hold format and [[rules]].")
    if values.get("format", FORMAT) != FORMAT:
        raise RuleError(
            f"{name} has the format {values['format']!r}.", f"This version reads format {FORMAT}."
        )
    entries = values.get("rules", [])
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, Mapping) for entry in entries):
        raise RuleError(f"{name}: rules is not a list of tables.", "Write each rule under [[rules]].")
    if len(entries) > _MAX_RULES:
        raise RuleError(f"{name} holds {len(entries):,} rules.", f"At most {_MAX_RULES:,} can be applied.")
    return tuple(rule_from_plain(entry, f"{name}, rule {i + 1}") for i, entry in enumerate(entries))


def rules_in(report: Report) -> tuple[Rule, ...]:
    """Every rule that a report counts breaches of, once, in the order of its checks."""
    plain = [judged.measure.rule for result in report.results for judged in result.measures]
    rules = [rule_from_plain(one, "the report") for one in plain if one is not None]
    return tuple({rule.id: rule for rule in rules}.values())


def plain_rules(rules: Iterable[Rule]) -> dict[str, Any]:
    """Rules as an audit takes them in its options."""
    return {"rules": [rule.to_plain() for rule in rules]}


def write_rules(rules: Iterable[Rule]) -> str:
    """Rules as TOML that `read_rules` reads back; each under a comment with its words."""
    parts = [f"format = {FORMAT}\n"]
    for rule in rules:
        lines = [f"# {_one_line(rule.description)}", "[[rules]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in rule.to_plain().items()]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, str):
        # A JSON string is a TOML basic string once the delete character is escaped too.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def _one_line(text: str) -> str:
    return "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in text)


def _kind(value: Any, where: str) -> RuleKind:
    try:
        return RuleKind(value)
    except ValueError:
        known = ", ".join(kind.value for kind in RuleKind)
        raise RuleError(f"{where} has the kind {value!r}.", f"Known: {known}.") from None


def _texts(plain: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = plain.get(key, [])
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise RuleError(f"{where}: {key} is {value!r}.", "Write a list of texts in quotes.")
    return tuple(value)


def _numbers(values: Any, key: str, where: str) -> list[float]:
    if not isinstance(values, list | tuple):
        raise RuleError(f"{where}: {key} is {values!r}.", "Write a list of numbers.")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise RuleError(f"{where}: {key} holds {value!r}.", "Write a finite number.")
    return [float(value) for value in values]


def _flag(plain: Mapping[str, Any], key: str, default: bool, where: str) -> bool:
    value = plain.get(key, default)
    if not isinstance(value, bool):
        raise RuleError(f"{where}: {key} is {value!r}.", "Write true or false.")
    return value


def _refuse_incomplete(rule: Rule, where: str) -> None:
    fewest, most = _COLUMNS[rule.kind]
    if not fewest <= len(rule.columns) <= most or len(set(rule.columns)) < len(rule.columns):
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise RuleError(
            f"{where}: a rule of the kind {rule.kind.value} has {len(rule.columns)} columns.",
            f"Name {wanted} different columns.",
        )
    needed = _NEEDED.get(rule.kind)
    if needed is None:
        return
    given = len(getattr(rule, needed))
    if given == 0 or (needed != "patterns" and given != len(rule.columns)):
        raise RuleError(
            f"{where}: {needed} has {given} entries for {len(rule.columns)} columns.",
            f"Give {needed} for each column in order."
            if needed != "patterns"
            else "Give at least one pattern.",
        )


def _said_dependency(rule: Rule) -> str:
    *left, right = rule.columns
    return f"{' and '.join(left)} determine{'s' if len(left) == 1 else ''} {right}"


def _said_implication(rule: Rule) -> str:
    (a, b), (x, y) = rule.columns, rule.values
    return f"where {a} is {x}, {b} is {y}"


def _said_forbidden(rule: Rule) -> str:
    pairs = (f"{column} {value}" for column, value in zip(rule.columns, rule.values, strict=True))
    return f"never {' with '.join(pairs)}"


def _said_order(rule: Rule) -> str:
    return f"{rule.columns[0]} {'<' if rule.strict else '≤'} {rule.columns[1]}"


def _said_equation(rule: Rule) -> str:
    """The last column with the coefficient -1 stands alone on the right, where there is one."""
    terms = list(zip(rule.coefficients, rule.columns, strict=True))
    alone = [column for coefficient, column in terms if coefficient == -1.0]
    if alone and len(terms) > 1:
        left = _sum([(c, name) for c, name in terms if name != alone[-1]], -rule.constant, rule.timed)
        return f"{left} = {alone[-1]}"
    return f"{_sum(terms, 0.0, rule.timed)} = {_amount(rule.constant, rule.timed)}"


def _sum(terms: list[tuple[float, str]], constant: float, timed: bool) -> str:
    text = ""
    for coefficient, name in terms:
        sign = ("- " if coefficient < 0 else "") if not text else (" - " if coefficient < 0 else " + ")
        size = abs(coefficient)
        unit = next((word for word, seconds in _UNITS if timed and size == seconds), "")
        named = unit and unit in name.lower()
        term = name if named or size == 1 else f"{name} ({unit}s)" if unit else f"{size:.15g} {name}"
        text += sign + term
    return text + (f" {'-' if constant < 0 else '+'} {_amount(abs(constant), timed)}" if constant else "")


def _amount(number: float, timed: bool) -> str:
    """A number, or a time in the largest unit that it is a multiple of."""
    if not timed or not number:
        return f"{number:.15g}"
    word, seconds = next((one for one in _UNITS if number % one[1] == 0), ("second", 1.0))
    count = number / seconds
    return f"{count:.15g} {word}{'' if abs(count) == 1 else 's'}"


def _said_product(rule: Rule) -> str:
    a, b, c = rule.columns
    return f"{a} x {b} = {c}"


def _said_unique(rule: Rule) -> str:
    together = " together" if len(rule.columns) > 1 else ""
    return f"{' and '.join(rule.columns)}{together} differ{'' if together else 's'} in every row"


def _said_format(rule: Rule) -> str:
    return f"{rule.columns[0]} looks like {' or '.join(rule.patterns)}"


_WORDS = {
    RuleKind.DEPENDENCY: _said_dependency,
    RuleKind.IMPLICATION: _said_implication,
    RuleKind.FORBIDDEN: _said_forbidden,
    RuleKind.ORDER: _said_order,
    RuleKind.EQUATION: _said_equation,
    RuleKind.PRODUCT: _said_product,
    RuleKind.UNIQUE: _said_unique,
    RuleKind.FORMAT: _said_format,
}
