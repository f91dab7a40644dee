"""Codes, keys and texts that are not written as real ones are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from audit.case.case import Case
from audit.case.check import Outcome, Skip, check
from audit.checks.artifacts._shared.excess_counts import (
    EXAMPLES,
    FALSE_ALARM_RATE,
    SHARE,
    example_rows,
    excess_over_real,
    gap_bars,
    percent,
    plural,
)
from audit.checks.artifacts._shared.rule_outcome import judged_rules
from audit.declare.rules import DECLARED, RuleKind
from audit.mining.active_rules import rules_of
from audit.mining.formats import (
    ChecksumRule,
    PatternFit,
    mine_formats,
    misfit_expression,
    pattern_fits,
    sum_fit,
    wrong_sums,
)
from audit.model import Family, Measure, Rows

_SUM_STEP = "Compute the check digits after generating; a generator cannot learn them."
_NAMES = {"<iban>": "IBAN", "<isbn>": "ISBN", "<ean>": "EAN", "<luhn>": "Luhn"}


@check(
    id="formats",
    title="Formats",
    known_as="format validity",
    family=Family.ARTIFACTS,
    question="Are codes, keys and short texts written the way real ones are, with check digits that fit?",
    scale=SHARE,
    next_step="Generate the parts of a code and write them in the real format; drop or repair the cells that break it.",
)
def formats_check(case: Case) -> Outcome:
    """Share of a column's synthetic cells that follow no real format, beyond chance.

    A format is a few patterns, learned from the real table, that at least 99 % of real cells
    follow: A stands for a capital letter, a for a small one, 9 for a digit, * for a letter or
    digit, {3,5} for how many; letters that are always the same and other signs stand for
    themselves, and <email>, <url>, <uuid> and <ipv4> for what they say. Columns of text, keys
    in text and categories of more than fifty values are looked at; free text has no format,
    and of whole numbers only the check digits are. 0 means no more misfits than fresh real rows would show, counted in
    real rows that the patterns were not learned from (the holdout, or every second real row);
    1 that no cell fits. `checksum`: cells whose check digits are wrong, where at least 99.9 %
    of a thousand or more real ones are right (IBAN, ISBN, EAN, Luhn). Missing cells do not
    count. The baseline is the share of misfits among the real rows kept apart. It cannot tell
    whether a well-written code exists. Summary: `rules` and `broken_rules`.

    Source: rule of three: Hanley and Lippman-Hand (1983), JAMA 249, 1743-1745; check digits:
    ISO 13616-1, ISO 7064, ISO 2108, ISO/IEC 7812-1, GS1 General Specifications section 7.9.
    """
    found = mine_formats(case)
    rules = rules_of(case, RuleKind.FORMAT)
    mined = {rule.id for rule in rules if rule.enabled and rule.origin != DECLARED}
    patterns, sums = ([one for one in some if one.rule.id in mined] for some in (found.patterns, found.sums))
    alarm = FALSE_ALARM_RATE / max(len(rules), 1)
    measures = [*_pattern_measures(case, patterns, alarm), *_sum_measures(case, sums, alarm)]
    measures += judged_rules(case, [rule for rule in rules if rule.id not in mined])
    if not measures:
        raise Skip(
            f"No column has a format that real rows keep; {plural(len(found.free), 'column')} of text, keys or labels looked at."
        )
    broken = sum(m.value > 0 and not m.descriptive for m in measures)
    bars = [
        (m.about[0] + (" (check digits)" if m.name else ""), m.baseline or 0.0, _share(m)) for m in measures
    ]
    chart = gap_bars(
        "Cells that follow no real format",
        f"{plural(broken, 'format')} of {len(measures)} broken beyond chance.",
        bars,
        "share of cells",
    )
    free = tuple(_free(case, name) for name in found.free)
    summary = {"rules": float(sum(rule.enabled for rule in rules)), "broken_rules": float(broken)}
    return Outcome((*measures, *free), summary, (chart,))


def _share(measure: Measure) -> float:
    return measure.rows.count / measure.n if measure.rows and measure.n else 0.0


def _pattern_measures(case: Case, proved: Sequence[ChecksumRule], alarm: float) -> Iterator[Measure]:
    fits = pattern_fits(case, case.synthetic.frame, [one.rule for one in proved])
    for one, fit in zip(proved, fits, strict=True):
        rows = example_rows(case.synthetic, misfit_expression(case, one.rule), fit.rows)
        name, looks = one.rule.columns[0], " or ".join(one.rule.patterns)
        said = f"do not look like {looks}"
        yield _measure(one, fit, alarm, rows, f"{_found(name, fit)} {said}; {_real(one.real)}.")


def _sum_measures(case: Case, proved: Sequence[ChecksumRule], alarm: float) -> Iterator[Measure]:
    for one in proved:
        fit = sum_fit(case, case.synthetic.frame, one.rule)
        first = wrong_sums(case, case.synthetic, one.rule, EXAMPLES) if fit.rows else ()
        rows = Rows(fit.rows, first) if fit.rows else None
        name, scheme = one.rule.columns[0], _NAMES[one.rule.patterns[0]]
        said = f"have wrong {scheme} check digits"
        yield _measure(one, fit, alarm, rows, f"{_found(name, fit)} {said}; {_real(one.real)}.", "checksum")


def _found(name: str, fit: PatternFit) -> str:
    return f"{plural(fit.rows, 'synthetic cell')} of {name} ({percent(fit.rows / max(fit.rows_tested, 1))})"


def _real(fit: PatternFit) -> str:
    return f"of {fit.rows_tested:,} real ones {fit.rows:,} do"


def _measure(
    one: ChecksumRule, fit: PatternFit, alarm: float, rows: Rows | None, sentence: str, name: str = ""
) -> Measure:
    value = excess_over_real(
        fit.rows, fit.rows_tested, one.real.rows, fit.rows_tested / max(one.real.rows_tested, 1), alarm
    ).value
    return Measure(
        value=value,
        about=one.rule.columns,
        name=name,
        low=value,
        high=value,
        baseline=one.real.rows / max(one.real.rows_tested, 1),
        n=fit.rows_tested,
        sentence=sentence,
        rows=rows,
        next_step=_SUM_STEP if name else "",
        rule=one.rule.to_plain(),
    )


def _free(case: Case, name: str) -> Measure:
    """A column that is left out, so that nobody takes it for one that passed."""
    return Measure(
        value=0.0,
        about=(name,),
        name="no_format",
        n=case.synthetic.rows,
        sentence=f"{name} has no format: its real cells follow too many patterns, or too few of them are there.",
        descriptive=True,
    )
