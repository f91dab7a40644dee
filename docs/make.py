"""Makes what is generated in this folder: python -m docs.make. A test holds that it is current.

checks.md from the cards of the checks, tolerances.md from the policies, architecture.svg from who
imports whom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from audit.checks import all_checks
from audit.declare.options import PURPOSES
from audit.judge.policy import Policy, Tolerance, load_policy
from audit.judge.screen import Screen
from audit.model import Card, Family
from tests.house.imports import floors, rooms

FOLDER = Path(__file__).parent
BEST = {"lower": "low", "higher": "high", "zero": "at 0", "one": "at 1"}
NEEDS = {
    "holdout": "a holdout",
    "target": "a target column",
    "sensitive": "a sensitive column",
    "number": "a numeric column",
    "category": "a categorical column",
    "two_columns": "two columns or more",
    "rows": "enough rows",
    "key": "a key column",
    "generations": "the generations of a loop",
    "settings": "several settings of a generator",
}

CHECKS = """# Checks

{count} checks in {families} families. This page is made from their cards by `python -m docs.make`; the app's Method
page and the end of the HTML report show the same. What a *check*, a *measure*, a *baseline* and a *grade* are
stands in [verdict.md](verdict.md), where each tolerance comes from in [tolerances.md](tolerances.md).
"""

TOLERANCES = """# Where the tolerances come from

A tolerance says how large an effect may be for a purpose. It is on the scale of its check, never a p-value, and
it is compared with the whole 95 % interval of a number: see [verdict.md](verdict.md).

Few tolerances follow from theory. Each says what it rests on:

* **derived**: it follows from a definition or a proof;
* **convention**: the field uses it, with or without a good reason;
* **heuristic**: it divides tables that are known to be good from tables that are known to be bad;
* **choice**: somebody had to draw the line. Draw another where you know better what your use can bear, in a policy
  of your own (`--policy FILE.toml`, with `extends = "analytics"`).

