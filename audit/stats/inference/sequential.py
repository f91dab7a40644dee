"""Watching batch after batch: evidence that may be looked at after each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audit.arrays import Floats

_SLOPE = 0.1  # prior spread of the drift over all batches, in standard deviations of a row
_JUMP = 3.0  # prior spread of one batch that is off, in its standard errors


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """What a series of batches says about change.

    evidence : shape (batches,), the e-value after each batch: 1 on average as long as nothing
        changes, and above 1 / a with probability at most a at any time
    drift, error : change over all batches along a straight line, in the unit of the batches,
        and its standard error
    jump, jump_error, jump_index : the batch, from 0, that lies farthest from those before it
    is_steady : whether the line has more evidence than single batches
    """

    evidence: Floats
    drift: float
    error: float
    jump: float
    jump_error: float
    jump_index: int
    is_steady: bool


def watch_mean(means: Floats, variances: Floats, times: Floats) -> SequentialTest:
    """Whether batches stay where they began, looked at after every one.

    Parameters
    ----------
    means, variances : shape (b,), mean of each batch and its variance, in standard deviations of
        a row; b >= 2
    times : shape (b,), when each batch was, from 0 to 1, increasing

    Notes
    -----
    Each batch is compared with the weighted mean of those before it; these contrasts are
    independent and have mean 0 as long as nothing changes, whatever the level. The e-value is the
    mean of two mixtures of likelihood ratios, each a nonnegative martingale: a drift along a
    line, its slope normal around 0, and single batches that are off. Both are valid for any rule
    of stopping. Means of batches are taken as normal.

    Source: Ville (1939), Etude critique de la notion de collectif; Robbins (1970), Annals of
    Mathematical Statistics 41, 1397-1409 (normal mixtures); Ramdas, Grunwald, Vovk and Shafer
    (2023), Statistical Science 38, 576-601 (e-values may be averaged); contrasts: Brown, Durbin
    and Evans (1975), JRSS B 37, 149-192 (recursive residuals).
    """
    weight = 1 / variances
    before = np.cumsum(weight)[:-1]
    mean_before = np.cumsum(weight * means)[:-1] / before
    time_before = np.cumsum(weight * times)[:-1] / before
    error = np.sqrt(variances[1:] + 1 / before)
    contrast, lever = (means[1:] - mean_before) / error, (times[1:] - time_before) / error
    pull, information = np.cumsum(lever * contrast), np.cumsum(lever**2)
    ratio = _SLOPE**2
    line = ratio * pull**2 / (2 * (1 + ratio * information)) - np.log1p(ratio * information) / 2
    spread = _JUMP**2
    jumps = np.cumsum(spread * contrast**2 / (2 * (1 + spread)) - np.log1p(spread) / 2)
    evidence = np.concatenate([[1.0], np.exp(np.minimum(np.logaddexp(line, jumps) - np.log(2), 700.0))])
    held = float(information[-1])
    place = int(np.argmax(np.abs(contrast)))
    return SequentialTest(
        evidence=evidence,
        drift=float(pull[-1] / held),
        error=float(1 / np.sqrt(held)),
        jump=float(contrast[place] * error[place]),
        jump_error=float(error[place]),
        jump_index=place + 1,
        is_steady=bool(line[-1] >= jumps.max()),
    )
