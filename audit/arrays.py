"""Types of arrays; the shape stands where one is taken or given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]
Points = NDArray[np.float32]  # rows embedded for the search of neighbours
