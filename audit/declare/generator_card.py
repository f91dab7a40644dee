"""A generator card: what its owner states about how a synthetic table was made, and of what.

Nothing here is measured. What is not stated is named as a gap and never filled in.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from audit.errors import OptionError

KINDS = ("real", "synthetic", "mixed")
GROUPS = {"privacy": "privacy", "dataset": "the table"}
LINEAGE = "lineage"

# Every field: what it is called where it is missing, and what it holds.
TEXT, WHOLE, NUMBER, DAY, SETTINGS = "text", "whole number", "number", "date", "settings"
FIELDS: Mapping[str, tuple[str, str]] = {
    "method": ("the method", TEXT),
    "version": ("the generator's version", TEXT),
    "settings": ("the settings", SETTINGS),
    "seed": ("the seed", WHOLE),
    "date": ("the date of generation", DAY),
    "owner": ("the owner", TEXT),
    "contact": ("a contact", TEXT),
    "purpose": ("the purpose", TEXT),
    "licence": ("the licence", TEXT),
    "consent": ("the consent of the people in the real table", TEXT),
    "retention": ("how long it may be kept", TEXT),
}
PRIVACY: Mapping[str, tuple[str, str]] = {
    "epsilon": ("epsilon", NUMBER),
    "delta": ("delta", NUMBER),
    "unit": ("the unit that is protected", TEXT),
    "accountant": ("how epsilon was accounted for", TEXT),
}
# As far as the Data Provenance Standards of the Data & Trust Alliance ask for more than the above.
DATASET: Mapping[str, tuple[str, str]] = {
    "title": ("a title", TEXT),
    "description": ("a description", TEXT),
    "url": ("where the table is published", TEXT),
    "version": ("the version of the table", TEXT),
    "issuer": ("who issues it", TEXT),
    "source": ("the source of the real rows", TEXT),
    "geography": ("the region the real rows come from", TEXT),
    "from": ("the first day the real rows are about", DAY),
    "to": ("the last day the real rows are about", DAY),
    "confidentiality": ("the confidentiality class", TEXT),
    "privacy_measures": ("other measures of privacy", TEXT),
    "storage": ("where it may be stored", TEXT),
    "forbidden_uses": ("uses that are not allowed", TEXT),
}
PARENT: Mapping[str, tuple[str, str]] = {
    "name": ("its name", TEXT),
    "kind": ("its kind", TEXT),
    "rows": ("its rows", WHOLE),
    "sha256": ("its SHA-256", TEXT),
    "content_hash": ("the hash of its content", TEXT),
    "made_by": ("what made it", TEXT),
}
_HINT = "python -m audit card writes one to fill in."
_MAX_TEXT = 2000
_MAX_PARENTS = 200


def read_card(path: Path) -> dict[str, Any]:
    """The plain values of a card in a TOML file, checked.

    Raises
    ------
    OptionError
        Where the file cannot be read, or a value cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise OptionError(f"There is no file {str(path)!r}.", "Check the path.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{str(path)!r} cannot be read as text: {error}.", _HINT) from None
    return parse_card(text, path.name)


