"""Shapes inside groups: what holds for the whole table need not hold for each of its parts."""

from __future__ import annotations

from collections.abc import Iterator

from scipy import special

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.fidelity._shared.group_comparison import GroupDistance, WholeTable, compare_groups
from audit.checks.fidelity._shared.groupings import find_groupings
from audit.model import (
    Better,
    Chart,
    Estimate,
    Family,
    Fold,
    Measure,
    Page,
    Scale,
    Section,
    Unit,
    interval_chart,
)
from audit.stats.inference.intervals import Z95
from audit.stats.inference.p_values import normal_p

_FALSE_ALARM_RATE = 0.005  # chance that tables of one population single out a column of any group
_MIN_DIFFERENCE = 0.01  # smaller differences of one column are not told
_TOLD_PAIR = 0.02  # nor of one pair
_TIMES = 2.0  # what is as wrong in the whole table is told there, not for each group
_MAX_BARS = 30


@check(
    id="subgroup_shapes",
    title="Shapes inside groups",
    known_as="total variation distance within subgroups",
    page=Page.SUBGROUPS,
    section=Section.GROUP_SHAPES,
    folds=(Fold.FOLLOWS_COLUMNS, Fold.SHARE_OF_ROWS, Fold.WORST_DETAIL, Fold.NESTED_GROUPS),
    family=Family.FIDELITY,
    question="Is the synthetic table as right for each group as for the whole?",
    scale=Scale(Unit.SHARE, "share of rows beyond chance", Better.LOWER, -1.0, 1.0),
    needs=(Need.TWO_COLUMNS, Need.ROWS),
    next_step="Compare the joint views within the group; give the generator more rows of it, or generate the group with a model of its own.",
)
def subgroup_shapes(case: Case) -> Outcome:
    """Share of rows in the wrong cell of a pair of columns, inside the worst group.

    Groups are the values of the sensitive columns and of a target that is a category, and
    the crossings of two sensitive columns; where no column is called sensitive, the values of
    categories with at most twelve. Inside a group the pairs of the other columns are compared
    as in `pair_shapes`, and the mean is taken, less what chance gives at the group's size:
    the mean over all ways to deal the group's real and synthetic rows out to two tables of
    these sizes, which holds in sparse cells too. 0 means that real and synthetic rows of the
    group differ as two samples of one population do, 0.05 that in a typical pair five rows
    in a hundred are in the wrong cell; slightly below 0 is normal. `one_column` is the same
    over the pairs of one column, `one_pair` that of a single pair, told where chance does not
    explain it (in 1 of 200 tables of one population) and it is twice the whole table's:
    one column that is wrong in one group hardly moves a mean. Groups too
    small to judge are counted in the sentence, and those of fewer than 100 rows left out.
    Missing values are a cell of their own, and make no group. The baseline is the holdout
    against the real table. It cannot see whether the group has the right size: that is
    `representation`. Summary: `overall` is the same mean over the whole table.

    Source: van Breugel, Qian and van der Schaar (2023), ICML, PMLR 202 (small groups fail
    first); chance: Pitman (1937), Supplement to the Journal of the Royal Statistical Society 4.
    """
    groupings = find_groupings(case)
    found = [group for grouping in groupings for group in compare_groups(case, grouping, len(groupings))]
    left_out = sum(grouping.left_out for grouping in groupings)
    if not found:
        raise Skip(
            "No group has 100 rows in the real and the synthetic table.",
            "Name a sensitive column, or give tables with more rows.",
            assessable=False,
        )
    whole = WholeTable(case, len(groupings))
    worst = max(found, key=lambda g: (g.is_conclusive, g.value))
    comparisons = sum(len(group.columns) + len(group.pairs) for group in found)
    return Outcome(
        (
            _headline(found, worst, whole.mean, left_out),
            *(_group_measure(group) for group in found),
            *(m for group in found for m in _details(group, whole, comparisons)),
        ),
        {
            "overall": whole.mean,
            "groups": float(len(found)),
            "groups_judged": float(sum(g.is_conclusive for g in found)),
        },
        (_chart(found),),
    )


def _group_measure(group: GroupDistance) -> Measure:
    few = "" if group.is_conclusive else " These are too few rows to judge."
    return Measure(
        value=group.value,
        group=group.labels,
        low=max(-1.0, group.value - Z95 * group.error),
        high=min(1.0, group.value + Z95 * group.error),
        baseline=group.baseline,
        n=group.synthetic,
        sentence=f"{_told(group)}{few}",
        p_value=normal_p(group.value, group.error),
    )


