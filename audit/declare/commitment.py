"""A promise about a holdout, made before a generator is trained: a digest now, the rows later.

What is published gives nothing away. What is kept, the secret, holds the salt and a salted digest of
every row, so that it can be said later how many rows are missing or were added.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from audit.errors import OptionError

if TYPE_CHECKING:
    from numpy import uint64
    from numpy.typing import NDArray

COMMITMENT = "holdout commitment"
SECRET = "secret of a holdout commitment"
_FORMAT = 1
_ROW = 16  # bytes of a row's digest
_MAKE = "Make one with: python -m audit commit --holdout FILE --out commitment.json"


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is published.

    digest : SHA-256 over salt, columns and all row digests in increasing order
    made_on : ISO date
    """

    digest: str
    rows: int
    columns: tuple[str, ...]
    made_on: str

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "kind": COMMITMENT,
            "format": _FORMAT,
            "digest": self.digest,
            "rows": self.rows,
            "columns": list(self.columns),
            "made_on": self.made_on,
        }


@dataclass(frozen=True, slots=True)
class Secret:
    """What is kept until the check.

    rows : the digests, 16 bytes each, in increasing order, one after another
    """

    salt: str
    rows: bytes

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "kind": SECRET,
            "format": _FORMAT,
            "salt": self.salt,
            "rows": base64.b64encode(self.rows).decode("ascii"),
        }


@dataclass(frozen=True, slots=True)
class CommitmentCheck:
    """A holdout held against a commitment.

    missing : committed rows that the holdout lacks; added : rows that were not committed
    lost_columns : committed columns that the holdout lacks; then no row can be compared
    """

    committed: int
    given: int
    missing: int
    added: int
    lost_columns: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the holdout is exactly the committed one."""
        return not (self.missing or self.added or self.lost_columns)


def pack_digests(digests: NDArray[uint64]) -> bytes:
    """Row digests, shape (rows, 2), in increasing order and as bytes."""
    import numpy as np

    order = np.lexsort((digests[:, 1], digests[:, 0]))
    return digests[order].astype(">u8").tobytes()


def commit(
    digests: NDArray[uint64], columns: Sequence[str], salt: str, made_on: date
) -> tuple[Commitment, Secret]:
    """The commitment to the rows with these digests, and its secret."""
    secret = Secret(salt, pack_digests(digests))
    names = tuple(sorted(columns))
    return Commitment(_digest(secret, names), len(digests), names, made_on.isoformat()), secret


def _digest(secret: Secret, columns: Sequence[str]) -> str:
    # Sorted rows, not their sum: many rows that add up to a wanted sum can be found.
    head = "".join(f"{len(part)}:{part}" for part in (secret.salt, *columns))
    return hashlib.sha256(f"{len(columns)};{head}".encode() + secret.rows).hexdigest()


def verify(commitment: Commitment, secret: Secret, digests: NDArray[uint64]) -> CommitmentCheck:
    """Count the committed rows that are not there, and the rows that were not committed."""
    import numpy as np

    given = np.frombuffer(pack_digests(digests), dtype=f"V{_ROW}")
    committed = np.frombuffer(secret.rows, dtype=f"V{_ROW}")
    names, place = np.unique(np.concatenate([committed, given]), return_inverse=True)
    before = np.bincount(place[: len(committed)], minlength=len(names))
    now = np.bincount(place[len(committed) :], minlength=len(names))
    missing, added = np.maximum(before - now, 0).sum(), np.maximum(now - before, 0).sum()
    return CommitmentCheck(commitment.rows, len(given), int(missing), int(added))


def make_commitment(values: Any) -> Commitment:
    """A published commitment, checked.

    Raises
    ------
    OptionError
        Where the values are none.
    """
    plain = _object(values, COMMITMENT, "The commitment")
    digest, rows, columns = plain.get("digest"), plain.get("rows"), plain.get("columns")
    good = (
        isinstance(digest, str)
        and len(digest) == hashlib.sha256().digest_size * 2
        and isinstance(rows, int)
        and isinstance(columns, list | tuple)
        and all(isinstance(name, str) for name in columns)
        and isinstance(plain.get("made_on"), str)
    )
    if not good:
        raise OptionError("The commitment lacks its digest, rows, columns or date.", _MAKE)
    return Commitment(str(digest), int(str(rows)), tuple(columns or ()), str(plain["made_on"]))


def make_secret(values: Any, commitment: Commitment) -> Secret:
    """The secret of a commitment, checked against its digest.

    Raises
    ------
    OptionError
        Where the values are no secret, or that of another commitment.
    """
    plain = _object(values, SECRET, "The commitment's secret")
    salt, rows = plain.get("salt"), plain.get("rows")
    if not isinstance(salt, str) or not isinstance(rows, str):
        raise OptionError("The commitment's secret lacks its salt or its rows.", _MAKE)
    try:
        secret = Secret(salt, base64.b64decode(rows, validate=True))
    except (binascii.Error, ValueError):
        raise OptionError(
            "The rows in the commitment's secret cannot be read.", "Give the file as it was written."
        ) from None
    if len(secret.rows) != _ROW * commitment.rows or _digest(secret, commitment.columns) != commitment.digest:
        raise OptionError(
            "The secret does not belong to the commitment: its digest is another.",
            "Give the two files that were written together.",
        )
    return secret


def _object(values: Any, kind: str, name: str) -> Mapping[str, Any]:
    if not isinstance(values, Mapping) or values.get("kind") != kind:
        raise OptionError(f"{name} is not a file of the kind {kind!r}.", _MAKE)
    if values.get("format") != _FORMAT:
        raise OptionError(
            f"{name} has format {values.get('format')!r}; this version reads format {_FORMAT}.",
            "Use the version that wrote it.",
        )
    return values
