"""A declared watermark: found, or not."""

from __future__ import annotations

from audit.case.case import Case
from audit.case.check import Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import gap_bars, percent
from audit.checks.artifacts._shared.green_list import GreenCounts, declared_watermark, green_counts
from audit.checks.artifacts._shared.tabular_mark import DETECTED, MovedCells, moved_cells
from audit.declare.watermark import KeyCells
from audit.model import Better, Family, Measure, Scale, Section, Unit


@check(
    id="watermark",
    title="Declared watermark",
    known_as="watermark detection",
    section=Section.DECLARED_MARK,
    family=Family.ARTIFACTS,
    question="Does the synthetic table carry the watermark that was declared?",
    scale=Scale(Unit.NUMBER, "declared watermarks not found", Better.LOWER, 0.0, 1.0),
    next_step="Check the key, the columns and the bins; a table that was rounded or edited may have lost its mark.",
)
def watermark(case: Case) -> Outcome:
    """Whether the watermark that the user declared is missing: 0 found, 1 not found.

    The fractional parts of the declared columns are cut into small intervals; of each pair of
    neighbours the key makes one green, and the watermark moves every value into a green one.
    Without it half of the values are green. It is found where the share of green values lies
    more than four standard errors above one half, as far above the share among real
    values, which carry no mark, and as far above what other keys would give: values that were rounded
    stand in few intervals, which any key may happen to call green. A mark of key cells stands in a few cells only: the owner tells
    their rows, their values before, and how far they may have moved; the key makes a share of
    that range green for each cell. It is found where green cells lie more than four standard errors above
    that share, and chance alone is below 1 in 30,000. Cells that are gone do not count; cells
    that moved further count as not green. Then what other checks on digits, precision, gaps and spikes
    say about the columns that carry it is shown and not judged. Where it is not found, nothing
    is excused. Missing cells do not count. Columns of whole numbers cannot carry it; it does
    not show who made the table, only that the key fits.

    Source: He, Yu, Ren, Wu and Cheng (2024), Watermarking Generative Tabular Data,
    arXiv 2405.14018 (green list); Zheng, Xia, Pang, Liu, Ren, Chu, Cao and Xiong (2024), TabularMark,
    CCS (key cells); one-proportion test as in Kirchenbauer et al. (2023), ICML.
    """
    mark = declared_watermark(case)
    if mark is None:
        raise Skip("No watermark was declared.", "Declare one with --watermark FILE.toml.")
    if isinstance(mark, KeyCells):
        return _of_cells(moved_cells(case, mark))
    columns = {name: green for name, green in green_counts(case).items() if green.n and green.rows}
    if not columns:
        raise Skip(
            "No declared column holds numbers in both tables.", "Name columns of numbers.", assessable=False
        )
    whole = sum(columns.values(), GreenCounts(0, 0, 0, 0, 0.0))
    missing = 0.0 if whole.is_marked else 1.0
    main = Measure(
        missing,
        low=missing,
        high=missing,
        n=whole.n,
        sentence=_sentence(whole),
    )
    bars = [(name, green.real / green.rows, green.synthetic / green.n) for name, green in columns.items()]
    chart = gap_bars("Values in green intervals", _sentence(whole), bars, "share of values")
    summary = {"z": whole.z, "green_share": whole.synthetic / whole.n}
    return Outcome((main, *(_of_column(name, green) for name, green in columns.items())), summary, (chart,))


def _of_cells(moved: MovedCells) -> Outcome:
    if moved.n == 0:
        raise Skip(
            f"None of the {moved.declared:,} key cells is in the synthetic table.",
            "Check the columns that name their rows; rows that were given new numbers cannot be found.",
            assessable=False,
        )
    missing = 0.0 if moved.is_marked else 1.0
    what = "The declared watermark was found" if moved.is_marked else "The declared watermark was not found"
    sentence = (
        f"{what}: {percent(moved.green / moved.n)} of {moved.n:,} key cells are green (z = {moved.z:.1f}), where chance "
        f"gives {percent(moved.share)}; {moved.declared - moved.n:,} of {moved.declared:,} are gone."
    )
    measure = Measure(missing, low=missing, high=missing, n=moved.n, sentence=sentence)
    return Outcome((measure,), {"z": moved.z, "green_share": moved.green / moved.n})


def _sentence(green: GreenCounts) -> str:
    what = "The declared watermark was found" if green.is_marked else "The declared watermark was not found"
    return (
        f"{what}: {percent(green.synthetic / green.n)} of {green.n:,} synthetic values are green "
        f"(z = {green.z:.1f}), and {percent(green.real / green.rows)} of the real ones.{_luck(green)}"
    )


def _luck(green: GreenCounts) -> str:
    """Why a large z is no mark."""
    if green.is_marked or green.z <= DETECTED or green.beyond_other_keys > DETECTED:
        return ""
    return " They stand in so few intervals that another key would often give as many."


def _of_column(name: str, green: GreenCounts) -> Measure:
    return Measure(
        value=green.synthetic / green.n,
        about=(name,),
        name="green_share",
        baseline=green.real / green.rows,
        n=green.n,
        sentence=f"{percent(green.synthetic / green.n)} of the synthetic values of {name} are green "
        f"(z = {green.z:.1f}), and {percent(green.real / green.rows)} of the real ones.",
        descriptive=True,
    )
