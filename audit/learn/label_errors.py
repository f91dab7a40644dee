"""Labels as models of real rows see them: how many look wrong, and which class they are taken for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.stats.models.label_noise import noise_parts


@dataclass(frozen=True, slots=True)
class Doubts:
    """The labels of one table as the models of real rows see them.

    doubt, weight : shape (models, n), see `noise_parts`; both 0 where a model does not judge a row
    """

    doubt: Floats
    weight: Floats

    def share(self, inside: Ints) -> Floats:
        """Share of wrong labels among some rows by every model, shape (models,)."""
        shares: Floats = self.doubt[:, inside].sum(axis=1) / self.weight[:, inside].sum(axis=1)
        return shares

    def error(self, inside: Ints) -> float:
        """Standard error of the mean share, from the rows."""
        share = self.share(inside)[:, None]
        parts = (self.doubt[:, inside] - share * self.weight[:, inside]) / self.weight[:, inside].mean(
            axis=1, keepdims=True
        )
        return float(np.sqrt((parts.mean(axis=0) ** 2).sum())) / len(inside)

    def only(self, groups: Ints) -> Doubts:
        """Every row judged by one model alone, the one of its number in `groups`, shape (n,)."""
        mine = groups == np.arange(len(self.doubt))[:, None]
        return Doubts(self.doubt * mine, self.weight * mine)


def make_doubts(predicted: Sequence[Floats], labels: Ints) -> Doubts:
    """What each model's chances, shape (n, classes), say about the labels, shape (n,)."""
    parts = [noise_parts(chances, labels) for chances in predicted]
    return Doubts(np.stack([doubt for doubt, _ in parts]), np.stack([weight for _, weight in parts]))
