"""Check digits of public numbering schemes, for many numbers at a time.

All take the characters of numbers of one length, without spaces and hyphens, as ASCII codes
of shape (numbers, characters), and say for each whether its check digits are right. The library for
this, python-stdnum, is under the LGPL and takes one number at a time; a column has millions.
"""

from __future__ import annotations

import numpy as np

from audit.arrays import Bools, Bytes

_NOUGHT, _LETTER_A, _LETTER_X = 48, 65, 88


def luhn(codes: Bytes) -> Bools:
    """Payment cards, IMEI, many national numbers: modulo 10 over doubled digits.

    Source: ISO/IEC 7812-1, annex B.

    Examples
    --------
    >>> luhn(np.frombuffer(b"79927398713", np.uint8)[None]).tolist()
    [True]
    """
    total = np.zeros(len(codes), dtype=np.int64)
    for place, column in enumerate(codes.T[::-1]):
        digit = column.astype(np.int64) - _NOUGHT
        doubled = digit * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return np.asarray(total % 10 == 0)


def iban(codes: Bytes) -> Bools:
    """Bank account numbers: the first four characters go to the end, letters count from 10.

    Source: ISO 13616-1 and ISO 7064 (mod 97-10).

    Examples
    --------
    >>> iban(np.frombuffer(b"GB82WEST12345698765432", np.uint8)[None]).tolist()
    [True]
    """
    rest = np.zeros(len(codes), dtype=np.int64)
    for column in np.roll(codes, -4, axis=1).T:
        sign = column.astype(np.int64)
        letter = sign >= _LETTER_A
        value = np.where(letter, sign - _LETTER_A + 10, sign - _NOUGHT)
        rest = (rest * np.where(letter, 100, 10) + value) % 97
    return np.asarray(rest == 1)


def isbn(codes: Bytes) -> Bools:
    """Books: ten signs weighted from the right, the last of which may be X; or 13 digits as `ean`.

    Source: ISO 2108.

    Examples
    --------
    >>> isbn(np.frombuffer(b"080442957X", np.uint8)[None]).tolist()
    [True]
    """
    if codes.shape[1] != 10:
        return ean(codes)
    digits = np.where(codes == _LETTER_X, 10, codes.astype(np.int64) - _NOUGHT)
    return np.asarray(digits @ np.arange(10, 0, -1) % 11 == 0)


def ean(codes: Bytes) -> Bools:
    """Articles (EAN-8, UPC, EAN-13, GTIN-14): digits weighted 1 and 3 from the right, modulo 10.

    Source: GS1 General Specifications, section 7.9.

    Examples
    --------
    >>> ean(np.frombuffer(b"4006381333931", np.uint8)[None]).tolist()
    [True]
    """
    digits = codes.astype(np.int64) - _NOUGHT
    weights = np.where(np.arange(codes.shape[1])[::-1] % 2 == 0, 1, 3)
    return np.asarray(digits @ weights % 10 == 0)