def _told(group: GroupDistance) -> str:
    pair = " with ".join(group.pair)
    return (
        f"Where {group.description} ({group.real:,} real and {group.synthetic:,} synthetic rows), {_share(group.value)} of the rows "
        f"sit in the wrong cell of a pair beyond chance, {_share(group.single)} in that of a single column; worst is "
        f"{pair} ({_share(group.pair_value)})."
    )


def _share(value: float) -> str:
    return f"{max(value, 0.0):.1%}"


def _headline(found: list[GroupDistance], worst: GroupDistance, overall: float, left_out: int) -> Measure:
    """The worst group; the lower end of its interval allows for having chosen it."""
    pool = [g for g in found if g.is_conclusive] or found
    z = float(special.ndtri(1 - 0.025 / len(pool)))
    times = (
        f", at {worst.value / overall:.1f} times the whole table's"
        if worst.value > overall > 0.002
        else ", where the whole table is at"
    )
    small = left_out + sum(not g.is_conclusive for g in found)
    many = len(found) + left_out
    few = f" {small} of {many} groups {'is' if small == 1 else 'are'} too small to judge." if small else ""
    return Measure(
        value=worst.value,
        low=max(-1.0, worst.value - z * worst.error),
        high=min(1.0, max(g.value + Z95 * g.error for g in pool)),
        baseline=worst.baseline,
        n=worst.synthetic,
        sentence=f"Worst of {many} groups{times} {_share(overall)}: {_told(worst)}{few}",
    )


def _details(group: GroupDistance, whole: WholeTable, comparisons: int) -> Iterator[Measure]:
    """One column and one pair that are off in this group, and more so than everywhere."""
    for m in (*_column_measure(group, comparisons), *_pair_measure(group, comparisons)):
        pairs = [p for p in group.pairs if p == m.about or m.about == (p[0],) or m.about == (p[1],)]
        if m.value > _TIMES * whole.mean_excess(pairs):
            yield m


def _column_measure(group: GroupDistance, comparisons: int) -> Iterator[Measure]:
    """The column that is furthest off inside a group, where chance does not explain it."""
    name, (value, error) = max(group.columns.items(), key=lambda item: item[1][0] - Z95 * item[1][1])
    p_value = normal_p(value, error)
    if p_value * comparisons <= _FALSE_ALARM_RATE and value > _MIN_DIFFERENCE + Z95 * error:
        yield Measure(
            value=value,
            about=(name,),
            name="one_column",
            group=group.labels,
            low=max(-1.0, value - Z95 * error),
            high=min(1.0, value + Z95 * error),
            baseline=0.0,
            n=group.synthetic,
            sentence=(
                f"Where {group.description} ({group.synthetic:,} synthetic rows), {_share(value)} of the rows sit in the wrong cell of "
                f"{name} with another column beyond chance."
            ),
            p_value=p_value,
            comparisons=comparisons,
        )


def _pair_measure(group: GroupDistance, comparisons: int) -> Iterator[Measure]:
    """The pair that chance explains least inside a group, where chance does not explain it."""
    value, error = group.pair_value, group.pair_error
    if group.pair_chance * comparisons < _FALSE_ALARM_RATE and value > _TOLD_PAIR + Z95 * error:
        yield Measure(
            value=value,
            about=group.pair,
            name="one_pair",
            group=group.labels,
            low=max(-1.0, value - Z95 * error),
            high=min(1.0, value + Z95 * error),
            baseline=0.0,
            n=group.synthetic,
            sentence=(
                f"Where {group.description} ({group.synthetic:,} synthetic rows), {_share(value)} of the rows sit in the wrong cell of "
                f"{' with '.join(group.pair)} beyond chance."
            ),
            p_value=group.pair_chance,
            comparisons=comparisons,
        )


def _chart(found: list[GroupDistance]) -> Chart:
    worst = sorted(found, key=lambda g: -g.value)[:_MAX_BARS]
    return interval_chart(
        [g.description for g in worst],
        [Estimate.from_half_width(g.value, Z95 * g.error) for g in worst],
        [g.baseline for g in worst],
        title=f"{worst[0].description} differs most from its real rows",
        alt=f"Mean distance of pairs beyond chance in {len(worst)} groups; the largest is {worst[0].value:.1%}, where {worst[0].description}.",
        words="share of rows beyond chance",
    )
