"""Where the tables come from, in words: hashes, the promise about the holdout, the generator card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.declare.generator_card import DATASET, FIELDS, PRIVACY
from audit.model import Report
from audit.render import formatting

TOLD_APART = ("commitment", "generator", "hashes")  # keys of provenance that are told here
NOT_STATED = "not stated"
NO_CARD = (
    "No generator card was given: how the synthetic table was made, by whom and of what is not stated. "
    "python -m audit card writes one to fill in."
)
NO_PROMISE = (
    "Nothing was committed to before training, so nobody can check that this holdout was chosen beforehand. "
    "Next time: python -m audit commit --holdout FILE --out commitment.json, publish it, then train."
)
_ROLES = {"real": "the real table", "synthetic": "the synthetic table", "holdout": "the holdout"}
_MAX_NAMED = 30  # gaps or columns that are named


@dataclass(frozen=True, slots=True)
class ProvenanceView:
    """What is known of where the tables come from.

    columns : for each role, names and hashes; a hash is None where it would give counts away
    hashed : what the hashes of columns are, in a sentence
    unchanged : columns taken over from the real table, in a sentence, or ""
    commitment : about the holdout, in a sentence; kept is None where nothing was promised
    stated : what the card says, by field, in its order; None without a card
    gaps : what the card does not say
    lineage : one sentence for each table that the generator was trained on, and one about them all
    """

    columns: Mapping[str, Mapping[str, str | None]]
    hashed: str
    unchanged: str
    commitment: str
    commitment_kept: bool | None
    stated: tuple[tuple[str, str], ...] | None
    gaps: tuple[str, ...]
    lineage: tuple[str, ...]

    @property
    def gap_sentence(self) -> str:
        """The gaps in one sentence, or ""."""
        return f"Not stated: {list_names(self.gaps)}." if self.gaps else ""


def provenance_view(report: Report) -> ProvenanceView:
    """What a report holds about where its tables come from; reports of older versions hold less."""
    provenance = report.provenance
    hashes = _mapping(provenance.get("hashes"))
    kept, promise = _promise(report, _mapping(provenance.get("commitment")))
    generator = _mapping(provenance.get("generator"))
    return ProvenanceView(
        columns={role: _mapping(one) for role, one in _mapping(hashes.get("columns")).items()},
        hashed=_hashed(hashes),
        unchanged=_unchanged(hashes.get("unchanged")),
        commitment=promise,
        commitment_kept=kept,
        stated=_stated(_mapping(generator.get("card"))) if generator else None,
        gaps=tuple(map(str, generator.get("gaps") or ())),
        lineage=tuple(_lineage(generator)),
    )


def list_names(names: Sequence[str], most: int = _MAX_NAMED) -> str:
    """Names in a row, the rest counted."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _hashed(hashes: Mapping[str, Any]) -> str:
    if not hashes:
        return "Columns were not hashed by the version that wrote this report."
    if hashes.get("salted"):
        return (
            "All columns are hashed under the secret word that was given; the hashes of two audits can be "
            "compared where the word was the same. The order of rows does not matter."
        )
    return (
        "The order of rows does not matter. Columns of real people with fewer than 1,000 different values are left out: "
        "their counts could be found by trying all. Give a secret word (--salt) to hash them as well."
    )


def _unchanged(names: Any) -> str:
    if not isinstance(names, list | tuple) or not names:
        return ""
    shown = list_names([formatting.shorten(str(name), 60) for name in names])
    return f"Taken over from the real table, every value as often, in whatever order: {shown}."


def _promise(report: Report, told: Mapping[str, Any]) -> tuple[bool | None, str]:
    if not told:
        missing = "" if report.tables.get("holdout") else "There is no holdout. "
        return None, missing + NO_PROMISE
    before = f"On {told.get('made_on')} {_count(told, 'rows')} rows were committed to (digest {str(told.get('digest'))[:16]}…). "
    if told.get("kept"):
        return True, before + "The holdout is exactly these rows."
    if told.get("lost_columns"):
        names = list_names([formatting.shorten(str(name), 60) for name in told["lost_columns"]])
        return False, before + f"The holdout lacks the columns {names}, so its rows cannot be compared."
    return False, before + (
        f"The holdout is another: {_count(told, 'missing')} committed rows are missing, and {_count(told, 'added')} of "
        f"its {_count(told, 'given')} rows were not committed. Do not trust numbers about privacy."
    )


def _count(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return formatting.count(value) if isinstance(value, int) else formatting.NONE


def _stated(card: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    parts = (
        (card, FIELDS),
        (_mapping(card.get("privacy")), PRIVACY),
        (_mapping(card.get("dataset")), DATASET),
    )
    return tuple(
        (_label(label), _text(values[name]))
        for values, fields in parts
        for name, (label, _) in fields.items()
        if name in values
    )


def _label(text: str) -> str:
    for article in ("the ", "a "):
        text = text.removeprefix(article)
    return text[:1].upper() + text[1:]


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {one}" for key, one in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _lineage(generator: Mapping[str, Any]) -> list[str]:
    """From the tables that were trained on to the one that came out."""
    card = _mapping(generator.get("card"))
    parents = [_mapping(one) for one in card.get("lineage") or ()]
    if not parents:
        return []
    is_table = generator.get("lineage_is") or [None] * len(parents)
    told = [_parent(parent, role) for parent, role in zip(parents, is_table, strict=False)]
    maker = (
        " ".join(str(card[name]) for name in ("method", "version") if name in card)
        or "a generator that is not named"
    )
    source = "From it" if len(parents) == 1 else "From these"
    told.append(f"{source}, {maker} made the synthetic table.")
    share = generator.get("real_share")
    if isinstance(share, int | float):
        told.append(f"{share:.0%} of the rows it was trained on are real, as stated.")
    else:
        told.append(
            "How many of the rows it was trained on are real cannot be told: a kind or a number of rows is missing."
        )
    if not generator.get("names_real"):
        told.append(
            "None of these is the real table of this audit by its hash, so the link to it is only claimed."
        )
    return told


def _parent(parent: Mapping[str, Any], role: str | None) -> str:
    name = formatting.shorten(str(parent.get("name") or "A table without a name"), 80)
    facts = [str(parent.get("kind") or f"kind {NOT_STATED}")]
    facts.append(
        f"{formatting.count(parent['rows'])} rows"
        if isinstance(parent.get("rows"), int)
        else f"rows {NOT_STATED}"
    )
    if parent.get("made_by"):
        facts.append(f"made by {formatting.shorten(str(parent['made_by']), 80)}")
    same = f"; by its hash it is {_ROLES[role]} of this audit" if role in _ROLES else ""
    return f"{name} ({', '.join(facts)}){same}."
