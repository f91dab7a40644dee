"""Check digits of national numbers of persons, for many numbers at a time.

All take the characters of numbers of one length, capital letters and digits only, as ASCII
codes of shape (numbers, characters), and say for each whether its check digits are right. Where a
number has letters, they must stand where the scheme has them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audit.arrays import Bools, Bytes
from audit.stats.identifiers.checksums import luhn

Digits = NDArray[np.int64]

_NOUGHT, _LETTER_A, _LETTER_B, _LETTER_X = 48, 65, 66, 88
_DNI = b"TRWAGMYFPDXBNJZSQVHLCKE"
_HETU = b"0123456789ABCDEFHJKLMNPRSTUVWXY"
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def _digits(codes: Bytes) -> Digits:
    return codes.astype(np.int64) - _NOUGHT


def _number(digits: Digits) -> Digits:
    """Digits side by side as one number."""
    powers: Digits = 10 ** np.arange(digits.shape[1], dtype=np.int64)[::-1]
    return digits @ powers


def _lettered(numbers: Digits, table: bytes, letters: Bytes) -> Bools:
    wanted = np.frombuffer(table, dtype=np.uint8)[numbers % len(table)]
    return np.asarray(wanted == letters)


def bsn(codes: Bytes) -> Bools:
    """Dutch citizen service number (burgerservicenummer), nine digits.

    Source: Logisch Ontwerp BSN, the "elfproef".

    Examples
    --------
    >>> bsn(np.frombuffer(b"111222333", np.uint8)[None]).tolist()
    [True]
    """
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return np.asarray(_digits(codes) @ np.array(weights) % 11 == 0)


def dni(codes: Bytes) -> Bools:
    """Spanish DNI (eight digits and a letter) and NIE (X, Y or Z in place of the first digit).

    Source: Real Decreto 1553/2005; Orden INT/2058/2008.

    Examples
    --------
    >>> dni(np.frombuffer(b"12345678Z", np.uint8)[None]).tolist()
    [True]
    """
    digits = _digits(codes[:, :8])
    foreign = codes[:, 0] >= _LETTER_X
    digits[foreign, 0] = codes[foreign, 0].astype(np.int64) - _LETTER_X
    return _lettered(_number(digits), _DNI, codes[:, 8])


def hetu(codes: Bytes) -> Bools:
    """Finnish personal identity code without its century sign: six digits, three digits, a sign.

    Source: Digital and Population Data Services Agency (Finland).

    Examples
    --------
    >>> hetu(np.frombuffer(b"131052308T", np.uint8)[None]).tolist()
    [True]
    """
    return _lettered(_number(_digits(codes[:, :9])), _HETU, codes[:, 9])


def personnummer(codes: Bytes) -> Bools:
    """Swedish personal identity number of ten or twelve digits: the last ten by Luhn.

    Source: Skatteverket, SKV 704.

    Examples
    --------
    >>> personnummer(np.frombuffer(b"8112289874", np.uint8)[None]).tolist()
    [True]
    """
    return luhn(codes[:, -10:])


def pesel(codes: Bytes) -> Bools:
    """Polish PESEL, eleven digits.

    Source: Ustawa o ewidencji ludności (2010), art. 15.

    Examples
    --------
    >>> pesel(np.frombuffer(b"44051401359", np.uint8)[None]).tolist()
    [True]
    """
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    return np.asarray(_digits(codes) @ np.array(weights) % 10 == 0)


def cpf(codes: Bytes) -> Bools:
    """Brazilian CPF, eleven digits of which two are check digits.

    Source: Receita Federal, Instrução Normativa RFB 1548/2015.

    Examples
    --------
    >>> cpf(np.frombuffer(b"39053344705", np.uint8)[None]).tolist()
    [True]
    """
    digits = _digits(codes)
    first, second = (digits[:, :n] @ np.arange(n + 1, 1, -1) * 10 % 11 % 10 for n in (9, 10))
    return np.asarray((first == digits[:, 9]) & (second == digits[:, 10]))


def nir(codes: Bytes) -> Bools:
    """French NIR ("sécurité sociale"), thirteen signs and two check digits; 2A and 2B are Corsica.

    Source: INSEE, Décret 82-103.

    Examples
    --------
    >>> nir(np.frombuffer(b"295109912611193", np.uint8)[None]).tolist()
    [True]
    """
    digits = _digits(codes)
    for letter, places in ((_LETTER_A, (1, 9)), (_LETTER_B, (1, 8))):
        digits[np.ix_(codes[:, 6] == letter, (5, 6))] = places
    return np.asarray(97 - _number(digits[:, :13]) % 97 == _number(digits[:, 13:]))


def codice_fiscale(codes: Bytes) -> Bools:
    """Italian codice fiscale, sixteen letters and digits.

    Source: Decreto ministeriale 23 December 1976.

    Examples
    --------
    >>> codice_fiscale(np.frombuffer(b"RCCMNL83S18D969H", np.uint8)[None]).tolist()
    [True]
    """
    signs = codes.astype(np.int64)
    places = np.where(signs >= _LETTER_A, signs - _LETTER_A, signs - _NOUGHT)
    odd: Sequence[int] = _ODD
    total = np.array(odd)[places[:, 0:15:2]].sum(axis=1) + places[:, 1:15:2].sum(axis=1)
    return np.asarray(total % 26 == places[:, 15])


def rijksregister(codes: Bytes) -> Bools:
    """Belgian national register number, eleven digits; people born from 2000 on count with a 2 in front.

    Source: Koninklijk besluit of 3 April 1984.

    Examples
    --------
    >>> rijksregister(np.frombuffer(b"85073003328", np.uint8)[None]).tolist()
    [True]
    """
    digits = _digits(codes)
    number, wanted = _number(digits[:, :9]), _number(digits[:, 9:])
    before, since = (97 - (number + start) % 97 == wanted for start in (0, 2_000_000_000))
    return np.asarray(before | since)
