from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from audit.judge.findings import finding_id
from audit.judge.judge import judge
from audit.model import Family, Grade, Rows
from tests.judge.build import SHAPES, findings, measure, policy, result


def test_a_finding_carries_the_numbers_and_the_next_step():
    bad = measure(0.3, 0.1, about=("age",), baseline=0.01, sentence="Age is off.", rows=Rows(3, (1, 5, 9)))
    (finding,) = findings(result(bad, check="column_shapes"))
    assert finding.grade is Grade.FAIL
    assert finding.judged_measure is not None
    number = finding.judged_measure.measure
    assert (number.value, number.low, number.high, number.baseline) == (0.3, 0.3 - 0.1, 0.3 + 0.1, 0.01)
    assert finding.tolerance == 0.05
    assert (finding.sentence, finding.next_step) == ("Age is off.", "Do this.")
    assert finding.rows == Rows(3, (1, 5, 9))


def test_what_passes_gives_no_finding():
    assert findings(result(measure(0.0), measure(9.0, descriptive=True), check="column_shapes")) == ()


def test_failures_come_first_then_warnings_then_open_questions():
    grades = [
        f.grade
        for f in findings(
            result(
                measure(0.021, about=("a",)),
                measure(0.02, 0.05, about=("b",)),
                measure(0.051, about=("c",)),
                measure(0.9, about=("d",)),
                check="pair_shapes",
            )
        )
    ]
    assert grades == [Grade.FAIL, Grade.FAIL, Grade.WARN, Grade.INCONCLUSIVE]


@pytest.mark.parametrize("value", [0.0201, 0.05, 0.0501, 0.5, 1.0])
def test_severity_stays_in_the_band_of_its_grade(value):
    (finding,) = findings(result(measure(value, about=("a",)), check="pair_shapes"))
    low, high = {Grade.FAIL: (60, 100), Grade.WARN: (30, 60)}[finding.grade]
    assert low <= finding.severity <= high


def test_severity_grows_with_the_effect_and_with_the_importance_of_the_column():
    small, large = (
        findings(result(measure(v, about=("a",)), check="pair_shapes"))[0].severity for v in (0.1, 0.2)
    )
    heavy = findings(result(measure(0.1, about=("a",)), check="pair_shapes"), importance={"a": 1.5})
    assert small < heavy[0].severity < large


def test_severity_grows_as_what_should_be_high_falls():
    near, far = (
        findings(result(measure(v), check="too_good", better="higher", family=Family.PRIVACY))[0].severity
        for v in (0.45, 0.1)
    )
    assert near < far


def test_a_ratio_and_its_inverse_weigh_the_same():
    twice, half = (findings(result(measure(v), check="ratio", better="one"))[0].severity for v in (2.0, 0.5))
    assert twice == half


def test_open_questions_of_a_check_are_one_finding():
    (finding,) = findings(
        result(*(measure(0.01, 0.04, about=(f"c{i}",), n=1000) for i in range(7)), check="column_shapes")
    )
    assert finding.grade is Grade.INCONCLUSIVE
    assert finding.sentence == (
        "Column_shapes: 1,000 rows are too few to tell whether the difference matters "
        "for c0, c1, c2, c3, c4 and 2 more (7 comparisons)."
    )
    assert finding.next_step == "About 16,000 rows per table would tell, if the difference stays as seen."


def test_at_the_edge_no_number_of_rows_helps():
    (finding,) = findings(result(measure(0.02, 0.01, about=("a",)), check="column_shapes"))
    assert finding.next_step == (
        "The difference lies at the edge of the tolerance: decide whether it matters for the use in mind."
    )


def test_shapes_of_one_column_are_folded_under_the_worst_of_them():
    told = findings(
        result(measure(0.2, about=("age",)), check="column_shapes"),
        result(measure(0.9, about=("age",)), check="column_distances"),
        result(measure(0.03, about=("age",)), check="column_drift", family=Family.DRIFT),
        result(measure(0.3, about=("income",)), check="column_shapes"),
    )
    by_check = {(f.check, f.about[0]): f for f in told}
    root = by_check["column_distances", "age"]
    assert set(root.folded) == {
        by_check["column_shapes", "age"].id,
        by_check["column_drift", "age"].id,
    }
    assert all(not f.folded for f in told if f is not root)


