"""How much of a simulation is tried: a sample in ``make test``, all of it in ``make test-faults``."""

from __future__ import annotations

import os

#: The variable that ``make test-faults`` sets.
IS_WHOLE = bool(os.environ.get("WHOLE_SIMULATION"))


def sampled(everything: range, step: int) -> range:
    """Each ``step``-th number of them, or all."""
    return everything[:: 1 if IS_WHOLE else step]
