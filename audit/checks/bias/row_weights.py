"""Weights, rejection and quotas that give the synthetic table the real mix of groups and outcomes."""

from __future__ import annotations

from audit.case.case import Case
from audit.case.check import Need, Outcome, Skip, check
from audit.checks.bias._shared.raking_weights import (
    MAX_WEIGHT,
    WeightCell,
    WeightMargin,
    Weights,
    find_weights,
    share_ratio,
    write_weights,
)
from audit.model import (
    ROW_WEIGHTS,
    Better,
    Chart,
    Estimate,
    Family,
    Measure,
    Scale,
    Section,
    Unit,
    interval_chart,
)

_BARS = 24


@check(
    id="row_weights",
    title="Weights for the real mix",
    known_as="raking (iterative proportional fitting)",
    section=Section.WEIGHTS,
    files=(ROW_WEIGHTS,),
    descriptive=True,
    family=Family.BIAS,
    question="Which weights give the synthetic rows the real mix of groups and outcomes?",
    scale=Scale(Unit.RATIO, "times the weight of an average row", Better.ONE, 0.0, None),
    needs=(Need.SENSITIVE,),
    next_step="Use row_weights.csv as weights wherever groups are compared or a model is trained, and look whether it helped.",
)
def row_weights(case: Case) -> Outcome:
    """Weight of the rows of a group with an outcome that restores the real mix.

    1 means that the rows are as frequent as among real people; 2 that they are half as
    frequent and should count twice. Each sensitive attribute crossed with the target gets its
    real shares, all attributes at once, with weights as equal as that allows and none above
    five times the mean. The quarters of a numeric target stand for outcomes; rows without a
    group or outcome, and cells of fewer than ten real people, are kept together and get their
    share too. Weights cost precision: the effective rows (Kish) are those of equal weight that
    would tell as much. Beside the weight stand the share of rows to keep where rows are to be
    thrown away instead, and how many to generate anew for a table of the same size. The weight
    of every row is written to row_weights.csv. Nothing is advised where no cell is off beyond
    chance (1 in 100 over all cells) and by more than 2 %. Right shares do not make the rest of
    a row right; `mitigation` measures what a model gains.

    Source: raking: Deming and Stephan (1940), Annals of Mathematical Statistics 11, 427-444;
    effective rows: Kish (1965), Survey Sampling; weights by group and outcome against bias:
    Kamiran and Calders (2012), Knowledge and Information Systems 33, 1-33.
    """
    found = find_weights(case)
    if not found.margins:
        raise Skip(
            "No sensitive column has a group of ten real people or more.",
            "Name a column of labels or numbers as sensitive.",
            assessable=False,
        )
    if not found.differs_beyond_chance:
        raise Skip("Groups and outcomes are mixed as in the real table: no weights are needed.")
    measures = [_whole(found)]
    measures += [_measure(found, margin, cell) for margin in found.margins for cell in margin.cells]
    charts = [_chart(found, margin) for margin in found.margins]
    files = {ROW_WEIGHTS: lambda path, _word: write_weights(found, path)}
    return Outcome(tuple(measures), _summary(found), tuple(charts), files=files)


def _keep(found: Weights, cell: WeightCell) -> float:
    """Chance with which a row of the cell is kept where rows are thrown away."""
    return cell.weight / float(found.rows.max())


def rows_to_generate(found: Weights, cell: WeightCell) -> int:
    """Rows to generate (above 0) or to leave out so that a table of this size has the real share."""
    return round(len(found.rows) * cell.real / found.real_rows) - cell.synthetic


def _summary(found: Weights) -> dict[str, float]:
    most = max(
        sum(max(rows_to_generate(found, cell), 0) for cell in margin.cells) for margin in found.margins
    )
    return {
        "effective_rows": found.effective_rows,
        "largest_weight": float(found.rows.max()),
        "rows_kept_by_rejection": found.rows_after_rejection,
        "rows_to_generate": float(most),
    }


def _whole(found: Weights) -> Measure:
    rows, names = len(found.rows), " and ".join(margin.column.name for margin in found.margins)
    mix = f"{names} with {found.outcome.name}" if found.outcome else names
    most = float(found.rows.max())
    cut = ", cut there; the mix is then not wholly real" if most >= MAX_WEIGHT * 0.999 else ""
    return Measure(
        value=most,
        name="largest",
        low=most,
        high=most,
        baseline=1.0,
        n=rows,
        sentence=(
            f"Weights give the synthetic rows the real mix of {mix}: {rows:,} rows then tell as much as "
            f"{found.effective_rows:,.0f} of equal weight ({found.effective_rows / rows:.0%}), and the largest weight is "
            f"{most:.2f} times the mean{cut}. Throwing rows away instead leaves {found.rows_after_rejection:,.0f} rows."
        ),
        descriptive=True,
    )


def _measure(found: Weights, margin: WeightMargin, cell: WeightCell) -> Measure:
    rows, column, outcome = len(found.rows), margin.column.name, found.outcome
    group = {column: cell.group} | ({outcome.name: cell.outcome} if outcome else {})
    who = " and ".join(f"{name} = {value}" for name, value in group.items())
    return Measure(
        value=cell.weight,
        about=(column, outcome.name) if outcome else (column,),
        group=group,
        low=cell.weight,
        high=cell.weight,
        baseline=1.0,
        n=cell.synthetic,
        sentence=(
            f"{who}: {cell.synthetic / rows:.1%} of synthetic rows and {cell.real / found.real_rows:.1%} of real ones "
            f"({share_ratio(cell, rows, found.real_rows):.2f} of the real share). {_advice(found, cell)}"
        ),
        descriptive=True,
    )


def _advice(found: Weights, cell: WeightCell) -> str:
    extra = rows_to_generate(found, cell)
    rather = (
        f"generate {extra:,} more"
        if extra > 0
        else f"leave out {-extra:,}"
        if extra
        else "leave them as they are"
    )
    if cell.synthetic == 0:
        return f"No weight can bring them back: {rather}."
    return f"Weigh them {cell.weight:.2f}, or keep {_keep(found, cell):.0%} of them, or {rather}."


def _chart(found: Weights, margin: WeightMargin) -> Chart:
    """Weights of an attribute's cells, the farthest from 1 first."""
    outcome = found.outcome.name if found.outcome else ""
    shown = sorted(margin.cells, key=lambda cell: -abs(cell.weight - 1))[:_BARS]
    named = [f"{cell.group}, {cell.outcome}" if outcome else cell.group for cell in shown]
    weights = tuple(cell.weight for cell in shown)
    about = (margin.column.name, outcome) if outcome else (margin.column.name,)
    return interval_chart(
        named,
        [Estimate.from_half_width(weight, 0.0) for weight in weights],
        1.0,
        title=f"{' and '.join(about)}: rows with {named[0]} count {weights[0]:.2f} times",
        alt="Weights: "
        + "; ".join(f"{name} {weight:.2f}" for name, weight in zip(named[:8], weights, strict=False))
        + ".",
        about=about,
        unit=Unit.RATIO,
        words="times the weight of an average row",
    )
