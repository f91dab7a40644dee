"""Texts that are nearly alike: against Jaccard's measure computed pair by pair."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from audit.stats.identifiers.minhash import TextFeatures, _signatures, group_similar, read_texts


def _read(*texts: str, fewest: int = 2) -> TextFeatures:
    cells = [text.encode() for text in texts]
    return read_texts(
        np.frombuffer(b"".join(cells), np.uint8), np.cumsum([len(c) for c in cells], dtype=np.int64), fewest
    )


def _jaccard(a: str, b: str) -> float:
    first, second = ({*w, *pairwise(w)} for w in (a.split(), b.split()))
    return len(first & second) / len(first | second)


def _notes(n: int, seed: int, words: int = 10) -> list[str]:
    rng = np.random.default_rng(seed)
    return [
        " ".join(f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in r)
        for r in rng.integers(0, 600, (n, words))
    ]


def test_signs_and_digits_part_words() -> None:
    texts = _read("one two, three", "one-two 3 three!", "three two one", "one", "naïve café ole", "")
    assert sorted(texts.text_index.tolist()) == [
        0,
        2,
        4,
    ]  # the second is the first again, the fourth too short
    ends = np.append(texts.starts[1:], len(texts.features))
    assert (ends - texts.starts).tolist() == [5, 5, 5]  # three words and two pairs
    held = {
        p: set(texts.features[s:e].tolist())
        for p, s, e in zip(texts.text_index, texts.starts, ends, strict=True)
    }
    assert len(held[0] & held[2]) == 3  # the same words in other pairs


def test_smallest_hashes_agree_as_often_as_jaccard_says() -> None:
    notes = _notes(40, 1)
    rng = np.random.default_rng(2)
    for note in notes[:20]:
        words = note.split()
        words[rng.integers(10)] = "other"
        notes.append(" ".join(words))
    texts = _read(*notes)
    signatures = _signatures(texts)
    gaps = [
        (signatures[i] == signatures[j]).mean()
        - _jaccard(notes[texts.text_index[i]], notes[texts.text_index[j]])
        for i, j in combinations(range(len(texts.text_index)), 2)
    ]
    assert abs(float(np.mean(gaps))) < 0.002
    assert float(np.abs(gaps).max()) < 0.3  # 64 functions: four standard errors are 0.25


@pytest.mark.parametrize("changed", [1, 5])
def test_one_word_of_ten_is_alike_and_half_of_them_is_not(changed: int) -> None:
    notes = _notes(500, 3)
    rng = np.random.default_rng(4)
    for note in notes[:50]:
        words = note.split()
        for place in rng.permutation(10)[:changed]:
            words[place] = "other"
        notes.append(" ".join(words))
    texts = _read(*notes)
    group = dict(zip(texts.text_index.tolist(), group_similar(texts, 0.6).tolist(), strict=True))
    tied = sum(group[i] == group[500 + i] for i in range(50))
    assert tied >= 48 if changed == 1 else tied == 0
    assert len(set(group.values())) == 550 - tied  # and nothing else is


def test_no_text_is_no_group() -> None:
    assert group_similar(_read("", "one"), 0.6).tolist() == []
    assert group_similar(_read("one two"), 0.6).tolist() == [0]
