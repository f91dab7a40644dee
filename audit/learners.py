"""Learners and neighbours: scikit-learn behind one door, imported late and kept to one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep native threads to one while learners work.

    On tables of this size a second thread gains little, and where other work goes on the
    threads wait for each other ten times longer than they work (measured: 2 s against 30 s
    with a second audit on two cores).
    """
    # The libraries must be loaded before they can be limited.
    import sklearn.ensemble
    import sklearn.metrics  # noqa: F401
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield
