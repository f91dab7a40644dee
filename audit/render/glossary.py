"""The words of the field that a report uses, each in one or two plain sentences."""

from __future__ import annotations

GLOSSARY: tuple[tuple[str, str], ...] = (
    (
        "Real, synthetic, holdout",
        "The real table is what the generator learnt from, as far as we know. The synthetic table is what it "
        "made. The holdout is real data that the generator never saw; it shows what chance and novelty look like.",
    ),
    (
        "Two halves of the real data (baseline)",
        "The same number with real data in the place of the synthetic ones: from the holdout if there is one, "
        "else from a formula. No synthetic table can be expected to do much better than this.",
    ),
    (
        "Interval",
        "In brackets after a number: where the true value lies in 95 of 100 such audits, given how many rows "
        "there were. A number without brackets was counted on every row.",
    ),
    (
        "Tolerance",
        "How far a number may be from good for this purpose, set by the policy and not by the data.",
    ),
    (
        "Pass",
        "The whole interval lies inside the tolerance. It is evidence of closeness, not just a lack of "
        "evidence of difference.",
    ),
    ("Warning", "The whole interval lies beyond the warning tolerance, but not beyond that for failure."),
    ("Fail", "The whole interval lies beyond the tolerance for failure, or a gate that must hold is broken."),
    (
        "Inconclusive",
        "The interval reaches over a tolerance: with so few rows the question has no answer yet. It is never "
        "counted as a pass.",
    ),
    (
        "Not assessed",
        "A check that gave no number, with the reason and what would allow it. It is never counted as a pass.",
    ),
    (
        "Share and points",
        "Shares of rows are in percent. A difference between two shares is in points: from 10 % to 12 % is 2 points.",
    ),
    (
        "Distance of two distributions (total variation)",
        "The share of rows that would have to change their value for both tables to agree. 0 is the same, 1 has "
        "nothing in common.",
    ),
    (
        "Detectability (AUC)",
        "How well a learner tells synthetic rows from real ones. 0.5 is a coin toss, 1 is always right.",
    ),
    (
        "Retained utility",
        "How much of what a model learns from real rows it also learns from synthetic ones, tested on real rows that "
        "neither has seen. 100 % is as much, 0 % no more than guessing.",
    ),
    (
        "Realism and diversity",
        "Whether synthetic rows lie where real rows lie, and whether they reach all the places where real rows lie. "
        "Both are ratios to what other real rows reach, so 1 is as good as real.",
    ),
    (
        "Repeated values",
        "Single values of a number that hold many rows, such as 0. They are compared apart from the values between "
        "them, so that a lost one does not hide behind a good average.",
    ),
    (
        "Pair",
        "Two columns looked at together. A table can have every column right and still have lost how they belong "
        "together.",
    ),
    (
        "Beyond pairs",
        "Three columns or more that do not belong together as they do in the real table, though every two of them do.",
    ),
    ("Subgroup", "The rows that share a value, such as one sex or region."),
    (
        "Quasi-identifier",
        "A column that does not name a person but can single one out together with others, such as postcode and "
        "birth year.",
    ),
    (
        "Severity",
        "0 to 100, for ranking findings: how far beyond the tolerance, how important the column, how widely spread.",
    ),
    (
        "Many tests",
        "Where many numbers are judged at once, some look bad by chance alone. The rule named under provenance "
        "keeps the share of such false alarms low.",
    ),
    (
        "Held back",
        "A value shared by fewer people than the stated number is not shown, so that nobody can be recognised in "
        "this report.",
    ),
)
