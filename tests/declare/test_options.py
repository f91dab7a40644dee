from __future__ import annotations

import json

import pytest

from audit.declare.options import Options
from audit.errors import OptionError


def test_options_survive_json():
    asked = Options("r.csv", "s.csv", sensitive=("sex", "race"), schema={"columns": []}, names={"real": "r"})
    assert Options.from_json(asked.to_json()) == asked


def test_sources_leave_out_what_was_not_given():
    assert [*Options("r.csv", "s.csv").sources()] == ["real", "synthetic"]
    assert [*Options("r.csv", "s.csv", "h.csv").sources()] == ["real", "synthetic", "holdout"]


def test_unknown_purpose():
    with pytest.raises(OptionError) as refusal:
        Options("a", "b", purpose="fun")
    assert str(refusal.value) == (
        "The purpose 'fun' does not exist. Choose one of analytics, ml_training, sharing, software_testing."
    )


def test_unknown_key():
    with pytest.raises(OptionError, match=r"^The options hold 'colour', which does not exist\.$"):
        Options.from_json(json.dumps({"real": "a", "synthetic": "b", "colour": "red"}))
