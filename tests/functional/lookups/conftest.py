"""The fixture of the lookups' tests."""

from __future__ import annotations

import pytest

from tests.functional.lookups.office import Clock, Office


@pytest.fixture
def office(stack: object) -> Office:
    return Office(Clock())
