from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from audit.case.check import Skip
from audit.model import Grade
from audit.run.run import audit_frames
from tests.worlds import World, find, is_judged, outcome_of, siblings

ROWS = 200
Make = Callable[[int], object]


def iban(number: int) -> str:
    """A German account number, its check digits worked out as in ISO 13616."""
    account = f"{37040044:08d}{number:010d}"
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def card(number: int) -> str:
    """A card number; the last digit makes the sum of its digits, every second doubled, end in 0."""
    body = f"4{number:014d}"
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(body))
    return body + str(-total % 10)


def dni(number: int) -> str:
    return f"{number:08d}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


KINDS: dict[str, tuple[str, str, Make]] = {
    "mail": ("contact", "e-mail addresses", lambda i: f"person{i}@example.org"),
    "unicode mail": ("contact", "e-mail addresses", lambda i: f"jürgen.müller{i}@bücher.example"),
    "iban": ("account", "IBANs", iban),
    "card": ("paid_with", "payment card numbers", card),
    "ip": ("host", "IP addresses", lambda i: f"10.{i // 65536}.{i // 256 % 256}.{i % 256}"),
    "uuid": ("ref", "random identifiers (UUID)", lambda i: f"6f1c0a52-9d3e-4b7a-8c11-{i:012x}"),
    "phone": ("reach", "phone numbers", lambda i: f"+49 171 {2000000 + i}"),
    "national phone": ("phone", "phone numbers", lambda i: f"0171/{2000000 + i}"),
    "dni": ("nif", "Spanish identity numbers", dni),
    "ssn": (
        "insured",
        "US social security numbers",
        lambda i: f"{100 + i // 9999:03d}-12-{1 + i % 9999:04d}",
    ),
    "name": ("surname", "names of people", lambda i: f"Mac {''.join(chr(97 + int(d)) for d in str(i))}"),
}


