"""Tolerances: how large an effect may be for a purpose. Reading them, never applying them."""

from __future__ import annotations

import difflib
import hashlib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, TypeGuard

from audit.declare.options import PURPOSES
from audit.errors import PolicyError
from audit.judge.screen import Screen
from audit.model import Better, Family, PolicyFacts, Scale, Unit

_KEYS = {
    "extends",
    "name",
    "title",
    "question",
    "false_discovery_rate",
    "required",
    "advisory",
    "checks",
    "screen",
    "families",
}
_SCREEN = ("false_alarm", "half_width", "least_rows", "least_effect")

WHOLE = "whole"  # names the number about the whole table where tolerances are given

KINDS = ("derived", "convention", "heuristic", "choice")  # what a tolerance rests on
_REASONS = {"kind", "why"}  # say where a number comes from and change none


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Beyond `warn` a difference matters, beyond `fail` it rules the table out.

    kind : what the two numbers rest on, of `KINDS`; empty where nobody said
    why : where they come from, in sentences; paragraphs are divided by an empty line
    screen : what a number has to show to be judged by them; None for that of the policy
    """

    warn: float
    fail: float
    kind: str = field(default="", compare=False)
    why: str = field(default="", compare=False)
    screen: Screen | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a purpose asks for.

    title : the purpose as it reads after "for"
    tolerances : by check id, or by "check id.measure name" for a check's other numbers
    required : checks without which nothing can be decided
    advisory : checks whose failure is a warning for this purpose
    screen : what numbers have to show to be judged, where their tolerance does not say
    defaults : by "family.unit", for checks that are named nowhere (`audit.judge.defaults`)
    """

    name: str
    title: str
    question: str
    false_discovery_rate: float
    tolerances: Mapping[str, Tolerance]
    required: tuple[str, ...]
    advisory: tuple[str, ...]
    facts: PolicyFacts
    screen: Screen = field(default_factory=Screen)
    defaults: Mapping[str, Tolerance] = field(default_factory=dict)

    def tolerance(self, check: str, measure: str, *, whole: bool = False) -> Tolerance | None:
        """The tolerance of a measure; None where it is only shown.

        whole : True for the number about the whole table, which may have a tolerance of its
            own under `measures.whole`
        """
        if whole and f"{check}.{WHOLE}" in self.tolerances:
            return self.tolerances[f"{check}.{WHOLE}"]
        return self.tolerances.get(f"{check}.{measure}" if measure else check)


def load_policy(source: str | Path, known: Mapping[str, Scale | None] | None = None) -> Policy:
    """Read a shipped policy by its purpose, or a policy file by its path.

    Parameters
    ----------
    source : "analytics", "ml_training", "sharing", "software_testing", or a path to a TOML file
    known : scales of the checks by id; where given, a policy that names another check is
        refused, and so is one whose fail tolerance is milder than its warn tolerance, as far
        as the scale is given

    Raises
    ------
    PolicyError
        If the file cannot be read, holds an unknown key or check, or a tolerance that
        contradicts itself.
    """
    values = _screened(_read(source), _read("base"))
    tolerances = dict(_tolerances(values.get("checks", {}), str(source)))
    required, advisory = (_names(values, key, str(source)) for key in ("required", "advisory"))
    if known is not None:
        named = [*required, *advisory, *(key.partition(".")[0] for key in tolerances)]
        _refuse_unknown(named, tuple(known), str(source))
        for key, tolerance in tolerances.items():
            if (scale := known[key.partition(".")[0]]) is not None:
                _refuse_contradiction(tolerance, scale, f"{source}: {key}")
        for check in required:
            _refuse_unjudged(check, tolerances, str(source))
    digest = hashlib.sha256(json.dumps(_without_reasons(values), sort_keys=True).encode()).hexdigest()
    name = str(values.get("name", Path(source).stem))
    return Policy(
        name=name,
        title=str(values.get("title", name.replace("_", " "))),
        question=str(values.get("question", "Can this synthetic table stand in for the real one?")),
        false_discovery_rate=_rate(values, str(source)),
        tolerances=tolerances,
        required=required,
        advisory=advisory,
        facts=PolicyFacts(name, digest),
        screen=_screen(
            _known_keys(values.get("screen", {}), _SCREEN, f"{source}: screen"), f"{source}: screen"
        ),
        defaults=dict(_defaults(values.get("families", {}), f"{source}: families")),
    )