def test_pairs_are_folded_under_a_column_that_is_off_as_badly():
    told = findings(
        result(measure(0.2, about=("age",)), measure(0.03, about=("sex",)), check="column_shapes"),
        result(
            measure(0.3, about=("age", "sex")),
            measure(0.4, about=("sex", "work")),
            measure(0.3, about=("city", "work")),
            check="pair_shapes",
        ),
    )
    folded = {f.about: {g.about for g in told if g.id in f.folded} for f in told if f.folded}
    # a pair that fails is not explained by a column that only warns
    assert folded == {("age",): {("age", "sex")}}


def folds(told):
    """What is told under what, by check and columns."""
    by_id = {f.id: (f.check, *f.about, *(f.group or {}).values()) for f in told}
    return {by_id[f.id]: {by_id[name] for name in f.folded} for f in told if f.folded}


def test_what_else_names_a_column_that_is_off_is_told_under_it():
    told = findings(
        result(measure(0.9, about=("age",)), check="column_shapes"),
        result(measure(0.3, about=("age", "sex")), check="pair_associations"),
        result(measure(9.0, about=("age",)), check="tails", better="one"),
        result(measure(0.4, about=("age", "sex", "work")), check="kway_marginals"),
        result(measure(0.2, about=("age",), group={"sex": "f"}), check="subgroup_shapes"),
        result(measure(0.8, about=("age",)), check="utility"),
        result(measure(0.3, about=("city", "work")), check="pair_associations"),
    )
    assert folds(told) == {
        ("column_shapes", "age"): {
            ("pair_associations", "age", "sex"),
            ("tails", "age"),
            ("kway_marginals", "age", "sex", "work"),
            ("subgroup_shapes", "age", "f"),
        }
    }


def test_a_group_never_explains_the_whole_column():
    told = findings(
        result(measure(0.9, about=("age",), group={"sex": "f"}), check="subgroup_shapes"),
        result(measure(0.3, about=("age", "sex")), check="pair_shapes"),
    )
    assert folds(told) == {}


def test_the_relation_of_two_columns_is_told_once_by_its_worst_number():
    told = findings(
        result(measure(0.3, about=("age", "sex")), check="pair_shapes"),
        result(measure(0.4, about=("sex", "age")), check="pair_associations"),
        result(measure(0.3, about=("age", "work")), check="pair_associations"),
    )
    assert folds(told) == {("pair_associations", "sex", "age"): {("pair_shapes", "age", "sex")}}


def test_a_detail_of_a_detail_is_told_under_the_root_of_both():
    told = findings(
        result(measure(0.06, about=("age",)), check="column_shapes"),
        result(measure(0.3, about=("age", "sex")), check="pair_shapes"),
        result(measure(0.4, about=("age", "sex")), check="pair_associations"),
    )
    assert folds(told) == {
        ("column_shapes", "age"): {("pair_shapes", "age", "sex"), ("pair_associations", "age", "sex")}
    }


def test_a_column_that_warns_explains_a_pair_that_fails_by_hardly_more():
    told = findings(
        result(measure(0.045, about=("sex",)), check="column_shapes"),
        result(
            measure(0.055, about=("age", "sex")), measure(0.4, about=("sex", "work")), check="pair_shapes"
        ),
        result(measure(0.055, about=("sex", "city")), check="pair_associations"),
    )
    assert folds(told) == {("column_shapes", "sex"): {("pair_shapes", "age", "sex")}}


def test_a_group_inside_a_group_is_told_under_the_wider_one():
    told = findings(
        result(
            measure(0.9, group={"race": "b"}),
            measure(0.95, group={"race": "b", "sex": "f"}),
            measure(0.4, about=("age",), group={"race": "b"}),
            measure(0.5, group={"sex": "f"}),
            check="subgroup_shapes",
        ),
    )
    assert folds(told) == {
        ("subgroup_shapes", "b"): {("subgroup_shapes", "b", "f"), ("subgroup_shapes", "age", "b")}
    }


def test_the_whole_that_repeats_its_worst_detail_is_told_once():
    told = findings(
        result(
            measure(0.9),
            measure(0.9, group={"race": "b"}),
            measure(0.3, group={"sex": "f"}),
            check="subgroup_shapes",
        )
    )
    assert folds(told) == {("subgroup_shapes",): {("subgroup_shapes", "b")}}
    # the worse of the two is the root
    told = findings(
        result(measure(2.1, 1.0), measure(2.1, about=("age",)), check="tails", better="one"),
    )
    assert [f.about for f in told if f.grade is Grade.FAIL] == [("age",)]
    assert folds(told) == ({("tails", "age"): {("tails",)}} if told[-1].grade is Grade.WARN else {})


