"""Who is vulnerable, for the owner of the real table alone: hashed row numbers, never values."""

from __future__ import annotations

import csv
import hashlib
import hmac
import secrets
from pathlib import Path

from audit.case.case import Case
from audit.case.check import Skip
from audit.checks.privacy.vulnerable_records import lonely

_TOLD = (
    "# The id of row n of the real table, counted from 1, is HMAC-SHA256 of the text n with the secret {secret} as text: "
    "keep this file to yourself, for whoever has it can find the rows again."
)
_WHY = "stands out, and a synthetic row lies much nearer than any other person"


def record_id(secret: str, row: int) -> str:
    """The id of a row of the real table, counted from 1.

    A plain hash of a small number is undone by trying all numbers; this one only with the secret.

    Source: Krawczyk, Bellare and Canetti (1997), RFC 2104.
    """
    return hmac.new(secret.encode(), str(row).encode(), hashlib.sha256).hexdigest()


def write_vulnerable(case: Case, path: Path) -> int:
    """Write the people of `vulnerable_records` who were found; how many there are.

    The secret is new for every audit and stands in this file alone, so that ids of two audits
    cannot be brought together. Nothing is written where the check cannot run.

    path : in the scratch folder of the case
    """
    try:
        rows = lonely(case).given_away
    except Skip:
        return 0  # the report says why
    secret = secrets.token_hex(16)
    lines = sorted(record_id(secret, int(row)) for row in rows)  # their order tells nothing
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_TOLD.format(secret=secret) + "\n")
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("record", "why"))
        table.writerows((line, _WHY) for line in lines)
    return len(lines)
