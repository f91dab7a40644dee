"""The purposes of an audit in the reader's words."""

from __future__ import annotations

PURPOSE_WORDS = {
    "analytics": "analytics",
    "ml_training": "training a model",
    "sharing": "sharing",
    "software_testing": "software testing",
}
PURPOSE_HELP = {
    "analytics": "Counts, averages and relations should come out the same.",
    "ml_training": "A model trained on it should work on real data.",
    "sharing": "Others may see it: nothing about a real person may shine through.",
    "software_testing": "Types, ranges and formats should be right; the rest matters less.",
}
