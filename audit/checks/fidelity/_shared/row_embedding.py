"""Rows as short dense vectors: what a learner sees that cannot look at single columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audit.case.case import Case
from audit.case.case_table import CaseTable
from audit.learn.embedding import embed
from audit.learn.features import Features, sample_rows

WIDTH = 24  # numbers a row becomes
_ROWS = 5_000  # a table, at most


def embed_rows(case: Case, parts: Sequence[CaseTable], rng: np.random.Generator) -> list[Features]:
    """Rows of each part as at most 24 principal components of their points; the first part gives the ranks.

    Source: Jolliffe (2002), Principal Component Analysis, 2nd edition.
    """
    from sklearn.decomposition import PCA

    tables = embed(case, [(part, sample_rows(part, _ROWS, rng)) for part in parts], like=(0,))
    pooled = np.vstack(tables)
    width = min(WIDTH, *pooled.shape)
    components = PCA(width, svd_solver="randomized", random_state=0).fit(pooled)
    names, plain = tuple(str(i + 1) for i in range(width)), (False,) * width
    return [
        Features(np.asarray(components.transform(table), dtype=np.float64), names, plain) for table in tables
    ]
