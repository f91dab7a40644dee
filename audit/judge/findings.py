"""What a reader should look at: sentences with numbers, ranked, folded under their root cause."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from audit.model import Better, Finding, Grade, Judged, JudgedResult

_SHOWN = (Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE)
_BAND = {Grade.FAIL: (60.0, 40.0), Grade.WARN: (30.0, 30.0), Grade.INCONCLUSIVE: (10.0, 20.0)}
_MOST_NAMED = 5  # columns named in one sentence
_LONE = 5  # details of a check that no column explains and that stand on their own
# A difference in one column's shape shows again in these; they are told under it.
_SHAPE_CHECKS = ("column_shapes", "column_distances", "column_drift")
_PAIR_CHECKS = ("pair_shapes", "pair_associations", "tails")
_FOLLOWERS = (*_PAIR_CHECKS, "kway_marginals", "detectability", "subgroup_shapes", "value_spikes")
_SEVERAL = ("utility", "diversity", "vulnerable_records")  # that answer one question by more than one number
# Those whose number for the whole table is that of the worst detail.
_WORST_OF = ("tails", "subgroup_shapes", "intersections")
# Several of one kind about the same columns are told once, whichever column comes first.
_RULES = ("forbidden_combinations", "implications", "functional_dependencies")
_TOGETHER = (*_RULES, "model_bias_amplification")
_ONE_CAUSE = ("row_order",)  # sorted by one column, a file is ordered by every column that goes with it
_SHARES = ("pair_shapes", "subgroup_shapes")  # on the scale of column_shapes
_NEARLY_ALL = 0.75


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
    return _fold(findings)


def finding_id(check: str, about: Sequence[str], group: Mapping[str, str] | None, name: str = "") -> str:
    """The same for the same question in every run, so that decisions carry over."""
    text = json.dumps([check, list(about), sorted((group or {}).items()), name])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _finding(result: JudgedResult, judged: Judged, importance: Mapping[str, float]) -> Finding:
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


def _open_question(result: JudgedResult, measures: Sequence[Judged]) -> Finding:
    """One finding for everything a check could not tell."""
    card = result.result.card
    about = tuple(dict.fromkeys(name for j in measures for name in j.measure.about))
    places = len(measures)
    needed = [j.needed_n for j in measures if j.needed_n is not None]
    rows = max(j.measure.n for j in measures)
    named = ", ".join(about[:_MOST_NAMED]) + (
        f" and {len(about) - _MOST_NAMED} more" if len(about) > _MOST_NAMED else ""
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


def _severity(judged: Judged, better: Better, importance: Mapping[str, float]) -> float:
    """0 to 100: the band of the grade, and in it effect over tolerance times importance."""
    grade = judged.grade or Grade.WARN
    start, width = _BAND[grade]
    excess = _excess(judged, better) * max(
        (importance.get(name, 1.0) for name in judged.measure.about), default=1.3
    )
    return round(start + width * (1 - math.exp(-excess / 4)), 1)


def _excess(judged: Judged, better: Better) -> float:
    value, tolerance = judged.measure.value, judged.tolerance_fail or 0.0
    if better is Better.ONE:
        value, tolerance = abs(math.log(max(value, 1e-9))), abs(math.log(max(tolerance, 1e-9)))
    elif better is Better.HIGHER:
        value, tolerance = tolerance, max(value, 1e-9)
    return abs(value) / max(abs(tolerance), 1e-3)


def _fold(findings: list[Finding]) -> tuple[Finding, ...]:
    """Give each detail to the finding it follows from; the worst finding comes first."""
    parents = _explained(findings)
    parents |= _crowded(findings, parents)
    children: dict[str, list[str]] = {}
    for finding in findings:
        root = _top(finding.id, parents)
        if root != finding.id:
            children.setdefault(root, []).append(finding.id)
    known = {finding.id: finding for finding in findings}
    return tuple(
        _with_details(f, [known[name] for name in children[f.id]]) if f.id in children else f
        for f in findings
    )


def _with_details(root: Finding, details: Sequence[Finding]) -> Finding:
    """The worst of several that are told once says how many others there are."""
    sentence = root.sentence
    columns = {name for detail in details for name in detail.about} - set(root.about)
    if root.check in _ONE_CAUSE and columns:
        many = f"{len(columns)} other columns are" if len(columns) > 1 else "Another column is"
        sentence += f" {many} ordered as well."
    if root.check in _RULES:
        others = f"{len(details)} more rules" if len(details) > 1 else "Another rule"
        sentence += f" {others} about the same columns {'are' if len(details) > 1 else 'is'} broken as well."
    return replace(root, folded=tuple(detail.id for detail in details), sentence=sentence)


def _top(name: str, parents: Mapping[str, str]) -> str:
    """The finding at the end of the way: a detail of a detail stands under the root of both."""
    while name in parents:
        name = parents[name]
    return name


def _explained(findings: Sequence[Finding]) -> dict[str, str]:
    """Details that another finding explains, with that finding; every root is worse or as bad."""
    columns, alone = _shapes(findings), _alone(findings)
    pairs: dict[frozenset[str], Finding] = {}
    first: dict[tuple[object, ...], Finding] = {}
    groups = [one for one in findings if one.check == "subgroup_shapes" and one.group and _clear(one)]
    found = {}
    for finding in filter(_clear, findings):
        root = _column_root(finding, columns, alone)
        if finding.check in _PAIR_CHECKS and len(finding.about) == 2 and not finding.group:
            root = root or pairs.setdefault(frozenset(finding.about), finding)
        if finding.check in (*_FOLLOWERS, *_SEVERAL):
            root = root or first.setdefault((finding.check, finding.about, str(finding.group)), finding)
        if finding.check in _TOGETHER:
            root = root or first.setdefault((finding.check, frozenset(finding.about)), finding)
        if finding.check in _ONE_CAUSE and finding.about:
            root = root or first.setdefault((finding.check,), finding)
        grouped = finding.check == "subgroup_shapes" and bool(finding.group)
        if grouped and (root is None or root.id == finding.id):
            root = next((one for one in groups if _within(finding, one)), root)
        if root is not None and root.id != finding.id:
            found[finding.id] = root.id
    return found | _repeated(findings, found) | _of_people(findings)


def _of_people(findings: Sequence[Finding]) -> dict[str, str]:
    """Rare values that come back are told under the personal data that nearly all of them are; secrets under who is met."""
    contacts = [
        one for one in findings if one.check == "personal_data" and one.grade is Grade.FAIL and one.value
    ]
    whole = next(
        (one for one in findings if one.check == "anonymity" and not one.about and _clear(one)), None
    )
    found = {
        one.id: whole.id
        for one in findings
        if whole and one.check == "anonymity" and one.about and _clear(one)
        if whole.grade is Grade.FAIL or one.grade is Grade.WARN
    }
    for rare in findings:
        if rare.check == "rare_value_leaks" and _clear(rare):
            ours = [one for one in contacts if set(rare.about) <= set(one.about)]
            root = max(ours, key=lambda one: one.value or 0.0, default=None)
            if root is not None and (root.value or 0.0) >= _NEARLY_ALL * (rare.value or 0.0):
                found[rare.id] = root.id
    return found


def _shapes(findings: Sequence[Finding]) -> dict[str, Finding]:
    """By column, the worst finding about its shape."""
    columns: dict[str, Finding] = {}
    for finding in findings:
        if (
            _clear(finding)
            and not finding.group
            and finding.check in _SHAPE_CHECKS
            and len(finding.about) == 1
        ):
            columns.setdefault(finding.about[0], finding)
    return columns


def _alone(findings: Sequence[Finding]) -> dict[str, float]:
    """By column, the share of rows that is off in the column alone."""
    found: dict[str, float] = {}
    for finding in findings:
        if finding.check == "column_shapes" and len(finding.about) == 1:
            name = finding.about[0]
            found[name] = max(found.get(name, 0.0), finding.value or 0.0)
    return found


def _within(finding: Finding, wider: Finding) -> bool:
    """Whether a group lies in another that is off as badly, or is the same and said of all its columns."""
    inside = (wider.group or {}).items() <= (finding.group or {}).items()
    other = (wider.group, set(wider.about)) != (finding.group, set(finding.about))
    as_bad = wider.grade is Grade.FAIL or finding.grade is Grade.WARN
    return other and inside and as_bad and set(wider.about) <= set(finding.about)


def _repeated(findings: Sequence[Finding], parents: Mapping[str, str]) -> dict[str, str]:
    """A number for the whole table that is that of its worst detail: the two are told once."""
    details = {
        (finding.check, finding.value): finding
        for finding in reversed(findings)
        if finding.check in _WORST_OF and (finding.about or finding.group) and _clear(finding)
    }
    found = {}
    for whole in findings:
        detail = details.get((whole.check, whole.value))
        if detail is not None and not whole.about and not whole.group and _clear(whole):
            # what a column explains stays with the column
            root, other = sorted(
                (whole, detail), key=lambda one: (-one.severity, bool(one.about or one.group))
            )
            if detail.id not in parents:
                found[other.id] = root.id
    return found


def _crowded(findings: Sequence[Finding], parents: Mapping[str, str]) -> dict[str, str]:
    """Details beyond the worst few of a check, which belong to its number for the whole table."""
    wholes: dict[str, Finding] = {}
    for finding in findings:
        whole = finding.check in _FOLLOWERS and not finding.about and not finding.group
        if whole and _clear(finding) and finding.id not in parents:
            wholes.setdefault(finding.check, finding)
    seen: Counter[str] = Counter()
    found = {}
    for finding in findings:
        detail = finding.id not in parents and bool(finding.about or finding.group)
        if detail and finding.check in wholes and _clear(finding):
            seen[finding.check] += 1
            if seen[finding.check] > _LONE:
                found[finding.id] = wholes[finding.check].id
    return found


def _clear(finding: Finding) -> bool:
    return finding.grade in (Grade.FAIL, Grade.WARN)


def _column_root(
    finding: Finding, columns: Mapping[str, Finding], alone: Mapping[str, float]
) -> Finding | None:
    """A column's shape explains its other shape findings, and what else names it of the same grade or less.

    A column that only warns explains a failure as well where nearly all of the share of rows that
    is off with the column is off in the column alone.
    """
    if finding.check in _SHAPE_CHECKS and len(finding.about) == 1:
        return columns.get(finding.about[0])
    if finding.check not in _FOLLOWERS:
        return None
    candidates = [columns[name] for name in finding.about if name in columns]
    worst = max(candidates, key=lambda f: f.severity, default=None)
    if worst is None or worst.grade is Grade.FAIL or finding.grade is Grade.WARN:
        return worst
    if finding.check not in _SHARES or not finding.value:
        return None
    return next((f for f in candidates if alone.get(f.about[0], 0.0) >= _NEARLY_ALL * finding.value), None)
