"""National numbers whose check digits others have worked out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from audit.arrays import Bools, Bytes
from audit.stats.identifiers import national_ids as ids

# Worked examples: of the authority or an encyclopedia where there is one, else of python-stdnum's documentation.
VALID = [
    (ids.bsn, "111222333"), (ids.bsn, "123456782"),
    (ids.dni, "12345678Z"), (ids.dni, "X1234567L"), (ids.dni, "Y1234567X"),
    (ids.hetu, "131052308T"),
    (ids.personnummer, "8112289874"), (ids.personnummer, "198112289874"),
    (ids.pesel, "44051401359"),
    (ids.cpf, "39053344705"), (ids.cpf, "11144477735"),
    (ids.nir, "295109912611193"), (ids.nir, "253072B07300470"),
    (ids.codice_fiscale, "RCCMNL83S18D969H"), (ids.codice_fiscale, "MRTMTT91D08F205J"),
    (ids.rijksregister, "85073003328"), (ids.rijksregister, "17073003384"),
]  # fmt: skip


def _codes(*texts: str) -> Bytes:
    return np.array([list(text.encode()) for text in texts], dtype=np.uint8)


@pytest.mark.parametrize(("scheme", "number"), VALID)
def test_valid_numbers(scheme: Callable[[Bytes], Bools], number: str) -> None:
    assert scheme(_codes(number)).tolist() == [True]


@pytest.mark.parametrize(("scheme", "number"), VALID)
def test_another_last_sign_is_wrong(scheme: Callable[[Bytes], Bools], number: str) -> None:
    signs = "0123456789" if number[-1].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    others = [number[:-1] + sign for sign in signs if sign != number[-1]]
    assert not scheme(_codes(*others)).any()
