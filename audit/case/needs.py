"""What a check needs of a case, and what is said where that is not there."""

from __future__ import annotations

from audit.case.case import Case
from audit.case.check import Need, Skip
from audit.case.protected_attributes import advice
from audit.model import Kind, Role

_FEW_ROWS = 30  # with fewer no share or distance says anything
_ORDERS = {
    Need.GENERATIONS: (
        "It follows a table over several generations, and only one was given.",
        "Give the generations in their order: python -m audit generations.",
    ),
    Need.SETTINGS: (
        "It compares several settings of one generator, and only one was given.",
        "Give the tables of several settings, the one in use first: python -m audit compare.",
    ),
}


def require(case: Case, need: Need) -> None:
    """Skip with a reason where the case lacks what a check needs."""
    if need is Need.HOLDOUT and case.holdout is None:
        raise Skip(
            "It compares with real rows that the generator never saw, and no holdout was given.",
            "Hold back a random part of the real rows before generating, and pass it as the holdout.",
            assessable=False,
        )
    roles = {Need.TARGET: Role.TARGET, Need.SENSITIVE: Role.SENSITIVE}
    if need in roles and not case.with_role(roles[need]):
        remedy = f"Name one with --{need} or on the Setup page."
        if need is Need.SENSITIVE and case.protected_candidates:
            told = advice(case.protected_candidates)
            remedy = told[0].upper() + told[1:]
        raise Skip(f"No column has the role {need}.", remedy)
    kinds = {
        Need.NUMBER: (Kind.NUMBER, Kind.DATE),
        Need.CATEGORY: (Kind.CATEGORY,),
        Need.KEY: (Kind.KEY,),
    }
    if need in kinds and not case.of_kind(*kinds[need]):
        raise Skip(f"No column is a {need}.")
    if need is Need.TWO_COLUMNS and len(case.distribution_columns) < 2:
        raise Skip("Fewer than two columns have a distribution to compare.")
    if need in _ORDERS:
        _require_series(case, need)
    if need is Need.ROWS and min(part.rows for part in case.tables()) < _FEW_ROWS:
        raise Skip(
            f"A table has fewer than {_FEW_ROWS} rows; no share or distance would mean anything.",
            "Give tables with more rows.",
            assessable=False,
        )


def _require_series(case: Case, order: Need) -> None:
    """Skip what follows several tables where there is one, or where they follow each other in another way."""
    if case.series is None or case.series.order.value != order.value:
        reason, remedy = _ORDERS[order]
        raise Skip(reason, remedy)
