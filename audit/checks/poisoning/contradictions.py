"""Whether rows were put in that make the table useless: contradictory labels, repeated blocks, constant columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np

from audit.arrays import Hashes
from audit.case.case import DISTRIBUTION_KINDS, Case
from audit.case.case_table import CaseTable
from audit.case.check import Need, Outcome, check
from audit.model import (
    Better,
    Chart,
    Column,
    Family,
    Kind,
    Measure,
    Role,
    Scale,
    Unit,
    interval_chart,
)
from audit.stats.inference.intervals import newcombe
from audit.stats.inference.p_values import difference_p
from audit.stats.models.contradictions import count_contradicted, count_contradictions, repeated_blocks

_FALSE_ALARM_RATE = 0.001  # chance that one of the numbers is judged where nothing was put in


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The rows of a table that carry a label: what they are but for it, and the label, as hashes."""

    kinds: Hashes
    labels: Hashes

    def sample(self, rows: int, rng: np.random.Generator) -> _Labelled:
        """So many rows, drawn without replacement."""
        if len(self.kinds) <= rows:
            return self
        chosen = rng.choice(len(self.kinds), rows, replace=False)
        return _Labelled(self.kinds[chosen], self.labels[chosen])


@check(
    id="contradictions",
    title="Contradictory and repeated rows",
    known_as="class noise (inconsistent labels)",
    family=Family.POISONING,
    question="Were rows put in that contradict or repeat each other, or columns made constant?",
    scale=Scale(Unit.SHARE, "share of rows beyond real rows", Better.LOWER, -1.0, 1.0),
    next_step="Look at the rows that are named; drop those that contradict or repeat others, and find out who wrote them.",
    needs=(Need.ROWS,),
)
def contradictions(case: Case) -> Outcome:
    """Share of rows whose label contradicts that of equal rows, beyond real rows.

    Two rows contradict each other where all their values are the same but the target's. The
    number is the share of labels that would have to change, at least, until equal rows carry
    equal labels, less the same share in as many rows of the real table and of the holdout: 0
    means as in real rows, 0.01 that one label in a hundred contradicts others that should not,
    less than 0 that fewer do. `real_rows` is the share of synthetic rows that equal a row of the
    real table in all but the target and carry a label that no such real row carries, less the
    holdout's share. Both are judged where their interval is short or chance does not explain
    them (1 in 1,000). `blocks` is the share of rows in blocks of eight rows or more that come
    again in the same order, beyond the real table and the holdout. `constant` names a column
    that holds one value in every synthetic row though real rows vary, by more than chance (1 in
    1,000 over all columns); its number is the share of real rows with another value. The
    baseline is 0 for all of them. Every row is counted; keys are left out, missing values are
    equal, and rows without a label do not count. Without a holdout the real table alone is the
    measure, and `real_rows` is left out. Without a target only blocks and constant columns are
    told. Rows that contradict others that are merely similar are not seen here.

    Source: attacks that make data useless: Biggio, Nelson and Laskov (2012), ICML 29, 1467-1474;
    interval: Newcombe (1998), Statistics in Medicine 17, 873-890.
    """
    measures: list[Measure] = []
    summary: dict[str, float] = {}
    targets = [c for c in case.with_role(Role.TARGET) if c.kind in DISTRIBUTION_KINDS]
    if targets and len(_others(case, targets[0])):
        found, summary = _on_labels(case, targets[0])
        measures += found
    measures.append(_blocks(case))
    measures += _constants(case)
    return Outcome(tuple(measures), summary, tuple(_charts(measures)), case.rows_used())


def _others(case: Case, target: Column) -> list[str]:
    """The cells that make two rows alike: all but keys and the target."""
    return [
        case.vector_key(c.name) if c.kind is Kind.VECTOR else case.key(c.name)
        for c in case.columns
        if c.kind is not Kind.KEY and c.name != target.name
    ]


def _labelled(case: Case, part: CaseTable, target: Column) -> _Labelled:
    label = case.key(target.name)
    told = f"hash({', '.join(_others(case, target))}) AS kind, hash({label}) AS label"
    table = nw.to_native(part.frame).filter(f"{label} IS NOT NULL").project(told).to_arrow_table()
    return _Labelled(table.column("kind").to_numpy(), table.column("label").to_numpy())


def _on_labels(case: Case, target: Column) -> tuple[list[Measure], dict[str, float]]:
    """Contradictions among synthetic rows, and of synthetic with real rows."""
    tables = {part.role: _labelled(case, part, target) for part in case.tables()}
    made = tables.pop("synthetic")
    rows = min(len(made.kinds), *(len(table.kinds) for table in tables.values()))
    if not rows:
        return [], {}
    rng = case.rng("contradictions")
    some = made.sample(rows, rng)
    found = count_contradictions(some.kinds, some.labels)
    real = [
        count_contradictions(one.kinds, one.labels) for one in (t.sample(rows, rng) for t in tables.values())
    ]
    measures = [_within(target, found.changes, [one.changes for one in real], rows, found.rows)]
    if "holdout" in tables:
        measures.append(_against(target, made, tables["real"], tables["holdout"]))
    summary = {
        "rows": found.rows / rows,
        "rows_real": sum(one.rows for one in real) / (rows * len(real)),
    }
    return measures, summary


