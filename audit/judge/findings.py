"""What a reader should look at: sentences with numbers, ranked, folded under their root cause."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence

from audit.judge.folding import fold
from audit.model import Better, Finding, Grade, JudgedMeasure, JudgedResult

_BAND = {Grade.FAIL: (60.0, 40.0), Grade.WARN: (30.0, 30.0), Grade.INCONCLUSIVE: (10.0, 20.0)}
_MAX_NAMED = 5  # columns named in one sentence


def make_findings(results: Sequence[JudgedResult], importance: Mapping[str, float]) -> tuple[Finding, ...]:
    """Findings of every judged result, worst first, details folded under their root cause.

    Parameters
    ----------
    results : judged results
    importance : weight of a column in the ranking, 1 for an ordinary one
    """
    findings = []
    for result in results:
        clear = [j for j in result.measures if j.grade in (Grade.FAIL, Grade.WARN)]
        findings += [_finding(result, judged, importance) for judged in clear]
        open_ones = [j for j in result.measures if j.grade is Grade.INCONCLUSIVE]
        if open_ones:
            findings.append(_open_question(result, open_ones))
    findings.sort(key=lambda f: (-f.severity, f.check, f.about, f.id))
    return fold(findings, {result.result.card.id: result.result.card for result in results})


def finding_id(check: str, about: Sequence[str], group: Mapping[str, str] | None, name: str = "") -> str:
    """The same for the same question in every run, so that decisions carry over."""
    text = json.dumps([check, list(about), sorted((group or {}).items()), name])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _finding(result: JudgedResult, judged: JudgedMeasure, importance: Mapping[str, float]) -> Finding:
    measure, card = judged.measure, result.result.card
    grade = judged.grade or Grade.WARN
    return Finding(
        id=finding_id(card.id, measure.about, measure.group, measure.name),
        check=card.id,
        family=card.family,
        grade=grade,
        severity=_severity(judged, card.scale.better, importance),
        about=measure.about,
        group=measure.group,
        sentence=measure.sentence,
        next_step=measure.next_step or card.next_step,
        measures=(judged,),
    )


def _open_question(result: JudgedResult, measures: Sequence[JudgedMeasure]) -> Finding:
    """One finding for everything a check could not tell."""
    card = result.result.card
    about = tuple(dict.fromkeys(name for j in measures for name in j.measure.about))
    places = len(measures)
    needed = [j.needed_n for j in measures if j.needed_n is not None]
    rows = max(j.measure.n for j in measures)
    named = ", ".join(about[:_MAX_NAMED]) + (
        f" and {len(about) - _MAX_NAMED} more" if len(about) > _MAX_NAMED else ""
    )
    where = f" for {named}" if about else ""
    many = f" ({places} comparisons)" if places > 1 else ""
    if all(j.measure.group for j in measures):
        small = f"groups of up to {rows:,} rows are too small"
        unit = "rows in a group"
    else:
        small, unit = f"{rows:,} row{'s are' if rows != 1 else ' is'} too few", "rows per table"
    sentence = f"{card.title}: {small} to tell whether the difference matters{where}{many}."
    step = (
        f"About {max(needed):,} {unit} would tell, if the difference stays as seen."
        if needed
        else "The difference lies at the edge of the tolerance: decide whether it matters for the use in mind."
    )
    return Finding(
        id=finding_id(card.id, about, None, "inconclusive"),
        check=card.id,
        family=card.family,
        grade=Grade.INCONCLUSIVE,
        severity=round(_BAND[Grade.INCONCLUSIVE][0] + min(places, 10), 1),
        about=about,
        group=None,
        sentence=sentence,
        next_step=step,
        measures=tuple(measures),
    )


def _severity(judged: JudgedMeasure, better: Better, importance: Mapping[str, float]) -> float:
    """0 to 100: the band of the grade, and in it effect over tolerance times importance."""
    grade = judged.grade or Grade.WARN
    start, width = _BAND[grade]
    excess = _excess(judged, better) * max(
        (importance.get(name, 1.0) for name in judged.measure.about), default=1.3
    )
    return round(start + width * (1 - math.exp(-excess / 4)), 1)


def _excess(judged: JudgedMeasure, better: Better) -> float:
    value, tolerance = judged.measure.value, judged.tolerance_fail or 0.0
    if better is Better.ONE:
        value, tolerance = abs(math.log(max(value, 1e-9))), abs(math.log(max(tolerance, 1e-9)))
    elif better is Better.HIGHER:
        value, tolerance = tolerance, max(value, 1e-9)
    return abs(value) / max(abs(tolerance), 1e-3)
