"""Check digits: published numbers are right, and every single slip in them is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from audit.arrays import Bytes
from audit.stats.identifiers.checksums import ean, iban, isbn, luhn

PUBLISHED = [
    (luhn, "79927398713"),
    (luhn, "4111111111111111"),
    (luhn, "378282246310005"),
    (luhn, "490154203237518"),
    (iban, "GB82WEST12345698765432"),
    (iban, "DE89370400440532013000"),
    (iban, "FR1420041010050500013M02606"),
    (iban, "MT84MALT011000012345MTLCAST001S"),
    (isbn, "0306406152"),
    (isbn, "080442957X"),
    (isbn, "9780306406157"),
    (ean, "4006381333931"),
    (ean, "73513537"),
    (ean, "036000291452"),
]


def _codes(*numbers: str) -> Bytes:
    return np.array([list(number.encode()) for number in numbers], dtype=np.uint8)


@pytest.mark.parametrize(("scheme", "number"), PUBLISHED)
def test_published_numbers_are_right(scheme, number: str) -> None:
    assert scheme(_codes(number)).tolist() == [True]


@pytest.mark.parametrize(("scheme", "number"), PUBLISHED)
def test_one_wrong_digit_is_seen(scheme, number: str) -> None:
    slips = [
        number[:i] + other + number[i + 1 :]
        for i, sign in enumerate(number)
        for other in "0123456789"
        if sign.isdigit() and other != sign
    ]
    assert not scheme(_codes(*slips)).any()


def test_luhn_by_another_way() -> None:
    rng = np.random.default_rng(5)
    numbers = ["".join(map(str, row)) for row in rng.integers(0, 10, (400, 15))]
    by_hand = [
        sum(int(d) if i % 2 == 0 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(n[::-1])) % 10 == 0
        for n in numbers
    ]
    assert luhn(_codes(*numbers)).tolist() == by_hand
    assert 20 < sum(by_hand) < 60


def test_iban_by_another_way() -> None:
    rng = np.random.default_rng(6)
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    numbers = ["DE" + "".join(signs[i] for i in row) for row in rng.integers(0, 36, (300, 20))]
    by_hand = [int("".join(str(int(c, 36)) for c in n[4:] + n[:4])) % 97 == 1 for n in numbers]
    assert iban(_codes(*numbers)).tolist() == by_hand
