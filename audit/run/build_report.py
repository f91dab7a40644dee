"""Results judged and put into one report, with what was audited and how."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from audit.case.case import Case
from audit.judge.judge import column_importance, judge
from audit.judge.policy import Policy
from audit.model import Kind, Redaction, Result
from audit.provenance.provenance import collect_provenance
from audit.render.notebook import Report

_PACKAGES = ("duckdb", "narwhals", "numpy", "pyarrow", "scikit-learn", "scipy", "evidently")


def build_report(
    case: Case, results: Sequence[Result], policy: Policy, stamp: tuple[str, str] | None = None
) -> Report:
    """Judge the results and put everything into one report."""
    run_id, made_at = stamp or (uuid.uuid4().hex, datetime.now(UTC).isoformat(timespec="seconds"))
    judged = judge(results, policy, column_importance(case.columns))
    parts = {"real": case.real, "synthetic": case.synthetic, "holdout": case.holdout}
    return Report(
        id=run_id,
        made_at=made_at,
        seed=case.seed,
        environment=_environment(),
        purpose=case.options.purpose,
        policy=policy.facts,
        engine=case.options.engine,
        tables={role: part.table.facts if part is not None else None for role, part in parts.items()},
        columns=case.columns,
        alignment=case.alignment,
        notices=case.notices,
        redaction=Redaction(case.k, _held_back(case)),
        provenance=_provenance(case),
        **judged.parts(),
    )


def _environment() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "absent"
    return versions


def _held_back(case: Case) -> int:
    """Category values that too few people hold to be shown."""
    return sum(
        int((case.real.value_counts(column.name).counts < case.k).sum())
        for column in case.of_kind(Kind.CATEGORY)
    )


def _provenance(case: Case) -> dict[str, Any]:
    whole = len(case.columns) + len(case.alignment.only_real) + len(case.alignment.skipped)
    return {
        "coverage": {"columns_compared": len(case.columns), "columns_of_real": whole},
        "options": {
            "families": list(case.options.families),
            "checks": list(case.options.checks),
            "rules": len(case.options.declared_rules()),
        },
        **collect_provenance(case),
    }