def table(start: int, make: Make, name: str, rows: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng(start)
    values = [make(start + i) for i in range(rows)]
    return pd.DataFrame({name: values, "sex": rng.choice(["f", "m"], rows), "size": rng.normal(0, 1, rows)})


def tables(kind: str, replayed: int = 10, rows: int = ROWS) -> tuple[list[pd.DataFrame], str, str]:
    """Real, synthetic and holdout people with one of a kind each, some real ones replayed."""
    name, words, make = KINDS[kind]
    made = [table(start, make, name, rows) for start in (1000, 20_000, 50_000)]
    made[1].loc[: replayed - 1, name] = made[0].loc[: replayed - 1, name].to_numpy()
    return made, name, words


def personal(frames: list[pd.DataFrame], **options: object):
    return outcome_of("personal_data", World(*frames), **options)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_and_its_replay_counted(kind: str):
    frames, name, words = tables(kind)
    outcome = personal(frames)
    main, cells = find(outcome, name), find(outcome, name, name="cells")
    assert main.value == pytest.approx(10 / ROWS)
    assert main.rows is not None and main.rows.examples == tuple(range(1, 11))
    assert main.sentence == (
        f"{name} holds {words}: 10 of 200 people in the real table have one that nobody else has and that occurs in "
        "the synthetic table; of 200 people outside of it 0 do."
    )
    assert (cells.value, cells.baseline, cells.descriptive) == (1.0, 1.0, True)


def test_case_spaces_and_punctuation_are_left_aside():
    frames, name, _ = tables("iban", 0)
    spaced = [" ".join(text[i : i + 4] for i in range(0, len(text), 4)) for text in frames[0][name][:20]]
    frames[1].loc[:19, name] = spaced
    assert find(personal(frames), name).value == pytest.approx(20 / ROWS)
    frames, name, _ = tables("mail", 0)
    frames[1].loc[:9, name] = " " + frames[0][name][:10].str.upper()
    assert find(personal(frames), name).value == pytest.approx(10 / ROWS)


def test_what_two_people_share_or_the_holdout_has_is_nobodys():
    frames, name, _ = tables("mail", 10)
    frames[0].loc[100:109, name] = frames[0].loc[:9, name].to_numpy()
    assert find(personal(frames), name).value == 0.0
    frames, name, _ = tables("mail", 10)
    frames[2].loc[:9, name] = frames[0].loc[:9, name].to_numpy()
    assert find(personal(frames), name).value == 0.0


@pytest.mark.parametrize("stored", ["int64", "float64"])
def test_phone_numbers_kept_as_numbers(stored: str):
    frames = [table(start, lambda i: 491712000000 + i, "telephone") for start in (0, 5000, 9000)]
    frames = [frame.astype({"telephone": stored}) for frame in frames]
    if stored == "float64":
        for frame in frames:
            frame.loc[150:, "telephone"] = np.nan
    frames[1].loc[:4, "telephone"] = frames[0].loc[:4, "telephone"]
    main = find(personal(frames), "telephone")
    assert main.value == pytest.approx(5 / ROWS) and "phone numbers" in main.sentence


def test_addresses_within_sentences():
    frames = [
        table(start, lambda i: f"She wrote to anna{i}@example.org, and asked about {iban(i)} again.", "note")
        for start in (0, 5000, 9000)
    ]
    frames[1].loc[:7, "note"] = [f"Please ask (anna{i}@example.org) instead of me." for i in range(8)]
    main = find(personal(frames), "note")
    assert main.value == pytest.approx(8 / ROWS)
    assert "e-mail addresses and IBANs" in main.sentence


def test_what_the_real_column_never_held_warns():
    frames = [
        table(start, lambda i: f"note number {i} about nothing much", "note", 600)
        for start in (0, 5000, 9000)
    ]
    frames[1].loc[:59, "note"] = [f"call bob{i}@example.org about it" for i in range(60)]
    report = audit_frames(*frames, checks=("personal_data",))
    judged = {one.measure.name: one.grade for one in report.results[0].measures}
    assert judged["cells"] is Grade.WARN and judged[""] is not Grade.FAIL
    (finding,) = [one for one in report.findings if one.grade is Grade.WARN]
    assert finding.sentence == (
        "10.0% of the filled cells of note hold what looks like e-mail addresses, against 0.0% in the real table."
    )


def test_surnames_that_chance_brings_back_are_judged_beyond_it_only():
    rng = np.random.default_rng(0)
    names = ["".join(letters) for letters in rng.choice(list("abcdefgh"), (3000, 5))]
    frames = [
        pd.DataFrame({"surname": rng.choice(names, 600), "size": rng.normal(0, 1, 600)}) for _ in range(3)
    ]
    main = find(personal(frames), "surname", name="common")
    assert not is_judged("personal_data", main)
    copied = frames[1].copy()
    copied.loc[:299, "surname"] = frames[0].loc[:299, "surname"]
    main = find(personal([frames[0], copied, frames[2]]), "surname", name="common")
    assert is_judged("personal_data", main) and main.low > 0.01


def test_without_a_holdout_copies_of_addresses_are_beyond_chance():
    frames, name, _ = tables("mail", 20)
    main = find(personal(frames[:2]), name)
    assert is_judged("personal_data", main) and main.low > 0.05
    assert "without a holdout" in main.sentence


PLAIN: dict[str, Make] = {
    "a code": lambda i: f"C{i:05d}",
    "nine digits, of which one in eleven has a Dutch check digit": lambda i: 100_000_000 + 7919 * i,
    "as long as a card number": lambda i: f"{4 * 10**15 + 7919 * i}",
    "dates and versions": lambda i: f"{2010 + i % 9}-{1 + i % 12:02d}-{1 + i % 28:02d} v{i}",
    "labels": lambda i: ["north", "south"][i % 2],
}


@pytest.mark.parametrize("kind", PLAIN)
def test_what_is_no_personal_data_is_not_told(kind: str):
    frames = [table(start, PLAIN[kind], "code") for start in (0, 5000, 9000)]
    with pytest.raises(Skip) as said:
        personal(frames)
    assert said.value.grade is Grade.NOT_APPLICABLE
    assert said.value.reason == (
        "No text, identifier or category column holds e-mail or IP addresses, phone, account, card or national numbers."
    )


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_columns_with_gaps(share: float):
    frames, name, _ = tables("mail", 10)
    frames = [
        frame.assign(**{name: frame[name].where(np.arange(ROWS) < ROWS * (1 - share))}) for frame in frames
    ]
    frames[1][name] = frames[1][name] if share else None
    outcome = personal(frames)
    assert find(outcome, name).value == (pytest.approx(0.05) if share else 0.0)
    assert find(outcome, name, name="cells").value == (1.0 if share else 0.0)


def test_no_value_is_said():
    frames, _, _ = tables("mail")
    report = audit_frames(*frames, checks=("personal_data",))
    assert "person10" not in str(report)


def test_more_copies_never_look_better():
    values = [find(personal(tables("card", copies)[0]), "paid_with").value for copies in (0, 50, 200)]
    assert values == [0.0, 0.25, 1.0]


def test_many_different_values():
    """Of which some are looked at first, those with an @; all are counted."""
    numbers = np.arange(200_000)
    real = pd.DataFrame({"note": [f"nothing {i}" for i in numbers], "size": numbers % 7})
    real.loc[199_000:, "note"] = [f"ask ann{i}@example.org" for i in range(1000)]
    synthetic = real[::400].reset_index(drop=True)
    main = find(personal([real, synthetic]), "note")
    assert main.value == pytest.approx(2 / 200_000)


def test_people_without_such_columns_are_not_judged():
    with pytest.raises(Skip):
        outcome_of("personal_data", siblings(120))