def parse_card(text: str, name: str) -> dict[str, Any]:
    """The plain values of a card in TOML, checked; `name` is only shown."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OptionError(f"{name!r} cannot be read as TOML: {error}.", _HINT) from None
    return make_card(values)


def make_card(values: Mapping[str, Any]) -> dict[str, Any]:
    """A card as plain JSON values, checked: empty texts are left out, dates are ISO texts.

    Raises
    ------
    OptionError
        Where a key is unknown or a value is not of its kind; says which and what would be right.
    """
    known = {**FIELDS, "privacy": ("", ""), "dataset": ("", ""), LINEAGE: ("", "")}
    _refuse_unknown(values, known, "")
    card = _values(values, FIELDS, "")
    for group, fields in (("privacy", PRIVACY), ("dataset", DATASET)):
        inner = values.get(group, {})
        if not isinstance(inner, Mapping):
            raise OptionError(
                f"The generator card's {group!r} is not a table.", f"Write [{group}] above its lines."
            )
        _refuse_unknown(inner, fields, f"{group}.")
        if found := _values(inner, fields, f"{group}."):
            card[group] = found
    _refuse_claim(card.get("privacy", {}))
    if parents := _parents(values.get(LINEAGE, [])):
        card[LINEAGE] = parents
    return card


def _parents(values: Any) -> list[dict[str, Any]]:
    if not isinstance(values, list | tuple) or not all(isinstance(one, Mapping) for one in values):
        raise OptionError(
            "The generator card's 'lineage' is not a list of tables.", "Write [[lineage]] above each."
        )
    if len(values) > _MAX_PARENTS:
        raise OptionError(
            f"The generator card names {len(values)} tables; at most {_MAX_PARENTS} can be.", _HINT
        )
    parents = []
    for at, one in enumerate(values, start=1):
        where = f"lineage {at}: "
        _refuse_unknown(one, PARENT, where)
        parent = _values(one, PARENT, where)
        if parent.get("kind") not in (None, *KINDS):
            raise OptionError(
                f"The generator card's {where}the kind {parent['kind']!r} does not exist.",
                f"Choose one of {', '.join(KINDS)}.",
            )
        if parent:  # a block that was never filled in says nothing
            parents.append(parent)
    return parents


def _refuse_unknown(values: Mapping[str, Any], known: Mapping[str, Any], where: str) -> None:
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, list(known), n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
            raise OptionError(f"The generator card has {where + name!r}, which does not exist.", hint)


def _values(values: Mapping[str, Any], fields: Mapping[str, tuple[str, str]], where: str) -> dict[str, Any]:
    found = {}
    for name, (_, kind) in fields.items():
        value = values.get(name)
        if value is None or value == "" or value == {}:
            continue
        found[name] = _value(value, kind, where + name)
    return found


def _value(value: Any, kind: str, where: str) -> Any:
    if kind == DAY:
        return _day(value, where)
    if kind == SETTINGS and isinstance(value, Mapping):
        return {str(key): str(one)[:_MAX_TEXT] for key, one in value.items()}
    if kind == TEXT and isinstance(value, str) and len(value) <= _MAX_TEXT:
        return value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == WHOLE and number and isinstance(value, int) and value >= 0:
        return value
    if kind == NUMBER and number and math.isfinite(value) and value >= 0:
        return float(value)
    wanted = {
        TEXT: f"a text of at most {_MAX_TEXT:,} characters",
        WHOLE: "a whole number from 0 up",
        NUMBER: "a number from 0 up",
        SETTINGS: "a table of settings, such as settings = {epochs = 300}",
    }[kind]
    raise OptionError(f"The generator card's {where!r} is {_shown(value)}.", f"Write {wanted}.")


def _day(value: Any, where: str) -> str:
    if isinstance(value, date):  # a moment is a date too
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise OptionError(
            f"The generator card's {where!r} is {_shown(value)}.", "Write a date such as 2026-03-31."
        ) from None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _refuse_claim(privacy: Mapping[str, Any]) -> None:
    if privacy.get("delta", 0.0) >= 1:
        raise OptionError(
            f"The generator card's 'privacy.delta' is {privacy['delta']:g}.",
            "Give a number from 0 to below 1.",
        )


def missing_fields(card: Mapping[str, Any]) -> tuple[str, ...]:
    """What the card does not state, in words."""
    missing = [words for name, (words, _) in FIELDS.items() if name not in card]
    privacy = card.get("privacy", {})
    if not privacy:
        missing.append("whether differential privacy is claimed")
    elif privacy.get("epsilon"):
        missing += [words for name, (words, _) in PRIVACY.items() if name not in privacy]
    dataset = card.get("dataset", {})
    missing += [words for name, (words, _) in DATASET.items() if name not in dataset]
    parents = card.get(LINEAGE, ())
    if not parents:
        missing.append("the tables it was trained on")
    for at, parent in enumerate(parents, start=1):
        lacks = [
            words for name, (words, _) in PARENT.items() if name in ("kind", "rows") and name not in parent
        ]
        if "sha256" not in parent and "content_hash" not in parent:
            lacks.append("a hash")
        missing += [f"{words} (training table {at})" for words in lacks]
    return tuple(missing)


def real_share(card: Mapping[str, Any]) -> float | None:
    """Share of real rows among those the generator was trained on; None where the card does not say.

    A table that is mixed has no known share, and so has the whole.
    """
    parents = card.get(LINEAGE, ())
    if not parents or any(
        one.get("kind") not in ("real", "synthetic") or not one.get("rows") for one in parents
    ):
        return None
    rows = {
        kind: sum(one["rows"] for one in parents if one["kind"] == kind) for kind in ("real", "synthetic")
    }
    return float(rows["real"] / (rows["real"] + rows["synthetic"]))


def privacy_claim(card: Mapping[str, Any] | None) -> tuple[float, float]:
    """Epsilon and delta that the card claims; 0 for none."""
    privacy = (card or {}).get("privacy", {})
    return float(privacy.get("epsilon", 0.0)), float(privacy.get("delta", 0.0))


def card_template() -> str:
    """A card to fill in, as TOML: every field with what it holds; empty ones count as not stated."""
    lines = ["# A generator card. Fill in what you know; what is left empty is reported as not stated.", ""]
    lines += _blank(FIELDS)
    for group, fields in (("privacy", PRIVACY), ("dataset", DATASET)):
        lines += ["", f"[{group}]", *_blank(fields)]
    lines += [
        "",
        "# One block for each table that the generator was trained on.",
        "[[lineage]]",
        *_blank(PARENT),
    ]
    return "\n".join(lines) + "\n"


def _blank(fields: Mapping[str, tuple[str, str]]) -> list[str]:
    return [
        f'{name} = ""' + f"  # {words}" if kind == TEXT else f"# {name} = {_EXAMPLES[kind]}  # {words}"
        for name, (words, kind) in fields.items()
    ]


_EXAMPLES: Mapping[str, str] = {WHOLE: "0", NUMBER: "1.0", DAY: "2026-03-31", SETTINGS: "{epochs = 300}"}
