from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import audit
from audit.checks import all_checks
from audit.declare.options import PURPOSES
from audit.errors import PolicyError
from audit.judge.policy import load_policy
from audit.model import Better, Scale, Unit

SHIPPED = sorted((Path(audit.__file__).parent / "judge/policies").glob("*.toml"))
SCALES = {check.card.id: check.card.scale for check in all_checks()}
FEW = {
    "shapes": Scale(Unit.SHARE, "share", Better.LOWER),
    "closer": Scale(Unit.SHARE, "share", Better.HIGHER),
    "gap": Scale(Unit.NUMBER, "points", Better.ZERO),
    "ratio": Scale(Unit.RATIO, "ratio", Better.ONE),
}


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text):
        Path("p.toml").write_text(text)
        return "p.toml"

    return write


def test_every_purpose_has_a_policy_and_every_policy_a_purpose():
    assert {path.stem for path in SHIPPED} == {*PURPOSES, "base"}


@pytest.mark.parametrize("name", [*PURPOSES, "base"])
def test_shipped_policies_name_only_checks_that_exist(name):
    policy = load_policy(name, SCALES)
    assert policy.name == name
    assert policy.question.endswith("?")
    assert set(policy.required).isdisjoint(policy.advisory)


# second opinions, counts, projections and advice: shown, never judged
ONLY_TOLD = {
    "broken_rows",
    "directional_amplification",
    "evidently_opinion",
    "group_profiles",
    "hybrid_mix",
    "mitigation",
    "projection",
    "row_weights",
}


def test_every_check_that_is_judged_has_a_tolerance():
    base = load_policy("base", SCALES)
    judged = {key.partition(".")[0] for key in base.tolerances}
    assert set(SCALES) - judged == ONLY_TOLD


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_tolerances_lie_on_the_scale_of_their_check(path):
    for name, entry in tomllib.loads(path.read_text()).get("checks", {}).items():
        scale = SCALES[name]
        for key in ("warn", "fail"):
            assert scale.low is None or entry[key] >= scale.low
            assert scale.high is None or entry[key] <= scale.high


def test_a_purpose_says_only_what_differs_from_the_base():
    base, purpose = load_policy("base"), load_policy("ml_training")
    assert purpose.tolerance("pair_shapes", "") == base.tolerance("pair_shapes", "")
    assert purpose.tolerance("detectability", "") != base.tolerance("detectability", "")
    assert purpose.tolerance("column_distances", "ks") == base.tolerance("column_distances", "ks")


def test_unknown_measures_have_no_tolerance():
    assert load_policy("base").tolerance("column_shapes", "nothing") is None


def test_the_whole_table_may_have_a_tolerance_of_its_own():
    base = load_policy("base")
    assert base.tolerance("pair_associations", "", whole=True).warn == 0.05
    assert base.tolerance("pair_associations", "").warn == 0.02
    assert base.tolerance("column_shapes", "", whole=True) == base.tolerance("column_shapes", "")


def test_a_file_can_extend_a_shipped_policy(written):
    path = written('extends = "sharing"\n[checks.column_shapes]\nwarn = 0.1\nfail = 0.2\n')
    policy = load_policy(path, SCALES)
    assert (policy.name, policy.tolerance("column_shapes", "").fail) == ("p", 0.2)
    assert policy.required == load_policy("sharing").required


def test_the_digest_changes_with_what_is_said_not_with_how(written):
    first = load_policy(written('name = "a"\n[checks.shapes]\nwarn = 0.1\nfail = 0.2\n')).facts
    same = load_policy(written('# why\nname = "a"\n[checks.shapes]\nfail = 0.2\nwarn = 0.10\n')).facts
    other = load_policy(written('name = "a"\n[checks.shapes]\nwarn = 0.1\nfail = 0.3\n')).facts
    assert first == same != other
    assert len(first.sha256) == 64


