"""Labels as models of real rows see them: how many look wrong, and which class they are taken for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats, Ints
from audit.stats.models.label_noise import noise_parts


@dataclass(frozen=True, slots=True)
class LabelErrors:
    """The labels of one table as the models of real rows see them.

    error_chance, weight : shape (models, n), see `noise_parts`; both 0 where a model does not judge a row
    """

    error_chance: Floats
    weight: Floats

    def error_share(self, inside: Ints) -> Floats:
        """Share of wrong labels among some rows by every model, shape (models,)."""
        shares: Floats = self.error_chance[:, inside].sum(axis=1) / self.weight[:, inside].sum(axis=1)
        return shares

    def error(self, inside: Ints) -> float:
        """Standard error of the mean share, from the rows."""
        share = self.error_share(inside)[:, None]
        parts = (self.error_chance[:, inside] - share * self.weight[:, inside]) / self.weight[:, inside].mean(
            axis=1, keepdims=True
        )
        return float(np.sqrt((parts.mean(axis=0) ** 2).sum())) / len(inside)

    def of_group_models(self, groups: Ints) -> LabelErrors:
        """Every row judged by one model alone, the one of its number in `groups`, shape (n,)."""
        mine = groups == np.arange(len(self.error_chance))[:, None]
        return LabelErrors(self.error_chance * mine, self.weight * mine)


def estimate_label_errors(predicted: Sequence[Floats], labels: Ints) -> LabelErrors:
    """What each model's chances, shape (n, classes), say about the labels, shape (n,)."""
    parts = [noise_parts(chances, labels) for chances in predicted]
    return LabelErrors(np.stack([doubt for doubt, _ in parts]), np.stack([weight for _, weight in parts]))
