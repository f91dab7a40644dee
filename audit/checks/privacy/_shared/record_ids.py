"""Who is vulnerable, for the owner of the real table alone: hashed row numbers, never values."""

from __future__ import annotations

import csv
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from pathlib import Path

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


def write_vulnerable(rows: Iterable[int], path: Path) -> None:
    """Write the ids of people of the real table who were found.

    The secret is new for every audit and is in this file alone, so that ids of two audits
    cannot be brought together.

    rows : of the real table, counted from 1
    """
    secret = secrets.token_hex(16)
    lines = sorted(record_id(secret, int(row)) for row in rows)  # their order tells nothing
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(_TOLD.format(secret=secret) + "\n")
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("record", "why"))
        table.writerows((line, _WHY) for line in lines)
