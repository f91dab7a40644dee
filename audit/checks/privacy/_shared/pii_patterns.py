"""What personal data look like: e-mail addresses, phone and account numbers, national numbers, names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.arrays import Bools, Bytes
from audit.checks.privacy._shared.quasi_identifiers import words_of
from audit.stats.identifiers import checksums, national_ids

_PART = r"[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_GROUP = r"[0-9A-Fa-f]{1,4}"
_APART = "[ -]?"
_SPACES = r"[\s\p{Z}]+"
_SIGNS = "[^0-9A-Za-z]+"
_NOT_DIGITS = "[^0-9]+"
_NOT_LETTERS = r"[^\p{L}]+"


@dataclass(frozen=True, slots=True)
class PiiPattern:
    """One kind of personal data.

    words : what it is called, in the plural
    pattern : a regular expression for what it looks like, without ends
    dropped : a regular expression for what does not tell two of them apart, beside case
    scheme : name of its check digits, "phone" for the rules of phone numbers, or ""
    within : whether it is told inside of longer texts too
    column_words : words of a column's name that say it; with several in one text, all of them together.
        What has no scheme and is not told within texts is told by the name alone
    """

    words: str
    pattern: str
    dropped: str
    scheme: str = ""
    within: bool = False
    column_words: tuple[str, ...] = ()


FORMS = (
    PiiPattern("e-mail addresses", rf"[\p{{L}}\p{{N}}._%+'-]+@(?:{_PART}\.)+\p{{L}}{{2,}}", _SPACES, within=True),
    PiiPattern("IBANs", rf"\b[A-Z]{{2}}[0-9]{{2}}(?:{_APART}[A-Z0-9]{{4}}){{2,7}}(?:{_APART}[A-Z0-9]{{1,3}})?\b", _SIGNS, "iban", within=True),
    PiiPattern("payment card numbers", rf"\b[2-6](?:{_APART}[0-9]){{12,18}}\b", _SIGNS, "luhn", within=True,
         column_words=("credit card", "card number", "pan")),
    PiiPattern("IP addresses", rf"\b{_OCTET}(?:\.{_OCTET}){{3}}\b|(?:{_GROUP}:){{7}}{_GROUP}|(?:{_GROUP}:){{1,6}}(?::{_GROUP}){{1,6}}",
         _SPACES, within=True),
    PiiPattern("random identifiers (UUID)", r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b", _SIGNS, within=True),
    PiiPattern("US social security numbers", r"\b(?:00[1-9]|0[1-9][0-9]|[1-8][0-9]{2})-[0-9]{2}-[0-9]{4}\b", _SIGNS, within=True),
    PiiPattern("US social security numbers", r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}", _SIGNS, column_words=("ssn", "social security")),
    PiiPattern("British national insurance numbers", r"\b[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d]\b", _SIGNS,
         within=True, column_words=("nino",)),
    PiiPattern("Finnish personal identity codes", r"\b[0-3][0-9][01][0-9]{3}[-+A-FU-Y][0-9]{3}[0-9A-Y]\b", _SIGNS, "hetu", within=True),
    PiiPattern("Italian tax codes", r"\b[A-Za-z]{6}[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z]\b", _SIGNS, "codice_fiscale", within=True),
    PiiPattern("Spanish identity numbers", rf"\b[0-9XYZxyz][0-9]{{7}}{_APART}[A-Za-z]\b", _SIGNS, "dni", within=True),
    PiiPattern("French social security numbers", r"\b[12](?: ?[0-9]){4} ?(?:[0-9] ?[0-9]|2[ABab])(?: ?[0-9]){8}\b", _SIGNS, "nir", within=True),
    PiiPattern("Swedish personal identity numbers", r"(?:[0-9]{2})?[0-9]{2}[01][0-9][0-3][0-9][-+]?[0-9]{4}", _SIGNS, "personnummer"),
    PiiPattern("Dutch citizen service numbers", r"[0-9]{9}", _SIGNS, "bsn"),
    PiiPattern("Polish PESEL numbers", r"[0-9]{11}", _SIGNS, "pesel"),
    PiiPattern("Brazilian CPF numbers", r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}", _SIGNS, "cpf"),
    PiiPattern("Belgian register numbers", r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}-?[0-9]{3}[.-]?[0-9]{2}", _SIGNS, "rijksregister"),
    PiiPattern("phone numbers", r"[+(]?[0-9](?:[ ()/.-]{0,3}[0-9]){6,14}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?", _NOT_DIGITS, "phone",
         column_words=("phone", "telephone", "mobile", "cellphone", "cell", "tel", "fax", "msisdn", "telefon", "handy", "mobil")),
    PiiPattern("names of people", r"\p{L}[\p{L}\p{M} .'’-]*", _NOT_LETTERS,
         column_words=("name", "surname", "lastname", "firstname", "forename", "fullname", "vorname", "nachname", "familienname",
                "prenom", "prénom", "apellido", "apellidos", "cognome")),
)  # fmt: skip
# Words beside "name" that say it is not a person's.
_THINGS = (
    "file user product company brand street city town country state county region item host domain model "
    "school class course store shop bank branch event game team project column table drug species"
)
_SCHEMES: Mapping[str, Callable[[Bytes], Bools]] = {
    "iban": checksums.iban,
    "luhn": checksums.luhn,
    "hetu": national_ids.hetu,
    "codice_fiscale": national_ids.codice_fiscale,
    "dni": national_ids.dni,
    "nir": national_ids.nir,
    "personnummer": national_ids.personnummer,
    "bsn": national_ids.bsn,
    "pesel": national_ids.pesel,
    "cpf": national_ids.cpf,
    "rijksregister": national_ids.rijksregister,
}
_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "PL", "SE", "FI", "BE", "CH", "AT", "PT", "BR", "MX", "IN", "AU", "JP", "CN")  # fmt: skip
_MIN_VALID_SHARE = (
    0.97  # of numbers without a country that are valid in one; 0.92 of any nine digits are in France
)
_DIALLED = 200  # numbers that the rules of phone numbers are asked about


def name_matches(form: PiiPattern, name: str) -> bool:
    """Whether a column's name says that it holds this kind of personal data.

    Examples
    --------
    >>> phone, person = FORMS[-2:]
    >>> says(phone, "HomePhone"), says(person, "last_name"), says(person, "product_name")
    (True, True, False)
    """
    words = set(words_of(name))
    if "name" in form.column_words and words & set(_THINGS.split()):
        return False
    return any(set(text.split()) <= words for text in form.column_words)


def matches_pattern(form: PiiPattern, texts: pa.Array) -> Bools:
    """Which texts look like it as a whole, spaces around left aside."""
    found = pc.match_substring_regex(texts, rf"^\s*(?:{form.pattern})\s*$", ignore_case=True)
    return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False))


def checksum_counts(form: PiiPattern, texts: pa.Array) -> tuple[int, int]:
    """Of texts that look like it: how many were tested, and how many are right.

    Check digits are tested in all; phone numbers, one at a time, in the first few hundred, in
    the country that most of them belong to. Without a rule every text is right.
    """
    if not form.scheme:
        return len(texts), len(texts)
    if form.scheme == "phone":
        numbers = [str(text) for text in texts[:_DIALLED].to_pylist()]
        return len(numbers), _dialled(numbers)
    plain = pc.utf8_upper(pc.replace_substring_regex(texts, _SIGNS, ""))
    if form.scheme == "hetu":  # since 2023 there are letters as signs of a century
        plain = pc.replace_substring_regex(
            pc.utf8_upper(texts), r"^\s*([0-9]{6})[-+A-Z]([0-9]{3}[0-9A-Y])\s*$", r"\1\2"
        )
    return len(texts), _right(_SCHEMES[form.scheme], plain)


def _right(scheme: Callable[[Bytes], Bools], plain: pa.Array) -> int:
    lengths = pc.binary_length(plain).to_numpy(zero_copy_only=False)
    right = 0
    for length in np.unique(lengths):
        alike = plain.filter(pa.array(lengths == length))
        codes = np.frombuffer("".join(alike.to_pylist()).encode("ascii"), dtype=np.uint8)
        right += int(scheme(codes.reshape(-1, int(length))).sum())
    return right


def _dialled(numbers: Sequence[str]) -> int:
    """How many are valid: with their country in front; or, if spaces or signs part the digits, in one country.

    Numbers that only look like it are often valid somewhere, so there nearly all of them must be.
    """
    abroad = sum(_valid(number, None) for number in numbers)
    if (
        abroad >= _MIN_VALID_SHARE * len(numbers)
        or sum(not one.strip().isdigit() for one in numbers) < len(numbers) / 2
    ):
        return abroad
    inland = max(sum(_valid(number, region) for number in numbers) for region in _REGIONS)
    return inland if inland >= _MIN_VALID_SHARE * len(numbers) else abroad


def _valid(number: str, region: str | None) -> bool:
    """Valid as dialled in a region; without one as an international number, the plus given or left out."""
    import phonenumbers  # here: its data take time to load, and few tables need them

    text = number if region else "+" + number.strip().removeprefix("+").removeprefix("00")
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, region)))
    except phonenumbers.NumberParseException:
        return False