def test_several_numbers_of_one_question_are_told_under_the_worst():
    told = findings(
        result(measure(0.5), measure(0.3, name="linear"), check="utility"),
        result(
            measure(9.0, about=("age",)),
            measure(5.0, about=("age",), name="reach"),
            check="tails",
            better="one",
        ),
        result(
            measure(0.4, about=("age", "edu"), group={"age": "18"}),
            measure(0.3, about=("age", "edu"), group={"age": "19"}),
            measure(0.2, about=("age", "work"), group={"age": "19"}),
            check="forbidden_combinations",
            family=Family.ARTIFACTS,
        ),
    )
    assert folds(told) == {
        ("utility",): {("utility",)},
        ("tails", "age"): {("tails", "age")},
        ("forbidden_combinations", "age", "edu", "18"): {("forbidden_combinations", "age", "edu", "19")},
    }


def test_a_spike_of_a_column_that_is_off_is_told_under_it():
    told = findings(
        result(measure(0.9, about=("gain",)), check="column_shapes"),
        result(measure(0.9, about=("gain",)), check="value_spikes", family=Family.ARTIFACTS),
    )
    assert folds(told) == {("column_shapes", "gain"): {("value_spikes", "gain")}}


@given(st.data())
def test_no_finding_is_its_own_detail_and_each_is_told_once(data):
    names = st.sampled_from("abc")
    one = st.tuples(
        st.sampled_from(
            sorted(
                check for check in SHAPES if "." not in check and check not in ("too_good", "ratio", "tails")
            )
        ),
        st.lists(names, max_size=3, unique=True).map(tuple),
        st.dictionaries(names, st.sampled_from("xy"), max_size=2),
        st.sampled_from([0.03, 0.1, 0.3, 0.9]),
    )
    several = data.draw(st.lists(one, max_size=25))
    drawn = {
        (check, about, str(sorted(group.items()))): (check, about, group, value)
        for check, about, group, value in several
    }
    results = [
        result(measure(value, about=about, group=group or None), check=check)
        for check, about, group, value in drawn.values()
    ]
    told = findings(*results)
    below = [name for f in told for name in f.folded]
    assert len(below) == len(set(below))
    assert not any(f.folded and f.id in below for f in told)
    assert len(told) == len(drawn)


@pytest.mark.parametrize("check", ["pair_shapes", "pair_associations", "subgroup_shapes"])
def test_of_many_lone_details_the_worst_five_stand_and_the_rest_belong_to_the_whole(check):
    details = [measure(0.9 - i / 100, about=(f"a{i}", f"b{i}")) for i in range(40)]
    told = findings(result(measure(0.3), *details, check=check))
    (root,) = (f for f in told if f.folded)
    assert (root.about, len(root.folded)) == ((), 35)
    alone = [f.value for f in told if f.id not in root.folded and f.about]
    assert alone == [0.9 - i / 100 for i in range(5)]


def test_folded_findings_are_no_reasons_of_the_verdict():
    answer = judge(
        [
            result(measure(0.2, about=("age",)), check="column_shapes"),
            result(measure(0.9, about=("age",)), check="column_distances"),
        ],
        policy(SHAPES),
    )
    assert [f.check for f in answer.findings if f.id in answer.verdict.reasons] == ["column_distances"]
    assert "column_shapes, column_distances" in answer.verdict.rule


def test_one_reason_a_check_the_strongest_first():
    answer = judge(
        [
            result(*(measure(v, about=("a", str(v))) for v in (0.2, 0.9, 0.5)), check="pair_shapes"),
            result(measure(0.3, about=("b",)), check="column_shapes"),
        ],
        policy(SHAPES),
    )
    told = {f.id: f for f in answer.findings}
    assert [(told[r].check, told[r].value) for r in answer.verdict.reasons] == [
        ("pair_shapes", 0.9),
        ("column_shapes", 0.3),
    ]


def test_ids_do_not_change_between_runs_nor_with_the_order_of_a_group():
    assert finding_id("types", ["age"], None) == "9d3f31ad22c7c23b"
    swapped = [{"sex": "f", "race": "w"}, {"race": "w", "sex": "f"}]
    assert len({finding_id("b", ["x"], group) for group in swapped}) == 1


def test_ids_differ_by_check_columns_group_and_name():
    ids = {
        finding_id("a", ["x"], None),
        finding_id("b", ["x"], None),
        finding_id("a", ["y"], None),
        finding_id("a", ["x", "y"], None),
        finding_id("a", ["x"], {"sex": "f"}),
        finding_id("a", ["x"], None, "ks"),
    }
    assert len(ids) == 6
