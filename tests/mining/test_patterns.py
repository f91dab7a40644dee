"""Patterns: what each sign matches, and what is learned from examples."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from audit.mining.patterns import any_of, learn_patterns


def _fits(pattern: str, cell: str) -> bool:
    return bool(pc.match_substring_regex(pa.array([cell]), any_of([pattern]))[0].as_py())


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("AA-9999", ["AB-1234", "ÄÖ-0000"], ["Ab-1234", "AB-123", "AB-12345", "xAB-1234", "AB-1234\n"]),
        ("9{3,5}", ["123", "12345"], ["12", "123456", ""]),
        ("A{2}9{1,}", ["AB1", "AB12345678"], ["A1", "AB"]),
        (r"IN\A9", ["INA7"], ["INB7"]),
        (r"a\{9}", ["x{3}"], ["xxx"]),
        ("*{3}", ["aB3", "éé9"], ["a-b"]),
        (r"\<9>", ["<5>"], ["5"]),
        ("(9)+", ["(1)+"], ["(1)", "(1)(1)"]),
        ("<email>", ["a@b.de", "a.b+c@d-e.co.uk"], ["a@b", "a@@b.de", "a b@c.de", "a@b..de", ".a@b.de"]),
        ("<uuid>", ["550e8400-e29b-41d4-a716-446655440000"], ["550e8400-e29b-41d4-a716-44665544000g"]),
        (
            "<url>",
            ["https://a.org/x?y=1", "http://b.example.com:80"],
            ["a.org", "http//a.org", "https://a b.org"],
        ),
        ("<ipv4>", ["192.168.0.1", "255.255.255.255"], ["256.1.1.1", "1.2.3"]),
    ],
)
def test_a_pattern_fits(pattern: str, fitting: list[str], others: list[str]) -> None:
    assert [_fits(pattern, cell) for cell in fitting] == [True] * len(fitting)
    assert [_fits(pattern, cell) for cell in others] == [False] * len(others)


RNG = np.random.default_rng(0)
NUMBERS = RNG.integers(1000, 10_000, 1000)


@pytest.mark.parametrize(
    ("texts", "patterns"),
    [
        ([f"AB-{n}" for n in NUMBERS], ("\\AB-9999",)),
        ([f"{'ABCD'[n % 4]}{'EFG'[n % 3]}-{n}" for n in NUMBERS], ("AA-9999",)),
        ([f"+49 30 {n}{n}" for n in NUMBERS], ("+99 99 9{8}",)),
        ([f"{n:x}".zfill(6)[-6:] + "-z" for n in NUMBERS * 7919], ("*{6}-*",)),
        ([str(n) if n % 2 else f"X{n}" for n in NUMBERS], ("9999", "X9999")),
        ([f"m{n}@example.org" for n in NUMBERS], ("<email>",)),
        ([f"n {int(n) % 500 + 1}" for n in NUMBERS], ("n 9{1,3}",)),
    ],
)
def test_what_is_learned(texts: list[str], patterns: tuple[str, ...]) -> None:
    assert sorted(learn_patterns(texts, 10)) == sorted(patterns)
    assert all(pc.match_substring_regex(pa.array(texts), any_of(patterns)).to_pylist())


def test_counters_may_grow() -> None:
    assert learn_patterns([f"n{i}" for i in range(1, 1000)], 10, counted=True) == ("n9{1,}",)


def test_free_text_has_no_format() -> None:
    words = ["lorem", "Ipsum", "dolor,", "sit.", "12", "amet"]
    texts = [" ".join(RNG.choice(words, RNG.integers(3, 30))) for _ in range(1000)]
    assert learn_patterns(texts, 10) == ()


def test_a_bound_that_few_texts_have_is_moved() -> None:
    texts = [f"{10**6 + n}" for n in NUMBERS] + ["1" * 12] * 3
    assert learn_patterns(texts, 10) == ("9{7,15}",)


def test_a_pattern_of_few_texts_is_left_out() -> None:
    texts = [f"AB-{n}" for n in NUMBERS] + ["Zwockel"] * 9
    assert learn_patterns(texts, 10) == ("\\AB-9999",)