def test_what_is_said_about_a_number_does_not_count_in_the_digest(written):
    bare = load_policy(written('name = "a"\n[checks.shapes]\nwarn = 0.1\nfail = 0.2\n'))
    said = load_policy(
        written(
            'name = "a"\n[checks.shapes]\nwarn = 0.1\nfail = 0.2\nkind = "choice"\nwhy = """\nOne\nline.\n\nTwo."""\n'
        )
    )
    assert bare.facts == said.facts
    assert said.tolerance("shapes", "").kind == "choice"
    assert said.tolerance("shapes", "").why == "One line.\n\nTwo."
    assert said.tolerance("shapes", "") == bare.tolerance("shapes", "")


def test_other_numbers_lose_the_reasons_of_the_old_ones(written):
    policy = load_policy(
        written('extends = "analytics"\n[checks.column_shapes]\nfail = 0.2\n[checks.keys]\nwhy = "Ours."\n')
    )
    own = policy.tolerance("column_shapes", "")
    assert (own.warn, own.fail, own.kind, own.why) == (0.02, 0.2, "", "")
    keys = policy.tolerance("keys", "")
    assert (keys.kind, keys.why) == ("derived", "Ours.")
    assert policy.tolerance("column_shapes", "between_atoms").why


REFUSED = {
    "unknown key": ("toleranses = 1", "The policy 'p.toml' holds 'toleranses'. Known keys: advisory, checks, "
                    "extends, false_discovery_rate, families, name, question, required, screen, title."),
    "unknown check": ("[checks.shape]\nwarn = 1\nfail = 2", "p.toml names the check 'shape', which does not "
                      "exist. Did you mean 'shapes'?"),
    "unknown required": ('required = ["zzz"]', "p.toml names the check 'zzz', which does not exist. "
                         "Known: shapes, closer, gap, ratio."),
    "unknown advisory": ('advisory = ["gaps"]', "p.toml names the check 'gaps', which does not exist. "
                         "Did you mean 'gap'?"),
    "required without tolerance": ('required = ["gap"]', "p.toml requires the check 'gap' but has no "
                                   'tolerance for it. Add [checks.gap] with warn and fail, or extends = "base".'),
    "required is text": ('required = "gap"', "p.toml: required is 'gap'. It must be a list, such as "
                         'required = ["types"].'),
    "checks is a number": ("checks = 3", "p.toml: checks is 3. It must be a table, such as "
                           "[checks.column_shapes]."),
    "entry is a number": ("[checks]\nshapes = 3", "p.toml: shapes is 3. It must be a table, such as "
                          "[checks.column_shapes]."),
    "typo in an entry": ("[checks.shapes]\nwarn = 1\nfial = 2", "p.toml: shapes holds 'fial'. "
                         "Known keys: warn, fail, false_alarm, half_width, least_rows, least_effect, kind, why, measures."),
    "screen that is no number": ('[checks.shapes]\nwarn = 1\nfail = 2\nhalf_width = "a"', "p.toml: shapes: half_width "
                                 "is 'a'. It must be a number above 0."),
    "screen that is no chance": ("[screen]\nfalse_alarm = 2", "p.toml: screen: false_alarm is 2. "
                                 "It must be a number in (0, 1]."),
    "typo in a screen": ("[screen]\nfalse_alarms = 0.1", "p.toml: screen holds 'false_alarms'. "
                         "Known keys: false_alarm, half_width, least_rows, least_effect."),
    "screen is a number": ("screen = 3", "p.toml: screen is 3. It must be a table, such as "
                           "[checks.column_shapes]."),
    "unknown kind": ('[checks.shapes]\nwarn = 1\nfail = 2\nkind = "hunch"', "p.toml: shapes: kind is 'hunch'. "
                     "Known kinds: derived, convention, heuristic, choice."),
    "reason that is no text": ("[checks.shapes]\nwarn = 1\nfail = 2\nwhy = 3", "p.toml: shapes: why is 3. "
                               'It must be a text, such as why = "Agreed in our team."'),
    "one number": ("[checks.shapes]\nwarn = 1", "p.toml: shapes needs two numbers, warn and fail. "
                   "Such as warn = 0.02, fail = 0.05."),
    "text": ('[checks.shapes]\nwarn = "a"\nfail = 2', "p.toml: shapes needs two numbers, warn and fail. "
             "Such as warn = 0.02, fail = 0.05."),
    "true": ("[checks.shapes]\nwarn = true\nfail = 2", "p.toml: shapes needs two numbers, warn and fail. "
             "Such as warn = 0.02, fail = 0.05."),
    "nan": ("[checks.shapes]\nwarn = nan\nfail = 2", "p.toml: shapes needs two numbers, warn and fail. "
            "Such as warn = 0.02, fail = 0.05."),
    "lower": ("[checks.shapes]\nwarn = 0.2\nfail = 0.1", "p.toml: shapes: fail = 0.1 is milder than "
              "warn = 0.2. Lower is better here, so fail must not be below warn."),
    "higher": ("[checks.closer]\nwarn = 0.5\nfail = 0.6", "p.toml: closer: fail = 0.6 is milder than "
               "warn = 0.5. Higher is better here, so fail must not be above warn."),
    "zero": ("[checks.gap]\nwarn = 0.2\nfail = 0.1", "p.toml: gap: fail = 0.1 is milder than warn = 0.2. "
             "Zero is best here, so fail must not be below warn."),
    "below zero": ("[checks.gap]\nwarn = -0.2\nfail = 0.1", "p.toml: gap: -0.2 is below 0. "
                   "Both sides of zero count; give one number above 0."),
    "one": ("[checks.ratio]\nwarn = 1.25\nfail = 0.9", "p.toml: ratio: fail = 0.9 is milder than "
            "warn = 1.25. One is best here, so fail must not be nearer to 1 than warn."),
    "no ratio": ("[checks.ratio]\nwarn = 0\nfail = 0.9", "p.toml: ratio: 0 is no ratio. "
                 "It must be above 0, such as 1.25."),
    "named measure": ("[checks.shapes]\nwarn = 1\nfail = 2\n[checks.shapes.measures.ks]\nwarn = 2\nfail = 1",
                      "p.toml: shapes.ks: fail = 1 is milder than warn = 2. "
                      "Lower is better here, so fail must not be below warn."),
    "rate": ("false_discovery_rate = 1.5", "p.toml: false_discovery_rate is 1.5. It must lie between 0 and 1."),
    "extends a file": ('extends = "other.toml"', "The policy 'p.toml' extends 'other.toml'. "
                       "Only shipped policies can be extended."),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_policy_that_cannot_be_used_is_refused_in_words(text, message, written):
    with pytest.raises(PolicyError) as refusal:
        load_policy(written(text), FEW)
    assert str(refusal.value) == message


def test_equal_tolerances_are_no_contradiction(written):
    text = "[checks.shapes]\nwarn = 0.1\nfail = 0.1\n[checks.ratio]\nwarn = 1.25\nfail = 0.8\n"
    assert load_policy(written(text), FEW).tolerance("ratio", "").fail == 0.8


def test_a_missing_file_is_refused(written):
    with pytest.raises(PolicyError) as refusal:
        load_policy("none.toml")
    assert str(refusal.value) == (
        "There is no policy file 'none.toml'. "
        "Shipped policies: analytics, ml_training, sharing, software_testing."
    )


@pytest.mark.parametrize("content", [b"\xff\xfe", b"= 3", b"[a\n"])
def test_a_file_that_is_no_toml_is_refused(content, written, tmp_path):
    (tmp_path / "p.toml").write_bytes(content)
    with pytest.raises(
        PolicyError, match=r"^The policy 'p.toml' cannot be read: .* It must be a TOML file\.$"
    ):
        load_policy("p.toml")