def _read(source: str | Path) -> dict[str, Any]:
    shipped = str(source) in (*PURPOSES, "base")
    try:
        if shipped:
            text = (resources.files("audit.judge") / "policies" / f"{source}.toml").read_text(
                encoding="utf-8"
            )
        else:
            text = Path(source).read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError:
        raise PolicyError(
            f"There is no policy file {str(source)!r}.", f"Shipped policies: {', '.join(PURPOSES)}."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyError(
            f"The policy {str(source)!r} cannot be read: {error}.", "It must be a TOML file."
        ) from None
    unknown = sorted(set(values) - _KEYS)
    if unknown:
        raise PolicyError(
            f"The policy {str(source)!r} holds {unknown[0]!r}.", f"Known keys: {', '.join(sorted(_KEYS))}."
        )
    values.setdefault("name", Path(source).stem)
    parent = values.pop("extends", None)
    if parent is None:
        return values
    if parent not in (*PURPOSES, "base"):
        raise PolicyError(
            f"The policy {str(source)!r} extends {parent!r}.", "Only shipped policies can be extended."
        )
    return _merge(_read(parent), values)


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """What `over` says, and `base` where it says nothing; other numbers have lost the old reasons."""
    merged = (
        {k: v for k, v in base.items() if k not in _REASONS} if over.keys() & {"warn", "fail"} else dict(base)
    )
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _screened(values: dict[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """A policy in which what it does not say about screens is as in `base`, extended or not."""
    filled = {"screen": base.get("screen", {})} | values
    entries = values.get("checks", {})
    if isinstance(entries, Mapping):
        filled["checks"] = {
            name: _screened_entry(entry, base.get("checks", {}).get(name, {}))
            for name, entry in entries.items()
        }
    return filled


def _screened_entry(entry: Any, base: Mapping[str, Any]) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    filled = {key: base[key] for key in _SCREEN if key in base} | dict(entry)
    if isinstance(entry.get("measures"), Mapping):
        known = base.get("measures", {})
        filled["measures"] = {
            name: _screened_entry(other, known.get(name, {})) for name, other in entry["measures"].items()
        }
    return filled


def _without_reasons(values: Mapping[str, Any]) -> dict[str, Any]:
    """The policy as its digest sees it: numbers and names, whatever is said about them."""
    return {
        key: _without_reasons(value) if isinstance(value, Mapping) else value
        for key, value in values.items()
        if key not in _REASONS
    }


def _names(values: Mapping[str, Any], key: str, source: str) -> tuple[str, ...]:
    names = values.get(key, [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise PolicyError(f"{source}: {key} is {names!r}.", f'It must be a list, such as {key} = ["types"].')
    return tuple(names)


def _tolerances(checks: Any, source: str) -> Iterable[tuple[str, Tolerance]]:
    for check, entry in _table(checks, f"{source}: checks").items():
        where = f"{source}: {check}"
        measures = _table(_table(entry, where).get("measures", {}), f"{where}.measures")
        yield check, _tolerance({k: v for k, v in entry.items() if k != "measures"}, where)
        for name, other in measures.items():
            yield f"{check}.{name}", _tolerance(_table(other, f"{where}.{name}"), f"{where}.{name}")


def _defaults(families: Any, where: str) -> Iterable[tuple[str, Tolerance]]:
    for family, units in _known_keys(families, tuple(Family), where).items():
        for unit, entry in _known_keys(units, tuple(Unit), f"{where}.{family}").items():
            name = f"{where}.{family}.{unit}"
            yield f"{family}.{unit}", _tolerance(_table(entry, name), name)


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise PolicyError(f"{where} is {value!r}.", "It must be a table, such as [checks.column_shapes].")
    return value


def _tolerance(entry: Mapping[str, Any], where: str) -> Tolerance:
    _known_keys(entry, ("warn", "fail", *_SCREEN, "kind", "why", "measures"), where)
    warn, fail = entry.get("warn"), entry.get("fail")
    if not _is_number(warn) or not _is_number(fail):
        raise PolicyError(f"{where} needs two numbers, warn and fail.", "Such as warn = 0.02, fail = 0.05.")
    screen = _screen(entry, where) if set(_SCREEN) & set(entry) else None
    return Tolerance(float(warn), float(fail), *_reasons(entry, where), screen)


def _known_keys(entry: Any, known: tuple[str, ...], where: str) -> Mapping[str, Any]:
    unknown = sorted(set(_table(entry, where)) - set(known))
    if unknown:
        raise PolicyError(f"{where} holds {unknown[0]!r}.", f"Known keys: {', '.join(known)}.")
    return _table(entry, where)


def _screen(entry: Mapping[str, Any], where: str) -> Screen:
    for key in _SCREEN:
        value = entry.get(key, 1.0)
        if not _is_number(value) or value <= 0 or (key == "false_alarm" and value > 1):
            range_ = "in (0, 1]" if key == "false_alarm" else "above 0"
            raise PolicyError(f"{where}: {key} is {value!r}.", f"It must be a number {range_}.")
    return Screen(**{key: float(entry[key]) for key in _SCREEN if key in entry})


def _reasons(entry: Mapping[str, Any], where: str) -> tuple[str, str]:
    """What is said about a tolerance: its kind and why; empty texts where nothing is."""
    kind, why = entry.get("kind", ""), entry.get("why", "")
    if kind not in ("", *KINDS):
        raise PolicyError(f"{where}: kind is {kind!r}.", f"Known kinds: {', '.join(KINDS)}.")
    if not isinstance(why, str):
        raise PolicyError(
            f"{where}: why is {why!r}.", 'It must be a text, such as why = "Agreed in our team."'
        )
    return kind, "\n\n".join(" ".join(paragraph.split()) for paragraph in why.strip().split("\n\n"))


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _refuse_unjudged(check: str, tolerances: Mapping[str, Tolerance], source: str) -> None:
    if not any(key.partition(".")[0] == check for key in tolerances):
        raise PolicyError(
            f"{source} requires the check {check!r} but has no tolerance for it.",
            f'Add [checks.{check}] with warn and fail, or extends = "base".',
        )


def _refuse_contradiction(tolerance: Tolerance, scale: Scale, where: str) -> None:
    """A difference that fails must be at least as large as one that only warns."""
    warn, fail = tolerance.warn, tolerance.fail
    said = f"{where}: fail = {fail:g} is milder than warn = {warn:g}"
    if scale.better is Better.HIGHER:
        if fail > warn:
            raise PolicyError(f"{said}.", "Higher is better here, so fail must not be above warn.")
    elif scale.better is Better.ONE:
        if min(warn, fail) <= 0:
            raise PolicyError(
                f"{where}: {min(warn, fail):g} is no ratio.", "It must be above 0, such as 1.25."
            )
        if abs(math.log(fail)) < abs(math.log(warn)) - 1e-9:  # 0.8 is 1 / 1.25
            raise PolicyError(f"{said}.", "One is best here, so fail must not be nearer to 1 than warn.")
    elif scale.better is Better.ZERO and min(warn, fail) < 0:
        raise PolicyError(
            f"{where}: {min(warn, fail):g} is below 0.", "Both sides of zero count; give one number above 0."
        )
    elif fail < warn:
        best = "Zero is best" if scale.better is Better.ZERO else "Lower is better"
        raise PolicyError(f"{said}.", f"{best} here, so fail must not be below warn.")


def _rate(values: Mapping[str, Any], source: str) -> float:
    rate = values.get("false_discovery_rate", 0.05)
    if not _is_number(rate) or not 0 < rate < 1:
        raise PolicyError(f"{source}: false_discovery_rate is {rate!r}.", "It must lie between 0 and 1.")
    return float(rate)


def _refuse_unknown(named: Iterable[str], known: tuple[str, ...], source: str) -> None:
    for name in named:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
            raise PolicyError(f"{source} names the check {name!r}, which does not exist.", hint)
