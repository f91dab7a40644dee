"""Several findings with one cause are one, which says how many others there are."""

from __future__ import annotations

from audit.judge.findings import finding_id
from audit.model import Family
from tests.judge.build import findings, measure, result


def test_the_worst_of_several_rules_says_how_many_others_are_broken():
    pairs = [
        measure(
            0.5 - i / 10, about=("gain", "income"), group={"gain": str(i)}, sentence=f"Pair {i} is broken."
        )
        for i in range(3)
    ]
    ways = [
        measure(0.2, about=about, group={"rule": "→".join(about)}, sentence="A dependency is broken.")
        for about in (("edu", "years"), ("years", "edu"))
    ]
    told = findings(
        result(*pairs, check="forbidden_combinations", family=Family.ARTIFACTS),
        result(*ways, check="functional_dependencies", family=Family.ARTIFACTS),
    )
    assert [one.sentence for one in told if one.folded] == [
        "Pair 0 is broken. 2 more rules about the same columns are broken as well.",
        "A dependency is broken. Another rule about the same columns is broken as well.",
    ]


def test_a_sorted_file_is_told_once():
    ordered = [
        measure(0.9, about=("month",), sentence="Month is sorted."),
        measure(0.3, about=("month",), name="trend"),
        *(measure(0.2, about=(name,)) for name in ("day", "rate")),
        measure(0.5, sentence="Rows follow the real ones."),
    ]
    found = findings(result(*ordered, check="row_order"))
    root = next(f for f in found if f.about == ("month",) and f.folded)
    assert root.sentence == "Month is sorted. 2 other columns are ordered as well."
    assert {f.id for f in found} - set(root.folded) == {root.id, finding_id("row_order", (), None)}


def test_rare_values_that_are_nearly_all_addresses_are_told_under_them():
    mail = result(measure(0.02, about=("mail",)), check="personal_data")
    for share, folded in ((0.024, 1), (0.08, 0)):
        found = findings(mail, result(measure(share), check="rare_value_leaks"))
        by_check = {one.check: one for one in found}
        assert len(by_check["personal_data"].folded) == folded
        assert (by_check["rare_value_leaks"].id in by_check["personal_data"].folded) == bool(folded)


def test_who_is_met_with_the_right_secret_is_told_under_who_is_met():
    alone, secret = measure(0.04), measure(0.03, about=("wage",), name="right_secret")
    root, detail = sorted(findings(result(alone, secret, check="anonymity")), key=lambda one: one.about)
    assert (root.folded, detail.folded) == ((detail.id,), ())