The numbers and their reasons stand in `audit/judge/policies/base.toml`; the file of a purpose names what differs. This
page is made from them by `python -m docs.make`. "Judged only" says what a number has to show before it gets a
grade: that chance is unlikely to explain it (over all comparisons among which it was the largest), that its interval is
narrow, or that enough rows stand behind it; one of them is enough. Where nothing is said, a number with a
p-value needs {false_alarm:g}. How the tolerances fare on real tables stands in [benchmarks.md](benchmarks.md).
"""


def documents() -> dict[str, str]:
    """Every generated file by name."""
    return {
        "checks.md": checks_page(),
        "tolerances.md": tolerances_page(),
        "architecture.svg": architecture(),
    }


def checks_page() -> str:
    """Every check by family: a table, then each card in full."""
    found = all_checks()
    lines = [CHECKS.format(count=len(found), families=len(Family))]
    for family in Family:
        mine = [check for check in found if check.card.family is family]
        lines += [
            f"## {family.value.capitalize()}",
            "",
            "| check | what it asks | scale |",
            "| --- | --- | --- |",
        ]
        lines += [f"| [`{c.card.id}`](#{c.card.id}) | {c.card.question} | {_scale(c.card)} |" for c in mine]
        for check in mine:
            lines += ["", f"### {check.card.id}", "", *_card(check.card, check.needs)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _scale(card: Card) -> str:
    """The unit of a check and its best end."""
    return f"{card.scale.words}, best {BEST[card.scale.better]}"


def _card(card: Card, needs: tuple[str, ...]) -> Iterator[str]:
    yield f"**{card.question}**"
    yield ""
    yield " ".join(card.explanation.split())
    yield ""
    yield f"* *Scale*: {_scale(card)}"
    if card.known_as:
        yield f"* *Known as*: {card.known_as}"
    if needs:
        yield f"* *Needs*: {', '.join(NEEDS[need] for need in needs)}"
    yield f"* *What to do*: {card.next_step}"
    yield f"* *Source*: {' '.join(card.source.split())}"


def tolerances_page() -> str:
    """Every tolerance by family and check, with its kind and its reason."""
    base = load_policy("base")
    others = {name: load_policy(name) for name in PURPOSES}
    lines = [TOLERANCES.format(false_alarm=base.screen.false_alarm or 0)]
    for family in Family:
        ids = [c.card.id for c in all_checks() if c.card.family is family and c.card.id in base.tolerances]
        lines += [f"## {family.value.capitalize()}", "", *_defaults(family, base)]
        for check in ids:
            lines += [f"### {check}", "", *_tolerances(check, base, others)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _tolerances(check: str, base: Policy, others: Mapping[str, Policy]) -> Iterator[str]:
    """Numbers that share a reason stand together above it."""
    named = [(key, one) for key, one in base.tolerances.items() if key.partition(".")[0] == check]
    for key, one in named:
        if one.why:
            yield ""
        yield f"* {_name(key)}: {_numbers(one)}{f' ({one.kind})' if one.kind else ''}{_judged_only(one.screen)}"
        if one.why:
            yield from ("", *_paragraphs(one.why))
        for policy in others.values():
            other = policy.tolerances[key]
            if other != one:
                yield f"* {_name(key)}, for {policy.title}: {_numbers(other)} ({other.kind})"
                yield from ("", *_paragraphs(other.why))
    yield ""


def _defaults(family: Family, base: Policy) -> Iterator[str]:
    """What a check that is named nowhere is judged by."""
    mine = {key: one for key, one in base.defaults.items() if key.partition(".")[0] == family.value}
    if not mine:
        return
    yield "A new check without a tolerance of its own is judged by its unnamed numbers (the whole table, each column), as a distance from the best end of its scale:"
    yield ""
    for key, one in mine.items():
        unit = key.partition(".")[2].replace("_", " ")
        yield f"* a {unit}: {_numbers(one)}{f' ({one.kind})' if one.kind else ''}. {' '.join(one.why.split())}".rstrip()
    yield ""


def _paragraphs(why: str) -> Iterator[str]:
    for paragraph in why.split("\n\n"):
        yield f"  {paragraph}"
        yield ""


def _name(key: str) -> str:
    name = key.partition(".")[2]
    return {"": "the number", "whole": "the whole table"}.get(name, f"`{name}`")


def _numbers(one: Tolerance) -> str:
    return f"warns beyond **{one.warn:g}**, fails beyond **{one.fail:g}**"


def _judged_only(screen: Screen | None) -> str:
    if screen is None:
        return ""
    ways = [
        f"chance explains it less often than {screen.false_alarm:g}" if (screen.false_alarm or 1) < 1 else "",
        f"half its interval is at most {screen.half_width:g}" if screen.half_width else "",
        f"{screen.least_rows:,.0f} rows stand behind it" if screen.least_rows else "",
    ]
    said = " or ".join(filter(None, ways))
    least = f"; never below {screen.least_effect:g}" if screen.least_effect else ""
    return f"; judged only where {said}{least}" if said else least


WIDE, HIGH, GAP, MARGIN = 96, 34, 44, 24  # of a room, between floors, around the picture


def architecture() -> str:
    """Rooms on their floors, an arrow from each to the rooms it stands on, as SVG."""
    drawn = rooms()
    of_floor: dict[int, list[str]] = {}
    for name, at in sorted(floors(drawn).items()):
        of_floor.setdefault(at, []).append(name)
    width = 2 * MARGIN + max(len(names) for names in of_floor.values()) * (WIDE + 20)
    height = 2 * MARGIN + len(of_floor) * (HIGH + GAP) - GAP
    places = {
        name: ((at + 1) * width / (len(names) + 1), height - MARGIN - HIGH / 2 - floor * (HIGH + GAP))
        for floor, names in of_floor.items()
        for at, name in enumerate(names)
    }
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        "<title>Rooms of the project: each imports only from floors below it</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        '<g stroke="#8fa3b8" stroke-opacity="0.55" fill="none">',
        *(
            _arrow(places[name], places[low])
            for name in sorted(drawn)
            for low in sorted(_nearest(name, drawn))
        ),
        "</g>",
        '<g font-family="system-ui, sans-serif" font-size="12" text-anchor="middle">',
        *(_box(name, *places[name], inside=name in rooms_of_audit()) for name in sorted(places)),
        "</g>",
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _nearest(name: str, drawn: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Rooms that one stands on itself, without those that it reaches through another of them."""
    return drawn[name] - frozenset().union(*(_below(low, drawn) for low in drawn[name]))


def _below(name: str, drawn: Mapping[str, frozenset[str]]) -> frozenset[str]:
    return drawn[name].union(*(_below(low, drawn) for low in drawn[name]))


def rooms_of_audit() -> frozenset[str]:
    """Those that the package is made of."""
    return frozenset(rooms()) - {"pages", "bench", "sample_data", "app", "serve"}


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    (a, b), (c, d) = start, end
    top, bottom = b + HIGH / 2, d - HIGH / 2
    bend = (top + bottom) / 2
    return f'<path d="M{a:.0f} {top:.0f}C{a:.0f} {bend:.0f} {c:.0f} {bend:.0f} {c:.0f} {bottom:.0f}"/>'


def _box(name: str, x: float, y: float, *, inside: bool) -> str:
    fill = "#dbe9f6" if inside else "#f1ead9"
    return (
        f'<rect x="{x - WIDE / 2:.0f}" y="{y - HIGH / 2:.0f}" width="{WIDE}" height="{HIGH}" rx="5" fill="{fill}" '
        f'stroke="#4a6078"/><text x="{x:.0f}" y="{y + 4:.0f}">{escape(name)}</text>'
    )


def main() -> None:
    """Write every generated file."""
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
