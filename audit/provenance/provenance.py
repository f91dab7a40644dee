"""Where the tables of an audit come from: hashes, the promise about the holdout, the generator card.

What is found here is put into `report.provenance`; nothing is graded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.declare.commitment import CommitmentCheck, make_commitment, make_secret, verify
from audit.declare.generator_card import LINEAGE, make_card, missing_fields, real_share
from audit.errors import OptionError
from audit.load.fingerprint import column_hashes, is_guessable, row_digests
from audit.load.table import Field
from audit.model import Level, Notice

_TRACED = 20  # different values of a column that is said to have been taken over unchanged


def collect_provenance(case: Case) -> dict[str, Any]:
    """Hashes of columns, the commitment, the generator card: keys for `report.provenance`."""
    return case.shared("origin of the tables", lambda: _origin(case))


def _origin(case: Case) -> dict[str, Any]:
    card = case.options.generator_card
    told: dict[str, Any] = {"hashes": _hashes(case)}
    kept = check_commitment(case)
    if kept is not None and case.options.commitment is not None:
        told["commitment"] = _commitment(kept, case.options.commitment)
    if card is not None:
        told["generator"] = _generator(case, make_card(card))
    return told


def _hashes(case: Case) -> dict[str, Any]:
    """By table and column; columns of real people that hold few values only under a salt."""
    columns = {part.role: _of_part(case, part) for part in case.tables()}
    return {
        "method": "HMAC-SHA256 of sorted values, 128 bit; the order of rows does not matter",
        "salted": bool(case.options.salt),
        "columns": columns,
        "unchanged": _unchanged(case),
    }


def _of_part(case: Case, part: CaseTable) -> dict[str, str | None]:
    fields, salt = part.table.fields, case.options.salt
    chosen = [
        at for at, field in enumerate(fields) if salt or part.role == "synthetic" or not is_guessable(field)
    ]
    with case.connection.cursor() as aside:
        found = column_hashes(aside, part.table, chosen, salt)
    return {field.name: found.get(field.name) for field in fields}


def _unchanged(case: Case) -> list[str]:
    """Synthetic columns that hold exactly the real values, each equally often, in whatever order."""
    if case.real.rows != case.synthetic.rows:
        return []
    synthetic = {field.name: (at, field) for at, field in enumerate(case.synthetic.table.fields)}
    alike = [
        (at, synthetic[field.name][0])
        for at, field in enumerate(case.real.table.fields)
        if field.name in synthetic and _alike(field, synthetic[field.name][1])
    ]
    with case.connection.cursor() as aside:
        real = column_hashes(aside, case.real.table, [at for at, _ in alike])
        other = column_hashes(aside, case.synthetic.table, [at for _, at in alike])
    return [name for name, digest in real.items() if other[name] == digest]


def _alike(real: Field, synthetic: Field) -> bool:
    facts = [(one.distinct, one.missing) for one in (real, synthetic)]
    return facts[0] == facts[1] and real.distinct >= _TRACED


def check_commitment(case: Case) -> CommitmentCheck | None:
    """The holdout held against the commitment; None where none was given.

    Raises
    ------
    OptionError
        Where there is no holdout, or the commitment is to a table of other columns.
    """
    if case.options.commitment is None:
        return None
    holdout = case.holdout
    if holdout is None:
        raise OptionError(
            "A commitment is given, but no holdout to hold against it.", "Give the holdout as well."
        )
    return case.shared("holdout held against its commitment", lambda: _promise(case, holdout))


def _promise(case: Case, holdout: CaseTable) -> CommitmentCheck:
    commitment = make_commitment(case.options.commitment)
    secret = make_secret(case.options.commitment_secret, commitment)
    names = {field.name for field in holdout.table.fields}
    lost = tuple(name for name in commitment.columns if name not in names)
    if len(lost) == len(commitment.columns):
        raise OptionError(
            f"The commitment is to another table: the holdout has none of its {len(lost)} columns.",
            "Give the commitment that was made to this holdout.",
        )
    if lost:
        return CommitmentCheck(commitment.rows, holdout.rows, commitment.rows, holdout.rows, lost)
    with case.connection.cursor() as aside:
        digests = row_digests(aside, holdout.table, commitment.columns, secret.salt)
    return verify(commitment, secret, digests)


def _commitment(kept: CommitmentCheck, given: Mapping[str, Any]) -> dict[str, Any]:
    commitment = make_commitment(given)
    return {
        "kept": kept.is_kept,
        "digest": commitment.digest,
        "made_on": commitment.made_on,
        "rows": kept.committed,
        "columns": len(commitment.columns),
        "given": kept.given,
        "missing": kept.missing,
        "added": kept.added,
        "lost_columns": list(kept.lost_columns),
    }


def _generator(case: Case, card: Mapping[str, Any]) -> dict[str, Any]:
    parents = card.get(LINEAGE, ())
    matches = [_same_table(case, parent) for parent in parents]
    return {
        "card": card,
        "gaps": list(missing_fields(card)),
        "real_share": real_share(card),
        "lineage_is": matches,
        "names_real": "real" in matches,
        "names_holdout": "holdout" in matches,
    }


def _same_table(case: Case, parent: Mapping[str, Any]) -> str | None:
    """Which table of this audit the card names by its hash."""
    for part in case.tables():
        facts = part.table.facts
        if parent.get("sha256") == facts.sha256 or parent.get("content_hash") == facts.content_hash:
            return part.role
    return None


def provenance_notices(case: Case) -> tuple[Notice, ...]:
    """What must be known before any number is read: a broken promise, a holdout that was trained on."""
    notices = []
    kept = check_commitment(case)
    if kept is not None and not kept.is_kept:
        notices.append(Notice(Level.WARNING, broken_commitment_text(kept), "holdout"))
    generator = collect_provenance(case).get("generator", {})
    if generator.get("names_holdout"):
        text = (
            "The generator card names the holdout among the tables the generator was trained on, by its hash. "
            "Then it is no control, and no number about privacy can be trusted."
        )
        notices.append(Notice(Level.WARNING, text, "holdout"))
    said = case.options.generator_card or {}
    stated = said.get("privacy", {}).get("epsilon")
    if stated and case.options.epsilon and stated != case.options.epsilon:
        text = (
            f"The generator card states epsilon {stated:g}, the audit was asked with {case.options.epsilon:g}. "
            "The latter is checked."
        )
        notices.append(Notice(Level.WARNING, text, "generator card"))
    return tuple(notices)


def broken_commitment_text(kept: CommitmentCheck) -> str:
    """What is wrong with the holdout, in two sentences."""
    if kept.lost_columns:
        names = ", ".join(map(repr, kept.lost_columns[:5]))
        return f"The holdout is not the committed one: it lacks {names}. Its rows cannot be compared."
    return (
        f"The holdout is not the committed one: of {kept.committed:,} committed rows {kept.missing:,} are missing, "
        f"and {kept.added:,} of its {kept.given:,} rows were not committed. Numbers about privacy rest on it."
    )
