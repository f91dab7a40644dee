"""What a loop is fed with: the share of real rows, as declared."""

from __future__ import annotations

from itertools import accumulate

from audit.case.case import Case
from audit.case.check import Outcome, Skip, check
from audit.declare.generator_card import real_share
from audit.model import Better, Family, Measure, Scale, Section, Unit


@check(
    id="fresh_share",
    title="Fresh real rows",
    section=Section.FEED,
    family=Family.GENERATIONS,
    question="How much of what the generations were trained on is real?",
    scale=Scale(Unit.SHARE, "share of real rows", Better.HIGHER, 0.0, 1.0),
    next_step="Train on more fresh real rows in every generation, or keep all earlier real rows beside the synthetic ones.",
)
def fresh_share(case: Case) -> Outcome:
    """Lowest share of real rows among the rows a generation was trained on.

    It is worked out from what you declare, not from the tables: the share of fresh real rows in
    each generation (or the rows of real and of synthetic tables on a generator card), and whether a generation replaces the rows before it or is added to them. 1
    means that only real rows were used, 0 that a generation saw nothing but synthetic ones, which
    no loop survives. Where rows are kept, the first real rows stay, and the share is that of all
    rows so far. Missing values play no part, and chance gives nothing: the number is exact. With
    a share of one half the weight of real rows stays near the best one, 0.618; below a quarter a
    loop was seen to do worse than with real rows alone. It cannot see whether the declaration is
    true: see contamination for real rows that are none. Summary: `real_rows_per_synthetic_row`.

    Source: Alemohammad et al. (2024), ICLR; Gerstgrasser et al. (2024), arXiv:2404.01413 (kept
    against replaced); He, Xu and Cheng (2025), arXiv:2502.18049 (0.618). The tolerances are a
    convention of this project, see docs/tolerances.md.
    """
    declared = case.options.fresh_share or _stated(case)
    if not declared:
        raise Skip(
            "Which share of real rows the generator was trained on is not declared.",
            "State it on the Setup page, by --fresh-share 0.5, once for all generations or once for each, or in a "
            "generator card.",
            assessable=False,
        )
    sizes = case.series.sizes if case.series is not None else (case.synthetic.rows,)
    shares = _shares(declared, sizes, case.real.rows, case.options.loop)
    at = min(range(len(shares)), key=shares.__getitem__)
    value = shares[at]
    who = "its generator" if case.series is None else f"generation {at + 1}"
    measure = Measure(
        value=value,
        low=value,
        high=value,
        baseline=1.0,
        n=case.synthetic.rows,
        sentence=f"{value:.0%} of the rows that {who} was trained on are real, as declared{_how(case)}.",
    )
    mixed = value / (1 - value) if value < 1 else None
    return Outcome((measure,), {"real_rows_per_synthetic_row": mixed} if mixed is not None else {})


def _stated(case: Case) -> tuple[float, ...]:
    """As the generator card's tables say; a card is about one table, not about a row of them."""
    card = case.options.generator_card
    share = real_share(card) if card is not None and case.series is None else None
    return () if share is None else (share,)


def _shares(declared: tuple[float, ...], sizes: tuple[int, ...], real: int, loop: str) -> list[float]:
    """Of every generation: as declared, or of all rows so far where they are kept.

    The first generation's synthetic rows are those of a table that is no longer here: its own size
    stands in for theirs.
    """
    each = declared * len(sizes) if len(declared) == 1 else declared
    if loop != "accumulate":
        return list(each)
    fresh = [n * share for n, share in zip(sizes, each, strict=True)]
    old = [n * (1 - share) for n, share in zip(sizes, each, strict=True)]
    kept, made = list(accumulate(fresh)), list(accumulate(old))
    return [(real + f) / (real + f + m) for f, m in zip(kept, made, strict=True)]


def _how(case: Case) -> str:
    said = {"replace": "; each generation replaces the last", "accumulate": "; all earlier rows are kept"}
    return said.get(case.options.loop, "")
