"""Findings under their root cause: which follows from which, by what the cards of the checks say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from audit.model import Card, Finding, Fold, Grade

_LONE = 5  # details of a check that no column explains and that stand on their own
_NEARLY_ALL = 0.75


def fold(findings: Sequence[Finding], cards: Mapping[str, Card]) -> tuple[Finding, ...]:
    """Give each detail to the finding it follows from.

    Parameters
    ----------
    findings : the worst first
    cards : of the checks that found them, by id
    """
    return _Folding(findings, cards).folded()


class _Folding:
    """Findings, worst first, with what their checks say of how they are told together."""

    def __init__(self, findings: Sequence[Finding], cards: Mapping[str, Card]) -> None:
        self._findings = findings
        self._cards = cards
        self._clear = [one for one in findings if one.grade in (Grade.FAIL, Grade.WARN)]
        self._columns = self._worst_by_column()
        self._alone = self._share_by_column()

    def folded(self) -> tuple[Finding, ...]:
        """The findings, each root with the ids of what follows from it."""
        parents = self._explained()
        parents |= self._crowded(parents)
        children: dict[str, list[Finding]] = {}
        for finding in self._findings:
            root = _top(finding.id, parents)
            if root != finding.id:
                children.setdefault(root, []).append(finding)
        return tuple(
            self._with_details(one, children[one.id]) if one.id in children else one for one in self._findings
        )

    def _is(self, finding: Finding, *folds: Fold) -> bool:
        return not set(folds).isdisjoint(self._cards[finding.check].folds)

    def _about_a_shape(self, finding: Finding) -> bool:
        return self._is(finding, Fold.COLUMN_SHAPE) and len(finding.about) == 1

    def _worst_by_column(self) -> dict[str, Finding]:
        """By column, the worst finding about its shape."""
        columns: dict[str, Finding] = {}
        for finding in self._clear:
            if self._about_a_shape(finding) and not finding.group:
                columns.setdefault(finding.about[0], finding)
        return columns

    def _share_by_column(self) -> dict[str, float]:
        """By column, the share of rows that is off in the column alone."""
        found: dict[str, float] = {}
        for finding in self._findings:
            if self._about_a_shape(finding) and self._is(finding, Fold.SHARE_OF_ROWS):
                name = finding.about[0]
                found[name] = max(found.get(name, 0.0), finding.value or 0.0)
        return found

    def _explained(self) -> dict[str, str]:
        """Details that another finding explains, with that finding; every root is worse or as bad."""
        first: dict[tuple[object, ...], Finding] = {}
        found = {}
        for finding in self._clear:
            root = self._column_root(finding)
            for key in self._keys(finding):
                root = root or first.setdefault(key, finding)
            if self._nested(finding) and (root is None or root.id == finding.id):
                root = next((one for one in self._clear if self._contains(one, finding)), root)
            if root is not None and root.id != finding.id:
                found[finding.id] = root.id
        return found | self._repeated(found) | self._under_whole() | self._under_another_check()

    def _keys(self, finding: Finding) -> Iterator[tuple[object, ...]]:
        """What it has in common with others that are told with it; the first of a key tells the rest."""
        check, about = finding.check, frozenset(finding.about)
        if self._is(finding, Fold.PAIR) and len(finding.about) == 2 and not finding.group:
            yield ("pair", about)
        if self._is(finding, Fold.FOLLOWS_COLUMNS, Fold.ONE_QUESTION):
            yield (check, finding.about, str(finding.group))
        if self._is(finding, Fold.SAME_COLUMNS):
            yield (check, about)
        if self._is(finding, Fold.ROW_ORDER) and finding.about:
            yield (check,)

    def _column_root(self, finding: Finding) -> Finding | None:
        """A column's shape explains its other shape findings, and what else names it of the same grade or less.

        A column that only warns explains a failure as well where nearly all of the share of rows that
        is off with the column is off in the column alone.
        """
        if self._about_a_shape(finding):
            return self._columns.get(finding.about[0])
        if not self._is(finding, Fold.FOLLOWS_COLUMNS):
            return None
        candidates = [self._columns[name] for name in finding.about if name in self._columns]
        worst = max(candidates, key=lambda one: one.severity, default=None)
        if worst is None or worst.grade is Grade.FAIL or finding.grade is Grade.WARN:
            return worst
        if not self._is(finding, Fold.SHARE_OF_ROWS) or not finding.value:
            return None
        most = _NEARLY_ALL * finding.value
        return next((one for one in candidates if self._alone.get(one.about[0], 0.0) >= most), None)

    def _nested(self, finding: Finding) -> bool:
        return self._is(finding, Fold.NESTED_GROUPS) and bool(finding.group)

    def _contains(self, wider: Finding, finding: Finding) -> bool:
        """Whether a group lies in another that is off as badly, or is the same and said of all its columns."""
        if wider.check != finding.check or not wider.group:
            return False
        inside = wider.group.items() <= (finding.group or {}).items()
        other = (wider.group, set(wider.about)) != (finding.group, set(finding.about))
        as_bad = wider.grade is Grade.FAIL or finding.grade is Grade.WARN
        return other and inside and as_bad and set(wider.about) <= set(finding.about)

    def _repeated(self, parents: Mapping[str, str]) -> dict[str, str]:
        """A number for the whole table that is that of its worst detail: the two are told once."""
        details = {
            (finding.check, finding.value): finding
            for finding in reversed(self._clear)
            if self._is(finding, Fold.WORST_DETAIL) and not _is_whole(finding)
        }
        found = {}
        for whole in filter(_is_whole, self._clear):
            detail = details.get((whole.check, whole.value))
            # what a column explains stays with the column
            if detail is not None and detail.id not in parents:
                root, other = sorted((whole, detail), key=lambda one: (-one.severity, not _is_whole(one)))
                found[other.id] = root.id
        return found

    def _under_whole(self) -> dict[str, str]:
        """Details that follow from the number for the whole table, where it is as bad."""
        wholes: dict[str, Finding] = {}
        for one in self._clear:
            if self._is(one, Fold.WHOLE_FIRST) and not one.about:
                wholes.setdefault(one.check, one)
        return {
            one.id: wholes[one.check].id
            for one in self._clear
            if one.about and one.check in wholes
            if wholes[one.check].grade is Grade.FAIL or one.grade is Grade.WARN
        }

    def _under_another_check(self) -> dict[str, str]:
        """Findings nearly all of which another check has found too, and failed."""
        found = {}
        failed = [one for one in self._clear if one.grade is Grade.FAIL]
        for finding in self._clear:
            other = self._cards[finding.check].explained_by
            if not other:
                continue
            about = set(finding.about)
            roots = [one for one in failed if one.check == other and about <= set(one.about)]
            root = max(roots, key=lambda one: one.value or 0.0, default=None)
            if root is not None and root.value and root.value >= _NEARLY_ALL * (finding.value or 0.0):
                found[finding.id] = root.id
        return found

    def _crowded(self, parents: Mapping[str, str]) -> dict[str, str]:
        """Details beyond the worst few of a check, which belong to its number for the whole table."""
        standing = [one for one in self._clear if one.id not in parents]
        wholes: dict[str, Finding] = {}
        for finding in filter(_is_whole, standing):
            if self._is(finding, Fold.FOLLOWS_COLUMNS):
                wholes.setdefault(finding.check, finding)
        seen: Counter[str] = Counter()
        found = {}
        for finding in standing:
            if finding.check in wholes and not _is_whole(finding):
                seen[finding.check] += 1
                if seen[finding.check] > _LONE:
                    found[finding.id] = wholes[finding.check].id
        return found

    def _with_details(self, root: Finding, details: Sequence[Finding]) -> Finding:
        """The worst of several that are told once says how many others there are."""
        sentence = root.sentence
        columns = {name for detail in details for name in detail.about} - set(root.about)
        if self._is(root, Fold.ROW_ORDER) and columns:
            many = f"{len(columns)} other columns are" if len(columns) > 1 else "Another column is"
            sentence += f" {many} ordered as well."
        if self._is(root, Fold.RULE):
            others = f"{len(details)} more rules" if len(details) > 1 else "Another rule"
            be = "are" if len(details) > 1 else "is"
            sentence += f" {others} about the same columns {be} broken as well."
        return replace(root, folded=tuple(detail.id for detail in details), sentence=sentence)


def _top(name: str, parents: Mapping[str, str]) -> str:
    """The finding at the end of the way: a detail of a detail stands under the root of both."""
    while name in parents:
        name = parents[name]
    return name


def _is_whole(finding: Finding) -> bool:
    return not finding.about and not finding.group
