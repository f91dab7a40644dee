"""Texts that are nearly alike, found among thousands without comparing all pairs.

A text is the set of its words and of its pairs of neighbouring words. Two texts are alike by the
share of what either holds that both hold (Jaccard). The smallest of many random numbers given to
these words agrees in two texts exactly that often, so a few dozen smallest numbers stand for a text,
and only texts that agree in a whole band of them are compared.

Source: Broder (1997), On the resemblance and containment of documents, SEQUENCES, 21-29; bands:
Indyk and Motwani (1998), STOC, 604-613.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from audit.arrays import Bytes, Hashes, Ints

_BANDS, _ROWS = 16, 4  # pairs alike by one half meet in two of three cases, by 0.7 in 99 of 100
_BASE = 0x100000001B3
_INVERSE = 0xCE965057AFF6957B  # of it, modulo 2^64
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """Some texts as sets of words and of neighbouring words.

    text_index : shape (texts,), which of the texts given each is
    features : numbers of words and pairs, those of one text after another
    starts : shape (texts,), where the features of each text begin
    """

    text_index: Ints
    features: Hashes
    starts: Ints

    def first(self, places: Ints) -> TextFeatures:
        """Only the texts at these positions."""
        ends = np.append(self.starts[1:], len(self.features))
        sizes = (ends - self.starts)[places]
        starts = np.cumsum(sizes) - sizes
        within = np.arange(int(sizes.sum())) - np.repeat(starts, sizes)
        return TextFeatures(
            self.text_index[places], self.features[np.repeat(self.starts[places], sizes) + within], starts
        )


def read_texts(data: Bytes, ends: Ints, fewest: int) -> TextFeatures:
    """Different texts of at least so many words; digits and signs part words and say nothing.

    Parameters
    ----------
    data : all texts in lower case as UTF-8, one after another
    ends : shape (texts,), where each ends
    fewest : words of a text that takes part, at least 2

    Notes
    -----
    Of texts of the same words and pairs the first stands for all. The order is that of a hash of
    the content, so that it does not depend on the order of the texts.
    """
    words, owner = _words(data, ends)
    enough = np.bincount(owner, minlength=len(ends)) >= fewest
    kept = enough[owner]
    words, owner = words[kept], owner[kept]
    if len(words) == 0:
        return TextFeatures(np.empty(0, np.int64), np.empty(0, np.uint64), np.empty(0, np.int64))
    beside = owner[:-1] == owner[1:]
    pairs = _mixed(words[:-1] * _BASE + words[1:])[beside]
    both = np.concatenate([owner, owner[:-1][beside]])
    order = np.argsort(both, kind="stable")
    features = np.concatenate([words, pairs])[order]
    place, starts = np.unique(both[order], return_index=True)
    texts = TextFeatures(place, features, starts)
    content, first = np.unique(_mixed(np.add.reduceat(features, starts)), return_index=True)
    return texts.first(first[np.argsort(content)])


def _words(data: Bytes, ends: Ints) -> tuple[Hashes, Ints]:
    """A number for every word, and the text it stands in."""
    # From 128 on stand the parts of letters beyond ASCII.
    letter = np.append(((data >= 97) & (data <= 122)) | (data >= 128), False)
    new = np.zeros(len(letter), dtype=bool)
    new[0] = True
    new[ends] = True
    begins = np.flatnonzero(letter & (new | ~np.roll(letter, 1)))
    stops = np.flatnonzero(letter & np.roll(new | ~letter, -1)) + 1
    powers = np.cumprod(np.full(len(data), _BASE, dtype=np.uint64))
    back = np.cumprod(np.full(len(data), _INVERSE, dtype=np.uint64))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(data.astype(np.uint64) * powers)])
    return _mixed((sums[stops] - sums[begins]) * back[begins]), np.searchsorted(ends, begins, side="right")


def _mixed(hashes: Hashes) -> Hashes:
    """Numbers whose bits all depend on all bits (the finalizer of SplitMix64)."""
    mixed = hashes + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def group_similar(texts: TextFeatures, least: float) -> Ints:
    """The group of each text: texts tied by a chain of neighbours that are alike share one.

    Parameters
    ----------
    least : Jaccard similarity from which two texts are alike, estimated to about 0.06

    Returns
    -------
    array of shape (texts,): group numbers from 0
    """
    n = len(texts.text_index)
    if n < 2:
        return np.zeros(n, dtype=np.int64)
    signatures = _signatures(texts)
    found = np.unique(
        np.concatenate([_meeting(band) for band in np.split(signatures, _BANDS, axis=1)]), axis=0
    )
    same = (signatures[found[:, 0]] == signatures[found[:, 1]]).mean(axis=1)
    left, right = found[same >= least].T
    ties = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    return np.asarray(connected_components(ties, directed=False)[1], dtype=np.int64)


def _signatures(texts: TextFeatures) -> NDArray[np.uint32]:
    """The smallest of the numbers that each of 64 functions gives to the words of a text."""
    chosen = np.random.default_rng(1997).integers(0, 2**63, (_BANDS * _ROWS, 2), dtype=np.uint64)
    least = [
        np.minimum.reduceat((texts.features * (a | np.uint64(1)) + b) >> np.uint64(32), texts.starts)
        for a, b in chosen
    ]
    return np.column_stack(least).astype(np.uint32)


def _meeting(band: NDArray[np.uint32]) -> Ints:
    """Neighbours, shape (pairs, 2), among the texts that agree in a whole band."""
    order = np.lexsort(band.T)
    agree = (band[order[1:]] == band[order[:-1]]).all(axis=1)
    pairs = np.column_stack([order[:-1], order[1:]])[agree]
    return np.sort(pairs, axis=1).astype(np.int64)
