"""The embedded AWS for the tests: started once, with the real app deployed to it, roles enforced."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine.local_stack import LocalStack

from tests import signed


@pytest.fixture(scope="session")
def local_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("local")


@pytest.fixture(scope="session")
def deployed_stack(local_directory: Path) -> Iterator[LocalStack]:
    """Served: `api_url` is `chalice local`, `gateway_url` the same API by way of the emulated API
    Gateway and its function, whose role counts."""
    # Without the ports of the user's own stack, which may be up.
    environ = {k: v for k, v in os.environ.items() if not k.startswith("LOCAL_")}
    stack = LocalStack(local_directory, environ)
    try:
        stack.start()
        stack.serve_routes()
        signed.use(stack)
        yield stack
    finally:
        stack.stop()
