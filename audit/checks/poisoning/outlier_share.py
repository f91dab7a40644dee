"""Rows that lie apart by the tails of their columns."""

from __future__ import annotations

import numpy as np

from audit.case.case import Case
from audit.case.check import Outcome, Skip, check
from audit.checks.poisoning._shared.outlying_rows import ALSO, listed_rows, outlier_tables, rows_used
from audit.model import Better, Family, Measure, Scale, Unit
from audit.stats.distributions.tails import rate_ratio
from audit.stats.neighbours.outlyingness import Tails

_SMALLEST_TAIL = 0.001  # of the control rows that lie beyond the cut

_IN_TAIL = 30  # control rows beyond the cut, at least

_ENDLESS = 1e6  # stands for a ratio without an upper end


@check(
    id="outlier_share",
    title="Outlying rows",
    known_as="out-of-distribution rate",
    family=Family.POISONING,
    question="Are there more extreme rows than among fresh real ones?",
    scale=Scale(Unit.RATIO, "ratio of shares", Better.LOWER, 0.0),
    next_step="Look at the rows listed, the most extreme of the table, before a model learns from it.",
)
def outlier_share(case: Case) -> Outcome:
    """How many times more synthetic than fresh real rows lie far out.

    A row's score adds up how rare each of its values is among real rows: for a number how few
    rows lie as far in its tail, for a category how few hold it, and the same for missing values. The
    cut is the score that one in a thousand holdout rows exceeds (or thirty rows, where those are
    more). 1 means that as many synthetic rows lie beyond as fresh real ones would; 3 three times as many; below 1
    there are fewer, which is no sign of poison. The interval is exact, for two counts given
    their sum. Without a holdout the real rows are dealt in two at random, one half to learn the tails, the other as
    control. Up to 30,000 rows of each table are looked at. Keys and free text are left out.
    It cannot see rows that hide among the others, nor tell why a row lies apart.

    Source: Li, Zhao, Hu, Botta, Ionescu and Chen (2022), ECOD, IEEE Transactions on Knowledge
    and Data Engineering 35, 12181-12193; interval: Przyborowski and Wilenski (1940),
    Biometrika 31, 313-323.
    """
    tables = outlier_tables(case)
    codes = np.asarray(tables.real.features.categorical, dtype=bool)
    tails = Tails(tables.real.features.matrix, codes)
    ours = tails.scores(tables.synthetic.features.matrix)
    control = tails.scores(tables.control.features.matrix)
    n, m = len(ours), len(control)
    share = max(_SMALLEST_TAIL, _IN_TAIL / m)
    cut = float(np.quantile(control, 1 - share))
    beyond = np.flatnonzero(ours > cut)
    hits = int((control > cut).sum())
    if hits == 0 and len(beyond) == 0:
        raise Skip("All rows lie equally far out: no value is rarer than the others.")
    ratio, (low, high) = rate_ratio(len(beyond), n, hits, m)
    whose = "holdout rows" if tables.fresh else "real rows that were set aside"
    also = f" {ALSO}" if low > 1 else ""
    whole = Measure(
        value=ratio,
        low=low,
        high=min(high, _ENDLESS),
        baseline=1.0,
        n=n,
        sentence=(
            f"{len(beyond):,} of {n:,} synthetic rows ({len(beyond) / n:.2%}) are as extreme as the {share:.2%} most extreme "
            f"{whose}.{also}"
        ),
        rows=listed_rows(tables.synthetic, beyond, ours),
    )
    return Outcome(
        (whole,), {"share": len(beyond) / n, "share_of_real_rows": hits / m}, rows_used=rows_used(tables)
    )
