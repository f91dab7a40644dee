"""Numbers that other tools report, shown and not judged: what each says in one line."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from audit.model import JudgedResult
from audit.render import formatting

MEANINGS = dict(
    clipped_density="How typical synthetic rows are, outliers not rewarded; behind realism",
    clipped_coverage="How many real rows have synthetic ones near, corrected for size; behind diversity",
    precision="Synthetic rows that lie among real ones; one real outlier can inflate it",
    recall="Real rows that lie among synthetic ones; one synthetic outlier can inflate it",
    density="Real rows around a synthetic one, over what is expected; can exceed 1",
    coverage="Real rows with a synthetic one near; depends on the number of rows",
    alpha_precision="Whether the most typical part of the synthetic rows is as typical; insensitive to shape",
    beta_recall="Whether synthetic rows reach the real ones from typical to rare",
    authenticity="Synthetic rows not closer to a real row than its nearest real neighbour; no proof of privacy",
    accuracy_real="Share of holdout rows whose class is right, trained on real rows",
    accuracy_synthetic="Share of holdout rows whose class is right, trained on synthetic rows",
    importance_agreement="Whether both models rank the columns alike, -1 to 1",
    linear_score_real="The same for the linear model",
    linear_score_synthetic="The same for the linear model",
    retained="1: synthetic rows teach as much as real ones",
    same_choice="1: the same learner would be chosen on either table",
    score_dummy="What guessing scores",
    score_real="On holdout rows",
    score_real_on_synthetic="Whether synthetic rows follow the real rule",
    score_synthetic="On the same holdout rows",
)


def table(results: Sequence[JudgedResult]) -> pd.DataFrame:
    """The numbers of the summaries, each once, beside what real rows reach where that is known."""
    found: dict[str, float] = {}
    for one in results:
        found |= dict(one.result.summary)
    lines = formatting.summary_lines(found)
    frame = pd.DataFrame(
        [
            {
                "Number": line.word[:1].upper() + line.word[1:],
                "Synthetic": formatting.number(line.value),
                "Real rows": formatting.number(line.real),
                "What it says": MEANINGS.get(line.name, ""),
            }
            for line in lines
        ]
    )
    if any(line.real is not None for line in lines):
        return frame
    return frame.drop(columns="Real rows", errors="ignore").rename(columns={"Synthetic": "Value"})