def _within(target: Column, changes: int, real: Sequence[int], rows: int, held: int) -> Measure:
    known, m = sum(real), rows * len(real)
    return _compared(
        "",
        (changes, rows),
        (known, m),
        f"{_share(held / rows)} of synthetic rows equal another one in all but {target.name}; {_share(changes / rows)} of labels would "
        f"have to change until equal rows carry equal labels, {_share(known / m)} in as many real rows.",
    )


def _against(target: Column, made: _Labelled, real: _Labelled, holdout: _Labelled) -> Measure:
    hits, known = (
        count_contradicted(one.kinds, one.labels, real.kinds, real.labels) for one in (made, holdout)
    )
    n, m = len(made.kinds), len(holdout.kinds)
    return _compared(
        "real_rows",
        (hits, n),
        (known, m),
        f"{_share(hits / n)} of synthetic rows equal a row of the real table in all but {target.name} and carry a label that no such "
        f"row carries; of fresh real rows {_share(known / m)}.",
    )


def _compared(name: str, synthetic: tuple[int, int], real: tuple[int, int], sentence: str) -> Measure:
    """One share against another, each as hits and rows."""
    low, high = newcombe(*synthetic, *real)
    return Measure(
        value=synthetic[0] / synthetic[1] - real[0] / real[1],
        name=name,
        low=low,
        high=high,
        baseline=0.0,
        n=synthetic[1],
        sentence=sentence,
        p_value=difference_p(*synthetic, *real),
    )


def _blocks(case: Case) -> Measure:
    shares = {part.role: _in_blocks(part) for part in case.tables()}
    made = shares.pop("synthetic")
    value = made - max(shares.values())
    return Measure(
        value=value,
        name="blocks",
        low=value,
        high=value,
        baseline=0.0,
        n=case.synthetic.rows,
        sentence=f"{_share(made)} of synthetic rows stand in blocks that come again in the same order; of real rows "
        f"{_share(max(shares.values()))}.",
    )


def _in_blocks(part: CaseTable) -> float:
    rows = nw.to_native(part.frame.select("identity")).to_arrow_table().column(0)
    if rows.null_count:  # every column is a key
        return 0.0
    return repeated_blocks(rows.to_numpy()) / max(part.rows, 1)


def _constants(case: Case) -> Iterator[Measure]:
    """Columns of one value where real rows vary; one number for none at all."""
    columns = [c for c in case.columns if c.kind in DISTRIBUTION_KINDS]
    found = False
    for column in columns:
        other = _varying(case, column)
        chance = 1.0 if other is None else float(np.exp(case.synthetic.rows * np.log1p(-other)))
        if other is not None and chance * len(columns) < _FALSE_ALARM_RATE:
            found = True
            constant = _constant(
                case,
                other,
                (column.name,),
                f"{column.name} holds one value in every synthetic row; {_share(other)} of real rows hold another.",
            )
            yield replace(constant, p_value=chance, comparisons=len(columns))
    if not found:
        yield _constant(
            case, 0.0, (), "No column that varies in real rows holds one value in every synthetic row."
        )


def _varying(case: Case, column: Column) -> float | None:
    """Share of real rows with another value than the only synthetic one; None where there are several, or that is all."""
    made = case.synthetic.value_counts(column.name)
    if len(made.values) + (made.missing > 0) != 1:
        return None
    same = rows = 0
    for part in case.tables():
        if part.role == "synthetic":
            continue
        counts = part.value_counts(column.name)
        rows += part.rows
        same += (
            int(counts.counts[counts.values == made.values[0]].sum()) if len(made.values) else counts.missing
        )
    other = 1 - same / rows
    return other if 0 < same < rows else (1 - 1e-9 if other else None)


def _constant(case: Case, value: float, about: tuple[str, ...], sentence: str) -> Measure:
    return Measure(
        value=value,
        about=about,
        name="constant",
        low=value,
        high=value,
        baseline=0.0,
        n=case.synthetic.rows,
        sentence=sentence,
    )


def _share(value: float) -> str:
    return f"{value:.2%}"


def _charts(measures: Sequence[Measure]) -> Iterator[Chart]:
    words = {
        "": "labels in contradiction",
        "real_rows": "contradict the real table",
        "blocks": "in repeated blocks",
    }
    shown = [(words[m.name], m) for m in measures if m.name in words]
    worst = max(shown, key=lambda pair: pair[1].value)
    yield interval_chart(
        [label for label, _ in shown],
        [m for _, m in shown],
        0.0,
        title=f"Rows beyond real rows: {worst[0]} {worst[1].value:+.2%}",
        alt="Share of synthetic rows beyond real rows: "
        + "; ".join(f"{label} {m.value:+.2%}" for label, m in shown)
        + ".",
        words="share of rows beyond real rows",
    )
