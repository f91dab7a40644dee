"""True claims of privacy, end to end; closeness of Adult beside published shares where the data are at hand."""

from __future__ import annotations

import numpy as np
import pytest

from bench import privacy

SIMULATIONS = 3


@pytest.mark.parametrize("generator", privacy.GUARANTEED, ids=lambda generator: generator.title)
def test_a_true_claim_is_never_refuted(generator):
    ratios = np.array(list(privacy.ratios_of(generator, range(1000, 1000 + SIMULATIONS))))
    assert (ratios <= 1).all()
    if generator.leaky:  # the bound is no idle one: this generator could not leak more
        assert ratios.mean() >= privacy.NEAR_THE_CLAIM


def test_the_same_generator_refutes_half_its_claim():
    leakiest = next(one for one in privacy.GUARANTEED if one.leaky)
    tables = leakiest.draw(np.random.default_rng(0))
    found = privacy.result_of("privacy_claim", *tables, epsilon=0.4)
    assert found.measures[0].measure.value > 1


@pytest.fixture(scope="module")
def adult(acceptance_data):
    return (
        acceptance_data,
        privacy.read_table(acceptance_data, "trn"),
        privacy.read_table(acceptance_data, "hol"),
    )


@pytest.mark.acceptance
def test_a_published_share_and_the_generator_that_leaks(adult):
    assert privacy.generators(*adult, names=["mostlyai"]) == 0


@pytest.mark.acceptance
def test_a_perturbed_copy_is_as_close_as_published_and_too_good(adult):
    assert privacy.flips(*adult[1:], shares=[0.2]) == 0


@pytest.mark.acceptance
def test_a_copy_of_few_categories_is_not_called_safe(adult):
    assert privacy.few_categories(*adult[1:]) == 0
